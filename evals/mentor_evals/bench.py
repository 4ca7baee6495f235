"""Speed and memory of this installation: `make bench`.

Times are of one process on this machine, warm, medians over the questions; the machine's load shows
in them, so compare figures of one run only.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import psutil
from rich.console import Console
from rich.table import Table

from mentor.mentor import Mentor, open_mentor, update_index
from mentor.records import Answer
from mentor.settings import load_settings, no_telemetry
from mentor_evals.cases import RoadmapCase, load

QUESTIONS = 30


def main() -> None:
    """Print the table of docs/performance.md."""
    no_telemetry()
    settings = load_settings()
    update_index(settings)
    unchanged = update_index(settings)
    console = Console()
    table = Table("what", "figure", title=f"{psutil.cpu_count()} processors")
    table.add_row("index, nothing changed", f"{unchanged.seconds:.2f} s")
    for model in ("none", settings.model):
        mentor = open_mentor(settings.model_copy(update={"model": model}))
        started = time.perf_counter()
        mentor.warm()
        name = f"model {mentor.model}"
        table.add_row(f"{name}: to warm", f"{time.perf_counter() - started:.1f} s")
        _add_times(table, name, _answers(mentor))
        memory = psutil.Process().memory_info().rss / 1e9
        table.add_row(f"{name}: resident memory", f"{memory:.2f} GB")
    console.print(table)


def _answers(mentor: Mentor) -> list[Answer]:
    cases = [case for case in load("roadmap", RoadmapCase) if case.kind == "inside"][:QUESTIONS]
    mentor.answer(cases[0].question)
    return [mentor.answer(case.question) for case in cases]


def _add_times(table: Table, name: str, answers: Sequence[Answer]) -> None:
    for what in ("retrieve", "first_sentence", "total"):
        times = [getattr(a.timings_ms, what) for a in answers if not a.refused]
        found = [t for t in times if t is not None]
        table.add_row(
            f"{name}: {what.replace('_', ' ')}, median (longest)",
            f"{statistics.median(found):.0f} ms ({max(found):.0f})",
        )
    drafted = sum(s.origin == "drafted" for a in answers for s in a.sentences)
    shown = sum(len(a.sentences) for a in answers)
    table.add_row(f"{name}: sentences in the model's words", f"{drafted} of {shown}")


if __name__ == "__main__":
    main()
