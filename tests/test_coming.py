"""The server answers before the chat page is there, and the page comes behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from unittest.mock import Mock

import httpx
import pytest
from conftest import listening
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from mentor_ui.coming import Coming
from mentor_ui.server import _warm

pytestmark = pytest.mark.enable_socket
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


class Gated:
    """A page that takes as long to import as the test wants, and tells of its lifespan."""

    def __init__(self) -> None:
        self.may_come = threading.Event()
        self.made = 0
        self.coming = Coming(self._make)

    def _make(self) -> FastAPI:
        assert self.may_come.wait(20)
        self.made += 1
        page = FastAPI()
        page.get("/")(lambda: PlainTextResponse("the conversation"))
        return page


@pytest.fixture
def gated() -> Iterator[Gated]:
    gated = Gated()
    yield gated
    gated.may_come.set()


def test_a_learner_who_is_early_is_told_so_and_the_browser_asks_again(gated: Gated) -> None:
    app = FastAPI(lifespan=lambda _: gated.coming.lifespan())
    app.router.default = gated.coming
    with listening(app) as address:
        early = httpx.get(address, headers=BROWSER)
        assert early.status_code == 503
        assert early.headers["Retry-After"] == "1"
        assert "The conversation is opening" in early.text
        assert '<meta http-equiv="refresh" content="1">' in early.text
        gated.may_come.set()
        assert httpx.get(address, headers={"Accept": "*/*"}).text == "the conversation"
        assert httpx.get(address, headers=BROWSER).text == "the conversation"
    assert gated.made == 1


def test_a_program_that_is_early_gets_the_page_when_it_is_there(gated: Gated) -> None:
    app = FastAPI(lifespan=lambda _: gated.coming.lifespan())
    app.router.default = gated.coming
    with listening(app) as address:
        threading.Timer(0.3, gated.may_come.set).start()
        assert httpx.get(address, timeout=20).text == "the conversation"


def test_health_and_api_answer_while_the_page_cannot_be_made(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> FastAPI:
        raise ImportError("gradio is damaged")

    coming = Coming(broken)
    app = FastAPI(lifespan=lambda _: coming.lifespan())
    app.get("/health")(lambda: "ok")
    app.router.default = coming
    with listening(app) as address:
        assert httpx.get(f"{address}/health").json() == "ok"
        assert httpx.get(address, headers={"Accept": "*/*"}).status_code == 500
    assert "The chat page cannot be opened" in caplog.text


def test_the_weights_are_warmed_although_the_page_cannot_be_made() -> None:
    def broken() -> FastAPI:
        raise ImportError("gradio is damaged")

    app, mentor = FastAPI(), Mock()
    app.state.page, app.state.library = Coming(broken), Mock()
    _warm(mentor, app)
    mentor.warm.assert_called_once()
    assert app.state.weights == "ok"
