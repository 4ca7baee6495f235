"""Where a learner stands against the target: what is shown, claimed and missing."""

from __future__ import annotations

from functools import cached_property

from mentor.learner import LEVELS, Background, Learner, SkillState
from mentor.records import Level, Record
from mentor.syllabus import Syllabus

_TAUGHT = ("lesson", "course")


class Standing(Record):
    """A learner read against the syllabus. What was not said is taken from `planning.assumed`."""

    syllabus: Syllabus
    learner: Learner

    @property
    def target(self) -> Level:
        return self.learner.target or self.syllabus.planning.assumed.target

    @property
    def hours(self) -> float:
        return self.learner.hours or self.syllabus.planning.assumed.hours

    @property
    def background(self) -> Background:
        return self.learner.background or self.syllabus.planning.assumed.background

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The target's level and those below it."""
        return LEVELS[: LEVELS.index(self.target) + 1]

    @cached_property
    def wanted(self) -> dict[str, Level]:
        """The skills that the target asks for, and the level that each belongs to."""
        levels = self.syllabus.roadmap.level_of_skill
        return {skill: level for skill, level in levels.items() if level in self.levels}

    @cached_property
    def stages(self) -> frozenset[int]:
        """The stages of the target: the first one that teaches each of its skills."""
        taught = self.syllabus.taught_in
        return frozenset(taught[skill] for skill in self.wanted if skill in taught)

    @cached_property
    def states(self) -> dict[str, SkillState]:
        """The state of each skill; a finished deliverable with a link shows its skills."""
        states = dict(self.learner.states)
        for done in self.learner.done:
            unit = self.syllabus.units.get(done.item)
            if done.link and unit is not None and unit.kind == "deliverable":
                states.update(dict.fromkeys(unit.skills, "evidenced"))
        return states

    @cached_property
    def shown(self) -> frozenset[str]:
        return frozenset(skill for skill, state in self.states.items() if state != "claimed")

    @cached_property
    def known(self) -> frozenset[str]:
        """Shown and claimed skills: a claim is checked, not taught again."""
        return frozenset(self.states)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Skills of the target that are not shown, in the roadmap's order."""
        return tuple(skill for skill in self.wanted if skill not in self.shown)

    @property
    def specialisation(self) -> str:
        """The chosen topic of stage 5, or its first."""
        first = self.syllabus.roadmap.stage[5].topics.items[0].id
        return self.learner.specialisation or first

    def left(self, unit: str) -> tuple[str, ...]:
        """The skills of a unit that it has still to teach or to show.

        Only skills of the target count, where the unit has one: the rest of a lesson is a bonus.
        Whatever teaches is settled by a claim too, since a check takes its place.
        """
        found = self.syllabus.units[unit]
        settled = self.known if found.kind in _TAUGHT else self.shown
        own = [skill for skill in found.skills if skill in self.wanted] or list(found.skills)
        return tuple(skill for skill in own if skill not in settled)

    def share(self, unit: str) -> float:
        """How much of a lesson or course is left: the share of its skills that are not known."""
        found = self.syllabus.units[unit]
        if found.kind not in _TAUGHT or not found.skills:
            return 1.0
        return sum(skill not in self.known for skill in found.skills) / len(found.skills)

    def is_settled(self, unit: str) -> bool:
        """Whether a unit is done, or holds nothing that is left to learn or to show."""
        if unit in self.learner.finished:
            return True
        if unit == self.syllabus.planning.portfolio:
            return False
        return bool(self.syllabus.units[unit].skills) and not self.left(unit)

    def is_needed(self, lesson: str) -> bool:
        """Whether a lesson has to come before another: it is not done, nor its main skill known."""
        main = self.syllabus.units[lesson].skills[:1]
        return lesson not in self.learner.finished and not (main and main[0] in self.known)


def standing_of(learner: Learner, syllabus: Syllabus) -> Standing:
    return Standing(syllabus=syllabus, learner=learner)
