"""Results of finished cases, kept on disk: a run that was stopped goes on where it was.

    MENTOR_HOME/data/evals/<fingerprint>.jsonl    {"solver", "case", "result"}, one a line

The fingerprint covers everything that a result depends on: index, model, settings, and the mentor's
own code. Scores are not kept: they are computed anew, so a better scorer needs no new run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

import mentor
from mentor.alone import alone
from mentor.errors import ROOM, StorageError
from mentor.generation import current_generation, generation_folder
from mentor.models.hub import local_gguf
from mentor.records import Record
from mentor.settings import Settings
from mentor_evals.cases import Case

_OURS = ("altered.py", "quickstart.py", "scripted.py")
_FILES = 12  # runs that are kept
_NOT_ASKED = {"home", "corpus", "host", "port", "queue", "model_key"}  # change no answer

C = TypeVar("C", bound=Case)
R = TypeVar("R", bound=Record)


class Kept:
    """The results of one fingerprint; what stands there is not asked again when a run resumes.

    Any other run asks its cases anew and leaves the results of the cases that it does not ask.
    """

    def __init__(self, folder: Path, fingerprint: str, *, resume: bool = False) -> None:
        self.path = folder / f"{fingerprint}.jsonl"
        self._known: dict[tuple[str, str], object] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.path.touch()
            self._read()
            if not resume:
                self._known.clear()
            _prune(folder, keep=self.path)
        except OSError as exc:
            raise _refused(self.path, exc) from exc

    def result(self, solver: str, case: C, kind: type[R], solve: Callable[[C], R]) -> R:
        """The kept result of `case`, or the one that `solve` gives now."""
        key = (solver, _mark(case))
        if key in self._known:
            try:
                return kind.model_validate(self._known[key])
            except ValidationError:  # another version's
                pass
        result = solve(case)
        self._known[key] = result
        row = {"solver": solver, "case": key[1], "result": result.model_dump(mode="json")}
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        except OSError as exc:
            raise _refused(self.path, exc) from exc
        return result

    def _read(self) -> None:
        lines = self.path.read_text(encoding="utf-8", errors="replace").split("\n")
        whole = {}
        for line in filter(None, lines):
            try:
                row = json.loads(line)
                key = row["solver"], row["case"]
                self._known[key] = row["result"]
                whole[key] = line
            except (json.JSONDecodeError, KeyError, TypeError):
                continue  # a run was killed while it wrote this line, perhaps within a letter
        self.path.write_text("".join(f"{line}\n" for line in whole.values()), encoding="utf-8")


def evaluating(folder: Path) -> AbstractContextManager[None]:
    """One evaluation at a time in one home: they would write over each other's results.

    Raises:
        StorageError: another process is evaluating, or the folder cannot be written.
    """
    busy = StorageError(
        f"Another process is evaluating in {folder}.",
        cure="Wait until it is done, or set MENTOR_HOME to another folder.",
    )
    return alone(folder / "eval.lock", otherwise=busy)


def fingerprint(settings: Settings, subject: str) -> str:
    """Changes whenever an answer might: index, model, settings, code, and who is asked."""
    digest = hashlib.sha256(subject.encode())
    digest.update(settings.model_dump_json(exclude=_NOT_ASKED).encode())
    generation = current_generation(settings.index_dir)
    if generation:
        manifest = generation_folder(settings.index_dir, generation) / "manifest.json"
        digest.update(manifest.read_bytes())
    for weights in (local_gguf(settings.model, settings.models_dir), settings.lora_path):
        if weights and weights.is_file():
            state = weights.stat()
            digest.update(f"{state.st_size} {state.st_mtime_ns}".encode())
    digest.update(_code().encode())
    return digest.hexdigest()[:16]


def _code() -> str:
    """The checksum of the mentor's modules, prompts and weights, and of our part in answers."""
    digest = hashlib.sha256()
    for name in _OURS:
        digest.update(Path(__file__).with_name(name).read_bytes())
    root = Path(mentor.__path__[0])
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and "corpus" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _mark(case: Case) -> str:
    """A case is another one as soon as a letter of it changes."""
    text = f"{type(case).__name__} {case.model_dump_json()}"
    return f"{case.id} {hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _prune(folder: Path, *, keep: Path) -> None:
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    for path in files[:-_FILES]:
        if path != keep:
            path.unlink(missing_ok=True)


def _refused(path: Path, exc: OSError) -> StorageError:
    return StorageError(
        f"{path} cannot be written: {exc.strerror or exc}.",
        cure=ROOM,
    )
