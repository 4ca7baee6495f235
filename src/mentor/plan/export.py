"""A plan on paper, in a calendar, and as data."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from mentor.plan.make import headline
from mentor.plan.parts import Plan, Step
from mentor.records import Record


def plan_json(plan: Plan) -> dict[str, Any]:
    """Everything about a plan; the keys are those of `Plan`, and three more."""
    return {
        **plan.model_dump(mode="json"),
        "headline": headline(plan),
        "first": [step.id for step in plan.first],
    }


def plan_from(data: dict[str, Any]) -> Plan:
    """A plan that was kept as `plan_json`."""
    return Plan.model_validate({key: data[key] for key in Plan.model_fields})


def hours_text(hours: tuple[float, float]) -> str:
    """15–30 minutes, 2.5–4 hours, 17–27 hours: to the half up to ten, then to the whole."""
    low, high = hours
    if high < 1:
        return f"{low * 60:.0f}–{high * 60:.0f} minutes"
    return "–".join(f"{round(h * 2) / 2 if h < 10 else round(h):g}" for h in hours) + " hours"


def plan_markdown(plan: Plan) -> str:
    """The plan as a page to print: the first steps in full, then every week."""
    steps = {step.id: step for step in plan.steps}
    lines = ["# Your plan", "", headline(plan), "", plan.chosen.why, "", plan.job_ready]
    lines += ["", *([plan.verdict] if plan.verdict else []), *_bullets(plan.levers)]
    lines += ["", "Taken for granted:", "", *_bullets(plan.assumptions)]
    if plan.first:
        lines += ["", "## First steps"]
    for n, step in enumerate(plan.first, start=1):
        lines += ["", f"### {n}. {step.title}", "", *_full(step)]
    if plan.weeks:
        lines += ["", "## Weeks", "", "| Week | From | What |", "|---|---|---|"]
    for week in plan.weeks:
        what = "; ".join(f"{steps[p.step].title} ({p.hours:g} h)" for p in week.pieces)
        lines.append(f"| {week.n} | {week.starts.isoformat()} | {what} |")
    if plan.gaps:
        lines += ["", "## Skills still to show", ""]
        lines += [f"- {gap.name} ({gap.level}): {gap.state or 'missing'}" for gap in plan.gaps]
    return "\n".join(lines) + "\n"


def _bullets(said: tuple[str, ...]) -> list[str]:
    return [f"- {each}" for each in said]


def _full(step: Step) -> list[str]:
    return [
        f"- Time: {hours_text(step.hours)}",
        f"- Why: {step.why}",
        f"- Done when: {step.done_when}",
        f"- Where: {', '.join(cite.section for cite in step.cites)}",
    ]


def plan_calendar(plan: Plan) -> bytes:
    """The plan as an iCalendar file: one all-day event for the weeks of each step."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//Mentor//Plan//EN")
    calendar.add("version", "2.0")
    for step in plan.steps:
        span = _Span.of(plan, step.id)
        event = Event()
        event.add("uid", f"{step.id}@mentor.plan")
        event.add("dtstamp", datetime.combine(plan.made_on, time()))
        event.add("dtstart", plan.made_on + timedelta(weeks=span.first - 1))
        event.add("dtend", plan.made_on + timedelta(weeks=span.last))
        event.add("summary", f"{step.title} ({step.planned:g} h)")
        event.add("description", f"{step.why}\nDone when: {step.done_when}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    data = calendar.to_ical()
    assert isinstance(data, bytes)
    return data


class _Span(Record):
    """The first and the last week of a step."""

    first: int
    last: int

    @classmethod
    def of(cls, plan: Plan, step: str) -> _Span:
        weeks = [week.n for week in plan.weeks if any(p.step == step for p in week.pieces)]
        return cls(first=weeks[0], last=weeks[-1])
