"""Changes of the material, as they happen."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from mentor.material import TEMPLATE, known
from mentor.sources import Root

QUIET_MS = 1_600
"""A change is told when nothing else changed for so long, so that a copy can come to its end."""


def changes(
    roots: Sequence[Root], *, stop: threading.Event | None = None, quiet_ms: int = QUIET_MS
) -> Iterator[frozenset[Path]]:
    """The files that were added, changed or removed, as often as that happens.

    A root that is a file is watched through its folder, since editors replace files. A root that
    is removed ends nothing. Ends when `stop` is set, or is interrupted.
    """
    from watchfiles import watch

    paths = [Path(root.path) for root in roots if Path(root.path).exists()]
    folders = {path if path.is_dir() else path.parent for path in paths}
    files = {path for path in paths if path.is_file()}

    def ours(_change: object, name: str) -> bool:
        path = Path(name)
        inside = any(root in path.parents for root in paths)
        # A folder that is moved away or comes in is told by its own name alone; what is gone may
        # have been one.
        matters = known(path) or path.suffix == TEMPLATE or not path.is_file()
        return path in files or (inside and matters)

    for found in watch(
        *folders,
        watch_filter=ours,
        debounce=quiet_ms,
        step=min(quiet_ms, 100),
        stop_event=stop,
        raise_interrupt=False,
    ):
        yield frozenset(Path(name) for _, name in found)
