"""The report: one self-contained HTML page that a person wants to read.

Nothing in it is loaded from elsewhere, and everything that a model or a learner said is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Environment, Template

from mentor.records import Record
from mentor_evals import baseline, plots
from mentor_evals.figures import Complaint, Failure, Figure, Run
from mentor_evals.words import shown, shown_interval, sooner, trust


class Row(Record):
    """One figure as a row of the page."""

    figure: Figure
    value: str
    interval: str
    others: tuple[str, ...]
    change: str
    better: bool | None
    plot: str


class Part(Record):
    """A suite's rows."""

    suite: str
    rows: tuple[Row, ...]


class Said(Record):
    """A sentence of an answer, and whether it is at fault."""

    text: str
    fault: bool


class Case(Record):
    """A failure as the page shows it."""

    failure: Failure
    said: tuple[Said, ...]
    complaints: tuple[tuple[str, str], ...]
    """Measures that say the same of it, and what they say."""


def page(runs: Sequence[Run]) -> str:
    """The page for `runs`; the first is the one that the bars are for."""
    first = runs[0]
    barred = [figure for figure in first.figures if figure.bar is not None]
    suites = parts(runs, baseline.load())
    return _template().render(
        runs=runs,
        first=first,
        version=version("mentor"),
        barred=barred,
        held=sum(figure.holds is True for figure in barred),
        parts=suites,
        overview=plots.overview(first.figures) if barred else "",
        trust=trust(first) if any(f.metric.referee for f in first.figures) else "",
        sooner=sooner(list(runs)),
        compared=any(row.change for part in suites for row in part.rows),
        sources=_sources(first),
        cases=[(run, by_suite(run.failures)) for run in runs],
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    text = (files("mentor_evals") / "report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(text)


def parts(runs: Sequence[Run], before: baseline.Baseline) -> list[Part]:
    first = runs[0]
    suites = dict.fromkeys(figure.suite for figure in first.figures)
    return [
        Part(
            suite=suite,
            rows=tuple(
                _row(runs, figure, baseline.moved(first, figure, before))
                for figure in first.figures
                if figure.suite == suite
            ),
        )
        for suite in suites
    ]


def _row(runs: Sequence[Run], figure: Figure, moved: float | None) -> Row:
    others = [run.find(figure.suite, figure.metric.name) for run in runs[1:]]
    old = None if moved is None else figure.value - moved
    return Row(
        figure=figure,
        value=shown(figure),
        interval=shown_interval(figure),
        others=tuple(shown(other) if other else "—" for other in others),
        change=_change(figure, moved),
        better=_better(figure, moved),
        plot=plots.row_plot(figure, others, old),
    )


def _change(figure: Figure, moved: float | None) -> str:
    if moved is None:
        return ""
    text = shown(figure, abs(moved))
    unmoved = not any(digit in text for digit in "123456789")
    return "=" if unmoved else f"{'+' if moved > 0 else '−'}{text}"


def _better(figure: Figure, moved: float | None) -> bool | None:
    """Which way is good is known only where there is a bar."""
    if not moved or figure.bar is None or _change(figure, moved) == "=":
        return None
    return (moved > 0) == (figure.bar.least is not None)


def _sources(run: Run) -> dict[str, str]:
    """Where each measure that is not ours comes from."""
    metrics = [figure.metric for figure in run.figures]
    return {metric.name: metric.source for metric in metrics if metric.source != "ours"}


def by_suite(failures: Sequence[Failure]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for failure in failures:
        found.setdefault(failure.suite, []).append(_case(failure))
    return found


def _case(failure: Failure) -> Case:
    at = [text for complaint in failure.complaints for text in complaint.at]
    return Case(
        failure=failure,
        said=tuple(
            Said(text=text, fault=any(fault in text for fault in at))
            for text in failure.exhibit.said
        ),
        complaints=_grouped(failure.complaints),
    )


def _grouped(complaints: Sequence[Complaint]) -> tuple[tuple[str, str], ...]:
    by_why: dict[str, list[str]] = {}
    for complaint in complaints:
        by_why.setdefault(complaint.why, []).append(complaint.metric)
    return tuple((", ".join(names), why) for why, names in by_why.items())
