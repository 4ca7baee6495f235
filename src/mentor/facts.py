"""The words in which typed material speaks: who says it, what it is, what it means.

Material has two voices, the career document (`roadmap`) and the editors (`editorial`), and a fact
belongs to exactly one of them, so that a citation can always say whose word it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import yaml
from pydantic import ConfigDict, Field, ValidationError

from mentor.errors import MaterialError
from mentor.records import Record, Source

Text = Annotated[str, Field(min_length=1)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
R = TypeVar("R", bound=Record)

YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML has it: ten times as fast, which a bank of questions needs."""


class Entry(Record):
    """Base of everything in the file: unknown keys and wrong types are errors, never guesses."""

    model_config = ConfigDict(strict=True)


class Item(Entry):
    """A name, and what it means where somebody says so."""

    name: Text
    text: str = ""


class Named(Item):
    """An item that plans, interviews and progress refer to."""

    id: Slug


class Deliverable(Named):
    count: int | None = Field(default=None, ge=1)
    """How many of it the document asks for, where it gives a number."""


class Topic(Named):
    skills: tuple[Slug, ...] = ()
    """Skills of any level that the topic builds: the editors' link, not the document's."""
    questions: tuple[Text, ...] = ()


T = TypeVar("T")


class Aspect(Entry, Generic[T]):
    """What one voice says about one matter; no items: the document shows nothing there."""

    source: Source
    items: tuple[T, ...]
    texts: Source | None = None
    """Who explained the items, where that is not who named them."""
    hidden: int = Field(default=0, ge=0)
    """How many further items the document announces and does not show."""
    questions: tuple[Text, ...] = ()


class Fact(Entry):
    source: Source
    text: Text
    questions: tuple[Text, ...] = ()


class Note(Fact):
    heading: Text


class Interview(Aspect[Text]):
    expected: tuple[Text, ...]
    """What interviewers listen for in the answers."""


class Salary(Entry):
    """A range in US dollars and its growth per year, as the document gives them."""

    source: Source
    low: int = Field(gt=0)
    high: int = Field(gt=0)
    open_ended: bool = False
    growth_percent: int

    @property
    def range(self) -> str:
        return f"${self.low:,}–${self.high:,}{'+' if self.open_ended else ''}"

    @property
    def growth(self) -> str:
        return f"+{self.growth_percent}%"


def read_yaml(path: Path) -> Any:
    """The data of a YAML file.

    Raises:
        MaterialError: the file is missing or is not YAML; the message names it.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=YAML_LOADER)
    except OSError as exc:
        raise MaterialError(f"{path} cannot be read: {exc.strerror}.", cure="Check it.") from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise MaterialError(f"{path} is not YAML: {exc}", cure="Mend that line.") from exc


def typed(data: Any, model: type[R]) -> R:
    """`data` of YAML as a record.

    By way of JSON, since strict models take a list for a tuple only from there.

    Raises:
        ValidationError: a field of it is unknown, missing or wrong.
    """
    return model.model_validate_json(json.dumps(data, default=str))


def read_typed(path: Path, model: type[R], whole: str) -> R:
    """A YAML file as a record; `whole` is what a fault of no single field is said of.

    Raises:
        MaterialError: the file is missing, is not YAML, or a field of it is unknown, missing or
            wrong; the message names file and field.
    """
    data = read_yaml(path)
    try:
        return typed(data, model)
    except ValidationError as exc:
        first = exc.errors()[0]
        field = ".".join(map(str, by_id(first["loc"], data)))
        where = f"the field {field}" if field else whole
        raise MaterialError(
            f"{path}: {where} is wrong: {first['msg']}.", cure="Correct the file."
        ) from exc


def by_id(loc: tuple[int | str, ...], data: Any) -> Iterator[str | int]:
    """`loc` with list positions told by id where the entry has one: levels.junior.tools."""
    for step in loc:
        try:
            data = data[step]
        except (LookupError, TypeError):
            data = None
        has_id = isinstance(step, int) and isinstance(data, dict) and "id" in data
        yield data["id"] if has_id else step
