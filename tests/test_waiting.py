"""Who comes back is told what waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from interviewing import desk

from mentor.index import IndexReader
from mentor.interview.interviews import Interviews
from mentor.interview.state import Setup, Skip, Stop, Sure
from mentor.learner import Done, Learner
from mentor.mentor import Mentor
from mentor.models.embed import HashingEmbeddings
from mentor.next_steps import NextSteps
from mentor.settings import Settings, shipped
from mentor.store import open_store
from mentor_ui.waiting import waiting

ADA = "ada"


@pytest.fixture
def steps(home: Path) -> Iterator[NextSteps]:
    made = NextSteps(shipped("corpus"), list, open_store=lambda: open_store(Settings(home=home)))
    yield made
    made.store.close()


def mentor_of(steps: NextSteps, *, days: int = 0) -> Mentor:
    """The mentor as it is some days from now."""
    embedder = HashingEmbeddings()
    interviews = Interviews(
        desk, store=lambda: steps.store, now=lambda: datetime.now(UTC) + timedelta(days=days)
    )
    reader = IndexReader(Path("none"), embedder)
    return Mentor(reader=reader, embedder=embedder, chat=None, steps=steps, interviews=interviews)


def test_for_somebody_new_nothing_waits(steps: NextSteps) -> None:
    assert waiting(mentor_of(steps), ADA) == ""
    assert waiting(mentor_of(steps), None) == ""


def test_the_step_that_is_up_follows_the_marks(steps: NextSteps) -> None:
    steps.keep(ADA, lambda _: Learner(hours=6))
    first, second, *_ = steps.preview(ADA, lambda now: now)[0].steps
    assert first.title in waiting(mentor_of(steps), ADA)
    steps.store.mark(ADA, Done(item=first.id, on=datetime.now(UTC).date()))
    said = waiting(mentor_of(steps), ADA)
    assert second.title in said and first.title not in said
    assert 'href="/plan#today"' in said


def test_an_open_interview_and_what_is_due_are_told(steps: NextSteps) -> None:
    today = mentor_of(steps).interviews
    assert today is not None
    kept = today.begin(ADA, Setup(questions=1))
    said = waiting(mentor_of(steps), ADA)
    assert f'href="/interview/{kept.id}"' in said and "due" not in said
    while not kept.state.scores:
        move = Sure() if kept.state.phase == "sure" else Skip()
        kept = today.turn(ADA, kept.id, move, seen=kept.version)
    today.turn(ADA, kept.id, Stop(), seen=kept.version)
    assert waiting(mentor_of(steps), ADA) == ""
    said = waiting(mentor_of(steps, days=30), ADA)
    assert said.startswith("<p>One question is") and "not finished" not in said
