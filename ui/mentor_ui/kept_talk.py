"""The conversation on the page: at an address of its own, kept turn by turn, there again later.

Whose it is, the gate says: the learner's id is the user name of each request. The address names a
conversation (`/?c=ID`), which opens nothing under another learner.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

import gradio as gr
from gradio.events import Dependency

from mentor.errors import MentorError
from mentor.mentor import Mentor
from mentor.records import Answer
from mentor.store.conversations import add_turn, turns
from mentor_ui import render
from mentor_ui.waiting import waiting

_BYTES = 16
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""As the API and the widget name them too, whose conversations can be opened here."""
_NAMED = '() => new URLSearchParams(location.search).get("c") ?? ""'
SHOW_ADDRESS = "(talk) => mentorAddress(talk)"
"""Makes the address say which conversation the page shows (static/chat/address.js)."""

Messages = list[dict[str, Any]]


class Kept(NamedTuple):
    """Which conversation the page shows, and the button that begins another."""

    talk: gr.Textbox
    """Its id; empty before the first question."""
    back: gr.Button
    """Clicked when the browser goes back or on, which has changed the address (address.js)."""
    anew: gr.Button
    whose: gr.HTML


def kept_talk(anew: gr.Button, whose: gr.HTML) -> Kept:
    talk = gr.Textbox(visible="hidden", label="Conversation", elem_id="talk-id")
    back = gr.Button("Open it", visible="hidden", elem_id="talk-back")
    return Kept(talk, back, anew, whose)


def own(held: str | None) -> str | None:
    """A conversation's id as a browser sends it; None where it cannot be one."""
    return held if held and _ID.fullmatch(held) else None


def new_id() -> str:
    return secrets.token_hex(_BYTES)


def turns_in(messages: Messages) -> list[int]:
    """The numbers of the kept turns among `messages`."""
    ids = (int((message.get("metadata") or {}).get("id") or 0) for message in messages)
    return [turn for turn in ids if turn]


def turn_of(messages: Messages) -> int:
    """The number of the last kept turn among `messages`; 0 where none is."""
    return max(turns_in(messages), default=0)


def said(text: str, turn: int | None) -> dict[str, Any]:
    """A message of the mentor, and the number of the turn that it was kept as."""
    metadata = {"id": turn} if turn else {}
    return {"role": "assistant", "content": text, "metadata": metadata}


def said_before(mentor: Mentor, who: str | None, talk: str | None) -> tuple[Messages, str]:
    """The messages of a conversation and the sources of its last answer, as they were shown.

    Raises:
        StoreUnusable, StorageError: the store cannot be read.
    """
    if not (who and own(talk)) or mentor.store is None:
        return [], render.NO_SOURCES
    messages: Messages = []
    panel = render.NO_SOURCES
    for n, turn in enumerate(turns(mentor.store, who, str(talk)), start=1):
        messages.append({"role": "user", "content": turn.answer.question})
        messages.append(said(render.whole(turn.answer, n), n))
        panel = render.sources(turn.answer.citations, n) if turn.answer.citations else panel
    return messages, panel


def keep(
    mentor: Mentor, who: str | None, talk: str | None, answer: Answer
) -> tuple[int | None, str]:
    """The number of the turn, kept; where that fails, what to tell below the answer."""
    try:
        if who and own(talk) and mentor.store is not None:
            return add_turn(mentor.store, who, str(talk), answer), ""
    except MentorError as exc:
        return None, f"This answer could not be kept. {render.told(exc)}"
    return None, ""


def wire_talk(
    mentor: Mentor,
    blocks: gr.Blocks,
    kept: Kept,
    *,
    chatbot: gr.Chatbot,
    panel: gr.HTML,
    status: gr.HTML,
    asked: Callable[[gr.Request], object],
    beside_terminal: bool,
) -> Dependency:
    """Show the conversation of the address, when the page opens and when one goes back or on.

    Args:
        asked: what was asked in the tab that a request comes from, None where nothing was.
        beside_terminal: whether who looks at the page has Mentor's terminal too, and may want to be
            the same learner in both.

    Returns:
        The event with which a page that opens knows which conversation its address names.
    """
    shown = [kept.talk, chatbot, panel, status]

    def arrived(talk: str, messages: Messages, request: gr.Request) -> tuple[Any, ...]:
        who = request.username
        whose = render.whose(who) if who and beside_terminal else ""
        # A quick learner may have asked by now, or before this comes back: nothing is taken away.
        has_asked = bool(messages or asked(request))
        if talk and not has_asked:
            return whose, *opened(talk, request)
        due = gr.skip() if has_asked else waiting(mentor, request.username)
        return whose, gr.skip(), gr.skip(), gr.skip(), due

    def opened(talk: str, request: gr.Request) -> tuple[Any, ...]:
        try:
            messages, sources = said_before(mentor, request.username, talk)
        except MentorError as exc:
            return gr.skip(), gr.skip(), gr.skip(), render.told(exc)
        if talk and not messages:
            return "", [], sources, "There is no conversation of yours at this address."
        return talk, messages, sources, ""

    def begun(request: gr.Request) -> tuple[Any, ...]:
        return "", [], render.NO_SOURCES, waiting(mentor, request.username)

    quick = {"queue": False, "show_progress": "hidden"}
    named = blocks.load(None, None, [kept.talk], js=_NAMED, **quick)
    named.then(arrived, [kept.talk, chatbot], [kept.whose, *shown], **quick)
    kept.back.click(opened, [kept.talk], shown, js=_NAMED, trigger_mode="always_last", **quick)
    begins = kept.anew.click(begun, None, shown, **quick)
    begins.then(None, [kept.talk], None, js=SHOW_ADDRESS)
    return named
