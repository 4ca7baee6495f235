"""PDF: a part for each page, under the headings of the document's outline."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mentor.errors import MaterialError
from mentor.loaders.markdown import Trail, under
from mentor.loaders.page import (
    LEAST_LETTERS,
    foreign_errors,
    page_of_parts,
    refuse_other_kind,
)
from mentor.loaders.text import direction_note, without_direction_marks
from mentor.records import Page, Part

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES = 5_000
_RUNNING = 0.5  # of the pages; a short first or last line on more of them is a running head
_SHORT = 80  # characters
_NO_TITLE = re.compile(r"microsoft|untitled|\.(docx?|pptx?|tex|indd)\b", re.I)


def load_pdf(path: Path, shown: str) -> list[Page]:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every blemish
    refuse_other_kind(path, shown, starts=b"%PDF-")
    with foreign_errors(shown, "PDF"), path.open("rb") as file:
        reader = PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise MaterialError(
                f"{shown} is locked by a password.", cure="Save it without a password."
            )
        texts, unreadable = _texts_of(reader)
        trails = _trails(reader, len(texts))
        title = (reader.metadata.title or "" if reader.metadata else "").strip()
        notes = _notes(texts, unreadable, len(reader.pages), shown)
    return [
        page_of_parts(
            shown,
            "page",
            (
                Part(text=_below(trail, text), at=n, anchor=f"page={n}", path=trail)
                for n, (text, trail) in enumerate(zip(texts, trails, strict=True), start=1)
                if text
            ),
            title=title if title and not _NO_TITLE.search(title) else "",
            notes=notes,
        )
    ]


def _texts_of(reader: PdfReader) -> tuple[list[str], list[int]]:
    """The text of each page, and the numbers of those that cannot be read."""
    texts, unreadable = [], []
    for n in range(min(len(reader.pages), MOST_PAGES)):
        try:
            texts.append(reader.pages[n].extract_text())
        except Exception:  # one broken page must not cost the others
            texts.append("")
            unreadable.append(n + 1)
        reader.resolved_objects.clear()  # fonts and pictures of all pages would pile up
    return [_tidy(text) for text in _without_running_heads(texts)], unreadable


def _tidy(text: str) -> str:
    """One line a paragraph would be better, but a PDF knows only lines: hyphens are undone."""
    text = without_direction_marks(unicodedata.normalize("NFKC", text))
    text = re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text)
    return re.sub(r"[ \t]+", " ", text).strip()


def _without_running_heads(texts: Sequence[str]) -> list[str]:
    """`texts` without the first and last lines that most pages share but for their number."""
    lines = [text.strip().split("\n") for text in texts]
    edges = Counter(key for page in lines for key in {_key(page[0]), _key(page[-1])})
    most = max(3, _RUNNING * len(texts))
    running = {key for key, n in edges.items() if n > most and len(key) < _SHORT}
    kept = []
    for page in lines:
        if len(page) > 2 and _key(page[0]) in running:
            page = page[1:]
        if len(page) > 2 and _key(page[-1]) in running:
            page = page[:-1]
        kept.append("\n".join(page))
    return kept


def _key(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _below(trail: Sequence[str], text: str) -> str:
    """`text` without the heading that opens it, which the outline has and which is no sentence."""
    first, _, rest = text.partition("\n")
    same = bool(trail) and first.strip(" .").casefold() == trail[-1].strip(" .").casefold()
    return rest.strip() if same and rest.strip() else text


def _trails(reader: PdfReader, count: int) -> list[tuple[str, ...]]:
    """The headings of the outline over each page; none where there is no outline."""
    starts: dict[int, list[tuple[int, str]]] = {}

    def walk(items: Sequence[Any], depth: int) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item, depth + 1)
            else:
                number = reader.get_destination_page_number(item)
                if number is not None and item.title:
                    starts.setdefault(number, []).append((depth, str(item.title).strip()))

    try:
        walk(reader.outline, 1)
    except Exception:  # a broken outline costs its headings only
        starts = {}
    trail: Trail = []
    trails = []
    for n in range(count):
        headings = starts.get(n, [])
        # A page on which two headings stand belongs to the first; the last rules the next pages.
        first = under(trail, *headings[0]) if headings else trail
        trails.append(tuple(heading for _, heading in first))
        for depth, heading in headings:
            trail = under(trail, depth, heading)
    return trails


def _notes(
    texts: Sequence[str], unreadable: Sequence[int], pages: int, shown: str
) -> tuple[str, ...]:
    """What is to be said of the pages.

    Raises:
        MaterialError: no page holds text.
    """
    without = [
        n
        for n, text in enumerate(texts, start=1)
        if sum(map(str.isalpha, text)) < LEAST_LETTERS and n not in unreadable
    ]
    if len(without) + len(unreadable) == len(texts):
        if unreadable:
            raise MaterialError(f"{shown} is a PDF whose pages are broken.", cure="Save it anew.")
        raise MaterialError(
            f"{shown} holds no text: it is a scan, or empty.",
            cure="Recognize its text first, with OCRmyPDF for one.",
        )
    notes = []
    if unreadable:
        notes.append(f"{_numbered(unreadable)} cannot be read")
    if without:
        notes.append(f"{_numbered(without)} of {len(texts)} without text (scanned, or pictures)")
    if pages > len(texts):
        notes.append(f"only the first {len(texts):,} of {pages:,} pages are read")
    return (*notes, *direction_note("".join(texts)))


def _numbered(pages: Sequence[int]) -> str:
    shown = ", ".join(map(str, pages[:10])) + (", …" if len(pages) > 10 else "")
    return f"{'page' if len(pages) == 1 else 'pages'} {shown}"
