"""The plan and mock interviews in a real Chromium, over the real corpus, bank and grader."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browsing import PATIENCE
from conftest import listening, shipped_bank
from interviewing import strong
from playwright.sync_api import Browser, Page, Route, expect

from mentor.mentor import open_mentor
from mentor.questions import Question
from mentor.settings import Settings
from mentor_ui.server import whole_app

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.enable_socket]

AXE = Path(__file__).resolve().parents[2] / "ui/widget/node_modules/axe-core/axe.min.js"
LOOKS = {"desktop": (1440, 900, "light"), "phone": (390, 844, "dark")}
DRIFT = "Model Monitoring & Drift Detection"
HEAR_BUSY = """
const note = document.querySelector("form .busy[role=status]");
new MutationObserver(() => { sessionStorage.heard = note.textContent; })
  .observe(note, { childList: true, characterData: true, subtree: true });
"""
CV = """Ada Lovelace
I wrote Python services with classes and tests for six years.
I queried sales data with SQL every week.
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@contextmanager
def open_site(home: Path) -> Iterator[str]:
    settings = Settings(home=home, model="none", learner_rate="9/second", address_rate="99/second")
    mentor = open_mentor(settings)
    with listening(whole_app(mentor, settings)) as address:
        yield address
    if mentor.store is not None:
        mentor.store.close()


@pytest.fixture(scope="module")
def site(home: Path) -> Iterator[str]:
    with open_site(home) as address:
        yield address


@contextmanager
def looking(browser: Browser, site: str, look: str = "desktop", **more: object) -> Iterator[Page]:
    """A page of a learner who is new here; it must call nobody but its own server."""
    width, height, scheme = LOOKS[look]
    context = browser.new_context(
        base_url=site,
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )
    context.set_default_timeout(PATIENCE)
    called: list[str] = []
    context.on("request", lambda sent: called.append(sent.url))
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
    assert [url for url in called if not url.startswith(site)] == []


@pytest.fixture(params=LOOKS)
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    with looking(browser, site, request.param) as opened:
        yield opened


def clean(page: Page) -> None:
    """Axe finds nothing, and the page does not scroll sideways."""
    if AXE.is_file():  # npm brings it, with the widget
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run().then((r) => r.violations)")
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), page.url


def press(page: Page, name: str, *, exact: bool = True) -> None:
    page.get_by_role("button", name=name, exact=exact).first.click()


def heading(page: Page, text: str) -> None:
    expect(page.locator("h1")).to_contain_text(text)


def begun(page: Page, *, questions: int = 1) -> Question:
    """The first question, on drift."""
    page.goto("/interview")
    page.get_by_text("Only some topics").click()
    page.get_by_label(DRIFT).check()
    page.get_by_label("Questions").fill(str(questions))
    press(page, "Begin")
    heading(page, "Question 1 of")
    return question_of(page)


def question_of(page: Page) -> Question:
    asked = re.sub(r"</?code>", "`", html.unescape(page.locator("#question").inner_html()))
    return next(q for q in shipped_bank().questions.values() if q.question.strip() == asked)


def point_of(question: Question) -> str:
    """A sentence that makes the first point of a question."""
    return shipped_bank().points[next(iter(question.points))].met


def to_feedback(page: Page) -> None:
    """Past all probes, and what one thinks of oneself."""
    expect(page.locator("#probe, .sure")).to_be_visible()
    while page.locator("#probe").count():
        before = page.locator('[name="seen"]').first.input_value()
        press(page, "Skip")
        expect(page.locator('[name="seen"]').first).not_to_have_value(before)
    press(page, "5 certain")
    heading(page, "Feedback")


# --- the plan -------------------------------------------------------------------------------


def planned(page: Page, *, hours: int) -> None:
    page.goto("/plan")
    page.get_by_label("Hours a week").fill(str(hours))
    press(page, "See the plan")
    press(page, "Keep this plan")


def test_a_plan_from_a_cv(page: Page) -> None:
    page.goto("/plan")
    clean(page)
    file = {"name": "cv.txt", "mimeType": "text/plain", "buffer": CV.encode()}
    page.get_by_label("PDF, DOCX or text").set_input_files(files=[file])  # type: ignore[list-item]
    press(page, "Find my skills")
    heading(page, "Skills that your CV speaks of")
    expect(page.get_by_text("I queried sales data with SQL every week.")).to_be_visible()
    clean(page)
    page.get_by_label("SQL & Data Querying").check()
    press(page, "I have the ticked ones")
    heading(page, "A new plan, to look at")
    page.get_by_label("I come as").select_option("a software engineer")
    page.get_by_label("Hours a week").fill("10")
    press(page, "See the plan")
    expect(page.locator(".lead")).to_contain_text("With 10 hours a week on track B")
    expect(page.get_by_text("Reckoned with your claims: SQL & Data Querying.")).to_be_visible()
    clean(page)
    press(page, "Keep this plan")
    heading(page, "Your plan")
    today = page.get_by_role("heading", name="Check: SQL & Data Querying")
    expect(today).to_be_visible()
    page.reload()
    expect(today).to_be_visible()
    clean(page)


