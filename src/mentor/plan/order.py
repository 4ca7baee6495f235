"""Steps in an order that a learner can follow: nothing before what it rests on."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from mentor.plan.parts import Step
from mentor.plan.standing import Standing

Edges = dict[str, set[str]]
"""Step -> the steps that come before it."""
_RANK = {"check": 0, "lesson": 1, "course": 2, "deliverable": 3, "practice": 4}
_FIRST, _LAST = -1, 90


def ordered(steps: Sequence[Step], standing: Standing) -> list[Step]:
    """Stage by stage and topic by topic, as far as prerequisites allow.

    The front matter's prerequisites always hold. Those of the skill map hold where they do not
    contradict them: a lesson that teaches two skills cannot stand both before and after another.
    """
    by_id = {step.id: step for step in steps}
    before: Edges = {step.id: {id_ for id_ in step.needs if id_ in by_id} for step in steps}
    for step in steps:
        for earlier in skill_needs(step, standing, by_id):
            if not _leads(step.id, earlier, before):
                before[step.id].add(earlier)
    left = {id_: set(edges) for id_, edges in before.items()}
    after: Edges = {id_: set() for id_ in by_id}
    for id_, edges in before.items():
        for earlier in edges:
            after[earlier].add(id_)
    ready = [(_place(by_id[id_], standing), id_) for id_, edges in left.items() if not edges]
    heapq.heapify(ready)
    order: list[Step] = []
    while ready:
        _, id_ = heapq.heappop(ready)
        needs = tuple(sorted(before[id_]))
        order.append(by_id[id_].model_copy(update={"needs": needs}))
        for later in after[id_]:
            left[later].discard(id_)
            if not left[later]:
                heapq.heappush(ready, (_place(by_id[later], standing), later))
    return order


def skill_needs(step: Step, standing: Standing, steps: dict[str, Step]) -> list[str]:
    """Steps that the skill map puts before this one.

    A lesson follows the first step towards each prerequisite of its main skill. A deliverable
    follows the first step towards each skill that it shows, and towards their prerequisites, as far
    as its own stage teaches them: the project of stage 1 does not wait for a lesson of stage 3.
    """
    syllabus = standing.syllabus
    if step.kind not in ("lesson", "deliverable"):
        return []
    skills = syllabus.units[step.id].skills
    main = skills[:1] if step.kind == "lesson" else skills
    rows = [syllabus.skills.skills[skill] for skill in main if skill in syllabus.skills.skills]
    needed = [skill for row in rows for skill in row.prerequisites]
    if step.kind == "deliverable":
        needed += main
    last = step.stage if step.kind == "deliverable" else 5
    first = (first_step(skill, standing, steps, last) for skill in dict.fromkeys(needed))
    return [id_ for id_ in first if id_ is not None and id_ != step.id]


def first_step(
    skill: str, standing: Standing, steps: dict[str, Step], last_stage: int
) -> str | None:
    """The step that first leads to a skill: its check, or its most important lesson."""
    ways = (f"check-{skill}", *standing.syllabus.lessons.get(skill, ()))
    return next((w for w in ways if w in steps and steps[w].stage <= last_stage), None)


def _leads(start: str, goal: str, before: Edges) -> bool:
    """Whether `goal` already needs `start`, directly or by way of others."""
    waiting, seen = [goal], set[str]()
    while waiting:
        id_ = waiting.pop()
        if id_ == start:
            return True
        if id_ not in seen:
            seen.add(id_)
            waiting += before[id_]
    return False


def _place(step: Step, standing: Standing) -> tuple[int, float, int]:
    """Stage, topic within the stage, kind (of a check, its skill): what comes first."""
    rank = _RANK[step.kind]
    if step.kind == "check":
        return step.stage, _FIRST, standing.syllabus.skill_order.get(step.skills[0], 0)
    if step.kind == "practice":
        return step.stage, _LAST, rank
    topics = [topic.id for topic in standing.syllabus.roadmap.stage[step.stage].topics.items]
    own = standing.syllabus.units[step.id].topics
    at = [topics.index(topic) for topic in own if topic in topics]
    if step.kind != "course":
        return step.stage, max(at, default=_LAST - 1), rank
    if at:
        return step.stage, sum(at) / len(at), rank
    opens = not standing.syllabus.units[step.id].needs
    return step.stage, _FIRST + 0.5 if opens else _LAST - 1, rank
