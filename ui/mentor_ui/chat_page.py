"""The chat page: a Gradio app that takes a `Mentor`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from mentor.errors import MentorError
from mentor.mentor import Mentor
from mentor.records import (
    Answer,
    Citation,
    Done,
    Proposal,
    Proposed,
    Refusal,
    Said,
    Searching,
    Sources,
    Waiting,
)
from mentor_ui import render
from mentor_ui.api.gate import caller_of
from mentor_ui.cv_upload import PICKER
from mentor_ui.kept_talk import Kept, Messages, keep, kept_talk, wire_talk
from mentor_ui.proposal_panel import Offers, Panel, proposal_panel, wire_panel
from mentor_ui.proposal_panel import shown as buttons_for
from mentor_ui.talk_list import Refresh, TalkList, talk_list, wire_talks
from mentor_ui.thumbs import THUMBS, thumbs, wire_thumbs

_STATIC = Path(__file__).parent / "static"
_FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")


def mount_chat(app: FastAPI, mentor: Mentor, *, beside_terminal: bool = False) -> None:
    """Put the chat page at / of `app`, for callers that the gate let in.

    Args:
        beside_terminal: whether the page is for this machine alone, whose terminal runs Mentor too.
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
        head=f"<script>{(_STATIC / 'chat.js').read_text(encoding='utf-8')}</script>",
        footer_links=[],
        run_history=False,
        show_error=False,
        auth_dependency=lambda request: caller_of(request).learner,
    )


def chat_blocks(mentor: Mentor, *, beside_terminal: bool = False) -> gr.Blocks:
    with gr.Blocks(title="Mentor", analytics_enabled=False, fill_height=True) as blocks:
        talks = talk_list()
        with gr.Row(elem_id="top"):
            gr.HTML(render.header(mentor.model), elem_id="masthead")
            anew = gr.Button("New conversation", size="sm", scale=0, elem_id="anew")
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=3, min_width=320, elem_id="talk"):
                chatbot = gr.Chatbot(
                    elem_id="chat",
                    label="Conversation",
                    show_label=False,
                    buttons=["copy"],
                    layout="bubble",
                    feedback_options=THUMBS,
                    placeholder=render.WELCOME,
                    examples=[{"text": question} for question in mentor.suggestions()],
                    height="100%",
                )
                status = gr.HTML("", elem_id="status")
                why = thumbs()
                proposals = proposal_panel()
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
                    stop = gr.Button(
                        "Stop", scale=0, min_width=88, visible="hidden", elem_id="stop"
                    )
                with gr.Row(elem_id="more"):
                    gr.HTML(PICKER, elem_id="cv-picker")
                    whose = gr.HTML("", elem_id="whose")
            with gr.Column(scale=2, min_width=280, elem_id="sources"):
                panel = gr.HTML(render.NO_SOURCES, elem_id="source-panel")
        kept = kept_talk(anew, whose)
        offers: Offers = {}
        wire_talk(
            mentor,
            blocks,
            kept,
            chatbot=chatbot,
            panel=panel,
            status=status,
            beside_terminal=beside_terminal,
        )
        refresh = wire_talks(
            mentor, blocks, kept, talks, chatbot=chatbot, panel=panel, status=status
        )
        wire_thumbs(mentor, why, kept, chatbot=chatbot, status=status)
        wire_panel(mentor, proposals, chatbot=chatbot, offers=offers)
        _wire(
            mentor,
            chatbot=chatbot,
            status=status,
            box=box,
            send=send,
            stop=stop,
            panel=panel,
            proposals=proposals,
            kept=kept,
            talks=talks,
            refresh=refresh,
            offers=offers,
        )
    return blocks


