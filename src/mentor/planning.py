"""What a plan needs beside the pages and the skill map: `corpus/planning.yaml`, typed.

Backgrounds, tracks and the words of a CV are editors' knowledge, as the hours of a lesson are, so
they stand in the corpus, where a reader can correct them, and not in the code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mentor.facts import Entry, Slug, Text, read_typed
from mentor.learner import BACKGROUNDS, Background
from mentor.records import Level, Track

Hours = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(gt=0)]]
"""The fewest and the most hours that something takes."""


class Reason(Entry):
    """A track, and the words of the material that speak for it."""

    track: Track
    section: Text
    quote: Text


class Origin(Entry):
    """People of one background."""

    name: Text
    """As in "you are a software engineer"."""
    page: Text
    likely: tuple[Slug, ...]
    """Skills that such people often have: asked about, never assumed."""
    words: tuple[Text, ...]
    choice: Reason


class Assumed(Entry):
    background: Background
    target: Level
    hours: float


class Planning(Entry):
    kind: Literal["planning"]
    assumed: Assumed
    check: Hours
    practice: Hours
    portfolio: Slug
    few_hours: float
    few: Reason
    backgrounds: dict[Background, Origin]
    words: dict[Slug, tuple[Text, ...]]

    @model_validator(mode="after")
    def _whole(self) -> Planning:
        if missing := [name for name in BACKGROUNDS if name not in self.backgrounds]:
            raise ValueError(f"the background {missing[0]!r} is missing")
        return self


def read_planning(path: Path) -> Planning:
    """Read and check the file.

    Raises:
        MaterialError: the file is missing, is not YAML, or a field of it is unknown, missing or
            wrong; the message names file and field.
    """
    return read_typed(path, Planning, "the file")
