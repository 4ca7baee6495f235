"""The HTTP API: what a learner's client does with it, over real plans and a real store."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from conftest import SECRET, Build, Serve, bearer, listening
from fastapi.testclient import TestClient
from httpx import Response

from mentor.errors import MentorError, ModelBusy
from mentor.models.chat import ScriptedChat
from mentor.sources import root_at
from mentor_ui.api import widget_files
from mentor_ui.server import _warm

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


def test_a_question_without_a_conversation_begins_one(client: TestClient) -> None:
    begun = ask(client, SALARY).headers["mentor-conversation"]
    listed = client.get("/api/v1/conversations").json()["conversations"]
    assert [(talk["id"], talk["title"]) for talk in listed] == [(begun, SALARY)]


def test_a_question_outside_the_material_is_refused_as_an_event(client: TestClient) -> None:
    events = dict(events_of(ask(client, "How long should I boil an egg?")))
    assert events["refusal"]["text"]
    assert events["done"]["answer"]["refused"] is True


def test_an_empty_question_is_a_problem_and_no_stream(client: TestClient) -> None:
    reply = ask(client, "  ?! ")
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["type"] == "urn:mentor:problem:question"
    assert problem["cure"] == "Type a question in words."


def test_a_full_line_ends_the_stream_in_an_error_with_the_seconds_to_wait(serve: Serve) -> None:
    def full(_: str) -> str:
        raise ModelBusy("The mentor is busy.", cure="Ask again in a moment.", retry_after=47.2)

    client = serve(chat=ScriptedChat(script=full))
    name, data = events_of(ask(client, SALARY))[-1]
    assert (name, data["status"], data["retry_after"]) == ("error", 429, 48)
    whole = ask(client, SALARY, stream=False)
    assert (whole.status_code, whole.headers["retry-after"]) == (429, "48")
    assert client.get("/api/v1/conversations").json() == {"conversations": []}


def test_the_lesson_that_is_open_is_preferred_and_an_unknown_one_changes_nothing(
    serve: Serve,
) -> None:
    client = serve()

    def scores(context: str | None) -> dict[str, float]:
        asked = ask(client, "Tell me about an ML engineer", context=context)
        hits = dict(events_of(asked))["sources"]["hits"]
        return {hit["passage"]["section"]: hit["score"] for hit in hits}

    usual = scores(None)
    assert scores("stage-9/nothing") == usual
    for context in ("senior", "levels/Senior", "corpus/levels/senior", "corpus/levels/senior.md"):
        lifted = {section for section, score in scores(context).items() if score > usual[section]}
        assert lifted == {"senior", "senior#salary"}, context
    assert scores("corpus/stag") == usual


@pytest.mark.enable_socket
def test_who_leaves_stops_the_answer_and_nothing_of_it_is_kept(serve: Serve) -> None:
    def slow(_: str) -> str:
        time.sleep(1)
        return "A junior ML engineer trains models under guidance."

    cookies = httpx.Cookies()
    with listening(serve(chat=ScriptedChat(script=slow)).app) as address:
        cookies.update(httpx.get(f"{address}/api/v1/me", timeout=30).cookies)
        with (
            httpx.Client(base_url=address, cookies=cookies, timeout=30) as client,
            client.stream("POST", "/api/v1/chat", json={"question": SALARY}) as reply,
        ):
            assert next(line for line in reply.iter_lines() if line == "event: sources")
        with httpx.Client(base_url=address, cookies=cookies, timeout=30) as client:
            until = time.monotonic() + 20
            while "mentor_streams 0.0" not in client.get("/api/v1/metrics").text:
                assert time.monotonic() < until, "the answer goes on though nobody listens"
                time.sleep(0.1)
            assert client.get("/api/v1/conversations").json() == {"conversations": []}


# --- a request that is repeated -----------------------------------------------------------------


def test_a_repeated_chat_is_kept_once_and_answered_at_once(client: TestClient) -> None:
    key = {"Idempotency-Key": "k1"}
    first = ask(client, SALARY, conversation="c1", headers=key)
    again = ask(client, SALARY, conversation="c1", headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert [name for name, _ in events_of(again)] == ["done"]
    assert events_of(again)[-1] == events_of(first)[-1]
    assert again.headers["mentor-turn"] == first.headers["mentor-turn"] == "1"
    assert len(client.get("/api/v1/conversations/c1").json()["turns"]) == 1


def test_a_key_stands_for_one_request_only(client: TestClient) -> None:
    key = {"Idempotency-Key": "k1"}
    ask(client, SALARY, headers=key)
    other = ask(client, "What is stage 1?", headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "urn:mentor:problem:invalid")


def test_a_failed_request_gives_its_key_back(serve: Serve) -> None:
    answers = iter([ModelBusy("Busy."), "Nothing."])

    def script(_: str) -> str:
        answer = next(answers)
        if isinstance(answer, MentorError):
            raise answer
        return answer

    client = serve(chat=ScriptedChat(script=script))
    key = {"Idempotency-Key": "k1"}
    assert events_of(ask(client, SALARY, headers=key))[-1][0] == "error"
    assert events_of(ask(client, SALARY, headers=key))[-1][0] == "done"


async def leave_at_the_first_event(client: TestClient, request: httpx.Request) -> None:
    """Sends `request`, and is gone when the first event comes."""
    coming = iter([{"type": "http.request", "body": request.content, "more_body": False}])
    begun = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if body := next(coming, None):
            return body
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message.get("body"):
            begun.set()
            await asyncio.Event().wait()

    url = request.url
    headers = [(name.lower(), value) for name, value in request.headers.raw]
    scope = {"type": "http", "method": request.method, "scheme": url.scheme, "path": url.path,
             "query_string": b"", "root_path": "", "headers": headers}  # fmt: skip
    await client.app(scope, receive, send)


def test_an_answer_in_an_interview_is_said_once_although_its_reply_was_cut(serve: Serve) -> None:
    client, ada = serve(token_secret=SECRET), bearer("ada")
    ask(client, "Interview me, junior level", conversation="c1", headers=ada)
    answer = client.build_request(
        "POST",
        "/api/v1/chat",
        json={"question": "I split the data before I look at it.", "conversation": "c1"},
        headers=ada | {"Idempotency-Key": "k1"},
    )
    asyncio.run(leave_at_the_first_event(client, answer))
    assert client.send(answer).headers["idempotency-replayed"] == "true"
    (interview,) = client.get("/api/v1/interviews", headers=ada).json()["interviews"]
    screen = client.get(f"/api/v1/interviews/{interview['id']}", headers=ada).json()
    assert [said["text"] for said in screen["said"]] == ["I split the data before I look at it."]
    assert len(client.get("/api/v1/conversations/c1", headers=ada).json()["turns"]) == 2


def test_progress_marked_twice_under_one_key_is_one_mark(client: TestClient) -> None:
    lesson = {"item": "lessons/python-for-data-science"}
    key = {"Idempotency-Key": "k1"}
    first = client.post("/api/v1/progress", json=lesson, headers=key)
    again = client.post("/api/v1/progress", json=lesson, headers=key)
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert len(client.get("/api/v1/progress").json()["done"]) == 1


# --- conversations, feedback --------------------------------------------------------------------


def test_a_conversation_is_found_renamed_printed_and_deleted(client: TestClient) -> None:
    ask(client, SALARY, conversation="c1")
    talk = "/api/v1/conversations/c1"
    assert client.patch(talk, json={"title": "Pay"}).json()["title"] == "Pay"
    for words, found in (("95,000", 1), ("Pay", 1), ("drift", 0)):
        listed = client.get("/api/v1/conversations", params={"search": words}).json()
        assert len(listed["conversations"]) == found
    assert client.get(f"{talk}/transcript").text.startswith("# Pay\n")
    assert client.delete(talk).status_code == 204
    assert client.get(talk).json()["type"] == "urn:mentor:problem:missing"


def test_feedback_is_kept_for_an_answer_that_there_is(client: TestClient) -> None:
    ask(client, SALARY, conversation="c1")
    opinion = {"about": "c1/1", "verdict": "down", "reason": "Too old."}
    assert client.post("/api/v1/feedback", json=opinion).status_code == 201
    assert client.post("/api/v1/feedback", json={**opinion, "about": "c1/2"}).status_code == 404
    (kept,) = client.get("/api/v1/feedback").json()["feedback"]
    assert (kept["about"], kept["reason"]) == ("c1/1", "Too old.")


# --- plan and progress --------------------------------------------------------------------------


def test_a_proposal_is_read_from_the_kept_answer_and_a_yes_does_it(client: TestClient) -> None:
    done = events_of(ask(client, "I know Python, where do I start?", conversation="c1"))[-1][1]
    (proposal,) = done["answer"]["proposals"]
    yes = f"/api/v1/conversations/c1/turns/1/proposals/{proposal['id']}/accept"
    assert client.get("/api/v1/plan").status_code == 404
    assert client.post(yes).json()["said"].startswith("Kept.")
    assert client.get("/api/v1/plan").json()["plan"]["steps"]
    assert client.post(yes.replace("keep-plan", "make-me-senior")).status_code == 404


def test_a_lesson_is_marked_as_done_by_a_yes_to_its_proposal(client: TestClient) -> None:
    done = ask(client, "mark Python for data science as done", conversation="c1", stream=False)
    lesson = "lessons/python-for-data-science"
    offered = f"done-{lesson}"
    assert offered in {proposal["id"] for proposal in done.json()["proposals"]}
    proposals = "/api/v1/conversations/c1/turns/1/proposals"
    for id_ in (offered, quote(offered, safe="")):
        assert client.post(f"{proposals}/{id_}/accept").status_code == 200, id_
    assert {done["item"] for done in client.get("/api/v1/progress").json()["done"]} == {lesson}


def test_a_plan_is_looked_at_before_it_is_kept_and_taken_along(client: TestClient) -> None:
    wishes = {"target": "mid", "hours": 10, "knows": ["Python"]}
    preview = client.post("/api/v1/plan/preview", json=wishes).json()
    assert preview["changes"] == [] and preview["plan"]["target"] == "mid"
    assert client.get("/api/v1/plan").status_code == 404
    assert client.post("/api/v1/plan", json=wishes).json()["headline"] == preview["headline"]
    changed = client.post("/api/v1/plan/preview", json={"hours": 5}).json()
    assert any("Hours a week: 10 → 5" in line for line in changed["changes"])
    assert client.get("/api/v1/plan.md").text.startswith("# Your plan")
    assert client.get("/api/v1/plan.ics").text.startswith("BEGIN:VCALENDAR")


def test_what_cannot_be_planned_with_is_said_and_nothing_is_kept(client: TestClient) -> None:
    past = client.post("/api/v1/plan", json={"by": "2020-01-01"})
    assert (past.status_code, past.json()["type"]) == (422, "urn:mentor:problem:learner")
    assert client.post("/api/v1/plan", json={"hours": 500}).status_code == 422
    assert client.post("/api/v1/plan", json={"knows": ["alchemy"]}).status_code == 422
    assert client.get("/api/v1/me/export").json()["kept"] is False


def test_an_empty_name_changes_nothing_of_what_is_kept(client: TestClient) -> None:
    kept = client.post("/api/v1/plan", json={"specialisation": "recommender"}).json()["plan"]
    assert kept["specialisation"]
    client.post("/api/v1/progress", json={"item": "lessons/python-for-data-science"})
    assert client.post("/api/v1/plan", json={"specialisation": ""}).status_code == 422
    assert client.post("/api/v1/progress/undo", json={"item": ""}).status_code == 422
    assert client.get("/api/v1/plan").json()["plan"]["specialisation"] == kept["specialisation"]
    assert len(client.get("/api/v1/progress").json()["done"]) == 1


def test_progress_is_marked_shown_and_taken_back(client: TestClient) -> None:
    lesson = "lessons/python-for-data-science"
    assert client.post("/api/v1/progress", json={"item": lesson}).json()["item"] == lesson
    assert client.get("/api/v1/progress").json()["done"][0]["item"] == lesson
    assert client.post("/api/v1/progress/undo", json={}).json()["item"] == lesson
    assert client.post("/api/v1/progress/undo", json={}).status_code == 404
    assert client.get("/api/v1/progress").json()["done"] == []


# --- interviews ---------------------------------------------------------------------------------


def test_an_interview_is_begun_gone_on_with_and_reported(client: TestClient) -> None:
    setup = {"level": "junior", "questions": 1, "seed": 1}
    begun = client.post("/api/v1/interviews", json=setup, headers={"Idempotency-Key": "k"})
    screen = begun.json()
    assert begun.status_code == 201 and screen["version"] == 1
    interview = f"/api/v1/interviews/{screen['interview']}"
    held = client.app.state.mentor.interviews  # type: ignore[attr-defined]
    who = client.get("/api/v1/me").json()["learner"]
    assert held.open(who).state.window == "api", "so that a chat is told"
    assert client.post(
        "/api/v1/interviews", json=setup, headers={"Idempotency-Key": "k"}
    ).json() == (screen)
    said = {"seen": 1, "move": {"move": "say", "text": "I split the data before I look at it."}}
    after = client.post(f"{interview}/turns", json=said)
    assert after.status_code == 200 and after.json()["version"] == 2
    stale = client.post(f"{interview}/turns", json=said)
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:mentor:problem:conflict")
    ended = client.post(f"{interview}/turns", json={"seen": 2, "move": {"move": "stop"}})
    assert ended.json()["version"] == 3
    assert client.get(interview).json() == ended.json()
    (listed,) = client.get("/api/v1/interviews").json()["interviews"]
    assert listed["finished"] and len(listed["scores"]) == 1
    assert client.get(f"{interview}/report").json()["questions"]
    assert client.get(f"{interview}/report.md").text.startswith("# ")
    assert client.get("/api/v1/interviews/nothing").status_code == 404
    too_late = client.post(f"{interview}/turns", json={"seen": 3, "move": {"move": "next"}})
    assert (too_late.status_code, too_late.json()["type"]) == (422, "urn:mentor:problem:interview")


# --- the material, the learner, the server --------------------------------------------------------


def test_the_material_is_listed_searched_and_read(client: TestClient) -> None:
    pages = {page["id"] for page in client.get("/api/v1/library").json()["pages"]}
    assert pages == {"junior", "senior", "corpus/stages"}
    assert len(client.get("/api/v1/library/junior").json()["passages"]) == 3
    assert client.get("/api/v1/library/boundaries").status_code == 404
    hit = client.get("/api/v1/sources", params={"question": SALARY}).json()["hits"][0]["passage"]
    one = client.get("/api/v1/source", params={"passage": hit["id"]}).json()
    assert one == hit and "$95,000" in one["text"]
    assert client.get("/api/v1/source", params={"passage": "nothing~0"}).status_code == 404


def test_a_portal_keeps_an_answer_to_its_course_or_prefers_it(
    serve: Serve, build: Build, home: Path, tmp_path: Path
) -> None:
    course = tmp_path / "course"
    course.mkdir()
    (course / "pay.md").write_text("# Pay\n\nA junior ML engineer earns 61,000 euros with us.\n")
    build(root_at(course, name="our course", url="https://portal.example/course"))
    client = serve(index=home / "index")

    pages = client.get("/api/v1/library").json()["pages"]
    assert {page["id"]: page["collection"] for page in pages}["course/pay"] == "our course"
    assert {page["collection"] for page in pages} == {"our course", "corpus"}

    def found(**choice: str) -> list[str]:
        asked = client.get("/api/v1/sources", params={"question": SALARY, **choice})
        return [hit["passage"].get("collection", "corpus") for hit in asked.json()["hits"]]

    assert set(found()) == {"our course", "corpus"}
    assert set(found(only="our course")) == {"our course"}
    assert found(prefer="our course")[0] == "our course"

    answer = ask(client, SALARY, only="our course", stream=False).json()
    cited = {(c["collection"], c["url"]) for c in answer["citations"]}
    assert cited == {("our course", "https://portal.example/course/pay.md")}
    assert "61,000" in ask(client, SALARY, prefer="our course", stream=False).json()["answer"]

    for refused in (
        ask(client, SALARY, only="nothing", stream=False),
        client.get("/api/v1/sources", params={"question": SALARY, "only": "nothing"}),
    ):
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:mentor:problem:question")
        assert "our course" in refused.json()["cure"]


def test_a_learner_takes_everything_along_and_erases_it(client: TestClient) -> None:
    ask(client, SALARY, conversation="c1", headers={"Idempotency-Key": "k"})
    exported = client.get("/api/v1/me/export").json()
    assert exported["kept"] and exported["turns"][0]["question"] == SALARY
    assert client.delete("/api/v1/me").json()["erased"] is True
    assert client.get("/api/v1/me/export").json()["kept"] is False
    assert client.get("/api/v1/conversations").json() == {"conversations": []}


def test_the_server_says_when_it_is_ready_and_what_it_did(serve: Serve, tmp_path: Path) -> None:
    client = serve()
    assert client.get("/api/v1/health").json() == {"status": "ok", "weights": "ok"}
    assert client.get("/api/v1/ready").status_code == 200
    client.app.state.weights = "warming up"  # type: ignore[attr-defined]
    assert client.get("/api/v1/ready").status_code == 503
    assert client.get("/api/v1/health").json() == {"status": "ok", "weights": "warming up"}
    ask(client, SALARY)
    figures = client.get("/api/v1/metrics").text
    assert 'mentor_answers_total{mode="quoted"} 1.0' in figures
    assert 'route="/api/v1/chat",status="200"' in figures.replace('method="POST",', "")
    assert "process_resident_memory_bytes" in figures


def test_a_server_that_started_without_its_index_is_ready_when_the_index_is_there(
    serve: Serve, build: Build, home: Path
) -> None:
    app = serve(index=home / "index", page=True).app
    _warm(app.state.mentor, app)  # type: ignore[attr-defined]
    client = TestClient(app, base_url="http://127.0.0.1")
    state = client.get("/api/v1/ready")
    assert state.status_code == 503
    assert (state.json()["weights"], "no index" in state.json()["index"]) == ("ok", True)
    build()
    assert client.get("/api/v1/ready").status_code == 200


def test_a_database_that_fails_is_a_problem_without_a_traceback(
    serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "home" / "data" / "mentor.db").mkdir(parents=True)
    client = serve()
    reply = client.get("/api/v1/conversations")
    assert reply.status_code == 503
    assert reply.json()["type"] == "urn:mentor:problem:unavailable"


def test_an_unknown_path_and_a_wrong_method_are_problems(client: TestClient) -> None:
    assert client.get("/api/v1/nothing").json()["type"] == "urn:mentor:problem:missing"
    wrong = client.put("/api/v1/plan")
    assert (wrong.status_code, wrong.json()["type"]) == (405, "urn:mentor:problem:method")


def test_the_widget_says_how_to_build_it_where_it_is_not(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(widget_files, "FILES", tmp_path)
    assert client.get("/widget.js").json()["cure"] == "Run `make widget`."
    (tmp_path / "widget.js").write_text("export {};")
    (tmp_path.parent / "secret.js").write_text("no")
    assert client.get("/widget.js").headers["location"] == "/widget/v1/widget.js"
    served = client.get("/widget/v1/widget.js")
    assert served.headers["cross-origin-resource-policy"] == "cross-origin"
    assert client.get("/widget/v1/..%2Fsecret.js").status_code == 404


def test_the_api_documents_itself_without_calling_a_stranger(client: TestClient) -> None:
    page = client.get("/api/docs").text
    assert "/api/docs/files/swagger-ui-bundle.js" in page and "cdn" not in page
    assert client.get("/api/docs/files/swagger-ui-bundle.js").status_code == 200
    assert "/api/v1/chat" in client.get("/api/openapi.json").json()["paths"]
