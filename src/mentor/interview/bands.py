"""Bands of a score, and what each means at a level."""

from __future__ import annotations

from mentor.interview.parts import Grade
from mentor.records import Level

BANDS: tuple[tuple[int, Grade], ...] = ((85, "strong"), (65, "ready"), (40, "developing"))
"""The lowest score of each band; below them all it is "not yet"."""
FEWEST = 3
"""Questions that a band over several of them needs; fewer say too little."""

_MEANS: dict[Grade, str] = {
    "not yet": "Most of what an interviewer for {role} listens for is still missing.",
    "developing": "The outline is there. An interviewer for {role} would have to ask for the rest.",
    "ready": "An interviewer for {role} hears what matters without much help.",
    "strong": "Complete and said without help: above what most interviewers for {role} expect.",
}
_ROLE: dict[Level, str] = {
    "junior": "a junior role",
    "mid": "a mid-level role",
    "senior": "a senior role",
}


def band_of(score: float) -> Grade:
    """The band of a score from 0 to 100."""
    return next((band for least, band in BANDS if score >= least), "not yet")


def band_over(scores: list[int]) -> Grade | None:
    """The band of the mean; None under three questions."""
    return band_of(sum(scores) / len(scores)) if len(scores) >= FEWEST else None


def meaning(band: Grade, level: Level) -> str:
    """What a band says about somebody at this level, in a sentence."""
    return _MEANS[band].format(role=_ROLE[level])
