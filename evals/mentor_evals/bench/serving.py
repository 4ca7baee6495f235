"""The server as an operator starts it, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import httpx
import psutil

from mentor.errors import MentorError

PATIENCE = 300.0


class Server(NamedTuple):
    """A running `mentor serve`."""

    address: str
    process: psutil.Process
    started: float
    """`time.perf_counter` before the process was."""

    @property
    def memory(self) -> float:
        """Resident megabytes."""
        return float(self.process.memory_info().rss) / 1e6

    def seconds_until(self, path: str) -> float:
        """From the start of the process until `path` is answered with 200.

        Raises:
            MentorError: it is not, for minutes.
        """
        while time.perf_counter() - self.started < PATIENCE:
            try:
                if httpx.get(f"{self.address}{path}", timeout=PATIENCE).status_code == 200:
                    return time.perf_counter() - self.started
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        raise MentorError(
            f"The server does not answer at {path}.", cure="`mentor doctor` says why."
        )


@contextmanager
def serving(model: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """`mentor serve` on a free port, which is stopped at the end.

    Raises:
        MentorError: it does not start.
    """
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-c", "from mentor_ui.terminal import main; main()",
         "serve", "--port", "0", "--model", model],
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        printed = re.search(r"http://\S+", next((x for x in server.stdout if "http" in x), ""))
        if printed is None:
            raise MentorError("The server does not start.", cure="`mentor serve` says why.")
        yield Server(printed.group(), psutil.Process(server.pid), started)
    finally:
        server.terminate()
        server.wait(timeout=30)
