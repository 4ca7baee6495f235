"""Gradio's own routes behind the gate: what the page does not need is not there, sessions apart."""

from __future__ import annotations

import pytest
from conftest import SECRET, Serve, bearer
from fastapi.testclient import TestClient

from mentor.errors import SettingsError
from mentor_ui import render


@pytest.fixture
def page(serve: Serve) -> TestClient:
    return serve(page=True, token_secret=SECRET)


def test_nobody_sees_the_page_or_talks_to_gradio(page: TestClient) -> None:
    for path in ("/", "/config", "/gradio_api/info", "/gradio_api/queue/data?session_hash=x"):
        assert page.get(path).status_code == 401, path
    for path in ("/gradio_api/queue/join", "/gradio_api/run/predict", "/cv"):
        assert page.post(path, json={}).status_code == 401, path
    person = page.get("/", headers={"Accept": "text/html"})
    assert "learning portal" in person.text


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=https://example.org/",
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/stream/x",
        "/gradio_api/call/asked",
        "/monitoring",
        "/login",
        "/gradio_api/vibe-edit",
    ],
)
def test_what_the_page_does_not_need_is_not_there(page: TestClient, path: str) -> None:
    for method in ("GET", "POST"):
        reply = page.request(method, path, headers=bearer("ada"))
        assert reply.status_code == 404
        assert reply.json()["type"] == "urn:mentor:problem:missing"


def test_a_session_belongs_to_whoever_opened_it(page: TestClient) -> None:
    ada, eve = bearer("ada"), bearer("eve")
    joined = {"data": [], "fn_index": 0, "session_hash": "adas", "event_data": None}
    with page:
        assert page.post("/gradio_api/queue/join", json=joined, headers=ada).status_code == 200
        taken = [
            page.get("/gradio_api/queue/data", params={"session_hash": "adas"}, headers=eve),
            page.post("/gradio_api/queue/join", json=joined, headers=eve),
            page.post("/gradio_api/run/predict", json=joined, headers=eve),
            page.post("/gradio_api/cancel", json={**joined, "event_id": "e"}, headers=eve),
        ]
    assert [reply.status_code for reply in taken] == [404] * 4


def test_the_page_can_say_why_a_question_was_refused(serve: Serve) -> None:
    page = serve(page=True, token_secret=SECRET, learner_rate="1/hour")
    joined = {"data": [], "fn_index": 0, "session_hash": "adas"}
    with page:
        for _ in range(2):
            reply = page.post("/gradio_api/queue/join", json=joined, headers=bearer("ada"))
    told = reply.json()
    assert reply.status_code == 429 and told["type"] == "urn:mentor:problem:rate"
    assert told["detail"] == told["error"] == f"{told['title']} {told['cure']}"
    eves = page.post("/gradio_api/queue/join", json=joined, headers=bearer("eve"))
    assert eves.json()["detail"] == "There is no such session."


def test_the_page_has_words_to_paint_before_any_script_runs(page: TestClient) -> None:
    reply = page.get("/", headers=bearer("ada"))
    before = reply.text.partition("<gradio-app")[0]
    assert 'id="opening"' in before and '<a href="/roadmap">Roadmap</a>' in before
    assert int(reply.headers["content-length"]) == len(reply.content)
    assert page.get("/theme.css", headers=bearer("ada")).status_code == 200


def test_a_tab_holds_no_request_open_while_it_waits(page: TestClient) -> None:
    reply = page.get("/gradio_api/heartbeat/adas", headers=bearer("ada"))
    assert reply.status_code == 204


def test_the_plain_pages_stand_behind_the_same_gate(page: TestClient) -> None:
    for path in ("/library", "/roadmap"):
        assert page.get(path).status_code == 401, path
        assert "<main" in page.get(path, headers=bearer("ada")).text, path


def arrived(page: TestClient, **headers: str) -> str:
    """What the page says of the learner's id, as HTML."""
    wired = page.get("/config", headers=headers).json()["dependencies"]
    here = next(each["id"] for each in wired if each["api_name"] == "arrived")
    call = {"data": ["", []], "fn_index": here, "session_hash": "tab"}
    whose, *_ = page.post("/gradio_api/run/predict", json=call, headers=headers).json()["data"]
    return str(whose)


def test_only_who_sits_at_the_machine_reads_about_its_terminal(serve: Serve) -> None:
    with serve(page=True, host="127.0.0.1", token_secret=SECRET) as behind_a_proxy:
        assert arrived(behind_a_proxy, **bearer("ada")) == ""
    with serve(page=True) as alone:
        assert "mentor progress hand-over" in arrived(alone)


def test_an_id_of_the_portal_is_text_on_the_page() -> None:
    assert "<img" not in render.whose("<img src=x>")


def test_trouble_beside_the_conversation_is_html_and_not_markdown() -> None:
    said = SettingsError("Set <it>.", cure="Set `MENTOR_HOME` first.")
    assert render.told(said) == "Set &lt;it&gt;. Set <code>MENTOR_HOME</code> first."
