"""The mentor as clients of the OpenAI protocol know a model: /v1/chat/completions, /v1/models.

The last message of the user is the question, the earlier ones are its history. No conversation is
kept; an interview that is begun so is, as everywhere, and goes on in the chat that opened so.
System messages and sampling parameters are accepted and change nothing: what may be said is decided
by the material. Sentences arrive whole, with their citations in the extra field `citations`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from mentor.errors import MentorError
from mentor.records import Citation, Done, Refusal, Said
from mentor_ui.api.chat import HEARTBEAT, Events, events_of
from mentor_ui.api.gate import Asking
from mentor_ui.api.parts import EVENT_STREAM, Text, TheMentor
from mentor_ui.api.problems import Problem, problem_of, responses

router = APIRouter(tags=["openai"])
MODEL = "mentor"


class Part(BaseModel):
    type: Literal["text"]
    text: Text


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: Text | list[Part]

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content)


class Completion(BaseModel):
    """What a client asks; other parameters of the protocol are passed over."""

    model: Text = MODEL
    messages: Annotated[list[Message], Field(min_length=1, max_length=200)]
    stream: bool = False
    n: Annotated[int, Field(ge=1, le=1)] = 1


class ModelCard(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "mentor"


class Models(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelCard]


class AnswerMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    index: int = 0
    message: AnswerMessage
    finish_reason: Literal["stop"] = "stop"


class Completed(BaseModel):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[Choice]
    citations: list[Citation]
    """Where each sentence stands; `[n]` in the content is number n."""


@router.get("/models", responses=responses())
def models(caller: Asking) -> Models:
    """The one model that there is."""
    return Models(data=[ModelCard(id=MODEL)])


@router.post(
    "/chat/completions",
    response_model=Completed,
    responses=responses() | EVENT_STREAM,
)
async def complete(
    asked: Completion, request: Request, mentor: TheMentor, caller: Asking
) -> Response:
    """An answer as a chat completion, whole or in chunks."""
    said = [message.text for message in asked.messages if message.role == "user"]
    if not said or asked.messages[-1].role != "user":
        raise Problem(422, "invalid", "The last message has to be the user's.")
    talk = _name_of(asked.messages)
    stream = await to_thread.run_sync(
        lambda: mentor.ask(said[-1], said[:-1], learner=caller.learner, conversation=talk)
    )
    events = events_of(request, stream)
    head = {"id": f"chatcmpl-{secrets.token_urlsafe(12)}", "created": int(time.time())}
    if asked.stream:
        return EventSourceResponse(_chunks(events, head), ping=HEARTBEAT)
    async with aclosing(events):
        parts = [(text, cited) async for text, cited in _told(events)]
    completed = Completed(
        **head,
        choices=[Choice(message=AnswerMessage(content="".join(text for text, _ in parts)))],
        citations=[citation for _, cited in parts for citation in cited],
    )
    return JSONResponse(completed.model_dump(mode="json"))


def _name_of(messages: Sequence[Message]) -> str:
    """A name for a chat that has none: its opening stays while it goes on."""
    opening = messages[: [message.role for message in messages].index("user") + 1]
    told = json.dumps([(message.role, message.text) for message in opening])
    return f"openai/{hashlib.sha256(told.encode()).hexdigest()[:24]}"


async def _told(events: Events) -> AsyncIterator[tuple[str, Sequence[Citation]]]:
    """Pieces of text with the citations that they bring; `[n]` marks stand in the text."""
    between = ""
    async for event in events:
        match event:
            case Said(sentence=sentence, citations=cited):
                marks = "".join(f"[{n}]" for n in sentence.citations)
                yield f"{between}{sentence.text}{marks and ' ' + marks}", cited
                between = "\n\n" if "\n" in sentence.text else " "
            case Refusal(text=text, topics=topics):
                yield "\n- ".join((between + text, *topics)), ()
            case Done():
                return


async def _chunks(events: Events, head: dict[str, Any]) -> AsyncIterator[ServerSentEvent]:
    try:
        async with aclosing(events):
            yield _chunk(head, {"role": "assistant", "content": ""})
            async for text, cited in _told(events):
                citations = [citation.model_dump(mode="json") for citation in cited]
                yield _chunk(head, {"content": text}, citations=citations)
        yield _chunk(head, {}, finish="stop")
        yield ServerSentEvent(data="[DONE]", sep="\n")
    except (MentorError, Problem) as exc:
        problem = exc if isinstance(exc, Problem) else problem_of(exc)
        yield ServerSentEvent(data=json.dumps({"error": problem.error}), sep="\n")


def _chunk(
    head: dict[str, Any],
    delta: dict[str, Any],
    *,
    citations: Sequence[dict[str, Any]] = (),
    finish: str | None = None,
) -> ServerSentEvent:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {**head, "object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}
    data = json.dumps({**chunk, "citations": list(citations)}, ensure_ascii=False)
    return ServerSentEvent(data=data, sep="\n")
