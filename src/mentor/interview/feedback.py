"""What a good interviewer would say after an answer: composed by code from the grading.

It quotes what was made clear, names what was missing and why somebody would care, gives one
sentence that could have been said, and says where to read it and what would be asked next. The
model answer comes later, after the retry. No praise that stands for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from mentor.interview.desk import Desk
from mentor.interview.notices import notices
from mentor.interview.parts import Grade, GradedPoint, MadeMistake, Quote, State, When
from mentor.interview.state import Round
from mentor.interview.totals import MEANS
from mentor.questions import Dimension, Kind, Phase, Point, Question
from mentor.records import Level, Record

_TURNS_ON: dict[Kind, str] = {
    "concept": "the question turns on it, and without it an answer does not stand",
    "applied": "it is where the work goes wrong for somebody who does not know it",
    "code_reading": "it is what the code was shown for",
}
"""For points of weight 3; the rest goes by weight."""
_WEIGHT = {
    3: "an answer does not stand without it",
    2: "it shows that you can go past the first sentence of a textbook",
    1: "it is a bonus that sets a strong answer apart",
}
_DIMENSION: dict[Dimension, str] = {
    "situation": "a story without its time, place and people cannot be followed or checked",
    "own-action": "they hire you and not your team, so they listen for what you did yourself",
    "result": "without an outcome nobody can tell whether what you did was any good",
    "model-selection": "they want to know why this model, and what else you weighed",
    "evaluation": "a result counts as much as the way in which it was tested",
    "data-handling": "most of what goes wrong in a project goes wrong in its data",
    "baseline": "a figure says little until it is told what it had to beat",
}
_PHASE: dict[Phase, str] = {
    "requirements": "a design that begins before its requirements solves somebody else's problem",
    "data": "the data decides what the rest of the design can be",
    "model": "they listen for a choice with its reason",
    "evaluation": "a system that nobody can measure cannot be released",
    "serving": "the model earns its keep only where the answers are served in time",
    "operation": "somebody has to notice when it goes wrong, and to put it right",
}
_WHEN: dict[When, str] = {
    "unprompted": "",
    "probe": " (after a probe)",
    "hint": " (after the hint)",
}


class Made(Record):
    """A point that was made, in the candidate's own words."""

    point: str
    says: str
    quote: Quote
    when: When
    section: str


class Missing(Record):
    """A point that was missed or only touched."""

    point: str
    state: State
    says: str
    """What would have made it, as a larger model or the rubric puts it."""
    why: str
    """Why an interviewer cares."""
    quote: Quote | None
    """The words that touched it."""
    section: str
    heading: str


class Feedback(Record):
    question: str
    score: int
    band: Grade
    means: str
    """What the band says at this level."""
    made: tuple[Made, ...]
    missing: tuple[Missing, ...]
    """The weightiest first."""
    mistakes: tuple[MadeMistake, ...]
    say: str | None
    """One sentence that could have been said, for the weightiest point that is missing."""
    next: str | None
    """What an interviewer would ask next."""
    unjudged: tuple[Quote, ...]
    """What matched no point. It did not cost anything."""
    notices: tuple[str, ...]


class Line(Record):
    """A sentence or list item of the feedback, and the section that it rests on."""

    text: str
    section: str | None = None


def feedback_on(round_: Round, level: Level, desk: Desk) -> Feedback:
    """The feedback on a graded round: on its retry where there was one.

    The round must have been graded.
    """
    graded, said = round_.last.graded, round_.last.said
    assert graded is not None
    question = desk.question(round_.question)
    open_ = sorted((p for p in graded.points if p.state != "met"), key=_urgency)
    points = desk.bank.points
    return Feedback(
        question=question.id,
        score=graded.score,
        band=graded.band,
        means=MEANS[level][graded.band],
        made=tuple(_made(p, points[p.point]) for p in graded.points if p.state == "met"),
        missing=tuple(_missing(p, points[p.point], question.kind, desk) for p in open_),
        mistakes=graded.mistakes,
        say=points[open_[0].point].met if open_ else None,
        next=_asked_next(question, round_, open_, desk),
        unjudged=graded.unjudged,
        notices=notices(said, graded),
    )


