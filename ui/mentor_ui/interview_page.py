"""Mock interviews on pages of their own: the set-up, one question at a time, the report.

    /interview              set-up, what waits, what is due again, what was
    /interview/ID           where an interview stands
    /interview/ID/report    its report

Plain pages of FastAPI, because each state has an address this way, which a closed window or a
restart does not lose. Each button is one move of `mentor.interview`, sent with the version that was
looked at; the page holds nothing.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from mentor.errors import InterviewError, MentorError, StaleWrite
from mentor.interview import plots
from mentor.interview.feedback import told
from mentor.interview.interviews import Interviews, Kept
from mentor.interview.marked import marked
from mentor.interview.state import MOVE, QUESTIONS, Claim, Move, Setup
from mentor.learner import LEVELS
from mentor.records import Level
from mentor_ui.api.gate import Asking
from mentor_ui.api.interviews import Own, TheInterviews
from mentor_ui.api.parts import TheMentor
from mentor_ui.api.problems import problem_of
from mentor_ui.forms import Fields, Sent, number_in, page_router, see, text_in, texts_in
from mentor_ui.interview_view import (
    AIMS,
    KINDS,
    blocks_of,
    drills_of,
    lesson_of,
    lessons_behind,
    row_of,
    sentences_of,
    spent,
    topic_groups,
)
from mentor_ui.pages import shown

INTERVIEW = "/interview"
_WINDOW = "page"


def _warming(request: Request) -> bool:
    return bool(request.app.state.weights == "warming up")


Warming = Annotated[bool, Depends(_warming)]
"""A parameter of a route: whether the weights that grade are not loaded yet."""
_KEEPS_DRAFT = ("hint", "pause", "resume")
"""Moves that are made in the middle of an answer, which must not be lost."""


router = page_router()


@router.get(INTERVIEW)
def interviews(request: Request, held: TheInterviews, caller: Asking) -> HTMLResponse:
    sent = request.query_params
    skill = text_in(sent, "skill")
    setup = held.desk.check_of(skill) if skill else _setup(sent, held.level_of(caller.learner))
    return _hall(held, caller.learner, setup)


@router.post(INTERVIEW)
def begin(form: Sent, held: TheInterviews, caller: Asking) -> Response:
    setup = Setup(level=held.level_of(caller.learner))
    try:
        setup = _setup(form, setup.level)
        kept = held.begin(caller.learner, setup, window=_WINDOW)
    except InterviewError as error:
        return _hall(held, caller.learner, setup, error=error)
    return see(f"{INTERVIEW}/{kept.id}")


@router.get(INTERVIEW + "/{interview}")
def interview(
    interview: Own, held: TheInterviews, caller: Asking, warming: Warming
) -> HTMLResponse:
    return _turn(held, held.get(caller.learner, interview), warming=warming)


@router.post(INTERVIEW + "/{interview}")
def turn(
    interview: Own, form: Sent, held: TheInterviews, caller: Asking, warming: Warming
) -> Response:
    draft = text_in(form, "text")
    try:
        move = _move(form)
        seen = number_in(form, "seen") or 0
        kept = held.turn(caller.learner, interview, move, seen=seen, window=_WINDOW)
    except (InterviewError, StaleWrite) as error:
        kept = held.get(caller.learner, interview)
        return _turn(held, kept, warming=warming, error=error, draft=draft)
    if draft and move.move in _KEEPS_DRAFT:
        return _turn(held, kept, warming=warming, draft=draft)
    there = f"{INTERVIEW}/{interview}"
    over = kept.state.finished and kept.state.scores
    if isinstance(move, Claim):  # to where the words stand now, far down the page
        asked = [each.question for each in kept.state.rounds]
        n = asked.index(move.question) + 1 if move.question in asked else len(asked)
        return see(f"{there}/report#question-{n}" if over else f"{there}#claims")
    return see(f"{there}/report" if over else there)


@router.get(INTERVIEW + "/{interview}/report")
def report(
    interview: Own, held: TheInterviews, caller: Asking, accepted: bool = False
) -> HTMLResponse:
    kept = held.get(caller.learner, interview)
    return _report(held, caller.learner, kept, accepted=accepted)


@router.post(INTERVIEW + "/{interview}/proposals")
def accept(
    interview: Own, form: Sent, mentor: TheMentor, held: TheInterviews, caller: Asking
) -> Response:
    """A second yes to the same proposal finds it gone, and does nothing."""
    for proposal in held.report(caller.learner, interview).proposals:
        if proposal.id == text_in(form, "proposal"):
            mentor.accept(caller.learner, proposal)
    return see(f"{INTERVIEW}/{interview}/report?accepted=true#proposals")


# --- what was sent --------------------------------------------------------------------------


def _setup(sent: Fields, level: Level) -> Setup:
    """
    Raises:
        InterviewError: a choice is none of the form's.
    """
    try:
        return Setup.model_validate(
            {
                "level": text_in(sent, "level") or level,
                "topics": tuple(texts_in(sent, "topic")),
                "kinds": tuple(texts_in(sent, "kind")),
                "aim": text_in(sent, "aim") or "balanced",
                "questions": text_in(sent, "questions") or Setup().questions,
                "timer": text_in(sent, "timer") == "on",
            }
        )
    except ValidationError as exc:
        raise InterviewError(
            f"An interview cannot be begun with {exc.errors()[0]['input']!s:.40}.",
            cure=f"Choose from the form; 1 to {QUESTIONS} questions are possible.",
        ) from exc


def _move(form: FormData) -> Move:
    """
    Raises:
        InterviewError: the form holds no move.
    """
    fields: dict[str, object] = {"move": text_in(form, "move")}
    match fields["move"]:
        case "say" | "pause":
            fields["text"] = text_in(form, "text")
        case "sure":
            fields["sure"] = number_in(form, "sure")
        case "claim":
            fields |= {name: text_in(form, name) for name in ("point", "words")}
            fields["question"] = text_in(form, "question") or None
    try:
        return MOVE.validate_python(fields)
    except ValidationError as exc:
        raise InterviewError("That is no move of an interview.", cure="Choose a button.") from exc


# --- pages ----------------------------------------------------------------------------------


def _hall(
    held: Interviews, who: str, setup: Setup, *, error: MentorError | None = None
) -> HTMLResponse:
    all_ = held.all(who)[::-1]
    return shown(
        "interviews",
        script=True,
        status=problem_of(error).status_code if error else 200,
        error=error,
        setup=setup,
        levels=LEVELS,
        kinds=KINDS,
        aims=AIMS,
        most=QUESTIONS,
        groups=topic_groups(held.desk),
        drills=drills_of(held, who),
        graded=any(each.state.scores for each in all_),
        waiting=[row_of(each, held.desk) for each in all_ if held.is_open(each)],
        past=[row_of(each, held.desk) for each in all_ if each.state.finished],
    )


def _turn(
    held: Interviews,
    kept: Kept,
    *,
    warming: bool,
    error: MentorError | None = None,
    draft: str = "",
) -> HTMLResponse:
    screen, desk = held.screen(kept), held.desk
    feedback = screen.feedback
    lines = list(told(feedback)) if feedback else []
    return shown(
        "interview",
        script=True,
        status=problem_of(error).status_code if error else 200,
        error=error,
        draft=draft or screen.draft,
        warming=warming,
        screen=screen,
        kinds=KINDS,
        spent=spent(screen),
        graded=bool(kept.state.scores),
        turns=marked(screen.said, feedback) if feedback else (),
        blocks=blocks_of(lines[:-1], desk),  # the last line is the score, which stands above
        sentences=sentences_of(screen.said),
        lessons=lessons_behind(feedback, desk) if feedback else [],
    )


def _report(held: Interviews, who: str, kept: Kept, *, accepted: bool) -> HTMLResponse:
    report, desk = held.report(who, kept.id), held.desk
    return shown(
        "interview_report",
        script=True,
        report=report,
        version=kept.version,
        finished=kept.state.finished,
        accepted=accepted,
        plots=plots,
        marked=marked,
        sentences_of=sentences_of,
        blocks_of=lambda feedback: blocks_of(list(told(feedback))[:-1], desk),
        lesson_of=lambda section: lesson_of(section, desk),
        lessons_behind=lambda feedback: lessons_behind(feedback, desk),
        due=len(drills_of(held, who)),
    )
