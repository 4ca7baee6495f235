"""The plan on its page: form, CV, weeks, marks; told by requests as a browser sends them."""

from __future__ import annotations

import re
import tempfile
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import PORTAL, SECRET, Serve, bearer
from fastapi.testclient import TestClient
from httpx import Response
from paging import OWN, sent, text_of, with_pages

from mentor.interview.desk import Desk
from mentor.interview.scripted import ScriptedGrader
from mentor.interview.select import fitting
from mentor.learner import LEVELS, Learner, Skill
from mentor.plan import make_plan
from mentor.questions import read_bank
from mentor.records import Level
from mentor.settings import shipped
from mentor.store import Store
from mentor.syllabus import read_syllabus
from mentor_ui.plan_view import practice_for

CV = "I wrote Python services with classes. I queried sales data with SQL every week."


@pytest.fixture
def page(serve: Serve) -> TestClient:
    return with_pages(serve())


def store_of(client: TestClient) -> Store:
    store = client.app.state.mentor.store  # type: ignore[attr-defined]
    assert isinstance(store, Store)
    return store


def cv(client: TestClient, data: bytes, name: str = "cv.txt") -> Response:
    return client.post("/plan/cv", files={"file": (name, data)}, headers=OWN)


def test_a_plan_is_looked_at_first_and_kept_on_a_yes(page: TestClient) -> None:
    told = {"hours": "6", "background": "data-scientist"}
    looked = page.post("/plan/new", data=told, headers=OWN)
    assert "With 6 hours a week on track B" in text_of(looked)
    assert "Nothing yet." in text_of(page.get("/plan")), "to look keeps nothing"
    kept = sent(page, "/plan", **told)
    assert "With 6 hours a week on track B" in text_of(kept)
    assert "What to do today" in text_of(kept) and "Week 1 now" in text_of(kept)


def test_what_changes_is_said_before_a_second_plan_is_accepted(page: TestClient) -> None:
    sent(page, "/plan", hours="6")
    looked = text_of(page.post("/plan/new", data={"hours": "12", "track": "C"}, headers=OWN))
    assert "Hours a week: 6 → 12" in looked and "Accept the new plan" in looked
    assert "With 6 hours" in text_of(page.get("/plan"))
    assert "With 12 hours a week on track C" in text_of(sent(page, "/plan", hours="12", track="C"))


def test_no_address_carries_what_a_learner_tells_of_themselves(page: TestClient) -> None:
    for form in re.findall(r"<form[^>]*>", page.get("/plan").text):
        assert 'method="post"' in form
    assert "With 6 hours" not in text_of(page.get("/plan/new?hours=6"))


def test_a_field_that_is_emptied_is_taken_back(page: TestClient) -> None:
    sent(page, "/plan", hours="6", by="2099-01-01")
    emptied = sent(page, "/plan", hours="6", by="")
    assert "2099-01-01" not in emptied.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"hours": "0"}, "Give the hours that you really have"),
        ({"hours": "many"}, "cannot be made with many as the hours a week"),
        ({"by": "2020-01-01"}, "is not in the future"),
        ({"track": "Z"}, "Choose one of A, B, C"),
    ],
)
def test_what_no_plan_can_be_made_with_is_said_beside_the_form(
    page: TestClient, wrong: dict[str, str], said: str
) -> None:
    for reply in (
        page.post("/plan/new", data=wrong, headers=OWN),
        page.post("/plan", data=wrong, headers=OWN),
    ):
        assert reply.status_code == 422
        assert said in text_of(reply) and 'role="alert"' in reply.text
    assert "Week 1" not in page.get("/plan").text


def test_skills_of_a_cv_become_claims_only_where_they_are_ticked(page: TestClient) -> None:
    found = cv(page, CV.encode())
    assert "I queried sales data with SQL every week." in text_of(found)
    assert "Python & OOP Proficiency" in text_of(found)
    fields = re.findall(r'name="words-(sql[\w-]+)" value="([^"]+)"', found.text)
    (skill, words), *_ = fields
    planned = sent(page, "/plan/skills", skill=skill, **{f"words-{skill}": words})
    assert "Reckoned with your claims: SQL & Data Querying." in text_of(planned)
    marks = text_of(page.get("/plan"))
    assert (
        "SQL & Data Querying claimed" in marks and "Python & OOP Proficiency claimed" not in marks
    )
    kept = page.get("/api/v1/me/export").json()["marks"]
    assert [mark["mark"]["words"] for mark in kept] == [
        ["I queried sales data with SQL every week."]
    ]
    assert "Noted before: SQL & Data Querying" in text_of(cv(page, CV.encode()))


