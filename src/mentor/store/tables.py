"""The tables of the store. A change of them needs a migration in `migrations/versions`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HEAD = "0001"
"""The migration that these tables stand at."""


def now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSON, datetime: DateTime(timezone=True)}  # noqa: RUF012


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
