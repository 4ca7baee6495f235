"""The harness of `make bench`, over inputs so small that only its counting is tried, not speed."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import SECRET, Build, Serve, listening
from langchain_core.messages import HumanMessage, SystemMessage
from rich.console import Console

from mentor.errors import MentorError
from mentor.generation import current_generation
from mentor.index import IndexReader
from mentor.mentor import Mentor
from mentor.models.chat import LlamaChat, ScriptedChat, open_chat
from mentor.models.embed import HashingEmbeddings
from mentor.records import Timings
from mentor.retrieve import Retriever
from mentor.settings import Settings, load_settings
from mentor_evals.bars import Bar
from mentor_evals.bench import __main__ as commands
from mentor_evals.bench import first_sentence, indexing, learners, model_rate, retrieval, start
from mentor_evals.bench.synthetic import A_TOPIC, SyntheticEmbeddings
from mentor_evals.bench.synthetic import build as build_synthetic
from mentor_evals.bench.table import Figure, table, timed
from mentor_evals.replies import Reply

EARNS = "What does a junior ML engineer earn?"
WORKS = "Which tools does a junior use?"


def mentor(home: Path, says: str | None) -> Mentor:
    embedder = HashingEmbeddings()
    return Mentor(
        reader=IndexReader(home / "index", embedder),
        embedder=embedder,
        chat=None if says is None else ScriptedChat(name="scripted", script=lambda _: says),
        known=frozenset,
    )


# --- the table ------------------------------------------------------------------------------------


def test_a_time_is_better_when_shorter_and_a_rate_when_higher() -> None:
    wait = Figure(what="w", value=100, unit="ms", peer="p", peer_value=900, bar=Bar(least=8))
    rate = Figure(what="r", value=90, unit="tokens/s", peer="p", peer_value=100, bar=Bar(least=1))
    assert (wait.ratio, wait.holds) == (9.0, True)
    assert (rate.ratio, rate.holds) == (0.9, False)


def test_without_a_peer_the_figure_itself_is_held_against_the_bar() -> None:
    assert timed("t", [20, 40, 25], bar=Bar(most=30)).holds is True
    assert timed("t", [20, 40, 35], bar=Bar(most=30)).holds is False
    assert timed("t", [20]).holds is None


def test_a_person_reads_figure_peer_ratio_bar_and_verdict_in_one_line() -> None:
    shown = Console(file=io.StringIO(), width=140)
    wait = timed("first sentence", [80.0, 120.0, 100.0], bar=Bar(least=8))
    shown.print(table([wait.model_copy(update={"peer": "chain", "peer_value": 2000.0})]))
    assert isinstance(shown.file, io.StringIO)
    line = next(x for x in shown.file.getvalue().splitlines() if "first sentence" in x)
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    assert cells == ["first sentence", "100 ms (120)", "chain: 2,000 ms", "20.00", "≥ 8", "holds"]


@pytest.mark.real
def test_what_is_measured_on_a_fresh_clone_finds_an_index(
    roadmap_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTOR_CORPUS", str(roadmap_corpus))
    assert current_generation(commands._ready("none").index_dir)


# --- the first sentence ---------------------------------------------------------------------------


def chain(order: list[str]) -> first_sentence.Asker:
    def ask(question: str, history: Sequence[str] = ()) -> Reply:
        order.append(question)
        return Reply(
            question=question, text="", refused=False, reason=None, lines=(), citations=(),
            model="chain", timings=Timings(first_sentence=10_000.0, total=10_000.0),
        )  # fmt: skip

    return ask


def test_waits_are_told_apart_by_who_worded_the_first_sentence(build: Build, home: Path) -> None:
    build()
    copies = "A junior ML engineer earns $95,000–$130,000 a year in the United States."
    asked: list[str] = []
    found = first_sentence.compared(
        mentor(home, copies), mentor(home, None), chain(asked), [EARNS, WORKS, "zebra crossing"]
    )
    counted = {figure.what: figure for figure in found}
    drafted = counted["first sentence, drafted (1 questions)"]
    assert drafted.peer_value == 10_000.0
    assert drafted.holds
    assert "first sentence, quoted, model not asked (1 questions)" in counted  # a list is asked for
    assert counted["first sentence, quoted, no model (2 questions)"].bar == Bar(least=8)
    assert sorted(asked) == sorted([EARNS, WORKS, "zebra crossing"])


# --- the model's rate -----------------------------------------------------------------------------


@pytest.mark.real
def test_both_sides_read_and_write_the_same_tokens(weights_cache: Path) -> None:
    chat = open_chat(Settings(home=weights_cache.parents[1]))
    assert isinstance(chat, LlamaChat)
    chat.cache_dir = weights_cache
    prompts = [
        [SystemMessage("You are kind."), HumanMessage(f"Say something about {what}.")]
        for what in ("rain and the long way home", "snow and the short way to school")
    ]
    run = model_rate._ours(chat, prompts[0])
    again = model_rate._ours(chat, prompts[1])
    assert run.prefix == []
    assert len(again.prefix) > 3  # the system prompt is still known
    said = chat._loaded().detokenize(again.prompt).decode()
    assert "snow and the short way to school" in said
    figures = model_rate.compared(chat, prompts)
    assert [figure.what.partition(":")[0] for figure in figures] == ["model reads", "model writes"]
    assert all(figure.ratio for figure in figures)


# --- retrieval and indexing -----------------------------------------------------------------------


def test_synthetic_passages_are_found_by_their_topic(tmp_path: Path) -> None:
    index = build_synthetic(tmp_path / "000001", 3 * A_TOPIC)
    retriever = Retriever(
        reader=retrieval._Held(index), embedder=SyntheticEmbeddings(), known=frozenset
    )
    hits = retriever.search("What does topic2 say of word7?")
    assert {hit.passage.path[-1] for hit in hits} == {"topic2"}
    whole, alone = retrieval.of(index, retrieval.BAR)
    assert (whole.what, alone.what) == (
        "retrieval, 150 passages",
        "of it Chroma's nearest 30 passages, 150",
    )
    assert 0 < alone.value < whole.value


def test_indexing_counts_every_passage_and_question(roadmap_corpus: Path) -> None:
    figure = indexing.rate(load_settings(), roadmap_corpus, files=9, embedder=HashingEmbeddings())
    assert figure.what == "indexing, 11 texts of 8 passages"
    assert figure.ratio is not None


# --- many learners --------------------------------------------------------------------------------


@pytest.mark.enable_socket
def test_learners_at_once_are_counted_each_for_themselves(serve: Serve) -> None:
    app = serve(token_secret=SECRET, learner_rate="1000/minute").app
    with listening(app) as address:
        seen = asyncio.run(learners.meet(address, SECRET, 3, 1.5))
    assert set(seen.outcomes) == {"answered"}
    assert len(seen.answers) == 3
    assert sum(seen.answers) == seen.outcomes["answered"] == len(seen.first)
    wait, fair, unserved = learners.of(seen)
    assert wait.value <= (wait.longest or 0)
    assert f"{sum(seen.answers)} in all, 0 refusals" in fair.what
    assert fair.value > 0.5
    assert unserved.holds


@pytest.mark.enable_socket
def test_refusals_in_order_are_no_answers(serve: Serve) -> None:
    app = serve(token_secret=SECRET, learner_rate="1/hour").app
    with listening(app) as address:
        seen = asyncio.run(learners.meet(address, SECRET, 2, 1.2))
    assert seen.outcomes["refused"] > 0
    assert max(seen.answers) <= 1


def test_a_broken_answer_or_a_crossed_one_ends_the_measurement() -> None:
    for seen in (
        learners.Seen(outcomes=Counter({"cut off": 1}), answers=[0]),
        learners.Seen(outcomes=Counter({"answered": 1}), answers=[1], crossed=["learner-2"]),
    ):
        with pytest.raises(MentorError, match="Crossed between learners"):
            learners.of(seen)


def test_fairness_is_one_for_equal_shares_and_one_nth_for_one_taker() -> None:
    assert learners.fairness([5, 5, 5, 5]) == 1.0
    assert learners.fairness([8, 0, 0, 0]) == 0.25
    assert learners.fairness([0, 0]) == 0.0


# --- the start ------------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.enable_socket
def test_a_start_is_timed_to_http_then_page_then_warm(
    shipped_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTOR_HOME", str(shipped_home))
    http, page, warm, memory = start.figures(load_settings(model="none"), times=1)
    assert 0 < http.value < page.value < warm.value
    assert memory.value > 100
