"""What a report proposes for the plan; only the learner's yes does anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from mentor.interview.report import Report
from mentor.interview.session import PASSED
from mentor.interview.state import InterviewState
from mentor.learner import Done, Learner
from mentor.progress import Change, proposals_known
from mentor.records import Proposal
from mentor.syllabus import Syllabus

WHOLE = 5
"""Questions that a mock interview at a level needs to count as one."""


def proposals_for(
    report: Report,
    state: InterviewState,
    learner: Learner,
    *,
    syllabus: Syllabus,
    kept: Iterable[dict[str, Any]],
    plans: bool,
    today: date,
) -> tuple[Proposal, ...]:
    """Practice to mark as done, and skills to mark as known.

    Args:
        kept: the states of all interviews of the learner, as the store keeps them.
        plans: whether the learner keeps a plan, which a yes then brings up to date.
    """
    practised = (
        Proposal(
            id=item,
            kind="mark",
            label=f"Mark practice on {name} as done",
            says=f"{why} Your plan moves on accordingly." if plans else why,
            change=Change(done=(Done(item=item, on=today),), keep_plan=plans).model_dump(
                mode="json"
            ),
        )
        for item, name, why in _practised(report, state, syllabus)
        if item not in learner.finished
    )
    return (*practised, *proposals_known(kept, learner, syllabus))


def _practised(
    report: Report, state: InterviewState, syllabus: Syllabus
) -> Iterator[tuple[str, str, str]]:
    for bar in report.topics:
        if bar.band in PASSED and bar.id in syllabus.roadmap.topics:
            why = f"{bar.questions} questions on {bar.name} put you in the band “{bar.band}”."
            yield f"practice-{bar.id}", bar.name, why
    setup = state.setup
    mixed = setup.aim == "balanced" and not setup.topics and not setup.kinds
    if mixed and len(report.questions) >= WHOLE and report.band in PASSED:
        title = syllabus.roadmap.level[report.level].title
        why = f"{len(report.questions)} mixed questions put you in the band “{report.band}”."
        yield f"practice-{report.level}", f"a mock interview as {title}", why
