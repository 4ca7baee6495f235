"""The queue in front of a model that serves one learner at a time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from mentor.errors import ModelBusy

SECONDS_A_TURN = 3.0


class Turnstile:
    """First come, first served, one at a time, at most `room` waiting.

    llama.cpp is not thread-safe per context. A lock would do for that, but would serve in any
    order and let any number pile up; a learner deserves a place in a line, or a plain no.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._line: deque[object] = deque()
        self._moved = threading.Condition()

    @property
    def ahead(self) -> int:
        """How many would be served before one who came now."""
        return len(self._line)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and hold it.

        Raises:
            ModelBusy: `room` others are waiting already.
        """
        ticket = object()
        with self._moved:
            if len(self._line) > self._room:
                raise ModelBusy(
                    f"The mentor is busy: {self._room} learners are waiting.",
                    cure="Ask again in a moment.",
                    retry_after=SECONDS_A_TURN * self._room,
                )
            self._line.append(ticket)
        try:
            with self._moved:
                self._moved.wait_for(lambda: self._line[0] is ticket)
            yield
        finally:
            with self._moved:
                self._line.remove(ticket)
                self._moved.notify_all()
