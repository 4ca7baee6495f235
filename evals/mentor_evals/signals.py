"""What the referee looks at: plain signals of a sentence and of the words that may carry it.

Written apart from the Judge's guards, so that a mistake of theirs is not repeated here. A new
figure or a negation means more in a sentence that else repeats its passage, so those signals stand
once alone and once times the order of words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rapidfuzz.distance import LCSseq

from mentor import language
from mentor.records import Record

NAMES = (
    *("words", "order", "letters", "meaning", "new_words"),
    *("new_figures", "new_names", "negation", "opposites"),
    *("figures_in_order", "names_in_order", "negation_in_order", "opposites_in_order"),
    *("new_words_in_order", "words_squared", "order_squared"),
)
_GRAM = 4
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?\s?(?:k\b|m\b|thousand\b|million\b|bn\b)?", re.I)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9}
_SPELLED = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"half": 0.5, "thirty": 30, "forty": 40, "fifty": 50, "ninety": 90, "hundred": 100, "dozen": 12}
_NOT = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|cannot|without|hardly|rarely|\w+n't)\b",
    re.I,
)
_OPPOSITES = [
    tuple(frozenset(side.split()) for side in pair.split("|"))
    for pair in (
        "more greater higher above over longer larger bigger increase increases grow grows rise "
        "rises raise raises up exceed exceeds | less fewer lower below under shorter smaller "
        "decrease decreases shrink shrinks fall falls lowers reduce reduces down",
        "before first earlier early start starts begin begins | after last later late end ends",
        "all every each always everyone everything any | some few sometimes occasionally often "
        "several many most half",
        "must required need needs mandatory has | may can optional might could should",
        "only solely alone just exclusively | also too besides mostly mainly including",
        "best better good strong fast faster cheap cheaper easy easier | worst worse bad weak slow "
        "slower dear dearer hard harder difficult",
        "same alike equal | different other unlike",
        "minimum least | maximum most",
        "improve improves help helps gain gains | harm harms hurt hurts worsen worsens lose loses",
        "inside within | outside beyond",
        "high | low",
        "large big long | small little short",
        "add adds include includes keep keeps | remove removes drop drops exclude excludes",
        "train training | test testing validation",
    )
]


class Text(Record):
    """A text taken apart once."""

    tokens: tuple[str, ...]
    stems: frozenset[str]
    grams: frozenset[str]
    figures: tuple[float, ...]
    names: frozenset[str]
    words: frozenset[str]
    negated: bool

    @classmethod
    def of(cls, text: str) -> Text:
        return _taken_apart(text)


@lru_cache(maxsize=20_000)
def _taken_apart(text: str) -> Text:
    words = language.words(text)
    letters = " ".join(words)
    return Text(
        tokens=tuple(map(language.stem, words)),
        stems=language.content_stems(text),
        grams=frozenset(letters[n : n + _GRAM] for n in range(len(letters) - _GRAM + 1)),
        figures=tuple(_figures(text)),
        names=frozenset(name.lower() for name in language.names(text)),
        words=frozenset(words),
        negated=bool(_NOT.search(text)),
    )


def share(said: Text, there: Text) -> float:
    """Share of the content stems of a sentence that stand there."""
    return len(said.stems & there.stems) / len(said.stems) if said.stems else 0.0


def measure(
    said: Text, heading: str, window: str, a: Sequence[float], b: Sequence[float]
) -> dict[str, float]:
    """The signals, by name; `a` and `b` are unit vectors of the sentence and of the window."""
    there = Text.of(f"{heading}. {window}")
    carrier = _nearest_statement(said, window)
    words = share(said, there)
    order = LCSseq.similarity(said.tokens, there.tokens) / max(1, len(said.tokens))  # ROUGE-L
    against = (
        min(6.0, len(said.stems - there.stems)),
        float(bool(Counter(said.figures) - Counter(there.figures))),
        min(2.0, len(said.names - there.words)),
        float(said.negated != carrier.negated),
        float(_opposed(said.words, there.words)),
    )
    new_words, *flags = against
    found = (
        words,
        order,
        len(said.grams & there.grams) / max(1, len(said.grams)),
        float(np.dot(a, b)),
        *against,
        *(flag * order for flag in flags),
        new_words * order,
        words**2,
        order**2,
    )
    return dict(zip(NAMES, found, strict=True))


def _nearest_statement(said: Text, window: str) -> Text:
    texts = [Text.of(window[a:b]) for a, b in language.statements(window)] or [Text.of(window)]
    return max(texts, key=lambda text: share(said, text))


def _opposed(said: frozenset[str], there: frozenset[str]) -> bool:
    """Whether the sentence has a word whose opposite stands there instead of it."""
    return any(
        said & one and not there & one and there & other and not said & other
        for pair in _OPPOSITES
        for one, other in (pair, pair[::-1])
    )


def _figures(text: str) -> list[float]:
    found = []
    for match in _NUMBER.finditer(text):
        digits, scale = re.fullmatch(r"([\d,.]+)\s?(\D*)", match.group()).groups()  # type: ignore[union-attr]
        found.append(float(digits.replace(",", "").rstrip(".")) * _SCALES.get(scale.lower(), 1.0))
    rest = _NUMBER.sub(" ", text).lower()
    return found + [float(_SPELLED[w]) for w in re.findall(r"[a-z]+", rest) if w in _SPELLED]
