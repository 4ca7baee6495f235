"""The sidebar's conversations and the thumbs: found, saved and told, each learner their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import said

from mentor.errors import LearnerError
from mentor.index import IndexReader
from mentor.mentor import Mentor
from mentor.models.embed import HashingEmbeddings
from mentor.next_steps import NextSteps
from mentor.records import Answer
from mentor.settings import Settings, shipped
from mentor.store import open_store
from mentor.store.conversations import add_turn, feedback_of
from mentor_ui import render
from mentor_ui.chat_page import chat_blocks
from mentor_ui.kept_talk import new_id
from mentor_ui.kept_talk import said as shown
from mentor_ui.talk_list import listed, parcel
from mentor_ui.thumbs import tell, turn_at

ADA, BOB, FIRST, SECOND = (new_id() for _ in range(4))


@pytest.fixture
def mentor(home: Path) -> Iterator[Mentor]:
    embedder = HashingEmbeddings()
    reader = IndexReader(home / "index", embedder)
    store = open_store(Settings(home=home))
    steps = NextSteps(shipped("corpus"), reader.passages, open_store=lambda: store)
    add_turn(store, ADA, FIRST, said("How much does a junior earn?", "It depends on the place."))
    add_turn(store, ADA, SECOND, said("What is drift?", "Inputs that change."))
    yield Mentor(reader=reader, embedder=embedder, chat=None, steps=steps)
    store.close()


def test_the_list_has_the_last_conversation_first_and_finds_words_said_in_it(
    mentor: Mentor,
) -> None:
    assert [id_ for _, id_ in listed(mentor, ADA)] == [SECOND, FIRST]
    ((shown, id_),) = listed(mentor, ADA, "depends on")
    assert id_ == FIRST and shown.startswith("How much does a junior earn? · ")


def test_nobody_sees_or_saves_a_conversation_of_somebody_else(mentor: Mentor) -> None:
    for stranger in (BOB, None):
        assert listed(mentor, stranger) == []
        with pytest.raises(LearnerError):
            parcel(mentor, stranger, FIRST, "md")


def test_a_conversation_is_saved_to_read_and_as_data(mentor: Mentor) -> None:
    page = json.loads(parcel(mentor, ADA, FIRST, "md"))
    assert page["name"].endswith(".md") and page["type"] == "text/markdown"
    assert "## How much does a junior earn?\n\nIt depends on the place." in page["text"]
    data = json.loads(json.loads(parcel(mentor, ADA, FIRST, "json"))["text"])
    assert data["turns"][0]["answer"]["answer"] == "It depends on the place."


def test_a_thumb_and_then_its_reason_are_kept_with_the_answer_they_belong_to(
    mentor: Mentor,
) -> None:
    question = {"role": "user", "content": "x"}
    unkept = {"role": "assistant", "content": "x"}
    messages = [question, shown("x", 1), question, unkept, question, shown("x", 2), unkept]
    assert [turn_at(messages, n) for n in (1, 3, 5)] == [1, None, 2]
    assert turn_at(messages, 6) == 2, "a note below an answer belongs to it"
    about = f"{FIRST}/2"
    assert tell(mentor, ADA, about, "down") == ""
    assert tell(mentor, ADA, about, "down", reason="It names no city.") == ""
    assert mentor.store is not None
    kept = [(word.about, word.verdict, word.reason) for word in feedback_of(mentor.store, ADA)]
    assert kept == [(f"{FIRST}/2", "down", ""), (f"{FIRST}/2", "down", "It names no city.")]
    assert "Reload" in tell(mentor, None, about, "up")


def test_a_question_below_an_answer_can_be_chosen_and_is_shown_as_it_stands() -> None:
    answer = Answer(
        question="q", answer="a", mode="quoted", model="none", related=("Is 1 < 2 *true*?",)
    )
    assert render.whole(answer, 1) == (
        f'a\n\n{render.ASK_NEXT}\n\n- <a class="ask" href="#question">Is 1 &lt; 2 \\*true\\*?</a>'
    )


def test_the_page_is_put_together_with_its_sidebar(mentor: Mentor) -> None:
    names = {block.elem_id for block in chat_blocks(mentor).blocks.values()}
    assert {"talks", "talk-list", "talk-delete", "why", "question", "source-panel"} <= names


def test_the_list_first_asks_which_conversation_the_address_names(mentor: Mentor) -> None:
    fills = [fn for fn in chat_blocks(mentor).fns.values() if fn.name == "refreshed"]
    assert fills and all(event != "load" for fn in fills for _, event in fn.targets)
