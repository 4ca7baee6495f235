"""A draft: what the next generation of the index will hold.

Files that did not change are taken over from the last generation; the others are read. A file that
cannot be read, or that takes an id which another has, is a problem and keeps what it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from mentor import material
from mentor.errors import IndexUnusable, MaterialError
from mentor.generation import REBUILD, FileEntry, Manifest
from mentor.material import Found
from mentor.records import CORPUS, Asked, Page, Passage, Record
from mentor.sources import Problem, Root

MOST_PASSAGES = 200_000
"""All passages are held in memory, while the index is built and while it is used."""

Progress = Callable[[str, int, int], None]
"""Called as (what, done, total) while an index is built."""


class Generation(Record):
    """A committed generation that the next one can be built on."""

    folder: Path
    manifest: Manifest
    passages: dict[str, Passage]


class Draft:
    """The files under `roots`, and their passages in the order of the files.

    Args:
        skipped: what could not be read the last time; it is tried again when it has changed.
    """

    def __init__(
        self,
        roots: Sequence[Root],
        old: Generation | None,
        count: Callable[[], material.Count],
        progress: Progress,
        skipped: Iterable[Problem] = (),
    ) -> None:
        self.roots = tuple(roots)
        self.files: dict[str, FileEntry] = {}
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self._root = {Path(root.path): root for root in roots}
        self._skipped = {each.file: each for each in skipped if each.fingerprint}
        self._old = old
        self._of_file: dict[str, list[Passage]] = {}
        self._owner: dict[str, str] = {}
        self._total = 0
        files = list(material.found(*self._root))
        # Files that did not change come first: a new file must not take an id from them.
        changed = [file for file in files if not self._unchanged(file)]
        tokens = count() if changed else None
        for n, file in enumerate(changed):
            progress("Reading", n, len(changed))
            if tokens is not None:
                self._read(file, tokens)
        progress("Reading", len(changed), len(changed))
        order = [file.shown for file in files if file.shown in self.files]
        self.files = {shown: self.files[shown] for shown in order}
        self.asked = _asked(file.path for file in files if file.shown in self.files)
        passages = [p for shown in order for p in self._of_file.pop(shown)]
        self.passages = {p.id: p for p in _with_asked(passages, self.asked)}
        self.notes += (
            Problem(file=shown, why=note, collection=entry.collection)
            for shown, entry in self.files.items()
            for note in entry.notes
        )
        self.notes += filter(None, map(_passed_over, self.roots))

    def same_as(self, manifest: Manifest) -> bool:
        return self.files == manifest.files and self.roots == manifest.roots

    def _held(self, file: Found) -> FileEntry | None:
        """What the last generation has of a file.

        Under its name may stand another collection's: names are given anew when a root leaves.
        """
        entry = self._old.manifest.files.get(file.shown) if self._old else None
        return entry if entry and entry.collection == self._root[file.root].collection else None

    def _unchanged(self, file: Found) -> bool:
        entry = self._held(file)
        bad = self._skipped.get(file.shown)
        known = {each.fingerprint for each in (entry, bad) if each}
        if not known or (self._old and self._root[file.root] not in self._old.manifest.roots):
            return False
        try:
            now = material.fingerprint(file.path)
        except OSError:
            return False
        if entry is not None and entry.fingerprint == now:
            self._carry(file)
        elif bad is not None and bad.fingerprint == now:
            self.problems.append(bad)
            self._carry(file)
        return now in known

    def _read(self, file: Found, tokens: material.Count) -> None:
        mark = None
        try:
            mark = material.fingerprint(file.path)
            pages = material.read_pages(file.path, file.shown)
            passages = [p for page in pages for p in self._passages_of(page, file, tokens)]
        except (MaterialError, OSError) as exc:
            if isinstance(exc, OSError):
                mark = None
            self._problem(file, _why(exc, file.shown), fingerprint=mark)
            self._carry(file)
            return
        entry = FileEntry(
            fingerprint=mark,
            pages=tuple(page.id for page in pages),
            passages=tuple(p.id for p in passages),
            collection=self._root[file.root].collection,
            notes=tuple(f"{file.shown}: {note}." for page in pages for note in page.notes),
        )
        try:
            self._add(file.shown, entry, passages)
        except MaterialError as exc:
            self._problem(file, str(exc))
            self._carry(file)

    def _passages_of(self, page: Page, file: Found, tokens: material.Count) -> Iterator[Passage]:
        root = self._root[file.root]
        if page.url is None and (url := root.url_of(file.path)):
            page = page.model_copy(update={"url": url})
        for passage in material.passages_of(page, tokens):
            yield passage.model_copy(update={"collection": root.collection})

    def _carry(self, file: Found) -> None:
        """Take over what the last generation has of a file, if anything."""
        entry = self._held(file)
        if entry is None or self._old is None:
            return
        try:
            passages = [self._old.passages[name] for name in entry.passages]
            self._add(file.shown, entry, passages)
        except KeyError as exc:
            raise IndexUnusable(
                f"The index in {self._old.folder} is damaged: it lacks the passage {exc}.",
                cure=REBUILD,
            ) from exc
        except MaterialError as exc:
            self._problem(file, str(exc))

    def _add(self, shown: str, entry: FileEntry, passages: list[Passage]) -> None:
        for n, page in enumerate(entry.pages):
            owner = shown if page in entry.pages[:n] else self._owner.get(page)
            if owner:
                raise MaterialError(
                    f"{shown} has the id {page!r}, which {owner} has already.",
                    cure="Give one of them another `id` in its front matter.",
                )
        if self._total + len(passages) > MOST_PASSAGES:
            raise MaterialError(
                f"{shown} finds no room: an index holds {MOST_PASSAGES:,} passages at most.",
                cure="Index less: `mentor sources` shows what takes the room.",
            )
        self._total += len(passages)
        self._owner.update((page, shown) for page in entry.pages)
        self.files[shown] = entry
        self._of_file[shown] = passages

    def _problem(self, file: Found, why: str, *, fingerprint: str | None = None) -> None:
        collection = self._root[file.root].collection
        self.problems.append(
            Problem(file=file.shown, why=why, collection=collection, fingerprint=fingerprint)
        )


def _passed_over(root: Root) -> Problem | None:
    """A line on the files of other kinds beside the corpus, so that none is missed in silence."""
    others = material.passed_over(Path(root.path)) if root.collection != CORPUS else None
    if not others:
        return None
    kinds = ", ".join(f"{n} {suffix}" for suffix, n in others.most_common(6))
    return Problem(
        file=root.path,
        why=f"{root.path} holds files of kinds that are not read: {kinds}.",
        collection=root.collection,
    )


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
