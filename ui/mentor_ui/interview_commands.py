"""`mentor interview`: a mock interview in a terminal, or through a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mentor.errors import InterviewError, StorageError
from mentor.settings import load_settings
from mentor_ui.plan_commands import LOCAL, Json, Who, print_json

if TYPE_CHECKING:
    from mentor.interview.feedback import Line
    from mentor.interview.interviews import Interviews, Kept
    from mentor.interview.report import Bar, Report
    from mentor.interview.screen import Screen
    from mentor.interview.state import Move, Setup
    from mentor.mentor import Mentor

app = typer.Typer(help="Mock interviews: questions, grading, feedback, a report.")
Markdown = Annotated[Path | None, typer.Option(help="Write the report as Markdown.")]
Html = Annotated[Path | None, typer.Option(help="Write the report as a page to print.")]
_SURE = "How sure are you, 1 (guessing) to 5 (certain)? Enter: rather not say"
_AFTER = "Enter: the model answer. /retry: a second try. /said N words: I did say point N"
_COMMANDS = ("/hint", "/skip", "/pause", "/stop", "/retry")


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
    who: Who = LOCAL,
) -> None:
    """A mock interview. One line is one turn, and a blank line skips it.

    A line may also be /hint, /pause or /stop. From standard input neither confidence nor a retry
    is asked for, and what is missing at its end is skipped.
    """
    if context.invoked_subcommand is not None:
        return
    if weak and due:
        raise typer.BadParameter("Choose one of --weak and --due.")
    mentor, interviews = _open()
    if resume:
        kept = _waiting(interviews, who)
    else:
        chosen = _setup(interviews, who, level=level, topics=topic or (), kinds=kind or ())
        aim = "weak" if weak else "due" if due else "balanced"
        more = {"aim": aim, "questions": questions, "seed": seed, "timer": timer}
        kept = interviews.begin(who, chosen.model_copy(update=more))
    face = _Face(interviews, who, as_json=as_json)
    if not face.run(kept):
        return
    report = interviews.report(who, kept.id)
    _write(report, markdown=markdown, html=html)
    _print(report, as_json=as_json)
    if face.keyboard and not as_json:
        _propose(mentor, who, report)


@app.command("list")
def list_(as_json: Json = False, who: Who = LOCAL) -> None:
    """The interviews that are kept, oldest first."""
    rows = [
        {
            "interview": each.id,
            "on": each.state.began.date().isoformat(),
            "level": each.state.setup.level,
            "questions": len(each.state.scores),
            "score": _mean(each.state.scores),
            "finished": each.state.finished,
        }
        for each in _open()[1].all(who)
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
    who: Who = LOCAL,
) -> None:
    """The report of an interview."""
    _, interviews = _open()
    if interview is None:
        graded = [each.id for each in interviews.all(who) if each.state.scores]
        if not graded:
            raise InterviewError("No interview is graded yet.", cure="Run `mentor interview`.")
        interview = graded[-1]
    made = interviews.report(who, interview)
    _write(made, markdown=markdown, html=html)
    _print(made, as_json=as_json)


@app.command()
def due(as_json: Json = False, who: Who = LOCAL) -> None:
    """What is due to be asked again."""
    _, interviews = _open()
    drills = interviews.due(who)
    if as_json:
        print_json([drill.model_dump(mode="json") for drill in drills])
        return
    for drill in drills:
        says = interviews.desk.bank.points[drill.point].says
        typer.echo(f"{drill.due.isoformat()}  {says}")
    typer.echo(f"{len(drills)} due. `mentor interview --due` asks them.", err=True)


# --- set-up -------------------------------------------------------------------------------


def _open() -> tuple[Mentor, Interviews]:
    from mentor.mentor import open_mentor

    mentor = open_mentor(load_settings())
    assert mentor.interviews is not None
    return mentor, mentor.interviews


def _waiting(interviews: Interviews, who: str) -> Kept:
    from mentor.interview.state import Resume

    kept = interviews.open(who)
    if kept is None:
        raise InterviewError("No interview is waiting.", cure="Run `mentor interview`.")
    return interviews.turn(who, kept.id, Resume(), seen=kept.version)


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


# --- the conversation -----------------------------------------------------------------------


class _Face:
    """One interview in a terminal. With JSON what is asked goes to standard error."""

    def __init__(self, interviews: Interviews, who: str, *, as_json: bool) -> None:
        self.keyboard = sys.stdin.isatty()
        self._interviews = interviews
        self._who = who
        self._aside = as_json

    def run(self, kept: Kept) -> bool:
        """Ask to the end; whether there is something to report."""
        from mentor.interview.state import Skip

        shown: tuple[object, ...] = ()
        while not kept.state.finished:
            screen = self._interviews.screen(kept)
            now = (screen.phase, screen.number, screen.probe, screen.hint, screen.retried)
            if now != shown:
                self._show(screen)
                shown = now
            try:
                move = self._move(screen)
                kept = self._interviews.turn(self._who, kept.id, move, seen=kept.version)
            except InterviewError as exc:
                typer.secho(str(exc), fg="yellow", err=True)
                if not self.keyboard:  # a line is a turn, whatever is in it
                    kept = self._interviews.turn(self._who, kept.id, Skip(), seen=kept.version)
            except KeyboardInterrupt:
                self._say("\nKept. `mentor interview --resume` goes on.")
                raise
            if kept.state.paused:
                self._say("Paused, and kept. `mentor interview --resume` goes on.")
                return False
        if not kept.state.scores:
            self._say("The interview is over before a question was answered.")
        return bool(kept.state.scores)

    def _say(self, text: str, *, bold: bool = False) -> None:
        typer.secho(text, bold=bold, err=self._aside)

    def _show(self, screen: Screen) -> None:
        from mentor.interview.feedback import told

        match screen.phase:
            case "question" if screen.hint:
                self._say(f"Hint: {screen.hint}")
            case "question":
                self._say(f"\n{screen.heading}", bold=True)
                self._say(screen.text)
                if screen.code:
                    self._say(f"\n{screen.code.rstrip()}\n")
            case "probe":
                self._say(f"Hint: {screen.hint}" if screen.hint else "")
                self._say(str(screen.probe), bold=True)
            case "retry":
                self._say("Your second try:")
            case "feedback" if screen.feedback:
                self._say("")
                for line in told(screen.feedback):
                    self._say(_with_section(line))
                if screen.setup.timer:
                    self._say(screen.took)
            case "shown":
                self._say(f"\nA strong answer: {screen.model_answer}")

    def _move(self, screen: Screen) -> Move:
        """The next move: what the learner types, or what goes without saying."""
        from mentor.interview import state

        if screen.phase == "shown":
            return state.Next()
        if screen.phase == "sure":
            return self._sure() if self.keyboard else state.Sure()
        if screen.phase == "feedback":
            return self._after(screen) if self.keyboard else state.Show()
        line = self._line("> ")
        if line is None:
            return state.Pause() if self.keyboard else state.Skip()
        return _typed(line) or (state.Say(text=line) if line else state.Skip())

    def _sure(self) -> Move:
        from mentor.interview import state

        self._say(_SURE)
        line = self._line("> ")
        if line is None:
            return state.Pause()
        if move := _typed(line):
            return move
        if line and line not in tuple("12345"):
            raise InterviewError(f"{line[:20]!r} is not 1 to 5.", cure="Type a number, or Enter.")
        return state.Sure(sure=int(line) if line else None)

    def _after(self, screen: Screen) -> Move:
        from mentor.interview import state

        self._say(_AFTER)
        line = self._line("> ")
        if line is None:
            return state.Pause()
        if line.startswith("/said "):
            return _claim(line, screen)
        if not line:
            return state.Show()
        if move := _typed(line):
            return move
        raise InterviewError(f"{line[:40]!r} is no choice here.", cure=f"{_AFTER}.")

    def _line(self, prompt: str) -> str | None:
        """A line without blanks around it; None at the end of the input."""
        typer.echo(prompt, nl=False, err=True) if self.keyboard else None
        line = sys.stdin.readline()
        return line.strip() if line else None


def _typed(line: str) -> Move | None:
    """The command that a line is; None where it is an answer."""
    from mentor.interview.state import MOVE

    if line.lower() in _COMMANDS:
        return MOVE.validate_python({"move": line[1:].lower()})
    return None


def _claim(line: str, screen: Screen) -> Move:
    from mentor.interview.state import Claim

    _, number, words = (*line.split(maxsplit=2), "", "")[:3]
    missing = screen.feedback.missing if screen.feedback else ()
    if not number.isdigit() or not 1 <= int(number) <= len(missing) or not words:
        raise InterviewError(
            f"Point N is one of the {len(missing)} that were missing.",
            cure="Type /said 1 and your own words.",
        )
    return Claim(point=missing[int(number) - 1].point, words=words)


def _with_section(line: Line) -> str:
    return f"{line.text}  [{line.section}]" if line.section else line.text


# --- the report -----------------------------------------------------------------------------


def _mean(scores: Sequence[int]) -> int | None:
    return round(sum(scores) / len(scores)) if scores else None


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
