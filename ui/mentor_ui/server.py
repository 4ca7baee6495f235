"""The web server: one process, one address; the chat page at /, the API under /api."""

from __future__ import annotations

import ctypes
import logging
import socket
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from mentor.errors import IndexUnusable, MentorError, SettingsError
from mentor.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from mentor.mentor import Mentor

_M_ARENA_MAX = -8
LOOPBACK = ("127.0.0.1", "::1", "localhost")
log = logging.getLogger("mentor")


def listen(settings: Settings) -> socket.socket:
    """A listening socket, taken before anything slow, so that a used port is said at once.

    Raises:
        SettingsError: the port is in use, the address is not this machine's, or strangers could
            come and nothing tells who they are.
    """
    _refuse_strangers(settings)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(128)
    except (OSError, OverflowError) as exc:
        listener.close()
        raise SettingsError(
            f"Mentor cannot listen on {settings.host}:{settings.port}: "
            f"{getattr(exc, 'strerror', None) or exc}.",
            cure="Stop what uses it, or choose another port: `mentor serve --port 7861`.",
        ) from exc
    return listener


def _refuse_strangers(settings: Settings) -> None:
    if settings.is_open and settings.host not in LOOPBACK:
        raise SettingsError(
            f"Mentor does not listen on {settings.host} without a secret: anybody could come.",
            cure="Set MENTOR_TOKEN_SECRET to 32 characters or more, or MENTOR_TOKEN_KEYS to the "
            "portal's public keys; or serve this machine alone: `mentor serve --host 127.0.0.1`.",
        )


def serve_forever(settings: Settings, listener: socket.socket) -> None:
    """Serve until interrupted; the weights warm up behind the page."""
    import uvicorn

    from mentor.mentor import open_mentor
    from mentor_ui.logs import write_logs

    write_logs(settings)
    _few_arenas()
    mentor = open_mentor(settings)
    app = whole_app(mentor, settings)
    threading.Thread(target=_warm, args=(mentor, app), name="warm", daemon=True).start()
    stop = threading.Event()
    if settings.webhook:
        from mentor_ui.api.webhook import keep_telling

        told = (mentor, settings, stop)
        threading.Thread(target=keep_telling, args=told, name="webhook", daemon=True).start()
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=3,
        forwarded_allow_ips=settings.proxies,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])
    stop.set()


def _few_arenas() -> None:
    """Keep glibc from giving each thread memory of its own, which it would never return.

    With fifty learners at once the server grew by 70 MB in each forty seconds; M_ARENA_MAX is
    told of in mallopt(3). Other systems have no such call.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def whole_app(mentor: Mentor, settings: Settings) -> FastAPI:
    """API, page and widget in one app; the chat page comes when Gradio is imported."""
    from mentor.library import Library
    from mentor_ui import interview_page, plan_page
    from mentor_ui.api.app import build_app
    from mentor_ui.coming import Coming
    from mentor_ui.earlier_sources import mount_sources
    from mentor_ui.library import mount_library
    from mentor_ui.pages import mount_style
    from mentor_ui.roadmap_page import mount_roadmap

    library = Library(settings.corpus, settings.index_dir)
    page = Coming(lambda: _chat_page(mentor, settings))
    app = build_app(mentor, settings, page=page)
    app.state.library, app.state.page = library, page
    mount_style(app)
    mount_library(app, mentor, library)
    mount_roadmap(app, mentor)
    mount_sources(app, mentor)
    app.include_router(plan_page.router)
    app.include_router(interview_page.router)
    return app


def _chat_page(mentor: Mentor, settings: Settings) -> FastAPI:
    from fastapi import FastAPI

    from mentor_ui.chat_page import mount_chat
    from mentor_ui.cv_upload import mount_cv
    from mentor_ui.opening import Opening

    page = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page.add_middleware(Opening)
    mount_cv(page, mentor)
    mount_chat(page, mentor, beside_terminal=settings.is_open)
    return page


def _warm(mentor: Mentor, app: FastAPI) -> None:
    """Page first, then weights: side by side each would take longer, and the page is looked at."""
    try:
        with suppress(Exception):  # the page tells of it itself, and all else goes on without it
            app.state.page.made()
        mentor.warm()
        app.state.weights = "ok"
        app.state.library.books()
    except MentorError as exc:  # the learner who asks is told; the operator reads it here
        # The weights come before the index, which may be there yet: every question looks again.
        app.state.weights = "ok" if isinstance(exc, IndexUnusable) else exc.what
        log.error("%s", exc)
