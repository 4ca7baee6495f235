"""Conversations of the learner who asks: listed, read, renamed, deleted; proposals and feedback."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field

from mentor.consultant import Letter
from mentor.errors import LearnerError
from mentor.records import Conversation, Feedback, Turn
from mentor.store import Store
from mentor.store import conversations as kept
from mentor.transcript import transcript_json, transcript_markdown
from mentor_ui.api.gate import Asking
from mentor_ui.api.parts import InPath, Text, TheMentor, TheStore
from mentor_ui.api.problems import missing, responses
from mentor_ui.api.repetition import Repeatable

router = APIRouter(tags=["conversations"])
TurnNumber = Annotated[int, Path(ge=1, le=100_000)]


class Conversations(BaseModel):
    conversations: list[Conversation]


class Whole(BaseModel):
    """A conversation with everything in it."""

    id: str
    title: str
    created: datetime
    changed: datetime
    turns: list[Turn]


class Title(BaseModel):
    title: Annotated[Text, Field(min_length=1, max_length=200)]


class Said(BaseModel):
    said: str
    """What was done, for the learner."""


class Opinion(BaseModel):
    """What a learner thinks of an answer."""

    about: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}/[1-9][0-9]{0,4}$")]
    """`conversation/turn`."""
    verdict: Literal["up", "down"]
    reason: Annotated[Text, Field(max_length=2_000)] = ""


class Opinions(BaseModel):
    feedback: list[Feedback]


class Draft(BaseModel):
    """A letter to the learning consultant, as the learner edited it."""

    subject: Annotated[Text, Field(max_length=200)] = "A question about ML engineering"
    body: Annotated[Text, Field(min_length=1, max_length=4_000)]


class Sent(BaseModel):
    sent: bool
    address: str | None = None
    """For the learner's browser to open, where the letter is not sent by the mentor."""


@router.get("/conversations", responses=responses())
def conversations(
    store: TheStore, caller: Asking, search: Annotated[Text, Query(max_length=200)] = ""
) -> Conversations:
    """The learner's conversations, the one that went on last first."""
    return Conversations(conversations=kept.conversations(store, caller.learner, search=search))


@router.get("/conversations/{conversation}", response_model=Whole, responses=responses(404))
def conversation(conversation: InPath, store: TheStore, caller: Asking) -> Response:
    """One conversation with its turns."""
    found = _found(store, caller.learner, conversation)
    whole = transcript_json(found, kept.turns(store, caller.learner, conversation))
    return JSONResponse(whole)


@router.get(
    "/conversations/{conversation}/transcript",
    response_class=PlainTextResponse,
    responses=responses(404)
    | {200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}},
)
def transcript(conversation: InPath, store: TheStore, caller: Asking) -> Response:
    """One conversation as a page to print, in Markdown."""
    found = _found(store, caller.learner, conversation)
    page = transcript_markdown(found, kept.turns(store, caller.learner, conversation))
    return Response(page, media_type="text/markdown; charset=utf-8")


@router.patch("/conversations/{conversation}", responses=responses(404))
def rename(conversation: InPath, title: Title, store: TheStore, caller: Asking) -> Conversation:
    """Give a conversation another title."""
    _found(store, caller.learner, conversation)
    kept.rename(store, caller.learner, conversation, title.title)
    return _found(store, caller.learner, conversation)


@router.delete("/conversations/{conversation}", status_code=204, responses=responses(404))
def delete(conversation: InPath, store: TheStore, caller: Asking) -> None:
    """Remove a conversation, its turns and what was thought of them."""
    _found(store, caller.learner, conversation)
    kept.delete_conversation(store, caller.learner, conversation)


@router.post(
    "/conversations/{conversation}/turns/{turn}/proposals/{proposal:path}/accept",
    response_model=Said,
    responses=responses(404, 409),
)
def accept(
    conversation: InPath,
    turn: TurnNumber,
    proposal: Annotated[str, Path(min_length=1, max_length=200)],
    mentor: TheMentor,
    store: TheStore,
    caller: Asking,
    again: Repeatable,
) -> Response:
    """Say yes to a proposal, which is read from the kept answer."""
    offered = _turn(store, caller.learner, conversation, turn).answer.proposals
    chosen = next((each for each in offered if each.id == proposal), None)
    if chosen is None or chosen.kind == "consultant":
        raise missing("proposal")
    return again.once(lambda: Said(said=mentor.accept(caller.learner, chosen)))


@router.post("/feedback", status_code=201, response_model=Feedback, responses=responses(404, 409))
def give_feedback(opinion: Opinion, store: TheStore, caller: Asking, again: Repeatable) -> Response:
    """Say what an answer was worth."""
    talk, _, turn = opinion.about.rpartition("/")
    _turn(store, caller.learner, talk, int(turn))
    feedback = Feedback(**opinion.model_dump(), at=datetime.now(UTC))

    def work() -> Feedback:
        kept.add_feedback(store, caller.learner, feedback)
        return feedback

    return again.once(work, status=201)


@router.get("/feedback", responses=responses())
def feedback(store: TheStore, caller: Asking) -> Opinions:
    """Everything that the learner thought, oldest first."""
    return Opinions(feedback=kept.feedback_of(store, caller.learner))


@router.post("/letter", response_model=Sent, responses=responses(404, 409, 502))
def send_letter(draft: Draft, mentor: TheMentor, caller: Asking, again: Repeatable) -> Response:
    """Send a letter to the learning consultant, where the operator named one."""
    if mentor.steps is None or mentor.steps.consultant is None:
        raise missing("learning consultant")

    def work() -> Sent:
        address = mentor.send_letter(Letter(**draft.model_dump()))
        return Sent(sent=address is None, address=address)

    return again.once(work)


def _found(store: Store, learner: str, conversation: str) -> Conversation:
    try:
        return kept.conversation(store, learner, conversation)
    except LearnerError as exc:
        raise missing("conversation") from exc


def _turn(store: Store, learner: str, conversation: str, number: int) -> Turn:
    turns = kept.turns(store, learner, conversation)
    if number > len(turns):
        raise missing("turn")
    return turns[number - 1]
