"""How much one may ask: requests of a learner and of an address, size and time of a body.

Where a store is shared (PostgreSQL) the counts are kept there, so that several processes count
together; otherwise there is one process, and they stay in memory.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from mentor.errors import MentorError
from mentor.settings import Settings
from mentor.store.counts import count, counted, forget_count
from mentor_ui.api.problems import Problem

if TYPE_CHECKING:
    from mentor.store import Store

log = logging.getLogger("mentor")
BODY_BYTES = 1_000_000
BODY_SECONDS = 30.0
CV_SECONDS = 300.0
"""Ten times as many bytes may come, and from a phone."""
_CV = ("/cv", "/plan/cv")
"""They read their own body and say themselves what is too much."""


class StoreCounts(Storage):
    """The counts of `limits`, in the store of learners."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    @property
    def base_exceptions(self) -> type[Exception]:
        return MentorError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return count(self._store, key, seconds=expiry, by=amount)

    def get(self, key: str) -> int:
        return counted(self._store, key)[0]

    def get_expiry(self, key: str) -> float:
        return counted(self._store, key)[1].timestamp()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        forget_count(self._store)
        return None

    def clear(self, key: str) -> None:
        forget_count(self._store, key)


class Rates:
    """Lets learners and addresses ask only so often."""

    def __init__(self, settings: Settings, store: Store | None = None) -> None:
        storage = StoreCounts(store) if store and store.is_shared else MemoryStorage()
        self._limiter = FixedWindowRateLimiter(storage)
        self._learner = parse(settings.learner_rate)
        self._address = parse(settings.address_rate)

    def spend_address(self, address: str) -> None:
        """
        Raises:
            Problem: 429, with the seconds until the next request will be heard.
        """
        self._spend(self._address, "address", address)

    def spend_learner(self, learner: str) -> None:
        """
        Raises:
            Problem: 429.
        """
        self._spend(self._learner, "learner", learner)

    def _spend(self, rate: RateLimitItem, kind: str, whose: str) -> None:
        try:
            if self._limiter.hit(rate, kind, whose):
                return
        except MentorError as exc:  # whoever needs the store is told by the route
            log.warning("Requests are not counted: %s", exc)
            return
        reset = self._limiter.get_window_stats(rate, kind, whose).reset_time
        wait = max(1.0, reset - time.time())
        raise Problem(
            429,
            "rate",
            f"Too many requests: {rate.amount} a {rate.GRANULARITY.name} at most.",
            cure=f"Wait {wait:.0f} seconds.",
            retry_after=wait,
        )


def refuse_large(scope: Scope) -> None:
    """
    Raises:
        Problem: 413, the body says of itself that it is too long.
    """
    said = Headers(scope=scope).get("content-length", "0")
    if scope["path"] not in _CV and (not said.isdigit() or int(said) > BODY_BYTES):
        raise _large()


def limited(scope: Scope, receive: Receive, *, seconds: float | None = None) -> Receive:
    """`receive` for a body that must not grow too long or take for ever.

    It raises `Problem`, 413 or 408.

    Args:
        seconds: for the whole body, from when it is first asked for; `BODY_SECONDS`, or for a CV
            `CV_SECONDS`, unless given.
    """
    allowed = seconds or (CV_SECONDS if scope["path"] in _CV else BODY_SECONDS)
    taken = 0
    whole = False
    until: float | None = None

    async def next_message() -> Message:
        nonlocal taken, whole, until
        if whole:  # what comes now is the client's leaving, which may take its time
            return await receive()
        if until is None:
            until = asyncio.get_running_loop().time() + allowed
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError as exc:
            raise Problem(408, "slow", "The request did not arrive in time.") from exc
        taken += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if scope["path"] not in _CV and taken > BODY_BYTES:
            raise _large()
        return message

    return next_message


def _large() -> Problem:
    return Problem(
        413, "large", f"The body has more than {BODY_BYTES:,} bytes.", cure="Send less at once."
    )
