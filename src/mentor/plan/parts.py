"""What a plan is made of."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from typing import Literal

from mentor.learner import Background, SkillState, Way
from mentor.records import Level, Record
from mentor.syllabus import Cite

StepKind = Literal["check", "lesson", "course", "deliverable", "practice"]


class Gap(Record):
    """A skill of the target that the learner has not shown yet, and what closes the gap."""

    skill: str
    name: str
    level: Level
    stage: int | None
    """The first stage that teaches it; soft skills have none."""
    state: SkillState | None
    closed_by: tuple[str, ...]
    """Ids of steps, in order."""


class Step(Record):
    """One thing to do: why, how long, when it is done, and where the material says so."""

    id: str
    kind: StepKind
    title: str
    stage: int
    hours: tuple[float, float]
    planned: float
    """Hours that the weeks reckon with: the middle of `hours`, to the quarter."""
    skills: tuple[str, ...]
    """Skills that it teaches or shows, and that the learner has not shown yet."""
    needs: tuple[str, ...]
    """Steps that come before."""
    page: str
    why: str
    done_when: str
    cites: tuple[Cite, ...]

    def is_over(self, *, shown: Container[str], done: Container[str]) -> bool:
        """A check is over once its skill is shown; everything else, once it is marked as done."""
        return self.skills[0] in shown if self.kind == "check" else self.id in done


class Piece(Record):
    """Hours of one step in one week."""

    step: str
    hours: float


class Week(Record):
    n: int
    starts: date
    pieces: tuple[Piece, ...]

    @property
    def hours(self) -> float:
        return round(sum(piece.hours for piece in self.pieces), 2)


class Chosen(Record):
    """The track of a plan, and why."""

    way: Way
    why: str
    cite: Cite


class Plan(Record):
    """A plan, with everything that it takes for granted said."""

    made_on: date
    background: Background
    target: Level
    specialisation: str | None
    hours_a_week: float
    by: date | None
    chosen: Chosen
    gaps: tuple[Gap, ...]
    shown: tuple[str, ...]
    """Skills of the target that are checked or evidenced."""
    steps: tuple[Step, ...]
    weeks: tuple[Week, ...]
    done: tuple[str, ...]
    hours: tuple[float, float]
    """All steps; the most counts the lessons too that a failed check would bring back."""
    ready: tuple[date, date]
    job_ready: str
    """What "job ready" means here, and where the learner stands."""
    assumptions: tuple[str, ...]
    verdict: str | None
    """Whether the target date can be held, where there is one."""
    levers: tuple[str, ...]
    """What would hold the target date."""

    @property
    def first(self) -> tuple[Step, ...]:
        """The three steps to begin with."""
        return self.steps[:3]

    def week_of(self, step: str) -> int | None:
        """The number of the week in which a step begins."""
        return next((w.n for w in self.weeks if any(p.step == step for p in w.pieces)), None)
