"""The Judge that decides what may be shown, measured by itself on labelled pairs."""

from __future__ import annotations

from typing import get_args

from mentor.models.judge import Judge
from mentor.records import Passage, Record
from mentor_evals.cases import Pair, PairKind, load
from mentor_evals.task import Evidence, Exhibit, Metric, Score, Scorer, Task
from mentor_evals.workbench import Workbench


class Judged(Record):
    """The Judge's word on a sentence, over the passage that carries it best."""

    score: float
    accepted: bool
    violations: tuple[str, ...]
    passages: tuple[tuple[str, str], ...]
    """Heading and text of each passage that it was held against."""


def tasks(bench: Workbench) -> list[Task[Pair, Judged]]:
    def solve(case: Pair) -> Judged:
        sections = bench.index.by_section
        return judged(
            case, [p for s in case.sections for p in sections.get(s, ())], bench.mentor.judge
        )

    return [
        Task(
            dataset=load("support", Pair, bench.split),
            solver=solve,
            scorers=[_AUC, _BALANCED, *map(_of_kind, get_args(PairKind))],
            solver_name="judge",
            result=Judged,
            exhibit=_exhibit,
        )
    ]


def judged(case: Pair, passages: list[Passage], judge: Judge) -> Judged:
    """Accepted when one passage supports the sentence, as the composer asks it."""
    found = [judge.supports(case.sentence, passage) for passage in passages]
    accepted = [support for support in found if judge.accepts(support)]
    best = max(accepted or found, key=lambda s: (not s.violations, s.score), default=None)
    return Judged(
        score=0.0 if best is None else best.score - bool(best.violations),
        accepted=bool(accepted),
        violations=() if best is None else best.violations,
        passages=tuple((p.heading, p.text) for p in passages),
    )


_AUC: Scorer[Pair, Judged] = Scorer(
    Metric(
        name="AUC",
        definition="chance that a supported sentence scores above one that is not; a violated "
        "guard counts as a score below all others",
        source="Hanley and McNeil 1982",
        aggregate="auc",
    ),
    lambda case, result: Score(value=result.score, label=case.supported),
)
_BALANCED: Scorer[Pair, Judged] = Scorer(
    Metric(
        name="balanced accuracy",
        definition="mean of the shares of supported pairs accepted and of others rejected, at the "
        "Judge's own bar",
        source="Brodersen et al. 2010",
        aggregate="balanced accuracy",
    ),
    lambda case, result: Score(
        value=float(result.accepted),
        label=case.supported,
        explanation="" if result.accepted == case.supported else _what(case, result),
        at=() if result.accepted == case.supported else (case.sentence,),
    ),
)
_GOOD = ("verbatim", "paraphrase", "merged")


def _of_kind(kind: str) -> Scorer[Pair, Judged]:
    """Detection of a kind of lie; false alarms on a kind of honest sentence."""
    good = kind in _GOOD
    shown = kind.replace("_", " ")
    metric = Metric(
        name=f"false alarms, {shown}" if good else f"detection, {shown}",
        definition=f"share of the pairs of kind {shown} that are rejected",
    )
    return Scorer(
        metric,
        lambda case, result: Score(value=float(not result.accepted)) if case.kind == kind else None,
    )


def _what(case: Pair, result: Judged) -> str:
    verdict = "accepted" if result.accepted else "rejected"
    violations = f": {', '.join(result.violations)}" if result.violations else ""
    return f"{case.kind}, {verdict} with {result.score:.2f}{violations}"


def _exhibit(case: Pair, result: Judged) -> Exhibit:
    return Exhibit(
        question=f"Is this supported? ({case.kind}; it is {'' if case.supported else 'not'})",
        said=(case.sentence,),
        evidence=tuple(
            Evidence(n=n, heading=heading, text=text)
            for n, (heading, text) in enumerate(result.passages, start=1)
        ),
    )
