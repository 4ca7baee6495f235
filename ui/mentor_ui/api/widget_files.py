"""The built widget: /widget.js leads to the files of its version, /widget/v1/…."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, RedirectResponse

from mentor_ui.api.problems import Problem

FILES = Path(__file__).resolve().parents[1] / "static" / "widget"
VERSION = "v1"
_HEADERS = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}
pages = APIRouter()


@pages.get("/widget.js", include_in_schema=False)
def loader() -> Response:
    """A module's imports are found beside where it was loaded from, so this leads there."""
    _file("widget.js")
    return RedirectResponse(f"/widget/{VERSION}/widget.js", 302, headers=_HEADERS)


@pages.get(f"/widget/{VERSION}/{{name}}", include_in_schema=False)
def file(name: str) -> Response:
    """Any page may load these; what the widget asks is guarded elsewhere."""
    return FileResponse(_file(name), headers=_HEADERS)


def _file(name: str) -> Path:
    if not (FILES / "widget.js").is_file():
        raise Problem(404, "missing", "The widget is not built.", cure="Run `make widget`.")
    file = FILES / name
    if file.parent != FILES or not file.is_file():
        raise Problem(404, "missing", "The widget has no such file.")
    return file
