"""The vectors on a real Chroma server: built, brought up to date, searched, lost and back again."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from conftest import Build, Serve, count_words
from test_index import FAKE, CountingEmbeddings, assert_whole, found, generation, write

from mentor import chroma_server
from mentor.chroma_server import ServerClient
from mentor.doctor import check
from mentor.errors import IndexUnreachable, IndexUnusable, MentorError
from mentor.generation import read_server
from mentor.index import Index, IndexReader, is_stale
from mentor.indexing import build_index
from mentor.mentor import open_mentor, update_index
from mentor.records import Hit
from mentor.retrieve import Retriever
from mentor.settings import SettingsError, load_settings
from mentor_evals import altered

pytestmark = [pytest.mark.enable_socket]
CHROMA = Path(sys.executable).parent / "chroma"
SALARY = "What does a junior ML engineer earn?"


class Chroma:
    """A `chroma run` of our own, that can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        where = ("--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self._port))
        with (self._folder.parent / "chroma.log").open("ab") as log:
            self._process = subprocess.Popen([CHROMA, "run", *where], stdout=log, stderr=log)
        until = time.monotonic() + 60
        while True:
            assert self._process.poll() is None, "the server ended"
            try:
                return socket.create_connection(("127.0.0.1", self._port), 1).close()
            except OSError:
                assert time.monotonic() < until, "the server does not come up"
                time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It takes connections, as its port stays open, and says nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def collections(self) -> set[str]:
        with closing(ServerClient(self.url)) as client:
            return {collection.name for collection in client.list_collections()}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroma]:
    chroma = Chroma(tmp_path_factory.mktemp("chroma") / "data")
    chroma.start()
    yield chroma
    chroma.stop()


@pytest.fixture
def chroma(running: Chroma) -> Chroma:
    """The server, emptied."""
    with closing(ServerClient(running.url)) as client:
        for collection in client.list_collections():
            client.delete_collection(collection.name)
    return running


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "index"


def opened(folder: Path, chroma: Chroma) -> Index:
    return IndexReader(folder, FAKE, chroma=chroma.url).current()


def names_of(generation: Path) -> set[str]:
    server = read_server(generation)
    assert server is not None
    return {server.passages, server.questions}


def hits(reader: IndexReader, question: str) -> list[Hit]:
    return Retriever(reader=reader, embedder=FAKE, known=frozenset).search(question)


# --- an index whose vectors are on a server -------------------------------------------------------


def test_what_is_found_is_the_same_as_on_the_disk(
    build: Build, folder: Path, chroma: Chroma, roadmap_corpus: Path, tmp_path: Path
) -> None:
    report = build(chroma=chroma.url)
    assert (report.changed, report.embedded, report.passages) == (True, 8, 8)
    assert not (generation(folder) / "chroma").exists()
    on_server = IndexReader(folder, FAKE, chroma=chroma.url)
    assert_whole(on_server.current())
    build_index(tmp_path / "disk", [roadmap_corpus], embedder=FAKE, count=lambda: count_words)
    on_disk = IndexReader(tmp_path / "disk", FAKE)
    for question in (SALARY, "what does stage 2 teach", "Which tools does a junior use?", "pay"):
        there, here = hits(on_server, question), hits(on_disk, question)
        assert [hit.passage.id for hit in there] == [hit.passage.id for hit in here] != []
        assert [hit.score for hit in there] == pytest.approx([hit.score for hit in here], abs=1e-5)


def test_only_what_changed_is_embedded_and_the_rest_is_copied_on_the_server(
    build: Build, folder: Path, chroma: Chroma, roadmap_corpus: Path
) -> None:
    build(chroma=chroma.url)
    assert not build(chroma=chroma.url).changed
    path = roadmap_corpus / "stages.md"
    write(path, path.read_text().replace("machine learning", "deep learning"))
    counting = CountingEmbeddings()
    report = build(embedder=counting, chroma=chroma.url)
    assert counting.asked == ["The stages › Stage 2\nStage 2 teaches deep learning."]
    assert (report.embedded, report.kept, report.removed) == (1, 7, 0)
    index = opened(folder, chroma)
    assert_whole(index)
    assert found(index, "Stage 2 teaches deep learning") == "corpus/stages#stage-2~0"
    assert sorted(index.questions.get()["documents"]) == [
        "How much is a junior paid?",
        "What does a junior ML engineer earn?",
        "Which tools does a junior use?",
    ]


