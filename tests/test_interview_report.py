"""Feedback that quotes and explains, a report with honest bars, and its exports."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import get_args

import pytest
from interviewing import (
    DRIFT,
    NOON,
    answered,
    desk,
    first,
    half,
    lost,
    minutes,
    on,
    played,
    started,
    strong,
)

from mentor.interview.export import report_html, report_json, report_markdown
from mentor.interview.feedback import Feedback, feedback_on, told
from mentor.interview.report import FEWEST, Report, report_of
from mentor.interview.session import advance
from mentor.interview.state import Claim, InterviewState, Retry, Round, Say, Skip, Sure
from mentor.questions import Kind, Question


def feedback(state: InterviewState) -> Feedback:
    return feedback_on(state.now, state.setup.level, desk())


def words(found: Feedback) -> str:
    return "\n".join(line.text for line in told(found))


def report(state: InterviewState, *others: InterviewState) -> Report:
    return report_of("i1", state, desk(), others=others)


# --- feedback -------------------------------------------------------------------------------------


def test_feedback_quotes_what_was_made_clear_and_explains_what_was_missing() -> None:
    state = answered(started(topics=(DRIFT,)), first)
    question = desk().question(state.now.question)
    made, *missing = question.points
    found = feedback(state)
    assert [each.quote.text for each in found.made] == [desk().bank.points[made].met]
    assert {each.point for each in found.missing} == set(missing)
    assert all(each.why and each.heading and "#" in each.section for each in found.missing)
    assert f"“{desk().bank.points[made].met}”" in words(found)


def test_words_that_make_two_points_are_quoted_once_and_both_points_are_named() -> None:
    state = answered(started(topics=(DRIFT,)), strong)
    graded = state.now.graded
    assert graded
    one, two, *_ = graded.points
    both = graded.model_copy(update={"points": (one, two.model_copy(update={"quote": one.quote}))})
    found = feedback_on(state.now.model_copy(update={"graded": both}), "junior", desk())
    assert one.quote
    assert words(found).count(one.quote.text) == 1
    assert all(desk().bank.points[each.point].says in words(found) for each in (one, two))


def test_who_made_no_point_is_told_where_to_begin() -> None:
    assert "None of the points was in this answer yet." in words(
        feedback(answered(started(), lost))
    )
    assert "None of the points" not in words(feedback(answered(started(), half)))


def test_after_every_probe_an_open_answer_is_not_followed_by_a_harder_question() -> None:
    state = started(level="mid", kinds=("system_design",))
    question = desk().question(state.now.question)
    state = advance(state, Say(text=lost(question)), desk(), at=NOON)
    while state.phase == "probe":
        state = advance(state, Say(text=lost(question)), desk(), at=NOON)
    state = advance(state, Sure(), desk(), at=NOON)
    following = feedback(state).next
    siblings = {
        sibling.question
        for point in question.points
        for sibling in desk().bank.siblings(point, of=question.id)
    }
    probes = {probe.text for probe in question.probes}
    assert following is None or following in siblings | probes


def test_the_weightiest_missing_point_comes_first_and_gives_the_one_sentence_to_say() -> None:
    for level in ("junior", "mid", "senior"):
        for state in (started(level=level, kinds=(kind,)) for kind in get_args(Kind)):
            found = feedback(answered(state, lost))
            asked = desk().question(state.now.question)
            weights = [asked.points[each.point] for each in found.missing]
            assert weights == sorted(weights, reverse=True)
            assert found.say == desk().bank.points[found.missing[0].point].met
            assert words(found).count("You could have said") == 1


def test_every_line_on_a_point_names_the_section_that_teaches_it() -> None:
    lines = list(told(feedback(answered(started(), half))))
    about_points = [line for line in lines if line.text.startswith("- ")]
    assert all(line.section or "would ask next" in line.text for line in about_points)


def test_a_full_answer_is_told_so_without_a_word_of_praise() -> None:
    text = words(feedback(answered(started(), strong)))
    assert "What was missing" not in text and "100 of 100, strong" in text
    assert not re.search(r"\b(?:great|excellent|awesome|well done|good job|perfect)\b", text, re.I)


def test_a_mistake_is_shown_with_the_reason() -> None:
    state = started()
    mistake = desk().question(state.now.question).mistakes[0]
    found = feedback(answered(state, lambda _: mistake.says))
    assert found.mistakes[0].quote.text == mistake.says
    assert mistake.why in words(found)


def test_what_comes_next_is_a_question_that_was_not_put_yet() -> None:
    for candidate in (strong, half, lost):
        state = answered(started(topics=(DRIFT,)), candidate)
        asked = [desk().question(state.now.question).question, *(p.text for p in state.now.probes)]
        following = feedback(state).next
        assert following and following not in asked


def test_what_was_said_after_a_probe_is_marked_as_such() -> None:
    state = started(topics=(DRIFT,))
    question = desk().question(state.now.question)
    for move in (Say(text="Hm."), Say(text=strong(question)), Sure()):
        state = advance(state, move, desk(), at=NOON)
    assert words(feedback(state)).count("(after a probe)") == len(question.points)


# --- bars, trend, calibration --------------------------------------------------------------------


def test_bars_say_how_many_questions_stand_behind_them_and_thin_ones_have_no_band() -> None:
    made = report(played(half, level="junior", questions=6))
    assert sum(bar.questions for bar in made.topics) == 6
    for bar in (*made.topics, *made.skills):
        assert (bar.band is None) == (bar.questions < FEWEST)
    assert made.band is not None


@pytest.mark.parametrize(("many", "banded"), [(1, False), (2, False), (3, True)])
def test_no_band_over_fewer_than_three_questions(many: int, banded: bool) -> None:
    made = report(played(half, topics=(DRIFT,), questions=many))
    assert (made.band is not None) == (made.topics[0].band is not None) == banded
    assert banded or "no band" in made.means


def test_the_score_is_the_mean_of_first_tries() -> None:
    state = answered(started(questions=2), lost)
    question = desk().question(state.now.question)
    for move in (Retry(), Say(text=strong(question))):
        state = advance(state, move, desk(), at=NOON)
    state = on(answered(on(state), strong))
    made = report(state)
    assert made.score == 50
    assert made.questions[0].retry is not None and made.questions[0].retry.score == 100
    assert "Second try: 100 of 100" in report_markdown(made)


def test_the_trend_takes_balanced_interviews_of_the_level_and_of_first_tries() -> None:
    earlier = [
        played(lost, questions=3),
        played(lost, questions=3, level="mid"),
        started(questions=3),
        played(half, questions=3, aim="weak", past={"weak": ["drift-input-change"]}),
    ]
    made = report(played(strong, questions=3), *earlier)
    assert [past.score for past in made.trend] == [0, 100]


@pytest.mark.parametrize(
    ("sure", "candidate", "says"),
    [(5, lost, "surer"), (1, strong, "better than you think"), (5, strong, "judge your own")],
)
def test_confidence_is_held_against_the_score(sure: int, candidate: object, says: str) -> None:
    made = report(played(candidate, sure=sure, questions=3))  # type: ignore[arg-type]
    assert made.calibration is not None and says in made.calibration.says
    assert made.calibration.questions == 3


def test_who_never_says_how_sure_they_are_gets_no_calibration() -> None:
    assert report(played(half, sure=None, questions=3)).calibration is None


def test_strongest_and_weakest_name_question_and_section() -> None:
    def candidate(question: Question) -> str:
        return strong(question) if question.kind == "concept" else "No idea."

    made = report(played(candidate, questions=6))
    assert 0 < len(made.strongest) <= 3 and 0 < len(made.weakest) <= 3
    assert len({each.says for each in made.weakest}) == len(made.weakest)
    for each in (*made.strongest, *made.weakest):
        asked = desk().question(made.questions[each.number - 1].id)
        assert each.section in {desk().bank.points[id_].section for id_ in asked.points}


def test_the_weightiest_point_leads_also_where_another_question_asked_for_it_lightly() -> None:
    state = started(questions=2)
    asked = ("serving-bad-request", "serving-code-always-ok")
    for n in range(len(asked)):
        rounds = (*state.rounds[:n], Round(question=asked[n], at=NOON))
        state = answered(state.model_copy(update={"rounds": rounds, "phase": "question"}), lost)
    twice = "serving-status-says-who-acts"
    assert [desk().question(each).points[twice] for each in asked] == [3, 1]
    weakest = report(state).weakest
    assert (desk().bank.points[twice].says, 1) in [(each.says, each.number) for each in weakest]


def test_a_design_is_shown_by_its_phases() -> None:
    made = report(played(half, level="mid", kinds=("system_design",), questions=2))
    assert {bar.name for bar in made.phases} >= {"Data", "Serving"}
    assert all(bar.score == 50 and bar.band is None for bar in made.phases)


# --- exports -----------------------------------------------------------------------------------


class Page(HTMLParser):
    """Ids, links and everything that a browser would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        self.ids.add(named.get("id") or "")
        self.links += [str(named[key]) for key in ("href", "src") if named.get(key)]


