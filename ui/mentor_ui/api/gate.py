"""The gate that every request passes: who is asking, how often, and how much.

It stands before all routes, those of Gradio's page among them, so that a route which forgets to ask
is guarded too. What it found lies in the scope: `caller_of(request)`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mentor.errors import MentorError
from mentor.settings import Settings
from mentor_ui.api.identity import COOKIE, Caller, Identity, Role, stranger
from mentor_ui.api.limits import Rates, limited, refuse_large
from mentor_ui.api.origins import is_foreign
from mentor_ui.api.problems import Problem, problem_of
from mentor_ui.forms import told

_CALLER = "mentor.caller"
_OPEN = (
    "/api/v1/health",
    "/api/v1/ready",
    "/api/docs",
    "/api/openapi.json",
    "/launch/",
    "/widget",
    "/favicon.ico",
    "/robots.txt",
)
"""What anybody may have: it tells nothing of learners, or has a credential of its own."""
_ASSETS = (
    "/assets/",
    "/static/",
    "/theme.css",
    "/pages.css",
    "/forms.",
    "/widget",
    "/api/docs/",
)
"""Files of the page and the widget, which are not counted."""
_WORK = ("/api/v1/", "/v1/", "/gradio_api/queue/join", "/cv")
"""What is counted of a learner."""
_FORMS = ("/plan", "/interview", "/roadmap")
"""Pages whose forms are counted too; to look at them is not."""
_NOBODY = """<!doctype html><meta charset="utf-8"><title>Mentor</title>
<p>Open Mentor from your learning portal: the link there knows who you are.</p>"""


class Gate:
    """ASGI middleware in front of everything."""

    def __init__(
        self, app: ASGIApp, settings: Settings, *, identity: Identity, rates: Rates
    ) -> None:
        self._app = app
        self._settings = settings
        self._identity = identity
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":  # the mentor has none
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            refuse_large(scope)
            new = await self._identify(scope)
        except Problem as problem:
            await _refusal(scope, problem)(scope, receive, send)
            return
        except MentorError as exc:
            await problem_of(exc).response(scope)(scope, receive, send)
            return

        async def send_known(message: Message) -> None:
            if new and message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", new)
            await send(message)

        await self._app(scope, limited(scope, receive), send_known)

    async def _identify(self, scope: Scope) -> str | None:
        """Put the caller into the scope; the cookie of one who is new on loopback."""
        path, peer = scope["path"], scope.get("client")
        if not path.startswith(_ASSETS):
            await run_in_threadpool(self._rates.spend_address, peer[0] if peer else "unknown")
        if path.startswith(_OPEN):
            return None
        foreign = is_foreign(self._settings, scope)
        headers = Headers(scope=scope)
        cookie = None if foreign else Request(scope).cookies.get(COOKIE)
        caller = await run_in_threadpool(self._identity.of, headers, cookie)
        new = None
        if caller is None and self._settings.is_open:
            caller = stranger()
            secure = scope["scheme"] == "https"
            new = None if foreign else self._identity.cookie_for(caller, secure=secure)
        if caller is None:
            raise Problem(
                401, "token", "Nobody is named.", cure="Send a token of the learning portal."
            )
        if foreign and caller.origin and caller.origin.lower() != headers["origin"].lower():
            raise Problem(403, "origin", "The token is for another page's origin.")
        sends = scope["method"] == "POST" and path.startswith(_FORMS)
        if sends or path.startswith(_WORK):
            await run_in_threadpool(self._rates.spend_learner, caller.learner)
        scope[_CALLER] = caller
        return new


def caller_of(request: Request) -> Caller:
    """Who is asking, as the gate found it."""
    caller = request.scope[_CALLER]
    assert isinstance(caller, Caller)
    return caller


Asking = Annotated[Caller, Depends(caller_of)]
"""A parameter of a route: who is asking."""


def refuse_others(caller: Caller, *roles: Role) -> None:
    """
    Raises:
        Problem: 403, the caller has none of these roles.
    """
    if caller.role not in roles:
        raise Problem(
            403, "role", f"A {caller.role} may not do this.", cure=f"It takes {' or '.join(roles)}."
        )


def _refusal(scope: Scope, problem: Problem) -> ASGIApp:
    """A person who opens the page gets words, a program gets the problem."""
    accepts = Headers(scope=scope).get("accept", "")
    if "text/html" not in accepts:
        return problem.response(scope)
    if problem.status_code == 401:
        return HTMLResponse(_NOBODY, 401)
    return told(problem)
