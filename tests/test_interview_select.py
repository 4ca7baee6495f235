"""The choice of questions: balanced, adapting, without repeats, and the same from a seed."""

from __future__ import annotations

from collections import Counter

import pytest
from interviewing import (
    DRIFT,
    NOON,
    Candidate,
    answered,
    desk,
    half,
    lost,
    on,
    played,
    started,
    strong,
)

from mentor.errors import InterviewError
from mentor.interview.session import begin
from mentor.interview.state import InterviewState, Past, Setup
from mentor.questions import Question


def asked(state: InterviewState) -> list[Question]:
    return [desk().question(each.question) for each in state.rounds]


def test_the_same_seed_and_answers_bring_the_same_questions() -> None:
    runs = [[q.id for q in asked(played(half, level="mid", questions=8))] for _ in range(2)]
    assert runs[0] == runs[1] and len(set(runs[0])) == 8


def test_another_seed_brings_others() -> None:
    opened = {begin(Setup(), desk(), seed=seed, at=NOON).now.question for seed in range(20)}
    assert len(opened) > 5


def test_topics_and_kinds_are_evened_out() -> None:
    for level in ("junior", "mid", "senior"):
        mixed = asked(played(half, level=level, questions=12))
        assert {q.level for q in mixed} == {level}
        assert max(Counter(q.topic for q in mixed).values()) == 1
        assert len({q.kind for q in mixed}) >= 5
        assert max(Counter(q.kind for q in mixed).values()) <= 3


def test_two_chosen_topics_take_turns() -> None:
    topics = ("topic-python-for-data-science", "topic-data-wrangling-pandas")
    chosen = asked(played(half, topics=topics, questions=6))
    assert Counter(q.topic for q in chosen) == dict.fromkeys(topics, 3)


@pytest.mark.parametrize("level", ["junior", "mid", "senior"])
def test_good_answers_make_it_harder_and_poor_ones_easier(level: str) -> None:
    def mean(candidate: Candidate) -> float:
        difficulties = [q.difficulty for q in asked(played(candidate, level=level, questions=10))]
        return sum(difficulties) / len(difficulties)

    assert mean(strong) > mean(half) >= mean(lost)


def test_what_was_asked_lately_is_not_asked_again_while_there_are_others() -> None:
    before = [q.id for q in asked(played(half, topics=(DRIFT,), questions=1))]
    there = [
        q.id for q in desk().bank.questions.values() if q.topic == DRIFT and q.level == "junior"
    ]
    again = asked(played(half, topics=(DRIFT,), questions=20, past={"recent": before}))
    assert [q.id for q in again][-1] == before[0]
    assert sorted(q.id for q in again) == sorted(there)


def test_the_longest_unasked_comes_first_when_all_were_asked_lately() -> None:
    there = [
        q.id for q in desk().bank.questions.values() if q.topic == DRIFT and q.level == "junior"
    ]
    again = started(topics=(DRIFT,), past={"recent": there})
    assert again.now.question == there[0]


def test_an_interview_ends_when_the_topic_has_no_more_questions() -> None:
    state = played(half, topics=(DRIFT,), questions=20)
    assert state.finished and len(state.rounds) == 3


def shared() -> tuple[str, list[Question]]:
    """A point that several questions of one level ask for."""
    for point in desk().bank.points:
        for level in ("junior", "mid"):
            siblings = [q for q in desk().bank.siblings(point) if q.level == level]
            if len(siblings) > 1:
                return point, siblings
    raise AssertionError("the bank has siblings")


@pytest.mark.parametrize("aim", ["due", "weak", "balanced"])
def test_a_point_comes_back_first_and_through_a_sibling(aim: str) -> None:
    point, siblings = shared()
    past = {"due": [point], "weak": [point], "asked_in": {point: siblings[0].id}}
    state = started(level=siblings[0].level, aim=aim, questions=4, past=past)
    assert state.now.drill == point
    assert state.now.question != siblings[0].id and point in asked(state)[0].points


def test_a_point_of_one_question_alone_comes_back_through_that_question() -> None:
    point, only = next(
        (point, desk().bank.siblings(point)[0])
        for point in desk().bank.points
        if len(desk().bank.siblings(point)) == 1
    )
    state = started(aim="due", past={"due": [point], "asked_in": {point: only.id}})
    assert state.now.question == only.id


def test_due_points_fill_at_most_half_of_a_balanced_interview() -> None:
    level = "junior"
    due = [next(iter(q.points)) for q in desk().bank.questions.values() if q.level == level][::9]
    state = played(half, level=level, questions=6, past={"due": due})
    assert [each.drill is not None for each in state.rounds] == [True] * 3 + [False] * 3


def test_a_drill_of_what_is_due_asks_nothing_else_and_no_point_twice() -> None:
    point, _ = shared()
    state = played(half, aim="due", questions=10, past={"due": [point]})
    assert len(state.rounds) == 1 and state.finished


@pytest.mark.parametrize("aim", ["weak", "due"])
def test_without_a_past_there_is_nothing_weak_or_due(aim: str) -> None:
    with pytest.raises(InterviewError, match=r"weak|due") as caught:
        started(aim=aim)
    assert caught.value.cure


def test_a_set_up_without_questions_is_refused() -> None:
    with pytest.raises(InterviewError, match="no question for this choice"):
        started(level="senior", topics=("topic-python-for-data-science",))


def test_a_changed_past_does_not_touch_a_session_that_is_on() -> None:
    state = on(answered(started(questions=3), half))
    assert state.past == Past() and not state.finished
