"""Forms of the plain pages: what was sent, and what is shown when something goes wrong.

A form is sent with POST and answered with a redirect to where its result can be seen, so that
reload and back do what a person expects. Foreign pages never get this far (`api.origins`), and the
cookie is not sent with forms of theirs (SameSite).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, QueryParams

from mentor.errors import MentorError
from mentor_ui.api.problems import Problem, missing, problem_of
from mentor_ui.pages import trouble


def told(problem: Problem) -> Response:
    """A problem as a page for people."""
    details = problem.details
    return trouble(MentorError(details.title, cure=details.cure), status=details.status)


class PageRoute(APIRoute):
    """A route for people: what goes wrong becomes a page, where the API has problems as JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_kindly(request: Request) -> Response:
            try:
                return await handle(request)
            except MentorError as error:
                return trouble(error, status=problem_of(error).status_code)
            except Problem as problem:
                return told(problem)
            except RequestValidationError:
                return told(missing("page"))

        return handle_kindly


def page_router() -> APIRouter:
    return APIRouter(route_class=PageRoute, include_in_schema=False)


async def _sent(request: Request) -> FormData:
    return await request.form()


Sent = Annotated[FormData, Depends(_sent)]
"""A parameter of a route: the fields of the form."""
Fields = FormData | QueryParams
"""Of a form that was sent, or that an address fills in."""


def text_in(form: Fields, name: str) -> str:
    """What was typed into a field, without blanks around it; empty where nothing was."""
    return next(iter(texts_in(form, name)), "")


def texts_in(form: Fields, name: str) -> list[str]:
    """Every value of a field, as of boxes that were ticked."""
    return [_clean(value) for value in form.getlist(name) if isinstance(value, str)]


def number_in(form: Fields, name: str) -> int | None:
    text = text_in(form, name)
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _clean(text: str) -> str:
    """Lines end as they were typed, and there are no characters that nobody types."""
    lines = text.replace("\r\n", "\n").strip()
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) != "Cc")


def see(address: str) -> RedirectResponse:
    """Look there for the result."""
    return RedirectResponse(address, 303)
