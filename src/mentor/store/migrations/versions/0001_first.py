"""The first tables: learners, marks, plans, turns, interviews, feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _owned(name: str, *columns: sa.Column[object], number: bool = True) -> None:
    """A table whose rows belong to a learner and go with them."""
    key = sa.Column("id", sa.Integer if number else sa.String(100), primary_key=True)
    owner = sa.Column(
        "learner",
        sa.String(100),
        sa.ForeignKey("learners.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    )
    at = sa.Column("at", sa.DateTime(timezone=True), nullable=False)
    op.create_table(name, key, owner, *columns, at)


def upgrade() -> None:
    op.create_table(
        "learners",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("profile", sa.JSON, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )
    _owned(
        "marks",
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("item", sa.String(200), nullable=False),
        sa.Column("mark", sa.JSON, nullable=False),
        sa.Column("undone", sa.DateTime(timezone=True), nullable=True),
    )
    _owned("plans", sa.Column("plan", sa.JSON, nullable=False))
    _owned(
        "turns",
        sa.Column("conversation", sa.String(100), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
    )
    op.create_index("turns_of_conversation", "turns", ["learner", "conversation"])
    _owned(
        "interviews",
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        number=False,
    )
    _owned(
        "feedback",
        sa.Column("about", sa.String(200), nullable=False),
        sa.Column("verdict", sa.String(50), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for name in ("feedback", "interviews", "turns", "plans", "marks", "learners"):
        op.drop_table(name)
