"""How near the words of a candidate come to a rubric point: the signals that a grade is made of.

A point is known by its wordings: what it says, the `met` anchor and the two paraphrases; its
`partly` anchor shows what falls short. A window is held against all of them by sentence embedding,
by words (weighted by how rare they are in the bank; those of the question itself are worth nothing)
and by word order. Meaning that lies as near to another point, or to the question, speaks against.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mentor import language
from mentor.interview.windows import Window
from mentor.models.embed import Embedder
from mentor.questions import Bank, Point, Question

Floats = NDArray[np.float32]
NAMES = (
    *("meaning", "says", "second", "half", "apart", "asked"),
    *("words", "all_words", "order", "half_words", "own_words"),
    *("negation", "direction", "length"),
)
_UP = frozenset(
    map(
        language.stem,
        "more above over higher greater longer larger increase rise grow raise".split(),
    )
)
_DOWN = frozenset(
    map(language.stem, "less below under lower fewer shorter smaller decrease fall shrink".split())
)


class Rarity:
    """Inverse document frequency of stems over the points of the bank (Spärck Jones 1972)."""

    def __init__(self, points: Iterable[Point]) -> None:
        texts = [" ".join(wordings(point)) for point in points]
        self._count = len(texts)
        self._found = Counter(stem for text in texts for stem in language.content_stems(text))

    def of(self, stems: Iterable[str]) -> float:
        """The summed rarity of `stems`."""
        return sum(math.log((self._count + 1) / (self._found[s] + 0.5)) for s in stems)


def wordings(point: Point) -> tuple[str, ...]:
    """Ways of making the point in full."""
    return (point.says, point.met, *point.paraphrases)


class _Wording:
    def __init__(self, text: str, known: frozenset[str], rarity: Rarity) -> None:
        self.stems = language.content_stems(text) - known or language.content_stems(text)
        self.weight = rarity.of(self.stems)
        self.pairs = pairs(text)
        self.words = frozenset(language.words(text))


class Rubric:
    """The points of a question, ready to be held against windows."""

    def __init__(self, question: Question, bank: Bank, rarity: Rarity, embedder: Embedder) -> None:
        self.points = tuple(point for point, _ in bank.rubric(question))
        self._rarity = rarity
        known = language.content_stems(question.question)
        texts = [text for p in self.points for text in (*wordings(p), p.partly)]
        vectors = np.asarray(embedder.embed_documents([*texts, question.question]), np.float32)
        self._asked = vectors[-1]
        self._vectors = vectors[:-1].reshape(len(self.points), 5, -1)
        made = [_Wording(text, known, rarity) for text in texts]
        self._wordings = [made[5 * n : 5 * n + 5] for n in range(len(self.points))]

    def signals(self, windows: Sequence[Window], vectors: Floats) -> Floats:
        """(points, windows, signals in the order of NAMES); `vectors` are those of the windows."""
        near = np.einsum("pvd,wd->pwv", self._vectors, vectors)
        best = near[:, :, :4].max(2)
        asked = vectors @ self._asked
        table = np.zeros((len(self.points), len(windows), len(NAMES)), np.float32)
        ordered = np.sort(near[:, :, :4], axis=2)
        for p in range(len(self.points)):
            others = np.delete(best, p, axis=0).max(0)
            table[p, :, 0] = best[p]
            table[p, :, 1] = near[p, :, 0]
            table[p, :, 2] = ordered[p, :, 2]
            table[p, :, 3] = near[p, :, 4]
            table[p, :, 4] = best[p] - others
            table[p, :, 5] = asked
        for w, window in enumerate(windows):
            spoken = _Spoken(window.quote.text)
            for p, made in enumerate(self._wordings):
                table[p, w, 6:] = self._by_words(spoken, made)
        return table

    def nearest(self, vectors: Floats) -> Floats:
        """For each vector, its best cosine with a full wording of any point."""
        found: Floats = np.einsum("pvd,nd->npv", self._vectors[:, :4], vectors).max((1, 2))
        return found

    def _by_words(self, spoken: _Spoken, made: Sequence[_Wording]) -> tuple[float, ...]:
        shares = [self._share(spoken, wording) for wording in made]
        full, half = shares[:4], shares[4]
        nearest = made[max(range(4), key=full.__getitem__)]
        every = frozenset[str]().union(*(wording.stems for wording in made[:4]))
        mean = sum(wording.weight for wording in made[:4]) / 4
        best = max(full)
        return (
            best,
            self._rarity.of(spoken.stems & every) / (mean or 1.0),
            max(_order(spoken.pairs, wording.pairs) for wording in made[:4]),
            half,
            self._rarity.of(spoken.stems & every) / (self._rarity.of(spoken.stems) or 1.0),
            best * (spoken.negated != bool(nearest.words & language.NEGATIONS)),
            best * _opposed(spoken.all_stems, frozenset(map(language.stem, nearest.words))),
            math.log(1 + spoken.length),
        )

    def _share(self, spoken: _Spoken, wording: _Wording) -> float:
        return self._rarity.of(spoken.stems & wording.stems) / (wording.weight or 1.0)


class _Spoken:
    def __init__(self, text: str) -> None:
        words = language.words(text)
        self.stems = language.content_stems(text)
        self.all_stems = frozenset(map(language.stem, words))
        self.pairs = pairs(text)
        self.negated = bool(set(words) & language.NEGATIONS)
        self.length = len(words)


def pairs(text: str) -> frozenset[tuple[str, str]]:
    """Neighbouring words, as stems."""
    return frozenset(pairwise(language.stems(text)))


def _order(said: frozenset[tuple[str, str]], wanted: frozenset[tuple[str, str]]) -> float:
    return len(said & wanted) / len(wanted) if wanted else 0.0


def _opposed(said: frozenset[str], wanted: frozenset[str]) -> bool:
    """Whether the one goes up where the other goes down."""
    return any(
        said & one and not said & other and wanted & other and not wanted & one
        for one, other in ((_UP, _DOWN), (_DOWN, _UP))
    )
