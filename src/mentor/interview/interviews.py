"""The interviews of learners: begun, gone on with, kept after every turn, reported.

This is what faces call. A face shows a `Screen`, sends a `Move` with the version that it has seen,
and shows the next screen.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from pydantic import ValidationError

from mentor.errors import InterviewError, StaleWrite, StoreUnusable
from mentor.interview import redrill
from mentor.interview.desk import Desk
from mentor.interview.proposals import proposals_for
from mentor.interview.report import Report, report_of
from mentor.interview.screen import Screen, screen_of
from mentor.interview.session import advance, begin
from mentor.interview.state import InterviewState, Move, Past, Pause, Setup
from mentor.learner import Learner
from mentor.records import Level, Record

if TYPE_CHECKING:
    from mentor.store import Store

log = logging.getLogger(__name__)

_LATELY = 60
"""Questions that are not asked again while there are others."""


class Kept(Record):
    """An interview as the store keeps it."""

    id: str
    version: int
    state: InterviewState


class Interviews:
    """Sessions in the store. Safe to use from several threads and processes.

    Days are those of the server's clock, as in the plan.

    Every method raises `StoreUnusable` or `StorageError` when the database fails.
    """

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        *,
        store: Callable[[], Store],
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._open_desk = open_desk
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._skipped: set[str] = set()

    @property
    def desk(self) -> Desk:
        with self._lock:
            return self._desk

    @cached_property
    def _desk(self) -> Desk:
        return self._open_desk()

    # --- going on ---

    def begin(self, learner: str, setup: Setup, *, window: str = "") -> Kept:
        """The first question.

        Raises:
            InterviewError: the bank has no question for this set-up.
        """
        past = self._past(learner)
        if setup.seed is not None and setup.aim == "balanced":
            past = Past()
        seed = secrets.randbelow(2**31) if setup.seed is None else setup.seed
        state = begin(setup, self.desk, seed=seed, at=self._now(), past=past, window=window)
        return self._keep(learner, uuid4().hex, state, seen=0)

    def turn(
        self,
        learner: str,
        interview: str,
        move: Move,
        *,
        seen: int | None = None,
        window: str | None = None,
    ) -> Kept:
        """The interview after a move, which is kept before it is shown.

        Args:
            seen: the version of the screen that the learner looks at; None: whatever is there.
            window: where the move is made, and the interview goes on; None: where it was.

        Raises:
            StaleWrite: the interview went on in another window; nothing was overwritten.
            InterviewError: the move is not possible now, or there is no such interview.
        """
        kept = self.get(learner, interview)
        if seen is not None and seen != kept.version:
            raise StaleWrite(
                "This interview went on in another window.", cure="Reload to see where it is."
            )
        state = kept.state if window is None else kept.state.in_window(window)
        after = advance(state, move, self.desk, at=self._now())
        after = after.model_copy(update={"clock": self._now()})  # grading is not the learner's time
        return self._keep(learner, interview, after, seen=kept.version)

    def get(self, learner: str, interview: str) -> Kept:
        """
        Raises:
            InterviewError: this learner has no such interview.
        """
        found = self._store().interview(learner, interview)
        if found is None:
            raise InterviewError(
                f"There is no interview {interview[:60]!r} of yours.",
                cure="`mentor interview list` shows them.",
            )
        state, version = found
        kept = Kept(id=interview, version=version, state=_read(interview, state))
        if gone := [r.question for r in kept.state.rounds if not self.desk.knows(r)]:
            raise InterviewError(
                f"The bank has changed: {gone[0]} of this interview is no longer as it was.",
                cure="Begin a new interview; what you said is kept, and exported with the rest.",
            )
        return kept

    def all(self, learner: str) -> tuple[Kept, ...]:
        """The learner's interviews, oldest first; their versions are not read.

        One that another version of Mentor kept is left out and stays as it is: it must not stand
        in the way of the others. The log tells of it once.
        """
        found = []
        for id_, state in self._store().interviews(learner):
            if "rounds" not in state:
                continue
            try:
                found.append(Kept(id=id_, version=0, state=_read(id_, state)))
            except StoreUnusable as exc:
                if id_ not in self._skipped:
                    self._skipped.add(id_)
                    log.warning("%s It is left out.", exc.what)
        return tuple(found)

    def open(self, learner: str, window: str | None = None) -> Kept | None:
        """The last interview that can go on; before all others one that was in the window."""
        open_ = [each for each in self.all(learner) if self.is_open(each)]
        found = [each for each in open_ if each.state.was_in(window)] or open_
        return self.get(learner, found[-1].id) if found else None

    def is_open(self, kept: Kept) -> bool:
        """Whether it can go on: unfinished, over questions that the bank still has."""
        return not kept.state.finished and all(map(self.desk.knows, kept.state.rounds))

    def going_on(self, learner: str, window: str) -> Kept | None:
        """What goes on in a window; else the last that was in it, where that goes on elsewhere."""
        was = [each for each in self.all(learner) if each.state.was_in(window)]
        on = [each for each in was if each.state.is_on and self.is_open(each)]
        found = [each for each in on if each.state.window == window] or [
            each for each in was[-1:] if each in on
        ]
        return self.get(learner, found[-1].id) if found else None

    def pause_others(self, learner: str, kept: Kept) -> bool:
        """What else goes on in its window waits from now on; whether there was anything."""
        others = [
            each
            for each in self.all(learner)
            if each.id != kept.id and each.state.window == kept.state.window
            if each.state.is_on and self.is_open(each)
        ]
        for each in others:
            self.turn(learner, each.id, Pause())
        return bool(others)

    def level_of(self, learner: str) -> Level:
        """The level that a learner aims at; junior where that is not known."""
        kept = self._store().learner(learner)
        return (kept.target if kept else None) or Setup().level

    # --- looking at it ---

    def screen(self, kept: Kept) -> Screen:
        return screen_of(kept.id, kept.version, kept.state, self.desk)

    def report(self, learner: str, interview: str) -> Report:
        """The report, as far as the interview is graded, with its proposals for the plan.

        Raises:
            InterviewError: there is no such interview, or nothing of it is graded.
        """
        state = self.get(learner, interview).state
        if not state.scores:
            raise InterviewError(
                "Nothing of this interview is graded yet.", cure="Answer a question first."
            )
        earlier = [
            each.state
            for each in self.all(learner)
            if each.id != interview and each.state.began <= state.began
        ]
        report = report_of(interview, state, self.desk, others=earlier)
        store = self._store()
        proposals = proposals_for(
            report,
            state,
            store.learner(learner) or Learner(),
            syllabus=self.desk.syllabus,
            kept=[state for _, state in store.interviews(learner)],
            plans=store.plan(learner) is not None,
            today=self._now().date(),
        )
        return report.model_copy(update={"proposals": proposals})

    def due(self, learner: str) -> tuple[redrill.Drill, ...]:
        """The points to ask again by now, the longest due first."""
        drills = redrill.cards(each.state for each in self.all(learner))
        known = (drill for drill in drills.values() if drill.point in self.desk.bank.points)
        return redrill.due(known, self._now().date())

    def due_again(self, learner: str) -> dict[str, str]:
        """The questions that asked for what is due by now, each once, and the point that is due."""
        points: dict[str, str] = {}
        for each in self.due(learner):
            if each.asked_in in self.desk.bank.questions:
                points.setdefault(each.asked_in, each.point)
        return points

    # --- the store ---

    def _past(self, learner: str) -> Past:
        states = [each.state for each in self.all(learner)]
        known = self.desk.bank.points
        drills = [d for d in redrill.cards(states).values() if d.point in known]
        asked = [each.question for state in states for each in state.rounds]
        recent = list(dict.fromkeys(reversed(asked)))[:_LATELY]
        return Past(
            recent=tuple(reversed(recent)),
            weak=tuple(drill.point for drill in redrill.weak(drills)),
            due=tuple(drill.point for drill in redrill.due(drills, self._now().date())),
            asked_in={drill.point: drill.asked_in for drill in drills},
        )

    def _keep(self, learner: str, interview: str, state: InterviewState, *, seen: int) -> Kept:
        kept = state.model_dump(mode="json")
        version = self._store().save_interview(learner, interview, state=kept, seen=seen)
        if state.phase == "question" and not state.finished:
            desk = self.desk
            asked = desk.question(state.now.question)
            threading.Thread(target=desk.grader.prepare, args=(asked,), name="rubric").start()
        return Kept(id=interview, version=version, state=state)


def _read(interview: str, state: dict[str, object]) -> InterviewState:
    try:
        return InterviewState.model_validate(state)
    except ValidationError as exc:
        raise StoreUnusable(
            f"The interview {interview} was kept by another version of Mentor.",
            cure="Update this installation, or begin a new interview.",
        ) from exc
