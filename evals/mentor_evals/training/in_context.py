"""Train the encoder of messages in a conversation: `python -m mentor_evals.training.in_context`, or
`make in-context`.

MiniLM, whose passage vectors stay as they are, learns where a message leads that follows others:
from conversations written for this corpus (`datasets/talks_train.jsonl`), each turn with the
sections that answer it. The loss is the cross-entropy of the right section among all (InfoNCE, van
den Oord et al. 2018). Questions that stand alone are shown after a topic that has nothing to do
with them, so that a change of subject is read as one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
import torch
import typer
from torch import Tensor, nn
from transformers import AutoTokenizer

from mentor import conversation
from mentor.answer.search import ANSWERED
from mentor.index import Index
from mentor.mentor import open_mentor, update_index
from mentor.models.embed import embedder_folder
from mentor.models.in_context import LONGEST, WEIGHTS, before
from mentor.ranking import ASKED
from mentor.records import BOUNDARY, Record
from mentor.retrieve import Retriever
from mentor.settings import load_settings
from mentor.telemetry import no_telemetry
from mentor_evals.training.train import (
    SEED,
    Descent,
    MiniLM,
    batches,
    export,
    half_precision,
    padded,
)

PASSES = 2
RATE = 1e-4
DROPOUT = 0.05
TEMPERATURE = 0.05
STANDALONE = 8_000
"""Questions of learners that stand alone, shown after something else."""
NO_HEADINGS = 0.2
"""Share of the turns that are also shown without what was found before."""


class TrainingTurn(Record):
    say: str
    kind: Literal["first", "leans", "own", "switch", "manner", "outside"]
    """`leans` is nothing without what was before; `own` has words of its own and is meant there."""
    sections: tuple[str, ...]
    """Sections that answer it, the best first; none for what the material does not answer."""


class TrainingTalk(Record):
    turns: tuple[TrainingTurn, ...]


class Example(NamedTuple):
    before: str
    message: str
    sections: tuple[int, ...]
    """Numbers of the sections that answer."""


class Sections:
    """The sections of the material: their passages' vectors, and those of their questions."""

    def __init__(self, index: Index) -> None:
        passages = [p for p in index.passages.values() if p.place.kind != BOUNDARY]
        names = dict.fromkeys(passage.section for passage in passages)
        self.number = {name: n for n, name in enumerate(names)}
        held = index.dense.get(ids=[p.id for p in passages], include=["embeddings"])
        of = {p.id: self.number[p.section] for p in passages}
        self._passages = torch.tensor(np.asarray(held["embeddings"], np.float32))
        self._of_passage = torch.tensor([of[name] for name in held["ids"]])
        held = index.questions.get(include=["embeddings", "documents"])
        rows = [
            (row, of[passage.id])
            for row, name in enumerate(held["ids"])
            if (passage := index.passage_of(name)) and passage.id in of
        ]
        chosen = [row for row, _ in rows]
        self._questions = torch.tensor(np.asarray(held["embeddings"], np.float32)[chosen])
        self._of_question = torch.tensor([section for _, section in rows])
        self.asked = [(held["documents"][row], section) for row, section in rows]

    def scores(self, vectors: Tensor) -> Tensor:
        """(n, sections), as `Retriever.meant` weighs passages and questions."""
        by_passage = self._best(vectors @ self._passages.T, self._of_passage)
        return by_passage + ASKED * self._best(vectors @ self._questions.T, self._of_question)

    def _best(self, cosines: Tensor, of: Tensor) -> Tensor:
        best = torch.zeros(len(cosines), len(self.number))
        return best.scatter_reduce(1, of.expand(len(cosines), -1), cosines, "amax")


class Encoder(MiniLM):
    """MiniLM; the mean of the tokens as a unit vector."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """(batch, width) unit vectors."""
        _, mean = self.read(input_ids, attention_mask, token_type_ids)
        return nn.functional.normalize(mean, dim=-1)


def talks() -> Iterator[TrainingTalk]:
    """The conversations that are written to learn from; none shares a turn with the evals."""
    text = files("mentor_evals").joinpath("datasets/talks_train.jsonl").read_text(encoding="utf-8")
    return map(TrainingTalk.model_validate_json, text.splitlines())


def examples(retriever: Retriever, sections: Sections, rng: random.Random) -> Iterator[Example]:
    """Turns after what was before them; then whole questions after something else."""
    contexts, whole = [], []
    for talk in talks():
        said: list[str] = []
        for turn in talk.turns:
            answers = tuple(sections.number[name] for name in turn.sections)
            if not said:
                whole.append((turn.say, answers))
            elif answers:
                request = conversation.turn(turn.say, said, retriever.index.rarity)
                topic = retriever.correct(request.topic or said[-1])
                found = retriever.search(topic, k=ANSWERED)
                context = before(topic, [hit.passage.path[-1] for hit in found])
                contexts.append(context)
                yield Example(context, turn.say, answers)
                if rng.random() < NO_HEADINGS:
                    yield Example(before(topic, []), turn.say, answers)
            said.append(turn.say)
    asked = rng.sample(sections.asked, min(STANDALONE, len(sections.asked)))
    whole += [(question, (section,)) for question, section in asked]
    yield from (Example(rng.choice(contexts), *each) for each in whole)


def train(model: Encoder, learned: Sequence[Example], sections: Sections, folder: Path) -> None:
    """`PASSES` over the examples."""
    rng = random.Random(SEED)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encoded = tokenizer(
        [each.before for each in learned],
        [each.message for each in learned],
        truncation=True,
        max_length=LONGEST,
    )
    lengths = [len(ids) for ids in encoded["input_ids"]]
    plan = [batch for _ in range(PASSES) for batch in batches(lengths, rng)]
    descent = Descent(model, len(plan), rate=RATE)
    model.train()
    for width, batch in plan:
        with half_precision():
            vectors = model(**padded(tokenizer, encoded, batch, width))
        likely = (sections.scores(vectors.float()) / TEMPERATURE).log_softmax(1)
        right = [likely[row, list(learned[n].sections)].logsumexp(0) for row, n in enumerate(batch)]
        descent.step(-torch.stack(right).mean())


def main(
    target: Annotated[Path, typer.Option(help="Where the weights go.")] = WEIGHTS,
    threads: Annotated[int, typer.Option(help="Processors to use.")] = 2,
) -> None:
    """Train on the conversations and the questions of the corpus, and write the weights."""
    settings = load_settings(model="none")
    update_index(settings)
    retriever = open_mentor(settings).retriever
    sections = Sections(retriever.index)
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    learned = list(examples(retriever, sections, random.Random(SEED)))
    typer.echo(f"{len(learned):,} messages")
    folder = embedder_folder("embedded")
    model = Encoder(folder, dropout=DROPOUT)
    train(model, learned, sections, folder)
    export(model, target)


if __name__ == "__main__":
    no_telemetry()
    typer.run(main)
