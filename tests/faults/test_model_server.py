"""A model server that is silent, slow, cut off or wrong: the material's own words are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Serve, another_process
from fastapi.testclient import TestClient
from scripted_model import END, OPEN, WHOLE, ScriptedModel, says, scripted_model

from mentor.models.chat import open_chat
from mentor.settings import load_settings

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
SALARY = "What does a junior ML engineer earn?"
TRUE = "A junior ML engineer earns $95,000–$130,000 a year."


def asked(serve: Serve, model: ScriptedModel, *, patience: float = 1.0) -> dict[str, object]:
    """What the API answers."""
    client = serve(chat=open_chat(load_settings(model=model.url)), patience=patience)
    reply = client.post("/api/v1/chat", json={"question": SALARY, "stream": False})
    assert "Traceback" not in reply.text
    kept = client.get("/api/v1/conversations").json()["conversations"]
    assert len(kept) == (reply.status_code == 200), "what was answered is kept, and nothing else"
    return {"status": reply.status_code, **reply.json()}


def test_a_server_that_says_nothing_is_not_waited_for(serve: Serve) -> None:
    with scripted_model(hangs=True) as model:
        answer = asked(serve, model)  # had it been waited for, a minute later this were an error
    assert (answer["status"], answer["mode"]) == (200, "quoted")
    assert "$95,000" in str(answer["answer"])


def test_a_server_that_stops_in_the_middle_leaves_what_it_said(serve: Serve) -> None:
    with scripted_model(OPEN, says(f"{TRUE} It "), hangs=True) as model:
        answer = asked(serve, model)
    assert answer["status"] == 200 and answer["mode"] in ("drafted", "mixed")
    assert str(answer["answer"]).startswith(TRUE)


@pytest.mark.parametrize("cut", [OPEN, WHOLE], ids=["cut off", "ended early"])
def test_a_server_that_is_cut_off_leaves_what_it_said_and_nothing_half_said(
    cut: bytes, serve: Serve
) -> None:
    with scripted_model(cut, says(f"{TRUE} A junior "), says("works")) as model:
        answer = asked(serve, model)
    assert answer["status"] == 200 and answer["mode"] in ("drafted", "mixed")
    assert str(answer["answer"]).startswith(TRUE) and "A junior works" not in str(answer["answer"])


def test_a_server_that_is_cut_off_in_its_first_sentence_is_replaced_by_the_material(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    with scripted_model(OPEN, says("A junior ML engineer "), says("earns")) as model:
        answer = asked(serve, model)
    assert (answer["status"], answer["mode"]) == (200, "quoted")
    assert "$95,000" in str(answer["answer"])
    assert any("A draft broke off" in record.getMessage() for record in caplog.records), (
        "for operators"
    )


@pytest.mark.parametrize(
    "sent",
    [
        WHOLE + says("") * 3 + END,
        WHOLE + says("\x00\ufffd\u202e") + END,
        WHOLE + says("<script>alert(1)</script> See https://evil.example. ") + END,
        WHOLE + says("A junior earns $900,000 a year. ") * 20 + END,
        WHOLE + says("and " * 50) * 200 + END,
        WHOLE + b'data: {"choices": []}\n\n' + END,
    ],
    ids=[
        *("empty words", "no words"),
        *("a script", "lies", "no end", "no choice"),
    ],
)
def test_what_a_server_says_wrongly_is_not_shown(sent: bytes, serve: Serve) -> None:
    with scripted_model(sent) as model:
        answer = asked(serve, model)
    assert (answer["status"], answer["mode"]) == (200, "quoted")
    assert "$95,000" in str(answer["answer"])
    assert not {"script", "evil", "900,000"} & set(str(answer["answer"]).replace("$", " ").split())


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        WHOLE,
        WHOLE + END,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nLog in",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        WHOLE + b"data: {not json\n\n",
        WHOLE + b"data: [1, 2]\n\n",
        WHOLE + b'data: {"error": {"message": "out of memory"}}\n\n',
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 50000\r\n\r\n<html>"
        + b"<b>sorry</b>" * 5_000,
    ],
    ids=[
        *("nothing", "no stream", "an end alone", "a page to log in", "another protocol"),
        *("no JSON", "a list", "an error", "a gateway's page"),
    ],
)
def test_a_server_that_does_not_begin_is_told_with_a_cure(sent: bytes, serve: Serve) -> None:
    with scripted_model(sent) as model:
        problem = asked(serve, model)
    assert (problem["status"], problem["type"]) == (503, "urn:mentor:problem:unavailable")
    assert problem["cure"]
    assert len(str(problem["title"])) < 400 and "<b>" not in str(problem["title"])


ASKS = """
import sys
from pathlib import Path
from conftest import shipped_syllabus, small_mentor
from mentor.models.chat import open_chat
from mentor.settings import load_settings

settings = load_settings(patience=1)
chat = open_chat(settings)
print(small_mentor(settings, Path(sys.argv[1]), shipped_syllabus(), chat=chat).answer(sys.argv[2]))
"""


def test_a_process_ends_with_its_answer_although_the_server_hangs(small_index: Path) -> None:
    with scripted_model(hangs=True) as model:
        asks = another_process(ASKS, small_index, SALARY, MENTOR_MODEL=model.url)
        said, complaints = asks.communicate(timeout=100)  # the server would be waited for 120 s
        assert model.asked >= 1
    assert (asks.returncode, "$95,000" in said) == (0, True), complaints
    assert "Traceback" not in complaints


def test_a_server_that_comes_back_is_asked_again(serve: Serve) -> None:
    with scripted_model(b"") as model:
        client: TestClient = serve(chat=open_chat(load_settings(model=model.url)))
        question = {"question": SALARY, "stream": False}
        assert client.post("/api/v1/chat", json=question).status_code == 503
        model.script = lambda send, _: send(WHOLE + says(TRUE) + END)
        assert client.post("/api/v1/chat", json=question).json()["mode"] in ("mixed", "drafted")
