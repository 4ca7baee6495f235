"""How a question is asked on the page: typed, chosen, regenerated or edited; and stopped."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple

import gradio as gr

from mentor.errors import LearnerError, MentorError
from mentor.mentor import Mentor
from mentor.records import Proposal
from mentor.store.conversations import cut_turns, turns
from mentor_ui import render
from mentor_ui.kept_talk import SHOW_ADDRESS, Kept, Messages, new_id, own, turn_of
from mentor_ui.proposal_panel import Panel
from mentor_ui.proposal_panel import shown as buttons_for
from mentor_ui.replying import Running, reply
from mentor_ui.talk_list import Refresh, TalkList

_MOST = 10_000
_QUICK = {"queue": False, "show_progress": "hidden"}
_WAITING = {"concurrency_limit": None, "show_progress": "hidden", "trigger_mode": "multiple"}


class Composer(NamedTuple):
    """What a question is asked with, where its answer appears, and what goes when one is asked."""

    chatbot: gr.Chatbot
    panel: gr.HTML
    status: gr.HTML
    box: gr.Textbox
    send: gr.Button
    stop: gr.Button
    why: gr.Group
    """The field for a reason, which belongs to an answer before."""


class Session(NamedTuple):
    """What is under way in one tab, and what was proposed there."""

    running: Running
    offered: list[Proposal]


class Sessions:
    """The tabs in which something was asked, the latest of them."""

    def __init__(self) -> None:
        self._by_hash: OrderedDict[str, Session] = OrderedDict()

    def begin(self, request: gr.Request) -> None:
        self.leave(request)
        self._by_hash[str(request.session_hash)] = Session(Running.now(), [])
        if len(self._by_hash) > _MOST:
            self._by_hash.popitem(last=False)

    def of(self, request: gr.Request) -> Session | None:
        return self._by_hash.get(str(request.session_hash))

    def leave(self, request: gr.Request) -> None:
        """Whatever is under way is not waited for any more."""
        if session := self._by_hash.pop(str(request.session_hash), None):
            session.running.left.set()

    def offered(self, request: gr.Request) -> list[Proposal]:
        session = self.of(request)
        return session.offered if session else []


def wire_asking(
    mentor: Mentor,
    composer: Composer,
    *,
    kept: Kept,
    proposals: Panel,
    talks: TalkList,
    refresh: Refresh,
    sessions: Sessions,
) -> None:
    c = composer
    begin = [c.chatbot, c.box, c.send, c.stop, c.why, kept.talk, c.status]
    buttons = [*proposals.buttons, proposals.letter, proposals.note]

    def begun(turn: Messages, talk: str, request: gr.Request) -> tuple[Any, ...]:
        sessions.begin(request)
        hidden = gr.update(visible="hidden")
        return turn, "", hidden, gr.update(visible=True), gr.update(visible=False), talk, ""

    def asked(question: str, messages: Messages, talk: str, request: gr.Request) -> tuple[Any, ...]:
        question = question.strip()
        if not question:
            # The box is left alone: an answer that clears it may come after the next typing.
            return tuple(gr.skip() for _ in begin)
        turn = [*messages, {"role": "user", "content": question}]
        return begun(turn, own(talk) or new_id(), request)

    def chosen(
        choice: gr.SelectData, messages: Messages, talk: str, request: gr.Request
    ) -> tuple[Any, ...]:
        return asked(str(choice.value["text"]), messages, talk, request)

    def again(question: str, messages: Messages, talk: str, request: gr.Request) -> tuple[Any, ...]:
        """Ask `question` in the place of what followed `messages`."""
        try:
            forget(mentor, request.username, talk, keep=turn_of(messages))
        except MentorError as exc:
            return *(gr.skip() for _ in begin[1:]), render.plain(str(exc))
        return asked(question, messages, talk, request)

    def regenerated(
        which: gr.RetryData, messages: Messages, talk: str, request: gr.Request
    ) -> tuple[Any, ...]:
        at = _asked_at(messages, which.index)
        return again(render.words_of(messages[at]), messages[:at], talk, request)

    def edited(
        which: gr.EditData, messages: Messages, talk: str, request: gr.Request
    ) -> tuple[Any, ...]:
        at = _asked_at(messages, which.index)
        return again(str(which.value), messages[:at], talk, request)

    def answered(messages: Messages, talk: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        session = sessions.of(request)
        if session is None or session.running.begun.is_set():
            return  # nothing was asked, or somebody went elsewhere at once
        session.running.begun.set()
        # A quick stop has put its word below the question before this is reached.
        yield from reply(
            mentor,
            messages[: _asked_at(messages, len(messages) - 1) + 1],
            session.running,
            learner=request.username,
            conversation=talk,
            offered=session.offered,
        )

    def proposed(request: gr.Request) -> tuple[Any, ...]:
        return buttons_for(sessions.offered(request))

    def stopped(messages: Messages, request: gr.Request) -> tuple[Any, ...]:
        if session := sessions.of(request):
            session.running.stopped.set()
        return render.stopped(messages), "", *idle()

    def left(request: gr.Request) -> tuple[Any, ...]:
        sessions.leave(request)
        return (*idle(), gr.update(visible=False), *buttons_for([]))

    here = [c.chatbot, kept.talk]
    events = [
        gr.on([c.box.submit, c.send.click], asked, [c.box, *here], begin, **_QUICK),
        c.chatbot.example_select(chosen, here, begin, **_QUICK),
        c.chatbot.retry(regenerated, here, begin, **_QUICK),
        c.chatbot.edit(edited, here, begin, **_QUICK),
    ]
    for event in events:
        event.then(None, [kept.talk], None, js=SHOW_ADDRESS)
        running = event.then(answered, here, [c.chatbot, c.panel, c.status], **_WAITING)
        running.then(proposed, None, buttons, **_QUICK)
        running.then(idle, None, [c.send, c.stop], **_QUICK)
        running.then(*refresh, **_QUICK)
    leaves = [kept.anew.click, kept.back.click, talks.chosen.input, talks.sure.click]
    gr.on(leaves, left, None, [c.send, c.stop, c.why, *buttons], **_QUICK)
    c.stop.click(stopped, [c.chatbot], [c.chatbot, c.status, c.send, c.stop], **_QUICK)


def idle() -> tuple[Any, ...]:
    """The buttons while nothing is under way."""
    return gr.update(visible=True), gr.update(visible="hidden")


def forget(mentor: Mentor, who: str | None, talk: str, *, keep: int) -> None:
    """Remove what followed the first `keep` turns, which is asked anew.

    Raises:
        LearnerError: a mock interview was held there, and what was said in it stays said.
        StoreUnusable, StorageError: nothing was removed.
    """
    if not (who and own(talk)) or mentor.store is None:
        return
    gone = turns(mentor.store, who, talk)[keep:]
    if any(turn.answer.reason == "interview" for turn in gone):
        raise LearnerError(
            "What was said in a mock interview stays said.", cure="Ask below it instead."
        )
    cut_turns(mentor.store, who, talk, keep=keep)


def _asked_at(messages: Messages, index: int | tuple[int, int]) -> int:
    """Where the question stands that the message at `index` is, or answers."""
    at = index if isinstance(index, int) else index[0]
    return max(n for n in range(at + 1) if messages[n]["role"] == "user")
