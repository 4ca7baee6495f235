"""Conversations: kept turn by turn, found again, renamed, deleted, and taken along on paper."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from conftest import said
from pydantic import ValidationError

from mentor.errors import LearnerError
from mentor.records import Answer, Citation, Feedback, Sentence
from mentor.store import Store
from mentor.store.conversations import (
    add_feedback,
    add_turn,
    conversation,
    conversations,
    cut_turns,
    delete_conversation,
    feedback_of,
    rename,
    turns,
)
from mentor.transcript import transcript_json, transcript_markdown

SOURCED = Answer(
    question="What is drift?",
    answer="Drift is change.\n\nKinds:\n- data\n- concept",
    sentences=(
        Sentence(text="Drift is change.", citations=(1,)),
        Sentence(text="Kinds:\n- data\n- concept", citations=(1,)),
        Sentence(text="Both cost."),
    ),
    citations=(
        Citation(
            n=1,
            passage="lessons/drift~0",
            heading="Drift › Meaning",
            path="lessons/drift.md",
            url=None,
            source="editorial",
            quote="Drift",
            start=0,
            end=5,
            passage_text="Drift is change.",
        ),
    ),
    mode="quoted",
    model="none",
)


def test_a_conversation_is_called_by_its_first_question_and_holds_its_turns(store: Store) -> None:
    add_turn(store, "ada", "c1", SOURCED)
    add_turn(store, "ada", "c1", said("And why?", "Because the world moves."))
    (talk,) = conversations(store, "ada")
    assert (talk.id, talk.title, talk.turns) == ("c1", "What is drift?", 2)
    assert talk.created <= talk.changed <= datetime.now(UTC)
    kept = turns(store, "ada", "c1")
    assert kept[0].answer == SOURCED, "citations and all"
    assert kept[1].answer.answer == "Because the world moves."
    assert kept[0].at <= kept[1].at


def test_what_could_be_asked_next_is_there_again_with_the_answer(store: Store) -> None:
    answer = said("pay?", "It pays.").model_copy(
        update={"vague": True, "related": ("What do seniors earn?",), "topics": ("Salaries",)}
    )
    add_turn(store, "ada", "talk", answer)
    (turn,) = turns(store, "ada", "talk")
    assert turn.answer == answer


def test_a_long_question_is_cut_between_words(store: Store) -> None:
    add_turn(store, "ada", "c1", said("Which of the two would you, as a friend, " + "really " * 9))
    title = conversation(store, "ada", "c1").title
    assert len(title) <= 62 and title.endswith("really …")


def test_the_conversation_that_went_on_last_comes_first(store: Store) -> None:
    for id_ in ("c1", "c2", "c1"):
        add_turn(store, "ada", id_, said(f"About {id_}"))
    assert [talk.id for talk in conversations(store, "ada")] == ["c1", "c2"]


def test_one_learner_never_sees_or_touches_what_another_said(store: Store) -> None:
    """Even under the same id: a conversation belongs to its learner."""
    add_turn(store, "ada", "same", said("My secret plan"))
    add_turn(store, "bob", "same", said("Hello"))
    assert [turn.answer.question for turn in turns(store, "bob", "same")] == ["Hello"]
    assert conversations(store, "bob", search="secret") == []
    rename(store, "bob", "same", "Bob's")
    delete_conversation(store, "bob", "same")
    assert conversation(store, "ada", "same").title == "My secret plan"
    assert len(turns(store, "ada", "same")) == 1
    for change in (
        lambda: conversation(store, "eve", "same"),
        lambda: rename(store, "eve", "same", "Mine"),
        lambda: delete_conversation(store, "eve", "same"),
    ):
        with pytest.raises(LearnerError, match="no conversation 'same'"):
            change()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("drift", ["c1"]),
        ("DRIFT", ["c1"]),
        ("world moves", ["c1"]),
        ("Übung macht", ["c2"]),
        ("100%", ["c2"]),
        ("_", []),
        ("nowhere", []),
        ("  ", ["c2", "c1"]),
        ("pay talk", ["c2"]),
    ],
)
def test_a_conversation_is_found_by_words_of_title_question_or_answer(
    store: Store, words: str, found: list[str]
) -> None:
    add_turn(store, "ada", "c1", SOURCED)
    add_turn(store, "ada", "c1", said("And why?", "Because the world moves."))
    add_turn(store, "ada", "c2", said("What does a junior earn?", "Übung macht 100% reich."))
    rename(store, "ada", "c2", "Pay talk")
    assert [talk.id for talk in conversations(store, "ada", search=words)] == found


def test_a_title_is_changed_and_an_empty_one_refused(store: Store) -> None:
    add_turn(store, "ada", "c1", SOURCED)
    rename(store, "ada", "c1", "  Drift,\nfor Monday ")
    assert conversation(store, "ada", "c1").title == "Drift, for Monday"
    with pytest.raises(LearnerError, match="needs a title"):
        rename(store, "ada", "c1", " \n")


def test_a_deleted_conversation_takes_its_turns_and_feedback_along(store: Store) -> None:
    now = datetime.now(UTC)
    for id_ in ("c1", "c11"):
        add_turn(store, "ada", id_, SOURCED)
        add_feedback(store, "ada", Feedback(about=f"{id_}/1", verdict="up", at=now))
    delete_conversation(store, "ada", "c1")
    assert [talk.id for talk in conversations(store, "ada")] == ["c11"]
    assert turns(store, "ada", "c1") == []
    assert [each.about for each in feedback_of(store, "ada")] == ["c11/1"]
    everything = store.export("ada")
    assert len(everything["turns"]) == len(everything["conversations"]) == 1


def test_a_thumb_is_kept_with_its_reason(store: Store) -> None:
    down = Feedback(
        about="c1/2", verdict="down", reason="Zu lang 🙂", at=datetime(2026, 11, 27, tzinfo=UTC)
    )
    add_feedback(store, "ada", down)
    add_feedback(store, "ada", down.model_copy(update={"verdict": "up", "reason": ""}))
    assert [each.verdict for each in feedback_of(store, "ada")] == ["down", "up"]
    assert feedback_of(store, "ada")[0] == down
    assert feedback_of(store, "bob") == []
    with pytest.raises(ValidationError):
        Feedback(about="c1/2", verdict="up", reason="x" * 2001, at=down.at)


def test_a_conversation_is_taken_along_as_markdown_and_json(store: Store) -> None:
    add_turn(store, "ada", "c1", SOURCED)
    talk, kept = conversation(store, "ada", "c1"), turns(store, "ada", "c1")
    page = transcript_markdown(talk, kept)
    assert page.startswith("# What is drift?\n")
    assert "\n\nDrift is change. [1]\n\nKinds:\n- data\n- concept [1]\n\nBoth cost.\n" in page
    assert "1. Drift › Meaning — lessons/drift.md" in page
    data = json.loads(json.dumps(transcript_json(talk, kept)))
    assert data["title"] == "What is drift?"
    assert data["turns"][0]["answer"]["citations"][0]["quote"] == "Drift"


def test_an_answer_without_sentences_is_taken_along_as_it_was_told(store: Store) -> None:
    refused = Answer(
        question="Egg?", answer="Not covered.", refused=True, mode="refused", model="none"
    )
    add_turn(store, "ada", "c1", refused)
    page = transcript_markdown(conversation(store, "ada", "c1"), turns(store, "ada", "c1"))
    assert "## Egg?\n\nNot covered.\n" in page and "Sources" not in page


def test_turns_that_are_asked_anew_take_their_feedback_with_them(store: Store) -> None:
    for who in ("ada", "bob"):
        for n, question in enumerate(("one", "two", "three"), start=1):
            assert add_turn(store, who, "c1", said(question)) == n
            thumb = Feedback(about=f"c1/{n}", verdict="up", at=datetime.now(UTC))
            add_feedback(store, who, thumb)
    cut_turns(store, "ada", "c1", keep=1)
    assert [turn.answer.question for turn in turns(store, "ada", "c1")] == ["one"]
    assert [word.about for word in feedback_of(store, "ada")] == ["c1/1"]
    assert len(turns(store, "bob", "c1")) == len(feedback_of(store, "bob")) == 3
    cut_turns(store, "ada", "c1", keep=0)
    add_turn(store, "ada", "c1", said("another beginning"))
    assert conversation(store, "ada", "c1").title == "another beginning"
