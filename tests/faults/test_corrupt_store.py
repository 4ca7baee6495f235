"""A store that was damaged on the disk: it is told, left as it is, and the whole of it is not lost
where one row is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from conftest import SECRET, Serve, bearer, said

from mentor.errors import MentorError, StorageError, StoreUnusable
from mentor.learner import Done, changed
from mentor.settings import Settings
from mentor.store import open_store
from mentor.store.backup import back_up, put_back
from mentor.store.conversations import add_turn, turns

LONG = said("What is drift?", "It is a change of the inputs. " * 40)


def filled(home: Path) -> Path:
    """The file of a store with thirty turns of a learner."""
    store = open_store(Settings(home=home))
    for _ in range(30):
        add_turn(store, "ada", "talk", LONG)
    store.close()
    return home / "data" / "mentor.db"


def use(home: Path) -> None:
    """Reads and writes what lies in all of the file."""
    store = open_store(Settings(home=home))
    try:
        assert len(turns(store, "ada", "talk")) == 30
        store.update_learner("ada", lambda old: changed(old, hours=5.0))
    finally:
        store.close()


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def blotted(raw: bytes) -> bytes:
    """Its first page, which says that it is a database, and nothing else that is right."""
    return raw[:4096] + b"\x5a" * (len(raw) - 4096)


def beheaded(raw: bytes) -> bytes:
    return bytes(100) + raw[100:]


def replaced(raw: bytes) -> bytes:
    return b"rubbish" * (len(raw) // 7)


@pytest.mark.parametrize("damage", [cut, blotted, beheaded])
def test_a_damaged_file_is_told_with_a_cure_and_left_as_it_is(
    damage: Callable[[bytes], bytes], home: Path
) -> None:
    file = filled(home)
    file.write_bytes(damage(file.read_bytes()))
    before = file.read_bytes()
    with pytest.raises(StoreUnusable) as caught:
        use(home)
    assert str(file) in caught.value.what and "copy" in caught.value.cure
    assert file.read_bytes()[4096:] == before[4096:], "nothing was written over what is left"


@pytest.mark.parametrize("damage", [cut, blotted, beheaded, replaced])
def test_a_copy_is_put_back_over_a_damaged_file(
    damage: Callable[[bytes], bytes], home: Path
) -> None:
    file, copy = filled(home), home / "copy.db"
    back_up(Settings(home=home), copy)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(StoreUnusable, match=r"mentor\.db"):
        back_up(Settings(home=home), home / "useless.db")
    assert put_back(Settings(home=home), copy).learners == 1
    use(home)
    assert not (home / "useless.db").exists()


def test_a_damaged_log_of_writes_costs_what_it_held_and_nothing_that_was_there(home: Path) -> None:
    file = filled(home)
    file.with_name("mentor.db-wal").write_bytes(b"rubbish" * 10_000)
    use(home)


BROKEN_ROWS = {
    "a profile of other words": """UPDATE learners SET profile = '{"hours": "many"}'""",
    "a profile that is no JSON": "UPDATE learners SET profile = 'rubbish'",
    "a turn of other words": "UPDATE turns SET answer = '{}'",
    "a turn that is no JSON": "UPDATE turns SET answer = x'ff00'",
    "a mark of other words": "UPDATE marks SET mark = '[]'",
}


@pytest.mark.parametrize("damage", BROKEN_ROWS.values(), ids=BROKEN_ROWS)
def test_a_row_that_cannot_be_read_is_a_problem_of_its_learner_alone(
    damage: str, serve: Serve, home: Path
) -> None:
    client = serve(token_secret=SECRET)
    lesson = {"item": "lessons/python-for-data-science"}
    asked = {"question": "Thanks!", "conversation": "c1", "stream": False}
    for who in ("ada", "bob"):
        assert client.post("/api/v1/chat", json=asked, headers=bearer(who)).status_code == 200
        assert client.post("/api/v1/progress", json=lesson, headers=bearer(who)).status_code == 201
    with closing(sqlite3.connect(home / "data" / "mentor.db")) as database, database:
        whose = "id" if "learners" in damage else "learner"
        database.execute(f"{damage} WHERE {whose} = 'ada'")
    paths = ("/api/v1/progress", "/api/v1/conversations/c1", "/api/v1/plan")
    troubles = [client.get(path, headers=bearer("ada")) for path in paths]
    assert 503 in [reply.status_code for reply in troubles]
    assert {reply.status_code for reply in troubles} <= {200, 404, 503}
    for path in paths[:2]:
        assert client.get(path, headers=bearer("bob")).status_code == 200
    assert client.delete("/api/v1/me", headers=bearer("ada")).status_code == 200
    assert client.get(paths[0], headers=bearer("ada")).status_code == 200


def test_a_folder_where_the_store_should_be_is_told(home: Path) -> None:
    (home / "data" / "mentor.db").mkdir(parents=True)
    with pytest.raises((StorageError, StoreUnusable)) as caught:
        open_store(Settings(home=home))
    assert isinstance(caught.value, MentorError) and caught.value.cure


def test_marks_of_before_the_damage_are_there_in_a_copy(home: Path) -> None:
    """What docs/operators.md says of a backup, while the store is in use."""
    store = open_store(Settings(home=home))
    store.mark("ada", Done(item="lessons/x", on=date(2026, 11, 27)))
    copied = home / "data" / "copy.db"
    with (
        closing(sqlite3.connect(home / "data" / "mentor.db")) as live,
        closing(sqlite3.connect(copied)) as copy,
    ):
        live.backup(copy)
    store.close()
    for file in (home / "data").glob("mentor.db*"):
        file.unlink()
    copied.rename(home / "data" / "mentor.db")
    again = open_store(Settings(home=home))
    kept = again.learner("ada")
    assert kept is not None and [done.item for done in kept.done] == ["lessons/x"]
    again.close()
