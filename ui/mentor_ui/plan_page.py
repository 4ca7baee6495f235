"""The plan on a page of its own: what to do today, the weeks, and what one tells of oneself.

    /plan       the plan that is kept
    /plan/new   the plan with what the form says, beside the kept one; nothing is kept by looking
    /plan/cv    what a CV speaks of, to confirm

Plain pages of FastAPI; `NextSteps` does the work. A CV is read in memory and kept nowhere, so what
was found in it is the one state without an address: to reload it is to send the CV again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import date

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from mentor.claims import MOST_QUOTES, MOST_WORDS, Clue, clues_in
from mentor.cv import MOST_BYTES, read_cv, too_large
from mentor.errors import LearnerError, MentorError, StoreUnusable
from mentor.learner import Done, Learner, Skill
from mentor.mentor import Mentor
from mentor.names import skill_id
from mentor.next_steps import NextSteps
from mentor.progress import mark_for
from mentor_ui.api.gate import caller_of
from mentor_ui.forms import Fields, Sent, page_router, see, text_in, texts_in
from mentor_ui.pages import shown
from mentor_ui.plan_view import PROFILE, altered_by, kept_view, new_view

PLAN = "/plan"
_FORM_BYTES = 100_000
"""What a form adds to the file that it carries."""


def mount_plan(app: FastAPI, mentor: Mentor) -> None:
    router = page_router()

    @router.get(PLAN)
    def plan(request: Request) -> HTMLResponse:
        return _plan(_steps(mentor), caller_of(request).learner)

    @router.get(PLAN + "/new")
    def new(request: Request) -> HTMLResponse:
        return _new(_steps(mentor), caller_of(request).learner, request.query_params)

    @router.post(PLAN)
    def keep(request: Request, form: Sent) -> Response:
        steps, who = _steps(mentor), caller_of(request).learner
        try:
            steps.keep(who, altered_by(_told(form)))
        except LearnerError:
            return _new(steps, who, form)
        return see(PLAN)

    @router.post(PLAN + "/done")
    def done(request: Request, form: Sent) -> Response:
        steps, who = _steps(mentor), caller_of(request).learner
        return _marking(steps, who, lambda: _mark_done(steps, who, form), f"{PLAN}#today")

    @router.post(PLAN + "/undo")
    def undo(request: Request, form: Sent) -> Response:
        steps, who = _steps(mentor), caller_of(request).learner
        steps.store.undo(who, text_in(form, "item"))
        return see(f"{PLAN}#marks")

    @router.post(PLAN + "/skills")
    def skills(request: Request, form: Sent) -> Response:
        steps, who = _steps(mentor), caller_of(request).learner
        return _marking(steps, who, lambda: _claim(steps, who, form), f"{PLAN}/new")

    @router.post(PLAN + "/cv")
    async def cv(request: Request) -> HTMLResponse:
        steps, who = _steps(mentor), caller_of(request).learner
        try:
            data, name = await _cv_in(request)
            return await run_in_threadpool(_clues, steps, who, data, name)
        except LearnerError as error:
            return await run_in_threadpool(_plan, steps, who, error)

    app.include_router(router)


def _steps(mentor: Mentor) -> NextSteps:
    if mentor.steps is None:
        raise StoreUnusable("This mentor keeps no plans.")
    return mentor.steps


# --- what was sent --------------------------------------------------------------------------


def _told(sent: Fields) -> dict[str, str] | None:
    """The profile as the form has it; None where no form was sent."""
    if not any(name in sent for name in PROFILE):
        return None
    return {name: text_in(sent, name) for name in PROFILE}


def _mark_done(steps: NextSteps, who: str, form: FormData) -> None:
    mark = mark_for(
        steps.syllabus,
        text_in(form, "item"),
        today=date.today(),
        link=text_in(form, "link") or None,
    )
    held = steps.store.learner(who) or Learner()
    if not isinstance(mark, Done) or mark.link or mark.item not in held.finished:
        steps.store.mark(who, mark)


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


def _new(steps: NextSteps, who: str, sent: Fields) -> HTMLResponse:
    """The plan that the form leads to; where it leads to none, the form and the reason."""
    view = new_view(steps, who, _told(sent), today=date.today())
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


def _marking(steps: NextSteps, who: str, mark: Callable[[], None], there: str) -> Response:
    try:
        mark()
    except LearnerError as error:
        return _plan(steps, who, error)
    return see(there)
