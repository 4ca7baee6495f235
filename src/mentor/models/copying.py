"""Is a sentence the material's own, but for small words? Told by aligning the two, word by word.

A small model copies well and slips in small ways, and the slips are what turns a sentence round:
"a second softmax" becomes "a softmax", "99% accurate when 1% are fraud" loses its condition. So a
copy may leave out or add words that carry no matter, and may cut a statement where a clause ends.
It may not leave out a word of matter from the middle, nor a condition at either end.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

from mentor import language

_TELLING = language.NEGATIONS | frozenset(
    "only if when unless until while once more most few fewer all some any each both other same "
    "own before after above below over under up down than again very too such off out against "
    "between during through because or can could should would will by from".split()
)
_SMALL = language.STOP_WORDS - _TELLING
_CONDITION = re.compile(
    r"\W*(?:if|when|whenever|unless|until|while|once|only|except|provided|as long|but|for|than|"
    r"without|with|in|on|at|of|to|by|per|after|before|because of)\b",
    re.I,
)
_GOES_ON = re.compile(
    r"\s*(?:[.!?;:)]|,?\s*(?:since|because(?! of)|so|and|which|where|whereas|although|though)\b|"
    r",|$)",
    re.I,
)
_ASIDE = re.compile(r"^\s*\([^()]*\)")
_CLAUSE_ENDS = re.compile(r"(?:^|[.!?:;\n]|,\s*(?:and|but|so))[\s\-*•\"“]*$")


class _Word(NamedTuple):
    text: str
    small: bool
    start: int
    end: int
    aside: bool
    """Whether it stands in parentheses."""


def copied(sentence: str, window: str) -> bool:
    """Whether `sentence` repeats a statement of `window`, small words apart."""
    sentence, window = language.plain_figures(sentence), language.plain_figures(window)
    said, there = _words(sentence), _words(window)
    if not said:
        return False
    matcher = SequenceMatcher(None, [w.text for w in there], [w.text for w in said], autojunk=False)
    blocks = [b for b in matcher.get_matching_blocks() if b.size]
    if not blocks:
        return False
    first, last = blocks[0], blocks[-1]
    a, b = first.a, first.b
    for block in blocks:
        left_out, added = there[a : block.a], said[b : block.b]
        if not all(
            w.small or (w.aside and w.text not in language.NEGATIONS) for w in left_out
        ) or not all(w.small for w in added):
            return False
        a, b = block.a + block.size, block.b + block.size
    head = window[: there[first.a].start]
    tail = _ASIDE.sub("", window[there[a - 1].end :], count=1)
    around = [*said[: first.b], *said[last.b + last.size :]]
    return (
        all(w.small for w in around)
        and (bool(_CLAUSE_ENDS.search(head)) or _says_nothing(head))
        and bool(_GOES_ON.match(tail))
        and not (_CONDITION.match(tail) and not _ends(tail))
    )


def _ends(tail: str) -> bool:
    """Whether the statement itself ends before what follows."""
    return bool(re.match(r"[\"”’'`)*_+]*\s*[.!?;]", tail))


def _says_nothing(head: str) -> bool:
    statement = re.split(r"[.!?:;\n]", head)[-1]
    return all(w.small for w in _words(statement))


def _words(text: str) -> list[_Word]:
    asides = [match.span() for match in re.finditer(r"\([^()]*\)", text)]
    found = []
    for match in language.WORD.finditer(text):
        word = language.straight(match.group().lower())
        inside = any(a <= match.start() < b for a, b in asides)
        found.append(_Word(word, word in _SMALL, match.start(), match.end(), inside))
    return found
