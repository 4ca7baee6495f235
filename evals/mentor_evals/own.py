"""A portal's own questions: a CSV file of question, expected facts and, if known, section."""

from __future__ import annotations

import csv
from pathlib import Path

from mentor.errors import QuestionError
from mentor_evals.cases import Question

_FORM = "Columns: question, expect (facts separated by |), and section if you like."


def own_cases(path: Path) -> tuple[Question, ...]:
    """The cases of a CSV file with the columns `question`, `expect` and perhaps `section`.

    A fact may be written in several ways, with / between them: `95,000 / 95k | Python`.

    Raises:
        QuestionError: it cannot be read, lacks a column, or a row has too many fields, no question
            or no fact.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
            columns = set(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise QuestionError(
            f"{path} cannot be read: {exc}.", cure="Save it as CSV, UTF-8."
        ) from exc
    if lacking := {"question", "expect"} - columns:
        raise QuestionError(f"{path} lacks the column {' and '.join(sorted(lacking))}.", cure=_FORM)
    return tuple(_case(path, n, row) for n, row in enumerate(rows, start=1))


def _case(path: Path, number: int, row: dict[str, str | None]) -> Question:
    if None in row:
        raise QuestionError(
            f"{path}, row {number}: more fields than columns.",
            cure='Put quotes around text with a comma: "95,000".',
        )
    question = (row.get("question") or "").strip()
    facts = [_spellings(fact) for fact in (row.get("expect") or "").split("|")]
    expect = tuple(fact for fact in facts if fact)
    if not question or not expect:
        raise QuestionError(f"{path}, row {number}: no question or no fact.", cure=_FORM)
    section = (row.get("section") or "").strip()
    return Question(
        id=f"own-{number}",
        question=question,
        expect=expect,
        sections=(section,) if section else (),
    )


def _spellings(fact: str) -> tuple[str, ...]:
    return tuple(spelling for part in fact.split(" / ") if (spelling := part.strip()))