def test_what_is_done_moves_the_plan_after_a_look_at_what_changes(page: Page) -> None:
    planned(page, hours=10)
    press(page, "Mark as done: Python for Data Science")
    expect(page.get_by_role("heading", name="Something has changed")).to_be_visible()
    clean(page)
    page.get_by_role("link", name="Look at it first").click()
    expect(page.get_by_text("Done: Python for Data Science")).to_be_visible()
    page.go_back()
    heading(page, "Your plan")
    press(page, "Accept the new plan")
    expect(page.get_by_text("Something has changed")).to_have_count(0)
    press(page, "Take back", exact=False)
    expect(page.get_by_text("Comes in: Python for Data Science")).to_be_visible()
    for name, begins in (("Markdown", b"# Your plan"), ("Calendar (.ics)", b"BEGIN:VCALENDAR")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert Path(download.value.path()).read_bytes().startswith(begins)


# --- an interview ---------------------------------------------------------------------------


def test_a_whole_interview(page: Page) -> None:
    page.goto("/interview")
    clean(page)
    page.get_by_label("Show a timer").check()
    page.get_by_text("Only some topics").click()
    page.get_by_label(DRIFT).check()
    clean(page)
    page.get_by_label("Questions").fill("2")
    press(page, "Begin")
    heading(page, "Question 1 of 2")
    question = question_of(page)
    expect(page.get_by_label("Your answer")).to_be_focused()
    timer = page.get_by_role("timer")
    expect(timer).not_to_have_text(timer.inner_text())
    page.get_by_label("Your answer").fill("I would begin")
    press(page, "Hint")
    expect(page.locator(".hint")).to_contain_text(question.hint.strip()[:30])
    expect(page.get_by_label("Your answer")).to_have_value("I would begin")
    clean(page)
    page.get_by_label("Your answer").fill(f"{point_of(question)} I also like tea.")
    page.keyboard.press("Control+Enter")
    to_feedback(page)
    expect(page.locator("mark.met").first).to_be_visible()
    expect(page.locator(".said")).to_contain_text("I also like tea.")
    expect(page.get_by_text("You took")).to_be_visible()
    page.get_by_text("I did say this").click()
    page.get_by_label("Your words for it").select_option("I also like tea.")
    clean(page)
    press(page, "Keep my words")
    expect(page.get_by_text("You say that you made a point")).to_be_visible()
    press(page, "Second try")
    page.get_by_label("Your answer").fill(strong(question))
    press(page, "Answer")
    expect(page.locator(".score")).to_contain_text("second try")
    press(page, "Show a strong answer")
    heading(page, "A strong answer")
    clean(page)
    page.locator(".model a.lesson").first.click()
    page.wait_for_url("**/library/**#**")
    expect(page.locator(":target")).to_be_in_viewport()
    page.go_back()
    press(page, "Next question")
    heading(page, "Question 2 of 2")
    page.get_by_label("Your answer").fill(strong(question_of(page)))
    press(page, "Answer")
    to_feedback(page)
    press(page, "Show a strong answer")
    press(page, "To the report")
    heading(page, "Your mock interview of")
    expect(page.locator(".bars li").first).to_contain_text(DRIFT)
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("cell", name="5 of 5")).to_have_count(2)
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.locator(".answered[open] mark.met").first).to_be_visible()
    clean(page)
    page.reload()
    heading(page, "Your mock interview of")
    page.goto("/interview")
    expect(page.get_by_role("link", name=f"Junior: {DRIFT}")).to_be_visible()
    page.go_back()
    heading(page, "Your mock interview of")


def test_a_wait_is_said_and_an_answer_is_sent_once(browser: Browser, site: str) -> None:
    with looking(browser, site) as page:
        question = begun(page)
        sent: list[str] = []

        def slowly(route: Route) -> None:
            sent.append(route.request.post_data or "")
            time.sleep(1)
            route.continue_()

        page.evaluate(HEAR_BUSY)
        page.route("**/interview/*", slowly)
        page.get_by_label("Your answer").fill(point_of(question))
        page.keyboard.press("Control+Enter")
        page.keyboard.press("Control+Enter")
        to_feedback(page)
        assert len([each for each in sent if "move=say" in each]) == 1
        assert page.evaluate("sessionStorage.heard") == "Reading your answer …"


