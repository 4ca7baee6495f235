"""The conversation of a browser: kept turn by turn, there again after a reload, or begun anew.

Whose it is, the gate says: the learner's id is the user name of each request. The browser holds the
conversation's id, which opens nothing under another learner.
"""

from __future__ import annotations

import re
import secrets
from typing import Any, NamedTuple

import gradio as gr

from mentor.errors import MentorError
from mentor.mentor import Mentor
from mentor.records import Answer
from mentor.store.conversations import add_turn, turns
from mentor_ui import render

_BYTES = 16
_ID = re.compile(r"[\w-]{22}", re.A)

Messages = list[dict[str, Any]]


class Kept(NamedTuple):
    """What the browser keeps, and the button that begins anew."""

    talk: gr.BrowserState
    anew: gr.Button


def kept_talk(anew: gr.Button) -> Kept:
    # The key makes the values readable after a restart of the server; it guards nothing by itself.
    return Kept(
        gr.BrowserState(None, storage_key="mentor-conversation", secret="mentor"),
        anew,
    )


def own(held: str | None) -> str | None:
    """A conversation's id as a browser sends it; None where it is none of ours."""
    return held if held and _ID.fullmatch(held) else None


def new_id() -> str:
    return secrets.token_urlsafe(_BYTES)


def said_before(mentor: Mentor, who: str | None, talk: str | None) -> tuple[Messages, str]:
    """The messages and the sources of a conversation, as the page showed them last.

    Raises:
        StoreUnusable, StorageError: the store cannot be read.
    """
    if not (who and own(talk)) or mentor.store is None:
        return [], render.NO_SOURCES
    messages: Messages = []
    panel = render.NO_SOURCES
    for n, turn in enumerate(turns(mentor.store, who, str(talk)), start=1):
        messages.append({"role": "user", "content": turn.answer.question})
        messages.append({"role": "assistant", "content": render.whole(turn.answer, n)})
        panel = render.sources(turn.answer.citations, n) if turn.answer.citations else panel
    return messages, panel


def keep(mentor: Mentor, who: str | None, talk: str | None, answer: Answer) -> str:
    """Keep a turn; where that fails, what to tell below an answer that still stands."""
    try:
        if who and own(talk) and mentor.store is not None:
            add_turn(mentor.store, who, str(talk), answer)
    except MentorError as exc:
        return f"<small>This answer could not be kept. {render.plain(str(exc))}</small>"
    return ""


def wire_talk(
    mentor: Mentor,
    blocks: gr.Blocks,
    kept: Kept,
    *,
    chatbot: gr.Chatbot,
    panel: gr.HTML,
    status: gr.HTML,
) -> None:
    """Show the conversation again when the page is opened, and an empty one on a click."""
    shown = [chatbot, panel, status]

    def arrived(talk: str | None, request: gr.Request) -> tuple[Any, ...]:
        trouble = ""
        try:
            messages, sources = said_before(mentor, request.username, talk)
        except MentorError as exc:
            messages, sources, trouble = [], render.NO_SOURCES, render.plain(str(exc))
        return own(talk) or new_id(), messages, sources, trouble

    def begun() -> tuple[Any, ...]:
        return new_id(), [], render.NO_SOURCES, ""

    quick = {"queue": False, "show_progress": "hidden"}
    blocks.load(arrived, [kept.talk], [kept.talk, *shown], **quick)
    kept.anew.click(begun, None, [kept.talk, *shown], **quick)
