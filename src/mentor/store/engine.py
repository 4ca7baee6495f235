"""Opening the store: which database, how it is locked, and its tables brought up to date.

SQLite runs in WAL mode, so readers do not wait for a writer; a writing transaction takes the lock
when it begins (BEGIN IMMEDIATE), so that what it read cannot change before it writes. Postgres does
the same by locking the learner's row (`Store`). Nobody waits for a lock, or for a server that is
cut off, without end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from json import JSONDecodeError
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError

from mentor.alone import alone
from mentor.errors import ROOM, MentorError, SettingsError, StorageError, StoreUnusable
from mentor.settings import Settings
from mentor.store.store import Store
from mentor.store.tables import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

FILE = "mentor.db"
READS = "mentor_reads"
BUSY = 30.0
"""Seconds that a writer waits for another."""
POSTGRES_WAITS: dict[str, int] = {
    "connect_timeout": 10,
    "tcp_user_timeout": 30_000,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""libpq's parameters, unless the address says otherwise: without them a PostgreSQL that is cut off
is waited for without end, or for hours."""
_REFUSES = ("readonly", "read-only", "disk is full", "disk i/o", "no space", "unable to open")
_POSTGRES_LOCK = 7_305_114
"""Any number of our own: who holds this advisory lock migrates."""


def open_store(settings: Settings) -> Store:
    """The store that the settings name, with its tables brought up to date.

    Raises:
        SettingsError: `database_url` is none, or its driver is not installed.
        StoreUnusable: the database cannot be reached, is damaged, or a newer Mentor made it.
        StorageError: the data directory cannot be written.
    """
    if settings.database_url:
        engine: Engine = postgres_engine(settings.database_url)
        turn: AbstractContextManager[None] = nullcontext()
    else:
        file = settings.data_dir / FILE
        engine, turn = _sqlite(file), _turn_at(file)
    with mapped(engine), turn:
        _bring_up_to_date(engine)
    return Store(engine, mapped, tells=settings.webhook is not None)


def _turn_at(file: Path) -> AbstractContextManager[None]:
    """One process at a time opens a SQLite store: its switch to WAL cannot wait for another's."""
    busy = StoreUnusable(
        f"Another process has been opening the store {file} for {BUSY:.0f} seconds.",
        cure="Wait until it is done.",
    )
    return alone(file.with_suffix(".lock"), otherwise=busy, seconds=BUSY)


def _sqlite(file: Path) -> Engine:
    # Writers wait for SQLite's own lock; a bound on connections would only end their wait sooner.
    address = URL.create("sqlite", database=str(file))
    engine = create_engine(address, connect_args={"timeout": BUSY}, max_overflow=-1)

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: object) -> None:
        raw.isolation_level = None  # SQLAlchemy's own BEGIN, below, is the only one
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READS)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def postgres_engine(url: str) -> Engine:
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgresql", "postgres", "postgresql+psycopg"} or not rest:
        raise SettingsError(
            "database_url is not the address of a Postgres database.",
            cure="Write it as postgresql://user:password@host/database.",
        )
    waits = {name: value for name, value in POSTGRES_WAITS.items() if f"{name}=" not in rest}
    try:
        engine = create_engine(
            f"postgresql+psycopg://{rest}", pool_pre_ping=True, connect_args=waits
        )
    except (ArgumentError, ValueError) as exc:
        raise SettingsError(
            "database_url cannot be read.",
            cure="Write it as postgresql://user:password@host/database.",
        ) from exc
    except (ModuleNotFoundError, NoSuchModuleError) as exc:
        raise SettingsError(
            "The driver for Postgres is not installed.",
            cure="Run `pip install 'psycopg[binary]'`.",
        ) from exc

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        if not connection.get_execution_options().get(READS):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY:.0f}s'")

    return engine


@contextmanager
def mapped(engine: Engine) -> Iterator[None]:
    """The one border where a database's errors become ours; passwords are left out."""
    url = engine.url
    where = url.database if engine.name == "sqlite" else url.render_as_string(hide_password=True)
    try:
        yield
    except MentorError:
        raise
    except (SQLAlchemyError, OSError, ValidationError, JSONDecodeError) as exc:
        said = str(getattr(exc, "orig", exc)).strip() or type(exc).__name__
        why = said.splitlines()[0][:200]
        if any(words in why.lower() for words in _REFUSES):
            raise StorageError(f"The store {where} cannot be written: {why}.", cure=ROOM) from exc
        if isinstance(exc, OperationalError):
            raise StoreUnusable(
                f"The store {where} cannot be used: {why}.",
                cure="Check that it runs and that its address is right (MENTOR_DATABASE_URL).",
            ) from exc
        raise StoreUnusable(
            f"The store {where} cannot be read: {why}.",
            cure="Put back a copy of it, or move it away to begin anew.",
        ) from exc


def _bring_up_to_date(engine: Engine) -> None:
    """Migrate, one process at a time; two that start together find the work done."""
    with engine.connect().execution_options(**{READS: True}) as connection:
        if revision(connection) == HEAD:
            return
    with engine.begin() as connection:
        if engine.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})"))
        migrate(connection)


def revision(connection: Connection) -> str | None:
    """The migration that a database stands at; None where there are no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    number = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if number is None else str(number)


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing.

    Raises:
        StoreUnusable: a newer Mentor has changed the tables.
    """
    from alembic import command
    from alembic.script.revision import ResolutionError
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(connection), "head")
    except (CommandError, ResolutionError) as exc:
        raise StoreUnusable(
            f"The store was written by a newer Mentor ({revision(connection)}).",
            cure="Update this installation, or name another store.",
        ) from exc


def alembic_config(connection: Connection) -> Config:
    """Where the migrations stand, and the connection that they run on."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
