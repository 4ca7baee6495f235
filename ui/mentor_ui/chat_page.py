"""The chat page: a Gradio app that takes a `Mentor`."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from fastapi import FastAPI

from mentor.mentor import Mentor
from mentor_ui import render
from mentor_ui.api.gate import caller_of
from mentor_ui.asking import Asking, Composer, wire_asking, wire_leaving
from mentor_ui.cv_upload import PICKER
from mentor_ui.filter_chips import filter_chips
from mentor_ui.kept_talk import kept_talk, wire_talk
from mentor_ui.proposal_panel import proposal_panel, wire_panel
from mentor_ui.sessions import Sessions
from mentor_ui.talk_list import talk_list, wire_talks
from mentor_ui.thumbs import THUMBS, thumbs, wire_thumbs

_STATIC = Path(__file__).parent / "static"
_FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")


def mount_chat(app: FastAPI, mentor: Mentor, *, beside_terminal: bool = False) -> None:
    """Put the chat page at / of `app`, for callers that the gate let in.

    Args:
        beside_terminal: whether who looks at the page sits at this machine, whose terminal runs
            Mentor too.
    """
    theme = gr.themes.Base(
        primary_hue="teal", neutral_hue="slate", font=_FONT, font_mono=("ui-monospace", "monospace")
    )
    gr.mount_gradio_app(
        app,
        chat_blocks(mentor, beside_terminal=beside_terminal),
        path="/",
        theme=theme,
        css=(_STATIC / "chat.css").read_text(encoding="utf-8"),
        head=f"<script>{_scripts()}</script>",
        footer_links=[],
        run_history=False,
        show_error=False,
        auth_dependency=lambda request: caller_of(request).learner,
    )


def _scripts() -> str:
    """What Gradio does not do by itself; each file says at its head what."""
    files = sorted((_STATIC / "chat").glob("*.js"))
    return "\n".join(f"{{\n{file.read_text(encoding='utf-8')}}}" for file in files)


def chat_blocks(mentor: Mentor, *, beside_terminal: bool = False) -> gr.Blocks:
    with gr.Blocks(title="Mentor", analytics_enabled=False, fill_height=True) as blocks:
        talks = talk_list()
        panel = gr.HTML(render.NO_SOURCES, elem_id="source-panel", render=False)
        with gr.Row(elem_id="top"):
            gr.HTML(render.header(), elem_id="masthead")
            anew = gr.Button("New conversation", size="sm", scale=0, elem_id="anew")
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=3, min_width=320, elem_id="talk"):
                chatbot = _chatbot(mentor)
                status = gr.HTML("", elem_id="status")
                why = thumbs()
                chips = filter_chips()
                proposals = proposal_panel()
                box, send, stop = _composer(mentor.model)
            with gr.Column(scale=2, min_width=280, elem_id="sources"):
                gr.HTML(render.EARLIER_SOURCES, elem_id="earlier")
                panel.render()
        kept = kept_talk(anew, talks.whose)
        sessions = Sessions()
        page = {"chatbot": chatbot, "panel": panel, "status": status}
        asking = Asking(mentor, sessions)
        composer = Composer(chatbot, panel, status, box, send, stop, chips, why.row)
        wire_leaving(asking, composer, kept=kept, proposals=proposals, talks=talks)
        named = wire_talk(
            mentor, blocks, kept, asked=sessions.of, beside_terminal=beside_terminal, **page
        )
        refresh = wire_talks(mentor, named, kept, talks, **page)
        wire_thumbs(mentor, why, kept, chatbot=chatbot, status=status)
        wire_panel(mentor, proposals, chatbot=chatbot, offered=sessions.offered)
        wire_asking(asking, composer, kept=kept, proposals=proposals, refresh=refresh)
    return blocks


def _chatbot(mentor: Mentor) -> gr.Chatbot:
    return gr.Chatbot(
        elem_id="chat",
        label="Conversation",
        show_label=False,
        buttons=["copy"],
        editable="user",
        layout="bubble",
        autoscroll=False,  # an answer is read from its beginning: static/chat/reading.js
        feedback_options=THUMBS,
        placeholder=render.WELCOME,
        examples=[{"text": question} for question in mentor.suggestions()],
        height="100%",
    )


def _composer(model: str) -> tuple[gr.Textbox, gr.Button, gr.Button]:
    with gr.Row(elem_id="composer"):
        box = gr.Textbox(
            placeholder="Ask about the way to ML engineer …",
            show_label=False,
            label="Your question",
            lines=1,
            max_lines=6,
            max_length=100_000,
            scale=5,
            autofocus=True,
            elem_id="question",
        )
        send = gr.Button("Ask", variant="primary", scale=0, min_width=88, elem_id="ask")
        stop = gr.Button("Stop", scale=0, min_width=88, visible="hidden", elem_id="stop")
    with gr.Row(elem_id="more"):
        gr.HTML(PICKER, elem_id="cv-picker")
        gr.HTML(render.who_answers(model), elem_id="model")
    return box, send, stop
