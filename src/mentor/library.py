"""The material as a library: its pages by id, on shelves, in an order to read them in.

The pages are those of the index: the corpus, and what was indexed beside it. They are read again
when another generation comes into use, so that a citation and the page that it opens agree.
"""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from mentor.errors import MaterialError
from mentor.generation import (
    all_roots,
    current_generation,
    generation_folder,
    read_manifest,
    remembered_roots,
)
from mentor.learner import LEVELS
from mentor.material import files_of, read_pages
from mentor.records import BOUNDARY, Page, Record

SHELVES = {
    "roadmap": "The roadmap",
    "lesson": "Lessons",
    "project": "Projects",
    "track": "Tracks",
    "course": "Courses",
    "level": "Levels",
    "career": "Career",
    "glossary": "Glossary",
    "page": "Further pages",
}
"""Kinds of pages and what stands on their shelf, in the order of the shelves."""


class Books(Record):
    """All pages that can be read, by id."""

    pages: dict[str, Page]

    @cached_property
    def shelves(self) -> dict[str, tuple[Page, ...]]:
        """The pages of each kind in reading order; kinds without a name in `SHELVES` come last."""
        kinds = dict.fromkeys([*SHELVES, *(page.place.kind for page in self.pages.values())])
        ordered = sorted(self.pages.values(), key=self._turn)
        found = {kind: tuple(p for p in ordered if p.place.kind == kind) for kind in kinds}
        return {kind: pages for kind, pages in found.items() if pages}

    @cached_property
    def by_file(self) -> dict[str, str]:
        """Page ids by file, for links from page to page; of files with one page."""
        ids: dict[str, list[str]] = {}
        for page in self.pages.values():
            ids.setdefault(page.file, []).append(page.id)
        return {file: found[0] for file, found in ids.items() if len(found) == 1}

    def beside(self, page: Page) -> tuple[Page | None, Page | None]:
        """The pages before and after this one on its shelf."""
        shelf = self.shelves[page.place.kind]
        at = [each.id for each in shelf].index(page.id)
        return (shelf[at - 1] if at else None), (shelf[at + 1] if at + 1 < len(shelf) else None)

    def linked(self, page: Page, target: str) -> str | None:
        """`page#anchor` that a relative link of `page` leads to; None where there is no such page.

        Args:
            target: a path from the page's own file, as `../lessons/x.md#anchor`, percent-encoded.
        """
        path, _, anchor = target.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(page.file), unquote(path)))
        found = self.by_file.get(file) if path else page.id
        return found and (f"{found}#{anchor}" if anchor else found)

    def _turn(self, page: Page) -> tuple[int, int, str, int, str]:
        place = page.place
        level = LEVELS.index(place.level) + 1 if place.level else 0
        return place.stage or 0, level, place.track or "", self._depth[page.id], page.title

    @cached_property
    def _depth(self) -> Mapping[str, int]:
        """How many pages, one resting on the other, come before each."""
        depths: dict[str, int] = {}

        def depth(id_: str) -> int:
            if id_ not in depths:
                depths[id_] = 0  # pages that need each other in a circle end here
                needs = self.pages[id_].prerequisites
                depths[id_] = max((depth(n) + 1 for n in needs if n in self.pages), default=0)
            return depths[id_]

        return {id_: depth(id_) for id_ in self.pages}


class Library:
    """The books of the index in use. Safe to use from several threads."""

    def __init__(self, corpus: Path, index: Path) -> None:
        self._corpus = corpus
        self._index = index
        self._read: tuple[str | None, Books] | None = None
        self._lock = threading.Lock()

    def books(self) -> Books:
        """The pages of the generation that is in use; of the corpus while there is none.

        Raises:
            IndexUnusable: CURRENT or the manifest is damaged.
            MaterialError: there is no corpus.
        """
        with self._lock:
            name = current_generation(self._index)
            if self._read is None or self._read[0] != name:
                self._read = name, _read(self._corpus, self._index, name)
            return self._read[1]


def _read(corpus: Path, index: Path, name: str | None) -> Books:
    folder = generation_folder(index, name) if name else None
    roots = all_roots([corpus], remembered_roots(folder) if folder else ())
    manifest = read_manifest(folder) if folder else None
    indexed = manifest.files if manifest else {}
    owner = {id_: shown for shown, entry in indexed.items() for id_ in entry.pages}
    pages: dict[str, Page] = {}
    for path, shown in files_of(*(Path(root.path) for root in roots)):
        for page in _pages(path, shown):
            if page.place.kind != BOUNDARY and owner.get(page.id, shown) == shown:
                pages.setdefault(page.id, page)
    return Books(pages=pages)


def _pages(path: Path, shown: str) -> list[Page]:
    """The pages of a file; none where it was broken since it was indexed."""
    try:
        return read_pages(path, shown)
    except (MaterialError, OSError):
        return []
