"""Markdown with front matter, and YAML, which is turned into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from pydantic import ValidationError

from mentor.errors import MaterialError
from mentor.loaders.page import page_id, title_from
from mentor.loaders.plain_yaml import read_plain
from mentor.loaders.text import read_text
from mentor.records import Page, Place
from mentor.roadmap import read_roadmap, render_pages

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.S | re.M)
# None of these may begin to search a long way at every letter: a file may hold anything.
_VERBATIM = (  # code and formulas, within a paragraph
    r"(?P<verbatim>(?<![`\\])(?P<ticks>`{1,3}+)(?!`)(?:[^\n]|\n(?!\n))*?(?<!`)(?P=ticks)(?!`)"
    r"|\$(?! )[^$\n]++(?<! )\$(?!\d))"
)
_COMMENT = re.compile(rf"{_VERBATIM}|(?s:<!--.*?(?:-->|\Z))")
_FENCE = re.compile(r" *(?:(?:[-*+]|\d{1,9}[.)]) +)*(```+(?!.*`)|~~~+)")
_RULE = re.compile(r" *([-_*=])(?: *\1){2,} *$")
_FOLDED = ("<details>", "</details>")
_MARKUP = r"#{1,6}\s|<details>|```|~~~"
_LINK = r"!?\[(?P<words>[^\[\]]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?: \"[^\"]*\")?\)"
_UNSAID = re.compile(rf"{_VERBATIM}|{_LINK}|\\(?={_MARKUP})")
_GIVEN_ANCHOR = re.compile(r"\{#([^\s{}]+)\}\s*$")
_PLACE_KEYS = ("kind", "source", "level", "stage", "track")
_IGNORED_YAML_KINDS = frozenset({"skills", "interviews", "synonyms", "planning"})


def load_markdown(path: Path, shown: str) -> list[Page]:
    return [parse_markdown(read_text(path, shown), shown)]


def load_yaml(path: Path, shown: str) -> list[Page]:
    """A roadmap is rendered by its templates; any other mapping by its own keys as headings."""
    data = read_plain(read_text(path, shown), shown)
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
    front = read_plain(match.group(1), shown, first_line=2) or {}
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
    body = _COMMENT.sub(r"\g<verbatim>", body)
    place = {key: front[key] for key in _PLACE_KEYS if key in front}
    questions = front.get("questions") or {}
    places = front.get("places") or {}
    if not isinstance(places, dict) or not all(isinstance(p, dict) for p in places.values()):
        raise MaterialError(
            f"{shown}: places in the front matter cannot be {places!r}.",
            cure="It is a mapping of an anchor to level, stage, track, kind or source.",
        )
    if re.search(r"[^\w/.-]", str(front.get("id") or "")):
        raise MaterialError(
            f"{shown}: id in the front matter cannot be {front['id']!r}.",
            cure="Use letters, figures, slashes, dots and hyphens.",
        )
    if not str(front.get("url") or "https://").startswith(("http://", "https://")):
        raise MaterialError(
            f"{shown}: url in the front matter cannot be {front['url']!r}.",
            cure="Write the address of a web page: https://…",
        )
    try:
        return Page(
            id=str(front.get("id") or page_id(shown)),
            title=str(front.get("title") or first_heading(body) or title_from(shown)),
            body=body,
            file=shown,
            place=Place(**place),
            places={
                anchor: Place.model_validate({**place, **changes})
                for anchor, changes in places.items()
            },
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


def _as_markdown(data: Any, depth: int = 2) -> str:
    if isinstance(data, dict):
        return "\n\n".join(
            f"{'#' * min(depth, 6)} {str(key).replace('_', ' ').capitalize()}\n\n"
            + _as_markdown(value, depth + 1)
            for key, value in data.items()
        )
    if isinstance(data, list):
        return "\n".join(f"- {_inline(item)}" for item in data)
    return _inline(data)


def _inline(item: Any) -> str:
    if isinstance(item, dict):
        return "; ".join(f"{key}: {_inline(value)}" for key, value in item.items())
    if item is None:
        return ""
    return ", ".join(map(_inline, item)) if isinstance(item, list) else str(item)


# --- headings -------------------------------------------------------------------------------------


class Headed(NamedTuple):
    """A heading and what stands under it, up to the next one."""

    line: int
    """Of the heading, counted from 0."""
    depth: int
    """0 is what stands before the first heading."""
    heading: str
    anchor: str
    """Empty unless the heading gives one: `## Why {#why}`."""
    text: str


def headed(body: str) -> Iterator[Headed]:
    """The headings of a Markdown text, and what stands before them."""
    lines = re.split(r"\r\n?|\n", body)  # as Markdown does; splitlines() knows further line ends
    heads = [(0, 0, 0, "")]
    tokens = MarkdownIt("commonmark").disable("inline").parse(body)
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.map and token.level == 0:
            line, below = token.map
            if "\n" not in inline.content:  # else a paragraph with a rule right below it
                heads.append((line, below, int(token.tag[1]), _said(inline.content)))
    ends = [line for line, _, _, _ in heads[1:]] + [len(lines)]
    for (line, below, depth, heading), end in zip(heads, ends, strict=True):
        given = _GIVEN_ANCHOR.search(heading)
        plain = _GIVEN_ANCHOR.sub("", heading).rstrip()
        text = searched("\n".join(lines[below:end]))
        yield Headed(line, depth, plain, given[1] if given else "", text)


def first_heading(body: str) -> str | None:
    """The first of depth 1, which is the title of a Markdown text without one."""
    return next((part.heading for part in headed(body) if part.depth == 1), None)


Trail = list[tuple[int, str]]
"""The headings over a place, outermost first, with their depths."""


def under(trail: Trail, depth: int, heading: str) -> Trail:
    """The headings over what follows a `heading` of `depth`."""
    return [*((d, h) for d, h in trail if d < depth), (depth, heading)]


def searched(text: str) -> str:
    """`text` without what is for the page alone: listings, folded-away answers, link targets."""
    return re.sub(r"\n{3,}", "\n\n", _said("\n".join(_unfolded(text)))).strip()


def escaped(text: str) -> str:
    """Plain `text`, so that no line of it is taken for a heading, a listing or a fold."""
    return re.sub(rf"^[ \t]*(?={_MARKUP})", r"\g<0>\\", text, flags=re.M)


def _said(text: str) -> str:
    """`text` with the words of its links alone, and without what `escaped` put in."""
    return _UNSAID.sub(r"\g<verbatim>\g<words>", text)


def _unfolded(text: str) -> Iterator[str]:
    """The lines outside listings and folded answers; one that is never closed takes the rest.

    Rules are for the page alone, too.
    """
    end = ""
    for line in text.split("\n"):
        if not end:
            fence, folded = _FENCE.match(line), line.startswith(_FOLDED[0])
            end = fence[1] if fence else _FOLDED[1] if folded and _FOLDED[1] not in line else ""
            yield "" if end or folded or _RULE.match(line) else line
        elif _closes(line.strip(" "), end):
            end = ""


def _closes(line: str, end: str) -> bool:
    if end == _FOLDED[1]:
        return end in line
    return line.startswith(end) and not line.strip(end[0])
