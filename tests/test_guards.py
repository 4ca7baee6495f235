"""What a sentence may never do to the words that carry it."""

from __future__ import annotations

import pytest

from mentor.models.guards import violations

PAY = "A junior earns $95,000 to $130,000 and a senior $157,000 or more."
TRACKS = "There are 13 courses in track A and 12 in track B."


@pytest.mark.parametrize(
    ("sentence", "window"),
    [
        ("A junior earns $95k to $130k.", PAY),
        ("Seniors earn 157,000 dollars or more.", PAY),
        ("Track A has 13 courses.", TRACKS),
        ("Thirteen courses are in track A.", TRACKS),
        ("Half of the rows are used.", "50 % of the rows are used."),
        ("Use three methods.", "Use these:\n\n- one\n- two\n- three"),
        ("SciKit-Learn is enough.", "scikit-learn is enough."),
        ("A test set should never be touched.", "Do not touch the test set."),
    ],
)
def test_an_honest_sentence_breaks_no_guard(sentence: str, window: str) -> None:
    assert violations(sentence, window, "Heading") == ()


@pytest.mark.parametrize(
    ("sentence", "window", "guard"),
    [
        ("A junior earns $96,000.", PAY, "figure 96000"),
        ("A senior earns $95,000.", PAY, "figure 95000 of another rank"),
        ("Track A has 12 courses.", TRACKS, "figure 12 of another rank"),
        ("Seniors earn $157k to $230k.", "Seniors earn $157k–$230k+.", "without its +"),
        ("The tool is MLflow.", "The tool is DVC.", "name MLflow"),
        ("This is for mid-level engineers.", "This is for senior engineers.", "rank mid level"),
        ("The test set is not split first.", "The test set is split first.", "negation added"),
        ("Dropout is used at serving.", "Dropout is not used at serving.", "negation lost"),
        ("Latency increases with batches.", "Latency decreases with batches.", "direction"),
        ("Split after scaling.", "Split before scaling.", "direction"),
        ("All models drift.", "Some models drift.", "all"),
        ("Only seniors do this.", "Seniors do this.", "quantifier only"),
    ],
)
def test_a_twist_is_named(sentence: str, window: str, guard: str) -> None:
    found = violations(sentence, window, "Heading")
    assert any(guard in each for each in found), found
