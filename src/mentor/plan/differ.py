"""What changes between two plans, shown before the learner accepts the second."""

from __future__ import annotations

from datetime import date

from mentor.language import spelt_day
from mentor.learner import way_name
from mentor.plan.parts import Plan
from mentor.plan.steps import listed
from mentor.records import Record


class Moved(Record):
    step: str
    title: str
    was: int
    """Weeks from the making of each plan."""
    now: int


class Difference(Record):
    """Titles of steps that come, go and move, and what it does to the dates."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    done: tuple[str, ...]
    moved: tuple[Moved, ...]
    ready_was: tuple[date, date]
    ready_now: tuple[date, date]
    changes: tuple[str, ...]
    """Of target, hours, track and target date."""

    @property
    def nothing(self) -> bool:
        return not (self.added or self.dropped or self.done or self.changes) and (
            self.ready_was == self.ready_now
        )

    @property
    def comes_and_goes(self) -> str:
        """What comes and goes, in a sentence or two."""
        said = [f"{listed(self.added)} would come." if self.added else ""]
        said += [f"{listed(self.dropped)} would go." if self.dropped else ""]
        return " ".join(each for each in said if each)

    @property
    def lines(self) -> list[str]:
        was, now = self.ready_was, self.ready_now
        lines = [*self.changes]
        for what, titles in (
            ("Done", self.done),
            ("Comes in", self.added),
            ("Falls away", self.dropped),
        ):
            lines += [f"{what}: {listed(titles)}"] if titles else []
        if self.moved:
            lines.append(f"Steps that move to another week: {len(self.moved)}")
        if was != now:
            lines.append(f"Ready: {_span(was)} → {_span(now)}")
        return lines or ["Nothing changes."]


def difference(old: Plan, new: Plan) -> Difference:
    before = {step.id: step for step in old.steps}
    after = {step.id: step for step in new.steps}
    over = {s.id for s in old.steps if s.is_over(shown=new.shown, done=new.done)}
    weeks = {id_: (old.week_of(id_) or 0, new.week_of(id_) or 0) for id_ in before if id_ in after}
    return Difference(
        added=tuple(step.title for id_, step in after.items() if id_ not in before),
        dropped=tuple(before[id_].title for id_ in before if id_ not in over | after.keys()),
        done=tuple(step.title for id_, step in before.items() if id_ in over),
        moved=tuple(
            Moved(step=id_, title=after[id_].title, was=was, now=now)
            for id_, (was, now) in weeks.items()
            if was != now
        ),
        ready_was=old.ready,
        ready_now=new.ready,
        changes=tuple(_changes(old, new)),
    )


def _changes(old: Plan, new: Plan) -> list[str]:
    pairs = (
        ("Target", old.target, new.target),
        ("Hours a week", f"{old.hours_a_week:g}", f"{new.hours_a_week:g}"),
        ("Way", way_name(old.chosen.way), way_name(new.chosen.way)),
        ("Target date", _date(old.by), _date(new.by)),
    )
    return [f"{what}: {was} → {now}" for what, was, now in pairs if was != now]


def _date(by: date | None) -> str:
    return spelt_day(by) if by else "none"


def _span(ready: tuple[date, date]) -> str:
    return f"{spelt_day(ready[0])} to {spelt_day(ready[1])}"
