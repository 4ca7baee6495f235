"""The report of an interview: bars with the number of questions behind each, trend, calibration.

Only first tries count. Nothing gets a band on fewer than three questions. The trend takes balanced
interviews of the same level, since one on weak spots is harder on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from statistics import fmean

from mentor.interview.desk import Desk
from mentor.interview.feedback import Feedback, feedback_on
from mentor.interview.parts import Grade, Graded, GradedPoint, Said
from mentor.interview.state import Dispute, InterviewState, Phase, Round
from mentor.interview.totals import band
from mentor.questions import Kind, Question
from mentor.records import Level, Proposal, Record

FEWEST = 3
"""Questions that a band over several of them needs; fewer say too little."""
_MEANS: dict[Grade, str] = {
    "not yet": "Most of what an interviewer for {role} listens for is still missing.",
    "developing": "The outline is there; an interviewer for {role} would have to ask for the rest.",
    "ready": "An interviewer for {role} hears what matters without much help.",
    "strong": "Complete and said without help, above what most interviewers for {role} expect.",
}
_ROLE: dict[Level, str] = {
    "junior": "a junior role",
    "mid": "a mid-level role",
    "senior": "a senior role",
}
EXPECTED = {1: 10, 2: 30, 3: 50, 4: 70, 5: 90}
"""The score that "how sure are you?" stands for: the middle of each fifth."""
_FAR = 15
"""Points between expected and real score that are worth a word."""
_HIGHLIGHTS = 3


class Bar(Record):
    """The mean over some questions."""

    id: str
    name: str
    score: int
    questions: int
    band: Grade | None
    """None under three questions."""


class Turn(Record):
    """A probe, and what was said to it; empty where it was skipped."""

    question: str
    answer: str
    said: int | None
    """The turn in `Answered.said`; None where it was skipped."""


class Answered(Record):
    """One question of the report."""

    number: int
    id: str
    text: str
    code: str | None
    topic: str
    kind: Kind
    said: tuple[Said, ...]
    """All turns of the first try; the quotes of the feedback stand in them."""
    answer: str
    """The first turn; empty where the question was skipped."""
    probes: tuple[Turn, ...]
    hinted: bool
    sure: int | None
    seconds: float
    minutes: int
    graded: Graded
    feedback: Feedback
    model_answer: str
    retry: Graded | None
    disputes: tuple[Dispute, ...]


class Highlight(Record):
    """A point that stands out, the question it belongs to, and where it is taught."""

    says: str
    number: int
    section: str
    heading: str


class Calibration(Record):
    """How sure the learner was, against how it went."""

    questions: int
    gap: int
    """Expected minus real score, on the average: above 0 is too sure."""
    says: str


class Past(Record):
    """One interview of the trend."""

    on: date
    score: int
    questions: int


class Report(Record):
    interview: str
    level: Level
    on: date
    seed: int
    phase: Phase
    score: int
    """The mean of the questions."""
    band: Grade | None
    means: str
    questions: tuple[Answered, ...]
    topics: tuple[Bar, ...]
    skills: tuple[Bar, ...]
    phases: tuple[Bar, ...]
    """The parts of a design, where one was asked for; `questions` counts its points."""
    trend: tuple[Past, ...]
    calibration: Calibration | None
    strongest: tuple[Highlight, ...]
    weakest: tuple[Highlight, ...]
    proposals: tuple[Proposal, ...] = ()


def report_of(
    interview: str, state: InterviewState, desk: Desk, *, others: Iterable[InterviewState] = ()
) -> Report:
    """The report of a session, finished or not, as far as it is graded.

    Args:
        others: the learner's earlier interviews, oldest first, for the trend.
    """
    rounds = [(n, each) for n, each in enumerate(state.rounds, start=1) if each.graded]
    answered = tuple(_answered(n, each, state.setup.level, desk) for n, each in rounds)
    scores = [each.graded.score for each in answered]
    whole = _band(scores)
    level = state.setup.level
    means = f"Fewer than {FEWEST} questions give no band."
    return Report(
        interview=interview,
        level=level,
        on=state.began.date(),
        seed=state.seed,
        phase=state.phase,
        score=state.score or 0,
        band=whole,
        means=_MEANS[whole].format(role=_ROLE[level]) if whole else means,
        questions=answered,
        topics=_bars(answered, lambda q: (q.topic,), desk),
        skills=_bars(answered, desk.skills, desk),
        phases=_phases(answered, desk),
        trend=tuple(_trend((*others, state), level)),
        calibration=_calibration(answered),
        strongest=_highlights(answered, desk, strong=True),
        weakest=_highlights(answered, desk, strong=False),
    )


def _answered(number: int, round_: Round, level: Level, desk: Desk) -> Answered:
    question = desk.question(round_.question)
    assert round_.graded is not None
    first = next((s.text for n, s in enumerate(round_.said) if n not in _to_probes(round_)), "")
    return Answered(
        number=number,
        id=question.id,
        text=question.question.strip(),
        code=question.code,
        topic=desk.syllabus.name(question.topic),
        kind=question.kind,
        said=round_.said,
        answer=first,
        probes=tuple(_turns(round_)),
        hinted=round_.hinted,
        sure=round_.sure,
        seconds=round_.seconds,
        minutes=question.minutes,
        graded=round_.graded,
        feedback=feedback_on(round_.model_copy(update={"retry": None}), level, desk),
        model_answer=question.model_answer.strip(),
        retry=round_.retry.graded if round_.retry else None,
        disputes=round_.disputes,
    )


def _to_probes(round_: Round) -> set[int | None]:
    return {probe.answered for probe in round_.probes}


def _turns(round_: Round) -> Iterator[Turn]:
    for probe in round_.probes:
        answer = "" if probe.answered is None else round_.said[probe.answered].text
        yield Turn(question=probe.text, answer=answer, said=probe.answered)


def _mean(scores: Sequence[float]) -> int:
    return round(fmean(scores)) if scores else 0


def _band(scores: Sequence[int]) -> Grade | None:
    return band(_mean(scores)) if len(scores) >= FEWEST else None


def _bars(
    answered: Sequence[Answered], of: Callable[[Question], Sequence[str]], desk: Desk
) -> tuple[Bar, ...]:
    """One bar for each topic or skill, the lowest first."""
    scores: dict[str, list[int]] = {}
    for each in answered:
        for id_ in of(desk.question(each.id)):
            scores.setdefault(id_, []).append(each.graded.score)
    bars = (_bar(id_, desk.syllabus.name(id_), found) for id_, found in scores.items())
    return tuple(sorted(bars, key=lambda bar: (bar.score, bar.name)))


def _bar(id_: str, name: str, scores: list[int]) -> Bar:
    return Bar(id=id_, name=name, score=_mean(scores), questions=len(scores), band=_band(scores))


def _phases(answered: Sequence[Answered], desk: Desk) -> tuple[Bar, ...]:
    """How much of each part of a design was made: met counts 100, partly 50; no bands."""
    credit = {"met": 100, "partly": 50, "missed": 0}
    made: dict[str, list[int]] = {}
    for each in answered:
        for point in each.graded.points:
            if phase := desk.bank.points[point.point].phase:
                made.setdefault(phase, []).append(credit[point.state])
    return tuple(
        Bar(id=phase, name=phase.capitalize(), score=_mean(c), questions=len(c), band=None)
        for phase, c in made.items()
    )


def _trend(states: Iterable[InterviewState], level: Level) -> Iterator[Past]:
    for state in states:
        setup = state.setup
        if setup.level != level or setup.aim != "balanced" or not state.finished:
            continue
        if state.score is not None:
            yield Past(on=state.began.date(), score=state.score, questions=len(state.scores))


def _calibration(answered: Sequence[Answered]) -> Calibration | None:
    gaps = [EXPECTED[each.sure] - each.graded.score for each in answered if each.sure]
    if not gaps:
        return None
    gap = _mean(gaps)
    says = "You judge your own answers well."
    if abs(gap) >= _FAR:
        which = "surer of your answers than they bear" if gap > 0 else "better than you think"
        says = f"You are {which}: by {abs(gap)} points of 100 on the average."
    if len(gaps) < FEWEST:
        says = f"Fewer than {FEWEST} answers say little about how well you judge yourself."
    return Calibration(questions=len(gaps), gap=gap, says=says)


def _highlights(answered: Sequence[Answered], desk: Desk, *, strong: bool) -> tuple[Highlight, ...]:
    """The weightiest points that were made without help, or not made."""

    def stands_out(point: GradedPoint) -> bool:
        if strong:
            return point.state == "met" and point.when == "unprompted"
        return point.state != "met"

    found = [(p, a.number) for a in answered for p in a.graded.points if stands_out(p)]
    found.sort(key=lambda pair: (-pair[0].weight, pair[0].state != "missed"))
    once: dict[str, tuple[GradedPoint, int]] = {}
    for point, number in found:
        once.setdefault(point.point, (point, number))
    return tuple(
        Highlight(
            says=desk.bank.points[point.point].says,
            number=number,
            section=point.section,
            heading=desk.heading(point.section),
        )
        for point, number in list(once.values())[:_HIGHLIGHTS]
    )
