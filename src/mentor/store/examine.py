"""A look at the store that changes nothing, for `mentor doctor`."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, func, select, text

from mentor.errors import StorageError, StoreUnusable
from mentor.records import Record
from mentor.settings import Settings
from mentor.store.engine import FILE, mapped, postgres_engine, revision
from mentor.store.tables import HEAD, LearnerRow


class StoreState(Record):
    """What was seen of a store; `revision` is None where nothing was ever kept."""

    where: str
    revision: str | None = None
    learners: int = 0
    details: tuple[str, ...] = ()

    @property
    def is_current(self) -> bool:
        return self.revision == HEAD


def examine_store(settings: Settings) -> StoreState:
    """Reach the store, read its revision and count its learners.

    Raises:
        SettingsError: `database_url` is none, or its driver is not installed.
        StoreUnusable: it cannot be reached, is damaged, or a newer Mentor has written it.
        StorageError: it cannot be written.
    """
    if settings.database_url:
        return _postgres(settings.database_url)
    file = settings.data_dir / FILE
    if not file.exists():
        return StoreState(where=str(file))
    if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        raise StorageError(
            f"The store {file} cannot be written.", cure="Give write access to it and its folder."
        )
    return examine_sqlite(file)


def _postgres(url: str) -> StoreState:
    engine = postgres_engine(url)
    try:
        with mapped(engine), engine.connect() as connection:
            server = connection.execute(text("SHOW server_version")).scalar()
            where = engine.url.render_as_string(hide_password=True)
            return _state(connection, where, (f"PostgreSQL {server}",))
    finally:
        engine.dispose()


def examine_sqlite(file: Path) -> StoreState:
    """The state of a SQLite file that exists: the store, or a copy of it.

    Raises:
        StoreUnusable: it is damaged, no database, or a newer Mentor has written it.
    """
    asked = {"mode": "ro", "uri": "true"}
    engine = create_engine(URL.create("sqlite", database=file.resolve().as_uri(), query=asked))
    try:
        with mapped(engine), engine.connect() as connection:
            mode = connection.execute(text("PRAGMA journal_mode")).scalar()
            found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
            if found != "ok":
                raise StoreUnusable(
                    f"The store {file} is damaged: {found}.",
                    cure="Put back a copy of it, or move it away to begin anew.",
                )
            size = file.stat().st_size / 1e6
            return _state(connection, str(file), (f"{size:.1f} MB", f"{mode} journal"))
    finally:
        engine.dispose()


def _state(connection: Connection, where: str, details: tuple[str, ...]) -> StoreState:
    at = revision(connection)
    if at is not None and at > HEAD:
        raise StoreUnusable(
            f"The store {where} was written by a newer Mentor ({at}).",
            cure="Update this installation, or name another store.",
        )
    learners = connection.scalar(select(func.count()).select_from(LearnerRow)) if at else 0
    return StoreState(where=where, revision=at, learners=learners or 0, details=details)
