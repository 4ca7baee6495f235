"""Records in and out of the store.

Every write is one transaction. Marks, plans, turns and feedback are only ever added, so that two
tabs cannot overwrite each other; a profile is changed by a function that runs while its row is
locked; the state of an interview is replaced only by somebody who has seen the last one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from secrets import token_hex
from typing import Any

from sqlalchemy import Engine, Select, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mentor.errors import LearnerError, StaleWrite
from mentor.learner import Done, Learner, Mark, Skill, with_marks
from mentor.store.statements import tell_interview, tell_mark, tell_undone
from mentor.store.tables import (
    Base,
    ConversationRow,
    FeedbackRow,
    InterviewRow,
    LearnerRow,
    MarkRow,
    PlanRow,
    ReplyRow,
    StatementRow,
    TurnRow,
    now,
)

Mapped = Callable[[Engine], AbstractContextManager[None]]
_OWNED = (MarkRow, PlanRow, ConversationRow, TurnRow, InterviewRow, FeedbackRow, StatementRow)


class Store:
    """What is kept of learners. Safe to use from several threads and processes.

    Every method raises `StoreUnusable` or `StorageError` when the database fails.
    """

    def __init__(self, engine: Engine, mapped: Mapped, *, tells: bool = False) -> None:
        self._engine = engine
        self._mapped = mapped
        self._tells = tells
        """Whether a portal is told of progress and interviews."""
        # SQLite lets writers try again and again until one is lucky; here they take turns.
        self._turn = nullcontext() if self.is_shared else threading.RLock()

    @property
    def is_shared(self) -> bool:
        """Whether several machines may use this store at once."""
        return self._engine.name == "postgresql"

    # --- learners and their marks ---

    def learner(self, learner: str) -> Learner | None:
        """The learner with this id, marks included; None where nothing is kept."""
        with self.reading() as session:
            row = session.get(LearnerRow, learner)
            return None if row is None else self._whole(session, row)

    def update_learner(self, learner: str, change: Callable[[Learner], Learner]) -> Learner:
        """Change a profile while nobody else can; a learner who is not kept yet begins empty.

        `change` sees marks too, and those that it adds are kept.
        """
        with self.writing(learner) as (session, row):
            before = self._whole(session, row)
            after = change(before)
            row.profile = after.model_dump(mode="json", exclude={"skills", "done"})
            held: tuple[Mark, ...] = (*before.skills, *before.done)
            marks: tuple[Mark, ...] = (*after.skills, *after.done)
            new = [mark for mark in marks if mark not in held]
            self._add_marks(session, learner, new, told=self._tells)
            return after

    def mark(self, learner: str, *marks: Mark, told: bool = True) -> None:
        """Keep skills and finished steps.

        Args:
            told: whether the portal is to hear of it; not where it is the portal that says so.
        """
        with self.writing(learner) as (session, _):
            self._add_marks(session, learner, marks, told=told and self._tells)

    def _add_marks(
        self, session: Session, learner: str, marks: Iterable[Mark], *, told: bool
    ) -> None:
        for mark in marks:
            row = _mark_row(learner, mark)
            session.add(row)
            if told:
                session.flush()
                tell_mark(session, learner, row.id, mark)

    def undo(self, learner: str, item: str | None = None) -> Mark | None:
        """Take back the last mark, or the last of `item`; None when there is none."""
        with self.changing() as session:
            session.get(LearnerRow, learner, with_for_update=True)  # so that two take turns
            row = session.scalars(_last_mark(learner, item)).first()
            if row is None:
                return None
            row.undone = now()
            tell_undone(session, learner, row.id)
            return _mark(row)

    def last_mark(self, learner: str) -> Mark | None:
        """The mark that `undo` would take back."""
        with self.reading() as session:
            row = session.scalars(_last_mark(learner)).first()
            return None if row is None else _mark(row)

    # --- plans ---

    def keep_plan(self, learner: str, plan: dict[str, Any]) -> None:
        with self.writing(learner) as (session, _):
            session.add(PlanRow(learner=learner, plan=plan))

    def plan(self, learner: str) -> dict[str, Any] | None:
        """The plan that the learner accepted last."""
        last = select(PlanRow).where(PlanRow.learner == learner).order_by(PlanRow.id.desc())
        with self.reading() as session:
            row = session.scalars(last.limit(1)).first()
            return None if row is None else row.plan

    # --- interviews ---

    def interview(self, learner: str, interview: str) -> tuple[dict[str, Any], int] | None:
        """The state of an interview and its version; None where it is not this learner's."""
        with self.reading() as session:
            row = session.get(InterviewRow, interview)
            mine = row is not None and row.learner == learner
            return (row.state, row.version) if row is not None and mine else None

    def interviews(self, learner: str) -> list[tuple[str, dict[str, Any]]]:
        """(id, state) of the learner's interviews, oldest first."""
        mine = select(InterviewRow).where(InterviewRow.learner == learner)
        with self.reading() as session:
            rows = session.scalars(mine.order_by(InterviewRow.at, InterviewRow.id))
            return [(row.id, row.state) for row in rows]

    def save_interview(
        self, learner: str, interview: str, *, state: dict[str, Any], seen: int
    ) -> int:
        """Keep a state, and return its version.

        Args:
            seen: the version that the state was made from; 0 for a new interview.

        Raises:
            StaleWrite: somebody has written since; read again and repeat the turn.
        """
        with self.writing(learner) as (session, _):
            row = session.get(InterviewRow, interview)
            if (row.version if row else 0) != seen or (row and row.learner != learner):
                raise StaleWrite(
                    "This interview went on in another window.", cure="Reload to see where it is."
                )
            if row is None:
                session.add(
                    InterviewRow(id=interview, learner=learner, state=state, version=seen + 1)
                )
            else:
                row.state, row.version = state, seen + 1
            if self._tells and state.get("phase") == "done":
                tell_interview(session, learner, interview, state)
            return seen + 1

    # --- everything of one learner ---

    def export(self, learner: str) -> dict[str, Any]:
        """All that is kept of a learner, ready for JSON; undone marks too, said as such."""
        with self.reading() as session:
            row = session.get(LearnerRow, learner)
            if row is None:
                return {"learner": learner, "kept": False}
            everything: dict[str, Any] = {"learner": learner, "kept": True, "profile": row.profile}
            everything["created"] = row.created.isoformat()
            for table in (*_OWNED, ReplyRow):
                mine = select(table).where(table.learner == learner)
                rows = session.scalars(mine.order_by(table.at, *table.__table__.primary_key))
                everything[table.__tablename__] = [_plain(each) for each in rows]
            return everything

    def delete(self, learner: str) -> bool:
        """Remove all that is kept of a learner; whether there was anything."""
        with self.changing() as session:
            # By the id alone: what cannot be read has to go, too.
            mine = select(LearnerRow.id).where(LearnerRow.id == learner).with_for_update()
            if session.scalar(mine) is None:
                return False
            for table in _OWNED:
                session.execute(delete(table).where(table.learner == learner))
            session.execute(delete(LearnerRow).where(LearnerRow.id == learner))
            return True

    def hand_over(self, learner: str, to: str) -> bool:
        """Make all that is kept of one learner another's; whether there was anything.

        Of the profile, what the other had stays. Replies to requests that may be repeated go: who
        asks again asks as another learner.

        Raises:
            LearnerError: both are the same.
        """
        if learner == to:
            raise LearnerError("That is the same learner.", cure="Name another one.")
        with self.changing() as session:
            source = session.get(LearnerRow, learner, with_for_update=True)
            if source is None:
                return False
            row = _row_of(session, to)
            had = {key: value for key, value in row.profile.items() if value is not None}
            row.profile = {**source.profile, **had}
            _tell_apart(session, learner, to)
            for table in _OWNED:
                session.execute(update(table).where(table.learner == learner).values(learner=to))
            session.delete(source)
            return True

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and changes nothing."""
        engine = self._engine.execution_options(mentor_reads=True)
        with self._mapped(self._engine), Session(engine) as session:
            yield session

    @contextmanager
    def changing(self) -> Iterator[Session]:
        """A transaction on what belongs to no learner alone."""
        with (
            self._turn,
            self._mapped(self._engine),
            Session(self._engine) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def writing(self, learner: str) -> Iterator[tuple[Session, LearnerRow]]:
        """A transaction that holds the learner's row, which is made when it is missing."""
        with self.changing() as session:
            yield session, _row_of(session, learner)

    def _whole(self, session: Session, row: LearnerRow) -> Learner:
        rows = session.scalars(
            select(MarkRow)
            .where(MarkRow.learner == row.id, MarkRow.undone.is_(None))
            .order_by(MarkRow.id)
        )
        return with_marks(Learner.model_validate(row.profile), map(_mark, rows))


