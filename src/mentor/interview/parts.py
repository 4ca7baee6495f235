"""What a graded answer is made of; the session asks for it, the report and the faces show it."""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import Field

from mentor.questions import Question
from mentor.records import Record

State = Literal["met", "partly", "missed"]
When = Literal["unprompted", "probe", "hint"]
"""What came before the words: nothing, a probe, or the hint of the question."""
Grade = Literal["not yet", "developing", "ready", "strong"]
"""Bands of a score, from low to high; what each means depends on the level."""


class Said(Record):
    """One turn of the candidate's answer."""

    text: str
    when: When = "unprompted"


class Quote(Record):
    """The candidate's exact words: `said[turn].text[start:end]`."""

    turn: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str

    def overlaps(self, other: Quote) -> bool:
        """Whether a character stands in both."""
        return self.turn == other.turn and self.start < other.end and other.start < self.end


class GradedPoint(Record):
    """What became of one rubric point. Met and partly met have a quote; missed has none."""

    point: str
    state: State
    weight: int
    section: str
    """The section of the corpus that teaches it."""
    quote: Quote | None = None
    when: When | None = None
    """When the quoted words were said."""
    comment: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """What a larger model says of an open point, where the section bears it out."""


class MadeMistake(Record):
    """One of the question's common mistakes that the candidate asserted."""

    says: str
    why: str
    section: str
    quote: Quote


class Graded(Record):
    """The grading of one answer; the same answer always gets the same."""

    question: str
    points: tuple[GradedPoint, ...]
    mistakes: tuple[MadeMistake, ...] = ()
    unjudged: tuple[Quote, ...] = ()
    """Sentences that match no point. They never cost."""
    score: int = Field(ge=0, le=100)
    band: Grade


class Grader(Protocol):
    """What the session needs of a grader."""

    def grade(self, question: Question, said: tuple[Said, ...]) -> Graded:
        """Grade all turns of one answer together. Deterministic; an empty answer scores 0."""
        ...

    def prepare(self, question: Question) -> None:
        """Do what can be done before there is an answer."""
        ...
