"""The widget in a real Chromium, on a page of another origin with a strict CSP."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from scripted_portal import (
    PASSAGE,
    ScriptedMentor,
    ScriptedPortal,
    address,
    free_port,
    served,
    token,
)

from mentor_ui.api.widget_files import FILES, LOADER

needs_widget = pytest.mark.skipif(
    not (FILES / LOADER).is_file() and shutil.which("npm") is None,
    reason="the widget is not built, and npm is not here to build it",
)
pytestmark = [pytest.mark.browser, pytest.mark.enable_socket, needs_widget]

AXE = Path(__file__).resolve().parents[2] / "ui/widget/node_modules/axe-core/axe.min.js"
LOADER_BYTES = 10_000
ALL_BYTES = 60_000
MAIN_THREAD_MS = 50
WATCH = """
globalThis.violations = []; globalThis.shift = 0; globalThis.told = [];
addEventListener("securitypolicyviolation", (e) =>
  violations.push(`${e.violatedDirective} ${e.blockedURI}`));
new PerformanceObserver((list) => list.getEntries().forEach((e) => { shift += e.value; }))
  .observe({ type: "layout-shift", buffered: true });
"""
HEAR = """
for (const name of ["ready", "open", "close", "message", "citation", "proposal", "error"])
  document.addEventListener(name, (e) => {
    if (e.target.localName === "mentor-chat") told.push([name, e.detail]);
  }, true);
"""


@dataclass
class Stage:
    """A portal, a mentor, and a browser that looks at them."""

    portal: ScriptedPortal
    mentor: ScriptedMentor
    url: str
    browser: Browser
    pages: list[Page]

    def page(self, width: int = 1440, height: int = 900, **context: Any) -> Page:
        """A browser of its own, at the portal's first lesson."""
        opened = self.browser.new_context(viewport={"width": width, "height": height}, **context)
        opened.add_init_script(WATCH + HEAR)
        page = opened.new_page()
        self.pages.append(page)
        page.goto(f"{self.url}/lessons/one")
        return page


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    ours, theirs = free_port(), free_port()
    portal = ScriptedPortal()
    portal.mentor = address(theirs)
    mentor = ScriptedMentor(origin=address(ours))
    with served(portal.app, ours) as url, served(mentor.app, theirs):
        stage = Stage(portal, mentor, url, browser, [])
        yield stage
        violations = [page.evaluate("violations") for page in stage.pages if not page.is_closed()]
        for page in stage.pages:
            page.context.close()
    assert not any(violations), violations


def opened(page: Page) -> Locator:
    page.locator(".launcher").click()
    expect(page.locator(".composer textarea")).to_be_focused()
    return page.locator(".panel")


def ask(page: Page, question: str) -> Locator:
    """Asks, and gives the turn that answers."""
    page.locator(".composer textarea").fill(question)
    page.keyboard.press("Enter")
    return page.locator(".turn").last


def answered(page: Page, question: str) -> Locator:
    turn = ask(page, question)
    expect(turn.locator(".answer li").last).to_be_visible()
    expect(page.locator(".go.stop")).to_have_count(0)
    return turn


def told(page: Page) -> list[str]:
    return [name for name, _ in page.evaluate("told")]


def test_a_long_conversation_moves_neither_the_head_of_the_panel_nor_the_page(
    stage: Stage,
) -> None:
    page = stage.page(height=500)
    panel = opened(page)
    for n in range(4):
        answered(page, f"What is drift, for the {n}th time?")
    page.evaluate("document.querySelector('mentor-chat').ask('And once more from a script?')")
    expect(page.locator(".turn")).to_have_count(5)
    expect(page.locator(".go.stop")).to_have_count(0)
    head, whole = page.locator(".head").bounding_box(), panel.bounding_box()
    assert head is not None and whole is not None
    assert 0 <= head["y"] - whole["y"] <= 2
    last, log = page.locator(".turn").last.bounding_box(), page.locator(".log").bounding_box()
    assert last is not None and log is not None
    assert last["y"] + last["height"] > log["y"] and last["y"] < log["y"] + log["height"]
    assert page.evaluate("scrollY") == 0


# --- the budget ---------------------------------------------------------------------------


def test_the_loader_and_the_whole_stay_small() -> None:
    packed = {path.name: len(gzip.compress(path.read_bytes())) for path in FILES.glob("*.js")}
    assert packed[LOADER] <= LOADER_BYTES, packed
    assert sum(packed.values()) <= ALL_BYTES, packed


