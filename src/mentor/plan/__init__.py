"""From where a learner stands to a job: gaps, steps, weeks, and what changes between two plans."""

from mentor.plan.differ import Difference, difference
from mentor.plan.make import make_plan
from mentor.plan.now import Now, up_now
from mentor.plan.parts import Gap, Plan, Step, Week
from mentor.plan.standing import Standing, standing_of

__all__ = [
    "Difference",
    "Gap",
    "Now",
    "Plan",
    "Standing",
    "Step",
    "Week",
    "difference",
    "make_plan",
    "standing_of",
    "up_now",
]
