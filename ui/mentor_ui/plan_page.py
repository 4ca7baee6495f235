"""The plan on a page of its own: what to do today, the weeks, and what one tells of oneself.

    /plan       the plan that is kept
    /plan/new   the plan with what the form says, beside the kept one; nothing is kept by looking
    /plan/cv    what a CV speaks of, to confirm

Plain pages of FastAPI; `NextSteps` does the work. What somebody tells of themselves belongs into no
address, where histories and logs keep it. So a new plan and the skills of a CV have none: to reload
them is to send the form again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import date

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from mentor.claims import MOST_QUOTES, MOST_WORDS, Clue, clues_in
from mentor.cv import MOST_BYTES, read_cv, too_large
from mentor.errors import LearnerError, MentorError
from mentor.learner import Learner, Skill
from mentor.names import skill_id
from mentor.next_steps import NextSteps
from mentor_ui.api.gate import Asking
from mentor_ui.api.parts import TheSteps
from mentor_ui.forms import Sent, page_router, see, text_in, texts_in
from mentor_ui.pages import shown
from mentor_ui.plan_view import PROFILE, altered_by, kept_view, new_view

PLAN = "/plan"
_FORM_BYTES = 100_000
"""What a form adds to the file that it carries."""


router = page_router()


@router.get(PLAN)
def plan(steps: TheSteps, caller: Asking) -> HTMLResponse:
    return _plan(steps, caller.learner)


@router.get(PLAN + "/new")
def new(steps: TheSteps, caller: Asking) -> HTMLResponse:
    return _new(steps, caller.learner)


@router.post(PLAN + "/new")
def look(form: Sent, steps: TheSteps, caller: Asking) -> HTMLResponse:
    return _new(steps, caller.learner, form)


@router.post(PLAN)
def keep(form: Sent, steps: TheSteps, caller: Asking) -> Response:
    try:
        steps.keep(caller.learner, altered_by(_told(form)))
    except LearnerError:
        return _new(steps, caller.learner, form)
    return see(PLAN)


@router.post(PLAN + "/done")
def done(form: Sent, steps: TheSteps, caller: Asking) -> Response:
    try:
        steps.mark(caller.learner, text_in(form, "item"), link=text_in(form, "link") or None)
    except LearnerError as error:
        return _plan(steps, caller.learner, error)
    return see(f"{PLAN}#today")


@router.post(PLAN + "/undo")
def undo(form: Sent, steps: TheSteps, caller: Asking) -> Response:
    steps.store.undo(caller.learner, text_in(form, "item"))
    return see(f"{PLAN}#marks")


@router.post(PLAN + "/skills")
def skills(form: Sent, steps: TheSteps, caller: Asking) -> Response:
    try:
        _claim(steps, caller.learner, form)
    except LearnerError as error:
        return _plan(steps, caller.learner, error)
    return see(f"{PLAN}/new")


@router.post(PLAN + "/cv")
async def cv(request: Request, steps: TheSteps, caller: Asking) -> HTMLResponse:
    try:
        data, name = await _cv_in(request)
        return await run_in_threadpool(_clues, steps, caller.learner, data, name)
    except LearnerError as error:
        return await run_in_threadpool(_plan, steps, caller.learner, error)


# --- what was sent --------------------------------------------------------------------------


def _told(sent: FormData) -> dict[str, str] | None:
    """The profile as the form has it; None where no form was sent."""
    if not any(name in sent for name in PROFILE):
        return None
    return {name: text_in(sent, name) for name in PROFILE}


def _claim(steps: NextSteps, who: str, form: FormData) -> None:
    """Keep the skills that were ticked as claims, with the words of the CV behind them."""
    held = (steps.store.learner(who) or Learner()).states
    chosen = [skill_id(steps.syllabus, called) for called in texts_in(form, "skill")]
    claims = [
        Skill(
            id=skill,
            words=tuple(w[:MOST_WORDS] for w in texts_in(form, f"words-{skill}")[:MOST_QUOTES]),
            on=date.today(),
        )
        for skill in dict.fromkeys(chosen)
        if skill not in held
    ]
    steps.store.mark(who, *claims)


class _InMemory(MultiPartParser):
    """Writes no part to the disk, however long."""

    spool_max_size = MOST_BYTES + _FORM_BYTES


async def _cv_in(request: Request) -> tuple[bytes, str]:
    """The file that was chosen, and its name; or the text that was pasted.

    Raises:
        LearnerError: it is too large, or did not arrive whole.
    """
    try:
        parser = _InMemory(request.headers, _bounded(request), max_files=1, max_fields=5)
        form = await parser.parse()
    except (MultiPartException, KeyError) as exc:
        raise LearnerError("The CV did not arrive whole.", cure="Send it again.") from exc
    sent = form.get("file")
    if isinstance(sent, UploadFile) and sent.filename:
        return await sent.read(), sent.filename
    return text_in(form, "text").encode(), "pasted.txt"


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    taken = 0
    async for chunk in request.stream():
        taken += len(chunk)
        if taken > MOST_BYTES + _FORM_BYTES:
            raise too_large(taken)
        yield chunk


# --- pages ----------------------------------------------------------------------------------


def _plan(steps: NextSteps, who: str, error: MentorError | None = None) -> HTMLResponse:
    view = kept_view(steps, who, today=date.today())
    return shown("plan", script=True, status=422 if error else 200, error=error, view=view)


def _new(steps: NextSteps, who: str, form: FormData | None = None) -> HTMLResponse:
    """The plan that the form leads to; where it leads to none, the form and the reason."""
    view = new_view(steps, who, _told(form) if form else None, today=date.today())
    return shown("plan_new", script=True, status=422 if view.error else 200, view=view)


def _clues(steps: NextSteps, who: str, data: bytes, name: str) -> HTMLResponse:
    clues: tuple[Clue, ...] = clues_in(read_cv(data, name), steps.syllabus)
    held = (steps.store.learner(who) or Learner()).states
    return shown(
        "plan_cv",
        script=True,
        new=[clue for clue in clues if clue.skill not in held],
        known=[clue.name for clue in clues if clue.skill in held],
    )