def full_report() -> Report:
    earlier = played(lost, questions=3)
    return report(played(half, questions=6, level="junior"), earlier)


def test_the_page_has_its_plots_and_fetches_nothing() -> None:
    page = Page(report_html(full_report()))
    assert page.tags.count("svg") == 5  # topics, skills, phases, trend, confidence
    assert page.links and all(link[0] == "#" and link[1:] in page.ids for link in page.links)


def test_words_of_a_learner_are_data_on_the_page_and_in_markdown() -> None:
    evil = "<script>alert(1)</script> and [a](http://x) **b** `c`"
    made = report(played(lambda _: evil, questions=1))
    page = report_html(made)
    assert "<script>" not in page and "&lt;script&gt;alert(1)" in page
    text = report_markdown(made)
    assert "<script>" not in text and "\\[a\\](http" in text and "\\*\\*b" in text


def test_quotes_are_marked_in_the_answer_on_the_page() -> None:
    state = on(answered(started(topics=(DRIFT,), questions=1), first))
    question = desk().question(state.now.question)
    quoted = desk().bank.points[next(iter(question.points))].met
    assert f"<mark>{quoted}</mark>" in report_html(report(state))


def test_markdown_tells_the_whole_report() -> None:
    made = full_report()
    text = report_markdown(made)
    for heading in ("By topic", "By skill", "Trend", "How sure you were", "Weakest", "Question 6"):
        assert f"## {heading}" in text
    assert "\n\n\n" not in text
    assert all(each.model_answer[:40] in text.replace("\\", "") for each in made.questions)


