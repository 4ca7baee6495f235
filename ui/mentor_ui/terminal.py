"""The `mentor` command. Heavy imports stand inside the commands, so that --help is instant."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mentor.errors import IndexBusy, MentorError, QuestionError, SettingsError
from mentor.settings import Settings, load_settings, no_telemetry
from mentor_ui import (
    conversation_commands,
    corpus_commands,
    eval_command,
    interview_commands,
    plan_commands,
    progress_commands,
)

if TYPE_CHECKING:
    from mentor.indexing import BuildReport
    from mentor.mentor import Mentor
    from mentor.records import Answer, Event

app = typer.Typer(
    help="A local career mentor for machine-learning engineers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(corpus_commands.app, name="corpus")
app.add_typer(interview_commands.app, name="interview")
app.command()(plan_commands.plan)
app.add_typer(progress_commands.app, name="progress")
app.add_typer(conversation_commands.app, name="conversations")
Model = Annotated[
    str | None,
    typer.Option(help="embedded, none, a GGUF file, or http(s)://…/v1. Default: MENTOR_MODEL."),
]


def main() -> None:
    """Entry point: a person sees one sentence and its cure, never a traceback."""
    no_telemetry()
    if isinstance(sys.stdout, TextIOWrapper):
        # What the terminal cannot show is escaped, as JSON escapes it, and never an error.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except MentorError as exc:
        _complain(exc)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _complain(error: MentorError) -> None:
    typer.secho(error.what, fg="red", err=True)
    if error.cure:
        typer.echo(f"  → {error.cure}", err=True)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mentor {version('mentor')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None: ...


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="What you want to know.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help='JSON lines of {"id", "question", "history"}; needs --json.'),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one answer a line.")] = False,
    model: Model = None,
    who: plan_commands.Who = None,
) -> None:
    """Ask one question, or a file of them."""
    if (question is None) == (file is None):
        raise typer.BadParameter("Give a question, or --file with questions.")
    if file and not as_json:
        raise typer.BadParameter("--file prints JSON lines; add --json.")
    settings = load_settings(model=model, learner=who)
    if file:
        _ask_file(file, settings)
        return
    mentor = _open(settings)
    if as_json:
        _print_json(mentor.answer(str(question), learner=settings.learner))
    else:
        _print_events(mentor.ask(str(question), learner=settings.learner))


def _ask_file(file: Path, settings: Settings) -> None:
    rows = list(_questions(file))
    mentor = _open(settings)
    mentor.warm()
    faults = 0
    for row in rows:
        try:
            _print_json(mentor.answer(row["question"], row.get("history", [])), id=row.get("id"))
        except QuestionError as exc:
            faults += 1
            _print({"id": row.get("id"), "question": row["question"][:200], "error": str(exc)})
    if faults:
        raise QuestionError(f"{faults} of {len(rows)} questions could not be asked.")


def _questions(file: Path) -> Iterator[dict[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise QuestionError(f"{file} cannot be read: {exc}.", cure="Check the path.") from exc
    for number, line in enumerate(text.split("\n"), start=1):  # splitlines() knows too many
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as exc:
            why = getattr(exc, "msg", "nested too deeply")
            raise QuestionError(
                f"{file}, line {number}: not JSON ({why}).", cure="Mend that line."
            ) from exc
        history = row.get("history", []) if isinstance(row, dict) else None
        if (
            not isinstance(row, dict)
            or not isinstance(row.get("question"), str)
            or not isinstance(history, list)
            or not all(isinstance(message, str) for message in history)
        ):
            raise QuestionError(
                f"{file}, line {number}: not a question.",
                cure='A line is {"id": …, "question": "…", "history": ["…"]}.',
            )
        yield row


def _print_json(answer: Answer, **first: Any) -> None:
    _print({**first, **answer.model_dump(mode="json")})


def _print(row: dict[str, Any]) -> None:
    typer.echo(json.dumps(row, ensure_ascii=False))


def _print_events(events: Iterator[Event]) -> None:
    from mentor.records import Done, Refusal, Said, Waiting
    from mentor_ui.render import ASK_NEXT, OTHER_READINGS

    answer: Answer | None = None
    for event in events:
        if isinstance(event, Waiting):
            typer.secho(f"{event.position} ahead of you …", dim=True, err=True)
        elif isinstance(event, Refusal):
            typer.echo(event.text)
        elif isinstance(event, Said):
            marks = "".join(f"[{n}]" for n in event.sentence.citations)
            typer.echo(f"{event.sentence.text} {marks}".rstrip())
        elif isinstance(event, Done):
            answer = event.answer
    if answer and answer.citations:
        typer.secho("\nSources", bold=True)
        for c in answer.citations:
            typer.echo(f"[{c.n}] {c.heading} ({c.source}) — {c.path}")
    if answer and answer.related:
        typer.secho(f"\n{OTHER_READINGS if answer.vague else ASK_NEXT}", bold=True)
        for question in answer.related:
            typer.echo(f"- {question}")
    if answer and answer.proposals:
        typer.secho("\nProposed", bold=True)
        for proposal in answer.proposals:
            typer.echo(f"{proposal.label}: {proposal.says}")
        typer.echo("Say yes in the page, or with `mentor plan --keep` and `mentor progress`.")


@app.command()
def index(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders to index beside the corpus.")
    ] = None,
    rebuild: Annotated[bool, typer.Option(help="Build everything anew.")] = False,
) -> None:
    """Bring the index up to date with the material."""
    settings = load_settings()
    report = _update_index(settings, paths or [], rebuild=rebuild)
    _print_report(report, settings)
    if report.problems:
        raise typer.Exit(1)


def _update_index(settings: Settings, paths: list[Path], *, rebuild: bool = False) -> BuildReport:
    from mentor.mentor import update_index

    with _progress_bar() as progress:
        return update_index(
            settings, extra=[str(path) for path in paths], rebuild=rebuild, progress=progress
        )


@contextmanager
def _progress_bar() -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield progress


def _print_report(report: BuildReport, settings: Settings) -> None:
    for problem in report.problems:
        typer.secho(f"Left out: {problem.why}", fg="yellow", err=True)
    if report.changed:
        typer.echo(
            f"Indexed {report.passages} passages in {report.seconds:.1f} s: "
            f"{report.embedded} new or changed, {report.kept} kept, {report.removed} removed."
        )
    else:
        typer.echo(f"Nothing changed: {report.passages} passages, {report.seconds:.2f} s.")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    model: Model = None,
) -> None:
    """Start the web page; builds the index first when it is missing or stale."""
    settings = load_settings(host=host, port=port, model=model)
    from mentor_ui.server import listen, serve_forever

    socket = listen(settings)
    _index_if_stale(settings)
    typer.echo(f"Mentor is at http://{settings.host}:{socket.getsockname()[1]} (Ctrl+C stops it)")
    serve_forever(settings, socket)


@app.command()
def token(
    learner: Annotated[str, typer.Argument(help="The learner's id in the portal.")],
    name: Annotated[str, typer.Option(help="What to call them.")] = "",
    role: Annotated[str, typer.Option(help="learner, operator or service.")] = "learner",
    origin: Annotated[str | None, typer.Option(help="The only origin it may be used from.")] = None,
    minutes: Annotated[int, typer.Option(min=1, max=60, help="How long it is good.")] = 10,
) -> None:
    """Print a token as a portal's back end makes it, to try the API or to read the figures."""
    from mentor_ui.api.identity import mint

    settings = load_settings()
    if settings.token_secret is None:
        raise SettingsError(
            "There is no secret to sign a token with.", cure="Set MENTOR_TOKEN_SECRET."
        )
    if role not in ("learner", "operator", "service"):
        raise typer.BadParameter("A role is learner, operator or service.")
    claims = {"role": role, **({"name": name} if name else {})}
    claims |= {"origin": origin} if origin else {}
    audience = settings.token_audience
    typer.echo(
        mint(settings.token_secret, learner, audience=audience, seconds=60 * minutes, **claims)
    )


def _index_if_stale(settings: Settings) -> None:
    from mentor.index import is_stale
    from mentor.models.embed import open_embedder

    if not is_stale(settings.index_dir, [settings.corpus], open_embedder(settings).name):
        return
    typer.echo("Bringing the index up to date …", err=True)
    try:
        _print_report(_update_index(settings, []), settings)
    except IndexBusy as exc:
        _complain(exc)


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Look over the installation: build, processor, model, index, memory; say how to cure it."""
    from mentor.doctor import examine

    findings = examine(load_settings())
    if as_json:
        _print({f.what: {"found": f.found, "ok": f.ok, "cure": f.cure} for f in findings})
    else:
        for finding in findings:
            mark = typer.style("ok " if finding.ok else "!! ", fg="green" if finding.ok else "red")
            typer.echo(f"{mark} {finding.what:<18} {finding.found}")
            if finding.cure:
                typer.echo(f"   {'':<18} → {finding.cure}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _open(settings: Settings) -> Mentor:
    from mentor.mentor import open_mentor

    return open_mentor(settings)


eval_command.add_to(app, _progress_bar)
