"""Scores of one reply by code alone: facts found, words forbidden, figures without support."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mentor import language
from mentor_evals.cases import Facts
from mentor_evals.replies import Line, Reply
from mentor_evals.task import Score

REPEATS = 0.8
_DASHES = re.compile(r"\s*[-‐‑‒–—]\s*")


def plain(text: str) -> str:
    """Lower case, one kind of dash without blanks, single blanks: what spellings are matched in."""
    return _DASHES.sub("-", re.sub(r"\s+", " ", text.lower().replace("&", "and")))


def missing(expect: Facts, text: str) -> list[str]:
    """The facts of which no spelling stands in `text`."""
    said = plain(text)
    return [" / ".join(fact) for fact in expect if not any(plain(s) in said for s in fact)]


def facts(expect: Facts, reply: Reply) -> Score | None:
    """The share of the expected facts that the reply holds, counted by facts."""
    if not expect:
        return None
    lost = missing(expect, reply.text)
    why = "refused; " if reply.refused else ""
    return Score(
        value=1 - len(lost) / len(expect),
        weight=len(expect),
        explanation=f"{why}missing: {'; '.join(lost)}" if lost else "",
    )


def forbidden(forbid: Sequence[str], text: str) -> list[str]:
    said = plain(text)
    return [word for word in forbid if plain(word) in said]


def unsupported_figures(reply: Reply) -> list[str]:
    """Figures of a sentence that none of its cited passages has, neither in text nor heading."""
    passages = {c.n: f"{c.heading} {c.passage_text}" for c in reply.citations}
    found = []
    for line in reply.lines:
        there = {f for n in line.citations for f in language.figures(passages[n])}
        found += [f"{f:g}" for f in language.figures(line.text) if f not in there]
    return found


def repeated(lines: Sequence[Line]) -> list[str]:
    """The sentences that say again what one sentence before them has said.

    They bring no new figure, and four fifths of their content stems stand in that sentence.
    """
    found = []
    for n, line in enumerate(lines):
        stems = language.content_stems(line.text)
        figures = set(language.figures(line.text))
        if stems and any(
            len(stems & language.content_stems(before.text)) >= REPEATS * len(stems)
            and figures <= set(language.figures(before.text))
            for before in lines[:n]
        ):
            found.append(line.text)
    return found


def words(reply: Reply) -> int:
    return len(reply.text.split())
