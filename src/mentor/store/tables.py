"""The tables of the store. A change of them needs a migration in `migrations/versions`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HEAD = "0003"
"""The migration that these tables stand at."""


def now() -> datetime:
    return datetime.now(UTC)


class _Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSON, datetime: _Moment}  # noqa: RUF012


def _owner() -> Mapped[str]:
    return mapped_column(ForeignKey("learners.id", ondelete="CASCADE"), index=True)


class LearnerRow(Base):
    """The fields of a learner but for the marks; `id` is chosen by the face."""

    __tablename__ = "learners"
    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    profile: Mapped[dict[str, Any]]
    created: Mapped[datetime] = mapped_column(default=now)


class MarkRow(Base):
    """A skill or a finished step. A mark is never changed, only undone."""

    __tablename__ = "marks"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    learner: Mapped[str] = _owner()
    kind: Mapped[str] = mapped_column(String(10))
    item: Mapped[str] = mapped_column(String(200))
    mark: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)
    undone: Mapped[datetime | None]


class PlanRow(Base):
    """A plan that the learner accepted; the newest counts."""

    __tablename__ = "plans"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    learner: Mapped[str] = _owner()
    plan: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)


class ConversationRow(Base):
    """A conversation's name; its id is chosen by the face, and a learner's own."""

    __tablename__ = "conversations"
    learner: Mapped[str] = mapped_column(
        ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=now)


class TurnRow(Base):
    """A question and its answer."""

    __tablename__ = "turns"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    learner: Mapped[str] = _owner()
    conversation: Mapped[str] = mapped_column(String(100))
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index("turns_of_conversation", "learner", "conversation"),)


class InterviewRow(Base):
    """The whole state of one interview; `version` counts its writes."""

    __tablename__ = "interviews"
    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    learner: Mapped[str] = _owner()
    state: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(Integer, default=1)
    at: Mapped[datetime] = mapped_column(default=now)


class FeedbackRow(Base):
    """What a learner thinks of an answer, a plan or an interview."""

    __tablename__ = "feedback"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    learner: Mapped[str] = _owner()
    about: Mapped[str] = mapped_column(String(200))
    verdict: Mapped[str] = mapped_column(String(50))
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=now)


class ReplyRow(Base):
    """The answer to a request that may be repeated; empty while the first is still running."""

    __tablename__ = "replies"
    learner: Mapped[str] = mapped_column(
        ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was asked, so that a key cannot stand for two requests."""
    reply: Mapped[dict[str, Any] | None]
    at: Mapped[datetime] = mapped_column(default=now)


class LaunchRow(Base):
    """A code that opens the page once; only its SHA-256 is kept."""

    __tablename__ = "launches"
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    caller: Mapped[dict[str, Any]]
    until: Mapped[datetime]


class KeyRow(Base):
    """A secret that all processes of one store share."""

    __tablename__ = "keys"
    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    secret: Mapped[str] = mapped_column(String(100))


class CountRow(Base):
    """How often something happened in the window that ends at `until`."""

    __tablename__ = "counts"
    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime]


class StatementRow(Base):
    """What is to be told to the portal, kept in the transaction that made it true."""

    __tablename__ = "statements"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    learner: Mapped[str] = _owner()
    about: Mapped[str] = mapped_column(String(150))
    """As in `mark/12`: what it tells of."""
    statement: Mapped[dict[str, Any]]
    tries: Mapped[int] = mapped_column(Integer, default=0)
    due: Mapped[datetime | None] = mapped_column(default=now, index=True)
    """None once the portal has it."""
    at: Mapped[datetime] = mapped_column(default=now)
