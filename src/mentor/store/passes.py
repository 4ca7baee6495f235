"""Codes that open the page once, and the key that signs sessions.

Both are shared by all processes of one store: a code that one of them gave is taken by another, and
only by one.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from mentor.store.store import Store, insert_new
from mentor.store.tables import KeyRow, LaunchRow, now

LAUNCH = timedelta(seconds=60)
_SESSIONS = "sessions"


def new_launch(store: Store, caller: dict[str, Any]) -> str:
    """A code for `caller`, good once and for a minute."""
    code = secrets.token_urlsafe(32)
    with store.changing() as session:
        session.execute(delete(LaunchRow).where(LaunchRow.until < now()))
        session.add(LaunchRow(code=_hash(code), caller=caller, until=now() + LAUNCH))
    return code


def take_launch(store: Store, code: str) -> dict[str, Any] | None:
    """Whom a code was made for; None where it was used, has expired or was never given."""
    taken = delete(LaunchRow).where(LaunchRow.code == _hash(code), LaunchRow.until >= now())
    with store.changing() as session:
        return session.scalars(taken.returning(LaunchRow.caller)).first()


def session_key(store: Store) -> str:
    """The secret that session cookies are signed with, made by whoever needs it first."""
    with store.changing() as session:
        new = {"name": _SESSIONS, "secret": secrets.token_urlsafe(48)}
        session.execute(insert_new(session, KeyRow, **new))
        return session.scalars(select(KeyRow.secret).where(KeyRow.name == _SESSIONS)).one()


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
