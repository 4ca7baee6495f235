"""What is indexed beside the corpus, and what was left out of it.

    index/sources.json    the folders and files of each collection; shared by all embedders
    index/skipped.json    what the last run left out, and why

A collection is a name over one or more roots: a course, somebody's notes. The corpus that ships
with Mentor is the collection `corpus`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from mentor.errors import MaterialError
from mentor.records import CORPUS, Record


class Root(Record):
    """A file or folder of a collection."""

    path: str
    """Absolute."""
    collection: str = CORPUS
    url: str | None = None
    """The address at which the root can be read; what stands under it has its path added."""

    def url_of(self, path: Path) -> str | None:
        """The address of a file of this root."""
        if self.url is None:
            return None
        within = path.relative_to(self.path).as_posix()
        return self.url if within == "." else f"{self.url.rstrip('/')}/{quote(within)}"


class Problem(Record):
    """A file that was left out, or not read in full, and why."""

    file: str
    why: str
    collection: str = CORPUS
    fingerprint: str | None = None
    """Of the file that could not be read: while it is the same, it is not tried again."""


SOURCES = "sources.json"
SKIPPED = "skipped.json"
_ROOTS = TypeAdapter(tuple[Root, ...])
_PROBLEMS = TypeAdapter(tuple[Problem, ...])


def root_at(path: Path, *, name: str | None = None, url: str | None = None) -> Root:
    """The root at `path`, in the collection `name`; the default is the name of folder or file.

    Raises:
        MaterialError: the name is the corpus's, or no name.
    """
    path = path.resolve()
    default = path.stem if path.is_file() else path.name
    name = default if name is None else name.strip()
    if name == CORPUS or not name or len(name) > 60 or not name.isprintable():
        raise MaterialError(
            f"A collection cannot have the name {name!r}.",
            cure=f"Choose another with --name; {CORPUS} is the material that ships with Mentor.",
        )
    return Root(path=str(path), collection=name, url=url)


def read_roots(file: Path, *, otherwise: Sequence[Root] = ()) -> tuple[Root, ...]:
    """The roots beside the corpus; `otherwise` where none were written yet.

    Raises:
        MaterialError: the file is damaged.
    """
    try:
        return _ROOTS.validate_json(file.read_bytes())
    except FileNotFoundError:
        return tuple(otherwise)
    except (OSError, ValidationError) as exc:
        raise MaterialError(
            f"{file}, the list of what is indexed, cannot be read.",
            cure="Delete it, and give `mentor index` your folders once more.",
        ) from exc


def write_roots(file: Path, roots: Iterable[Root]) -> None:
    _write(file, _ROOTS.dump_json(tuple(roots), indent=1))


def read_skipped(file: Path) -> tuple[Problem, ...]:
    """What the last run left out; nothing where that cannot be told."""
    try:
        return _PROBLEMS.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return ()


def write_skipped(file: Path, problems: Iterable[Problem]) -> None:
    _write(file, _PROBLEMS.dump_json(tuple(problems), indent=1))


def _write(file: Path, content: bytes) -> None:
    if file.exists() and file.read_bytes() == content:
        return
    unfinished = file.with_suffix(f".{os.getpid()}.part")
    unfinished.write_bytes(content)
    unfinished.replace(file)
