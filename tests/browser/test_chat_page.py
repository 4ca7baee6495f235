"""The chat page in a real Chromium, served by the real command over the real corpus."""

from __future__ import annotations

import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import MENTOR
from playwright.sync_api import Page, expect, sync_playwright

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.enable_socket]

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE = 60_000


@pytest.fixture(scope="module")
def address(shipped_home: Path) -> Iterator[str]:
    """Where `mentor serve` answers; it prints its address when it listens."""
    server = subprocess.Popen(
        [MENTOR, "serve", "--port", "0"],
        env=os.environ | {"MENTOR_HOME": str(shipped_home)},
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


@pytest.fixture(params=[(1440, 900, "light"), (390, 844, "dark")], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, address: str) -> Iterator[Page]:
    width, height, scheme = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        page.set_default_timeout(PATIENCE)
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url))
        page.goto(address)
        page.locator("#question textarea").wait_for()
        yield page
        own = (address, address.replace("http", "ws"), "data:", "blob:")
        strangers = [url for url in asked if not url.startswith(own)]
        browser.close()
        assert not strangers, "the page called a stranger"


def ask(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")


def test_a_learner_asks_reads_and_opens_the_source(page: Page) -> None:
    ask(page, "Which technical skills does a junior need?")
    answer = page.locator("#chat .bot").last
    expect(answer).to_contain_text("Feature Engineering", timeout=PATIENCE)
    cite = page.locator("a.cite").first
    cite.click()
    source = page.locator("details.source[open]")
    expect(source).to_have_count(1)
    expect(source.locator("mark")).to_contain_text("Feature Engineering")
    expect(source).to_contain_text("The roadmap")
    expect(page.locator("#status")).to_contain_text("first sentence", timeout=PATIENCE)


def test_a_question_outside_the_material_is_refused_kindly(page: Page) -> None:
    ask(page, "How long should I boil an egg?")
    expect(page.locator("#chat .bot").last).to_contain_text(
        re.compile("material|mentor", re.I), timeout=PATIENCE
    )
    expect(page.locator("a.cite")).to_have_count(0)


def test_a_suggestion_can_be_chosen_and_a_follow_up_understood(page: Page) -> None:
    page.locator("#chat .example").first.click()
    expect(page.locator("a.cite").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#ask")).to_be_visible(timeout=PATIENCE)
    ask(page, "How much does a junior earn?")
    expect(page.locator("#chat .bot").last).to_contain_text("$95,000", timeout=PATIENCE)
    expect(page.locator("#ask")).to_be_visible(timeout=PATIENCE)
    ask(page, "and seniors?")
    expect(page.locator("#chat .bot").last).to_contain_text("$230,000", timeout=PATIENCE)


def test_an_answer_can_be_stopped_and_the_next_question_asked(page: Page) -> None:
    ask(page, "Should I learn one cloud or several?")
    page.locator("#stop").click()
    expect(page.locator("#ask")).to_be_visible(timeout=PATIENCE)
    ask(page, "How satisfied are ML engineers with their job?")
    expect(page.locator("#chat .bot").last).to_contain_text("90%", timeout=PATIENCE)


def test_an_empty_question_does_nothing_and_a_script_stays_text(page: Page) -> None:
    ask(page, "   ")
    expect(page.locator("#chat .user")).to_have_count(0)
    ask(page, "<img src=x onerror=\"document.title='owned'\"> what is stage 4 about?")
    expect(page.locator("#chat .bot").last).to_contain_text("MLOps", timeout=PATIENCE)
    assert page.title() == "Mentor"


def test_the_page_does_not_scroll_sideways(page: Page) -> None:
    ask(page, "What are the five stages?")
    expect(page.locator("a.cite").first).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def test_a_slash_goes_to_the_question_box(page: Page) -> None:
    page.locator("#masthead").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.closest('#question') !== null")


def test_a_plan_is_kept_by_its_button_and_known_after_a_reload(page: Page) -> None:
    ask(page, "I know Python and SQL, where do I start? I have 6 hours a week.")
    expect(page.locator("#chat .bot").last).to_contain_text("Step 1", timeout=PATIENCE)
    expect(page.locator("a.cite").first).to_be_visible()
    keep = page.locator("#proposal-0")
    expect(keep).to_have_text("Keep this plan", timeout=PATIENCE)
    keep.click()
    expect(page.locator("#chat .bot").last).to_contain_text("Kept.", timeout=PATIENCE)
    expect(keep).to_be_hidden()
    page.reload()
    page.locator("#question textarea").wait_for()
    ask(page, "what next?")
    expect(page.locator("#chat .bot").last).to_contain_text("With 6 hours a week", timeout=PATIENCE)


def test_a_conversation_survives_a_reload_and_is_nobody_elses(page: Page) -> None:
    ask(page, "How much does a junior earn?")
    expect(page.locator("#chat .bot").last).to_contain_text("$95,000", timeout=PATIENCE)
    expect(page.locator("#ask")).to_be_visible(timeout=PATIENCE)
    page.reload()
    expect(page.locator("#chat .user")).to_contain_text("How much does a junior earn?")
    expect(page.locator("#chat .bot").last).to_contain_text("$95,000")
    page.locator("a.cite").first.click()
    expect(page.locator("details.source[open] mark")).to_contain_text("$95,000")
    ask(page, "and seniors?")
    expect(page.locator("#chat .bot").last).to_contain_text("$230,000", timeout=PATIENCE)
    browser = page.context.browser
    assert browser is not None
    stranger = browser.new_context().new_page()
    stranger.goto(page.url)
    stranger.locator("#chat .example").first.wait_for(timeout=PATIENCE)
    expect(stranger.locator("#chat .user")).to_have_count(0)
    page.locator("#anew").click()
    expect(page.locator("#chat .user")).to_have_count(0)
    page.reload()
    page.locator("#chat .example").first.wait_for(timeout=PATIENCE)
    expect(page.locator("#chat .user")).to_have_count(0)


def test_the_question_box_stays_on_the_screen_beside_a_proposal(page: Page) -> None:
    ask(page, "I know Python and SQL, where do I start? I have 6 hours a week.")
    page.locator("#proposal-0").wait_for(state="visible", timeout=PATIENCE)
    note = page.locator("#proposal-note p")
    expect(note).to_have_text(re.compile(r"^I keep it, [^.]{20,160}\.$"))
    box = page.locator("#question").bounding_box()
    size = page.viewport_size
    assert box is not None and size is not None
    assert box["y"] + box["height"] <= size["height"]


def test_a_cv_is_ticked_skill_by_skill(page: Page) -> None:
    page.locator("#cv summary").click()
    page.locator("#cv-file").set_input_files(
        {"name": "cv.txt", "mimeType": "text/plain", "buffer": b"Five years of SQL and Docker.\n"}
    )
    skills = page.locator("#cv-skills label")
    expect(skills).to_have_count(2, timeout=PATIENCE)
    skills.first.locator("input").check()
    page.locator("#cv-use").click()
    box = page.locator("#question textarea")
    expect(box).to_have_value("I know SQL & Data Querying. Where do I start?")
    box.press("Enter")
    expect(page.locator("#chat .bot").last).to_contain_text("a check of SQL", timeout=PATIENCE)


def test_an_interview_goes_on_message_by_message_and_survives_a_reload(page: Page) -> None:
    said = page.locator("#chat .bot").last
    ask(page, "interview me on drift, junior level, 1 question")
    expect(said).to_contain_text("Question 1 of 1", timeout=PATIENCE)
    ask(page, "The inputs are not what they were when I trained the model.")
    expect(page.locator("#chat .bot")).to_have_count(2, timeout=PATIENCE)
    expect(said).to_contain_text("?", timeout=PATIENCE)
    page.reload()
    page.locator("#question textarea").wait_for()
    ask(page, "resume the interview")
    expect(said).to_contain_text("We go on where we were", timeout=PATIENCE)
    ask(page, "stop")
    expect(said).to_contain_text("Your interview:", timeout=PATIENCE)
    expect(said.locator("a.cite").first).to_be_visible()