def test_a_page_pays_nothing_but_the_loader_until_the_mentor_is_opened(stage: Stage) -> None:
    stage.browser.start_tracing(categories=["devtools.timeline", "v8"])
    page = stage.page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload(wait_until="networkidle")
    expect(page.locator(".launcher")).to_be_visible()
    trace = json.loads(stage.browser.stop_tracing())
    assert {Path(url).name for url in asked if url.startswith(stage.portal.mentor)} == {LOADER}
    assert stage.mentor.tokens == [] and stage.portal.minted == []
    assert page.evaluate("shift") == 0
    assert main_thread_ms(trace, stage.portal.mentor) / 2 < MAIN_THREAD_MS, "two page loads"


def main_thread_ms(trace: dict[str, Any], origin: str) -> float:
    """CPU time that modules take of the page's thread; all modules of the page are the widget's.

    Only the compilation names the script that it belongs to, so it tells which thread to look at.
    """
    names = ("v8.compileModule", "v8.evaluateModule", "FunctionCall")
    runs = [each for each in trace["traceEvents"] if each["ph"] == "X" and each["name"] in names]
    threads = {
        (run["pid"], run["tid"])
        for run in runs
        if run["name"] == "v8.compileModule" and run["args"]["data"]["url"].startswith(origin)
    }
    ours = [run for run in runs if (run["pid"], run["tid"]) in threads]
    assert "v8.evaluateModule" in {run["name"] for run in ours}
    total, end = 0.0, 0
    for run in sorted(ours, key=lambda run: int(run["ts"])):
        if run["ts"] >= end:  # what runs inside another is counted with it
            total += run.get("tdur", run["dur"]) / 1000
            end = run["ts"] + run["dur"]
    return total


def test_opening_and_asking_shift_nothing_on_the_page(stage: Stage) -> None:
    page = stage.page()
    before = look_of(page)
    opened(page)
    answered(page, "What is data drift?")
    assert look_of(page) == before
    assert page.evaluate("shift") == 0


def look_of(page: Page) -> Any:
    """Where everything of the page is and how it looks, and its style sheets."""
    return page.evaluate(
        """[...document.querySelectorAll("html, body, main, main *")].map((e) => {
             const { color, font, overflow, position } = getComputedStyle(e);
             const { x, y, width, height } = e.getBoundingClientRect();
             return [e.outerHTML.length, color, font, overflow, position, x, y, width, height];
           }).concat([document.styleSheets.length, document.adoptedStyleSheets.length])"""
    )


# --- a question and its answer --------------------------------------------------------------


