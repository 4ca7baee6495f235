"""Mock interviews on pages of their own: the set-up, one question at a time, the report.

    /interview              set-up, what waits, what is due again, what was
    /interview/ID           where an interview stands
    /interview/ID/report    its report

Plain pages of FastAPI, because each state has an address this way, which a closed window or a
restart does not lose. Each button is one move of `mentor.interview`, sent with the version that was
looked at; the page holds nothing.
"""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from mentor.errors import InterviewError, MentorError, StaleWrite, StoreUnusable
from mentor.interview import plots
from mentor.interview.feedback import told
from mentor.interview.interviews import Interviews, Kept
from mentor.interview.marked import marked
from mentor.interview.state import MOVE, QUESTIONS, Move, Setup
from mentor.learner import LEVELS
from mentor.mentor import Mentor
from mentor.records import Level
from mentor_ui.api.gate import caller_of
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
from mentor_ui.pages import shown, trouble

INTERVIEW = "/interview"
_KEEPS_DRAFT = ("hint", "pause", "resume")
"""Moves that are made in the middle of an answer, which must not be lost."""


def mount_interviews(app: FastAPI, mentor: Mentor) -> None:
    router = page_router()

    @router.get(INTERVIEW)
    def interviews(request: Request) -> HTMLResponse:
        held, who = _held(mentor), caller_of(request).learner
        setup = _setup(request.query_params, held.level_of(who))
        return _hall(held, who, setup)

    @router.post(INTERVIEW)
    def begin(request: Request, form: Sent) -> Response:
        held, who = _held(mentor), caller_of(request).learner
        setup = Setup(level=held.level_of(who))
        try:
            setup = _setup(form, setup.level)
            return see(f"{INTERVIEW}/{held.begin(who, setup).id}")
        except InterviewError as error:
            return _hall(held, who, setup, error=error)

    @router.get(INTERVIEW + "/{interview}")
    def interview(interview: str, request: Request) -> HTMLResponse:
        held, who = _held(mentor), caller_of(request).learner
        if (kept := _own(mentor, held, who, interview)) is None:
            return _nothing()
        return _turn(held, kept)

    @router.post(INTERVIEW + "/{interview}")
    def turn(interview: str, request: Request, form: Sent) -> Response:
        held, who = _held(mentor), caller_of(request).learner
        if (kept := _own(mentor, held, who, interview)) is None:
            return _nothing()
        draft = text_in(form, "text")
        try:
            move = _move(form)
            kept = held.turn(who, interview, move, seen=number_in(form, "seen") or 0)
        except (InterviewError, StaleWrite) as error:
            return _turn(held, held.get(who, interview), error=error, draft=draft)
        if draft and move.move in _KEEPS_DRAFT:
            return _turn(held, kept, draft=draft)
        there = f"{INTERVIEW}/{interview}"
        done = kept.state.finished and kept.state.scores
        return see(f"{there}/report" if done else there)

    @router.get(INTERVIEW + "/{interview}/report")
    def report(interview: str, request: Request, accepted: bool = False) -> HTMLResponse:
        held, who = _held(mentor), caller_of(request).learner
        if (kept := _own(mentor, held, who, interview)) is None:
            return _nothing()
        return _report(held, who, kept, accepted=accepted)

    @router.post(INTERVIEW + "/{interview}/proposals")
    def accept(interview: str, request: Request, form: Sent) -> Response:
        held, who = _held(mentor), caller_of(request).learner
        if _own(mentor, held, who, interview) is None:
            return _nothing()
        wanted = text_in(form, "proposal")
        for proposal in held.report(who, interview).proposals:
            if proposal.id == wanted:
                mentor.accept(who, proposal)
        return see(f"{INTERVIEW}/{interview}/report?accepted=true#proposals")

    app.include_router(router)


def _held(mentor: Mentor) -> Interviews:
    if mentor.interviews is None:
        raise StoreUnusable("This mentor holds no interviews.")
    return mentor.interviews


def _own(mentor: Mentor, held: Interviews, who: str, interview: str) -> Kept | None:
    """An interview of the learner's; None where there is none, or it is another's."""
    store = mentor.store
    if store is None or store.interview(who, interview) is None:
        return None
    return held.get(who, interview)


def _nothing() -> HTMLResponse:
    error = InterviewError(
        "There is no such interview of yours.", cure="“Interview” above lists yours."
    )
    return trouble(error, status=404)


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
        case "say":
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
        waiting=[row_of(each, held.desk) for each in all_ if not each.state.finished],
        past=[row_of(each, held.desk) for each in all_ if each.state.finished],
    )


def _turn(
    held: Interviews, kept: Kept, *, error: MentorError | None = None, draft: str = ""
) -> HTMLResponse:
    screen, desk = held.screen(kept), held.desk
    feedback = screen.feedback
    lines = list(told(feedback)) if feedback else []
    return shown(
        "interview",
        script=True,
        status=problem_of(error).status_code if error else 200,
        error=error,
        draft=draft,
        screen=screen,
        kinds=KINDS,
        spent=spent(screen),
        graded=bool(kept.state.scores),
        turns=marked(screen.said, feedback) if feedback else (),
        blocks=blocks_of(lines[:-1], desk),  # the last line is the score, which stands above
        verdict=lines[-1].text if lines else "",
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
