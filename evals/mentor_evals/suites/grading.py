"""Mock interviews: is an answer graded as people label it, whatever its manner?

Sample answers with a label for each rubric point give the accuracy of states and the order of
scores; answers rewritten in five manners, mistakes that are only spoken of, and attempts to get a
score without answering give the fairness. Half of the questions are for choosing the thresholds
(dev), half for reporting (test), by a hash of the question's id.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, get_args

from mentor.interview.grading import open_grader
from mentor.interview.parts import Graded, GradedPoint, Grader, Said, State
from mentor.interview.totals import BANDS, band, score
from mentor.questions import Bank, read_bank
from mentor.records import Record
from mentor_evals.cases import Case, Gaming, Rewritten, Split, SpokenMistake, load
from mentor_evals.interview_answers import Band, SampleAnswer
from mentor_evals.interview_answers import load as sample_answers
from mentor_evals.task import Exhibit, Metric, Score, Scorer, Task
from mentor_evals.workbench import Workbench

WEAK_TOP = BANDS[-2][0]
"""The score at which the lowest band ends."""


class LabeledPoint(Case):
    """One point of one sample answer, and the state that a person gave it."""

    question: str
    point: str
    answer: str
    state: State

    @property
    def cluster(self) -> str:
        return self.question


class LabeledAnswer(Case):
    """A sample answer, and the score that its labels add up to."""

    question: str
    answer: str
    wanted: int

    @property
    def cluster(self) -> str:
        return self.question


class LabeledQuestion(Case):
    """The answers to one question, by band."""

    answers: dict[Band, str]


class Stated(Record):
    """The state that the grader gave a point, and the words behind it."""

    state: State
    words: str = ""


class Timed(Record):
    """A grading, and how long it took."""

    graded: Graded
    ms: float


class Scores(Record):
    """Scores by what was graded."""

    scores: dict[str, int]


def half(question: str) -> Split:
    """The half of a question, the same on every machine."""
    return "test" if int(sha256(question.encode()).hexdigest()[:8], 16) % 2 else "dev"


Asked = TypeVar("Asked", Rewritten, SpokenMistake, Gaming)


def tasks(bench: Workbench) -> list[Task[Any, Any]]:
    bank = read_bank(bench.settings.corpus)
    graded = _grading(open_grader(bench.embedder, bank), bank)
    answers = [
        each
        for each in sample_answers()
        if each.question in bank.questions and half(each.question) == bench.split
    ]
    return [
        _points(answers, graded),
        _answers(answers, bank, graded),
        _order(answers, graded),
        _fairness(_of(bank, load("interview_fairness", Rewritten, bench.split)), graded),
        _mistakes(_of(bank, load("interview_mistakes", SpokenMistake, bench.split)), graded),
        _gaming(_of(bank, load("interview_gaming", Gaming, bench.split)), graded),
    ]


def _of(bank: Bank, cases: Sequence[Asked]) -> list[Asked]:
    """The cases whose question the bank has: a corpus of one's own may have another bank."""
    return [case for case in cases if case.question in bank.questions]


Grading = Callable[[str, str], Timed]


def _grading(grader: Grader, bank: Bank) -> Grading:
    @cache
    def graded(question: str, answer: str) -> Timed:
        started = time.perf_counter()
        found = grader.grade(bank.questions[question], (Said(text=answer),))
        return Timed(graded=found, ms=1000 * (time.perf_counter() - started))

    return graded


# --- the sample answers ---------------------------------------------------------------------


def _points(answers: list[SampleAnswer], graded: Grading) -> Task[LabeledPoint, Stated]:
    def solve(case: LabeledPoint) -> Stated:
        points = graded(case.question, case.answer).graded.points
        point = next(p for p in points if p.point == case.point)
        return Stated(state=point.state, words=point.quote.text if point.quote else "")

    return Task(
        dataset=[
            LabeledPoint(
                id=f"{each.question}-{each.band}-{point}",
                split=half(each.question),
                question=each.question,
                point=point,
                answer=each.answer,
                state=state,
            )
            for each in answers
            for point, state in each.states.items()
        ],
        solver=solve,
        scorers=[_MET, _SAID, _THREE, *map(_recall_of, get_args(State))],
        solver_name="grading-points",
        result=Stated,
        exhibit=lambda case, result: Exhibit(
            question=f"{case.question}: {case.point} (labelled {case.state})",
            said=(result.words or "no words found",),
        ),
    )


