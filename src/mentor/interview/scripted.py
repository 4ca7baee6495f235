"""A grader for tests of everything around the grading; it knows sentences by heart."""

from __future__ import annotations

from collections.abc import Iterator

from mentor.interview.parts import Graded, GradedPoint, MadeMistake, Quote, Said
from mentor.interview.totals import band, score
from mentor.questions import Bank, Question


class ScriptedGrader:
    """A point is met, or partly, where one of the bank's own sentences for it is said word for
    word; a mistake is made in the same way."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def grade(self, question: Question, said: tuple[Said, ...]) -> Graded:
        points = tuple(self._points(question, said))
        mistakes = tuple(
            MadeMistake(**mistake.model_dump(), quote=quote)
            for mistake in question.mistakes
            if (quote := _found(said, (mistake.says,)))
        )
        total = score(points, mistakes=len(mistakes))
        return Graded(
            question=question.id,
            points=points,
            mistakes=mistakes,
            score=total,
            band=band(total),
        )

    def _points(self, question: Question, said: tuple[Said, ...]) -> Iterator[GradedPoint]:
        for point, weight in self._bank.rubric(question):
            met = _found(said, (point.met, *point.paraphrases))
            quote = met or _found(said, (point.partly,))
            yield GradedPoint(
                point=point.id,
                state="met" if met else "partly" if quote else "missed",
                weight=weight,
                section=point.section,
                quote=quote,
                when=said[quote.turn].when if quote else None,
            )


def _found(said: tuple[Said, ...], sentences: tuple[str, ...]) -> Quote | None:
    for turn, each in enumerate(said):
        for sentence in sentences:
            start = each.text.find(sentence)
            if start >= 0:
                return Quote(turn=turn, start=start, end=start + len(sentence), text=sentence)
    return None
