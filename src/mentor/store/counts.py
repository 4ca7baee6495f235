"""Counts in windows of time, for limits that several processes keep together."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from mentor.store.store import Store, insert_new
from mentor.store.tables import CountRow, now


def count(store: Store, key: str, *, seconds: int, by: int = 1) -> int:
    """Add `by` to a count, and return it; its window begins with the first and ends by itself."""
    with store.changing() as session:
        session.execute(delete(CountRow).where(CountRow.until <= now()))
        until = now() + timedelta(seconds=seconds)
        session.execute(insert_new(session, CountRow, key=key, count=0, until=until))
        row = session.get_one(CountRow, key, with_for_update=True)
        row.count += by
        return row.count


def counted(store: Store, key: str) -> tuple[int, datetime]:
    """A count, and when its window ends; 0 and now where none is open."""
    with store.reading() as session:
        row = session.get(CountRow, key)
        return (row.count, row.until) if row and row.until > now() else (0, now())


def forget_count(store: Store, key: str | None = None) -> None:
    """Begin a count anew, or all of them."""
    gone = delete(CountRow)
    with store.changing() as session:
        session.execute(gone if key is None else gone.where(CountRow.key == key))
