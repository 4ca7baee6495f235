"""The chat page while it is not there yet: importing Gradio takes seconds, and HTTP need not wait.

The server listens and answers at once. A browser that comes too early is told that the conversation
is opening and asks again by itself; everybody else's request waits for the page.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from mentor_ui.pages import shown

log = logging.getLogger("mentor")


class Coming:
    """ASGI app: the page that `make` makes, once, by whoever needs it first."""

    def __init__(self, make: Callable[[], FastAPI]) -> None:
        self._make = make
        self._page: FastAPI | None = None
        self._making = threading.Lock()

    def made(self) -> FastAPI:
        """The page; takes seconds the first time."""
        with self._making:
            if self._page is None:
                self._page = self._make()
            return self._page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._page is None and _is_browser_at_the_door(scope):
            reply = shown("coming", status=503)
            reply.headers["Retry-After"] = "1"
            await reply(scope, receive, send)
            return
        page = await run_in_threadpool(self.made) if self._page is None else self._page
        await page(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Make the page behind the server; its own lifespan ends with this one."""
        over = asyncio.Event()
        living = asyncio.create_task(self._live(over))
        try:
            yield
        finally:
            over.set()
            await living

    async def _live(self, over: asyncio.Event) -> None:
        try:
            page = await run_in_threadpool(self.made)
            async with page.router.lifespan_context(page):
                await over.wait()
        except Exception:  # API and plain pages go on without it
            log.exception("The chat page cannot be opened; `make setup` installs it again.")


def _is_browser_at_the_door(scope: Scope) -> bool:
    at_the_door = scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET"
    return at_the_door and "text/html" in Headers(scope=scope).get("accept", "")
