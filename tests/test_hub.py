"""Downloads from a model hub: a real local server that misbehaves as real ones do."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from mentor.alone import alone
from mentor.errors import ModelBusy, StorageError, WeightsError
from mentor.models import download, hub
from mentor.models.catalogue import CATALOGUE
from mentor.models.catalogue import listed as model_of
from mentor.models.hub import Hub, Reference, downloaded, pull, pull_embedder, reference

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
WEIGHTS = b"GGUF" + bytes(range(256)) * 4_000
SHA = hashlib.sha256(WEIGHTS).hexdigest()
REF = reference("hf:owner/repo/model.gguf")


class Server(BaseHTTPRequestHandler):
    """A hub of one repository; each test says how it misbehaves."""

    files: ClassVar[dict[str, bytes]] = {}
    status = 200
    headers_more: ClassVar[dict[str, str]] = {}
    breaks_after: ClassVar[list[int]] = []
    """Bytes after which each of the next answers is cut; none left: answers are whole."""
    ranges = True
    sha: str | None = None
    named_size: int | None = None
    sends: bytes | None = None
    asked: ClassVar[list[tuple[str, str, str | None]]] = []

    def do_HEAD(self) -> None:
        self.asked.append(("HEAD", self.path, self.headers.get("Authorization")))
        body = self._body()
        if body is None:
            return
        self.send_response(302)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/cdn{self.path}")
        size = len(body) if self.named_size is None else self.named_size
        self.send_header("X-Linked-Size", str(size))
        self.send_header("X-Linked-ETag", f'"{self.sha or hashlib.sha256(body).hexdigest()}"')
        self.end_headers()

    def do_GET(self) -> None:
        self.asked.append(("GET", self.path, self.headers.get("Range")))
        if self.path.startswith("/api/models/"):
            names = [name.rpartition("/main/")[2] for name in self.files]
            body: bytes | None = json.dumps(
                {"siblings": [{"rfilename": n} for n in names]}
            ).encode()
        else:
            body = self._body()
        if body is None:
            return
        body = self.sends if self.sends is not None else body
        start = 0
        if self.ranges and (asked := self.headers.get("Range")):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self._answer(416)
                return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        sent = body[start:]
        self.wfile.write(sent[: self.breaks_after.pop(0)] if self.breaks_after else sent)
        self.close_connection = True

    def _body(self) -> bytes | None:
        if self.status != 200:
            self._answer(self.status)
            return None
        body = self.files.get(self.path.removeprefix("/cdn"))
        if body is None:
            self._answer(404)
        return body

    def _answer(self, status: int) -> None:
        self.send_response(status)
        for name, value in self.headers_more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving(**how: object) -> Iterator[tuple[str, type[Server]]]:
    """The address of a hub that behaves in this way, and its class."""
    fresh = {"files": {"/owner/repo/resolve/main/model.gguf": WEIGHTS}, "asked": [], **how}
    behaves = type("Behaves", (Server,), fresh)
    with ThreadingHTTPServer(("127.0.0.1", 0), behaves) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", behaves
        running.shutdown()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_PAUSE", 0.0)


def models(tmp_path: Path, address: str, token: str | None = None) -> Hub:
    return Hub(address=address, models=tmp_path / "models", token=token)


def left(tmp_path: Path) -> list[str]:
    folder = tmp_path / "models" / "owner" / "repo"
    return sorted(p.name for p in folder.glob("*") if not p.name.endswith(".lock"))


# --- what goes well -------------------------------------------------------------------------------


def test_a_model_is_downloaded_checked_and_not_fetched_twice(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    with serving() as (address, server):
        there = models(tmp_path, address)
        path = pull(REF, there, lambda *step: steps.append(step))
        assert path.read_bytes() == WEIGHTS
        assert path == tmp_path / "models/owner/repo/model.gguf"
        assert steps[-1] == ("hf:owner/repo/model.gguf", len(WEIGHTS), len(WEIGHTS))
        asked = len(server.asked)
        assert pull(REF, there) == path
        assert len(server.asked) == asked
    assert downloaded(REF, there.models) == path
    assert left(tmp_path) == ["model.gguf"]


def test_a_download_that_breaks_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with serving(breaks_after=[300_000, 0, 200_000]) as (address, server):
        assert pull(REF, models(tmp_path, address)).read_bytes() == WEIGHTS
    ranges = [asked for what, _, asked in server.asked if what == "GET"]
    assert ranges == [None, "bytes=300000-", "bytes=300000-", "bytes=500000-"]


def test_a_download_goes_on_in_another_process_after_the_first_gave_up(tmp_path: Path) -> None:
    with (
        serving(breaks_after=[400_000, 0, 0, 0]) as (address, _),
        pytest.raises(WeightsError, match=r"broke off at 400,000 of 1,024,004 bytes") as caught,
    ):
        pull(REF, models(tmp_path, address))
    assert "goes on from there" in caught.value.cure
    with serving() as (address, server):
        assert pull(REF, models(tmp_path, address)).read_bytes() == WEIGHTS
    assert [asked for what, _, asked in server.asked if what == "GET"] == ["bytes=400000-"]


def test_a_server_that_knows_no_ranges_starts_over_and_still_ends_well(tmp_path: Path) -> None:
    with serving(breaks_after=[300_000], ranges=False) as (address, _):
        assert pull(REF, models(tmp_path, address)).read_bytes() == WEIGHTS


def test_a_file_that_the_hub_replaced_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "owner" / "repo"
    folder.mkdir(parents=True)
    (folder / ".model.gguf.0123456789ab.part").write_bytes(b"of an older file")
    with serving() as (address, server):
        pull(REF, models(tmp_path, address))
    assert [asked for what, _, asked in server.asked if what == "GET"] == [None]
    assert left(tmp_path) == ["model.gguf"]


def test_a_model_in_several_files_comes_whole(tmp_path: Path) -> None:
    base = "/owner/repo/resolve/main/"
    parts = {f"{base}m-0000{n}-of-00002.gguf": b"GGUF" + bytes([n]) for n in (1, 2)}
    ref = reference("hf:owner/repo/m-00001-of-00002.gguf")
    with serving(files=parts) as (address, _):
        there = models(tmp_path, address)
        path = pull(ref, there)
    assert path.name == "m-00001-of-00002.gguf"
    assert left(tmp_path) == ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"]
    (path.parent / "m-00002-of-00002.gguf").unlink()
    assert downloaded(ref, there.models) is None


def test_another_revision_lies_beside_the_first(tmp_path: Path) -> None:
    with serving(files={"/owner/repo/resolve/v2/model.gguf": WEIGHTS}) as (address, _):
        path = pull(reference("hf:owner/repo/model.gguf@v2"), models(tmp_path, address))
    assert path == tmp_path / "models/owner/repo@v2/model.gguf"


def test_a_token_goes_to_the_hub_alone(tmp_path: Path) -> None:
    with serving() as (address, server):
        pull(REF, models(tmp_path, address, token="secret"))
    assert ("HEAD", "/owner/repo/resolve/main/model.gguf", "Bearer secret") in server.asked


# --- what does not --------------------------------------------------------------------------------


def refused(tmp_path: Path, **how: object) -> WeightsError | ModelBusy:
    """What is said when the hub behaves in this way; nothing usable may be left."""
    with (
        serving(**how) as (address, _),
        pytest.raises((WeightsError, ModelBusy)) as caught,
    ):
        pull(REF, models(tmp_path, address))
    assert "model.gguf" not in left(tmp_path)
    assert caught.value.cure
    return caught.value


@pytest.mark.parametrize(
    ("status", "what", "cure"),
    [
        (404, "has no file hf:owner/repo/model.gguf", "Check owner, repository and file"),
        (401, "wants a login", "MENTOR_HUB_TOKEN"),
        (403, "wants a login", "MENTOR_HUB_TOKEN"),
        (503, "answers 503", "Try again later"),
    ],
)
def test_a_hub_that_refuses_is_told_with_its_cure(
    status: int, what: str, cure: str, tmp_path: Path
) -> None:
    error = refused(tmp_path, status=status)
    assert what in error.what
    assert cure in error.cure


def test_a_hub_that_asks_for_patience_says_how_much(tmp_path: Path) -> None:
    error = refused(tmp_path, status=429, headers_more={"Retry-After": "17"})
    assert isinstance(error, ModelBusy)
    assert error.retry_after == 17
    assert "in 17 s" in error.cure


def test_a_file_longer_than_was_said_is_thrown_away(tmp_path: Path) -> None:
    error = refused(tmp_path, named_size=1_000, sha=hashlib.sha256(WEIGHTS[:1_000]).hexdigest())
    assert "more of hf:owner/repo/model.gguf than the 1,000 bytes" in error.what
    assert left(tmp_path) == []


def test_a_file_shorter_than_was_said_is_never_used(tmp_path: Path) -> None:
    error = refused(tmp_path, named_size=len(WEIGHTS) + 5, sha=SHA)
    assert "has only 1,024,004 bytes" in error.what
    assert left(tmp_path) == []


def test_other_bytes_of_the_right_length_are_thrown_away(tmp_path: Path) -> None:
    error = refused(tmp_path, sends=WEIGHTS[:-1] + b"!")
    assert "another checksum" in error.what
    assert left(tmp_path) == []


def test_a_page_that_is_no_model_is_thrown_away(tmp_path: Path) -> None:
    error = refused(tmp_path, files={"/owner/repo/resolve/main/model.gguf": b"<html>Hello</html>"})
    assert "is not a GGUF file" in error.what
    assert left(tmp_path) == []


def test_a_hub_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be reached") as caught:
        pull(REF, models(tmp_path, "http://127.0.0.1:9"))
    assert "MENTOR_HUB" in caught.value.cure


def test_a_disk_without_room_is_told_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    with serving() as (address, server), pytest.raises(StorageError, match="GB free") as caught:
        pull(REF, models(tmp_path, address))
    assert "Make room" in caught.value.cure
    assert not any(what == "GET" for what, _, _ in server.asked)


def test_two_downloads_of_one_file_do_not_mix(tmp_path: Path) -> None:
    target = REF.path_in(tmp_path / "models")
    with (
        serving() as (address, _),
        alone(target.with_name(f".{target.name}.lock"), otherwise=ModelBusy("busy")),
        pytest.raises(ModelBusy, match="Another process"),
    ):
        pull(REF, models(tmp_path, address))


@pytest.mark.parametrize(
    "text", ["hf:model.gguf", "hf:owner/repo", "hf:owner/../x/y.gguf", "hf:/a/b/c", "hf:a/b/c@"]
)
def test_what_names_no_file_is_refused(text: str) -> None:
    with pytest.raises(WeightsError, match="names no file") as caught:
        reference(text)
    assert "hf:owner/repo/file.gguf" in caught.value.cure


# --- embedders, and the catalogue -----------------------------------------------------------------


def repository(*names: str) -> dict[str, bytes]:
    return {f"/owner/repo/resolve/main/{name}": name.encode() for name in names}


def test_an_embedder_comes_with_the_files_it_needs_and_no_others(tmp_path: Path) -> None:
    wanted = ["1_Pooling/config.json", "model.safetensors", "modules.json", "tokenizer.json"]
    files = repository(*wanted, "pytorch_model.bin", "onnx/model.onnx", "onnx/c.json", "README.md")
    with serving(files=files) as (address, server):
        folder = pull_embedder("owner/repo", models(tmp_path, address))
        assert pull_embedder("owner/repo", models(tmp_path, address)) == folder
    found = (p for p in folder.rglob("*") if p.is_file() and not p.name.endswith(".lock"))
    assert sorted(p.relative_to(folder).as_posix() for p in found) == wanted
    fetched = [path for what, path, _ in server.asked if what == "GET"]
    assert fetched[-1].endswith("modules.json")  # it makes the folder whole


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["config.json", "model.safetensors"], "holds no sentence-transformers model"),
        (["modules.json", "pytorch_model.bin"], "no weights as safetensors"),
    ],
)
def test_a_repository_without_an_embedder_is_refused(
    names: list[str], what: str, tmp_path: Path
) -> None:
    with (
        serving(files=repository(*names)) as (address, _),
        pytest.raises(WeightsError, match=what),
    ):
        pull_embedder("owner/repo", models(tmp_path, address))


def test_a_repository_of_models_names_one_to_choose(tmp_path: Path) -> None:
    with serving() as (address, _), pytest.raises(WeightsError) as caught:
        pull_embedder("owner/repo", models(tmp_path, address))
    assert "hf:owner/repo/model.gguf" in caught.value.cure


def test_every_model_of_the_catalogue_can_be_named_and_fits_its_words() -> None:
    assert [model.bytes for model in CATALOGUE] == sorted(model.bytes for model in CATALOGUE)
    for model in CATALOGUE:
        assert isinstance(model.reference, Reference)
        assert str(model.reference) == model.hub
        assert model_of(model.name.upper()) is model
        assert model.licence in {"Apache-2.0", "MIT"}
        assert model.memory > model.bytes + 900_000_000
        assert hub.is_repo(model.reference.repo)
