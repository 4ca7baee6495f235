"""The career roadmap as typed data, and its pages.

The roadmap is one YAML file of facts, because a plan, an interview and a page all need the same
ones: a salary is two numbers, a skill has an id. People read it as pages, which Jinja2 templates
beside the YAML file put into words:

    roadmap.yaml --read_roadmap--> Roadmap --render_pages--> Markdown documents with front matter

`level.md.j2` is rendered once per level, `stage.md.j2` once per stage, every other template once.
Each fact says who stands behind it: `roadmap`, the career document, or `editorial`, the editors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from mentor.facts import (
    Aspect,
    Deliverable,
    Entry,
    Fact,
    Interview,
    Item,
    Named,
    Note,
    Salary,
    Slug,
    Text,
    Topic,
    read_typed,
)
from mentor.records import Level, Source, Track
from mentor.templates import environment, render, template_names


class CareerLevel(Entry):
    id: Level
    name: Text
    title: Text
    """The name, told apart from the profession: "ML Engineer" is both."""
    subject: Text
    called: tuple[Text, Text, Text]
    """What learners call people of this level: two nouns and an adjective."""
    salary: Salary
    shown: Fact
    """How much of this level the document shows."""
    who: Aspect[Text]
    outcomes: Aspect[Text]
    tools: tuple[Aspect[Item], ...]
    technical_skills: tuple[Aspect[Named], ...]
    soft_skills: Aspect[Named]
    deliverables: Aspect[Deliverable]
    kpis: Aspect[Named]
    interview: Interview
    step_up: Fact

    @property
    def skills(self) -> tuple[Named, ...]:
        """Technical skills first, then soft ones."""
        technical = (skill for aspect in self.technical_skills for skill in aspect.items)
        return (*technical, *self.soft_skills.items)


class StageTrack(Entry):
    track: Track
    source: Source
    courses: tuple[Named, ...]


class Stage(Entry):
    id: Literal["stage-1", "stage-2", "stage-3", "stage-4", "stage-5"]
    name: Text
    called: tuple[Text, Text, Text]
    summary: Fact
    """A predicate: "Stage 2 (…)" is its subject."""
    topics: Aspect[Topic]
    deliverables: Aspect[Deliverable]
    tracks: tuple[StageTrack, ...]
    tip: Fact | None = None
    ready: Fact
    """How a learner knows that the stage is done."""

    @property
    def number(self) -> int:
        return int(self.id[-1])

    @property
    def full(self) -> str:
        return f"Stage {self.number} ({self.name})"


class Role(Entry):
    purpose: Fact
    work: Fact
    need: Fact
    functions: Aspect[Named]


class Fit(Named):
    """A person whom the career suits, and where the editors would have them start."""

    who: Text
    called: Text
    fit: Fact
    start: Fact


class Figure(Entry):
    """A headline figure; no label: the document does not say what it counts."""

    id: Slug
    value: Text
    label: Text | None
    source: Source
    questions: tuple[Text, ...] = ()
    note: Fact | None = None
    """What the editors make of it."""


class Advice(Note):
    """A key thing to know. The document shows the answers only: questions and headings are ours."""

    id: Slug
    block: int = Field(ge=1, le=3)
    level: Level | None = None
    question: Text
    items: tuple[Text, ...] = ()
    close: str = ""


class Resources(Entry):
    free_courses: Aspect[Named]
    free_course_choice: Aspect[Item]
    articles: Aspect[Named]
    webinars: Aspect[Named]
    recommended_courses: Aspect[Named]
    consultant: Fact


class Roadmap(Entry):
    """Everything the roadmap file says."""

    kind: Literal["roadmap"]
    title: Text
    role: Role
    fits: tuple[Fit, ...]
    figures: tuple[Figure, ...]
    industries: tuple[Aspect[Item], ...]
    salary_sources: Aspect[Item]
    salary_notes: tuple[Note, ...]
    levels: tuple[CareerLevel, CareerLevel, CareerLevel]
    level_differences: Aspect[Item]
    stages: tuple[Stage, Stage, Stage, Stage, Stage]
    specialization_choice: Fact
    stage_pace: Fact
    track_note: Fact
    advice: tuple[Advice, ...]
    resources: Resources

    @cached_property
    def level(self) -> dict[str, CareerLevel]:
        return {level.id: level for level in self.levels}

    @cached_property
    def stage(self) -> dict[int, Stage]:
        """Stages by number, 1 to 5."""
        return {stage.number: stage for stage in self.stages}

    @cached_property
    def skills(self) -> dict[str, Named]:
        """Technical and soft skills of all levels, by id."""
        return {skill.id: skill for level in self.levels for skill in level.skills}

    @cached_property
    def level_of_skill(self) -> dict[str, Level]:
        return {skill.id: level.id for level in self.levels for skill in level.skills}

    @cached_property
    def topics(self) -> dict[str, Topic]:
        return {topic.id: topic for stage in self.stages for topic in stage.topics.items}

    @cached_property
    def deliverables(self) -> dict[str, Deliverable]:
        """Deliverables of levels and stages, by id."""
        owners: tuple[CareerLevel | Stage, ...] = (*self.levels, *self.stages)
        return {each.id: each for owner in owners for each in owner.deliverables.items}

    @cached_property
    def courses(self) -> dict[str, Named]:
        """Courses of the tracks, by id."""
        tracks = (track for stage in self.stages for track in stage.tracks)
        return {course.id: course for track in tracks for course in track.courses}

    def courses_of(self, track: str) -> dict[int, tuple[Named, ...]]:
        """The courses of one track by the number of their stage."""
        return {
            stage.number: each.courses
            for stage in self.stages
            for each in stage.tracks
            if each.track == track
        }

    @model_validator(mode="after")
    def _hangs_together(self) -> Roadmap:
        if [level.id for level in self.levels] != ["junior", "mid", "senior"]:
            raise ValueError("levels must be junior, mid and senior, in this order")
        if [stage.number for stage in self.stages] != [1, 2, 3, 4, 5]:
            raise ValueError("stages must be stage-1 to stage-5, in this order")
        if twice := [id_ for id_, count in Counter(_ids(self)).items() if count > 1]:
            raise ValueError(f"the id {twice[0]!r} is given twice")
        for topic in self.topics.values():
            if unknown := [skill for skill in topic.skills if skill not in self.skills]:
                raise ValueError(f"the topic {topic.id!r} builds the unknown skill {unknown[0]!r}")
        return self


def read_roadmap(path: Path) -> Roadmap:
    """Read and check the roadmap file.

    Raises:
        MaterialError: the file is missing, is not YAML, or a field of it is unknown, missing or
            wrong; the message names file and field.
    """
    return read_typed(path, Roadmap, "the roadmap")


def _ids(entry: Any) -> Iterator[str]:
    if isinstance(entry, Entry):
        if "id" in type(entry).model_fields:
            yield str(entry.id)  # type: ignore[attr-defined]
        for name in type(entry).model_fields:
            yield from _ids(getattr(entry, name))
    elif isinstance(entry, tuple):
        for each in entry:
            yield from _ids(each)


# --- pages --------------------------------------------------------------------------------


def render_pages(roadmap: Roadmap, folder: Path) -> list[str]:
    """The roadmap as Markdown documents with front matter, by the templates in `folder`.

    Raises:
        MaterialError: a template is broken, or gives a section the wrong number of questions.
    """
    env = environment(folder)
    return [
        render(env, name, {"roadmap": roadmap, **subject})
        for name in template_names(folder)
        for subject in _subjects(roadmap, name)
    ]


def _subjects(roadmap: Roadmap, name: str) -> list[dict[str, Any]]:
    if name == "level.md.j2":
        return [{"level": level} for level in roadmap.levels]
    if name == "stage.md.j2":
        return [{"stage": stage} for stage in roadmap.stages]
    return [{}]
