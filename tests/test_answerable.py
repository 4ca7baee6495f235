"""The border of the material, learned from what it answers and what it does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mentor.mentor import open_mentor
from mentor.models import answerable
from mentor.models.answerable import Answerable
from mentor.models.embed import HashingEmbeddings
from mentor.settings import Settings

TOPICS = ("drift", "features", "metrics", "pipelines", "tracks", "salaries", "stages", "serving")
ANSWERED = [f"What does the course say about {a} and {b}?" for a in TOPICS for b in TOPICS]
FOREIGN = ("cars", "wines", "planets", "novels", "football", "visas", "taxes", "horses")
UNANSWERED = [f"Tell me of {a} or {b} in Peru" for a in FOREIGN for b in FOREIGN]
EMBEDDER = HashingEmbeddings()


def learned(answered: list[str], unanswered: list[str]) -> Answerable | None:
    questions = answered + unanswered
    return Answerable.fit(
        questions,
        EMBEDDER.embed_documents(questions),
        [True] * len(answered) + [False] * len(unanswered),
        known=frozenset({"course"}),
    )


@pytest.fixture(scope="module")
def border() -> Answerable:
    found = learned(ANSWERED, UNANSWERED)
    assert found is not None
    return found


def score(border: Answerable, question: str) -> float:
    return border.score(EMBEDDER.embed_query(question))


def test_new_questions_fall_on_the_side_of_their_kind(border: Answerable) -> None:
    assert score(border, "What about drift, metrics and serving?") > 0.2
    assert score(border, "Tell me of wines, taxes and horses") < -0.3


def test_what_was_learned_is_near_one_and_minus_one(border: Answerable) -> None:
    assert np.mean([score(border, q) for q in ANSWERED]) == pytest.approx(1, abs=0.2)
    assert np.mean([score(border, q) for q in UNANSWERED]) < -0.8


def test_the_rarer_kind_counts_as_much_as_the_other() -> None:
    lopsided = learned(ANSWERED * 8, UNANSWERED[:24])
    assert lopsided is not None
    assert score(lopsided, "Tell me of cars and planets") < 0


ENGLISH = frozenset({"tell", "drift", "chess", "wine", "weather", "drifts"})


def test_a_term_that_nothing_here_ever_says_is_told_from_an_ordinary_word(
    border: Answerable,
) -> None:
    said = border.unfamiliar("What of drift, AdaBoost, metaflow and chess?", ENGLISH)
    assert said.names == ("adaboost", "metaflow")
    assert said.words == ("chess",)


def test_a_name_that_unanswered_questions_use_is_one_in_small_letters_too(
    border: Answerable,
) -> None:
    assert border.unfamiliar("drift in peru", ENGLISH | {"peru"}).names == ("peru",)


def test_a_slip_of_a_familiar_word_is_familiar(border: Answerable) -> None:
    assert border.unfamiliar("What about drfit?", ENGLISH) == ((), ())


def test_what_the_material_says_is_no_strange_word(border: Answerable) -> None:
    questions = [*ANSWERED, *UNANSWERED]
    answered = [True] * len(ANSWERED) + [False] * len(UNANSWERED)
    grown = border.over(questions, answered, known=frozenset({"metaflow", "peru"}))
    assert grown.unfamiliar("metaflow in Peru", ENGLISH) == ((), ())


def test_nothing_is_learned_from_a_handful(border: Answerable) -> None:
    assert learned(ANSWERED, UNANSWERED[:19]) is None
    assert learned([], UNANSWERED) is None


def test_what_was_saved_scores_as_before(border: Answerable, tmp_path: Path) -> None:
    border.save(tmp_path / "border.npz")
    again = Answerable.load(tmp_path / "border.npz")
    assert again is not None
    for question in (ANSWERED[3], UNANSWERED[5]):
        assert score(again, question) == pytest.approx(score(border, question), abs=0.01)
        assert again.unfamiliar(question, ENGLISH) == border.unfamiliar(question, ENGLISH)
    assert Answerable.load(tmp_path / "nothing.npz") is None


def test_more_questions_than_memory_holds_are_thinned_out_evenly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answerable, "MOST", 64)
    thinned = learned(ANSWERED, UNANSWERED)
    assert thinned is not None
    assert score(thinned, "What about drift, metrics and serving?") > 0
    assert score(thinned, "Tell me of wines, taxes and horses") < 0


def test_the_border_is_the_same_however_its_kernel_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = learned(ANSWERED, UNANSWERED)
    monkeypatch.setattr(answerable, "_STRIP", 7)
    cut = learned(ANSWERED, UNANSWERED)
    assert whole is not None and cut is not None
    for question in (*ANSWERED[:9], *UNANSWERED[:9]):
        assert score(cut, question) == pytest.approx(score(whole, question), abs=1e-3)


@pytest.mark.real
@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How much does a junior earn?", "$95,000"),
        ("junior salary", "$95,000"),
        ("what's a senior paid", "$157,000"),
        ("senior comp", "$157,000"),
        ("is the pay good", "$"),
        ("describe track B", "Track B"),
        ("how satisfied are they", "90%"),
        ("what is drift", "drift"),
    ],
)
def test_a_plain_question_in_few_words_is_answered(
    shipped_home: Path, question: str, words: str
) -> None:
    mentor = open_mentor(Settings(home=shipped_home, model="none"))
    answer = mentor.answer(question)
    assert answer.mode == "quoted"
    assert words.lower() in answer.answer.lower()


@pytest.mark.real
@pytest.mark.parametrize(
    "question",
    [
        "what does a junior earn in Peru",
        "salary of a nurse",
        "What will seniors earn in 2035?",
        "How does AdaBoost update its weights?",
        "Istio or Linkerd for a canary?",
        "what does the mahalanobis distance measure",
        "how does a kalman filter work",
        "when do hidden markov models help",
    ],
)
def test_what_lies_right_beside_them_is_still_refused(shipped_home: Path, question: str) -> None:
    mentor = open_mentor(Settings(home=shipped_home, model="none"))
    assert mentor.answer(question).mode == "refused"


@pytest.mark.real
@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("what does a mid level earn in Stockholm?", "country"),
        ("which version of docker do I have to install", "version"),
        ("what's the time complexity of the Hungarian algorithm?", "outside my material"),
    ],
)
def test_a_refusal_gives_the_reason_that_fits_or_none(
    shipped_home: Path, question: str, reason: str
) -> None:
    mentor = open_mentor(Settings(home=shipped_home, model="none"))
    answer = mentor.answer(question)
    assert answer.refused
    assert reason in answer.answer


@pytest.mark.real
@pytest.mark.parametrize(
    ("question", "there", "beside"),
    [
        # A part that only points back speaks of what was asked.
        ("what is LoRA and why is it cheaper", "LoRA", "churn"),
        # A comparison tells both sides.
        ("how does a day of a mid differ from a day of a senior", "mid-level", "promotion"),
        ("epoch vs batch", "epoch", "gradient accumulation"),
        ("epoch vs batch", "batch", "gradient accumulation"),
        # What a page is for answers nothing beside an answer.
        ("top 5 things to check before deploying a model", "deploy", "find here"),
    ],
)
def test_an_answer_keeps_to_what_was_asked(
    shipped_home: Path, question: str, there: str, beside: str
) -> None:
    mentor = open_mentor(Settings(home=shipped_home, model="none"))
    said = mentor.answer(question).answer.lower()
    assert there.lower() in said
    assert beside not in said


@pytest.mark.real
@pytest.mark.parametrize(
    ("history", "question", "words"),
    [
        # A new subject in few words is no follow-up.
        (["how long until I can get a job"], "what should my portfolio look like", "portfolio"),
        (["What is boosting?"], "can you explain what a feature store is", "feature store is"),
        (
            ["At what probability do we block a payment when a false alarm costs us 5 euros?"],
            "never coded. where to even begin",
            "month on python",
        ),
        (
            ["how do I try out two niches before committing to one?"],
            "Which four areas of work does the job break down into?",
            "four functions",
        ),
        # What goes on with the question before is, without a word like "it".
        (
            ["I keep mixing up precision and recall, can you sort them out?"],
            "which matters more for fraud?",
            "recall",
        ),
        (["What are the KPIs of a junior?"], "a good value for the last one?", "merge rate"),
        (["how much does a junior make"], "and seniors", "$157,000"),
    ],
)
def test_a_conversation_goes_on_or_changes_its_subject(
    shipped_home: Path, history: list[str], question: str, words: str
) -> None:
    mentor = open_mentor(Settings(home=shipped_home, model="none"))
    answer = mentor.answer(question, history)
    assert answer.mode == "quoted"
    assert words.lower() in answer.answer.lower()


@pytest.mark.real
@pytest.mark.parametrize(
    ("history", "question"),
    [
        (["What can I specialize in at the end?"], "who won the champions league?"),
        (["How much does a junior make?"], "and a dentist in Vienna?"),
        (["Where does a career changer begin?"], "which companies in Lisbon hire right now?"),
    ],
)
def test_no_conversation_makes_the_mentor_answer_what_is_outside(
    shipped_home: Path, history: list[str], question: str
) -> None:
    mentor = open_mentor(Settings(home=shipped_home, model="none"))
    assert mentor.answer(question, history).mode == "refused"
