"""The sidebar of conversations: open, search, rename, export, delete.

Everything is read from the store at each click, so that two tabs agree and a restart loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import gradio as gr
from gradio.events import Dependency

from mentor.errors import LearnerError, MentorError
from mentor.mentor import Mentor
from mentor.store.conversations import (
    conversation,
    conversations,
    delete_conversation,
    rename,
    turns,
)
from mentor.transcript import transcript_json, transcript_markdown
from mentor_ui import render
from mentor_ui.kept_talk import SHOW_ADDRESS, Kept, said_before

_SAVE = """(parcel) => {
  if (!parcel) return;
  const { name, type, text } = JSON.parse(parcel);
  const address = URL.createObjectURL(new Blob([text], { type }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}"""
"""Saves what the server put together, without an address that somebody else could open."""

Choices = list[tuple[str, str]]
Refresh = tuple[Callable[..., Any], list[Any], list[Any]]
"""A function, its inputs and its outputs, as events of Gradio take them."""


class TalkList(NamedTuple):
    search: gr.Textbox
    chosen: gr.Radio
    tools: gr.Group
    title: gr.Textbox
    rename: gr.Button
    markdown: gr.Button
    json: gr.Button
    delete: gr.Button
    sure: gr.Button
    note: gr.HTML
    parcel: gr.Textbox
    whose: gr.HTML


def talk_list() -> TalkList:
    """The components, in a sidebar that is closed at first."""
    with gr.Sidebar(label="Conversations", open=False, width=320, elem_id="talks"):
        gr.HTML("<h2>Conversations</h2>", elem_id="talks-head")
        search = gr.Textbox(label="Search", max_lines=1, max_length=500, elem_id="talk-search")
        chosen = gr.Radio([], label="Kept conversations", elem_id="talk-list")
        note = gr.HTML("", elem_id="talk-note")
        with gr.Group(visible=False, elem_id="talk-tools") as tools:
            title = gr.Textbox(label="New title", max_lines=1, max_length=500, elem_id="talk-title")
            with gr.Row():
                give = gr.Button("Rename", size="sm", elem_id="talk-rename")
                markdown = gr.Button("Save as Markdown", size="sm", elem_id="talk-markdown")
                as_json = gr.Button("Save as JSON", size="sm", elem_id="talk-json")
                delete = gr.Button("Delete …", size="sm", elem_id="talk-delete")
                sure = gr.Button(
                    "Delete for good", size="sm", variant="stop", visible=False, elem_id="talk-sure"
                )
        parcel = gr.Textbox(visible="hidden", label="To save", elem_id="talk-parcel")
        whose = gr.HTML("", elem_id="whose")
    return TalkList(
        search, chosen, tools, title, give, markdown, as_json, delete, sure, note, parcel, whose
    )


def wire_talks(
    mentor: Mentor,
    named: Dependency,
    kept: Kept,
    talks: TalkList,
    *,
    chatbot: gr.Chatbot,
    panel: gr.HTML,
    status: gr.HTML,
) -> Refresh:
    """Wire the sidebar; what brings it up to date is returned for whoever keeps a turn.

    Args:
        named: the event after which it is known which conversation is open.
    """
    quick = {"queue": False, "show_progress": "hidden"}
    seen = [talks.search, kept.talk]
    rows = [talks.chosen, talks.tools, talks.note, talks.sure]
    page = [kept.talk, chatbot, panel, status]

    def refreshed(search: str, talk: str | None, request: gr.Request) -> tuple[Any, ...]:
        return _rows(mentor, request.username, search, talk)

    def opened(which: str, request: gr.Request) -> tuple[Any, ...]:
        try:
            return which, *said_before(mentor, request.username, which), ""
        except MentorError as exc:
            return gr.skip(), gr.skip(), gr.skip(), render.told(exc)

    def renamed(title: str, which: str, search: str, request: gr.Request) -> tuple[Any, ...]:
        who = request.username
        try:
            rename(*_mine(mentor, who), which or "", title)
        except MentorError as exc:
            return gr.skip(), *_told(exc)
        return "", *_rows(mentor, who, search, which)

    def deleted(which: str, search: str, request: gr.Request) -> tuple[Any, ...]:
        who = request.username
        try:
            delete_conversation(*_mine(mentor, who), which or "")
        except MentorError as exc:
            return *(gr.skip() for _ in page), *_told(exc)
        return "", [], render.NO_SOURCES, "", *_rows(mentor, who, search, None)

    def packed(form: str) -> Any:
        def pack(which: str, request: gr.Request) -> tuple[Any, str]:
            try:
                return parcel(mentor, request.username, which or "", form), ""
            except MentorError as exc:
                return "", render.told(exc)

        return pack

    named.then(refreshed, seen, rows, **quick)
    gr.on([kept.talk.change, talks.search.change], refreshed, seen, rows, **quick)
    show = {"fn": None, "inputs": [kept.talk], "outputs": None, "js": SHOW_ADDRESS}
    talks.chosen.input(opened, [talks.chosen], page, **quick).then(**show)
    gr.on(
        [talks.rename.click, talks.title.submit],
        renamed,
        [talks.title, talks.chosen, talks.search],
        [talks.title, *rows],
        **quick,
    )
    talks.delete.click(lambda: gr.update(visible=True), None, [talks.sure], **quick)
    gone = talks.sure.click(deleted, [talks.chosen, talks.search], [*page, *rows], **quick)
    gone.then(**show)
    for button, form in ((talks.markdown, "md"), (talks.json, "json")):
        made = button.click(packed(form), [talks.chosen], [talks.parcel, talks.note], **quick)
        made.then(None, [talks.parcel], None, js=_SAVE)
    return refreshed, seen, rows


def listed(mentor: Mentor, who: str | None, search: str = "") -> Choices:
    """(what is shown, id) of each conversation, the one that went on last first.

    Raises:
        StoreUnusable, StorageError: the store cannot be read.
    """
    if who is None or mentor.store is None:
        return []
    found = conversations(mentor.store, who, search=search)
    return [(f"{talk.title} · {talk.changed:%d %b}", talk.id) for talk in found]


def parcel(mentor: Mentor, who: str | None, which: str, form: str) -> str:
    """A conversation to save, as JSON with its file name, its type and its text.

    Raises:
        LearnerError: it is not this learner's.
        StoreUnusable, StorageError: the store cannot be read.
    """
    store, learner = _mine(mentor, who)
    talk, said = conversation(store, learner, which), turns(store, learner, which)
    if form == "md":
        text, kind = transcript_markdown(talk, said), "text/markdown"
    else:
        whole = transcript_json(talk, said)
        text, kind = json.dumps(whole, ensure_ascii=False, indent=2), "application/json"
    name = f"mentor-{talk.created:%Y-%m-%d}.{form}"
    return json.dumps({"name": name, "type": kind, "text": text}, ensure_ascii=False)


def _mine(mentor: Mentor, who: str | None) -> tuple[Any, str]:
    """The store and the learner."""
    if who is None or mentor.store is None:
        raise LearnerError("This page has lost its learner.", cure="Reload it.")
    return mentor.store, who


def _rows(mentor: Mentor, who: str | None, search: str, talk: str | None) -> tuple[Any, ...]:
    """List, tools, note and the last question before a deletion, as they stand now."""
    try:
        choices = listed(mentor, who, search)
    except MentorError as exc:
        return _told(exc)
    here = talk if talk in {id_ for _, id_ in choices} else None
    note = "" if choices else ("None of them says so." if search.strip() else "None is kept yet.")
    return (
        gr.update(choices=choices, value=here),
        gr.update(visible=here is not None),
        f"<p role='status'>{note}</p>" if note else "",
        gr.update(visible=False),
    )


def _told(error: MentorError) -> tuple[Any, ...]:
    said = f"<p role='alert'>{render.told(error)}</p>"
    return gr.skip(), gr.skip(), said, gr.update(visible=False)
