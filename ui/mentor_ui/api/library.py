"""The material: its pages, their passages, and what a search finds; the same for everybody."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from mentor.conversation import clean
from mentor.mentor import Mentor
from mentor.records import BOUNDARY, UNANSWERED, Hit, Passage, Place
from mentor_ui.api.gate import Asking
from mentor_ui.api.parts import Text, TheMentor
from mentor_ui.api.problems import missing, responses

router = APIRouter(tags=["library"])


class LibraryPage(BaseModel):
    """A page of the material."""

    id: str
    title: str
    file: str
    url: str | None
    place: Place
    passages: int


class Library(BaseModel):
    pages: list[LibraryPage]


class Passages(BaseModel):
    passages: list[Passage]


class Hits(BaseModel):
    hits: list[Hit]
    """Best first."""


@router.get("/library", responses=responses())
def library(mentor: TheMentor, caller: Asking) -> Library:
    """Every page of the material."""
    return Library(pages=[_page(page, held) for page, held in _pages(mentor)])


@router.get("/library/{page:path}", responses=responses(404))
def page(
    page: Annotated[str, Path(min_length=1, max_length=300)], mentor: TheMentor, caller: Asking
) -> Passages:
    """The passages of one page, in order."""
    for id_, held in _pages(mentor):
        if id_ == page:
            return Passages(passages=[_shown(passage) for passage in held])
    raise missing("page")


@router.get("/sources", responses=responses())
def search(
    question: Annotated[Text, Query(min_length=1, max_length=2_000)],
    mentor: TheMentor,
    caller: Asking,
    most: Annotated[int, Query(ge=1, le=20)] = 6,
) -> Hits:
    """The passages that an answer to `question` would draw on."""
    hits = mentor.retriever.search(mentor.retriever.correct(clean(question)), k=most)
    return Hits(hits=[hit.model_copy(update={"passage": _shown(hit.passage)}) for hit in hits])


@router.get("/source", responses=responses(404))
def source(
    passage: Annotated[str, Query(min_length=1, max_length=400)], mentor: TheMentor, caller: Asking
) -> Passage:
    """One passage, as a citation names it."""
    found = mentor.reader.current().passages.get(passage)
    if found is None or found.place.kind in (BOUNDARY, UNANSWERED):
        raise missing("passage")
    return _shown(found)


def _pages(mentor: Mentor) -> list[tuple[str, list[Passage]]]:
    passages = [
        passage
        for passage in mentor.reader.current().passages.values()
        if passage.place.kind not in (BOUNDARY, UNANSWERED)
    ]
    grouped = groupby(passages, key=lambda passage: passage.page)
    return [(id_, list(held)) for id_, held in grouped]


def _page(id_: str, held: list[Passage]) -> LibraryPage:
    first = held[0]
    url = first.url.partition("#")[0] if first.url else None
    return LibraryPage(
        id=id_, title=first.path[0], file=first.file, url=url, place=first.place,
        passages=len(held),
    )  # fmt: skip


def _shown(passage: Passage) -> Passage:
    """Without what learners asked, which is there for the search alone."""
    return passage.model_copy(update={"asked": ()})
