"""Follow-ups, found by what they mean in their conversation; and what that was learned from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from mentor.answer.search import search
from mentor.mentor import Mentor, open_mentor
from mentor.models.in_context import before
from mentor.settings import Settings
from mentor_evals.training.in_context import Sections, talks

DATASETS = Path(__file__).resolve().parents[1] / "evals/mentor_evals/datasets"
CLEAR_WORDS = 5
"""Words from which on a message is somebody's own and not what everybody says."""


@pytest.fixture(scope="module")
def mentor(shipped_home: Path) -> Mentor:
    return open_mentor(Settings(home=shipped_home, model="none"))


@pytest.mark.real
@pytest.mark.parametrize(
    ("said", "message", "page"),
    [
        (
            "How does data augmentation help?",
            "are there pictures that I must not flip?",
            "lessons/computer-vision-and-multi-modal-ai",
        ),
        (
            "What is RAG?",
            "could somebody hide orders in a file that it reads?",
            "lessons/nlp-and-large-language-models",
        ),
        (
            "How do I write a Dockerfile?",
            "mine is two gigabytes, how do I bring it down?",
            "lessons/containerization-with-docker",
        ),
        (
            "How much does a junior earn?",
            "how do I make my image smaller in docker?",
            "lessons/containerization-with-docker",
        ),
    ],
)
def test_a_message_with_words_of_its_own_is_understood_where_it_is_said(
    mentor: Mentor, said: str, message: str, page: str
) -> None:
    answered = mentor.retriever.search(said, k=3)
    found = mentor.retriever.meant(message, said, answered, k=5)
    assert page in {hit.passage.page for hit in found}


@pytest.mark.real
@pytest.mark.parametrize(
    ("said", "message", "section"),
    [
        (
            "How does a recommender explore?",
            "the same five products win every single day here",
            "lessons/recommender-systems-and-personalization#failure-the-feedback-loop",
        ),
        (
            "What does a junior earn?",
            "can I push for more in the talk?",
            "career/negotiation#asking-for-a-raise-as-an-ml-engineer",
        ),
    ],
)
def test_a_follow_up_is_answered_by_what_it_means(
    mentor: Mentor, said: str, message: str, section: str
) -> None:
    first = mentor.answer(message, [said]).citations[0]
    assert first.passage.partition("~")[0] == section


@pytest.mark.real
def test_a_question_of_its_own_points_at_no_item_of_the_list_before(mentor: Mentor) -> None:
    def found(own: str, *, follows: bool = False) -> str:
        topic = "Which KPIs is a junior measured by?"
        wordings = search(own, mentor.retriever, topic=topic, own=own, follows=follows).wordings
        return wordings[0][0]

    assert found("what does the second one mean?") == "what does Pipeline Success Rate mean?"
    whole = "What is the first question in a system design interview?"
    assert found(whole) == whole
    asked = "Is Python a good first option for me?"
    assert found(asked) == asked


@pytest.mark.real
def test_filters_hold_for_what_is_meant(mentor: Mentor) -> None:
    said = "What does a junior earn?"
    answered = mentor.retriever.search(said, k=3)
    found = mentor.retriever.meant("and as a senior?", said, answered, k=30)
    assert {hit.passage.place.level for hit in found} <= {"senior", None}
    freely = mentor.retriever.meant("and as a senior?", said, answered, k=30, dropped=["levels"])
    assert "junior" in {hit.passage.place.level for hit in freely}


@pytest.mark.real
def test_without_an_encoder_nothing_is_meant_and_follow_ups_go_by_their_words(
    mentor: Mentor,
) -> None:
    retriever = mentor.retriever.model_copy(update={"encoder": None})
    assert retriever.meant("why?", "What is drift?", retriever.search("What is drift?")) == []
    index = mentor.reader
    plain = Mentor(reader=index, embedder=mentor.retriever.embedder, chat=None)
    reply = plain.answer("and seniors?", ["How much does a junior earn?"])
    assert "$230,000" in reply.answer


@pytest.mark.real
def test_it_learns_by_the_scores_that_a_search_goes_by(mentor: Mentor) -> None:
    retriever = mentor.retriever
    sections = Sections(retriever.index)
    topic = "What is RAG?"
    answered = retriever.search(topic, k=3)
    found = retriever.meant("is my file a danger to it?", topic, answered, k=3)
    headings = [hit.passage.path[-1] for hit in answered]
    vector = retriever.encoder.vector("is my file a danger to it?", topic=topic, headings=headings)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-3)
    import torch

    scores = sections.scores(torch.tensor([vector]))[0]
    for hit in found:
        assert scores[sections.number[hit.passage.section]] == pytest.approx(hit.score, abs=2e-3)


def test_what_was_before_is_read_as_headings_and_the_question() -> None:
    assert before("What is drift?", ["Data drift", "Drift", "Data drift"]) == (
        "Data drift; Drift: What is drift?"
    )


def test_no_message_that_it_learned_from_is_asked_in_the_evals() -> None:
    def plain(text: str) -> str:
        return re.sub(r"\W+", " ", text.lower()).strip()

    learned = {plain(turn.say) for talk in talks() for turn in talk.turns}
    asked = {
        plain(text)
        for name in ("conversations", "answers", "outside", "roadmap", "roadmap_test")
        for row in map(json.loads, (DATASETS / f"{name}.jsonl").open(encoding="utf-8"))
        for text in (row.get("question"), *(turn["say"] for turn in row.get("turns", ())))
        if text
    }
    assert not {text for text in learned & asked if len(text.split()) >= CLEAR_WORDS}


@pytest.mark.real
def test_every_section_that_a_learned_conversation_names_is_in_the_material(
    mentor: Mentor,
) -> None:
    here = {passage.section for passage in mentor.reader.passages()}
    named = {name for talk in talks() for turn in talk.turns for name in turn.sections}
    assert named <= here
