"""Chat: the events of `Mentor.ask`, one by one as server-sent events, or the answer at once.

The generator under an answer runs in threads of its own, since it waits for the model. When the
client leaves, it is closed, which stops the decoding; nothing is kept then. A reply that is not
searched for is whole, and kept, before it begins to arrive.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing
from typing import Annotated, Any

import anyio
from anyio import to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from mentor.errors import MentorError
from mentor.records import Answer, Done, Event, Searching
from mentor.retrieve import Choice
from mentor.store import Store
from mentor.store.conversations import add_turn, turns
from mentor_ui.api.gate import Asking
from mentor_ui.api.metrics import metrics_of
from mentor_ui.api.parts import (
    EVENT_STREAM,
    Collection,
    ConversationId,
    Text,
    TheMentor,
    TheStore,
)
from mentor_ui.api.problems import Problem, problem_of, responses
from mentor_ui.api.repetition import REPLAYED, Repeatable, Repetition

Events = AsyncGenerator[Event, None]
log = logging.getLogger("mentor")
router = APIRouter(tags=["chat"])
HEARTBEAT = 10
ANSWER_SECONDS = 300
"""Longer than a full line of learners needs; an answer that takes longer is given up."""


class Question(BaseModel):
    """What a learner asks."""

    question: Annotated[Text, Field(min_length=1, max_length=4_000)]
    conversation: ConversationId | None = None
    context: Annotated[Text | None, Field(max_length=200)] = None
    only: Collection | None = None
    prefer: Collection | None = None
    stream: bool = True


class Suggestions(BaseModel):
    suggestions: list[str]


@router.get("/suggestions", responses=responses())
def suggestions(mentor: TheMentor, caller: Asking) -> Suggestions:
    """Questions to begin with."""
    return Suggestions(suggestions=mentor.suggestions())


@router.post(
    "/chat",
    response_model=Answer,
    responses=responses(409) | EVENT_STREAM,
)
async def chat(
    question: Question,
    request: Request,
    mentor: TheMentor,
    store: TheStore,
    caller: Asking,
    again: Repeatable,
) -> Response:
    """Ask; the answer arrives as events (docs/api.md has them), or whole with `"stream": false`."""
    talk = question.conversation or secrets.token_urlsafe(12)
    before = await to_thread.run_sync(turns, store, caller.learner, talk)
    headers = {"Mentor-Conversation": talk, "Mentor-Turn": str(len(before) + 1)}
    earlier = await to_thread.run_sync(again.earlier)
    if earlier is not None:
        return _replayed(earlier, stream=question.stream)
    try:
        history = [turn.answer.question for turn in before]
        asked = await to_thread.run_sync(
            lambda: mentor.ask(
                question.question,
                history,
                learner=caller.learner,
                conversation=talk,
                context=question.context,
                choice=Choice(only=question.only, prefer=question.prefer),
            )
        )
    except BaseException:
        await to_thread.run_sync(again.release)
        raise
    keeper = _Keeper(store, caller.learner, talk, again, headers)
    events = _or_released(events_of(request, _kept(asked, keeper)), keeper)
    if question.stream:
        return EventSourceResponse(
            _framed(events), headers={**headers, "Cache-Control": "no-store"}, ping=HEARTBEAT
        )
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Done):
                return JSONResponse(event.answer.model_dump(mode="json"), headers=headers)
    raise AssertionError("an answer always ends in Done")


class _Keeper:
    """Keeps an answer under the learner's conversation and the request's key, or frees the key."""

    def __init__(
        self,
        store: Store,
        learner: str,
        talk: str,
        again: Repetition,
        headers: dict[str, str],
    ) -> None:
        self._store = store
        self._learner = learner
        self._talk = talk
        self._again = again
        self._headers = headers
        self._done = False

    def heard(self, event: Event) -> Event:
        """`event`; the answer that it ends with is kept."""
        if isinstance(event, Done):
            self._keep(event.answer)
            self._done = True
        return event

    def release(self) -> None:
        if not self._done:
            self._again.release()

    def _keep(self, answer: Answer) -> None:
        """An answer that cannot be kept still stands, and the operator reads why."""
        try:
            add_turn(self._store, self._learner, self._talk, answer)
            self._again.keep({"answer": answer.model_dump(mode="json"), "headers": self._headers})
        except MentorError as exc:
            log.error("An answer was not kept: %s", exc)


def _kept(asked: Iterator[Event], keeper: _Keeper) -> Iterator[Event]:
    """The events of an answer, which is kept before its end is told.

    What is not searched for may have moved an interview on. It is kept before its first word is
    told: who leaves then, and asks again under the same key, gets it and moves nothing again.
    """
    events = map(keeper.heard, asked)
    try:
        first = next(events)
        yield from [first] if isinstance(first, Searching) else [first, *events]
        yield from events
    finally:
        if isinstance(asked, Generator):
            asked.close()


async def events_of(request: Request, asked: Iterator[Event]) -> Events:
    """The events of an answer, taken in threads, and closed when nobody listens."""
    room = request.app.state.chat_threads

    def next_event() -> Event | None:
        return next(asked, None)

    deadline = time.monotonic() + ANSWER_SECONDS
    with metrics_of(request).streaming():
        try:
            while (event := await to_thread.run_sync(next_event, limiter=room)) is not None:
                yield event
                if not isinstance(event, Done) and time.monotonic() > deadline:
                    raise Problem(503, "unavailable", "The answer took too long.")
        finally:
            if isinstance(asked, Generator):
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(asked.close, limiter=room)


async def _or_released(events: Events, keeper: _Keeper) -> Events:
    """`events`; where they end before an answer was kept, its key is free again."""
    try:
        async with aclosing(events):
            async for event in events:
                yield event
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(keeper.release)


async def _framed(events: Events) -> AsyncIterator[ServerSentEvent]:
    try:
        async with aclosing(events):
            async for event in events:
                yield _frame(event.type, event.model_dump(mode="json"))
    except MentorError as exc:
        yield _frame("error", problem_of(exc).data)
    except Problem as problem:
        yield _frame("error", problem.data)


def _frame(name: str, data: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(event=name, data=json.dumps(data, ensure_ascii=False), sep="\n")


def _replayed(earlier: dict[str, Any], *, stream: bool) -> Response:
    headers = {**earlier["headers"], REPLAYED: "true"}
    answer = Answer.model_validate(earlier["answer"])
    if not stream:
        return JSONResponse(earlier["answer"], headers=headers)

    async def done() -> AsyncIterator[ServerSentEvent]:
        event = Done(answer=answer)
        yield _frame(event.type, event.model_dump(mode="json"))

    return EventSourceResponse(done(), headers=headers)
