"""The wait for the first whole checked sentence, beside the quickstart chain's, in turns.

The chain has the same GGUF file and the same material. Its sentence is whole when the next one
begins, and nobody checks it. Waits of the mentor with its model are told apart: the model worded
the first sentence; it was quoted without asking the model, as a list is; or it was quoted after the
model had been heard, whose first words were dropped or came later in the passage. The mentor
without a model quotes all.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

from mentor.mentor import Mentor, open_mentor
from mentor.records import Said, Sources
from mentor.settings import Settings
from mentor_evals.bars import Bar
from mentor_evals.bench.table import Figure, timed
from mentor_evals.cases import Question, load
from mentor_evals.quickstart import open_quickstart
from mentor_evals.workbench import Asker

Kind = Literal[
    "drafted", "quoted, model not asked", "quoted, model heard first", "quoted, no model"
]
BARS: dict[Kind, Bar] = {
    "drafted": Bar(least=2),
    "quoted, model not asked": Bar(least=8),
    "quoted, model heard first": Bar(least=2),
    "quoted, no model": Bar(least=8),
}
_AT_ONCE = 30.0
"""Milliseconds from sources to sentence, within which no model can have read a prompt."""


def figures(settings: Settings, questions: int = 30) -> list[Figure]:
    """Medians over dev questions of the evals, evenly spread over them."""
    with_model = open_mentor(settings)
    without = open_mentor(settings.model_copy(update={"model": "none"}))
    for mentor in (with_model, without):
        mentor.warm()
    cases = load("answers", Question, "dev")
    asked = [case.question for case in cases[:: max(1, len(cases) // questions)]][:questions]
    return compared(with_model, without, open_quickstart(settings), asked)


def compared(
    with_model: Mentor, without: Mentor, chain: Asker, questions: Sequence[str]
) -> list[Figure]:
    """Each kind of wait, beside the chain's on the same questions; refusals do not count."""
    waits: dict[Kind, list[float]] = defaultdict(list)
    chains: dict[Kind, list[float]] = defaultdict(list)
    for n, question in enumerate(questions):
        # Who goes first changes, so that nobody profits from what the other has warmed.
        early = chain(question) if n % 2 else None
        found = [*_wait(with_model, question), *_wait(without, question)]
        chained = (early or chain(question)).timings.first_sentence
        for kind, wait in found:
            waits[kind].append(wait)
            chains[kind].append(chained or 0.0)
    return [_figure(kind, waits[kind], chains[kind]) for kind in BARS if waits[kind]]


def _figure(kind: Kind, waits: Sequence[float], chains: Sequence[float]) -> Figure:
    figure = timed(f"first sentence, {kind} ({len(waits)} questions)", waits, bar=BARS[kind])
    peer = statistics.median(chains)
    return figure.model_copy(update={"peer": "quickstart", "peer_value": peer})


def _wait(mentor: Mentor, question: str) -> Iterator[tuple[Kind, float]]:
    """Kind and milliseconds of the first sentence with a citation; nothing where none came."""
    started = time.perf_counter()
    ready = 0.0
    for event in mentor.ask(question):
        if isinstance(event, Sources):
            ready = _ms(started)
        if isinstance(event, Said) and event.sentence.citations:
            wait = _ms(started)
            yield _kind(mentor, event, wait - ready), wait
            return


def _kind(mentor: Mentor, said: Said, after_sources: float) -> Kind:
    if mentor.model == "none":
        return "quoted, no model"
    if said.sentence.origin == "drafted":
        return "drafted"
    at_once = after_sources < _AT_ONCE
    return "quoted, model not asked" if at_once else "quoted, model heard first"


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000
