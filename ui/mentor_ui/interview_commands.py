"""`mentor interview`: a mock interview in a terminal, or through a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mentor.errors import InterviewError, StorageError
from mentor_ui.configured import load_settings, subcommand_follows
from mentor_ui.interview_turns import WINDOW, Turns
from mentor_ui.plan_commands import Json, Who, print_json

if TYPE_CHECKING:
    from mentor.interview.interviews import Interviews, Kept
    from mentor.interview.report import Bar, Report
    from mentor.interview.state import Setup
    from mentor.mentor import Mentor

app = typer.Typer(help="Mock interviews: questions, grading, feedback, a report.")
Markdown = Annotated[Path | None, typer.Option(help="Write the report as Markdown.")]
Html = Annotated[Path | None, typer.Option(help="Write the report as a page to print.")]


@app.callback(invoke_without_command=True)
def interview(
    context: typer.Context,
    level: Annotated[str | None, typer.Option(help="junior, mid or senior.")] = None,
    topic: Annotated[
        list[str] | None, typer.Option(help="A topic by id, name or word; may be repeated.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="concept, applied, behavioural, system_design, project or code_reading; "
            "may be repeated."
        ),
    ] = None,
    questions: Annotated[int, typer.Option(min=1, max=20, help="How many questions.")] = 5,
    seed: Annotated[
        int | None, typer.Option(help="The same seed and answers bring the same questions.")
    ] = None,
    weak: Annotated[bool, typer.Option("--weak", help="Ask what you missed before.")] = False,
    due: Annotated[bool, typer.Option("--due", help="Ask what is due again.")] = False,
    timer: Annotated[bool, typer.Option("--timer", help="Tell how long answers took.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the last one.")] = False,
    markdown: Markdown = None,
    html: Html = None,
    as_json: Json = False,
    who: Who = None,
) -> None:
    """A mock interview. One line is one turn, and a blank line skips it.

    A line may also be /hint, /pause or /stop. From standard input neither confidence nor a retry
    is asked for, and what is missing at its end is skipped.
    """
    if subcommand_follows(context):
        return
    if weak and due:
        raise typer.BadParameter("Choose one of --weak and --due.")
    mentor, interviews, learner = _open(who)
    if resume:
        kept = _waiting(interviews, learner)
    else:
        chosen = _setup(interviews, learner, level=level, topics=topic or (), kinds=kind or ())
        aim = "weak" if weak else "due" if due else "balanced"
        more = {"aim": aim, "questions": questions, "seed": seed, "timer": timer}
        kept = interviews.begin(learner, chosen.model_copy(update=more), window=WINDOW)
    turns = Turns(interviews, learner, as_json=as_json)
    if not turns.run(kept):
        return
    report = interviews.report(learner, kept.id)
    _write(report, markdown=markdown, html=html)
    _print(report, as_json=as_json)
    if turns.keyboard and not as_json:
        _propose(mentor, learner, report)


@app.command("list")
def list_(as_json: Json = False, who: Who = None) -> None:
    """The interviews that are kept, oldest first."""
    _, interviews, learner = _open(who)
    rows = [
        {
            "interview": each.id,
            "on": each.state.began.date().isoformat(),
            "level": each.state.setup.level,
            "questions": len(each.state.scores),
            "score": each.state.score,
            "finished": each.state.finished,
        }
        for each in interviews.all(learner)
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        state = "" if row["finished"] else "  (waiting: --resume)"
        score = "—" if row["score"] is None else row["score"]
        typer.echo(
            f"{row['interview']}  {row['on']}  {row['level']:<7} {score:>3}  "
            f"{row['questions']} questions{state}"
        )


@app.command()
def report(
    interview: Annotated[str | None, typer.Argument(help="Its id; the last one, if none.")] = None,
    markdown: Markdown = None,
    html: Html = None,
    as_json: Json = False,
    who: Who = None,
) -> None:
    """The report of an interview."""
    _, interviews, learner = _open(who)
    if interview is None:
        graded = [each.id for each in interviews.all(learner) if each.state.scores]
        if not graded:
            raise InterviewError("No interview is graded yet.", cure="Run `mentor interview`.")
        interview = graded[-1]
    made = interviews.report(learner, interview)
    _write(made, markdown=markdown, html=html)
    _print(made, as_json=as_json)


@app.command()
def due(as_json: Json = False, who: Who = None) -> None:
    """What is due to be asked again."""
    _, interviews, learner = _open(who)
    drills = interviews.due(learner)
    if as_json:
        print_json([drill.model_dump(mode="json") for drill in drills])
        return
    for drill in drills:
        says = interviews.desk.bank.points[drill.point].says
        typer.echo(f"{drill.due.isoformat()}  {says}")
    typer.echo(f"{len(drills)} due. `mentor interview --due` asks them.", err=True)


# --- set-up -------------------------------------------------------------------------------


def _open(who: str | None) -> tuple[Mentor, Interviews, str]:
    """The mentor, its interviews, and whose they are."""
    from mentor.mentor import open_mentor

    settings = load_settings(learner=who)
    mentor = open_mentor(settings)
    assert mentor.interviews is not None
    return mentor, mentor.interviews, settings.learner


def _waiting(interviews: Interviews, who: str) -> Kept:
    from mentor.interview.state import Resume

    kept = interviews.open(who)
    if kept is None:
        raise InterviewError("No interview is waiting.", cure="Run `mentor interview`.")
    return interviews.turn(who, kept.id, Resume(), seen=kept.version, window=WINDOW)


def _setup(
    interviews: Interviews,
    who: str,
    *,
    level: str | None,
    topics: Sequence[str],
    kinds: Sequence[str],
) -> Setup:
    from pydantic import ValidationError

    from mentor.interview.state import Setup
    from mentor.interview.wish import topics_named

    named = [id_ for each in topics for id_ in topics_named(each, interviews.desk)]
    try:
        return Setup.model_validate(
            {
                "level": level.lower() if level else interviews.level_of(who),
                "topics": tuple(dict.fromkeys(named)),
                "kinds": tuple(kind.lower().replace("-", "_") for kind in kinds),
            }
        )
    except ValidationError as exc:
        first = exc.errors()[0]
        raise typer.BadParameter(
            f"{first['input']!r} is no {str(first['loc'][0]).removesuffix('s')}: {first['msg']}."
        ) from exc


# --- the report -----------------------------------------------------------------------------


def _write(made: Report, *, markdown: Path | None, html: Path | None) -> None:
    from mentor.interview.export import report_html, report_markdown

    for path, text in (
        (markdown, report_markdown(made) if markdown else ""),
        (html, report_html(made) if html else ""),
    ):
        if path is None:
            continue
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as exc:
            raise StorageError(
                f"{path} cannot be written: {exc.strerror}.", cure="Choose another place."
            ) from exc


def _print(made: Report, *, as_json: bool) -> None:
    if as_json:
        from mentor.interview.export import report_json

        print_json(report_json(made))
        return
    band = f", {made.band}" if made.band else ""
    typer.secho(f"\nYour interview: {made.score} of 100{band}", bold=True)
    typer.echo(made.means)
    for title, bars in (("By topic", made.topics), ("By skill", made.skills)):
        typer.secho(f"\n{title}", bold=True)
        for bar in bars:
            typer.echo(_bar(bar))
    for title, found in (("Strongest", made.strongest), ("Weakest", made.weakest)):
        if found:
            typer.secho(f"\n{title}", bold=True)
        for each in found:
            typer.echo(f"  {each.says} (question {each.number}; {each.section})")
    if made.calibration:
        typer.echo(f"\n{made.calibration.says}")
    for proposal in made.proposals:
        typer.echo(f"\nProposal: {proposal.label}. {proposal.says}")


def _bar(bar: Bar) -> str:
    length = round(bar.score / 5)
    band = f", {bar.band}" if bar.band else ""
    return (
        f"  {'█' * length}{'·' * (20 - length)} {bar.score:>3}  {bar.name} "
        f"({bar.questions} question{'s' if bar.questions != 1 else ''}{band})"
    )


def _propose(mentor: Mentor, who: str, made: Report) -> None:
    for proposal in made.proposals:
        if typer.confirm(f"{proposal.label}?", default=False):
            typer.echo(mentor.accept(who, proposal))
