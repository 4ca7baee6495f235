"""Embedders: the fake that fast tests use, and the real one."""

from __future__ import annotations

import math
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from mentor.errors import WeightsError
from mentor.models.embed import (
    HashingEmbeddings,
    SentenceEmbeddings,
    _processors,
    known_words,
    open_embedder,
    token_counter,
)
from mentor.models.weights import embedder_folder
from mentor.settings import load_settings


def test_the_fake_gives_unit_vectors_that_depend_on_words_alone() -> None:
    fake = HashingEmbeddings()
    one, same, other, none = fake.embed_documents(
        ["Junior salaries", "salary, junior!", "Docker", "the of"]
    )
    assert one == same != other
    assert all(math.isclose(np.linalg.norm(v), 1.0) for v in (one, other, none))
    assert fake.embed_query("Docker") == other
    assert len(one) == fake.width


def test_opening_an_embedder_loads_nothing_and_knows_its_name() -> None:
    assert open_embedder(load_settings()).name == "all-MiniLM-L6-v2"
    assert open_embedder(load_settings(embedder="/nowhere")).name == "/nowhere"


def test_a_folder_without_a_model_is_refused_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="holds no sentence-transformers model") as caught:
        SentenceEmbeddings(str(tmp_path)).embed_query("words")
    assert "MENTOR_EMBEDDER" in caught.value.cure


def test_an_embedder_of_the_hub_that_is_not_downloaded_names_the_command() -> None:
    settings = load_settings(embedder="owner/repo")
    with pytest.raises(WeightsError, match="owner/repo is not downloaded") as caught:
        open_embedder(settings).embed_query("words")
    assert caught.value.cure == "Run `mentor models pull owner/repo`."
    with pytest.raises(WeightsError, match="not downloaded"):
        token_counter(settings)


def test_tokens_are_the_embedders_with_its_two_special_ones() -> None:
    count = token_counter(load_settings())
    assert count("") == 2
    assert count("hello world") == 4
    assert count("word " * 1000) == 1002  # nothing is cut off


@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_a_tokenizer_that_is_missing_or_broken_is_refused(
    content: bytes | None, tmp_path: Path
) -> None:
    (tmp_path / "modules.json").write_text("[]")
    if content is not None:
        (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(WeightsError, match=r"tokenizer\.json cannot be read"):
        token_counter(load_settings(embedder=str(tmp_path)))


def test_whole_words_of_the_vocabulary_are_known() -> None:
    assert {"salary", "engineer", "machine"} <= known_words()
    assert not {"sallary", "##ing", "a"} & known_words()


@pytest.fixture(scope="module")
def real() -> SentenceEmbeddings:
    return SentenceEmbeddings()


@pytest.mark.real
def test_the_real_embedder_gives_unit_vectors_in_order(real: SentenceEmbeddings) -> None:
    texts = [
        "What does a junior earn?",
        "Docker",
        "What does a junior earn?",
        "The salary of a junior",
    ]
    vectors = np.array(real.embed_documents(texts))
    assert vectors.shape == (4, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.array_equal(vectors[0], vectors[2])
    assert vectors[0] @ vectors[3] > vectors[0] @ vectors[1] + 0.2
    assert real.embed_query("Docker") == vectors[1].tolist()
    assert real.embed_documents([]) == []


@pytest.mark.real
def test_a_model_of_ones_own_is_taken_from_its_folder(
    real: SentenceEmbeddings, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(embedder_folder(), folder)
    own = SentenceEmbeddings(str(folder))
    assert np.allclose(own.embed_query("Docker"), real.embed_query("Docker"), atol=1e-6)
    shutil.rmtree(folder)


@pytest.mark.real
def test_a_text_that_is_asked_for_again_outlasts_one_that_is_not() -> None:
    embedder = SentenceEmbeddings(remembered=2)
    read: list[object] = []
    embedder._load()[0].register_forward_hook(lambda *_: read.append(1))
    for text in ("Docker", "drift", "Docker", "seed"):
        embedder.embed_query(text)
    assert len(read) == 3
    embedder.embed_query("Docker")
    assert len(read) == 3, "it is remembered"
    embedder.embed_query("drift")
    assert len(read) == 4, "it has made room"


@pytest.mark.real
def test_a_question_takes_one_processor_and_material_takes_all() -> None:
    embedder = SentenceEmbeddings()
    used: list[int] = []
    embedder._load()[0].register_forward_hook(lambda *_: used.append(torch.get_num_threads()))
    embedder.embed_query("What is drift?")
    embedder.embed_documents(["Drift", "A seed", "A split"])
    embedder.embed_query("Why a seed?")
    assert used == [1, _processors(), 1]


@pytest.mark.real
def test_damaged_weights_of_ones_own_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(embedder_folder(), folder)
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(10_000)
    with pytest.raises(WeightsError, match="cannot be loaded") as caught:
        SentenceEmbeddings(str(folder)).embed_query("words")
    assert "MENTOR_EMBEDDER" in caught.value.cure
    shutil.rmtree(folder)


@pytest.mark.real
def test_embedding_leaves_no_threads_behind_that_would_slow_the_model(
    real: SentenceEmbeddings,
) -> None:
    process = psutil.Process()
    real.embed_documents(["Read once, so that everything is loaded."])
    before = process.num_threads()

    with ThreadPoolExecutor(1) as asking:
        asking.submit(
            real.embed_documents, ["What is drift?", "Why a seed?", "Which one?"]
        ).result()
        asking.submit(real.read, ["Drift is a change of the inputs."]).result()
        deadline = time.monotonic() + 10
        while (meanwhile := process.num_threads()) > before + 1 and time.monotonic() < deadline:
            time.sleep(0.05)  # a thread that has been joined may still be taking its pool apart

    assert meanwhile <= before + 1  # the one that asks
