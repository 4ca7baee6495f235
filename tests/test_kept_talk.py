"""The conversation of a browser: there again after a reload and a restart, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import said

from mentor.index import IndexReader
from mentor.mentor import Mentor
from mentor.models.embed import HashingEmbeddings
from mentor.next_steps import NextSteps
from mentor.settings import Settings, shipped
from mentor.store import open_store
from mentor.store.conversations import conversations
from mentor_ui import render
from mentor_ui.chat_page import reply
from mentor_ui.kept_talk import keep, new_id, own, said_before

ADA, BOB, TALK = (new_id() for _ in range(3))


def mentor_of(home: Path) -> Mentor:
    embedder = HashingEmbeddings()
    reader = IndexReader(home / "index", embedder)
    steps = NextSteps(
        shipped("corpus"), reader.passages, open_store=lambda: open_store(Settings(home=home))
    )
    return Mentor(reader=reader, embedder=embedder, chat=None, steps=steps)


@pytest.fixture
def mentor(home: Path) -> Iterator[Mentor]:
    made = mentor_of(home)
    yield made
    assert made.steps is not None
    made.steps.store.close()


def ask(mentor: Mentor, *asked: str, who: str | None = ADA, talk: str = TALK) -> str:
    """The last message of the page; the status line has to be told apart."""
    messages = [{"role": "user", "content": text} for text in asked]
    *_, (after, _, status) = reply(
        mentor, messages, threading.Event(), learner=who, conversation=talk
    )
    assert "could not be kept" not in status
    return str(after[-1]["content"])


def test_a_conversation_is_there_again_after_a_restart(mentor: Mentor, home: Path) -> None:
    first = ask(mentor, "what next?")
    second = ask(mentor, "what next?", "what if I do 12?")
    messages, panel = said_before(mentor_of(home), ADA, TALK)
    assert [m["role"] for m in messages] == ["user", "assistant"] * 2
    assert [m["content"] for m in messages] == ["what next?", first, "what if I do 12?", second]
    assert panel == render.NO_SOURCES, "no index, no sources"


def test_another_browser_sees_nothing_of_it(mentor: Mentor) -> None:
    ask(mentor, "what next?")
    assert said_before(mentor, BOB, TALK) == ([], render.NO_SOURCES)
    assert said_before(mentor, None, TALK) == ([], render.NO_SOURCES)


@pytest.mark.parametrize("name", ["", None, "a" * 31, "a" * 33, "../etc/passwd/aaaaaaaa"])
def test_only_ids_of_our_own_making_name_a_conversation(mentor: Mentor, name: str | None) -> None:
    assert own(name) is None
    assert own(new_id()) is not None
    assert keep(mentor, ADA, name, said("q")) == ""
    assert mentor.store is not None
    assert conversations(mentor.store, ADA) == []


def test_an_answer_stands_although_it_could_not_be_kept(home: Path) -> None:
    home.write_text("a file where the data folder should be")
    mentor = mentor_of(home)
    told = keep(mentor, ADA, TALK, said("q"))
    assert "could not be kept" in told and "cannot be made" in told
