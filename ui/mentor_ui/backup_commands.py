"""`mentor backup` and `mentor restore`: a copy of what is kept of learners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mentor.errors import StoreUnusable
from mentor_ui.configured import load_settings

if TYPE_CHECKING:
    from mentor.settings import Settings

Copy = Annotated[Path, typer.Argument(help="The file that holds the copy.")]


def backup(copy: Copy) -> None:
    """Copy all that is kept of learners into one file; Mentor may run meanwhile."""
    from mentor.store.backup import back_up

    state = back_up(load_settings(), copy)
    typer.echo(f"{state.where}: {_learners(state.learners)}, {state.details[0]}.")


def restore(
    copy: Copy,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a copy back in place of all that is kept now."""
    from mentor.store.backup import put_back

    settings = load_settings()
    kept = "" if yes or settings.database_url else _kept(settings)
    if kept and not typer.confirm(f"Replace {kept} now?", default=False):
        typer.echo("Nothing was changed. --yes replaces without asking.", err=True)
        raise typer.Exit(1)
    state = put_back(settings, copy)
    typer.echo(f"{state.where}: {_learners(state.learners)} again.")


def _kept(settings: Settings) -> str:
    """What a copy would replace, in words; empty where that is nothing."""
    from mentor.store.examine import examine_store

    try:
        learners = examine_store(settings).learners
    except StoreUnusable as exc:
        typer.echo(exc.what, err=True)
        return "it"
    return f"what is kept of {_learners(learners)}" if learners else ""


def _learners(number: int) -> str:
    return f"{number} learner{'' if number == 1 else 's'}"