def test_many_passages_are_copied_in_pages(
    build: Build, folder: Path, chroma: Chroma, roadmap_corpus: Path
) -> None:
    write(roadmap_corpus / "big.md", "\n\n".join(f"## Head {n}\n\nText {n}." for n in range(600)))
    build(chroma=chroma.url)
    write(roadmap_corpus / "a.md", "One more.")
    counting = CountingEmbeddings()
    assert build(embedder=counting, chroma=chroma.url).passages == 609
    assert len(counting.asked) == 1
    assert_whole(opened(folder, chroma))


def test_a_generation_that_nobody_needs_leaves_the_server(
    build: Build, folder: Path, chroma: Chroma, roadmap_corpus: Path
) -> None:
    made = []
    for words in ("First words.", "Second words.", "Third words."):
        write(roadmap_corpus / "a.md", words)
        build(chroma=chroma.url)
        made.append(names_of(generation(folder)))
    assert chroma.collections() == made[1] | made[2], "the one in use and the one before it"


def test_an_open_index_answers_on_while_the_next_is_built_and_then_follows(
    build: Build, folder: Path, chroma: Chroma, roadmap_corpus: Path
) -> None:
    first, second = (IndexReader(folder, FAKE, chroma=chroma.url) for _ in range(2))
    build(chroma=chroma.url)
    before = first.current()
    write(roadmap_corpus / "a.md", "# Pandas\n\nPandas is a library for tables.")
    build(chroma=chroma.url)
    assert_whole(before)
    for reader in (first, second):
        assert hits(reader, "What is pandas?")[0].passage.file == "corpus/a.md"


# A writer in a process of its own, which dies in the middle of the second batch.
KILLED = """
import os, sys
from conftest import count_words
from pathlib import Path
from mentor.indexing import build_index
from mentor.models.embed import HashingEmbeddings

class Dies(HashingEmbeddings):
    batches = 0
    def embed_documents(self, texts):
        Dies.batches += 1
        if Dies.batches == 2:
            os.kill(os.getpid(), 9)
        return super().embed_documents(texts)

folder, corpus, chroma = sys.argv[1:]
build_index(Path(folder), [Path(corpus)], embedder=Dies(), count=lambda: count_words, chroma=chroma)
"""


def test_what_a_killed_run_left_on_the_server_is_removed_by_the_next(
    build: Build, folder: Path, chroma: Chroma, roadmap_corpus: Path
) -> None:
    build(chroma=chroma.url)
    good = names_of(generation(folder))
    write(roadmap_corpus / "big.md", "\n\n".join(f"## Head {n}\n\nText {n}." for n in range(300)))
    command = [sys.executable, "-c", KILLED, str(folder), str(roadmap_corpus), chroma.url]
    killed = subprocess.run(command, cwd=Path(__file__).parent, check=False)
    assert killed.returncode == -9
    orphans = chroma.collections() - good
    assert orphans, "it had made collections"
    assert len(opened(folder, chroma).passages) == 8
    build(chroma=chroma.url)
    assert chroma.collections() == good | names_of(generation(folder))
    assert_whole(opened(folder, chroma))


def test_two_projects_on_one_server_never_touch_each_other(
    chroma: Chroma, roadmap_corpus: Path, tmp_path: Path
) -> None:
    other_corpus = tmp_path / "other" / "corpus"
    shutil.copytree(roadmap_corpus, other_corpus)

    def project(name: str, corpus: Path, **how: bool) -> Path:
        where = tmp_path / name / "index"
        build_index(
            where, [corpus], embedder=FAKE, count=lambda: count_words, chroma=chroma.url, **how
        )
        return where

    first = project("one", roadmap_corpus)
    second = project("two", other_corpus)
    for n in range(3):
        write(other_corpus / "a.md", f"Words {n}.")
        project("two", other_corpus, rebuild=n == 2)
    assert_whole(opened(first, chroma))
    assert_whole(opened(second, chroma))
    assert len(opened(second, chroma).passages) == 9


