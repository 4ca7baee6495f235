"""Buttons for what the mentor proposes, and the letter to the consultant, which a learner edits.

A button does nothing but what its proposal says; without a click nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, NamedTuple

import gradio as gr

from mentor.consultant import MOST_CHARACTERS, Letter
from mentor.errors import MentorError
from mentor.mentor import Mentor
from mentor.records import Proposal
from mentor_ui import render

MOST = 4
MOST_SAID = 2
"""Proposals whose own words stand under the buttons; of more, one sentence is enough."""
CHOOSE = "Nothing changes until you choose one."
OVER = "This offer is over; ask again."


class Panel(NamedTuple):
    buttons: tuple[gr.Button, ...]
    letter: gr.Group
    body: gr.Textbox
    send: gr.Button
    note: gr.HTML


def proposal_panel() -> Panel:
    """The components, hidden until there is something to say yes to."""
    with gr.Row(elem_id="proposals"):
        buttons = tuple(
            gr.Button("", visible=False, size="sm", elem_id=f"proposal-{n}") for n in range(MOST)
        )
    with gr.Group(visible=False, elem_id="letter") as letter:
        body = gr.Textbox(
            label="Your letter to the learning consultant. Only what stands here is sent.",
            lines=6,
            max_length=MOST_CHARACTERS,
            elem_id="letter-body",
        )
        send = gr.Button("Send this letter", variant="primary", size="sm", elem_id="letter-send")
    note = gr.HTML("", elem_id="proposal-note")
    return Panel(buttons, letter, body, send, note)


def wire_panel(
    mentor: Mentor,
    panel: Panel,
    *,
    chatbot: gr.Chatbot,
    offered: Callable[[gr.Request], list[Proposal]],
) -> None:
    """
    Args:
        offered: what is proposed in the tab that a request comes from; a yes empties it.
    """
    outputs = [*panel.buttons, panel.letter, panel.note]
    quick = {"queue": False, "show_progress": "hidden"}

    def clicked(n: int) -> Any:
        def handle(messages: list[Any], request: gr.Request) -> tuple[Any, ...]:
            proposals = offered(request)
            if n >= len(proposals):
                return gr.skip(), gr.skip(), *shown([])[:-1], f"<p>{OVER}</p>"
            proposal = proposals[n]
            if proposal.kind == "consultant":
                hidden = shown([])
                return (
                    messages,
                    proposal.change["body"],
                    *hidden[:MOST],
                    gr.update(visible=True),
                    "",
                )
            said = _accepted(mentor, request.username, proposal)
            proposals.clear()
            return [*messages, {"role": "assistant", "content": said}], gr.skip(), *shown([])

        return handle

    for n, button in enumerate(panel.buttons):
        button.click(clicked(n), [chatbot], [chatbot, panel.body, *outputs], **quick)
    panel.send.click(
        lambda body: _sent(mentor, body), [panel.body], [panel.letter, panel.note], **quick
    )


def shown(offered: list[Proposal]) -> tuple[Any, ...]:
    """Updates of buttons, letter and note: one button for each proposal."""
    buttons = [
        gr.update(visible=n < len(offered), value=offered[n].label if n < len(offered) else "")
        for n in range(MOST)
    ]
    says = [p.says for p in offered] if len(offered) <= MOST_SAID else [CHOOSE]
    note = f"<p>{escape(' '.join(says))}</p>" if says else ""
    return *buttons, gr.update(visible=False), note


def _accepted(mentor: Mentor, who: str | None, proposal: Proposal) -> str:
    if who is None:
        return "This page has lost its learner. Reload it, and ask again."
    try:
        return render.plain(mentor.accept(who, proposal))
    except MentorError as exc:
        return render.trouble(exc)


def _sent(mentor: Mentor, body: str) -> tuple[Any, str]:
    letter = Letter(subject="A question about ML engineering", body=body)
    try:
        address = mentor.send_letter(letter)
    except MentorError as exc:
        return gr.update(visible=True), f"<p>{render.told(exc)}</p>"
    if address is None:
        return gr.update(visible=False), "<p>Your letter was sent.</p>"
    link = f'<a href="{escape(address)}" target="_blank" rel="noopener">Open it</a>'
    return gr.update(visible=False), f"<p>Your letter is ready. {link} to send it yourself.</p>"
