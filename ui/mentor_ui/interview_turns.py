"""The conversation of `mentor interview`: what is shown, and what a line means at each point."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from mentor.errors import InterviewError

if TYPE_CHECKING:
    from mentor.interview.feedback import Line
    from mentor.interview.interviews import Interviews, Kept
    from mentor.interview.screen import Screen
    from mentor.interview.state import Move

_SURE = "How sure are you, 1 (guessing) to 5 (certain)? Enter: rather not say"
_AFTER = "Enter: the model answer. /retry: a second try. /said N words: I did say point N"
WINDOW = "terminal"
_COMMANDS = ("/hint", "/skip", "/pause", "/stop", "/retry")


class Turns:
    """One interview, turn by turn. With JSON what is asked goes to standard error."""

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
                self._show(screen, resumed=not shown)
                shown = now
            try:
                move = self._move(screen)
                kept = self._turn(move, kept)
            except InterviewError as exc:
                typer.secho(str(exc), fg="yellow", err=True)
                if not self.keyboard:  # a line is a turn, whatever is in it
                    kept = self._turn(Skip(), kept)
            except KeyboardInterrupt:
                self._say("\nKept. `mentor interview --resume` goes on.")
                raise
            if kept.state.paused:
                self._say("Paused, and kept. `mentor interview --resume` goes on.")
                return False
        if not kept.state.scores:
            self._say("The interview is over before a question was answered.")
        return bool(kept.state.scores)

    def _turn(self, move: Move, kept: Kept) -> Kept:
        return self._interviews.turn(self._who, kept.id, move, seen=kept.version, window=WINDOW)

    def _say(self, text: str, *, bold: bool = False) -> None:
        typer.secho(text, bold=bold, err=self._aside)

    def _show(self, screen: Screen, *, resumed: bool) -> None:
        """What is new on the screen; the question too, where it was asked another day."""
        from mentor.interview.feedback import told

        hinted = screen.phase == "question" and bool(screen.hint)
        if (screen.phase == "question" and not hinted) or resumed:
            self._say(f"\n{screen.heading}", bold=True)
            self._say(screen.text)
            if screen.code:
                self._say(f"\n{screen.code.rstrip()}\n")
        match screen.phase:
            case "question" if hinted:
                self._say(f"Hint: {screen.hint}")
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
        if resumed and screen.had_typed:
            self._say(screen.had_typed)

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
    if not number.isdecimal() or not 1 <= int(number) <= len(missing) or not words:
        raise InterviewError(
            f"Point N is one of the {len(missing)} that were missing.",
            cure="Type /said 1 and your own words.",
        )
    return Claim(point=missing[int(number) - 1].point, words=words)


def _with_section(line: Line) -> str:
    return f"{line.text}  [{line.section}]" if line.section else line.text
