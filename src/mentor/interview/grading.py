"""An answer becomes states of points, with the words that earned them: the rules' grader.

    said --sentences, windows--> signals per (point, window) --weights--> a logit
         --bars--> met, partly, missed, with the best window as quote --totals--> score and band

The weights are a logistic regression in `grading.json`, fitted once (docs/evals.md); the reader
among the signals has fixed weights too, so a grade is the same for the same words.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files

import numpy as np

from mentor.interview.dimensions import details
from mentor.interview.heard import heard
from mentor.interview.likeness import NAMES, Rubric, open_reader
from mentor.interview.matter import Floats, Rarity, take
from mentor.interview.mistakes import Mistakes
from mentor.interview.parts import Graded, GradedPoint, MadeMistake, Quote, Said, State
from mentor.interview.totals import band, score, worth
from mentor.interview.windows import Window, sentences
from mentor.models.embed import Embedder
from mentor.questions import Bank, Question
from mentor.records import Record

DETAILS = 2
"""Kinds of concrete detail that a story needs for a met point."""

_REMEMBERED = 48  # questions, of about 1 MB each


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
        self._reader = open_reader()
        self._prepared: OrderedDict[str, tuple[Rubric, Mistakes]] = OrderedDict()
        self._lock = threading.Lock()

    @cached_property
    def rarity(self) -> Rarity:
        return Rarity(self._bank.points.values())

    def grade(self, question: Question, said: tuple[Said, ...]) -> Graded:
        """Grade all turns of one answer together; an empty answer scores 0."""
        parts = sentences(said)
        rows = heard(said, parts, question)
        if not rows:
            points = tuple(self._missed(question, id_) for id_ in question.points)
            return total(question.id, points, (), parts)
        rubric, mistakes = self.prepared(question)
        taken = take([part.text for part in parts], self._embedder)
        points = tuple(
            self._point(question, point.id, rows, logits, said)
            for point, logits in zip(
                rubric.points, self._weights.logits(rubric.signals(taken, rows)), strict=True
            )
        )
        vectors = np.array([each.vector for each in taken])
        made = mistakes.asserted(parts, taken, rubric.nearest(vectors))
        return total(question.id, points, made, parts)

    def prepare(self, question: Question) -> None:
        """Read the rubric while the learner is still writing; it takes about a second."""
        self._reader.warm()
        self.prepared(question)

    def prepared(self, question: Question) -> tuple[Rubric, Mistakes]:
        """What is known of a question; that of the questions asked last is remembered."""
        with self._lock:
            if question.id in self._prepared:
                self._prepared.move_to_end(question.id)
            else:
                self._prepared[question.id] = (
                    Rubric(question, self._bank, self.rarity, self._embedder, self._reader),
                    Mistakes(question, self.rarity, self._embedder),
                )
                if len(self._prepared) > _REMEMBERED:
                    self._prepared.popitem(last=False)
            return self._prepared[question.id]

    def _point(
        self,
        question: Question,
        id_: str,
        rows: Sequence[Window],
        logits: Floats,
        said: Sequence[Said],
    ) -> GradedPoint:
        """The point as its best window makes it: of most worth, then shortest, then nearest."""

        def rank(n: int) -> tuple[float, int, float]:
            state = self._state(id_, rows[n], logits[n])
            worthy = worth(state, said[rows[n].quote.turn].when)
            return worthy, rows[n].first - rows[n].last, float(logits[n])

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


def total(
    question: str,
    points: tuple[GradedPoint, ...],
    made: tuple[MadeMistake, ...],
    parts: Sequence[Quote],
) -> Graded:
    """Points and mistakes added up; the sentences that neither has words of are unjudged."""
    used = [p.quote for p in points if p.quote] + [m.quote for m in made]
    gained = score(points, mistakes=len(made))
    return Graded(
        question=question,
        points=points,
        mistakes=made,
        unjudged=tuple(p for p in parts if not any(p.overlaps(quote) for quote in used)),
        score=gained,
        band=band(gained),
    )


def open_grader(embedder: Embedder, bank: Bank) -> RuleGrader:
    """The grader that ships; it loads nothing before the first answer."""
    return RuleGrader(embedder, bank)
