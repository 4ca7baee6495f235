"""The plain pages beside the chat: one frame, one style sheet, and what every page sends along."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mentor.errors import MentorError

_HERE = Path(__file__).parent
PAGES = (
    ("/", "Chat"),
    ("/roadmap", "Roadmap"),
    ("/plan", "Plan"),
    ("/interview", "Interview"),
    ("/library", "Library"),
)
"""(address, name), as every page's navigation has them."""
STYLE = "/pages.css"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
"""These pages need no script at all, and load nothing from elsewhere."""


def mount_style(app: FastAPI) -> None:
    @app.get(STYLE, include_in_schema=False)
    def style() -> FileResponse:
        return FileResponse(_HERE / "static" / "pages.css", media_type="text/css")


def shown(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page made of `templates/NAME.html.j2`; every value is escaped that is not HTML already."""
    html = piece(template, style=STYLE, **values)
    return HTMLResponse(html, status, headers={"Content-Security-Policy": POLICY})


def piece(template: str, **values: Any) -> str:
    """`templates/NAME.html.j2` alone, for a page that is framed by somebody else."""
    return _templates().get_template(f"{template}.html.j2").render(pages=PAGES, **values)


def trouble(error: MentorError, *, status: int = 503) -> HTMLResponse:
    """What went wrong, and the cure."""
    return shown("trouble", status=status, error=error)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
