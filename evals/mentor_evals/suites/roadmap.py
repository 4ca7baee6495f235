"""The roadmap: 180 questions used in development (dev), and 150 blind ones (test)."""

from __future__ import annotations

from collections.abc import Callable

from mentor.answer.compose import is_admission
from mentor_evals import facts
from mentor_evals.cases import RoadmapCase, load
from mentor_evals.replies import Reply, exhibit
from mentor_evals.task import Metric, Score, Scorer, Task
from mentor_evals.workbench import Workbench

FILES = {"dev": "roadmap", "test": "roadmap_test"}


def tasks(bench: Workbench) -> list[Task[RoadmapCase, Reply]]:
    return [
        Task(
            dataset=load(FILES[bench.split], RoadmapCase),
            solver=lambda case: bench.ask(case.question, case.history),
            scorers=SCORERS,
            solver_name="ask",
            result=Reply,
            exhibit=lambda case, reply: exhibit(reply, history=case.history),
        )
    ]


def _answerable(case: RoadmapCase) -> bool:
    return case.kind in {"inside", "follow_up"}


def _scorer(
    name: str,
    definition: str,
    applies: Callable[[RoadmapCase], bool],
    score: Callable[[RoadmapCase, Reply], Score | None],
) -> Scorer[RoadmapCase, Reply]:
    return Scorer(
        Metric(name=name, definition=definition),
        lambda case, reply: score(case, reply) if applies(case) else None,
    )


def _refused(reply: Reply, *, rightly: bool) -> Score:
    wrong = reply.refused != rightly
    why = ("answered" if rightly else f"refused: {reply.reason}") if wrong else ""
    return Score(value=float(reply.refused), explanation=why)


def _lies(case: RoadmapCase, reply: Reply) -> Score:
    told = facts.forbidden(case.forbid, reply.text)
    return Score(value=float(bool(told)), explanation=f"said {', '.join(told)}" if told else "")


def _figures(_: RoadmapCase, reply: Reply) -> Score:
    loose = facts.unsupported_figures(reply)
    return Score(value=float(bool(loose)), explanation=f"{', '.join(loose)}" if loose else "")


def _uncited(_: RoadmapCase, reply: Reply) -> Score | None:
    if not reply.citations:
        return None
    lines = [line for line in reply.lines if not is_admission(line.text)]
    bare = [line.text for line in lines if not line.citations]
    return Score(
        value=float(bool(bare)), explanation="cites nothing" if bare else "", at=tuple(bare)
    )


SCORERS: list[Scorer[RoadmapCase, Reply]] = [
    _scorer(
        "expected facts",
        "share of all facts of inside and follow-up cases that the answers hold",
        _answerable,
        lambda case, reply: facts.facts(case.expect, reply),
    ),
    _scorer(
        "outside questions refused",
        "share of the outside cases",
        lambda case: case.kind == "outside",
        lambda _, reply: _refused(reply, rightly=True),
    ),
    _scorer(
        "inside questions refused",
        "share of the inside and follow-up cases",
        _answerable,
        lambda _, reply: _refused(reply, rightly=False),
    ),
    _scorer("answers with a lie", "share that says something forbidden", lambda _: True, _lies),
    _scorer(
        "answers with a loose figure",
        "share with a figure that the cited passages lack, text and heading",
        lambda _: True,
        _figures,
    ),
    _scorer(
        "answers with an uncited sentence",
        "share, of answers that cite at all; small talk cites nothing",
        lambda _: True,
        _uncited,
    ),
]
