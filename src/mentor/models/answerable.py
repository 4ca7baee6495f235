"""Does the material answer this? Learned, for each corpus, from questions.

A corpus says what it answers: every section lists questions of learners. It may also say what it
does not answer: the sections of `kind: boundary` list such questions, and `asked.jsonl` holds more
of both. Kernel ridge regression (Saunders, Gammerman and Vovk 1998) with a Gaussian kernel over the
question's embedding learns the border between them when the index is built: 1 for what is
answered, -1 for what is not. It parts them as well as a support-vector machine, in a fifth of the
time. Cosine alone cannot find this border: "what does a junior earn in Peru?" is nearer to what a
junior earns than most ways of asking that. Names that only unanswered questions use (countries,
companies) weigh on the score by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mentor import language

GAMMA = 1.5
RIDGE = 0.1
PRECISION = 0.01  # where the conjugate gradients stop; closer changes no decision
MOST = 30_000  # questions learned from, evenly spread over them: their kernel is held in memory
STRANGE = 0.6  # taken off for a name that only unanswered questions use
FEWEST = 20  # examples of either kind, below which nothing is learned


class Answerable:
    """The learned border: positive scores are questions that the material answers."""

    def __init__(
        self,
        vectors: NDArray[np.float32],
        weights: NDArray[np.float32],
        names: frozenset[str],
    ) -> None:
        self._vectors = vectors
        self._weights = weights
        self._names = names

    def score(self, question: str, vector: Sequence[float]) -> float:
        """Signed distance from the border for a question and its unit vector; about -2 to 2."""
        near = _kernel(self._vectors, np.asarray(vector, dtype=np.float32))
        strange = STRANGE if self._names.intersection(language.words(question)) else 0.0
        return float(near @ self._weights) - strange

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
            known: words of the material, lower-case; none of them is a strange name.
        """
        labels = np.asarray(answered, dtype=bool)
        if min(labels.sum(), (~labels).sum()) < FEWEST:
            return None
        at = np.linspace(0, len(labels) - 1, min(MOST, len(labels))).astype(int)
        held = np.asarray(vectors, dtype=np.float32)[at]
        return cls(held, _ridge(held, labels[at]), _strange_names(questions, labels, known))

    def over(
        self, questions: Sequence[str], answered: Sequence[bool], *, known: frozenset[str]
    ) -> Answerable:
        """The border that `fit` would learn from the questions it was learned from, over material
        that says other words: only the strange names depend on those."""
        names = _strange_names(questions, np.asarray(answered, dtype=bool), known)
        return Answerable(self._vectors, self._weights, names)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(
                file,
                vectors=self._vectors.astype(np.float16),
                weights=self._weights,
                names=np.array(sorted(self._names), dtype=np.str_),
            )

    @classmethod
    def load(cls, path: Path) -> Answerable | None:
        """What was saved; None where nothing could be learned."""
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as saved:
            names = frozenset(map(str, saved["names"]))
            return cls(saved["vectors"].astype(np.float32), saved["weights"], names)


def _kernel(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """exp(-GAMMA d²) of the distances d between unit vectors; one matrix, and no copy of it."""
    kernel: NDArray[np.float32] = some @ others
    kernel -= 1.0
    kernel *= 2.0 * GAMMA
    return np.exp(kernel, out=kernel)


def _ridge(held: NDArray[np.float32], labels: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Weights w of (K + R) w = y, where y is 1 or -1, and R lets both kinds count alike."""
    from scipy.sparse.linalg import LinearOperator, cg

    kernel = _kernel(held, held.T)
    share = np.where(labels, labels.mean(), (~labels).mean())
    ridge = (2.0 * RIDGE * share).astype(np.float32)
    size = kernel.shape
    weights, _ = cg(
        LinearOperator(size, matvec=lambda w: kernel @ w + ridge * w, dtype=np.float32),
        np.where(labels, 1.0, -1.0).astype(np.float32),
        rtol=PRECISION,
        maxiter=200,
        M=LinearOperator(size, matvec=lambda w: w / (1.0 + ridge), dtype=np.float32),
    )
    return np.asarray(weights, dtype=np.float32)


def _strange_names(
    questions: Sequence[str], answered: NDArray[np.bool_], known: frozenset[str]
) -> frozenset[str]:
    """Lower-cased names of unanswered questions that nothing answered ever says."""
    familiar = set(known)
    for question, yes in zip(questions, answered, strict=True):
        if yes:
            familiar.update(language.words(question))
    return frozenset(
        name.lower()
        for question, yes in zip(questions, answered, strict=True)
        if not yes
        for name in language.names(question)
        if len(name) > 2 and name.lower() not in familiar
    )
