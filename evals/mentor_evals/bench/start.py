"""From the start of the process to the first answer of HTTP, to the page, and to warm weights."""

from __future__ import annotations

from mentor.mentor import update_index
from mentor.settings import Settings
from mentor_evals.bars import Bar
from mentor_evals.bench.serving import serving
from mentor_evals.bench.table import Figure, timed

HTTP = Bar(most=5)
MEMORY = Bar(most=1500)


def figures(settings: Settings, times: int = 3) -> list[Figure]:
    """Seconds of that many starts with an index that is up to date, and the memory when warm."""
    update_index(settings)
    starts = [_start(settings.model) for _ in range(times)]
    http, page, warm, memory = zip(*starts, strict=True)
    return [
        timed("process start to the first answer of HTTP", http, unit="s", bar=HTTP),
        timed("process start to the chat page", page, unit="s", bar=HTTP),
        timed("process start to warm weights", warm, unit="s"),
        timed("resident memory, warm", memory, unit="MB", bar=MEMORY),
    ]


def _start(model: str) -> tuple[float, float, float, float]:
    with serving(model) as server:
        waits = [server.seconds_until(path) for path in ("/api/v1/health", "/", "/api/v1/ready")]
        return waits[0], waits[1], waits[2], server.memory
