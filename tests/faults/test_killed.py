"""Killed with SIGKILL at work: what was confirmed is there, and the next process goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from conftest import another_process, said
from processes import server
from scripted_model import OPEN, says, scripted_model
from sqlalchemy import create_engine, text

from mentor.settings import Settings
from mentor.store import open_store
from mentor.store.conversations import conversations, turns
from mentor.store.engine import alembic_config, postgres_engine

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
SALARY = "What does a junior ML engineer earn?"
TRUE = "A junior ML engineer earns $95,000–$130,000 a year."


def chat(client: httpx.Client, question: str, **more: object) -> httpx.Response:
    headers = {"Idempotency-Key": str(more.pop("key"))} if "key" in more else {}
    asked = {"question": question, "conversation": "c1", **more}
    return client.post("/api/v1/chat", json=asked, headers=headers)


def asked_before(client: httpx.Client) -> list[str]:
    kept = client.get("/api/v1/conversations/c1").json()
    return [turn["answer"]["question"] for turn in kept["turns"]]


def test_killed_while_it_answers_a_server_loses_no_answer_that_was_given(
    home: Path, small_index: Path
) -> None:
    """The widget sends a question once more under the same key when its line breaks."""
    with scripted_model(OPEN, says(f"{TRUE} It is"), hangs=True) as model:
        slow = {"MENTOR_MODEL": model.url, "MENTOR_PATIENCE": "600"}
        with server(home, small_index, **slow) as first, first.client() as client:
            assert chat(client, "Thanks!", stream=False).status_code == 200
            question = {"question": SALARY, "conversation": "c1"}
            headers = {"Idempotency-Key": "k1"}
            with (
                pytest.raises(httpx.TransportError),
                client.stream("POST", "/api/v1/chat", json=question, headers=headers) as stream,
            ):
                for line in stream.iter_lines():
                    if "$95,000" in line:
                        first.kill()
            cookies = client.cookies
    with server(home, small_index) as second, second.client() as client:
        client.cookies = cookies
        assert asked_before(client) == ["Thanks!"], "an answer that was not given is not kept"
        again = chat(client, SALARY, key="k1", stream=False)
        assert again.status_code == 200 and "$95,000" in again.json()["answer"]
        assert asked_before(client) == ["Thanks!", SALARY]


def test_killed_in_an_interview_a_server_goes_on_where_the_learner_was(
    home: Path, small_index: Path
) -> None:
    with server(home, small_index) as first, first.client() as client:
        setup = {"level": "junior", "questions": 2, "seed": 1}
        screen = client.post("/api/v1/interviews", json=setup).json()
        where = f"/api/v1/interviews/{screen['interview']}"
        answer = {"move": "say", "text": "I split the data before I look at it."}
        screen = client.post(f"{where}/turns", json={"seen": 1, "move": answer}).json()
        first.kill()
        cookies = client.cookies
    with server(home, small_index) as second, second.client() as client:
        client.cookies = cookies
        assert client.get(where).json() == screen
        after = client.post(f"{where}/turns", json={"seen": screen["version"], "move": answer})
        assert after.status_code in (200, 422)
        ended = {"seen": client.get(where).json()["version"], "move": {"move": "stop"}}
        assert client.post(f"{where}/turns", json=ended).status_code == 200
        with second.client() as stranger:
            assert stranger.get(where).status_code == 404


# --- migrating ----------------------------------------------------------------------------------

MIGRATES = """
import sys, time
from sqlalchemy import event
from sqlalchemy.engine import Engine
from mentor.settings import load_settings
from mentor.store import open_store

@event.listens_for(Engine, "before_cursor_execute")
def _(connection, cursor, statement, parameters, context, many):
    if statement.strip().startswith(sys.argv[1]):
        print("reached", flush=True)
        time.sleep(600)

open_store(load_settings())
"""
POINTS = (
    "INSERT INTO conversations",
    "UPDATE alembic_version SET version_num='0002'",
    "CREATE TABLE statements",
)


def _first_store(settings: Settings) -> None:
    """A store of the first migration, with two turns of a learner."""
    from alembic import command

    if settings.database_url:
        engine = postgres_engine(settings.database_url)
    else:
        settings.data_dir.mkdir(parents=True)
        engine = create_engine(f"sqlite:///{settings.data_dir / 'mentor.db'}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
        at = datetime(2026, 11, 1, tzinfo=UTC)
        row = {"learner": "ada", "talk": "talk", "at": at}
        connection.execute(text("INSERT INTO learners VALUES ('ada', '{}', :at)"), row)
        answer = json.dumps(said("x").model_dump(mode="json", exclude={"question"}))
        for question in ("What is drift?", "And why?"):
            connection.execute(
                text(
                    "INSERT INTO turns (learner, conversation, question, answer, at) "
                    "VALUES (:learner, :talk, :question, :answer, :at)"
                ),
                {**row, "question": question, "answer": answer},
            )
    engine.dispose()


def test_killed_while_it_migrates_a_store_keeps_everything_and_is_migrated_next_time(
    settings: Settings,
) -> None:
    _first_store(settings)
    where = {"MENTOR_HOME": str(settings.home)}
    if settings.database_url:
        where["MENTOR_DATABASE_URL"] = settings.database_url
    for point in POINTS:
        migrating = another_process(MIGRATES, point, **where)
        assert migrating.stdout is not None
        assert migrating.stdout.readline() == "reached\n"
        migrating.kill()
        migrating.communicate()
    store = open_store(settings)
    (talk,) = conversations(store, "ada")
    assert (talk.title, talk.turns) == ("What is drift?", 2)
    asked = [turn.answer.question for turn in turns(store, "ada", "talk")]
    assert asked == ["What is drift?", "And why?"]
    store.close()
