"""Speed: how long a learner waits, over the answerable questions; warm, one at a time.

Times depend on the machine and on its load: compare figures of one run only.
"""

from __future__ import annotations

from mentor_evals.cases import Question
from mentor_evals.replies import Reply, exhibit
from mentor_evals.task import Metric, Score, Scorer, Task
from mentor_evals.workbench import Workbench

ASKED = 40
_TIMES = {
    "first sentence": ("first_sentence", "from the question to the first whole sentence shown"),
    "retrieval": ("retrieve", "retrieval, gate and choice of evidence"),
    "whole answer": ("total", "from the question to the end of the answer"),
}


def tasks(bench: Workbench) -> list[Task[Question, Reply]]:
    cases = bench.questions
    return [
        Task(
            dataset=cases[:: max(1, len(cases) // ASKED)][:ASKED],
            solver=lambda case: bench.ask(case.question),
            scorers=[_scorer(name, *what) for name, what in _TIMES.items()],
            solver_name="ask",
            result=Reply,
            exhibit=lambda _, reply: exhibit(reply),
        )
    ]


def _scorer(name: str, field: str, definition: str) -> Scorer[Question, Reply]:
    def score(_: Question, reply: Reply) -> Score | None:
        taken: float | None = getattr(reply.timings, field)
        return None if taken is None or reply.refused else Score(value=taken)

    metric = Metric(name=name, definition=f"{definition}, median", aggregate="median", unit="ms")
    return Scorer(metric, score)
