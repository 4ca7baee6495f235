"""YAML of strangers: plain data, of a depth, size and numbers that the rest can work with."""

from __future__ import annotations

import re
from typing import Any

import yaml

from mentor.errors import MaterialError
from mentor.facts import YAML_LOADER
from mentor.loaders.page import TEXT_BYTES

_DEEPEST = 500
_LONGEST_NUMBER = 64  # bits
_INDENTED = re.compile(rf"^[ ?:-]{{{2 * _DEEPEST}}}", re.M)
# PyYAML lets a ValueError through for a date that is none, and a RecursionError for deep nesting.
_NO_YAML = (yaml.YAMLError, ValueError, RecursionError)


def read_plain(source: str, shown: str, *, first_line: int = 1) -> Any:
    """What stands in `source`.

    Args:
        first_line: of its file, where `source` begins.

    Raises:
        MaterialError: it is no YAML, too deep, too large when written out, or has a number that
            is too long.
    """
    _refuse_deep(source, shown)
    try:
        data = yaml.load(source, Loader=YAML_LOADER)
    except _NO_YAML as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f", line {mark.line + first_line}" if mark else ""
        problem = getattr(exc, "problem", None) or (exc if type(exc) is ValueError else "not YAML")
        raise MaterialError(
            f"{shown}{where}: broken YAML ({problem}).", cure="Mend that line."
        ) from exc
    _refuse_endless(data, source, shown)
    return data


def _refuse_deep(source: str, shown: str) -> None:
    """libyaml ends the process where lists in lists fill the stack."""
    depth = 0
    for bracket in re.findall(r"[][{}]", source):
        depth = max(0, depth + (1 if bracket in "[{" else -1))
        if depth > _DEEPEST:
            break
    if depth > _DEEPEST or _INDENTED.search(source):
        raise MaterialError(f"{shown}: broken YAML (nested too deeply).", cure="Make it flatter.")


def _refuse_endless(data: Any, source: str, shown: str) -> None:
    """By aliases a few lines can repeat each other until no memory holds what they mean."""
    most = min(10 * len(source) + 1, TEXT_BYTES)  # nothing at all is one
    size = 0
    left = [data]
    while left:
        part = left.pop()
        size += len(part) if isinstance(part, str) else 1
        if size > most:
            raise MaterialError(
                f"{shown}: broken YAML (aliases repeat it until it is too large).",
                cure="Write out what is meant.",
            )
        if isinstance(part, int) and part.bit_length() > _LONGEST_NUMBER:
            raise MaterialError(
                f"{shown}: broken YAML (a number is too long).", cure="Put it between quotes."
            )
        if isinstance(part, dict):
            left += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            left += part
