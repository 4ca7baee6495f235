"""Downloads from a model hub: weights that do not come with the installation.

    hf:owner/repo/file.gguf[@revision]  ->  data/models/owner/repo/file.gguf

The hub's protocol is Hugging Face's. `mentor.models.download` brings a file.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from mentor.errors import WeightsError
from mentor.models.download import Progress, download, get_json
from mentor.records import Record

PREFIX = "hf:"
_NAME = r"[A-Za-z0-9][\w.-]*"
_REFERENCE = re.compile(rf"({_NAME}/{_NAME})/((?:{_NAME}/)*{_NAME})(?:@([\w.-]+))?")
_REPO = re.compile(rf"{_NAME}/{_NAME}")
_SPLIT = re.compile(r"-00001-of-(\d{5})(?=\.gguf$)")
_EMBEDDER_FILE = re.compile(r"[\w./-]+\.(json|txt|model|safetensors)")
_NOT_FOR_US = re.compile(r"^(onnx|openvino|\.)|/(onnx|openvino)/")
_EMBEDDER = "modules.json"  # names the parts of a sentence-transformers model


class Reference(Record):
    """A file on a hub."""

    repo: str
    file: str
    revision: str = "main"

    def __str__(self) -> str:
        revision = "" if self.revision == "main" else f"@{self.revision}"
        return f"{PREFIX}{self.repo}/{self.file}{revision}"

    def path_in(self, models: Path) -> Path:
        """Where the file lies once it is downloaded."""
        revision = "" if self.revision == "main" else f"@{self.revision}"
        return models / f"{self.repo}{revision}" / self.file

    def url_at(self, hub: str) -> str:
        file = quote(self.file)
        return f"{hub.rstrip('/')}/{self.repo}/resolve/{quote(self.revision, safe='')}/{file}"

    def parts(self) -> list[Reference]:
        """The files of a model that is split into several, this one first."""
        split = _SPLIT.search(self.file)
        count = int(split[1]) if split else 1
        names = [_SPLIT.sub(rf"-{n:05}-of-\1", self.file) for n in range(1, count + 1)]
        return [self.model_copy(update={"file": name}) for name in names]


class Hub(Record):
    """Where weights are downloaded from, and where to."""

    address: str
    models: Path
    token: str | None = None


def reference(text: str) -> Reference:
    """The file that `hf:owner/repo/file[@revision]` names.

    Raises:
        WeightsError: it names none.
    """
    match = _REFERENCE.fullmatch(text.removeprefix(PREFIX))
    if match is None or ".." in text:
        raise WeightsError(
            f"{text!r} names no file on a model hub.",
            cure="Write hf:owner/repo/file.gguf, or hf:owner/repo/file.gguf@revision.",
        )
    repo, file, revision = match.groups()
    return Reference(repo=repo, file=file, revision=revision or "main")


def is_repo(name: str) -> bool:
    """Whether `name` has the form owner/repo."""
    return _REPO.fullmatch(name) is not None


def downloaded(ref: Reference, models: Path) -> Path | None:
    """Where a model lies, when all of it is there."""
    there = all(part.path_in(models).is_file() for part in ref.parts())
    return ref.path_in(models) if there else None


def local_gguf(model: str, models: Path) -> Path:
    """Where the file of a model is, or will be once it is downloaded: a path, or hf:….

    Raises:
        WeightsError: it is a reference that names no file.
    """
    if model.startswith(PREFIX):
        return reference(model).path_in(models)
    return Path(model).expanduser()


def pull(ref: Reference, hub: Hub, progress: Progress = lambda *_: None) -> Path:
    """Download a model, unless it is there.

    Raises:
        WeightsError: the hub cannot be reached, has no such file, wants a login, breaks off again
            and again, or sends something else than it said. What came before a break is kept.
        ModelBusy: the hub asks for patience, or another process downloads the same file.
        StorageError: the disk has no room for it, or may not be written.
    """
    for part in ref.parts():
        url, target = part.url_at(hub.address), part.path_in(hub.models)
        download(url, target, name=str(part), token=hub.token, progress=progress)
    return ref.path_in(hub.models)


def pull_embedder(repo: str, hub: Hub, progress: Progress = lambda *_: None) -> Path:
    """Download a sentence-transformers model, unless it is there; its folder.

    Raises:
        WeightsError: the repository holds no such model, or as `pull`.
        ModelBusy, StorageError: as `pull`.
    """
    folder = hub.models / repo
    if (folder / _EMBEDDER).is_file():
        return folder
    names = _files_of(repo, hub)
    if _EMBEDDER not in names:
        ggufs = [name for name in names if name.endswith(".gguf")]
        cure = f"Name one of its files, as hf:{repo}/{ggufs[0]}." if ggufs else "Check the name."
        raise WeightsError(f"{repo} holds no sentence-transformers model.", cure=cure)
    wanted = [n for n in names if _EMBEDDER_FILE.fullmatch(n) and not _NOT_FOR_US.search(n)]
    if not any(name.endswith(".safetensors") for name in wanted):
        raise WeightsError(
            f"{repo} has no weights as safetensors; other formats can carry code.",
            cure="Choose another model, or convert this one.",
        )
    for name in sorted(wanted, key=lambda name: name == _EMBEDDER):  # it makes the folder whole
        pull(Reference(repo=repo, file=name), hub, progress)
    return folder


def _files_of(repo: str, hub: Hub) -> list[str]:
    url = f"{hub.address.rstrip('/')}/api/models/{repo}/revision/main"
    try:
        answer = get_json(url, name=f"{PREFIX}{repo}", token=hub.token)
        return [str(entry["rfilename"]) for entry in answer["siblings"]]
    except (ValueError, LookupError, TypeError) as exc:
        raise WeightsError(
            f"{url} does not answer as a model hub.", cure="Check MENTOR_HUB."
        ) from exc
