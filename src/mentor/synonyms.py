"""Learners' words for the material's: `corpus/synonyms.yaml`, typed and applied.

A learner asks what a beginner makes; the material says what a junior's salary is. The file maps
words of the material to words of learners, so that neither has to change.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import yaml
from pydantic import ValidationError

from mentor.errors import MaterialError
from mentor.records import Record


class _File(Record):
    kind: Literal["synonyms"]
    words: dict[str, tuple[str, ...]]


class Synonyms:
    """Rewrites a question in the material's words."""

    def __init__(self, words: dict[str, tuple[str, ...]] | None = None) -> None:
        self._head = {
            said.lower(): head for head, all_said in (words or {}).items() for said in all_said
        }
        longest_first = sorted(self._head, key=len, reverse=True)
        self._pattern = (
            re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.I)
            if longest_first
            else None
        )

    def rewrite(self, question: str) -> str:
        """`question` with every learner's word exchanged for the material's.

        >>> Synonyms({"junior": ("newbie",)}).rewrite("What does a newbie do?")
        'What does a junior do?'
        """
        if self._pattern is None:
            return question
        return self._pattern.sub(lambda match: self._head[match.group().lower()], question)


def read_synonyms(path: Path) -> Synonyms:
    """The synonyms of a corpus; none when it has no such file.

    Raises:
        MaterialError: the file is not `kind: synonyms` with a mapping `words`.
    """
    if not path.is_file():
        return Synonyms()
    try:
        file = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as exc:
        raise MaterialError(
            f"{path} cannot be read as synonyms.",
            cure="It is `kind: synonyms` and `words:`, a mapping of a word to a list of words.",
        ) from exc
    return Synonyms(file.words)