def told(feedback: Feedback) -> Iterator[Line]:
    """The feedback in sentences and lists, for a page and a terminal alike."""
    for notice in feedback.notices:
        yield Line(text=notice)
    if feedback.made:
        yield Line(text="What you made clear:")
        quoted = None
        for made in feedback.made:
            words = f"Your words{_WHEN[made.when]}: “{made.quote.text}”"
            again = made.quote == quoted
            text = f"- {made.says} {'The same words say it.' if again else words}"
            yield Line(text=text, section=made.section)
            quoted = made.quote
    elif feedback.missing and not any(missing.quote for missing in feedback.missing):
        yield Line(text="None of the points was in this answer yet. Begin with the first below.")
    if feedback.mistakes:
        yield Line(text="What an interviewer would correct:")
        for slip in feedback.mistakes:
            yield Line(text=f"- You said “{slip.quote.text}” {slip.why}", section=slip.section)
    if feedback.missing:
        yield Line(text="What was missing, and why an interviewer cares:")
        told_why = ""
        for missing in feedback.missing:
            touched = f"You touched on it (“{missing.quote.text}”). " if missing.quote else ""
            why = f" It matters because {missing.why}." if missing.why != told_why else ""
            yield Line(text=f"- {touched}{missing.says}{why}", section=missing.section)
            told_why = missing.why
    if feedback.say or feedback.next:
        yield Line(text="What to take with you:")
    if feedback.say:
        first = feedback.missing[0]
        said = f"- You could have said: “{feedback.say}” Read “{first.heading}”."
        yield Line(text=said, section=first.section)
    if feedback.next:
        yield Line(text=f"- An interviewer would ask next: “{feedback.next}”")
    if feedback.unjudged:
        count = len(feedback.unjudged)
        what = "One sentence" if count == 1 else f"{count} sentences"
        yield Line(text=f"{what} of yours matched no point of the rubric, and cost nothing.")
    yield Line(text=f"{feedback.score} of 100, {feedback.band}. {feedback.means}")


def _urgency(point: GradedPoint) -> tuple[int, bool]:
    return -point.weight, point.state != "missed"


def _made(graded: GradedPoint, point: Point) -> Made:
    assert graded.quote is not None
    return Made(
        point=point.id,
        says=point.says,
        quote=graded.quote,
        when=graded.when or "unprompted",
        section=graded.section,
    )


def _missing(graded: GradedPoint, point: Point, kind: Kind, desk: Desk) -> Missing:
    why = _TURNS_ON.get(kind) if graded.weight == 3 else None
    if point.dimension:
        why = _DIMENSION[point.dimension]
    elif point.phase:
        why = _PHASE[point.phase]
    return Missing(
        point=point.id,
        state=graded.state,
        says=graded.comment or point.says,
        why=why or _WEIGHT[graded.weight],
        quote=graded.quote,
        section=graded.section,
        heading=desk.heading(graded.section),
    )


def _asked_next(
    question: Question, round_: Round, open_: list[GradedPoint], desk: Desk
) -> str | None:
    """A probe that was not put or a sibling's question; a harder one where nothing is missing."""
    put = {probe.point for probe in round_.probes}
    for point in open_:
        for probe in question.probes:
            if probe.point == point.point and probe.point not in put:
                return probe.text
        for sibling in desk.bank.siblings(point.point, of=question.id):
            if sibling.code is None:
                return sibling.question
    if open_:
        return None
    harder = [
        each
        for each in desk.bank.questions.values()
        if each.topic == question.topic
        and each.difficulty >= question.difficulty
        and each.id != question.id
        and each.code is None
    ]
    return min(harder, key=lambda each: each.difficulty).question if harder else None
