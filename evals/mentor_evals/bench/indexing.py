"""How fast material is indexed, beside the bare embedder on the same texts; and for no change.

The material is the corpus's lessons, whose shipped vectors are left out, so that all is embedded.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from pathlib import Path

from mentor.generation import current_generation, generation_folder, read_passages
from mentor.indexing import build_index
from mentor.mentor import update_index
from mentor.models.embed import Embedder, SentenceEmbeddings, token_counter
from mentor.settings import Settings
from mentor_evals.bars import Bar
from mentor_evals.bench.table import Figure, timed

RATE = Bar(least=0.9)
UNCHANGED = Bar(most=1)
FOLDER = "lessons"
"""Of the corpus."""


def figures(settings: Settings, files: int = 8) -> list[Figure]:
    """The rate over that many files, and the seconds of an index run that finds no change."""
    update_index(settings)
    unchanged = [update_index(settings).seconds for _ in range(3)]
    return [
        rate(settings, settings.corpus / FOLDER, files=files),
        timed("index, nothing changed", unchanged, unit="s", bar=UNCHANGED),
    ]


def rate(
    settings: Settings, folder: Path, *, files: int, embedder: Embedder | None = None
) -> Figure:
    """Texts (passages and questions) indexed in a second, beside those embedded in a second.

    The embedder is measured before and after, since a machine does not stay as fast as it was.
    """
    with tempfile.TemporaryDirectory() as name:
        material = Path(name, "material")
        material.mkdir()
        for path in sorted(folder.rglob("*.md"))[:files]:
            shutil.copy(path, material)
        index = Path(name, "index")

        def opened() -> Embedder:
            made = embedder or SentenceEmbeddings()
            made.embed_query("warm")
            return made

        built = opened()
        started = time.perf_counter()
        build_index(index, [material], embedder=built, count=lambda: token_counter(settings))
        took = time.perf_counter() - started
        held = read_passages(generation_folder(index, current_generation(index) or ""))
        texts = [text for p in held.values() for text in (p.readable, *p.questions, *p.asked)]
        bare = [_seconds(opened(), texts) for _ in range(2)]
    return Figure(
        what=f"indexing, {len(texts):,} texts of {len(held):,} passages",
        value=len(texts) / took,
        unit="texts/s",
        peer="embedder alone",
        peer_value=len(texts) / statistics.mean(bare),
        bar=RATE,
    )


def _seconds(embedder: Embedder, texts: list[str]) -> float:
    started = time.perf_counter()
    embedder.embed_documents(texts)
    return time.perf_counter() - started
