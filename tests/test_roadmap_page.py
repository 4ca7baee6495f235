"""The roadmap to look at: salaries on one scale, stages with lessons, guides and tracks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from mentor.index import IndexReader
from mentor.library import Library
from mentor.mentor import Mentor
from mentor.models.embed import HashingEmbeddings
from mentor.next_steps import NextSteps
from mentor.settings import Settings, shipped
from mentor.store import open_store
from mentor.syllabus import Syllabus, read_syllabus
from mentor_ui.roadmap_page import leg_of, mount_roadmap, plot_of


@pytest.fixture(scope="module")
def syllabus() -> Syllabus:
    return read_syllabus(shipped("corpus"))


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


def test_the_page_leads_only_to_pages_that_the_library_has(home: Path) -> None:
    embedder = HashingEmbeddings()
    reader = IndexReader(home / "index", embedder)
    steps = NextSteps(
        shipped("corpus"), reader.passages, open_store=lambda: open_store(Settings(home=home))
    )
    app = FastAPI()
    mount_roadmap(app, Mentor(reader=reader, embedder=embedder, chat=None, steps=steps))
    with TestClient(app) as client:
        page = client.get("/roadmap").text
    pages = Library(shipped("corpus"), home / "index").books().pages
    led = set(re.findall(r'href="/library/([^"#]+)"', page))
    assert len(led) > 60 and led <= set(pages)
    assert page.count("<rect") == 3 and "$157,000–$230,000+" in page
    assert {f'id="stage-{n}"' for n in range(1, 6)} <= set(re.findall(r'id="stage-\d"', page))
    assert "<script" not in page and "style=" not in page
