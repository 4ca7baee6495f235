"""What a learner says becomes a question that stands alone."""

from __future__ import annotations

import pytest

from mentor import conversation
from mentor.errors import QuestionError


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\x00\x07", "???", "…"])
def test_an_empty_question_is_refused_with_a_cure(empty: str) -> None:
    with pytest.raises(QuestionError, match="empty") as caught:
        conversation.clean(empty)
    assert caught.value.cure


def test_a_question_of_fifty_kilobytes_is_refused_with_its_length() -> None:
    with pytest.raises(QuestionError, match="49,999 characters"):
        conversation.clean("why? " * 10_000)


def test_control_characters_become_blanks_and_words_stay() -> None:
    assert conversation.clean("what\x00 does\x1b[31m\u202e a\tjunior earn?") == (
        "what does [31m a junior earn?"
    )


@pytest.mark.parametrize(
    ("history", "question", "standalone"),
    [
        (
            ["How much do junior engineers make?"],
            "and seniors?",
            "How much do seniors engineers make?",
        ),
        (
            ["What is in track A of stage 3?"],
            "what about track B?",
            "What is in track B of stage 3?",
        ),
        (
            ["What is in track C of stage one?", "and stage two?"],
            "and four?",
            "What is in track C of stage four?",
        ),
        (
            ["Which courses are in track A of stage 3?"],
            "and B?",
            "Which courses are in track B of stage 3?",
        ),
        (
            ["Should I start with deep learning?"],
            "why?",
            "Should I start with deep learning? why?",
        ),
        (
            ["What is stage 2 about?", "thanks!"],
            "and the deliverables?",
            "What is stage 2 about? and the deliverables?",
        ),
    ],
)
def test_a_follow_up_takes_up_what_was_asked_before(
    history: list[str], question: str, standalone: str
) -> None:
    assert conversation.standalone(question, history) == standalone


def test_a_question_of_its_own_leaves_the_history_alone() -> None:
    question = "Which free courses cover statistics for beginners?"
    assert conversation.standalone(question, ["What does a senior earn?"]) == question


def test_a_pronoun_that_means_somebody_in_the_question_leans_on_nothing() -> None:
    question = "How satisfied are ML engineers with their job?"
    assert conversation.standalone(question, ["Should I learn one cloud or several?"]) == question


def test_the_stage_after_the_one_talked_about_is_named() -> None:
    asked = conversation.standalone("what comes after that?", ["What is stage 3 about?"])
    assert "stage 4" in asked


@pytest.mark.parametrize("said", ["Hi!", "hello there", "Thanks a lot!", "ok, thank you", "bye"])
def test_small_talk_gets_a_human_reply(said: str) -> None:
    assert conversation.small_talk(said)


@pytest.mark.parametrize("said", ["hi, what does a junior earn?", "thanks, and the senior?"])
def test_a_question_after_a_greeting_is_a_question(said: str) -> None:
    assert conversation.small_talk(said) is None
