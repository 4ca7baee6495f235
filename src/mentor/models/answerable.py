"""Does the material answer this? Learned, for each corpus, from questions.

A corpus says what it answers: every section lists questions of learners. It may also say what it
does not answer: the sections of `kind: boundary` list such questions, and `asked.jsonl` holds more
of both. Kernel ridge regression (Saunders, Gammerman and Vovk 1998) with a Gaussian kernel over the
question's embedding learns the border between them when the index is built: 1 for what is
answered, -1 for what is not. It parts them as well as a support-vector machine, in a fifth of the
time. Cosine alone cannot find this border: "what does a junior earn in Peru?" is nearer to what a
junior earns than most ways of asking that.

Beside the border stand the words that belong here: those of the material and of the questions that
it answers. No embedding tells AdaBoost from other boosting; that nothing here says the word does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mentor import language

GAMMA = 1.5
RIDGE = 0.1
PRECISION = 0.01  # where the conjugate gradients stop; closer changes no decision
MOST = 30_000  # questions learned from, evenly spread: half of their kernel is held in memory
_STRIP = 1_000  # rows of the kernel that are computed at once
FEWEST = 20  # examples of either kind, below which nothing is learned


class Unfamiliar(NamedTuple):
    """What a question says that nothing here ever says, lower-case."""

    names: tuple[str, ...]
    """Names and terms of the trade."""
    words: tuple[str, ...]
    """Ordinary words."""


class Answerable:
    """The learned border: positive scores are questions that the material answers."""

    def __init__(
        self,
        vectors: NDArray[np.float32],
        weights: NDArray[np.float32],
        familiar: frozenset[str],
        names: frozenset[str],
    ) -> None:
        self._vectors = vectors
        self._weights = weights
        self._familiar = familiar
        self._names = names

    def score(self, vector: Sequence[float]) -> float:
        """Signed distance from the border for the unit vector of a question; about -2 to 2."""
        near = _kernel(self._vectors, np.asarray(vector, dtype=np.float32))
        return float(near @ self._weights)

    def unfamiliar(self, question: str, english: frozenset[str]) -> Unfamiliar:
        """What `question` says that neither the material says, nor a question that it answers.

        What is no word of `english`, nor a slip of one, is a term of the trade.
        """
        called = {name.lower() for name in language.names(question)} | self._names
        names, words = [], []
        for word in (said.removesuffix("'s") for said in language.content_words(question)):
            if self._knows(word):
                continue
            whole = word in english or language.is_made_of(word, english)
            meant = word if whole else language.slip_of(word, english)
            if meant is None or word in called:
                names.append(word)
            elif not self._knows(meant):
                words.append(meant)
        return Unfamiliar(tuple(names), tuple(words))

    def _knows(self, word: str) -> bool:
        return language.stem(word) in self._familiar

    @classmethod
    def fit(
        cls,
        questions: Sequence[str],
        vectors: Sequence[Sequence[float]],
        answered: Sequence[bool],
        *,
        known: frozenset[str],
    ) -> Answerable | None:
        """Learn from questions and their unit vectors; None when either kind has too few.

        Args:
            known: words of the material, lower-case.
        """
        labels = np.asarray(answered, dtype=bool)
        if min(labels.sum(), (~labels).sum()) < FEWEST:
            return None
        at = np.linspace(0, len(labels) - 1, min(MOST, len(labels))).astype(int)
        held = np.asarray(vectors, dtype=np.float32)[at]
        return cls(held, _ridge(held, labels[at]), *_words_here(questions, labels, known))

    def over(
        self, questions: Sequence[str], answered: Sequence[bool], *, known: frozenset[str]
    ) -> Answerable:
        """The border that `fit` would learn from the questions it was learned from, over material
        that says other words."""
        here = _words_here(questions, np.asarray(answered, dtype=bool), known)
        return Answerable(self._vectors, self._weights, *here)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(
                file,
                vectors=self._vectors.astype(np.float16),
                weights=self._weights,
                familiar=np.array(sorted(self._familiar), dtype=np.str_),
                names=np.array(sorted(self._names), dtype=np.str_),
            )

    @classmethod
    def load(cls, path: Path) -> Answerable | None:
        """What was saved; None where nothing could be learned."""
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as saved:
            familiar, names = (frozenset(map(str, saved[key])) for key in ("familiar", "names"))
            return cls(saved["vectors"].astype(np.float32), saved["weights"], familiar, names)


def _kernel(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """exp(-GAMMA d²) of the distances d between unit vectors; one matrix, and no copy of it."""
    kernel: NDArray[np.float32] = some @ others
    kernel -= 1.0
    kernel *= 2.0 * GAMMA
    return np.exp(kernel, out=kernel)


def _ridge(held: NDArray[np.float32], labels: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Weights w of (K + R) w = y, where y is 1 or -1, and R lets both kinds count alike."""
    from scipy.sparse.linalg import LinearOperator, cg

    strips = [
        _kernel(held[first : first + _STRIP], held[first:].T)
        for first in range(0, len(held), _STRIP)
    ]
    share = np.where(labels, labels.mean(), (~labels).mean())
    ridge = (2.0 * RIDGE * share).astype(np.float32)
    size = (len(held), len(held))
    weights, _ = cg(
        LinearOperator(size, matvec=lambda w: _times(strips, w) + ridge * w, dtype=np.float32),
        np.where(labels, 1.0, -1.0).astype(np.float32),
        rtol=PRECISION,
        maxiter=200,
        M=LinearOperator(size, matvec=lambda w: w / (1.0 + ridge), dtype=np.float32),
    )
    return np.asarray(weights, dtype=np.float32)


def _times(strips: Sequence[NDArray[np.float32]], w: NDArray[np.float32]) -> NDArray[np.float32]:
    """K w for a symmetric K, of which only the half right of the diagonal is held, in strips."""
    found = np.zeros_like(w)
    for first, strip in zip(range(0, len(w), _STRIP), strips, strict=True):
        high = len(strip)
        found[first : first + high] += strip @ w[first:]
        found[first + high :] += strip[:, high:].T @ w[first : first + high]
    return found


def _words_here(
    questions: Sequence[str], answered: NDArray[np.bool_], known: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Stems of the material and of the questions that it answers; lower-cased names of those that
    it does not."""
    of_kind: dict[bool, list[str]] = {True: [], False: []}
    for question, yes in zip(questions, answered, strict=True):
        of_kind[bool(yes)].append(question)
    here = known.union(*map(language.words, of_kind[True]))
    elsewhere = {name.lower() for question in of_kind[False] for name in language.names(question)}
    return frozenset(map(language.stem, here)), frozenset(elsewhere)
