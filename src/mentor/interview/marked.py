"""A candidate's answer in pieces, so that a page can mark the words that counted, and for what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from mentor.interview.feedback import Feedback
from mentor.interview.parts import Quote, Said
from mentor.records import Record

Mark = Literal["met", "partly", "mistake"]


class Piece(Record):
    """Some words of an answer; the pieces of a turn together are the turn."""

    text: str
    mark: Mark | None = None
    """None: the words counted for nothing, and cost nothing."""


def marked(said: Sequence[Said], feedback: Feedback) -> tuple[tuple[Piece, ...], ...]:
    """The pieces of each turn. Where two quotes overlap, the one that begins first has the words.

    Args:
        said: the turns that `feedback` is about.
    """
    quotes = sorted(_quotes(feedback), key=lambda found: (found[0].start, -found[0].end))
    return tuple(
        tuple(_pieces(turn.text, [found for found in quotes if found[0].turn == n]))
        for n, turn in enumerate(said)
    )


def _quotes(feedback: Feedback) -> Iterator[tuple[Quote, Mark]]:
    yield from ((slip.quote, "mistake") for slip in feedback.mistakes)
    yield from ((made.quote, "met") for made in feedback.made)
    yield from ((each.quote, "partly") for each in feedback.missing if each.quote)


def _pieces(text: str, quotes: Sequence[tuple[Quote, Mark]]) -> Iterator[Piece]:
    at = 0
    for quote, mark in quotes:
        if quote.start > at:
            yield Piece(text=text[at : quote.start])
        if quote.end > max(quote.start, at):
            yield Piece(text=text[max(quote.start, at) : quote.end], mark=mark)
        at = max(at, quote.end)
    if at < len(text):
        yield Piece(text=text[at:])
