"""The retrieval suite: does the section that answers stand among the first five hits?

`python -m mentor_evals.retrieval` prints recall@5 and the share found first, for the mentor's
hybrid retrieval and for BM25 and passage vectors alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files

import numpy as np
from rich.console import Console
from rich.table import Table

from mentor import language
from mentor.index import Index
from mentor.mentor import open_mentor, update_index
from mentor.records import BOUNDARY, Record
from mentor.retrieve import Retriever
from mentor.settings import load_settings, no_telemetry

K = 5
POOL = 60  # passages looked at to find five sections

Search = Callable[[str], list[str]]
"""Question -> ids of sections, best first."""


class Wanted(Record):
    """A question and the sections that answer it; any one of them will do."""

    id: str
    question: str
    sections: tuple[str, ...]


def load() -> list[Wanted]:
    text = (files("mentor_evals") / "datasets" / "sections.jsonl").read_text(encoding="utf-8")
    return [Wanted.model_validate(json.loads(line)) for line in text.splitlines() if line.strip()]


def hybrid(retriever: Retriever) -> Search:
    return lambda question: [
        hit.passage.section for hit in retriever.search(retriever.correct(question), k=POOL)
    ]


def bm25_alone(index: Index) -> Search:
    def search(question: str) -> list[str]:
        tokens = [s for s in language.stems(question) if s in index.bm25.vocab_dict]
        scores = index.bm25.get_scores(tokens) if tokens else np.zeros(len(index.ids))
        return [index.passages[index.ids[i]].section for i in np.argsort(-scores)[:POOL]]

    return search


def dense_alone(index: Index) -> Search:
    return lambda question: [
        index.passages[document.metadata["passage"]].section
        for document in index.dense.similarity_search(
            question,
            k=POOL,
            filter={"kind": {"$ne": BOUNDARY}},  # type: ignore[dict-item]  # Chroma takes more
        )
    ]


def found(search: Search, cases: list[Wanted]) -> tuple[float, float, list[Wanted]]:
    """(share found first, recall@5, what was not found)."""
    first = within = 0
    missed = []
    for case in cases:
        sections = list(dict.fromkeys(search(case.question)))[:K]
        hit = any(section in case.sections for section in sections)
        first += bool(sections) and sections[0] in case.sections
        within += hit
        if not hit:
            missed.append(case)
    return first / len(cases), within / len(cases), missed


def main() -> None:
    """Print the table."""
    no_telemetry()
    settings = load_settings(model="none")
    update_index(settings)
    mentor = open_mentor(settings)
    index = mentor.retriever.index
    cases = load()
    table = Table("retrieval", "first", f"recall@{K}", title=f"{len(cases)} questions")
    for name, search in (
        ("hybrid (the mentor's)", hybrid(mentor.retriever)),
        ("BM25 alone", bm25_alone(index)),
        ("passage vectors alone", dense_alone(index)),
    ):
        first, within, _ = found(search, cases)
        table.add_row(name, f"{first:.1%}", f"{within:.1%}")
    Console().print(table)


if __name__ == "__main__":
    main()
