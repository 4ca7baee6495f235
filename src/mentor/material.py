"""A file of material becomes pages, sections and passages.

    file --loader by suffix--> Page(s) --headings--> sections --window--> Passages

A page is Markdown, or parts whose places in their file have numbers. `mentor.loaders` makes
pages of the many kinds of file, so that everything past them knows these two forms only. Loaders
are the table `LOADERS`.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from langchain_text_splitters import RecursiveCharacterTextSplitter
from pydantic import ValidationError

from mentor.errors import MaterialError
from mentor.loaders.html import load_docx, load_html
from mentor.loaders.markdown import Headed, Trail, headed, load_markdown, load_yaml
from mentor.loaders.notebook import load_notebook
from mentor.loaders.page import refuse_large, too_large
from mentor.loaders.pdf import load_pdf
from mentor.loaders.slides import load_pptx
from mentor.loaders.subtitles import load_subtitles
from mentor.loaders.table import load_csv
from mentor.loaders.text import load_text, read_text
from mentor.records import Asked, Page, Passage, Spot

PASSAGE_TOKENS = 256
ASKED = "asked.jsonl"
TEMPLATE = ".j2"
"""Suffix of what makes pages of the YAML beside it."""

Count = Callable[[str], int]
"""Length of a text in the embedder's tokens, its two special tokens included."""


class Found(NamedTuple):
    """A file of the material: under which root, where, and the path that people are shown."""

    root: Path
    path: Path
    shown: str


def files_of(*roots: Path) -> Iterator[tuple[Path, str]]:
    """Every file under `roots` that a loader knows, once, with the path that people are shown.

    Raises:
        MaterialError: as `found`.
    """
    return ((file.path, file.shown) for file in found(*roots))


def found(*roots: Path) -> Iterator[Found]:
    """The same, with their roots.

    Hidden files, README files and templates are not material, unless a root names them. Shown is
    the root's name and what stands under it; a root whose name is taken brings its parent's too.

    Raises:
        MaterialError: a root does not exist, or is a file of a kind that no loader knows.
    """
    labels: list[Path] = []
    seen: set[Path] = set()
    for root in roots:
        if not root.exists():
            raise MaterialError(f"There is no file or folder {root}.", cure="Check the path.")
        if root.is_file() and not known(root):
            raise MaterialError(
                f"{root} is of a kind that Mentor cannot read.",
                cure=f"It reads {', '.join(sorted(LOADERS))}.",
            )
        labels.append(_label(root.absolute(), labels))
        for path in [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file()):
            within = path.relative_to(root)
            aside = within.stem.upper() == "README" or any(part[:1] == "." for part in within.parts)
            if known(path) and not aside and path.resolve() not in seen:
                seen.add(path.resolve())
                # A name that is not UTF-8 could be neither stored nor printed.
                shown = os.fsencode(labels[-1] / within).decode(errors="backslashreplace")
                yield Found(root, path, shown)


def passed_over(root: Path) -> Counter[str]:
    """How many files of each other kind, by suffix, stand under `root`."""
    files = root.rglob("*") if root.is_dir() else ()
    within = (path.relative_to(root) for path in files if path.is_file())
    return Counter(
        path.suffix.lower() or "no suffix"
        for path in within
        if not known(path) and not any(p[:1] == "." for p in path.parts)
    )


def known(path: Path) -> bool:
    """Whether a loader reads files of this name."""
    suffix = path.suffix.lower()
    return suffix in LOADERS and (suffix != ".jsonl" or path.name == ASKED)


def _label(root: Path, taken: list[Path]) -> Path:
    for depth in range(1, len(root.parts)):
        label = Path(*root.parts[-depth:])
        if not any(label.is_relative_to(other) or other.is_relative_to(label) for other in taken):
            return label
    return Path(*root.parts[1:])


def fingerprint(path: Path) -> str:
    """Changes whenever the pages of `path` would: its bytes, and for YAML its templates'.

    Of a file that is too large to be read only the size counts.
    """
    if size := too_large(path):
        return f"{size} bytes"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    if path.suffix.lower() in {".yaml", ".yml"}:
        for template in sorted(path.parent.glob(f"*{TEMPLATE}")):
            digest.update(template.read_bytes())
    return digest.hexdigest()


def read_pages(path: Path, shown: str) -> list[Page]:
    """The pages of one file.

    Raises:
        MaterialError: the file is empty, too large, locked, damaged, without text, not of the
            kind that its suffix says, or its front matter is wrong; the message names file, line
            or field, and the cure.
    """
    refuse_large(path, shown)
    return LOADERS[path.suffix.lower()](path, shown)


def load_asked(path: Path, shown: str) -> list[Page]:
    """Checks a file of asked questions; it teaches retrieval and the gate, and holds no pages."""
    read_asked(path, shown)
    return []


