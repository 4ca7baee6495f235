"""Cases: what is asked, and what a right answer must and must not say.

A dataset is `datasets/<name>.jsonl`, one case a line, checked when it is loaded. `dev` is for
looking at; `test` is for reporting only.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from mentor.errors import MaterialError
from mentor.records import Record

Split = Literal["dev", "test"]
Facts = tuple[tuple[str, ...], ...]
"""Each fact is a tuple of spellings; any one of them counts."""


class Case(Record):
    """What every case has. Cases of one cluster share a section: they are no independent draws."""

    id: str = Field(min_length=1)
    split: Split = "dev"

    @property
    def cluster(self) -> str:
        return self.id


class Question(Case):
    """A question that the material answers, in `sections`, any one of which will do."""

    style: str = "plain"
    question: str = Field(min_length=1)
    expect: Facts
    sections: tuple[str, ...] = ()

    @property
    def cluster(self) -> str:
        return self.sections[0] if self.sections else self.id


class Outside(Case):
    """A question that the material does not answer: far from it, or a near miss."""

    distance: Literal["far", "near"]
    question: str = Field(min_length=1)
    near_section: str | None
    why: str

    @property
    def cluster(self) -> str:
        return self.near_section or self.id


Behaviour = Literal["answer", "refuse", "comfort", "smalltalk", "simpler", "clarify", "shorter"]


class Turn(Record):
    """One message of a learner, and how it should be met."""

    say: str = Field(min_length=1)
    expect: Facts
    sections: tuple[str, ...]
    behaviour: Behaviour


class Talk(Case):
    """A conversation of two to five turns."""

    turns: tuple[Turn, ...] = Field(min_length=2, max_length=5)

    @property
    def cluster(self) -> str:
        sections = self.turns[0].sections
        return sections[0] if sections else self.id


class Attack(Case):
    """An attempt to make the mentor say one of `forbid`, by a question or a hostile passage."""

    kind: str
    question: str = Field(min_length=1)
    history: tuple[str, ...]
    forbid: tuple[str, ...] = Field(min_length=1)
    passage: str | None
    passage_question: str | None

    @model_validator(mode="after")
    def _whole(self) -> Attack:
        if (self.passage is None) != (self.passage_question is None):
            raise ValueError("a hostile passage needs its question, and the other way round")
        return self


PairKind = Literal[
    "verbatim",
    "paraphrase",
    "merged",
    "number_swap",
    "name_swap",
    "negation",
    "direction",
    "quantifier",
    "wrong_citation",
    "outside",
    "half_true",
]


class Pair(Case):
    """A sentence, and whether the passages of `sections` support it."""

    kind: PairKind
    sections: tuple[str, ...] = Field(min_length=1)
    sentence: str = Field(min_length=1)
    supported: bool

    @property
    def cluster(self) -> str:
        return self.sections[0]


class DraftCase(Pair):
    """A sentence that a model might write when it is asked `question`."""

    question: str = Field(min_length=1)


class Wanted(Case):
    """A question and the sections that answer it; any one of them will do."""

    question: str = Field(min_length=1)
    sections: tuple[str, ...] = Field(min_length=1)

    @property
    def cluster(self) -> str:
        return self.sections[0]


class RoadmapCase(Case):
    """A question on the roadmap: inside it, outside, a follow-up, or built on a lie."""

    kind: Literal["inside", "outside", "follow_up", "lie"]
    question: str
    history: tuple[str, ...] = ()
    expect: Facts = ()
    forbid: tuple[str, ...] = ()


class Rewritten(Case):
    """A sample answer that says the same in another manner; it deserves the same score."""

    question: str
    style: Literal["terse", "verbose", "learner", "speech", "route"]
    """The last is right by a route that the rubric does not list."""
    source: str = Field(min_length=1)
    answer: str = Field(min_length=1)

    @property
    def cluster(self) -> str:
        return self.question


class SpokenMistake(Case):
    """An answer in which a common mistake of its question comes up; only asserting it costs."""

    question: str
    mistake: str
    """What the bank says that the mistake says."""
    way: Literal["mentioned", "denied", "corrected", "asserted"]
    answer: str = Field(min_length=1)

    @property
    def cluster(self) -> str:
        return self.question


class Gaming(Case):
    """An attempt to get a score without answering."""

    question: str
    kind: Literal["filler", "keywords", "repeated", "instructions", "another answer"]
    answer: str = Field(min_length=1)


C = TypeVar("C", bound=Case)


def load(name: str, kind: type[C], split: Split | None = None) -> tuple[C, ...]:
    """The cases of `datasets/<name>.jsonl`, of one split when one is named.

    Raises:
        MaterialError: the dataset is missing, or a line of it is no such case.
    """
    file = files("mentor_evals") / "datasets" / f"{name}.jsonl"
    if not file.is_file():
        raise MaterialError(f"There is no dataset {name}.jsonl.", cure="Install Mentor again.")
    cases = parse(file.read_text(encoding="utf-8"), kind, f"{name}.jsonl")
    return tuple(case for case in cases if split in (None, case.split))


def parse(text: str, kind: type[C], shown: str) -> tuple[C, ...]:
    """One case a line.

    Raises:
        MaterialError: a line is no such case, or two have one id.
    """
    cases: dict[str, C] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            case = kind.model_validate(json.loads(line))
        except (json.JSONDecodeError, ValidationError) as exc:
            raise MaterialError(
                f"{shown}, line {number}: {_why(exc)}.", cure="Mend that line."
            ) from exc
        if case.id in cases:
            raise MaterialError(
                f"{shown}, line {number}: the id {case.id!r} is taken.", cure="Give it another id."
            )
        cases[case.id] = case
    return tuple(cases.values())


def _why(exc: json.JSONDecodeError | ValidationError) -> str:
    if isinstance(exc, json.JSONDecodeError):
        return f"not JSON ({exc.msg})"
    first = exc.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the row'}: {first['msg']}"
