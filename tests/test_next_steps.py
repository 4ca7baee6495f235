"""What learners ask of the plan in a conversation, and what they say yes to."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from conftest import count_words

from mentor.errors import LearnerError
from mentor.learner import Done as Finished
from mentor.learner import Learner, Skill, changed, retold
from mentor.material import files_of, passages_of, read_pages
from mentor.next_steps import NextSteps
from mentor.progress import Change, Result
from mentor.records import Answer, Done, Event, Passage, Proposal, Proposed, Refusal, Said
from mentor.settings import Settings, shipped
from mentor.store import open_store
from mentor.syllabus import read_syllabus
from mentor.told import told
from mentor.wishes import wish_in

TODAY = date(2026, 11, 27)


@cache
def passages() -> Sequence[Passage]:
    """The passages of the shipped corpus, as an index holds them."""
    return [
        passage
        for path, shown in files_of(shipped("corpus"))
        for page in read_pages(path, shown)
        for passage in passages_of(page, count_words)
    ]


@pytest.fixture
def steps(home: Path) -> Iterator[NextSteps]:
    made = NextSteps(
        shipped("corpus"),
        passages,
        open_store=lambda: open_store(Settings(home=home)),
        consultant="mailto:help@example.org",
        today=lambda: TODAY,
    )
    yield made
    made.store.close()


def answer(steps: NextSteps, text: str, *history: str, learner: str | None = None) -> Answer | None:
    events = steps.reply(text, history, learner=learner, model="none")
    if events is None:
        return None
    *_, last = events
    assert isinstance(last, Done)
    return last.answer


# --- what is understood -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "way"),
    [
        ("what next", "next", None),
        ("What next?", "next", None),
        ("OK, what should I do next?", "next", None),
        ("What are my next steps?", "next", None),
        ("Make me a plan", "next", None),
        ("I know Python and SQL, where do I start?", "next", None),
        ("I've used Python and SQL, where do I start?", "next", None),
        ("I've worked with Docker, what should I learn first?", "next", None),
        ("I have 6 hours a week, when am I job ready?", "ready", None),
        ("How long until I'm job-ready with 10 hrs/week?", "ready", None),
        ("swap track", "swap", None),
        ("Please switch me to track A", "swap", "A"),
        ("change my track to self-study", "swap", "self-study"),
        ("Switch from track A to track B please", "swap", "B"),
        ("I want track C", "swap", "C"),
        ("Should I switch to track B?", "swap", "B"),
        ("what should I do today?", "next", None),
        ("Good morning, what should I do today?", "next", None),
        ("whats my plan", "next", None),
        ("I am a nurse and want to switch", "next", None),
        ("Can you make a plan for me? I have 10 hours per week and I'm a dev", "next", None),
        ("I work as a data analyst, 5 hours weekly, what should I learn first?", "next", None),
        ("can I be ready by March?", "ready", None),
        ("I have 6 hours a week", "ready", None),
        ("I only have 2h on weekends", "ready", None),
        ("How long will it take me to become an ML engineer?", "ready", None),
        ("how far am I?", "standing", None),
        ("What is my progress", "standing", None),
        ("I want to be a senior, what's missing?", "standing", None),
        ("what am I missing?", "standing", None),
        ("I finished the pandas lesson", "done", None),
        ("I've just completed the Kaggle course. What now?", "done", None),
        ("mark python as done", "done", None),
        ("undo that", "undo", None),
        ("waht shoud i do nxt", "next", None),
        ("swich trak", "swap", None),
        ("I finishd the pandas leson", "done", None),
    ],
)
def test_wishes_of_the_plan_are_understood(text: str, kind: str, way: str | None) -> None:
    wish = wish_in(text)
    assert wish is not None and (wish.kind, wish.way) == (kind, way)


@pytest.mark.parametrize(
    "text",
    [
        "What comes after stage 2?",
        "I finished stage 1, what is next?",
        "Where do I start?",
        "Can I switch from track A to track B between stages?",
        "When is a model ready for production?",
        "What is the next step up for a junior?",
        "How do I swap two variables in Python?",
        "change",
        "I know models and metrics but no Docker, what now?",
        "How many hours a week does track A take?",
        "Is 6 hours a week enough?",
        "I finished stage 2 yesterday evening and I'm very proud.",
        "I finished the Python course on another site. Will you accept it?",
        "What is missing from the roadmap about higher levels?",
        "How far can I go in this?",
        "How do I undo a commit?",
        "can i be done by christmas if i start now",
        "I did not do the pandas lesson",
        "I never finished the pandas lesson",
        "I did half of the pandas lesson",
        "mark the pandas lesson as not done",
    ],
)
def test_questions_of_the_material_are_left_to_the_material(text: str) -> None:
    assert wish_in(text) is None


def test_what_is_next_after_a_question_about_a_stage_means_the_next_stage() -> None:
    assert wish_in("What's next?", ["What do I learn in stage 2?"]) is None
    assert wish_in("What's next?", ["What does a junior earn?"]) is not None


@pytest.mark.parametrize("then", ["what now?", "and now", "what next?"])
def test_what_now_after_a_question_goes_on_with_it(then: str) -> None:
    assert wish_in(then, ["my loss is nan since epoch two"]) is None
    assert wish_in(then, ["my loss is nan since epoch two", "what should I learn next?"])


@pytest.mark.parametrize(
    ("before", "text", "kind", "hours", "way"),
    [
        ("what next?", "what if I do 12?", "next", 12, None),
        (
            "I have 6 hours a week, when am I job ready?",
            "and with 12 hours a week?",
            "ready",
            12,
            None,
        ),
        ("I have 6 hours a week", "ten hours?", "ready", 10, None),
        ("what next?", "and track B?", "swap", None, "B"),
        ("I finished the pandas lesson", "and now?", "next", None, None),
        ("I have 6 hours a week", "why track A?", "ready", None, None),
    ],
)
def test_a_few_words_go_on_about_the_plan(
    before: str, text: str, kind: str, hours: float | None, way: str | None
) -> None:
    wish = wish_in(text, ["hello", before])
    assert wish is not None and (wish.kind, wish.hours, wish.way) == (kind, hours, way)
    assert wish_in(text, ["What does a junior earn?"]) is None


def test_one_what_if_after_another_goes_on_about_the_plan() -> None:
    said = ["I have 6 hours a week, when am I job ready?", "what if I do 12?", "and 15?"]
    for text, hours in (("and 20?", 20), ("and twenty-five?", 25)):
        wish = wish_in(text, said)
        assert wish is not None and (wish.kind, wish.hours) == ("ready", hours)
        said.append(text)


@pytest.mark.parametrize("text", ["i am " + "want " * 398, "and " * 499, "mark " + "x " * 995])
def test_a_long_message_is_understood_or_not_at_once(text: str) -> None:
    begin = time.process_time()
    wish_in(text, ["what next?"])
    assert time.process_time() - begin < 1


def test_no_question_of_the_corpus_is_taken_for_a_wish() -> None:
    """Of some 12,000 questions that the material answers, three may: they ask of the learner."""
    asked = [
        *(q for passage in passages() for q in passage.questions),
        *(json.loads(line)["question"] for line in (shipped("corpus") / "asked.jsonl").open()),
    ]
    assert len(asked) > 5000
    taken = {q for q in asked if (wish := wish_in(q)) and wish.kind != "ready"}
    assert taken == set()
    assert {q for q in asked if wish_in(q)} <= {
        "How long until I am job ready?",
        "when will I be job ready",
        "i can study 10 hours a week, how many months until i can get hired",
    }


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("I have 6 hours a week", {"hours": 6}),
        ("twelve hours per week", {"hours": 12}),
        ("twenty-five hours a week", {"hours": 25}),
        ("Thirty five hours a week", {"hours": 35}),
        ("7.5 h/week, to be a junior", {"hours": 7.5, "target": "junior"}),
        ("half an hour a day", {"hours": 3.5}),
        ("I can do 6 hours in a week", {"hours": 6}),
        ("I work 40 hours a week, but have 5 hours a week for study", {"hours": 5}),
        ("5 hours weekly", {"hours": 5}),
        ("2h on weekends", {"hours": 2}),
        ("an hour a day", {"hours": 7}),
        ("I'm a Java developer", {"background": "software-engineer"}),
        ("I'm a backend developer", {"background": "software-engineer"}),
        ("I want to be a senior by May 2027", {"target": "senior", "by": date(2027, 5, 31)}),
        ("by 2027-03-04 on track c", {"by": date(2027, 3, 4), "track": "C"}),
        ("job ready in 6 months", {"by": TODAY + timedelta(days=183)}),
        ("ready by June 30, 2028", {"by": date(2028, 6, 30)}),
        ("before March 1st 2028", {"by": date(2028, 3, 1)}),
        ("by the 31st of May 2027", {"by": date(2027, 5, 31)}),
        ("by 31 June 2027", {"by": date(2027, 6, 30)}),
        ("by November 26", {"by": date(2027, 11, 26)}),
        ("by November", {"by": date(2026, 11, 30)}),
        ("a job by mid-June", {}),
        ("a mid-level job by mid 2027", {"target": "mid"}),
        ("I don't want track C.", {}),
        ("I don't want to take track C. Rather track B", {"track": "B"}),
        ("I can't do more than 6 hours a week on track C", {"hours": 6, "track": "C"}),
        ("what track a beginner takes", {}),
        ("by 2027-13-45", {}),
        ("by March 0000", {}),
        ("I'm not a developer", {}),
        ("Hi, I'm Anna. I'm a software engineer.", {"background": "software-engineer"}),
        ("I'm 34. I work as a backend developer", {"background": "software-engineer"}),
        ("I finished my degree in 3 years", {}),
        ("I'm a senior backend developer", {"background": "software-engineer"}),
        ("hello", {}),
    ],
)
def test_what_a_learner_tells_is_heard(text: str, fields: dict[str, object]) -> None:
    heard = told(text, Learner(), read_syllabus_once(), today=TODAY)
    assert heard == Learner.model_validate(fields)


@cache
def read_syllabus_once():  # type: ignore[no-untyped-def]
    return read_syllabus(shipped("corpus"))


def test_claims_are_heard_with_their_words() -> None:
    heard = told(
        "I know Python and SQL but not Docker.", Learner(), read_syllabus_once(), today=TODAY
    )
    assert heard.states == {
        "python-oop-proficiency": "claimed",
        "sql-data-querying": "claimed",
    }
    assert heard.skills[0].words == ("Python and SQL but not Docker",)


# --- what is answered -------------------------------------------------------------------------


def cited(found: Answer) -> None:
    """Every citation is real: its quote stands in a passage of the corpus."""
    by_id = {passage.id: passage for passage in passages()}
    for citation in found.citations:
        passage = by_id[citation.passage]
        assert citation.passage_text == passage.text
        assert citation.quote == passage.text[citation.start : citation.end] != ""
        assert citation.source == passage.place.source
    numbers = {c.n for c in found.citations}
    assert {n for s in found.sentences for n in s.citations} == numbers
    assert found.reason == "plan" and not found.refused


def test_what_next_is_answered_with_three_steps_and_their_sources(steps: NextSteps) -> None:
    found = answer(steps, "what next?")
    assert found is not None
    cited(found)
    assert [s.text[2:9] for s in found.sentences[:3]] == ["Step 1:", "Step 2:", "Step 3:"]
    assert "Python for Data Science, 10–16 hours" in found.answer
    assert "Done means: You can" in found.answer and "not a promise" in found.answer
    assert all(s.citations for s in found.sentences[:-1])
    events = steps.reply("what next?", model="none")
    assert events is not None
    brought = [c.n for event in events if isinstance(event, Said) for c in event.citations]
    assert brought == [c.n for c in found.citations], "each source is brought once"
    assert "Taken for granted" in found.sentences[-1].text


def test_claims_come_first_as_checks_and_are_kept_only_on_a_yes(steps: NextSteps) -> None:
    found = answer(steps, "I know Python and SQL, where do I start?", learner="ada")
    assert found is not None
    cited(found)
    assert found.sentences[0].text.startswith("- Step 1: a check of Python & OOP")
    (keep,) = found.proposals
    assert keep.label == "Keep this plan" and "claimed, not as proven" in keep.says
    assert len(keep.says) < 160, "a sentence or two that people would say"
    assert steps.store.learner("ada") is None, "nothing changes without a yes"
    said = steps.accept("ada", keep)
    assert said.startswith("Kept.")
    kept = steps.store.learner("ada")
    assert kept is not None and set(kept.states.values()) == {"claimed"}
    assert steps.store.plan("ada") is not None


def test_when_am_i_ready_is_a_range_with_what_it_rests_on(steps: NextSteps) -> None:
    found = answer(steps, "I have 6 hours a week, when am I job ready?")
    assert found is not None
    cited(found)
    day = r"\d{1,2} [A-Z][a-z]{2} \d{4}"
    assert re.search(rf"between {day} and {day}", found.sentences[0].text)
    assert "With 6 hours a week" in found.answer and "Job ready means here" in found.answer


def test_a_date_that_cannot_be_held_is_said_in_the_conversation(steps: NextSteps) -> None:
    text = "I have 4 hours a week: when am I job ready? It must be by May 2027."
    found = answer(steps, text)
    assert found is not None and "cannot be held" in found.answer
    assert "A later date holds it" in found.answer


def test_hours_told_earlier_count_in_the_next_question(steps: NextSteps) -> None:
    found = answer(steps, "what next?", "I have 20 hours a week, when am I job ready?")
    assert found is not None and "With 20 hours a week" in found.answer


def test_a_day_that_is_over_is_told_and_forgotten_later(steps: NextSteps) -> None:
    silly = "I have 6 hours a week and I know Python, by 2020-01-01. Where do I start?"
    with pytest.raises(LearnerError, match="not in the future"):
        answer(steps, silly)
    assert answer(steps, "What should I do next?", silly) is not None


@pytest.fixture
def overdue(steps: NextSteps) -> NextSteps:
    """Ada keeps a plan whose target date has passed meanwhile."""
    steps.keep("ada", lambda learner: changed(learner, hours=6, by=date(2027, 5, 31)))
    steps.store.update_learner("ada", lambda learner: changed(learner, by=TODAY))
    return steps


@pytest.mark.parametrize(
    "text",
    ["I finished the pandas lesson", "how far am I?", "what next?", "swap track to C", "undo"],
)
def test_a_kept_date_that_is_over_stands_in_the_way_of_nothing(
    overdue: NextSteps, text: str
) -> None:
    assert answer(overdue, text, learner="ada") is not None


def test_a_kept_date_that_is_over_goes_with_the_next_plan(overdue: NextSteps) -> None:
    found = answer(overdue, "what next?", learner="ada")
    assert found is not None and "Target date: 31 May 2027 → none" in found.answer
    assert overdue.accept("ada", found.proposals[0]).startswith("Kept.")
    kept = overdue.store.learner("ada")
    assert kept is not None and kept.by is None and kept.hours == 6


def test_what_an_interview_earned_is_marked_after_the_date_is_over(overdue: NextSteps) -> None:
    done = Change(done=(Finished(item="practice-junior", on=TODAY),), keep_plan=True)
    mark = Proposal(
        id="practice-junior", kind="mark", label="Mark", says="Well done.", change=done.model_dump()
    )
    assert overdue.accept("ada", mark).startswith("Kept.")
    kept = overdue.store.learner("ada")
    assert kept is not None and kept.finished == {"practice-junior"}


def test_impossible_hours_are_told_and_forgotten_later(steps: NextSteps) -> None:
    silly = "I have 200 hours a week, when am I job ready?"
    with pytest.raises(LearnerError, match="hours a week"):
        answer(steps, silly)
    found = answer(steps, "what next?", silly)
    assert found is not None and "With 8 hours a week" in found.answer


def test_somebody_who_learns_in_the_evenings_gets_a_guess_that_says_so(steps: NextSteps) -> None:
    found = answer(steps, "How long until I could get hired if I study evenings?")
    assert found is not None
    cited(found)
    assert "between" in found.answer and "you named none" in found.answer


def test_the_reason_for_a_track_is_told_and_chooses_none(steps: NextSteps) -> None:
    steps.keep("ada", lambda now: now.model_copy(update={"hours": 4}))
    found = answer(steps, "why track A?", "what next?", learner="ada")
    assert found is not None and "Track A, because you have 4 hours a week" in found.answer
    assert "You chose" not in found.answer


def test_somebody_unknown_who_asks_when_is_left_to_the_material(steps: NextSteps) -> None:
    assert answer(steps, "How long until I am job ready?") is None
    assert answer(steps, "What does a junior earn?") is None


def test_swap_track_offers_the_others_with_their_dates(steps: NextSteps) -> None:
    found = answer(steps, "swap track", "I have 6 hours a week, when am I job ready?")
    assert found is not None
    cited(found)
    assert [p.label for p in found.proposals] == [
        "Swap to track B",
        "Swap to track C",
        "Swap to self-study",
    ]
    assert found.answer.count("From track A to ") == 3


def test_a_named_track_shows_what_changes_and_a_yes_keeps_it(steps: NextSteps) -> None:
    keep = answer(steps, "I have 6 hours a week, when am I job ready?", learner="ada")
    assert keep is not None
    steps.accept("ada", keep.proposals[0])
    found = answer(steps, "switch me to track C", learner="ada")
    assert found is not None and "Comes in: Program Orientation, Structured ML" in found.answer
    steps.accept("ada", found.proposals[0])
    kept = steps.store.learner("ada")
    assert kept is not None and kept.track == "C" and kept.hours == 6
    again = answer(steps, "what next?", learner="ada")
    assert again is not None and again.proposals == ()
    assert "Program Orientation" in again.answer and "You chose track C." in again.answer


def test_progress_moves_the_plan_and_the_new_one_is_proposed(steps: NextSteps) -> None:
    first = answer(steps, "what next?", learner="ada")
    assert first is not None
    steps.accept("ada", first.proposals[0])
    steps.store.mark("ada", Finished(item="lessons/python-for-data-science", on=TODAY))
    found = answer(steps, "what next?", learner="ada")
    assert found is not None and "Step 1: the course Python for ML Intensive" in found.answer
    (new,) = found.proposals
    assert new.label == "Accept the new plan"
    assert "What changes in the plan that you kept" in found.answer
    assert "- Done: Python for Data Science" in found.answer


def test_what_interviews_show_on_two_days_is_proposed_and_marked_on_a_yes(
    steps: NextSteps,
) -> None:
    results = [
        Result(skill="monitoring-drift-detection", question=f"q{n}", on=day, passed=True)
        for n, day in enumerate([TODAY, TODAY, TODAY - timedelta(days=2)])
    ]
    state = {"results": [result.model_dump(mode="json") for result in results]}
    steps.store.save_interview("ada", "i1", state=state, seen=0)
    found = answer(steps, "what next?", learner="ada")
    assert found is not None
    mark = next(p for p in found.proposals if p.kind == "mark")
    assert mark.label == "Mark Monitoring & Drift Detection as known"
    steps.accept("ada", mark)
    kept = steps.store.learner("ada")
    assert kept is not None and kept.states == {"monitoring-drift-detection": "checked"}
    again = answer(steps, "what next?", learner="ada")
    assert again is not None and not [p for p in again.proposals if p.kind == "mark"]


def test_how_far_am_i_tells_what_is_shown_claimed_and_missing(steps: NextSteps) -> None:
    steps.store.mark("ada", Skill(id="sql-data-querying", state="checked"))
    steps.store.mark("ada", Skill(id="python-oop-proficiency"))
    steps.store.mark("ada", Finished(item="lessons/python-for-data-science", on=TODAY))
    found = answer(steps, "how far am I?", learner="ada")
    assert found is not None
    cited(found)
    assert found.answer.startswith("You have shown 1 of the 14 skills that the Junior ML Engineer")
    assert "- Claimed, and not shown yet: Python & OOP Proficiency." in found.answer
    assert "- Done: Python for Data Science." in found.answer
    assert "SQL" not in found.sentences[2].text and "Feature Engineering" in found.sentences[2].text


def test_what_is_missing_for_the_senior_level_is_told(steps: NextSteps) -> None:
    found = answer(steps, "I want to be a senior, what's missing?")
    assert found is not None and "of the 42 skills that the Senior ML Engineer" in found.answer


def test_a_finished_lesson_is_marked_on_a_yes_and_taken_back_on_another(steps: NextSteps) -> None:
    found = answer(steps, "I finished the pandas lesson", learner="ada")
    assert found is not None
    cited(found)
    (mark,) = found.proposals
    assert mark.label == "Mark Data Wrangling with Pandas as done"
    assert steps.store.learner("ada") is None, "nothing changes without a yes"
    said = steps.accept("ada", mark)
    assert said == "Noted as done: Data Wrangling with Pandas. “undo” takes it back."
    kept = steps.store.learner("ada")
    assert kept is not None and kept.finished == {"lessons/data-wrangling-with-pandas"}
    again = answer(steps, "I finished the pandas lesson", learner="ada")
    assert again is not None and "marked as done already" in again.answer
    undo = answer(steps, "undo that", learner="ada")
    assert undo is not None and undo.proposals[0].label == "Take back Data Wrangling with Pandas"
    assert steps.accept("ada", undo.proposals[0]) == "Taken back."
    kept = steps.store.learner("ada")
    assert kept is not None and not kept.finished
    nothing = answer(steps, "undo", learner="ada")
    assert nothing is not None and nothing.proposals == ()


def test_words_that_fit_several_steps_offer_each(steps: NextSteps) -> None:
    found = answer(steps, "mark python as done", learner="ada")
    assert found is not None
    assert [p.label for p in found.proposals] == [
        "Mark Python for Data Science as done",
        "Mark Python for ML Intensive as done",
        "Mark Data Science with Python as done",
    ]


def test_something_that_no_page_is_about_is_left_to_the_material(steps: NextSteps) -> None:
    assert answer(steps, "I finished the knitting course") is None


def test_what_if_reckons_once_and_is_kept_only_on_a_yes(steps: NextSteps) -> None:
    first = "I have 6 hours a week, when am I job ready?"
    found = answer(steps, "what if I do 12?", first, learner="ada")
    assert found is not None and "With 12 hours a week" in found.answer
    later = answer(steps, "what next?", first, "what if I do 12?", learner="ada")
    assert later is not None and "With 6 hours a week" in later.answer
    steps.accept("ada", found.proposals[0])
    kept = steps.store.learner("ada")
    assert kept is not None and kept.hours == 12


def test_who_has_nothing_left_is_told_so(steps: NextSteps) -> None:
    junior = [s.id for s in read_syllabus_once().roadmap.level["junior"].skills]
    steps.store.mark("ada", *(Skill(id=skill, state="checked") for skill in junior))
    for item in ("deliverable-updated-portfolio", "practice-junior"):
        steps.store.mark("ada", Finished(item=item, on=TODAY, link="https://example.org"))
    found = answer(steps, "what next?", learner="ada")
    assert found is not None and "Nothing is left on your plan" in found.answer


def test_proposals_come_before_done_and_stay_out_of_json_when_there_are_none(
    steps: NextSteps,
) -> None:
    events = steps.reply("what next?", model="none")
    assert events is not None
    *_, proposed, done = events
    assert isinstance(proposed, Proposed) and isinstance(done, Done)
    assert proposed.proposals == done.answer.proposals
    assert "proposals" in done.answer.model_dump(mode="json")
    plain = done.answer.model_copy(update={"proposals": ()})
    assert "proposals" not in plain.model_dump(mode="json")


# --- the consultant ---------------------------------------------------------------------------


def refused() -> Iterator[Event]:
    yield Refusal(reason="outside", text="Not covered.")
    yield Done(
        answer=Answer(
            question="q", answer="Not covered.", refused=True, mode="refused", model="none"
        )
    )


def offers(events: Iterator[Event]) -> list[Proposal]:
    return [p for event in events if isinstance(event, Proposed) for p in event.proposals]


def test_after_a_refusal_the_consultant_is_offered_where_there_is_one(steps: NextSteps) -> None:
    (offer,) = offers(steps.with_consultant(refused(), "What does it cost?"))
    assert offer.kind == "consultant" and "What does it cost?" in offer.change["body"]
    steps.consultant = None
    assert offers(steps.with_consultant(refused(), "What does it cost?")) == []


def test_an_answer_that_helps_offers_no_consultant(steps: NextSteps) -> None:
    events = steps.reply("what next?", model="none")
    assert events is not None
    passed = list(steps.with_consultant(events, "what next?"))
    assert not [p for p in offers(iter(passed)) if p.kind == "consultant"]
    assert any(isinstance(event, Said) for event in passed)


def test_what_no_plan_can_be_made_with_leaves_learner_and_plan_as_they_were(
    steps: NextSteps,
) -> None:
    steps.keep("ada", lambda learner: changed(learner, hours=6))
    before = steps.store.learner("ada"), steps.store.plan("ada")
    with pytest.raises(LearnerError, match="not in the future"):
        steps.keep("ada", lambda learner: changed(learner, by=TODAY))
    assert (steps.store.learner("ada"), steps.store.plan("ada")) == before


def test_a_preview_keeps_nothing_and_says_what_would_change(steps: NextSteps) -> None:
    plan, change = steps.preview("ada", lambda learner: changed(learner, hours=6))
    assert plan.hours_a_week == 6 and change is None
    assert steps.store.learner("ada") is None
    steps.keep("ada", lambda learner: changed(learner, hours=6))
    _, change = steps.preview("ada", lambda learner: retold(learner, hours=None))
    assert change is not None and "Hours a week: 6 → 8" in change.lines


def test_what_is_done_is_noted_once_and_again_for_a_new_link_only(steps: NextSteps) -> None:
    item, link = "deliverable-data-exploration-notebook", "https://example.org/notebook"
    for each in (None, None, link, link, None):
        steps.mark("ada", item, link=each)
    held = steps.store.learner("ada")
    assert held is not None and [done.link for done in held.done] == [None, link]
