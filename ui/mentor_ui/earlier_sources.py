"""`/sources/CONVERSATION/TURN`: the panel of an earlier answer, when one of its numbers is chosen.

The chat page itself holds the sources of the last answer only.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from mentor.errors import MentorError
from mentor.mentor import Mentor
from mentor.store.conversations import turns
from mentor_ui import render
from mentor_ui.api.gate import caller_of


def mount_sources(app: FastAPI, mentor: Mentor) -> None:
    @app.get("/sources/{talk}/{turn}", include_in_schema=False)
    def earlier(talk: str, turn: int, request: Request) -> HTMLResponse:
        who = caller_of(request).learner
        try:
            held = turns(mentor.store, who, talk) if mentor.store else []
        except MentorError as exc:
            return HTMLResponse(f'<p role="alert">{render.told(exc)}</p>', 503)
        if not 1 <= turn <= len(held):
            return HTMLResponse('<p role="alert">These sources are not kept.</p>', 404)
        return HTMLResponse(render.sources(held[turn - 1].answer.citations, turn))
