"""A mentor in a process of its own, over the small material, to be killed, cut off and crowded."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from conftest import another_process

SERVER = """
import sys
from pathlib import Path
import uvicorn
from conftest import shipped_syllabus, small_mentor
from mentor.models.chat import open_chat
from mentor.settings import load_settings
from mentor_ui.api.app import build_app
from mentor_ui.server import listen

settings = load_settings(port=0)
listener = listen(settings)
mentor = small_mentor(settings, Path(sys.argv[1]), shipped_syllabus(), chat=open_chat(settings))
app = build_app(mentor, settings)
app.state.weights = "ok"
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3)
uvicorn.Server(config).run(sockets=[listener])
"""
"""What `mentor serve` runs, without the page of Gradio, which takes seconds to import."""


@dataclass
class Server:
    """One that listens; `kill` is SIGKILL, which no program can hear."""

    address: str
    process: subprocess.Popen[str]

    def client(self) -> httpx.Client:
        """A browser of its own, which keeps its cookie."""
        return httpx.Client(base_url=self.address, timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)


@contextmanager
def server(home: Path, index: Path, **variables: str) -> Iterator[Server]:
    """Serves until the test is over; what it complained of has no traceback."""
    quiet = {"MENTOR_HOME": str(home), "MENTOR_MODEL": "none", "MENTOR_LEARNER_RATE": "99/second"}
    process = another_process(SERVER, index, **(quiet | variables))
    assert process.stdout is not None and process.stderr is not None
    try:
        port = process.stdout.readline().strip()
        assert port, process.stderr.read()
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        _, complaints = process.communicate(timeout=30)
    assert "Traceback" not in complaints, complaints
