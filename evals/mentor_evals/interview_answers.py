"""Sample answers to interview questions, labeled point by point.

They are what grading is measured on, so they are written by people who have not seen the rubric,
labeled by people who have not written them, and neither has seen the paraphrases of the bank:

    python -m mentor_evals.interview_answers questions     what a writer of answers may see
    python -m mentor_evals.interview_answers points        what a labeler may see: no paraphrases
    python -m mentor_evals.interview_answers check [FILE]  what is wrong with the answers

One answer a line of `datasets/interview_answers.jsonl`:

    {"question": "drift-two-kinds", "band": "weak", "answer": "…",
     "states": {"drift-input-change": "partly", …}, "second": {…}}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer
from pydantic import Field, ValidationError

from mentor import language
from mentor.question_rules import longest_run
from mentor.questions import Bank, Question, read_bank
from mentor.records import Record
from mentor.settings import load_settings

Band = Literal["weak", "middling", "strong"]
State = Literal["met", "partly", "missed"]
SHARED_WORDS = 4
"""Words in a row that an answer may share with a paraphrase of a point of its question."""
ALIKE_WORDS = 12
"""Words in a row that two answers to one question may share."""


class SampleAnswer(Record):
    """What somebody might say, and which points it makes."""

    question: str
    band: Band
    answer: Annotated[str, Field(min_length=1)]
    states: dict[str, State]
    second: dict[str, State] | None = None
    """The states that a second person gave, who had not seen the first ones."""


class TrainingAnswer(Record):
    """An answer that grading learns from; none of them is to a question of the test half."""

    question: str
    band: Literal["weak", "named", "middling", "route", "strong"]
    """`named` drops the terms without saying what follows; `route` is right in its own way."""
    answer: Annotated[str, Field(min_length=1)]
    states: dict[str, State]
    words: dict[str, str]
    """The words of the answer that make or touch a point."""


def dataset() -> Path:
    return Path(str(files("mentor_evals") / "datasets" / "interview_answers.jsonl"))


def to_learn_from() -> list[TrainingAnswer]:
    """`datasets/interview_train.jsonl`: written and labeled as the sample answers are."""
    text = (files("mentor_evals") / "datasets" / "interview_train.jsonl").read_text("utf-8")
    return [TrainingAnswer.model_validate_json(line) for line in text.splitlines()]


def load(path: Path | None = None) -> list[SampleAnswer]:
    """The sample answers of a file, the shipped ones when none is given; none while it is missing.

    Raises:
        ValueError: a line is no sample answer; the message names it.
    """
    path = path or dataset()
    answers = []
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        try:
            answers.append(SampleAnswer.model_validate_json(line))
        except ValidationError as exc:
            first = exc.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise ValueError(f"{path.name}:{number}: {field}: {first['msg']}") from exc
    return answers


def faults(answers: Iterable[SampleAnswer], bank: Bank) -> Iterator[str]:
    """What is wrong with them: unknown ids, missing states, words taken from the bank."""
    spoken: dict[str, list[SampleAnswer]] = {}
    for answer in answers:
        before = spoken.setdefault(answer.question, [])
        where = f"{answer.question} ({answer.band})"
        question = bank.questions.get(answer.question)
        if question is None:
            yield f"{where}: the bank has no such question."
            continue
        yield from (f"{where}: {what}" for what in _label_faults(answer, question))
        yield from (f"{where}: {what}" for what in _taken(answer, question, bank))
        for other in before:
            run = longest_run(language.words(answer.answer), language.words(other.answer))
            if len(run) > ALIKE_WORDS:
                yield f"{where}: shares {' '.join(run)!r} with the {other.band} answer."
        before.append(answer)


def _label_faults(answer: SampleAnswer, question: Question) -> Iterator[str]:
    labels = {"states": answer.states} | ({"second": answer.second} if answer.second else {})
    for what, states in labels.items():
        if strange := sorted(states.keys() - question.points.keys()):
            yield f"{what} has {strange[0]!r}, which is no point of the question."
        if missing := sorted(question.points.keys() - states.keys()):
            yield f"{what} lacks {missing[0]!r}."


def _taken(answer: SampleAnswer, question: Question, bank: Bank) -> Iterator[str]:
    said = language.words(answer.answer)
    for point, _ in bank.rubric(question):
        for paraphrase in point.paraphrases:
            run = longest_run(said, language.words(paraphrase))
            if len(run) > SHARED_WORDS:
                yield f"shares {' '.join(run)!r} with a paraphrase of {point.id}."


def agreement(answers: Iterable[SampleAnswer]) -> tuple[int, float]:
    """(points labeled twice, share on which both agree)."""
    pairs = [
        (state, answer.second.get(point))
        for answer in answers
        if answer.second
        for point, state in answer.states.items()
    ]
    return len(pairs), sum(a == b for a, b in pairs) / max(1, len(pairs))


# --- the commands ---------------------------------------------------------------------------

app = typer.Typer(help="Sample answers to the questions of the interview bank.")


@app.command()
def questions() -> None:
    """Print the questions alone, for those who write answers."""
    for question in _bank().questions.values():
        typer.echo(_asked(question))


@app.command()
def points() -> None:
    """Print the questions with their points and anchors, for those who label answers."""
    bank = _bank()
    for question in bank.questions.values():
        typer.echo(_asked(question))
        for point, weight in bank.rubric(question):
            typer.echo(f"  {point.id} (weight {weight}): {point.says}")
            typer.echo(f"    met:    {point.met}\n    partly: {point.partly}")


@app.command()
def check(
    path: Annotated[Path | None, typer.Argument(help="The shipped ones, if none.")] = None,
) -> None:
    """Tell what is wrong with the sample answers, how many there are, and how labels agree."""
    answers = load(path)
    found = list(faults(answers, _bank()))
    for fault in found:
        typer.echo(fault)
    bands = Counter(answer.band for answer in answers)
    twice, same = agreement(answers)
    typer.echo(
        f"{len({a.question for a in answers})} questions, {len(answers)} answers: "
        + ", ".join(f"{bands[band]} {band}" for band in get_args(Band))
        + f"; {twice} points labeled twice, {same:.1%} alike"
    )
    if found:
        raise typer.Exit(1)


def _bank() -> Bank:
    return read_bank(load_settings().corpus)


def _asked(question: Question) -> str:
    head = f"\n{question.id} [{question.level}, {question.kind}, {question.minutes} min]"
    code = f"\n{question.code}" if question.code else ""
    return f"{head}\n{question.question}{code}"


if __name__ == "__main__":
    app()
