"""What is under way in each tab of the page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

import gradio as gr

from mentor.records import Proposal
from mentor.retrieve import Filter

_MOST = 10_000


class Running(NamedTuple):
    """A question under way: the learner may stop it, or go elsewhere meanwhile."""

    begun: threading.Event
    stopped: threading.Event
    left: threading.Event

    @classmethod
    def now(cls) -> Running:
        return cls(threading.Event(), threading.Event(), threading.Event())

    @property
    def is_over(self) -> bool:
        return self.stopped.is_set() or self.left.is_set()


class Session(NamedTuple):
    """The last question of one tab, and what came of it."""

    running: Running
    offered: list[Proposal]
    searched: list[str]
    """The question that the material was searched for; empty where it was not."""
    dropped: frozenset[Filter]
    """Filters that the learner took away."""


class Sessions:
    """The tabs in which something was asked, the latest of them, by Gradio's session hash."""

    def __init__(self) -> None:
        self._by_hash: OrderedDict[str, Session] = OrderedDict()

    def begin(self, request: gr.Request, dropped: frozenset[Filter] = frozenset()) -> None:
        """A question was asked; what was under way before is not waited for."""
        self.leave(request)
        self._by_hash[str(request.session_hash)] = Session(Running.now(), [], [], dropped)
        if len(self._by_hash) > _MOST:
            self._by_hash.popitem(last=False)

    def of(self, request: gr.Request) -> Session | None:
        return self._by_hash.get(str(request.session_hash))

    def leave(self, request: gr.Request) -> None:
        """The learner is elsewhere now."""
        if session := self._by_hash.pop(str(request.session_hash), None):
            session.running.left.set()

    def offered(self, request: gr.Request) -> list[Proposal]:
        session = self.of(request)
        return session.offered if session else []
