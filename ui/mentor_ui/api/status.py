"""Health, readiness and figures, for whoever runs the server."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from mentor.errors import MentorError
from mentor.store.outbox import untold
from mentor_ui.api.gate import Asking, refuse_others
from mentor_ui.api.metrics import metrics_of
from mentor_ui.api.parts import TheMentor, TheStore
from mentor_ui.api.problems import responses

router = APIRouter(tags=["status"])


class Health(BaseModel):
    status: str = "ok"
    weights: str
    """`warming up`, `ok`, or what is wrong with them."""


class Readiness(BaseModel):
    """What has to be there before learners are sent here; each is `ok` or says what is wrong."""

    weights: str
    index: str
    store: str

    @property
    def is_ready(self) -> bool:
        return {self.weights, self.index, self.store} == {"ok"}


@router.get("/health", responses=responses())
def health(request: Request) -> Health:
    """The process answers; questions can be asked while its weights are still warming up."""
    return Health(weights=str(request.app.state.weights))


@router.get("/ready", response_model=Readiness, responses={503: {"model": Readiness}})
def ready(request: Request, mentor: TheMentor) -> Response:
    """Weights are warm, the index is open and answers, the store can be reached; 503 until then."""
    state = Readiness(
        weights=str(request.app.state.weights),
        index=_tried(lambda: mentor.reader.current().refuse_silence()),
        store=_tried(lambda: mentor.store and mentor.store.learner("nobody")),
    )  # fmt: skip
    return JSONResponse(state.model_dump(), 200 if state.is_ready else 503)


@router.get(
    "/metrics",
    response_class=Response,
    responses=responses() | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request, store: TheStore, caller: Asking) -> Response:
    """Figures for Prometheus; without a secret anybody on this machine may read them."""
    if caller.via != "open":
        refuse_others(caller, "operator")
    figures = metrics_of(request)
    figures.untold.set(untold(store))
    return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)


def _tried(look: Callable[[], object]) -> str:
    try:
        look()
    except MentorError as exc:
        return exc.what
    return "ok"
