"""The roadmap suite: `python -m mentor_evals.roadmap [--set roadmap_test] [--model none] [-v]`.

Runs the cases through `Mentor.answer`, the same that learners get, prints the scores beside their
bars, and exits 1 when one falls.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from mentor.mentor import Mentor, open_mentor, update_index
from mentor.records import Record
from mentor.settings import load_settings, no_telemetry
from mentor_evals.cases import load_cases
from mentor_evals.scores import Score, score


class Measure(Record):
    """A figure, and the bar that it must reach."""

    name: str
    value: float
    bar: float
    at_least: bool

    @property
    def holds(self) -> bool:
        return self.value >= self.bar if self.at_least else self.value <= self.bar


def measure(scores: Sequence[Score]) -> list[Measure]:
    """The figures of the roadmap suite."""
    asked = [s for s in scores if s.kind in {"inside", "follow_up"}]
    outside = [s for s in scores if s.kind == "outside"]
    firsts = [s.first_sentence_ms for s in scores if s.first_sentence_ms is not None]

    def least(name: str, value: float, bar: float) -> Measure:
        return Measure(name=name, value=value, bar=bar, at_least=True)

    def most(name: str, value: float, bar: float) -> Measure:
        return Measure(name=name, value=value, bar=bar, at_least=False)

    return [
        least("expected facts found", _share(asked), 0.95),
        least("outside questions refused", _rate(s.refused for s in outside), 0.95),
        most("inside questions refused", _rate(s.refused for s in asked), 0.03),
        most("lies told", sum(len(s.lies) for s in scores), 0),
        most("figures that the citation lacks", sum(len(s.unsupported_figures) for s in scores), 0),
        most("sentences without a citation", sum(s.uncited for s in scores), 0),
        most("first sentence, median ms", statistics.median(firsts) if firsts else 0.0, 1500),
    ]


def _share(scores: Sequence[Score]) -> float:
    return sum(s.found for s in scores) / max(1, sum(s.facts for s in scores))


def _rate(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / max(1, len(values))


def _went_wrong(s: Score) -> bool:
    if s.lies or s.unsupported_figures or s.missing:
        return True
    return s.refused != (s.kind == "outside") and s.kind != "lie"


def run(mentor: Mentor, dataset: str) -> list[Score]:
    cases = load_cases(dataset)
    return [
        score(case, mentor.answer(case.question, case.history))
        for case in track(cases, description=dataset, console=Console(stderr=True))
    ]


def main(
    dataset: Annotated[str, typer.Option("--set", help="roadmap or roadmap_test.")] = "roadmap",
    model: Annotated[str | None, typer.Option(help="As MENTOR_MODEL.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="List what went wrong.")] = False,
) -> None:
    """Ask the mentor every case of a set and hold the scores against their bars."""
    settings = load_settings(model=model)
    update_index(settings)
    mentor = open_mentor(settings)
    mentor.warm()
    scores = run(mentor, dataset)
    console = Console()
    if verbose:
        for s in filter(_went_wrong, scores):
            fate = "refused" if s.refused else "answered"
            console.print(s.case, fate, *s.missing, *s.lies, *s.unsupported_figures, sep=" | ")
    title = f"{dataset}, {len(scores)} cases, {mentor.model}"
    table = Table("measure", "value", "bar", "", title=title)
    measures = measure(scores)
    for m in measures:
        bar = f"{'≥' if m.at_least else '≤'} {m.bar:g}"
        table.add_row(m.name, f"{m.value:.3g}", bar, "holds" if m.holds else "FALLS")
    console.print(table)
    if not all(m.holds for m in measures):
        raise typer.Exit(1)


if __name__ == "__main__":
    no_telemetry()
    typer.run(main)
