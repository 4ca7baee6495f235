"""What waits for a learner who comes back, said where a new conversation begins."""

from __future__ import annotations

from datetime import date
from html import escape

from mentor.errors import MentorError
from mentor.interview.interviews import Interviews
from mentor.learner import Learner
from mentor.mentor import Mentor
from mentor.next_steps import NextSteps
from mentor.plan import standing_of, up_now
from mentor.plan.export import plan_from


def waiting(mentor: Mentor, who: str | None) -> str:
    """The step of the plan that is up, an interview that is not finished, and what is due again;
    empty where nothing waits."""
    if who is None:
        return ""
    try:
        said = [
            *(_of_plan(mentor.steps, who) if mentor.steps else []),
            *(_of_interviews(mentor.interviews, who) if mentor.interviews else []),
        ]
    except MentorError:  # the page that it would lead to says so
        return ""
    return f"<p>{' '.join(said)}</p>" if said else ""


def _of_plan(steps: NextSteps, who: str) -> list[str]:
    kept = steps.store.plan(who)
    if kept is None:
        return []
    standing = standing_of(steps.store.learner(who) or Learner(), steps.syllabus)
    now = up_now(plan_from(kept), standing, date.today())
    if not now.open:
        return []
    return [f'Up next in <a href="/plan#today">your plan</a>: {escape(now.open[0].title)}.']


def _of_interviews(interviews: Interviews, who: str) -> list[str]:
    said = []
    if (open_ := interviews.open(who)) is not None:
        said.append(f'<a href="/interview/{open_.id}">Your interview</a> is not finished.')
    if due := len(interviews.due_again(who)):
        many = "One question is" if due == 1 else f"{due} questions are"
        said.append(f'{many} <a href="/interview#due">due to be asked again</a>.')
    return said
