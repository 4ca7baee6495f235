"""The referee: does a passage support a sentence? Never the Judge that filtered the answers.

A check that is judged by itself is always right. So the referee is built otherwise than the Judge:
no cross-encoder and none of its guards. What stands in the passage word for word is supported,
unless a sign (`<`, `-2`) differs. All else is weighed by a logistic regression over plain signals
(words, word order, letters, sentence embedding, figures, names, negation, opposites), over the one
to three statements that carry it best. `python -m mentor_evals.referee_fit` fits it on the dev half
of support.jsonl.

It errs; `mentor_evals.agreement` says how often people disagree with it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files

from mentor import language
from mentor.models.embed import Embedder
from mentor.records import Record
from mentor_evals import signals

_SIGN = re.compile(r"(?<!^)[<>≤≥≠=]+|(?<!\w)[-−](?=\d)", re.M)
"""A comparison, unless it begins its line as a quotation, or the minus of a number, not a range."""
_BARE = re.compile(rf"{_SIGN.pattern}|[\w$%+#]+(?:[.,/'’-][\w$%+#]+)*", re.M)
_TRIED = 3  # windows that are embedded, the best by words first


class Ground(Record):
    """A passage that a sentence may stand on."""

    heading: str
    text: str


class Weights(Record):
    """The logistic regression: a weight for each signal, and the constant."""

    signals: dict[str, float]
    constant: float


class Verdict(Record):
    """What the referee says of a sentence and its passages."""

    supported: bool
    probability: float


class Referee:
    """Holds sentences against passages; remembers what it was asked."""

    def __init__(self, embedder: Embedder, weights: Weights | None = None) -> None:
        self._embedder = embedder
        self._given = weights
        self._known: dict[tuple[str, tuple[Ground, ...]], Verdict] = {}

    @cached_property
    def weights(self) -> Weights:
        return self._given or shipped_weights()

    def judge(self, sentence: str, grounds: Sequence[Ground]) -> Verdict:
        """Whether `grounds`, taken together, support `sentence`."""
        key = (sentence, tuple(grounds))
        if key not in self._known:
            self._known[key] = self._weigh(sentence, grounds)
        return self._known[key]

    def supports(self, sentence: str, grounds: Sequence[Ground]) -> bool:
        return self.judge(sentence, grounds).supported

    def _weigh(self, sentence: str, grounds: Sequence[Ground]) -> Verdict:
        if not grounds:
            return Verdict(supported=False, probability=0.0)
        if any(stands(sentence, ground.text) for ground in grounds):
            return Verdict(supported=True, probability=1.0)
        if any(stands(_unsigned(sentence), _unsigned(ground.text)) for ground in grounds):
            return Verdict(supported=False, probability=0.0)  # a sign was turned
        probability = max(
            self.probability(found) for found in candidates(sentence, grounds, self._embedder)
        )
        return Verdict(supported=probability >= 0.5, probability=probability)

    def probability(self, found: dict[str, float]) -> float:
        weights = self.weights
        logit = weights.constant + sum(weights.signals[name] * x for name, x in found.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def shipped_weights() -> Weights:
    text = (files("mentor_evals") / "referee.json").read_text(encoding="utf-8")
    return Weights.model_validate(json.loads(text))


def stands(sentence: str, text: str) -> bool:
    """Whether every line of `sentence` stands in `text`, case, blanks and marks apart."""
    there = f" {bare(text)} "
    lines = [bare(language.list_item_text(line)) for line in sentence.splitlines()]
    lines = [line for line in lines if line]
    return bool(lines) and all(f" {line} " in there for line in lines)


def bare(text: str) -> str:
    """Words, comparisons and signs of numbers, one blank between them."""
    return " ".join(_BARE.findall(text.lower().replace("−", "-")))


def _unsigned(text: str) -> str:
    return _SIGN.sub(" ", text)


def candidates(
    sentence: str, grounds: Sequence[Ground], embedder: Embedder
) -> list[dict[str, float]]:
    """The signals of the windows that carry `sentence` best by words.

    With several passages, their best windows joined are one more: a merged sentence stands on two.
    """
    said = signals.Text.of(sentence)
    best: list[tuple[float, str, str]] = []
    for ground in grounds:
        ranked = sorted(
            (
                (signals.share(said, signals.Text.of(f"{ground.heading}. {w}")), -len(w), w)
                for w in windows(ground.text)
            ),
            reverse=True,
        )
        best += [(share, ground.heading, window) for share, _, window in ranked[:_TRIED]]
    best.sort(key=lambda item: -item[0])
    chosen = [(heading, window) for _, heading, window in best[:_TRIED]]
    if len(grounds) > 1:
        firsts = {heading: window for _, heading, window in reversed(best)}
        chosen.append((" ".join(firsts), " ".join(firsts.values())))
    texts = [sentence, *(f"{heading}: {window}" for heading, window in chosen)]
    vectors = embedder.embed_documents(texts)
    return [
        signals.measure(said, heading, window, vectors[0], vector)
        for (heading, window), vector in zip(chosen, vectors[1:], strict=True)
    ]


def windows(text: str) -> list[str]:
    """One to three statements in a row."""
    spans = language.statements(text) or [(0, len(text))]
    return [
        text[spans[n][0] : spans[n + size - 1][1]]
        for size in (1, 2, 3)
        for n in range(len(spans) - size + 1)
    ]
