"""The session: what the learner may do when, and what a move makes of it."""

from __future__ import annotations

import time

import pytest
from interviewing import DRIFT, NOON, answered, desk, first, half, minutes, on, played, started
from interviewing import lost as knows_nothing
from interviewing import strong as knows_all

from mentor.errors import InterviewError
from mentor.interview.screen import screen_of
from mentor.interview.session import READ, advance, moves
from mentor.interview.state import (
    Claim,
    Hint,
    InterviewState,
    Move,
    Next,
    Pause,
    Resume,
    Retry,
    Say,
    Show,
    Skip,
    Stop,
    Sure,
)


def after(state: InterviewState, *made: Move, at: float = 0) -> InterviewState:
    for move in made:
        state = advance(state, move, desk(), at=minutes(at))
    return state


def notices(state: InterviewState) -> str:
    feedback = screen_of("i", 1, state, desk()).feedback
    assert feedback is not None
    return " ".join(feedback.notices)


# --- the way through --------------------------------------------------------------------------


def test_a_learner_goes_from_question_to_report() -> None:
    state = started(level="junior", topics=(DRIFT,), questions=2)
    seen = [state.phase]
    for move in (
        Say(text="No idea."),
        Skip(),
        Skip(),
        Sure(sure=1),
        Retry(),
        Say(text="Still not."),
    ):
        state = after(state, move)
        seen.append(state.phase)
    for move in (Show(), Next(), Skip(), Show(), Next()):
        state = after(state, move)
        seen.append(state.phase)
    assert seen == [
        "question", "probe", "probe", "sure", "feedback", "retry", "feedback",
        "shown", "question", "feedback", "shown", "done",
    ]  # fmt: skip
    assert len(state.rounds) == 2 and state.scores == (0, 0)


def test_the_model_answer_comes_after_the_feedback_and_never_before() -> None:
    state = started(topics=(DRIFT,))
    model_answer = desk().question(state.now.question).model_answer.strip()
    for move in (Hint(), Say(text="No idea."), Skip(), Skip(), Sure(), Retry(), Skip()):
        state = after(state, move)
        assert model_answer not in screen_of("i", 1, state, desk()).model_dump_json()
    shown = screen_of("i", 1, after(state, Show()), desk())
    assert shown.model_answer == model_answer


def test_before_the_grading_a_screen_holds_nothing_of_the_rubric() -> None:
    state = after(started(topics=(DRIFT,)), Say(text="No idea."))
    shown = screen_of("i", 1, state, desk()).model_dump_json()
    for id_ in desk().question(state.now.question).points:
        point = desk().bank.points[id_]
        assert id_ not in shown and point.says not in shown and point.met not in shown


def test_what_is_not_possible_now_is_told_with_what_is() -> None:
    state = started()
    for move in (Sure(sure=3), Retry(), Show(), Next(), Claim(point="x", words="y")):
        with pytest.raises(InterviewError, match="not possible now") as caught:
            after(state, move)
        assert "say, skip, hint" in caught.value.cure


def test_a_second_retry_is_not_offered() -> None:
    state = after(answered(started(), knows_nothing), Retry(), Say(text="Still no idea."))
    assert "retry" not in moves(state) and "show" in moves(state)


# --- probes -----------------------------------------------------------------------------------


def test_probes_begin_neutral_and_then_aim_at_the_weightiest_point_not_made() -> None:
    state = started(topics=(DRIFT,))
    question = desk().question(state.now.question)
    state = after(state, Say(text="No idea."), Say(text="Nothing to add."))
    neutral, aimed = state.now.probes
    assert neutral.point is None and neutral.answered == 1
    probed = {probe.point: question.points[probe.point] for probe in question.probes}
    assert aimed.point is not None and probed[aimed.point] == max(probed.values())


def test_a_point_that_was_made_is_not_probed() -> None:
    for each in desk().bank.questions.values():
        if each.kind == "system_design":
            continue
        state = started(level=each.level, topics=(each.topic,), kinds=(each.kind,), questions=1)
        state = after(state, Say(text=first(desk().question(state.now.question))), Skip())
        aimed = [probe.point for probe in state.now.probes]
        assert next(iter(desk().question(state.now.question).points)) not in aimed


def test_who_makes_every_point_is_not_probed_at_all() -> None:
    state = started()
    state = after(state, Say(text=knows_all(desk().question(state.now.question))))
    assert state.phase == "sure" and state.now.probes == ()


def test_a_design_may_be_probed_five_times_and_anything_else_twice() -> None:
    most = {}
    for kind in ("system_design", "concept"):
        state = after(started(level="mid", kinds=(kind,)), Say(text="Hm."))
        while state.phase == "probe":
            state = after(state, Say(text="Hm."))
        most[kind] = len(state.now.probes)
        assert len({probe.text for probe in state.now.probes}) == most[kind]
    assert most == {"system_design": 5, "concept": 2}


