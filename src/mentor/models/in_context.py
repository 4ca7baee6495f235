"""What does a message mean in its conversation? A sentence encoder that has learned follow-ups.

"Would clipping rescue it?" says little by itself. Read after "my loss is NaN" it has a vector near
the passages that answer it: a conversational query encoder (Yu et al. 2021, "Few-shot
conversational dense retrieval"), whose vectors lie in the space of the embedder that ships, so that
the passages of an index need no second vector. It reads a change of subject as one: what is whole
by itself keeps its meaning after anything.

`mentor_evals.training.in_context` makes the weights; docs/evals.md tells what they bring.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mentor.models.onnx import OnnxModel

WEIGHTS = Path(__file__).with_name("in_context.onnx")
LONGEST = 128
"""Tokens of a message and what was before it."""


class ContextEncoder:
    """Loads its weights when first used; safe to use from several threads."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        self._model = OnnxModel(path, longest=LONGEST, batch=1)

    def warm(self) -> None:
        self._model.warm()

    def vector(self, message: str, *, topic: str, headings: Iterable[str]) -> list[float]:
        """The unit vector of `message` after the question `topic`.

        Args:
            headings: of the passages that were found for that question, best first.
        """
        row: list[float] = self._model.rows([(before(topic, headings), message)])[0].tolist()
        return row


def before(topic: str, headings: Iterable[str]) -> str:
    """What was before a message, as the encoder reads it."""
    return f"{'; '.join(dict.fromkeys(headings))}: {topic}"
