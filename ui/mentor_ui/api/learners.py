"""Who is asking, what is kept of them, and the ways into the page: launch URLs and sessions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel

from mentor.settings import Settings
from mentor.store.passes import LAUNCH, new_launch, take_launch
from mentor_ui.api.gate import Asking, refuse_others
from mentor_ui.api.identity import COOKIE, Caller, Identity, Role
from mentor_ui.api.origins import own_origin
from mentor_ui.api.parts import LearnerId, TheMentor, TheStore
from mentor_ui.api.problems import Problem, responses
from mentor_ui.forms import page_router

router = APIRouter(tags=["learner"])
pages = page_router()


class Me(BaseModel):
    learner: str
    name: str
    role: Role
    model: str
    """Which model drafts the answers; `none` quotes the material."""
    consultant: bool
    """Whether there is a learning consultant to write to."""


class Erased(BaseModel):
    learner: str
    erased: bool
    """False where nothing was kept."""


class Launch(BaseModel):
    url: str
    """Opens the page once."""
    expires: datetime


@router.get("/me", responses=responses())
def me(mentor: TheMentor, caller: Asking) -> Me:
    """Who is asking, and what the mentor offers."""
    consultant = mentor.steps is not None and mentor.steps.consultant is not None
    return Me(
        learner=caller.learner,
        name=caller.name,
        role=caller.role,
        model=mentor.model,
        consultant=consultant,
    )


@router.get("/me/export", response_model=dict[str, Any], responses=responses())
def export(store: TheStore, caller: Asking) -> Response:
    """Everything that is kept of the learner who asks."""
    return JSONResponse(store.export(caller.learner))


@router.delete("/me", responses=responses())
def erase(store: TheStore, caller: Asking) -> Erased:
    """Erase everything that is kept of the learner who asks."""
    return Erased(learner=caller.learner, erased=store.delete(caller.learner))


@router.get("/learners/{learner:path}/export", response_model=dict[str, Any], responses=responses())
def export_other(learner: LearnerId, store: TheStore, caller: Asking) -> Response:
    """Everything that is kept of a learner, for an operator or the portal."""
    refuse_others(caller, "operator", "service")
    return JSONResponse(store.export(learner))


@router.delete("/learners/{learner:path}", responses=responses())
def erase_other(learner: LearnerId, store: TheStore, caller: Asking) -> Erased:
    """Erase everything that is kept of a learner, for an operator or the portal."""
    refuse_others(caller, "operator", "service")
    return Erased(learner=learner, erased=store.delete(learner))


@router.post("/launch", status_code=201, responses=responses())
def launch(request: Request, store: TheStore, caller: Asking) -> Launch:
    """A URL that opens the full page as this learner, once, within a minute."""
    if caller.via != "token":
        raise Problem(403, "role", "A launch URL is made for a token.")
    code = new_launch(store, {"learner": caller.learner, "name": caller.name})
    settings: Settings = request.app.state.settings
    url = f"{own_origin(settings, request.scope)}/launch/{code}"
    return Launch(url=url, expires=datetime.now(UTC) + LAUNCH)


@pages.get("/launch/{code}")
def enter(code: str, request: Request, store: TheStore) -> Response:
    """Take a launch code, and give the browser its session."""
    known = take_launch(store, code)
    if known is None:
        raise Problem(
            401,
            "token",
            "This link was used already or is older than a minute.",
            cure="Open Mentor from your learning portal again.",
        )
    identity: Identity = request.app.state.identity
    settings: Settings = request.app.state.settings
    caller = Caller(**known, via="session")
    secure = own_origin(settings, request.scope).startswith("https:")
    entered = RedirectResponse("/", 303)
    entered.headers.append("Set-Cookie", identity.cookie_for(caller, secure=secure))
    entered.headers["Cache-Control"] = "no-store"
    return entered


@router.delete("/session", status_code=204, responses=responses())
def leave(caller: Asking) -> Response:
    """End the session of this browser."""
    left = Response(status_code=204)
    left.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return left
