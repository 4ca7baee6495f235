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
from mentor.records import Asked, Passage, Record

Progress = Callable[[str, int, int], None]
"""Called as (what, done, total) while an index is built."""


class Problem(Record):
    """A file that was left out, and why."""

    file: str
    why: str


class Generation(Record):
    """A committed generation that the next one can be built on."""

    folder: Path
    manifest: Manifest
    passages: dict[str, Passage]


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
                cure=REBUILD,
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
