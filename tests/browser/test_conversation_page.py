"""Conversations on the page: each at its address, there after a restart, and nobody else's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import A_TALK, answered, ask, box, looking, serving, told
from playwright.sync_api import Browser, Locator, Page, Route, expect

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.enable_socket]

EARNS = "How much does a junior earn?"


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    with looking(browser, address, viewport={"width": 1440, "height": 900}) as page:
        yield page


def said(page: Page) -> list[str]:
    """What the learner said, as the page shows it."""
    return page.locator("#chat .user-row").all_inner_texts()


def test_a_conversation_has_an_address_that_reload_and_back_know(page: Page) -> None:
    answered(page, EARNS)
    first = page.url
    page.reload()
    expect(page.locator("#chat .bot").last).to_contain_text("$95,000")
    page.locator("#anew").click()
    expect(page.locator("#chat .user")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/$"))
    answered(page, "What is stage 4 about?")
    second = page.url
    assert second != first
    page.go_back()
    expect(page.locator("#chat .user")).to_have_text([EARNS])
    expect(page).to_have_url(first)
    answered(page, "and seniors?")
    expect(page.locator("#chat .bot").last).to_contain_text("$230,000")
    page.go_forward()
    expect(page.locator("#chat .user")).to_have_text(["What is stage 4 about?"])
    page.reload()
    expect(page.locator("#chat .user")).to_have_text(["What is stage 4 about?"])


def test_a_question_asked_while_the_page_still_opens_stays_in_its_conversation(page: Page) -> None:
    held: list[Route] = []
    page.route("**/run/predict**", lambda call: call.continue_() if held else held.append(call))
    page.reload()
    answered(page, EARNS)
    asked_at = page.url
    with page.expect_response(held[0].request.url):
        held[0].continue_()
    answered(page, "and seniors?")
    expect(page.locator("#chat .bot").last).to_contain_text("$230,000")
    expect(page).to_have_url(asked_at)
    assert said(page) == [EARNS, "and seniors?"]


def test_two_learners_at_once_never_see_each_others_things(
    page: Page, browser: Browser, address: str
) -> None:
    with looking(browser, address) as other:
        ask(page, EARNS)
        ask(other, "What is stage 4 about?")
        expect(page.locator("#chat .bot").last).to_contain_text("$95,000")
        expect(other.locator("#chat .bot").last).to_contain_text("MLOps")
        told(page)
        told(other)
        other.goto(page.url)
        expect(other.locator("#status")).to_contain_text("no conversation of yours")
        expect(other.locator("#chat .user")).to_have_count(0)
        other.locator("#masthead .talks").click()
        listed = other.locator("#talk-list label")
        expect(listed).to_have_count(1)
        expect(listed).to_contain_text("What is stage 4 about?")
        talk = page.url.partition("?c=")[2]
        for route in (f"/sources/{talk}/1", f"/api/v1/conversations/{talk}"):
            assert other.request.get(f"{address}{route}").status == 404, route
            assert page.request.get(f"{address}{route}").ok, route


def test_an_earlier_answer_still_opens_its_own_sources(page: Page) -> None:
    answered(page, EARNS)
    answered(page, "How satisfied are ML engineers with their job?")
    page.locator('a.cite[href^="#source-1-"]').first.click()
    expect(page.locator("#earlier details[open] mark.chosen")).to_contain_text("$95,000")
    expect(page.locator("#source-panel")).to_be_hidden()
    page.locator('a.cite[href^="#source-2-"]').first.click()
    expect(page.locator("#source-panel details[open]")).to_have_count(1)
    expect(page.locator("#earlier")).to_be_hidden()


def test_a_question_is_edited_and_an_answer_asked_for_again(page: Page) -> None:
    answered(page, "What is stage 4 about?")
    answered(page, "How satisfied are ML engineers with their job?")
    question = page.locator("#chat .user-row").first
    question.hover()
    page.locator('#chat button[aria-label="Edit"]').first.click()
    field = page.locator("#chat textarea")
    field.fill(EARNS)
    page.locator('#chat button[aria-label="Submit"]').click()
    expect(page.locator("#chat .bot").last).to_contain_text("$95,000")
    expect(page.locator("#ask")).to_be_visible()
    assert said(page) == [EARNS]
    page.locator('#chat button[aria-label="Retry"]').click()
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator("#ask")).to_be_visible()
    expect(page.locator("#chat .bot")).to_contain_text("$95,000")
    page.reload()
    expect(page.locator("#chat .user-row")).to_have_text([EARNS])


def test_a_message_is_copied_as_words(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answered(page, "Which technical skills does a junior need?")
    page.locator('#chat button[aria-label="Copy message"]').last.click()
    page.locator('#chat button[aria-label="Copied"]').wait_for()
    words = page.evaluate("navigator.clipboard.readText()")
    assert "shows five: [1]\n\n- Supervised & Unsupervised Learning\n- Feature" in words
    assert "<" not in words and "ask next" not in words and "first sentence" not in words


def test_conversations_are_found_renamed_saved_and_deleted(page: Page) -> None:
    answered(page, EARNS)
    page.locator("#anew").click()
    expect(page.locator("#chat .user-row")).to_have_count(0)
    answered(page, "What is stage 4 about?")
    page.locator("#masthead .talks").click()
    listed = page.locator("#talk-list label")
    expect(listed).to_have_count(2)
    page.locator("#talk-search textarea, #talk-search input").fill("$95,000")
    expect(listed).to_have_count(1)
    listed.click()
    expect(page.locator("#chat .user")).to_have_text([EARNS])
    page.locator("#talk-title textarea, #talk-title input").fill("Pay")
    page.locator("#talk-rename").click()
    expect(listed).to_contain_text("Pay ·")
    with page.expect_download() as saved:
        page.locator("#talk-markdown").click()
    assert "# Pay" in Path(saved.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as saved:
        page.locator("#talk-json").click()
    data = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert data["turns"][0]["answer"]["question"] == EARNS
    gone = page.url
    page.locator("#talk-delete").click()
    page.locator("#talk-sure").click()
    expect(page.locator("#chat .user")).to_have_count(0)
    page.locator("#talk-search textarea, #talk-search input").fill("")
    expect(listed).to_have_count(1)
    page.goto(gone)
    expect(page.locator("#status")).to_contain_text("no conversation of yours")


def test_what_was_said_before_a_stop_is_there_after_a_reload(page: Page) -> None:
    ask(page, "Should I learn one cloud or several?")
    page.locator("#stop").click()
    expect(page.locator("#ask")).to_be_visible()
    expect(page.locator("#chat .thinking")).to_have_count(0)
    stopped = page.locator("#chat .bot").inner_text()
    answered(page, EARNS)  # at once, while the model may still be busy with what was stopped
    page.wait_for_timeout(2_000)
    expect(page.locator("#chat .bot").first).to_have_text(stopped)
    page.reload()
    expect(page.locator("#chat .bot")).to_have_count(2)
    expect(page.locator("#chat .bot").first).to_have_text(stopped)
    expect(page.locator("#chat .bot").last).to_contain_text("$95,000")


def begun(page: Page) -> Locator:
    """What shows that the answer is under way."""
    return page.locator("#chat .bot").locator(".thinking, a.cite").first


def test_a_page_left_in_mid_answer_has_kept_the_question(page: Page) -> None:
    question = "Should I learn one cloud or several?"
    ask(page, question)
    expect(begun(page)).to_be_visible()
    expect(page).to_have_url(A_TALK)
    there = page.url
    page.goto("/roadmap")
    kept = there.replace("/?c=", "/api/v1/conversations/")
    for _ in range(100):  # the server notices soon that nobody reads on
        if page.request.get(kept).ok:
            break
        page.wait_for_timeout(200)
    page.goto(there)
    expect(page.locator("#chat .user")).to_have_text([question])
    expect(page.locator("#chat .bot")).to_have_count(1)  # "Stopped", or what was said by then
    expect(page.locator("#chat .thinking")).to_have_count(0)


def test_who_leaves_in_mid_answer_arrives_though_the_next_page_is_slow(page: Page) -> None:
    held: list[Route] = []
    page.route("**/roadmap", lambda call: held.append(call))
    ask(page, "Should I learn one cloud or several?")
    expect(begun(page)).to_be_visible()
    page.evaluate("location.assign('/roadmap')")
    page.wait_for_timeout(5_000)  # Gradio looks for its server every two
    held[0].continue_()
    expect(page).to_have_url(re.compile("/roadmap$"))
    expect(page.locator("main h1")).to_be_visible()


def test_sources_that_come_late_hide_none_that_were_chosen_after_them(page: Page) -> None:
    held: list[Route] = []
    answered(page, EARNS)
    answered(page, "How satisfied are ML engineers with their job?")
    page.route("**/sources/**", lambda call: held.append(call))
    with page.expect_request("**/sources/**"):
        page.locator('a.cite[href^="#source-1-"]').first.click()
    page.locator('a.cite[href^="#source-2-"]').first.click()
    expect(page.locator("#source-panel mark.chosen")).to_have_count(1)
    with page.expect_response("**/sources/**"):
        held[0].continue_()
    page.wait_for_timeout(300)
    expect(page.locator("#earlier")).to_be_hidden()


def test_going_back_twice_at_once_opens_the_conversation_of_the_address(page: Page) -> None:
    answered(page, EARNS)
    first = page.url
    for question in ("What is stage 4 about?", "How satisfied are ML engineers with their job?"):
        page.locator("#anew").click()
        expect(page.locator("#chat .user")).to_have_count(0)
        expect(page).to_have_url(re.compile(r"/$"))
        answered(page, question)
    page.evaluate("history.back(); setTimeout(() => history.back(), 40)")
    expect(page).to_have_url(first)
    expect(page.locator("#chat .user")).to_have_text([EARNS])


def test_a_draft_in_the_box_survives_whatever_else_is_asked(page: Page) -> None:
    answered(page, EARNS)
    box(page).fill("half a thought")
    chosen = page.locator("#chat a.ask").first
    question = chosen.inner_text()
    chosen.click()
    expect(page.locator("#chat .user").last).to_have_text(question)
    expect(box(page)).to_have_value("half a thought")


def test_a_refused_question_says_why_and_can_be_asked_again(
    shipped_home: Path, browser: Browser
) -> None:
    with serving(shipped_home, rate="1/hour") as alone, looking(browser, alone) as page:
        answered(page, EARNS)
        ask(page, "What is stage 4 about?")
        expect(page.locator(".toast-body")).to_contain_text("at most. Wait")
        expect(page.locator("#ask")).to_be_visible()
        expect(page.locator("#stop")).to_be_hidden()


def test_history_survives_a_restart_of_the_server(
    shipped_home: Path, browser: Browser, tmp_path: Path
) -> None:
    with serving(shipped_home) as before, looking(browser, before) as page:
        answered(page, EARNS)
        cookies = page.context.cookies()
        talk = page.url.removeprefix(before)
    with serving(shipped_home) as after, looking(browser, after) as page:
        page.context.add_cookies(
            [{"name": c["name"], "value": c["value"], "url": after} for c in cookies]
        )
        page.goto(f"{after}{talk}")
        expect(page.locator("#chat .bot")).to_contain_text("$95,000")
        box(page).wait_for()
