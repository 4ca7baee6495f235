"""Figures for Prometheus: requests, answers, waiting, memory. They tell nothing of any learner."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mentor.records import Answer

log = logging.getLogger("mentor")
_SECONDS = (0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


class Metrics:
    """The figures of one app, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "mentor_requests", "Requests", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "mentor_request_seconds",
            "Until the answer begins",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._answers = Counter("mentor_answers", "Answers", ["mode"], registry=self.registry)
        self._first = Histogram(
            "mentor_first_sentence_seconds",
            "Until the first checked sentence",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._streams = Gauge("mentor_streams", "Answers under way", registry=self.registry)
        self.untold = Gauge(
            "mentor_statements_waiting",
            "Statements that the portal has not taken yet",
            registry=self.registry,
        )

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, answer: Answer) -> None:
        self._answers.labels(answer.mode).inc()
        if answer.timings_ms.first_sentence is not None:
            self._first.observe(answer.timings_ms.first_sentence / 1000)

    @contextmanager
    def streaming(self) -> Iterator[None]:
        with self._streams.track_inprogress():
            yield


class Measured:
    """ASGI middleware that counts requests by the route that took them, never by their path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = round(time.perf_counter() - began, 3)
                method, route, status = scope["method"], route_of(scope), message["status"]
                self._metrics.requested(method, route, status, seconds)
                fields = {"method": method, "route": route, "status": status, "seconds": seconds}
                log.info("%s %s %d", method, route, status, extra=fields)
            await send(message)

        await self._app(scope, receive, send_counted)


def route_of(scope: Scope) -> str:
    """The route that took a request, without the ids in its path, as in /api/v1/plan.

    FastAPI tells a route's path without what its router stands under.
    """
    route = getattr(scope.get("route"), "path", None)
    prefix = next((each for each in ("/api/v1", "/v1") if scope["path"].startswith(each)), "")
    return f"{prefix}{route.removeprefix(prefix)}".replace(":path}", "}") if route else "page"


def metrics_of(request: Request) -> Metrics:
    metrics = request.app.state.metrics
    assert isinstance(metrics, Metrics)
    return metrics
