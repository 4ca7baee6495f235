"""Does the section teach the point? The Judge's score for each point against its section.

A low score is no fault: a sound point may say in plain words what the section shows in a formula.
So nothing is refused here; the lowest are listed, and a person reads them beside their sections.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mentor.material import sections_of
from mentor.models.judge import Judge
from mentor.questions import Point
from mentor.records import Page, Passage, Record


class PointSupport(Record):
    """A point, and the words of its section that carry it best."""

    point: Point
    score: float
    """The meaning score, in [0, 1]."""
    violations: tuple[str, ...]
    """Guards of citations that the point breaks: figures, names, negation, direction."""
    words: str


def support(
    points: Iterable[Point], pages: Iterable[Page], judge: Judge
) -> tuple[PointSupport, ...]:
    """Every point whose section exists, the least supported first."""
    sections = {passage.section: passage for page in pages for passage in _whole_sections(page)}
    found = []
    for point in points:
        if passage := sections.get(point.section):
            given = judge.supports(point.says, passage)
            found.append(
                PointSupport(
                    point=point,
                    score=given.score,
                    violations=given.violations,
                    words=passage.text[given.start : given.end],
                )
            )
    return tuple(sorted(found, key=lambda each: (each.score, each.point.id)))


def _whole_sections(page: Page) -> Iterator[Passage]:
    for anchor, path, text in sections_of(page):
        section = f"{page.id}#{anchor}" if anchor else page.id
        yield Passage(id=f"{section}~0", section=section, path=path, text=text, file=page.file)
