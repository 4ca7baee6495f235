"""The web server: one process, one address, the chat page at /."""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING

from mentor.errors import MentorError, SettingsError
from mentor.settings import Settings

if TYPE_CHECKING:
    from mentor.library import Library
    from mentor.mentor import Mentor

LOOPBACK = ("127.0.0.1", "::1", "localhost")
log = logging.getLogger("mentor")


def listen(settings: Settings) -> socket.socket:
    """A listening socket, taken before anything slow, so that a used port is said at once.

    Raises:
        SettingsError: the port is in use, or the address is not this machine's.
    """
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


def serve_forever(settings: Settings, listener: socket.socket) -> None:
    """Serve until interrupted; the weights warm up behind the page."""
    import uvicorn
    from fastapi import FastAPI

    from mentor.library import Library
    from mentor.mentor import open_mentor
    from mentor_ui.chat_page import mount_chat
    from mentor_ui.cv_upload import mount_cv
    from mentor_ui.library import mount_library
    from mentor_ui.pages import mount_style
    from mentor_ui.roadmap_page import mount_roadmap

    mentor = open_mentor(settings)
    app = FastAPI(title="Mentor", docs_url=None, redoc_url=None, openapi_url=None)
    mount_cv(app, mentor)
    mount_style(app)
    library = Library(settings.corpus, settings.index_dir)
    mount_library(app, mentor, library)
    mount_roadmap(app, mentor)
    mount_chat(app, mentor, beside_terminal=settings.host in LOOPBACK)
    threading.Thread(target=_warm, args=(mentor, library), name="warm", daemon=True).start()
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listener])


def _warm(mentor: Mentor, library: Library) -> None:
    try:
        mentor.warm()
        library.books()
    except MentorError as exc:  # the learner who asks is told; the operator reads it here
        log.error("%s", exc)
