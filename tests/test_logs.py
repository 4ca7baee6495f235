"""What the server writes down: JSON or lines, and no words of a learner that nobody asked for."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from conftest import PORTAL, SECRET, Serve, bearer
from fastapi.testclient import TestClient

from mentor.errors import SettingsError
from mentor.settings import Settings, load_settings
from mentor_ui.logs import write_logs

QUESTION = {"question": "What does a junior ML engineer earn, asks Zebulon?", "stream": False}


def ada() -> dict[str, str]:
    """Minted when it is needed: a token does not outlive a long run of tests."""
    return bearer("ada-lovelace")


@pytest.fixture(autouse=True)
def loggers() -> Iterator[None]:
    """Whatever a test makes of the loggers ends with it, and begins as in a process of its own:
    servers of other tests have set up uvicorn's."""
    root, ours = logging.getLogger(), logging.getLogger("mentor")
    theirs = [logging.getLogger(name) for name in ("uvicorn", "uvicorn.error")]
    before = root.handlers, root.level, ours.level
    was = [(each.level, each.propagate) for each in theirs]
    for each in theirs:
        each.setLevel(logging.NOTSET)
        each.propagate = True
    yield
    root.handlers, root.level, ours.level = before
    for each, (level, propagate) in zip(theirs, was, strict=True):
        each.setLevel(level)
        each.propagate = propagate


def written(**flags: object) -> io.StringIO:
    to = io.StringIO()
    write_logs(load_settings(**flags), to)
    return to


def ask(client: TestClient) -> str:
    reply = client.post("/api/v1/chat", json=QUESTION, headers=ada())
    assert reply.status_code == 200
    return str(reply.json()["answer"])


def test_each_request_and_answer_is_one_json_object_without_learner_and_words(serve: Serve) -> None:
    log = written(log="json", log_level="info")
    client = serve(token_secret=SECRET)
    answer = ask(client)
    client.get("/api/v1/conversations/a-conversation-of-mine", headers=ada())
    rows = [json.loads(line) for line in log.getvalue().splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(row) for row in rows)
    answered = next(row for row in rows if "mode" in row)
    assert answered["level"] == "INFO" and answered["sentences"] > 0 and not answered["refused"]
    assert answered["first_sentence_ms"] <= answered["total_ms"]
    asked, looked = (row for row in rows if "route" in row)
    assert (asked["method"], asked["route"], asked["status"]) == ("POST", "/api/v1/chat", 200)
    assert looked["route"] == "/api/v1/conversations/{conversation}"
    for secret in ("Zebulon", "lovelace", "a-conversation-of-mine", answer[:30]):
        assert secret not in log.getvalue()


def test_words_are_logged_only_when_they_are_asked_for(serve: Serve) -> None:
    log = written(log="json", log_level="info", log_words=True)
    answer = ask(serve(token_secret=SECRET, log_words=True))
    (row,) = (json.loads(line) for line in log.getvalue().splitlines() if "Zebulon" in line)
    assert (row["question"], row["answer"]) == (QUESTION["question"], answer)


def test_text_is_for_people_and_quiet_by_default(serve: Serve) -> None:
    log = written()
    client = serve(token_secret=SECRET)
    ask(client)
    assert log.getvalue() == ""
    log = written(log_level="info")
    ask(client)
    assert "INFO answered, quoted in" in log.getvalue()
    assert "INFO POST /api/v1/chat 200" in log.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_says_where_it_broke_and_not_with_what(form: str) -> None:
    log = written(log=form)
    try:
        int("words of Zebulon")
    except ValueError as error:
        logging.getLogger("mentor").error("It broke", exc_info=error)
    assert "ValueError" in log.getvalue() and "test_logs.py" in log.getvalue()
    assert "invalid literal" not in log.getvalue()


def test_what_breaks_is_told_by_its_route_and_without_an_id(serve: Serve) -> None:
    log = written(log="json")
    app = serve(token_secret=SECRET, origins=PORTAL).app

    def breaks(learner: str) -> None:
        raise ValueError(learner)

    app.add_api_route("/api/v1/breaks/{learner}", breaks)  # type: ignore[attr-defined]
    client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    reply = client.get("/api/v1/breaks/lovelace", headers=ada() | {"Origin": PORTAL})
    assert reply.status_code == 500 and "Traceback" not in reply.text
    assert reply.json()["type"] == "urn:mentor:problem:broken"
    assert reply.headers["access-control-allow-origin"] == PORTAL, "the widget can read it"
    (row,) = (json.loads(line) for line in log.getvalue().splitlines())
    assert row["message"] == "GET /api/v1/breaks/{learner} broke"
    assert "ValueError" in row["exc_info"] and "lovelace" not in log.getvalue()
    figures = client.get("/api/v1/metrics", headers=bearer("ops", role="operator")).text
    assert 'route="/api/v1/breaks/{learner}",status="500"} 1.0' in figures


def test_what_libraries_and_the_server_say_takes_the_same_form() -> None:
    log = written(log="json")
    for name in ("uvicorn.error", "chromadb"):
        logging.getLogger(name).warning("Something is odd")
    assert [json.loads(line)["logger"] for line in log.getvalue().splitlines()] == [
        "uvicorn.error",
        "chromadb",
    ]


def test_a_form_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match="log"):
        load_settings(log="xml")


def test_answers_of_every_face_are_counted(serve: Serve) -> None:
    client = serve(token_secret=SECRET)
    mentor = client.app.state.mentor  # type: ignore[attr-defined]
    list(mentor.ask("What does a junior ML engineer earn?"))  # as the page does
    ask(client)
    operator = bearer("operator", role="operator")
    figures = client.get("/api/v1/metrics", headers=operator).text
    assert 'mentor_answers_total{mode="quoted"} 2.0' in figures


def test_settings_of_the_log_have_quiet_defaults() -> None:
    settings = Settings()
    assert (settings.log, settings.log_level, settings.log_words) == ("text", "warning", False)
