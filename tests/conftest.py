"""What every test gets: a home of its own, no settings from outside, and small material."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from langchain_core.language_models import BaseChatModel

from mentor.errors import MentorError
from mentor.indexing import BuildReport, build_index
from mentor.mentor import Mentor, update_index
from mentor.models import weights
from mentor.models.embed import Embedder, HashingEmbeddings
from mentor.questions import Bank, read_bank
from mentor.records import Answer, Sentence
from mentor.settings import PREFIX, Settings, shipped
from mentor.sources import Root
from mentor.store import Store, open_store
from mentor.syllabus import Syllabus, read_syllabus
from mentor.telemetry import no_telemetry

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from playwright.sync_api import Browser
    from starlette.types import ASGIApp

no_telemetry()

MENTOR = Path(sys.executable).parent / "mentor"
"""The command as it is installed."""

JUNIOR = """\
---
id: junior
title: Junior ML engineer
source: roadmap
level: junior
questions:
  salary:
    - What does a junior ML engineer earn?
    - How much is a junior paid?
  tools:
    - Which tools does a junior use?
---
A junior ML engineer trains models under guidance.

## Salary

A junior ML engineer earns $95,000–$130,000 a year in the United States.

## Tools

A junior ML engineer works with these tools:

- Python
- scikit-learn
"""
SENIOR = """\
---
id: senior
title: Senior ML engineer
source: roadmap
level: senior
---
A senior ML engineer designs whole systems.

## Salary

A senior ML engineer earns $157,000–$230,000+ a year in the United States.
"""
STAGES = """\
# The stages

The way to ML engineer has five stages.

## Stage 1

Stage 1 teaches Python and statistics.

## Stage 2

Stage 2 teaches machine learning.
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, and a working directory without a mentor.toml, for this test alone."""
    for variable in list(os.environ):
        if variable.startswith(PREFIX):
            monkeypatch.delenv(variable)
    folder = tmp_path / "home"
    monkeypatch.setenv("MENTOR_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def roadmap_corpus(tmp_path: Path) -> Path:
    """Three small Markdown files: two levels with questions, and the stages without."""
    folder = tmp_path / "corpus"
    (folder / "levels").mkdir(parents=True)
    (folder / "levels" / "junior.md").write_text(JUNIOR, encoding="utf-8")
    (folder / "levels" / "senior.md").write_text(SENIOR, encoding="utf-8")
    (folder / "stages.md").write_text(STAGES, encoding="utf-8")
    return folder


def another_process(
    script: str, *arguments: object, before: Sequence[str] = (), **variables: str
) -> subprocess.Popen[str]:
    """Runs `script`, which may import from here, with these environment variables beside ours.

    Args:
        before: a command that runs another.
    """
    here = (str(Path(__file__).parent), os.environ.get("PYTHONPATH", ""))
    path = {"PYTHONPATH": os.pathsep.join(filter(None, here))}
    return subprocess.Popen(
        [*before, sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | path | variables,
    )


def count_words(text: str) -> int:
    """Stands in for the embedder's tokenizer: words, and two special tokens."""
    return len(text.split()) + 2


Build = Callable[..., BuildReport]


@pytest.fixture
def build(home: Path, roadmap_corpus: Path) -> Build:
    """Builds the index in the home, from the small corpus, with the embedder that loads nothing."""

    def run(
        *beside: Path | Root,
        embedder: Embedder | None = None,
        rebuild: bool = False,
        **more: object,
    ) -> BuildReport:
        return build_index(
            home / "index",
            [roadmap_corpus, *beside],
            embedder=embedder or HashingEmbeddings(),
            count=lambda: count_words,
            rebuild=rebuild,
            **more,  # type: ignore[arg-type]
        )

    return run


