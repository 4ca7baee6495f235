"""A file of material becomes pages, sections and passages.

    file --loader by suffix--> Page(s) --headings--> sections --window--> Passages

A page is Markdown with front matter. Other kinds of file are turned into it by a loader, so
that everything past the loader knows one form only. Loaders are the table `LOADERS`.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from langchain_text_splitters import RecursiveCharacterTextSplitter
from markdown_it import MarkdownIt
from pydantic import ValidationError

from mentor.errors import MaterialError
from mentor.facts import YAML_LOADER
from mentor.records import Asked, Page, Passage, Place
from mentor.roadmap import read_roadmap, render_pages

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.S)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_PAGE_ONLY = re.compile(r"^ *(```+|~~~+).*?^ *\1 *$|^<details>.*?^</details>", re.S | re.M)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?: \"[^\"]*\")?\)")
_PLACE_KEYS = ("kind", "source", "level", "stage", "track")
_IGNORED_YAML_KINDS = frozenset({"skills", "interviews", "synonyms", "planning"})
PASSAGE_TOKENS = 256
ASKED = "asked.jsonl"

Count = Callable[[str], int]
"""Length of a text in the embedder's tokens, its two special tokens included."""


def files_of(*roots: Path) -> Iterator[tuple[Path, str]]:
    """Every file under `roots` that a loader knows, once, with the path that people are shown.

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
        if root.is_file() and not _known(root):
            raise MaterialError(
                f"{root} is of a kind that Mentor cannot read.",
                cure=f"It reads {', '.join(sorted(LOADERS))}.",
            )
        labels.append(_label(root.absolute(), labels))
        for path in [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file()):
            within = path.relative_to(root)
            aside = within.stem.upper() == "README" or any(part[:1] == "." for part in within.parts)
            if _known(path) and not aside and path.resolve() not in seen:
                seen.add(path.resolve())
                # A name that is not UTF-8 could be neither stored nor printed.
                yield path, os.fsencode(labels[-1] / within).decode(errors="backslashreplace")


def _known(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix in LOADERS and (suffix != ".jsonl" or path.name == ASKED)


def _label(root: Path, taken: list[Path]) -> Path:
    for depth in range(1, len(root.parts)):
        label = Path(*root.parts[-depth:])
        if not any(label.is_relative_to(other) or other.is_relative_to(label) for other in taken):
            return label
    return Path(*root.parts[1:])


def fingerprint(path: Path) -> str:
    """Changes whenever the pages of `path` would: its bytes, and for YAML its templates'."""
    digest = hashlib.sha256(path.read_bytes())
    if path.suffix.lower() in {".yaml", ".yml"}:
        for template in sorted(path.parent.glob("*.j2")):
            digest.update(template.read_bytes())
    return digest.hexdigest()


def read_pages(path: Path, shown: str) -> list[Page]:
    """The pages of one file.

    Raises:
        MaterialError: the file is empty, binary, not UTF-8, or its front matter is wrong; the
            message names file, line or field, and the cure.
    """
    return LOADERS[path.suffix.lower()](path, shown)


def read_text(path: Path, shown: str) -> str:
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise MaterialError(f"{shown} cannot be read: {exc.strerror}.", cure="Check it.") from exc
    if b"\0" in raw:
        raise MaterialError(f"{shown} is binary, not text.", cure="Save it as UTF-8 text.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = raw[: exc.start].count(b"\n") + 1
        raise MaterialError(
            f"{shown} is not UTF-8 (line {line}).", cure="Save the file in UTF-8."
        ) from exc
    if not text.strip():
        raise MaterialError(f"{shown} is empty.", cure="Write something into it or remove it.")
    return re.sub(r"\r\n?", "\n", text)


def load_markdown(path: Path, shown: str) -> list[Page]:
    return [parse_markdown(read_text(path, shown), shown)]


def load_text(path: Path, shown: str) -> list[Page]:
    text = read_text(path, shown)
    return [Page(id=_page_id(shown), title=_title_from(shown), body=text, file=shown)]


def load_yaml(path: Path, shown: str) -> list[Page]:
    """A roadmap is rendered by its templates; any other mapping by its own keys as headings."""
    try:
        data = yaml.load(read_text(path, shown), Loader=YAML_LOADER)
    except _NO_YAML as exc:
        raise _yaml_error(exc, shown, first_line=1) from exc
    if not isinstance(data, dict):
        raise MaterialError(f"{shown} is not a mapping of keys.", cure="Start it with `title: …`.")
    kind = data.get("kind")
    if kind == "roadmap":
        sources = render_pages(read_roadmap(path), path.parent)
        return [parse_markdown(source, shown) for source in sources]
    if isinstance(kind, str) and kind in _IGNORED_YAML_KINDS:
        return []
    front = {key: data.pop(key) for key in _FRONT_KEYS if key in data}
    return [_page(front, _as_markdown(data), shown)]


def load_asked(path: Path, shown: str) -> list[Page]:
    """Checks a file of asked questions; it teaches retrieval and the gate, and holds no pages."""
    read_asked(path, shown)
    return []


def read_asked(path: Path, shown: str) -> list[Asked]:
    """The questions of an `asked.jsonl`, one JSON object a line."""
    asked = []
    for number, line in enumerate(read_text(path, shown).splitlines(), start=1):
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
}


