"""The judge: may this sentence be shown, and is this what was asked?

Two judgements that are not the same. `supports` holds a sentence against a passage: a score for
the meaning, and apart from it the violations of guards that never give way (figures, names,
negation, direction, quantifiers). `answers` holds statements against a question.

`LexicalJudge` is the first of its kind: words and embeddings, strict on purpose. A trained one
takes its place behind the same port.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from mentor import language
from mentor.models.embed import Embedder
from mentor.records import Passage, Record


class Support(Record):
    """How well a passage carries a sentence: `passage.text[start:end]` are the words that do."""

    score: float
    violations: tuple[str, ...]
    start: int
    end: int


class Judge(Protocol):
    """The one port of ours; the others are LangChain's."""

    def supports(self, sentence: str, passage: Passage) -> Support:
        """Meaning in [0, 1] and guards violated, over the best window of the passage."""
        ...

    def answers(self, question: str, statements: Sequence[str]) -> list[float]:
        """For each statement, in [0, 1], how much it is what was asked."""
        ...

    def accepts(self, support: Support) -> bool:
        """Whether a sentence with this support may be shown."""
        ...


_MORE = frozenset(
    """
    more above over exceeds higher greater longer increase increases rise
    """.split()
)
_LESS = frozenset(
    """
    less below under lower fewer shorter decrease decreases fall
    """.split()
)
_EVERY = frozenset(
    """
    all every always each only entirely must
    """.split()
)
_RANK = re.compile(r"\b(junior|senior|mid-level|track [abc]|stage \w+)\b", re.I)
# Glue that a paraphrase may add: it claims nothing.
_GLUE = language.content_stems(
    "important need role skill learn focus become follow start begin work ensure able various "
    "different career new well good help part area"
)


class LexicalJudge:
    """Word overlap and word order, joined with the cosine of the sentence and its window.

    The score is `0.4 · coverage + 0.4 · order + 0.2 · cosine`: the share of the sentence's content
    stems that stand in the window or its heading path; the share of its pairs of neighbouring
    words that are neighbours there too (ROUGE-2's precision, Lin 2004); and the cosine. The right
    words in a new order score low, which a strict judge wants: "teams are people whom an engineer
    works with" must not carry "an engineer is a team".
    """

    def __init__(self, embedder: Embedder, *, bar: float = 0.86) -> None:
        self._embedder = embedder
        self._bar = bar

    def accepts(self, support: Support) -> bool:
        return not support.violations and support.score >= self._bar

    def supports(self, sentence: str, passage: Passage) -> Support:
        spoken = language.content_stems(sentence) - _GLUE
        heading = passage.heading
        known = language.content_stems(heading)

        def rank(span: tuple[int, int]) -> tuple[float, bool, int, int]:
            window = passage.text[span[0] : span[1]]
            coverage = _coverage(spoken, language.content_stems(window) | known)
            violations = len(_violations(sentence, window, heading))
            # Two statements together carry a sentence only when neither does alone.
            return (round(coverage, 1), span in single, -violations, span[0] - span[1])

        single = set(_single_windows(passage.text))
        start, end = max(_windows(passage.text), key=rank)
        window = passage.text[start:end]
        coverage = _coverage(spoken, language.content_stems(window) | known)
        said, carrier = self._embedder.embed_documents([sentence, f"{heading}: {window}"])
        order = _order(sentence, f"{heading} {window}")
        score = 0.4 * coverage + 0.4 * order + 0.2 * max(0.0, _dot(said, carrier))
        return Support(
            score=score, violations=_violations(sentence, window, heading), start=start, end=end
        )

    def answers(self, question: str, statements: Sequence[str]) -> list[float]:
        asked, *given = self._embedder.embed_documents([question, *statements])
        wanted = language.content_stems(question)
        scores = []
        for statement, vector in zip(statements, given, strict=True):
            overlap = _coverage(wanted, language.content_stems(statement))
            scores.append(0.75 * max(0.0, _dot(asked, vector)) + 0.25 * overlap)
        return scores


def _windows(text: str) -> list[tuple[int, int]]:
    """Spans that may carry one sentence: a statement, an item of a list, or two in a row."""
    spans = language.statements(text)
    pairs = [(a[0], b[1]) for a, b in pairwise(spans)]
    return [*_single_windows(text), *pairs] or [(0, len(text))]


def _single_windows(text: str) -> list[tuple[int, int]]:
    """Statements, and the items of lists.

    A list with its lead-in is one statement; each of its items alone is another window, so that
    a figure cannot wander from one item to the next.
    """
    spans = language.statements(text)
    return [*spans, *language.item_spans(text, spans)]


def _violations(sentence: str, window: str, heading: str) -> tuple[str, ...]:
    """The guards that `sentence` breaks against the words that should carry it."""
    carrier = f"{heading}. {window}"
    found = []
    there = language.figures(carrier)
    for figure in language.figures(sentence):
        if not any(math.isclose(figure, other) for other in there):
            found.append(f"figure {figure:g}")
    lowered = set(language.words(carrier))
    found += [f"name {name}" for name in language.names(sentence) if name.lower() not in lowered]
    ranks = {m.lower() for m in _RANK.findall(carrier)}
    found += [f"rank {m}" for m in _RANK.findall(sentence) if m.lower() not in ranks]
    said, stands = set(language.words(sentence)), set(language.words(window))
    if bool(said & language.NEGATIONS) != bool(stands & language.NEGATIONS):
        found.append("negation")
    if said & _MORE and stands & _LESS and not stands & _MORE:
        found.append("direction")
    if said & _LESS and stands & _MORE and not stands & _LESS:
        found.append("direction")
    found += [f"quantifier {word}" for word in sorted(said & _EVERY - stands)]
    return tuple(found)


def _coverage(wanted: frozenset[str], given: frozenset[str]) -> float:
    return len(wanted & given) / len(wanted) if wanted else 0.0


def _order(sentence: str, window: str) -> float:
    """Share of the sentence's pairs of neighbouring words that the window has as neighbours."""
    said, stands = _pairs(sentence), set(_pairs(window))
    return sum(pair in stands for pair in said) / len(said) if said else 0.0


def _pairs(text: str) -> list[tuple[str, str]]:
    return list(pairwise(map(language.stem, language.words(language.plain_figures(text)))))


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return float(np.dot(a, b))
