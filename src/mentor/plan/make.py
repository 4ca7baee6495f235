"""A plan: deterministic, from the typed roadmap, the skill map and the front matter; no model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from mentor.language import spelt_day
from mentor.learner import HOURS, LEVELS, Learner, refuse_past, way_name
from mentor.plan.choose import choose_way, lessons_for, units_for
from mentor.plan.order import ordered
from mentor.plan.parts import Chosen, Gap, Piece, Plan, Step, Week
from mentor.plan.standing import Standing, standing_of
from mentor.plan.steps import check_step, final_practice, listed, practice_steps, unit_step
from mentor.syllabus import Syllabus, Unit


def make_plan(learner: Learner, syllabus: Syllabus, *, today: date) -> Plan:
    """The way from where `learner` stands to being job ready at the target level.

    Raises:
        LearnerError: the target date is not in the future.
    """
    refuse_past(learner, today)
    plan = _plan(standing_of(learner, syllabus), today)
    if plan.by is None:
        return plan
    verdict = _verdict(plan)
    levers = _levers(plan, learner, syllabus) if plan.ready[1] > plan.by else ()
    return plan.model_copy(update={"verdict": verdict, "levers": levers})


def _plan(standing: Standing, today: date) -> Plan:
    chosen = choose_way(standing)
    units = units_for(standing, chosen.way)
    steps = ordered(_steps(standing, units), standing)
    saved = _saved_by_checks(standing, steps)
    hours = _sums(steps, saved)
    return Plan(
        made_on=today,
        background=standing.background,
        target=standing.target,
        specialisation=standing.learner.specialisation,
        hours_a_week=standing.hours,
        by=standing.learner.by,
        chosen=chosen,
        gaps=_gaps(standing, steps),
        shown=tuple(skill for skill in standing.wanted if skill in standing.shown),
        steps=tuple(steps),
        weeks=weeks_of(steps, standing.hours, today),
        done=tuple(dict.fromkeys(done.item for done in standing.learner.done)),
        hours=hours,
        ready=_ready(hours, standing.hours, today),
        job_ready=_job_ready(standing),
        assumptions=_assumptions(standing, chosen, saved=saved),
        verdict=None,
        levers=(),
    )


def _steps(standing: Standing, units: dict[str, Unit]) -> list[Step]:
    claimed = [
        skill
        for skill in standing.known - standing.shown
        if skill in standing.wanted or any(skill in u.skills for u in units.values())
    ]
    steps = [unit_step(unit, standing, units) for unit in units.values()]
    steps += [
        check_step(s, standing) for s in sorted(claimed) if s in standing.syllabus.skills.skills
    ]
    steps += practice_steps(standing, units)
    last = final_practice(standing, [step.id for step in steps])
    return steps if last.id in standing.learner.finished else [*steps, last]


def _saved_by_checks(standing: Standing, steps: Sequence[Step]) -> float:
    """Hours at most of the lessons that come back when no check is passed."""
    skills = [step.skills[0] for step in steps if step.kind == "check"]
    units = {unit.id: unit for skill in skills for unit in lessons_for(skill, standing)}
    finished = standing.learner.finished
    return sum(
        unit.hours[1] * sum(skill in skills for skill in unit.skills) / len(unit.skills)
        for unit in units.values()
        if unit.id not in finished and unit.skills
    )


def _sums(steps: Sequence[Step], saved: float) -> tuple[float, float]:
    low, high = (sum(step.hours[end] for step in steps) for end in (0, 1))
    return round(low, 2), round(high + saved, 2)


def _gaps(standing: Standing, steps: Sequence[Step]) -> tuple[Gap, ...]:
    def gap(skill: str) -> Gap:
        taught = standing.syllabus.taught_in.get(skill)
        return Gap(
            skill=skill,
            name=standing.syllabus.name(skill),
            level=standing.wanted[skill],
            stage=taught,
            state=standing.states.get(skill),
            closed_by=tuple(step.id for step in steps if skill in step.skills),
        )

    return tuple(gap(skill) for skill in standing.missing)


def weeks_of(steps: Sequence[Step], hours: float, today: date) -> tuple[Week, ...]:
    """Steps one after another, week by week; in hundredths of hours, so that sums are exact."""
    room = per_week = round(hours * 100)
    weeks: list[list[Piece]] = [[]]
    for step in steps:
        left = round(step.planned * 100)
        while left:
            if not room:
                weeks.append([])
                room = per_week
            taken = min(left, room)
            weeks[-1].append(Piece(step=step.id, hours=taken / 100))
            left -= taken
            room -= taken
    return tuple(
        Week(n=n, starts=today + timedelta(weeks=n - 1), pieces=tuple(pieces))
        for n, pieces in enumerate(weeks, start=1)
        if pieces
    )


def _ready(hours: tuple[float, float], a_week: float, today: date) -> tuple[date, date]:
    early, late = (today + timedelta(weeks=math.ceil(each / a_week)) for each in hours)
    return early, late


# --- what is said about it --------------------------------------------------------------------


def _job_ready(standing: Standing) -> str:
    syllabus = standing.syllabus
    portfolio = syllabus.name(syllabus.planning.portfolio)
    level = syllabus.roadmap.level[standing.target]
    shown = len(standing.wanted) - len(standing.missing)
    built = syllabus.planning.portfolio in standing.learner.finished
    return (
        f"Job ready means here: every skill that the {level.title} needs is shown "
        f"({shown} of {len(standing.wanted)} so far), the {portfolio} is done "
        f"({'it is' if built else 'not yet'}), and a mock interview at the level puts you in the "
        "band “ready”. It promises no job."
    )


def _assumptions(standing: Standing, chosen: Chosen, *, saved: float) -> tuple[str, ...]:
    learner, syllabus = standing.learner, standing.syllabus
    said = [
        f"You learn {standing.hours:g} hours in every week"
        + (", which is our guess: you named none." if learner.hours is None else "."),
        "The hours are the editors' estimates; the dates run from their lower to their upper end.",
        "No holiday, illness or busy month is reckoned with, nor the time of applying for jobs.",
    ]
    if learner.target is None:
        said.append(f"The target is the {standing.target} level, as you named none.")
    likely = _likely(standing)
    if learner.background is not None and likely:
        said.append(
            f"You are {syllabus.planning.backgrounds[standing.background].name}, so you may know "
            f"{listed(likely)} already: say so, and a check takes the place of the lesson."
        )
    if saved:
        said.append(
            "The earlier date takes it that your claims hold; the later one adds up to "
            f"{saved:.0f} hours for lessons that failed checks bring back."
        )
    if 5 in standing.stages and learner.specialisation is None:
        topic = syllabus.name(standing.specialisation)
        said.append(f"Stage 5 is reckoned with {topic} until you choose a specialization.")
    if 5 not in standing.stages and learner.specialisation is not None:
        said.append(
            f"{syllabus.name(learner.specialisation)} belongs to stage 5, which the "
            f"{standing.target} level does not reach, so it changes nothing yet."
        )
    for done in learner.done:
        unit = syllabus.units.get(done.item)
        if unit is not None and unit.kind == "deliverable" and not done.link:
            said.append(f"{unit.title} is done without a link, so it shows no skill: add one.")
    if chosen.way == "self-study":
        said.append("No course is part of it: lessons and deliverables only.")
    return tuple(said)


def _likely(standing: Standing) -> list[str]:
    """Names of skills that people of the background often have, and the learner has not named."""
    syllabus = standing.syllabus
    skills = syllabus.planning.backgrounds[standing.background].likely
    return [syllabus.name(skill) for skill in skills if skill not in standing.known]


def _verdict(plan: Plan) -> str:
    by, (early, late) = plan.by, plan.ready
    assert by is not None
    if late <= by:
        return f"{spelt_day(by)} can be held: at the latest you are ready on {spelt_day(late)}."
    if early <= by:
        return (
            f"{spelt_day(by)} is uncertain: it holds only near the lower end of the hours. "
            f"The upper end is {spelt_day(late)}."
        )
    return (
        f"{spelt_day(by)} cannot be held with {plan.hours_a_week:g} hours a week: even by the "
        f"lower estimates you are ready on {spelt_day(early)}."
    )


def _levers(plan: Plan, learner: Learner, syllabus: Syllabus) -> tuple[str, ...]:
    """What would hold the date, each reckoned anew."""
    by = plan.by
    assert by is not None
    weeks = (by - plan.made_on).days // 7
    needed = math.ceil(plan.hours[1] / weeks) if weeks else math.inf
    said = []
    if needed <= HOURS[1]:
        said.append(f"{needed:g} hours a week on {way_name(plan.chosen.way)} hold it in any case.")
    else:
        said.append("No week holds the hours that it would take.")
    changes: list[tuple[str, dict[str, object]]] = []
    if plan.chosen.way != "self-study":
        changes.append(
            ("Leaving out the courses (lessons and deliverables only)", {"track": "self-study"})
        )
    if lower := LEVELS[: LEVELS.index(plan.target)]:
        changes.append((f"Aiming at the {lower[-1]} level instead", {"target": lower[-1]}))
    for what, change in changes:
        other = standing_of(learner.model_copy(update=change), syllabus)
        steps = _steps(other, units_for(other, choose_way(other).way))
        hours = _sums(steps, _saved_by_checks(other, steps))
        early, late = _ready(hours, other.hours, plan.made_on)
        holds = "holds it" if late <= by else "may hold it" if early <= by else "does not hold it"
        dates = f"{spelt_day(early)} to {spelt_day(late)}"
        said.append(f"{what} {holds}: ready {dates} ({hours[0]:.0f}–{hours[1]:.0f} hours).")
    said.append(f"A later date holds it: {spelt_day(plan.ready[1])} with everything as it is.")
    return tuple(said)


def headline(plan: Plan) -> str:
    """One sentence on when the learner can be ready."""
    early, late = plan.ready
    return (
        f"With {plan.hours_a_week:g} hours a week on {way_name(plan.chosen.way)}, you can be job "
        f"ready at the {plan.target} level between {spelt_day(early)} and {spelt_day(late)} "
        f"({plan.hours[0]:.0f}–{plan.hours[1]:.0f} hours); that is an estimate, not a promise."
    )
