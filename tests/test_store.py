"""The store, on real SQLite files and a real PostgreSQL, with real processes writing at once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from conftest import said

from mentor.errors import LearnerError, SettingsError, StaleWrite, StorageError, StoreUnusable
from mentor.learner import Done, Learner, Skill, changed
from mentor.records import Feedback
from mentor.settings import Settings, load_settings
from mentor.store import Store, open_store
from mentor.store.conversations import (
    add_feedback,
    add_turn,
    conversations,
    feedback_of,
    turns,
)
from mentor.store.engine import alembic_config, migrate

TODAY = date(2026, 11, 27)


# --- what is kept comes back ------------------------------------------------------------------


def test_nothing_is_known_of_a_stranger(store: Store) -> None:
    assert store.learner("ada") is None
    assert store.plan("ada") is None
    assert store.export("ada") == {"learner": "ada", "kept": False}
    assert store.delete("ada") is False


def test_a_learner_comes_back_with_profile_and_marks(store: Store) -> None:
    store.update_learner("ada", lambda learner: changed(learner, target="mid", hours=7.5))
    store.mark("ada", Skill(id="sql-data-querying", words=("SQL",)))
    store.mark("ada", Done(item="lessons/x", on=TODAY, link="https://example.org/x"))
    again = store.learner("ada")
    assert again == Learner(
        target="mid",
        hours=7.5,
        skills=(Skill(id="sql-data-querying", words=("SQL",)),),
        done=(Done(item="lessons/x", on=TODAY, link="https://example.org/x"),),
    )
    assert store.learner("bob") is None


def test_undo_takes_back_the_last_mark_and_then_the_one_before(store: Store) -> None:
    first, second = Done(item="lessons/a", on=TODAY), Skill(id="python", state="checked")
    store.mark("ada", first)
    store.mark("ada", second)
    assert store.undo("ada") == second
    assert store.undo("ada") == first
    assert store.undo("ada") is None
    learner = store.learner("ada")
    assert learner is not None and learner.skills == learner.done == ()
    assert [mark["undone"] is not None for mark in store.export("ada")["marks"]] == [True, True]


def test_undo_of_a_named_item_leaves_later_marks_alone(store: Store) -> None:
    for item in ("lessons/a", "lessons/b"):
        store.mark("ada", Done(item=item, on=TODAY))
    undone = store.undo("ada", "lessons/a")
    assert isinstance(undone, Done) and undone.item == "lessons/a"
    learner = store.learner("ada")
    assert learner is not None and learner.finished == {"lessons/b"}


def test_the_plan_that_was_accepted_last_counts(store: Store) -> None:
    for n in range(3):
        store.keep_plan("ada", {"n": n})
    assert store.plan("ada") == {"n": 2}
    assert len(store.export("ada")["plans"]) == 3


def test_an_interview_is_saved_only_by_who_has_seen_its_last_state(store: Store) -> None:
    assert store.save_interview("ada", "i1", state={"turn": 1}, seen=0) == 1
    assert store.save_interview("ada", "i1", state={"turn": 2}, seen=1) == 2
    with pytest.raises(StaleWrite, match="another window"):
        store.save_interview("ada", "i1", state={"turn": "lost"}, seen=1)
    with pytest.raises(StaleWrite):
        store.save_interview("bob", "i1", state={}, seen=2)
    assert store.interview("ada", "i1") == ({"turn": 2}, 2)
    assert store.interview("bob", "i1") is None
    assert store.interviews("ada") == [("i1", {"turn": 2})]


def test_everything_of_a_learner_is_exported_as_json_and_deleted_by_one_call(store: Store) -> None:
    for who in ("ada", "bob"):
        store.update_learner(who, lambda learner: changed(learner, by=date(2027, 5, 1)))
        store.mark(who, Done(item="lessons/a", on=TODAY))
        store.keep_plan(who, {"weeks": 3})
        add_turn(store, who, "talk", said("What does a junior earn?"))
        store.save_interview(who, f"of {who}", state={"turn": 1}, seen=0)
        add_feedback(store, who, Feedback(about="talk/1", verdict="up", at=datetime.now(UTC)))
    everything = json.loads(json.dumps(store.export("ada")))
    assert everything["profile"]["by"] == "2027-05-01"
    for kind in ("marks", "plans", "conversations", "turns", "interviews", "feedback"):
        assert len(everything[kind]) == 1, kind
    assert "bob" not in json.dumps(everything)
    assert store.delete("ada") is True
    assert store.export("ada") == {"learner": "ada", "kept": False}
    assert store.interview("ada", "of ada") is None
    assert len(store.export("bob")["marks"]) == 1


def test_what_one_learner_has_is_handed_over_to_another_who_keeps_their_own(store: Store) -> None:
    store.update_learner("local", lambda old: changed(old, hours=6, target="mid"))
    store.mark("local", Done(item="lessons/a", on=TODAY))
    store.keep_plan("local", {"weeks": 3})
    add_turn(store, "local", "talk", said("What is drift?"))
    store.update_learner("browser", lambda old: changed(old, hours=9))
    store.mark("browser", Done(item="lessons/b", on=TODAY))
    assert store.hand_over("local", "browser") is True
    assert store.learner("local") is None
    whole = store.learner("browser")
    assert whole is not None and whole.finished == {"lessons/a", "lessons/b"}
    assert (whole.hours, whole.target) == (9, "mid")
    assert store.plan("browser") == {"weeks": 3}
    assert [talk.id for talk in conversations(store, "browser")] == ["talk"]
    assert store.hand_over("local", "browser") is False
    with pytest.raises(LearnerError, match="same learner"):
        store.hand_over("browser", "browser")


def test_nobody_is_kept_who_has_nothing_to_take_back_or_to_hand_over(store: Store) -> None:
    assert store.undo("ghost") is None
    assert store.hand_over("ghost", "newcomer") is False
    assert not any(store.export(who)["kept"] for who in ("ghost", "newcomer"))


def test_conversations_of_one_id_stand_side_by_side_after_a_hand_over(store: Store) -> None:
    for who in ("local", "browser"):
        add_turn(store, who, "talk", said(f"What is drift, asks {who}?"))
        add_feedback(store, who, Feedback(about="talk/1", verdict="up", at=datetime.now(UTC)))
    add_turn(store, "browser", "talk", said("And who finds it?"))
    assert store.hand_over("local", "browser") is True
    by_id = {talk.id: talk.turns for talk in conversations(store, "browser")}
    assert by_id.pop("talk") == 2, "the other's own stays as it is"
    ((moved, turns_of_it),) = by_id.items()
    assert turns_of_it == 1
    assert turns(store, "browser", moved)[0].answer.question == "What is drift, asks local?"
    assert {each.about for each in feedback_of(store, "browser")} == {"talk/1", f"{moved}/1"}


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_an_id_that_cannot_be_kept_is_refused(store: Store, name: str) -> None:
    with pytest.raises(LearnerError, match="1 to 100"):
        store.mark(name, Done(item="a", on=TODAY))


def test_a_change_that_fails_changes_nothing(store: Store) -> None:
    store.update_learner("ada", lambda learner: changed(learner, hours=6))

    def fail(learner: Learner) -> Learner:
        return changed(learner, hours=200)

    with pytest.raises(LearnerError):
        store.update_learner("ada", fail)
    learner = store.learner("ada")
    assert learner is not None and learner.hours == 6


# --- many at once -----------------------------------------------------------------------------

WRITER = """
import sys
from datetime import UTC, date, datetime
from mentor.learner import Done, changed
from mentor.records import Answer
from mentor.settings import load_settings
from mentor.store import open_store
from mentor.store.conversations import add_turn
store = open_store(load_settings())
who, number = sys.argv[1], int(sys.argv[2])
for n in range(number):
    store.mark("ada", Done(item=f"{who}-{n}", on=date(2026, 1, 1)))
    store.update_learner("ada", lambda l: changed(l, hours=(l.hours or 1.0) + 0.25))
    answer = Answer(question=f"{who}-{n}", answer="Yes.", mode="quoted", model="none")
    add_turn(store, "ada", "talk", answer)
    print(n, flush=True)
