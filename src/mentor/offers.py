"""Questions to offer to a learner: to begin with, and to ask next. All are the material's own."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mentor import language
from mentor.records import BOUNDARY, Passage

_ASKS = re.compile(
    r"(?:what|how|why|when|which|where|who|is|are|do|does|can|should|must|will|am)\b", re.I
)
_FEWEST = 3


def question_of(passage: Passage) -> str | None:
    """A question that a passage answers, fit to be read: one that its author wrote out whole, else
    the first that begins as a question does. None where there is none."""
    if whole := next((q for q in passage.questions if q[0].isupper() and q.endswith("?")), None):
        return whole
    asked = (q for q in passage.questions if _ASKS.match(q) and len(q.split()) >= _FEWEST)
    if (rough := next(asked, None)) is None:
        return None
    written = set(language.WORD.findall(passage.text))
    names = (name for name in language.names(passage.text) if name.lower() not in written)
    spelt = {name.lower(): name for name in names} | {"i": "I"}
    rough = language.WORD.sub(lambda word: spelt.get(word.group(), word.group()), rough)
    return f"{rough[0].upper()}{rough[1:].rstrip(' ?')}?"


def to_begin_with(passages: Iterable[Passage], n: int) -> list[str]:
    """`n` questions, of the pages that answer most of what learners ask."""
    most = sorted(
        (p for p in passages if p.questions and p.place.kind != BOUNDARY),
        key=lambda p: -len(p.asked) - len(p.questions),
    )
    offered: dict[str, str] = {}
    for passage in most:  # few of them: writing a question out reads its passage
        if len(offered) == n:
            break
        if passage.page not in offered and (question := question_of(passage)):
            offered[passage.page] = question
    return list(offered.values())
