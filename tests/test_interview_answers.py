"""The sample answers: their form, and that they took no words from the bank."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mentor.questions import FOLDER, Bank, read_bank, read_questions
from mentor_evals.interview_answers import SampleAnswer, agreement, faults, load, to_learn_from
from mentor_evals.suites.grading import half

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
STATES = {
    "drift-input-change": "met",
    "drift-relation-change": "partly",
    "drift-labels-prove": "missed",
    "drift-no-proof-of-harm": "missed",
}


@cache
def bank() -> Bank:
    return Bank(files=(read_questions(CORPUS / FOLDER / "model-monitoring-drift-detection.yaml"),))


def answer(**changes: Any) -> SampleAnswer:
    return SampleAnswer.model_validate(
        {
            "question": "drift-two-kinds",
            "band": "middling",
            "answer": "The first is when users change, the second when the meaning changes for us.",
            "states": STATES,
        }
        | changes
    )


def test_a_sound_answer_has_no_faults() -> None:
    assert list(faults([answer(), answer(band="weak", answer="No idea, sorry.")], bank())) == []


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"question": "gone"}, "gone (middling): the bank has no such question."),
        ({"states": STATES | {"gone": "met"}}, "states has 'gone', which is no point"),
        ({"states": {"drift-input-change": "met"}}, "states lacks 'drift-labels-prove'."),
        ({"second": {"drift-input-change": "met"}}, "second lacks 'drift-labels-prove'."),
    ],
)
def test_ids_and_labels_must_fit_the_question(changes: dict[str, Any], wrong: str) -> None:
    assert any(wrong in fault for fault in faults([answer(**changes)], bank()))


def test_four_words_in_a_row_may_be_those_of_a_paraphrase_and_five_may_not() -> None:
    four = "It hardly occurred in its data, I think."  # "hardly occurred in its training set"
    assert list(faults([answer(answer=four)], bank())) == []
    five = "They hardly occurred in its TRAINING data, I think."
    assert list(faults([answer(answer=five)], bank())) == [
        "drift-two-kinds (middling): shares 'hardly occurred in its training' "
        "with a paraphrase of drift-input-change."
    ]


def test_two_answers_to_a_question_must_not_be_one() -> None:
    (fault,) = faults([answer(), answer(band="strong")], bank())
    assert fault.startswith("drift-two-kinds (strong): shares 'the first is when")


def test_agreement_counts_points_that_were_labeled_twice() -> None:
    second = STATES | {"drift-input-change": "partly"}
    assert agreement([answer(), answer(second=second)]) == (4, 0.75)
    assert agreement([answer()]) == (0, 0.0)


def test_a_line_that_is_no_answer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    good = answer().model_dump_json()
    path.write_text(f"{good}\n{json.dumps(json.loads(good) | {'band': 'great'})}\n")
    with pytest.raises(ValueError, match=r"answers\.jsonl:2: band: Input should be 'weak'"):
        load(path)
    assert load(tmp_path / "gone.jsonl") == []


def test_the_shipped_answers_are_sound_and_in_their_own_words() -> None:
    answers = load()
    assert list(faults(answers, read_bank(CORPUS))) == []
    bands = Counter((answer.question, answer.band) for answer in answers)
    assert set(bands.values()) == {1}
    assert len(bands) == len(answers) >= 360
    assert len({answer.question for answer in answers}) * 3 == len(answers)


def test_a_hundred_answers_are_labeled_twice_and_mostly_alike() -> None:
    answers = load()
    assert sum(answer.second is not None for answer in answers) >= 100
    assert agreement(answers)[1] >= 0.9


def test_grading_learns_from_no_answer_to_a_question_that_reports() -> None:
    whole, reports = read_bank(CORPUS), {a.question for a in load() if half(a.question) == "test"}
    for learned in to_learn_from():
        assert learned.question not in reports
        assert set(learned.states) == set(whole.questions[learned.question].points)
        made = {point for point, state in learned.states.items() if state != "missed"}
        assert made == set(learned.words)
        assert all(words in learned.answer for words in learned.words.values())
