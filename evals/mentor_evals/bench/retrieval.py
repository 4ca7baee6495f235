"""Retrieval over synthetic passages, warm, the embedding of the question apart.

Beside it stands what Chroma alone needs for the nearest passages of the same questions.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from mentor.index import Index
from mentor.retrieve import Retriever
from mentor.stores import nearest
from mentor_evals.bars import Bar
from mentor_evals.bench.synthetic import A_TOPIC, SyntheticEmbeddings, build
from mentor_evals.bench.table import Figure, timed

SIZES = (1_000, 10_000, 100_000)
BAR = Bar(most=30)
"""The plan's, at 10,000 passages."""
QUESTIONS = 100
_POOL = 30
T = TypeVar("T")


def figures(sizes: Sequence[int] = SIZES) -> list[Figure]:
    """Milliseconds of a whole search, and of Chroma's part, at each size."""
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            index = build(Path(name, "000001"), size)
            found += of(index, BAR if size <= 10_000 else None)
            del index
    return found


def of(index: Index, bar: Bar | None = None) -> list[Figure]:
    """The times of one open index."""
    size = len(index.passages)
    embedder = SyntheticEmbeddings()
    retriever = Retriever(reader=_Held(index), embedder=embedder, known=frozenset)
    topics = max(1, size // A_TOPIC)
    asked = [f"What does topic{n % topics} say of word{n * 7 % 500}?" for n in range(QUESTIONS)]
    vectors = embedder.embed_documents(asked)  # remembered, so that the search finds them
    whole = _times(retriever.search, asked)
    alone = _times(lambda vector: nearest(index.dense, [vector], _POOL), vectors)
    return [
        timed(f"retrieval, {size:,} passages", whole, bar=bar),
        timed(f"of it Chroma's nearest {_POOL} passages, {size:,}", alone),
    ]


def _times(work: Callable[[T], object], given: Sequence[T]) -> list[float]:
    """Milliseconds of each, after a few that warm it."""
    for each in given[:5]:
        work(each)
    times = []
    for each in given:
        started = time.perf_counter()
        work(each)
        times.append((time.perf_counter() - started) * 1000)
    return times


class _Held:
    """A reader of one index that never changes."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def current(self) -> Index:
        return self._index
