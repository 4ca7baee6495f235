"""The judge: may this sentence be shown, and is this what was asked?

Two judgements that are not the same. `supports` holds a sentence against a passage: a score for
the meaning, and apart from it the guards it violates (`mentor.models.guards`). `answers` holds
statements against a question, and so picks the evidence; whether a question is answered at all is
the gate's to say, which asks no judge.

`TrainedJudge` asks a cross-encoder. `LexicalJudge` counts words: the fake beside it, which loads
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from mentor import language
from mentor.models import guards
from mentor.models.copying import copied
from mentor.models.cross_encoder import CrossEncoder
from mentor.records import Passage, Record

_LONGEST_WINDOW = 3  # statements that may carry one sentence together
_SHORT = 0.0004  # what a character of a window costs, against the share of words it has
# Glue that a paraphrase may add: it claims nothing.
_GLUE = language.content_stems(
    "important need role skill learn focus become follow start begin work ensure able various "
    "different career new well good help part area"
)


class Support(Record):
    """How well a passage carries a sentence: `passage.text[start:end]` are the words that do."""

    score: float
    violations: tuple[str, ...]
    start: int
    end: int


class Judge(Protocol):
    """A port of our own, as the interview's `Grader` is; the others are LangChain's."""

    def supports(self, sentence: str, passage: Passage) -> Support:
        """Meaning in [0, 1] and guards violated, over the best window of the passage."""
        ...

    def answers(self, question: str, statements: Sequence[str]) -> list[float]:
        """For each statement, in [0, 1], how much it is what was asked."""
        ...

    def accepts(self, support: Support) -> bool:
        """Whether a sentence with this support may be shown."""
        ...


class TrainedJudge:
    """Copies pass by rule; for other words a cross-encoder is asked, and the words that are shared.

    A logistic regression joins the encoder's word with the share and the order of common words,
    since each sees what the others miss. It was fitted on the dev half of `support.jsonl`. Its bar
    is high, for what passes is shown: of 88 lies about figures, names and negations that a scripted
    drafter told, none came through, and of its honest sentences one in nine.

    Args:
        encoder: the weights; ours unless given.
        own_words: whether anything but copies may pass. The embedded model's other words are not
            worth the risk: docs/evals.md has figures.
    """

    WEIGHTS = (0.565, 0.482, 2.241, -0.609)
    """Of the encoder's logit, the share of words, the order of words, and the constant."""
    BAR = 0.95

    def __init__(self, encoder: CrossEncoder | None = None, *, own_words: bool = True) -> None:
        self._encoder = encoder or CrossEncoder()
        self._own_words = own_words

    def warm(self) -> None:
        """Load the weights, so that the first learner does not wait for them."""
        self.answers("Is it warm?", ["It is warm."])

    def accepts(self, support: Support) -> bool:
        return not support.violations and support.score >= (self.BAR if self._own_words else 1.0)

    def supports(self, sentence: str, passage: Passage) -> Support:
        start, end = best_window(sentence, passage)
        window = passage.text[start:end]
        violated = guards.violations(sentence, window, passage.heading)
        score = 1.0 if copied(sentence, window) else self._meaning(sentence, passage, window)
        return Support(score=score, violations=violated, start=start, end=end)

    def _meaning(self, sentence: str, passage: Passage, window: str) -> float:
        share, order = shared_words(sentence, window, passage.heading)
        (logit,) = self._encoder.score("supports", [(carrier_of(passage, window), sentence)])
        features = (float(logit), share, order, 1.0)
        return _sigmoid(sum(w * f for w, f in zip(self.WEIGHTS, features, strict=True)))

    def answers(self, question: str, statements: Sequence[str]) -> list[float]:
        logits = self._encoder.score("answers", [(question, s) for s in statements])
        return [_sigmoid(float(logit)) for logit in logits]


class LexicalJudge:
    """The fake: shares of words and of neighbouring words, strict on purpose."""

    def __init__(self, *, bar: float = 0.8) -> None:
        self._bar = bar

    def accepts(self, support: Support) -> bool:
        return not support.violations and support.score >= self._bar

    def supports(self, sentence: str, passage: Passage) -> Support:
        start, end = best_window(sentence, passage)
        window = passage.text[start:end]
        share, order = shared_words(sentence, window, passage.heading)
        violated = guards.violations(sentence, window, passage.heading)
        return Support(score=(share + order) / 2, violations=violated, start=start, end=end)

    def answers(self, question: str, statements: Sequence[str]) -> list[float]:
        return [guards.share_of(question, statement) for statement in statements]


def statement_of(passage: Passage, start: int, end: int) -> str:
    """What `answers` reads: a statement under the last two headings of its passage; a term of the
    glossary stands for itself, whatever letters share its page."""
    headings = passage.path[-1:] if passage.place.kind == "glossary" else passage.path[-2:]
    return f"{' › '.join(headings)}: {passage.text[start:end]}"


def carrier_of(passage: Passage, window: str) -> str:
    """What `supports` reads of a passage: its last heading and the window."""
    return f"{passage.path[-1]}: {window}"


def shared_words(sentence: str, window: str, heading: str) -> tuple[float, float]:
    """(share of the sentence's content stems that stand in the window or its heading; share of its
    pairs of neighbouring words that are neighbours there: ROUGE-2's precision, Lin 2004)."""
    spoken = language.content_stems(sentence) - _GLUE
    given = language.content_stems(f"{heading} {window}")
    share = len(spoken & given) / len(spoken) if spoken else 0.0
    said, stands = language.pairs(sentence), set(language.pairs(f"{heading} {window}"))
    return share, sum(pair in stands for pair in said) / len(said) if said else 0.0


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


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -50 else 0.0
