"""Mock interviews on their pages; told by requests as a browser without a script sends them."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from conftest import SECRET, Serve, bearer, shipped_bank
from fastapi.testclient import TestClient
from httpx import Response
from interviewing import DRIFT, strong
from paging import OWN, sent, text_of, with_pages

from mentor.interview.state import Resume
from mentor.questions import Question


@pytest.fixture
def page(serve: Serve) -> TestClient:
    return with_pages(serve())


def begun(page: TestClient, **setup: str | list[str]) -> Response:
    """The first question."""
    return sent(page, "/interview", **({"topic": DRIFT, "questions": "2"} | setup))


def moved(page: TestClient, at: Response, move: str, **fields: str) -> Response:
    """What a button of the page leads to."""
    return sent(page, at.url.path.removesuffix("/report"), seen=seen(at), move=move, **fields)


def seen(at: Response) -> str:
    found = re.search(r'name="seen" value="(\d+)"', at.text)
    assert found is not None
    return found[1]


def question_of(at: Response) -> Question:
    """The question that is asked on a page."""
    found = re.search(r'id="question"[^>]*>(.*?)</p>', at.text, re.S)
    assert found is not None
    asked = html.unescape(re.sub(r"</?code>", "`", found[1]))
    return next(q for q in shipped_bank().questions.values() if q.question.strip() == asked)


def graded(page: TestClient, at: Response, answer: str, *, sure: str = "") -> Response:
    """The feedback on an answer, all probes skipped."""
    at = moved(page, at, "say", text=answer)
    while 'id="probe"' in at.text:
        at = moved(page, at, "skip")
    return moved(page, at, "sure", sure=sure)


def next_of(page: TestClient, at: Response) -> Response:
    return moved(page, moved(page, at, "show"), "next")


def test_a_whole_interview_from_the_set_up_to_the_report(page: TestClient) -> None:
    assert "None is finished yet" in text_of(page.get("/interview"))
    at = begun(page, timer="on")
    assert "Question 1 of 2" in text_of(at) and 'role="timer"' in at.text
    question = question_of(at)
    point = shipped_bank().points[next(iter(question.points))]
    at = graded(page, at, f"{point.met} I also like tea.", sure="5")
    assert "Feedback on question 1 of 2" in text_of(at)
    assert re.search(r'<mark class="met">[^<]+</mark>', at.text)
    assert "What was missing, and why an interviewer cares:" in text_of(at)
    assert 'href="/library/lessons/model-monitoring' in at.text
    shown = moved(page, at, "show")
    assert question.model_answer.split(".")[0] in text_of(shown)
    at = moved(page, shown, "next")
    assert "Question 2 of 2" in text_of(at)
    report = next_of(page, graded(page, at, strong(question_of(at))))
    assert report.url.path.endswith("/report")
    assert "on 2 questions" in text_of(report) and "By topic" in text_of(report)
    assert "5 of 5" in text_of(report) and "not said" in text_of(report)
    past = page.get("/interview")
    assert "Junior: Model Monitoring & Drift Detection" in text_of(past)
    assert str(report.url.path) in past.text


def test_a_hint_and_a_pause_keep_what_was_typed(page: TestClient) -> None:
    at = begun(page)
    address = at.url.path
    for move in ("hint", "pause", "resume"):
        fields = {"seen": seen(at), "move": move, "text": "Half an answ"}
        at = page.post(address, data=fields, headers=OWN)
        assert "Half an answ" in at.text
    question = question_of(at)
    assert question.hint in text_of(at)
    assert ">Hint</button>" not in at.text, "there is one"
    feedback = graded(page, at, strong(question))
    assert "(after the hint)" in text_of(feedback)


def test_what_was_typed_before_a_pause_is_there_when_the_learner_comes_back(
    page: TestClient,
) -> None:
    at = begun(page)
    fields = {"seen": seen(at), "move": "pause", "text": "Half an answ"}
    page.post(at.url.path, data=fields, headers=OWN)
    later = page.get(at.url.path)  # the page was closed in between
    assert "Everything is kept" in text_of(later) and "Half an answ" in text_of(later)
    moved(page, later, "resume")
    back = page.get(at.url.path)
    assert ">Half an answ</textarea>" in back.text
    probe = moved(page, back, "say", text="Half an answer, and no more.")
    assert "></textarea>" in probe.text


def test_a_second_window_overwrites_nothing_and_loses_no_words(page: TestClient) -> None:
    at = begun(page)
    moved(page, at, "hint")
    fields = {"seen": seen(at), "move": "say", "text": "From the other window."}
    stale = page.post(at.url.path, data=fields, headers=OWN)
    assert stale.status_code == 409
    assert "went on in another window" in text_of(stale)
    assert ">From the other window.</textarea>" in stale.text
    again = page.post(at.url.path, data={**fields, "seen": seen(stale)}, headers=OWN)
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"move": "say", "text": "  "}, "The answer is empty."),
        ({"move": "next"}, "is not possible now"),
        ({"move": "fly"}, "no move of an interview"),
        ({}, "no move of an interview"),
    ],
)
def test_what_is_no_move_is_said_and_the_question_stays(
    page: TestClient, fields: dict[str, str], said: str
) -> None:
    at = begun(page)
    reply = page.post(at.url.path, data={"seen": seen(at), **fields}, headers=OWN)
    assert reply.status_code == 422
    assert said in text_of(reply) and "Question 1 of 2" in text_of(reply)


def test_own_words_are_kept_beside_a_point_and_a_second_try_is_marked(page: TestClient) -> None:
    at = begun(page)
    question = question_of(at)
    point = shipped_bank().points[next(iter(question.points))]
    at = graded(page, at, f"{point.met}\nI also like tea.")
    open_ = re.search(r'<option value="([\w-]+)">', at.text)
    assert open_ is not None and 'value="I also like tea."' in at.text
    at = moved(page, at, "claim", point=open_[1], words="I also like tea.", question=question.id)
    assert "You say that you made a point with “I also like tea.”" in text_of(at)
    assert at.url.fragment == "claims" and 'id="claims"' in at.text
    again = moved(page, moved(page, at, "retry"), "say", text=strong(question))
    assert "second try" in text_of(again) and ">Second try</button>" not in again.text
    report = moved(page, again, "stop")
    assert "It counts nowhere else." in text_of(report)
    later = moved(page, report, "claim", point=open_[1], words=point.met, question=question.id)
    assert text_of(later).count("You say that you made a point") == 2
    assert later.url.fragment == "question-1" and 'id="question-1"' in later.text


def test_an_interview_waits_and_is_stopped_before_an_answer(page: TestClient) -> None:
    at = begun(page)
    waiting = page.get("/interview")
    assert "Waiting for you" in text_of(waiting) and at.url.path in waiting.text
    over = moved(page, at, "stop")
    assert "over before a question was answered" in text_of(over)
    assert "ended before an answer" in text_of(page.get("/interview"))
    report = page.get(f"{at.url.path}/report")
    assert report.status_code == 422 and "Answer a question first." in text_of(report)


def test_what_was_missed_is_due_on_a_later_day(page: TestClient) -> None:
    held = page.app.state.mentor.interviews  # type: ignore[attr-defined]
    held._now = lambda: datetime.now(UTC) - timedelta(days=30)
    at = begun(page, questions="1")
    missed = question_of(at)
    next_of(page, graded(page, at, "I have never worked with that."))
    held._now = lambda: datetime.now(UTC)
    hall = page.get("/interview")
    assert " ".join(missed.question.split()) in text_of(hall)
    drill = sent(page, "/interview", aim="due", questions="1")
    assert "asked again" in text_of(drill)


def test_a_good_interview_is_marked_in_the_plan_on_a_yes(page: TestClient) -> None:
    at = begun(page, questions="3")
    for _ in range(3):
        at = next_of(page, graded(page, at, strong(question_of(at))))
    assert "Mark practice on Model Monitoring & Drift Detection as done" in text_of(at)
    path = at.url.path.removesuffix("/report") + "/proposals"
    done = sent(page, path, proposal=f"practice-{DRIFT}")
    assert "Your plan knows of it" in text_of(done)
    assert "Mark practice" not in text_of(done)
    marked = "Interview practice: Model Monitoring & Drift Detection done"
    assert marked in text_of(page.get("/plan"))


def test_a_yes_that_is_sent_again_gets_the_answer_that_was_lost(page: TestClient) -> None:
    at = begun(page, questions="3")
    for _ in range(3):
        at = next_of(page, graded(page, at, strong(question_of(at))))
    path = f"/api/v1{at.url.path.removesuffix('/report').replace('/interview/', '/interviews/')}"
    key = {"Idempotency-Key": "k"}
    yes = [page.post(f"{path}/proposals/practice-{DRIFT}/accept", headers=key) for _ in range(2)]
    assert [reply.status_code for reply in yes] == [200, 200]
    assert yes[0].json() == yes[1].json()
    assert page.post(f"{path}/proposals/practice-{DRIFT}/accept").status_code == 404


def test_an_address_that_can_be_none_of_an_interview_is_a_page_for_people(page: TestClient) -> None:
    for path in ("/interview/a%20b", "/interview/x/report?accepted=perhaps"):
        reply = page.get(path)
        assert reply.status_code == 404 and "text/html" in reply.headers["content-type"]


def test_an_address_fills_in_the_set_up(page: TestClient) -> None:
    hall = page.get("/interview", params={"topic": DRIFT, "questions": "3", "level": "mid"})
    assert f'value="{DRIFT}" checked' in hall.text and 'value="mid" checked' in hall.text
    assert 'type="number" min="1" max="20" value="3"' in hall.text
    assert page.get("/interview?level=boss").status_code == 422


def test_a_check_of_a_skill_fills_in_where_it_is_asked_for(page: TestClient) -> None:
    hall = page.get("/interview", params={"skill": "time-management"})
    assert 'value="time-management" checked' in hall.text and 'value="junior" checked' in hall.text
    assert 'type="number" min="1" max="20" value="3"' in hall.text
    unknown = page.get("/interview", params={"skill": "juggling"})
    assert unknown.status_code == 422 and "no question on" in text_of(unknown)


def test_who_answers_on_the_page_is_told_so_in_the_chat(page: TestClient) -> None:
    at = begun(page)
    held = page.app.state.mentor.interviews  # type: ignore[attr-defined]
    who = page.get("/api/v1/me").json()["learner"]
    assert held.open(who).state.window == "page"
    held.turn(who, at.url.path.rpartition("/")[2], Resume(), window="chat")
    moved(page, page.get(at.url.path), "skip")
    assert held.going_on(who, "chat").state.window == "page"


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        ({"aim": "weak"}, "No weak spots are known yet."),
        ({"aim": "due"}, "Nothing is due"),
        ({"questions": "50"}, "1 to 20 questions"),
        ({"kind": "song"}, "cannot be begun with song"),
        ({"topic": "topic-cooking"}, "no question for this choice"),
    ],
)
def test_a_set_up_that_leads_to_no_question_is_said(
    page: TestClient, setup: dict[str, str], said: str
) -> None:
    reply = page.post("/interview", data=setup, headers=OWN)
    assert reply.status_code == 422
    assert said in text_of(reply) and "A new interview" in text_of(reply)


def test_an_interview_of_somebody_else_is_not_there(serve: Serve) -> None:
    page = with_pages(serve(token_secret=SECRET))
    ada, eve = bearer("ada"), bearer("eve")
    there = page.post("/interview", data={"questions": "1"}, headers=ada).headers["Location"]
    assert page.get(there, headers=ada).status_code == 200
    for path in (there, "/interview/none", f"{there}/report"):
        reply = page.get(path, headers=eve)
        assert reply.status_code == 404 and "There is no such interview" in text_of(reply)
    for path in (there, f"{there}/proposals"):
        assert page.post(path, data={"move": "stop", "seen": "1"}, headers=eve).status_code == 404
    assert page.get(there).status_code == 401
    evil = page.post(
        there, data={"move": "stop"}, headers={"Origin": "https://evil.example", **ada}
    )
    assert evil.status_code == 403
    assert "Question 1 of 1" in text_of(page.get(there, headers=ada))


def test_a_page_says_that_the_weights_warm_up(page: TestClient) -> None:
    at = begun(page)
    assert "still warming up" not in text_of(at)
    page.app.state.weights = "warming up"  # type: ignore[attr-defined]
    assert "still warming up" in text_of(page.get(at.url.path))


def test_what_a_candidate_types_stays_text(page: TestClient) -> None:
    at = graded(page, begun(page), "<script>alert(1)</script> is my answer.")
    assert "<script>alert" not in at.text and "&lt;script&gt;alert(1)" in at.text
