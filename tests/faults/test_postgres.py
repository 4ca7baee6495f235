"""A PostgreSQL that is cut off, crashes, hangs or is somebody else's, and one that is read-only."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Serve, postgres_command, said
from sqlalchemy import text

from mentor.errors import StorageError, StoreUnusable
from mentor.learner import Learner, changed
from mentor.settings import Settings
from mentor.store import Store, engine, open_store
from mentor.store.conversations import add_turn, turns
from mentor.store.engine import postgres_engine

CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@pytest.fixture(params=["postgres"])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """PostgreSQL alone of the stores that all tests have."""
    return settings


def cut_off(settings: Settings) -> None:
    """End every other connection, as a proxy or a restart does."""
    with closing(postgres_engine(str(settings.database_url)).connect()) as connection:
        connection.execute(CUT)


def test_a_connection_that_was_cut_between_two_requests_is_made_anew(
    store: Store, settings: Settings
) -> None:
    add_turn(store, "ada", "talk", said("before"))
    cut_off(settings)
    add_turn(store, "ada", "talk", said("after"))
    assert [turn.answer.question for turn in turns(store, "ada", "talk")] == ["before", "after"]


def test_a_connection_that_is_cut_in_the_middle_of_a_change_leaves_nothing_half_done(
    store: Store, settings: Settings
) -> None:
    store.update_learner("ada", lambda old: changed(old, hours=5.0))

    def cut(old: Learner) -> Learner:
        cut_off(settings)
        return changed(old, hours=9.0)

    with pytest.raises(StoreUnusable) as caught:
        store.update_learner("ada", cut)
    assert "Traceback" not in str(caught.value) and caught.value.cure
    kept = store.learner("ada")
    assert kept is not None and kept.hours == 5.0


def test_a_server_that_crashes_keeps_what_was_confirmed_and_is_found_again(
    serve: Serve, settings: Settings
) -> None:
    client = serve(database_url=settings.database_url)
    asked = {"question": "Thanks!", "conversation": "c1", "stream": False}
    assert client.post("/api/v1/chat", json=asked).status_code == 200
    folder = str(settings.database_url).rpartition("host=")[2]
    postgres_command(folder, "stop", "-m", "immediate")
    try:
        down = client.post("/api/v1/chat", json=asked)
        ready = client.get("/api/v1/ready")
        health = client.get("/api/v1/health")
    finally:
        postgres_command(folder, "start")
    assert (down.status_code, down.json()["type"]) == (503, "urn:mentor:problem:unavailable")
    assert health.status_code == 200, "the process itself is well"
    assert ready.status_code == 503 and ready.json()["store"] != "ok"
    assert client.post("/api/v1/chat", json=asked).status_code == 200
    kept = client.get("/api/v1/conversations/c1").json()
    assert len(kept["turns"]) == 2


def test_a_row_that_somebody_else_holds_is_not_waited_for_without_end(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.update_learner("ada", lambda old: changed(old, hours=5.0))
    monkeypatch.setattr(engine, "BUSY", 1.0)
    other = postgres_engine(str(settings.database_url))
    with other.begin() as connection:
        connection.execute(text("SELECT * FROM learners WHERE id = 'ada' FOR UPDATE"))
        with pytest.raises(StoreUnusable, match="lock timeout"):
            store.update_learner("ada", lambda old: changed(old, hours=9.0))
        store.update_learner("bob", lambda old: changed(old, hours=2.0))
    store.update_learner("ada", lambda old: changed(old, hours=7.0))
    kept = store.learner("ada")
    assert kept is not None and kept.hours == 7.0
    other.dispose()


@pytest.fixture
def talker() -> Iterator[tuple[int, list[bytes]]]:
    """A server that is no PostgreSQL: its port, and what it sends to whoever comes."""
    sends: list[bytes] = []
    held: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        while True:
            try:
                held.append(listener.accept()[0])
            except OSError:
                return
            for each in sends:
                held[-1].sendall(each)

    threading.Thread(target=talk, daemon=True).start()
    yield listener.getsockname()[1], sends
    for each in (*held, listener):
        each.close()


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"N" + b"\0" * 999])
def test_what_is_no_postgres_is_told_in_time_and_without_the_password(
    sent: bytes,
    talker: tuple[int, list[bytes]],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port, sends = talker
    sends.extend([sent] if sent else [])
    monkeypatch.setitem(engine.POSTGRES_WAITS, "connect_timeout", 2)
    url = f"postgresql://u:secret@127.0.0.1:{port}/d"
    with pytest.raises(StoreUnusable, match="cannot be used") as caught:
        open_store(Settings(home=home, database_url=url))
    assert "secret" not in str(caught.value) and "MENTOR_DATABASE_URL" in caught.value.cure


def test_a_database_with_tables_of_somebody_else_is_left_as_it_is(settings: Settings) -> None:
    theirs = postgres_engine(str(settings.database_url))
    with theirs.begin() as connection:
        connection.execute(text("CREATE TABLE turns (theirs int)"))
        connection.execute(text("INSERT INTO turns VALUES (7)"))
    with pytest.raises(StoreUnusable, match="already exists"):
        open_store(settings)
    with theirs.begin() as connection:
        assert connection.execute(text("SELECT theirs FROM turns")).scalar() == 7
        tables = connection.execute(
            text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        )
        assert tables.scalar() == 1, "half of our tables were left behind"
    theirs.dispose()


def test_a_database_that_may_only_be_read_is_told_as_such(store: Store, settings: Settings) -> None:
    store.update_learner("ada", lambda old: changed(old, hours=5.0))
    url = f"{settings.database_url}&options=-c%20default_transaction_read_only%3Don"
    reader = open_store(settings.model_copy(update={"database_url": url}))
    kept = reader.learner("ada")
    assert kept is not None and kept.hours == 5.0
    with pytest.raises(StorageError, match="cannot be written"):
        reader.update_learner("ada", lambda old: changed(old, hours=9.0))
    reader.close()
