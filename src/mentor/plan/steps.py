"""Units made into steps, each with its reason, its definition of done and its sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mentor.plan.choose import lessons_for
from mentor.plan.parts import Step
from mentor.plan.standing import Standing
from mentor.syllabus import Cite, Syllabus, Unit

_ABOUT_DONE = {
    "lesson": r"what you will|able to do|abilities",
    "course": r"outline",
    "deliverable": r"\b(is|are) done\b",
}


def planned(hours: tuple[float, float]) -> float:
    """The middle, to the quarter of an hour, and never nothing."""
    return max(round(sum(hours) * 2) / 4, 0.25)


def unit_step(unit: Unit, standing: Standing, units: dict[str, Unit]) -> Step:
    """A lesson, course or deliverable; of what teaches, only the share that is left counts."""
    share = standing.share(unit.id)
    hours = (round(unit.hours[0] * share, 2), round(unit.hours[1] * share, 2))
    left = standing.left(unit.id)
    cites = (
        standing.syllabus.cite(unit.page),
        standing.syllabus.cite(unit.page, about=_ABOUT_DONE[unit.kind]),
    )
    return Step(
        id=unit.id,
        kind=unit.kind,
        title=unit.title,
        stage=unit.stage,
        hours=hours,
        planned=planned(hours),
        skills=left,
        needs=tuple(id_ for id_ in unit.needs if id_ in units),
        page=unit.page,
        why=_why(unit, standing, units),
        done_when=done_when(unit, standing.syllabus)[1],
        cites=tuple(dict.fromkeys(cites)),
    )


def _why(unit: Unit, standing: Standing, units: dict[str, Unit]) -> str:
    left = standing.left(unit.id)
    names = listed(standing.syllabus.name(skill) for skill in left)
    if unit.kind == "deliverable":
        if not left:
            return "A finished portfolio is part of being job ready."
        return f"With a link it shows {names}, which nothing has shown so far."
    wanted = [skill for skill in left if skill in standing.wanted]
    known = [skill for skill in unit.skills if skill in standing.known]
    if not wanted:
        after = [each.title for each in units.values() if unit.id in each.needs]
        return (
            f"It has to come before {listed(after[:3]) or 'later steps'}.{_skim(known, standing)}"
        )
    rest = "" if unit.kind == "course" else _skim(known, standing)
    levels = dict.fromkeys(standing.wanted[skill] for skill in wanted)
    asks = f"the {listed(levels)} level{'s ask' if len(levels) > 1 else ' asks'} for"
    verb = "practises" if unit.kind == "course" else "teaches"
    return f"It {verb} {names}, which {asks}.{rest}"


def _skim(known: Sequence[str], standing: Standing) -> str:
    if not known:
        return ""
    return f" Skim what is about {listed(map(standing.syllabus.name, known))}."


def done_when(unit: Unit, syllabus: Syllabus) -> tuple[Cite, str]:
    """The section that says when a unit is done, and a sentence that says so."""
    cite = syllabus.cite(unit.page, about=_ABOUT_DONE[unit.kind])
    heading = syllabus.sections[cite.section][0]
    if unit.kind == "deliverable":
        return cite, cite.quote
    if unit.kind == "course":
        return cite, f"You have worked through every part of “{heading}”."
    return cite, f"You can do everything in “{heading}” without looking it up."


def check_step(skill: str, standing: Standing) -> Step:
    """Three questions on a claimed skill, in place of the lessons that teach it."""
    syllabus = standing.syllabus
    row = syllabus.skills.skills[skill]
    finished = standing.learner.finished
    lessons = [unit for unit in lessons_for(skill, standing) if unit.id not in finished]
    saved = tuple(sum(u.hours[end] / len(u.skills) for u in lessons) for end in (0, 1))
    titles = listed(unit.title for unit in lessons)
    saves = f", and save {saved[0]:.0f}–{saved[1]:.0f} hours of {titles}" if lessons else ""
    page = next((page for page in row.lessons if page in syllabus.units), row.lessons[0])
    return Step(
        id=f"check-{skill}",
        kind="check",
        title=f"Check: {syllabus.name(skill)}",
        stage=syllabus.stage_of_skill.get(skill, 1),
        hours=syllabus.planning.check,
        planned=planned(syllabus.planning.check),
        skills=(skill,),
        needs=(),
        page=page,
        why=f"You say that you know {syllabus.name(skill)}. Three questions settle it{saves}.",
        done_when="Three questions on it are answered well, without a hint, on two different days.",
        cites=(syllabus.cite(page, about="interview"),),
    )


def practice_steps(standing: Standing, lessons: dict[str, Unit]) -> list[Step]:
    """A round of interview questions on each topic of a skill that is not shown yet."""
    topics: dict[str, list[str]] = {}
    for skill in standing.missing:
        row = standing.syllabus.skills.skills.get(skill)
        for topic in row.interview_topics if row else ():
            topics.setdefault(topic, []).append(skill)
    return [
        _practice(topic, skills, standing, lessons)
        for topic, skills in topics.items()
        if f"practice-{topic}" not in standing.learner.finished and _in_reach(topic, standing)
    ]


def _in_reach(topic: str, standing: Standing) -> bool:
    stages = standing.syllabus.roadmap.stages
    return any(
        topic == each.id for s in stages if s.number in standing.stages for each in s.topics.items
    )


def _practice(
    topic: str, skills: Sequence[str], standing: Standing, lessons: dict[str, Unit]
) -> Step:
    syllabus = standing.syllabus
    stage = next(
        s.number for s in syllabus.roadmap.stages if any(topic == t.id for t in s.topics.items)
    )
    teaching = [
        unit for unit in syllabus.units.values() if unit.kind == "lesson" and topic in unit.topics
    ]
    page = teaching[0].page if teaching else f"roadmap/stages/stage-{stage}"
    return Step(
        id=f"practice-{topic}",
        kind="practice",
        title=syllabus.name(f"practice-{topic}"),
        stage=max(stage, min(syllabus.stage_of_skill.get(skill, 1) for skill in skills)),
        hours=syllabus.planning.practice,
        planned=planned(syllabus.planning.practice),
        skills=tuple(skills),
        needs=tuple(unit.id for unit in teaching if unit.id in lessons),
        page=page,
        why=f"Its questions bring up {listed(map(syllabus.name, skills))}.",
        done_when="A mock interview on the topic puts you in the band “ready” or above.",
        cites=(syllabus.cite(page, about="interview"),),
    )


def final_practice(standing: Standing, before: Sequence[str]) -> Step:
    """The mock interview at the target's level, with the roadmap's own questions."""
    level = standing.syllabus.roadmap.level[standing.target]
    page = f"roadmap/levels/{level.id}"
    return Step(
        id=f"practice-{level.id}",
        kind="practice",
        title=standing.syllabus.name(f"practice-{level.id}"),
        stage=5,
        hours=standing.syllabus.planning.practice,
        planned=planned(standing.syllabus.planning.practice),
        skills=(),
        needs=tuple(before),
        page=page,
        why="An interview in the band “ready” is part of being job ready.",
        done_when="A mock interview at this level puts you in the band “ready” or above.",
        cites=(
            standing.syllabus.cite(page, about="interview questions"),
            standing.syllabus.cite(page, about="interviewers expect"),
        ),
    )


def listed(names: Iterable[str]) -> str:
    """a, b and c."""
    all_ = list(names)
    return f"{', '.join(all_[:-1])} and {all_[-1]}" if len(all_) > 1 else "".join(all_)
