"""The index, read: one open generation, and the reader that follows CURRENT.

`mentor.generation` tells what lies on the disk, `mentor.indexing` writes it.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from mentor import language, material
from mentor.errors import IndexUnreachable, IndexUnusable, MentorError, QuestionError
from mentor.generation import (
    all_roots,
    current_generation,
    generation_folder,
    is_at,
    read_manifest,
    read_passages,
    refuse_elsewhere,
    refuse_foreign,
    trouble,
    verify,
)
from mentor.models.adapter import Adapter
from mentor.models.answerable import Answerable
from mentor.models.embed import Embedder
from mentor.records import Passage
from mentor.settings import EMBEDDERS
from mentor.sources import SKIPPED, SOURCES, read_roots, read_skipped
from mentor.stores import open_stores, refuse_incomplete

if TYPE_CHECKING:
    import bm25s

_REST = 2.0  # seconds after which a server that kept silent is asked again
_OFTEN = 3  # times that two words stand together, from which on they may be written in one


class Index:
    """One open generation: passages by id, two vector stores, BM25.

    The stores are closed with it, so whoever uses them keeps it.

    Raises:
        IndexUnusable: it is damaged, of another version, or made by another embedder or for
            another place.
        IndexUnreachable: its Chroma server does not answer; searching raises that too.
        StorageError: Chroma may not write to its database, which it does even to read.
    """

    def __init__(self, folder: Path, embedder: Embedder, *, chroma: str | None = None) -> None:
        import bm25s

        self.generation = folder.name
        manifest = read_manifest(folder)
        if manifest is None:
            raise IndexUnusable(
                f"The index in {folder} is of another version.", cure="Run `mentor index`."
            )
        refuse_foreign(manifest, embedder, folder)
        refuse_elsewhere(folder, chroma)
        self.manifest = manifest
        self.passages = read_passages(folder)
        verify(folder, manifest)
        self.by_section: dict[str, list[Passage]] = {}
        for passage in self.passages.values():
            self.by_section.setdefault(passage.section, []).append(passage)
        self.ids = list(self.passages)
        self.asked_pages = frozenset(
            p.page for p in self.passages.values() if p.questions or p.asked
        )
        self.collections = frozenset(root.collection for root in manifest.roots)
        self.vocabulary, self.apart = _vocabulary(self.passages.values())
        try:
            self.bm25: bm25s.BM25 = bm25s.BM25.load(folder / "bm25", show_progress=False)
            self.answerable = Answerable.load(folder / "answerable.npz")
            self.adapter = Adapter.load(folder / "adapter.npz")
            self._client, self.dense, self.questions = open_stores(folder, embedder)
            # Chroma keeps a client open for ever; this one goes when no thread uses the index.
            weakref.finalize(self, self._client.close).atexit = False
            refuse_incomplete(self._client, manifest, folder)
        except MentorError:
            raise
        except Exception as exc:  # sqlite, Chroma's core, numpy: many words for a damaged file
            raise trouble(folder, exc) from exc

    def passage_of(self, row: str) -> Passage | None:
        """What a row of a vector store leads to: the passage of that id, or the first of the
        section that a question was asked of; None for a question that nothing answers."""
        if passage := self.passages.get(row):
            return passage
        section, _, _ = row.rpartition("?")
        return next(iter(self.by_section.get(section, ())), None)

    def refuse_silence(self) -> None:
        """Raises: IndexUnreachable: the vectors are on a server that does not answer now."""
        self._client.heartbeat()

    def refuse_unknown(self, collections: Iterable[str]) -> None:
        """Raises: QuestionError: one of `collections` is not in the index."""
        for name in collections:
            if name not in self.collections:
                raise QuestionError(
                    f"There is no collection {name!r} in the index.",
                    cure=f"Choose one of {', '.join(sorted(self.collections))}, or add it: "
                    f"`mentor index PATH --name {name}`.",
                )

    def rarity(self, stem: str) -> float:
        """Inverse document frequency, `log(1 + N / (1 + n))`, of a stem in n of N passages."""
        column = self.bm25.vocab_dict.get(stem)
        starts = self.bm25.scores["indptr"]
        found = 0 if column is None else int(starts[column + 1] - starts[column])
        return math.log(1 + len(self.passages) / (1 + found))


class IndexReader:
    """The index in use; follows CURRENT, so that a rebuilt index serves the next question.

    Args:
        chroma: address of the Chroma server that holds the vectors; None: they lie in `folder`.
    """

    def __init__(self, folder: Path, embedder: Embedder, *, chroma: str | None = None) -> None:
        self._folder = folder
        self._embedder = embedder
        self._chroma = chroma
        self._open: Index | None = None
        self._lock = threading.Lock()
        self._silence: tuple[float, IndexUnreachable] | None = None

    def current(self) -> Index:
        """The generation that CURRENT names now.

        Raises:
            IndexUnusable: there is none, it is damaged, or another embedder made it.
            IndexUnreachable: its Chroma server does not answer.
        """
        with self._lock:
            name = current_generation(self._folder)
            if name is None:
                raise self._missing()
            if self._open is None or self._open.generation != name:
                self._open = self._opened(generation_folder(self._folder, name))
            return self._open

    def _opened(self, folder: Path) -> Index:
        """Those who waited while a server kept silent are told the same, and wait no longer."""
        if self._silence and time.monotonic() < self._silence[0] + _REST:
            raise IndexUnreachable(self._silence[1].what, cure=self._silence[1].cure)
        try:
            return Index(folder, self._embedder, chroma=self._chroma)
        except IndexUnreachable as exc:
            self._silence = time.monotonic(), exc
            raise

    def _missing(self) -> IndexUnusable:
        if self._folder.parent.name == EMBEDDERS:
            return IndexUnusable(
                f"There is no index made by the embedder {self._embedder.name} yet.",
                cure="Run `mentor index`: it is built beside the old one.",
            )
        return IndexUnusable(f"There is no index in {self._folder}.", cure="Run `mentor index`.")

    def passages(self) -> list[Passage]:
        """The passages alone: quick, since no vector store is opened.

        Raises:
            IndexUnusable: they are damaged.
        """
        name = current_generation(self._folder)
        if name is None:
            return []
        return list(read_passages(generation_folder(self._folder, name)).values())


def is_stale(
    folder: Path,
    roots: Sequence[Path],
    embedder: str,
    *,
    chroma: str | None = None,
    sources: Path | None = None,
) -> bool:
    """Whether the material changed since the index was built, or there is no usable index.

    A file that could not be read has changed when it is no longer the one that was tried.

    Args:
        roots: the corpus, and what is to be indexed beside it.
        chroma: address of the Chroma server that the vectors should be on; None: on this disk.
        sources: the file that remembers what was.

    Raises:
        IndexUnusable: the manifest is damaged.
        MaterialError: a root does not exist.
    """
    name = current_generation(folder)
    last = generation_folder(folder, name) if name else None
    manifest = read_manifest(last) if last else None
    if last is None or manifest is None or manifest.embedder != embedder:
        return True
    if not is_at(last, chroma):
        return True
    remembered = read_roots(sources or folder / SOURCES, otherwise=manifest.roots[1:])
    now_roots = all_roots(roots, remembered)
    if now_roots != manifest.roots:
        return True
    files = material.files_of(*(Path(root.path) for root in now_roots))
    try:
        now = {shown: material.fingerprint(path) for path, shown in files}
    except OSError:  # what became unreadable has changed
        return True
    was = {shown: entry.fingerprint for shown, entry in manifest.files.items()}
    skipped = read_skipped(folder / SKIPPED)
    bad = {each.file: each.fingerprint for each in skipped if each.fingerprint}
    return not was.keys() <= now.keys() or any(
        mark not in (was.get(shown), bad.get(shown)) for shown, mark in now.items()
    )


def _vocabulary(passages: Iterable[Passage]) -> tuple[list[str], dict[str, str]]:
    """The words of more than three letters, the most frequent first; and what is written apart, by
    how somebody may write it in one: "softskills" is "soft skills"."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for passage in passages:
        said = language.words(passage.readable)
        words.update(said)
        pairs.update(pairwise(said))
    apart = {
        first + second: f"{first} {second}"
        for (first, second), n in pairs.items()
        if n >= _OFTEN and min(len(first), len(second)) > 2 and first + second not in words
    }
    return [word for word, _ in words.most_common() if len(word) > 3], apart
