"""What do they ask about drift? Questions of the bank in chat, and nothing of what is behind."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from conftest import Build

from mentor.index import IndexReader
from mentor.interview_list import MOST, InterviewList
from mentor.mentor import Mentor
from mentor.models.embed import HashingEmbeddings
from mentor.questions import FOLDER, Bank, Question, read_questions
from mentor.settings import load_settings
from mentor_evals.cases import RoadmapCase, load

DRIFT = "model-monitoring-drift-detection.yaml"
SHIPPED = Path(__file__).resolve().parents[1] / "corpus" / FOLDER


@cache
def bank() -> Bank:
    return Bank(files=(read_questions(SHIPPED / DRIFT),))


def listed(question: str) -> list[Question]:
    """The questions of the bank that a reply lists, in its order."""
    reply = InterviewList(bank)(question) or ""
    there = [(reply.find(q.question), q) for q in bank().questions.values()]
    return [q for at, q in sorted(there, key=lambda each: each[0]) if at >= 0]


@pytest.mark.parametrize(
    "question",
    [
        "what do they ask about drift?",
        "What will interviewers ask me about model monitoring?",
        "Which questions are asked about drift in interviews?",
        "drift interview questions",
        "show me interview questions on drift detection",
    ],
)
def test_a_request_for_questions_lists_up_to_eight(question: str) -> None:
    found = listed(question)
    assert len(found) == MOST
    assert "code_reading" not in {q.kind for q in found}
    assert {q.level for q in found} == {"junior", "mid", "senior"}


def test_a_level_narrows_the_list() -> None:
    found = listed("what do they ask seniors about drift?")
    assert found and {q.level for q in found} == {"senior"}


def test_a_kind_alone_is_enough() -> None:
    found = listed("which code reading questions are asked in interviews?")
    assert found and {q.kind for q in found} == {"code_reading"}


def test_a_word_that_two_questions_have_finds_them() -> None:
    found = [q.id for q in listed("what do they ask about services?")]
    assert found == ["drift-why-watch", "drift-prediction-log"]


@pytest.mark.parametrize(
    "question",
    [
        "What is drift?",
        "I have questions about drift",
        "what do they ask about PSI?",
        "interview question about a drift tool that nobody wanted",
        "Are there system questions in a mid-level ML interview?",
        "What do they ask about drift at Amazon?",
        "What questions should I ask about drift?",
        "what do interviewers want to hear about drift",
        "how do I answer the drift interview question",
        "junior interview questions",
        "machine learning interview questions",
        "what do they ask in the interview",
        "Which example questions for the interview on the third level?",
    ],
)
def test_other_questions_are_left_to_the_material(question: str) -> None:
    assert InterviewList(bank)(question) is None


def test_no_case_of_the_roadmap_suite_is_taken() -> None:
    listing = InterviewList(bank)
    asked = [case.question for case in load("roadmap", RoadmapCase)]
    assert [question for question in asked if listing(question)] == []


def test_the_bank_is_not_read_before_somebody_asks_for_it() -> None:
    def broken() -> Bank:
        raise AssertionError("read too soon")

    assert InterviewList(broken)("what is drift?") is None


def test_nothing_behind_the_questions_is_shown_in_chat(build: Build) -> None:
    build()
    embedder = HashingEmbeddings()
    mentor = Mentor(
        reader=IndexReader(load_settings().index_dir, embedder),
        embedder=embedder,
        chat=None,
        known=frozenset,
        bank=bank,
    )
    answer = mentor.answer("and for seniors?", ["what do they ask about drift?"])
    assert answer.reason == "interview questions" and not answer.refused
    assert bank().questions["drift-fraud-blocks"].question in answer.answer
    behind = [
        text
        for q in bank().questions.values()
        for text in (q.hint, q.model_answer, *(probe.text for probe in q.probes))
    ]
    behind += [text for p in bank().points.values() for text in (p.says, p.met, *p.paraphrases)]
    assert not [text for text in behind if text in answer.answer]
