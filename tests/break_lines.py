"""Break important lines one at a time, and see a test fail for each.

    python tests/break_lines.py [WORDS of the row to try alone]

A test that cannot fail protects nothing. This works on a copy of the
checkout and takes some minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import NamedTuple

import typer

HERE = Path(__file__).parent
CHECKOUT = HERE.parent
_COPIED = ("src", "ui/mentor_ui", "evals", "tests", "corpus", "docs")
_LINKED = ("pyproject.toml", "README.md", "ARCHITECTURE.md", "Makefile", "constraints.txt")


class Broken(NamedTuple):
    """One line, what it becomes, and the files of tests of which one should notice."""

    what: str
    file: str
    line: str
    becomes: str
    tests: str


def broken_lines() -> list[Broken]:
    rows = tomllib.loads((HERE / "broken_lines.toml").read_text(encoding="utf-8"))["broken"]
    return [Broken(**row) for row in rows]


def noticed(row: Broken, copy: Path) -> bool:
    """Whether a test fails with the line broken, in a copy of the checkout."""
    path = copy / row.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(f"{row.line}\n", f"{row.becomes}\n", 1), encoding="utf-8")
    try:
        return not _pass(row.tests.split(), copy)
    finally:
        path.write_text(whole, encoding="utf-8")


def _pass(tests: list[str], copy: Path) -> bool:
    paths = os.pathsep.join(str(copy / place) for place in ("src", "ui", "evals"))
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", *(f"tests/{name}" for name in tests)],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        check=False,
    )
    if found.returncode not in (0, 1):  # no test ran: that proves nothing
        raise SystemExit(found.stdout.decode())
    return found.returncode == 0


def main() -> None:
    words = " ".join(sys.argv[1:])
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in _COPIED:
            shutil.copytree(CHECKOUT / name, copy / name)
        for name in _LINKED:
            shutil.copy(CHECKOUT / name, copy / name)
        for row in broken_lines():
            if words not in row.what:
                continue
            seen = noticed(row, copy)
            missed += not seen
            typer.echo(f"{'noticed' if seen else 'NOT NOTICED'} · {row.what} · {row.tests}")
    raise SystemExit(missed > 0)


if __name__ == "__main__":
    main()
