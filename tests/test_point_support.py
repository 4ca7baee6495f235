"""Which rubric points their sections support least."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import MENTOR

from mentor.models.judge import LexicalJudge
from mentor.point_support import support
from mentor.questions import Point
from mentor.records import Page

PAGE = Page(
    id="drift",
    title="Drift",
    body="# Drift\n\n## What it is\n\nDrift is a change of the inputs. Labels may come late.",
    file="drift.md",
)


def point(id_: str, says: str, section: str = "drift#what-it-is") -> Point:
    return Point(
        id=id_,
        says=says,
        met="It changed.",
        partly="Well.",
        paraphrases=("So it did.", "It moved."),
        section=section,
    )


def test_the_least_supported_point_comes_first_with_the_words_that_carry_it_best() -> None:
    points = [
        point("taught", "Drift is a change of the inputs."),
        point("not-taught", "Kafka partitions keep the order of events."),
        point("elsewhere", "Drift is a change of the inputs.", "drift#gone"),
    ]
    found = support(points, [PAGE], LexicalJudge())
    assert [each.point.id for each in found] == ["not-taught", "taught"]
    assert found[0].score < 0.3 < 0.9 < found[1].score
    assert found[1].words == "Drift is a change of the inputs."


def test_guards_that_a_point_breaks_are_told_and_refuse_nothing() -> None:
    (found,) = support(
        [point("figure", "Drift is a change of 30% of the inputs.")],
        [PAGE],
        LexicalJudge(),
    )
    assert found.violations == ("figure 30",)


@pytest.mark.real
def test_the_command_lists_the_points_of_a_file_and_refuses_nothing() -> None:
    corpus = Path(__file__).resolve().parents[1] / "corpus"
    file = corpus / "interviews" / "model-monitoring-drift-detection.yaml"
    done = subprocess.run(
        [MENTOR, "corpus", "check", "--points", file],
        env=os.environ | {"MENTOR_CORPUS": str(corpus)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Points on knowledge: 38, the least supported first" in done.stdout
    assert done.stdout.count("lessons/model-monitoring-and-drift-detection#") == 20
