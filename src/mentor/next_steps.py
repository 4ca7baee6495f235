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
from mentor.learner import WAYS, Learner, Mark, Skill, changed, undated, way_name, with_marks
from mentor.learner import Done as Finished
from mentor.names import items_like
from mentor.plan import Difference, Plan, difference, make_plan, standing_of
from mentor.plan.export import plan_from, plan_json
from mentor.plan.make import headline
from mentor.plan.steps import done_when, listed
from mentor.progress import Change, applied, is_news, mark_for, proposals_known
from mentor.proposals import to_keep, to_mark_done, to_swap, to_undo
from mentor.records import (
    Done,
    Event,
    Passage,
    Proposal,
    Proposed,
    Refusal,
    Said,
)
from mentor.spoken import Talk, told_step, what_next, when_ready, where_you_stand
from mentor.syllabus import Syllabus, read_syllabus
from mentor.told import speaks_of_effort, told, told_in_all
from mentor.wishes import Wish, about_the_plan, wish_in

if TYPE_CHECKING:
    from mentor.store import Store

Alter = Callable[[Learner], Learner]
"""How a learner changes."""


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

    def learner(self, who: str) -> Learner:
        """The learner as kept, less a target date that is over since."""
        return undated(self.store.learner(who) or Learner(), self._today())

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
        kept = self.learner(learner) if learner else Learner()
        known = told_in_all(about_the_plan(history), kept, self.syllabus, today=self._today())
        whole = told(text, known, self.syllabus, today=self._today())
        whole = changed(whole, hours=wish.hours)
        if wish.kind == "ready" and whole == Learner() and not speaks_of_effort(text):
            return None  # of somebody unknown, the material says as much as a plan could
        items = items_like(self.syllabus, wish.called) if wish.called else []
        if wish.kind == "done" and not items:
            return None
        return self._events(text, wish, items, kept=kept, whole=whole, learner=learner, model=model)

    def _events(
        self,
        text: str,
        wish: Wish,
        items: Sequence[str],
        *,
        kept: Learner,
        whole: Learner,
        learner: str | None,
        model: str,
    ) -> Iterator[Event]:
        talk = Talk(self._passages)
        offered: list[Proposal] = []
        match wish.kind:
            case "swap":
                yield from self._swap(wish, kept, whole, talk=talk, offered=offered)
            case "done":
                yield from self._finished(items, whole, talk=talk, offered=offered)
            case "undo":
                yield from self._undo(learner, talk=talk, offered=offered)
            case "standing":
                standing = standing_of(whole, self.syllabus)
                yield from where_you_stand(standing, self._plan(whole), talk)
            case "next" | "ready":
                plan = self._plan(whole)
                yield from (when_ready if wish.kind == "ready" else what_next)(plan, talk)
                old = self.store.plan(learner) if learner else None
                change = difference(plan_from(old), plan) if old else None
                if change is not None and not change.nothing:
                    yield from talk.say(_changes("What changes in the plan that you kept", change))
                if change is None or not change.nothing or kept != whole:
                    replaces = change is not None
                    offered.append(to_keep(kept, whole, self.syllabus, replaces=replaces))
        if learner is not None:
            states = (state for _, state in self.store.interviews(learner))
            offered += proposals_known(states, kept, self.syllabus)
        if offered:
            yield Proposed(proposals=tuple(offered))
        yield Done(answer=talk.answer(text, model, tuple(offered)))

    def _plan(self, learner: Learner) -> Plan:
        return make_plan(learner, self.syllabus, today=self._today())

    def _swap(
        self, wish: Wish, kept: Learner, whole: Learner, *, talk: Talk, offered: list[Proposal]
    ) -> Iterator[Said]:
        before = self._plan(kept if wish.way else whole)
        ways = [wish.way] if wish.way else [way for way in WAYS if way != before.chosen.way]
        for way in ways:
            after = self._plan(changed(whole, track=way))
            change = difference(before, after)
            what = f"- From {way_name(before.chosen.way)} to {way_name(way)}: {headline(after)}"
            if wish.way:
                yield from talk.say(what, after.chosen.cite)
                yield from talk.say(_changes("What changes", change))
            else:
                yield from talk.say(f"{what} {change.comes_and_goes}", after.chosen.cite)
            offered.append(to_swap(whole, way))

    def _finished(
        self, items: Sequence[str], whole: Learner, *, talk: Talk, offered: list[Proposal]
    ) -> Iterator[Said]:
        """What somebody says to have finished, to be marked on a yes, and what comes then."""
        for unit in (self.syllabus.units[item] for item in items):
            if unit.id in whole.finished:
                yield from talk.say(f"- {unit.title} is marked as done already.")
                continue
            cite, end = done_when(unit, self.syllabus)
            linked = (
                " With a link to it, it shows its skills." if unit.kind == "deliverable" else ""
            )
            yield from talk.say(f"- {unit.title}. Done means: {end}{linked}", cite)
            offered.append(to_mark_done(unit, self._today()))
        marks = [Finished(item=item, on=self._today()) for item in items]
        plan = self._plan(with_marks(whole, marks))
        if len(items) == 1 and plan.first:
            yield from talk.say("Then your plan goes on with:")
            yield from talk.say(told_step(1, plan.first[0]), plan.first[0].cites[0])

    def _undo(self, learner: str | None, *, talk: Talk, offered: list[Proposal]) -> Iterator[Said]:
        mark = self.store.last_mark(learner) if learner else None
        if mark is None:
            yield from talk.say("Nothing is marked yet, so there is nothing to take back.")
            return
        name = self.syllabus.name(mark.id if isinstance(mark, Skill) else mark.item)
        yield from talk.say(f"The last thing that you marked is {name}.")
        offered.append(to_undo(name))

    def accept(self, learner: str, proposal: Proposal) -> str:
        """Do what the learner said yes to, and say what was done.

        Raises:
            LearnerError: the proposal holds something that cannot be right.
            StoreUnusable, StorageError: nothing was kept.
        """
        change = Change.model_validate(proposal.change)
        if change.undo:
            mark = self.store.undo(learner)
            return "There was nothing to take back." if mark is None else "Taken back."
        if change.keep_plan:
            plan = self.keep(learner, lambda now: applied(now, change))
            return f"Kept. {headline(plan)}"
        self.store.update_learner(learner, lambda now: applied(now, change))
        done = listed(self.syllabus.name(each.item) for each in change.done)
        return f"Noted as done: {done}. “undo” takes it back." if done else "Noted."

    def preview(self, learner: str, change: Alter) -> tuple[Plan, Difference | None]:
        """The plan of a changed learner, and what differs from the one that is kept, if one is.

        Nothing is kept.

        Raises:
            LearnerError: no plan can be made with that.
        """
        plan = self._plan(change(self.learner(learner)))
        old = self.store.plan(learner)
        return plan, difference(plan_from(old), plan) if old else None

    def keep(self, learner: str, change: Alter) -> Plan:
        """Change a learner, and keep the plan that follows.

        Raises:
            LearnerError: no plan can be made with that; nothing was kept.
            StoreUnusable, StorageError: nothing was kept.
        """
        self.preview(learner, change)
        today = self._today()
        now = self.store.update_learner(learner, lambda kept: change(undated(kept, today)))
        plan = self._plan(now)
        self.store.keep_plan(learner, plan_json(plan))
        return plan

    def mark(
        self,
        learner: str,
        called: str,
        *,
        on: date | None = None,
        link: str | None = None,
        told: bool = True,
    ) -> Mark:
        """Note a step as done, or a skill; what is done already is noted again for a new link only.

        Args:
            called: its id, page or title.
            told: whether the portal is to hear of it.

        Raises:
            LearnerError: there is no such item, the day is to come, or the link is no web address.
        """
        new = mark_for(self.syllabus, called, today=self._today(), on=on, link=link)
        if is_news(new, self.learner(learner)):
            self.store.mark(learner, new, told=told)
        return new

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


def _changes(opening: str, change: Difference) -> str:
    return "\n".join([f"{opening}:\n", *(f"- {line}" for line in change.lines)])
