"""`mentor eval`: how well the mentor does, on the shipped cases or on a portal's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mentor.errors import StorageError
from mentor_ui.configured import load_settings

if TYPE_CHECKING:
    from mentor.settings import Settings
    from mentor_evals.bars import Bars
    from mentor_evals.cases import Question
    from mentor_evals.figures import Figure, Run

ProgressBar = Callable[[], AbstractContextManager[Any]]


class Split(StrEnum):
    dev = "dev"
    test = "test"


class Peer(StrEnum):
    quickstart = "quickstart"


def add_to(app: typer.Typer, progress_bar: ProgressBar) -> None:
    """Register the command."""

    @app.command(name="eval")
    def _eval(
        suites: Annotated[list[str] | None, typer.Argument(help="Which suites; all.")] = None,
        split: Annotated[
            Split, typer.Option(help="dev is for looking at, test for reporting.")
        ] = Split.dev,
        model: Annotated[
            list[str] | None,
            typer.Option(help="As MENTOR_MODEL; give it twice to see two side by side."),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
        report: Annotated[
            Path | None, typer.Option(dir_okay=False, writable=True, help="Write an HTML page.")
        ] = None,
        limit: Annotated[
            int | None, typer.Option(min=1, help="Ask only so many cases of each dataset.")
        ] = None,
        only: Annotated[str | None, typer.Option(help="Ask only the case with this id.")] = None,
        cases: Annotated[
            Path | None, typer.Option(help="Your questions: CSV of question, expect, section.")
        ] = None,
        against: Annotated[
            Peer | None, typer.Option(help="A plain LangChain chain beside the mentor.")
        ] = None,
        resume: Annotated[
            bool, typer.Option("--resume", help="Keep what an earlier run has asked.")
        ] = False,
        save_baseline: Annotated[
            bool, typer.Option("--save-baseline", help="Compare later runs with this one.")
        ] = False,
    ) -> None:
        """Ask the cases of the evals and hold the figures against their bars."""
        from mentor_evals import baseline
        from mentor_evals.own import own_cases
        from mentor_evals.run import Selection

        if save_baseline and (cases or limit or only):
            raise typer.BadParameter("A baseline is of all the cases that ship.")
        if report is not None and not report.parent.is_dir():
            raise typer.BadParameter(f"There is no folder {report.parent} for the report.")
        own = own_cases(cases) if cases else None
        with progress_bar() as progress:
            runs = _runs(
                [load_settings(model=name) for name in model or (None,)],
                suites or [],
                split.value,
                own,
                against,
                resume=resume,
                selection=Selection(only=only, limit=limit),
                progress=progress,
            )
        if as_json:
            typer.echo(_as_json(runs))
        else:
            _print_table(runs)
        if report is not None:
            _write(report, runs)
        if save_baseline:
            for run in runs:
                baseline.save(run)
        if any(run.fallen for run in runs[:1]):
            raise typer.Exit(1)


def _runs(
    settings: list[Settings],
    names: list[str],
    split: Any,
    own: tuple[Question, ...] | None,
    against: Peer | None,
    **how: Any,
) -> list[Run]:
    """One run for each model, then the peer's; the bars are for the first."""
    from mentor.mentor import update_index
    from mentor_evals.kept import evaluating
    from mentor_evals.run import chosen, run
    from mentor_evals.workbench import Workbench

    suites = chosen(names, own=own is not None)
    benches = [(Workbench(each, split, own=own), each.model, suites) for each in settings]
    if against is not None:
        from mentor_evals.quickstart import chain_model, open_quickstart

        chain_model(settings[0])  # it is asked last, and tells at once that there is none
        peer = Workbench(
            settings[0], split, own=own, peer=lambda: open_quickstart(settings[0], how["progress"])
        )
        benches.append((peer, against.value, chosen(names, own=own is not None, peer=True)))
    no_bars: Bars = {}  # a portal's own questions are not what the bars were set for
    runs = []
    with evaluating(settings[0].data_dir / "evals"):
        update_index(settings[0], progress=how["progress"])
        for bench, subject, asked in benches:
            try:
                bars = None if own is None else no_bars
                runs.append(run(bench, asked, subject=subject, bars=bars, **how))
            finally:
                bench.close()
    return runs


def _write(report: Path, runs: list[Run]) -> None:
    from mentor_evals.report import page

    try:
        report.write_text(page(runs), encoding="utf-8")
    except OSError as exc:
        raise StorageError(
            f"{report} cannot be written: {exc.strerror or exc}.", cure="Name another file."
        ) from exc
    typer.echo(f"The report is in {report}", err=True)


def _as_json(runs: list[Run]) -> str:
    return json.dumps([run.model_dump(mode="json") for run in runs], ensure_ascii=False)


def _print_table(runs: list[Run]) -> None:
    from rich.console import Console
    from rich.table import Table

    from mentor_evals.words import shown, shown_interval, sooner, trust

    first = runs[0]
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    table.add_column(f"{first.split}{', a part' * first.part}")
    for name in (*(run.subject for run in runs), "95 % interval", "cases", "bar", ""):
        table.add_column(name, justify="right", no_wrap=True)
    suite = ""
    for figure in first.figures:
        if figure.suite != suite:
            suite = figure.suite
            table.add_row(f"[bold]{suite}[/bold]")
        others = [run.find(suite, figure.metric.name) for run in runs[1:]]
        table.add_row(
            "  " + figure.metric.name + " *" * figure.metric.referee,
            *(shown(each) if each else "—" for each in (figure, *others)),
            shown_interval(figure),
            str(figure.cases),
            str(figure.bar or ""),
            _verdict(figure),
        )
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    console.print(table)
    if any(figure.metric.referee for figure in first.figures):
        console.print(f"\n* {trust(first)}")
    for line in sooner(runs):
        console.print(f"\n{line}")


def _verdict(figure: Figure) -> str:
    return {
        "free": "",
        "holds": "[green]holds[/green]",
        "falls": "[bold red]FALLS[/bold red]",
        "chance": "[yellow]chance[/yellow]",
    }[figure.state]
