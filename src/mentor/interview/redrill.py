"""Points to ask again, on a schedule.

A card is a rubric point. It comes into being when the point is first not met, and each later
grading of the point, in whatever question, is a review of it. Cards are worked out from the kept
interviews each time, so that the two can never disagree; FSRS without fuzzing gives the same days
each time. Its learning and relearning steps are left empty: a day is the unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from mentor.interview.parts import GradedPoint, State, When
from mentor.interview.state import InterviewState
from mentor.records import Record

if TYPE_CHECKING:
    from fsrs import Card, Rating

RATINGS: dict[tuple[State, When | None], str] = {
    ("missed", None): "Again",
    ("partly", "unprompted"): "Hard",
    ("partly", "probe"): "Hard",
    ("partly", "hint"): "Hard",
    ("met", "hint"): "Hard",
    ("met", "probe"): "Good",
    ("met", "unprompted"): "Easy",
}
"""What a grading of a point means as a review of its card."""


class Drill(Record):
    """A card as it stands after the last review."""

    point: str
    due: date
    asked_in: str
    """The question that asked for it last."""
    state: State
    reviews: int


def cards(states: Iterable[InterviewState]) -> dict[str, Drill]:
    """The cards by point, from all interviews. Retries are no reviews."""
    import fsrs

    scheduler = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    held: dict[str, Card] = {}
    drills: dict[str, Drill] = {}
    for question, on, point in _gradings(states):
        card = held.get(point.point)
        if card is None:
            if point.state == "met":
                continue
            card = fsrs.Card(card_id=len(held), due=_noon(on))
        card, _ = scheduler.review_card(card, _rating(point), _noon(on))
        held[point.point] = card
        before = drills.get(point.point)
        drills[point.point] = Drill(
            point=point.point,
            due=card.due.date(),
            asked_in=question,
            state=point.state,
            reviews=before.reviews + 1 if before else 1,
        )
    return drills


def due(drills: Iterable[Drill], today: date) -> tuple[Drill, ...]:
    """Those to ask by now, the longest due first."""
    return tuple(sorted((d for d in drills if d.due <= today), key=lambda d: (d.due, d.point)))


def weak(drills: Iterable[Drill]) -> tuple[Drill, ...]:
    """Those that were not met when they were asked for last, missed ones first."""
    open_ = (drill for drill in drills if drill.state != "met")
    return tuple(sorted(open_, key=lambda d: (d.state != "missed", d.due, d.point)))


def _gradings(states: Iterable[InterviewState]) -> Iterator[tuple[str, date, GradedPoint]]:
    """In the order of the answers: a paused interview may end after one that began later."""
    rounds = (each for state in states for each in state.rounds)
    for each in sorted(rounds, key=lambda round_: round_.at):
        for point in each.graded.points if each.graded else ():
            yield each.question, each.at.date(), point


def _rating(point: GradedPoint) -> Rating:
    from fsrs import Rating

    return Rating[RATINGS[point.state, point.when if point.state != "missed" else None]]


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
