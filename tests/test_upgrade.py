"""A store that Mentor wrote at its first schema, opened today: all of it is found and used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from interviewing import NOON, desk
from sqlalchemy import MetaData, create_engine, event
from sqlalchemy.engine import Engine

from mentor.interview.interviews import Interviews
from mentor.interview.state import Next, Say, Show, Skip, Sure
from mentor.plan.export import plan_from
from mentor.settings import Settings
from mentor.store import open_store
from mentor.store.conversations import conversations, turns
from mentor.store.engine import FILE, alembic_config, postgres_engine

FIRST = Path(__file__).parent / "fixtures" / "store-0001.sql"


def first_schema(settings: Settings) -> dict[str, int]:
    """Makes the store as the first schema had it; how many rows each table has."""
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    kept.executescript(FIRST.read_text(encoding="utf-8"))
    source = create_engine("sqlite://", creator=lambda: kept)
    tables = MetaData()
    tables.reflect(source)
    target = _engine(settings)
    with target.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
    rows = {}
    with source.connect() as old, target.begin() as new:
        for table in tables.sorted_tables:
            if table.name != "alembic_version":
                found = [dict(row._mapping) for row in old.execute(table.select())]
                new.execute(table.insert(), found)
                rows[table.name] = len(found)
    target.dispose()
    return rows


def _engine(settings: Settings) -> Engine:
    if not settings.database_url:
        settings.data_dir.mkdir(parents=True)
        return create_engine(f"sqlite:///{settings.data_dir / FILE}")
    engine = postgres_engine(settings.database_url)
    event.listen(engine, "connect", lambda raw, _: raw.execute("SET TIME ZONE 'UTC'"))
    return engine


def test_nothing_of_the_first_schema_is_lost_or_unreadable(settings: Settings) -> None:
    rows = first_schema(settings)
    assert min(rows.values()) > 0, "the fixture has something in every table"
    store = open_store(settings)
    ada, bob = store.export("ada"), store.export("bob")
    for table in set(rows) - {"learners"}:
        assert len(ada[table]) + len(bob.get(table, [])) == rows[table], table

    learner = store.learner("ada")
    assert learner is not None
    assert (learner.background, learner.hours) == ("data-scientist", 6)
    assert [done.item for done in learner.done] == ["lessons/python-for-data-science"]
    assert learner.states == {"sql-data-querying": "claimed"}
    assert len(ada["marks"]) == 3, "the mark that was undone is kept as such"

    kept = store.plan("ada")
    assert kept is not None
    plan = plan_from(kept)
    assert plan.hours_a_week == 6 and plan.weeks

    (talk,) = conversations(store, "ada")
    assert (talk.title, talk.turns) == ("What is drift?", 2)
    assert [turn.answer.question for turn in turns(store, "ada", "talk")] == [
        "What is drift?",
        "And why?",
    ]
    assert [each["words"] for each in ada["feedback"]] == ["Too short."]
    store.close()


def test_an_interview_of_the_first_schema_has_its_report_and_an_open_one_goes_on(
    settings: Settings,
) -> None:
    first_schema(settings)
    store = open_store(settings)
    interviews = Interviews(desk, store=lambda: store, now=lambda: NOON)
    finished, open_ = sorted(interviews.all("ada"), key=lambda kept: not kept.state.finished)
    assert finished.state.finished and interviews.get("ada", finished.id).state.rounds
    going = interviews.get("ada", open_.id)
    while going.state.phase != "question":
        move = {"probe": Skip(), "sure": Sure(sure=3), "feedback": Show(), "shown": Next()}
        going = interviews.turn("ada", going.id, move[going.state.phase], seen=going.version)
    after = interviews.turn("ada", going.id, Say(text="Watch the inputs."), seen=going.version)
    assert after.version == going.version + 1
    store.close()