def test_an_interview_by_keyboard_alone(browser: Browser, site: str) -> None:
    def to(page: Page, name: str) -> None:
        """Tab to a button or a box, and see that it has the focus."""
        for _ in range(60):
            page.keyboard.press("Tab")
            at = page.evaluate(
                "[document.activeElement.innerText || document.activeElement.name,"
                " getComputedStyle(document.activeElement).outlineStyle]"
            )
            if str(at[0]).strip().startswith(name):
                assert at[1] != "none", f"nobody sees that {name} has the focus"
                return
        raise AssertionError(f"Tab does not lead to {name}")

    with looking(browser, site) as page:
        page.goto("/interview")
        to(page, "questions")
        page.keyboard.type("1")
        to(page, "Begin")
        page.keyboard.press("Enter")
        heading(page, "Question 1 of 1")
        to(page, "End the interview")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="End it now")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="End it now")).to_be_hidden()
        expect(page.locator("summary", has_text="End the interview")).to_be_focused()
        page.get_by_label("Your answer").focus()
        page.keyboard.type(point_of(question_of(page)))
        page.keyboard.press("Control+Enter")
        expect(page.locator("#probe, .sure")).to_be_visible()
        while page.locator("#probe").count():
            before = page.locator('[name="seen"]').first.input_value()
            to(page, "Skip")
            page.keyboard.press("Enter")
            expect(page.locator('[name="seen"]').first).not_to_have_value(before)
        to(page, "3")
        page.keyboard.press("Enter")
        heading(page, "Feedback")
        expect(page.locator("h1")).to_be_focused()
        to(page, "Show a strong answer")
        page.keyboard.press("Enter")
        heading(page, "A strong answer")
        to(page, "To the report")
        page.keyboard.press("Enter")
        heading(page, "Your mock interview of")


def test_an_interview_without_a_script(browser: Browser, site: str) -> None:
    with looking(browser, site, java_script_enabled=False) as page:
        question = begun(page)
        page.get_by_label("Your answer").fill(point_of(question))
        press(page, "Answer")
        expect(page.locator("#probe, .sure")).to_be_visible()
        page.get_by_text("End the interview").click()
        press(page, "End it now")
        heading(page, "Your mock interview of")


def test_an_interview_goes_on_after_a_restart(browser: Browser, tmp_path: Path) -> None:
    with open_site(tmp_path) as first, looking(browser, first) as page:
        question = begun(page, questions=2)
        press(page, "Pause")
        heading(page, "Paused")
        cookies = page.context.cookies()
    with open_site(tmp_path) as second, looking(browser, second) as page:
        page.context.add_cookies(cookies)  # type: ignore[arg-type]
        page.goto("/interview")
        page.get_by_role("link", name="Go on").click()
        press(page, "Go on")
        heading(page, "Question 1 of 2")
        assert question_of(page).id == question.id


def test_two_tabs_of_one_interview_lose_nothing(browser: Browser, site: str) -> None:
    with looking(browser, site) as page:
        begun(page)
        other = page.context.new_page()
        other.goto(page.url)
        press(page, "Hint")
        expect(page.locator(".hint")).to_be_visible()
        other.get_by_label("Your answer").fill("Typed in the other tab.")
        press(other, "Answer")
        expect(other.get_by_role("alert")).to_contain_text("went on in another window")
        expect(other.get_by_label("Your answer")).to_have_value("Typed in the other tab.")
        press(other, "Answer")
        expect(other.locator("#probe, .sure")).to_be_visible()


def test_two_learners_never_see_each_others_plan_and_interview(browser: Browser, site: str) -> None:
    with looking(browser, site) as ada, looking(browser, site) as eve:
        begun(ada)
        planned(ada, hours=7)
        ada.goto("/interview")
        there = ada.get_by_role("link", name="Go on").get_attribute("href")
        eve.goto("/plan")
        expect(eve.get_by_role("heading", name="What to do today")).to_have_count(0)
        eve.goto("/interview")
        expect(eve.get_by_text("Waiting for you")).to_have_count(0)
        missing = eve.goto(str(there))
        assert missing is not None and missing.status == 404
        expect(eve.get_by_text(re.compile("no such interview"))).to_be_visible()
