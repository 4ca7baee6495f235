"""Progress: what is done, claimed and shown; and completions that the portal pushes in."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from mentor.learner import Done, Learner, Mark, Skill, SkillState
from mentor.names import item_id
from mentor.next_steps import NextSteps
from mentor.plan import standing_of
from mentor.records import Level
from mentor_ui.api.gate import Asking, refuse_others
from mentor_ui.api.parts import LearnerId, Text, TheSteps, TheStore
from mentor_ui.api.problems import missing, responses
from mentor_ui.api.repetition import Repeatable

router = APIRouter(tags=["progress"])


class Progress(BaseModel):
    target: Level
    skills: dict[str, SkillState | None]
    """Of each skill that the target asks for."""
    done: list[Done]
    shown: int
    of: int


class Completion(BaseModel):
    """A lesson, course, deliverable or practice that was finished, or a skill that was shown."""

    item: Annotated[Text, Field(min_length=1, max_length=200)]
    """Its id, page or title."""
    on: date | None = None
    """The day; today where it is left out."""
    link: Annotated[Text | None, Field(max_length=2_000)] = None
    """Where the evidence can be seen; without it a skill is a claim."""


class Undo(BaseModel):
    item: Annotated[Text | None, Field(min_length=1, max_length=200)] = None
    """The last mark of all where it is left out."""


class Marked(BaseModel):
    kind: Literal["skill", "done"]
    item: str
    state: SkillState | None = None
    on: date | None = None
    link: str | None = None

    @classmethod
    def of(cls, mark: Mark) -> Marked:
        if isinstance(mark, Skill):
            return cls(kind="skill", item=mark.id, state=mark.state, on=mark.on, link=mark.link)
        return cls(kind="done", item=mark.item, on=mark.on, link=mark.link)


@router.get("/progress", responses=responses())
def progress(steps: TheSteps, store: TheStore, caller: Asking) -> Progress:
    """Where the learner stands against the target."""
    learner = store.learner(caller.learner) or Learner()
    standing = standing_of(learner, steps.syllabus)
    return Progress(
        target=standing.target,
        skills={id_: standing.states.get(id_) for id_ in standing.wanted},
        done=list(learner.done),
        shown=len(standing.wanted) - len(standing.missing),
        of=len(standing.wanted),
    )


@router.post("/progress", status_code=201, response_model=Marked, responses=responses(409))
def mark(
    completion: Completion, steps: TheSteps, store: TheStore, caller: Asking, again: Repeatable
) -> Response:
    """Mark something as done."""

    def work() -> Marked:
        return Marked.of(_mark(steps, caller.learner, completion))

    return again.once(work, status=201)


@router.post("/progress/undo", response_model=Marked, responses=responses(404, 409))
def undo(
    last: Undo, steps: TheSteps, store: TheStore, caller: Asking, again: Repeatable
) -> Response:
    """Take back the last mark, or the last one of an item."""

    def work() -> Marked:
        item = item_id(steps.syllabus, last.item) if last.item is not None else None
        undone = store.undo(caller.learner, item)
        if undone is None:
            raise missing("mark to take back")
        return Marked.of(undone)

    return again.once(work)


@router.post(
    "/learners/{learner:path}/completions",
    status_code=201,
    response_model=Marked,
    responses=responses(409),
)
def complete(
    learner: LearnerId,
    completion: Completion,
    steps: TheSteps,
    store: TheStore,
    caller: Asking,
    again: Repeatable,
) -> Response:
    """The portal says what a learner has finished: with a service token, and no webhook tells."""
    refuse_others(caller, "service")

    def work() -> Marked:
        return Marked.of(_mark(steps, learner, completion, told=False))

    return again.once(work, status=201)


def _mark(steps: NextSteps, learner: str, it: Completion, *, told: bool = True) -> Mark:
    return steps.mark(learner, it.item, on=it.on, link=it.link, told=told)
