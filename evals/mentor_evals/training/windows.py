"""The words of a passage that the trained judge reads beside a sentence or a question."""

from __future__ import annotations

from mentor import language
from mentor.records import Passage

_LONGEST_WINDOW = 3  # statements that may carry one sentence together
_SHORT = 0.0004  # what a character of a window costs, against the share of words it has


def share_of(sentence: str, carrier: str) -> float:
    """Share of the content stems of `sentence` that `carrier` has."""
    wanted = language.content_stems(sentence)
    return len(wanted & language.content_stems(carrier)) / len(wanted) if wanted else 0.0


def statement_of(passage: Passage, start: int, end: int) -> str:
    """What `answers` reads: a statement under the last two headings of its passage."""
    return f"{' › '.join(passage.path[-2:])}: {passage.text[start:end]}"


def carrier_of(passage: Passage, window: str) -> str:
    """What `supports` reads of a passage: its last heading and the window."""
    return f"{passage.path[-1]}: {window}"


def best_window(sentence: str, passage: Passage) -> tuple[int, int]:
    """The shortest span of the passage that has most of the words of `sentence`.

    A span is up to three statements in a row, or one item of a list, so that a figure cannot
    wander from one item to the next.
    """
    spoken = language.content_stems(sentence)
    figures = set(language.figures(sentence))

    def worth(span: tuple[int, int]) -> float:
        window = f"{passage.heading}. {passage.text[span[0] : span[1]]}"
        words = len(spoken & language.content_stems(window))
        found = len(figures & set(language.figures(window)))
        share = (words + found) / max(1, len(spoken) + len(figures))
        return share - _SHORT * (span[1] - span[0])

    return max(_windows(passage.text), key=worth)


def _windows(text: str) -> list[tuple[int, int]]:
    spans = language.statements(text)
    rows = [
        (row[0][0], row[-1][1])
        for length in range(1, _LONGEST_WINDOW + 1)
        for row in zip(*(spans[n:] for n in range(length)), strict=False)
    ]
    return [*rows, *language.item_spans(text, spans)] or [(0, len(text))]
