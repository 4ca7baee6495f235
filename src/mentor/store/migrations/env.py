"""Alembic's entry: `engine.migrate` hands it an open connection."""

from __future__ import annotations

from alembic import context

from mentor.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
