"""Questions that a learner may pick are the material's own, and fit to be read."""

from __future__ import annotations

from mentor.offers import question_of, to_begin_with
from mentor.records import BOUNDARY, Passage, Place


def passage(
    *questions: str, page: str = "p", text: str = "XGBoost", kind: str = "lesson"
) -> Passage:
    return Passage(
        id=f"{page}~0",
        section=page,
        path=("Trees",),
        text=text,
        file="p.md",
        place=Place(kind=kind),
        questions=questions,
    )


def test_a_question_that_its_author_wrote_out_comes_first() -> None:
    assert question_of(passage("what are trees", "Why trees?")) == "Why trees?"


def test_a_rough_question_is_written_out_and_spelt_as_the_material_does() -> None:
    given = passage(
        "xgboost help",
        "what is xgboost in an ml stack with docker",
        text="Many an ML stack has XGBoost in it. A stack may run in Docker.",
    )
    assert question_of(given) == "What is XGBoost in an ML stack with Docker?"


def test_a_word_that_the_material_writes_small_too_is_no_name() -> None:
    text = "Training-Serving skew arises in serving. `GROUP BY` lets us group by patient."
    assert question_of(passage("what is serving", text=text)) == "What is serving?"
    assert question_of(passage("why group by patient", text=text)) == "Why group by patient?"


def test_a_learner_is_spelt_with_a_capital() -> None:
    assert question_of(passage("when should i fine-tune")) == "When should I fine-tune?"


def test_what_is_no_question_is_not_offered() -> None:
    assert question_of(passage("page about trees", "what now")) is None
    assert question_of(passage()) is None


def test_the_pages_that_answer_most_are_offered_first_and_boundaries_never() -> None:
    asked = [
        passage("what is a small page", page="a"),
        passage("what is a big page", "big", "bigger", page="b"),
        passage("what is another part", "more", page="b"),
        passage("what is the weather", "rain", "snow", "sun", page="c", kind=BOUNDARY),
    ]
    assert to_begin_with(asked, 4) == ["What is a big page?", "What is a small page?"]
    assert to_begin_with(asked, 1) == ["What is a big page?"]
