"""The material as a plan reads it: what there is to learn, in which order, and where it stands.

    roadmap.yaml ─┐
    skills.yaml ──┼── read_syllabus(corpus) ──> Syllabus: units by id, skills, sections to cite
    planning.yaml ┤
    front matter ─┘   hours, prerequisites, skills, topics, stage of lessons, courses, projects

It is read once and kept; a plan is then a matter of milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Literal

from mentor import language
from mentor.errors import MaterialError
from mentor.material import files_of, read_pages, sections_of
from mentor.planning import Planning, read_planning
from mentor.records import Level, Page, Record
from mentor.roadmap import Roadmap, read_roadmap
from mentor.skills import SkillMap, read_skills

UnitKind = Literal["lesson", "course", "deliverable"]
_FOLDERS = ("lessons", "courses", "projects", "career", "tracks", "levels", "glossary")


class Cite(Record):
    """A section of the material, and the words of it that are meant."""

    section: str
    quote: str


class Unit(Record):
    """Something to work through, as its page's front matter describes it."""

    id: str
    """A page id, but for deliverables and courses: theirs are the roadmap's."""
    kind: UnitKind
    title: str
    page: str
    stage: int
    """Where none is given, the latest stage of what has to come before."""
    track: str | None = None
    level: Level | None = None
    hours: tuple[float, float]
    skills: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Ids of lessons to do before."""


class Syllabus(Record):
    """Everything that a plan draws on."""

    roadmap: Roadmap
    skills: SkillMap
    planning: Planning
    units: dict[str, Unit]
    sections: dict[str, tuple[str, str]]
    """(heading, text) of each section, by id; a page's opening has the page's id."""

    @cached_property
    def lessons(self) -> dict[str, tuple[str, ...]]:
        """The lessons that teach each skill, the most important first."""
        return {
            skill: tuple(page for page in row.lessons if page in self.units)
            for skill, row in self.skills.skills.items()
        }

    @cached_property
    def skill_order(self) -> dict[str, int]:
        """A place for each skill, after those that it rests on."""
        rows = self.skills.skills
        order = TopologicalSorter({id_: row.prerequisites for id_, row in rows.items()})
        return {id_: n for n, id_ in enumerate(order.static_order())}

    @cached_property
    def courses(self) -> dict[tuple[str, int], tuple[Unit, ...]]:
        """Courses by track and stage, in the roadmap's order."""
        return {
            (each.track, stage.number): tuple(
                self.units[course.id] for course in each.courses if course.id in self.units
            )
            for stage in self.roadmap.stages
            for each in stage.tracks
        }

    @cached_property
    def words(self) -> dict[str, tuple[str, ...]]:
        """What people write who have a skill: its words, and its name in the roadmap."""
        return {
            id_: (skill.name.lower(), *self.planning.words.get(id_, ()))
            for id_, skill in self.roadmap.skills.items()
        }

    @cached_property
    def taught_in(self) -> dict[str, int]:
        """The first stage that teaches each skill; soft skills have none."""
        stages = reversed(self.roadmap.stages)
        return {
            skill: stage.number
            for stage in stages
            for topic in stage.topics.items
            for skill in topic.skills
        }

    @cached_property
    def stage_of_skill(self) -> dict[str, int]:
        """The first stage that teaches a skill; one that none does has the first of its level."""
        levels, taught = self.roadmap.level_of_skill, self.taught_in
        first = {
            level: min((n for id_, n in taught.items() if levels[id_] == level), default=1)
            for level in set(levels.values())
        }
        return {id_: taught.get(id_, first[level]) for id_, level in levels.items()}

    def name(self, id_: str) -> str:
        """What people call the skill, topic, unit or practice with this id."""
        kind, _, about = id_.partition("-")
        if kind == "practice":
            if about in self.roadmap.level:
                return f"Mock interview: {self.roadmap.level[about].title}"
            return f"Interview practice: {self.name(about)}"
        for shelf in (self.roadmap.skills, self.roadmap.topics):
            if id_ in shelf:
                return shelf[id_].name
        return self.units[id_].title if id_ in self.units else id_

    def cite(self, page: str, *, about: str = "") -> Cite:
        """The section of a page whose heading matches the pattern `about`, or its opening."""
        if (page, about) not in self._cited:
            self._cited[page, about] = self._cite(page, about)
        return self._cited[page, about]

    def _cite(self, page: str, about: str) -> Cite:
        own = self._sections_of[page]
        found = (section for section in own if self._matches(section, about))
        opening = page if page in self.sections else own[0]
        section = next(found, opening) if about else opening
        return Cite(section=section, quote=_opening(self.sections[section][1]))

    def _matches(self, section: str, about: str) -> bool:
        return "#" in section and bool(re.search(about, self.sections[section][0], re.I))

    @cached_property
    def _cited(self) -> dict[tuple[str, str], Cite]:
        """Sections found before: the same ones are cited in every plan."""
        return {}

    @cached_property
    def _sections_of(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for section in self.sections:
            found.setdefault(section.partition("#")[0], []).append(section)
        return found


def read_syllabus(corpus: Path) -> Syllabus:
    """Read what a plan needs of the corpus.

    Raises:
        MaterialError: a file is missing or wrong; the message names it.
    """
    pages = list(_pages(corpus))
    roadmap = read_roadmap(corpus / "roadmap" / "roadmap.yaml")
    skills = read_skills(corpus / "skills.yaml")
    units = {unit.id: _proving(unit, skills) for unit in _units(pages, roadmap)}
    return Syllabus(
        roadmap=roadmap,
        skills=skills,
        planning=read_planning(corpus / "planning.yaml"),
        units={id_: _staged(unit, units) for id_, unit in units.items()},
        sections={
            f"{page.id}#{anchor}" if anchor else page.id: (path[-1], text)
            for page in pages
            for anchor, path, text in sections_of(page)
        },
    )


def _pages(corpus: Path) -> Iterator[Page]:
    folders = [corpus / name for name in _FOLDERS if (corpus / name).is_dir()]
    roadmap = corpus / "roadmap"
    if not roadmap.is_dir():
        raise MaterialError(
            f"{corpus} holds no roadmap, and a plan needs one.",
            cure="Set `corpus` to a folder that has roadmap/roadmap.yaml.",
        )
    for path, shown in files_of(roadmap, *folders):
        yield from read_pages(path, shown)


def _units(pages: Iterable[Page], roadmap: Roadmap) -> Iterator[Unit]:
    by_id = {page.id: page for page in pages}
    stage_of = {d.id: stage.number for stage in roadmap.stages for d in stage.deliverables.items}
    level_of = {d.id: level.id for level in roadmap.levels for d in level.deliverables.items}
    for page in by_id.values():
        if page.place.kind == "lesson":
            yield _unit(page, page.id, "lesson", stage=page.place.stage or 0)
    for id_ in roadmap.deliverables:
        if project := by_id.get(f"projects/{id_}"):
            stage = stage_of.get(id_, 0)
            yield _unit(project, id_, "deliverable", stage=stage, level=level_of.get(id_))
    titled = {page.title: page for page in by_id.values() if page.place.kind == "course"}
    for each in roadmap.stages:
        for track in each.tracks:
            for course in track.courses:
                # The roadmap lists one course in two stages, under two ids; its page is one.
                known = by_id.get(f"courses/{course.id}") or titled.get(course.name)
                if known is not None:
                    yield _unit(known, course.id, "course", stage=each.number, track=track.track)


def _unit(
    page: Page,
    id_: str,
    kind: UnitKind,
    *,
    stage: int,
    track: str | None = None,
    level: Level | None = None,
) -> Unit:
    if page.hours is None:
        raise MaterialError(
            f"{page.file} has no hours, and a plan cannot place it.",
            cure="Write `hours: [low, high]` into its front matter.",
        )
    return Unit(
        id=id_,
        kind=kind,
        title=page.title,
        page=page.id,
        stage=stage,
        track=track,
        level=level,
        hours=page.hours,
        skills=page.skills,
        topics=page.topics,
        needs=page.prerequisites,
    )


def _proving(unit: Unit, skills: SkillMap) -> Unit:
    """A deliverable with the skills that the map has it prove, beside those of its page."""
    if unit.kind != "deliverable":
        return unit
    proven = (id_ for id_, row in skills.skills.items() if unit.id in row.deliverables)
    return unit.model_copy(update={"skills": tuple(dict.fromkeys((*unit.skills, *proven)))})


def _staged(unit: Unit, units: dict[str, Unit]) -> Unit:
    stage = unit.stage or max((units[n].stage for n in unit.needs if n in units), default=1)
    return unit.model_copy(update={"stage": stage})


def _opening(text: str) -> str:
    """The first sentence of a section."""
    first = text.split("\n\n", 1)[0]
    spans = language.sentence_spans(first)
    return first[spans[0][0] : spans[0][1]].strip() if spans else first.strip()
