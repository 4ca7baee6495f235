"""`mentor corpus …`: commands for the people who write the material."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mentor_ui.configured import load_settings
from mentor_ui.index_commands import progress_bar

if TYPE_CHECKING:
    from mentor.bank_linter import BankRow
    from mentor.linter import CorpusReport
    from mentor.page_rules import Finding

LOWEST = 20

app = typer.Typer(help="Look after the course material.", no_args_is_help=True)


@app.callback()
def _corpus() -> None: ...


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Check only these files of the interview bank.")
    ] = None,
    run: Annotated[bool, typer.Option(help="Run the listings that pages show.")] = True,
    seed: Annotated[
        Path | None, typer.Option(help="A text whose sentences must not be copied.")
    ] = None,
    points: Annotated[
        bool,
        typer.Option("--points", help="List the rubric points that their sections support least."),
    ] = False,
) -> None:
    """Check the corpus: ids, links, sections, questions, listings, what covers the roadmap,
    and the interview bank.
    """
    from mentor.bank_linter import check_bank
    from mentor.linter import check_corpus

    corpus = load_settings().corpus
    if points:
        _print_points(corpus, files or ())
    if files:
        bank = check_bank(corpus, only=files)
        _print_bank(bank.rows)
        _end(bank.findings)
    else:
        report = check_corpus(corpus, run_code=run, seed=seed)
        _print_coverage(report)
        typer.echo(", ".join(f"{number:,} {what}" for what, number in report.counts.items()))
        _print_bank(report.bank)
        _end(report.findings)


@app.command()
def embed() -> None:
    """Write the vectors of the corpus beside it, so that a first index takes seconds."""
    from mentor.shipping import ship_vectors

    with progress_bar() as progress:
        path, number = ship_vectors(load_settings(), progress)
    typer.echo(f"Wrote {number:,} vectors to {path}.")


def _end(findings: Sequence[Finding]) -> None:
    for finding in findings:
        typer.echo(str(finding))
    if findings:
        typer.secho(f"{len(findings)} findings", fg="red", err=True)
        raise typer.Exit(1)
    typer.secho("No findings", fg="green", err=True)


def _print_coverage(report: CorpusReport) -> None:
    for row in report.coverage:
        typer.echo(f"{row.what:<12} {row.name:<46} {row.page or '—'}")
    rows = Counter(row.what for row in report.coverage)
    covered = Counter(row.what for row in report.coverage if row.page)
    typer.echo("Covered: " + ", ".join(f"{covered[what]}/{n} {what}" for what, n in rows.items()))


def _print_bank(rows: Sequence[BankRow]) -> None:
    """Questions of the bank by topic, level and kind; topics without a question are left out."""
    from mentor.bank_linter import KINDS, LEVELS

    names = [name.replace("_", " ") for name in (*LEVELS, *KINDS)]
    typer.echo(f"{'interview questions':<46} " + "  ".join([*names, "in all"]))
    numbers = [(row.topic, (*row.levels, *row.kinds, row.total)) for row in rows if row.total]
    sums = [sum(column) for column in zip(*(counts for _, counts in numbers), strict=True)]
    for topic, counts in [*numbers, ("in all", sums)] if numbers else []:
        widths = map(len, [*names, "in all"])
        cells = (f"{count or '·':>{width}}" for count, width in zip(counts, widths, strict=True))
        typer.echo(f"{topic:<46} " + "  ".join(cells))


def _print_points(corpus: Path, files: Sequence[Path]) -> None:
    """The twenty points with the lowest support; those of stories apart, which prove no fact."""
    from mentor.bank_linter import readable_pages
    from mentor.models.judge import TrainedJudge
    from mentor.point_support import support
    from mentor.questions import bank_files, read_questions

    judge = TrainedJudge()
    there = [p for path in files or bank_files(corpus) for p in read_questions(path).points]
    found = support(there, readable_pages(corpus), judge)
    facts = [each for each in found if each.point.dimension is None]
    stories = [each for each in found if each.point.dimension is not None]
    for what, each_of in (("knowledge", facts), ("stories", stories)):
        typer.echo(f"Points on {what}: {len(each_of)}, the least supported first")
        for each in each_of[:LOWEST]:
            guards = f"  [{', '.join(each.violations)}]" if each.violations else ""
            typer.echo(f"{each.score:.2f}  {each.point.id}{guards}\n      {each.point.says}")
            typer.echo(f"      {each.point.section}: {' '.join(each.words.split())}")
