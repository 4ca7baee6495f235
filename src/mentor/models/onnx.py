"""Small models that ship with Mentor: MiniLM, trained for a task, as ONNX, a byte a weight.

Each reads texts, or pairs of them, and gives a row of numbers for each. `mentor_evals.training`
makes them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentor.errors import WeightsError
from mentor.models import weights


class OnnxModel:
    """Loads its weights when first used; safe to use from several threads."""

    def __init__(self, path: Path, *, longest: int, batch: int = 8, threads: int = 2) -> None:
        """
        Args:
            longest: tokens of a text or a pair; what is longer is cut off.
            batch: texts that are read at once.
        """
        self._path = path
        self._longest = longest
        self._batch = batch
        self._threads = threads
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Load now what would be loaded when first used."""
        _ = self._tokenizer, self._session

    def rows(self, texts: Sequence[str] | Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(texts, width), in order."""
        with self._lock:
            encoded = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(encoded)), key=lambda n: len(encoded[n].ids))
        found: dict[int, NDArray[np.float32]] = {}
        for first in range(0, len(order), self._batch):
            batch = order[first : first + self._batch]
            width = len(encoded[batch[-1]].ids)
            inputs = {
                "input_ids": _padded([encoded[n].ids for n in batch], width),
                "attention_mask": _padded([encoded[n].attention_mask for n in batch], width),
                "token_type_ids": _padded([encoded[n].type_ids for n in batch], width),
            }
            found |= zip(batch, self._session.run(None, inputs)[0], strict=True)
        return np.array([found[n] for n in range(len(encoded))], dtype=np.float32)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(weights.embedder_tokenizer()))
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._longest)
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        # Threads that spin while they wait take the processors of other learners.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False  # it grows with every new shape of a batch
        try:
            return onnxruntime.InferenceSession(
                str(self._path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as exc:  # onnxruntime has many words for a damaged or missing file
            raise WeightsError(
                f"The weights {self._path} cannot be loaded: {exc}.",
                cure="Install Mentor again: `make setup`, or `pip install --force-reinstall .`.",
            ) from exc


def _padded(rows: Sequence[Sequence[int]], width: int) -> NDArray[np.int64]:
    table = np.zeros((len(rows), width), dtype=np.int64)
    for n, row in enumerate(rows):
        table[n, : len(row)] = row
    return table
