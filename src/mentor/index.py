"""The index, read: one open generation, and the reader that follows CURRENT.

    index/
      CURRENT               the name of the generation in use; replacing this file is the commit
      writer.lock           one writer at a time
      generations/000007/   chroma/ · bm25/ · passages.jsonl · manifest.json

`mentor.indexing` writes it. A generation is never written to after its commit, so readers need no
lock, a killed run leaves the last good one, and a running server picks the new one up by looking
at CURRENT. (Upserting under a live PersistentClient does not do: the other process sees the new
count but never the new vectors.)
"""

from __future__ import annotations

import math
import re
import threading
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ConfigDict, ValidationError

from mentor import language, material
from mentor.errors import IndexUnusable, MentorError, StorageError
from mentor.models.answerable import Answerable
from mentor.models.embed import Embedder
from mentor.models.weights import sha256
from mentor.records import Passage, Record

if TYPE_CHECKING:
    import bm25s
    from chromadb.api import ClientAPI
    from langchain_chroma import Chroma

FORMAT = 2  # raise it when sections, passages or the files of a generation change their form
REBUILD = "Run `mentor index --rebuild`."
DATABASE = "chroma/chroma.sqlite3"
ROOM = "Make room or give write access, or set MENTOR_HOME to another folder."
_DISK = ("is full", "no space", "disk i/o error", "readonly", "read-only", "open database file")


class FileEntry(Record):
    """A file as it was indexed."""

    fingerprint: str
    pages: tuple[str, ...]
    passages: tuple[str, ...]


class Manifest(Record):
    """What a generation was built from and with."""

    format: int
    embedder: str
    passage_tokens: int
    roots: tuple[str, ...]
    """The corpus first, then what was indexed beside it; absolute paths."""
    files: dict[str, FileEntry]
    passages: int
    questions: int
    checksums: dict[str, str]
    """SHA-256 of each file but the manifest and Chroma's database, which readers touch."""


class _AnyManifest(Record):
    """What the manifests of all versions have."""

    model_config = ConfigDict(extra="ignore")

    format: int
    roots: tuple[str, ...] = ()


class Index:
    """One open generation: passages by id, two vector stores, BM25.

    The stores are closed with it, so whoever uses them keeps it.

    Raises:
        IndexUnusable: it is damaged, of another version, or another embedder made it.
        StorageError: Chroma may not write to its database, which it does even to read.
    """

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        import bm25s

        self.generation = folder.name
        manifest = read_manifest(folder)
        if manifest is None:
            raise IndexUnusable(
                f"The index in {folder} is of another version.", cure="Run `mentor index`."
            )
        refuse_foreign(manifest, embedder, folder)
        self.manifest = manifest
        self.passages = read_passages(folder)
        verify(folder, manifest)
        self.by_section: dict[str, list[Passage]] = {}
        for passage in self.passages.values():
            self.by_section.setdefault(passage.section, []).append(passage)
        self.ids = list(self.passages)
        self.vocabulary = _vocabulary(self.passages.values())
        try:
            self.bm25: bm25s.BM25 = bm25s.BM25.load(folder / "bm25", show_progress=False)
            self.answerable = Answerable.load(folder / "answerable.npz")
            client, self.dense, self.questions = open_stores(folder, embedder)
            # Chroma keeps a client open for ever; this one goes when no thread uses the index.
            weakref.finalize(self, client.close).atexit = False
            refuse_incomplete(client, manifest, folder)
        except MentorError:
            raise
        except Exception as exc:  # sqlite, Chroma's core, numpy: many words for a damaged file
            raise trouble(folder, exc) from exc

    def rarity(self, stem: str) -> float:
        """Inverse document frequency, `log(1 + N / (1 + n))`, of a stem in n of N passages."""
        column = self.bm25.vocab_dict.get(stem)
        starts = self.bm25.scores["indptr"]
        found = 0 if column is None else int(starts[column + 1] - starts[column])
        return math.log(1 + len(self.passages) / (1 + found))


class IndexReader:
    """The index in use; follows CURRENT, so that a rebuilt index serves the next question."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._folder = folder
        self._embedder = embedder
        self._open: Index | None = None
        self._lock = threading.Lock()

    def current(self) -> Index:
        """The generation that CURRENT names now.

        Raises:
            IndexUnusable: there is none, it is damaged, or another embedder made it.
        """
        with self._lock:
            name = current_generation(self._folder)
            if name is None:
                raise IndexUnusable(
                    f"There is no index in {self._folder}.", cure="Run `mentor index`."
                )
            if self._open is None or self._open.generation != name:
                self._open = Index(generation_folder(self._folder, name), self._embedder)
            return self._open

    def passages(self) -> list[Passage]:
        """The passages alone: quick, since no vector store is opened.

        Raises:
            IndexUnusable: they are damaged.
        """
        name = current_generation(self._folder)
        if name is None:
            return []
        return list(read_passages(generation_folder(self._folder, name)).values())


def is_stale(folder: Path, roots: Sequence[Path], embedder: str) -> bool:
    """Whether the material changed since the index was built, or there is no usable index.

    Args:
        roots: the corpus, and what is to be indexed beside it.

    Raises:
        IndexUnusable: the manifest is damaged.
        MaterialError: a root does not exist.
    """
    name = current_generation(folder)
    manifest = read_manifest(generation_folder(folder, name)) if name else None
    if manifest is None or manifest.embedder != embedder:
        return True
    files = material.files_of(*all_roots(roots, manifest.roots))
    try:
        now = {shown: material.fingerprint(path) for path, shown in files}
    except OSError:  # what became unreadable has changed
        return True
    return now != {shown: entry.fingerprint for shown, entry in manifest.files.items()}


# --- the files of a generation ----------------------------------------------------------------


def current_generation(folder: Path) -> str | None:
    """The name that CURRENT holds; None when there is no index.

    Raises:
        IndexUnusable: CURRENT cannot be read or holds something else.
    """
    pointer = folder / "CURRENT"
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as exc:
        raise IndexUnusable(f"{pointer} cannot be read: {exc}.", cure=REBUILD) from exc
    if not re.fullmatch(r"\d{6,}", name):
        raise IndexUnusable(f"{pointer} names no generation: {name[:40]!r}.", cure=REBUILD)
    return name


def generation_folder(folder: Path, name: str) -> Path:
    return folder / "generations" / name


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a generation; None when another version wrote it, in another form.

    Raises:
        IndexUnusable: it is missing or damaged.
    """
    try:
        text = (folder / "manifest.json").read_bytes()
        if _AnyManifest.model_validate_json(text).format != FORMAT:
            return None
        manifest = Manifest.model_validate_json(text)
    except (OSError, ValidationError) as exc:
        raise IndexUnusable(
            f"The manifest of the index in {folder} is missing or damaged.", cure=REBUILD
        ) from exc
    return manifest if manifest.passage_tokens == material.PASSAGE_TOKENS else None


