"""Figures from scores, with 95 % bootstrap intervals clustered by section.

Questions on one section share its fate, so whole clusters are drawn again, not single cases
(Efron and Tibshirani 1993, the percentile interval; Davison and Hinkley 1997, §3.8, for clusters).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentor_evals.task import Aggregate, Score

RESAMPLES = 1_000
Floats = NDArray[np.float64]


def estimate(
    scores: Sequence[Score], clusters: Sequence[str], aggregate: Aggregate = "mean"
) -> tuple[float, float, float]:
    """(figure, lower and upper end of its 95 % interval).

    Args:
        scores: at least one.
        clusters: for each score, the section it belongs to.
    """
    values = np.array([score.value for score in scores])
    weights = np.array([score.weight for score in scores])
    labels = np.array([bool(score.label) for score in scores])
    names = np.unique(list(clusters), return_inverse=True)[1]
    if aggregate == "mean":
        figure = _mean(values, weights)
        drawn = _means_of_draws(values, weights, names)
    else:
        function = _FUNCTIONS[aggregate]
        wanted = np.array([score.wanted for score in scores])
        against = wanted if aggregate == "rank correlation" else labels
        figure = function(values, against)
        drawn = _draws(function, values, against, names)
    drawn = drawn[~np.isnan(drawn)]
    if not drawn.size:
        return figure, figure, figure
    low, high = np.quantile(drawn, (0.025, 0.975))
    return figure, min(float(low), figure), max(float(high), figure)


def auc(values: Floats, labels: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: the chance that a true case scores above a false one.

    Ties count half (Mann and Whitney 1947). NaN when one class is missing.
    """
    true, false = values[labels], np.sort(values[~labels])
    if not true.size or not false.size:
        return float("nan")
    below = np.searchsorted(false, true, "left") + np.searchsorted(false, true, "right")
    return float(below.mean() / 2 / false.size)


def balanced_accuracy(values: Floats, labels: NDArray[np.bool_]) -> float:
    """Mean of the shares of true cases accepted and of false ones rejected (Brodersen 2010).

    A value of 0.5 or more means accepted. NaN when one class is missing.
    """
    if labels.all() or not labels.any():
        return float("nan")
    accepted = values >= 0.5
    return float((accepted[labels].mean() + (~accepted[~labels]).mean()) / 2)


def rank_correlation(values: Floats, wanted: Floats) -> float:
    """Spearman's rho: the correlation of the ranks, ties at their mean rank (Spearman 1904).

    NaN when all that was wanted is alike; 0 when only `values` are, which then tell no order.
    """
    if np.ptp(wanted) == 0:
        return float("nan")
    if np.ptp(values) == 0:
        return 0.0
    return float(np.corrcoef(_ranks(values), _ranks(wanted))[0, 1])


def _ranks(values: Floats) -> Floats:
    ordered = np.sort(values)
    left, right = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    ranks: Floats = (left + right) / 2
    return ranks


def _median(values: Floats, _labels: NDArray[np.bool_]) -> float:
    return float(np.median(values))


_FUNCTIONS: dict[Aggregate, Callable[[Floats, Any], float]] = {
    "median": _median,
    "auc": auc,
    "balanced accuracy": balanced_accuracy,
    "rank correlation": rank_correlation,
}


def _mean(values: Floats, weights: Floats) -> float:
    total = float(weights.sum())
    return float((values * weights).sum()) / total if total else float("nan")


def _means_of_draws(values: Floats, weights: Floats, names: NDArray[np.intp]) -> Floats:
    """Weighted means of the draws: sums of each cluster first, so that it is one product."""
    above = np.bincount(names, values * weights)
    below = np.bincount(names, weights)
    rng = np.random.default_rng(0)
    counts = rng.multinomial(len(above), np.full(len(above), 1 / len(above)), size=RESAMPLES)
    totals, sums = counts @ below, counts @ above
    means: Floats = np.divide(sums, totals, out=np.full(RESAMPLES, np.nan), where=totals > 0)
    return means


def _draws(
    function: Callable[[Floats, Any], float],
    values: Floats,
    against: Floats | NDArray[np.bool_],
    names: NDArray[np.intp],
) -> Floats:
    members = [np.flatnonzero(names == n) for n in range(names.max() + 1)]
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([members[n] for n in rng.integers(len(members), size=len(members))])
        drawn.append(function(values[chosen], against[chosen]))
    return np.array(drawn)
