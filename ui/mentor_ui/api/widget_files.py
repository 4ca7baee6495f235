"""The built widget: `/widget.js` leads to the files of its version, `/widget/v1/…`.

A page that names `/widget/v1/widget.js` keeps its attributes, methods and events. What the loader
loads later has a hash in its name, so browsers keep it for good.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from mentor_ui.api.problems import Problem

FILES = Path(__file__).resolve().parents[1] / "static" / "widget"
"""Where `make widget` builds to."""
LOADER = "widget.js"
VERSION = "v1"
_SHORT = "public, max-age=300"
_FOR_GOOD = "public, max-age=31536000, immutable"
pages = APIRouter()


@pages.get(f"/{LOADER}", include_in_schema=False)
def loader() -> Response:
    """A module's imports are found beside where it was loaded from, so this leads there."""
    _files()
    return RedirectResponse(f"/widget/{VERSION}/{LOADER}", 302, {"Cache-Control": _SHORT})


@pages.get(f"/widget/{VERSION}/{{name}}", include_in_schema=False)
def file(name: str, request: Request) -> Response:
    files = _files()
    if name not in files:
        raise Problem(404, "missing", "The widget has no such file.")
    plain, packed = files[name]
    headers = {"Cache-Control": _SHORT if name == LOADER else _FOR_GOOD, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"], plain = "gzip", packed
    return Response(plain, 200, headers, "text/javascript; charset=utf-8")


def _files() -> dict[str, tuple[bytes, bytes]]:
    """
    Raises:
        Problem: 404, nobody has built the widget.
    """
    if not (FILES / LOADER).is_file():
        raise Problem(404, "missing", "The widget is not built.", cure="Run `make widget`.")
    return _read(FILES)


@cache
def _read(folder: Path) -> dict[str, tuple[bytes, bytes]]:
    """Name -> the file as it is, and packed by gzip."""
    return {
        path.name: (path.read_bytes(), gzip.compress(path.read_bytes(), mtime=0))
        for path in folder.glob("*.js")
    }
