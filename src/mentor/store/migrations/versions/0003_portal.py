"""What the HTTP API keeps: replies, launch codes, shared keys, counts, statements to tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _owner(*, primary_key: bool = False, index: bool = False) -> sa.Column[str]:
    learner = sa.ForeignKey("learners.id", ondelete="CASCADE")
    return sa.Column(
        "learner", sa.String(100), learner, primary_key=primary_key, nullable=False, index=index
    )


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "replies",
        _owner(primary_key=True),
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("reply", sa.JSON),
        _moment("at"),
    )
    op.create_table(
        "launches",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("caller", sa.JSON, nullable=False),
        _moment("until"),
    )
    op.create_table(
        "keys",
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("secret", sa.String(100), nullable=False),
    )
    op.create_table(
        "counts",
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        _moment("until"),
    )
    op.create_table(
        "statements",
        sa.Column("id", sa.String(36), primary_key=True),
        _owner(index=True),
        sa.Column("about", sa.String(150), nullable=False),
        sa.Column("statement", sa.JSON, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), index=True),
        _moment("at"),
    )


def downgrade() -> None:
    for table in ("statements", "counts", "keys", "launches", "replies"):
        op.drop_table(table)
