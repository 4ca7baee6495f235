"""Gradio's own routes, as far as the page needs them, each session with one learner.

Gradio tells sessions apart by a hash that the browser chooses, and gives what belongs to one to
whoever names its hash. So the first learner who names a hash owns it. Routes that the page does not
need, such as uploads, file downloads and the proxy, are not there.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mentor_ui.api.gate import caller_of
from mentor_ui.api.problems import missing

_FILES = re.compile(
    r"/(|assets/.*|static/.*|theme\.css|favicon\.ico|manifest\.json|robots\.txt"
    r"|gradio_api/(theme\.css|startup-events|info|app_id|custom_component/.*))"
)
_SESSION = re.compile(
    r"/(cv|config|gradio_api/(queue/join|queue/data|run/\w+|cancel|heartbeat/\w+))"
)
_HEARTBEAT = "/gradio_api/heartbeat/"
"""An open request for each tab, and a browser has six for all tabs together: a learner with five
tabs could hardly ask any more. It is for clearing up after a tab, which this page does not need;
with 204 the browser does not ask for it again."""
_MOST = 10_000


class PageGate:
    """ASGI middleware around the page."""

    def __init__(self, page: ASGIApp) -> None:
        self._page = page
        self._owners: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._page(scope, receive, send)
            return
        path = scope["path"]
        routed = _SESSION.fullmatch(path)
        if routed is None and not _FILES.fullmatch(path):
            raise missing("page")
        if path.startswith(_HEARTBEAT):
            await Response(status_code=204)(scope, receive, send)
            return
        if routed and path != "/cv":
            learner = caller_of(Request(scope)).learner
            hashes = {QueryParams(scope["query_string"]).get("session_hash")}
            if scope["method"] == "POST":
                body = await Request(scope, receive).body()
                hashes.add(_hash_in(body))
                receive = _again(body, receive)
            if not all(self._owns(learner, each) for each in hashes if each):
                raise missing("session")
        await self._page(scope, receive, send)

    def _owns(self, learner: str, session: str) -> bool:
        owner = self._owners.setdefault(session, learner)
        self._owners.move_to_end(session)
        if len(self._owners) > _MOST:
            self._owners.popitem(last=False)
        return owner == learner


def _hash_in(body: bytes) -> str | None:
    try:
        data = json.loads(body or b"null")
    except ValueError:
        return None
    found = data.get("session_hash") if isinstance(data, dict) else None
    return None if found is None else str(found)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, and then what comes after it."""
    given = False

    async def next_message() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return next_message
