"""Fit the referee: `python -m mentor_evals.referee_fit` writes referee.json.

On the dev half of support.jsonl, against the passages of the index in use. Its pairs are hard: lies
that keep nearly all words, paraphrases that keep few. Real answers are mostly near the words of the
material, so the first clauses of the same sections' own sentences go with them, as supported.
Prints the balanced accuracy of five folds that share no section; the test half is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GroupKFold

from mentor import language
from mentor.mentor import open_mentor
from mentor.models.embed import Embedder, open_embedder
from mentor.records import Passage
from mentor.settings import load_settings
from mentor.telemetry import no_telemetry
from mentor_evals import signals
from mentor_evals.cases import Pair, load
from mentor_evals.referee import Ground, Referee, Weights, candidates

_ROUNDS = 3
_CLAUSE = re.compile(r"(?:, (?:since|because|so|and|but|which|while|when)\b|;| [–—] )")
Row = tuple[str, str, bool, list[dict[str, float]]]
"""Cluster, kind, whether it is supported, and the signals of its windows."""


def main() -> None:
    """Fit, write and report."""
    no_telemetry()
    settings = load_settings(model="none")
    sections = open_mentor(settings).retriever.index.by_section
    embedder = open_embedder(settings)
    rows: list[Row] = []
    for pair in load("support", Pair, "dev"):
        passages = [p for section in pair.sections for p in sections.get(section, ())]
        rows += _rows(pair, passages, embedder)
    labels = np.array([supported for _, _, supported, _ in rows])
    guessed = np.zeros(len(rows), bool)
    for fit, held in GroupKFold(5).split(labels, groups=[cluster for cluster, *_ in rows]):
        referee = Referee(embedder, fitted([rows[n][3] for n in fit], labels[fit]))
        for n in held:
            guessed[n] = max(map(referee.probability, rows[n][3])) >= 0.5
    weights = fitted([found for *_, found in rows], labels)
    path = Path(__file__).with_name("referee.json")
    path.write_text(weights.model_dump_json(indent=1) + "\n", encoding="utf-8")
    _report(rows, guessed, labels)


def _rows(pair: Pair, passages: Sequence[Passage], embedder: Embedder) -> Iterator[Row]:
    grounds = [Ground(heading=p.heading, text=p.text) for p in passages]
    if not grounds:
        return
    yield pair.cluster, pair.kind, pair.supported, candidates(pair.sentence, grounds, embedder)
    if pair.kind == "paraphrase" and (clause := _first_clause(passages[0].text, pair.sentence)):
        yield pair.cluster, "first clause", True, candidates(clause, grounds, embedder)


def _first_clause(text: str, near: str) -> str | None:
    """The opening of the sentence of `text` closest to `near`, where it has several clauses."""
    said = signals.Text.of(near)
    sentences = [text[a:b] for a, b in language.statements(text)]
    closest = max(sentences, key=lambda s: signals.share(said, signals.Text.of(s)), default="")
    clause = _CLAUSE.split(closest)[0]
    whole = len(clause.split()) >= 6 and clause != closest and "\n" not in clause
    return f"{clause}." if whole else None


def fitted(found: Sequence[Sequence[dict[str, float]]], labels: NDArray[np.bool_]) -> Weights:
    """Each row has several windows and is judged by its best, so fit and choice take turns."""
    rows = [windows[0] for windows in found]
    for _ in range(_ROUNDS):
        matrix = np.array([[row[name] for name in signals.NAMES] for row in rows])
        model = LogisticRegression(class_weight="balanced", C=3.0, max_iter=5_000)
        model.fit(matrix, labels)
        fit = zip(signals.NAMES, map(float, model.coef_[0]), strict=True)
        weights = Weights(
            signals={name: round(weight, 4) for name, weight in fit},
            constant=round(float(model.intercept_[0]), 4),
        )
        rows = [_best(windows, weights) for windows in found]
    return weights


def _best(windows: Sequence[dict[str, float]], weights: Weights) -> dict[str, float]:
    return max(windows, key=lambda row: sum(weights.signals[name] * x for name, x in row.items()))


def _report(rows: Sequence[Row], guessed: NDArray[np.bool_], labels: NDArray[np.bool_]) -> None:
    console = Console()
    accuracy = balanced_accuracy_score(labels, guessed)
    console.print(f"{len(rows)} sentences; balanced accuracy over five folds {accuracy:.3f}")
    kinds = np.array([kind for _, kind, _, _ in rows])
    for kind in sorted(set(kinds.tolist())):
        right = (guessed == labels)[kinds == kind]
        console.print(f"  {kind:<16} {right.mean():.2f} of {len(right)}")


if __name__ == "__main__":
    main()
