"""Mock interviews: begun, gone on with turn by turn, reported. `mentor.interview` does the work.

A client shows the screen and sends a move with the version that it has seen; where the interview
went on elsewhere meanwhile, the answer is 409 and nothing is overwritten.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from mentor.interview.export import report_json, report_markdown
from mentor.interview.interviews import Interviews
from mentor.interview.screen import Screen
from mentor.interview.state import Move, Setup
from mentor_ui.api.conversations import Said
from mentor_ui.api.gate import Asking
from mentor_ui.api.parts import InPath, TheMentor, TheStore
from mentor_ui.api.problems import Problem, missing, responses
from mentor_ui.api.repetition import Repeatable

router = APIRouter(tags=["interviews"])
_WINDOW = "api"


class Turn(BaseModel):
    """What the learner does, looking at a screen."""

    seen: Annotated[int, Field(ge=1)]
    """The screen's `version`."""
    move: Move


class Listed(BaseModel):
    id: str
    began: datetime
    level: str
    scores: list[int]
    finished: bool


class Listing(BaseModel):
    interviews: list[Listed]
    """Oldest first."""


def interviews_of(mentor: TheMentor) -> Interviews:
    """
    Raises:
        Problem: 503, this mentor was opened without interviews.
    """
    if mentor.interviews is None:
        raise Problem(503, "unavailable", "This mentor holds no interviews.")
    return mentor.interviews


TheInterviews = Annotated[Interviews, Depends(interviews_of)]


def own_interview(interview: InPath, mentor: TheMentor, store: TheStore, caller: Asking) -> str:
    """
    Raises:
        Problem: 404, the learner who asks has no such interview.
    """
    if store.interview(caller.learner, interview) is None:
        raise missing("interview")
    return interview


Own = Annotated[str, Depends(own_interview)]


@router.get("/interviews", responses=responses())
def interviews(held: TheInterviews, caller: Asking) -> Listing:
    """The learner's interviews."""
    return Listing(
        interviews=[
            Listed(
                id=each.id,
                began=each.state.began,
                level=each.state.setup.level,
                scores=list(each.state.scores),
                finished=each.state.finished,
            )
            for each in held.all(caller.learner)
        ]
    )


@router.post("/interviews", status_code=201, response_model=Screen, responses=responses(409))
def begin(setup: Setup, held: TheInterviews, caller: Asking, again: Repeatable) -> Response:
    """Begin an interview; the answer is its first question."""

    def work() -> Screen:
        return held.screen(held.begin(caller.learner, setup, window=_WINDOW))

    return again.once(work, status=201)


@router.get("/interviews/{interview}", responses=responses(404))
def interview(interview: Own, held: TheInterviews, caller: Asking) -> Screen:
    """Where an interview stands."""
    return held.screen(held.get(caller.learner, interview))


@router.post("/interviews/{interview}/turns", response_model=Screen, responses=responses(404, 409))
def turn(
    interview: Own, turn: Turn, held: TheInterviews, caller: Asking, again: Repeatable
) -> Response:
    """Make a move; the answer is the next screen."""

    def work() -> Screen:
        kept = held.turn(caller.learner, interview, turn.move, seen=turn.seen, window=_WINDOW)
        return held.screen(kept)

    return again.once(work)


@router.get(
    "/interviews/{interview}/report", response_model=dict[str, Any], responses=responses(404)
)
def report(interview: Own, held: TheInterviews, caller: Asking) -> Response:
    """The report, as far as the interview is graded."""
    return JSONResponse(report_json(held.report(caller.learner, interview)))


@router.get(
    "/interviews/{interview}/report.md",
    response_class=Response,
    responses=responses(404)
    | {200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}},
)
def report_page(interview: Own, held: TheInterviews, caller: Asking) -> Response:
    """The report as a page to print, in Markdown."""
    page = report_markdown(held.report(caller.learner, interview))
    return Response(page, media_type="text/markdown; charset=utf-8")


@router.post(
    "/interviews/{interview}/proposals/{proposal}/accept",
    response_model=Said,
    responses=responses(404, 409),
)
def accept(
    interview: Own,
    proposal: Annotated[str, Path(min_length=1, max_length=200)],
    mentor: TheMentor,
    held: TheInterviews,
    caller: Asking,
    again: Repeatable,
) -> Response:
    """Say yes to what the report proposes."""

    def accepted() -> Said:
        offered = held.report(caller.learner, interview).proposals
        chosen = next((each for each in offered if each.id == proposal), None)
        if chosen is None:
            raise missing("proposal")
        return Said(said=mentor.accept(caller.learner, chosen))

    return again.once(accepted)  # a second yes finds the proposal gone, and its answer kept
