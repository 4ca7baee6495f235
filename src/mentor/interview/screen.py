"""What a face shows of an interview now, so that faces need to know neither bank nor rubric."""

from __future__ import annotations

from datetime import datetime

from mentor.interview.desk import Desk
from mentor.interview.feedback import Feedback, feedback_on
from mentor.interview.parts import Said
from mentor.interview.session import moves
from mentor.interview.state import Dispute, InterviewState, Phase, Setup
from mentor.questions import Kind
from mentor.records import Record


class Screen(Record):
    """One moment of an interview. Nothing of the rubric is in it before the grading."""

    interview: str
    version: int
    """To be sent along with the next move, so that two windows cannot overwrite each other."""
    setup: Setup
    seed: int
    phase: Phase
    paused: bool
    moves: tuple[str, ...]
    number: int
    of: int
    question: str
    """Its id."""
    text: str
    code: str | None
    language: str
    kind: Kind
    topic: str
    """Its name."""
    minutes: int
    again: bool
    """Whether it was chosen for a point that was not met before."""
    hint: str | None
    probe: str | None
    seconds: float
    """Spent on the answer up to `clock`."""
    clock: datetime
    draft: str
    """What was written of the answer when it was paused."""
    said: tuple[Said, ...]
    """What was said to the question, turn by turn; the quotes of the feedback stand in it."""
    feedback: Feedback | None
    disputes: tuple[Dispute, ...]
    retried: bool
    model_answer: str | None

    @property
    def heading(self) -> str:
        """The line over a question."""
        again = ", asked again" if self.again else ""
        return (
            f"Question {self.number} of {self.of} ({self.topic}, about {self.minutes} "
            f"minute{'s' if self.minutes > 1 else ''}{again})"
        )

    @property
    def had_typed(self) -> str | None:
        """The draft in one line, for who comes back to it elsewhere."""
        return f"You had typed: “{' '.join(self.draft.split())}”" if self.draft else None

    @property
    def took(self) -> str:
        """How long the answer took, for who wants to know."""
        over = " An interviewer would have stopped you." if self.seconds > 60 * self.minutes else ""
        return f"You took {self.seconds / 60:.1f} of {self.minutes} minutes.{over}"


def screen_of(interview: str, version: int, state: InterviewState, desk: Desk) -> Screen:
    """The screen of a state: feedback from the grading on, the model answer once asked for."""
    now = state.now
    question = desk.question(now.question)
    graded = now.graded is not None and state.phase in ("feedback", "retry", "shown", "done")
    return Screen(
        interview=interview,
        version=version,
        setup=state.setup,
        seed=state.seed,
        phase=state.phase,
        paused=state.paused,
        moves=moves(state),
        number=len(state.rounds),
        of=max(state.setup.questions, len(state.rounds)),
        question=question.id,
        text=question.question.strip(),
        code=question.code,
        language=question.language,
        kind=question.kind,
        topic=desk.syllabus.name(question.topic),
        minutes=question.minutes,
        again=now.drill is not None,
        hint=question.hint if now.hinted else None,
        probe=now.probes[-1].text if state.phase == "probe" else None,
        seconds=now.seconds,
        clock=state.clock,
        draft=state.draft,
        said=now.last.said if graded else now.said,
        feedback=feedback_on(now, state.setup.level, desk) if graded else None,
        disputes=now.disputes,
        retried=now.retry is not None,
        model_answer=question.model_answer.strip() if state.phase == "shown" else None,
    )
