"""The settings of a command, read when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mentor.settings import Settings


def load_settings(**flags: Any) -> Settings:
    """`mentor.settings.load_settings`, imported late: pydantic takes half of the time of --help."""
    from mentor import settings

    return settings.load_settings(**flags)
