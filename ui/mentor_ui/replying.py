"""An answer as the page shows it, event by event: (messages, sources panel, status line)."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator

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
from mentor.scope import Filter
from mentor_ui import render
from mentor_ui.kept_talk import Messages, keep, said, turn_of

Shown = tuple[Messages, str, str]


class Reply:
    """The answer to the last of `messages`, which is kept once: whole, or cut short.

    The tab that asked runs it; a stop, the next question, or leaving the conversation or the page
    cuts it, each from a thread of its own. Whichever comes first keeps the turn, so that the page
    shows the same after a reload, and the next question follows a turn that has its number.
    """

    def __init__(
        self,
        mentor: Mentor,
        messages: Messages,
        *,
        learner: str | None = None,
        conversation: str = "",
        dropped: Collection[Filter] = (),
    ) -> None:
        """
        Args:
            dropped: filters that the learner took away, which are not applied.
        """
        self.conversation = conversation
        self.dropped = frozenset(dropped)
        self.offered: list[Proposal] = []
        """What the mentor proposes."""
        self.searched: str = ""
        """The question that the material was searched for; empty where it was not."""
        self._mentor = mentor
        self._learner = learner
        self._asked = [render.words_of(m) for m in messages if m["role"] == "user"]
        self._part = _Part(messages, turn_of(messages) + 1)
        self._begun = False
        self._over = False
        self._one = threading.Lock()

    @property
    def is_over(self) -> bool:
        return self._over

    def run(self) -> Iterator[Shown]:
        """What the page shows after each event, until the answer is done or cut.

        Nothing when it runs already or was cut before.
        """
        with self._one:
            if self._begun or self._over:
                return
            self._begun = True
        try:
            yield self._part.shown(render.SEARCHING)
            for event in self._events():
                with self._one:
                    if self._over:
                        return
                    shown = self._after(event)
                yield shown
        except MentorError as exc:
            self._over = True
            yield self._part.failed(exc)
        except GeneratorExit:  # the tab is gone: reloaded, closed, or at another page
            self.cut()
            raise

    def cut_unless_run(self, seconds: float) -> None:
        """Cut it when nobody has come for it by then.

        A page fetches the answer with a second request; who leaves between the two would find
        nothing of the question.
        """

        def cut() -> None:
            with self._one:
                if not (self._begun or self._over):
                    self._stopped()

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()

    def cut(self) -> Shown | None:
        """Say no more, and keep what was said; None where the answer is over already."""
        with self._one:
            if self._over:
                return None
            return self._stopped()

    def drop(self) -> None:
        """Say no more, and keep nothing."""
        with self._one:
            self._over = True

    def _events(self) -> Iterator[Event]:
        *before, question = self._asked
        return self._mentor.ask(
            question,
            before,
            learner=self._learner,
            conversation=self.conversation,
            dropped=self.dropped,
        )

    def _after(self, event: Event) -> Shown:
        match event:
            case Proposed(proposals=proposals):
                self.offered.extend(proposals)
            case Searching(question=question):
                self.searched = question
            case Done(answer=answer):
                # Kept before it is shown: a page that is closed now has its answer after all.
                return self._kept(answer)
        return self._part.after(event)

    def _stopped(self) -> Shown:
        return self._kept(self._part.stopped(self._asked[-1], self._mentor.model))

    def _kept(self, answer: Answer) -> Shown:
        self._over = True
        turn, trouble = keep(self._mentor, self._learner, self.conversation, answer)
        return self._part.done(answer, turn, trouble)


class _Part:
    """What has been said so far of one answer."""

    def __init__(self, messages: Messages, turn: int) -> None:
        self._messages = messages
        self._turn = turn
        self._text = ""
        self._sentences: list[Sentence] = []
        self._citations: list[Citation] = []
        self._panel = render.NO_SOURCES

    def shown(self, status: str) -> Shown:
        return [*self._messages, said(self._text or render.THINKING, None)], self._panel, status

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
                self._panel = render.sources(self._citations, self._turn)
                return self.shown("Checking the next sentence …")
            case Refusal(text=text, topics=topics):
                self._text = render.refusal(text, topics)
        return self.shown("")

    def done(self, answer: Answer, turn: int | None, trouble: str) -> Shown:
        if answer.citations:
            self._panel = render.sources(answer.citations, turn or self._turn)
        text = render.whole(answer, turn or self._turn)
        return [*self._messages, said(text, turn)], self._panel, trouble

    def failed(self, error: MentorError) -> Shown:
        return [*self._messages, said(render.trouble(error), None)], self._panel, ""

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
