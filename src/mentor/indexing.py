"""The index, written: material -> Chroma + BM25, in generations.

A change builds a copy of the last generation, brings it up to date and then moves CURRENT (see
`mentor.generation` for the folder). Only sections whose words changed are embedded.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from mentor import material
from mentor.alone import alone
from mentor.draft import Draft, Generation, Progress
from mentor.errors import (
    ROOM,
    IndexBusy,
    IndexUnreachable,
    IndexUnusable,
    MentorError,
    StorageError,
)
from mentor.generation import (
    DATABASE,
    FORMAT,
    SERVER,
    Manifest,
    all_roots,
    current_generation,
    generation_folder,
    is_at,
    read_manifest,
    read_passages,
    read_server,
    refuse_foreign,
    remembered_roots,
    trouble,
    verify,
    write_server,
)
from mentor.models.embed import Embedder
from mentor.models.weights import sha256
from mentor.records import Record
from mentor.sources import (
    SKIPPED,
    SOURCES,
    Problem,
    Root,
    read_roots,
    read_skipped,
    write_roots,
    write_skipped,
)
from mentor.stores import (
    ask_server,
    bring_up_to_date,
    copy_collections,
    open_stores,
    questions_of,
    readable,
    refuse_incomplete,
    remove_collections,
    write_bm25,
    write_learned,
)


class BuildReport(Record):
    """What a run of `build_index` did."""

    generation: str
    changed: bool
    embedded: int = 0
    kept: int = 0
    removed: int = 0
    passages: int = 0
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    """Files that were read with a reservation, and kinds that were passed over."""
    seconds: float = 0.0


def build_index(
    folder: Path,
    roots: Sequence[Path | Root],
    *,
    embedder: Embedder,
    count: Callable[[], material.Count],
    chroma: str | None = None,
    sources: Path | None = None,
    forget: Callable[[Root], bool] = lambda _: False,
    rebuild: bool = False,
    progress: Progress = lambda *_: None,
) -> BuildReport:
    """Bring the index in `folder` up to date with the files under `roots`.

    A file that cannot be read keeps its passages of the last generation, when it has any, and is
    reported. When the last generation's vectors are elsewhere, all is built anew.

    Args:
        roots: the corpus, then what is to be indexed beside it; that is remembered, and indexed
            again by later runs as long as it exists.
        count: opens the embedder's tokenizer; called only when a file has changed.
        chroma: address of the Chroma server to keep the vectors on; None: in `folder`.
        sources: the file that remembers them; indexes of several embedders may share it.
        forget: which of the remembered roots to leave out from now on.
        rebuild: use nothing of the last generation but the roots that it remembers.

    Raises:
        IndexBusy: another process is writing.
        IndexUnusable: the last generation is damaged or another embedder's; it stays.
        IndexUnreachable: the Chroma server does not answer; the last generation stays.
        StorageError: the disk is full or read-only; the last generation stays.
        MaterialError: a root does not exist.
    """
    started = time.perf_counter()
    busy = IndexBusy(
        f"Another process is writing the index in {folder}.",
        cure="Wait until it is done, then run `mentor index` again.",
    )
    with _storage_errors(folder), alone(folder / "writer.lock", otherwise=busy):
        last = _last(folder, rebuild=rebuild)
        old = None if rebuild or last is None else _usable(last, embedder, chroma)
        sources = sources or folder / SOURCES
        remembered = read_roots(sources, otherwise=remembered_roots(last) if last else ())
        kept = [root for root in remembered if not forget(root)]
        # Another version may read what the one before could not.
        skipped = () if old is None else read_skipped(folder / SKIPPED)
        draft = Draft(all_roots(roots, kept), old, count, progress, skipped)
        if old is not None and draft.same_as(old.manifest):
            report = BuildReport(
                generation=old.folder.name,
                changed=False,
                kept=len(old.passages),
                passages=len(old.passages),
            )
        else:
            target = _new_folder(folder, last, chroma)
            report = _next_generation(target, draft, old, embedder, progress)
            _commit(folder, target.name)
        write_roots(sources, draft.roots[1:])
        write_skipped(folder / SKIPPED, [*draft.problems, *draft.notes])
    return report.model_copy(
        update={
            "problems": tuple(draft.problems),
            "notes": tuple(draft.notes),
            "seconds": time.perf_counter() - started,
        }
    )


def _last(folder: Path, *, rebuild: bool) -> Path | None:
    try:
        name = current_generation(folder)
    except IndexUnusable:
        if not rebuild:
            raise
        return None
    return generation_folder(folder, name) if name else None


def _usable(folder: Path, embedder: Embedder, chroma: str | None) -> Generation | None:
    """The last generation; None when its form or place is another, so that all is built anew."""
    manifest = read_manifest(folder)
    if manifest is None or not is_at(folder, chroma):
        return None
    refuse_foreign(manifest, embedder, folder)
    return Generation(folder=folder, manifest=manifest, passages=read_passages(folder))


# --- a generation ---------------------------------------------------------------------------------


def _new_folder(folder: Path, last: Path | None, chroma: str | None) -> Path:
    """The folder of the next generation, with nothing in it but where its vectors go."""
    if chroma is not None:
        ask_server(chroma)  # before anything is made that would have to be removed there
    generations = folder / "generations"
    generations.mkdir(exist_ok=True)
    number = 1 + max((int(p.name) for p in generations.iterdir() if p.name.isdecimal()), default=0)
    _prune(generations, keep=last)
    target = generation_folder(folder, f"{number:06d}")
    target.mkdir()
    if chroma is not None:
        write_server(target, chroma)
    return target


def _next_generation(
    target: Path, draft: Draft, old: Generation | None, embedder: Embedder, progress: Progress
) -> BuildReport:
    try:
        if old is not None:
            verify(old.folder, old.manifest)
            _copy(old.folder, target)
        return _write_generation(target, draft, embedder, progress)
    except BaseException:  # a full disk must not be left fuller
        _remove(target)
        raise


def _write_generation(
    target: Path, draft: Draft, embedder: Embedder, progress: Progress
) -> BuildReport:
    asked = questions_of(draft.passages, draft.asked)
    manifest = Manifest(
        format=FORMAT,
        embedder=embedder.name,
        passage_tokens=material.PASSAGE_TOKENS,
        roots=draft.roots,
        files=draft.files,
        passages=len(draft.passages),
        questions=len(asked),
        checksums={},
    )
    with _foreign_errors(target):
        client, passages, questions = open_stores(target, embedder, writing=True)
        with closing(client):
            embedded, removed = bring_up_to_date(
                passages,
                readable(draft.passages),
                lambda done, total: progress("Embedding", done, total),
            )
            touched = bring_up_to_date(
                questions, asked, lambda done, total: progress("Embedding questions", done, total)
            )
            progress("Learning what is answered", 0, 1)
            write_learned(
                target,
                passages,
                questions,
                draft.passages.values(),
                same_questions=not any(touched),
            )
            progress("Learning what is answered", 1, 1)
            refuse_incomplete(client, manifest, target)
        write_bm25(target / "bm25", list(draft.passages.values()))
    with (target / "passages.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(p.model_dump_json() + "\n" for p in draft.passages.values())
    manifest = manifest.model_copy(update={"checksums": _checksums(target)})
    (target / "manifest.json").write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    return BuildReport(
        generation=target.name,
        changed=True,
        embedded=embedded,
        kept=len(draft.passages) - embedded,
        removed=removed,
        passages=len(draft.passages),
    )


def _copy(source: Path, target: Path) -> None:
    """Copy a generation; SQLite copies its database itself, since readers may be touching it."""
    name = Path(DATABASE).name
    left = shutil.ignore_patterns(f"{name}*", "manifest.json", SERVER)
    shutil.copytree(source, target, ignore=left, dirs_exist_ok=True)
    there, here = read_server(source), read_server(target)
    if there and here:
        copy_collections(there, here)
        return
    with (
        _foreign_errors(source),
        closing(sqlite3.connect(source / DATABASE)) as old,
        closing(sqlite3.connect(target / DATABASE)) as new,
    ):
        old.backup(new)


def _checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of the files of a generation that nobody writes to again.

    Readers touch Chroma's database, and its vectors until it has saved a graph of them.
    """
    chroma = folder / "chroma"
    settled = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name != "manifest.json"
        and (chroma not in path.parents or (path.parent / "index_metadata.pickle").is_file())
    ]
    return {path.relative_to(folder).as_posix(): sha256(path) for path in settled}