def _row_of(session: Session, learner: str) -> LearnerRow:
    """The learner's row, locked, and made when it is missing."""
    if not 0 < len(learner) <= 100:
        raise LearnerError("A learner's id has 1 to 100 characters.", cure="Choose another.")
    empty = Learner().model_dump(mode="json", exclude={"skills", "done"})
    new = {"id": learner, "profile": empty, "created": now()}
    session.execute(insert_new(session, LearnerRow, **new))
    return session.get_one(LearnerRow, learner, with_for_update=True)


def _last_mark(learner: str, item: str | None = None) -> Select[MarkRow]:
    marks = select(MarkRow).where(MarkRow.learner == learner, MarkRow.undone.is_(None))
    if item is not None:
        marks = marks.where(MarkRow.item == item)
    return marks.order_by(MarkRow.id.desc()).limit(1)


def _tell_apart(session: Session, learner: str, to: str) -> None:
    """Give another id to each conversation of `learner` whose id one of the other's has, too."""
    theirs = select(ConversationRow.id).where(ConversationRow.learner == to)
    of = (ConversationRow.learner == learner, ConversationRow.id.in_(theirs))
    for old in session.scalars(select(ConversationRow.id).where(*of)).all():
        new = f"{old[:91]}-{token_hex(4)}"
        talk = (ConversationRow.learner == learner, ConversationRow.id == old)
        said = (TurnRow.learner == learner, TurnRow.conversation == old)
        about = func.substr(FeedbackRow.about, 1, len(old) + 1) == f"{old}/"
        renamed = literal(new) + func.substr(FeedbackRow.about, len(old) + 1)
        session.execute(update(ConversationRow).where(*talk).values(id=new))
        session.execute(update(TurnRow).where(*said).values(conversation=new))
        thought = update(FeedbackRow).where(FeedbackRow.learner == learner, about)
        session.execute(thought.values(about=renamed))


def insert_new(session: Session, table: type[Base], **values: Any) -> Any:
    """An insert that does nothing where the key is there already, whoever put it there."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(table).values(**values).on_conflict_do_nothing()


def _mark_row(learner: str, mark: Mark) -> MarkRow:
    kind, item = ("skill", mark.id) if isinstance(mark, Skill) else ("done", mark.item)
    return MarkRow(learner=learner, kind=kind, item=item, mark=mark.model_dump(mode="json"))


def _mark(row: MarkRow) -> Mark:
    return (Skill if row.kind == "skill" else Done).model_validate(row.mark)


def _plain(row: Any) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in values.items()
        if key != "learner"
    }
