"""Measures of a ranking: recall@k, reciprocal rank, nDCG@k.

Any one of the wanted sections answers the question, so recall@k is 1 as soon as one of them stands
among the first k, and the ideal ranking has all of them on top, in any order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def recall(ranked: Sequence[str], wanted: Sequence[str], k: int) -> float:
    """1 when a wanted section stands among the first `k`, else 0.

    >>> recall(["a", "b", "c"], ["b"], 1), recall(["a", "b", "c"], ["b"], 2)
    (0.0, 1.0)
    """
    return float(any(section in wanted for section in ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], wanted: Sequence[str]) -> float:
    """1 over the rank of the first wanted section; 0 when there is none."""
    return next((1 / n for n, s in enumerate(ranked, start=1) if s in wanted), 0.0)


def ndcg(ranked: Sequence[str], wanted: Sequence[str], k: int) -> float:
    """Normalised discounted cumulative gain with gains of 0 and 1 (Järvelin and Kekäläinen 2002).

    A rank n counts 1 / log2(n + 1); the sum is divided by that of the ideal ranking.
    """
    gained = sum(_discount(n) for n, s in enumerate(ranked[:k], start=1) if s in set(wanted))
    ideal = sum(_discount(n) for n in range(1, min(k, len(set(wanted))) + 1))
    return gained / ideal if ideal else 0.0


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)
