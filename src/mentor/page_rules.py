"""What a page of the shipped corpus must be, judged by itself.

Each rule yields faults: the line or the anchor where it stands, and one sentence. Rules that need
the other pages or the roadmap are in `mentor.linter`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mentor.material import Count, sections_of, slug
from mentor.records import BOUNDARY, Page, Record

Fault = tuple[int | str, str]
"""Line (int) or anchor (str), and a sentence that says what is wrong."""


class Finding(Record):
    """One thing that is wrong."""

    file: str
    at: int | str = ""
    """A line, or an anchor."""
    what: str

    def __str__(self) -> str:
        if isinstance(self.at, int):
            return f"{self.file}:{self.at}: {self.what}"
        return f"{self.file}#{self.at}: {self.what}" if self.at else f"{self.file}: {self.what}"


def told(file: str, faults: Iterable[Fault]) -> Iterator[Finding]:
    return (Finding(file=file, at=at, what=what) for at, what in faults)


SECTION_TOKENS = 230
"""Leaves a margin below the embedder's window of 256."""
QUESTIONS = range(3, 9)
UNASKED = frozenset({"check-yourself", "read-next"})
OVERLAP_WORDS = 8

_BUILT = ("topics", "skills", "prerequisites", "hours")
NEEDED = {
    "lesson": ("stage", *_BUILT),
    "course": ("track", *_BUILT),
    "project": _BUILT,
    "track": ("stage", "topics"),
    "level": ("level", "skills"),
    "career": (),
    "glossary": (),
    BOUNDARY: (),
}
"""Keys of the front matter by kind of page, beside id, title, source and questions."""
_FILLED = {"lesson": ("topics", "skills"), "project": ("topics", "skills"), "track": ("topics",)}

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.S)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_PRONOUN = re.compile(
    r"(it|its|this|these|that|those|they|their|he|she|his|her|we|our|you|your|i|here|there|such)\b",
    re.I,
)
_LIST = re.compile(r"([-*+]|\d+[.)])\s")
_PIECES = r"\n\s*\n|\n(?=\s*(?:[-*+|#]|\d+[.)])\s)"

Grams = frozenset[tuple[str, ...]]


def body_in_place(source: str) -> str:
    """The Markdown body of a document at its own lines: what goes before it is blanked."""
    for pattern in (_FRONT_MATTER, _COMMENT):
        source = pattern.sub(lambda match: "\n" * match.group().count("\n"), source)
    return source


@lru_cache(maxsize=256)
def _tokens(body: str) -> tuple[Token, ...]:
    return tuple(MarkdownIt("commonmark").parse(body))


def headings_of(body: str) -> list[tuple[int, int, str]]:
    """(line, depth, text) of every heading."""
    tokens = _tokens(body)
    return [
        (token.map[0] + 1, int(token.tag[1]), inline.content)
        for token, inline in pairwise(tokens)
        if token.type == "heading_open" and token.map and token.level == 0
    ]


def links_of(body: str) -> Iterator[tuple[int, str]]:
    """(line, target) of every Markdown link and image; the line is that of its paragraph."""
    for token in _tokens(body):
        if token.type == "inline":
            for part in token.children or ():
                if target := _target(part):
                    yield (token.map[0] + 1 if token.map else 1), target


def _target(token: Token) -> str:
    attribute = {"link_open": "href", "image": "src"}.get(token.type)
    return str(token.attrs.get(attribute, "")) if attribute else ""


