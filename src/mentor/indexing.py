"""The index, written: material -> Chroma + BM25, in generations.

A change builds a copy of the last generation, brings it up to date and then moves CURRENT (see
`mentor.index` for the folder). Only sections whose words changed are embedded.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from mentor import language, material
from mentor.errors import IndexBusy, IndexUnusable, MaterialError, MentorError, StorageError
from mentor.index import (
    DATABASE,
    FORMAT,
    ROOM,
    FileEntry,
    Manifest,
    all_roots,
    current_generation,
    generation_folder,
    open_stores,
    read_manifest,
    read_passages,
    refuse_foreign,
    refuse_incomplete,
    remembered_roots,
    trouble,
    verify,
)
from mentor.models.answerable import Answerable
from mentor.models.embed import Embedder
from mentor.models.weights import sha256
from mentor.records import BOUNDARY, UNANSWERED, Asked, Passage, Record

if TYPE_CHECKING:
    from langchain_chroma import Chroma

_BATCH = 128

Progress = Callable[[str, int, int], None]
"""Called as (what, done, total) while an index is built."""


class Problem(Record):
    """A file that was left out, and why."""

    file: str
    why: str


class BuildReport(Record):
    """What a run of `build_index` did."""

    generation: str
    changed: bool
    embedded: int = 0
    kept: int = 0
    removed: int = 0
    passages: int = 0
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0


def build_index(
    folder: Path,
    roots: Sequence[Path],
    *,
    embedder: Embedder,
    count: Callable[[], material.Count],
    rebuild: bool = False,
    progress: Progress = lambda *_: None,
) -> BuildReport:
    """Bring the index in `folder` up to date with the files under `roots`.

    A file that cannot be read keeps its passages of the last generation, when it has any, and is
    reported.

    Args:
        roots: the corpus, then what is to be indexed beside it; that is remembered, and indexed
            again by later runs as long as it exists.
        count: opens the embedder's tokenizer; called only when a file has changed.
        rebuild: use nothing of the last generation but the roots that it remembers.

    Raises:
        IndexBusy: another process is writing.
        IndexUnusable: the last generation is damaged or another embedder's; it stays.
        StorageError: the disk is full or read-only; the last generation stays.
        MaterialError: a root does not exist.
    """
    started = time.perf_counter()
    with _storage_errors(folder), _writer(folder):
        last = _last(folder, rebuild=rebuild)
        old = None if rebuild or last is None else _usable(last, embedder)
        remembered = remembered_roots(last) if last else ()
        draft = Draft(all_roots(roots, remembered), old, count, progress)
        if old is not None and draft.same_as(old.manifest):
            report = BuildReport(
                generation=old.folder.name,
                changed=False,
                kept=len(old.passages),
                passages=len(old.passages),
            )
        else:
            report = _next_generation(folder, draft, old, last, embedder, progress)
    seconds = time.perf_counter() - started
    return report.model_copy(update={"problems": tuple(draft.problems), "seconds": seconds})


class Generation(Record):
    """A committed generation that the next one can be built on."""

    folder: Path
    manifest: Manifest
    passages: dict[str, Passage]


def _last(folder: Path, *, rebuild: bool) -> Path | None:
    try:
        name = current_generation(folder)
    except IndexUnusable:
        if not rebuild:
            raise
        return None
    return generation_folder(folder, name) if name else None


def _usable(folder: Path, embedder: Embedder) -> Generation | None:
    """The last generation; None when it is of another form, so that all is built anew."""
    manifest = read_manifest(folder)
    if manifest is None:
        return None
    refuse_foreign(manifest, embedder, folder)
    return Generation(folder=folder, manifest=manifest, passages=read_passages(folder))


# --- what the next generation will hold ---------------------------------------------------------


class Draft:
    """The files under `roots`, and their passages in the order of the files."""

    def __init__(
        self,
        roots: Sequence[Path],
        old: Generation | None,
        count: Callable[[], material.Count],
        progress: Progress,
    ) -> None:
        self.roots = tuple(str(root) for root in roots)
        self.files: dict[str, FileEntry] = {}
        self.problems: list[Problem] = []
        self._old = old
        self._of_file: dict[str, list[Passage]] = {}
        self._owner: dict[str, str] = {}
        files = list(material.files_of(*roots))
        # Files that did not change come first: a new file must not take an id from them.
        changed = [entry for entry in files if not self._unchanged(*entry)]
        tokens = count() if changed else None
        for n, (path, shown) in enumerate(changed):
            progress("Reading", n, len(changed))
            if tokens is not None:
                self._read(path, shown, tokens)
        progress("Reading", len(changed), len(changed))
        order = [shown for _, shown in files if shown in self.files]
        self.files = {shown: self.files[shown] for shown in order}
        self.asked = _asked(path for path, shown in files if shown in self.files)
        passages = [p for shown in order for p in self._of_file[shown]]
        self.passages = {p.id: p for p in _with_asked(passages, self.asked)}

    def same_as(self, manifest: Manifest) -> bool:
        return self.files == manifest.files and self.roots == manifest.roots

    def _unchanged(self, path: Path, shown: str) -> bool:
        entry = self._old.manifest.files.get(shown) if self._old else None
        try:
            same = entry is not None and entry.fingerprint == material.fingerprint(path)
        except OSError:
            return False
        if same:
            self._carry(shown)
        return same

    def _read(self, path: Path, shown: str, tokens: material.Count) -> None:
        try:
            mark = material.fingerprint(path)
            pages = material.read_pages(path, shown)
            passages = [p for page in pages for p in material.passages_of(page, tokens)]
            entry = FileEntry(
                fingerprint=mark,
                pages=tuple(page.id for page in pages),
                passages=tuple(p.id for p in passages),
            )
            self._add(shown, entry, passages)
        except (MaterialError, OSError) as exc:
            self.problems.append(Problem(file=shown, why=_why(exc, shown)))
            self._carry(shown)

    def _carry(self, shown: str) -> None:
        """Take over what the last generation has of a file, if anything."""
        entry = self._old.manifest.files.get(shown) if self._old else None
        if entry is None or self._old is None:
            return
        try:
            passages = [self._old.passages[name] for name in entry.passages]
            self._add(shown, entry, passages)
        except KeyError as exc:
            raise IndexUnusable(
                f"The index in {self._old.folder} is damaged: it lacks the passage {exc}.",
                cure="Run `mentor index --rebuild`.",
            ) from exc
        except MaterialError as exc:
            self.problems.append(Problem(file=shown, why=str(exc)))

    def _add(self, shown: str, entry: FileEntry, passages: list[Passage]) -> None:
        for n, page in enumerate(entry.pages):
            owner = shown if page in entry.pages[:n] else self._owner.get(page)
            if owner:
                raise MaterialError(
                    f"{shown} has the id {page!r}, which {owner} has already.",
                    cure="Give one of them another `id` in its front matter.",
                )
        self._owner.update((page, shown) for page in entry.pages)
        self.files[shown] = entry
        self._of_file[shown] = passages


def _asked(paths: Iterable[Path]) -> list[Asked]:
    """The questions of every readable `asked.jsonl`."""
    asked = []
    for path in paths:
        if path.name == material.ASKED:
            with suppress(MaterialError):  # reported when the file was read
                asked += material.read_asked(path, path.name)
    return asked


def _with_asked(passages: list[Passage], asked: list[Asked]) -> Iterator[Passage]:
    """`passages`, the first of each section with the questions that learners asked it."""
    of_section: dict[str, list[str]] = {}
    for row in asked:
        if row.section is not None:
            of_section.setdefault(row.section, []).append(row.question)
    for passage in passages:
        yield passage.model_copy(update={"asked": tuple(of_section.pop(passage.section, ()))})


def _why(exc: Exception, shown: str) -> str:
    if isinstance(exc, OSError):
        return f"{shown} cannot be read: {exc.strerror or exc}. Check it."
    return str(exc)


# --- a generation ---------------------------------------------------------------------------------


def _next_generation(
    folder: Path,
    draft: Draft,
    old: Generation | None,
    last: Path | None,
    embedder: Embedder,
    progress: Progress,
) -> BuildReport:
    generations = folder / "generations"
    generations.mkdir(exist_ok=True)
    number = 1 + max((int(p.name) for p in generations.iterdir() if p.name.isdecimal()), default=0)
    target = generation_folder(folder, f"{number:06d}")
    _prune(generations, keep=last)
    try:
        if old is not None:
            verify(old.folder, old.manifest)
            _copy(old.folder, target)
        report = _write_generation(target, draft, old, embedder, progress)
    except BaseException:  # a full disk must not be left fuller
        shutil.rmtree(target, ignore_errors=True)
        raise
    _commit(folder, target.name)
    return report


def _write_generation(
    target: Path, draft: Draft, old: Generation | None, embedder: Embedder, progress: Progress
) -> BuildReport:
    target.mkdir(parents=True, exist_ok=True)
    asked = _questions(draft.passages, draft.asked)
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
        client, passages, questions = open_stores(target, embedder)
        with closing(client):
            embedded, removed = _bring_up_to_date(
                passages,
                _readable(draft.passages),
                lambda done, total: progress("Embedding", done, total),
            )
            _bring_up_to_date(
                questions, asked, lambda done, total: progress("Embedding questions", done, total)
            )
            progress("Learning what is answered", 0, 1)
            _write_answerable(target / "answerable.npz", questions)
            progress("Learning what is answered", 1, 1)
            refuse_incomplete(client, manifest, target)
        _write_bm25(target / "bm25", list(draft.passages.values()))
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
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(f"{name}*", "manifest.json"))
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


def place_metadata(passage: Passage) -> dict[str, str | int]:
    """What filters of a vector store see; Chroma has no null, so nothing is "" and 0."""
    place = passage.place
    return {
        "passage": passage.id,
        "kind": place.kind,
        "level": place.level or "",
        "stage": place.stage or 0,
        "track": place.track or "",
    }


_Texts = dict[str, tuple[str, dict[str, str | int]]]


def _readable(passages: dict[str, Passage]) -> _Texts:
    return {p.id: (p.readable, place_metadata(p)) for p in passages.values()}


def _questions(passages: dict[str, Passage], asked: Sequence[Asked]) -> _Texts:
    """Questions with the section that they lead to; what is not answered leads nowhere."""
    nowhere: dict[str, str | int] = {"passage": "", "kind": UNANSWERED, "level": "", "stage": 0}
    return {
        f"{p.section}?{n}": (question, place_metadata(p))
        for p in passages.values()
        for n, question in enumerate((*p.questions, *p.asked))
    } | {
        f"unanswered?{n}": (row.question, {**nowhere, "track": ""})
        for n, row in enumerate(row for row in asked if not row.answered)
    }


def _bring_up_to_date(
    store: Chroma, after: _Texts, progress: Callable[[int, int], None]
) -> tuple[int, int]:
    """Make `store` hold `after`, no more and no less; how many were embedded and removed."""
    held = store.get(include=["documents", "metadatas"])
    before = dict(
        zip(held["ids"], zip(held["documents"], held["metadatas"], strict=True), strict=True)
    )
    gone = [name for name in before if name not in after]
    new = [name for name, entry in after.items() if before.get(name) != entry]
    for start in range(0, len(gone), _BATCH):
        store.delete(gone[start : start + _BATCH])
    for start in range(0, len(new), _BATCH):
        batch = new[start : start + _BATCH]
        progress(start, len(new))
        store.add_texts(
            [after[name][0] for name in batch],
            metadatas=[after[name][1] for name in batch],
            ids=batch,
        )
    progress(len(new), len(new))
    return len(new), len(gone)


def _write_bm25(folder: Path, passages: list[Passage]) -> None:
    import bm25s

    tokens = [
        language.stems(f"{p.readable}\n{' '.join(p.questions)}") or [""] for p in passages
    ] or [[""]]
    bm25 = bm25s.BM25()
    bm25.index(tokens, show_progress=False)
    bm25.save(folder, show_progress=False)


def _write_answerable(path: Path, questions: Chroma) -> None:
    """Learn the border of the material from the questions that stand in the index."""
    path.unlink(missing_ok=True)
    held = questions.get(include=["embeddings", "metadatas"])
    answered = [row["kind"] not in (BOUNDARY, UNANSWERED) for row in held["metadatas"]]
    learned = Answerable.fit(held["embeddings"], answered)
    if learned is not None:
        learned.save(path)


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
            shutil.rmtree(path, ignore_errors=True)


# --- the writer's lock, and the disk --------------------------------------------------------------


@contextmanager
def _writer(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "writer.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as exc:
        raise IndexBusy(
            f"Another process is writing the index in {folder}.",
            cure="Wait until it is done, then run `mentor index` again.",
        ) from exc
    try:
        yield
    finally:
        lock.release()


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
    except (MentorError, OSError):
        raise
    except Exception as exc:
        raise trouble(folder, exc) from exc