def _commit(folder: Path, name: str) -> None:
    unfinished = folder / "CURRENT.part"
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / "CURRENT")


def _prune(generations: Path, *, keep: Path | None) -> None:
    """Remove generations that nobody needs: older ones, and what a killed run left."""
    for path in generations.iterdir():
        if path != keep:
            _remove(path)


def _remove(generation: Path) -> None:
    """Remove a generation, on its server too; when that is away, the next run tries again."""
    try:
        if server := read_server(generation):
            remove_collections(server)
    except IndexUnreachable:
        return
    except IndexUnusable:  # its record is damaged, so no run can ever tell more
        pass
    shutil.rmtree(generation, ignore_errors=True)


# --- the disk -------------------------------------------------------------------------------------


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    """The one border where a disk that refuses to be written becomes a `StorageError`."""
    try:
        yield
    except OSError as exc:
        raise StorageError(
            f"The index in {folder} cannot be written: {exc.strerror or exc}.", cure=ROOM
        ) from exc


@contextmanager
def _foreign_errors(folder: Path) -> Iterator[None]:
    """Chroma and SQLite have many words for a full disk and for a damaged file."""
    try:
        yield
    except (MentorError, OSError, TypeError, AttributeError, NameError):  # ours, bugs and all
        raise
    except Exception as exc:
        raise trouble(folder, exc) from exc
