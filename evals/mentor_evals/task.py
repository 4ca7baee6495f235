"""`Task(dataset, solver, scorers)` and `Score(value, explanation)`: evals in three words.

A solver turns a case into a result; a scorer turns case and result into a score; a metric says how
scores become one figure, what it means and where it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from mentor.records import Record
from mentor_evals.cases import Case

Aggregate = Literal["mean", "median", "auc", "balanced accuracy", "rank correlation"]
Unit = Literal["share", "words", "ms", "count", "points"]


class Score(Record):
    """How one case did by one metric."""

    value: float
    explanation: str = ""
    """What was wrong; empty when nothing was."""
    weight: float = 1.0
    """How much it counts in a mean: facts, sentences or citations of the case."""
    label: bool | None = None
    """What it should have been, for measures over two classes."""
    wanted: float = 0.0
    """What it should have been, for measures over numbers."""
    at: tuple[str, ...] = ()
    """The sentences at fault, as they were shown."""


class Metric(Record):
    """A figure's name, its definition and its source."""

    name: str
    definition: str
    source: str = "ours"
    aggregate: Aggregate = "mean"
    unit: Unit = "share"
    referee: bool = False
    """Whether it rests on the eval's referee, and so on how often that agrees with people."""


class Evidence(Record):
    """A passage behind an answer, as the report shows it."""

    n: int
    heading: str
    text: str


class Exhibit(Record):
    """One case as a person should see it: what was asked, what was said, what stood behind it."""

    question: str
    said: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()


C = TypeVar("C", bound=Case)
R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Scorer(Generic[C, R]):
    """A metric, and how a case's result is scored by it; None where it does not apply."""

    metric: Metric
    score: Callable[[C, R], Score | None]


@dataclass(frozen=True)
class Task(Generic[C, R]):
    """What is asked, who answers, and how the answers are judged."""

    dataset: Sequence[C]
    solver: Callable[[C], R]
    scorers: Sequence[Scorer[C, R]]
    solver_name: str
    """Results are kept under it; tasks with one solver share the results of shared cases."""
    result: type[R]
    exhibit: Callable[[C, R], Exhibit]
