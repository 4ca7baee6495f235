"""Answers to requests that may be repeated: the second gets what the first was told.

A key is claimed before the work and answered after it, so that two that arrive together do the work
once. What failed gives its key back. Replies are kept for a day and belong to their learner.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import delete

from mentor.store.store import Store
from mentor.store.tables import ReplyRow, now

KEPT = timedelta(days=1)
ABANDONED = timedelta(minutes=5)
"""After so long without an answer, whoever claimed a key is taken for dead."""

Claim = dict[str, Any] | Literal["mine", "running", "other"]


def claim(store: Store, learner: str, key: str, *, request: str) -> Claim:
    """`"mine"` where the work is to be done now, or the reply that was given.

    Args:
        request: SHA-256 of the request; `"other"` says that the key came with another one before.
    """
    with store.writing(learner) as (session, _):
        session.execute(delete(ReplyRow).where(ReplyRow.at < now() - KEPT))
        row = session.get(ReplyRow, (learner, key))
        if row is None:
            session.add(ReplyRow(learner=learner, key=key, request=request))
            return "mine"
        if row.request != request:
            return "other"
        if row.reply is None and row.at < now() - ABANDONED:
            row.at = now()
            return "mine"
        return row.reply if row.reply is not None else "running"


def answer(store: Store, learner: str, key: str, reply: dict[str, Any]) -> None:
    """Keep the reply to a claimed key."""
    with store.writing(learner) as (session, _):
        if row := session.get(ReplyRow, (learner, key)):
            row.reply = reply


def release_abandoned(store: Store) -> None:
    """Give all claimed keys back: a server begins, and whoever claimed them has ended.

    Nothing is done in a store that several servers share; there a key comes back after a while.
    """
    if store.is_shared:
        return
    with store.changing() as session:
        session.execute(delete(ReplyRow).where(ReplyRow.reply.is_(None)))


def release(store: Store, learner: str, key: str) -> None:
    """Give a claimed key back, because the work failed."""
    with store.writing(learner) as (session, _):
        unanswered = ReplyRow.reply.is_(None)
        mine = (ReplyRow.learner == learner, ReplyRow.key == key, unanswered)
        session.execute(delete(ReplyRow).where(*mine))
