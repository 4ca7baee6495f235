"""Which words of an answer are heard at all: neither lists of keywords nor what was said before.

A list of the right words says nothing of how they hang together, and the words of the question, its
hint and its probes are the interviewer's. Such words earn nothing and cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from mentor import language
from mentor.interview.parts import Quote, Said
from mentor.interview.windows import Window, windows
from mentor.questions import Question

LEAST_FUNCTION_WORDS = 0.13
"""Share of function words in a turn below which it is a list; terse notes have about 0.2, prose
0.4."""
LIST_WORDS = 20
LIST_COMMAS = 6
"""A single sentence is a list where it is this long, or has so many commas, and
`LEAST_IN_SENTENCE` function words at most."""
LEAST_IN_SENTENCE = 0.15
ECHOED = 0.8
"""Share of a window's matter that stands in question, probes or hint, beyond which it is theirs."""


def heard(said: Sequence[Said], parts: Sequence[Quote], question: Question) -> list[Window]:
    """The windows that may make a point."""
    lists = {turn for turn, each in enumerate(said) if _is_keywords(each.text)}
    listed = {n for n, part in enumerate(parts) if part.turn in lists or _is_list(part.text)}
    given = language.content_stems(
        " ".join([question.question, question.hint, *(probe.text for probe in question.probes)])
    )
    return [
        window
        for window in windows(said, parts)
        if listed.isdisjoint(range(window.first, window.last + 1))
        and _is_new(window.quote.text, given)
    ]


def _is_keywords(turn: str) -> bool:
    count, share = _function_words(turn)
    return count >= 8 and share < LEAST_FUNCTION_WORDS


def _is_list(sentence: str) -> bool:
    count, share = _function_words(sentence)
    long = count >= LIST_WORDS or sentence.count(",") >= LIST_COMMAS
    return long and share < LEAST_IN_SENTENCE


def _function_words(text: str) -> tuple[int, float]:
    """(number of words, share of them that only join others)."""
    words = language.words(text)
    return len(words), sum(word in language.STOP_WORDS for word in words) / max(1, len(words))


def _is_new(text: str, given: frozenset[str]) -> bool:
    matter = language.content_stems(text)
    return len(matter & given) < ECHOED * len(matter)
