"""The levels, stages and tracks that a question names, which a search filters by."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from mentor import language
from mentor.records import BOUNDARY, Level, Passage, Record, Track

_LEVELS: dict[Level, re.Pattern[str]] = {
    "junior": re.compile(r"\b(juniors?|entry[- ]level)\b", re.I),
    "mid": re.compile(
        r"\b(mids?(?:[- ]?level)?(?![-\w])|(?:middle|intermediate)[- ](?:level|engineers?))\b", re.I
    ),
    "senior": re.compile(r"\bseniors?\b", re.I),
}
_OF_NO_LEVEL = re.compile(
    r"\b(?:mentor|coach|teach|guid|lead|manag|onboard|hir)\w* (?:(?:a|an|the|my|our|new|some) )*"
    r"juniors?\b|\bfeedback to (?:(?:a|an|the|my|our|new) )*juniors?\b|"
    r"\bjuniors? (?:\w+ )?on my team\b|"
    r"\bseniors? (?:capstone|(?:backend|frontend|java|web|software|data|mobile|full[- ]stack) "
    r"(?:developer|engineer|programmer|analyst)s?)\b|"
    r"\bpromot\w+.*|\bma[dk]e (?:me|us) (?:a )?(?:seniors?|mids?)\b",
    re.I,
)
"""Levels that are not the asker's: a junior who is taught, a course's name, another profession, and
the one that a promotion leads to, which the page of the level below tells of."""
_NUMBER = r"(?:[1-5](?!\d)(?:st|nd|rd|th)?|one|two|three|four|five)"
_PLACE = r"(?:1st|2nd|3rd|4th|5th|first|second|third|fourth|forth|fifth|last|final)"
_AND = r"\s*(?:,\s*(?:and\b|or\b)?|and|or|to|vs\.?|versus|&|/|-|–)\s*"
_STAGE = re.compile(
    rf"\bstages?\s*#?({_NUMBER}(?:{_AND}{_NUMBER})*)\b"
    rf"|\b({_PLACE}(?:{_AND}(?:the\s+)?{_PLACE})*)\s+stages?\b",
    re.I,
)
_RANGE = re.compile(r"\bto\b|[-–]", re.I)
LETTER = r"(?:[ABCbc]|a(?=\s*(?:$|[^\w\s]|(?:and|or|vs|versus|of|in|is|has|does)\b)))"
"""The letter of a track, which "a" is only where no word follows: "how do I track a run?"."""
_TRACK = re.compile(
    rf"(?i:\b(?:tracks?|options?|paths?))\s+({LETTER}(?:{_AND}{LETTER})*)\b(?!['’\w])"
)
_OR = r"(?:\s*,\s*(?:(?:and|or)\s+)?|\s+(?:and|or|vs\.?|versus|instead of|to|than)\s+)"
_LETTERS = re.compile(
    r"(?<!variants )(?<!groups )(?<!models )(?<!versions )(?<!matrices )(?<!events )(?<![(/\w])"
    rf"([ABC](?:{_OR}[ABC])+)(?![/\w)+]|\s+tests?\b)"
)
"""Letters of tracks beside each other, without the word: "A or C?"."""
_ON_THE_WAY = re.compile(
    r"\b(?:from|between)\b.*\bto\b|\b(?:go|get|move|step)\w* (?:up )?to\b", re.I
)

Filter = Literal["levels", "stages", "tracks"]
"""A field of `Scope`."""


class Scope(Record):
    """The levels, stages and tracks that a question names; empty means any."""

    levels: tuple[Level, ...] = ()
    stages: tuple[int, ...] = ()
    tracks: tuple[Track, ...] = ()
    collection: str | None = None

    def __bool__(self) -> bool:
        return bool(self.levels or self.stages or self.tracks)

    def without(self, dropped: Collection[Filter]) -> Scope:
        """The same, but any level, stage or track will do where its kind is `dropped`."""
        return self.model_copy(update=dict.fromkeys(dropped, ()))

    def admits(self, passage: Passage) -> bool:
        """Whether a passage contradicts none of it. What has no level fits every level."""
        place = passage.place
        return (
            place.kind != BOUNDARY
            and self.collection in (None, passage.collection)
            and (not self.levels or place.level is None or place.level in self.levels)
            and (not self.stages or place.stage is None or place.stage in self.stages)
            and (not self.tracks or place.track is None or place.track in self.tracks)
        )

    def meets(self, passage: Passage) -> int:
        """How many of the named things the passage belongs to."""
        place = passage.place
        return (
            (place.level in self.levels)
            + (place.stage in self.stages)
            + (place.track in self.tracks)
        )


def scope_of(question: str) -> Scope:
    """The levels, stages and tracks that `question` names."""
    levelled = _OF_NO_LEVEL.sub(" ", question)
    levels = tuple(level for level, pattern in _LEVELS.items() if pattern.search(levelled))
    tracks = [
        letter.upper()
        for match in (*_TRACK.finditer(question), *_LETTERS.finditer(question))
        for letter in re.findall(rf"\b{LETTER}\b", match[1])
    ]
    return Scope(
        levels=levels,
        stages=tuple(dict.fromkeys(_stages_of(question))),
        tracks=tuple(dict.fromkeys(tracks)),
    )


def each_alone(question: str) -> list[tuple[Scope, str]]:
    """A question that names several levels, stages or tracks, as it is asked of each alone; nothing
    where it names one, or the way from one to another."""
    scope = scope_of(question)
    if _ON_THE_WAY.search(question):
        return []
    if len(scope.levels) > 1:
        names = {"junior": "junior", "mid": "mid-level", "senior": "senior"}
        patterns = list(_LEVELS.values())
        alone = [(Scope(levels=(level,)), names[level]) for level in scope.levels]
    elif len(scope.stages) > 1:
        patterns = [_STAGE]
        alone = [(Scope(stages=(n,)), f"stage {n}") for n in scope.stages]
    elif len(scope.tracks) > 1:
        patterns = [_TRACK, _LETTERS]
        alone = [(Scope(tracks=(track,)), f"track {track}") for track in scope.tracks]
    else:
        return []
    return [(one, _with_all(patterns, name, question)) for one, name in alone]


def _with_all(patterns: Iterable[re.Pattern[str]], name: str, question: str) -> str:
    for pattern in patterns:
        question = pattern.sub(name, question)
    return question


def _stages_of(question: str) -> Iterator[int]:
    for match in _STAGE.finditer(question):
        listed = match[1] or match[2]
        named = [
            5 if word.lower() in {"last", "final"} else language.ordinal(word) or 0
            for word in re.findall(rf"{_NUMBER}|{_PLACE}", listed, re.I)
        ]
        if len(named) == len({*named}) == 2 and _RANGE.search(listed):
            yield from range(named[0], named[1] + 1)
        yield from named
