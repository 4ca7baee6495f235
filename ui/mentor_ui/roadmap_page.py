"""The roadmap to look at: what the levels pay and ask, and the five stages with their tracks.

A plain page of FastAPI, as the library, whose pages it leads to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from mentor.errors import MentorError
from mentor.mentor import Mentor
from mentor.records import Track
from mentor.roadmap import CareerLevel, Stage
from mentor.syllabus import Syllabus
from mentor_ui.library import address_of
from mentor_ui.pages import shown, trouble

ROADMAP = "/roadmap"
_STEP = 50_000
"""Dollars from one line of the salary plot to the next."""


class Way(NamedTuple):
    """A name, and the page to read about it; None where the material has none."""

    name: str
    address: str | None


class Bar(NamedTuple):
    """A level's salary in the plot; lengths in thousandths of its width."""

    name: str
    range: str
    growth: str
    left: int
    width: int


class Plot(NamedTuple):
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[int, str], ...]
    """(place in thousandths, what stands there)."""


class Leg(NamedTuple):
    """A stage as the page shows it."""

    stage: Stage
    address: str | None
    topics: tuple[tuple[str, tuple[Way, ...]], ...]
    """(topic, its lessons)."""
    deliverables: tuple[Way, ...]
    tracks: tuple[tuple[Track, tuple[Way, ...]], ...]
    """Tracks with their courses, side by side."""


def mount_roadmap(app: FastAPI, mentor: Mentor) -> None:
    """`/roadmap`, and `/roadmap#stage-3`."""

    @app.get(ROADMAP, include_in_schema=False)
    def roadmap() -> HTMLResponse:
        if mentor.steps is None:
            return shown("missing", status=404, wanted=ROADMAP)
        try:
            syllabus = mentor.steps.syllabus
        except MentorError as error:
            return trouble(error)
        levels = syllabus.roadmap.levels
        return shown(
            "roadmap",
            roadmap=syllabus.roadmap,
            plot=plot_of(levels),
            level_pages={
                level.id: _page(syllabus, f"roadmap/levels/{level.id}") for level in levels
            },
            legs=[leg_of(stage, syllabus) for stage in syllabus.roadmap.stages],
        )


def plot_of(levels: Sequence[CareerLevel]) -> Plot:
    """The salaries on one scale, which begins at 0 so that lengths can be compared."""
    top = -(-max(level.salary.high for level in levels) // _STEP) * _STEP
    bars = tuple(
        Bar(
            level.name,
            level.salary.range,
            level.salary.growth,
            1000 * level.salary.low // top,
            1000 * (level.salary.high - level.salary.low) // top,
        )
        for level in levels
    )
    ticks = tuple((1000 * pay // top, f"${pay // 1000}k") for pay in range(0, top + 1, _STEP))
    return Plot(bars, ticks)


def leg_of(stage: Stage, syllabus: Syllabus) -> Leg:
    """A stage with the pages that belong to what it names."""
    lessons = [unit for unit in syllabus.units.values() if unit.kind == "lesson"]
    return Leg(
        stage,
        _page(syllabus, f"roadmap/stages/{stage.id}"),
        tuple(
            (
                topic.name,
                tuple(Way(u.title, address_of(u.page)) for u in lessons if topic.id in u.topics),
            )
            for topic in stage.topics.items
        ),
        tuple(_way(syllabus, item.id, item.name) for item in stage.deliverables.items),
        tuple(
            (each.track, tuple(_way(syllabus, course.id, course.name) for course in each.courses))
            for each in stage.tracks
        ),
    )


def _way(syllabus: Syllabus, unit: str, name: str) -> Way:
    found = syllabus.units.get(unit)
    return Way(name, _page(syllabus, found.page) if found else None)


def _page(syllabus: Syllabus, page: str) -> str | None:
    """The address of a page that the material has."""
    known = {section.partition("#")[0] for section in syllabus.sections}
    return address_of(page) if page in known else None
