"""Figures as people read them, the same in the terminal and in the report."""

from __future__ import annotations

from mentor_evals.agreement import NONE_YET
from mentor_evals.figures import Figure, Run


def shown(figure: Figure, value: float | None = None) -> str:
    """The figure, or another value of its unit, in as many digits as it deserves."""
    value = figure.value if value is None else value
    match figure.metric.unit:
        case "ms":
            return f"{value:,.0f} ms"
        case "words" | "count":
            return f"{value:.0f}"
        case "points":
            return f"{value:.1f}"
        case _:
            return f"{value:.3f}"


def shown_interval(figure: Figure) -> str:
    return f"{shown(figure, figure.low)}–{shown(figure, figure.high)}".replace(" ms", "")


def trust(run: Run) -> str:
    """How far the figures that rest on the referee can be trusted."""
    if run.agreement is None:
        return NONE_YET
    a = run.agreement
    return (
        f"Rests on the referee, which agrees with people on {a.agreement:.1%} of {a.labels} "
        f"hand-labelled sentences (Cohen's kappa {a.kappa:.2f})."
    )


def sooner(runs: list[Run]) -> list[str]:
    """How much sooner the first subject speaks than each other one."""
    first = runs[0].find("speed", "first sentence")
    found = []
    for run in runs[1:]:
        other = run.find("speed", "first sentence")
        if first and other and first.value:
            ratio = other.value / first.value
            how = f"{ratio:.1f} times sooner" if ratio >= 1 else f"{1 / ratio:.1f} times later"
            found.append(f"{runs[0].subject} shows its first sentence {how} than {run.subject}.")
    return found
