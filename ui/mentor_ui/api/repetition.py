"""Idempotency keys: a POST that is sent twice is done once.

def route(..., again: Repeatable) -> Response:
    return again.once(lambda: Result(...))
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from mentor.store import Store, replies
from mentor_ui.api.gate import caller_of
from mentor_ui.api.parts import store_of
from mentor_ui.api.problems import Problem

REPLAYED = "Idempotency-Replayed"
_KEY = Header(
    alias="Idempotency-Key",
    min_length=1,
    max_length=100,
    pattern=r"^[\x21-\x7e]+$",
    description="Any word of the client's; the same one with the same request does it once",
)


class Repetition:
    """One request under a key; without a key every request is done."""

    def __init__(self, store: Store, learner: str, key: str | None, *, request: str) -> None:
        self._store = store
        self._learner = learner
        self._key = key
        self._request = request

    def earlier(self) -> dict[str, object] | None:
        """The reply that the first request got; None where this one is to be done.

        Raises:
            Problem: 409 while the first is running, 422 where the key came with another request.
        """
        if self._key is None:
            return None
        found = replies.claim(self._store, self._learner, self._key, request=self._request)
        if found == "running":
            wait = "The first request with this key is still running."
            raise Problem(409, "conflict", wait, retry_after=2)
        if found == "other":
            raise Problem(422, "invalid", "This key came with another request before.")
        return None if isinstance(found, str) else found

    def keep(self, reply: dict[str, object]) -> None:
        if self._key is not None:
            replies.answer(self._store, self._learner, self._key, reply)

    def release(self) -> None:
        """The work failed: a repetition may try it again."""
        if self._key is not None:
            replies.release(self._store, self._learner, self._key)

    def once(self, work: Callable[[], BaseModel], *, status: int = 200) -> JSONResponse:
        """The answer of `work`, done now or before."""
        if (reply := self.earlier()) is not None:
            return JSONResponse(reply, status, headers={REPLAYED: "true"})
        try:
            fresh = work().model_dump(mode="json")
            self.keep(fresh)
        except BaseException:
            self.release()
            raise
        return JSONResponse(fresh, status)


async def _repetition(request: Request, key: Annotated[str | None, _KEY] = None) -> Repetition:
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    digest.update(await request.body())
    learner = caller_of(request).learner
    return Repetition(store_of(request), learner, key, request=digest.hexdigest())


Repeatable = Annotated[Repetition, Depends(_repetition)]
"""A parameter of a route that may be repeated under a key."""