def test_the_json_has_the_documented_keys() -> None:
    data = json.loads(json.dumps(report_json(full_report())))
    assert {"questions", "score", "band", "level", "seed", "topics", "skills"} <= data.keys()
    for question in data["questions"]:
        assert {"id", "question", "answer", "probes", "points", "score", "band"} <= question.keys()
        for point in question["points"]:
            assert {"id", "state", "quote", "section"} <= point.keys()
            assert (point["quote"] is None) == (point["state"] == "missed")


def test_a_dispute_is_in_the_exports() -> None:
    state = answered(started(questions=1), lambda _: "It was all about the labels.")
    graded = state.now.graded
    assert graded is not None
    claim = Claim(point=graded.points[0].point, words="about the labels")
    made = report(advance(state, claim, desk(), at=minutes(5)))
    assert report_json(made)["questions"][0]["disputes"][0]["words"] == "about the labels"
    assert "“about the labels”" in report_markdown(made) and "about the labels" in report_html(made)


def test_a_skipped_question_says_so() -> None:
    state = advance(started(questions=1), Skip(), desk(), at=NOON)
    made = report(state)
    assert made.questions[0].answer == "" and "Skipped." in report_markdown(made)


def test_every_section_that_the_bank_rests_on_is_shown_by_its_heading() -> None:
    bank = desk().bank
    sections = {point.section for point in bank.points.values()} | {
        mistake.section for question in bank.questions.values() for mistake in question.mistakes
    }
    assert "glossary/a-c#chunking" in sections
    assert not [section for section in sections if desk().heading(section) == section]
    assert desk().heading("glossary/a-c#chunking") == "Chunking"
