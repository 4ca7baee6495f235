"""Statements that a portal has not taken yet, handed out on lease.

What was told stays, so that a later undoing can name it; it goes with its learner.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from mentor.records import Record
from mentor.store.store import Store
from mentor.store.tables import StatementRow, now

LEASE = timedelta(minutes=2)
"""How long one process may take to tell a statement before another tries."""


class Due(Record):
    """A statement that is to be told now."""

    id: str
    learner: str
    statement: dict[str, Any]
    tries: int
    """This one included."""


def due(store: Store, *, most: int = 20) -> list[Due]:
    """Statements to tell now; no other process gets them while the lease lasts."""
    waiting = (
        select(StatementRow)
        .where(StatementRow.due <= now())
        .order_by(StatementRow.due, StatementRow.at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    with store.changing() as session:
        rows = list(session.scalars(waiting))
        for row in rows:
            row.due = now() + LEASE
            row.tries += 1
        return [
            Due(id=row.id, learner=row.learner, statement=row.statement, tries=row.tries)
            for row in rows
        ]


def tell_at(store: Store, id_: str, at: datetime | None) -> None:
    """Try a statement again at a later moment, or never: the portal has it, or will not have it."""
    with store.changing() as session:
        session.execute(update(StatementRow).where(StatementRow.id == id_).values(due=at))


def untold(store: Store) -> int:
    """How many statements wait."""
    with store.reading() as session:
        waiting = select(func.count()).where(StatementRow.due.is_not(None))
        return int(session.scalar(waiting) or 0)
