"""docs/licences.md, made from what the installed packages say of themselves.

    python -m mentor_ui.licences     writes it; tests hold it current

What Mentor needs is followed from pyproject.toml through the packages' own requirements, so the
list holds what is installed because of Mentor and nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mentor.settings import CHECKOUT

FILE = CHECKOUT / "docs" / "licences.md"
ABOUT = """\
# Licences

Made by `python -m mentor_ui.licences` from what the packages say of themselves, on Linux with
Python 3.11 and the versions of `constraints.txt`. Mentor itself is under
[Apache-2.0](../LICENSE); weights and sources of the roadmap stand in [NOTICE](../NOTICE). The
widget contains no foreign code.
"""
_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License Version 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD",
    "GPL-3.0": "GPL-3.0-only",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "MIT, BSD": "MIT AND BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""What packages from before SPDX expressions call their licences."""


class Package(NamedTuple):
    name: str
    version: str
    """As in constraints.txt; empty where it is not pinned."""
    licence: str
    """An SPDX expression where the package gives one; empty where it names no licence."""


def packages(needs: Iterable[str]) -> dict[str, Package]:
    """Every package that is installed for these requirements, and theirs, by name."""
    pins = _pins(CHECKOUT / "constraints.txt")
    seen: set[tuple[str, frozenset[str]]] = set()
    found: dict[str, Package] = {}
    waiting = [Requirement(need) for need in needs]
    while waiting:
        need = waiting.pop()
        name, extras = canonicalize_name(need.name), frozenset(need.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            installed = distribution(name)
        except PackageNotFoundError:  # of another system, or an extra that is not installed
            continue
        found[name] = Package(name, pins.get(name, ""), licence_of(installed))
        for line in installed.requires or ():
            next_ = Requirement(line)
            if any(
                next_.marker is None or next_.marker.evaluate({"extra": extra})
                for extra in extras or {""}
            ):
                waiting.append(next_)
    return dict(sorted(found.items()))


def licence_of(installed: Distribution) -> str:
    """The licence: an SPDX expression, else a short field, else the classifiers."""

    def fields(name: str) -> list[str]:
        return [str(each) for each in installed.metadata.get_all(name) or ()]

    if expression := fields("License-Expression"):
        return expression[0]
    first = "".join(fields("License")).strip().split("\n")[0].strip()
    if first and len(first) <= 40:
        return _SPDX.get(first, first)
    kinds = [
        each.rpartition(" :: ")[2] for each in fields("Classifier") if each.startswith("License ::")
    ]
    return " AND ".join(_SPDX.get(kind, kind) for kind in kinds)


def needed() -> dict[str, dict[str, Package]]:
    """Packages by what needs them: to run, with PostgreSQL, and for tests.

    The training of the judge (onnx, scikit-learn) is an extra that `make setup-dev` leaves out.
    """
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    run = packages(project["dependencies"])
    postgres = _without(packages(extras["postgres"]), run)
    tools = packages(extras["dev"])
    return {"run": run, "postgres": postgres, "tools": _without(tools, run | postgres)}


def page() -> str:
    """The whole of docs/licences.md."""
    found = needed()
    headings = {
        "run": "Mentor runs with these",
        "postgres": "With PostgreSQL",
        "tools": "Tests alone",
    }
    parts = [ABOUT]
    for kind, heading in headings.items():
        rows = [f"| {p.name} | {p.version} | {p.licence} |" for p in found[kind].values()]
        head = "| Package | Version | Licence |\n|---|---|---|"
        parts.append(f"## {heading}: {len(rows)}\n\n{head}\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _without(all_: Mapping[str, Package], known: Mapping[str, Package]) -> dict[str, Package]:
    return {name: package for name, package in all_.items() if name not in known}


def _pins(file: Path) -> dict[str, str]:
    lines = re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", file.read_text(encoding="utf-8"), re.M)
    return {canonicalize_name(name): version for name, version in lines}


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
