"""Run suites: `run(bench, suites)` asks every case, keeps the results, and gives the figures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from mentor.draft import Progress
from mentor.errors import QuestionError
from mentor_evals.agreement import agreement, hand_labels
from mentor_evals.bars import Bars, shipped_bars
from mentor_evals.cases import Case
from mentor_evals.figures import Agreement, Failure, Figure, Run, failures_of, figures_of
from mentor_evals.kept import Kept, fingerprint
from mentor_evals.suites import FOR_OWN_CASES, FOR_PEERS, SUITES
from mentor_evals.task import Task
from mentor_evals.workbench import Workbench


class Selection:
    """Which cases are asked: the one that is named, or some, spread over each dataset."""

    def __init__(self, *, only: str | None = None, limit: int | None = None) -> None:
        self.only = only
        self.limit = limit

    def of(self, cases: Sequence[Case]) -> list[Case]:
        if self.only is not None:
            return [case for case in cases if case.id == self.only]
        if self.limit is None or len(cases) <= self.limit:
            return list(cases)
        return [cases[n * len(cases) // self.limit] for n in range(self.limit)]


def chosen(names: Sequence[str], *, own: bool, peer: bool = False) -> list[str]:
    """The suites called `names`, in their order; all that can be run when none is named.

    Raises:
        QuestionError: there is no such suite, or it cannot take the cases that are given.
    """
    possible = [
        name
        for name in SUITES
        if (not own or name in FOR_OWN_CASES) and (not peer or name in FOR_PEERS)
    ]
    for name in names:
        if name not in SUITES or (not peer and name not in possible):
            raise QuestionError(
                f"There is no suite {name!r}{' for cases of your own' if own else ''}.",
                cure=f"Suites: {', '.join(possible)}.",
            )
    found = [name for name in possible if not names or name in names]
    if not found:
        raise QuestionError(
            f"A peer cannot be asked {', '.join(names)}.", cure=f"Suites: {', '.join(possible)}."
        )
    return found


def run(
    bench: Workbench,
    names: Sequence[str],
    *,
    subject: str,
    selection: Selection | None = None,
    resume: bool = False,
    bars: Bars | None = None,
    progress: Progress = lambda *_: None,
) -> Run:
    """Ask the cases of the suites called `names` and score what comes.

    Raises:
        QuestionError: the suites have no such cases, or not the one that `selection` names.
    """
    started = time.perf_counter()
    selection = selection or Selection()
    bars = shipped_bars() if bars is None else bars
    mark = fingerprint(bench.settings, subject)
    kept = Kept(bench.settings.data_dir / "evals", mark, resume=resume)
    figures: list[Figure] = []
    failures: list[Failure] = []
    any_left_out = False
    for name in names:
        tasks = [(task, selection.of(task.dataset)) for task in SUITES[name](bench)]
        steps = _Steps(name, sum(len(cases) for _, cases in tasks), progress)
        for task, cases in tasks:
            solved = _solve(task, cases, kept, steps)
            part = len(cases) < len(task.dataset)
            any_left_out = any_left_out or part
            figures += figures_of(name, task, solved, bars, part=part)
            failures += failures_of(name, task, solved)
    if not figures:
        raise _nothing_asked(bench, names, selection)
    return Run(
        subject=subject,
        model=subject if bench.is_peer else bench.mentor.model,
        split=bench.split,
        part=any_left_out,
        fingerprint=mark,
        figures=tuple(figures),
        failures=tuple(failures),
        agreement=_agreement(bench, figures),
        seconds=round(time.perf_counter() - started, 1),
    )


def _nothing_asked(bench: Workbench, names: Sequence[str], selection: Selection) -> QuestionError:
    suites = ", ".join(names)
    if selection.only is not None:
        return QuestionError(f"No case {selection.only} in {suites}.", cure="Check --only.")
    if bench.has_own_cases:
        return QuestionError(
            f"No case for {suites}: no row names a section.", cure="Fill in the column section."
        )
    return QuestionError(
        f"No case for {suites}: none is about this corpus.", cure="Name other suites, or none."
    )


def _solve(
    task: Task[Any, Any], cases: Sequence[Case], kept: Kept, steps: _Steps
) -> list[tuple[Case, Any]]:
    solved = []
    for case in cases:
        solved.append((case, kept.result(task.solver_name, case, task.result, task.solver)))
        steps.one_more()
    return solved


class _Steps:
    """How far a suite is."""

    def __init__(self, name: str, total: int, progress: Progress) -> None:
        self._name, self._total, self._progress = name, total, progress
        self._done = 0
        progress(name, 0, total)

    def one_more(self) -> None:
        self._done += 1
        self._progress(self._name, self._done, self._total)


def _agreement(bench: Workbench, figures: Sequence[Figure]) -> Agreement | None:
    if not any(figure.metric.referee for figure in figures):
        return None
    labels = hand_labels()
    return agreement(labels, bench.index.passages, bench.referee) if labels else None
