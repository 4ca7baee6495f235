"""Native work in a thread that ends with it.

libgomp, under torch and llama.cpp alike, keeps a pool of threads for each thread that has computed.
With a second pool alive there are more threads than cores, so its barriers sleep rather than spin,
and llama.cpp writes half as many words a second. A pool goes with its thread.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def in_a_thread(work: Callable[[], T]) -> T:
    """What `work` gives, or the error that it raises.

    No executor: those take no more work once the process has begun to end.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as exc:
            done.set_exception(exc)

    thread = Thread(target=run, name="native", daemon=True)
    thread.start()
    thread.join()
    return done.result()
