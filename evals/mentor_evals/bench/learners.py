"""Many learners at once against the running server: waits, fairness, refusals, memory.

Each learner has a token and a conversation of their own, asks, reads the answer as it streams, and
looks at their own conversations. Counted are answers, refusals in order (429 or an `error` event
with seconds to wait), everything else, and whatever of one learner shows up at another.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
import jwt

from mentor.errors import MentorError
from mentor.settings import Settings
from mentor_evals.bars import Bar
from mentor_evals.bench.serving import serving
from mentor_evals.bench.start import MEMORY
from mentor_evals.bench.table import Figure, timed
from mentor_evals.cases import RoadmapCase, load

AT_ONCE = (1, 4, 16, 64)
NOBODY = Bar(most=0)
_AGAIN = 1.0
"""Seconds until a learner who was refused asks again: sooner than a polite one would."""
_RATES = {"MENTOR_LEARNER_RATE": "1000/minute", "MENTOR_ADDRESS_RATE": "100000/minute"}


@dataclass
class Seen:
    """What the learners met, counted while they ask."""

    outcomes: Counter[str] = field(default_factory=Counter)
    answers: list[int] = field(default_factory=list)
    """Of each learner."""
    crossed: list[str] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    """Seconds to the first sentence or refusal."""


def figures(
    settings: Settings, at_once: Sequence[int] = AT_ONCE, seconds: float = 30
) -> list[Figure]:
    """What each number of learners met, for that long each, at one server.

    Raises:
        MentorError: something of one learner reached another, or an answer broke off.
    """
    secret = secrets.token_urlsafe(32)
    found = []
    with serving(settings.model, _RATES | {"MENTOR_TOKEN_SECRET": secret}) as server:
        server.seconds_until("/api/v1/ready")
        for learners in at_once:
            seen = asyncio.run(meet(server.address, secret, learners, seconds))
            found += of(seen)
        memory = server.memory
    return [*found, Figure(what="memory after them all", value=memory, unit="MB", bar=MEMORY)]


def of(seen: Seen) -> list[Figure]:
    """
    Raises:
        MentorError: something of one learner reached another, or an answer broke off.
    """
    broken = set(seen.outcomes) - {"answered", "refused"}
    if seen.crossed or broken:
        raise MentorError(
            f"Crossed between learners: {len(seen.crossed)}; outcomes: {dict(seen.outcomes)}.",
            cure="Look at the server's log.",
        )
    who = f"{len(seen.answers)} at once"
    each = f"{min(seen.answers)} to {max(seen.answers)} answers each"
    counted = f"{seen.outcomes['answered']} in all, {seen.outcomes['refused']} refusals in order"
    unserved = sum(answers == 0 for answers in seen.answers)
    return [
        timed(f"{who}: first sentence", seen.first or [float("nan")], unit="s"),
        Figure(
            what=f"{who}: fairness; {each}, {counted}", value=fairness(seen.answers), unit="of 1"
        ),
        Figure(what=f"{who}: never answered", value=unserved, unit="learners", bar=NOBODY),
    ]


def fairness(answers: Sequence[int]) -> float:
    """1 when all get the same, 1/n when one of n gets all (Jain, Chiu and Hawe 1984)."""
    squares = sum(n * n for n in answers)
    return sum(answers) ** 2 / (len(answers) * squares) if squares else 0.0


async def meet(address: str, secret: str, learners: int, seconds: float) -> Seen:
    """Let so many learners ask at once for so long."""
    questions = [case.question for case in load("roadmap", RoadmapCase)]
    seen = Seen(answers=[0] * learners)
    until = time.monotonic() + seconds
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        asking = (
            _ask_on(client, secret, n, questions, until=until, seen=seen) for n in range(learners)
        )
        await asyncio.gather(*asking)
    return seen


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
        seen.answers[n] += outcome == "answered"
        if outcome != "answered":
            await asyncio.sleep(_AGAIN)


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
