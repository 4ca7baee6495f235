"""Templates that lie beside the material put typed facts into words.

A template writes Markdown. Before its first section it says which page it is, and each section
says whose word it is and which questions it answers:

    {{ page("roadmap/role", "What an ML Engineer is") }}
    {% call section("The four functions", source="roadmap", questions=["What are …?", …]) %}
    The work of an ML engineer has {{ n | spelled }} functions:
    - …
    {% endcall %}

Out comes a document whose front matter has gathered questions and places of all sections, so
that the loader of Markdown treats it like any other file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mentor.errors import MaterialError
from mentor.records import Source

QUESTIONS = (3, 8)
"""Fewest and most questions of a section, so that no section outshouts the others."""


def template_names(folder: Path) -> list[str]:
    """The templates of `folder`, in order; names with an underscore first are for inclusion.

    Raises:
        MaterialError: there are none.
    """
    names = sorted(path.name for path in folder.glob("*.md.j2") if path.name[0] != "_")
    if not names:
        raise MaterialError(f"{folder} has no templates.", cure="Put *.md.j2 files there.")
    return names


def render(env: Environment, name: str, known: dict[str, Any]) -> str:
    """One Markdown document with front matter, from template `name` and the facts in `known`.

    Raises:
        MaterialError: the template is broken, names an unknown fact, does not say its page, repeats
            a heading or gives a section the wrong number of questions; the message names it.
    """
    sheet = _Sheet(name)
    try:
        body = env.get_template(name).render(page=sheet.page, section=sheet.section, **known)
    except (TemplateError, TypeError, LookupError, ValueError) as exc:
        line = getattr(exc, "lineno", None)
        where = f"{name}, line {line}" if line else name
        raise MaterialError(f"{where}: {exc}.", cure="Mend the template.") from exc
    if not sheet.front:
        raise MaterialError(f"{name} does not say which page it is.", cure="Call page(id, title).")
    body = re.sub(r"\n{3,}", "\n\n", body).strip()
    front = {**sheet.front, "questions": sheet.questions, "places": sheet.places}
    kept = {key: value for key, value in front.items() if value not in (None, [], {})}
    dump = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=10_000)
    return f"---\n{dump}---\n\n{body}\n"


class _Sheet:
    """What a template declares while it is rendered, for a front matter that precedes it all.

    Questions and places thus stand in the template beside the section that they belong to.
    """

    def __init__(self, template: str) -> None:
        self.template = template
        self.front: dict[str, Any] = {}
        self.questions: dict[str, list[str]] = {}
        self.places: dict[str, dict[str, Any]] = {}

    def page(self, id: str, title: str, **front: Any) -> str:  # noqa: A002 (the key's own name)
        lists = {key: list(v) if isinstance(v, tuple) else v for key, v in front.items()}
        self.front = {"id": id, "title": title, "kind": "roadmap", "source": "roadmap", **lists}
        return f"# {title}"

    def section(
        self,
        heading: str,
        source: Source,
        questions: Iterable[str],
        *,
        caller: Callable[[], str],
        more: Iterable[str] = (),
        **place: Any,
    ) -> str:
        """A `##` section; `place` holds what differs from the page: level, stage, track, kind."""
        anchor = re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip())
        asked = list(dict.fromkeys((*questions, *more)))
        if anchor in self.questions:
            raise MaterialError(f"{self.template}: {heading!r} stands there twice.", cure="Rename.")
        if not QUESTIONS[0] <= len(asked) <= QUESTIONS[1]:
            raise MaterialError(
                f"{self.template}: {heading!r} has {len(asked)} questions.",
                cure=f"Give it {QUESTIONS[0]} to {QUESTIONS[1]}.",
            )
        self.questions[anchor] = asked
        place = {"source": source, **place}
        differs = {key: v for key, v in place.items() if v != self.front.get(key)}
        if differs:
            self.places[anchor] = differs
        return f"\n\n## {heading}\n\n{_unwrapped(caller())}\n\n"


def _unwrapped(text: str) -> str:
    """Paragraphs and list items on one line each: templates wrap, sentences must not."""
    out: list[str] = []
    for line in map(str.strip, text.strip().splitlines()):
        if line and out and out[-1] and not line.startswith("- "):
            out[-1] += f" {line}"
        elif line.startswith("- ") and out and out[-1] and not out[-1].startswith("- "):
            out += ["", line]
        elif line or (out and out[-1]):
            out.append(line)
    return "\n".join(out)


def environment(folder: Path) -> Environment:
    """Where the templates of one folder are rendered; an unknown name in one is an error."""
    # Sandboxed, because templates are material, and material may come from anybody.
    env = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # Markdown, not HTML
    )
    env.filters |= {"spelled": _spelled, "series": _series, "a": _with_article}
    return env


_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _spelled(number: int) -> str:
    return _WORDS[number] if number < len(_WORDS) else str(number)


def _series(names: Iterable[str]) -> str:
    """a, b and c"""
    *head, last = map(str, names)
    return f"{', '.join(head)} and {last}" if head else last


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiouAEIOU' or noun.startswith('ML') else 'a'} {noun}"