def test_what_was_said_after_a_probe_and_after_a_hint_is_told_apart() -> None:
    state = after(started(topics=(DRIFT,)), Say(text="a1"), Say(text="b2"), Hint(), Say(text="c3"))
    assert [said.when for said in state.now.said] == ["unprompted", "probe", "hint"]
    assert state.now.hinted


# --- grading, confidence, retry -----------------------------------------------------------------


def test_confidence_is_asked_before_the_grading_and_kept() -> None:
    state = started()
    state = after(state, Say(text=knows_all(desk().question(state.now.question))))
    assert state.now.graded is None
    state = after(state, Sure(sure=5))
    assert state.now.sure == 5 and state.now.graded is not None and state.now.graded.score == 100


def test_a_retry_is_marked_and_counts_nowhere() -> None:
    state = answered(started(), knows_nothing)
    question = desk().question(state.now.question)
    retried = after(state, Retry(), Say(text=knows_all(question)))
    assert retried.now.retry is not None and retried.now.retry.graded is not None
    assert retried.now.retry.graded.score == 100
    assert retried.scores == state.scores == (0,) and retried.results == state.results


def test_each_graded_question_leaves_a_result_for_every_skill_it_shows() -> None:
    state = answered(started(topics=(DRIFT,)), knows_all)
    question = desk().question(state.now.question)
    assert {result.skill for result in state.results} == set(desk().skills(question))
    assert all(r.passed and not r.hinted and r.on == NOON.date() for r in state.results)
    hinted = after(started(topics=(DRIFT,)), Hint())
    assert all(result.hinted for result in answered(hinted, knows_all).results)


def test_a_dispute_keeps_the_words_and_the_score() -> None:
    state = after(
        started(), Say(text="It was all about the labels, I swear."), Skip(), Skip(), Sure()
    )
    graded = state.now.graded
    assert graded is not None
    point = graded.points[0].point
    disputed = after(state, Claim(point=point, words="about the labels"))
    (dispute,) = disputed.now.disputes
    assert (dispute.point, dispute.words) == (point, "about the labels")
    assert disputed.now.graded == graded
    later = after(on(disputed), Skip(), Show(), Stop())
    again = after(later, Claim(question=state.now.question, point=point, words="I swear"))
    assert len(again.rounds[0].disputes) == 2


def test_a_dispute_needs_an_open_point_and_words_of_ones_own() -> None:
    state = answered(started(), first)
    graded = state.now.graded
    assert graded is not None
    met, missed = (next(p.point for p in graded.points if p.state == s) for s in ("met", "missed"))
    for claim in (
        Claim(point=met, words="a"),
        Claim(point="no-such-point", words="a"),
        Claim(point=missed, words="words that nobody said"),
        Claim(point=missed, words="  "),
        Claim(point=missed, words="a", question="no-such-question"),
    ):
        with pytest.raises(InterviewError):
            after(state, claim)


def test_words_that_a_phone_typed_are_found_as_a_keyboard_has_them() -> None:
    state = after(started(), Say(text="It’s the team’s labels."), Skip(), Skip(), Sure())
    assert state.now.graded is not None
    claim = Claim(point=state.now.graded.points[0].point, words="It's the team's labels.")
    assert after(state, claim).now.disputes


def test_after_a_second_try_a_dispute_may_be_on_either_and_quotes_the_one_it_is_on() -> None:
    state = answered(started(), knows_all)
    state = after(state, Retry(), Say(text="Totally different words about bananas."))
    assert state.now.retry is not None and state.now.retry.graded is not None
    missed = next(p.point for p in state.now.retry.graded.points if p.state == "missed")
    disputed = after(state, Claim(point=missed, words="different words about bananas"))
    assert [each.words for each in disputed.now.disputes] == ["different words about bananas"]
    made = desk().bank.points[missed].met
    with pytest.raises(InterviewError, match="do not stand"):
        after(state, Claim(point=missed, words=made))


# --- pause, time, stop ----------------------------------------------------------------------------


def test_a_pause_stops_the_clock_and_nothing_but_going_on_is_possible() -> None:
    state = after(started(timer=True), Pause(), at=2)
    assert moves(state) == ("resume", "stop")
    with pytest.raises(InterviewError, match="not possible now"):
        after(state, Say(text="Too early."))
    state = after(after(state, Resume(), at=60), Say(text="Now."), at=61)
    assert state.now.seconds == 180


def test_a_pause_keeps_what_is_written_until_the_answer_is_given() -> None:
    state = after(started(), Pause(text=" Half an\x00 answ "), Resume())
    assert state.draft == "Half an answ" and state.now.said == ()
    assert after(state, Say(text="A whole answer.")).draft == ""
    assert after(state, Pause()).draft == "Half an answ", "also where the next pause is in the chat"
    with pytest.raises(InterviewError, match="100,000 is the most"):
        after(started(), Pause(text="a" * 100_001))


