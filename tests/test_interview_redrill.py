"""Points that come back: which, when, and after what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import get_args

from interviewing import DRIFT, Candidate, desk, half, lost, minutes, strong

from mentor.interview.parts import State, When
from mentor.interview.redrill import RATINGS, Drill, cards, due, weak
from mentor.interview.session import advance, begin
from mentor.interview.state import Hint, InterviewState, Retry, Say, Setup, Skip, Stop, Sure

TODAY = date(2026, 11, 27)


def session(candidate: Candidate, *, day: int = 0, hint: bool = False) -> InterviewState:
    """One question on drift, so many days from today; the seed makes it the same question."""
    at = minutes(day * 24 * 60)
    state = begin(Setup(topics=(DRIFT,), questions=1), desk(), seed=1, at=at)
    if hint:
        state = advance(state, Hint(), desk(), at=at)
    state = advance(state, Say(text=candidate(desk().question(state.now.question))), desk(), at=at)
    while state.phase == "probe":
        state = advance(state, Skip(), desk(), at=at)
    return advance(state, Sure(), desk(), at=at)


def intervals(*days_and_answers: tuple[int, Candidate]) -> set[int]:
    """Days from the last review to the next, over the points of the question."""
    states = [session(candidate, day=day) for day, candidate in days_and_answers]
    last = TODAY + timedelta(days=days_and_answers[-1][0])
    return {(drill.due - last).days for drill in cards(states).values()}


def drills(*states: InterviewState) -> Sequence[Drill]:
    return list(cards(states).values())


def test_the_table_has_a_rating_for_every_grading_and_uses_all_four() -> None:
    graded = {(state, when) for state in get_args(State) for when in get_args(When)}
    possible = {(s, None if s == "missed" else w) for s, w in graded}
    assert set(RATINGS) == possible
    assert set(RATINGS.values()) == {"Again", "Hard", "Good", "Easy"}


def test_what_was_met_the_first_time_makes_no_card() -> None:
    assert drills(session(strong)) == []


def test_every_missed_point_comes_back_the_next_day() -> None:
    missed = session(lost)
    question = desk().question(missed.now.question)
    assert {drill.point for drill in drills(missed)} == set(question.points)
    assert intervals((0, lost)) == {1}


def test_a_point_half_made_comes_back_later_than_a_missed_one() -> None:
    assert min(intervals((0, half))) >= max(intervals((0, lost)))


def test_what_is_met_again_and_again_is_asked_ever_more_rarely() -> None:
    spans = [max(intervals(*((0, lost), *((d, strong) for d in days)))) for days in ((1,), (1, 9))]
    assert 1 < spans[0] < spans[1]


def test_a_lapse_brings_a_point_back_soon() -> None:
    assert max(intervals((0, lost), (1, strong), (9, lost))) <= 3


def test_a_hint_counts_as_hard_and_unprompted_as_easy() -> None:
    helped = cards([session(lost), session(strong, day=1, hint=True)])
    alone = cards([session(lost), session(strong, day=1)])
    assert all(helped[point].due < alone[point].due for point in alone)


def test_answers_are_reviews_in_the_order_in_which_they_were_given() -> None:
    waited, quick = session(lost, day=10), session(strong, day=1)
    assert cards([waited, quick]) == cards([quick, waited]) != {}
    assert len(weak(drills(waited, quick))) == len(drills(waited, quick))


def test_the_same_interviews_give_the_same_days() -> None:
    states = [session(lost), session(half, day=1), session(strong, day=4)]
    assert cards(states) == cards(states)


def test_a_retry_is_no_review() -> None:
    state = session(lost)
    question = desk().question(state.now.question)
    retried = advance(state, Retry(), desk(), at=minutes(1))
    retried = advance(retried, Say(text=strong(question)), desk(), at=minutes(2))
    assert cards([retried]) == cards([state])


def test_due_are_those_whose_day_has_come_the_longest_due_first() -> None:
    held = drills(session(lost), session(half, day=1))
    assert due(held, TODAY) == ()
    later = due(held, TODAY + timedelta(days=400))
    assert len(later) == len(held)
    assert [drill.due for drill in later] == sorted(drill.due for drill in held)


def test_weak_are_those_last_not_met_the_missed_ones_first() -> None:
    assert weak(drills(session(lost), session(strong, day=1))) == ()
    mixed = [
        Drill(point=p, due=TODAY, asked_in="q", state=s, reviews=1)  # type: ignore[arg-type]
        for p, s in (("a", "partly"), ("b", "met"), ("c", "missed"))
    ]
    assert [drill.point for drill in weak(mixed)] == ["c", "a"]


def test_an_interview_stopped_before_an_answer_leaves_no_cards() -> None:
    state = begin(Setup(), desk(), seed=1, at=minutes(0))
    assert drills(advance(state, Stop(), desk(), at=minutes(1))) == []
