"""Vectors that ship with the corpus, so that a first index takes seconds and not minutes.

They are what the embedded model makes of the corpus's texts, each component in a byte; the cosine
with the model's own vector is above 0.9999. A text that is not among them is embedded as any other,
so an old file costs time and nothing else. `mentor corpus embed` writes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = "vectors.npz"


class ShippedVectors:
    """The vectors in `path`, read when first asked for; none where there is no such file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def get(self, text: str) -> NDArray[np.float32] | None:
        """The unit vector of `text`; None where it did not ship."""
        keys, rows = self._held
        key = _key(text)
        at = int(np.searchsorted(keys, key))
        if at == len(keys) or keys[at] != key:
            return None
        return _unit(rows[at])

    @cached_property
    def _held(self) -> tuple[NDArray[np.uint64], NDArray[np.int8]]:
        if self._path is None or not self._path.is_file():
            return np.empty(0, np.uint64), np.empty((0, 0), np.int8)
        with np.load(self._path, allow_pickle=False) as saved:
            return saved["keys"], saved["rows"]


def write_vectors(path: Path, texts: Sequence[str], vectors: Sequence[Sequence[float]]) -> None:
    """Write the vectors of `texts` in the order of their keys, so that the same make the same."""
    given = np.asarray(vectors, dtype=np.float32)
    scale = np.abs(given).max(axis=1, keepdims=True)
    rows = np.round(given / np.maximum(scale, 1e-9) * 127).astype(np.int8)
    keys, first = np.unique(np.array([_key(text) for text in texts]), return_index=True)
    with path.open("wb") as file:
        np.savez(file, keys=keys, rows=rows[first])


def _key(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def _unit(row: NDArray[np.int8]) -> NDArray[np.float32]:
    vector = row.astype(np.float32)
    return vector / np.linalg.norm(vector)
