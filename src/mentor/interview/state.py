"""The state of an interview and the moves of a learner, as the store keeps them."""

from __future__ import annotations

from datetime import datetime
from statistics import fmean
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from mentor.interview.parts import Graded, Said
from mentor.progress import Result
from mentor.questions import Kind
from mentor.records import Level, Record

Aim = Literal["balanced", "weak", "due"]
"""A mix of topics; points that the learner last missed; points that are due to be asked again."""
Phase = Literal["question", "probe", "sure", "feedback", "retry", "shown", "done"]
"""What the session waits for: an answer, one to a probe, how sure the learner is, what follows the
feedback, a second answer, what follows the model answer; or nothing."""
QUESTIONS = 20
"""The most of one interview."""


class Setup(Record):
    """What the learner chose."""

    level: Level = "junior"
    topics: tuple[str, ...] = ()
    """Topics of the roadmap or soft skills; none: all."""
    kinds: tuple[Kind, ...] = ()
    """None: all."""
    aim: Aim = "balanced"
    questions: int = Field(default=5, ge=1, le=QUESTIONS)
    """As many as wanted; once the interview has begun, no more than there are."""
    timer: bool = False
    seed: int | None = None
    """With a seed earlier interviews are left aside, so that the same answers bring the same
    questions; without one the session draws one."""


class Past(Record):
    """What earlier interviews have to say to the choice of questions."""

    recent: tuple[str, ...] = ()
    """Questions asked lately, the latest last."""
    weak: tuple[str, ...] = ()
    """Points that were not met when they were last asked for."""
    due: tuple[str, ...] = ()
    """Points to ask again by now, the longest due first."""
    asked_in: dict[str, str] = Field(default_factory=dict)
    """The question that a point was last asked in."""


class Probed(Record):
    """A probe as it was put to the candidate."""

    text: str
    point: str | None = None
    """The point that it aims at; a neutral probe aims at none."""
    answered: int | None = None
    """The turn in `said` that answers it; None while, or if, nobody did."""


class Dispute(Record):
    """ "I did say this": the learner's words for a point. It is kept, and the score stays."""

    point: str
    words: str
    at: datetime


class Attempt(Record):
    """One try at a question."""

    said: tuple[Said, ...] = ()
    graded: Graded | None = None


class Round(Record):
    """One question, and everything that came of it."""

    question: str
    drill: str | None = None
    """The due or weak point for whose sake it was asked."""
    said: tuple[Said, ...] = ()
    probes: tuple[Probed, ...] = ()
    hinted: bool = False
    sure: int | None = Field(default=None, ge=1, le=5)
    """How sure the learner was before the grading: 1 guessing, 5 certain."""
    graded: Graded | None = None
    at: datetime
    """When it was asked; once it is graded, when that was."""
    retry: Attempt | None = None
    """A second try after the feedback. It is shown, and counts nowhere else."""
    disputes: tuple[Dispute, ...] = ()
    seconds: float = 0.0
    """What the answer took, pauses left out."""

    @property
    def last(self) -> Attempt:
        """The try that feedback speaks of: the second where it was graded, or the first."""
        if self.retry and self.retry.graded:
            return self.retry
        return Attempt(said=self.said, graded=self.graded)


class InterviewState(Record):
    """The whole of an interview; `session.advance` makes each from the last."""

    setup: Setup
    seed: int
    past: Past = Past()
    began: datetime
    rounds: tuple[Round, ...]
    phase: Phase = "question"
    paused: bool = False
    draft: str = ""
    """What was written of an answer when it was paused."""
    clock: datetime
    """Since when the present answer is being worked on."""
    window: str = ""
    """The conversation or page that goes on with it; another conversation resumes it first."""
    left: tuple[str, ...] = ()
    """The windows that went on with it before."""
    results: tuple[Result, ...] = ()
    """For `mentor.progress`: one for each skill of each graded question."""

    @property
    def now(self) -> Round:
        """The round that is on, or was last."""
        return self.rounds[-1]

    @property
    def finished(self) -> bool:
        return self.phase == "done"

    @property
    def is_on(self) -> bool:
        return not self.finished and not self.paused

    def was_in(self, window: str | None) -> bool:
        """Whether it goes on in a window, or did before."""
        return window in (self.window, *self.left)

    def in_window(self, window: str) -> InterviewState:
        """The same in another window; the one that it leaves is remembered, and told so there."""
        left = tuple(each for each in dict.fromkeys((*self.left, self.window)) if each != window)
        return self.model_copy(update={"window": window, "left": left})

    @property
    def scores(self) -> tuple[int, ...]:
        """Of the graded questions, first tries only."""
        return tuple(each.graded.score for each in self.rounds if each.graded)

    @property
    def score(self) -> int | None:
        """Their mean; None while nothing is graded."""
        return round(fmean(self.scores)) if self.scores else None


# --- moves --------------------------------------------------------------------------------


class Say(Record):
    """An answer to the question or to the probe."""

    move: Literal["say"] = "say"
    text: str


class Skip(Record):
    """Nothing is said to the question or to the probe."""

    move: Literal["skip"] = "skip"


class Hint(Record):
    """The hint is wanted; what is said from now on counts as said after a hint."""

    move: Literal["hint"] = "hint"


class Sure(Record):
    """How sure the learner is: 1 guessing, 5 certain, None would rather not say."""

    move: Literal["sure"] = "sure"
    sure: int | None = Field(default=None, ge=1, le=5)


class Retry(Record):
    """A second try, before the model answer is shown."""

    move: Literal["retry"] = "retry"


class Show(Record):
    """The model answer, please."""

    move: Literal["show"] = "show"


class Next(Record):
    """The next question, or the report after the last."""

    move: Literal["next"] = "next"


class Claim(Record):
    """ "I did say this": words of one's own answer, marked for a point that was not met."""

    move: Literal["claim"] = "claim"
    point: str
    words: str
    question: str | None = None
    """Of an earlier round; None: the present one."""


class Pause(Record):
    """Stands still until it is resumed."""

    move: Literal["pause"] = "pause"
    text: str = ""
    """What is written of the answer so far. It is kept as a draft, and not said yet."""


class Resume(Record):
    """Goes on, after a pause or in another window."""

    move: Literal["resume"] = "resume"
    window: str = ""


class Stop(Record):
    """Ends the interview early; what was said so far is graded."""

    move: Literal["stop"] = "stop"


Move = Annotated[
    Say | Skip | Hint | Sure | Retry | Show | Next | Claim | Pause | Resume | Stop,
    Field(discriminator="move"),
]
MOVE: TypeAdapter[Move] = TypeAdapter(Move)
"""Reads a move from JSON: {"move": "say", "text": "…"}."""
