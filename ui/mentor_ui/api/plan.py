"""The learner's plan: the kept one, what another would change, and as a page or a calendar."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from mentor.learner import HOURS, Background, Skill, Way
from mentor.names import skill_id, specialisation_id
from mentor.next_steps import Alter, NextSteps
from mentor.plan import Plan
from mentor.plan.export import plan_calendar, plan_from, plan_markdown
from mentor.plan.make import headline
from mentor.progress import Change, applied
from mentor.records import Level
from mentor.store import Store
from mentor_ui.api.gate import Asking
from mentor_ui.api.parts import Text, TheSteps, TheStore
from mentor_ui.api.problems import missing, responses
from mentor_ui.api.repetition import Repeatable

router = APIRouter(tags=["plan"])
_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}
}
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}
}


class Wishes(BaseModel):
    """What the learner tells of themselves; what is left out stays as it is."""

    background: Background | None = None
    target: Level | None = None
    specialisation: Annotated[Text | None, Field(max_length=100)] = None
    track: Way | None = None
    hours: Annotated[float | None, Field(ge=HOURS[0], le=HOURS[1])] = None
    by: date | None = None
    knows: Annotated[list[Text], Field(max_length=50)] = []
    """Skills that the learner claims, by id or name."""

    def applied(self, steps: NextSteps) -> Alter:
        """
        Raises:
            LearnerError: there is no such specialization or skill.
        """
        change = Change(fields=self._fields(steps), skills=self._skills(steps))
        return lambda learner: applied(learner, change)

    def _fields(self, steps: NextSteps) -> dict[str, Any]:
        told = self.model_dump(mode="json", exclude={"knows"}, exclude_none=True)
        if self.specialisation is not None:
            found = specialisation_id(steps.syllabus, self.specialisation)
            told["specialisation"] = found
        return told

    def _skills(self, steps: NextSteps) -> tuple[Skill, ...]:
        return tuple(Skill(id=skill_id(steps.syllabus, called)) for called in self.knows)


class Preview(BaseModel):
    plan: Plan
    headline: str
    changes: list[str]
    """What differs from the plan that is kept, in words; empty where none is."""


class Kept(BaseModel):
    plan: Plan
    headline: str


@router.get("/plan", responses=responses(404))
def plan(store: TheStore, caller: Asking) -> Kept:
    """The plan that the learner accepted last."""
    kept = _kept(store, caller.learner)
    return Kept(plan=kept, headline=headline(kept))


@router.post("/plan/preview", responses=responses())
def preview(wishes: Wishes, steps: TheSteps, caller: Asking) -> Preview:
    """A plan with these wishes, beside the kept one; nothing is kept."""
    made, change = steps.preview(caller.learner, wishes.applied(steps))
    return Preview(plan=made, headline=headline(made), changes=change.lines if change else [])


@router.post("/plan", response_model=Kept, responses=responses(409))
def keep(wishes: Wishes, steps: TheSteps, caller: Asking, again: Repeatable) -> Response:
    """Make a plan with these wishes, and keep it with them."""

    def work() -> Kept:
        kept = steps.keep(caller.learner, wishes.applied(steps))
        return Kept(plan=kept, headline=headline(kept))

    return again.once(work)


@router.get("/plan.md", response_class=Response, responses=responses(404) | _PAGE)
def as_page(store: TheStore, caller: Asking) -> Response:
    """The kept plan as a page to print, in Markdown."""
    page = plan_markdown(_kept(store, caller.learner))
    return Response(page, media_type="text/markdown; charset=utf-8")


@router.get("/plan.ics", response_class=Response, responses=responses(404) | _CALENDAR)
def as_calendar(store: TheStore, caller: Asking) -> Response:
    """The kept plan as a calendar file."""
    calendar = plan_calendar(_kept(store, caller.learner))
    return Response(calendar, media_type="text/calendar; charset=utf-8")


def _kept(store: Store, learner: str) -> Plan:
    kept = store.plan(learner)
    if kept is None:
        raise missing("plan")
    return plan_from(kept)
