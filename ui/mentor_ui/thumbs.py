"""What a learner thinks of an answer: a thumb, and a reason where they care to give one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Literal, NamedTuple

import gradio as gr

from mentor.errors import MentorError
from mentor.mentor import Mentor
from mentor.records import Feedback
from mentor.store.conversations import add_feedback
from mentor_ui import render
from mentor_ui.kept_talk import Kept, Messages, own, turn_of

THUMBS = ("Like", "Dislike")
"""The two names for which Gradio draws thumbs."""
LONGEST_REASON = 2_000
Verdict = Literal["up", "down"]
_ASKS: dict[Verdict, str] = {
    "up": "What helped? (You need not say.)",
    "down": "What was wrong or missing? (You need not say.)",
}


class Thumbs(NamedTuple):
    row: gr.Group
    reason: gr.Textbox
    send: gr.Button
    about: gr.State
    """(answer, verdict) that a reason would belong to."""


def thumbs() -> Thumbs:
    """The field for a reason, hidden until a thumb was given."""
    with gr.Group(visible=False, elem_id="why") as row, gr.Row():
        reason = gr.Textbox(
            label="Why?", max_lines=3, max_length=LONGEST_REASON, scale=4, elem_id="why-reason"
        )
        send = gr.Button("Tell", size="sm", scale=0, min_width=80, elem_id="why-send")
    return Thumbs(row, reason, send, gr.State(None))


def wire_thumbs(
    mentor: Mentor, parts: Thumbs, kept: Kept, *, chatbot: gr.Chatbot, status: gr.HTML
) -> None:
    quick = {"queue": False, "show_progress": "hidden"}

    def given(
        thumb: gr.LikeData, messages: Messages, talk: str | None, request: gr.Request
    ) -> tuple[Any, ...]:
        if thumb.liked is None or not own(talk):  # taken back: what was said stays said
            return gr.update(visible=False), gr.skip(), None, gr.skip()
        verdict: Verdict = "up" if thumb.liked else "down"
        turn = turn_at(messages, thumb.index)
        if turn is None:
            return gr.update(visible=False), gr.skip(), None, "This answer was not kept."
        about = f"{talk}/{turn}"
        trouble = tell(mentor, request.username, about, verdict)
        asks = gr.update(label=_ASKS[verdict], value="")
        return gr.update(visible=not trouble), asks, (about, verdict), trouble or "Noted."

    def explained(reason: str, which: tuple[str, Verdict] | None, request: gr.Request) -> Any:
        if which is None or not reason.strip():
            return gr.update(visible=False), gr.skip()
        trouble = tell(mentor, request.username, *which, reason=reason.strip())
        return gr.update(visible=bool(trouble)), trouble or "Noted. Thank you."

    chatbot.like(
        given,
        [chatbot, kept.talk],
        [parts.row, parts.reason, parts.about, status],
        **quick,
    )
    gr.on(
        [parts.send.click, parts.reason.submit],
        explained,
        [parts.reason, parts.about],
        [parts.row, status],
        **quick,
    )


def turn_at(messages: Messages, index: int | tuple[int, int]) -> int | None:
    """The turn that the message at `index` was kept as, or the note at it belongs to."""
    last = index if isinstance(index, int) else index[0]
    back = reversed(messages[: last + 1])
    return turn_of(list(takewhile(lambda message: message["role"] != "user", back))) or None


def tell(mentor: Mentor, who: str | None, about: str, verdict: Verdict, *, reason: str = "") -> str:
    """Keep it; where that fails, what to say of it."""
    if who is None or mentor.store is None:
        return "This page has lost its learner. Reload it."
    try:
        word = Feedback(about=about, verdict=verdict, reason=reason, at=datetime.now(UTC))
        add_feedback(mentor.store, who, word)
    except MentorError as exc:
        return render.told(exc)
    return ""
