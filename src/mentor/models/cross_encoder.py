"""A cross-encoder that reads two texts together: what the trained judge asks.

MiniLM weights with two heads (`mentor_evals.training`), as int8 ONNX; docs/evals.md tells what they
reach.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mentor.errors import WeightsError
from mentor.models import weights

HEADS = ("supports", "answers")
Head = Literal["supports", "answers"]
LONGEST = 160
WEIGHTS = Path(__file__).with_name("judge.onnx")
_BATCH = 8


class CrossEncoder:
    """Loads its weights when first used; safe to use from several threads."""

    def __init__(self, path: Path = WEIGHTS, *, threads: int = 2) -> None:
        self._path = path
        self._threads = threads
        self._lock = threading.Lock()

    def score(self, head: Head, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Logits, one for each (left, right), in order. Above 0: more likely than not."""
        if not pairs:
            return np.zeros(0, dtype=np.float32)
        with self._lock:
            encoded = self._tokenizer.encode_batch(list(pairs))
        order = sorted(range(len(pairs)), key=lambda n: len(encoded[n].ids))
        found = np.zeros(len(pairs), dtype=np.float32)
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            width = len(encoded[batch[-1]].ids)
            inputs = {
                "input_ids": _padded([encoded[n].ids for n in batch], width),
                "attention_mask": _padded([encoded[n].attention_mask for n in batch], width),
                "token_type_ids": _padded([encoded[n].type_ids for n in batch], width),
            }
            found[batch] = self._session.run(["logits"], inputs)[0][:, HEADS.index(head)]
        return found

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(weights.embedder_tokenizer()))
        tokenizer.no_padding()
        tokenizer.enable_truncation(LONGEST)
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it grows with every new shape of a batch
        try:
            return onnxruntime.InferenceSession(
                str(self._path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as exc:  # onnxruntime has many words for a damaged or missing file
            raise WeightsError(
                f"The judge's weights {self._path} cannot be loaded: {exc}.",
                cure="Install Mentor again: `make setup`, or `pip install --force-reinstall .`.",
            ) from exc


def _padded(rows: Sequence[Sequence[int]], width: int) -> NDArray[np.int64]:
    table = np.zeros((len(rows), width), dtype=np.int64)
    for n, row in enumerate(rows):
        table[n, : len(row)] = row
    return table
