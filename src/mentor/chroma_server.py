"""A client of a Chroma server that does not wait for ever and says in our words what went wrong.

Chroma's own has no timeout, and raises what httpx, a JSON reader or a `KeyError` make of a server
that is away or is something else. All that a server is asked goes through `_Session`: the one
border where that becomes a `MentorError`. Import this where a server is set: chromadb is slow to
import.
"""

from __future__ import annotations

from typing import Any

import httpx
from chromadb.api.client import Client
from chromadb.auth import UserIdentity
from chromadb.config import Settings

from mentor.errors import IndexUnreachable, IndexUnusable, MentorError

PATIENCE = 10.0
"""Seconds that a server may be silent while somebody waits for an answer."""
PATIENCE_TO_WRITE = 120.0
"""The same while an index is built: a server at work takes seconds for a batch."""


class ServerClient(Client):  # type: ignore[misc]  # chromadb has no types that mypy may follow
    """Chroma's client of the server at `address`.

    Raises:
        IndexUnreachable: the server is away, silent, breaks off, refuses, or is no Chroma; here
            and in everything that is asked of it.
        IndexUnusable: the server lacks what it is asked for, there too.
    """

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        self._session = _Session(address, min(patience, PATIENCE))
        settings = Settings(
            anonymized_telemetry=False,
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=address,
            chroma_server_http_port=8000,  # has to be set; an address is taken as it is
        )
        try:
            super().__init__(settings=settings)
        except MentorError:
            self._session.close()
            raise
        except Exception as exc:  # well-formed nonsense has many names
            self._session.close()
            raise _no_chroma(address) from exc
        self._session.timeout = httpx.Timeout(patience)

    def get_user_identity(self) -> UserIdentity:
        """The first thing that a client asks, while it is made: the moment to take its place.

        Chroma builds its session without a timeout, takes no other, and asks at once; so ours is
        put into the private attribute before the first request leaves.
        """
        self._session.headers.update(self._server.get_request_headers())
        self._server._session = self._session
        return self._server.get_user_identity()

    def close(self) -> None:
        super().close()
        self._session.close()


class _Session(httpx.Client):
    """Asks a Chroma server, and raises what is not an answer of one."""

    def __init__(self, address: str, patience: float) -> None:
        super().__init__(timeout=patience)
        self._address = address

    def request(self, *args: Any, **kwargs: Any) -> httpx.Response:
        at = f"The Chroma server at {self._address}"
        try:
            response = super().request(*args, **kwargs)
        except httpx.TimeoutException as exc:
            raise _unreachable(f"{at} has not answered for {self.timeout.read:g} seconds.") from exc
        except (httpx.ConnectError, httpx.InvalidURL) as exc:
            raise _unreachable(f"{at} cannot be reached: {exc}.") from exc
        except httpx.HTTPError as exc:
            raise _unreachable(f"{at} broke off: {exc}.") from exc
        if not response.headers.get("content-type", "").startswith("application/json"):
            raise _no_chroma(self._address)
        if response.is_error:
            raise self._refused(response)
        return response

    def _refused(self, response: httpx.Response) -> MentorError:
        at = f"The Chroma server at {self._address}"
        try:
            said = response.json()
            kind, why = str(said["error"]), str(said["message"])
        except (ValueError, LookupError, TypeError):
            return _no_chroma(self._address)
        if kind == "NotFoundError":
            return IndexUnusable(
                f"{at} lacks vectors of the index: {why}.",
                cure="Give it back its data, or run `mentor index --rebuild`.",
            )
        return IndexUnreachable(
            f"{at} refuses: {why} ({response.status_code} {kind}).", cure="Look into its log."
        )


def _unreachable(what: str) -> IndexUnreachable:
    return IndexUnreachable(
        what,
        cure="Start it (`chroma run --path FOLDER --port 8000`) or correct MENTOR_CHROMA; without "
        "that setting `mentor index` builds the index on this disk.",
    )


def _no_chroma(address: str) -> IndexUnreachable:
    return IndexUnreachable(
        f"What answers at {address} is not a Chroma server, or not one of version 1.",
        cure="Give MENTOR_CHROMA the address of one, as `chroma run` prints it.",
    )
