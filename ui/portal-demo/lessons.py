"""The portal's pages, made of the material that ships with Mentor; a real portal has its own."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt

from mentor.material import files_of, read_pages, sections_of
from mentor.records import Page
from mentor.settings import shipped

HERE = Path(__file__).parent
_templates = Environment(loader=FileSystemLoader(HERE), autoescape=True)
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


PAGES: dict[str, Page] = {
    page.id: page for path, shown in files_of(shipped("corpus")) for page in read_pages(path, shown)
}
"""Every page of the material by its id, since an answer may cite any of them."""


def contents(learner: str | None, mentor: str) -> str:
    """The front page: the lessons, stage by stage."""
    stages: dict[int, list[Page]] = {}
    for page in PAGES.values():
        if page.place.kind == "lesson" and page.place.stage:
            stages.setdefault(page.place.stage, []).append(page)
    template = _templates.get_template("contents.html")
    return template.render(stages=sorted(stages.items()), learner=learner, mentor=mentor)


def lesson(name: str, mentor: str) -> str | None:
    """A page with an id on each section, which citations lead to; None where there is none."""
    page = PAGES.get(name)
    if page is None:
        return None
    sections = [
        {"anchor": anchor, "heading": path[-1], "depth": len(path), "html": _markdown.render(text)}
        for anchor, path, text in sections_of(page)
    ]
    return _templates.get_template("lesson.html").render(
        page=page, sections=sections, mentor=mentor
    )
