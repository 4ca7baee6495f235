"""The plan in a conversation: what is asked of it, answered with its sources and proposals.

The answer is made by code. What it says of the material is cited with the passage that carries it;
what it says of the learner (dates, hours, what changes) is the plan's own reckoning and cites the
section that the step or the track rests on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mentor.consultant import Letter, draft_letter, send
from mentor.learner import WAYS, Learner, Skill, changed, way_name
from mentor.plan import Plan, difference, make_plan
from mentor.plan.export import plan_from, plan_json
from mentor.plan.make import headline
from mentor.progress import Change, applied, proposals_known
from mentor.records import (
    Done,
    Event,
    Passage,
    Proposal,
    Proposed,
    Refusal,
    Said,
)
from mentor.spoken import Talk, what_next, when_ready
from mentor.syllabus import Syllabus, read_syllabus
from mentor.wishes import Wish, told, told_in_all, wish_in

if TYPE_CHECKING:
    from mentor.store import Store

_KEPT = ("background", "target", "specialisation", "track", "hours", "by")


class NextSteps:
    """Answers what is asked of the plan, and does what the learner says yes to."""

    def __init__(
        self,
        corpus: Path,
        passages: Callable[[], Sequence[Passage]],
        *,
        open_store: Callable[[], Store],
        consultant: str | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._corpus = corpus
        self._passages = passages
        self._open_store = open_store
        self._today = today
        self._lock = threading.Lock()
        self.consultant = consultant

    @property
    def syllabus(self) -> Syllabus:
        with self._lock:
            return self._syllabus

    @cached_property
    def _syllabus(self) -> Syllabus:
        return read_syllabus(self._corpus)

    @property
    def store(self) -> Store:
        with self._lock:
            return self._store

    @cached_property
    def _store(self) -> Store:
        return self._open_store()

    def reply(
        self, text: str, history: Sequence[str] = (), *, learner: str | None = None, model: str
    ) -> Iterator[Event] | None:
        """The events of an answer from the plan; None where `text` is a question for the material.

        Raises:
            LearnerError: something that the learner told cannot be planned with.
        """
        wish = wish_in(text, history)
        if wish is None:
            return None
        kept = (self.store.learner(learner) if learner else None) or Learner()
        known = told_in_all(history, kept, self.syllabus, today=self._today())
        whole = told(text, known, self.syllabus, today=self._today())
        if wish.kind == "ready" and whole == Learner():
            return None  # of somebody unknown, the material says as much as a plan could
        return self._answered(text, wish, kept=kept, whole=whole, learner=learner, model=model)

    def _answered(
        self,
        text: str,
        wish: Wish,
        *,
        kept: Learner,
        whole: Learner,
        learner: str | None,
        model: str,
    ) -> Iterator[Event]:
        talk = Talk(self._passages)
        proposals: list[Proposal] = []
        if wish.kind == "swap":
            before = make_plan(kept if wish.way else whole, self.syllabus, today=self._today())
            yield from self._swap(wish, whole, before, talk=talk, proposals=proposals)
        else:
            plan = make_plan(whole, self.syllabus, today=self._today())
            yield from when_ready(plan, talk) if wish.kind == "ready" else what_next(plan, talk)
            proposals += self._to_keep(kept, whole, plan, learner)
        proposals += self._known(learner, kept)
        if proposals:
            yield Proposed(proposals=tuple(proposals))
        yield Done(answer=talk.answer(text, model, tuple(proposals)))

    def _swap(
        self,
        wish: Wish,
        whole: Learner,
        before: Plan,
        *,
        talk: Talk,
        proposals: list[Proposal],
    ) -> Iterator[Said]:
        ways = [wish.way] if wish.way else [way for way in WAYS if way != before.chosen.way]
        for way in ways:
            after = make_plan(changed(whole, track=way), self.syllabus, today=self._today())
            change = difference(before, after)
            what = f"From {way_name(before.chosen.way)} to {way_name(way)}"
            says = "\n".join(f"- {line}" for line in change.lines)
            yield from talk.say(f"- {what}: {headline(after)}", after.chosen.cite)
            if wish.way:
                yield from talk.say(f"What changes:\n\n{says}")
            fields = {"track": way, **_told_fields(whole, without="track")}
            accept = Change(fields=fields, skills=_new_skills(whole), keep_plan=True)
            proposals.append(
                Proposal(
                    id=f"swap-{way}",
                    kind="plan",
                    label=f"Swap to {way_name(way)}",
                    says="; ".join(change.lines),
                    change=accept.model_dump(mode="json"),
                )
            )

    def _to_keep(
        self, kept: Learner, whole: Learner, plan: Plan, learner: str | None
    ) -> Iterator[Proposal]:
        old = self.store.plan(learner) if learner else None
        says = [f"Keeps this plan: {headline(plan)}"]
        label = "Keep this plan"
        if old is not None:
            change = difference(plan_from(old), plan)
            if change.nothing and kept == whole:
                return
            label, says = "Accept the new plan", change.lines
        new = [skill for skill in whole.skills if skill not in kept.skills]
        if new:
            names = ", ".join(self.syllabus.name(skill.id) for skill in new)
            says.append(f"Notes as claimed, not as proven: {names}.")
        accept = Change(fields=_told_fields(whole), skills=tuple(new), keep_plan=True)
        yield Proposal(
            id="keep-plan",
            kind="plan",
            label=label,
            says="; ".join(says),
            change=accept.model_dump(mode="json"),
        )

    def _known(self, learner: str | None, kept: Learner) -> tuple[Proposal, ...]:
        if learner is None:
            return ()
        states = (state for _, state in self.store.interviews(learner))
        return proposals_known(states, kept, self.syllabus)

    def accept(self, learner: str, proposal: Proposal) -> str:
        """Do what the learner said yes to, and say what was done.

        Raises:
            LearnerError: the proposal holds something that cannot be right.
            StoreUnusable, StorageError: nothing was kept.
        """
        change = Change.model_validate(proposal.change)
        whole = self.store.update_learner(learner, lambda now: applied(now, change))
        if change.keep_plan:
            plan = make_plan(whole, self.syllabus, today=self._today())
            self.store.keep_plan(learner, plan_json(plan))
            return f"Kept. {headline(plan)}"
        return f"Done: {proposal.label}."

    def with_consultant(self, events: Iterator[Event], question: str) -> Iterator[Event]:
        """`events`, and after a refusal the consultant, where one is set."""
        offer: Proposal | None = None
        for event in events:
            if isinstance(event, Refusal) and self.consultant:
                letter = draft_letter(question)
                offer = Proposal(
                    id="consultant",
                    kind="consultant",
                    label="Ask the learning consultant",
                    says="You edit the letter, and only what you approve is sent.",
                    change=letter.model_dump(),
                )
            if isinstance(event, Done) and offer:
                yield Proposed(proposals=(offer,))
                answer = event.answer.model_copy(update={"proposals": (offer,)})
                yield Done(answer=answer)
            else:
                yield event

    def send_letter(self, letter: Letter) -> str | None:
        """Send what the learner approved; an address means that the face has to open it."""
        return send(self.consultant, letter) if self.consultant else None


def _told_fields(learner: Learner, *, without: str = "") -> dict[str, object]:
    fields = learner.model_dump(mode="json", include=set(_KEPT))
    return {k: value for k, value in fields.items() if value is not None and k != without}


def _new_skills(learner: Learner) -> tuple[Skill, ...]:
    return tuple(skill for skill in learner.skills if skill.state == "claimed")
