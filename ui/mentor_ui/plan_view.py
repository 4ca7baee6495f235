"""What the pages of the plan show, ready for their templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from mentor.errors import LearnerError
from mentor.learner import LEVELS, WAYS, Learner, SkillState, retold, way_name
from mentor.next_steps import Alter, NextSteps
from mentor.plan import Difference, Plan, Standing, Step, standing_of, up_now
from mentor.plan.export import hours_text, plan_from
from mentor.plan.make import headline
from mentor.records import Level
from mentor.syllabus import Syllabus
from mentor_ui.library import address_of

PROFILE = ("background", "target", "track", "specialisation", "hours", "by")
"""Fields of the profile that the form has."""
_MARKED = ("lesson", "course", "deliverable")
"""Kinds of steps that the learner's word settles; an interview proposes to mark the others."""
_COMING = 3
"""Weeks that are shown after the one that it is; the rest is folded away."""


class Choices(NamedTuple):
    """The form of the profile: what can be chosen, as (value, name), and what is."""

    backgrounds: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, str], ...]
    ways: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, str], ...]
    told: Mapping[str, str]
    tomorrow: date


class Card(NamedTuple):
    """A step to work on."""

    step: Step
    hours: str
    lessons: tuple[tuple[str, str], ...]
    """(heading, address) of the sections behind it."""
    practice: str | None
    """Where an interview on it is set up."""
    can_be_marked: bool


class WeekRow(NamedTuple):
    n: int
    starts: date
    hours: float
    pieces: tuple[tuple[str, str, float, bool], ...]
    """(title, address, hours, whether the step is done)."""
    is_now: bool


class SkillRow(NamedTuple):
    id: str
    name: str
    level: Level
    state: SkillState | None


class Marked(NamedTuple):
    item: str
    name: str
    on: date | None
    what: str
    link: str | None


class KeptView(NamedTuple):
    """The page of the plan."""

    form: Choices
    skills: tuple[SkillRow, ...]
    shown: int
    """How many of them are shown."""
    marks: tuple[Marked, ...]
    plan: Plan | None = None
    """None while none is kept; nothing of what follows is there then."""
    headline: str = ""
    behind: int = 0
    today: tuple[Card, ...] = ()
    """The first open steps."""
    open: tuple[tuple[str, str], ...] = ()
    """(id, title) of every open step that can be marked as done."""
    weeks: tuple[WeekRow, ...] = ()
    later: tuple[WeekRow, ...] = ()
    earlier: tuple[WeekRow, ...] = ()
    news: tuple[str, ...] = ()
    """What differs by now, where it is worth a new plan."""


class NewView(NamedTuple):
    """The page of a plan that is not kept yet."""

    error: LearnerError | None
    headline: str
    plan: Plan | None
    first: tuple[Card, ...]
    change: Difference | None
    """None where no plan is kept."""
    skills: tuple[str, ...]
    """Names of the skills that are claimed."""
    form: Choices


def kept_view(steps: NextSteps, who: str, *, today: date) -> KeptView:
    learner = steps.learner(who)
    standing = standing_of(learner, steps.syllabus)
    kept = steps.store.plan(who)
    nothing = KeptView(
        form=_choices(steps.syllabus, _told(learner), today),
        skills=_skills(standing),
        shown=len(standing.wanted) - len(standing.missing),
        marks=_marks(learner, steps.syllabus),
    )
    if kept is None:
        return nothing
    plan = plan_from(kept)
    now = up_now(plan, standing, today)
    at = now.week.n if now.week else 0
    rows = tuple(_week(plan, n, steps.syllabus, now.over, at) for n in range(len(plan.weeks)))
    return nothing._replace(
        plan=plan,
        headline=headline(plan),
        behind=now.behind,
        today=tuple(_card(step, steps.syllabus) for step in now.open[:3]),
        open=tuple((step.id, step.title) for step in now.open if step.kind in _MARKED),
        weeks=tuple(row for row in rows if at <= row.n <= at + _COMING),
        later=tuple(row for row in rows if row.n > at + _COMING),
        earlier=tuple(row for row in rows if row.n < at),
        news=_news(steps, who, behind=now.behind),
    )


