"""A learner, as far as a plan has to know one.

What learners say of themselves is a claim. A three-question check or a deliverable with a link
lifts it; nothing else does, least of all a CV that asks for it:

    claimed    the learner's word, or words of a CV that the learner confirmed
    checked    three questions of the interview bank were answered
    evidenced  a deliverable with a link shows it

Skills and what was done are kept as a list of marks, each with its day, so that each can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, get_args

from pydantic import Field, ValidationError

from mentor.errors import LearnerError
from mentor.language import spelt_day
from mentor.records import Level, Record, Track

Background = Literal[
    "software-engineer", "data-scientist", "math-graduate", "graduate", "self-taught", "other"
]
SkillState = Literal["claimed", "checked", "evidenced"]
Way = Literal[Track, "self-study"]
"""A track, or the lessons and deliverables alone."""

BACKGROUNDS: tuple[Background, ...] = get_args(Background)
LEVELS: tuple[Level, ...] = get_args(Level)
WAYS: tuple[Way, ...] = (*get_args(Track), "self-study")
HOURS = (1.0, 60.0)
"""What a week can hold; more than sixty hours nobody learns for months."""
_STRENGTH: dict[SkillState, int] = {"claimed": 0, "checked": 1, "evidenced": 2}


class Skill(Record):
    """A skill of the roadmap that a learner claims or has shown."""

    id: str
    state: SkillState = "claimed"
    words: tuple[str, ...] = ()
    """The words that made the mentor think so."""
    link: str | None = None
    on: date | None = None


class Done(Record):
    """A step of the plan that is done: the id of a lesson, course, deliverable or practice."""

    item: str
    on: date
    link: str | None = None
    """Where the evidence can be seen; without one a deliverable shows no skill."""


Mark = Skill | Done


class Learner(Record):
    """Whom a plan is made for. What is None, the mentor assumes or chooses, and says so."""

    background: Background | None = None
    target: Level | None = None
    specialisation: str | None = None
    """A topic of stage 5."""
    track: Way | None = None
    hours: float | None = Field(default=None, ge=HOURS[0], le=HOURS[1])
    """Hours a week."""
    by: date | None = None
    """The day by which the learner wants to be ready."""
    skills: tuple[Skill, ...] = ()
    done: tuple[Done, ...] = ()

    @property
    def states(self) -> dict[str, SkillState]:
        """The strongest state of each skill that was named."""
        strongest: dict[str, SkillState] = {}
        for skill in self.skills:
            held = strongest.get(skill.id)
            if held is None or _STRENGTH[skill.state] > _STRENGTH[held]:
                strongest[skill.id] = skill.state
        return strongest

    @property
    def finished(self) -> frozenset[str]:
        return frozenset(done.item for done in self.done)


def changed(learner: Learner, **fields: object) -> Learner:
    """`learner` with other fields; None leaves a field as it is.

    Raises:
        LearnerError: a value cannot be right; the message names it.
    """
    return retold(learner, **{key: value for key, value in fields.items() if value is not None})


def retold(learner: Learner, **fields: object) -> Learner:
    """`learner` with these fields as a form has them; None takes a field back.

    Raises:
        LearnerError: a value cannot be right; the message names it.
    """
    try:
        return Learner.model_validate({**learner.model_dump(), **fields})
    except ValidationError as exc:
        first = exc.errors()[0]
        raise _unfit(str(first["loc"][0]), first["input"]) from exc


def with_marks(learner: Learner, marks: Iterable[Mark]) -> Learner:
    """`learner` with further skills and finished steps."""
    skills, done = list(learner.skills), list(learner.done)
    for mark in marks:
        if isinstance(mark, Skill):
            skills.append(mark)
        else:
            done.append(mark)
    return learner.model_copy(update={"skills": tuple(skills), "done": tuple(done)})


def undated(learner: Learner, today: date) -> Learner:
    """`learner` without a target date that is over: nothing can be planned for it any more."""
    over = learner.by is not None and learner.by <= today
    return retold(learner, by=None) if over else learner


def refuse_past(learner: Learner, today: date) -> None:
    """
    Raises:
        LearnerError: the target date has passed.
    """
    if learner.by is not None and learner.by <= today:
        raise LearnerError(
            f"The target date {spelt_day(learner.by)} is not in the future.",
            cure="Give a later day, or none: the plan then says when you can be ready.",
        )


def way_name(way: Way) -> str:
    """What a sentence calls a way."""
    return "self-study" if way == "self-study" else f"track {way}"


def _unfit(field: str, value: object) -> LearnerError:
    least, most = HOURS
    cures = {
        "hours": f"Give the hours that you really have in a week, {least:g} to {most:g}.",
        "background": f"Choose one of {', '.join(BACKGROUNDS)}.",
        "target": f"Choose one of {', '.join(LEVELS)}.",
        "track": f"Choose one of {', '.join(WAYS)}.",
        "by": "Write the day as 2027-05-31.",
    }
    named = {"hours": "hours a week", "by": "target date"}.get(field, field)
    return LearnerError(
        f"A plan cannot be made with {value!s:.80} as the {named}.",
        cure=cures.get(field, "Correct it."),
    )
