"""What every test gets: a home of its own, no settings from outside, and small material."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mentor.indexing import BuildReport, build_index
from mentor.mentor import update_index
from mentor.models import weights
from mentor.models.embed import Embedder, HashingEmbeddings
from mentor.settings import PREFIX, Settings, no_telemetry
from mentor.sources import Root

no_telemetry()

MENTOR = Path(sys.executable).parent / "mentor"
"""The command as it is installed."""

JUNIOR = """\
---
id: junior
title: Junior ML engineer
source: roadmap
level: junior
questions:
  salary:
    - What does a junior ML engineer earn?
    - How much is a junior paid?
  tools:
    - Which tools does a junior use?
---
A junior ML engineer trains models under guidance.

## Salary

A junior ML engineer earns $95,000–$130,000 a year in the United States.

## Tools

A junior ML engineer works with these tools:

- Python
- scikit-learn
"""
SENIOR = """\
---
id: senior
title: Senior ML engineer
source: roadmap
level: senior
---
A senior ML engineer designs whole systems.

## Salary

A senior ML engineer earns $157,000–$230,000+ a year in the United States.
"""
STAGES = """\
# The stages

The way to ML engineer has five stages.

## Stage 1

Stage 1 teaches Python and statistics.

## Stage 2

Stage 2 teaches machine learning.
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, and a working directory without a mentor.toml, for this test alone."""
    for variable in list(os.environ):
        if variable.startswith(PREFIX):
            monkeypatch.delenv(variable)
    folder = tmp_path / "home"
    monkeypatch.setenv("MENTOR_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def roadmap_corpus(tmp_path: Path) -> Path:
    """Three small Markdown files: two levels with questions, and the stages without."""
    folder = tmp_path / "corpus"
    (folder / "levels").mkdir(parents=True)
    (folder / "levels" / "junior.md").write_text(JUNIOR, encoding="utf-8")
    (folder / "levels" / "senior.md").write_text(SENIOR, encoding="utf-8")
    (folder / "stages.md").write_text(STAGES, encoding="utf-8")
    return folder


def count_words(text: str) -> int:
    """Stands in for the embedder's tokenizer: words, and two special tokens."""
    return len(text.split()) + 2


Build = Callable[..., BuildReport]


@pytest.fixture
def build(home: Path, roadmap_corpus: Path) -> Build:
    """Builds the index in the home, from the small corpus, with the embedder that loads nothing."""

    def run(
        *beside: Path | Root,
        embedder: Embedder | None = None,
        rebuild: bool = False,
        **more: object,
    ) -> BuildReport:
        return build_index(
            home / "index",
            [roadmap_corpus, *beside],
            embedder=embedder or HashingEmbeddings(),
            count=lambda: count_words,
            rebuild=rebuild,
            **more,  # type: ignore[arg-type]
        )

    return run


@pytest.fixture(scope="session")
def weights_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache that holds the embedded model requantized, which takes seconds, once for all."""
    cache = tmp_path_factory.mktemp("weights")
    weights.embedded_gguf(cache)
    yield cache
    for path in cache.iterdir():  # pytest keeps the folders of three runs
        path.unlink()


@pytest.fixture(scope="session")
def shipped_home(tmp_path_factory: pytest.TempPathFactory, weights_cache: Path) -> Path:
    """A home with the shipped corpus indexed by the real embedder, once for the whole run."""
    settings = Settings(home=tmp_path_factory.mktemp("shipped"))
    settings.data_dir.mkdir()
    settings.cache_dir.symlink_to(weights_cache)
    update_index(settings)
    return settings.home
