"""CSV of questions and answers: a part for each row, which is found by its question."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from mentor.errors import MaterialError
from mentor.loaders.page import foreign_errors, page_of_parts
from mentor.loaders.text import direction_note, read_any_text, without_direction_marks
from mentor.records import Page, Part

QUESTION = ("question", "q")
ANSWER = ("answer", "a")


def load_csv(path: Path, shown: str) -> list[Page]:
    source, notes = read_any_text(path, shown)
    with foreign_errors(shown, "CSV table"):
        rows = list(csv.reader(io.StringIO(source), delimiter=_delimiter(source)))
    head = [name.strip().lower() for name in rows[0]]
    question = next((head.index(name) for name in QUESTION if name in head), None)
    answer = next((head.index(name) for name in ANSWER if name in head), None)
    if question is None or answer is None:
        raise MaterialError(
            f"{shown} has no columns named question and answer.",
            cure="Name them in its first line.",
        )
    parts, lacking = [], 0
    for n, row in enumerate(rows[1:], start=2):
        asked, said = (_cell(row, column) for column in (question, answer))
        if asked and said:
            parts.append(
                Part(text=said, at=n, anchor=f"row={n}", path=(asked,), questions=(asked,))
            )
        elif any(map(str.strip, row)):
            lacking += 1
    if not parts:
        raise MaterialError(f"{shown} holds no answered question.", cure="Fill its rows.")
    if lacking:
        notes = (*notes, f"{lacking} of {len(rows) - 1} rows lack a question or an answer")
    return [
        page_of_parts(
            shown,
            "row",
            parts,
            notes=(*notes, *direction_note("".join(part.text for part in parts))),
        )
    ]


def _delimiter(source: str) -> str:
    """What stands most often between the names of the columns."""
    return max(",;\t|", key=source.partition("\n")[0].count)


def _cell(row: list[str], column: int) -> str:
    return without_direction_marks(row[column]).strip() if column < len(row) else ""
