"""A disk that is full, and one that may only be read: what was confirmed stays, and it is said.

The disks are real: a tmpfs of a few megabytes, and the home bound read-only, in a mount namespace
of the process that is tried (`unshare`), so that nobody else sees them and they end with it.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from conftest import another_process

PRIVATE = ("unshare", "--user", "--map-root-user", "--mount", "--propagation", "private")


@cache
def mounts() -> str:
    """Why this system lets nobody mount; empty where it does."""
    try:
        tried = subprocess.run(
            [*PRIVATE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True
        )
    except OSError as exc:
        return str(exc)
    return tried.stderr


needs_mounts = pytest.mark.skipif(
    sys.platform != "linux" or bool(mounts()), reason=f"no disk can be mounted here: {mounts()}"
)
pytestmark = needs_mounts

FILLED = """
import os, subprocess, sys
from datetime import date
from pathlib import Path
from conftest import said
from mentor.errors import StorageError
from mentor.learner import Done
from mentor.settings import load_settings
from mentor.store import open_store
from mentor.store.conversations import add_turn, turns

home = Path(os.environ["MENTOR_HOME"])
home.mkdir()
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(home)], check=True)
store = open_store(load_settings())
stone = home / "stone"
confirmed = 0
try:
    while True:
        add_turn(store, "ada", "talk", said(str(confirmed), "words " * 2_000))
        confirmed += 1
except StorageError as exc:
    print(type(exc).__name__, exc)
print(len(turns(store, "ada", "talk")) == confirmed > 10)
try:
    store.mark("ada", *(Done(item="x" * 200, on=date(2026, 11, 27)) for _ in range(2_000)))
except StorageError:
    print("refused")
print(store.learner("ada").done)
store.close()
subprocess.run(["mount", "-o", "remount,size=9m", str(home)], check=True)
again = open_store(load_settings())
add_turn(again, "ada", "talk", said("after"))
print(len(turns(again, "ada", "talk")) == confirmed + 1)
"""


def private(script: str, home: Path, *arguments: object) -> list[str]:
    """The lines that a script prints which may mount what it likes."""
    running = another_process(script, *arguments, before=PRIVATE, MENTOR_HOME=str(home))
    said, complaints = running.communicate(timeout=200)
    assert running.returncode == 0, complaints
    assert "Traceback" not in complaints
    return said.splitlines()


def test_a_store_on_a_full_disk_keeps_what_it_confirmed_and_goes_on_when_there_is_room(
    home: Path,
) -> None:
    told, kept, refused, marks, after = private(FILLED, home)
    assert told.startswith("StorageError") and "full" in told and "Make room" in told
    assert (kept, refused, marks, after) == ("True", "refused", "()", "True")


READ_ONLY = """
import os, subprocess, sys
from pathlib import Path
from fastapi.testclient import TestClient
from conftest import shipped_syllabus, small_mentor
from mentor.settings import load_settings
from mentor.store import open_store
from mentor_ui.api.app import build_app

home = os.environ["MENTOR_HOME"]
settings = load_settings(model="none")
open_store(settings).close()
subprocess.run(["mount", "--bind", home, home], check=True)
subprocess.run(["mount", "-o", "remount,bind,ro", home], check=True)
mentor = small_mentor(settings, Path(sys.argv[1]), shipped_syllabus())
app = build_app(mentor, settings)
with TestClient(app, base_url="http://127.0.0.1") as client:
    asked = {"question": "What does a junior ML engineer earn?", "stream": False}
    for reply in (
        client.post("/api/v1/chat", json=asked),
        client.get("/api/v1/conversations"),
        client.get("/api/v1/ready"),
        client.get("/api/v1/health"),
    ):
        print(reply.status_code, reply.text)
"""


def test_a_server_whose_home_may_only_be_read_says_so_to_everybody(
    home: Path, small_index: Path
) -> None:
    chat, listed, ready, health = private(READ_ONLY, home, small_index)
    for reply in (chat, listed):
        assert reply.startswith("503") and "cannot be written" in reply
        assert "Traceback" not in reply
    assert ready.startswith("503") and "cannot be written" in ready
    assert health.startswith("200")


INDEXES = """
import os, subprocess, sys
from pathlib import Path
from conftest import count_words
from mentor.errors import StorageError
from mentor.index import IndexReader
from mentor.indexing import build_index
from mentor.models.embed import HashingEmbeddings

home, corpus, fake = Path(os.environ["MENTOR_HOME"]), Path(sys.argv[1]), HashingEmbeddings()
home.mkdir()
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(home)], check=True)

def build():
    return build_index(home / "index", [corpus], embedder=fake, count=lambda: count_words)

build()
sections = "".join(f"## Head {n}\\n\\nText {n} of it.\\n\\n" for n in range(1_500))
(corpus / "big.md").write_text(sections)
try:
    build()
except StorageError as exc:
    print(exc)
print(sorted(path.name for path in (home / "index" / "generations").iterdir()))
print(len(IndexReader(home / "index", fake).current().passages))
subprocess.run(["mount", "-o", "remount,size=64m", str(home)], check=True)
print(build().passages)
"""


def test_an_index_on_a_full_disk_stays_as_it_was_and_is_built_when_there_is_room(
    home: Path, roadmap_corpus: Path
) -> None:
    told, generations, before, after = private(INDEXES, home, roadmap_corpus)
    assert "cannot be written" in told and "Make room" in told
    assert (generations, before, after) == ("['000001']", "8", "1508")
