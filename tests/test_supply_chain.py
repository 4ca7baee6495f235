"""What Mentor is made of: licences that bind nobody who runs it, pins, weights by checksum."""

from __future__ import annotations

import re
from functools import cache

import pytest

from mentor.models import weights
from mentor.settings import CHECKOUT
from mentor_ui import licences
from mentor_ui.licences import Package, needed

OPEN = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD", "BSD-2-Clause", "BSD-3-Clause",
    "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0",
    "Public Domain", "Zlib",
}  # fmt: skip
"""Licences that ask for a notice at most."""
FILES_STAY_OPEN = {"MPL-2.0"}
"""Changes of the package's own files would have to be published; Mentor changes none."""
MPL = {"certifi", "orjson", "tqdm"}
SHIPPED_WITH_PYTHON = {"pip", "setuptools"}


@cache
def found() -> dict[str, dict[str, Package]]:
    return needed()


def terms(expression: str) -> set[str]:
    return {each.strip("() ") for each in re.split(r" AND | OR ", expression)}


def test_the_list_of_licences_is_what_is_installed() -> None:
    assert licences.FILE.read_text(encoding="utf-8") == licences.page(), (
        "run `python -m mentor_ui.licences`"
    )


def test_what_mentor_runs_with_has_licences_that_bind_nobody_who_runs_it() -> None:
    for package in found()["run"].values():
        beyond = terms(package.licence) - OPEN
        assert beyond <= FILES_STAY_OPEN, package
        assert not beyond or package.name in MPL, package


def test_postgres_driver_is_an_extra_since_it_is_lgpl() -> None:
    assert {p.licence for p in found()["postgres"].values()} == {"LGPL-3.0-only"}
    assert "psycopg" not in found()["run"]


@pytest.mark.parametrize("kind", ["run", "postgres", "tools"])
def test_every_package_is_pinned(kind: str) -> None:
    loose = {p.name for p in found()[kind].values() if not p.version}
    assert loose <= SHIPPED_WITH_PYTHON


def test_weights_are_named_by_their_checksums() -> None:
    text = (CHECKOUT / "docs" / "supply-chain.md").read_text(encoding="utf-8")
    assert weights.GGUF_SHA256 in text and weights.MINILM_SHA256 in text
