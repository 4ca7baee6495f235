"""What the pages of an interview show, ready for their templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from mentor.interview.desk import Desk
from mentor.interview.feedback import Feedback, Line
from mentor.interview.interviews import Interviews, Kept
from mentor.interview.parts import Said
from mentor.interview.screen import Screen
from mentor.interview.state import Aim
from mentor.language import sentence_spans
from mentor.questions import Kind
from mentor_ui.library import address_of

KINDS: dict[Kind, str] = {
    "concept": "Concepts",
    "applied": "Applied",
    "code_reading": "Reading code",
    "system_design": "System design",
    "project": "Your projects",
    "behavioural": "Working with people",
}
AIMS: dict[Aim, str] = {
    "balanced": "A mix of topics",
    "weak": "My weak spots",
    "due": "What is due again",
}


class Row(NamedTuple):
    """An interview in the list."""

    id: str
    on: date
    about: str
    at: str
    """How far it is, or was."""
    score: int | None


class Group(NamedTuple):
    """Topics to choose from."""

    name: str
    topics: tuple[tuple[str, str], ...]
    """(id, name)."""


class Lesson(NamedTuple):
    heading: str
    address: str


class Drill(NamedTuple):
    """A point that is to be asked again: by the question, which does not tell it."""

    question: str
    lesson: Lesson


class Block(NamedTuple):
    """A sentence of the feedback, and the list that it leads in."""

    text: str
    lesson: Lesson | None
    items: list[tuple[str, Lesson | None]]


def row_of(kept: Kept, desk: Desk) -> Row:
    state = kept.state
    names = [desk.syllabus.name(topic) for topic in state.setup.topics]
    about = ", ".join(names) if names else AIMS[state.setup.aim]
    return Row(
        kept.id,
        state.began.date(),
        f"{state.setup.level.capitalize()}: {about}",
        f"question {len(state.rounds)} of {max(state.setup.questions, len(state.rounds))}",
        state.score,
    )


def topic_groups(desk: Desk) -> list[Group]:
    """The topics that the bank has questions on: stage by stage, and beyond the stages."""
    left = {question.topic: None for question in desk.bank.questions.values()}
    groups = []
    for stage in desk.syllabus.roadmap.stages:
        found = [topic.id for topic in stage.topics.items if topic.id in left]
        for topic in found:
            del left[topic]
        groups.append((f"Stage {stage.number}: {stage.name}", found))
    groups.append((KINDS["behavioural"], list(left)))
    return [
        Group(name, tuple((topic, desk.syllabus.name(topic)) for topic in topics))
        for name, topics in groups
        if topics
    ]


def drills_of(interviews: Interviews, learner: str) -> list[Drill]:
    """What is due to be asked again, each question once."""
    desk = interviews.desk
    return [
        Drill(
            desk.question(question).question.strip(),
            lesson_of(desk.bank.points[point].section, desk),
        )
        for question, point in interviews.due_again(learner).items()
    ]


def lesson_of(section: str, desk: Desk) -> Lesson:
    return Lesson(desk.heading(section), address_of(section))


def lessons_behind(feedback: Feedback, desk: Desk) -> list[Lesson]:
    """The sections that teach what the question asks for."""
    missing, made = (each.section for each in feedback.missing), (m.section for m in feedback.made)
    sections = dict.fromkeys((*missing, *made))
    return [lesson_of(section, desk) for section in sections]


def blocks_of(lines: Iterable[Line], desk: Desk) -> list[Block]:
    """The lines with their lists; items in a row that rest on one section name it once."""
    blocks: list[Block] = []
    before = None
    for line in lines:
        lesson = lesson_of(line.section, desk) if line.section else None
        if line.text.startswith("- ") and blocks:
            blocks[-1].items.append((line.text[2:], None if lesson == before else lesson))
            before = lesson
        else:
            blocks.append(Block(line.text, lesson, []))
            before = None
    return blocks


def sentences_of(said: Sequence[Said]) -> list[str]:
    """The candidate's sentences, to choose from for "I did say this"."""
    found = [turn.text[start:end] for turn in said for start, end in sentence_spans(turn.text)]
    return list(dict.fromkeys(found))


def spent(screen: Screen) -> int:
    """Seconds that the present answer has taken by now."""
    running = screen.phase in ("question", "probe") and not screen.paused
    since = (datetime.now(UTC) - screen.clock).total_seconds() if running else 0.0
    return round(screen.seconds + max(0.0, since))
