"""Plain text: decoding, and pages of it."""

from __future__ import annotations

import re
from pathlib import Path

from mentor.errors import MaterialError
from mentor.loaders.page import page_id, refuse_other_kind, title_from
from mentor.records import Page

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def read_text(path: Path, shown: str) -> str:
    """A file in UTF-8, with line ends of one kind.

    Raises:
        MaterialError: it is empty, binary, or in another encoding.
    """
    raw = _bytes_of(path, shown)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _not_utf_8(shown, raw, exc) from exc
    return _with_plain_line_ends(text, shown)


def read_any_text(path: Path, shown: str) -> tuple[str, tuple[str, ...]]:
    """A file in any one encoding, and what is to be said about that.

    UTF-8 and UTF-16 are certain. Others are guessed, which the note tells.

    Raises:
        MaterialError: it is empty, binary, or mixes encodings.
    """
    raw = _bytes_of(path, shown, binary_marks=_UTF_16)
    notes: tuple[str, ...] = ()
    try:
        text = raw.decode("utf-16" if raw.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as exc:
        encoding = _guess(raw, shown, exc)
        text = raw.decode(encoding, errors="replace")
        notes = (f"read as {encoding}; save it in UTF-8 if its letters come out wrong",)
    return _with_plain_line_ends(text, shown), notes


def load_text(path: Path, shown: str) -> list[Page]:
    text, notes = read_any_text(path, shown)
    return [
        Page(id=page_id(shown), title=title_from(shown), body=text, file=shown, notes=notes),
    ]


def without_direction_marks(text: str) -> str:
    """`text` without the invisible marks that steer right-to-left writing."""
    return _DIRECTION_MARKS.sub("", text)


def direction_note(text: str) -> tuple[str, ...]:
    """What is to be said of a text that is mostly written from right to left."""
    letters = sum(map(str.isalpha, text))
    if 2 * len(_RIGHT_TO_LEFT.findall(text)) <= letters:
        return ()
    return ("written from right to left; indexed, but Mentor searches English",)


def _bytes_of(path: Path, shown: str, *, binary_marks: tuple[bytes, ...] = ()) -> bytes:
    try:
        refuse_other_kind(path, shown, starts=b"")
        raw = path.read_bytes()
    except OSError as exc:
        raise MaterialError(f"{shown} cannot be read: {exc.strerror}.", cure="Check it.") from exc
    if b"\0" in raw and not (binary_marks and raw.startswith(binary_marks)):
        raise MaterialError(f"{shown} is binary, not text.", cure="Save it as UTF-8 text.")
    return raw


def _guess(raw: bytes, shown: str, exc: UnicodeDecodeError) -> str:
    from charset_normalizer import from_bytes

    lenient = raw.decode("utf-8", errors="surrogateescape")
    wrong = sum("\udc80" <= c <= "\udcff" for c in lenient)
    right = sum(c > "\x7f" for c in lenient) - wrong
    if right >= wrong:
        line = raw[: exc.start].count(b"\n") + 1
        raise MaterialError(
            f"{shown} mixes encodings: line {line} is not UTF-8, though the rest is.",
            cure="Save the file in UTF-8.",
        ) from exc
    best = from_bytes(raw).best()
    if best is None:
        raise _not_utf_8(shown, raw, exc) from exc
    return best.encoding


def _not_utf_8(shown: str, raw: bytes, exc: UnicodeDecodeError) -> MaterialError:
    line = raw[: exc.start].count(b"\n") + 1
    return MaterialError(f"{shown} is not UTF-8 (line {line}).", cure="Save the file in UTF-8.")


def _with_plain_line_ends(text: str, shown: str) -> str:
    if not text.strip():
        raise MaterialError(f"{shown} is empty.", cure="Write something into it or remove it.")
    return re.sub(r"\r\n?", "\n", text)
