"""The page behind the gate, in a real Chromium: entered by a launch URL, each learner apart."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from browsing import PATIENCE
from conftest import SECRET, Serve, bearer, listening
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


def opened(browser: Browser, address: str) -> tuple[Page, list[str]]:
    """A page in a browser of its own, and what it was refused: but for the page that is still
    opening and tells the browser to come again in a moment."""
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    refused: list[str] = []
    page.on(
        "response",
        lambda reply: (
            refused.append(f"{reply.status} {reply.url}")
            if reply.status > 399 and (reply.status, urlsplit(reply.url).path) != (503, "/")
            else None
        ),
    )
    page.goto(address)
    return page, refused


def ask(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator("a.cite").first).to_be_visible()
    expect(page.locator("#chat .print")).to_contain_text("first sentence")


def test_a_browser_on_loopback_comes_back_to_its_conversation_and_another_does_not(
    serve: Serve, browser: Browser
) -> None:
    with listening(serve(page=True).app) as address:
        ada, refused = opened(browser, address)
        ask(ada, "What does a junior ML engineer earn?")
        ada.reload()
        expect(ada.locator("#chat .bot")).to_contain_text("$95,000")
        cookie = ada.context.cookies()[0]
        assert cookie["name"] == "mentor_session" and cookie["httpOnly"]
        stored = ada.evaluate("JSON.stringify(localStorage)")
        eve, _ = opened(browser, address)
        eve.evaluate("all => Object.assign(localStorage, JSON.parse(all))", stored)
        eve.reload()
        eve.locator("#question textarea").wait_for()
        expect(eve.locator("#chat .bot")).to_have_count(0)
        assert refused == []


def test_a_launch_url_opens_the_page_and_nothing_else_does(serve: Serve, browser: Browser) -> None:
    client = serve(page=True, token_secret=SECRET)
    with listening(client.app) as address:
        stranger, _ = opened(browser, address)
        expect(stranger.locator("body")).to_contain_text("Open Mentor from your learning portal")
        made = httpx.post(f"{address}/api/v1/launch", headers=bearer("ada"), timeout=30)
        ada, refused = opened(browser, made.json()["url"])
        ask(ada, "What does a junior ML engineer earn?")
        talks = httpx.get(f"{address}/api/v1/conversations", headers=bearer("ada"), timeout=30)
        assert len(talks.json()["conversations"]) == 1
        assert refused == []
