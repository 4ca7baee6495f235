"""Two servers on one data directory: each shows what the other kept, and nothing is done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from processes import Server, server

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_two_servers_of_one_home_lose_nothing_and_cross_nothing(
    home: Path, small_index: Path
) -> None:
    with server(home, small_index) as one, server(home, small_index) as two:
        ada, bob = one.client(), two.client()
        for client in (ada, bob):  # each browser gets a cookie, which both servers know
            client.get("/api/v1/me")

        def ask(number: int) -> int:
            whose = ada if number % 2 else bob
            at = one if number % 4 < 2 else two
            asked = {"question": f"Thanks number {number}!", "conversation": "c", "stream": False}
            return _at(at, whose).post("/api/v1/chat", json=asked).status_code

        with ThreadPoolExecutor(6) as pool:
            assert set(pool.map(ask, range(24))) == {200}
        for whose, odd in ((ada, 1), (bob, 0)):
            for at in (one, two):
                turns = _at(at, whose).get("/api/v1/conversations/c").json()["turns"]
                asked = sorted(turn["answer"]["question"] for turn in turns)
                due = sorted(f"Thanks number {n}!" for n in range(24) if n % 2 == odd)
                assert asked == due

        begun = ada.post("/api/v1/interviews", json={"level": "junior", "questions": 2, "seed": 1})
        where = f"/api/v1/interviews/{begun.json()['interview']}"
        say = {"seen": 1, "move": {"move": "say", "text": "I split the data first."}}
        with ThreadPoolExecutor(2) as pool:
            moves = pool.map(lambda at: _at(at, ada).post(f"{where}/turns", json=say), (one, two))
            assert sorted(move.status_code for move in moves) == [200, 409]
        assert _at(two, ada).get(where).json() == ada.get(where).json()
        assert bob.get(where).status_code == 404

        lesson = {"item": "lessons/python-for-data-science"}
        key = {"Idempotency-Key": "once"}
        with ThreadPoolExecutor(2) as pool:
            done = list(
                pool.map(
                    lambda at: _at(at, ada).post("/api/v1/progress", json=lesson, headers=key),
                    (one, two),
                )
            )
        assert {reply.status_code for reply in done} <= {201, 409}
        assert len(ada.get("/api/v1/progress").json()["done"]) == 1


def _at(server: Server, whose: httpx.Client) -> httpx.Client:
    """The browser `whose`, at `server`."""
    return httpx.Client(base_url=server.address, cookies=dict(whose.cookies), timeout=60)
