"""Questions find their passages: by words, by meaning, by the sections' own questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Build
from langchain_core.retrievers import BaseRetriever

from mentor.index import IndexReader
from mentor.models.embed import HashingEmbeddings
from mentor.retrieve import Choice, Retriever, correct_spelling
from mentor.scope import Scope, each_alone, scope_of
from mentor.settings import load_settings
from mentor.sources import Root
from mentor.synonyms import Synonyms


@pytest.fixture
def retriever(build: Build) -> Retriever:
    build()
    embedder = HashingEmbeddings()
    return Retriever(
        reader=IndexReader(load_settings().index_dir, embedder),
        embedder=embedder,
        known=lambda: frozenset({"paris", "weather"}),
        synonyms=Synonyms({"junior": ("newbie",), "salary": ("pay",)}),
    )


def test_it_is_a_langchain_retriever(retriever: Retriever) -> None:
    assert isinstance(retriever, BaseRetriever)
    documents = retriever.invoke("What does a junior earn?")
    assert "$95,000" in documents[0].page_content
    assert documents[0].metadata["source"] == "roadmap"


def test_slips_of_spelling_survive(retriever: Retriever) -> None:
    documents = retriever.invoke("sallary juniour")
    assert "$95,000" in documents[0].page_content


def test_a_learners_word_finds_the_materials(retriever: Retriever) -> None:
    assert "$95,000" in retriever.search("newbie pay")[0].passage.text


def test_a_named_level_keeps_the_other_out_of_the_lead(retriever: Retriever) -> None:
    assert "$157,000" in retriever.search("salary of a senior")[0].passage.text
    assert "$95,000" in retriever.search("salary of a junior")[0].passage.text


def test_a_scope_admits_what_contradicts_none_of_it(retriever: Retriever) -> None:
    pay = {p.place.level: p for p in retriever.index.passages.values() if "$" in p.text}
    assert Scope(levels=("junior",)).admits(pay["junior"])
    assert not Scope(levels=("junior",)).admits(pay["senior"])
    assert Scope(stages=(2,)).admits(pay["senior"]), "what has no stage fits every stage"
    assert not Scope(collection="another").admits(pay["junior"])


def test_nothing_is_found_in_an_empty_index(build: Build, roadmap_corpus: Path) -> None:
    for file in roadmap_corpus.rglob("*.md"):
        file.unlink()
    build()
    embedder = HashingEmbeddings()
    reader = IndexReader(load_settings().index_dir, embedder)
    empty = Retriever(reader=reader, embedder=embedder, known=frozenset)
    assert empty.search("anything at all") == []


@pytest.mark.parametrize(
    ("question", "scope"),
    [
        ("What does a junior earn?", Scope(levels=("junior",))),
        ("junior vs senior pay", Scope(levels=("junior", "senior"))),
        ("entry-level tools", Scope(levels=("junior",))),
        ("what is in stage 3?", Scope(stages=(3,))),
        ("the second stage", Scope(stages=(2,))),
        ("whats the forth stage", Scope(stages=(4,))),
        ("stages 2 and 3", Scope(stages=(2, 3))),
        ("track B of the last stage", Scope(stages=(5,), tracks=("B",))),
        ("tracks A and C", Scope(tracks=("A", "C"))),
        ("stages 1 to 4", Scope(stages=(1, 2, 3, 4))),
        ("stages 1, 2 and 3", Scope(stages=(1, 2, 3))),
        ("the first and second stage", Scope(stages=(1, 2))),
        ("Should I use track A, B or C?", Scope(tracks=("A", "B", "C"))),
        ("what is track a?", Scope(tracks=("A",))),
        ("and for mid?", Scope(levels=("mid",))),
        ("How do I track a model in production?", Scope()),
        ("Is there a path a beginner can follow?", Scope()),
        ("Do I need 2-3 projects in stage 4?", Scope(stages=(4,))),
        ("Can I finish stage 2 in 3 to 5 weeks?", Scope(stages=(2,))),
        ("I am in the middle of stage 3", Scope(stages=(3,))),
        ("do I need a degree?", Scope()),
        ("a 2 and 3 without the word", Scope()),
        ("how do I mentor a junior as a mid-level engineer", Scope(levels=("mid",))),
        ("is the senior capstone worth it", Scope()),
        ("I was a senior java developer, do I start as a junior?", Scope(levels=("junior",))),
        ("a junior on my team keeps missing deadlines", Scope()),
        ("what helps juniors in interviews?", Scope(levels=("junior",))),
        ("I was promoted to mid last week, what now?", Scope()),
        ("they want to make me senior next month", Scope()),
        ("what do I give up if I take C instead of A", Scope(tracks=("C", "A"))),
        ("put A, B and C side by side", Scope(tracks=("A", "B", "C"))),
        ("when do I stop an A and B test", Scope()),
        ("do C++ or C programmers need Python", Scope()),
    ],
)
def test_levels_stages_and_tracks_are_read_from_a_question(question: str, scope: Scope) -> None:
    assert scope_of(question) == scope


def test_a_word_that_english_knows_is_never_corrected() -> None:
    vocabulary = ["pairs", "salary", "feather"]
    known = frozenset({"paris", "weather"})
    asked = "weather and sallary in Paris"
    assert correct_spelling(asked, vocabulary, known) == "weather and salary in Paris"


def test_a_word_of_four_letters_is_a_slip_of_a_common_word_alone() -> None:
    vocabulary = ["level", *(f"filler{n}" for n in range(1_200)), "bomb"]
    assert correct_spelling("mid lvel, BOHB and bohb", vocabulary, frozenset({"and"})) == (
        "mid level, BOHB and bohb"
    )


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        (
            "how does a day of a mid differ from a day of a senior",
            [
                "how does a day of a mid-level differ from a day of a mid-level",
                "how does a day of a senior differ from a day of a senior",
            ],
        ),
        ("stages 2 and 3", ["stage 2", "stage 3"]),
        ("A or C?", ["track A?", "track C?"]),
        ("what changes from junior to mid?", []),
        ("what does a junior do?", []),
    ],
)
def test_what_is_compared_is_asked_of_each_alone(question: str, alone: list[str]) -> None:
    assert [asked for _, asked in each_alone(question)] == alone


def test_a_word_made_of_a_known_one_is_no_slip() -> None:
    vocabulary = ["careless", "electricity", "drawing", "rethinking"]
    known = frozenset({"clue", "electric", "dread", "am", "an"})
    asked = "am clueless, an electrician, dreading"
    assert correct_spelling(asked, vocabulary, known) == asked


def test_what_the_material_writes_apart_is_read_so() -> None:
    apart = {"softskills": "soft skills"}
    assert correct_spelling("Softskills?", [], frozenset(), apart) == "soft skills?"


def test_british_spelling_is_read_as_the_material_writes() -> None:
    vocabulary = ["specialist", "specialize", "optimism", "analyst", "prioritization"]
    known = frozenset({"how", "do", "i", "and", "optimize", "analyze"})
    asked = "how do I specialise, optimise and analyse prioritisation"
    assert correct_spelling(asked, vocabulary, known) == (
        "how do I specialize, optimize and analyze prioritization"
    )


def test_a_name_with_capitals_inside_is_no_slip() -> None:
    assert correct_spelling("how do XGBost and xgbost differ", ["xgboost"], frozenset()) == (
        "how do XGBost and xgboost differ"
    )


def test_a_filter_that_a_learner_takes_away_filters_nothing(retriever: Retriever) -> None:
    scope = Scope(levels=("junior",), stages=(2,), tracks=("A",))
    assert scope.without({"levels", "tracks"}) == Scope(stages=(2,))
    assert scope.without(()) == scope
    filtered = retriever.search("salary of a junior")
    anywhere = retriever.search("salary of a junior", dropped=("levels",))
    senior = next(hit.passage.id for hit in anywhere if hit.passage.place.level == "senior")
    scores = [
        {h.passage.id: h.score for h in hits}.get(senior, -1) for hits in (filtered, anywhere)
    ]
    assert scores[0] < scores[1]


def test_two_words_that_often_stand_together_are_known_in_one(
    build: Build, roadmap_corpus: Path
) -> None:
    often = " ".join("The bus stop is here." for _ in range(3))
    (roadmap_corpus / "bus.md").write_text(f"# Waiting\n\n{often} Some buses stop.\n")
    build()
    embedder = HashingEmbeddings()
    reader = IndexReader(load_settings().index_dir, embedder)
    retriever = Retriever(reader=reader, embedder=embedder, known=frozenset)
    assert retriever.correct("where is the busstop, and busesstop") == (
        "where is the bus stop, and busesstop"
    )


def test_a_small_collection_is_found_behind_hundreds_of_passages_that_lie_nearer(
    build: Build, roadmap_corpus: Path, tmp_path: Path
) -> None:
    nearer = "\n\n".join(f"## Wages {n}\n\nOn wages and pay, part {n}." for n in range(300))
    (roadmap_corpus / "wages.md").write_text(f"# Wages and pay\n\n{nearer}\n", encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "crane.md").write_text("# The crane\n\nIt lifts.\n", encoding="utf-8")
    build(Root(path=str(tmp_path / "mine"), collection="mine"))
    embedder = HashingEmbeddings()
    reader = IndexReader(load_settings().index_dir, embedder)
    retriever = Retriever(reader=reader, embedder=embedder, known=frozenset)
    assert len(retriever.search("wages and pay")) == retriever.k
    found = retriever.choosing(Choice(only="mine")).search("wages and pay")
    assert [hit.passage.file for hit in found] == ["mine/crane.md"]
