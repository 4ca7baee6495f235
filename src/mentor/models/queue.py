"""The queue in front of a model that serves one learner at a time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mentor.errors import ModelBusy, ModelError

SECONDS_A_TURN = 3.0
"""What a turn is taken to last before any was measured."""
_NEWEST = 0.2  # weight of the last turn in the mean of turns
_LOOK = 0.1  # seconds between two looks at whether one who waits is still wanted


class Turnstile:
    """First come, first served, one at a time, at most `room` waiting.

    llama.cpp is not thread-safe per context. A lock would do for that, but would serve in any
    order and let any number pile up; a learner deserves a place in a line, or a plain no.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._line: deque[object] = deque()
        self._moved = threading.Condition()
        self._seconds: float | None = None  # of a turn, the last ones counting most

    @property
    def ahead(self) -> int:
        """How many would be served before one who came now."""
        return len(self._line)

    @property
    def wait(self) -> float:
        """Seconds that one who came now would wait, as far as the turns so far tell."""
        return self.ahead * (self._seconds or 0.0)

    @contextmanager
    def turn(self, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[None]:
        """Wait for one's turn, and hold it.

        Args:
            is_wanted: asked while one waits, and once more before the turn: who lost patience or
                closed the tab leaves the line, and no prompt is read for them.

        Raises:
            ModelBusy: `room` others are waiting already.
            ModelError: it was not wanted any more.
        """
        ticket = object()
        with self._moved:
            if len(self._line) > self._room:
                raise ModelBusy(
                    f"The mentor is busy: {self._room} learners are waiting.",
                    cure="Ask again in a moment.",
                    retry_after=(self._seconds or SECONDS_A_TURN) * self._room,
                )
            self._line.append(ticket)
        try:
            with self._moved:
                while self._line[0] is not ticket and is_wanted():
                    self._moved.wait(timeout=_LOOK)
            if not is_wanted():
                raise ModelError("Nobody waits for this answer any more.", cure="Ask again.")
            started = time.monotonic()
            try:
                yield
            finally:
                self._measured(time.monotonic() - started)
        finally:
            with self._moved:
                self._line.remove(ticket)
                self._moved.notify_all()

    def _measured(self, seconds: float) -> None:
        before = seconds if self._seconds is None else self._seconds
        self._seconds = (1 - _NEWEST) * before + _NEWEST * seconds
