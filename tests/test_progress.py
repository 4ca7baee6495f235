"""Marks, proposals from results, letters to the consultant, and a plan on paper."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from icalendar import Calendar

from mentor.consultant import Letter, check_consultant, draft_letter, send
from mentor.errors import ConsultantError, LearnerError, SettingsError
from mentor.learner import Done, Learner, Skill
from mentor.plan import Plan, make_plan, standing_of
from mentor.plan.export import hours_text, plan_calendar, plan_from, plan_json, plan_markdown
from mentor.progress import Change, Result, applied, known_by_results, mark_for, results_of
from mentor.settings import shipped
from mentor.syllabus import Syllabus, read_syllabus

TODAY = date(2026, 11, 27)
DRIFT = "monitoring-drift-detection"


@cache
def syllabus() -> Syllabus:
    return read_syllabus(shipped("corpus"))


# --- marks ------------------------------------------------------------------------------------


def test_a_lesson_is_done_today_unless_another_day_is_said() -> None:
    mark = mark_for(syllabus(), "Python for Data Science", today=TODAY)
    assert mark == Done(item="lessons/python-for-data-science", on=TODAY)
    earlier = mark_for(
        syllabus(), "lessons/python-for-data-science", today=TODAY, on=date(2026, 1, 2)
    )
    assert earlier.on == date(2026, 1, 2)


def test_a_skill_is_a_claim_on_a_word_and_evidenced_by_a_link() -> None:
    word = mark_for(syllabus(), "sql", today=TODAY)
    link = mark_for(syllabus(), "sql", today=TODAY, link="https://example.org/x")
    assert isinstance(word, Skill) and word.state == "claimed"
    assert isinstance(link, Skill) and link.state == "evidenced"


@pytest.mark.parametrize("link", ["ftp://x.org", "javascript:alert(1)", "x.org", "", "https://"])
def test_a_link_that_is_no_web_address_is_refused(link: str) -> None:
    with pytest.raises(LearnerError, match="no web address"):
        mark_for(syllabus(), "sql", today=TODAY, link=link)


def test_nothing_is_done_tomorrow() -> None:
    with pytest.raises(LearnerError, match="still to come"):
        mark_for(syllabus(), "sql", today=TODAY, on=TODAY + timedelta(days=1))


def test_a_deliverable_with_a_link_shows_its_skills_and_without_one_none() -> None:
    item = "deliverable-data-exploration-notebook"
    linked = Learner(done=(Done(item=item, on=TODAY, link="https://example.org"),))
    assert standing_of(linked, syllabus()).states["data-cleaning-eda"] == "evidenced"
    bare = Learner(done=(Done(item=item, on=TODAY),))
    assert standing_of(bare, syllabus()).shown == frozenset()
    plan = make_plan(bare, syllabus(), today=TODAY)
    assert any("done without a link" in said for said in plan.assumptions)


def test_the_strongest_state_of_a_skill_counts() -> None:
    states: list[Skill] = [Skill(id="a", state="checked"), Skill(id="a"), Skill(id="b")]
    assert Learner(skills=tuple(states)).states == {"a": "checked", "b": "claimed"}


# --- what results propose ---------------------------------------------------------------------


def result(question: str, day: int, *, passed: bool = True, hinted: bool = False) -> Result:
    on = TODAY + timedelta(days=day)
    return Result(skill=DRIFT, question=question, on=on, passed=passed, hinted=hinted)


def test_three_questions_without_a_hint_on_two_days_propose_the_skill_as_known() -> None:
    good = [result("q1", 0), result("q2", 0), result("q3", 1)]
    (proposed,) = known_by_results(good, Learner())
    assert proposed.id == DRIFT and proposed.state == "checked"
    assert proposed.on == TODAY + timedelta(days=1)
    assert known_by_results(reversed(good), Learner()) == (proposed,), "order does not matter"


@pytest.mark.parametrize(
    "results",
    [
        [],
        [result("q1", 0), result("q2", 0), result("q3", 0)],
        [result("q1", 0), result("q2", 1)],
        [result("q1", 0), result("q1", 1), result("q1", 2)],
        [result("q1", 0), result("q2", 1), result("q3", 1, hinted=True)],
        [result("q1", 0), result("q2", 1), result("q3", 1, passed=False)],
        [result("q1", 0), result("q2", 0), result("q3", 1), result("q3", 2, passed=False)],
    ],
    ids=["none", "one day", "two only", "one again", "a hint", "a failure", "failed later"],
)
def test_less_than_that_proposes_nothing(results: list[Result]) -> None:
    assert known_by_results(results, Learner()) == ()


def test_what_is_checked_is_not_proposed_again_and_a_claim_is() -> None:
    good = [result("q1", 0), result("q2", 0), result("q3", 1)]
    held = Learner(skills=(Skill(id=DRIFT, state="checked"),))
    assert known_by_results(good, held) == ()
    assert known_by_results(good, Learner(skills=(Skill(id=DRIFT),))) != ()


def test_results_are_read_from_the_states_of_interviews() -> None:
    states = [{"results": [result("q1", 0).model_dump(mode="json")]}, {"turn": 1}]
    assert results_of(states) == [result("q1", 0)]


def test_results_that_another_version_kept_in_its_own_form_count_for_nothing() -> None:
    ours = result("q1", 0).model_dump(mode="json")
    theirs = {**ours, "on": {"year": 2030}}
    assert results_of([{"results": [theirs, ours]}]) == [result("q1", 0)]


def test_a_change_is_applied_as_a_whole_or_not_at_all() -> None:
    change = Change(fields={"hours": 9, "target": "mid"}, skills=(Skill(id=DRIFT),))
    learner = applied(Learner(), change)
    assert (learner.hours, learner.target, learner.states) == (9, "mid", {DRIFT: "claimed"})
    with pytest.raises(LearnerError):
        applied(Learner(), Change(fields={"hours": 900}))


# --- the plan on paper ------------------------------------------------------------------------


def a_plan() -> Plan:
    learner = Learner(background="self-taught", hours=6, by=date(2027, 6, 1))
    return make_plan(learner, syllabus(), today=TODAY)


def test_markdown_has_the_first_steps_in_full_and_every_week() -> None:
    plan, page = a_plan(), plan_markdown(a_plan())
    for step in plan.first:
        assert step.title in page and step.why in page and step.done_when in page
        assert step.cites[0].section in page
    assert page.count("\n| ") == len(plan.weeks) + 1
    assert plan.verdict is not None and plan.verdict in page and plan.job_ready in page


def test_the_calendar_has_an_event_for_each_step_in_its_weeks() -> None:
    plan = a_plan()
    events = list(Calendar.from_ical(plan_calendar(plan)).walk("VEVENT"))
    assert [str(e["summary"]) for e in events] == [
        f"{step.title} ({step.planned:g} h)" for step in plan.steps
    ]
    assert len({str(e["uid"]) for e in events}) == len(events)
    starts = [e["dtstart"].dt for e in events]
    assert starts == sorted(starts) and starts[0] == TODAY
    assert all(e["dtend"].dt > e["dtstart"].dt for e in events)


def test_a_plan_without_steps_is_an_empty_calendar() -> None:
    plan = a_plan().model_copy(update={"steps": (), "weeks": ()})
    assert not list(Calendar.from_ical(plan_calendar(plan)).walk("VEVENT"))
    assert "## Weeks" not in plan_markdown(plan)


def test_a_plan_comes_back_from_its_json() -> None:
    plan = a_plan()
    data = json.loads(json.dumps(plan_json(plan)))
    assert plan_from(data) == plan
    assert data["first"] == [step.id for step in plan.first]


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        ((0.25, 0.5), "15–30 minutes"),
        ((10, 16), "10–16 hours"),
        ((2.5, 4), "2.5–4 hours"),
        ((16.67, 26.67), "17–27 hours"),
    ],
)
def test_hours_are_said_as_people_say_them(hours: tuple[float, float], text: str) -> None:
    assert hours_text(hours) == text


# --- the consultant ---------------------------------------------------------------------------


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A real server that takes letters, and those that it took."""
    taken: list[dict[str, str]] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append(json.loads(body))
            self.send_response({"/broken": 500, "/moved": 302}.get(self.path, 204))
            self.send_header("Location", "/login")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"webhook+http://127.0.0.1:{server.server_port}", taken
    server.shutdown()


