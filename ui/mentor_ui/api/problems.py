"""Errors as RFC 9457 tells them, for everything that can go wrong in an answer over HTTP.

raise Problem(404, "missing", "There is no such page.")   in a route
MentorError                                               from below: `problem_of` maps it
"""

from __future__ import annotations

import logging
import math
from typing import Any, Literal

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.types import Scope

from mentor.errors import (
    ConsultantError,
    InterviewError,
    LearnerError,
    MentorError,
    ModelBusy,
    ModelError,
    QuestionError,
    StaleWrite,
)
from mentor_ui.api.metrics import route_of

log = logging.getLogger("mentor")

Kind = Literal[
    "token", "origin", "role", "missing", "method", "conflict", "slow", "large", "invalid",
    "question", "learner", "interview", "rate", "busy", "consultant", "unavailable", "broken",
]  # fmt: skip
_URN = "urn:mentor:problem:"
_GRADIO = "/gradio_api/"
"""Its client takes `error` or `detail` as one string, and shows it."""


class ProblemDetails(BaseModel):
    """What went wrong, and what puts it right."""

    type: str = Field(description="A URN that never changes for the same kind of trouble")
    title: str = Field(description="What happened, for people")
    status: int
    cure: str = Field(default="", description="What puts it right, for people")
    retry_after: int | None = Field(default=None, description="Seconds to wait")
    errors: list[dict[str, Any]] | None = Field(default=None, description="Fields at fault")


class Problem(HTTPException):
    """An error of the API itself; `details` is what the client gets."""

    def __init__(
        self,
        status: int,
        kind: Kind,
        title: str,
        *,
        cure: str = "",
        retry_after: float | None = None,
        errors: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(status, title)
        self.details = ProblemDetails(
            type=f"{_URN}{kind}",
            title=title,
            status=status,
            cure=cure,
            retry_after=None if retry_after is None else max(1, math.ceil(retry_after)),
            errors=errors,
        )

    @property
    def data(self) -> dict[str, Any]:
        return self.details.model_dump(exclude_none=True)

    @property
    def error(self) -> dict[str, Any]:
        """The same as clients of the OpenAI protocol read it."""
        return {"message": self.details.title, "type": self.details.type, "code": None}

    def response(self, scope: Scope) -> JSONResponse:
        """The answer to the request of `scope`, in the words that its client reads."""
        headers = {}
        if self.details.retry_after is not None:
            headers["Retry-After"] = str(self.details.retry_after)
        if self.details.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        said: dict[str, Any] = {"error": self.error}
        if scope["path"].startswith(_GRADIO):
            words = f"{self.details.title} {self.details.cure}".rstrip()
            said = {"error": words, "detail": words}
        return JSONResponse(
            {**self.data, **said},
            self.details.status,
            headers=headers,
            media_type="application/problem+json",
        )


def problem_of(error: MentorError) -> Problem:
    """The problem that an error of the mentor is to a client."""
    match error:
        case ModelBusy():
            status, kind = 429, "busy"
        case QuestionError():
            status, kind = 422, "question"
        case LearnerError():
            status, kind = 422, "learner"
        case InterviewError():
            status, kind = 422, "interview"
        case StaleWrite():
            status, kind = 409, "conflict"
        case ConsultantError():
            status, kind = 502, "consultant"
        case ModelError() | _:
            status, kind = 503, "unavailable"
    wait = error.retry_after if isinstance(error, ModelBusy) else None
    return Problem(status, kind, error.what, cure=error.cure, retry_after=wait)  # type: ignore[arg-type]


def missing(what: str) -> Problem:
    """What does not exist, or is another learner's: the two must look the same."""
    return Problem(404, "missing", f"There is no such {what}.")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer beside its own, for the OpenAPI document."""
    always = (401, 403, 408, 413, 422, 429, 503)
    media = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": _MEANINGS[status], "content": media}
        for status in (*always, *statuses)
    }


_MEANINGS = {
    401: "Nobody, or no valid token",
    403: "Not from this origin, or not with this role",
    404: "No such thing, or another learner's",
    408: "The request did not arrive in time",
    409: "Changed in between, or still running",
    413: "The body is too long",
    422: "The request cannot be right",
    429: "Too many requests, or too many learners waiting",
    502: "The consultant cannot be reached",
    503: "Index, weights or store cannot be used",
}


def handle_errors(app: FastAPI) -> None:
    """Every error of `app` that can be foreseen becomes a problem."""

    async def own(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return error.response(request.scope)

    async def of_mentor(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, MentorError)
        return problem_of(error).response(request.scope)

    async def of_input(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        found = [
            {"where": [str(part) for part in each["loc"]], "what": str(each["msg"])}
            for each in error.errors()
        ]
        title = f"The request cannot be right: {found[0]['what']}." if found else "Cannot be right."
        return Problem(422, "invalid", title, errors=found).response(request.scope)

    async def of_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AnyHTTPException)
        kinds: dict[int, Kind] = {404: "missing", 405: "method"}
        kind = kinds.get(error.status_code, "invalid")
        reply = Problem(error.status_code, kind, f"{error.detail}.").response(request.scope)
        reply.headers.update(error.headers or {})
        return reply

    app.add_exception_handler(Problem, own)
    app.add_exception_handler(MentorError, of_mentor)
    app.add_exception_handler(RequestValidationError, of_input)
    app.add_exception_handler(AnyHTTPException, of_http)


async def unforeseen(request: Request, error: Exception) -> JSONResponse:
    """For `ServerErrorMiddleware`: no traceback leaves the house."""
    log.error("%s %s broke", request.method, route_of(request.scope), exc_info=error)
    problem = Problem(500, "broken", "Something broke in Mentor.", cure="Try again.")
    return problem.response(request.scope)
