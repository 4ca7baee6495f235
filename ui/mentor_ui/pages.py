"""The plain pages beside the chat: one frame, one style sheet, and what every page sends along."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from mentor.errors import MentorError
from mentor.language import spelt_day

_HERE = Path(__file__).parent
_CODE = re.compile(r"`([^`\n]+)`")
PAGES = (
    ("/", "Chat"),
    ("/roadmap", "Roadmap"),
    ("/plan", "Plan"),
    ("/interview", "Interview"),
    ("/library", "Library"),
)
"""(address, name), as every page's navigation has them."""
STYLE = "/pages.css"
FORMS = ("/forms.css", "/forms.js")
"""Of the pages with forms. The script makes them more comfortable; they work without it."""
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
"""These pages need no script at all, and load nothing from elsewhere."""
_WITH_SCRIPT = f"{POLICY}; script-src 'self'"


def mount_style(app: FastAPI) -> None:
    @app.get(STYLE, include_in_schema=False)
    def style() -> FileResponse:
        return FileResponse(_HERE / "static" / "pages.css", media_type="text/css")

    def forms(request: Request) -> FileResponse:
        return FileResponse(_HERE / "static" / request.url.path.removeprefix("/"))

    for path in FORMS:
        app.get(path, include_in_schema=False)(forms)


def shown(template: str, *, status: int = 200, script: bool = False, **values: Any) -> HTMLResponse:
    """A page made of `templates/NAME.html.j2`; every value is escaped that is not HTML already.

    Args:
        script: whether the page may use our own script.
    """
    html = piece(template, style=STYLE, forms=FORMS, **values)
    policy = _WITH_SCRIPT if script else POLICY
    return HTMLResponse(html, status, headers={"Content-Security-Policy": policy})


def piece(template: str, **values: Any) -> str:
    """`templates/NAME.html.j2` alone, for a page that is framed by somebody else."""
    return _templates().get_template(f"{template}.html.j2").render(pages=PAGES, **values)


def trouble(error: MentorError, *, status: int = 503) -> HTMLResponse:
    """What went wrong, and the cure."""
    return shown("trouble", status=status, error=error)


def inline(text: str) -> Markup:
    """Text whose `code` between backticks is shown as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline"] = inline
    environment.filters["day"] = spelt_day
    return environment
