"""The demo portal and the real mentor on two origins, started as `make portal` starts them."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import jwt
import pytest
from browsing import PATIENCE
from playwright.sync_api import Browser, Page, expect
from scripted_portal import address, free_port
from test_widget import AXE, WATCH, ask, needs_widget, opened

ROOT = Path(__file__).resolve().parents[2]
LESSON = "/learn/lessons/model-monitoring-and-drift-detection"

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.enable_socket, needs_widget]


class Site(NamedTuple):
    portal: str
    mentor: str
    browser: Browser


@pytest.fixture(scope="module")
def site(shipped_home: Path, browser: Browser) -> Iterator[Site]:
    ports = []
    for listener in (free_port(), free_port()):
        ports.append(address(listener).rsplit(":", 1)[1])
        listener.close()
    run = [sys.executable, ROOT / "ui/portal-demo/run.py", "--port", ports[0]]
    started = subprocess.Popen(
        [*run, "--mentor-port", ports[1]],
        env=os.environ | {"MENTOR_HOME": str(shipped_home), "MENTOR_MODEL": "none"},
    )
    portal, mentor = (f"http://127.0.0.1:{port}" for port in ports)
    try:
        for url in (f"{portal}/portal.css", f"{mentor}/api/v1/ready"):
            wait_for(url)
        yield Site(portal, mentor, browser)
    finally:
        started.terminate()
        started.wait(timeout=30)


def wait_for(url: str) -> None:
    for _ in range(3000):
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")


@pytest.fixture
def page(site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height, scheme = getattr(request, "param", (1440, 900, "light"))
    context = site.browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme
    )
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options()
    page.goto(f"{site.portal}/sign-in/ada")
    page.goto(site.portal + LESSON)
    yield page
    violations = page.evaluate("violations")
    context.close()
    assert not violations


@pytest.mark.parametrize(
    "page", [(1440, 900, "light"), (390, 844, "dark")], ids=["desktop", "phone"], indirect=True
)
def test_a_learner_asks_beside_a_lesson_and_follows_the_citation(page: Page) -> None:
    page.locator(".launcher").wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    opened(page)
    expect(page.locator(".beside")).to_have_text(re.compile("Model Monitoring"))
    turn = ask(page, "What is covariate shift?")
    expect(turn.locator(".answer")).to_contain_text("inputs")
    turn.locator("summary").click()
    page.emulate_media(reduced_motion="reduce")  # what still fades in has no contrast yet
    faults = "r.violations.map((v) => [v.id, ...v.nodes.map((n) => n.html + n.failureSummary)])"
    assert page.evaluate(f"axe.run().then((r) => {faults})") == []
    assert page.evaluate("shift") == 0
    turn.locator(".cite").first.click()
    expect(page.locator(".source mark")).not_to_be_empty()
    page.locator(".source a").click()
    page.wait_for_url(re.compile(r"/learn/.+#.+"))
    expect(page.locator(":target")).to_be_in_viewport()


def test_the_conversation_is_there_on_the_next_page_and_a_follow_up_understood(page: Page) -> None:
    opened(page)
    expect(ask(page, "How much does a junior earn?").locator(".answer")).to_contain_text("$95,000")
    page.goto(page.url.replace("model-monitoring-and-drift-detection", "hyperparameter-tuning"))
    expect(page.locator(".question")).to_contain_text("How much does a junior earn?")
    expect(page.locator(".beside")).to_contain_text("Hyperparameter Tuning")
    expect(ask(page, "and seniors?").locator(".answer")).to_contain_text("$230,000")
    expect(page.locator(".turn")).to_have_count(2)


def test_a_token_that_the_mentor_refuses_is_renewed_by_the_portal(page: Page) -> None:
    forged = jwt.encode(
        {"sub": "ada", "aud": "mentor", "exp": time.time() + 600}, "x" * 32, algorithm="HS256"
    )
    page.evaluate("(token) => { document.querySelector('mentor-chat').token = token }", forged)
    refused: list[int] = []
    page.on("response", lambda response: refused.append(response.status))
    opened(page)
    turn = ask(page, "What are the five stages?")
    expect(turn.locator(".answer li").first).to_be_visible()
    assert 401 in refused
    expect(page.locator(".trouble")).to_have_count(0)


def test_a_learner_who_is_not_signed_in_is_told_so(page: Page) -> None:
    page.context.clear_cookies()
    opened(page)
    expect(ask(page, "What is drift?").locator(".trouble")).to_contain_text("session has ended")


def test_the_next_learner_at_this_browser_finds_nothing_of_the_first(
    page: Page, site: Site
) -> None:
    opened(page)
    expect(ask(page, "What is drift?").locator(".cite").first).to_be_visible()
    page.goto(f"{site.portal}/sign-in/bob")
    page.goto(site.portal + LESSON)
    expect(page.locator(".welcome h3")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)


def test_a_page_of_another_origin_gets_neither_widget_nor_answer(page: Page, site: Site) -> None:
    stranger = site.portal.replace("127.0.0.1", "localhost")
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(stranger + LESSON, wait_until="networkidle")
    assert failed == [f"{site.mentor}/widget.js"]
    assert page.evaluate("customElements.get('mentor-chat') === undefined")
    fetched = f"fetch('{site.mentor}/api/v1/suggestions').then(() => 'read', () => 'refused')"
    assert page.evaluate(fetched) == "refused"
    refused = page.request.get(f"{site.mentor}/widget.js", headers={"Origin": stranger})
    assert refused.status == 403


def test_a_plan_is_kept_from_the_widget(page: Page, site: Site) -> None:
    page.goto(f"{site.portal}/sign-in/{secrets.token_hex(4)}")  # somebody without a plan
    page.goto(site.portal + LESSON)
    opened(page)
    turn = ask(page, "I know Python and SQL, where do I start? I have 6 hours a week.")
    turn.get_by_role("button", name="Keep this plan").click()
    expect(turn.locator(".offer")).to_contain_text("Kept.")


def test_what_the_material_does_not_answer_is_refused(page: Page) -> None:
    opened(page)
    turn = ask(page, "What does a junior earn in Peru?")
    expect(turn.locator(".refusal")).to_contain_text("Not in the material")
    expect(turn.locator(".cite")).to_have_count(0)


def test_the_full_page_opens_as_the_same_learner_and_its_address_works_once(
    page: Page, site: Site
) -> None:
    opened(page)
    launched: list[str] = []
    page.context.on("request", lambda r: launched.append(r.url) if "/launch/" in r.url else None)
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Open the mentor’s page").click()
    popup.value.locator("#question textarea").wait_for()
    expect(popup.value).to_have_url(f"{site.mentor}/")
    again = page.context.request.get(launched[0])
    assert again.status == 401
