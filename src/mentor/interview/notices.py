"""What a candidate should know of how an answer was read, where it was no plain English speech.

A notice never changes a score: it says why there is little to grade, and what to do about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mentor import language
from mentor.interview.parts import Graded, Said
from mentor.interview.session import READ

_FENCED = re.compile(r"```.*?(?:```|\Z)", re.S)
_SYMBOL = re.compile(r"[=(){}\[\];_*<>]")
_SYMBOLS_OF_CODE = 0.5
"""Symbols for each word from which on a text is code; prose about code has half as many."""
_FEW_WORDS = 5
_LEAST_ENGLISH = 0.12
"""The least share of little words (the, of, it) in English prose of some length; mostly it is
about 0.45."""


def notices(said: Sequence[Said], graded: Graded) -> tuple[str, ...]:
    """Sentences for the feedback; mostly none."""
    return tuple(_notices(said, graded))


def _notices(said: Sequence[Said], graded: Graded) -> Iterator[str]:
    for each in said:
        if len(each.text) > READ:
            yield (
                f"Your answer has {len(each.text):,} characters. I graded the first {READ:,}, "
                "which is about ten minutes of speech; the rest is kept, and not graded."
            )
    text = "\n".join(each.text for each in said)
    if not text:
        return
    if _is_code(text):
        yield (
            "Your answer is code. An interviewer wants to hear what it does and why: "
            "say it in words, and the code may stand beside them."
        )
    elif not any(point.state == "met" for point in graded.points) and not _is_english(text):
        yield "I can grade answers in English sentences only, and could not read this as such."


def _is_code(text: str) -> bool:
    """Whether hardly a word is left beside a listing, or there are symbols all over."""
    prose = _FENCED.sub("", text)
    if prose != text and len(language.words(prose)) < _FEW_WORDS:
        return True
    return len(_SYMBOL.findall(text)) >= _SYMBOLS_OF_CODE * max(len(language.words(text)), 1)


def _is_english(text: str) -> bool:
    """By script and little words; of a handful of words nothing can be said, so they pass."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(character.isascii() for character in letters)
    if letters and latin < 0.7 * len(letters):
        return False
    words = language.words(text)
    little = sum(word in language.STOP_WORDS for word in words)
    return len(words) < 2 * _FEW_WORDS or little >= _LEAST_ENGLISH * len(words)
