"""An answer becomes states of points, with the words that earned them: the rules' grader.

    said --sentences, windows--> signals per (point, window) --weights--> a logit
         --bars--> met, partly, missed, with the best window as quote --totals--> score and band

The weights are a logistic regression in `grading.json`, fitted once (docs/evals.md); grading asks
no model that could say another thing tomorrow, and is the same for the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files

import numpy as np

from mentor import language
from mentor.interview.dimensions import details
from mentor.interview.likeness import NAMES, Floats, Rarity, Rubric
from mentor.interview.mistakes import Mistakes
from mentor.interview.parts import Graded, GradedPoint, MadeMistake, Quote, Said, State
from mentor.interview.totals import band, score, worth
from mentor.interview.windows import Window, sentences, windows
from mentor.models.embed import Embedder
from mentor.questions import Bank, Question
from mentor.records import Record

LEAST_FUNCTION_WORDS = 0.12
"""Share of function words below which words are a list and say nothing of their matter."""
ECHOED = 0.8
"""Share of a window's matter that stands in question, probes or hint, beyond which it is theirs."""
DETAILS = 2
"""Kinds of concrete detail that a story needs for a met point."""


class Weights(Record):
    """A logistic regression over signals, and the logits from which on a point counts."""

    signals: dict[str, float]
    constant: float
    met: float
    partly: float

    def logits(self, table: Floats) -> Floats:
        """Of signals in the order of NAMES; the last axis goes."""
        given = np.array([self.signals.get(name, 0.0) for name in NAMES], np.float32)
        found: Floats = table @ given + np.float32(self.constant)
        return found

    def state(self, logit: float) -> State:
        return "met" if logit >= self.met else "partly" if logit >= self.partly else "missed"


def shipped_weights() -> Weights:
    text = (files("mentor.interview") / "grading.json").read_text(encoding="utf-8")
    return Weights.model_validate_json(text)


class RuleGrader:
    """Grades by fixed weights over signals of meaning and words; remembers rubrics only."""

    def __init__(self, embedder: Embedder, bank: Bank, weights: Weights | None = None) -> None:
        self._embedder = embedder
        self._bank = bank
        self._weights = weights or shipped_weights()
        self._prepared: dict[str, tuple[Rubric, Mistakes]] = {}

    @cached_property
    def rarity(self) -> Rarity:
        return Rarity(self._bank.points.values())

    def grade(self, question: Question, said: tuple[Said, ...]) -> Graded:
        """Grade all turns of one answer together; an empty answer scores 0."""
        parts = sentences(said)
        rows = [w for w in windows(said, parts) if _is_said(w.quote.text, question)]
        rubric, mistakes = self._for(question)
        if not rows:
            points = tuple(self._missed(question, id_) for id_ in question.points)
            return self._total(question, points, (), parts)
        vectors = self._embed(parts)
        table = rubric.signals(rows, window_vectors(rows, parts, vectors))
        points = tuple(
            self._point(question, point.id, rows, logits, said)
            for point, logits in zip(rubric.points, self._weights.logits(table), strict=True)
        )
        made = mistakes.asserted(parts, vectors, rubric.nearest(vectors))
        return self._total(question, points, made, parts)

    def _for(self, question: Question) -> tuple[Rubric, Mistakes]:
        if question.id not in self._prepared:
            self._prepared[question.id] = (
                Rubric(question, self._bank, self.rarity, self._embedder),
                Mistakes(question, self.rarity, self._embedder),
            )
        return self._prepared[question.id]

    def _embed(self, parts: Sequence[Quote]) -> Floats:
        return np.asarray(self._embedder.embed_documents([p.text for p in parts]), np.float32)

    def _point(
        self,
        question: Question,
        id_: str,
        rows: Sequence[Window],
        logits: Floats,
        said: Sequence[Said],
    ) -> GradedPoint:
        """The point as the best window makes it: best by worth, then by logit."""

        def rank(n: int) -> tuple[float, float]:
            return worth(
                self._state(id_, rows[n], logits[n]), said[rows[n].quote.turn].when
            ), float(logits[n])

        best = max(range(len(rows)), key=rank)
        state = self._state(id_, rows[best], logits[best])
        if state == "missed":
            return self._missed(question, id_)
        quote = rows[best].quote
        return self._missed(question, id_).model_copy(
            update={"state": state, "quote": quote, "when": said[quote.turn].when}
        )

    def _state(self, id_: str, window: Window, logit: float) -> State:
        state = self._weights.state(logit)
        concrete = self._bank.points[id_].dimension is None or details(window.quote.text) >= DETAILS
        return "partly" if state == "met" and not concrete else state

    def _missed(self, question: Question, id_: str) -> GradedPoint:
        return GradedPoint(
            point=id_,
            state="missed",
            weight=question.points[id_],
            section=self._bank.points[id_].section,
        )

    def _total(
        self,
        question: Question,
        points: tuple[GradedPoint, ...],
        made: tuple[MadeMistake, ...],
        parts: Sequence[Quote],
    ) -> Graded:
        used = [p.quote for p in points if p.quote] + [m.quote for m in made]
        total = score(points, mistakes=len(made))
        return Graded(
            question=question.id,
            points=points,
            mistakes=made,
            unjudged=tuple(p for p in parts if not any(_within(p, quote) for quote in used)),
            score=total,
            band=band(total),
        )


def open_grader(embedder: Embedder, bank: Bank) -> RuleGrader:
    """The grader that ships; it loads nothing before the first answer."""
    return RuleGrader(embedder, bank)


def window_vectors(rows: Sequence[Window], parts: Sequence[Quote], vectors: Floats) -> Floats:
    """Of each window: the mean of its sentences' vectors, by their length, at unit length.

    As good as embedding each window, and a third of the work.
    """
    length = np.array([[len(part.text)] for part in parts], np.float32)
    found = [(vectors * length)[w.first : w.last + 1].sum(0) for w in rows]
    table = np.asarray(found, np.float32)
    unit: Floats = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
    return unit


def _is_said(text: str, question: Question) -> bool:
    """Whether the words say something of their own: no list of keywords, and no echo."""
    words = language.words(text)
    function = sum(word in language.STOP_WORDS for word in words)
    if len(words) >= 5 and function < LEAST_FUNCTION_WORDS * len(words):
        return False
    matter = language.content_stems(text)
    given = language.content_stems(
        " ".join([question.question, question.hint, *(probe.text for probe in question.probes)])
    )
    return len(matter) > 0 and len(matter & given) < ECHOED * len(matter)


def _within(part: Quote, quote: Quote) -> bool:
    return part.turn == quote.turn and part.start < quote.end and quote.start < part.end
