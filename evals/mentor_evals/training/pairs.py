"""The pairs that the judge learns from.

Two judgements, one encoder. A pair of the first asks whether `left`, words of a passage, supports
`right`, a sentence; of the second, whether `right`, a statement under its heading, answers `left`,
a question. The public sets lie outside the project (their licences stand in NOTICE); the pairs over
our own corpus come from its questions and from `datasets/support_train.jsonl`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mentor import language
from mentor.index import Index
from mentor.models.embed import Embedder
from mentor.models.guards import share_of
from mentor.models.judge import best_window, carrier_of, statement_of
from mentor.records import BOUNDARY, Passage

ELSEWHERE = 0.1
"""Label of a statement near a question that another section answers: it may answer it too."""
SAME_SECTION = 0.6
"""Label of a statement that stands in the answering section but does not open it."""
_LONGEST = 60  # words of both sides; longer public pairs cost more than they teach
_SHARES = {  # how many rows of each public set are read
    "mnli_dev": 4_000,
    "snli_dev": 1_000,
    "cad_snli": 2_000,
    "fever_dev": 2_500,
    "fever_symmetric": 1_300,
    "fm2": 1_300,
    "begin_wow": 2_000,
}
_READING = 3_500  # questions of grounded_qa
_NATURAL = 3_500  # of answers_question


class Pair(NamedTuple):
    """Two texts to read together."""

    left: str
    right: str
    labels: Mapping[str, float]
    """A probability for each head of the reader that learns from them."""


def public_pairs(folder: Path, rng: random.Random) -> Iterator[Pair]:
    """Pairs of the public sets in `folder`: support_pairs, answers_question, grounded_qa."""
    by_set: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(folder / "support_pairs.jsonl"):
        if len(f"{row['premise']} {row['hypothesis']}".split()) <= _LONGEST:
            by_set.setdefault(row["set"], []).append(row)
    for name, most in _SHARES.items():
        found = by_set.get(name, [])
        for row in rng.sample(found, min(most, len(found))):
            yield Pair(row["premise"], row["hypothesis"], {"supports": float(row["supported"])})
    natural = list(_rows(folder / "answers_question.jsonl"))
    for row in rng.sample(natural, min(_NATURAL, len(natural))):
        yield Pair(row["question"], row["sentence"], {"answers": float(row["answers"])})
    reading = list(_rows(folder / "grounded_qa.jsonl"))
    for row in rng.sample(reading, min(_READING, len(reading))):
        yield from _reading_pairs(row, rng)


def _reading_pairs(row: dict[str, Any], rng: random.Random) -> Iterator[Pair]:
    """The sentence of a passage that holds the answer, and one that does not."""
    spans = language.sentence_spans(row["passage"])
    sentences = [row["passage"][a:b] for a, b in spans if b - a < 400]
    answer = str(row["answer"] or "").lower()
    holds = [s for s in sentences if answer and answer in s.lower()]
    others = [s for s in sentences if s not in holds]
    if row["answerable"] and len(holds) == 1:
        yield Pair(row["question"], holds[0], {"answers": 1.0})
    if others and (holds or not row["answerable"]):
        yield Pair(row["question"], rng.choice(others), {"answers": 0.0})


class Nearest:
    """The passages nearest to a question by meaning; faster than the index for ten thousand."""

    def __init__(self, index: Index, embedder: Embedder, questions: Sequence[str]) -> None:
        self.passages = [p for p in index.passages.values() if p.place.kind != BOUNDARY]
        self._vectors = np.asarray(embedder.embed_documents([p.readable for p in self.passages]))
        asked = np.asarray(embedder.embed_documents(list(questions)))
        self._rows = dict(zip(questions, asked @ self._vectors.T, strict=True))

    def __call__(self, question: str, k: int) -> list[Passage]:
        row = self._rows[question]
        return [self.passages[n] for n in np.argpartition(-row, k)[:k]]


def corpus_pairs(
    index: Index, embedder: Embedder, asked: Path, rng: random.Random
) -> Iterator[Pair]:
    """Pairs over our own corpus, from its questions, answered and not."""
    answered = [
        (row["question"], row["section"])
        for row in _rows(asked)
        if row["answered"] and row.get("section") in index.by_section
    ]
    unanswered = [row["question"] for row in _rows(asked) if not row["answered"]]
    for section, (first, *_) in index.by_section.items():
        if first.place.kind == BOUNDARY:
            unanswered += first.questions
        else:
            answered += [(question, section) for question in first.questions]
    unanswered = list(dict.fromkeys(unanswered))
    near = Nearest(index, embedder, list(dict.fromkeys([*(q for q, _ in answered), *unanswered])))
    for question, section in answered:
        yield from _answered_pairs(question, section, index, near, rng)
    for question in unanswered:
        for passage in near(question, 3):
            if said := statements_of(passage):
                yield Pair(question, said[0], {"answers": 0.0})
    for passage in near.passages:
        yield from _support_pairs(passage, rng)


def _answered_pairs(
    question: str, section: str, index: Index, near: Nearest, rng: random.Random
) -> Iterator[Pair]:
    own = [s for p in index.by_section[section] for s in statements_of(p)]
    if not own:
        return
    yield Pair(question, own[0], {"answers": 1.0})
    if len(own) > 1 and rng.random() < 0.2:
        yield Pair(question, rng.choice(own[1:]), {"answers": SAME_SECTION})
    others = [p for p in near(question, 10) if p.section != section]
    for passage in rng.sample(others, min(1, len(others))):
        if said := statements_of(passage):
            yield Pair(question, rng.choice(said), {"answers": ELSEWHERE})


def _support_pairs(passage: Passage, rng: random.Random) -> Iterator[Pair]:
    """A statement is supported by its own words in a window, and not by its neighbours'."""
    spans = language.statements(passage.text)
    if len(spans) < 3:
        return
    texts = [passage.text[a:b] for a, b in spans]
    n = rng.randrange(len(texts))
    window = " ".join(texts[max(0, n - 1) : n + 2])
    rest = " ".join(t for m, t in enumerate(texts) if m != n)
    if len(window.split()) <= _LONGEST:
        yield Pair(f"{passage.heading}: {window}", texts[n], {"supports": 1.0})
    yield Pair(
        f"{passage.heading}: {' '.join(rest.split()[:_LONGEST])}", texts[n], {"supports": 0.0}
    )


def written_pairs(index: Index) -> Iterator[Pair]:
    """`datasets/support_train.jsonl`: paraphrases and perturbations written by hand."""
    text = (files("mentor_evals") / "datasets" / "support_train.jsonl").read_text("utf-8")
    for row in map(json.loads, text.splitlines()):
        carriers = []
        for name in row["sections"]:
            if passages := index.by_section.get(name):
                carriers.append(_carrier(row["sentence"], passages))
        if carriers:
            yield Pair(" ".join(carriers), row["sentence"], {"supports": float(row["supported"])})


def _carrier(sentence: str, passages: Sequence[Passage]) -> str:
    """The window that the judge would read for `sentence`."""

    def window(passage: Passage) -> str:
        start, end = best_window(sentence, passage)
        return carrier_of(passage, passage.text[start:end])

    return max(map(window, passages), key=lambda w: share_of(sentence, w))


def statements_of(passage: Passage) -> list[str]:
    """The statements of a passage as the judge reads them."""
    return [statement_of(passage, a, b) for a, b in language.statements(passage.text)]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
