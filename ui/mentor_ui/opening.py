"""What stands on the screen while Gradio's scripts load: name, pages, and that it is coming.

Gradio paints nothing before its scripts have run, which takes seconds on a slow machine. So the
HTML of the page gets a piece in front of Gradio's element, which leaves when the page is there.
"""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mentor_ui.pages import piece

_BEFORE = b"<gradio-app"


class Opening:
    """ASGI middleware: puts the opening into the page at /, and leaves everything else alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        style = (Path(__file__).parent / "static" / "opening.css").read_text(encoding="utf-8")
        self._piece = piece("opening", css=style).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        whole = bytearray()

        async def send_with_opening(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            whole.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            body = bytes(whole).replace(_BEFORE, self._piece + _BEFORE, 1)
            MutableHeaders(scope=start)["Content-Length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, send_with_opening)
