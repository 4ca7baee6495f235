"""A candidate's words in pieces that may make a point: one to three sentences in a row.

Speech has no full stops. So a sentence of more than `LONGEST` words is cut before a joining word
("and then", "because", "so"), or after `LONGEST` words where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from mentor import language
from mentor.interview.parts import Quote, Said
from mentor.records import Record

LONGEST = 28
"""Words that a piece may have before it is cut."""
SHORTEST = 8
"""Words that a piece must have before a joining word cuts it."""
ROW = 3
"""Sentences that may make a point together."""
_JOIN = frozenset(
    """
    and but so because then also or while whereas which if when since otherwise instead though
    """.split()
)
_WORD = re.compile(r"\S+")


class Window(Record):
    """Sentences `first` to `last` (inclusive) of an answer, counted over all of its turns."""

    first: int
    last: int
    quote: Quote


def sentences(said: Sequence[Said]) -> list[Quote]:
    """The sentences of all turns, in order; the long ones in pieces."""
    return [
        Quote(turn=turn, start=a, end=b, text=words.text[a:b])
        for turn, words in enumerate(said)
        for a, b in _spans(words.text)
    ]


def windows(said: Sequence[Said], parts: Sequence[Quote]) -> list[Window]:
    """Every row of one to `ROW` sentences that stand in one turn."""
    found = []
    for first, opening in enumerate(parts):
        for last in range(first, min(first + ROW, len(parts))):
            if parts[last].turn != opening.turn:
                break
            start, end = opening.start, parts[last].end
            text = said[opening.turn].text[start:end]
            quote = Quote(turn=opening.turn, start=start, end=end, text=text)
            found.append(Window(first=first, last=last, quote=quote))
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    offset = 0
    for line in text.splitlines(keepends=True):
        for start, end in language.sentence_spans(line):
            yield from _pieces(text, offset + start, offset + end)
        offset += len(line)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span itself, or the pieces of a long one."""
    words = [(start + m.start(), start + m.end()) for m in _WORD.finditer(text[start:end])]
    if len(words) <= LONGEST:
        yield start, end
        return
    cuts = [0]
    for n, (a, b) in enumerate(words):
        since = n - cuts[-1]
        joins = text[a:b].lower().strip(",;:") in _JOIN or text[words[n - 1][1] - 1] in ";:"
        if (since >= SHORTEST and joins and len(words) - n >= SHORTEST) or since >= LONGEST:
            cuts.append(n)
    for one, two in pairwise([*cuts, len(words)]):
        yield words[one][0], words[two - 1][1]
