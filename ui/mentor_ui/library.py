"""The library: every page of the material, whole; where each citation of the chat leads.

Plain pages of FastAPI, because Gradio gives a page neither an address of its own for each lesson
nor anchors in it.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from mentor.errors import MentorError
from mentor.library import SHELVES, Books, Library
from mentor.material import headings_of
from mentor.mentor import Mentor
from mentor.records import Hit, Page, Source
from mentor_ui.page_html import page_html
from mentor_ui.pages import shown, trouble

SHELF = "/library"
MOST_FOUND = 12
LONGEST_EXCERPT = 260
VOICES: dict[Source, str] = {"roadmap": "The roadmap", "editorial": "Our editors"}


class Found(NamedTuple):
    """A section that a search found."""

    address: str
    heading: str
    shelf: str
    excerpt: str


def address_of(section: str) -> str:
    """Where a section can be read: `page#anchor`, or a page."""
    page, _, anchor = section.partition("#")
    return f"{SHELF}/{quote(page)}" + (f"#{quote(anchor)}" if anchor else "")


def mount_library(app: FastAPI, mentor: Mentor, library: Library) -> None:
    """`/library`, `/library?q=words` and `/library/PAGE`."""

    @app.get(SHELF, include_in_schema=False)
    def shelves(q: str = "") -> HTMLResponse:
        try:
            books = library.books()
            found = _searched(mentor, books, q.strip()) if q.strip() else None
        except MentorError as error:
            return trouble(error)
        named = {kind: shelf_name(kind) for kind in books.shelves}
        return shown("shelves", books=books, names=named, wanted=q.strip(), found=found)

    @app.get(SHELF + "/{page_id:path}", include_in_schema=False)
    def page(page_id: str) -> HTMLResponse:
        try:
            books = library.books()
        except MentorError as error:
            return trouble(error)
        wanted = books.pages.get(page_id)
        if wanted is None:
            return shown("missing", status=404, wanted=page_id)
        return _page(wanted, books)


def shelf_name(kind: str) -> str:
    return SHELVES.get(kind, kind.replace("-", " ").capitalize())


def _page(page: Page, books: Books) -> HTMLResponse:
    before, after = books.beside(page)
    body = page_html(page, partial(_linked, books, page))
    return shown(
        "page",
        page=page,
        body=Markup(body),  # made of escaped text by `page_html`
        shelf=shelf_name(page.place.kind),
        voice=VOICES[page.place.source],
        contents=[head for head in headings_of(page) if head.anchor and head.depth <= 2],
        before=before,
        after=after,
        address_of=address_of,
        needs=[books.pages[id_] for id_ in page.prerequisites if id_ in books.pages],
    )


def _linked(books: Books, page: Page, target: str) -> str | None:
    section = books.linked(page, target)
    return address_of(section) if section else None


def _searched(mentor: Mentor, books: Books, wanted: str) -> list[Found]:
    """The sections nearest to what is wanted, each once, best first."""
    best: dict[str, Hit] = {}
    for hit in mentor.retriever.search(wanted, k=2 * MOST_FOUND):
        if hit.passage.page in books.pages:
            best.setdefault(hit.passage.section, hit)
    return [_found(hit) for hit in list(best.values())[:MOST_FOUND]]


def _found(hit: Hit) -> Found:
    passage = hit.passage
    excerpt = " ".join(passage.text.split())
    if len(excerpt) > LONGEST_EXCERPT:
        excerpt = excerpt[:LONGEST_EXCERPT].rsplit(" ", 1)[0] + " …"
    return Found(
        address_of(passage.section), passage.heading, shelf_name(passage.place.kind), excerpt
    )
