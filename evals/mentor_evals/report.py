"""The report."""

from __future__ import annotations

from mentor_evals.figures import Run


def page(runs: list[Run]) -> str:
    return str(len(runs))
