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
_ID = re.compile(r"[0-9a-f]{32}")
_NAME = """(held) => /^[0-9a-f]{32}$/.test(held ?? "") ? held :
  Array.from(crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0")).join("")"""
"""Made in the browser and at once: a question may come before the server has answered."""

Messages = list[dict[str, Any]]


class Kept(NamedTuple):
    """What the browser keeps, and the button that begins anew."""

    talk: gr.BrowserState
    anew: gr.Button
    whose: gr.HTML


def kept_talk(anew: gr.Button, whose: gr.HTML) -> Kept:
    # The key makes the values readable after a restart of the server; it guards nothing by itself.
    return Kept(
        gr.BrowserState(None, storage_key="mentor-conversation", secret="mentor"),
        anew,
        whose,
    )


def own(held: str | None) -> str | None:
    """A conversation's id as a browser sends it; None where it is none of ours."""
    return held if held and _ID.fullmatch(held) else None


def new_id() -> str:
    return secrets.token_hex(_BYTES)


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
    beside_terminal: bool,
) -> None:
    """Show the conversation again when the page is opened, and an empty one on a click.

    Args:
        beside_terminal: whether who looks at the page has Mentor's terminal too, and may want to be
            the same learner in both.
    """
    shown = [chatbot, panel, status]

    def arrived(talk: str | None, request: gr.Request) -> tuple[Any, ...]:
        who = request.username
        whose = render.whose(who) if who and beside_terminal else ""
        try:
            messages, sources = said_before(mentor, who, talk)
        except MentorError as exc:
            return whose, gr.skip(), gr.skip(), render.plain(str(exc))
        # Nothing is cleared: a quick learner may have asked already.
        return (whose, messages, sources, "") if messages else (whose, *(gr.skip(),) * 3)

    def begun() -> tuple[Any, ...]:
        return new_id(), [], render.NO_SOURCES, ""

    quick = {"queue": False, "show_progress": "hidden"}
    named = blocks.load(None, [kept.talk], [kept.talk], js=_NAME, **quick)
    named.then(arrived, [kept.talk], [kept.whose, *shown], **quick)
    gr.on([kept.anew.click, chatbot.clear], begun, None, [kept.talk, *shown], **quick)
