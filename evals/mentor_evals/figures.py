"""What a run found: figures with their intervals and bars, and every case that went wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mentor.records import Record
from mentor_evals.bars import Bar, Bars
from mentor_evals.cases import Case
from mentor_evals.intervals import estimate
from mentor_evals.task import Exhibit, Metric, Score, Task


class Figure(Record):
    """One metric over its cases."""

    suite: str
    metric: Metric
    value: float
    low: float
    high: float
    cases: int
    bar: Bar | None = None
    holds: bool | None = None

    @property
    def state(self) -> str:
        """`free` of a bar, `holds`, `falls`, or `chance`: missed, by no more than chance."""
        if self.bar is None or self.holds is None:
            return "free"
        if not self.holds:
            return "falls"
        return "holds" if self.bar.holds(self.value, self.low, self.high) else "chance"


class Complaint(Record):
    """What one metric found wrong with a case."""

    metric: str
    why: str
    at: tuple[str, ...]


class Failure(Record):
    """A case that went wrong, as a person should see it."""

    suite: str
    case: str
    exhibit: Exhibit
    complaints: tuple[Complaint, ...]


class Agreement(Record):
    """How often the referee and people agree, over hand-labelled sentences."""

    labels: int
    agreement: float
    kappa: float


class Run(Record):
    """What one subject did in all suites."""

    subject: str
    model: str
    split: str
    part: bool
    """Whether only some of the cases were asked."""
    fingerprint: str
    figures: tuple[Figure, ...]
    failures: tuple[Failure, ...]
    agreement: Agreement | None = None
    seconds: float

    @property
    def fallen(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.holds is False]

    def find(self, suite: str, metric: str) -> Figure | None:
        wanted = (suite, metric)
        return next((f for f in self.figures if (f.suite, f.metric.name) == wanted), None)


Solved = Sequence[tuple[Case, Any]]
"""Cases with their results."""


def figures_of(
    suite: str, task: Task[Any, Any], solved: Solved, bars: Bars, *, part: bool
) -> list[Figure]:
    """A figure for each scorer that applied to any case, where these cases can tell it at all."""
    found = []
    for scorer in task.scorers:
        scored = [(case, scorer.score(case, result)) for case, result in solved]
        scores = [(case.cluster, score) for case, score in scored if score is not None]
        if not any(score.weight for _, score in scores):
            continue
        metric = scorer.metric
        value, low, high = estimate(
            [score for _, score in scores], [name for name, _ in scores], metric.aggregate
        )
        if math.isnan(value):
            continue
        bar = bars.get(suite, {}).get(metric.name)
        found.append(
            Figure(
                suite=suite,
                metric=metric,
                value=value,
                low=low,
                high=high,
                cases=len(scores),
                bar=bar,
                holds=None if bar is None else bar.holds(value, low, high, part=part),
            )
        )
    return found


def failures_of(suite: str, task: Task[Any, Any], solved: Solved) -> list[Failure]:
    """Every case that some scorer complains of."""
    found = []
    for case, result in solved:
        scores: list[tuple[str, Score | None]] = [
            (scorer.metric.name, scorer.score(case, result)) for scorer in task.scorers
        ]
        complaints = tuple(
            Complaint(metric=name, why=score.explanation, at=score.at)
            for name, score in scores
            if score is not None and score.explanation
        )
        if complaints:
            found.append(
                Failure(
                    suite=suite,
                    case=case.id,
                    exhibit=task.exhibit(case, result),
                    complaints=complaints,
                )
            )
    return found
