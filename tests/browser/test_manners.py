"""How the pages behave: at once, by keyboard, readable by everybody, with their server alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import answered, ask, box, looking, strangers, told
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.enable_socket]

AXE = Path(__file__).resolve().parents[2] / "ui/widget/node_modules/axe-core/axe.min.js"
FIRST_PAINT_MS = 2_000
EARNS = "How much does a junior earn?"
PAGES = (
    *("/library", "/library?q=drift", "/library/lessons/python-for-data-science"),
    *("/roadmap", "/plan", "/plan/new", "/interview"),
)
LOOKS: list[dict[str, Any]] = [
    {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
]


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    with looking(browser, address) as page:
        yield page


def test_something_is_painted_at_once_and_questions_wait_for_no_weights(
    browser: Browser, address: str
) -> None:
    with looking(browser, address) as page:
        answered(page, EARNS)
        warm = page.context.new_page()
        warm.goto(address)
        expect(warm.locator("#opening")).to_be_hidden()
        painted = warm.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        )
        assert painted <= FIRST_PAINT_MS
        box(warm).wait_for()
        assert warm.evaluate("document.documentElement.innerText").count("Roadmap") == 1


def test_the_page_says_that_the_model_is_warming_up(page: Page) -> None:
    state = {"weights": "warming up"}
    page.route("**/api/v1/health", lambda route: route.fulfill(json=state))
    page.reload()
    expect(page.locator("#warming")).to_contain_text("warming up")
    state["weights"] = "ok"
    expect(page.locator("#warming")).to_be_empty()


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core comes with `make widget`")
@pytest.mark.parametrize("look", LOOKS, ids=["desktop-light", "phone-dark"])
def test_axe_finds_nothing_serious_on_any_page(
    browser: Browser, address: str, look: dict[str, Any]
) -> None:
    with looking(browser, address, **look) as page:
        assert serious(page) == []
        answered(page, "Which technical skills does a junior need?")
        page.locator("a.cite").first.click()
        assert serious(page) == []
        page.keyboard.press("Escape")
        answered(page, "How long should I boil an egg?")
        page.locator("#masthead .talks").click()
        expect(page.locator("#talk-list label")).to_have_count(1)
        assert serious(page) == []
        for path in PAGES:
            page.goto(f"{address}{path}")
            assert serious(page) == [], path


def serious(page: Page) -> list[str]:
    """What axe-core finds that would keep somebody out: rule, and where."""
    page.wait_for_timeout(300)  # colours of a transition are no contrast
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })"
    )
    return [
        f"{rule['id']}: {node['target']} {node['html'][:160]} {node.get('failureSummary')}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def test_a_whole_visit_by_keyboard_alone(page: Page) -> None:
    keys = page.keyboard
    keys.press("/")
    keys.type("Which technical skills")
    keys.press("Shift+Enter")
    keys.type("does a junior need?")
    assert "\n" in box(page).input_value()
    keys.press("Enter")
    expect(page.locator("#chat .print")).to_be_visible()
    expect(page.locator("#ask")).to_be_visible()
    cite = page.locator("a.cite").nth(1)
    back_to(page, "a.cite", 1)
    outline = cite.evaluate("link => getComputedStyle(link).outlineStyle")
    assert outline == "solid", "focus can be seen"
    keys.press("Enter")
    expect(page.locator("details.source[open] summary")).to_be_focused()
    keys.press("Escape")
    expect(cite).to_be_focused()
    back_to(page, "#masthead .talks", 0)
    keys.press("Enter")
    expect(page.locator("#talk-search input, #talk-search textarea")).to_be_focused()
    keys.press("Escape")
    expect(page.locator("#masthead .talks")).to_be_focused()
    keys.press("/")
    keys.type("Should I learn one cloud or several?")
    keys.press("Enter")
    expect(page.locator("#stop")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#ask")).to_be_visible()
    expect(box(page)).to_be_focused()


def back_to(page: Page, selector: str, n: int) -> None:
    """Shift+Tab until the nth match of `selector` has the focus."""
    for _ in range(80):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(
            "([s, n]) => document.activeElement === document.querySelectorAll(s)[n]", [selector, n]
        ):
            return
    raise AssertionError(f"{selector} cannot be reached")


def test_what_happens_is_told_to_who_cannot_see_it(page: Page) -> None:
    answered(page, EARNS)
    assert page.get_by_role("log").get_attribute("aria-live") == "polite"
    expect(page.get_by_role("group", name="The mentor")).to_contain_text("$95,000")
    assert page.get_by_role("textbox", name="Your question").count() == 1
    assert page.get_by_role("link", name="Source 1").count() == 1


def test_nothing_moves_for_who_asked_for_less_motion(browser: Browser, address: str) -> None:
    with looking(browser, address, reduced_motion="reduce") as page:
        ask(page, EARNS)
        moving = "() => document.getAnimations().filter(a => a.playState === 'running').length"
        expect(page.locator("#stop")).to_be_visible()
        assert page.evaluate(moving) == 0
        page.goto(f"{address}/library")
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_plain_pages_call_nobody_and_need_no_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    called: list[str] = []
    context.on("request", lambda sent: called.append(sent.url))
    page = context.new_page()
    for path in PAGES:
        page.goto(f"{address}{path}")
        expect(page.locator("main h1")).to_be_visible()
    page.goto(f"{address}/roadmap")
    page.locator("#stage-1-1 button").click()
    expect(page.locator("#stage-1-1")).to_contain_text("Undo")
    page.reload()
    expect(page.locator("#stage-1-1")).to_contain_text("Undo")
    context.close()
    assert len(called) > len(PAGES) and not strangers(called, address)


def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, address: str) -> None:
    with looking(browser, address, **LOOKS[1]) as page:
        wide = "document.documentElement.scrollWidth - innerWidth"
        answered(page, "Which technical skills does a junior need?")
        assert page.evaluate(wide) <= 0
        inner = (
            "[...document.querySelectorAll('#chat .prose')].filter(e => e.scrollWidth > innerWidth)"
        )
        assert page.evaluate(f"{inner}.length") == 0
        expect(page.locator("#sources")).to_be_hidden()
        page.locator("a.cite").first.click()
        expect(page.locator("#sources")).to_be_visible()
        page.locator(".put-away:visible").click()
        expect(page.locator("#sources")).to_be_hidden()
        for path in PAGES:
            page.goto(f"{address}{path}")
            assert page.evaluate(wide) <= 0, path


def test_five_tabs_are_open_and_each_answers(browser: Browser, address: str) -> None:
    with looking(browser, address) as first:
        tabs = [first, *(first.context.new_page() for _ in range(4))]
        for tab in tabs[1:]:
            tab.goto(address)
            box(tab).wait_for()
        for tab in tabs:
            ask(tab, EARNS)
        for tab in tabs:
            expect(tab.locator("#chat .bot").last).to_contain_text("$95,000")
            told(tab)
        assert len({tab.url for tab in tabs}) == 5, "a conversation each"
        tabs[4].reload()
        expect(tabs[4].locator("#chat .bot")).to_contain_text("$95,000")
