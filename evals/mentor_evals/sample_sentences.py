"""Draw sentences to be labelled by hand: `python -m mentor_evals.sample_sentences [--count 320]`.

Asks the dev questions and prints JSON lines of sentences with the passages that they cite, drafted
ones first, since a quote needs no judge. A person reads each and sets `supported` to true or false;
the lines then go into datasets/hand_labels.jsonl. Whoever labels must not see the referee's word.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from mentor.mentor import update_index
from mentor.settings import load_settings
from mentor.telemetry import no_telemetry
from mentor_evals.cases import Question, load
from mentor_evals.replies import Reply
from mentor_evals.workbench import Workbench

Row = tuple[bool, dict[str, object]]
"""Whether the sentence is drafted, and the line to be labelled."""


def main(
    count: Annotated[int, typer.Option(help="How many sentences.")] = 320,
    model: Annotated[str | None, typer.Option(help="As MENTOR_MODEL.")] = None,
) -> None:
    """Print sentences of real answers, to be labelled."""
    settings = load_settings(model=model)
    update_index(settings)
    bench = Workbench(settings)
    replies = (bench.ask(case.question) for case in load("answers", Question, "dev"))
    for row in sample([row for reply in replies for row in rows(reply)], count):
        typer.echo(json.dumps(row, ensure_ascii=False))


def rows(reply: Reply) -> Iterator[Row]:
    """A line for each sentence that cites something."""
    passages = {c.n: c.passage for c in reply.citations}
    for line in reply.lines:
        if line.citations:
            yield (
                line.origin == "drafted",
                {
                    "question": reply.question,
                    "sentence": line.text,
                    "passages": [passages[n] for n in line.citations],
                    "supported": None,
                },
            )


def sample(found: Sequence[Row], count: int) -> list[dict[str, object]]:
    """Up to `count` lines: drafted ones first, then quotes, each in an order of chance."""
    shuffled = random.Random(0).sample(list(found), len(found))
    return [row for _, row in sorted(shuffled, key=lambda item: not item[0])[:count]]


if __name__ == "__main__":
    no_telemetry()
    typer.run(main)