def _two_way(name: str, definition: str, is_it: Callable[[State], bool]) -> Scorer[Any, Any]:
    def scored(case: LabeledPoint, result: Stated) -> Score:
        right = is_it(result.state) == is_it(case.state)
        why = "" if right else f"labelled {case.state}, graded {result.state}"
        return Score(value=float(is_it(result.state)), label=is_it(case.state), explanation=why)

    metric = Metric(
        name=name,
        definition=definition,
        source="Brodersen et al. 2010",
        aggregate="balanced accuracy",
    )
    return Scorer(metric, scored)


_MET = _two_way(
    "met or not",
    "mean of the shares of points labelled met that are graded met, and of others that are not",
    lambda state: state == "met",
)
_SAID = _two_way(
    "missed or not",
    "the same for points labelled missed against those met or partly met",
    lambda state: state != "missed",
)
_THREE: Scorer[LabeledPoint, Stated] = Scorer(
    Metric(name="states alike", definition="share of points graded as labelled, of three states"),
    lambda case, result: Score(value=float(case.state == result.state)),
)


def _recall_of(state: State) -> Scorer[LabeledPoint, Stated]:
    return Scorer(
        Metric(
            name=f"{state}, found",
            definition=f"share of the points labelled {state} that are graded so",
        ),
        lambda case, result: (
            Score(value=float(result.state == state)) if case.state == state else None
        ),
    )


def _answers(
    answers: list[SampleAnswer], bank: Bank, graded: Grading
) -> Task[LabeledAnswer, Timed]:
    return Task(
        dataset=[
            LabeledAnswer(
                id=f"{each.question}-{each.band}",
                split=half(each.question),
                question=each.question,
                answer=each.answer,
                wanted=labeled_score(each, bank),
            )
            for each in answers
        ],
        solver=lambda case: graded(case.question, case.answer),
        scorers=[
            Scorer(
                Metric(
                    name="rank correlation",
                    definition="of the scores with those that the labels add up to",
                    source="Spearman 1904",
                    aggregate="rank correlation",
                ),
                lambda case, result: Score(value=result.graded.score, wanted=case.wanted),
            ),
            Scorer(
                Metric(
                    name="distance",
                    definition="mean distance of the score from that of the labels",
                    unit="points",
                ),
                lambda case, result: Score(value=abs(result.graded.score - case.wanted)),
            ),
            Scorer(
                Metric(
                    name="time",
                    definition="median to grade one answer, two of three to a question seen",
                    aggregate="median",
                    unit="ms",
                ),
                lambda _, result: Score(value=result.ms),
            ),
        ],
        solver_name="grading",
        result=Timed,
        exhibit=lambda case, result: Exhibit(question=case.question, said=(case.answer,)),
    )


def labeled_score(answer: SampleAnswer, bank: Bank) -> int:
    """What the labels of an answer add up to."""
    question = bank.questions[answer.question]
    return score(
        GradedPoint(point=id_, state=state, weight=question.points[id_], section="")
        for id_, state in answer.states.items()
    )


def _order(answers: list[SampleAnswer], graded: Grading) -> Task[LabeledQuestion, Scores]:
    by_question: dict[str, dict[Band, str]] = defaultdict(dict)
    for each in answers:
        by_question[each.question][each.band] = each.answer

    def scored(case: LabeledQuestion, result: Scores) -> Score:
        got = result.scores
        right = got["strong"] > got["middling"] > got["weak"]
        told = ", ".join(f"{name} {got[name]}" for name in ("weak", "middling", "strong"))
        return Score(value=float(right), explanation="" if right else told)

    return Task(
        dataset=[
            LabeledQuestion(id=question, split=half(question), answers=given)
            for question, given in by_question.items()
            if len(given) == len(get_args(Band))
        ],
        solver=lambda case: Scores(
            scores={name: graded(case.id, text).graded.score for name, text in case.answers.items()}
        ),
        scorers=[
            Scorer(
                Metric(
                    name="bands in order",
                    definition="share of questions with strong above middling above weak",
                ),
                scored,
            )
        ],
        solver_name="grading-order",
        result=Scores,
        exhibit=lambda case, _: Exhibit(question=case.id, said=tuple(case.answers.values())),
    )


