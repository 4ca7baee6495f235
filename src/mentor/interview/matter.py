"""Texts taken apart once, so that many can be compared: stems, pairs, negation, vectors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mentor import language
from mentor.interview.windows import Window
from mentor.models.embed import Embedder, Reading
from mentor.questions import Point

Floats = NDArray[np.float32]
_PIECE = 2.0
"""Weight of a token that is no whole word; words have 0 (stop words) to about 8 (unheard of)."""


@dataclass(frozen=True)
class Matter:
    """What a text says, as far as it can be added up over sentences."""

    stems: frozenset[str]
    """Of the words that carry matter."""
    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    """Neighbours among the stems of all words but stop words."""
    vector: Floats
    length: int

    @property
    def negated(self) -> bool:
        return bool(self.words & language.NEGATIONS)

    def __add__(self, other: Matter) -> Matter:
        """Both together; the vector is the mean by length, nearly that of the whole text."""
        mixed = self.vector * self.length + other.vector * other.length
        return Matter(
            stems=self.stems | other.stems,
            words=self.words | other.words,
            pairs=self.pairs | other.pairs,
            vector=mixed / max(float(np.linalg.norm(mixed)), 1e-9),
            length=self.length + other.length,
        )


@dataclass(frozen=True)
class Taken(Matter):
    """A text taken apart, down to its tokens."""

    tokens: tuple[str, ...]
    vectors: Floats
    """(tokens, width)"""

    @classmethod
    def of(cls, text: str, reading: Reading) -> Taken:
        words = language.words(text)
        nothing = np.zeros((1, len(reading.vector)), np.float32)  # of a text without tokens
        return cls(
            stems=language.content_stems(text),
            words=frozenset(words),
            pairs=frozenset(pairwise(language.stems(text))),
            vector=reading.vector,
            length=len(text),
            tokens=reading.tokens or ("",),
            vectors=reading.vectors if reading.tokens else nothing,
        )


def take(texts: Sequence[str], embedder: Embedder) -> list[Taken]:
    readings = embedder.read(list(texts))
    return [Taken.of(text, reading) for text, reading in zip(texts, readings, strict=True)]


def together(parts: Sequence[Matter], windows: Sequence[Window]) -> list[Matter]:
    """Each window as its sentences make it."""
    return [reduce(Matter.__add__, parts[w.first : w.last + 1]) for w in windows]


class Rarity:
    """Inverse document frequency of stems over the points of the bank (Spärck Jones 1972)."""

    def __init__(self, points: Iterable[Point]) -> None:
        texts = [" ".join(wordings(point)) for point in points]
        self._count = len(texts)
        found = Counter(stem for text in texts for stem in language.content_stems(text))
        self._unheard = self._rarity(0)
        self._known = {stem: self._rarity(n) for stem, n in found.items()}

    def of(self, stems: Iterable[str]) -> float:
        """The summed rarity of `stems`."""
        return math.fsum(map(self._one, stems))

    def of_tokens(self, tokens: Sequence[str], known: frozenset[str] = frozenset()) -> Floats:
        """How much each token matters: none of stop words, marks and what is `known`."""
        return np.array([self._of_token(token, known) for token in tokens], np.float32)

    def _of_token(self, token: str, known: frozenset[str]) -> float:
        if token in known or token in language.STOP_WORDS or not token.strip("#").isalnum():
            return 0.0
        return _PIECE if token.startswith("##") else self._one(language.stem(token))

    def _one(self, stem: str) -> float:
        return self._known.get(stem, self._unheard)

    def _rarity(self, times: int) -> float:
        return math.log((self._count + 1) / (times + 0.5))


def wordings(point: Point) -> tuple[str, ...]:
    """Ways of making the point in full."""
    return (point.says, point.met, *point.paraphrases)
