"""What all loaders share: names of pages, limits, and the one border for foreign errors."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mentor.errors import MaterialError
from mentor.records import Page, Part, Unit

TEXT_BYTES = 20_000_000
PACKED_BYTES = 300_000_000
MOST_BYTES = {".pdf": PACKED_BYTES, ".docx": PACKED_BYTES, ".pptx": PACKED_BYTES, ".ipynb": 100e6}
"""Largest file of a kind that is read; `TEXT_BYTES` for the kinds that are not named."""
LEAST_LETTERS = 20
"""A page of a PDF with fewer holds a picture of text."""
_SIGNS = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a packed file (a newer Office document, or a zip)",
    b"\xd0\xcf\x11\xe0": "an Office document that is locked by a password or older than 2007",
}


def page_id(shown: str) -> str:
    """The id of a page without one of its own, from the path that people are shown."""
    path = Path(shown)
    plain = path.with_suffix("") if path.suffix.lower() in (".md", ".markdown") else path
    return re.sub(r"[^\w/.-]+", "-", str(plain))


def title_from(shown: str) -> str:
    """The title of a page without one of its own."""
    return re.sub(r"[-_]+", " ", Path(shown).stem).strip().capitalize()


def page_of_parts(
    shown: str, unit: Unit, parts: Iterable[Part], *, title: str = "", notes: Iterable[str] = ()
) -> Page:
    """The page of a file that is no Markdown; without a `title` its name has to do."""
    return Page(
        id=page_id(shown),
        title=title or title_from(shown),
        body="",
        file=shown,
        unit=unit,
        parts=tuple(parts),
        notes=tuple(notes),
    )


def too_large(path: Path) -> int | None:
    """The size of a file that is larger than what is read of its kind, else None."""
    size = path.stat().st_size
    return size if size > MOST_BYTES.get(path.suffix.lower(), TEXT_BYTES) else None


def refuse_large(path: Path, shown: str) -> None:
    """Raises: MaterialError: the file is larger than what is read of its kind."""
    size = too_large(path)
    if size is not None:
        most = MOST_BYTES.get(path.suffix.lower(), TEXT_BYTES)
        raise MaterialError(
            f"{shown} has {size / 1e6:,.0f} MB; {most / 1e6:,.0f} MB is the most.",
            cure="Split it, or leave out its pictures.",
        )


def refuse_other_kind(path: Path, shown: str, *, starts: bytes) -> None:
    """A file that is not what its suffix says.

    Args:
        starts: how files of the right kind begin; empty for text, which may begin with anything.

    Raises:
        MaterialError: it is empty, or begins as another kind does.
    """
    with path.open("rb") as file:
        head = file.read(1024)
    if not head.strip():
        raise MaterialError(f"{shown} is empty.", cure="Write something into it or remove it.")
    if starts and starts in head:
        return
    for sign, kind in _SIGNS.items():
        if head.startswith(sign):
            raise MaterialError(
                f"{shown} is {kind}, which its suffix does not say.",
                cure="Save it in a form that is read, under the suffix of that form.",
            )
    if starts:
        raise damaged(shown, path.suffix[1:].upper())


def refuse_bomb(path: Path, shown: str) -> None:
    """Office files are zip archives, and are unpacked into memory.

    Raises:
        MaterialError: this one unpacks to more than is read.
    """
    with zipfile.ZipFile(path) as packed:
        size = sum(entry.file_size for entry in packed.infolist())
    if size > PACKED_BYTES:
        raise MaterialError(
            f"{shown} unpacks to {size / 1e6:,.0f} MB; {PACKED_BYTES / 1e6:,.0f} MB is the most.",
            cure="Leave out its pictures and films, or split it.",
        )


def damaged(shown: str, kind: str) -> MaterialError:
    return MaterialError(f"{shown} is not a {kind} that can be read.", cure="Save it anew.")


@contextmanager
def foreign_errors(shown: str, kind: str) -> Iterator[None]:
    """The border where what a library raises over a broken file becomes a `MaterialError`.

    Readers of PDF and Office files let any exception through, RecursionError and MemoryError
    among them.
    """
    try:
        yield
    except MaterialError:
        raise
    except Exception as exc:
        if isinstance(exc, OSError) and exc.errno:  # the disk's word, not the library's
            raise
        raise damaged(shown, kind) from exc
