"""From the states of points to a score and a band. Every number of it stands here.

    score = 100 · Σ weight · worth(state) · worth(when) / Σ weight − 10 for each mistake asserted

No model has a say in it, so that the same states always give the same score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

from mentor.interview.parts import Grade, State, When
from mentor.records import Level

WORTH: dict[State, float] = {"met": 1.0, "partly": 0.5, "missed": 0.0}
WORTH_WHEN: dict[When, float] = {"unprompted": 1.0, "probe": 0.9, "hint": 0.75}
"""What a point counts that was said before any help, after a probe, and after the hint."""
COST = 10
"""What an asserted mistake costs, of a hundred."""
BANDS: tuple[tuple[int, Grade], ...] = (
    (85, "strong"),
    (60, "ready"),
    (30, "developing"),
    (0, "not yet"),
)
"""The least score of each band."""

MEANS: dict[Level, dict[Grade, str]] = {
    "junior": {
        "not yet": "An interviewer would not hear the basics of this topic yet.",
        "developing": "Part of the basics is there; an interviewer would have to help you along.",
        "ready": "You would pass this question in a junior interview.",
        "strong": "You would stand out with this answer among juniors.",
    },
    "mid": {
        "not yet": "An interviewer would doubt that you have done this on your own.",
        "developing": "You know the parts, but not yet enough to run such work alone.",
        "ready": "You would pass this question as somebody who works alone.",
        "strong": "You would be trusted with this work from the first week.",
    },
    "senior": {
        "not yet": "An interviewer would not hear the judgement that a senior is hired for.",
        "developing": "The knowledge is there; the trade-offs that a senior decides are missing.",
        "ready": "You would pass this question in a senior interview.",
        "strong": "You would be heard as somebody who sets the direction for others.",
    },
}
"""What a band means at a level."""


class Counted(Protocol):
    """What is counted of a graded point."""

    @property
    def state(self) -> State: ...
    @property
    def weight(self) -> int: ...
    @property
    def when(self) -> When | None: ...


def score(points: Iterable[Counted], *, mistakes: int = 0) -> int:
    """In 0 to 100, halves rounded up; the mistakes cannot push it below 0."""
    points = tuple(points)
    whole = sum(point.weight for point in points)
    gained = sum(worth(point.state, point.when) * point.weight for point in points)
    return max(0, math.floor(100 * gained / whole + 0.5) - COST * mistakes) if whole else 0


def worth(state: State, when: When | None) -> float:
    """What a point in this state counts, of 1."""
    return WORTH[state] * WORTH_WHEN[when or "unprompted"]


def band(score: int) -> Grade:
    """
    >>> band(29), band(30), band(85)
    ('not yet', 'developing', 'strong')
    """
    return next(name for least, name in BANDS if score >= least)
