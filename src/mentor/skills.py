"""The skill map: from a skill of the roadmap to what builds it, proves it and asks for it.

A plan reads it to order lessons, an interview to choose questions, and a progress page to say
which deliverable proves what. It is one YAML file of ids, so that none of them has to be guessed:

    kind: skills
    skills:
      sql-data-querying:
        lessons: [lessons/data-wrangling-with-pandas]          # page ids
        deliverables: [deliverable-data-pipeline-project]      # ids of roadmap.yaml
        interview_topics: [topic-data-wrangling-pandas]        # ids of roadmap.yaml
        prerequisites: [python-oop-proficiency]                # skills of this file
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mentor.facts import Entry, Slug, read_typed

PageId = Annotated[str, Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")]


class SkillRow(Entry):
    """What leads to one skill."""

    lessons: tuple[PageId, ...] = Field(min_length=1)
    """Pages that teach it, the most important first; soft skills are taught by level pages too."""
    deliverables: tuple[Slug, ...] = ()
    interview_topics: tuple[Slug, ...] = ()
    prerequisites: tuple[Slug, ...] = ()
    """Skills to have before this one."""


class SkillMap(Entry):
    kind: Literal["skills"]
    skills: dict[Slug, SkillRow]

    @model_validator(mode="after")
    def _hangs_together(self) -> SkillMap:
        for id_, row in self.skills.items():
            if unknown := [other for other in row.prerequisites if other not in self.skills]:
                raise ValueError(f"{id_} has the unknown prerequisite {unknown[0]!r}")
        if circle := circle_in({id_: row.prerequisites for id_, row in self.skills.items()}):
            raise ValueError(f"the prerequisites run in a circle: {' → '.join(circle)}")
        return self


def circle_in(prerequisites: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """One circle among the prerequisites, from a node back to itself; empty when there is none."""
    try:
        TopologicalSorter(prerequisites).prepare()
    except CycleError as exc:
        return tuple(reversed(exc.args[1]))  # graphlib lists a node before those that need it
    return ()


def read_skills(path: Path) -> SkillMap:
    """Read and check the skill map.

    Raises:
        MaterialError: the file is missing, is not YAML, or a field of it is unknown, missing or
            wrong; the message names file and field.
    """
    return read_typed(path, SkillMap, "the skill map")
