"""The whole of what `mentor serve` serves: API, page and widget, behind one gate."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, HTTPException
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mentor.errors import MentorError
from mentor.mentor import Mentor
from mentor.records import Answer
from mentor.settings import Settings
from mentor.store.passes import session_key
from mentor.store.replies import release_abandoned
from mentor_ui.api import (
    chat,
    conversations,
    interviews,
    learners,
    library,
    openai_chat,
    plan,
    progress,
    status,
    widget_files,
)
from mentor_ui.api.gate import Gate
from mentor_ui.api.identity import Identity
from mentor_ui.api.limits import Rates
from mentor_ui.api.metrics import Measured, Metrics
from mentor_ui.api.origins import Origins
from mentor_ui.api.page_gate import PageGate
from mentor_ui.api.problems import ProblemDetails, handle_errors, unforeseen
from mentor_ui.coming import Coming
from mentor_ui.logs import log_answer

log = logging.getLogger("mentor")
_ABOUT = "Chat, plan and progress of the mentor. docs/api.md says what a schema cannot."
_RESOURCES = (chat, conversations, interviews, library, plan, progress, learners, status)


def build_app(mentor: Mentor, settings: Settings, *, page: Coming | None = None) -> FastAPI:
    """The app; `page` gets every path that the API does not know."""
    identity = Identity(settings, lambda: _session_key(mentor))
    metrics = Metrics()
    rates = Rates(settings, mentor.store if settings.database_url else None)
    app = FastAPIOffline(
        docs_url="/api/docs",
        redoc_url=None,
        static_url="/api/docs/files",
        openapi_url="/api/openapi.json",
        swagger_ui_oauth2_redirect_url="/api/docs/oauth2",
        title="Mentor",
        description=_ABOUT,
        version=version("mentor"),
        redirect_slashes=False,
        lifespan=_lifespan(mentor, page),
        middleware=[
            Middleware(Measured, metrics=metrics),
            Middleware(Origins, settings=settings),
            Middleware(
                CORSMiddleware,
                allow_origins=settings.origins,
                allow_methods=["GET", "POST", "PATCH", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
                expose_headers=[
                    "Mentor-Conversation", "Mentor-Turn", "Retry-After", "Idempotency-Replayed",
                ],
            ),
            # Inside those above: what breaks is counted, and a page of another origin can read it.
            Middleware(ServerErrorMiddleware, handler=unforeseen),
            Middleware(Gate, settings=settings, identity=identity, rates=rates),
        ],
    )  # fmt: skip
    app.state.mentor, app.state.settings, app.state.identity = mentor, settings, identity
    app.state.metrics, app.state.weights = metrics, "warming up"

    def answered(answer: Answer) -> None:
        metrics.answered(answer)
        log_answer(answer, words=settings.log_words)

    mentor.on_answer = answered
    # Each answer holds a thread while it waits for the model; further ones wait for a thread.
    app.state.chat_threads = CapacityLimiter(settings.queue + 8)
    handle_errors(app)
    for resource in _RESOURCES:
        app.include_router(resource.router, prefix="/api/v1")
    app.include_router(openai_chat.router, prefix="/v1")
    app.include_router(learners.pages)
    app.include_router(widget_files.pages)
    app.router.default = _elsewhere(page)
    _describe(app)
    return app


def _elsewhere(page: Coming | None) -> ASGIApp:
    gate = PageGate(page) if page else None

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if gate is None or scope["path"].startswith(("/api/", "/v1/")):
            raise HTTPException(404, "There is nothing here")
        await gate(scope, receive, send)

    return serve


def _lifespan(mentor: Mentor, page: Coming | None) -> Any:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await to_thread.run_sync(_begin_anew, mentor)
        if page is None:
            yield
            return
        async with page.lifespan():
            yield

    return lifespan


def _begin_anew(mentor: Mentor) -> None:
    try:
        if mentor.store is not None:
            release_abandoned(mentor.store)
    except MentorError as exc:  # whoever asks is told
        log.error("%s", exc)


def _session_key(mentor: Mentor) -> str:
    try:
        if mentor.store is not None:
            return session_key(mentor.store)
    except MentorError as exc:  # the page answers without a store too
        log.error("Sessions end with this process: %s", exc)
    return secrets.token_urlsafe(48)


def _describe(app: FastAPI) -> None:
    """Put the problems and the ways to say who one is into the OpenAPI document."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            parts = schema["components"]
            parts["schemas"]["Problem"] = ProblemDetails.model_json_schema()
            parts["securitySchemes"] = {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "session": {"type": "apiKey", "in": "cookie", "name": "mentor_session"},
            }
            schema["security"] = [{"token": []}, {"session": []}, {}]
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
