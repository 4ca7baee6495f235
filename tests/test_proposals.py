"""The page's part of the next steps: what buttons show and do, and the CV that is handed over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from mentor.index import IndexReader
from mentor.mentor import Mentor
from mentor.models.embed import HashingEmbeddings
from mentor.next_steps import NextSteps
from mentor.records import Proposal
from mentor.settings import Settings, shipped
from mentor.store import open_store
from mentor_ui.cv_upload import mount_cv
from mentor_ui.proposal_panel import MOST, shown
from mentor_ui.replying import Reply


@pytest.fixture
def mentor(home: Path) -> Iterator[Mentor]:
    """A mentor with a plan and a store, and without an index."""
    embedder = HashingEmbeddings()
    reader = IndexReader(home / "index", embedder)
    steps = NextSteps(
        shipped("corpus"),
        reader.passages,
        open_store=lambda: open_store(Settings(home=home)),
        consultant="mailto:help@example.org",
        today=lambda: date(2026, 11, 27),
    )
    yield Mentor(reader=reader, embedder=embedder, chat=None, steps=steps)
    steps.store.close()


def talk(mentor: Mentor, *said: str) -> tuple[str, list[Proposal]]:
    """The last message of the page after `said`, and what is offered then."""
    messages = [{"role": "user", "content": text} for text in said]
    reply = Reply(mentor, messages, learner="ada")
    *_, (after, _, _) = reply.run()
    return str(after[-1]["content"]), reply.offered


def test_a_plan_in_the_page_brings_a_button_and_a_yes_keeps_it(mentor: Mentor) -> None:
    text, offered = talk(mentor, "I have 6 hours a week, when am I job ready?")
    assert "With 6 hours a week" in text
    assert [proposal.label for proposal in offered] == ["Keep this plan"]
    buttons = shown(offered)[:MOST]
    assert [button["visible"] for button in buttons] == [True, False, False, False]
    assert mentor.accept("ada", offered[0]).startswith("Kept.")


def test_impossible_hours_are_told_in_the_page(mentor: Mentor) -> None:
    text, offered = talk(mentor, "I have 200 hours a week, when am I job ready?")
    assert "A plan cannot be made" in text and offered == []


def test_one_proposal_is_said_in_its_words_and_many_in_one_sentence() -> None:
    one = Proposal(id="x", kind="mark", label="Mark it", says="I note it.")
    assert shown([one])[-1] == "<p>I note it.</p>"
    assert shown([one] * 3)[-1] == "<p>Nothing changes until you choose one.</p>"
    assert shown([])[-1] == ""


def test_words_of_a_proposal_are_data_on_the_page() -> None:
    evil = Proposal(id="x", kind="mark", label="<b>", says="<script>alert(1)</script>")
    note = shown([evil])[-1]
    assert "<script>" not in note and "&lt;script&gt;" in note


def test_a_letter_by_mail_is_an_address_to_open(mentor: Mentor) -> None:
    from mentor.consultant import Letter

    address = mentor.send_letter(Letter(subject="s", body="b"))
    assert address == "mailto:help@example.org?subject=s&body=b"


@pytest.fixture
def page(mentor: Mentor) -> TestClient:
    app = FastAPI()
    mount_cv(app, mentor)
    return TestClient(app)


def test_a_cv_handed_over_is_answered_with_skills_and_words(page: TestClient) -> None:
    answered = page.post("/cv?name=cv.txt", content=b"Five years of Python and SQL at a bank.\n")
    assert answered.status_code == 200
    assert [clue["skill"] for clue in answered.json()["clues"]] == [
        "python-oop-proficiency",
        "sql-data-querying",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [("cv.exe", b"x"), ("cv.pdf", b"no pdf"), ("", b""), ("cv.txt", b"a" * 10_000_001)],
)
def test_a_cv_that_cannot_be_read_is_told(page: TestClient, name: str, content: bytes) -> None:
    answered = page.post(f"/cv?name={name}", content=content)
    assert answered.status_code == 422
    assert answered.json()["error"] and answered.json()["cure"]
