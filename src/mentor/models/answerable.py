"""Does the material answer this? Learned, for each corpus, from questions.

A corpus says what it answers: every section lists questions of learners. It may also say what it
does not answer: the sections of `kind: boundary` list such questions, and `asked.jsonl` holds more
of both. A support-vector machine with a Gaussian kernel (Cortes and Vapnik 1995) over the
question's embedding learns the border between them when the index is built; here it is only
evaluated. Cosine alone cannot find this border: "what does a junior earn in Peru?" is nearer to
what a junior earns than most ways of asking that. Names that only unanswered questions use
(countries, companies) weigh on the score by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mentor import language

GAMMA = 1.5
COST = 10.0
STRANGE = 0.6  # taken off for a name that only unanswered questions use
FEWEST = 20  # examples of either kind, below which nothing is learned


class Answerable:
    """The learned border: positive scores are questions that the material answers."""

    def __init__(
        self,
        vectors: NDArray[np.float32],
        weights: NDArray[np.float32],
        bias: float,
        names: frozenset[str],
    ) -> None:
        self._vectors = vectors
        self._weights = weights
        self._bias = bias
        self._names = names

    def score(self, question: str, vector: Sequence[float]) -> float:
        """Signed distance from the border for a question and its unit vector; about -2 to 2."""
        cosines = self._vectors @ np.asarray(vector, dtype=np.float32)
        kernel = np.exp(-2.0 * GAMMA * (1.0 - cosines))
        strange = STRANGE if self._names.intersection(language.words(question)) else 0.0
        return float(kernel @ self._weights) + self._bias - strange

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
        from sklearn.svm import SVC

        machine = SVC(C=COST, gamma=GAMMA, class_weight="balanced", cache_size=500)
        machine.fit(np.asarray(vectors, dtype=np.float32), labels)
        return cls(
            machine.support_vectors_.astype(np.float32),
            machine.dual_coef_[0].astype(np.float32),
            float(machine.intercept_[0]),
            _strange_names(questions, labels, known),
        )

    def over(
        self, questions: Sequence[str], answered: Sequence[bool], *, known: frozenset[str]
    ) -> Answerable:
        """The border that `fit` would learn from the questions it was learned from, over material
        that says other words: only the strange names depend on those."""
        names = _strange_names(questions, np.asarray(answered, dtype=bool), known)
        return Answerable(self._vectors, self._weights, self._bias, names)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(
                file,
                vectors=self._vectors,
                weights=self._weights,
                bias=self._bias,
                names=np.array(sorted(self._names), dtype=np.str_),
            )

    @classmethod
    def load(cls, path: Path) -> Answerable | None:
        """What was saved; None where nothing could be learned."""
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as saved:
            names = frozenset(map(str, saved["names"]))
            return cls(saved["vectors"], saved["weights"], float(saved["bias"]), names)


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
