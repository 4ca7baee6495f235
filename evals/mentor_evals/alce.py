"""Citation recall and precision by ALCE's formulas (Gao, Yen, Yu, Chen 2023, §3).

A sentence has citation recall 1 when it cites something and all it cites, taken together, supports
it. A citation is precise when its sentence has recall 1 and the citation is not irrelevant: it is
irrelevant when it does not support the sentence alone and the others support it without it.
ALCE asks an NLI model what supports what; we ask the eval's referee.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

G = TypeVar("G")
Supports = Callable[[str, Sequence[G]], bool]
"""Whether passages, taken together, support a sentence."""


def recalled(sentence: str, cited: Sequence[G], supports: Supports[G]) -> bool:
    return bool(cited) and supports(sentence, cited)


def precise(sentence: str, cited: Sequence[G], supports: Supports[G]) -> int:
    """How many of the citations of `sentence` are precise."""
    if not recalled(sentence, cited, supports):
        return 0
    if len(cited) == 1:
        return 1
    count = 0
    for n, one in enumerate(cited):
        others = [*cited[:n], *cited[n + 1 :]]
        irrelevant = not supports(sentence, [one]) and supports(sentence, others)
        count += not irrelevant
    return count
