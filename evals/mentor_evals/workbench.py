"""What the suites work with: mentor, referee and altered indexes, each opened when needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import Protocol

from mentor.index import Index
from mentor.mentor import Mentor, open_mentor
from mentor.models.embed import Embedder, open_embedder
from mentor.settings import Settings
from mentor_evals import altered
from mentor_evals.cases import Attack, Question, Split, load
from mentor_evals.referee import Referee
from mentor_evals.replies import Reply
from mentor_evals.scripted import ScriptedDrafter


class Asker(Protocol):
    """Who is asked: the mentor, or a peer."""

    def __call__(self, question: str, history: Sequence[str] = ()) -> Reply: ...


class Workbench:
    """One subject under one split. The mentor's insides are there for a mentor only."""

    def __init__(
        self,
        settings: Settings,
        split: Split = "dev",
        *,
        own: Sequence[Question] | None = None,
        peer: Callable[[], Asker] | None = None,
        mentor: Mentor | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        self.settings = settings
        self.split: Split = split
        self._own = own
        self._peer = peer
        self._mentor = mentor
        self._embedder = embedder
        self._open = ExitStack()

    def close(self) -> None:
        """Stop the scripted server and remove the altered indexes."""
        self._open.close()
        altered.remove_homes(self.settings)

    @property
    def is_peer(self) -> bool:
        return self._peer is not None

    @property
    def has_own_cases(self) -> bool:
        return self._own is not None

    @cached_property
    def ask(self) -> Asker:
        """The subject, warm."""
        if self._peer is not None:
            return self._peer()
        self.mentor.warm()
        return asker(self.mentor)

    @cached_property
    def mentor(self) -> Mentor:
        return self._mentor or open_mentor(self.settings)

    @property
    def index(self) -> Index:
        return self.mentor.retriever.index

    @cached_property
    def embedder(self) -> Embedder:
        return self._embedder or open_embedder(self.settings)

    @cached_property
    def referee(self) -> Referee:
        return Referee(self.embedder)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The answerable questions: a portal's own, or the shipped ones of the split."""
        return load("answers", Question, self.split) if self._own is None else tuple(self._own)

    @cached_property
    def scripted(self) -> tuple[ScriptedDrafter, Asker]:
        """A scripted drafter at work, and the mentor that takes its words from it."""
        drafter = ScriptedDrafter()
        url = self._open.enter_context(drafter.running())
        settings = self.settings.model_copy(update={"model": url, "model_name": "scripted"})
        return drafter, asker(open_mentor(settings))

    @cached_property
    def ask_hostile(self) -> Asker:
        """The mentor, over an index that has the hostile passages of the split."""
        attacks = load("attacks", Attack, self.split)
        return asker(open_mentor(altered.with_hostile(self.settings, attacks)))

    def ask_without(self, sections: Sequence[str]) -> Asker:
        """The mentor, over an index that lacks `sections`."""
        return asker(open_mentor(altered.without_sections(self.settings, sections)))


def asker(mentor: Mentor) -> Asker:
    """`Mentor.answer`, as evals keep it."""

    def ask(question: str, history: Sequence[str] = ()) -> Reply:
        return Reply.of(mentor.answer(question, history))

    return ask
