"""Copies of the store: taken while learners write, put back, and refused when they are none."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from conftest import MENTOR, said

from mentor.errors import MentorError, SettingsError, StorageError, StoreUnusable
from mentor.learner import Done
from mentor.settings import Settings
from mentor.store import Store, open_store
from mentor.store.backup import back_up, put_back
from mentor.store.conversations import add_turn
from mentor.store.passes import session_key
from mentor.store.tables import HEAD

TODAY = date(2026, 11, 27)
FIRST = Path(__file__).parent / "fixtures" / "store-0001.sql"


def mentor(*arguments: object, answer: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(MENTOR), *map(str, arguments)]
    return subprocess.run(command, input=answer, capture_output=True, text=True, timeout=120)


def filled(settings: Settings) -> Store:
    """A store with two learners in it."""
    store = open_store(settings)
    for learner in ("ada", "bob"):
        store.mark(learner, Done(item=f"a step of {learner}", on=TODAY))
        store.keep_plan(learner, {"weeks": [1, 2, 3]})
        add_turn(store, learner, "talk", said(f"What does {learner} ask?"))
    return store


def test_all_that_learners_had_is_there_again_after_the_disk_was_lost(home: Path) -> None:
    store = filled(Settings(home=home))
    before, key = [store.export("ada"), store.export("bob")], session_key(store)
    assert before[0]["kept"] and before[1]["kept"]
    store.close()
    copied = mentor("backup", home.parent / "copy.db")
    assert copied.returncode == 0 and "copy.db: 2 learners" in copied.stdout
    for file in (home / "data").iterdir():
        file.unlink()
    assert mentor("restore", home.parent / "copy.db").returncode == 0
    again = open_store(Settings(home=home))
    assert [again.export("ada"), again.export("bob")] == before
    assert session_key(again) == key, "sessions of the page go on"
    again.close()


def test_a_copy_taken_while_a_learner_writes_holds_all_that_was_confirmed(home: Path) -> None:
    settings, confirmed, stop = Settings(home=home), [0], threading.Event()
    store = filled(settings)

    def write() -> None:
        while not stop.is_set():
            store.mark("ada", Done(item=f"step {confirmed[0]}", on=TODAY))
            confirmed[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            before = confirmed[0]
            back_up(settings, home / f"{n}.db")
            with closing(sqlite3.connect(home / f"{n}.db")) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                marks = copy.execute("SELECT count(*) FROM marks WHERE learner='ada'").fetchone()
            assert before < marks[0] <= confirmed[0] + 2
    finally:
        stop.set()
        writer.join()
    put_back(settings, home / "0.db")
    learner = store.learner("ada")
    assert learner is not None and len(learner.done) <= confirmed[0], "an open store sees it too"
    assert store.export("bob")["turns"]
    store.close()


def test_a_copy_can_be_read_by_its_owner_alone(home: Path) -> None:
    filled(Settings(home=home)).close()
    back_up(Settings(home=home), home / "copy.db")
    assert (home / "copy.db").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.glob("copy*")] == ["copy.db"]


def test_what_is_kept_now_is_replaced_after_a_yes_alone(home: Path) -> None:
    settings = Settings(home=home)
    store = filled(settings)
    back_up(settings, home / "copy.db")
    store.delete("bob")
    refused = mentor("restore", home / "copy.db", answer="n\n")
    assert refused.returncode == 1 and "Replace what is kept of 1 learner now?" in refused.stdout
    assert not store.export("bob")["kept"]
    assert mentor("restore", home / "copy.db", answer="y\n").returncode == 0
    assert store.export("bob")["kept"]
    store.close()


def test_a_store_that_cannot_be_read_is_replaced_after_a_yes_and_kept_beside(home: Path) -> None:
    filled(Settings(home=home)).close()
    back_up(Settings(home=home), home / "copy.db")
    file = home / "data" / "mentor.db"
    file.write_bytes(b"my shopping list" * 500)
    refused = mentor("restore", home / "copy.db", answer="n\n")
    assert refused.returncode == 1 and "Replace it now?" in refused.stdout
    assert "cannot be read" in refused.stderr and b"shopping" in file.read_bytes()
    assert mentor("restore", home / "copy.db", answer="y\n").returncode == 0
    assert b"shopping" in file.with_name("mentor.db.damaged").read_bytes()
    store = open_store(Settings(home=home))
    assert store.export("ada")["kept"]
    store.close()


@pytest.mark.parametrize("name", ["before #12", "why?", "100%41", "a b"])
def test_any_name_of_a_folder_or_a_copy_means_itself(name: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / name)
    filled(settings).close()
    copy = tmp_path / f"{name}.db"
    assert back_up(settings, copy).learners == put_back(settings, copy).learners == 2
    assert {path.name for path in tmp_path.iterdir()} == {name, copy.name}
    assert (settings.data_dir / "mentor.db").is_file()


def test_a_copy_of_an_older_mentor_is_brought_up_to_date(home: Path) -> None:
    old = home.parent / "old.db"
    with closing(sqlite3.connect(old)) as copy:
        copy.executescript(FIRST.read_text(encoding="utf-8"))
    state = put_back(Settings(home=home), old)
    assert (state.revision, state.learners) == (HEAD, 2)


def test_what_is_no_copy_is_refused_and_the_store_stays(home: Path) -> None:
    settings = Settings(home=home)
    filled(settings).close()
    back_up(settings, home / "copy.db")
    whole = (home / "copy.db").read_bytes()
    (home / "cut.db").write_bytes(whole[: len(whole) // 2])
    (home / "text.db").write_text("not a database" * 100)
    sqlite3.connect(home / "empty.db").close()
    with closing(sqlite3.connect(home / "newer.db")) as newer:
        newer.executescript("CREATE TABLE alembic_version (version_num VARCHAR(32));")
        newer.execute("INSERT INTO alembic_version VALUES ('9999')")
        newer.commit()
    for name in ("cut", "text", "empty", "newer", "missing"):
        with pytest.raises(StoreUnusable):
            put_back(settings, home / f"{name}.db")
    store = open_store(settings)
    assert store.export("ada")["kept"]
    store.close()


def test_what_cannot_be_copied_is_told(home: Path) -> None:
    settings = Settings(home=home)
    with pytest.raises(StoreUnusable, match="no store to copy"):
        back_up(settings, home / "copy.db")
    filled(settings).close()
    back_up(settings, home / "copy.db")
    wrong: list[tuple[Path, type[MentorError]]] = [
        (home / "copy.db", StorageError),
        (home / "nowhere" / "copy.db", StorageError),
    ]
    for where, error in wrong:
        with pytest.raises(error, match=r"there already|cannot be written"):
            back_up(settings, where)


def test_postgres_is_copied_and_put_back_by_its_own_tools(postgres: str, home: Path) -> None:
    settings = Settings(home=home, database_url=postgres)
    with pytest.raises(SettingsError, match="its own tools") as told:
        back_up(settings, home / "copy.db")
    assert "pg_dump" in told.value.cure
    store = filled(settings)
    before = [store.export("ada"), store.export("bob")]
    store.close()
    address = os.environ | {"MENTOR_DATABASE_URL": postgres}
    copy = home.parent / "copy.sql"

    def shell(command: str) -> None:
        subprocess.run(["sh", "-ec", command], env=address, check=True, capture_output=True)

    shell(f'pg_dump "$MENTOR_DATABASE_URL" > {copy}')
    shell("psql -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' \"$MENTOR_DATABASE_URL\"")
    shell(f'psql -v ON_ERROR_STOP=1 "$MENTOR_DATABASE_URL" < {copy}')
    again = open_store(settings)
    assert [again.export("ada"), again.export("bob")] == before
    again.close()
    shell("psql -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' \"$MENTOR_DATABASE_URL\"")
