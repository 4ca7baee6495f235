"""Vectors on a Chroma server beside the disk, in one run.

    chroma run --path /tmp/vectors --port 8000 &
    python -m mentor_evals.served http://127.0.0.1:8000

The corpus is indexed from nothing and then with one file more, in both places; then both are
searched for the same questions by turns, the embedding of the question apart.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
from rich.console import Console
from rich.table import Table

from mentor.generation import read_server
from mentor.mentor import open_mentor, update_index
from mentor.records import Hit
from mentor.retrieve import Retriever
from mentor.settings import Settings, load_settings
from mentor.stores import remove_collections
from mentor.telemetry import no_telemetry
from mentor_evals.cases import RoadmapCase, load

QUESTIONS = 50


def main(chroma: str) -> None:
    """Print the figures of docs/performance.md; the server is left as it was."""
    no_telemetry()
    with TemporaryDirectory() as home:
        Console().print(measure(chroma, Path(home)))


def measure(chroma: str, home: Path) -> Table:
    disk = load_settings(home=home / "disk", model="none")
    server = load_settings(home=home / "server", model="none", chroma=chroma)
    beside = home / "notes.md"
    beside.write_text("# Notes\n\nA note of one sentence.", encoding="utf-8")
    table = Table("what", "on the disk", "on the server")
    try:
        built = [update_index(settings).seconds for settings in (disk, server)]
        table.add_row("indexed from nothing", *(f"{seconds:.1f} s" for seconds in built))
        more = [update_index(settings, extra=[str(beside)]).seconds for settings in (disk, server)]
        table.add_row("one file more", *(f"{seconds:.1f} s" for seconds in more))
        times, other = _search_times(*(open_mentor(each).retriever for each in (disk, server)))
        table.add_row("a question searched for, median (longest)", *map(_shown, times))
        table.add_row(f"questions of {len(times[0])} with other hits", "", str(other))
    finally:
        _tidy(server)
    return table


def _search_times(*retrievers: Retriever) -> tuple[list[list[float]], int]:
    """Milliseconds of each search, and for how many questions the retrievers found not the same."""
    cases = [case for case in load("roadmap", RoadmapCase) if case.kind == "inside"][:QUESTIONS]
    times: list[list[float]] = [[] for _ in retrievers]
    other = 0
    for case in cases:
        found: list[list[Hit]] = []
        for retriever, taken in zip(retrievers, times, strict=True):
            retriever.search(case.question)  # opens the index, embeds the question
            started = time.perf_counter()
            found.append(retriever.search(case.question))
            taken.append((time.perf_counter() - started) * 1e3)
        ids = [[hit.passage.id for hit in hits] for hits in found]
        other += ids.count(ids[0]) != len(ids)
    return times, other


def _shown(times: list[float]) -> str:
    return f"{statistics.median(times):.0f} ms ({max(times):.0f})"


def _tidy(settings: Settings) -> None:
    for generation in (settings.index_dir / "generations").glob("*"):
        if server := read_server(generation):
            remove_collections(server)


if __name__ == "__main__":
    typer.run(main)
