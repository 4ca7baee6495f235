"""Conversations get a title; those that were kept before are called by their first question."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column(
            "learner",
            sa.String(100),
            sa.ForeignKey("learners.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute(
        "INSERT INTO conversations (learner, id, title, at) "
        "SELECT t.learner, t.conversation, substr(t.question, 1, 60), t.at FROM turns t "
        "WHERE t.id IN (SELECT min(id) FROM turns GROUP BY learner, conversation)"
    )


def downgrade() -> None:
    op.drop_table("conversations")
