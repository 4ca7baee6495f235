"""A portal page with a strict CSP and, on another port, a mentor that says what a test wants.

The mentor speaks the chat of docs/api.md with the records that the real one uses. What it does
depends on the question: see `_SCRIPTS`. The real mentor is asked in test_portal.py; here are
broken lines, expired tokens and long waits, which a real one cannot be told to have.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from mentor.records import (
    Answer,
    Citation,
    Done,
    Proposal,
    Proposed,
    Record,
    Refusal,
    Said,
    Searching,
    Sentence,
    Waiting,
)
from mentor_ui.api import widget_files
from mentor_ui.api.problems import handle_errors

PASSAGE = (
    "Data drift is a change of the inputs. Watch the distance between last week and a fixed "
    "reference.\n\n- Population stability index for one feature\n- A classifier for all of them"
)
_QUOTES = (PASSAGE[:37], PASSAGE[38:100])


def citations() -> tuple[Citation, ...]:
    return tuple(
        Citation(
            n=n,
            passage="lessons/model-monitoring#data-drift~0",
            heading="Model Monitoring › Data drift",
            path="corpus/lessons/stage-4/model-monitoring.md",
            url=None,
            source="editorial",
            quote=quote,
            start=PASSAGE.index(quote),
            end=PASSAGE.index(quote) + len(quote),
            passage_text=PASSAGE,
            **({"collection": "Our course", "location": "page 3"} if n == 2 else {}),
        )
        for n, quote in enumerate(_QUOTES, start=1)
    )


class ScriptedMentor:
    """The API that the widget speaks, and a list of what it was asked."""

    def __init__(self, origin: str) -> None:
        self.asked: list[dict[str, object]] = []
        self.keys: list[str] = []
        self.accepted: dict[str, str] = {}  # under each key, as is the next
        self.letters: dict[str, str] = {}
        self.tokens: list[str] = []
        self.expired: set[str] = set()
        self.kept: dict[str, list[Answer]] = {}
        self.hold = asyncio.Event()
        self.app = FastAPI()
        self.app.add_middleware(
            CORSMiddleware,
            allow_origins=[origin],
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["Mentor-Conversation", "Mentor-Turn", "Retry-After"],
        )
        self.app.include_router(widget_files.pages)
        handle_errors(self.app)
        self._routes()

    def _routes(self) -> None:
        app = self.app

        @app.middleware("http")
        async def signed_in(request: Request, call_next: object) -> Response:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if request.url.path.startswith("/api") and request.method != "OPTIONS":
                self.tokens.append(token)
                if not token or token in self.expired:
                    return _problem(401, "token", "The token has expired.", request)
            return await call_next(request)  # type: ignore[operator,no-any-return]

        @app.get("/api/v1/suggestions")
        def suggestions() -> dict[str, list[str]]:
            return {"suggestions": ["What is data drift?", "Which metric fits rare classes?"]}

        @app.get("/api/v1/conversations/{name}")
        def conversation(name: str) -> Response:
            if not self.kept.get(name):
                return _problem(404, "missing", "There is no such conversation.")
            turns = [{"answer": a.model_dump(mode="json")} for a in self.kept[name]]
            return JSONResponse({"id": name, "turns": turns})

        @app.post("/api/v1/conversations/{name}/turns/{turn}/proposals/{proposal}/accept")
        def accept(name: str, turn: int, proposal: str, request: Request) -> dict[str, str]:
            self.accepted[request.headers["idempotency-key"]] = f"{turn}/{proposal}"
            return {"said": "Kept. It is your plan now."}

        @app.post("/api/v1/letter")
        async def letter(request: Request) -> dict[str, str]:
            body = (await request.json())["body"]
            self.letters[request.headers["idempotency-key"]] = body
            return {}

        @app.post("/api/v1/launch")
        def launch(request: Request) -> dict[str, str]:
            return {"url": f"{request.base_url}launched", "expires": "soon"}

        @app.get("/launched")
        def launched() -> HTMLResponse:
            return HTMLResponse("<h1>The whole mentor</h1>")

        @app.post("/api/v1/chat")
        async def chat(request: Request) -> Response:
            body = await request.json()
            self.asked.append(body)
            self.keys.append(request.headers["idempotency-key"])
            if "too often" in body["question"]:
                return _problem(429, "rate", "Too many questions in a minute.", retry_after=60)
            turns = self.kept.setdefault(body["conversation"], [])
            return StreamingResponse(
                self._events(body, turns),
                media_type="text/event-stream",
                headers={"Mentor-Turn": str(len(turns) + 1)},
            )

    async def _events(self, body: dict[str, str], turns: list[Answer]) -> AsyncIterator[str]:
        question = body["question"]
        yield _event(Searching(question=question))
        if "busy" in question:
            yield _event(Waiting(position=2))
        if "held" in question or "busy" in question:
            await self.hold.wait()
        if "broken" in question:
            yield 'event: error\ndata: {"type": "urn:mentor:problem:model", "status": 503, '
            yield '"title": "The model broke off.", "cure": "Ask again."}\n\n'
            return
        answer = _answer(question)
        if answer.refused:
            topics = ("Learning stages › The five stages",)
            yield _event(Refusal(reason="egg", text=answer.answer, topics=topics))
        for n, sentence in enumerate(answer.sentences):
            yield _event(Said(sentence=sentence, citations=answer.citations[n : n + 1]))
            if "cut" in question and self.keys.count(self.keys[-1]) == 1:
                return
            if "slow" in question:
                await asyncio.sleep(0.3)
        if answer.proposals:
            yield _event(Proposed(proposals=answer.proposals))
        turns.append(answer)
        yield _event(Done(answer=answer))


def _answer(question: str) -> Answer:
    if "egg" in question:
        text = "My material is about machine learning, and not about eggs."
        return Answer(
            question=question, answer=text, refused=True, reason="egg", mode="refused", model="none"
        )
    sentences = (
        Sentence(text=_QUOTES[0], citations=(1,)),
        Sentence(text=_QUOTES[1], citations=(2,)),
        Sentence(text="Three ways help:\n\n- `psi` for one feature\n- <b>a classifier</b> for all"),
    )
    plan = Proposal(id="p1", kind="plan", label="Keep this plan", says="It is kept for you.")
    letter = Proposal(
        id="p2",
        kind="consultant",
        label="Write to your consultant",
        says="You read it before it goes.",
        change={"subject": "A question", "body": "Which track fits?"},
    )
    return Answer(
        question=question,
        answer=" ".join(s.text for s in sentences),
        sentences=sentences,
        citations=citations(),
        mode="quoted",
        model="none",
        proposals=(plan, letter) if "plan" in question else (),
    )


def _event(record: Record) -> str:
    return f"event: {record.type}\ndata: {record.model_dump_json()}\n\n"  # type: ignore[attr-defined]


def _problem(
    status: int, kind: str, title: str, request: Request | None = None, **more: object
) -> Response:
    content = {"type": f"urn:mentor:problem:{kind}", "title": title, "status": status, **more}
    origin = request.headers.get("origin", "") if request else ""
    headers = {"Access-Control-Allow-Origin": origin} if origin else {}
    return JSONResponse(content, status, headers, "application/problem+json")


def token(learner: str, seconds: float = 600, nonce: int = 0) -> str:
    """What looks like a JWT; nobody checks its signature here."""
    claims = {"sub": learner, "exp": time.time() + seconds, "jti": nonce}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.x"


class ScriptedPortal:
    """Pages of another site: a paragraph above the element, one below, and a script of its own."""

    def __init__(self) -> None:
        self.mentor = ""
        self.attributes = 'token-url="/token" context="stage-4/drift" lesson-url="/{page}#{anchor}"'
        self.script = ""
        self.style = ""
        self.widget = True
        self.minted: list[str] = []
        self.lasts: float = 600
        self.learner = "ada"
        self.app = FastAPI()

        @self.app.post("/token")
        def mint() -> Response:
            if not self.learner:
                return JSONResponse({}, 403)
            self.minted.append(token(self.learner, self.lasts, len(self.minted)))
            return JSONResponse({"token": self.minted[-1]})

        @self.app.get("/page.js")
        def script() -> Response:
            return Response(self.script, media_type="text/javascript")

        @self.app.get("/page.css")
        def style() -> Response:
            return Response(self.style, media_type="text/css")

        @self.app.get("/{path:path}")
        def page(path: str) -> HTMLResponse:
            return HTMLResponse(self._page(path), headers={"Content-Security-Policy": self._csp})

    @property
    def _csp(self) -> str:
        return (
            f"default-src 'none'; script-src 'self' {self.mentor}; style-src 'self'; "
            f"connect-src 'self' {self.mentor}; img-src 'self' data:; base-uri 'none'; "
            "require-trusted-types-for 'script'"
        )

    def _page(self, path: str) -> str:
        widget = (
            f'<script type="module" src="{self.mentor}/widget.js"></script>'
            f"<mentor-chat {self.attributes}></mentor-chat>"
        )
        lines = "".join(f'<p id="p{n}">Paragraph {n} of the lesson.</p>' for n in range(30))
        return (
            '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
            '<link rel="icon" href="data:,"><link rel="stylesheet" href="/page.css">'
            f'<title>{path or "Lesson"}</title><script src="/page.js"></script>'
            f'<main><h1>Lesson</h1><h2 id="data-drift">Data drift</h2>{lines}</main>'
            f"{widget if self.widget else ''}"
        )


@contextmanager
def served(app: FastAPI, listener: socket.socket) -> Iterator[str]:
    """Serves `app` in a thread; gives its address."""
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield address(listener)
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def free_port() -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    return listener


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
