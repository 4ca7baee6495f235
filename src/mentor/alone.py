"""One process at a time: a file that only one can hold, and that is let go when its holder dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mentor.errors import ROOM, MentorError, StorageError


@contextmanager
def alone(lock: Path, *, otherwise: MentorError, seconds: float = 0) -> Iterator[None]:
    """Hold the file `lock`, whose folder is made when it is missing.

    Args:
        seconds: how long to wait for another process that holds it.

    Raises:
        MentorError: `otherwise`, when that process did not let go in time.
        StorageError: the file cannot be made.
    """
    held = FileLock(lock)
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held.acquire(timeout=seconds)
    except Timeout as exc:
        raise otherwise from exc
    except OSError as exc:
        raise StorageError(
            f"{lock.parent} cannot be written: {exc.strerror or exc}.",
            cure=ROOM,
        ) from exc
    try:
        yield
    finally:
        held.release()
