"""The roadmap to look at: what the levels pay and ask, the five stages with their tracks, and how
far the learner has come.

A plain page of FastAPI, as the library, whose pages it leads to. Marks are set by forms that lead
back to where they stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import Annotated, NamedTuple

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from mentor.errors import MentorError
from mentor.learner import Learner
from mentor.mentor import Mentor
from mentor.next_steps import NextSteps
from mentor.plan import standing_of
from mentor.records import Track
from mentor.roadmap import CareerLevel, Stage
from mentor.syllabus import Syllabus
from mentor_ui.api.gate import Asking, caller_of
from mentor_ui.api.problems import problem_of
from mentor_ui.library import address_of
from mentor_ui.pages import shown, trouble

ROADMAP = "/roadmap"
_STEP = 50_000
"""Dollars from one line of the salary plot to the next."""


Item = Annotated[str, Form(min_length=1, max_length=200)]
Where = Annotated[str, Form(pattern=r"^[a-z0-9-]{1,60}$")]
"""The place on the page that a form leads back to."""


class Way(NamedTuple):
    """A name, and the page to read about it; None where the material has none."""

    name: str
    address: str | None
    item: str | None
    """The step that can be marked as done; None where there is none."""
    place: str
    """Its id on the page, where a step may stand more than once."""
    shows: bool = False
    """Whether a link to the work shows its skills."""


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

    @property
    def steps(self) -> frozenset[str]:
        """What everybody does in this stage, whatever the track."""
        lessons = (lesson for _, lessons in self.topics for lesson in lessons)
        return steps_of((*lessons, *self.deliverables))


class Rung(NamedTuple):
    """A level as the page shows it."""

    level: CareerLevel
    address: str | None
    deliverables: tuple[Way, ...]
    known: int
    """Its skills that the learner claims or has shown."""
    of: int


def mount_roadmap(app: FastAPI, mentor: Mentor) -> None:
    """`/roadmap`, `/roadmap#stage-3`, and the two forms that set a mark and take it back."""

    @app.get(ROADMAP, include_in_schema=False)
    def roadmap(request: Request) -> HTMLResponse:
        if mentor.steps is None:
            return shown("missing", status=404, wanted=ROADMAP)
        try:
            who = caller_of(request).learner
            return _roadmap(mentor.steps, mentor.steps.store.learner(who) or Learner())
        except MentorError as error:
            return trouble(error)

    @app.post(f"{ROADMAP}/done", include_in_schema=False)
    def done(
        item: Item,
        place: Where,
        caller: Asking,
        link: Annotated[str, Form(max_length=2_000)] = "",
    ) -> Response:
        seen = link.strip() or None
        return _marked(mentor, place, lambda steps: steps.mark(caller.learner, item, link=seen))

    @app.post(f"{ROADMAP}/undone", include_in_schema=False)
    def undone(item: Item, place: Where, caller: Asking) -> Response:
        return _marked(mentor, place, lambda steps: steps.store.undo(caller.learner, item))


def _marked(mentor: Mentor, place: str, work: Callable[[NextSteps], object]) -> Response:
    if mentor.steps is None:
        return shown("missing", status=404, wanted=ROADMAP)
    try:
        work(mentor.steps)
    except MentorError as error:
        return trouble(error, status=problem_of(error).status_code)
    return RedirectResponse(f"{ROADMAP}#{place}", 303)


def _roadmap(steps: NextSteps, learner: Learner) -> HTMLResponse:
    syllabus = steps.syllabus
    return shown(
        "roadmap",
        roadmap=syllabus.roadmap,
        plot=plot_of(syllabus.roadmap.levels),
        rungs=list(_rungs(syllabus, learner)),
        legs=[leg_of(stage, syllabus) for stage in syllabus.roadmap.stages],
        done={done.item: done for done in learner.done},
        steps_of=steps_of,
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


def steps_of(ways: Iterable[Way]) -> frozenset[str]:
    """The steps among them, each once."""
    return frozenset(way.item for way in ways if way.item)


def leg_of(stage: Stage, syllabus: Syllabus) -> Leg:
    """A stage with the pages that belong to what it names."""
    lessons = [unit for unit in syllabus.units.values() if unit.kind == "lesson"]
    places = (f"{stage.id}-{n}" for n in count(1))
    return Leg(
        stage,
        _page(syllabus, f"roadmap/stages/{stage.id}"),
        tuple(
            (
                topic.name,
                tuple(
                    _way(syllabus, unit.id, unit.title, next(places))
                    for unit in lessons
                    if topic.id in unit.topics
                ),
            )
            for topic in stage.topics.items
        ),
        tuple(_way(syllabus, it.id, it.name, next(places)) for it in stage.deliverables.items),
        tuple(
            (
                each.track,
                tuple(_way(syllabus, it.id, it.name, next(places)) for it in each.courses),
            )
            for each in stage.tracks
        ),
    )


def _rungs(syllabus: Syllabus, learner: Learner) -> Iterator[Rung]:
    known = standing_of(learner, syllabus).known
    for level in syllabus.roadmap.levels:
        skills = [skill.id for skill in level.skills]
        yield Rung(
            level,
            _page(syllabus, f"roadmap/levels/{level.id}"),
            tuple(
                _way(syllabus, each.id, each.name, f"{level.id}-{n}")
                for n, each in enumerate(level.deliverables.items, start=1)
            ),
            sum(skill in known for skill in skills),
            len(skills),
        )


def _way(syllabus: Syllabus, unit: str, name: str, place: str) -> Way:
    found = syllabus.units.get(unit)
    if found is None:
        return Way(name, None, None, place)
    return Way(name, _page(syllabus, found.page), unit, place, found.kind == "deliverable")


def _page(syllabus: Syllabus, page: str) -> str | None:
    """The address of a page that the material has."""
    known = {section.partition("#")[0] for section in syllabus.sections}
    return address_of(page) if page in known else None
