"""What was measured, beside what it is compared with and what it must reach."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Literal

import psutil
from rich.console import Console
from rich.table import Table

from mentor.records import Record
from mentor_evals.bars import Bar

Unit = Literal["ms", "s", "MB", "tokens/s", "texts/s", "learners", "of 1"]
_WIDE = 140
_RATES = ("tokens/s", "texts/s")


class Figure(Record):
    """One measured figure."""

    what: str
    value: float
    unit: Unit
    longest: float | None = None
    """The worst case beside a median."""
    peer: str | None = None
    peer_value: float | None = None
    bar: Bar | None = None
    """For the ratio where there is a peer, else for the figure."""

    @property
    def ratio(self) -> float | None:
        """How many times faster than the peer; None without one."""
        if self.peer_value is None:
            return None
        fast, slow = self.value, self.peer_value
        return fast / slow if self.unit in _RATES else slow / fast

    @property
    def holds(self) -> bool | None:
        """Whether the bar is reached; None where there is none."""
        if self.bar is None:
            return None
        reached = self.value if self.ratio is None else self.ratio
        return self.bar.holds(reached, reached, reached)


def timed(
    what: str, times: Sequence[float], *, unit: Unit = "ms", bar: Bar | None = None
) -> Figure:
    """The median of `times`, and the longest."""
    return Figure(what=what, value=statistics.median(times), unit=unit, longest=max(times), bar=bar)


def show(figures: Iterable[Figure]) -> None:
    """Print them, as wide as they need to be where nobody sees the edge."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    console.print(table(figures))


def table(figures: Iterable[Figure]) -> Table:
    title = f"{psutil.cpu_count()} processors, load {psutil.getloadavg()[2]:.1f}"
    table = Table("what", "median (longest)", "peer", "ratio", "bar", "", title=title)
    for figure in figures:
        longest = "" if figure.longest is None else f" ({_digits(figure.longest)})"
        peer = ""
        if figure.peer_value is not None:
            peer = f"{figure.peer}: {_digits(figure.peer_value)} {figure.unit}"
        table.add_row(
            figure.what,
            f"{_digits(figure.value)} {figure.unit}{longest}",
            peer,
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            "" if figure.bar is None else f"{figure.bar}",
            {None: "", True: "holds", False: "falls"}[figure.holds],
        )
    return table


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
