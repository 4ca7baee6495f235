"""The files of the widget, for pages of other sites.

`/widget.js` leads to the newest version; `/widget/v1/widget.js` keeps its attributes, methods and
events for as long as it is served, and a page that wants no surprises names it. What the loader
loads later has a hash in its name, so browsers keep it for good.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

FOLDER = Path(__file__).parent / "static" / "widget"
"""Where `make widget` builds to."""
VERSION = "v1"
LOADER = "widget.js"
_NOT_BUILT = "The widget is not built. Run `make widget`, which needs Node.js 20 and npm.\n"


def mount_widget(app: FastAPI) -> None:
    """Serve the widget's files; without them, say how they are built."""

    @app.get(f"/{LOADER}", include_in_schema=False)
    def newest() -> Response:
        return RedirectResponse(
            f"widget/{VERSION}/{LOADER}", 302, {"Cache-Control": "public, max-age=3600"}
        )

    @app.get(f"/widget/{VERSION}/{{name}}", include_in_schema=False)
    def file(name: str, request: Request) -> Response:
        if not (FOLDER / LOADER).is_file():
            return PlainTextResponse(_NOT_BUILT, 503)
        files = _files()
        if name not in files:
            return PlainTextResponse("There is no such file of the widget.\n", 404)
        plain, packed = files[name]
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        headers["Cache-Control"] = (
            "public, max-age=300" if name == LOADER else "public, max-age=31536000, immutable"
        )
        if zipped:
            headers["Content-Encoding"] = "gzip"
        return Response(packed if zipped else plain, 200, headers, "text/javascript; charset=utf-8")


@cache
def _files() -> dict[str, tuple[bytes, bytes]]:
    """Name -> the file as it is, and packed by gzip."""
    return {
        path.name: (path.read_bytes(), gzip.compress(path.read_bytes(), mtime=0))
        for path in FOLDER.glob("*.js")
    }
