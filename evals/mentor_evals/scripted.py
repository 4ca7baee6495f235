"""A scripted drafter: an OpenAI-compatible server that says what it is told to.

It stands in for a stronger model that words things freely, or lies well: the question in the
request selects the sentence. The mentor meets it as it meets any server, by URL.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response, StreamingResponse
from rapidfuzz import fuzz

NOTHING = "I do not know."
_ALIKE = 80  # per cent of letters; the mentor may have put a slip of spelling right


class ScriptedDrafter:
    """What is to be said, by question; and the last prompt it was given."""

    def __init__(self) -> None:
        self.script: Mapping[str, str] = {}
        self.prompt: str | None = None

    def says(self, prompt: str) -> str:
        """The sentence of the question that stands in `prompt`; the longest, when several do."""
        self.prompt = prompt
        here = _plain(prompt)
        known = sorted(self.script, key=len, reverse=True)
        for question in known:
            if _plain(question) in here:
                return self.script[question]
        alike = max(known, key=lambda q: fuzz.partial_ratio(_plain(q), here), default=None)
        if alike is not None and fuzz.partial_ratio(_plain(alike), here) >= _ALIKE:
            return self.script[alike]
        return NOTHING

    def app(self) -> FastAPI:
        """The two routes that clients of OpenAI's API use."""
        app = FastAPI()

        @app.get("/v1/models")
        def models() -> dict[str, Any]:
            return {"object": "list", "data": [{"id": "scripted", "object": "model"}]}

        @app.post("/v1/chat/completions")
        def complete(request: dict[str, Any]) -> Response:
            text = self.says(str(request["messages"][-1]["content"]))
            if request.get("stream"):
                return StreamingResponse(_stream(text), media_type="text/event-stream")
            choice = {"index": 0, "message": {"role": "assistant", "content": text}}
            return JSONResponse(
                _envelope("chat.completion") | {"choices": [choice | {"finish_reason": "stop"}]}
            )

        return app

    @contextmanager
    def running(self) -> Iterator[str]:
        """The server at work in a thread of its own; gives its address, …/v1."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            server = uvicorn.Server(uvicorn.Config(self.app(), log_level="error"))
            thread = threading.Thread(
                target=server.run, kwargs={"sockets": [listening]}, daemon=True
            )
            thread.start()
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            try:
                yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
            finally:
                server.should_exit = True
                thread.join(timeout=5)


def _stream(text: str) -> Iterator[str]:
    deltas: list[dict[str, str]] = [{"role": "assistant"}]
    deltas += [{"content": text[n : n + 12]} for n in range(0, len(text), 12)]
    for delta in deltas:
        yield _event([{"index": 0, "delta": delta, "finish_reason": None}])
    yield _event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    yield "data: [DONE]\n\n"


def _event(choices: list[dict[str, Any]]) -> str:
    return f"data: {json.dumps(_envelope('chat.completion.chunk') | {'choices': choices})}\n\n"


def _envelope(kind: str) -> dict[str, Any]:
    return {"id": "scripted", "object": kind, "created": 0, "model": "scripted"}


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
