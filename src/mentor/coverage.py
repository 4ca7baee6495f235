"""Which page covers which entry of the roadmap: the table that shows that nothing is left out.

Beside it the rules by which pages and the skill map must agree with the roadmap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mentor.page_rules import Fault, headings_of
from mentor.records import Page, Record
from mentor.roadmap import Roadmap
from mentor.skills import SkillMap

GLOSSARY_TERMS = 200


class Row(Record):
    """An entry that the corpus must cover, and where it does; no `page`: nowhere."""

    what: str
    id: str
    name: str
    page: str | None = None


def coverage(roadmap: Roadmap, pages: Iterable[Page], skills: SkillMap | None) -> tuple[Row, ...]:
    """Topics, deliverables, courses, skills, levels, KPIs, stages and the glossary, in this order.

    A course that serves two stages is one row: its name counts, not its ids.
    """
    by_id = {page.id: page for page in pages}
    rows = [
        *_topics(roadmap, by_id),
        *_named("deliverable", {id_: d.name for id_, d in roadmap.deliverables.items()}, by_id),
        *_courses(roadmap, by_id),
        *_skills(roadmap, skills),
        *_kpis(roadmap, by_id),
        _glossary(by_id.values()),
    ]
    for level in roadmap.levels:
        rows.append(_row("level", level.id, level.title, f"levels/{level.id}", by_id))
    for stage in roadmap.stages:
        rows.append(_row("tracks", stage.id, stage.full, f"tracks/{stage.id}", by_id))
    return tuple(rows)


def _row(what: str, id_: str, name: str, page: str, by_id: dict[str, Page]) -> Row:
    return Row(what=what, id=id_, name=name, page=page if page in by_id else None)


def _topics(roadmap: Roadmap, by_id: dict[str, Page]) -> Iterator[Row]:
    for topic in roadmap.topics.values():
        lessons = (p for p in by_id.values() if p.place.kind == "lesson" and topic.id in p.topics)
        lesson = next(lessons, None)
        yield Row(what="topic", id=topic.id, name=topic.name, page=lesson.id if lesson else None)


def _named(what: str, names: dict[str, str], by_id: dict[str, Page]) -> Iterator[Row]:
    for id_, name in names.items():
        yield _row(what, id_, name, f"projects/{id_}", by_id)


def _courses(roadmap: Roadmap, by_id: dict[str, Page]) -> Iterator[Row]:
    ids: dict[str, list[str]] = {}
    for course in roadmap.courses.values():
        ids.setdefault(course.name, []).append(course.id)
    for name, same in ids.items():
        found = (f"courses/{id_}" for id_ in same if f"courses/{id_}" in by_id)
        yield Row(what="course", id=same[0], name=name, page=next(found, None))


def _skills(roadmap: Roadmap, skills: SkillMap | None) -> Iterator[Row]:
    for skill in roadmap.skills.values():
        row = skills.skills.get(skill.id) if skills else None
        page = row.lessons[0] if row else None
        yield Row(what="skill", id=skill.id, name=skill.name, page=page)


def _kpis(roadmap: Roadmap, by_id: dict[str, Page]) -> Iterator[Row]:
    """A KPI's card is one or more sections whose headings begin with its name."""
    for level in roadmap.levels:
        page = by_id.get(f"levels/kpis-{level.id}")
        headings = [_plain(text) for _, _, text in headings_of(page.body)] if page else []
        for kpi in level.kpis.items:
            carded = any(heading.startswith(_plain(kpi.name)) for heading in headings)
            yield Row(
                what="kpi",
                id=kpi.id,
                name=kpi.name,
                page=page.id if page and carded else None,
            )


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower().replace("&", " and ")))


def _glossary(pages: Iterable[Page]) -> Row:
    terms = glossary_terms(pages)
    name = f"at least {GLOSSARY_TERMS} terms ({terms} found)"
    page = "glossary" if terms >= GLOSSARY_TERMS else None
    return Row(what="glossary", id="glossary", name=name, page=page)


def glossary_terms(pages: Iterable[Page]) -> int:
    """Headings below the title of the glossary's pages: one term each."""
    return sum(
        depth > 1
        for page in pages
        if page.place.kind == "glossary"
        for _, depth, _ in headings_of(page.body)
    )


def proper_names(roadmap: Roadmap) -> tuple[str, ...]:
    """Names that a page can only repeat: topics, courses, and the titles of other resources."""
    resources = roadmap.resources
    shelves = (
        resources.free_courses,
        resources.articles,
        resources.webinars,
        resources.recommended_courses,
    )
    named = [*roadmap.topics.values(), *roadmap.courses.values()]
    named += [each for shelf in shelves for each in shelf.items]
    return tuple(each.name for each in named)


# --- what contradicts the roadmap ---


def course_faults(page: Page, roadmap: Roadmap) -> Iterator[Fault]:
    """A course page stands for a course of the roadmap, in its stage and track."""
    places = {
        (stage.number, track.track)
        for stage in roadmap.stages
        for track in stage.tracks
        for course in track.courses
        if course.name == page.title
    }
    if not places:
        yield 1, f"The roadmap has no course {page.title!r}."
    elif len(places) == 1 and (page.place.stage, page.place.track) not in places:
        ((stage, in_track),) = places
        yield 1, f"The roadmap has this course in stage {stage}, track {in_track}."


def skill_faults(skills: SkillMap, roadmap: Roadmap, pages: list[Page]) -> Iterator[Fault]:
    """Ids that resolve, and no skill that a page's front matter claims but the map leaves out."""
    known: dict[str, Iterable[str]] = {
        "lessons": {page.id for page in pages},
        "deliverables": roadmap.deliverables,
        "interview_topics": roadmap.topics,
    }
    for id_, row in skills.skills.items():
        if id_ not in roadmap.skills:
            yield id_, "The roadmap has no such skill."
        for key, there in known.items():
            for other in getattr(row, key):
                if other not in there:
                    yield id_, f"{key} names the unknown {other!r}."
    for page in pages:
        for skill in page.skills:
            row_ = skills.skills.get(skill)
            if row_ and page.place.kind == "lesson" and page.id not in row_.lessons:
                yield skill, f"lessons leaves out {page.id}, which builds the skill."
            name = page.id.removeprefix("projects/")
            if row_ and page.place.kind == "project" and name not in row_.deliverables:
                yield skill, f"deliverables leaves out {name}, which proves the skill."