def test_a_cv_can_be_pasted(page: TestClient) -> None:
    pasted = page.post("/plan/cv", files={"file": ("", b"")}, data={"text": CV}, headers=OWN)
    assert "SQL & Data Querying" in text_of(pasted)


def test_a_long_cv_is_read_in_memory_and_one_that_is_too_long_is_refused(
    page: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(Path("no", "such", "folder")))
    long = cv(page, b"%PDF-1.4 " + b"x" * 5_000_000, "cv.pdf")
    assert long.status_code == 422 and "not a PDF that can be read" in text_of(long)
    large = cv(page, b"x" * 10_200_000)
    assert large.status_code == 422 and "10 MB is the most" in text_of(large)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "cv.txt", "holds no text"),
        (b"PK", "cv.docx", "not a DOCX"),
        (b"x", "a.exe", "cannot be"),
    ],
)
def test_a_cv_that_cannot_be_read_is_said_kindly(
    page: TestClient, data: bytes, name: str, said: str
) -> None:
    reply = cv(page, data, name)
    assert reply.status_code == 422 and said in text_of(reply)
    broken = page.post("/plan/cv", content=b"x", headers={**OWN, "Content-Type": "text/plain"})
    assert broken.status_code == 422 and "did not arrive whole" in text_of(broken)


def test_what_is_done_is_marked_moves_the_plan_on_a_yes_and_can_be_taken_back(
    page: TestClient,
) -> None:
    sent(page, "/plan", hours="6")
    step = "lessons/python-for-data-science"
    done = sent(page, "/plan/done", item=step)
    assert "Something has changed" in text_of(done)
    assert "Done: Python for Data Science" in text_of(done)
    sent(page, "/plan/done", item=step)
    assert text_of(page.get("/plan")).count("Take back") == 1, "once is enough"
    accepted = sent(page, "/plan")
    assert "Something has changed" not in text_of(accepted)
    undone = sent(page, "/plan/undo", item=step)
    assert "Comes in: Python for Data Science" in text_of(undone)
    assert "Nothing yet." in text_of(undone)


def test_a_deliverable_with_a_link_shows_its_skills(page: TestClient) -> None:
    sent(page, "/plan", hours="6")
    item = "deliverable-data-exploration-notebook"
    wrong = page.post("/plan/done", data={"item": item, "link": "ftp://x"}, headers=OWN)
    assert wrong.status_code == 422 and "no web address" in text_of(wrong)
    shown = sent(page, "/plan/done", item=item, link="https://example.org/notebook")
    assert "0 of 14 shown" not in text_of(shown)
    assert 'href="https://example.org/notebook" rel="noopener' in shown.text


def test_the_plan_is_taken_along_as_markdown_and_calendar(page: TestClient) -> None:
    kept = sent(page, "/plan", hours="6")
    markdown, calendar = (
        re.search(rf'href="(/api/v1/plan\.{end})"', kept.text) for end in ("md", "ics")
    )
    assert markdown and page.get(markdown[1]).text.startswith("# Your plan")
    assert calendar and page.get(calendar[1]).text.startswith("BEGIN:VCALENDAR")


def test_a_target_date_that_has_passed_meanwhile_does_not_hide_the_plan(page: TestClient) -> None:
    sent(page, "/plan", hours="6", by="2099-01-01")
    who = page.get("/api/v1/me").json()["learner"]
    old = {"by": "2020-01-01"}
    with store_of(page).writing(who) as (_, row):
        row.profile = {**row.profile, **old}
    reply = page.get("/plan")
    assert reply.status_code == 200 and "Target date: 1 Jan 2099 → none" in text_of(reply)
    assert "2020" not in page.get("/plan/new").text