def test_a_learner_asks_reads_and_looks_at_the_source(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    turn = answered(page, "What is data drift?")
    expect(turn.locator("p").nth(1)).to_contain_text("Data drift is a change of the inputs.")
    expect(turn.locator(".answer li").last).to_have_text("<b>a classifier</b> for all")
    expect(turn.locator("code")).to_have_text("psi")
    turn.locator(".cite").first.click()
    source = page.locator(".source")
    expect(source).to_be_focused()
    expect(source.locator("mark")).to_have_text(PASSAGE[:37])
    expect(source).to_contain_text("Our editors · Model Monitoring")
    page.keyboard.press("Escape")
    expect(source).to_be_hidden()
    expect(turn.locator(".cite").first).to_be_focused()
    expect(page.locator(".panel")).to_be_visible()
    turn.locator(".cite").nth(1).click()
    expect(source).to_contain_text("Our course · Model Monitoring · page 3")


def test_a_citation_leads_to_its_place_in_the_lesson_and_the_panel_stays_open(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    answered(page, "What is data drift?").locator(".cite").first.click()
    page.locator(".source a").click()
    page.wait_for_url(f"{stage.url}/lessons/model-monitoring#data-drift")
    expect(page.locator(".panel")).to_be_visible()
    expect(page.locator(".question")).to_contain_text("What is data drift?")


def test_a_single_page_site_follows_a_citation_itself(stage: Stage) -> None:
    stage.portal.script = """
      addEventListener("DOMContentLoaded", () => {
        const chat = document.querySelector("mentor-chat");
        chat.lessonUrl = (citation) => `/app?at=${citation.passage.split("#")[0]}`;
        chat.addEventListener("citation", (e) => {
          e.preventDefault();
          history.pushState(null, "", e.detail.url);
        });
      });"""
    page = stage.page()
    page.evaluate("globalThis.stayed = true")
    opened(page)
    answered(page, "What is data drift?").locator("summary").click()
    page.locator(".places a").click()
    expect(page).to_have_url(f"{stage.url}/app?at=lessons/model-monitoring")
    assert page.evaluate("stayed")


def test_a_refusal_says_what_the_material_covers_instead(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    turn = ask(page, "How do I boil an egg?")
    expect(turn.locator(".refusal")).to_contain_text("not about eggs")
    turn.get_by_role("button", name="The five stages").click()
    expect(page.locator(".question").last).to_contain_text("The five stages")


def test_an_answer_is_stopped_and_tried_again(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    turn = ask(page, "a busy question")
    expect(turn.locator(".state")).to_have_text("The mentor is busy: 2 ahead of you …")
    page.get_by_role("button", name="Stop").click()
    expect(turn.locator(".state")).to_have_text("Stopped.")
    stage.mentor.hold.set()
    turn.get_by_role("button", name="Try again").click()
    expect(page.locator(".answer li").last).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)


def test_a_line_that_breaks_is_taken_up_again(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    turn = answered(page, "a question that is cut")
    expect(turn.locator(".answer > p > span")).to_have_count(2)
    assert len(stage.mentor.keys) == 2 and len(set(stage.mentor.keys)) == 1


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("a broken question", "The model broke off. Ask again."),
        ("asked too often", "Too many questions"),
    ],
)
def test_trouble_is_said_in_words_and_told_to_the_page(
    stage: Stage, question: str, says: str
) -> None:
    page = stage.page()
    opened(page)
    turn = ask(page, question)
    expect(turn.locator(".trouble")).to_contain_text(says)
    expect(turn.get_by_role("button", name="Try again")).to_be_visible()
    assert told(page)[-1] == "error"


def test_a_proposal_is_carried_out_once_by_its_button(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    turn = answered(page, "Make me a plan")
    turn.get_by_role("button", name="Keep this plan").click()
    expect(turn.locator(".offer").first).to_have_text("Kept. It is your plan now.")
    assert list(stage.mentor.accepted.values()) == ["1/p1"]
    assert told(page)[-1] == "proposal"


def lose_replies(page: Page, address: str, times: int) -> None:
    """The mentor does what is asked at `address`, and the page hears nothing of it."""

    def lost(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(address, lost, times=times)


def test_a_yes_whose_reply_was_lost_is_said_again_and_carried_out_once(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    offer = answered(page, "Make me a plan").locator(".offer").first
    lose_replies(page, "**/accept", times=1)
    offer.get_by_role("button").click()
    expect(offer.locator(".trouble")).to_be_visible()
    offer.get_by_role("button").click()
    expect(offer).to_have_text("Kept. It is your plan now.")
    assert list(stage.mentor.accepted.values()) == ["1/p1"]


def test_a_letter_whose_reply_was_lost_goes_once_and_a_changed_one_goes_too(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    offer = answered(page, "Make me a plan").locator(".offer").last
    offer.get_by_role("button").click()
    lose_replies(page, "**/letter", times=2)
    for _ in range(2):
        offer.get_by_role("button").click()
        expect(offer.get_by_role("button")).to_be_enabled()
        expect(offer.locator(".trouble")).to_be_visible()
    assert list(stage.mentor.letters.values()) == ["Which track fits?"]
    offer.locator("textarea").fill("Which track fits me?")
    offer.get_by_role("button").click()
    expect(offer).to_have_text("Your letter was sent.")
    assert list(stage.mentor.letters.values()) == ["Which track fits?", "Which track fits me?"]


def test_an_interview_begins_on_the_lesson_beside(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    page.get_by_role("button", name="Practise an interview").click()
    expect(page.locator(".question")).to_contain_text("Start a mock interview on Drift")


def test_the_full_page_opens_by_a_launch_address(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Open the mentor’s page").click()
    popup.value.wait_for_url("**/launched")
    assert popup.value.evaluate("opener") is None


# --- who is asking --------------------------------------------------------------------------


def test_an_expired_token_is_renewed_and_the_learner_notices_nothing(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    answered(page, "What is data drift?")
    stage.mentor.expired.update(stage.portal.minted)
    answered(page, "And concept drift?")
    assert len(stage.portal.minted) == 2
    expect(page.locator(".trouble")).to_have_count(0)


def test_a_learner_who_is_signed_out_is_told_so_and_goes_on_after_signing_in(stage: Stage) -> None:
    stage.portal.learner = ""
    page = stage.page()
    opened(page)
    turn = ask(page, "What is data drift?")
    expect(turn.locator(".trouble")).to_contain_text("Your session has ended.")
    stage.portal.learner = "ada"
    turn.get_by_role("button", name="Try again").click()
    expect(page.locator(".answer li").last).to_be_visible()


@pytest.mark.parametrize("way", ["token", "getToken", "attribute"])
def test_a_token_comes_by_attribute_property_or_callback(stage: Stage, way: str) -> None:
    stage.portal.attributes = 'token="a.b.c"' if way == "attribute" else ""
    value = '"a.b.c"' if way == "token" else 'async () => "a.b.c"'
    if way != "attribute":  # set before the element is defined
        stage.portal.script = f"""new MutationObserver(() => {{
            const chat = document.querySelector("mentor-chat");
            if (chat) chat.{way} ??= {value};
          }}).observe(document, {{ childList: true, subtree: true }});"""
    page = stage.page()
    opened(page)
    answered(page, "What is data drift?")
    assert set(stage.mentor.tokens) == {"a.b.c"}


# --- methods, events, attributes --------------------------------------------------------------


def test_calls_before_the_script_has_loaded_are_made_when_it_has(stage: Stage) -> None:
    stage.portal.script = """
      globalThis.mentorChat = [["ask", "What is data drift?"]];"""
    page = stage.page()
    expect(page.locator(".answer li").last).to_be_visible()
    page.evaluate("mentorChat.push(['close'])")
    expect(page.locator(".panel")).to_be_hidden()
    assert told(page) == ["ready", "open", "message", "close"]


def test_methods_answer_with_promises(stage: Stage) -> None:
    page = stage.page()
    chat = "document.querySelector('mentor-chat')"
    answer = page.evaluate(
        f"customElements.whenDefined('mentor-chat').then(() => {chat}.ask('Why?'))"
    )
    assert answer["question"] == "Why?" and answer["citations"][0]["quote"] == PASSAGE[:37]
    page.evaluate(f"{chat}.clear()")
    expect(page.locator(".welcome")).to_be_visible()
    page.evaluate(f"{chat}.close()")
    expect(page.locator(".launcher")).to_be_focused()


def test_words_and_colours_are_the_portals(stage: Stage) -> None:
    stage.portal.attributes += (
        ' heading="Ask Grace" greeting="Welcome to week 4." launcher="Grace"'
        ' accent="rgb(90, 20, 90)" corner="bottom-left" suggestions="Is it drift? | What is PSI?"'
    )
    stage.portal.script = """addEventListener("DOMContentLoaded", () => {
        document.querySelector("mentor-chat").strings = { send: "Fragen" }; });"""
    stage.portal.style = "mentor-chat { --mentor-inset: 40px; --mentor-width: 500px }"
    page = stage.page()
    launcher = page.locator(".launcher")
    expect(launcher).to_have_text("Grace")
    expect(launcher).to_have_css("background-color", "rgb(90, 20, 90)")
    assert launcher.bounding_box()["x"] == 40  # type: ignore[index]
    panel = opened(page)
    expect(panel).to_have_accessible_name("Ask Grace")
    expect(panel).to_have_css("width", "500px")
    expect(panel).to_contain_text("Welcome to week 4.")
    expect(panel.locator(".line")).to_have_text(["Is it drift?", "What is PSI?"])
    expect(panel.get_by_role("button", name="Fragen")).to_be_visible()


def test_the_lesson_beside_changes_live(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    expect(page.locator(".beside")).to_have_text("Reading along: Drift")
    answered(page, "What is this?")
    page.evaluate(
        "document.querySelector('mentor-chat').setAttribute('context', 'stage-4/docker-images')"
    )
    expect(page.locator(".beside")).to_have_text("Reading along: Docker images")
    answered(page, "And this?")
    assert [asked["context"] for asked in stage.mentor.asked] == [
        "stage-4/drift",
        "stage-4/docker-images",
    ]


def test_a_page_keeps_answers_to_one_collection_or_prefers_another(stage: Stage) -> None:
    stage.portal.attributes += ' only="our-course" prefer=""'
    page = stage.page()
    opened(page)
    answered(page, "What is this?")
    page.evaluate(
        """const mentor = document.querySelector('mentor-chat');
        mentor.removeAttribute('only'); mentor.setAttribute('prefer', 'corpus')"""
    )
    answered(page, "And this?")
    assert [(asked["only"], asked["prefer"]) for asked in stage.mentor.asked] == [
        ("our-course", None),
        (None, "corpus"),
    ]


def test_inline_it_stands_in_the_page_and_takes_the_room_it_is_given(stage: Stage) -> None:
    stage.portal.attributes += ' mode="inline"'
    stage.portal.style = "mentor-chat { display: block; height: 500px }"
    page = stage.page()
    panel = page.locator(".panel")
    expect(panel).to_have_css("height", "500px")
    expect(panel).to_have_role("region")
    expect(page.locator(".launcher")).to_be_hidden()
    answered(page, "What is data drift?")
    page.keyboard.press("Escape")
    expect(panel).to_be_visible()
    assert page.evaluate("shift") == 0


# --- across pages -----------------------------------------------------------------------------


def test_the_conversation_follows_to_the_next_page(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    answered(page, "What is data drift?")
    page.locator(".composer textarea").fill("half a thou")
    page.goto(f"{stage.url}/lessons/two")
    expect(page.locator(".panel")).to_be_visible()
    expect(page.locator(".question")).to_contain_text("What is data drift?")
    expect(page.locator(".composer textarea")).to_have_value("half a thou")
    answered(page, "And concept drift?")
    assert len({asked["conversation"] for asked in stage.mentor.asked}) == 1


def test_the_next_learner_at_the_same_page_finds_no_word_of_the_one_before(stage: Stage) -> None:
    stage.portal.attributes = f'token="{token("ada")}"'
    page = stage.page()
    opened(page)
    answered(page, "What is data drift?")
    half, questions = page.locator(".composer textarea"), page.locator(".question")
    half.fill("half a thou")
    become = "token => { document.querySelector('mentor-chat').token = token; }"
    page.evaluate(become, token("bob"))
    expect(questions).to_have_count(0)
    expect(half).to_have_value("")
    half.fill("what bob")
    page.evaluate(become, token("ada"))
    expect(questions).to_have_text(["You asked: What is data drift?"])
    expect(half).to_have_value("half a thou")


def test_two_tabs_show_the_same_conversation(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    answered(page, "What is data drift?")
    other = page.context.new_page()
    other.goto(f"{stage.url}/lessons/two")
    opened(other)
    expect(other.locator(".question")).to_have_count(1)
    answered(other, "And concept drift?")
    expect(page.locator(".question")).to_have_text(
        ["You asked: What is data drift?", "You asked: And concept drift?"]
    )


def test_a_page_change_in_the_middle_of_an_answer_loses_nothing(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    expect(ask(page, "a held question").locator(".state")).to_be_visible()
    page.goto(f"{stage.url}/lessons/two")
    stage.mentor.hold.set()
    expect(page.locator(".answer li").last).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)
    assert len(set(stage.mentor.keys)) == 1


def test_a_single_page_site_may_put_the_element_in_anew(stage: Stage) -> None:
    page = stage.page()
    opened(page)
    ask(page, "a slow question")
    page.evaluate(
        """() => {
          const old = document.querySelector("mentor-chat"), fresh = old.cloneNode();
          old.remove();
          document.body.append(fresh);
          return fresh.open();
        }"""
    )
    expect(page.locator(".answer li").last).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)
    assert len(stage.mentor.asked) == 1


# --- for everybody ------------------------------------------------------------------------------


def test_it_is_used_by_keyboard_alone(stage: Stage) -> None:
    page = stage.page()
    page.locator(".launcher").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".composer textarea")).to_be_focused()
    answered(page, "What is data drift?")
    inside = "document.querySelector('mentor-chat').shadowRoot.activeElement?.className"
    stops = []
    for _ in range(14):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(inside))
    assert None not in stops, "the focus left the dialog"
    assert stops.count("interview") >= 1 and stops.count("cite") >= 2
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator(".launcher")).to_be_focused()


def test_a_screen_reader_finds_a_named_dialog_and_a_log(stage: Stage) -> None:
    page = stage.page()
    panel = opened(page)
    expect(panel).to_have_role("dialog")
    expect(panel).to_have_accessible_name("Your mentor")
    answered(page, "What is data drift?")
    expect(page.get_by_role("log")).to_contain_text("You asked: What is data drift?")
    expect(page.get_by_role("button", name="Source 1").first).to_be_visible()


def test_a_phone_gets_the_whole_screen(stage: Stage) -> None:
    page = stage.page(390, 844, has_touch=True, reduced_motion="reduce")
    page.locator(".launcher").tap()
    panel = page.locator(".panel")
    expect(panel).to_be_visible()
    expect(panel).to_have_attribute("aria-modal", "true")
    assert panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    answered(page, "What is data drift?").locator(".cite").first.tap()
    box = page.locator(".source").bounding_box()
    assert box is not None and box["x"] >= 12 and box["x"] + box["width"] <= 390 - 12
    page.locator(".source a").tap()
    page.wait_for_url("**/lessons/model-monitoring#data-drift")
    expect(page.locator(".launcher")).to_be_visible()
    expect(page.locator(".panel")).to_be_hidden()


def test_nothing_moves_for_those_who_do_not_want_it(stage: Stage) -> None:
    page = stage.page(reduced_motion="reduce")
    opened(page)
    ask(page, "a held question")
    expect(page.locator(".state")).to_be_visible()
    moving = (
        "document.querySelector('mentor-chat').shadowRoot.getAnimations({subtree: true}).length"
    )
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_in_any_state(stage: Stage, width: int, scheme: str) -> None:
    stage.portal.attributes += ' theme="system"'
    page = stage.page(width, 844, color_scheme=scheme, reduced_motion="reduce")
    page.locator(".launcher").wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))

    def clean(state: str) -> None:
        found = page.evaluate("axe.run('mentor-chat').then((r) => r.violations)")
        said = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
        assert not said, (state, said)

    clean("closed")
    opened(page)
    expect(page.locator(".line").first).to_be_visible()
    clean("welcome")
    turn = answered(page, "Make me a plan")
    turn.locator("summary").click()
    clean("answer")
    turn.locator(".cite").first.click()
    clean("source")
    page.keyboard.press("Escape")
    expect(ask(page, "How do I boil an egg?").locator(".refusal")).to_be_visible()
    clean("refusal")
    expect(ask(page, "a broken question").locator(".trouble")).to_be_visible()
    clean("trouble")


def test_a_page_with_loud_styles_does_not_reach_in(stage: Stage) -> None:
    page = stage.page()
    quiet = panel_look(page)
    stage.portal.style = """
      * { font: 40px cursive; color: red; letter-spacing: 1em; text-transform: uppercase }
      html { line-height: 4 } button, p, h2 { margin: 50px; background: lime }"""
    assert panel_look(stage.page()) == quiet


def panel_look(page: Page) -> Any:
    opened(page)
    expect(page.locator(".line").first).to_be_visible()
    return page.evaluate(
        """() => {
             const { shadowRoot } = document.querySelector("mentor-chat");
             return [...shadowRoot.querySelectorAll(".launcher, .panel, .panel *")].map((e) => {
               const { font, color, letterSpacing, textTransform, margin, background } =
                 getComputedStyle(e);
               return [e.className, font, color, letterSpacing, textTransform, margin, background];
             });
           }"""
    )


def test_the_widget_says_how_it_is_built_where_it_is_not(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("mentor_ui.api.widget_files.FILES", tmp_path)
    page = stage.page()
    response = page.request.get(f"{stage.portal.mentor}/widget.js")
    assert response.status == 404 and "make widget" in response.text()


def test_files_are_kept_by_browsers_as_long_as_they_stay_the_same(stage: Stage) -> None:
    page = stage.page()
    get: Callable[[str], Any] = lambda path: page.request.get(f"{stage.portal.mentor}{path}")  # noqa: E731
    loader = get("/widget/v1/widget.js")
    assert loader.headers["cache-control"] == "public, max-age=300"
    panel = re.search(r"panel-\w+\.js", loader.text())
    assert panel is not None
    assert "immutable" in get(f"/widget/v1/{panel.group()}").headers["cache-control"]
    assert get("/widget/v1/../../server.py").status == 404
    assert get("/widget/v1/none.js").status == 404
