"""A model server that misbehaves as real ones do: each test says what it sends, and when."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Send = Callable[[bytes], None]


@dataclass
class ScriptedModel:
    """What the server does; `over` is set when the test is, so that nothing waits for ever."""

    url: str
    script: Callable[[Send, threading.Event], None]
    asked: int = 0
    over: threading.Event = field(default_factory=threading.Event)


def says(text: str) -> bytes:
    """A chunk of the stream, as OpenAI's protocol has it."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    return f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode()


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
OPEN = STREAM + b"Content-Length: 1000000\r\n\r\n"
"""A stream that is cut off when less than a megabyte has come."""
WHOLE = STREAM + b"\r\n"
"""A stream that ends when the connection does."""
END = b"data: [DONE]\n\n"


@contextmanager
def scripted_model(*sent: bytes, hangs: bool = False) -> Iterator[ScriptedModel]:
    """A server on loopback that sends these bytes, each at once, and then closes or hangs."""

    def script(send: Send, over: threading.Event) -> None:
        for each in sent:
            send(each)
        if hangs:
            over.wait(60)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            model.asked += 1
            self.rfile.read(int(self.headers["Content-Length"]))
            try:
                model.script(self._send, model.over)
            except OSError:  # whoever asked has left
                model.over.wait(0)
            self.close_connection = True

        def _send(self, content: bytes) -> None:
            self.wfile.write(content)
            self.wfile.flush()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        model = ScriptedModel(f"http://127.0.0.1:{server.server_port}/v1", script)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield model
        finally:
            model.over.set()
            server.shutdown()