@pytest.fixture(scope="session")
def weights_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache that holds the embedded model requantized, which takes seconds, once for all."""
    cache = tmp_path_factory.mktemp("weights")
    weights.embedded_gguf(cache)
    yield cache
    for path in cache.iterdir():  # pytest keeps the folders of three runs
        path.unlink()


@pytest.fixture(scope="session")
def shipped_home(tmp_path_factory: pytest.TempPathFactory, weights_cache: Path) -> Path:
    """A home with the shipped corpus indexed by the real embedder, once for the whole run."""
    settings = Settings(home=tmp_path_factory.mktemp("shipped"))
    settings.data_dir.mkdir()
    settings.cache_dir.symlink_to(weights_cache)
    update_index(settings)
    return settings.home


@pytest.fixture(scope="module")
def address(shipped_home: Path) -> Iterator[str]:
    """Where the real command serves the real corpus."""
    from browsing import serving

    with serving(shipped_home) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from browsing import chromium

    with chromium() as browser:
        yield browser


def _program(name: str) -> str | None:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or (str(places[0]) if places else None)


def postgres_command(folder: str, *command: str) -> None:
    """`pg_ctl` on the PostgreSQL in `folder`: start it, or stop it, again."""
    pg_ctl = _program("pg_ctl")
    assert pg_ctl is not None
    run = [pg_ctl, "-D", f"{folder}/data", "-w", "-l", f"{folder}/restarted.log"]
    options = ["-o", f"-k {folder} -c listen_addresses=''"] if "start" in command else []
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run([*run, *options, *command], user=user, cwd="/", check=True, capture_output=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of our own, behind a Unix socket; it refuses to run as root."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="mentor-pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = str(folder / "data")

    def run(*command: str) -> None:
        with (folder / "log").open("ab") as out:
            subprocess.run(command, user=user, cwd="/", check=True, stdout=out, stderr=out)

    try:
        run(initdb, "-D", data, "-U", "mentor", "-A", "trust", "-E", "UTF8")
        run(pg_ctl, "-D", data, "-w", "-o", f"-k {folder} -c listen_addresses=''", "start")
        yield f"postgresql://mentor@/postgres?host={folder}"
    finally:
        subprocess.run([pg_ctl, "-D", data, "-m", "immediate", "stop"], user=user, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, home: Path) -> Iterator[Settings]:
    if request.param == "sqlite":
        yield Settings(home=home)
        return
    url = request.getfixturevalue("postgres")
    yield Settings(home=home, database_url=url)
    from sqlalchemy import create_engine, text

    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


# --- the API -----------------------------------------------------------------------------------

SECRET = "the secret of a portal, 32 characters or more"
PORTAL = "https://learn.example.org"


@pytest.fixture(scope="session")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the small material, with the embedder that loads nothing, once for all."""
    corpus = tmp_path_factory.mktemp("small") / "corpus"
    (corpus / "levels").mkdir(parents=True)
    (corpus / "levels" / "junior.md").write_text(JUNIOR, encoding="utf-8")
    (corpus / "levels" / "senior.md").write_text(SENIOR, encoding="utf-8")
    (corpus / "stages.md").write_text(STAGES, encoding="utf-8")
    index = tmp_path_factory.mktemp("small-index")
    build_index(index, [corpus], embedder=HashingEmbeddings(), count=lambda: count_words)
    return index


@cache
def shipped_syllabus() -> Syllabus:
    return read_syllabus(shipped("corpus"))


@pytest.fixture(scope="session")
def syllabus() -> Syllabus:
    """The shipped one, read once for all."""
    return shipped_syllabus()


@cache
def shipped_bank() -> Bank:
    return read_bank(shipped("corpus"))


def small_mentor(
    settings: Settings, index: Path, syllabus: Syllabus, *, chat: BaseChatModel | None = None
) -> Mentor:
    """A mentor over an index of the small material, with real plans, bank and store."""
    from mentor.index import IndexReader
    from mentor.mentor import open_interviews, open_next_steps
    from mentor.models.judge import LexicalJudge

    reader = IndexReader(index, HashingEmbeddings(), chroma=settings.chroma)
    steps = open_next_steps(settings, reader)
    steps._syllabus = syllabus
    return Mentor(
        reader=reader,
        embedder=HashingEmbeddings(),
        chat=chat,
        known=frozenset,
        steps=steps,
        interviews=open_interviews(steps, shipped_bank, HashingEmbeddings(), judge=LexicalJudge()),
        patience=settings.patience,
    )


Serve = Callable[..., "TestClient"]


@pytest.fixture
def serve(home: Path, small_index: Path, syllabus: Syllabus) -> Iterator[Serve]:
    """`serve(token_secret=SECRET)`: a client of an app over the small material and real plans."""
    from fastapi.testclient import TestClient

    from mentor_ui.api.app import build_app

    opened: list[Mentor] = []

    def run(
        *,
        chat: BaseChatModel | None = None,
        page: bool = False,
        index: Path = small_index,
        **set_: object,
    ) -> TestClient:
        settings = Settings.model_validate({"home": home, "model": "none", **set_})
        mentor = small_mentor(settings, index, syllabus, chat=chat)
        opened.append(mentor)
        if page:
            from mentor_ui.server import whole_app

            app = whole_app(mentor, settings)
        else:
            app = build_app(mentor, settings)
        app.state.weights = "ok"
        return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)

    yield run
    for mentor in opened:
        with suppress(MentorError):
            assert mentor.store is not None
            mentor.store.close()


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """The address of `app`, served by uvicorn as `mentor serve` does."""
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def bearer(learner: str, **claims: object) -> dict[str, str]:
    """The header of a token that the portal minted."""
    from mentor_ui.api.identity import mint

    return {"Authorization": f"Bearer {mint(SECRET, learner, **claims)}"}  # type: ignore[arg-type]


def said(question: str, answer: str = "It depends.") -> Answer:
    """An answer as it is kept."""
    sentence = Sentence(text=answer, citations=())
    return Answer(
        question=question, answer=answer, sentences=(sentence,), mode="quoted", model="none"
    )
