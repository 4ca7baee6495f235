"""Five hundred tabs that are closed in the middle: the server forgets them and answers the next."""

from __future__ import annotations

import json
import socket
import struct
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from processes import server
from scripted_model import OPEN, says, scripted_model

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
TABS = 500
SALARY = "What does a junior ML engineer earn?"
BODY = json.dumps({"question": SALARY}).encode()
HEAD = (
    b"POST /api/v1/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)
SENT = (
    *(HEAD + BODY, HEAD + BODY[:10], HEAD[:40], b"", b"\x16\x03\x01 no HTTP\r\n\r\n"),
    *(HEAD + BODY[:20], HEAD, HEAD[:9], b"GET / HTTP/1.1\r\n", b"GET /api/v1/health HTTP/1.1\r\n"),
)
"""A whole question, and parts of requests: half a body, half a head, nothing, another protocol."""


def opened(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=60)


def slam(tab: socket.socket) -> None:
    """Close at once, with a reset."""
    tab.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    tab.close()


def test_five_hundred_closed_tabs_leave_nothing_behind(home: Path, small_index: Path) -> None:
    with scripted_model(OPEN, says("A junior ML engineer earns"), hangs=True) as model:
        patient = {
            "MENTOR_MODEL": model.url,
            "MENTOR_PATIENCE": "2",
            "MENTOR_ADDRESS_RATE": "9999/second",
        }
        with server(home, small_index, **patient) as running, running.client() as client:
            assert client.get("/api/v1/ready").status_code == 200
            process = psutil.Process(running.process.pid)
            asked = {"question": SALARY, "stream": False}
            assert client.post("/api/v1/chat", json=asked).status_code == 200
            files = process.num_fds()
            for number in range(TABS):
                tab = opened(running.address)
                tab.sendall(SENT[number % len(SENT)])
                if number % 100 == 0:  # some wait until the answer begins
                    tab.recv(1)
                slam(tab)
            begun = time.monotonic()
            assert client.get("/api/v1/health").status_code == 200
            answer = client.post("/api/v1/chat", json=asked)
            assert answer.status_code == 200 and "$95,000" in answer.json()["answer"]
            assert time.monotonic() - begun < 30
            kept = client.get("/api/v1/me/export").json()["turns"]
            assert len(kept) == 2, "of the learner who stayed"
            until = time.monotonic() + 60
            while process.num_fds() > files + 10 and time.monotonic() < until:
                time.sleep(0.5)
            assert process.num_fds() <= files + 10, "connections were left open"
