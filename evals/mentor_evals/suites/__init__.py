"""The suites, by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mentor_evals.suites import (
    answers,
    drafter,
    followups,
    grading,
    injection,
    judge,
    refusal,
    retrieval,
    roadmap,
    speed,
)
from mentor_evals.task import Task
from mentor_evals.workbench import Workbench

SUITES: dict[str, Callable[[Workbench], list[Task[Any, Any]]]] = {
    "retrieval": retrieval.tasks,
    "roadmap": roadmap.tasks,
    "answers": answers.tasks,
    "refusal": refusal.tasks,
    "follow-ups": followups.tasks,
    "injection": injection.tasks,
    "judge": judge.tasks,
    "grading": grading.tasks,
    "drafter": drafter.tasks,
    "speed": speed.tasks,
}
FOR_PEERS = ("answers", "refusal", "speed")
"""What can be asked of a peer, which has no history, no judge and no search of ours."""
FOR_OWN_CASES = ("retrieval", "answers", "speed")
"""What a portal's own questions can be put to."""
