"""A generation: the files of one state of the index, and what makes them unusable.

    index/
      CURRENT               the name of the generation in use; replacing this file is the commit
      writer.lock           one writer at a time
      generations/000007/   chroma/ · bm25/ · answerable.npz · adapter.npz · passages.jsonl ·
                            manifest.json

Where a Chroma server is set, `server.json` stands in the place of chroma/ and names two collections
there that are this generation's alone. It is written before they are made and goes after them, so
whatever a killed run left on a server is known from its folder.

A generation is never written to after its commit, so readers need no lock, a killed run leaves the
last good one, and a running server picks the new one up by looking at CURRENT. (Upserting under a
live PersistentClient does not do: the other process sees the new count but never the new vectors.)
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from pydantic import ConfigDict, ValidationError

from mentor import material
from mentor.errors import ROOM, IndexUnusable, MentorError, StorageError
from mentor.models.embed import Embedder
from mentor.models.weights import sha256
from mentor.records import CORPUS, Passage, Record
from mentor.sources import Root, root_at

FORMAT = 8  # raise it when sections, passages or the files of a generation change their form
REBUILD = "Run `mentor index --rebuild`."
DATABASE = "chroma/chroma.sqlite3"
SERVER = "server.json"
_FULL = 5_000_000  # bytes that are left
_DISK = ("is full", "no space", "disk i/o error", "readonly", "read-only", "open database file")


class FileEntry(Record):
    """A file as it was indexed."""

    fingerprint: str
    pages: tuple[str, ...]
    passages: tuple[str, ...]
    collection: str = CORPUS
    notes: tuple[str, ...] = ()
    """What is to be said of how it was read."""


class Manifest(Record):
    """What a generation was built from and with."""

    format: int
    embedder: str
    passage_tokens: int
    roots: tuple[Root, ...]
    """The corpus first, then what was indexed beside it."""
    files: dict[str, FileEntry]
    passages: int
    questions: int
    checksums: dict[str, str]
    """SHA-256 of each file but the manifest and Chroma's database, which readers touch."""


class Server(Record):
    """A Chroma server, and the two collections there that hold the vectors of a generation."""

    address: str
    passages: str
    questions: str


class _AnyManifest(Record):
    """What the manifests of all versions have."""

    model_config = ConfigDict(extra="ignore")

    format: int
    roots: tuple[Root | str, ...] = ()


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


def manifest_in_use(folder: Path) -> Manifest:
    """The manifest of the generation that CURRENT names.

    Raises:
        IndexUnusable: there is none, it is damaged, or another version wrote it.
    """
    name = current_generation(folder)
    manifest = read_manifest(generation_folder(folder, name)) if name else None
    if manifest is None:
        raise IndexUnusable(f"There is no index in {folder}.", cure="Run `mentor index`.")
    return manifest


def read_server(folder: Path) -> Server | None:
    """Where the vectors of a generation are; None where they lie in its folder.

    Raises:
        IndexUnusable: that is damaged.
    """
    try:
        return Server.model_validate_json((folder / SERVER).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as exc:
        raise IndexUnusable(f"{folder / SERVER} is damaged.", cure=REBUILD) from exc


def write_server(folder: Path, address: str) -> None:
    """Name collections of its own for the generation in `folder`, before there are any.

    The names are random, so that no other index on the server can have them.
    """
    mark = f"mentor-{secrets.token_hex(8)}"
    server = Server(address=address, passages=f"{mark}-passages", questions=f"{mark}-questions")
    (folder / SERVER).write_text(server.model_dump_json(indent=1), encoding="utf-8")


def is_at(folder: Path, chroma: str | None) -> bool:
    """Whether the vectors of a generation are on the server `chroma`; None: in its folder.

    Raises:
        IndexUnusable: that cannot be told.
    """
    server = read_server(folder)
    return (server.address if server else None) == chroma


def remembered_roots(folder: Path) -> tuple[Root, ...]:
    """What a generation holds beside the corpus, whatever version wrote it; none when that
    cannot be told."""
    try:
        manifest = _AnyManifest.model_validate_json((folder / "manifest.json").read_bytes())
    except (OSError, ValidationError):
        return ()
    beside = manifest.roots[1:]
    return tuple(root_at(Path(root)) if isinstance(root, str) else root for root in beside)


def all_roots(given: Sequence[Path | Root], remembered: Sequence[Root]) -> tuple[Root, ...]:
    """The corpus as it is given now, what was indexed beside the last one, then what is new.

    The corpus is the first root. What was indexed beside it is remembered as long as it exists,
    so that `mentor index FOLDER` need be said only once. A root that is given again has the
    collection and the address that it is given now.
    """
    corpus, *more = given
    first = corpus if isinstance(corpus, Root) else Root(path=str(corpus.resolve()))
    new = [root if isinstance(root, Root) else root_at(root) for root in more]
    beside = [root for root in remembered if Path(root.path).exists()]
    by_path = {root.path: root for root in (first, *beside, *new)}
    return tuple((by_path | {first.path: first}).values())


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


# --- what makes an index unusable ---------------------------------------------------------------


def refuse_foreign(manifest: Manifest, embedder: Embedder, folder: Path) -> None:
    if manifest.embedder != embedder.name:
        raise IndexUnusable(
            f"The index in {folder} was built with the embedder {manifest.embedder!r}, "
            f"but {embedder.name!r} is set.",
            cure="Run `mentor index --rebuild`, or set MENTOR_EMBEDDER back.",
        )


def refuse_elsewhere(folder: Path, chroma: str | None) -> None:
    if not is_at(folder, chroma):
        server = read_server(folder)
        there = f"on the Chroma server at {server.address}" if server else "on this disk"
        here = f"MENTOR_CHROMA is {chroma}" if chroma else "MENTOR_CHROMA is not set"
        raise IndexUnusable(
            f"The vectors of the index in {folder} are {there}, but {here}.",
            cure="Run `mentor index`, or set MENTOR_CHROMA back.",
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


def trouble(folder: Path, exc: Exception) -> MentorError:
    """What a foreign error over the index in `folder` means: the disk refuses, or damage."""
    refused = isinstance(exc, PermissionError) or any(w in str(exc).lower() for w in _DISK)
    if refused or _is_full(folder):
        return StorageError(
            f"The index in {folder} cannot be written, which Chroma must even to read it: {exc}.",
            cure=ROOM,
        )
    return IndexUnusable(f"The index in {folder} is damaged: {exc}.", cure=REBUILD)


def _is_full(folder: Path) -> bool:
    """Chroma's core does not always say that it was the disk."""
    try:
        return shutil.disk_usage(folder).free < _FULL
    except OSError:
        return False
