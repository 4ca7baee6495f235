"""A copy of the SQLite store, taken while Mentor runs, and put back.

PostgreSQL brings pg_dump and psql for this.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from mentor.errors import SettingsError, StorageError, StoreUnusable
from mentor.settings import Settings
from mentor.store.engine import BUSY, FILE, open_store
from mentor.store.examine import StoreState, examine_sqlite, examine_store


def back_up(settings: Settings, copy: Path) -> StoreState:
    """Copy the store as it is at one moment; learners go on writing meanwhile.

    The copy is one file that only its owner may read, since it holds all that learners said. A
    run that is cut off leaves none.

    Raises:
        SettingsError: the store is PostgreSQL's.
        StoreUnusable: there is no store, or it is damaged.
        StorageError: `copy` is there already, or cannot be written.
    """
    file = _sqlite_file(settings)
    if not file.exists():
        raise StoreUnusable(
            f"There is no store to copy at {file}.", cure="Set MENTOR_HOME to the server's home."
        )
    examine_sqlite(file)  # so that damage is told of the store, and not of its copy
    unfinished = copy.with_name(f"{copy.name}.part")
    with _told(copy):
        if copy.exists():
            raise StorageError(f"{copy} is there already.", cure="Name another file.")
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL, 0o600))
        try:
            with closing(sqlite3.connect(file, timeout=BUSY)) as store:
                store.execute("VACUUM INTO ?", [str(unfinished)])
            state = examine_sqlite(unfinished)
            unfinished.replace(copy)
        finally:
            unfinished.unlink(missing_ok=True)
    return state.model_copy(update={"where": str(copy)})


def put_back(settings: Settings, copy: Path) -> StoreState:
    """Make the store what a copy holds, in one transaction, and bring its tables up to date.

    A store so damaged that SQLite cannot write over it is kept beside, as `mentor.db.damaged`.

    Raises:
        SettingsError: the store is PostgreSQL's.
        StoreUnusable: `copy` is missing, damaged, no store, or a newer Mentor's.
        StorageError: the data directory cannot be written.
    """
    file = _sqlite_file(settings)
    state = examine_sqlite(copy) if copy.is_file() else None
    if state is None or state.revision is None:
        raise StoreUnusable(
            f"{copy} is no copy of a store.", cure="Name a file that `mentor backup` has written."
        )
    with _told(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_over(file, copy)
        except sqlite3.OperationalError:  # locked, or the disk refuses
            raise
        except sqlite3.DatabaseError:
            _set_aside(file)
            _write_over(file, copy)
    open_store(settings).close()
    return examine_store(settings)


def _write_over(file: Path, copy: Path) -> None:
    with (
        closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(file, timeout=BUSY)) as store,
    ):
        source.backup(store)


def _set_aside(file: Path) -> None:
    for end in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            file.with_name(f"{file.name}{end}").replace(file.with_name(f"{file.name}.damaged{end}"))


def _sqlite_file(settings: Settings) -> Path:
    if settings.database_url:
        raise SettingsError(
            "The store is a PostgreSQL database, which is copied by its own tools.",
            cure='`pg_dump "$MENTOR_DATABASE_URL" > copy.sql`; '
            '`psql "$MENTOR_DATABASE_URL" < copy.sql` puts it back into an empty database.',
        )
    return settings.data_dir / FILE


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StorageError(
            f"{file} cannot be written: {exc.strerror}.", cure="Free or allow its disk."
        ) from exc
    except sqlite3.DatabaseError as exc:
        raise StorageError(
            f"{file} cannot be written: {exc}.", cure="`mentor doctor` looks at the store."
        ) from exc
