"""Guards: what a sentence may never do to the words that carry it, whatever its meaning scores.

Each guard compares the sentence with the window of the passage that says most of it. They are
rules, so that a violation can be told in words: a figure, a name or a level that does not stand
there, a statement turned round, more turned into less, some turned into all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from mentor import language

_RANK = re.compile(
    r"\b(juniors?|seniors?|mid[- ]levels?|track [abc]|"
    r"stage (?:\d|one|two|three|four|five)|(?:first|second|third|fourth|fifth|last) stage)\b",
    re.I,
)
_OPEN_FIGURE = re.compile(r"(\d[\d,.]*\d(?:k|m)?|\d(?:k|m)?)\+(?!\d)", re.I)
_OPEN_ENDED = re.compile(
    r"\d(?:k|m)?\+|\b(?:or more|at least|and (?:up|more)|upwards?|over)\b", re.I
)
_STAGES = re.compile(r"\bstages\s+(\d)(?:\s*(?:to|and|–|-)\s*(\d))?", re.I)
# Each pair says the opposite of the other; a sentence may not move from one side to the other.
_DIRECTIONS = tuple(
    (frozenset(more.split()), frozenset(less.split()))
    for more, less in (
        ("more above over exceeds exceed higher greater larger bigger longer", "less below under "
         "lower fewer smaller shorter"),
        ("increase increases increased rise rises raises raise grows grow", "decrease decreases "
         "decreased fall falls lowers shrinks shrink reduces reduce drops"),
        ("before earlier first", "after later last"),
        ("faster quicker quick fast", "slower slow"),
        ("better best strong stronger", "worse worst weak weaker"),
        ("easier easy simple simpler", "harder hard difficult"),
        ("cheap cheaper", "expensive costly"),
        ("most many often usually frequent frequently", "few rare rarely seldom"),
        ("maximum most highest", "minimum least lowest"),
        ("underfitting underfits", "overfitting overfits"),
    )
)  # fmt: skip
_EVERY = frozenset("all every always each entirely completely must never none nobody".split())
_ONLY = frozenset("only solely exclusively".split())
_SWEEPING = frozenset(
    "all every always each any whole entire entirely completely must has have need needs required "
    "whatever everything everyone only both full never none nobody no not nothing cannot".split()
)
_LIMITING = frozenset(
    "only alone just solely nothing merely exclusively unless until except single sole no but "
    "not never rest".split()
)
_HEDGES = frozenset(
    "may might can could often usually sometimes mostly many most some few several about roughly "
    "likely rarely tends typically partly almost nearly".split()
)
_TURNED = frozenset(
    "avoid avoids avoided skip skips fails fail failed lacks lack lacking unable except rarely "
    "seldom hardly refuse refuses prevents prevent forbid forbidden wrong instead rather unless "
    "against stop stops useless unnecessary needless leave leaves out missing hidden".split()
) | language.NEGATIONS  # fmt: skip
_SAME_WORDS = 0.75
"""Share of a sentence's content words that the window has, from which on a turned statement
is a contradiction rather than another way of putting it."""


def violations(sentence: str, window: str, heading: str) -> tuple[str, ...]:
    """The guards that `sentence` breaks against `window`, each said in two words."""
    carrier = f"{heading}. {window}"
    return (
        *_figures(sentence, carrier),
        *_names(sentence, carrier),
        *_moved(sentence, window),
        *_turned(sentence, carrier),
        *_directions(sentence, carrier),
        *_quantifiers(sentence, carrier),
    )


def _figures(sentence: str, carrier: str) -> Iterator[str]:
    there = [*language.figures(carrier), *_counts(carrier)]
    for figure in language.figures(sentence):
        if not any(math.isclose(figure, other) for other in there):
            yield f"figure {figure:g}"
    if not _OPEN_ENDED.search(sentence):
        spoken = set(language.figures(sentence))
        for figure in _OPEN_FIGURE.findall(carrier):
            if set(language.figures(figure)) & spoken:
                yield f"figure {figure} without its +"


def _counts(text: str) -> Iterator[float]:
    """How many items a list has, and the halves, doubles and percentages that words name."""
    items = sum(map(language.is_list_item, text.splitlines()))
    if items:
        yield float(items)
    if re.search(r"\bhal[fv]", text, re.I):
        yield from (0.5, 50.0)
    for percent in re.findall(r"(\d+(?:\.\d+)?)\s?%", text):
        yield float(percent) / 100


def _names(sentence: str, carrier: str) -> Iterator[str]:
    known = {language.stem(word) for word in language.words(carrier)}
    packed = re.sub(r"[^a-z0-9]", "", carrier.lower())
    for name in language.names(sentence):
        if language.stem(name.lower()) not in known and _bare(name) not in packed:
            yield f"name {name}"
    ranks = set(_ranks(carrier))
    for rank in _ranks(sentence):
        if rank not in ranks:
            yield f"rank {rank}"


def _moved(sentence: str, window: str) -> Iterator[str]:
    """Figures that the window gives to one level, track or stage, and the sentence to another."""
    given = _figures_by_rank(window)
    if len(given) < 2:
        return
    for rank, figures in _figures_by_rank(sentence).items():
        for figure in sorted(figures - given.get(rank, figures)):
            yield f"figure {figure:g} of another rank"


def _figures_by_rank(text: str) -> dict[str, set[float]]:
    """The figures that stand with each rank: after it, or before it where a figure comes first."""
    spots = [(m.start(), m.end(), _rank(m)) for m in _RANK.finditer(text)]
    if not spots:
        return {}
    first = bool(language.figures(text[: spots[0][0]]))
    starts = [0, *(end for _, end, _ in spots[:-1])] if first else [e for _, e, _ in spots]
    ends = [s for s, _, _ in spots] if first else [*(s for s, _, _ in spots[1:]), len(text)]
    found: dict[str, set[float]] = {}
    for (_, _, rank), start, end in zip(spots, starts, ends, strict=True):
        if figures := set(language.figures(text[start:end])):
            found.setdefault(rank, set()).update(figures)
    return found


def _rank(match: re.Match[str]) -> str:
    """One form for each: "stage 2", "track a", "mid level"."""
    kind, _, which = match.group().lower().replace("-", " ").partition(" ")
    if "stage" in (kind, which):
        return f"stage {language.ordinal(which if kind == 'stage' else kind)}"
    return f"{kind} {which}".strip().removesuffix("s")


def _ranks(text: str) -> Iterator[str]:
    """Levels, tracks and stages that a text names."""
    yield from map(_rank, _RANK.finditer(text))
    for first, last in _STAGES.findall(text):
        yield from (f"stage {n}" for n in range(int(first), int(last or first) + 1))


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("s")


def _turned(sentence: str, carrier: str) -> Iterator[str]:
    """The same words with a negation more or less: what one denies, the other states."""
    if share_of(sentence, carrier) < _SAME_WORDS:
        return
    if not set(language.words(carrier)) & _TURNED and _denied(sentence, carrier):
        yield "negation added"
    if not set(language.words(sentence)) & _TURNED and _denied(carrier, sentence):
        yield "negation lost"


def _denied(text: str, other: str) -> bool:
    """Whether a negation of `text` stands right before words that `other` has too."""
    stems = language.content_stems(other)
    words = language.words(text)
    return any(
        word in language.NEGATIONS
        and any(stem in stems for stem in map(language.stem, words[n + 1 : n + 4]))
        for n, word in enumerate(words)
    )


def _directions(sentence: str, carrier: str) -> Iterator[str]:
    said, stands = set(language.words(sentence)), set(language.words(carrier))
    for one, other in _DIRECTIONS:
        for here, there in ((one, other), (other, one)):
            if said & here and not said & there and stands & there and not stands & here:
                yield f"direction {min(said & here)}"


def _quantifiers(sentence: str, carrier: str) -> Iterator[str]:
    said, stands = set(language.words(sentence)), set(language.words(carrier))
    if (added := said & _EVERY - stands) and not stands & _SWEEPING:
        yield f"quantifier {min(added)}"
    if (added := said & _EVERY - stands) and stands & _HEDGES and not said & _HEDGES:
        yield f"hedge dropped for {min(added)}"
    if said & _ONLY and not stands & _LIMITING:
        yield "quantifier only"


def share_of(sentence: str, carrier: str) -> float:
    """Share of the content stems of `sentence` that `carrier` has."""
    wanted = language.content_stems(sentence)
    return len(wanted & language.content_stems(carrier)) / len(wanted) if wanted else 0.0
