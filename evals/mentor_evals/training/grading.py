"""Fit the grader: `python -m mentor_evals.training.grading` writes interview/grading.json.

On the dev half of the sample answers: for each point of each answer the signals of every window,
and the state that a person gave it. A point is judged by its best window, which the weights decide
and are decided by, so that fit and choice take turns (as in `referee_fit`). The two bars are chosen
on folds that share no question. Prints what the folds reach; the test half is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from mentor.interview.grading import RuleGrader, Weights
from mentor.interview.heard import heard
from mentor.interview.likeness import GUARD, NAMES
from mentor.interview.matter import Floats, take
from mentor.interview.parts import Said, State
from mentor.interview.totals import WORTH
from mentor.interview.windows import sentences
from mentor.models.embed import Embedder, open_embedder
from mentor.questions import Bank, read_bank
from mentor.settings import load_settings
from mentor.telemetry import no_telemetry
from mentor_evals.interview_answers import SampleAnswer
from mentor_evals.interview_answers import load as sample_answers
from mentor_evals.suites.grading import half

_ROUNDS = 3
_STRENGTH = 0.03  # of the regression, as C
_FOLDS = 10
_FORBIDDEN = -100.0
_LEARNED = [n for n, name in enumerate(NAMES) if name != GUARD]
_NOTHING = Weights(signals={}, constant=0.0, met=1.0, partly=0.0)


class Row(NamedTuple):
    """A point of a sample answer."""

    question: str
    state: State
    table: Floats
    """(windows, signals)"""


def rows(answers: Iterable[SampleAnswer], bank: Bank, embedder: Embedder) -> list[Row]:
    """The labelled points of `answers`."""
    grader = RuleGrader(embedder, bank, _NOTHING)
    found = []
    for each in answers:
        question = bank.questions[each.question]
        said = (Said(text=each.answer),)
        parts = sentences(said)
        spans = heard(said, parts, question)
        if spans:
            rubric, _ = grader.prepared(question)
            tables = rubric.signals(take([part.text for part in parts], embedder), spans)
            for point, table in zip(rubric.points, tables, strict=True):
                found.append(Row(each.question, each.states[point.id], table))
    return found


def fitted(given: Sequence[Row]) -> Weights:
    """The weights alone; the bars are still to be chosen."""
    met = np.array([row.state == "met" for row in given])
    best = [row.table[row.table[:, NAMES.index("all_words")].argmax()] for row in given]
    weights = _NOTHING
    for _ in range(_ROUNDS):
        chosen = np.array(best)[:, _LEARNED]
        scaler = StandardScaler().fit(chosen)
        model = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=5_000)
        model.fit(scaler.transform(chosen), met)
        slopes = model.coef_[0] / scaler.scale_
        learned = {NAMES[n]: round(float(w), 4) for n, w in zip(_LEARNED, slopes, strict=True)}
        weights = Weights(
            signals={**learned, GUARD: _FORBIDDEN},
            constant=round(float(model.intercept_[0] - slopes @ scaler.mean_), 4),
            met=0.0,
            partly=0.0,
        )
        best = [row.table[weights.logits(row.table).argmax()] for row in given]
    return weights


def logits(given: Sequence[Row], weights: Weights) -> NDArray[np.float64]:
    """Of each point, that of its best window."""
    return np.array([float(weights.logits(row.table).max()) for row in given])


def held_out(given: Sequence[Row]) -> NDArray[np.float64]:
    """Logits by weights that have not seen the question."""
    found = np.zeros(len(given))
    groups = [row.question for row in given]
    folds = GroupKFold(min(_FOLDS, len(set(groups))))
    for fit, held in folds.split(found, groups=groups):
        weights = fitted([given[n] for n in fit])
        found[held] = logits([given[n] for n in held], weights)
    return found


def bars(values: NDArray[np.float64], states: Sequence[State]) -> tuple[float, float]:
    """The logits from which on a point is met, and partly met.

    The upper one tells met from the rest best, by balanced accuracy; with it, the lower one brings
    what each point is worth nearest to what its label is worth.
    """
    met = np.array([state == "met" for state in states])
    worth = np.array([WORTH[state] for state in states])
    tried = np.quantile(values, np.linspace(0.05, 0.95, 91))
    upper = max(tried, key=lambda v: balanced_accuracy_score(met, values >= v))

    def distance(lower: float) -> float:
        given = np.select([values >= upper, values >= lower], [WORTH["met"], WORTH["partly"]], 0)
        return float(np.abs(given - worth).mean())

    return float(upper), float(min([v for v in tried if v <= upper], key=distance))


def main() -> None:
    """Fit, write and report."""
    no_telemetry()
    settings = load_settings()
    bank = read_bank(settings.corpus)
    answers = [
        each
        for each in sample_answers()
        if each.question in bank.questions and half(each.question) == "dev"
    ]
    given = rows(answers, bank, open_embedder(settings))
    path = Path(str(files("mentor.interview") / "grading.json"))
    path.write_text(fit(given).model_dump_json(indent=1) + "\n", encoding="utf-8")


def fit(given: Sequence[Row]) -> Weights:
    """Weights and bars; tells what the folds reach.

    The bars keep two decimals: in the third, the number of threads showed.
    """
    values = held_out(given)
    states = [row.state for row in given]
    upper, lower = bars(values, states)
    weights = fitted(given).model_copy(update={"met": round(upper, 2), "partly": round(lower, 2)})
    graded = [weights.state(value) for value in values]
    met = [[state == "met" for state in side] for side in (states, graded)]
    both, three = balanced_accuracy_score(*met), balanced_accuracy_score(states, graded)
    typer.echo(
        f"{len(given)} points over {_FOLDS} folds: met or not {both:.3f}, three states {three:.3f}"
    )
    return weights


if __name__ == "__main__":
    typer.run(main)
