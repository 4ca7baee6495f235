"""The interview bank: typed questions, and the rubric points that answers are held against.

    corpus/interviews/*.yaml --read_questions--> QuestionFile(s) --read_bank--> Bank

A point is written once per file, and questions of that file refer to it by id. So two questions
that share a point are siblings: what a learner missed in one can be asked again through the other.
The bank is data beside the material; it becomes no page, so that no answer in chat spoils an
interview.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError, model_validator

from mentor.errors import MaterialError
from mentor.facts import Entry, Slug, Text, by_id, read_yaml, typed
from mentor.records import Level, Record

FOLDER = "interviews"
"""Where the bank lies within the corpus."""

Kind = Literal["concept", "applied", "behavioural", "system_design", "project", "code_reading"]
Phase = Literal["requirements", "data", "model", "evaluation", "serving", "operation"]
"""The parts of a system design, in the order in which they are talked through."""
Story = Literal["situation", "own-action", "result"]
"""What an interviewer listens for in a story of work: met with a concrete detail, partly when
only named."""
Walk = Literal["model-selection", "evaluation", "data-handling", "baseline"]
"""The roadmap's own dimensions of a project walk-through, met in the same way."""
Dimension = Story | Walk
STORY: frozenset[str] = frozenset(get_args(Story))
DIMENSIONED: frozenset[str] = frozenset({"behavioural", "project"})

SectionId = Annotated[str, Field(pattern=r"^[\w/.-]+(#[\w-]+)?$")]
Weight = Annotated[int, Field(ge=1, le=3)]


class Point(Entry):
    """One thing that a good answer says; it is what is graded, taught and asked again."""

    id: Slug
    says: Text
    """The point as the material teaches it, true by itself."""
    met: Text
    """A sentence of a candidate who makes the point in full."""
    partly: Text
    """A sentence of a candidate who makes half of it."""
    paraphrases: tuple[Text, Text]
    """Two more ways in which a candidate makes it in full."""
    section: SectionId
    """The section of the corpus that teaches it."""
    phase: Phase | None = None
    """In system design only."""
    dimension: Dimension | None = None
    """In project and behavioural questions only."""


class Probe(Entry):
    """A follow-up that gives the candidate another chance at one point, without telling it."""

    text: Text
    point: Slug


class Mistake(Entry):
    """Something wrong that candidates really say, and what shows that it is wrong."""

    says: Text
    why: Text
    section: SectionId


class Question(Entry):
    id: Slug
    level: Level
    stage: int | None = Field(default=None, ge=1, le=5)
    """The stage of the topic; behavioural questions have none."""
    topic: Slug
    """A topic of the roadmap; of a behavioural question, the soft skill."""
    skills: tuple[Slug, ...] = ()
    """Skills of the roadmap that it shows beyond those that its topic builds."""
    kind: Kind
    difficulty: int = Field(ge=1, le=5)
    minutes: int = Field(ge=1, le=60)
    """What a candidate needs for the answer."""
    question: Text
    code: str | None = None
    language: Literal["python", "sql", "dockerfile", "yaml", "shell", "promql"] = "python"
    """Of `code`."""
    points: dict[Slug, Weight] = Field(min_length=3, max_length=7)
    """Ids of the file's points, each with its weight in this question."""
    probes: tuple[Probe, ...] = Field(min_length=2, max_length=5)
    hint: Text
    model_answer: Text
    mistakes: tuple[Mistake, Mistake]

    @model_validator(mode="after")
    def _hangs_together(self) -> Question:
        if (self.code is not None) != (self.kind == "code_reading"):
            raise ValueError("code belongs to code_reading, and to that kind alone")
        if (self.stage is None) != (self.kind == "behavioural"):
            raise ValueError("every kind but behavioural has a stage")
        aims = [probe.point for probe in self.probes]
        if strange := [id_ for id_ in aims if id_ not in self.points]:
            raise ValueError(f"a probe aims at {strange[0]!r}, which is no point of the question")
        if len(set(aims)) < len(aims):
            raise ValueError("two probes aim at the same point")
        return self