def test_a_run_that_fails_leaves_nothing_on_the_server(
    build: Build, folder: Path, chroma: Chroma
) -> None:
    class Fails(CountingEmbeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            raise MentorError("no weights")

    with pytest.raises(MentorError, match="no weights"):
        build(embedder=Fails(), chroma=chroma.url)
    assert chroma.collections() == set()
    assert list((folder / "generations").iterdir()) == []


# --- from one place to another --------------------------------------------------------------------


def test_an_index_moves_to_a_server_and_back_when_the_setting_does(
    build: Build, folder: Path, chroma: Chroma, roadmap_corpus: Path
) -> None:
    build()
    assert not is_stale(folder, [roadmap_corpus], FAKE.name)
    assert is_stale(folder, [roadmap_corpus], FAKE.name, chroma=chroma.url)
    with pytest.raises(IndexUnusable, match="are on this disk, but MENTOR_CHROMA is") as caught:
        opened(folder, chroma)
    assert caught.value.cure == "Run `mentor index`, or set MENTOR_CHROMA back."
    assert build(chroma=chroma.url).embedded == 8
    assert_whole(opened(folder, chroma))
    with pytest.raises(IndexUnusable, match=f"at {chroma.url}, but MENTOR_CHROMA is not set"):
        IndexReader(folder, FAKE).current()
    build()
    assert_whole(IndexReader(folder, FAKE).current())
    write(roadmap_corpus / "a.md", "New words.")
    build()
    assert chroma.collections() == set(), "nobody needs what is on the server"


def test_a_server_that_is_left_for_good_keeps_no_index_from_being_built(
    build: Build, folder: Path, roadmap_corpus: Path, tmp_path: Path, chroma: Chroma
) -> None:
    left = Chroma(tmp_path / "left")
    left.start()
    try:
        build(chroma=left.url)
        kept = generation(folder)
        left.stop()
        build(chroma=chroma.url)
        write(roadmap_corpus / "a.md", "New words.")
        build(chroma=chroma.url)
        assert kept.is_dir(), "it tells what is still on the server"
        left.start()
        write(roadmap_corpus / "a.md", "Newer words.")
        build(chroma=chroma.url)
        assert not kept.exists()
        assert left.collections() == set()
    finally:
        left.stop()


# --- a server that is away, silent, cut off or wrong ----------------------------------------------


@contextmanager
def answering(reply: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """The address of an HTTP server that answers everything in one way."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply(self)

        def do_POST(self) -> None:
            reply(self)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def saying(status: int, body: object, kind: str = "application/json", length: int = 0) -> object:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(length or len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return reply


@pytest.mark.parametrize(
    ("reply", "what", "cure"),
    [
        (saying(200, "<html>", "text/html"), "is not a Chroma server", "MENTOR_CHROMA"),
        (saying(404, "<html>", "text/html"), "is not a Chroma server", "MENTOR_CHROMA"),
        (saying(404, {"detail": "Not Found"}), "is not a Chroma server", "MENTOR_CHROMA"),
        (saying(200, [1]), "is not a Chroma server", "MENTOR_CHROMA"),
        (saying(200, {"status": "ok"}), "is not a Chroma server", "MENTOR_CHROMA"),
        (saying(200, "{", "application/json"), "is not a Chroma server", "MENTOR_CHROMA"),
        (saying(200, {"user_id": ""}, length=9999), "broke off", "chroma run"),
        (
            saying(500, {"error": "InternalError", "message": "disk full"}),
            r"refuses: disk full \(500 InternalError\)",
            "its log",
        ),
    ],
)
def test_a_server_that_answers_otherwise_is_told_with_its_cure(
    reply: Callable[[BaseHTTPRequestHandler], None], what: str, cure: str, build: Build
) -> None:
    with answering(reply) as url:
        with pytest.raises(IndexUnreachable, match=what) as caught:
            build(chroma=url)
        finding = check("Vectors", load_settings(chroma=url))
    assert url in caught.value.what
    assert cure in caught.value.cure
    assert not finding.ok and finding.found == caught.value.what


def be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma_server, "PATIENCE", 1.0)
    monkeypatch.setattr(chroma_server, "PATIENCE_TO_WRITE", 1.0)


def test_a_silent_server_is_given_up_and_the_last_index_stays(
    build: Build, folder: Path, chroma: Chroma, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    be_impatient(monkeypatch)
    with chroma.frozen():
        with pytest.raises(IndexUnreachable, match="has not answered for 1 seconds") as caught:
            build(chroma=chroma.url)
        finding = check("Vectors", load_settings(chroma=chroma.url))
    assert "chroma run --path" in caught.value.cure
    assert "builds the index on this disk" in caught.value.cure
    assert not finding.ok and finding.found == caught.value.what
    assert_whole(IndexReader(folder, FAKE).current())
    assert list((folder / "generations").iterdir()) == [generation(folder)]


def test_learners_who_wait_for_a_silent_server_are_told_together_and_answered_when_it_speaks(
    build: Build, folder: Path, chroma: Chroma, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(chroma=chroma.url)
    asked = IndexReader(folder, FAKE, chroma=chroma.url)
    hits(asked, SALARY)
    be_impatient(monkeypatch)
    late = IndexReader(folder, FAKE, chroma=chroma.url)
    told: list[str] = []

    def ask() -> None:
        try:
            hits(late, SALARY)
        except IndexUnreachable as exc:
            told.append(exc.what)

    with chroma.frozen():
        threads = [threading.Thread(target=ask) for _ in range(20)]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - started < 15, "one after the other would take 20 seconds"
    assert len(told) == 20 and len(set(told)) == 1
    monkeypatch.undo()
    time.sleep(2)
    for reader in (asked, late):
        assert hits(reader, SALARY)[0].passage.id == "junior#salary~0"


def test_a_server_that_goes_while_an_index_is_built_leaves_the_last_one(
    build: Build, folder: Path, tmp_path: Path, roadmap_corpus: Path
) -> None:
    chroma = Chroma(tmp_path / "data")
    chroma.start()

    class Cuts(CountingEmbeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            chroma.stop()
            return super().embed_documents(texts)

    try:
        build(chroma=chroma.url)
        good = names_of(generation(folder))
        write(roadmap_corpus / "a.md", "New words.")
        with pytest.raises(IndexUnreachable, match=r"cannot be reached|broke off"):
            build(embedder=Cuts(), chroma=chroma.url)
        chroma.start()
        assert names_of(generation(folder)) == good
        assert len(chroma.collections() - good) == 2, "they could not be removed at once"
        build(chroma=chroma.url)
        assert chroma.collections() == good | names_of(generation(folder))
        assert_whole(opened(folder, chroma))
    finally:
        chroma.stop()


def test_a_learner_is_told_while_the_server_is_away_and_answered_when_it_is_back(
    build: Build, folder: Path, tmp_path: Path, serve: Serve
) -> None:
    chroma = Chroma(tmp_path / "data")
    chroma.start()
    try:
        build(chroma=chroma.url)
        client = serve(index=folder, chroma=chroma.url)

        def ask() -> str:
            return client.post("/api/v1/chat", json={"question": SALARY}).text

        assert "$95,000" in ask()
        assert client.get("/api/v1/ready").status_code == 200
        chroma.stop()
        for said in (ask(), client.get("/api/v1/ready").text):
            assert f"The Chroma server at {chroma.url} cannot be reached" in said
            assert "Traceback" not in said and "httpx" not in said
        late = serve(index=folder, chroma=chroma.url)
        assert late.post("/api/v1/chat", json={"question": SALARY}).status_code == 503
        chroma.start()
        time.sleep(2)
        assert "$95,000" in ask()
        assert "$95,000" in late.post("/api/v1/chat", json={"question": SALARY}).text
        assert client.get("/api/v1/ready").status_code == 200
    finally:
        chroma.stop()


def test_a_server_that_lost_its_data_is_told_and_a_rebuild_cures_it(
    build: Build, folder: Path, chroma: Chroma
) -> None:
    build(chroma=chroma.url)
    reader = IndexReader(folder, FAKE, chroma=chroma.url)
    hits(reader, SALARY)
    with closing(ServerClient(chroma.url)) as client:
        for name in chroma.collections():
            client.delete_collection(name)
    for look in (lambda: hits(reader, SALARY), lambda: opened(folder, chroma)):
        with pytest.raises(IndexUnusable, match="lacks vectors of the index") as caught:
            look()
        assert not isinstance(caught.value, IndexUnreachable)
        assert "mentor index --rebuild" in caught.value.cure
    assert chroma.collections() == set(), "a reader makes nothing"
    build(chroma=chroma.url, rebuild=True)
    assert hits(reader, SALARY)[0].passage.id == "junior#salary~0"


@pytest.mark.real
def test_an_experiment_on_a_copy_leaves_the_server_alone(
    chroma: Chroma, roadmap_corpus: Path
) -> None:
    settings = load_settings(corpus=roadmap_corpus, chroma=chroma.url, model="none")
    update_index(settings)
    before = chroma.collections()
    left = altered.without_sections(settings, ["junior#salary"])
    assert chroma.collections() == before
    assert "junior#salary" in open_mentor(settings).reader.current().by_section
    assert "junior#salary" not in open_mentor(left).reader.current().by_section
    altered.remove_homes(settings)


# --- settings and doctor --------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["chroma:8000", "ftp://chroma", "http://", "http://u:p@chroma"])
def test_an_address_that_cannot_be_one_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="chroma"):
        load_settings(chroma=wrong)


def test_a_slash_at_the_end_is_no_other_address() -> None:
    assert load_settings(chroma="http://chroma:8000/").chroma == "http://chroma:8000"


def test_the_doctor_tells_where_the_vectors_are(chroma: Chroma, folder: Path) -> None:
    assert check("Vectors", load_settings()).found == f"on this disk, in {folder}"
    finding = check("Vectors", load_settings(chroma=chroma.url))
    assert finding.ok
    assert finding.found == f"on the Chroma server at {chroma.url}, which answers"
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    finding = check("Vectors", load_settings(chroma=url))
    assert not finding.ok
    assert f"{url} cannot be reached" in finding.found
    assert "chroma run" in finding.cure
