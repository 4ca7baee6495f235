"""Train the reader of rubric points: `python -m mentor_evals.training.points --data FOLDER`, or
`make points`.

A cross-encoder on the weights of all-MiniLM-L6-v2 that reads a point beside words of a candidate:
do they make it, and do they touch it at least? First public short answers graded against
references, then answers written and labeled for the bank (`datasets/interview_train.jsonl`, none to
a question of the test half of the sample answers), with the bank's own wordings.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from mentor import language
from mentor.interview.heard import heard
from mentor.interview.likeness import MADE, READER, READS, pair
from mentor.interview.parts import Quote, Said, State
from mentor.interview.windows import sentences
from mentor.questions import Bank, Point, read_bank
from mentor.settings import load_settings
from mentor.telemetry import no_telemetry
from mentor_evals.interview_answers import TrainingAnswer, to_learn_from
from mentor_evals.suites.grading import half
from mentor_evals.training.pairs import Pair
from mentor_evals.training.train import BROAD_RATE, SEED, make

PUBLIC_PASSES = 4
_PUBLIC = ("semeval2013_beetle_train.jsonl", "semeval2013_sciEntsBank_train.jsonl")


def read_as(point: Point, words: str, state: State) -> Pair:
    """A point beside words, which make it, only touch it, or do neither."""
    labels = zip(READS, (float(state == "met"), float(state != "missed")), strict=True)
    return Pair(*pair(point, words), dict(labels))


def public_pairs(data: Path, rng: random.Random) -> Iterator[Pair]:
    """A student's answer beside a reference answer: is it right?

    Of half of the questions; `mentor_evals.short_answers` reports on the other half.
    """
    for name in _PUBLIC:
        with (data / name).open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if half(row["question"]) == "test":
                    continue
                reference = rng.choice(row.get("best_references") or row["references"])
                right = float(row["label_3way"] == "correct")
                yield Pair(reference, row["student"], {MADE: right})


def answer_pairs(answer: TrainingAnswer, bank: Bank, rng: random.Random) -> Iterator[Pair]:
    """Each point beside the words that make or touch it, and beside others that do not.

    Words that only touch a point do not make it; of a missed point, the windows that share its
    words teach most.
    """
    said = (Said(text=answer.answer),)
    quotes = [w.quote for w in heard(said, sentences(said), bank.questions[answer.question])]
    for name, state in answer.states.items():
        point = bank.points[name]
        if state == "missed":
            for words in _tempting(point, quotes, rng):
                yield read_as(point, words, "missed")
            continue
        start = answer.answer.find(answer.words[name])
        end = start + len(answer.words[name])
        around = sorted(
            (q for q in quotes if q.start <= start and q.end >= end), key=lambda q: len(q.text)
        )
        texts = [q.text for q in around] or [answer.answer[start:end]]
        for words in (texts[0], *rng.sample(texts[1:], min(1, len(texts) - 1))):
            yield read_as(point, words, state)
        apart = [q.text for q in quotes if q.end <= start or q.start >= end]
        for words in rng.sample(apart, min(1, len(apart))):
            yield read_as(point, words, "missed")


def _tempting(point: Point, quotes: Sequence[Quote], rng: random.Random) -> list[str]:
    """The window that shares most with the point, and any one."""
    if not quotes:
        return []
    said, _ = pair(point, "")
    stems = frozenset(language.stems(said))

    def shared(quote: Quote) -> float:
        length = len(quote.text.split())
        return len(stems & frozenset(language.stems(quote.text))) / math.sqrt(5 + length)

    return [max(quotes, key=shared).text, rng.choice(quotes).text]


def bank_pairs(bank: Bank, rng: random.Random) -> Iterator[Pair]:
    """A paraphrase makes a point; its `partly` anchor and another point's wordings do not."""
    for file in bank.files:
        for point in file.points:
            yield read_as(point, rng.choice(point.paraphrases), "met")
            yield read_as(point, point.partly, "partly")
            other = rng.choice([each for each in file.points if each is not point])
            wording = rng.choice((*other.paraphrases, other.met))
            yield read_as(point, wording, "missed")


def main(
    data: Annotated[Path, typer.Option(help="Folder of the public sets.")],
    target: Annotated[Path, typer.Option(help="Where the weights go.")] = READER,
    threads: Annotated[int, typer.Option(help="Processors to use.")] = 2,
) -> None:
    """Train on public short answers, then on answers to the bank, and write the weights."""
    bank, rng = read_bank(load_settings().corpus), random.Random(SEED)
    public = list(public_pairs(data, rng))
    written = [each for answer in to_learn_from() for each in answer_pairs(answer, bank, rng)]
    written += bank_pairs(bank, rng)
    typer.echo(f"{len(public):,} pairs, then {len(written):,} written for the bank")
    stages = [(PUBLIC_PASSES * public, BROAD_RATE), (written, BROAD_RATE)]
    make(target, stages, READS, threads=threads)


if __name__ == "__main__":
    no_telemetry()
    typer.run(main)
