"""The last baseline: figures that were kept on purpose, to see what a change moved."""

from __future__ import annotations

import json
from pathlib import Path

from mentor.errors import StorageError
from mentor_evals.figures import Figure, Run

FILE = Path(__file__).with_name("baseline.json")
Baseline = dict[str, dict[str, dict[str, float]]]
"""Split and subject -> suite -> metric -> figure."""


def key(run: Run) -> str:
    return f"{run.split}, {run.subject}"


def save(run: Run, file: Path = FILE) -> None:
    """Keep the figures of `run`; those of suites that did not run stay.

    Raises:
        StorageError: the file cannot be written.
    """
    everything = load(file)
    kept = everything.setdefault(key(run), {})
    for figure in run.figures:
        kept.setdefault(figure.suite, {})[figure.metric.name] = round(figure.value, 4)
    try:
        file.write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as exc:
        raise StorageError(
            f"{file} cannot be written: {exc.strerror or exc}.", cure="Run it in a checkout."
        ) from exc


def load(file: Path = FILE) -> Baseline:
    """The baseline; empty when there is none."""
    if not file.is_file():
        return {}
    try:
        found: Baseline = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise StorageError(f"{file} cannot be read: {exc}.", cure="Save a new baseline.") from exc
    return found


def moved(run: Run, figure: Figure, before: Baseline) -> float | None:
    """How far a figure is from the baseline; None when that lacks it."""
    was = before.get(key(run), {}).get(figure.suite, {}).get(figure.metric.name)
    return None if was is None else figure.value - was
