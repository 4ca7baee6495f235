"""A copy may slip in small words, and in none that carries matter."""

from __future__ import annotations

import pytest

from mentor.models.copying import copied

SOFTMAX = "A second softmax squeezes all scores into the range 0 to 1, so the loss stays high."
ACCURACY = (
    "Accuracy flatters a model when one class is rare, because ignoring the rare class is right "
    "nearly always. A fraud model that never raises an alarm is 99% accurate when 1% of payments "
    "are fraud, and it finds nothing."
)
GAPS = (
    'A gap can be missing completely at random (MCAR). A gap is "missing at random" (MAR) when '
    "other, known columns explain it."
)
PAY = "A junior earns $95,000–$130,000 a year, and the salary grows by 10% a year. Bonuses vary."


@pytest.mark.parametrize(
    ("sentence", "window"),
    [
        (SOFTMAX, SOFTMAX),
        ("A second softmax squeezes all scores into the range 0 to 1.", SOFTMAX),
        ("The second softmax squeezes all of the scores into the range 0 to 1.", SOFTMAX),
        ("A junior earns $95k–$130k a year.", PAY),
        ("The salary grows by 10% a year.", PAY),
        ("Bonuses vary.", PAY),
        ("A gap can be missing completely at random.", GAPS),
        (
            "RAG is a design with a search in it.",
            "RAG (retrieval-augmented generation) is a design with a search in it.",
        ),
        (
            "Most employers expect an engineer to own the lifecycle.",
            "Most employers expect an engineer there to own the lifecycle.",
        ),
    ],
)
def test_a_copy_with_small_slips_is_a_copy(sentence: str, window: str) -> None:
    assert copied(sentence, window)


@pytest.mark.parametrize(
    ("sentence", "window"),
    [
        ("A softmax squeezes all scores into the range 0 to 1.", SOFTMAX),
        ("A fraud model that never raises an alarm is 99% accurate.", ACCURACY),
        (
            "A model that never raises an alarm is 99% accurate when ignoring the rare class.",
            ACCURACY,
        ),
        ('A gap is "missing at random" (MCAR).', GAPS),
        ('A gap is "missing at random".', GAPS),
        ("Accuracy flatters a model.", ACCURACY),
        ("The formula for precision is", "The formulas are `precision = TP / (TP + FP)`."),
        ("A forest is the safer starting.", "A forest is the safer start."),
        ("Juniors get a car.", PAY),
        ("You need Python and R.", "You need Python or R."),
        ("You will fail the test.", "You could fail the test."),
        ("Pay rises to 10%.", "Pay rises by 10%."),
        (
            "Use SMOTE on the training data.",
            "Use SMOTE (never before the split) on the training data.",
        ),
        ("You can skip tests.", "In a prototype you can skip tests."),
        ("Drift hurts.", "If the relation has changed, drift hurts."),
        ("Trees train fast (in seconds).", "Trees train fast (in seconds) if the table is small."),
        ("", PAY),
    ],
)
def test_a_copy_that_lost_a_condition_or_a_word_of_matter_is_none(
    sentence: str, window: str
) -> None:
    assert not copied(sentence, window)
