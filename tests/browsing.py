"""The real command over the real corpus, looked at in a real Chromium."""

from __future__ import annotations

import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import MENTOR
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE = 60_000
A_TALK = re.compile(r"/\?c=[0-9a-f]{32}$")
expect.set_options(timeout=PATIENCE)  # machines that run tests are often busy with others


@contextmanager
def serving(home: Path, *, rate: str = "600/minute") -> Iterator[str]:
    """Where `mentor serve` answers; it prints its address when it listens."""
    server = subprocess.Popen(
        [MENTOR, "serve", "--port", "0"],
        env=os.environ | {"MENTOR_HOME": str(home), "MENTOR_LEARNER_RATE": rate},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        printed = next(line for line in server.stdout if "http://" in line)
        url = re.search(r"http://\S+", printed)
        assert url is not None
        with urllib.request.urlopen(url.group(), timeout=60) as reply:
            assert reply.status == 200
        yield url.group()
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def looking(browser: Browser, address: str, **context: object) -> Iterator[Page]:
    """The chat page in a browser of its own, which must call nobody but its server."""
    opened = browser.new_context(base_url=address, **context)  # type: ignore[arg-type]
    opened.set_default_timeout(PATIENCE)
    called: list[str] = []
    opened.on("request", lambda sent: called.append(sent.url))
    page = opened.new_page()
    page.goto(address)
    box(page).wait_for()
    yield page
    opened.close()
    assert not strangers(called, address), "the page called a stranger"


def strangers(called: list[str], address: str) -> list[str]:
    """Those of the addresses that are not our own."""
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    return [url for url in called if not url.startswith(own)]


def box(page: Page) -> Locator:
    return page.locator("#question textarea")


def ask(page: Page, question: str) -> None:
    """Ask without waiting for the answer."""
    box(page).fill(question)
    page.keyboard.press("Enter")


def answered(page: Page, question: str) -> None:
    """Ask, and wait until the whole answer is there and the conversation has its address."""
    before = page.locator("#chat .user-row").count()
    replies = page.locator("#chat .bot").count()
    ask(page, question)
    expect(page.locator("#chat .user-row")).to_have_count(before + 1)
    expect(page.locator("#chat .bot")).to_have_count(replies + 1)
    told(page)


def told(page: Page) -> None:
    """Wait until the answer under way is there whole and kept."""
    expect(page.locator("#chat .thinking")).to_have_count(0)
    expect(page.locator("#ask")).to_be_visible()
    expect(page).to_have_url(A_TALK)
