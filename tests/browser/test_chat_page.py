"""The chat page in a real Chromium, served by the real command over the real corpus."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browsing import answered, ask, looking
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture(params=[(1440, 900, "light"), (390, 844, "dark")], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, address: str, browser: Browser) -> Iterator[Page]:
    width, height, scheme = request.param
    size = {"width": width, "height": height}
    with looking(browser, address, viewport=size, color_scheme=scheme) as page:
        yield page


def test_a_learner_asks_reads_and_opens_the_source(page: Page) -> None:
    ask(page, "Which technical skills does a junior need?")
    answer = page.locator("#chat .bot").last
    expect(answer).to_contain_text("Feature Engineering")
    cite = page.locator("a.cite").first
    cite.click()
    source = page.locator("details.source[open]")
    expect(source).to_have_count(1)
    expect(source.locator("mark.chosen")).to_contain_text("Feature Engineering")
    expect(source).to_contain_text("The roadmap")
    expect(page.locator("#chat .print")).to_contain_text("first sentence")
    source.locator("a.whole").click()
    expect(page.locator("h1")).to_have_text("Junior ML Engineer")
    expect(page).to_have_url(re.compile("#technical-skills$"))
    page.go_back()
    expect(page.locator("#chat .bot").last).to_contain_text("Feature Engineering")


def test_a_question_outside_the_material_is_refused_kindly(page: Page) -> None:
    ask(page, "How long should I boil an egg?")
    said = page.locator("#chat .bot").last
    expect(said).to_contain_text("Not in my material")
    expect(page.locator("a.cite")).to_have_count(0)
    answered(page, "What does a junior ML engineer earn in Peru?")
    expect(said).to_contain_text("Not in my material")
    said.locator("li a").first.click()
    expect(page.locator("#found")).to_contain_text("Nearest to")


def test_a_filter_is_shown_and_taken_away(page: Page) -> None:
    answered(page, "What is model deployment for a junior?")
    chip = page.locator("#filter-levels")
    expect(chip).to_have_text("Only junior level ×")
    chip.click()
    expect(chip).to_be_hidden()
    expect(page.locator("#ask")).to_be_visible()
    expect(page.locator("#chat .user")).to_have_count(1)
    page.locator("#anew").click()
    expect(page.locator("#chat .user")).to_have_count(0)
    answered(page, "What is data drift?")
    expect(chip).to_be_hidden()


def test_a_thumb_is_given_with_a_reason(page: Page) -> None:
    answered(page, "What are the five stages?")
    page.locator('#chat button[aria-label="Dislike"]').click()
    reason = page.locator("#why-reason textarea, #why-reason input")
    reason.fill("It names no hours.")
    page.locator("#why-send").click()
    expect(page.locator("#status")).to_contain_text("Thank you")
    expect(reason).to_be_hidden()
    given = page.request.get("/api/v1/feedback").json()["feedback"]
    assert [(each["verdict"], each["reason"]) for each in given][-1] == (
        "down",
        "It names no hours.",
    )


def test_a_suggestion_can_be_chosen_and_a_follow_up_understood(page: Page) -> None:
    page.locator("#chat .example").first.click()
    expect(page.locator("a.cite").first).to_be_visible()
    expect(page.locator("#ask")).to_be_visible()
    ask(page, "How much does a junior earn?")
    expect(page.locator("#chat .bot").last).to_contain_text("$95,000")
    expect(page.locator("#ask")).to_be_visible()
    ask(page, "and seniors?")
    expect(page.locator("#chat .bot").last).to_contain_text("$230,000")


def test_an_answer_can_be_stopped_and_the_next_question_asked(page: Page) -> None:
    ask(page, "Should I learn one cloud or several?")
    page.locator("#stop").click()
    expect(page.locator("#ask")).to_be_visible()
    ask(page, "How satisfied are ML engineers with their job?")
    expect(page.locator("#chat .bot").last).to_contain_text("90%")


def test_an_empty_question_does_nothing_and_a_script_stays_text(page: Page) -> None:
    ask(page, "   ")
    expect(page.locator("#chat .user")).to_have_count(0)
    ask(page, "<img src=x onerror=\"document.title='owned'\"> what is stage 4 about?")
    expect(page.locator("#chat .bot").last).to_contain_text("MLOps")
    assert page.title() == "Mentor"


def test_the_page_does_not_scroll_sideways(page: Page) -> None:
    ask(page, "What are the five stages?")
    expect(page.locator("a.cite").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def test_a_slash_goes_to_the_question_box(page: Page) -> None:
    page.locator("#masthead h1").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.closest('#question') !== null")


def test_a_plan_is_kept_by_its_button_and_known_after_a_reload(page: Page) -> None:
    ask(page, "I know Python and SQL, where do I start? I have 6 hours a week.")
    expect(page.locator("#chat .bot").last).to_contain_text("Step 1")
    expect(page.locator("a.cite").first).to_be_visible()
    keep = page.locator("#proposal-0")
    expect(keep).to_have_text("Keep this plan")
    keep.click()
    expect(page.locator("#chat .bot").last).to_contain_text("Kept.")
    expect(keep).to_be_hidden()
    page.reload()
    page.locator("#question textarea").wait_for()
    ask(page, "what next?")
    expect(page.locator("#chat .bot").last).to_contain_text("With 6 hours a week")


def test_the_question_box_stays_on_the_screen_beside_a_proposal(page: Page) -> None:
    ask(page, "I know Python and SQL, where do I start? I have 6 hours a week.")
    page.locator("#proposal-0").wait_for(state="visible")
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
    expect(skills).to_have_count(2)
    skills.first.locator("input").check()
    page.locator("#cv-use").click()
    box = page.locator("#question textarea")
    expect(box).to_have_value("I know SQL & Data Querying. Where do I start?")
    box.press("Enter")
    expect(page.locator("#chat .bot").last).to_contain_text("a check of SQL")


def test_an_interview_goes_on_message_by_message_and_survives_a_reload(page: Page) -> None:
    said = page.locator("#chat .bot").last
    answered(page, "interview me on drift, junior level, 1 question")
    expect(said).to_contain_text("Question 1 of 1")
    answered(page, "The inputs are not what they were when I trained the model.")
    expect(said).to_contain_text("?")
    page.reload()
    expect(page.locator("#chat .bot")).to_have_count(2)
    answered(page, "resume the interview")
    expect(said).to_contain_text("We go on where we were")
    answered(page, "stop")
    expect(said).to_contain_text("Your interview:")
    expect(said.locator("a.cite").first).to_be_visible()
