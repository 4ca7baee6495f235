"""The few statements of the material that answer a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from mentor import language
from mentor.models.judge import Judge
from mentor.records import Hit, Passage, Record
from mentor.retrieve import Retriever, scope_of

NEAR = 0.8  # a passage this close to the best one's score answers too
MOST_PASSAGES = 4
_AND = re.compile(
    r"[?;]\s+|,?\s+(?:and|or|but)\s+(?=(?:what|which|how|who|where|when|why|do|does|is|are|can|should)\b)",
    re.I,
)


class Evidence(Record):
    """A statement of a passage: `text == passage.text[start:end]`."""

    passage: Passage
    start: int
    end: int
    score: float
    """The judge's word on how much it is what was asked, in [0, 1]."""

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]


def search(
    question: str, retriever: Retriever, *, near: frozenset[str] = frozenset()
) -> tuple[list[Hit], list[Passage]]:
    """Hits for the whole question, and the passages that its parts call for, best first.

    "What do I learn in stage 3 and what do I hand in?" asks two things, and so does "juniors
    against seniors": the best passage of each part and of each level, stage or track named is
    called for, and so is a passage that comes close to the best.
    """
    hits = retriever.search(question, near=near)
    called = [hit.passage for hit in hits[:1]]
    for part in _parts(question):
        called += [h.passage for h in retriever.search(part, k=1, near=near)]
    called += [hit.passage for hit in _one_of_each_named(question, hits)]
    called += [h.passage for h in hits if h.score >= NEAR * hits[0].score]
    return hits, list(dict.fromkeys(called))[:MOST_PASSAGES]


def gather(
    question: str,
    passages: Sequence[Passage],
    judge: Judge,
    *,
    tokens: int,
    count: Callable[[str], int],
) -> list[Evidence]:
    """The statements of `passages` within `tokens`, best passage first, each in its own order.

    A section answers one question, so the best passage gives everything it has; the others give
    their best statements while there is room, their opening, which answers their heading, first.
    """
    found = [
        (passage, start, end)
        for passage in passages
        for start, end in language.statements(passage.text)
    ]
    scores = judge.answers(question, [f"{p.heading}: {p.text[a:b]}" for p, a, b in found])
    everything = [
        Evidence(passage=passage, start=start, end=end, score=score)
        for (passage, start, end), score in zip(found, scores, strict=True)
    ]
    order = {passage.id: n for n, passage in enumerate(passages)}
    chosen: list[Evidence] = []
    room = tokens
    for e in sorted(everything, key=lambda e: (order[e.passage.id], e.start > 0, -e.score)):
        size = count(e.text)
        if size <= room or not any(c.passage.id == e.passage.id for c in chosen):
            chosen.append(e)
            room -= size
    return sorted(chosen, key=lambda e: (order[e.passage.id], e.start))


def _parts(question: str) -> list[str]:
    """The parts of a question that asks several things; none when it asks one."""
    parts = [part.strip() for part in _AND.split(question) if part]
    parts = [part for part in parts if len(language.content_words(part)) >= 1]
    if len(parts) < 2:
        return []
    context = " ".join(_named(question))
    return [part if scope_of(part) else f"{part} {context}".strip() for part in parts]


def _named(question: str) -> Iterator[str]:
    scope = scope_of(question)
    yield from scope.levels
    yield from (f"stage {n}" for n in scope.stages)
    yield from (f"track {t}" for t in scope.tracks)


def _one_of_each_named(question: str, hits: Sequence[Hit]) -> Iterator[Hit]:
    scope = scope_of(question)
    for name, values in (
        ("level", scope.levels),
        ("stage", scope.stages),
        ("track", scope.tracks),
    ):
        if len(values) > 1:
            for value in values:
                yield from [h for h in hits if getattr(h.passage.place, name) == value][:1]
