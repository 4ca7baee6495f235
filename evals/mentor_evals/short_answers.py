"""The grader on public sets of graded short answers: `python -m mentor_evals.short_answers FILE…`.

A row has `question`, `references`, `student` and `label_3way` (correct, contradictory, incorrect),
as in SemEval-2013 task 7 (Dzikovska et al. 2013). The references of a question become the wordings
of one point. The reader of points has learned from half of the questions of that task's training
sets, so only the other half is graded here (`half`, of any set).
Such answers are one sentence by schoolchildren, and a question has one point and no anchors, so
this tells how far the grader carries beyond our own bank, not how well it grades interviews.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from mentor.interview.grading import Weights, shipped_weights
from mentor.interview.likeness import Rubric, open_reader
from mentor.interview.matter import Rarity, take
from mentor.interview.parts import Said
from mentor.interview.windows import sentences, windows
from mentor.models.embed import Embedder, open_embedder
from mentor.questions import Bank, Mistake, Point, Probe, Question, QuestionFile, read_bank
from mentor.settings import load_settings
from mentor.telemetry import no_telemetry
from mentor_evals.intervals import auc, balanced_accuracy
from mentor_evals.suites.grading import half


def main(
    paths: Annotated[list[Path], typer.Argument(help="JSONL files of graded short answers.")],
    limit: Annotated[int, typer.Option(help="Rows of each file, spread over it.")] = 1000,
) -> None:
    """Print AUC, balanced accuracy and macro F1 of correct against all else, file by file."""
    no_telemetry()
    settings = load_settings()
    embedder = open_embedder(settings)
    rarity = Rarity(read_bank(settings.corpus).points.values())
    for path in paths:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        unseen = [row for row in rows if half(row["question"]) == "test"]
        many = min(limit, len(unseen))
        chosen = [unseen[n * len(unseen) // many] for n in range(many)]
        values, correct = graded(chosen, embedder, rarity, shipped_weights())
        accepted = values >= shipped_weights().met
        typer.echo(
            f"{path.name}: {len(values)} answers, {correct.mean():.0%} correct; "
            f"AUC {auc(values, correct):.3f}, balanced accuracy "
            f"{balanced_accuracy(accepted.astype(float), correct):.3f}, "
            f"macro F1 {macro_f1(accepted, correct):.3f}"
        )


def graded(
    rows: Sequence[dict[str, Any]], embedder: Embedder, rarity: Rarity, weights: Weights
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The logit of each answer, and whether people called it correct."""
    rubrics: dict[str, Rubric] = {}
    reader = open_reader()
    values = []
    for row in rows:
        key = row["question"]
        if key not in rubrics:
            question, bank = one_point(key, row["references"])
            rubrics[key] = Rubric(question, bank, rarity, embedder, reader)
        said = (Said(text=row["student"]),)
        parts = sentences(said)
        if not parts:
            values.append(-np.inf)
            continue
        taken = take([part.text for part in parts], embedder)
        table = rubrics[key].signals(taken, windows(said, parts))[0]
        values.append(float(weights.logits(table).max()))
    return np.array(values), np.array([row["label_3way"] == "correct" for row in rows])


def one_point(asked: str, references: Sequence[str]) -> tuple[Question, Bank]:
    """A question whose first point is known by up to four references; the rest of it is empty."""
    known = [references[n % len(references)] for n in range(4)]
    points = (
        Point(
            id="asked",
            says=known[0],
            met=known[1],
            partly=asked,
            paraphrases=(known[2], known[3]),
            section="none",
        ),
        *_nothing(),
    )
    mistake = Mistake(says="None.", why="None.", section="none")
    question = Question(
        id="asked",
        level="junior",
        stage=1,
        topic="none",
        kind="concept",
        difficulty=1,
        minutes=1,
        question=asked,
        points={point.id: 1 for point in points},
        probes=tuple(Probe(text="None?", point=point.id) for point in points[1:]),
        hint="None.",
        model_answer=known[0],
        mistakes=(mistake, mistake),
    )
    return question, Bank(
        files=(QuestionFile(kind="interviews", points=points, questions=(question,)),)
    )


def _nothing() -> Iterator[Point]:
    for name in ("first", "second"):
        yield Point(
            id=f"{name}-nothing",
            says="Nothing.",
            met="Nothing.",
            partly="Nothing.",
            paraphrases=("Nothing.", "Nothing."),
            section="none",
        )


def macro_f1(accepted: NDArray[np.bool_], correct: NDArray[np.bool_]) -> float:
    """The mean of the F1 of both classes."""
    both = []
    for side in (True, False):
        hits = np.sum((accepted == side) & (correct == side))
        both.append(2 * hits / max(1, np.sum(accepted == side) + np.sum(correct == side)))
    return float(np.mean(both))


if __name__ == "__main__":
    typer.run(main)
