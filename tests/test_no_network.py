"""While the whole product runs it calls nobody but who was set: watched below Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from conftest import MENTOR
from paging import text_of

pytestmark = [pytest.mark.real, pytest.mark.enable_socket]

SHIM = Path(__file__).with_name("no_network.c")
COMPILER = shutil.which("cc") or shutil.which("gcc")


class Watch:
    """Runs processes that reach nothing, and knows what they tried."""

    def __init__(self, folder: Path) -> None:
        self._library = folder / "no_network.so"
        self._tried = folder / "tried"
        command = [COMPILER or "cc", "-shared", "-fPIC", "-o", self._library, SHIM, "-ldl"]
        subprocess.run(command, check=True)

    def environment(self, **more: str) -> dict[str, str]:
        watched = {"LD_PRELOAD": str(self._library), "NO_NETWORK_TRIED": str(self._tried)}
        return os.environ | watched | more

    @property
    def tried(self) -> set[str]:
        return set(self._tried.read_text().split()) if self._tried.exists() else set()


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    if COMPILER is None or sys.platform != "linux":
        pytest.skip("there is no C compiler, or no LD_PRELOAD")
    return Watch(tmp_path)


@contextmanager
def serving(watch: Watch) -> Iterator[httpx.Client]:
    """A client of `mentor serve`, over the home of the test."""
    command = [MENTOR, "serve", "--port", "0"]
    server = subprocess.Popen(command, env=watch.environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = re.search(r"http://\S+", next(each for each in server.stdout if "http" in each))
        assert address is not None
        origin = {"Origin": address.group()}
        with httpx.Client(base_url=address.group(), headers=origin, timeout=300) as client:
            yield client
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_the_watch_sees_python_and_refuses(watch: Watch) -> None:
    code = """if True:
        import socket, urllib.request
        for tried in (
            lambda: socket.create_connection(("192.0.2.1", 80)),
            lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.2", 53)),
            lambda: urllib.request.urlopen("http://example.org"),
        ):
            try:
                tried()
            except OSError:
                continue
            raise SystemExit("it came through")
    """
    subprocess.run([sys.executable, "-c", code], env=watch.environment(), check=True)
    assert watch.tried == {"192.0.2.1:80", "192.0.2.2:53", "example.org"}


def test_the_whole_product_calls_nobody(
    watch: Watch, home: Path, shipped_home: Path, roadmap_corpus: Path
) -> None:
    shutil.copytree(shipped_home, home, symlinks=True)
    index = [MENTOR, "index", roadmap_corpus, "--name", "own"]
    subprocess.run(index, env=watch.environment(), check=True, capture_output=True)
    with serving(watch) as client:
        page = client.get("/")
        files = set(re.findall(r'(?:src|href)="\.?(/[^"]+\.(?:js|css))"', page.text))
        assert page.status_code == 200 and files
        assert {client.get(each).status_code for each in files} == {200}
        for path in ("/library", "/roadmap", "/plan", "/interview", "/api/docs", "/widget.js"):
            assert client.get(path, follow_redirects=True).status_code == 200, path
        for question in ("How much does a junior ML engineer earn?", "Is there life on Mars?"):
            sent = {"question": question, "stream": False}
            assert client.post("/api/v1/chat", json=sent).status_code == 200
        kept = client.post("/plan", data={"hours": "6"}, follow_redirects=True)
        assert "With 6 hours a week" in text_of(kept)  # type: ignore[arg-type]
        begun = client.post("/api/v1/interviews", json={"level": "junior", "questions": 1}).json()
        path = f"/api/v1/interviews/{begun['interview']}/turns"
        for move in ({"move": "say", "text": "I would watch the inputs."}, {"move": "pause"}):
            begun = client.post(path, json={"seen": begun["version"], "move": move}).json()
        assert begun["version"] == 3
    assert watch.tried == set()


def test_a_model_server_that_was_set_is_called_and_nobody_else(
    watch: Watch, shipped_home: Path
) -> None:
    class Broken(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(500)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        address = f"127.0.0.1:{server.server_port}"
        set_ = {"MENTOR_HOME": str(shipped_home), "MENTOR_MODEL": f"http://{address}/v1"}
        subprocess.run(
            [MENTOR, "ask", "What is concept drift and how is it noticed?"],
            env=watch.environment(NO_NETWORK_ALLOWED=address, **set_),
            capture_output=True,
        )
        server.shutdown()
    assert watch.tried == {address}