def test_a_state_that_was_kept_before_there_were_drafts_is_read() -> None:
    state = after(started(), Pause())
    older = state.model_dump(mode="json", exclude={"draft", "left"})
    assert InterviewState.model_validate(older) == state


def test_the_time_of_a_closed_page_is_not_counted() -> None:
    state = after(after(started(), Resume(window="b"), at=600), Say(text="Here I am."), at=601)
    assert state.window == "b" and state.now.seconds == 60


def test_what_is_written_outlasts_a_hint() -> None:
    state = after(started(), Pause(text="Half an answ"), Resume(), Hint())
    assert state.draft == "Half an answ"
    shown = screen_of("i", 1, state, desk())
    assert shown.draft == "Half an answ" and shown.had_typed == "You had typed: “Half an answ”"


def test_stopping_grades_what_was_said() -> None:
    state = started()
    said = after(state, Say(text=first(desk().question(state.now.question))), Stop())
    assert said.finished and len(said.scores) == 1
    silent = after(started(), Stop())
    assert silent.finished and silent.scores == ()


def test_stopping_after_a_pause_grades_what_had_been_written() -> None:
    written = first(desk().question(started().now.question))
    paused = after(started(), Pause(text=written), Stop())
    assert paused.now.said[0].text == written and len(paused.scores) == 1
    assert paused.now.probes == () and paused.draft == "", "nobody asked anything more"
    empty = after(started(), Pause(text=" … "), Stop())
    assert empty.finished and empty.scores == ()


def test_the_same_moves_make_the_same_states() -> None:
    assert played(half, questions=4) == played(half, questions=4)


def test_a_state_comes_back_from_json_as_it_was() -> None:
    state = played(half, questions=3)
    assert InterviewState.model_validate(state.model_dump(mode="json")) == state


# --- answers that are no answers ----------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "…?!", "\x00"])
def test_an_empty_answer_is_told_and_nothing_is_lost(text: str) -> None:
    state = started()
    with pytest.raises(InterviewError, match="empty") as caught:
        after(state, Say(text=text))
    assert "skip" in caught.value.cure
    assert after(state, Say(text="Now then.")).phase == "probe"


def test_twenty_kilobytes_are_kept_and_read_as_far_as_somebody_would_listen() -> None:
    state = started()
    text = knows_all(desk().question(state.now.question)) + " And so on." * 2000
    began = time.perf_counter()
    state = after(state, Say(text=text), Sure())
    assert time.perf_counter() - began < 1
    assert state.now.said[0].text == text
    assert state.scores == (100,)
    assert f"{len(text):,} characters" in notices(state) and f"{READ:,}" in notices(state)


def test_an_answer_beyond_reason_is_refused_with_its_length() -> None:
    with pytest.raises(InterviewError, match="200,000 characters"):
        after(started(), Say(text="a" * 200_000))


@pytest.mark.parametrize(
    "text",
    [
        "Дрейф данных означает, что распределение входов изменилось после обучения модели.",
        "数据漂移是指输入分布相对于训练数据发生了变化。",
        "Datendrift heißt, dass sich die Verteilung der Eingaben gegenüber dem Training ändert, "
        "und man merkt es erst, wenn die Labels da sind.",
        "La dérive des données signifie que la distribution des entrées change par rapport aux "
        "données de référence du modèle.",
    ],
    ids=["russian", "chinese", "german", "french"],
)
def test_an_answer_in_another_language_is_kept_and_told(text: str) -> None:
    state = answered(started(), lambda _: text)
    assert state.now.said[0].text == text and "English sentences only" in notices(state)


@pytest.mark.parametrize(
    "text",
    [
        "```python\nfor x in data:\n    model.fit(x)\n```",
        "import pandas as pd\ndf = pd.read_csv('a.csv')\nprint(df.describe())",
        "SELECT user_id, count(*) FROM events GROUP BY user_id;",
    ],
)
def test_code_alone_is_kept_and_told(text: str) -> None:
    state = answered(started(), lambda _: text)
    assert state.now.said[0].text == text and "is code" in notices(state)


@pytest.mark.parametrize(
    "text",
    [
        "I don't know.",
        "Precision, recall, F1.",
        "You'd call df.groupby('user').mean() and look at the result per user, I think.",
        "the data changes so the model is wrong and you see it late because labels come late",
        "For each class I look at recall: it is what the business asks for.",
    ],
)
def test_plain_speech_gets_no_notice(text: str) -> None:
    assert notices(answered(started(), lambda _: text)) == ""


def test_no_model_answer_of_the_bank_reads_as_code_or_as_another_language() -> None:
    from mentor.interview.notices import notices as noticed
    from mentor.interview.parts import Said

    bank, grader = desk().bank, desk().grader
    for question in bank.questions.values():
        said = (Said(text=question.model_answer),)
        nothing_met = grader.grade(question, (Said(text="No."),))
        assert noticed(said, nothing_met) == (), question.id
