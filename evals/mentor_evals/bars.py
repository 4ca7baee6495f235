"""The bars: what a figure must reach. They stand in bars.toml."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

from pydantic import TypeAdapter, ValidationError, model_validator

from mentor.errors import SettingsError
from mentor.records import Record


class Bar(Record):
    """The least or the most that a figure may be."""

    least: float | None = None
    most: float | None = None

    @model_validator(mode="after")
    def _one(self) -> Bar:
        if (self.least is None) == (self.most is None):
            raise ValueError("a bar is either `least` or `most`")
        return self

    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"

    def holds(self, value: float, low: float, high: float, *, part: bool = False) -> bool:
        """Whether a figure with its interval reaches the bar.

        Args:
            part: only a part of the cases was asked. Then the bar falls when the whole interval
                lies beyond it; but a bar of 0 or 1 knows no chance, and falls at once.
        """
        exact = self.least == 1 or self.most == 0
        lenient = part and not exact
        if self.least is not None:
            return (high if lenient else value) >= self.least
        assert self.most is not None
        return (low if lenient else value) <= self.most


Bars = dict[str, dict[str, Bar]]
"""Suite -> metric -> bar."""


@lru_cache
def shipped_bars() -> Bars:
    """The bars of bars.toml.

    Raises:
        SettingsError: the file is no TOML, or a bar is neither `least` nor `most`.
    """
    return read_bars((files("mentor_evals") / "bars.toml").read_text(encoding="utf-8"))


def read_bars(text: str) -> Bars:
    try:
        return TypeAdapter(Bars).validate_python(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as exc:
        raise SettingsError(f"bars.toml cannot be read: {exc}.", cure="Correct the file.") from exc