def _wire(
    mentor: Mentor,
    *,
    chatbot: gr.Chatbot,
    status: gr.HTML,
    box: gr.Textbox,
    send: gr.Button,
    stop: gr.Button,
    panel: gr.HTML,
    proposals: Panel,
    kept: Kept,
    talks: TalkList,
    refresh: Refresh,
    offers: Offers,
) -> None:
    # Gradio's own `cancels` loses a stop that comes before the answer has begun, and the page
    # with it; a flag for each question of a session does not.
    stops: dict[str, threading.Event] = {}

    def asked(question: str, messages: Messages, request: gr.Request) -> tuple[Any, ...]:
        question = question.strip()
        if not question:
            # The box is left alone: an answer that clears it may come after the next typing.
            return tuple(gr.skip() for _ in range(4))
        stops[str(request.session_hash)] = threading.Event()
        turn = [*messages, {"role": "user", "content": question}]
        return turn, "", gr.update(visible="hidden"), gr.update(visible=True)

    def chosen(choice: gr.SelectData, messages: Messages, request: gr.Request) -> tuple[Any, ...]:
        return asked(str(choice.value["text"]), messages, request)

    def answered(messages: Messages, talk: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        session = str(request.session_hash)
        stopped = stops.get(session, threading.Event())
        offers[session] = []
        if messages and messages[-1]["role"] == "user" and not stopped.is_set():
            offered = offers[session]
            yield from reply(
                mentor,
                messages,
                stopped,
                learner=request.username,
                conversation=talk or "",
                offered=offered,
            )

    def proposed(request: gr.Request) -> tuple[Any, ...]:
        return buttons_for(offers.get(str(request.session_hash), []))

    def stopped_by(messages: Messages, request: gr.Request) -> tuple[Any, ...]:
        stops.setdefault(str(request.session_hash), threading.Event()).set()
        return render.stopped(messages), "", *idle()

    def left(request: gr.Request) -> tuple[Any, ...]:
        session = str(request.session_hash)
        stops.setdefault(session, threading.Event()).set()
        offers.pop(session, None)
        return (*idle(), *buttons_for([]))

    def idle() -> tuple[Any, ...]:
        return gr.update(visible=True), gr.update(visible="hidden")

    waiting = {"concurrency_limit": None, "show_progress": "hidden", "trigger_mode": "multiple"}
    start = {"queue": False, "show_progress": "hidden"}
    begin = [chatbot, box, send, stop]
    events = [
        box.submit(asked, [box, chatbot], begin, **start),
        send.click(asked, [box, chatbot], begin, **start),
        chatbot.example_select(chosen, [chatbot], begin, **start),
    ]
    inputs = [chatbot, kept.talk]
    running = [
        event.then(answered, inputs, [chatbot, panel, status], **waiting) for event in events
    ]
    buttons = [*proposals.buttons, proposals.letter, proposals.note]
    for event in running:
        event.then(proposed, None, buttons, queue=False, show_progress="hidden")
        event.then(idle, None, [send, stop], queue=False, show_progress="hidden")
        event.then(*refresh, queue=False, show_progress="hidden")
    leaves = [kept.anew.click, talks.chosen.input, talks.sure.click]
    gr.on(leaves, left, None, [send, stop, *buttons], **start)
    stop.click(stopped_by, [chatbot], [chatbot, status, send, stop], **start)


def reply(
    mentor: Mentor,
    messages: Messages,
    stopped: threading.Event,
    *,
    learner: str | None = None,
    conversation: str = "",
    offered: list[Proposal] | None = None,
) -> Iterator[tuple[Messages, str, str]]:
    """(messages, sources panel, status line) after each event of the answer, until `stopped`.

    What the mentor proposes is added to `offered`.
    """
    said = [_text(m) for m in messages if m["role"] == "user"]
    turn = len(said)
    text = panel = ""
    citations: list[Citation] = []

    def shown(status: str) -> tuple[Messages, str, str]:
        answer = {"role": "assistant", "content": text or render.THINKING}
        return [*messages, answer], panel or render.NO_SOURCES, status

    yield shown("Looking through the material …")
    try:
        for event in mentor.ask(
            said[-1], said[:-1], learner=learner, conversation=conversation or ""
        ):
            if stopped.is_set():
                return
            match event:
                case Searching():
                    yield shown("Looking through the material …")
                case Sources():
                    yield shown("Reading what it says …")
                case Waiting(position=position):
                    yield shown(f"The mentor is busy: {position} ahead of you …")
                case Said(sentence=sentence, citations=new):
                    citations.extend(new)
                    text = render.add_sentence(text, sentence, turn)
                    panel = render.sources(citations, turn)
                    yield shown("")
                case Refusal() as refusal:
                    text = render.refusal(refusal)
                    yield shown("")
                case Proposed(proposals=proposals):
                    if offered is not None:
                        offered.extend(proposals)
                case Done(answer=answer):
                    text += render.related(answer)
                    # Kept first: a page that is closed now has its answer after all.
                    trouble = keep(mentor, learner, conversation, answer)
                    yield shown(trouble or _small_print(answer))
    except MentorError as exc:
        text = render.trouble(exc)
        yield shown("")


def _small_print(answer: Answer) -> str:
    return render.small_print(answer) if answer.sentences and answer.citations else ""


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)
