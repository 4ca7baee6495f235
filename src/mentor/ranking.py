"""The lists and signals that a search is made of: vectors, words, and what the words cover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mentor import language
from mentor.index import Index
from mentor.records import Passage
from mentor.scope import Scope
from mentor.stores import nearest

if TYPE_CHECKING:
    from langchain_chroma import Chroma

RRF = 60
_POOL = 30  # hits taken from each list before fusing
_LOOK, _FURTHER = 4, 8  # rows looked at for each one wanted, and how many times more where too few
_LOOKED_UP = 1_000  # passages at most that are looked up one by one
MEANING, ASKED = 1.0, 0.5  # how a question's two cosines are weighed
WORDS, COVERAGE = 0.2, 0.3


def by_vector(
    index: Index,
    store: Chroma,
    vectors: list[list[float]],
    admits: Callable[[Passage], bool],
    *,
    pool: int = _POOL,
) -> dict[str, float]:
    """Passage id -> best cosine, best first, of the `pool` rows nearest to each vector that lead to
    what `admits` lets through; several questions of one passage count once."""
    best: dict[str, float] = {}
    for rows in rows_near(index, store, vectors, admits, pool=pool):
        for name, cosine in rows:
            best[name] = max(best.get(name, -1.0), cosine)
    return dict(sorted(best.items(), key=lambda item: -item[1]))


def rows_near(
    index: Index,
    store: Chroma,
    vectors: list[list[float]],
    admits: Callable[[Passage], bool],
    *,
    pool: int,
) -> list[list[tuple[str, float]]]:
    """(passage id, cosine), nearest first: for each vector the `pool` nearest rows that lead to
    what `admits` lets through.

    Where too few of the nearest are let through, it looks further.
    """
    look = _LOOK * pool
    while True:
        lists = nearest(store, vectors, look)
        admitted = [
            [(p.id, cosine) for name, cosine in rows if (p := index.passage_of(name)) and admits(p)]
            for rows in lists
        ]
        if min(map(len, admitted)) >= pool or min(map(len, lists)) < look:
            return [rows[:pool] for rows in admitted]
        look *= _FURTHER


def passages_near(index: Index, vectors: list[list[float]], filters: Scope) -> dict[str, float]:
    """Passage id -> best cosine, best first.

    Chroma's graph of neighbours may not lead to what lies far from the question. Where it finds
    less than there is room for, the rest of what the filters let through is looked up.
    """
    found = by_vector(index, index.dense, vectors, filters.admits)
    if len(found) < _POOL:
        missed = [n for n, p in index.passages.items() if n not in found and filters.admits(p)]
        found |= similarities(index.dense, missed[:_LOOKED_UP], vectors)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def similarities(
    store: Chroma, names: Sequence[str], vectors: Sequence[Sequence[float]]
) -> dict[str, float]:
    """Best cosine of each passage and one of the vectors."""
    if not names:
        return {}
    held = store.get(ids=list(names), include=["embeddings"])
    best = (np.asarray(held["embeddings"]) @ np.asarray(vectors).T).max(axis=1)
    return dict(zip(held["ids"], map(float, best), strict=True))


def bm25(index: Index, said: str, scope: Scope) -> dict[str, float]:
    """Passage id -> BM25 score over the best one's, best first."""
    tokens = [stem for stem in language.stems(said) if stem in index.bm25.vocab_dict]
    if not tokens:
        return {}
    scores = index.bm25.get_scores(tokens)
    order = np.argsort(-scores, kind="stable")
    ranked = ((index.ids[i], float(scores[i])) for i in order if scores[i] > 0)
    admitted = [
        (name, score)
        for (name, score), _ in zip(
            ((n, s) for n, s in ranked if scope.admits(index.passages[n])),
            range(_POOL),
            strict=False,
        )
    ]
    return {name: score / admitted[0][1] for name, score in admitted}


def fuse(lists: Sequence[Sequence[str]]) -> dict[str, float]:
    fused: dict[str, float] = {}
    for ranked in lists:
        for rank, name in enumerate(ranked, start=1):
            fused[name] = fused.get(name, 0.0) + 1.0 / (RRF + rank)
    return fused


def relevance(
    *, similarity: float, question_similarity: float, words: float, coverage: float
) -> float:
    """How much a passage of the pool says on the question.

    `similarity` is that of the adapted question. The weights were chosen on 300 questions of
    `asked.jsonl`, kept out of the index and of the adapter, and on the 350 dev questions of the
    evals: the right passage is first for 52 % of the former, which use other words on purpose, and
    for 86 % of the latter. By the embedder's own cosine it was 42 % and 81 %.
    """
    return MEANING * similarity + ASKED * question_similarity + WORDS * words + COVERAGE * coverage


def coverage(index: Index, wanted: frozenset[str], passage: Passage) -> float:
    """Share of the question's content stems that the passage has, rare ones counting more."""
    total = sum(map(index.rarity, wanted))
    here = frozenset(language.stems(f"{passage.readable} {' '.join(passage.questions)}"))
    return sum(map(index.rarity, wanted & here)) / total if total else 0.0
