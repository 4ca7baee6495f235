"""A candidate who knows the bank by heart, for tests of interviews over the shipped bank."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from mentor.interview.desk import Desk
from mentor.interview.scripted import ScriptedGrader
from mentor.interview.session import advance, begin
from mentor.interview.state import InterviewState, Next, Past, Say, Setup, Show, Skip, Sure
from mentor.questions import Question, read_bank
from mentor.settings import shipped
from mentor.syllabus import read_syllabus

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
DRIFT = "topic-model-monitoring-drift-detection"
Candidate = Callable[[Question], str]


@cache
def desk() -> Desk:
    """The shipped bank and syllabus, and the scripted grader."""
    bank = read_bank(shipped("corpus"))
    return Desk(bank=bank, grader=ScriptedGrader(bank), syllabus=read_syllabus(shipped("corpus")))


def minutes(n: float) -> datetime:
    """So many minutes past noon."""
    return NOON + timedelta(minutes=n)


def strong(question: Question) -> str:
    """Every point, in full."""
    return " ".join(desk().bank.points[id_].met for id_ in question.points)


def half(question: Question) -> str:
    """Every point, by half."""
    return " ".join(desk().bank.points[id_].partly for id_ in question.points)


def lost(_question: Question) -> str:
    return "I have never worked with that."


def first(question: Question) -> str:
    """The first point alone."""
    return desk().bank.points[next(iter(question.points))].met


def started(**setup: object) -> InterviewState:
    """A session by a set-up, with seed 1 and no past."""
    past = setup.pop("past", Past())
    return begin(
        Setup.model_validate(setup), desk(), seed=1, at=NOON, past=Past.model_validate(past)
    )


def answered(
    state: InterviewState, candidate: Candidate, *, sure: int | None = 3
) -> InterviewState:
    """The session with its question answered, probes skipped, and graded."""
    state = advance(
        state, Say(text=candidate(desk().question(state.now.question))), desk(), at=NOON
    )
    while state.phase == "probe":
        state = advance(state, Skip(), desk(), at=NOON)
    return advance(state, Sure(sure=sure), desk(), at=NOON)


def on(state: InterviewState) -> InterviewState:
    """From the feedback to the next question, or to the end."""
    return advance(advance(state, Show(), desk(), at=NOON), Next(), desk(), at=NOON)


def played(candidate: Candidate, *, sure: int | None = 3, **setup: object) -> InterviewState:
    """A whole session."""
    state = started(**setup)
    while not state.finished:
        state = on(answered(state, candidate, sure=sure))
    return state
