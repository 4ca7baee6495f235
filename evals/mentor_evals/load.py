"""Many learners at once against the running server: part of `make bench`.

    python -m mentor_evals.load --learners 50 --seconds 120

Each learner has a token and a conversation of their own, asks, reads the answer as it streams, and
looks at their own conversations. Counted are answers, refusals in order (429 or an `error` event
with seconds to wait), everything else, and whatever of one learner shows up at another; the
server's memory is read at a third, at two thirds of the time and at the end.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

import httpx
import jwt
import psutil
import typer

from mentor_evals.cases import RoadmapCase, load

_ASKED_AGAIN = 1.0


@dataclass
class Seen:
    """What the learners met, counted while they ask."""

    outcomes: Counter[str] = field(default_factory=Counter)
    crossed: list[str] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    """Seconds to the first sentence or refusal."""


def main(
    learners: Annotated[int, typer.Option(min=1, help="How many at once.")] = 50,
    seconds: Annotated[float, typer.Option(min=1, help="For how long.")] = 120,
    model: Annotated[str, typer.Option(help="As MENTOR_MODEL.")] = "embedded",
) -> None:
    """Print what many learners at once met; exit 1 where something broke or crossed over."""
    secret = secrets.token_urlsafe(32)
    with _serving(secret, model) as (address, server):
        _wait_until_ready(address)
        seen, memory = asyncio.run(_run(address, secret, server, learners, seconds))
    first = sorted(seen.first) or [float("nan")]
    typer.echo(f"{learners} learners, {seconds:.0f} s, model {model}: {dict(seen.outcomes)}")
    typer.echo(f"first sentence: median {first[len(first) // 2]:.1f} s, longest {first[-1]:.1f} s")
    grown = ", ".join(f"{size / 1e6:.0f}" for size in memory)
    typer.echo(f"memory at a third, at two thirds and at the end: {grown} MB")
    typer.echo(f"crossed between learners: {len(seen.crossed)}")
    if seen.crossed or set(seen.outcomes) - {"answered", "refused"}:
        raise typer.Exit(1)


async def _run(
    address: str, secret: str, server: psutil.Process, learners: int, seconds: float
) -> tuple[Seen, list[int]]:
    questions = [case.question for case in load("roadmap", RoadmapCase)]
    seen = Seen()
    until = time.monotonic() + seconds
    async with httpx.AsyncClient(
        base_url=address, timeout=120, limits=httpx.Limits(max_connections=None)
    ) as client:
        asking = [
            asyncio.create_task(_ask_on(client, secret, n, questions, until=until, seen=seen))
            for n in range(learners)
        ]
        memory = []
        for _ in range(2):
            await asyncio.sleep(seconds / 3)
            memory.append(server.memory_info().rss)
        await asyncio.gather(*asking)
    return seen, [*memory, server.memory_info().rss]


async def _ask_on(
    client: httpx.AsyncClient,
    secret: str,
    n: int,
    questions: list[str],
    *,
    until: float,
    seen: Seen,
) -> None:
    learner = f"learner-{n}"
    claims = {"sub": learner, "aud": "mentor", "exp": int(time.time()) + 3000}
    headers = {"Authorization": f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"}
    turn = n
    while time.monotonic() < until:
        question = questions[turn % len(questions)]
        turn += 7
        try:
            outcome = await _asked(client, headers, learner, question, seen=seen)
            talks = await client.get("/api/v1/conversations", headers=headers)
            if talks.status_code == 200:
                ids = {talk["id"] for talk in talks.json()["conversations"]}
                seen.crossed += ids - {learner}
        except httpx.HTTPError as exc:
            outcome = type(exc).__name__
        seen.outcomes[outcome] += 1
        if outcome != "answered":
            await asyncio.sleep(_ASKED_AGAIN)


async def _asked(
    client: httpx.AsyncClient, headers: dict[str, str], learner: str, question: str, *, seen: Seen
) -> str:
    """`answered`, `refused` in order, or what went wrong."""
    began = time.monotonic()
    body = {"question": question, "conversation": learner}
    waiting = True
    async with client.stream("POST", "/api/v1/chat", json=body, headers=headers) as reply:
        if reply.status_code == 429 and "retry-after" in reply.headers:
            return "refused"
        if reply.status_code != 200:
            return f"status {reply.status_code}"
        async for line in reply.aiter_lines():
            if not line.startswith("data: "):
                continue
            event = json.loads(line.removeprefix("data: "))
            if event.get("type") in ("sentence", "refusal") and waiting:
                seen.first.append(time.monotonic() - began)
                waiting = False
            if event.get("type") == "done":
                if event["answer"]["question"] != question:
                    seen.crossed.append(event["answer"]["question"])
                return "answered"
            if "status" in event:
                return "refused" if event["status"] == 429 else f"error {event['status']}"
    return "cut off"


@contextmanager
def _serving(secret: str, model: str) -> Iterator[tuple[str, psutil.Process]]:
    rates = {"MENTOR_LEARNER_RATE": "1000/minute", "MENTOR_ADDRESS_RATE": "100000/minute"}
    server = subprocess.Popen(
        [sys.executable, "-c", "from mentor_ui.terminal import main; main()",
         "serve", "--port", "0", "--model", model],
        env=os.environ | rates | {"MENTOR_TOKEN_SECRET": secret},
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        printed = next(line for line in server.stdout if "http://" in line)
        address = re.search(r"http://\S+", printed)
        assert address is not None
        yield address.group(), psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_ready(address: str) -> None:
    for _ in range(600):
        try:
            if httpx.get(f"{address}/api/v1/ready", timeout=30).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise typer.BadParameter("The server does not become ready; `mentor doctor` says why.")


if __name__ == "__main__":
    typer.run(main)
