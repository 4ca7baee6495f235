"""What a learner has done, and what the mentor proposes to mark: only a yes changes anything."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from mentor.errors import LearnerError
from mentor.language import spelt_day
from mentor.learner import Done, Learner, Mark, Skill, changed, with_marks
from mentor.names import item_id
from mentor.records import Proposal, Record
from mentor.syllabus import Syllabus

QUESTIONS = 3
DAYS = 2


class Change(Record):
    """What a yes to a proposal does."""

    fields: dict[str, Any] = Field(default_factory=dict)
    """Of the learner's profile."""
    skills: tuple[Skill, ...] = ()
    done: tuple[Done, ...] = ()
    keep_plan: bool = False
    """Whether the plan that follows is kept as the accepted one."""
    undo: bool = False
    """Whether the last mark is taken back."""


class Result(Record):
    """How one interview question on a skill went, as an interview or a check stores it."""

    skill: str
    question: str
    on: date
    passed: bool
    hinted: bool = False


def mark_for(
    syllabus: Syllabus, called: str, *, today: date, on: date | None = None, link: str | None = None
) -> Mark:
    """The mark for a step or skill that somebody calls so.

    A skill with a link is evidenced; on the learner's word alone it is a claim.

    Raises:
        LearnerError: there is no such item, the day is to come, or the link is no web address.
    """
    day = on or today
    if day > today:
        raise LearnerError(f"{spelt_day(day)} is still to come.", cure="Mark it when it is done.")
    if link is not None:
        parts = urlsplit(link)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise LearnerError(
                f"The link {link[:80]!r} is no web address.", cure="Begin it with https://."
            )
    item = item_id(syllabus, called)
    if item in syllabus.roadmap.skills:
        return Skill(id=item, state="evidenced" if link else "claimed", link=link, on=day)
    return Done(item=item, on=day, link=link)


def is_news(mark: Mark, learner: Learner) -> bool:
    """Whether a mark is to be kept: what is done already is noted again for a new link only."""
    return isinstance(mark, Skill) or not any(
        each.item == mark.item and mark.link in (None, each.link) for each in learner.done
    )


def applied(learner: Learner, change: Change) -> Learner:
    """`learner` after a yes.

    Raises:
        LearnerError: a field of the change cannot be right.
    """
    return with_marks(changed(learner, **change.fields), (*change.skills, *change.done))


def known_by_results(results: Iterable[Result], learner: Learner) -> tuple[Skill, ...]:
    """Skills to propose as known: three questions passed unhinted, on two different days or more.

    A question that was failed after it was passed counts as failed. Nothing is changed here.
    """
    last: dict[tuple[str, str], Result] = {}
    for result in sorted(results, key=lambda r: r.on):
        last[result.skill, result.question] = result
    passed: dict[str, list[Result]] = {}
    for result in last.values():
        if result.passed and not result.hinted:
            passed.setdefault(result.skill, []).append(result)
    held = learner.states
    return tuple(
        Skill(
            id=skill,
            state="checked",
            on=max(result.on for result in good),
            words=tuple(sorted(result.question for result in good)),
        )
        for skill, good in passed.items()
        if len(good) >= QUESTIONS
        and len({result.on for result in good}) >= DAYS
        and held.get(skill, "claimed") == "claimed"
    )


def proposals_known(
    states: Iterable[dict[str, Any]], learner: Learner, syllabus: Syllabus
) -> tuple[Proposal, ...]:
    """To mark as known what interviews speak for: three questions, no hint, two days."""
    return tuple(
        Proposal(
            id=f"known-{skill.id}",
            kind="mark",
            label=f"Mark {syllabus.name(skill.id)} as known",
            says=f"You answered {len(skill.words)} questions on {syllabus.name(skill.id)} without "
            "a hint, on two days or more.",
            change=Change(skills=(skill,)).model_dump(mode="json"),
        )
        for skill in known_by_results(results_of(states), learner)
    )


def results_of(states: Iterable[dict[str, Any]]) -> list[Result]:
    """The results that interviews keep in their state under `results`.

    What another version of Mentor kept in a form of its own counts for nothing.
    """
    results = []
    for state in states:
        for row in state.get("results", ()):
            with suppress(ValidationError):
                results.append(Result.model_validate(row))
    return results
