"""Cases: what is asked, and what a right answer must and must not say."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Literal

from mentor.records import Record

Kind = Literal["inside", "outside", "follow_up", "lie"]


class Case(Record):
    """One question. Each fact of `expect` is a tuple of spellings; any one of them counts."""

    id: str
    kind: Kind
    question: str
    history: tuple[str, ...] = ()
    expect: tuple[tuple[str, ...], ...] = ()
    forbid: tuple[str, ...] = ()


def load_cases(name: str) -> list[Case]:
    """The cases of `datasets/<name>.jsonl`."""
    text = (files("mentor_evals") / "datasets" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [Case.model_validate(json.loads(line)) for line in text.splitlines() if line.strip()]