# --- fairness -------------------------------------------------------------------------------


def _fairness(cases: Sequence[Rewritten], graded: Grading) -> Task[Rewritten, Scores]:
    def solve(case: Rewritten) -> Scores:
        return Scores(
            scores={
                "source": graded(case.question, case.source).graded.score,
                "answer": graded(case.question, case.answer).graded.score,
            }
        )

    def moved(_: Rewritten, result: Scores) -> Score:
        before, after = result.scores["source"], result.scores["answer"]
        change = f"{band(before)} ({before}) became {band(after)} ({after})"
        return Score(
            value=float(band(before) != band(after)),
            explanation=change if band(before) != band(after) else "",
        )

    return Task(
        dataset=cases,
        solver=solve,
        scorers=[
            _shift(None),
            *map(_shift, get_args(Rewritten.model_fields["style"].annotation)),
            Scorer(Metric(name="bands changed", definition="share of rewritten answers"), moved),
        ],
        solver_name="grading-fairness",
        result=Scores,
        exhibit=lambda case, _: Exhibit(
            question=f"{case.question}, {case.style}", said=(case.source, case.answer)
        ),
    )


def _shift(style: str | None) -> Scorer[Rewritten, Scores]:
    definition = "points that a rewritten answer loses against its source, on average"
    return Scorer(
        Metric(
            name=f"lost, {style}" if style else "lost",
            definition=f"{definition} ({style})" if style else definition,
            unit="points",
        ),
        lambda case, result: (
            Score(value=result.scores["source"] - result.scores["answer"])
            if style in (None, case.style)
            else None
        ),
    )


def _mistakes(cases: Sequence[SpokenMistake], graded: Grading) -> Task[SpokenMistake, Timed]:
    def penalised(case: SpokenMistake, result: Timed) -> Score:
        made = result.graded.mistakes
        told = "; ".join(f"{m.says} ({m.quote.text})" for m in made)
        return Score(value=float(bool(made)), explanation=told if case.way != "asserted" else "")

    return Task(
        dataset=cases,
        solver=lambda case: graded(case.question, case.answer),
        scorers=[
            Scorer(
                Metric(
                    name="mistakes only spoken of, penalised",
                    definition="share of answers that mention, deny or correct a mistake",
                ),
                lambda case, result: penalised(case, result) if case.way != "asserted" else None,
            ),
            Scorer(
                Metric(
                    name="mistakes asserted, found",
                    definition="share of answers that assert one",
                ),
                lambda case, result: penalised(case, result) if case.way == "asserted" else None,
            ),
        ],
        solver_name="grading",
        result=Timed,
        exhibit=lambda case, _: Exhibit(
            question=f"{case.question}: {case.mistake} ({case.way})", said=(case.answer,)
        ),
    )


def _gaming(cases: Sequence[Gaming], graded: Grading) -> Task[Gaming, Timed]:
    def below(_: Gaming, result: Timed) -> Score:
        got = result.graded.score
        fine = got < WEAK_TOP
        quotes = tuple(p.quote.text for p in result.graded.points if p.quote)
        return Score(value=float(fine), explanation="" if fine else f"scored {got}", at=quotes)

    return Task(
        dataset=cases,
        solver=lambda case: graded(case.question, case.answer),
        scorers=[
            Scorer(
                Metric(
                    name="gaming in vain",
                    definition=f"share of attempts that score below {WEAK_TOP}, where "
                    "the lowest band ends",
                ),
                below,
            )
        ],
        solver_name="grading",
        result=Timed,
        exhibit=lambda case, _: Exhibit(
            question=f"{case.question} ({case.kind})", said=(case.answer,)
        ),
    )
