"""How far the referee can be trusted: its agreement with people, over sentences of real answers.

`datasets/hand_labels.jsonl` holds what people said: question, sentence, the passages that were
cited, and whether these support the sentence. `python -m mentor_evals.sample_sentences` draws what
is to be labelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

from pydantic import Field, TypeAdapter, ValidationError

from mentor.errors import MaterialError
from mentor.records import Passage, Record
from mentor_evals.figures import Agreement
from mentor_evals.referee import Ground, Referee

NONE_YET = (
    "No sentence has been labelled by hand yet, so nobody knows how often the referee errs: draw "
    "some (python -m mentor_evals.sample_sentences) and put the labels into hand_labels.jsonl."
)


class HandLabel(Record):
    """What a person says of a sentence and the passages that it cites."""

    question: str
    sentence: str = Field(min_length=1)
    passages: tuple[str, ...] = Field(min_length=1)
    supported: bool


def hand_labels() -> list[HandLabel]:
    """The labels; none when there is no file yet.

    Raises:
        MaterialError: a line is no label, as when it was left unfilled.
    """
    file = files("mentor_evals") / "datasets" / "hand_labels.jsonl"
    if not file.is_file():
        return []
    labels, adapter = [], TypeAdapter(HandLabel)
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
        if line.strip():
            try:
                labels.append(adapter.validate_json(line))
            except ValidationError as exc:
                first = exc.errors()[0]
                raise MaterialError(
                    f"hand_labels.jsonl, line {number}: {first['loc']}: {first['msg']}.",
                    cure="Mend that line.",
                ) from exc
    return labels


def agreement(
    labels: Sequence[HandLabel], passages: Mapping[str, Passage], referee: Referee
) -> Agreement | None:
    """Agreement over the labels whose passages still stand in the index; None when none do."""
    pairs = []
    for label in labels:
        found = [passages[p] for p in label.passages if p in passages]
        if len(found) == len(label.passages):
            grounds = [Ground(heading=p.heading, text=p.text) for p in found]
            pairs.append((label.supported, referee.supports(label.sentence, grounds)))
    if not pairs:
        return None
    agreed = sum(a == b for a, b in pairs) / len(pairs)
    return Agreement(labels=len(pairs), agreement=agreed, kappa=kappa(pairs))


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float:
    """Cohen's kappa (1960): agreement beyond what chance gives; 1 when there is only one class."""
    agreed = sum(a == b for a, b in pairs) / len(pairs)
    one, other = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    chance = one * other + (1 - one) * (1 - other)
    return 1.0 if chance == 1 else (agreed - chance) / (1 - chance)