def parse_markdown(source: str, shown: str) -> Page:
    """Front matter and body of a Markdown document."""
    match = _FRONT_MATTER.match(source)
    if match is None:
        if source.startswith("---\n") and "\n---" not in source[4:]:
            raise MaterialError(
                f"{shown}: the front matter is opened by --- but never closed.",
                cure="Close it with a line of ---.",
            )
        return _page({}, source, shown)
    try:
        front = yaml.load(match.group(1), Loader=YAML_LOADER) or {}
    except _NO_YAML as exc:
        raise _yaml_error(exc, shown, first_line=2) from exc
    if not isinstance(front, dict):
        raise MaterialError(
            f"{shown}: the front matter is not `key: value` lines.", cure="Mend it."
        )
    return _page(front, source[match.end() :], shown)


_FRONT_KEYS = (
    *("id", "title", "url", "topics", "skills", "prerequisites", "hours", "questions", "places"),
    *_PLACE_KEYS,
)


def _page(front: dict[str, Any], body: str, shown: str) -> Page:
    unknown = sorted(set(map(str, front)) - set(_FRONT_KEYS))
    if unknown:
        raise MaterialError(
            f"{shown}: the front matter has the unknown key {unknown[0]!r}.",
            cure=f"Known keys: {', '.join(sorted(_FRONT_KEYS))}.",
        )
    place = {key: front[key] for key in _PLACE_KEYS if key in front}
    questions = front.get("questions") or {}
    places = front.get("places") or {}
    if not isinstance(places, dict) or not all(isinstance(p, dict) for p in places.values()):
        raise MaterialError(
            f"{shown}: places in the front matter cannot be {places!r}.",
            cure="It is a mapping of an anchor to level, stage, track, kind or source.",
        )
    if re.search(r"[#?~\s]", str(front.get("id") or "")):
        raise MaterialError(
            f"{shown}: id in the front matter cannot be {front['id']!r}.",
            cure="Use letters, figures, slashes, dots and hyphens.",
        )
    try:
        return Page(
            id=str(front.get("id") or _page_id(shown)),
            title=str(front.get("title") or _first_heading(body) or _title_from(shown)),
            body=_COMMENT.sub("", body),
            file=shown,
            place=Place(**place),
            places={anchor: Place(**{**place, **changes}) for anchor, changes in places.items()},
            questions={"": questions} if isinstance(questions, list) else questions,
            **{
                key: front[key]
                for key in ("url", "topics", "skills", "prerequisites", "hours")
                if key in front
            },
        )
    except ValidationError as exc:
        first = exc.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise MaterialError(
            f"{shown}: {field} in the front matter cannot be {first['input']!r}: {first['msg']}.",
            cure="Correct the front matter.",
        ) from exc


# PyYAML lets a ValueError through for a date that is none, and a RecursionError for deep nesting.
_NO_YAML = (yaml.YAMLError, ValueError, RecursionError)


def _yaml_error(exc: Exception, shown: str, *, first_line: int) -> MaterialError:
    mark = getattr(exc, "problem_mark", None)
    where = f", line {mark.line + first_line}" if mark else ""
    problem = getattr(exc, "problem", None) or (exc if type(exc) is ValueError else "not YAML")
    return MaterialError(f"{shown}{where}: broken YAML ({problem}).", cure="Mend that line.")