def front_matter_faults(page: Page) -> Iterator[Fault]:
    """Keys that the page's kind needs, an id that follows from the path, a range of hours."""
    kind = page.place.kind
    if kind not in NEEDED:
        yield 1, f"The kind {kind!r} is none of {', '.join(sorted(NEEDED))}."
        return
    given = page.model_fields_set | page.place.model_fields_set
    for key in ("source", *NEEDED[kind]):
        if key not in given:
            yield 1, f"A {kind} needs {key!r} in the front matter."
        elif key in _FILLED.get(kind, ()) and not getattr(page, key):
            yield 1, f"A {kind} needs at least one entry under {key!r}."
    if not page.questions:
        yield 1, f"A {kind} needs 'questions' in the front matter."
    if kind == "project" and page.place.stage is None and page.place.level is None:
        yield 1, "A project needs 'stage' or 'level' in the front matter."
    if page.hours and not 0 < page.hours[0] < page.hours[1]:
        yield 1, f"The hours {page.hours[0]:g} to {page.hours[1]:g} are no range."
    path = PurePosixPath(page.file)
    folders = [part for part in path.parent.parts if not (kind == "lesson" and _stage(part))]
    if page.id != (due := "/".join([*folders, path.stem])):
        yield 1, f"The id is {page.id!r}, but by its path it is {due!r}."
    for part in path.parent.parts if kind == "lesson" else ():
        if _stage(part) not in (None, page.place.stage):
            yield 1, f"The page stands in {part} but says stage {page.place.stage}."


def _stage(folder: str) -> int | None:
    match = re.fullmatch(r"stage-([1-5])", folder)
    return int(match.group(1)) if match else None


def heading_faults(page: Page, body: str) -> Iterator[Fault]:
    """One first-level heading, the title, on top; no heading twice."""
    headings = headings_of(body)
    if not headings or headings[0][1:] != (1, page.title):
        yield (headings[0][0] if headings else 1), f"The first heading must be # {page.title}."
    seen: Counter[str] = Counter()
    for n, (line, depth, text) in enumerate(headings):
        if n and depth == 1:
            yield line, f"The page has a second first-level heading, {text!r}."
        if seen[slug(text)]:
            yield line, f"The heading {text!r} stands on the page twice."
        seen[slug(text)] += 1


def section_faults(page: Page, count: Count) -> Iterator[Fault]:
    """Every section fits the embedder, reads well alone and has its learners' questions."""
    anchors = set()
    for anchor, path, text in sections_of(page):
        anchors.add(anchor)
        tokens = count(" › ".join(path) + "\n" + text)
        if tokens > SECTION_TOKENS:
            yield anchor, f"The section has {tokens} tokens; {SECTION_TOKENS} are the limit."
        opening = text.lstrip("*_`\"'“‘ ")
        if pronoun := _PRONOUN.match(opening):
            yield anchor, f"The section opens with the pronoun {pronoun.group()!r}."
        elif _LIST.match(text) and anchor not in UNASKED:
            yield anchor, "The section opens with a list instead of a sentence."
        asked = len(page.questions.get(anchor, ()))
        boundary = page.places.get(anchor, page.place).kind == BOUNDARY
        exempt = boundary or anchor in UNASKED or (not anchor and not asked)
        if not exempt and asked not in QUESTIONS:
            yield anchor, f"The section has {asked} questions; it needs 3 to 8."
    for key, of in (("questions", page.questions), ("places", page.places)):
        for anchor in sorted(set(of) - anchors):
            yield anchor, f"The front matter has {key} for a section that does not exist."


# --- overlap with a source text -----------------------------------------------------------


def grams_of(text: str) -> Grams:
    """All runs of `OVERLAP_WORDS` words."""
    words = re.findall(r"\w+", text.lower())
    runs = zip(*(words[n:] for n in range(OVERLAP_WORDS)), strict=False)
    return frozenset(runs)


def overlap_faults(text: str, seed: Grams, names: Sequence[str] = ()) -> Iterator[Fault]:
    """Runs of words that stand in the seed, each told once.

    Items of a list are apart, and so is what stands on both sides of a name: a list of the same
    names is no copied sentence.
    """
    pattern = "|".join([_PIECES, *map(re.escape, sorted(names, key=len, reverse=True))])
    ends = [*re.finditer(pattern, text, re.I), None]
    start = 0
    for end in ends:
        words = list(re.finditer(r"\w+", text[start : end.start() if end else None]))
        spoken = tuple(word.group().lower() for word in words)
        beyond = 0
        for n in range(len(words) - OVERLAP_WORDS + 1):
            run = spoken[n : n + OVERLAP_WORDS]
            if run in seed and n >= beyond:
                beyond = n + OVERLAP_WORDS
                line = text.count("\n", 0, start + words[n].start()) + 1
                yield line, f"{OVERLAP_WORDS} words stand in the seed: {' '.join(run)!r}."
        start = end.end() if end else start