def remembered_roots(folder: Path) -> tuple[str, ...]:
    """The roots of a generation, whatever version wrote it; none when that cannot be told."""
    try:
        return _AnyManifest.model_validate_json((folder / "manifest.json").read_bytes()).roots
    except (OSError, ValidationError):
        return ()


def all_roots(given: Sequence[Path], remembered: Sequence[str]) -> list[Path]:
    """The corpus as it is given now, what was indexed beside the last one, then what is new.

    The corpus is the first root. What was indexed beside it is remembered as long as it exists,
    so that `mentor index FOLDER` need be said only once.
    """
    corpus, *new = (root.resolve() for root in given)
    beside = [root for root in map(Path, remembered[1:]) if root.exists()]
    return list(dict.fromkeys((corpus, *beside, *new)))


def read_passages(folder: Path) -> dict[str, Passage]:
    """The passages of a generation by id, in the order of their files.

    Raises:
        IndexUnusable: they are missing or damaged.
    """
    try:
        with (folder / "passages.jsonl").open(encoding="utf-8") as lines:
            passages = (Passage.model_validate_json(line) for line in lines)
            return {passage.id: passage for passage in passages}
    except (OSError, UnicodeDecodeError, ValidationError) as exc:
        raise IndexUnusable(
            f"The passages of the index in {folder} are missing or damaged.", cure=REBUILD
        ) from exc


def open_stores(folder: Path, embedder: Embedder) -> tuple[ClientAPI, Chroma, Chroma]:
    """Chroma's client over a generation, its passages and its questions; close the client."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings
    from langchain_chroma import Chroma

    client = chromadb.PersistentClient(
        str(folder / "chroma"), settings=ChromaSettings(anonymized_telemetry=False)
    )
    try:
        passages, questions = (
            Chroma(
                client=client,
                collection_name=name,
                embedding_function=embedder,  # type: ignore[arg-type]  # our port is its subset
                collection_configuration={"hnsw": {"space": "cosine"}},
            )
            for name in ("passages", "questions")
        )
    except BaseException:
        client.close()
        raise
    return client, passages, questions


# --- what makes an index unusable ---------------------------------------------------------------


def refuse_foreign(manifest: Manifest, embedder: Embedder, folder: Path) -> None:
    if manifest.embedder != embedder.name:
        raise IndexUnusable(
            f"The index in {folder} was built with the embedder {manifest.embedder!r}, "
            f"but {embedder.name!r} is set.",
            cure="Run `mentor index --rebuild`, or set MENTOR_EMBEDDER back.",
        )


def verify(folder: Path, manifest: Manifest) -> None:
    """Hold the files of a generation against their checksums.

    Chroma's core does not survive damaged vectors: it ends the process, or finds nothing.
    """
    for name, checksum in manifest.checksums.items():
        path = folder / name
        try:
            sound = sha256(path) == checksum
        except OSError:
            sound = False
        if not sound:
            raise IndexUnusable(f"The index is damaged: {path} is not as written.", cure=REBUILD)


def refuse_incomplete(client: ClientAPI, manifest: Manifest, folder: Path) -> None:
    for name, due in (("passages", manifest.passages), ("questions", manifest.questions)):
        found = client.get_collection(name).count()
        if found != due:
            raise IndexUnusable(
                f"The index in {folder} is damaged: {found} vectors for {due} {name}.", cure=REBUILD
            )


def trouble(folder: Path, exc: Exception) -> MentorError:
    """What a foreign error over the index in `folder` means: the disk refuses, or damage."""
    if isinstance(exc, PermissionError) or any(words in str(exc).lower() for words in _DISK):
        return StorageError(
            f"The index in {folder} cannot be written, which Chroma must even to read it: {exc}.",
            cure=ROOM,
        )
    return IndexUnusable(f"The index in {folder} is damaged: {exc}.", cure=REBUILD)


def _vocabulary(passages: Iterable[Passage]) -> list[str]:
    words = {word for passage in passages for word in language.words(passage.readable)}
    return sorted(word for word in words if len(word) > 3)
