"""The HTTP API: what a learner's client does with it, over real plans and a real store."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import Serve
from fastapi.testclient import TestClient
from httpx import Response

SALARY = "What does a junior ML engineer earn?"


@pytest.fixture
def client(serve: Serve) -> TestClient:
    """A browser on loopback, which keeps its cookie."""
    return serve()


def events_of(reply: Response) -> list[tuple[str, dict[str, Any]]]:
    """(name, data) of each event of a stream."""
    assert reply.headers["content-type"].startswith("text/event-stream"), reply.text
    found = []
    for block in reply.text.split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith(":")]
        if lines:
            name, data = lines
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def ask(client: TestClient, question: str, **more: Any) -> Response:
    headers = more.pop("headers", {})
    return client.post("/api/v1/chat", json={"question": question, **more}, headers=headers)


# --- chat ---------------------------------------------------------------------------------------


def test_an_answer_arrives_as_named_events_and_ends_in_done(client: TestClient) -> None:
    reply = ask(client, SALARY, conversation="c1")
    events = events_of(reply)
    names = [name for name, _ in events]
    assert names[:2] == ["searching", "sources"] and names[-1] == "done"
    assert names.count("done") == 1 and "sentence" in names
    assert all(data["type"] == name for name, data in events)
    said = next(data for name, data in events if name == "sentence")
    cited = said["citations"][0]
    assert cited["quote"] == cited["passage_text"][cited["start"] : cited["end"]]
    assert "$95,000" in events[-1][1]["answer"]["answer"]
    assert reply.headers["mentor-conversation"] == "c1"
    assert reply.headers["mentor-turn"] == "1"


def test_the_conversation_is_the_history_of_the_next_question(client: TestClient) -> None:
    ask(client, SALARY, conversation="c1")
    reply = ask(client, "and seniors?", conversation="c1", stream=False)
    assert "$157,000" in reply.json()["answer"]
    assert reply.headers["mentor-turn"] == "2"
    whole = client.get("/api/v1/conversations/c1").json()
    assert [turn["answer"]["question"] for turn in whole["turns"]] == [SALARY, "and seniors?"]
