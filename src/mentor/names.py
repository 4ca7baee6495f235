"""Skills, steps and specializations by what people call them: an id, a name, a word."""

from __future__ import annotations

from collections.abc import Iterable

from mentor import language
from mentor.errors import LearnerError
from mentor.syllabus import Syllabus, UnitKind

MOST_LIKE = 3
_KINDS: dict[str, UnitKind] = {
    "lesson": "lesson",
    "lessons": "lesson",
    "chapter": "lesson",
    "page": "lesson",
    "course": "course",
    "workshop": "course",
    "deliverable": "deliverable",
    "notebook": "deliverable",
}
"""Words for kinds; "project" is part of the names of courses and deliverables alike."""


def skill_id(syllabus: Syllabus, called: str) -> str:
    """The id of the skill that somebody calls so: its id, its name, or one of its words.

    Raises:
        LearnerError: the roadmap has no such skill; the cure names near ones.
    """
    wanted = " ".join(called.lower().split())
    for id_, words in syllabus.words.items():
        if wanted == id_ or wanted in words:
            return id_
    raise LearnerError(
        f"The roadmap has no skill {called[:60]!r}.",
        cure=_nearest(wanted, syllabus.roadmap.skills),
    )


def item_id(syllabus: Syllabus, called: str) -> str:
    """The id of a lesson, course, deliverable, practice or skill that somebody calls so.

    Raises:
        LearnerError: there is none.
    """
    wanted = " ".join(called.lower().split()).removesuffix(".md").removeprefix("projects/")
    for unit in syllabus.units.values():
        if wanted in (unit.id, unit.page, unit.title.lower(), unit.page.partition("/")[2]):
            return unit.id
    for about in (*syllabus.roadmap.topics, *syllabus.roadmap.level):
        practice = f"practice-{about}"
        names = {about, practice, syllabus.name(practice).lower()}
        if wanted in names - set(syllabus.roadmap.level):  # "junior" alone is no practice
            return practice
    try:
        return skill_id(syllabus, wanted)
    except LearnerError:
        raise LearnerError(
            f"There is no lesson, course, deliverable or skill {called[:60]!r}.",
            cure=_nearest(wanted, [*syllabus.units, *syllabus.roadmap.skills]),
        ) from None


def items_like(syllabus: Syllabus, called: str) -> list[str]:
    """Ids of the lessons, courses and deliverables that somebody may mean by a few words.

    Those whose title has all the words; failing that, the main lesson of the skill that is named.
    """
    words = set(language.content_words(called))
    kind = next((kind for word, kind in _KINDS.items() if word in words), None)
    wanted = words - set(_KINDS)
    if not wanted:
        return []
    units = [unit for unit in syllabus.units.values() if kind in (None, unit.kind)]
    for asked in (wanted, wanted - {"project"}):
        found = [u.id for u in units if asked and asked <= set(language.content_words(u.title))]
        if found:
            return found[:MOST_LIKE]
    try:
        lessons = syllabus.lessons[skill_id(syllabus, " ".join(sorted(wanted)))]
    except (LearnerError, KeyError):
        return []
    return list(lessons[:1]) if kind in (None, "lesson") else []


def specialisation_id(syllabus: Syllabus, called: str) -> str:
    """The id of the topic of stage 5 that somebody calls so.

    Raises:
        LearnerError: stage 5 has no such topic.
    """
    wanted = called.lower().strip()
    topics = syllabus.roadmap.stage[5].topics.items
    for topic in topics:
        if wanted and (wanted in topic.id or wanted in topic.name.lower()):
            return topic.id
    raise LearnerError(
        f"Stage 5 has no specialization {called[:60]!r}.",
        cure=f"Choose one of {', '.join(topic.id for topic in topics)}.",
    )


def _nearest(wanted: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(wanted.replace(" ", "-"), list(known), n=3, cutoff=0.5)
    return f"Did you mean {', '.join(near)}?" if near else "`mentor plan --skills` lists them."
