"""An interview in the chat: what is understood, and how it goes on message by message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from conftest import count_words
from interviewing import DRIFT, desk, started, strong

from mentor.errors import InterviewError, LearnerError
from mentor.index import IndexReader
from mentor.interview.interviews import Interviews
from mentor.interview.screen import screen_of
from mentor.interview.state import Pause, Say, Setup, Skip
from mentor.interview.wish import is_on, move_in, topics_named, wish_in
from mentor.material import files_of, passages_of, read_pages
from mentor.mentor import Mentor
from mentor.models.embed import HashingEmbeddings
from mentor.next_steps import NextSteps
from mentor.records import Passage, Proposal
from mentor.settings import Settings, shipped
from mentor.store import open_store
from mentor_ui.asking import forget
from mentor_ui.replying import Reply


@cache
def lessons() -> list[Passage]:
    """The passages of the lessons of stage 4."""
    return [
        passage
        for path, shown in files_of(shipped("corpus") / "lessons" / "stage-4")
        for page in read_pages(path, shown)
        for passage in passages_of(page, count_words)
    ]


class Lessons(IndexReader):
    """Stands in for an open index."""

    def passages(self) -> list[Passage]:
        return lessons()


@pytest.fixture
def mentor(home: Path) -> Iterator[Mentor]:
    embedder = HashingEmbeddings()
    reader = Lessons(home / "index", embedder)
    steps = NextSteps(
        shipped("corpus"), reader.passages, open_store=lambda: open_store(Settings(home=home))
    )
    interviews = Interviews(desk, store=lambda: steps.store)
    yield Mentor(reader=reader, embedder=embedder, chat=None, steps=steps, interviews=interviews)
    steps.store.close()


class Tab:
    """An open page: what was said in it, and what it shows."""

    def __init__(self, mentor: Mentor, name: str = "tab", learner: str | None = "ada") -> None:
        self.mentor, self.name, self.learner = mentor, name, learner
        self.messages: list[dict[str, str]] = []
        self.offered: list[Proposal] = []
        self.panel = self.status = ""

    def say(self, text: str) -> str:
        self.messages.append({"role": "user", "content": text})
        reply = Reply(self.mentor, self.messages, learner=self.learner, conversation=self.name)
        *_, (self.messages, self.panel, self.status) = reply.run()
        self.offered = reply.offered
        return str(self.messages[-1]["content"])

    def answer(self) -> str:
        """The answer that makes every point of the question that is on."""
        assert self.mentor.interviews is not None and self.learner is not None
        kept = self.mentor.interviews.open(self.learner)
        assert kept is not None
        return strong(desk().question(kept.state.now.question))


# --- what is understood --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "about", "level", "questions", "aim"),
    [
        ("interview me on drift, junior level", [" drift"], "junior", 5, "balanced"),
        ("Interview me about Docker as a mid", ["docker"], "mid", 5, "balanced"),
        ("please quiz me on my weak spots", [], None, 5, "weak"),
        ("Start a mock interview", [], None, 5, "balanced"),
        ("mock interview", [], None, 5, "balanced"),
        ("quiz me", [], None, 5, "balanced"),
        ("Grill me!", [], None, 5, "balanced"),
        ("please drill me", [], None, 5, "balanced"),
        ("Examine me as a senior", [], "senior", 5, "balanced"),
        ("Could you interview me on pandas and SQL?", ["pandas", "sql"], None, 5, "balanced"),
        ("I'd like to do a senior mock interview, 8 questions", [], "senior", 8, "balanced"),
        ("let's have a practice interview with three questions", [], None, 3, "balanced"),
        ("drill me on what is due", [], None, 5, "due"),
        ("interview me, only 3 questions", [], None, 3, "balanced"),
        ("interview me, twelve questions", [], None, 12, "balanced"),
        ("interview me for 20 minutes", [], None, 5, "balanced"),
        ("mock interview, mid level", [], "mid", 5, "balanced"),
        ("start an interview", [], None, 5, "balanced"),
        ("let's do a system design interview", [], None, 5, "balanced"),
        ("quiz me with just five questions on pandas", ["pandas"], None, 5, "balanced"),
        ("interview me for an hour and a half", [], None, 5, "balanced"),
        ("interview me with twenty-five questions", [], None, 20, "balanced"),
        ("interview me on drift with 100 questions", ["drift"], None, 20, "balanced"),
        ("quiz me on my mistakes", [], None, 5, "weak"),
        ("quiz me on what I missed", [], None, 5, "weak"),
        ("quiz me on my gaps", [], None, 5, "weak"),
    ],
)
def test_wishes_for_an_interview_are_understood(
    text: str, about: list[str], level: str | None, questions: int, aim: str
) -> None:
    wish = wish_in(text)
    assert wish is not None and wish.kind == "begin"
    assert (wish.level, wish.setup.questions, wish.setup.aim) == (level, questions, aim)
    assert len(wish.about) == len(about)
    assert all(word.strip() in part.lower() for word, part in zip(about, wish.about, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "How do I prepare for a mock interview?",
        "What is a mock interview?",
        "What do they ask about drift in interviews?",
        "Should I start a mock interview before stage 3?",
        "When do companies interview me twice?",
        "My interview is next week",
        "How long does an interview take?",
        "What is a system design interview?",
        "How do I start an interview?",
        "show me interview questions on drift",
    ],
)
def test_questions_about_interviews_are_left_to_the_material(text: str) -> None:
    assert wish_in(text) is None


def test_no_question_of_the_corpus_is_taken_for_a_wish() -> None:
    asked = [json.loads(line)["question"] for line in (shipped("corpus") / "asked.jsonl").open()]
    folders = (shipped("corpus") / name for name in ("career", "levels", "roadmap"))
    asked += [
        question
        for path, shown in files_of(*folders)
        for page in read_pages(path, shown)
        for questions in page.questions.values()
        for question in questions
    ]
    assert len(asked) > 5000
    assert {question for question in asked if wish_in(question)} == set()


@pytest.mark.parametrize(
    "said",
    [
        *("for 1.5 hours", "for twenty five minutes", "for one and a half hours"),
        *("no timer", "without a timer", "untimed", "with no clock"),
    ],
)
def test_how_long_it_may_take_names_no_topic_and_no_timer_is_none(said: str) -> None:
    wish = wish_in(f"interview me on drift {said}")
    assert wish is not None and not wish.setup.timer
    assert topics_named(wish.about[0], desk()) == (DRIFT,)


@pytest.mark.parametrize(
    ("called", "topic"),
    [
        ("drift", DRIFT),
        ("topic-nlp-llms", "topic-nlp-llms"),
        ("nlp-llms", "topic-nlp-llms"),
        ("Docker", "topic-containerization-docker"),
        ("pandas", "topic-data-wrangling-pandas"),
        ("time management", "time-management"),
        ("on Time Management", "time-management"),
        ("on NLP & Large Language Models", "topic-nlp-llms"),
        ("Linear Algebra & Statistics Essentials", "topic-linear-algebra-statistics"),
    ],
)
def test_topics_go_by_id_name_and_word(called: str, topic: str) -> None:
    assert topics_named(called, desk()) == (topic,)


@pytest.mark.parametrize("said", ["pause", "Pause, please", "pause for lunch", "pause it here"])
def test_a_pause_is_heard(said: str) -> None:
    assert isinstance(move_in(said, screen_of("i", 1, started(), desk())), Pause)


@pytest.mark.parametrize("said", ["Pause the rollout first.", "OK, pause deployments."])
def test_an_answer_that_begins_with_a_pause_is_an_answer(said: str) -> None:
    assert move_in(said, screen_of("i", 1, started(), desk())) == Say(text=said)


def test_every_topic_goes_by_the_name_that_the_bank_gives_it() -> None:
    for topic in {question.topic for question in desk().bank.questions.values()}:
        wish = wish_in(f"interview me on {desk().syllabus.name(topic)}")
        assert wish is not None and len(wish.about) == 1
        assert topics_named(wish.about[0], desk()) == (topic,)


def test_topics_joined_by_an_ampersand_are_several() -> None:
    both = topics_named("drift & docker", desk())
    assert both == (DRIFT, "topic-containerization-docker")


def test_a_topic_that_the_bank_lacks_is_told_with_those_that_it_has() -> None:
    with pytest.raises(InterviewError, match="quantum") as caught:
        topics_named("quantum computing", desk())
    assert "Drift" in caught.value.cure


def test_an_interview_is_on_from_its_wish_to_its_pause() -> None:
    assert not is_on([])
    assert is_on(["hello", "interview me on drift", "my answer"])
    assert not is_on(["interview me on drift", "pause"])
    assert is_on(["interview me on drift", "pause", "what is drift?", "resume"])


# --- turn by turn --------------------------------------------------------------------------------


def test_a_whole_interview_in_the_chat(mentor: Mentor) -> None:
    tab = Tab(mentor)
    assert "junior level, one question" in tab.say(
        "interview me on drift, junior level, 1 question"
    )
    assert "Hint:" in tab.say("give me a hint")
    probe = tab.say("The inputs are not what they were.")
    assert "?" in probe and "Hint" not in probe, "once is enough"
    tab.say("skip")
    assert "How sure" in tab.say("Nothing more comes to my mind.")
    assert "A number" in tab.say("quite, I think")
    said = tab.say("2")
    assert "You could have said" in said and "of 100" in said
    assert 'class="cite"' in said and "Drift" in tab.panel
    assert "Graded against the rubric" in str(tab.messages[-1]["content"])
    assert "keep your words" in tab.say("I did say this: “The inputs are not what they were”")
    assert "second try" in tab.say("retry")
    assert "of 100" in tab.say(tab.answer())
    ended = tab.say("next")
    assert "<code>mentor interview report</code>" in ended
    assert "A strong answer" in ended and "Your interview: 0 of 100" in ended
    assert mentor.interviews is not None and mentor.interviews.open("ada") is None


def test_what_is_due_is_told_and_begins_nothing(mentor: Mentor) -> None:
    tab = Tab(mentor)
    assert "Nothing is due" in tab.say("what is due?")
    for text in ("interview me on drift, junior level, 1 question", "skip", "skip", "next"):
        tab.say(text)
    steps = mentor.steps
    assert steps is not None
    later = Mentor(
        reader=mentor.reader,
        embedder=HashingEmbeddings(),
        chat=None,
        steps=steps,
        interviews=Interviews(
            desk, store=lambda: steps.store, now=lambda: datetime.now(UTC) + timedelta(days=30)
        ),
    )
    told = Tab(later, "next month").say("What's due today?")
    assert told.startswith("One question is due to be asked again:")
    assert 'class="cite"' in told and "quiz me" in told
    assert later.interviews is not None and later.interviews.open("ada") is None


def test_good_answers_end_in_a_button_that_marks_the_practice(mentor: Mentor) -> None:
    tab = Tab(mentor)
    tab.say("interview me on drift, junior level, 3 questions")
    for _ in range(3):
        tab.say(tab.answer())
        tab.say("4")
        tab.say("next")
    assert [proposal.id for proposal in tab.offered] == [f"practice-{DRIFT}"]
    assert mentor.accept("ada", tab.offered[0]).startswith("Noted as done: ")
    assert mentor.steps is not None
    learner = mentor.steps.store.learner("ada")
    assert learner is not None and f"practice-{DRIFT}" in learner.finished


def test_code_to_read_is_shown_as_it_stands(mentor: Mentor) -> None:
    said = Tab(mentor).say("interview me on code reading, junior level")
    assert re.search(r"^```\w+$", said, re.M) and said.rstrip().endswith("```")


def test_a_closed_page_loses_nothing(mentor: Mentor) -> None:
    Tab(mentor, "before").say("interview me on drift, junior level")
    closed = Tab(mentor, "before")
    closed.messages = [{"role": "user", "content": "interview me on drift"}]
    closed.say("Drift is when the inputs change.")
    again = Tab(mentor, "after")
    assert "We go on where we were" in again.say("resume the interview")
    assert mentor.interviews is not None
    kept = mentor.interviews.open("ada")
    assert kept is not None and kept.state.phase == "probe"
    assert kept.state.now.said[0].text == "Drift is when the inputs change."


def test_an_answer_whose_reply_was_stopped_cannot_be_said_again(mentor: Mentor) -> None:
    tab = Tab(mentor)
    tab.say("Interview me on data drift")
    answer = {"role": "user", "content": tab.answer()}
    reply = Reply(mentor, [*tab.messages, answer], learner="ada", conversation="tab")
    shown = reply.run()
    next(shown), next(shown)
    reply.cut()
    with pytest.raises(LearnerError, match="stays said") as refused:
        forget(mentor, "ada", "tab", keep=1)
    assert "resume" in refused.value.cure
    assert "1 (guessing) to 5 (certain)" in tab.say("resume")


def test_the_second_of_two_tabs_is_told_and_can_take_over_or_leave(mentor: Mentor) -> None:
    one, two = Tab(mentor, "one"), Tab(mentor, "two")
    one.say("interview me on drift, junior level")
    two.say("resume")
    two.say("My answer from the second tab.")
    told = one.say("My answer from the first tab.")
    assert "another window" in told and "nothing of it is lost" in told
    assert mentor.interviews is not None
    kept = mentor.interviews.open("ada")
    assert kept is not None
    assert [said.text for said in kept.state.now.said] == ["My answer from the second tab."]
    assert "left it here" in one.say("leave")
    assert "We go on" in one.say("resume")
    one.say("My answer from the first tab.")
    assert "another window" in two.say("And more from the second.")


def test_an_interview_left_open_long_ago_does_not_disturb_a_later_conversation(
    mentor: Mentor,
) -> None:
    Tab(mentor, "long ago").say("interview me on docker, junior level")
    tab = Tab(mentor, "today")
    tab.say("interview me on drift, junior level")
    tab.say("stop")
    assert tab.say("thanks") == "You're welcome. Ask on whenever you like."
    assert "docker" in tab.say("resume the interview").lower()


def test_an_interview_of_another_conversation_does_not_disturb_one_that_has_ended(
    mentor: Mentor,
) -> None:
    ended, other = Tab(mentor, "ended"), Tab(mentor, "other")
    for text in ("interview me on drift, junior level, 1 question", "skip", "skip", "next"):
        ended.say(text)
    other.say("interview me on docker, junior level")
    assert ended.say("thanks") == "You're welcome. Ask on whenever you like."
    ended.say("interview me on pandas, junior level")
    Tab(mentor, "third").say("resume the interview")
    assert "another window" in ended.say("My answer."), "this one was begun here, and taken there"


def test_the_chat_takes_no_message_for_an_answer_to_what_the_page_asks(mentor: Mentor) -> None:
    tab = Tab(mentor)
    tab.say("interview me on drift, junior level")
    assert mentor.interviews is not None
    kept = mentor.interviews.open("ada")
    assert kept is not None
    mentor.interviews.turn("ada", kept.id, Skip(), window="page")
    assert "another window" in tab.say("My answer to the question that I see here.")


def test_a_second_interview_in_a_conversation_pauses_the_first(mentor: Mentor) -> None:
    tab = Tab(mentor)
    tab.say("interview me on docker, junior level")
    assert "paused, and kept" in tab.say("interview me on drift, junior level, 1 question")
    for text in ("skip", "next"):
        tab.say(text)
    assert tab.say("thanks") == "You're welcome. Ask on whenever you like."
    assert "docker" in tab.say("resume").lower()


def test_what_was_typed_on_the_page_is_told_to_who_resumes_in_the_chat(mentor: Mentor) -> None:
    assert mentor.interviews is not None
    kept = mentor.interviews.begin("ada", Setup(topics=(DRIFT,)), window="page")
    mentor.interviews.turn("ada", kept.id, Pause(text="Half an\nanswer."), window="page")
    assert "You had typed: “Half an answer.”" in Tab(mentor).say("resume the interview")


def test_after_a_pause_the_chat_is_a_chat_again(mentor: Mentor) -> None:
    tab = Tab(mentor)
    tab.say("interview me on drift, junior level")
    assert "Paused, and kept" in tab.say("pause")
    assert tab.say("thanks") == "You're welcome. Ask on whenever you like."


@pytest.mark.parametrize("text", ["", "a" * 20_000, "Дрейф данных", "```\nx = 1\n```"])
def test_odd_answers_in_the_chat_lose_nothing(mentor: Mentor, text: str) -> None:
    tab = Tab(mentor)
    tab.say("interview me on drift, junior level")
    said = tab.say(text)
    assert mentor.interviews is not None
    kept = mentor.interviews.open("ada")
    assert kept is not None
    assert [each.text for each in kept.state.now.said] == ([text] if text else [])
    assert "empty" in said if not text else "?" in said


def test_somebody_without_a_name_is_told_where_interviews_are(mentor: Mentor) -> None:
    said = Tab(mentor, learner=None).say("interview me on drift")
    assert "mentor interview" in said


def test_without_a_topic_in_the_bank_the_learner_is_told(mentor: Mentor) -> None:
    assert "no questions on" in Tab(mentor).say("interview me on quantum computing")


def test_resuming_nothing_is_told(mentor: Mentor) -> None:
    assert "No interview of yours is waiting" in Tab(mentor).say("resume the interview")


def test_listings_are_shown_as_such_only_when_nothing_else_is_in_them() -> None:
    from mentor.records import Sentence
    from mentor_ui.render import add_sentence

    listing = "```python\nx = '<b>'\n```"
    assert add_sentence("", Sentence(text=listing), 1).strip() == listing
    for evil in ("```\n```\n<img src=x>\n```", "```\nx\n```\n<b>", "``` <b>\nx\n```"):
        shown = add_sentence("", Sentence(text=evil), 1)
        assert "<" not in re.sub("</?code>", "", shown)
