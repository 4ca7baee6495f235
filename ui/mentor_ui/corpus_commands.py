"""`mentor corpus …`: commands for the people who write the material."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mentor.settings import load_settings

if TYPE_CHECKING:
    from mentor.linter import CorpusReport

app = typer.Typer(help="Look after the course material.", no_args_is_help=True)


@app.callback()
def _corpus() -> None: ...


@app.command()
def check(
    run: Annotated[bool, typer.Option(help="Run the listings that pages show.")] = True,
    seed: Annotated[
        Path | None, typer.Option(help="A text whose sentences must not be copied.")
    ] = None,
) -> None:
    """Check the corpus: ids, links, sections, questions, listings, and what covers the roadmap."""
    from mentor.linter import check_corpus

    report = check_corpus(load_settings().corpus, run_code=run, seed=seed)
    _print_coverage(report)
    typer.echo(", ".join(f"{number:,} {what}" for what, number in report.counts.items()))
    for finding in report.findings:
        typer.echo(str(finding))
    if report.findings:
        typer.secho(f"{len(report.findings)} findings", fg="red", err=True)
        raise typer.Exit(1)
    typer.secho("No findings", fg="green", err=True)


def _print_coverage(report: CorpusReport) -> None:
    for row in report.coverage:
        typer.echo(f"{row.what:<12} {row.name:<46} {row.page or '—'}")
    rows = Counter(row.what for row in report.coverage)
    covered = Counter(row.what for row in report.coverage if row.page)
    typer.echo("Covered: " + ", ".join(f"{covered[what]}/{n} {what}" for what, n in rows.items()))
