"""What the mentor proposes of the plan: what its button says, and what a yes to it changes."""

from __future__ import annotations

from datetime import date
from typing import Literal

from mentor.learner import Done, Learner, Way, way_name
from mentor.plan.steps import listed
from mentor.progress import Change
from mentor.records import Proposal
from mentor.syllabus import Syllabus, Unit

_KEPT = ("background", "target", "specialisation", "track", "hours", "by")


def to_keep(kept: Learner, whole: Learner, syllabus: Syllabus, *, replaces: bool) -> Proposal:
    """Keep what the learner told and the plan that follows from it.

    Args:
        kept: the learner as the store has them.
        whole: the learner with what was told in the conversation.
        replaces: whether another plan was kept before.
    """
    label, says = "Keep this plan", "I keep it, so that you can go on from here"
    if replaces:
        label, says = "Accept the new plan", "I put it in the place of the one that you kept"
    new = [skill for skill in whole.skills if skill not in kept.skills]
    if new:
        names = listed(syllabus.name(skill.id) for skill in new)
        says += f", and note {names} as claimed, not as proven"
    change = Change(fields=_told_fields(whole), skills=tuple(new), keep_plan=True)
    return _proposal("keep-plan", "plan", label, says=f"{says}.", change=change)


def to_swap(whole: Learner, way: Way) -> Proposal:
    """Go another way, and keep the plan that follows."""
    change = Change(
        fields={**_told_fields(whole), "track": way},
        skills=tuple(skill for skill in whole.skills if skill.state == "claimed"),
        keep_plan=True,
    )
    says = f"Your plan goes on with {way_name(way)}."
    return _proposal(f"swap-{way}", "plan", f"Swap to {way_name(way)}", says=says, change=change)


def to_mark_done(unit: Unit, on: date) -> Proposal:
    """Note a lesson, course or deliverable as done."""
    change = Change(done=(Done(item=unit.id, on=on),))
    says = "I note it with today's date; “undo” takes it back."
    return _proposal(
        f"done-{unit.id}", "mark", f"Mark {unit.title} as done", says=says, change=change
    )


def to_undo(name: str) -> Proposal:
    """Take back the last mark, which is called `name`."""
    says = "It counts as not marked then."
    return _proposal("undo", "mark", f"Take back {name}", says=says, change=Change(undo=True))


def _told_fields(learner: Learner) -> dict[str, object]:
    fields = learner.model_dump(mode="json", include=set(_KEPT))
    return {key: value for key, value in fields.items() if value is not None}


def _proposal(
    id_: str, kind: Literal["plan", "mark"], label: str, *, says: str, change: Change
) -> Proposal:
    return Proposal(
        id=id_, kind=kind, label=label, says=says, change=change.model_dump(mode="json")
    )
