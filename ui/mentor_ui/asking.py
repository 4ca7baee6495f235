"""How a question is asked on the page: typed, chosen, regenerated or edited; and stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import gradio as gr

from mentor.errors import LearnerError, MentorError
from mentor.mentor import Mentor
from mentor.scope import Filter
from mentor.store.conversations import cut_turns, turns
from mentor_ui import render
from mentor_ui.filter_chips import FILTERS
from mentor_ui.filter_chips import shown as chips_for
from mentor_ui.kept_talk import (
    SHOW_ADDRESS,
    Kept,
    Messages,
    new_id,
    own,
    said_before,
    turns_in,
)
from mentor_ui.proposal_panel import MOST, Panel
from mentor_ui.proposal_panel import shown as buttons_for
from mentor_ui.replying import Reply
from mentor_ui.sessions import Sessions
from mentor_ui.talk_list import Refresh, TalkList

_QUICK = {"queue": False, "show_progress": "hidden"}
_WAITING = {"concurrency_limit": None, "show_progress": "hidden", "trigger_mode": "multiple"}
_BEGIN = 7 + MOST + 2
"""Outputs of whatever begins a question."""
_FETCHED_WITHIN = 20.0
"""Seconds from a question to the request for its answer, on the slowest of lines."""
_ANSWER = 3
"""Outputs of an answer: messages, sources, status."""


class Composer(NamedTuple):
    """What a question is asked with, where its answer appears, and what goes when one is asked."""

    chatbot: gr.Chatbot
    panel: gr.HTML
    status: gr.HTML
    box: gr.Textbox
    send: gr.Button
    stop: gr.Button
    chips: tuple[gr.Button, ...]
    why: gr.Group
    """The field for a reason, which belongs to an answer before."""


def wire_leaving(
    asking: Asking, c: Composer, *, kept: Kept, proposals: Panel, talks: TalkList
) -> None:
    """Cut the answer that a learner leaves.

    Listeners of one click run one after the other, as they were wired: this comes before those
    which show or delete a conversation, or the answer would write into what they have shown.
    """
    elsewhere = [c.send, c.stop, c.why, *_offers(c, proposals)]
    leaves = [kept.anew.click, kept.back.click, talks.chosen.input]
    gr.on(leaves, asking.left, None, elsewhere, **_QUICK)
    talks.sure.click(asking.forgotten, None, elsewhere, **_QUICK)


def _offers(c: Composer, proposals: Panel) -> list[Any]:
    """What `Asking.offered` gives."""
    return [*proposals.buttons, proposals.letter, proposals.note, *c.chips]


def wire_asking(
    asking: Asking, c: Composer, *, kept: Kept, proposals: Panel, refresh: Refresh
) -> None:
    here = [c.chatbot, kept.talk]
    offers = [*proposals.buttons, proposals.letter, proposals.note]
    begin = [c.chatbot, c.box, c.send, c.stop, c.why, kept.talk, *offers, c.status]
    events = [
        gr.on([c.box.submit, c.send.click], asking.typed, [c.box, *here], begin, **_QUICK),
        c.chatbot.example_select(asking.chosen, here, begin, **_QUICK),
        c.chatbot.retry(asking.regenerated, here, begin, **_QUICK),
        c.chatbot.edit(asking.edited, here, begin, **_QUICK),
        *(
            chip.click(asking.without(kind), here, begin, **_QUICK)
            for kind, chip in zip(FILTERS, c.chips, strict=True)
        ),
    ]
    answer = [c.chatbot, c.panel, c.status]
    for event in events:
        event.then(None, [kept.talk], None, js=SHOW_ADDRESS)
        running = event.then(asking.answered, None, answer, **_WAITING)
        running.then(asking.offered, None, _offers(c, proposals), **_QUICK)
        running.then(asking.idle, None, [c.send, c.stop], **_QUICK)
        running.then(*refresh, **_QUICK)
        # Refused before it began, or the line broke: the question can be asked again.
        running.failure(asking.stopped, None, [*answer, c.send, c.stop], **_QUICK)
    c.stop.click(asking.stopped, None, [*answer, c.send, c.stop], **_QUICK)


class Asking:
    """The handlers of the events."""

    def __init__(self, mentor: Mentor, sessions: Sessions) -> None:
        self._mentor = mentor
        self._sessions = sessions

    # What begins a question gives `_BEGIN` outputs.

    def typed(
        self, question: str, messages: Messages, talk: str, request: gr.Request
    ) -> tuple[Any, ...]:
        return self._asked(question, messages, talk, request, box="")

    def chosen(
        self, choice: gr.SelectData, messages: Messages, talk: str, request: gr.Request
    ) -> tuple[Any, ...]:
        return self._asked(str(choice.value["text"]), messages, talk, request)

    def regenerated(
        self, which: gr.RetryData, messages: Messages, talk: str, request: gr.Request
    ) -> tuple[Any, ...]:
        return self._again(messages, _place(which.index), talk, request)

    def edited(
        self, which: gr.EditData, messages: Messages, talk: str, request: gr.Request
    ) -> tuple[Any, ...]:
        new = str(which.value)
        return self._again(messages, _place(which.index), talk, request, question=new)

    def without(self, kind: Filter) -> Any:
        """The handler that asks the last question again, without this filter."""

        def handle(messages: Messages, talk: str, request: gr.Request) -> tuple[Any, ...]:
            last = self._sessions.of(request)
            dropped = (last.dropped if last else frozenset()) | {kind}
            return self._again(messages, len(messages) - 1, talk, request, dropped=dropped)

        return handle

    def _again(
        self,
        messages: Messages,
        place: int,
        talk: str,
        request: gr.Request,
        *,
        question: str | None = None,
        dropped: frozenset[Filter] = frozenset(),
    ) -> tuple[Any, ...]:
        """Ask anew what the message at `place` is, or answers; what followed is forgotten."""
        at = _asked_at(messages, place)
        question = question or render.words_of(messages[at])
        shown = self._cut(request, talk) or messages
        try:
            if anew := turns_in(shown[at:]):
                forget(self._mentor, request.username, talk, keep=min(anew) - 1)
        except MentorError as exc:
            return *(gr.skip() for _ in range(_BEGIN - 1)), render.told(exc)
        return self._asked(question, messages[:at], talk, request, dropped=dropped)

    def _asked(
        self,
        question: str,
        messages: Messages,
        talk: str,
        request: gr.Request,
        *,
        dropped: frozenset[Filter] = frozenset(),
        box: Any = None,
    ) -> tuple[Any, ...]:
        """
        Args:
            box: what the question box has then; what is being typed there where it is left out.
        """
        question = question.strip()
        if not question:
            # The box is left alone: an answer that clears it may come after the next typing.
            return tuple(gr.skip() for _ in range(_BEGIN))
        before = self._cut(request, talk) or messages
        if not before:  # the page may not show yet what its address names
            with suppress(MentorError):  # the store says so again when the answer is kept
                before, _ = said_before(self._mentor, request.username, talk)
        turn = [*before, {"role": "user", "content": question}]
        talk = own(talk) or new_id()
        reply = Reply(
            self._mentor, turn, learner=request.username, conversation=talk, dropped=dropped
        )
        reply.cut_unless_run(_FETCHED_WITHIN)
        self._sessions.begin(request, reply)
        busy = gr.update(visible="hidden"), gr.update(visible=True), gr.update(visible=False)
        return turn, gr.skip() if box is None else box, *busy, talk, *buttons_for([]), ""

    def _cut(self, request: gr.Request, talk: str = "") -> Messages | None:
        """Keep what was under way as far as it was said; it is not waited for.

        Returns:
            The messages then, where it was said in `talk`.
        """
        reply = self._sessions.leave(request)
        shown = reply.cut() if reply else None
        return shown[0] if reply and shown and reply.conversation == talk else None

    # What comes of it.

    def answered(self, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """The answer to what the tab asked last, unless somebody went elsewhere at once."""
        if reply := self._sessions.of(request):
            yield from reply.run()
        # Gradio sends the last of these once more at the end: the page may show newer things then.
        yield tuple(gr.skip() for _ in range(_ANSWER))

    def offered(self, request: gr.Request) -> tuple[Any, ...]:
        """Buttons below an answer: what to say yes to, and what it was filtered by."""
        reply = self._sessions.of(request)
        if reply is None or not reply.searched:
            return *buttons_for(self._sessions.offered(request)), *chips_for(None)
        scope = self._mentor.retriever.scope(reply.searched)
        return *buttons_for(reply.offered), *chips_for(scope, reply.dropped)

    def idle(self, request: gr.Request) -> tuple[Any, ...]:
        """The buttons after an answer, which the next question may have overtaken."""
        reply = self._sessions.of(request)
        return _idle() if reply is None or reply.is_over else (gr.skip(), gr.skip())

    def stopped(self, request: gr.Request) -> tuple[Any, ...]:
        reply = self._sessions.of(request)
        shown = reply.cut() if reply else None
        return *(shown or (gr.skip() for _ in range(_ANSWER))), *_idle()

    def left(self, request: gr.Request) -> tuple[Any, ...]:
        self._cut(request)
        return _elsewhere()

    def forgotten(self, request: gr.Request) -> tuple[Any, ...]:
        """The conversation is deleted, and what is under way in it with it."""
        if reply := self._sessions.leave(request):
            reply.drop()
        return _elsewhere()


def _idle() -> tuple[Any, ...]:
    """The buttons while nothing is under way."""
    return gr.update(visible=True), gr.update(visible="hidden")


def _elsewhere() -> tuple[Any, ...]:
    return *_idle(), gr.update(visible=False), *buttons_for([]), *chips_for(None)


def forget(mentor: Mentor, who: str | None, talk: str, *, keep: int) -> None:
    """Remove what followed the first `keep` turns, which is asked anew.

    Raises:
        LearnerError: a mock interview was held there, and what was said in it stays said.
        StoreUnusable, StorageError: nothing was removed.
    """
    if not (who and own(talk)) or mentor.store is None:
        return
    reasons = {turn.answer.reason for turn in turns(mentor.store, who, talk)[keep:]}
    if "interview" in reasons or ("stopped" in reasons and _is_interviewed(mentor, who, talk)):
        raise LearnerError(
            "What was said in a mock interview stays said.",
            cure="Ask below it instead; “resume” shows where the interview stands.",
        )
    cut_turns(mentor.store, who, talk, keep=keep)


def _is_interviewed(mentor: Mentor, who: str, talk: str) -> bool:
    """Whether an interview goes on, which a message there may have moved before its reply came."""
    held = mentor.interviews
    return held is not None and held.going_on(who, talk) is not None


def _place(index: int | tuple[int, int]) -> int:
    return index if isinstance(index, int) else index[0]


def _asked_at(messages: Messages, place: int) -> int:
    """Where the question stands that the message at `place` is, or answers."""
    return max(n for n in range(place + 1) if messages[n]["role"] == "user")
