"""Refusal: what the material does not answer is refused, and what it answers is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mentor.records import Passage
from mentor_evals import facts
from mentor_evals.cases import Outside, Question, load
from mentor_evals.replies import Reply, exhibit
from mentor_evals.task import Metric, Score, Scorer, Task
from mentor_evals.workbench import Workbench

REMOVED_FOR = 40
"""Questions whose gold sections are removed, all at once, so that one altered index does."""


def tasks(bench: Workbench) -> list[Task[Any, Reply]]:
    asked: Task[Any, Reply] = Task(
        dataset=bench.questions,
        solver=lambda case: bench.ask(case.question),
        scorers=[Scorer(_OVER, lambda _, reply: _refusals_are_wrong(reply))],
        solver_name="ask",
        result=Reply,
        exhibit=lambda _, reply: exhibit(reply),
    )
    outside: Task[Any, Reply] = Task(
        dataset=load("outside", Outside, bench.split),
        solver=lambda case: bench.ask(case.question),
        scorers=[_recall("far"), _recall("near")],
        solver_name="ask",
        result=Reply,
        exhibit=lambda _, reply: exhibit(reply),
    )
    return [outside, asked] if bench.is_peer else [outside, asked, _without_gold(bench)]


_OVER = Metric(
    name="over-refusal",
    definition="share of the answerable questions that are refused",
    source="as in XSTest (Röttger et al. 2024)",
)
_GONE = Metric(
    name="refusal recall, gold removed",
    definition="share refused of the answerable questions whose sections left the index, where no "
    "other passage holds most of the expected facts",
    source="as in unanswerable questions made by removal (Peng et al. 2025, UAEval4RAG)",
)


def _recall(distance: str) -> Scorer[Outside, Reply]:
    what = {"far": "on other matters", "near": "on the right topic, with the fact absent"}[distance]
    return Scorer(
        Metric(
            name=f"refusal recall, {distance}",
            definition=f"share of the outside questions {what} that are refused",
            source="SQuAD 2.0's no-answer recall (Rajpurkar et al. 2018)",
        ),
        lambda case, reply: _must_refuse(reply) if case.distance == distance else None,
    )


def _must_refuse(reply: Reply) -> Score:
    wrong = not reply.refused
    return Score(value=float(reply.refused), explanation="answered" if wrong else "", at=_at(reply))


def _refusals_are_wrong(reply: Reply) -> Score:
    why = f"refused: {reply.reason}" if reply.refused else ""
    return Score(value=float(reply.refused), explanation=why)


def _at(reply: Reply) -> tuple[str, ...]:
    return () if reply.refused else tuple(line.text for line in reply.lines)


# --- with the gold sections removed ---------------------------------------------------------------


def _without_gold(bench: Workbench) -> Task[Any, Reply]:
    cases = removable(bench.questions, bench.index.by_section)
    sections = sorted({section for case in cases for section in case.sections})
    opened: list[Any] = []

    def solve(case: Question) -> Reply:
        if not opened:  # building the altered index takes seconds: not when all is kept already
            opened.append(bench.ask_without(sections))
        reply: Reply = opened[0](case.question)
        return reply

    return Task(
        dataset=cases,
        solver=solve,
        scorers=[Scorer(_GONE, lambda _, reply: _must_refuse(reply))],
        solver_name=f"without {len(sections)} sections {' '.join(sections)}",
        result=Reply,
        exhibit=lambda _, reply: exhibit(reply),
    )


def removable(
    cases: Sequence[Question], by_section: Mapping[str, Sequence[Passage]]
) -> list[Question]:
    """Up to `REMOVED_FOR` cases that nothing answers once their sections are gone.

    A case counts only when no passage outside its own sections holds most of its expected facts,
    by spelling: else a mentor that answers may well be right.
    """
    text = {
        section: [facts.plain(passage.readable) for passage in passages]
        for section, passages in by_section.items()
    }
    alone = [
        case
        for case in cases
        if case.expect and set(case.sections) & set(by_section) and not _elsewhere(case, text)
    ]
    return alone[:: max(1, len(alone) // REMOVED_FOR)][:REMOVED_FOR]


def _elsewhere(case: Question, text: Mapping[str, Sequence[str]]) -> bool:
    """Whether a passage outside the case's sections holds most of its facts."""
    wanted = [[facts.plain(spelling) for spelling in fact] for fact in case.expect]
    return any(
        sum(any(spelling in passage for spelling in fact) for fact in wanted) > len(wanted) / 2
        for section, passages in text.items()
        if section not in case.sections
        for passage in passages
    )
