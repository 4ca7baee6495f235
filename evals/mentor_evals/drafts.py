"""Make datasets/drafts.jsonl: `python -m mentor_evals.drafts`.

Takes honest paraphrases and lies from support.jsonl, 150 of each in each split, and gives each one
the question that a learner would ask to be told it: of its section's own questions, the one closest
to the sentence for which retrieval puts the section first.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
from rich.console import Console

from mentor.mentor import Mentor, open_mentor
from mentor.models.embed import Embedder, open_embedder
from mentor.settings import load_settings
from mentor.telemetry import no_telemetry
from mentor_evals.cases import DraftCase, Pair, Split, load

HONEST = 150
LIES = {"number_swap": 35, "name_swap": 35, "negation": 35, "": 45}
"""How many of each kind; the rest are of the other kinds."""


def main() -> None:
    """Write the dataset; the same index gives the same rows."""
    no_telemetry()
    settings = load_settings(model="none")
    mentor, embedder = open_mentor(settings), open_embedder(settings)
    rows: list[DraftCase] = []
    for split in get_args(Split):
        rows += drafts(split, mentor, embedder)
    path = Path(__file__).with_name("datasets") / "drafts.jsonl"
    path.write_text("".join(f"{row.model_dump_json()}\n" for row in rows), encoding="utf-8")
    Console().print(f"{len(rows)} drafts in {path.name}")


def drafts(split: Split, mentor: Mentor, embedder: Embedder) -> Iterator[DraftCase]:
    pairs = [pair for pair in load("support", Pair, split) if len(pair.sections) == 1]
    random.Random(0).shuffle(pairs)
    honest = [pair for pair in pairs if pair.kind == "paraphrase"]
    lies = [pair for pair in pairs if not pair.supported]
    wanted = [(honest, HONEST)]
    for kind, count in LIES.items():
        wanted.append(
            ([p for p in lies if p.kind == kind or (not kind and p.kind not in LIES)], count)
        )
    for pool, count in wanted:
        asked = (row for pair in pool if (row := _asked(pair, mentor, embedder)) is not None)
        yield from (row for row, _ in zip(asked, range(count), strict=False))


def _asked(pair: Pair, mentor: Mentor, embedder: Embedder) -> DraftCase | None:
    passages = mentor.retriever.index.by_section.get(pair.sections[0], ())
    questions = [q for p in passages for q in (*p.questions, *p.asked)]
    for question in _closest(pair.sentence, questions, embedder)[:3]:
        hits = mentor.retriever.search(mentor.retriever.correct(question), k=1)
        if hits and hits[0].passage.section == pair.sections[0]:
            row = pair.model_dump() | {"id": f"d-{pair.id}", "question": question}
            return DraftCase.model_validate(row)
    return None


def _closest(sentence: str, questions: Sequence[str], embedder: Embedder) -> list[str]:
    if not questions:
        return []
    vectors = np.array(embedder.embed_documents([sentence, *questions]))
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    return [questions[n] for n in order]


if __name__ == "__main__":
    main()
