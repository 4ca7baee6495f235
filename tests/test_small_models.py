"""The small models that ship give the same numbers on every processor: bars and scores need it.

Expected are the numbers that exact arithmetic gives. Signed weights would be multiplied in 16 bits,
which overflow, where a processor knows AVX2 and no more: they were up to 1.4 off there.
"""

from __future__ import annotations

import pytest

from mentor.interview.likeness import open_reader
from mentor.models.cross_encoder import CrossEncoder
from mentor.models.in_context import ContextEncoder

pytestmark = pytest.mark.real

PASSAGE = (
    "Data leakage: Data leakage is the use of information in training that will not be available "
    "when the model has to predict."
)
SAID = "With leakage, a model learns from facts that it lacks once it predicts."


def test_the_judge_scores_alike_everywhere() -> None:
    judge = CrossEncoder()
    assert judge.score("supports", [(PASSAGE, SAID)])[0] == pytest.approx(1.510, abs=0.02)
    asked = ("what is data leakage?", PASSAGE)
    assert judge.score("answers", [asked])[0] == pytest.approx(1.414, abs=0.02)


def test_the_reader_of_points_reads_alike_everywhere() -> None:
    made, touched = open_reader().rows([(PASSAGE, SAID)])[0]
    assert (made, touched) == pytest.approx((0.921, 1.709), abs=0.02)


def test_a_follow_up_means_the_same_everywhere() -> None:
    vector = ContextEncoder().vector(
        "would clipping rescue it?", topic="my loss is NaN", headings=["Exploding gradients"]
    )
    assert vector[:4] == pytest.approx([-0.0695, -0.0328, 0.0712, 0.0111], abs=0.002)
