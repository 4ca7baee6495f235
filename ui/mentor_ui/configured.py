"""What a command begins with: its settings, and options that stand where they are heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mentor.settings import Settings


def load_settings(**flags: Any) -> Settings:
    """`mentor.settings.load_settings`, imported late: pydantic takes half of the time of --help."""
    from mentor import settings

    return settings.load_settings(**flags)


def subcommand_follows(context: typer.Context) -> bool:
    """Whether a command leaves the work to a subcommand, which hears none of its options.

    Raises:
        UsageError: there are such options: `mentor progress --learner bob delete`.
    """
    if context.invoked_subcommand is None:
        return False
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "")
        if given is not None and given.name == "COMMANDLINE":
            context.fail(
                f"{option.opts[0]} is not heard before {context.invoked_subcommand!r}: "
                "options of a subcommand go after it."
            )
    return True
