"""The roadmap to look at: salaries on one scale, stages with lessons, marks a learner sets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import SECRET, Serve, bearer
from fastapi.testclient import TestClient

from mentor.library import Library
from mentor.settings import shipped
from mentor.syllabus import Syllabus
from mentor_ui.roadmap_page import leg_of, plot_of

LESSON = "lessons/python-for-data-science"
HERE = {"item": LESSON, "place": "stage-1-1"}


@pytest.fixture
def page(serve: Serve) -> TestClient:
    return serve(page=True, token_secret=SECRET)


def test_salaries_are_drawn_on_one_scale_that_begins_at_zero(syllabus: Syllabus) -> None:
    plot = plot_of(syllabus.roadmap.levels)
    junior, _, senior = plot.bars
    assert (junior.range, junior.growth) == ("$95,000–$130,000", "+10%")
    assert (junior.left, junior.width) == (380, 140), "of a scale to $250,000"
    assert senior.left + senior.width == 1000 * 230 // 250
    assert plot.ticks[0] == (0, "$0k") and plot.ticks[-1] == (1000, "$250k")


def test_each_topic_has_a_lesson_and_each_deliverable_and_course_a_page(
    syllabus: Syllabus,
) -> None:
    for stage in syllabus.roadmap.stages:
        leg = leg_of(stage, syllabus)
        assert leg.address == f"/library/roadmap/stages/{stage.id}"
        assert all(lessons for _, lessons in leg.topics), stage.id
        assert all(each.address for each in leg.deliverables), stage.id
        assert all(course.address for _, courses in leg.tracks for course in courses), stage.id


def test_the_page_leads_only_to_pages_that_the_library_has(page: TestClient, home: Path) -> None:
    shown = page.get("/roadmap", headers=bearer("ada")).text
    pages = Library(shipped("corpus"), home / "index").books().pages
    led = set(re.findall(r'href="/library/([^"#]+)"', shown))
    assert len(led) > 60 and led <= set(pages)
    assert shown.count("<rect") == 3 and "$157,000–$230,000+" in shown
    assert {f'id="stage-{n}"' for n in range(1, 6)} <= set(re.findall(r'id="stage-\d"', shown))
    assert "<script" not in shown and "style=" not in shown
    places = re.findall(r'id="([^"]+)"', shown)
    assert len(places) == len(set(places)), "no place stands twice"


def test_a_lesson_is_marked_and_taken_back_where_it_stands(page: TestClient) -> None:
    ada = bearer("ada")
    before = page.get("/roadmap", headers=ada).text
    marked = page.post("/roadmap/done", data=HERE, headers=ada)
    assert (marked.status_code, marked.headers["location"]) == (303, "/roadmap#stage-1-1")
    page.post("/roadmap/done", data=HERE, headers=ada)
    after = page.get("/roadmap", headers=ada).text
    assert "✓" not in before and "✓" in after
    total = re.search(r"0 of (\d+) lessons and deliverables", before)
    assert total and f"1 of {total[1]} lessons and deliverables" in after
    assert "✓" not in page.get("/roadmap", headers=bearer("eve")).text
    page.post("/roadmap/undone", data=HERE, headers=ada)
    assert page.get("/roadmap", headers=ada).text == before


def test_a_deliverable_with_a_link_shows_its_skills(page: TestClient, syllabus: Syllabus) -> None:
    ada = bearer("ada")
    item = next(u.id for u in syllabus.units.values() if u.kind == "deliverable" and u.skills)
    there = {"item": item, "place": "stage-1-9"}
    refused = page.post("/roadmap/done", data={**there, "link": "javascript:x"}, headers=ada)
    assert refused.status_code == 422 and "no web address" in refused.text
    assert "✓" not in page.get("/roadmap", headers=ada).text
    work = "https://example.org/work"
    page.post("/roadmap/done", data={**there, "link": work}, headers=ada)
    assert f'href="{work}"' in page.get("/roadmap", headers=ada).text
    assert page.get("/api/v1/progress", headers=ada).json()["shown"] > 0


def test_what_no_step_is_called_is_refused_in_words(page: TestClient) -> None:
    reply = page.post(
        "/roadmap/done", data={"item": "no such thing", "place": "x"}, headers=bearer("ada")
    )
    assert reply.status_code >= 400 and "<main" in reply.text
    wrong = page.post("/roadmap/done", data={**HERE, "place": "//far"}, headers=bearer("ada"))
    assert wrong.status_code == 422
