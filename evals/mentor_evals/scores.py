"""Scores of one answer, by code alone: facts found, figures without support, lies told."""

from __future__ import annotations

import re

from mentor import language
from mentor.records import Answer, Record
from mentor_evals.cases import Case

_DASHES = re.compile(r"\s*[-‐‑‒–—]\s*")


class Score(Record):
    """How one answer did."""

    case: str
    kind: str
    refused: bool
    facts: int
    found: int
    missing: tuple[str, ...]
    lies: tuple[str, ...]
    unsupported_figures: tuple[str, ...]
    uncited: int
    """Sentences without a citation, small talk apart."""
    words: int
    mode: str
    first_sentence_ms: float | None


def plain(text: str) -> str:
    """Lower case, one kind of dash without blanks, single blanks: what spellings are matched in."""
    return _DASHES.sub("-", re.sub(r"\s+", " ", text.lower().replace("&", "and")))


def score(case: Case, answer: Answer) -> Score:
    said = plain(answer.answer)
    missing = [fact for fact in case.expect if not any(plain(s) in said for s in fact)]
    return Score(
        case=case.id,
        kind=case.kind,
        refused=answer.refused,
        facts=len(case.expect),
        found=len(case.expect) - len(missing),
        missing=tuple(" / ".join(fact) for fact in missing),
        lies=tuple(lie for lie in case.forbid if plain(lie) in said),
        unsupported_figures=tuple(unsupported_figures(answer)),
        uncited=sum(1 for s in answer.sentences if not s.citations and answer.citations),
        words=len(answer.answer.split()),
        mode=answer.mode,
        first_sentence_ms=answer.timings_ms.first_sentence,
    )


def unsupported_figures(answer: Answer) -> list[str]:
    """Figures of a sentence that none of its cited passages has, neither in text nor heading."""
    passages = {c.n: f"{c.heading} {c.passage_text}" for c in answer.citations}
    found = []
    for sentence in answer.sentences:
        there = {f for n in sentence.citations for f in language.figures(passages[n])}
        found += [f"{f:g}" for f in language.figures(sentence.text) if f not in there]
    return found
