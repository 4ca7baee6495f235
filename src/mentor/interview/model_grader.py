"""A larger model judges the points and says what they lack; rules and code keep the last word.

The model gives a state, a quote and a comment for each point under a JSON schema. A quote that does
not stand in the answer letter by letter is dropped, and its point counts as missed; so is one of
words that earn nothing (`heard`). Of a comment on an open point those sentences stay that the
section behind the point carries (`teaching`); without one, feedback keeps its own phrasing.
Mistakes stay with the rules, totals with code. Where the model gives nothing that can be used, the
rules have graded already. A server may word things differently another day, so a grading is
remembered: the same answer gets the same score.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from pydantic import ValidationError

from mentor.errors import ModelError
from mentor.interview.grading import RuleGrader, total
from mentor.interview.heard import heard
from mentor.interview.parts import Graded, GradedPoint, Quote, Said, State
from mentor.interview.teaching import Teaching
from mentor.interview.windows import sentences
from mentor.models.chat import stream_text
from mentor.questions import Bank, Question
from mentor.records import Record

_REMEMBERED = 256
_LONGEST = 2000  # tokens of a judgement: seven points with their quotes and comments


class JudgedPoint(Record):
    """What the model says of one point."""

    point: str
    state: State
    quote: str = ""
    comment: str = ""


class Judgement(Record):
    """What the model says of an answer; its JSON schema goes with the request."""

    points: tuple[JudgedPoint, ...]


_FORM: dict[str, Any] = {
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "judgement", "schema": Judgement.model_json_schema()},
    },
    "max_tokens": _LONGEST,
}


class ModelGrader:
    """Grades by a chat model, and by the rules where it fails."""

    def __init__(
        self, chat: BaseChatModel, rules: RuleGrader, bank: Bank, teaching: Teaching
    ) -> None:
        self._chat = chat
        self._rules = rules
        self._bank = bank
        self._teaching = teaching
        self._known: OrderedDict[tuple[str, tuple[Said, ...]], Graded] = OrderedDict()

    def grade(self, question: Question, said: tuple[Said, ...]) -> Graded:
        """As `Grader` says; by the rules where the model is away or gives no such JSON."""
        key = question.id, said
        if key not in self._known:
            ruled = self._rules.grade(question, said)
            judgement = self._judge(question, said) if any(s.text.strip() for s in said) else None
            self._known[key] = ruled if judgement is None else self._joined(ruled, judgement, said)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return self._known[key]

    def prepare(self, question: Question) -> None:
        self._rules.prepare(question)

    def _judge(self, question: Question, said: Sequence[Said]) -> Judgement | None:
        prompt = (
            (files("mentor") / "prompts" / "grading.md")
            .read_text(encoding="utf-8")
            .format(
                question=question.question,
                points="\n".join(
                    f"- {point.id}: {point.says}\n  met: {point.met}\n  partly: {point.partly}\n"
                    f"  taught as: {' '.join(self._teaching.about(point).split())}"
                    for point, _ in self._bank.rubric(question)
                ),
                answer="\n".join(each.text for each in said),
            )
        )
        try:
            text = "".join(stream_text(self._chat, [HumanMessage(prompt)], **_FORM))
            return Judgement.model_validate_json(text[text.index("{") : text.rindex("}") + 1])
        except (ModelError, ValidationError, ValueError):
            return None

    def _joined(self, ruled: Graded, judgement: Judgement, said: Sequence[Said]) -> Graded:
        parts = sentences(said)
        question = self._bank.questions[ruled.question]
        spans = [window.quote for window in heard(said, parts, question)]
        judged = {each.point: each for each in judgement.points}
        points = tuple(
            self._commented(
                _checked(point, judged.get(point.point), said, spans), judged.get(point.point)
            )
            for point in ruled.points
        )
        return total(question.id, points, ruled.mistakes, parts)

    def _commented(self, point: GradedPoint, judged: JudgedPoint | None) -> GradedPoint:
        """The point with what the model says that it lacks, as far as its section carries that."""
        if judged is None or point.state == "met":
            return point
        kept = self._teaching.carried(judged.comment, point.section)
        return point.model_copy(update={"comment": kept or None})


def _checked(
    ruled: GradedPoint, judged: JudgedPoint | None, said: Sequence[Said], spans: Sequence[Quote]
) -> GradedPoint:
    """The point as judged, where its quote stands in words that are heard; else missed."""
    missed = ruled.model_copy(update={"state": "missed", "quote": None, "when": None})
    if judged is None:
        return ruled
    words = judged.quote.strip()
    if judged.state == "missed" or not words:
        return missed
    for turn, each in enumerate(said):
        start = each.text.find(words)
        if start < 0:
            continue
        quote = Quote(turn=turn, start=start, end=start + len(words), text=words)
        if any(quote.overlaps(span) for span in spans):
            update = {"state": judged.state, "quote": quote, "when": each.when}
            return ruled.model_copy(update=update)
    return missed