"""


def _writer(settings: Settings, who: str, number: int) -> subprocess.Popen[str]:
    environment = os.environ | {"MENTOR_HOME": str(settings.home)}
    if settings.database_url:
        environment["MENTOR_DATABASE_URL"] = settings.database_url
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, who, str(number)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_that_write_at_once_lose_nothing(settings: Settings) -> None:
    """They also open a store that does not exist yet at once: its tables are made only once."""
    writers = [_writer(settings, who, 25) for who in ("a", "b", "c")]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors
    store = open_store(settings)
    learner, talk = store.learner("ada"), turns(store, "ada", "talk")
    store.close()
    assert learner is not None
    assert len({turn.answer.question for turn in talk}) == 75
    assert len(learner.done) == len(learner.finished) == 75
    assert learner.hours == 1.0 + 75 * 0.25


def test_two_tabs_that_write_at_once_lose_nothing(store: Store) -> None:
    def tab(n: int) -> None:
        store.mark("ada", Done(item=f"step-{n}", on=TODAY))
        store.update_learner("ada", lambda old: changed(old, hours=(old.hours or 1.0) + 0.5))
        add_turn(store, "ada", "talk", said(str(n)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tab, range(40)))
    learner = store.learner("ada")
    assert learner is not None and len(learner.finished) == 40 and learner.hours == 21.0
    assert {turn.answer.question for turn in turns(store, "ada", "talk")} == set(
        map(str, range(40))
    )
    assert len(conversations(store, "ada")) == 1, "two tabs may begin the same conversation"


def test_a_writer_that_is_killed_leaves_a_readable_store_with_all_it_had_said(
    settings: Settings,
) -> None:
    """Killed again and again, at moments that differ: while opening, migrating and writing."""
    open_store(settings).close() if settings.database_url else None
    confirmed = 0
    for wait, begun in ((0.3, False), (0.7, False), (1.1, False), (0.05, True), (0.3, True)):
        writer = _writer(settings, f"after {wait}", 10_000)
        if begun:  # however slow the machine: it has written
            assert writer.stdout is not None and writer.stdout.readline()
            confirmed += 1
        time.sleep(wait)
        writer.send_signal(signal.SIGKILL)
        output, _ = writer.communicate()
        confirmed += len(output.splitlines())
        store = open_store(settings)
        learner = store.learner("ada")
        kept = len(learner.done) if learner else 0
        assert kept >= confirmed, "a mark that was confirmed is gone"
        assert len(turns(store, "ada", "talk")) >= confirmed, "a turn that was confirmed is gone"
        store.mark("bob", Done(item="still writable", on=TODAY))
        store.close()
    if not settings.database_url:
        with sqlite3.connect(settings.data_dir / "mentor.db") as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# --- what goes wrong --------------------------------------------------------------------------


def test_sqlite_stands_in_the_data_directory_in_wal_mode(home: Path) -> None:
    open_store(Settings(home=home)).close()
    with sqlite3.connect(home / "data" / "mentor.db") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_migrations_make_the_tables_that_the_code_uses(home: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    from mentor.store.tables import HEAD, Base

    engine = create_engine(f"sqlite:///{home.parent}/fresh.db")
    with engine.begin() as connection:
        migrate(connection)
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, Base.metadata) == []


def test_turns_of_before_conversations_had_titles_are_called_by_their_first_question(
    home: Path,
) -> None:
    """A store of the first migration is brought up to date, and everything in it stays."""
    from alembic import command
    from sqlalchemy import create_engine

    file = home / "data" / "mentor.db"
    file.parent.mkdir(parents=True)
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
    engine.dispose()
    with sqlite3.connect(file) as database:
        at = "2026-11-01 10:00:00.000000"
        database.execute("INSERT INTO learners VALUES ('ada', '{}', ?)", [at])
        row = "INSERT INTO turns (learner, conversation, question, answer, at) VALUES (?,?,?,?,?)"
        answer = json.dumps(said("x").model_dump(mode="json", exclude={"question"}))
        for question in ("What is drift?", "And why?"):
            database.execute(row, ["ada", "talk", question, answer, at])
    store = open_store(Settings(home=home))
    (talk,) = conversations(store, "ada")
    assert (talk.id, talk.title, talk.turns) == ("talk", "What is drift?", 2)
    assert talk.created == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert [turn.answer.question for turn in turns(store, "ada", "talk")][1] == "And why?"
    store.close()


def test_a_store_of_a_newer_mentor_is_left_alone(home: Path) -> None:
    open_store(Settings(home=home)).close()
    with sqlite3.connect(home / "data" / "mentor.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnusable, match="newer Mentor") as caught:
        open_store(Settings(home=home))
    assert "Update" in caught.value.cure


def test_a_file_that_is_no_database_is_told_and_kept(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    file = home / "data" / "mentor.db"
    file.write_bytes(b"my shopping list" * 500)
    with pytest.raises(StoreUnusable, match="cannot be read") as caught:
        open_store(Settings(home=home))
    assert caught.value.cure
    assert file.read_bytes().startswith(b"my shopping list")


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        open_store(Settings(home=tmp_path / "file"))


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "nonsense", "postgresql://"])
def test_an_address_that_is_not_postgres_is_refused(home: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="database_url") as caught:
        open_store(Settings(home=home, database_url=url))
    assert "secret" not in str(caught.value)


def test_a_postgres_that_does_not_answer_is_told_without_its_password(home: Path) -> None:
    url = f"postgresql://u:secret@/d?host={home.parent}&connect_timeout=2"
    with pytest.raises(StoreUnusable, match="cannot be used") as caught:
        open_store(Settings(home=home, database_url=url))
    assert "secret" not in str(caught.value)
    assert "MENTOR_DATABASE_URL" in caught.value.cure


def test_the_password_is_not_shown_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENTOR_DATABASE_URL", "postgresql://u:secret@h/d")
    assert "secret" not in repr(load_settings())
