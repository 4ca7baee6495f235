"""Interviews in a real store: kept after every turn, resumed, guarded against a second window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from interviewing import DRIFT, NOON, Candidate, desk, lost, strong

from mentor.errors import InterviewError, StaleWrite, StoreUnusable
from mentor.interview.desk import Desk
from mentor.interview.interviews import Interviews, Kept
from mentor.interview.state import (
    MOVE,
    Aim,
    Move,
    Next,
    Pause,
    Resume,
    Say,
    Setup,
    Show,
    Skip,
    Stop,
    Sure,
)
from mentor.learner import changed
from mentor.progress import results_of
from mentor.questions import Bank
from mentor.settings import Settings
from mentor.store import Store, open_store

ON_DRIFT = Setup(topics=(DRIFT,), questions=3)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    store = open_store(Settings(home=home))
    yield store
    store.close()


@pytest.fixture
def interviews(store: Store, clock: Clock) -> Interviews:
    return Interviews(desk, store=lambda: store, now=clock)


def played(
    interviews: Interviews, candidate: Candidate, setup: Setup = ON_DRIFT, *, who: str = "ada"
) -> Kept:
    """A whole interview, answered without help."""
    kept = interviews.begin(who, setup)
    while not kept.state.finished:
        question = desk().question(kept.state.now.question)
        phases: dict[str, Move] = {
            "question": Say(text=candidate(question)),
            "probe": Skip(),
            "sure": Sure(sure=3),
            "feedback": Show(),
            "shown": Next(),
        }
        kept = interviews.turn(who, kept.id, phases[kept.state.phase], seen=kept.version)
    return kept


# --- kept after every turn -----------------------------------------------------------------------


def test_every_turn_is_kept_before_it_is_shown(interviews: Interviews, home: Path) -> None:
    kept = interviews.begin("ada", ON_DRIFT)
    for move in (Say(text="No idea."), Skip(), Skip(), Sure(), Show(), Next()):
        kept = interviews.turn("ada", kept.id, move, seen=kept.version)
        again = open_store(Settings(home=home))
        assert Interviews(desk, store=lambda again=again: again).get("ada", kept.id) == kept
        again.close()


def test_after_a_restart_the_learner_goes_on_where_they_were(
    interviews: Interviews, home: Path
) -> None:
    kept = interviews.begin("ada", ON_DRIFT)
    kept = interviews.turn("ada", kept.id, Say(text="It is about the inputs."))
    before = interviews.screen(kept)
    store = open_store(Settings(home=home))
    restarted = Interviews(desk, store=lambda: store)
    waiting = restarted.open("ada")
    assert waiting is not None and restarted.screen(waiting) == before
    store.close()


def test_a_paused_interview_waits_and_a_finished_one_does_not(interviews: Interviews) -> None:
    kept = interviews.begin("ada", ON_DRIFT)
    interviews.turn("ada", kept.id, Pause())
    waiting = interviews.open("ada")
    assert waiting is not None and waiting.state.paused
    interviews.turn("ada", kept.id, Stop())
    assert interviews.open("ada") is None


# --- two windows ---------------------------------------------------------------------------------


def test_the_second_of_two_tabs_is_told_and_nothing_is_lost(interviews: Interviews) -> None:
    kept = interviews.begin("ada", ON_DRIFT)
    first = interviews.turn("ada", kept.id, Say(text="From the first tab."), seen=kept.version)
    with pytest.raises(StaleWrite, match="another window") as caught:
        interviews.turn("ada", kept.id, Say(text="From the second tab."), seen=kept.version)
    assert "Reload" in caught.value.cure
    assert interviews.get("ada", kept.id) == first
    later = interviews.turn("ada", kept.id, Say(text="From the second tab."), seen=first.version)
    assert [said.text for said in later.state.now.said] == [
        "From the first tab.",
        "From the second tab.",
    ]


def test_two_turns_at_the_very_same_moment_count_once(store: Store) -> None:
    """The other tab writes while this one is grading."""
    quick = Interviews(desk, store=lambda: store)
    kept = quick.begin("ada", ON_DRIFT)

    class Slow:
        def prepare(self, question: object) -> None: ...

        def grade(self, question: object, said: object) -> object:
            if quick.get("ada", kept.id).version == kept.version:
                quick.turn("ada", kept.id, Say(text="I was faster."))
            return desk().grader.grade(question, said)  # type: ignore[arg-type]

    own = Desk(bank=desk().bank, grader=Slow(), syllabus=desk().syllabus)  # type: ignore[arg-type]
    with pytest.raises(StaleWrite):
        Interviews(lambda: own, store=lambda: store).turn("ada", kept.id, Say(text="Me too."))
    assert [said.text for said in quick.get("ada", kept.id).state.now.said] == ["I was faster."]


def test_a_chat_that_an_interview_has_left_is_told_so_whichever_window_took_it(
    interviews: Interviews,
) -> None:
    kept = interviews.begin("ada", ON_DRIFT, window="chat")
    taken = interviews.turn("ada", kept.id, Skip(), window="page")
    assert (taken.state.window, taken.state.left) == ("page", ("chat",))
    left = interviews.going_on("ada", "chat")
    assert left is not None and left.state.window == "page"


def test_a_window_resumes_what_was_in_it_before_what_was_begun_later(
    interviews: Interviews,
) -> None:
    here = interviews.begin("ada", ON_DRIFT, window="chat")
    interviews.turn("ada", here.id, Skip(), window="page")
    later = interviews.begin("ada", ON_DRIFT, window="terminal")
    for window, waiting in (("chat", here), ("page", here), ("new", later), (None, later)):
        found = interviews.open("ada", window)
        assert found is not None and found.id == waiting.id


def test_nobody_sees_the_interview_of_another(interviews: Interviews) -> None:
    kept = interviews.begin("ada", ON_DRIFT)
    for call in (
        lambda: interviews.get("bob", kept.id),
        lambda: interviews.turn("bob", kept.id, Skip()),
        lambda: interviews.report("bob", kept.id),
    ):
        with pytest.raises(InterviewError, match="no interview"):
            call()


# --- what the past is good for -------------------------------------------------------------------


def test_the_next_interview_asks_something_else(interviews: Interviews) -> None:
    asked: list[str] = []
    for _ in range(4):
        kept = played(interviews, strong, Setup(level="mid", topics=(DRIFT,), questions=2))
        asked += [each.question for each in kept.state.rounds]
    assert len(set(asked)) == len(asked)


def test_a_seed_repeats_an_interview_whatever_came_between(interviews: Interviews) -> None:
    setup = Setup(level="mid", questions=4, seed=7)
    once = played(interviews, lost, setup)
    played(interviews, strong, Setup(level="mid", questions=4))
    again = played(interviews, lost, setup)
    assert [r.question for r in once.state.rounds] == [r.question for r in again.state.rounds]


def test_what_was_missed_is_due_the_next_day_and_asked_first(
    interviews: Interviews, clock: Clock
) -> None:
    played(interviews, lost)
    assert interviews.due("ada") == ()
    clock.now += timedelta(days=1)
    due = interviews.due("ada")
    assert due and {drill.due for drill in due} == {clock.now.date()}
    kept = interviews.begin("ada", Setup(questions=4))
    assert kept.state.now.drill in {drill.point for drill in due}
    assert interviews.screen(kept).again


def test_weak_spots_are_what_was_missed_last(interviews: Interviews) -> None:
    with pytest.raises(InterviewError, match="No weak spots"):
        interviews.begin("ada", Setup(aim="weak"))
    missed = played(interviews, lost)
    kept = interviews.begin("ada", Setup(aim="weak"))
    assert desk().question(kept.state.now.question).topic == DRIFT
    graded = missed.state.rounds[0].graded
    assert graded is not None and kept.state.now.drill


def test_weak_spots_are_asked_at_another_level_too(interviews: Interviews) -> None:
    played(interviews, lost, Setup(topics=("topic-python-for-data-science",)))
    kept = interviews.begin("ada", Setup(aim="weak", level="senior"))
    assert kept.state.now.drill in kept.state.past.weak


def test_weak_spots_that_a_choice_leaves_out_are_told(interviews: Interviews, clock: Clock) -> None:
    played(interviews, lost)
    clock.now += timedelta(days=1)
    with pytest.raises(InterviewError, match="None of your weak spots") as caught:
        interviews.begin("ada", Setup(aim="weak", topics=("topic-containerization-docker",)))
    assert "Leave topics" in caught.value.cure
    with pytest.raises(InterviewError, match="Nothing that is due"):
        interviews.begin("ada", Setup(aim="due", topics=("topic-containerization-docker",)))


@pytest.mark.parametrize("aim", ["balanced", "weak", "due"])
def test_as_many_questions_are_promised_as_are_asked(
    interviews: Interviews, clock: Clock, aim: Aim
) -> None:
    played(interviews, lost)
    clock.now += timedelta(days=1)
    setup = Setup(topics=(DRIFT,), questions=20, aim=aim)
    promised = interviews.screen(interviews.begin("ada", setup)).of
    ended = played(interviews, lost, setup)
    assert promised == len(ended.state.rounds) < 20


# --- reports and proposals -----------------------------------------------------------------------


def test_practice_that_went_well_is_proposed_for_the_plan_and_nothing_changes_by_itself(
    interviews: Interviews, store: Store
) -> None:
    kept = played(interviews, strong)
    proposals = interviews.report("ada", kept.id).proposals
    (practice,) = [p for p in proposals if p.id == f"practice-{DRIFT}"]
    assert practice.change["done"][0]["item"] == f"practice-{DRIFT}"
    assert practice.change["keep_plan"] is False
    learner = store.learner("ada")
    assert learner is not None and learner.done == ()


def test_a_learner_who_keeps_a_plan_gets_it_moved_on_with_a_yes(
    interviews: Interviews, store: Store
) -> None:
    store.keep_plan("ada", {})
    report = interviews.report("ada", played(interviews, strong).id)
    assert report.proposals[0].change["keep_plan"] is True
    assert "plan moves on" in report.proposals[0].says


@pytest.mark.parametrize("setup", [Setup(topics=(DRIFT,), questions=2), Setup(questions=4)])
def test_too_few_questions_propose_nothing(interviews: Interviews, setup: Setup) -> None:
    assert interviews.report("ada", played(interviews, strong, setup).id).proposals == ()


def test_poor_answers_propose_nothing(interviews: Interviews) -> None:
    assert interviews.report("ada", played(interviews, lost).id).proposals == ()


def test_five_good_answers_over_all_topics_are_practice_at_the_level(
    interviews: Interviews, store: Store
) -> None:
    kept = played(interviews, strong, Setup(level="mid", questions=5))
    (proposal,) = interviews.report("ada", kept.id).proposals
    assert proposal.id == "practice-mid"
    store.update_learner("ada", lambda now: changed(now, target="mid"))
    assert interviews.level_of("ada") == "mid" and interviews.level_of("bob") == "junior"


def test_a_skill_is_proposed_as_known_after_two_good_days(
    interviews: Interviews, clock: Clock
) -> None:
    first = interviews.report("ada", played(interviews, strong).id)
    clock.now += timedelta(days=1)
    setup = Setup(level="mid", topics=(DRIFT,), questions=3)
    second = interviews.report("ada", played(interviews, strong, setup).id)
    assert not [p for p in first.proposals if p.id.startswith("known-")]
    known = [p for p in second.proposals if p.id.startswith("known-")]
    assert {p.change["skills"][0]["id"] for p in known} >= {"monitoring-drift-detection"}


def test_results_stand_where_progress_looks_for_them(interviews: Interviews, store: Store) -> None:
    played(interviews, strong)
    results = results_of(state for _, state in store.interviews("ada"))
    assert len({result.question for result in results}) == 3
    assert all(result.passed for result in results)


def test_a_report_before_the_first_grading_is_refused(interviews: Interviews) -> None:
    kept = interviews.begin("ada", ON_DRIFT)
    with pytest.raises(InterviewError, match="graded yet"):
        interviews.report("ada", kept.id)


def test_the_trend_grows_with_each_interview(interviews: Interviews, clock: Clock) -> None:
    for n, candidate in enumerate((lost, strong)):
        clock.now = NOON + timedelta(days=n)
        kept = played(interviews, candidate, Setup(questions=3, level="mid"))
        assert len(interviews.report("ada", kept.id).trend) == n + 1


# --- what else is in the store -------------------------------------------------------------------


def test_export_and_deletion_hold_interviews(interviews: Interviews, store: Store) -> None:
    kept = played(interviews, strong)
    assert store.export("ada")["interviews"][0]["id"] == kept.id
    store.delete("ada")
    assert interviews.all("ada") == ()


def test_a_state_of_another_version_is_told(interviews: Interviews, store: Store) -> None:
    store.save_interview("ada", "i1", state={"rounds": "?"}, seen=0)
    with pytest.raises(StoreUnusable, match="another version") as caught:
        interviews.get("ada", "i1")
    assert caught.value.cure


def test_an_interview_of_another_version_stands_in_the_way_of_no_other(
    interviews: Interviews, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.save_interview("ada", "of-tomorrow", state={"rounds": "?"}, seen=0)
    kept = played(interviews, lost)
    assert [each.id for each in interviews.all("ada")] == [kept.id]
    assert interviews.report("ada", kept.id).score == 0
    assert interviews.open("ada") is None
    assert [r.getMessage() for r in caplog.records if "of-tomorrow" in r.getMessage()] == [
        "The interview of-tomorrow was kept by another version of Mentor. It is left out."
    ]
    assert store.interview("ada", "of-tomorrow") == ({"rounds": "?"}, 1), "nothing is lost"


def test_a_question_that_left_the_bank_ends_the_interview_with_a_word(
    interviews: Interviews, store: Store
) -> None:
    kept = interviews.begin("ada", ON_DRIFT)
    poorer = Desk(bank=Bank(), grader=desk().grader, syllabus=desk().syllabus)
    with pytest.raises(InterviewError, match="bank has changed"):
        Interviews(lambda: poorer, store=lambda: store).get("ada", kept.id)


def test_an_interview_whose_question_left_the_bank_waits_for_nobody(
    interviews: Interviews, store: Store
) -> None:
    older = interviews.begin("ada", ON_DRIFT, window="chat")
    poorer = Desk(bank=Bank(), grader=desk().grader, syllabus=desk().syllabus)
    later = Interviews(lambda: poorer, store=lambda: store)
    assert not later.is_open(older)
    assert later.open("ada") is None and later.going_on("ada", "chat") is None
    assert [each.id for each in later.all("ada")] == [older.id], "nothing is lost"


def test_the_days_of_an_interview_are_those_of_the_servers_clock(store: Store) -> None:
    kept = Interviews(desk, store=lambda: store).begin("ada", ON_DRIFT)
    assert kept.state.began.utcoffset() == datetime.now().astimezone().utcoffset()


def test_a_move_comes_from_json() -> None:
    assert MOVE.validate_python({"move": "resume", "window": "w"}) == Resume(window="w")


def test_learners_without_interviews_have_an_empty_past(interviews: Interviews) -> None:
    assert interviews.open("ada") is None and interviews.due("ada") == ()


def test_the_time_of_an_answer_leaves_the_grading_out(store: Store) -> None:
    noon = [NOON]

    def slow_clock() -> datetime:
        """Ten seconds pass from one look to the next."""
        noon[0] += timedelta(seconds=10)
        return noon[0]

    interviews = Interviews(desk, store=lambda: store, now=slow_clock)
    kept = interviews.begin("ada", ON_DRIFT)
    kept = interviews.turn("ada", kept.id, Say(text="It depends on the data."))
    assert kept.state.phase == "probe" and kept.state.now.seconds == 10
    kept = interviews.turn("ada", kept.id, Skip())
    assert kept.state.now.seconds == 20, "the ten seconds of the grading do not count"