def _page_id(shown: str) -> str:
    path = Path(shown)
    plain = path.with_suffix("") if path.suffix.lower() in (".md", ".markdown") else path
    return re.sub(r"[^\w/.-]+", "-", str(plain))


def _title_from(shown: str) -> str:
    return re.sub(r"[-_]+", " ", Path(shown).stem).strip().capitalize()


def _first_heading(body: str) -> str | None:
    match = re.search(r"^# +(.+)$", body, re.M)
    return match.group(1).strip() if match else None


def _as_markdown(data: Any, depth: int = 2) -> str:
    if isinstance(data, dict):
        return "\n\n".join(
            f"{'#' * min(depth, 6)} {str(key).replace('_', ' ').capitalize()}\n\n"
            + _as_markdown(value, depth + 1)
            for key, value in data.items()
        )
    if isinstance(data, list):
        return "\n".join(f"- {_inline(item)}" for item in data)
    return str(data)


def _inline(item: Any) -> str:
    if isinstance(item, dict):
        return "; ".join(f"{key}: {_inline(value)}" for key, value in item.items())
    return ", ".join(map(_inline, item)) if isinstance(item, list) else str(item)


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
    """The headings of `page` that open sections, with the anchors that passages refer to."""
    used: set[str] = set()
    for token, inline in pairwise(MarkdownIt("commonmark").parse(page.body)):
        if token.type == "heading_open" and token.map and token.level == 0:
            depth, text = int(token.tag[1]), inline.content
            repeats = depth == 1 and text == page.title
            anchor = "" if repeats else _unused(slug(text) or "section", used)
            yield Heading(token.map[0], depth, text, anchor)


def sections_of(page: Page) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(anchor, heading path, Markdown) of every section of `page` that says something.

    The anchor of a page's opening is empty. A `#` heading that repeats the title opens nothing.
    """
    lines = page.body.split("\n")  # as Markdown does; splitlines() knows further line ends
    heads = [Heading(line=0, depth=0, text="", anchor=""), *headings_of(page)]
    ends = [head.line for head in heads[1:]] + [len(lines)]
    trail: list[tuple[int, str]] = []
    for (line, depth, heading, anchor), end in zip(heads, ends, strict=True):
        if depth:
            trail = [(d, h) for d, h in trail if d < depth]
            if anchor:
                trail.append((depth, heading))
        text = _searched("\n".join(lines[line + (1 if depth else 0) : end]))
        if depth and text.startswith(("===", "---")):  # an underlined heading
            text = text.partition("\n")[2].strip()
        if text:
            yield anchor, (page.title, *(h for _, h in trail)), text


def _searched(text: str) -> str:
    """`text` without what is for the page alone: listings, folded-away answers, link targets."""
    text = _LINK.sub(r"\1", _PAGE_ONLY.sub("", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _unused(anchor: str, used: set[str]) -> str:
    """`anchor`, or the first of anchor-1, anchor-2, … that no section has yet."""
    numbered = (f"{anchor}-{n}" for n in itertools.count(1))
    free = next(name for name in itertools.chain([anchor], numbered) if name not in used)
    used.add(free)
    return free


def passages_of(page: Page, count: Count) -> list[Passage]:
    """The passages of `page`, each of at most `PASSAGE_TOKENS` with its heading path."""
    passages = []
    numbers: Counter[str] = Counter()  # words before and after a title are one section
    for anchor, path, text in sections_of(page):
        section = f"{page.id}#{anchor}" if anchor else page.id
        room = max(PASSAGE_TOKENS - count(" › ".join(path)), 64)
        pieces = [text] if count(text) <= room else _split(text, room, count)
        for piece in pieces:
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


def _split(text: str, room: int, count: Count) -> list[str]:
    splitter = RecursiveCharacterTextSplitter(
        separators=["\n\n", "\n", ". ", " ", ""],
        keep_separator="end",
        chunk_size=room,
        chunk_overlap=0,
        length_function=count,
    )
    return [piece.strip() for piece in splitter.split_text(text) if piece.strip()]
