"""What the routes have in common: the mentor, the store, and texts that can be kept anywhere."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Request
from pydantic import AfterValidator, Field

from mentor.errors import StoreUnusable
from mentor.mentor import Mentor
from mentor.next_steps import NextSteps
from mentor.store import Store
from mentor_ui.api.identity import LEARNER
from mentor_ui.api.problems import Problem


def mentor_of(request: Request) -> Mentor:
    mentor = request.app.state.mentor
    assert isinstance(mentor, Mentor)
    return mentor


def steps_of(request: Request) -> NextSteps:
    """
    Raises:
        Problem: 503, this mentor was opened without plans.
    """
    steps = mentor_of(request).steps
    if steps is None:
        raise Problem(503, "unavailable", "This mentor keeps no plans.")
    return steps


def store_of(request: Request) -> Store:
    """
    Raises:
        StoreUnusable, StorageError: it cannot be opened.
    """
    store = mentor_of(request).store
    if store is None:
        raise StoreUnusable("This mentor keeps nothing.")
    return store


def _keepable(text: str) -> str:
    """No database keeps a NUL, and no person types the other control characters."""
    if any(ord(c) < 32 and c not in "\n\r\t" for c in text):
        raise ValueError("it has control characters")
    return text


TheMentor = Annotated[Mentor, Depends(mentor_of)]
TheSteps = Annotated[NextSteps, Depends(steps_of)]
TheStore = Annotated[Store, Depends(store_of)]
Text = Annotated[str, AfterValidator(_keepable)]
Collection = Annotated[Text, Field(min_length=1, max_length=60)]
ConversationId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
InPath = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
LearnerId = Annotated[str, Path(min_length=1, max_length=100, pattern=LEARNER)]
"""Of a route that says `{learner:path}`, since an id may have slashes."""

EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/event-stream": {
                "schema": {
                    "type": "object",
                    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
                    "required": ["data"],
                }
            }
        }
    }
}
"""Server-sent events, for the OpenAPI document."""
