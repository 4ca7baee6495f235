"""A CV, read in memory: PDF, DOCX or text in, words out. Nothing is written anywhere."""

from __future__ import annotations

import io
import logging
import unicodedata
import zipfile
from collections.abc import Callable

from mentor.errors import LearnerError

MOST_BYTES = 10_000_000
MOST_PAGES = 60
MOST_CHARACTERS = 200_000
_MOST_UNPACKED = 50_000_000
_LEAST_LETTERS = 20


def read_cv(data: bytes, name: str) -> str:
    """The words of a CV.

    Args:
        name: its file name; the suffix tells how to read it.

    Raises:
        LearnerError: it is empty, too long, damaged, locked, a scan, or of another kind.
    """
    suffix = name.rpartition(".")[2].lower()
    reader = _READERS.get(suffix)
    if reader is None:
        raise LearnerError(
            f"A CV of the kind {name[-40:]!r} cannot be read.",
            cure="Give a PDF, a DOCX or a text file, or paste the text.",
        )
    if len(data) > MOST_BYTES:
        raise too_large(len(data))
    # A terminal would obey control characters; people do not write them.
    text = "".join(c for c in reader(data) if c in "\n\t" or unicodedata.category(c) != "Cc")
    if sum(c.isalpha() for c in text) < _LEAST_LETTERS:
        raise LearnerError(
            "The CV holds no text.", cure="If it is a scan, paste its words as text instead."
        )
    if len(text) > MOST_CHARACTERS:
        raise LearnerError(
            f"The CV has {len(text):,} characters; {MOST_CHARACTERS:,} is the most.",
            cure="Give the pages about your work and your skills.",
        )
    return text


def too_large(size: int) -> LearnerError:
    """What is said of a CV of so many bytes, read or still arriving."""
    return LearnerError(
        f"The CV has {size / 1e6:.0f} MB; {MOST_BYTES / 1e6:.0f} MB is the most.",
        cure="Leave out the pictures, or paste the text.",
    )


def _read_text(data: bytes) -> str:
    if b"\0" in data:
        raise LearnerError("The CV is binary, not text.", cure="Save it as text, PDF or DOCX.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # every byte is a letter there, so this cannot fail


def _read_pdf(data: bytes) -> str:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its errors are ours to tell
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise LearnerError("The CV is locked by a password.", cure="Save it without one.")
        pages = len(reader.pages)
        if pages <= MOST_PAGES:
            return "\n".join(page.extract_text() for page in reader.pages)
    except LearnerError:
        raise
    except Exception as exc:  # pypdf lets many errors through for a damaged file
        raise _damaged("PDF") from exc
    raise LearnerError(
        f"The CV has {pages} pages; {MOST_PAGES} is the most.",
        cure="Give the pages about your work and your skills.",
    )


def _read_docx(data: bytes) -> str:
    import docx

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _MOST_UNPACKED:
                raise LearnerError("The CV unpacks to too much.", cure="Paste its text instead.")
        document = docx.Document(io.BytesIO(data))
        cells = (cell.text for t in document.tables for row in t.rows for cell in row.cells)
        return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    except LearnerError:
        raise
    except Exception as exc:  # zipfile, lxml and python-docx each have their own
        raise _damaged("DOCX") from exc


def _damaged(kind: str) -> LearnerError:
    return LearnerError(
        f"The CV is not a {kind} that can be read.", cure="Save it anew, or paste its text."
    )


_READERS: dict[str, Callable[[bytes], str]] = {
    "pdf": _read_pdf,
    "docx": _read_docx,
    "txt": _read_text,
    "md": _read_text,
}