def read_asked(path: Path, shown: str) -> list[Asked]:
    """The questions of an `asked.jsonl`, one JSON object a line."""
    asked = []
    # As JSON Lines has it; splitlines() knows further line ends, which a question may hold.
    for number, line in enumerate(read_text(path, shown).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            asked.append(Asked.model_validate_json(line))
        except ValidationError as exc:
            raise MaterialError(
                f"{shown}, line {number}: not a question.",
                cure='A line is {"question": "…", "answered": true, "section": "page#anchor"}.',
            ) from exc
    return asked


LOADERS: dict[str, Callable[[Path, str], list[Page]]] = {
    ".md": load_markdown,
    ".markdown": load_markdown,
    ".txt": load_text,
    ".yaml": load_yaml,
    ".yml": load_yaml,
    ".jsonl": load_asked,
    ".pdf": load_pdf,
    ".docx": load_docx,
    ".pptx": load_pptx,
    ".html": load_html,
    ".htm": load_html,
    ".ipynb": load_notebook,
    ".srt": load_subtitles,
    ".vtt": load_subtitles,
    ".csv": load_csv,
}


# --- sections and passages ----------------------------------------------------------------


def slug(heading: str) -> str:
    """The anchor that forges give a heading: lower case, no punctuation, hyphens for blanks."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip())


class Heading(NamedTuple):
    """A heading of a page's body; no anchor: it repeats the title and opens nothing."""

    line: int
    """Counted from 0."""
    depth: int
    text: str
    anchor: str


def headings_of(page: Page) -> Iterator[Heading]:
    """The headings of `page`, with the anchors that passages refer to."""
    for part, anchor in _anchored(page):
        if part.depth:
            yield Heading(part.line, part.depth, part.heading, anchor)


def sections_of(page: Page) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(anchor, heading path, Markdown) of every section of `page` that says something.

    The anchor of a page's opening is empty. A `#` heading that repeats the title opens nothing.
    """
    trail: Trail = []
    for part, anchor in _anchored(page):
        if part.depth:
            trail = [(d, h) for d, h in trail if d < part.depth]
            if anchor:
                trail.append((part.depth, part.heading))
        if part.text:
            yield anchor, (page.title, *(h for _, h in trail)), part.text


def _anchored(page: Page) -> Iterator[tuple[Headed, str]]:
    used: set[str] = set()
    for part in headed(page.body):
        opens = part.depth and not (part.depth == 1 and part.heading == page.title)
        name = part.anchor or slug(part.heading) or "section"
        yield part, _unused(name, used) if opens else ""


def _unused(anchor: str, used: set[str]) -> str:
    """`anchor`, or the first of anchor-1, anchor-2, … that no section has yet."""
    numbered = (f"{anchor}-{n}" for n in itertools.count(1))
    free = next(name for name in itertools.chain([anchor], numbered) if name not in used)
    used.add(free)
    return free


def passages_of(page: Page, count: Count) -> list[Passage]:
    """The passages of `page`, each of at most `PASSAGE_TOKENS` with its heading path."""
    if page.parts:
        return _passages_of_parts(page, count)
    passages = []
    numbers: Counter[str] = Counter()  # words before and after a title are one section
    for anchor, path, text in sections_of(page):
        section = f"{page.id}#{anchor}" if anchor else page.id
        for piece in _pieces(text, path, count):
            n = numbers[section]
            numbers[section] += 1
            passages.append(
                Passage(
                    id=f"{section}~{n}",
                    section=section,
                    path=path,
                    text=piece,
                    file=page.file,
                    place=page.places.get(anchor, page.place),
                    url=f"{page.url}#{anchor}" if page.url and anchor else page.url,
                    questions=page.questions.get(anchor, ()) if n == 0 else (),
                )
            )
    return passages


def _passages_of_parts(page: Page, count: Count) -> list[Passage]:
    """Parts under one heading are read on as one text, so that a sentence may cross a page.

    A passage's section is the part in which it begins.
    """
    passages = []
    numbers: Counter[str] = Counter()
    for path, group in itertools.groupby(page.parts, key=lambda part: part.path):
        parts = list(group)
        starts = list(itertools.accumulate((len(p.text) + 1 for p in parts), initial=0))
        text = "\n".join(part.text for part in parts)
        headings = (page.title, *path)
        end = 0
        for piece in _pieces(text, headings, count):
            start = text.index(piece, end)
            end = start + len(piece)
            here = range(bisect_right(starts, start) - 1, bisect_left(starts, end))
            section = f"{page.id}#{parts[here[0]].anchor}"
            n = numbers[section]
            numbers[section] += 1
            passages.append(
                Passage(
                    id=f"{section}~{n}",
                    section=section,
                    path=headings,
                    text=piece,
                    file=page.file,
                    place=page.place,
                    url=page.url,
                    questions=parts[0].questions if start == 0 else (),
                    unit=page.unit,
                    spots=tuple(
                        Spot(
                            start=max(0, starts[i] - start), at=parts[i].at, anchor=parts[i].anchor
                        )
                        for i in here
                    ),
                )
            )
    return passages


def _pieces(text: str, path: tuple[str, ...], count: Count) -> list[str]:
    """`text` in pieces that fit a passage with their heading path."""
    room = max(PASSAGE_TOKENS - count(" › ".join(path)), 64)
    return [text] if count(text) <= room else _split(text, room, count)


def _split(text: str, room: int, count: Count) -> list[str]:
    splitter = RecursiveCharacterTextSplitter(
        separators=["\n\n", "\n", ". ", " ", ""],
        keep_separator="end",
        chunk_size=room,
        chunk_overlap=0,
        length_function=count,
    )
    return [piece.strip() for piece in splitter.split_text(text) if piece.strip()]
