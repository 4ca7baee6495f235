"""Where does a question lead? A linear map from questions to the passages that answer them.

A sentence embedder puts texts together that say the same; a question and its answer do not. The
sections of a corpus list questions of learners, and `asked.jsonl` holds more: from these pairs a
matrix is learned when the index is built, which turns a question's vector towards the passages that
answer (a linear query adapter). The loss is the cross-entropy of the right section among all of
them (InfoNCE, van den Oord et al. 2018), and a pull to the identity keeps the map near the
embedder's own meaning, so that passages without questions are found as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FEWEST = 200  # pairs below which nothing is learned
EPOCHS = 3
BATCH = 256
RATE = 2e-3
SHARPNESS = 30.0  # what cosines are multiplied by before the softmax
PULL = 0.1
_SEED = 0

Matrix = NDArray[np.float32]


class Adapter:
    """The learned map of question vectors; `adapt` keeps them unit vectors."""

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = matrix

    def adapt(self, vectors: Sequence[Sequence[float]]) -> list[list[float]]:
        """`vectors` of questions, turned towards the passages that answer them."""
        turned: list[list[float]] = _unit(np.asarray(vectors, dtype=np.float32) @ self._matrix)[
            0
        ].tolist()
        return turned

    @classmethod
    def fit(
        cls,
        questions: Sequence[Sequence[float]],
        leads_to: Sequence[int],
        passages: Sequence[Sequence[float]],
        sections: Sequence[int],
    ) -> Adapter | None:
        """Learn from unit vectors; None where there are fewer than `FEWEST` questions.

        Args:
            questions: (n, width).
            leads_to: the number of the section that answers each question.
            passages: (m, width).
            sections: the number of the section that each passage is of.
        """
        if len(questions) < FEWEST:
            return None
        asked = np.asarray(questions, dtype=np.float32)
        held = np.asarray(passages, dtype=np.float32)
        answers = np.asarray(leads_to)[:, None] == np.asarray(sections)[None, :]
        identity = np.eye(asked.shape[1], dtype=np.float32)
        matrix, adam = identity.copy(), _Adam(identity.shape)
        order = np.random.default_rng(_SEED)
        for _ in range(EPOCHS):
            shuffled = order.permutation(len(asked))
            for batch in np.split(shuffled, range(BATCH, len(shuffled), BATCH)):
                slope = _slope(matrix, asked[batch], held, answers[batch])
                slope += 2 * PULL / len(identity) * (matrix - identity)
                matrix -= adam.step(slope)
        return cls(matrix)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, matrix=self._matrix.astype(np.float16))

    @classmethod
    def load(cls, path: Path) -> Adapter | None:
        """What was saved; None where nothing could be learned."""
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as saved:
            return cls(saved["matrix"].astype(np.float32))


def _slope(matrix: Matrix, asked: Matrix, held: Matrix, answers: NDArray[np.bool_]) -> Matrix:
    """The gradient of the mean loss of a batch by the matrix."""
    turned, length = _unit(asked @ matrix)
    likely = np.exp(SHARPNESS * (turned @ held.T - 1.0))
    right = likely * answers
    error = likely / likely.sum(1, keepdims=True) - right / right.sum(1, keepdims=True)
    back = (SHARPNESS / len(asked)) * (error @ held)
    back = (back - turned * (back * turned).sum(1, keepdims=True)) / length
    slope: Matrix = asked.T @ back
    return slope


def _unit(vectors: Matrix) -> tuple[Matrix, Matrix]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / length, length


class _Adam:
    """Steps of Adam (Kingma and Ba 2015), with its defaults."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._mean = np.zeros(shape, dtype=np.float32)
        self._square = np.zeros(shape, dtype=np.float32)
        self._n = 0

    def step(self, slope: Matrix) -> Matrix:
        self._n += 1
        self._mean += 0.1 * (slope - self._mean)
        self._square += 0.001 * (slope**2 - self._square)
        mean = self._mean / (1 - 0.9**self._n)
        square = self._square / (1 - 0.999**self._n)
        step: Matrix = RATE * mean / (np.sqrt(square) + 1e-8)
        return step
