"""What of a kept plan is up on a day: the week that it is, and what is still open of it."""

from __future__ import annotations

from datetime import date

from mentor.plan.parts import Plan, Step, Week
from mentor.plan.standing import Standing
from mentor.records import Record


class Now(Record):
    week: Week | None
    """The week of the plan that the day falls into, its last one afterwards; None of an empty
    plan."""
    open: tuple[Step, ...]
    """Steps that are not done, in the plan's order; the first is what to do today."""
    over: frozenset[str]
    """Ids of the steps that are done."""
    behind: int
    """Weeks since the first open step should have been done; 0 for who is on time."""


def up_now(plan: Plan, standing: Standing, day: date) -> Now:
    """
    Args:
        standing: where the learner stands on that day, with marks that are newer than the plan.
    """
    shown, done = standing.shown, standing.learner.finished
    over = frozenset(step.id for step in plan.steps if step.is_over(shown=shown, done=done))
    open_ = tuple(step for step in plan.steps if step.id not in over)
    n = 1 + max(0, (day - plan.made_on).days // 7)
    week = plan.weeks[min(n, len(plan.weeks)) - 1] if plan.weeks else None
    behind = max(0, n - _last_week(plan, open_[0].id)) if open_ else 0
    return Now(week=week, open=open_, over=over, behind=behind)


def _last_week(plan: Plan, step: str) -> int:
    return max(w.n for w in plan.weeks if any(p.step == step for p in w.pieces))
