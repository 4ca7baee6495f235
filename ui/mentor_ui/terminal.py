"""The `mentor` command. Heavy imports stand inside the commands, so that --help is instant."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mentor.errors import (
    InterviewError,
    LearnerError,
    MentorError,
    QuestionError,
    SettingsError,
)
from mentor.telemetry import no_telemetry
from mentor_ui import (
    backup_commands,
    conversation_commands,
    corpus_commands,
    eval_command,
    index_commands,
    interview_commands,
    model_commands,
    plan_commands,
    progress_commands,
)
from mentor_ui.configured import load_settings
from mentor_ui.index_commands import complain, index_if_stale, progress_bar

if TYPE_CHECKING:
    from mentor.mentor import Mentor
    from mentor.records import Answer, Event
    from mentor.settings import Settings

app = typer.Typer(
    help="A local career mentor for machine-learning engineers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(corpus_commands.app, name="corpus")
app.command()(index_commands.index)
app.add_typer(index_commands.sources, name="sources")
app.add_typer(model_commands.app, name="models")
app.add_typer(interview_commands.app, name="interview")
app.command()(plan_commands.plan)
app.add_typer(progress_commands.app, name="progress")
app.add_typer(conversation_commands.app, name="conversations")
app.command()(backup_commands.backup)
app.command()(backup_commands.restore)
Only = Annotated[
    str | None, typer.Option(help="Keep answers to this collection. Default: MENTOR_ONLY.")
]
Prefer = Annotated[
    str | None,
    typer.Option(help="Let this collection's word go first. Default: MENTOR_PREFER."),
]
Model = Annotated[
    str | None,
    typer.Option(
        help="embedded, none, a GGUF file, hf:owner/repo/file.gguf, or http(s)://…/v1. "
        "Default: MENTOR_MODEL."
    ),
]


def main() -> None:
    """Entry point: a person sees one sentence and its cure, never a traceback."""
    no_telemetry()
    if isinstance(sys.stdout, TextIOWrapper):
        # What the terminal cannot show is escaped, as JSON escapes it, and never an error.
        sys.stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    try:
        app()
    except MentorError as exc:
        complain(exc)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

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
    only: Only = None,
    prefer: Prefer = None,
    model: Model = None,
    who: plan_commands.Who = None,
) -> None:
    """Ask one question, or a file of them."""
    if (question is None) == (file is None):
        raise typer.BadParameter("Give a question, or --file with questions.")
    if file and not as_json:
        raise typer.BadParameter("--file prints JSON lines; add --json.")
    settings = load_settings(model=model, only=only, prefer=prefer, learner=who)
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
            answer = mentor.answer(
                row["question"], row.get("history", []), learner=settings.learner
            )
            _print_json(answer, id=row.get("id"))
        except (QuestionError, LearnerError, InterviewError) as exc:
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
    from mentor.records import CORPUS, Done, Refusal, Said, Waiting
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
            whose = c.source if c.collection == CORPUS else c.collection
            typer.echo(f"[{c.n}] {c.heading} ({whose}) — {c.where}")
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
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    only: Only = None,
    prefer: Prefer = None,
    model: Model = None,
) -> None:
    """Start the web page; builds the index first when it is missing or stale."""
    settings = load_settings(host=host, port=port, only=only, prefer=prefer, model=model)
    from mentor_ui.server import listen, serve_forever

    socket = listen(settings)
    model_commands.ensure_model(settings)
    index_if_stale(settings)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    typer.echo(f"Mentor is at http://{host}:{socket.getsockname()[1]} (Ctrl+C stops it)")
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

    model_commands.ensure_model(settings)
    return open_mentor(settings)


eval_command.add_to(app, progress_bar)