class QuestionFile(Entry):
    """One file of the bank."""

    kind: Literal["interviews"]
    points: tuple[Point, ...]
    questions: tuple[Question, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> QuestionFile:
        points = {point.id: point for point in self.points}
        for ids in ([p.id for p in self.points], [q.id for q in self.questions]):
            if twice := [id_ for id_, n in Counter(ids).items() if n > 1]:
                raise ValueError(f"the id {twice[0]!r} is given twice")
        for question in self.questions:
            for id_ in question.points:
                if id_ not in points:
                    raise ValueError(f"{question.id} has the unknown point {id_!r}")
                if wrong := _misplaced(points[id_], question.kind):
                    raise ValueError(f"{question.id}: the point {id_!r} {wrong}")
        used = {id_ for question in self.questions for id_ in question.points}
        if idle := [id_ for id_ in points if id_ not in used]:
            raise ValueError(f"no question has the point {idle[0]!r}")
        return self


def _misplaced(point: Point, kind: Kind) -> str | None:
    if (point.phase is not None) != (kind == "system_design"):
        return "needs a phase" if kind == "system_design" else f"has a phase, but is {kind}"
    if (point.dimension is not None) != (kind in DIMENSIONED):
        return "needs a dimension" if kind in DIMENSIONED else f"has a dimension, but is {kind}"
    if kind == "behavioural" and point.dimension not in STORY:
        return f"has the dimension {point.dimension}, which is one of projects"
    return None


class Bank(Record):
    """All questions, and the points behind them."""

    files: tuple[QuestionFile, ...] = ()

    @cached_property
    def questions(self) -> dict[str, Question]:
        """By id, in the order of files."""
        return {question.id: question for file in self.files for question in file.questions}

    @cached_property
    def points(self) -> dict[str, Point]:
        return {point.id: point for file in self.files for point in file.points}

    def rubric(self, question: Question) -> tuple[tuple[Point, int], ...]:
        """The points of a question with their weights, in the question's order."""
        return tuple((self.points[id_], weight) for id_, weight in question.points.items())

    def siblings(self, point: str, *, of: str = "") -> tuple[Question, ...]:
        """The questions that ask for a point, `of` left out."""
        return tuple(q for q in self.questions.values() if point in q.points and q.id != of)


def bank_files(corpus: Path) -> tuple[Path, ...]:
    """The files of the bank in a corpus; none where it has no bank."""
    return tuple(sorted((corpus / FOLDER).glob("*.yaml")))


def read_questions(path: Path) -> QuestionFile:
    """Read and check one file of the bank.

    Raises:
        MaterialError: the file is missing, is not YAML, or fields of it are unknown, missing or
            wrong; the message names the file and the first eight.
    """
    data = read_yaml(path)
    try:
        return typed(data, QuestionFile)
    except ValidationError as exc:
        told = [
            f"{'.'.join(map(str, by_id(error['loc'], data))) or 'the file'}: {error['msg']}"
            for error in exc.errors()[:8]
        ]
        raise MaterialError(
            f"{path}: {exc.error_count()} wrong. " + "; ".join(told) + ".", cure="Correct the file."
        ) from exc


def read_bank(corpus: Path) -> Bank:
    """The bank of a corpus; empty where there is none.

    Raises:
        MaterialError: a file of it is wrong, or an id is given twice.
    """
    bank = Bank(files=tuple(map(read_questions, bank_files(corpus))))
    for what in ("questions", "points"):
        ids = Counter(each.id for file in bank.files for each in getattr(file, what))
        if twice := [id_ for id_, n in ids.items() if n > 1]:
            raise MaterialError(
                f"Two files of {corpus / FOLDER} give {what} the id {twice[0]!r}.",
                cure="Rename one of them.",
            )
    return bank
