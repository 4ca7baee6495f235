"""A cross-encoder that reads two texts together: what the trained judge asks.

MiniLM weights with two heads (`mentor_evals.training`); docs/evals.md tells what they reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mentor.models.onnx import OnnxModel

HEADS = ("supports", "answers")
Head = Literal["supports", "answers"]
LONGEST = 160
WEIGHTS = Path(__file__).with_name("judge.onnx")


class CrossEncoder:
    """Loads its weights when first used; safe to use from several threads."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        self._model = OnnxModel(path, longest=LONGEST)

    def score(self, head: Head, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Logits, one for each (left, right), in order. Above 0: more likely than not."""
        if not pairs:
            return np.zeros(0, dtype=np.float32)
        return self._model.rows(pairs)[:, HEADS.index(head)]
