"""The cross-encoder that is trained for the judge: its windows, its pairs, its weights."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mentor.interview.likeness import READS, open_reader, pair
from mentor.models.cross_encoder import CrossEncoder
from mentor.models.judge import best_window, statement_of
from mentor.questions import read_bank
from mentor.records import Passage
from mentor_evals.interview_answers import to_learn_from
from mentor_evals.training.points import answer_pairs
from mentor_evals.training.train import TOKENS_A_BATCH, WIDTHS, batches

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
PAGE = Passage(
    id="pay~0",
    section="pay",
    path=("Pay", "Pay by level"),
    text="Pay rises with the level:\n\n- Junior: $95,000\n- Senior: $157,000\n\nNobody knows why.",
    file="pay.md",
)


def test_the_window_of_a_sentence_is_the_item_that_says_it() -> None:
    start, end = best_window("A senior earns $157,000.", PAGE)
    assert PAGE.text[start:end] == "- Senior: $157,000"


def test_a_statement_is_read_under_its_last_two_headings() -> None:
    assert statement_of(PAGE, 0, 4) == "Pay › Pay by level: Pay "


def test_every_pair_is_in_a_batch_of_its_width_and_no_batch_is_too_large() -> None:
    lengths = [5 + n % 150 for n in range(700)]
    plan = batches(lengths, random.Random(1))
    assert {n for _, batch in plan for n in batch} == set(range(700))
    assert all(lengths[n] <= width for width, batch in plan for n in batch)
    assert all(width * len(batch) <= TOKENS_A_BATCH for width, batch in plan)
    assert {width for width, _ in plan} <= set(WIDTHS)


@pytest.mark.real
def test_the_trained_weights_tell_support_and_answers_apart() -> None:
    encoder = CrossEncoder()
    passage = (
        "Data leakage: Data leakage is the use of information in training that will not be "
        "available when the model has to predict. A leaking model fails after launch."
    )
    honest, outside = encoder.score(
        "supports",
        [
            (passage, "With leakage, a model learns from facts that it lacks once it predicts."),
            (passage, "Leakage was first described at a conference in Toronto."),
        ],
    )
    assert honest > outside
    good, off = encoder.score(
        "answers",
        [
            ("what is data leakage?", passage),
            ("what is data leakage?", "Docker: An image is built from layers."),
        ],
    )
    assert good > off


@pytest.mark.real
def test_the_reader_of_points_tells_the_whole_of_a_point_from_its_name() -> None:
    point = read_bank(CORPUS).points["drift-relation-change"]
    whole, named, other = open_reader().rows(
        [
            pair(
                point,
                "The customers look the same as before, but they act differently now, so "
                "the same inputs lead to another outcome.",
            ),
            pair(point, "There is concept drift, of course."),
            pair(point, "I would put the model into a container and give it an address."),
        ]
    )
    made, touched = READS.index("made"), READS.index("touched")
    assert whole[made] > 0 > max(named[made], other[made])
    assert min(whole[touched], named[touched]) > 0 > other[touched]


def test_a_point_is_learned_from_the_words_that_make_it_and_from_tempting_ones() -> None:
    bank = read_bank(CORPUS)
    answer = next(a for a in to_learn_from() if {"met", "missed"} <= set(a.states.values()))
    pairs = list(answer_pairs(answer, bank, random.Random(1)))
    for name, state in answer.states.items():
        left, _ = pair(bank.points[name], "")
        made, touched = (
            [each.labels[head] for each in pairs if each.left == left] for head in READS
        )
        assert (1.0 in made) == (state == "met")
        assert (1.0 in touched) == (state != "missed")
    assert all(each.right in answer.answer for each in pairs)
