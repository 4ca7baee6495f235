"""What belongs into a plan: which track, which lessons, courses and deliverables."""

from __future__ import annotations

from collections.abc import Iterable

from mentor.learner import Way, way_name
from mentor.plan.parts import Chosen
from mentor.plan.standing import Standing
from mentor.syllabus import Cite, Unit


def choose_way(standing: Standing) -> Chosen:
    """The learner's own track, or the one that hours and background speak for."""
    syllabus, planning = standing.syllabus, standing.syllabus.planning
    own = standing.learner.track
    if own is not None:
        return Chosen(way=own, why=f"You chose {way_name(own)}.", cite=_about(standing, own))
    few = standing.hours < planning.few_hours
    origin = planning.backgrounds[standing.background]
    reason = planning.few if few else origin.choice
    who = f"you have {standing.hours:g} hours a week" if few else f"you are {origin.name}"
    if not few and standing.learner.background is None:
        who = f"nothing is known of your background, and the plan takes you for {origin.name}"
    why = f"Track {reason.track}, because {who}: “{reason.quote}”"
    if reason.section not in syllabus.sections:
        return Chosen(way=reason.track, why=why, cite=syllabus.cite("roadmap/tracks"))
    cite = Cite(section=reason.section, quote=reason.quote)
    return Chosen(way=reason.track, why=why, cite=cite)


def _about(standing: Standing, way: Way) -> Cite:
    if way == "self-study":
        return standing.syllabus.cite("career/choosing-a-track", about="without a track")
    return standing.syllabus.cite("roadmap/tracks", about=f"track {way}$")


def units_for(standing: Standing, way: Way) -> dict[str, Unit]:
    """Everything that is left to do for the target, in no order, by id."""
    chosen = (*_lessons(standing), *_courses(standing, way), *_deliverables(standing))
    found: dict[str, Unit] = {}
    waiting = [unit for unit in chosen if not standing.is_settled(unit.id)]
    while waiting:
        unit = waiting.pop()
        if unit.id not in found:
            found[unit.id] = unit
            needed = (standing.syllabus.units.get(id_) for id_ in unit.needs)
            waiting += [each for each in needed if each and standing.is_needed(each.id)]
    return found


def _lessons(standing: Standing) -> Iterable[Unit]:
    for skill in standing.missing:
        yield from lessons_for(skill, standing)


def lessons_for(skill: str, standing: Standing) -> list[Unit]:
    """The lessons that teach a skill within the target's stages; of stage 5, one is enough."""
    units = [standing.syllabus.units[id_] for id_ in standing.syllabus.lessons.get(skill, ())]
    inside = [unit for unit in units if unit.stage in standing.stages and unit.stage < 5]
    niche = [unit for unit in units if unit.stage == 5]
    own = [unit for unit in niche if standing.specialisation in unit.topics]
    if own and 5 in standing.stages:
        return [*inside, *own]
    if niche and units[0].stage == 5:
        return [*inside, units[0]]
    return inside or units[:1]


def _courses(standing: Standing, way: Way) -> Iterable[Unit]:
    if way != "self-study":
        for stage in sorted(standing.stages):
            for unit in standing.syllabus.courses.get((way, stage), ()):
                if _is_worth_it(unit, standing):
                    yield unit


def _is_worth_it(course: Unit, standing: Standing) -> bool:
    """Whether at least half of what a course practises is new to the learner.

    Soft skills, which no stage teaches, count only where a course is about nothing else: nobody
    sits through scikit-learn once more to decompose problems.
    """
    taught = [skill for skill in course.skills if skill in standing.syllabus.taught_in]
    own = taught or course.skills
    new = [skill for skill in own if skill in standing.wanted and skill not in standing.known]
    return bool(new) and 2 * len(new) >= len([s for s in own if s in standing.wanted])


def _deliverables(standing: Standing) -> list[Unit]:
    """Those of the target's stages and level, the portfolio, and one for each skill left over."""
    units, roadmap = standing.syllabus.units, standing.syllabus.roadmap
    stages = (roadmap.stage[number].deliverables for number in sorted(standing.stages))
    asked = [d.id for aspect in stages for d in aspect.items]
    asked += [d.id for d in roadmap.level[standing.target].deliverables.items]
    asked.append(standing.syllabus.planning.portfolio)
    for skill in standing.missing:
        row = standing.syllabus.skills.skills.get(skill)
        proofs = [id_ for id_ in (row.deliverables if row else ()) if id_ in units]
        if proofs and not set(proofs) & {*asked, *standing.learner.finished}:
            asked.append(proofs[0])
    return [units[id_] for id_ in dict.fromkeys(asked) if id_ in units]
