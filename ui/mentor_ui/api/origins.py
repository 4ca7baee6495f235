"""Which pages may use the mentor: its own, and those of MENTOR_ORIGINS; everything else is refused.

Browsers send `Origin` with every request that a page makes of another origin's server. Without a
secret the mentor answers to the names of loopback alone, so that no page can reach it by a name of
its own that leads there (DNS rebinding), and no proxy can bring strangers.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mentor.settings import Settings
from mentor_ui.api.problems import Problem
from mentor_ui.server import LOOPBACK

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host")


def own_origin(settings: Settings, scope: Scope) -> str:
    """The origin of the mentor's own pages, as https://mentor.example.org."""
    if settings.public_url:
        return settings.public_url.lower()
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    return f"{scheme}://{Headers(scope=scope).get('host', '')}".lower()


def is_foreign(settings: Settings, scope: Scope) -> bool:
    """Whether a page of another origin sends this."""
    origin = Headers(scope=scope).get("origin")
    return origin is not None and origin.lower() != own_origin(settings, scope)


class Origins:
    """ASGI middleware: refuses foreign pages, and tells browsers who may embed and read."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        ancestors = " ".join(("'self'", *settings.origins))
        self._headers = {
            "Content-Security-Policy": f"frame-ancestors {ancestors}",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                open_to_all = scope["path"].startswith("/widget")
                policy = "cross-origin" if open_to_all else "same-origin"
                headers["Cross-Origin-Resource-Policy"] = policy
            await send(message)

        if refused := self._refusal(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await refused.response(scope)(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if self._settings.is_open:
            name = _host(headers.get("host", ""))
            if name not in LOOPBACK or any(each in headers for each in _FORWARDED):
                return Problem(
                    403,
                    "origin",
                    "Without a secret, Mentor answers on this machine alone.",
                    cure="Set MENTOR_TOKEN_SECRET to serve others.",
                )
        origin = headers.get("origin", "").lower()
        if is_foreign(self._settings, scope) and origin not in self._settings.origins:
            return Problem(
                403,
                "origin",
                "Pages of this origin may not use Mentor.",
                cure="The operator lists those that may in MENTOR_ORIGINS.",
            )
        return None


def _host(header: str) -> str | None:
    """The name in a `Host` header; None where it is none."""
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return None
