"""An answer as the page shows it, event by event: (messages, sources panel, status line)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial

from mentor.errors import MentorError
from mentor.mentor import Mentor
from mentor.models.queue import SECONDS_A_TURN
from mentor.records import (
    Answer,
    Citation,
    Done,
    Event,
    Proposal,
    Proposed,
    Refusal,
    Said,
    Searching,
    Sentence,
    Sources,
    Waiting,
)
from mentor.retrieve import Filter
from mentor_ui import render
from mentor_ui.kept_talk import Messages, keep, said, turn_of
from mentor_ui.sessions import Running

Shown = tuple[Messages, str, str]


def reply(
    mentor: Mentor,
    messages: Messages,
    running: Running,
    *,
    learner: str | None = None,
    conversation: str = "",
    offered: list[Proposal] | None = None,
    searched: list[str] | None = None,
    dropped: Collection[Filter] = (),
) -> Iterator[Shown]:
    """What the page shows after each event of the answer, until it is done or stopped.

    What the mentor proposes is added to `offered`, the question that it searched for to `searched`;
    filters that are `dropped` are not applied. What was said before a stop is kept as well, so
    that the page shows the same after a reload.
    """
    asked = [render.words_of(m) for m in messages if m["role"] == "user"]
    part = _Part(messages, turn_of(messages) + 1)
    if not running.is_over:
        yield part.shown(render.SEARCHING)
    ask = partial(mentor.ask, learner=learner, conversation=conversation, dropped=dropped)
    try:
        for event in _until(running, partial(ask, asked[-1], asked[:-1])):
            if isinstance(event, Proposed) and offered is not None:
                offered.extend(event.proposals)
            if isinstance(event, Searching) and searched is not None:
                searched.append(event.question)
            if isinstance(event, Done):
                # Kept first: a page that is closed now has its answer after all.
                turn, trouble = keep(mentor, learner, conversation, event.answer)
                yield part.done(event.answer, turn, trouble)
                return
            yield part.after(event)
    except MentorError as exc:
        yield [*messages, said(render.trouble(exc), None)], part.panel, ""
        return
    turn, trouble = keep(mentor, learner, conversation, part.stopped(asked[-1], mentor.model))
    if not running.left.is_set():
        yield part.done(part.stopped(asked[-1], mentor.model), turn, trouble)


def _until(running: Running, ask: Callable[[], Iterator[Event]]) -> Iterator[Event]:
    """The events of what `ask` asks, none of them after a stop."""
    if running.is_over:
        return
    for event in ask():
        if running.is_over:
            return
        yield event


class _Part:
    """What has been said so far of one answer."""

    def __init__(self, messages: Messages, turn: int) -> None:
        self._messages = messages
        self._turn = turn
        self._text = ""
        self._sentences: list[Sentence] = []
        self._citations: list[Citation] = []
        self.panel = render.NO_SOURCES

    def shown(self, status: str) -> Shown:
        return [*self._messages, said(self._text or render.THINKING, None)], self.panel, status

    def after(self, event: Event) -> Shown:
        match event:
            case Searching():
                return self.shown(render.SEARCHING)
            case Sources():
                return self.shown("Reading what it says …")
            case Waiting(position=position):
                return self.shown(render.busy(position, SECONDS_A_TURN * position))
            case Said(sentence=sentence, citations=new):
                self._sentences.append(sentence)
                self._citations.extend(new)
                self._text = render.add_sentence(self._text, sentence, self._turn)
                self.panel = render.sources(self._citations, self._turn)
                return self.shown("Checking the next sentence …")
            case Refusal() as refusal:
                self._text = render.refusal(refusal.text, refusal.topics)
        return self.shown("")

    def done(self, answer: Answer, turn: int | None, trouble: str) -> Shown:
        text = render.whole(answer, turn or self._turn) if not answer.refused else self._text
        if answer.citations:
            self.panel = render.sources(answer.citations, turn or self._turn)
        return [*self._messages, said(text + render.related(answer), turn)], self.panel, trouble

    def stopped(self, question: str, model: str) -> Answer:
        """What was said before the stop, as an answer."""
        return Answer(
            question=question,
            answer=" ".join(s.text for s in self._sentences) or render.STOPPED,
            reason="stopped",
            sentences=tuple(self._sentences),
            citations=tuple(self._citations),
            mode="quoted",
            model=model,
        )