def altered_by(told: Mapping[str, str] | None) -> Alter:
    """What a profile becomes by the form, whose empty fields take back; without one it stays."""
    if told is None:
        return lambda learner: learner
    fields = {name: value or None for name, value in told.items()}
    return lambda learner: retold(learner, **fields)


def new_view(steps: NextSteps, who: str, told: Mapping[str, str] | None, *, today: date) -> NewView:
    """What the learner would have.

    Args:
        told: the form's own values; None where there was none.
    """
    learner = steps.learner(who)
    form = _choices(steps.syllabus, _told(learner) if told is None else told, today)
    skills = tuple(steps.syllabus.name(skill) for skill in learner.states)
    try:
        plan, change = steps.preview(who, altered_by(told))
    except LearnerError as error:
        return NewView(error, "", None, (), None, skills, form)
    first = tuple(_card(step, steps.syllabus) for step in plan.first)
    return NewView(None, headline(plan), plan, first, change, skills, form)


def _news(steps: NextSteps, who: str, *, behind: int) -> tuple[str, ...]:
    """That a day has passed is no news: marks, a new profile and delays are."""
    _, change = steps.preview(who, altered_by(None))
    if change is None or not (
        behind or change.added or change.dropped or change.done or change.changes
    ):
        return ()
    return tuple(change.lines)


def _card(step: Step, syllabus: Syllabus) -> Card:
    sections = dict.fromkeys(cite.section for cite in step.cites)
    return Card(
        step,
        hours_text(step.hours),
        tuple((syllabus.sections.get(id_, (id_,))[0], address_of(id_)) for id_ in sections),
        practice_for(step, syllabus),
        step.kind in _MARKED,
    )


def practice_for(step: Step, syllabus: Syllabus) -> str | None:
    """The address of an interview on what a check or practice is about."""
    if step.kind == "check":
        asked = [("skill", step.skills[0])]
    elif step.kind == "practice":
        about = step.id.removeprefix("practice-")
        at_level = about in LEVELS
        asked = [("level", about)] if at_level else [("topic", about), *_level_of(step, syllabus)]
    else:
        return None
    return f"/interview?{urlencode(asked)}"


def _level_of(step: Step, syllabus: Syllabus) -> list[tuple[str, str]]:
    """The level of most of a step's skills, at which the bank asks about them."""
    of = syllabus.roadmap.level_of_skill
    found = [of[skill] for skill in step.skills if skill in of]
    return [("level", max(LEVELS, key=found.count))] if found else []


def _week(plan: Plan, n: int, syllabus: Syllabus, over: frozenset[str], at: int) -> WeekRow:
    week = plan.weeks[n]
    steps = {step.id: step for step in plan.steps}
    pieces = tuple(
        (steps[p.step].title, address_of(steps[p.step].page), p.hours, p.step in over)
        for p in week.pieces
    )
    return WeekRow(week.n, week.starts, week.hours, pieces, week.n == at)


def _skills(standing: Standing) -> tuple[SkillRow, ...]:
    return tuple(
        SkillRow(id_, standing.syllabus.name(id_), level, standing.states.get(id_))
        for id_, level in standing.wanted.items()
    )


def _marks(learner: Learner, syllabus: Syllabus) -> tuple[Marked, ...]:
    """What can be taken back: the last mark of each item, done ones first."""
    done = {each.item: each for each in learner.done}
    claimed = {each.id: each for each in learner.skills}
    return (
        *(Marked(m.item, syllabus.name(m.item), m.on, "done", m.link) for m in done.values()),
        *(Marked(m.id, syllabus.name(m.id), m.on, m.state, m.link) for m in claimed.values()),
    )


def _told(learner: Learner) -> dict[str, str]:
    """The profile as the form holds it."""
    values = {name: getattr(learner, name) for name in PROFILE}
    return {
        name: "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in values.items()
    }


def _choices(syllabus: Syllabus, told: Mapping[str, str], today: date) -> Choices:
    planning, topics = syllabus.planning, syllabus.roadmap.stage[5].topics.items
    return Choices(
        tuple((id_, origin.name) for id_, origin in planning.backgrounds.items()),
        tuple((level, syllabus.roadmap.level[level].title) for level in LEVELS),
        tuple((way, way_name(way)[:1].upper() + way_name(way)[1:]) for way in WAYS),
        tuple((topic.id, topic.name) for topic in topics),
        told,
        today + timedelta(days=1),
    )