def test_a_section_that_was_renamed_meanwhile_does_not_hide_the_plan(page: TestClient) -> None:
    sent(page, "/plan", hours="6")
    who = page.get("/api/v1/me").json()["learner"]
    kept = store_of(page).plan(who)
    assert kept is not None
    for step in kept["steps"]:
        step["cites"] = [{**cite, "section": "lessons/old#renamed"} for cite in step["cites"]]
    store_of(page).keep_plan(who, kept)
    reply = page.get("/plan")
    assert reply.status_code == 200 and "lessons/old#renamed" in text_of(reply)


@pytest.mark.parametrize("target", LEVELS)
def test_practice_leads_to_an_interview_for_which_there_are_questions(target: Level) -> None:
    syllabus, bank = read_syllabus(shipped("corpus")), read_bank(shipped("corpus"))
    plan = make_plan(Learner(hours=6, target=target), syllabus, today=date(2026, 11, 27))
    leads = [parse_qs(urlsplit(practice_for(s, syllabus) or "").query) for s in plan.steps]
    on_topics = [lead for lead in leads if "topic" in lead]
    assert on_topics and len([lead for lead in leads if lead]) > len(on_topics)
    for lead in on_topics:
        asked = [
            each
            for each in bank.questions.values()
            if each.topic in lead["topic"] and each.level in lead["level"]
        ]
        assert len(asked) >= 2, lead


def test_a_check_leads_to_three_questions_that_show_the_skill() -> None:
    syllabus, bank = read_syllabus(shipped("corpus")), read_bank(shipped("corpus"))
    desk = Desk(bank=bank, grader=ScriptedGrader(bank), syllabus=syllabus)
    few = set()
    for skill in syllabus.skills.skills:
        learner = Learner(hours=6, target="senior", skills=(Skill(id=skill, state="claimed"),))
        plan = make_plan(learner, syllabus, today=date(2026, 11, 27))
        step = next(step for step in plan.steps if step.id == f"check-{skill}")
        lead = parse_qs(urlsplit(practice_for(step, syllabus) or "").query)
        asked = fitting(bank, desk.check_of(lead["skill"][0]))
        if len([each for each in asked if skill in desk.skills(each)]) < 3:
            few.add(skill)
    assert few == {"coaching", "peer-review-mentoring"}, "of which the bank has two questions each"


@pytest.mark.parametrize(
    "path", ["/plan", "/plan/done", "/plan/undo", "/plan/skills", "/plan/cv", "/interview"]
)
def test_forms_of_foreign_pages_do_nothing(serve: Serve, path: str) -> None:
    page = with_pages(serve(origins=(PORTAL,)))
    sent(page, "/plan", hours="6")
    fields = {"hours": "1", "item": "lessons/python-for-data-science", "skill": "python"}
    evil = page.post(path, data=fields, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403
    page.post(path, data=fields, headers={"Origin": PORTAL})
    mine = text_of(page.get("/plan"))
    assert "With 6 hours" in mine and "Nothing yet." in mine, "the cookie is not heard from there"
    assert "None is finished yet" in text_of(page.get("/interview"))
    assert "Waiting for you" not in page.get("/interview").text


def test_two_learners_have_two_plans_and_nobody_has_none(serve: Serve) -> None:
    page = with_pages(serve(token_secret=SECRET))
    assert page.get("/plan").status_code == 401
    assert page.post("/plan", data={"hours": "6"}).status_code == 401
    page.post("/plan", data={"hours": "6"}, headers=bearer("ada"))
    assert "With 6 hours" in text_of(page.get("/plan", headers=bearer("ada")))
    assert "With 6 hours" not in text_of(page.get("/plan", headers=bearer("eve")))


def test_the_pages_load_their_own_style_and_script_and_nothing_else(page: TestClient) -> None:
    reply = page.get("/plan")
    assert "script-src 'self'" in reply.headers["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|href)="(/[\w.]+\.(?:js|css))"', reply.text)
    assert loaded == ["/pages.css", "/forms.css", "/forms.js"]
    assert [page.get(path).status_code for path in loaded] == [200] * 3
    assert "style=" not in reply.text and "<script>" not in reply.text