@pytest.mark.enable_socket
def test_a_webhook_gets_the_letter_that_was_approved(
    webhook: tuple[str, list[dict[str, str]]],
) -> None:
    address, taken = webhook
    assert send(f"{address}/in", Letter(subject="Hi", body="My words. ü")) is None
    assert taken == [{"subject": "Hi", "body": "My words. ü"}]
    for path in ("broken", "moved"):
        with pytest.raises(ConsultantError, match="did not reach"):
            send(f"{address}/{path}", Letter(subject="Hi", body="x"))
    with pytest.raises(ConsultantError):
        send("webhook+http://127.0.0.1:1/in", Letter(subject="Hi", body="x"))


def test_mail_and_pages_are_addresses_for_the_face_to_open() -> None:
    letter = Letter(subject="A & B", body="line\nline?")
    mail = send("mailto:help@example.org", letter)
    assert mail == "mailto:help@example.org?subject=A%20%26%20B&body=line%0Aline%3F"
    assert send("https://example.org/contact", letter) == "https://example.org/contact"


@pytest.mark.parametrize("body", ["", "  \n", "x" * 5000])
def test_a_letter_without_words_or_with_too_many_is_not_sent(body: str) -> None:
    with pytest.raises(LearnerError, match="characters"):
        send("mailto:help@example.org", Letter(subject="s", body=body))


def test_a_letter_is_drafted_from_the_question_alone() -> None:
    assert "What does it cost?" in draft_letter("What does it cost?").body


@pytest.mark.parametrize(
    "setting", [None, "mailto:a@b.org", "https://b.org/x", "webhook+https://b.org/x"]
)
def test_an_address_of_the_three_kinds_is_right(setting: str | None) -> None:
    check_consultant(setting)


@pytest.mark.parametrize("setting", ["", "a@b.org", "javascript:x", "webhook+mailto:a@b.org"])
def test_another_address_is_refused(setting: str) -> None:
    with pytest.raises(SettingsError, match="consultant"):
        check_consultant(setting)
