"""Vectors that ship with the corpus: as good as the model's own, and never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mentor.models.embed import SentenceEmbeddings
from mentor.models.vectors import FILE, ShippedVectors, write_vectors
from mentor.settings import Settings, load_settings, shipped
from mentor.shipping import ship_vectors, texts_of

TEXTS = ["What does a junior earn?", "Drift is watched by a runbook.", "Überfitting?"]


def unit(rows: int, width: int = 384) -> np.ndarray:
    drawn = np.random.default_rng(0).normal(size=(rows, width)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_a_vector_comes_back_nearly_as_it_was_made(tmp_path: Path) -> None:
    vectors = unit(3)
    write_vectors(tmp_path / FILE, TEXTS, vectors.tolist())
    held = ShippedVectors(tmp_path / FILE)
    for text, vector in zip(TEXTS, vectors, strict=True):
        found = held.get(text)
        assert found is not None
        assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)
        assert found @ vector > 0.9999


def test_a_text_that_did_not_ship_is_not_there(tmp_path: Path) -> None:
    write_vectors(tmp_path / FILE, TEXTS, unit(3).tolist())
    assert ShippedVectors(tmp_path / FILE).get("Something else?") is None
    assert ShippedVectors(tmp_path / "nothing.npz").get(TEXTS[0]) is None
    assert ShippedVectors(None).get(TEXTS[0]) is None


def test_the_same_texts_make_the_same_file_in_any_order(tmp_path: Path) -> None:
    vectors = unit(3)
    write_vectors(tmp_path / "a.npz", TEXTS, vectors.tolist())
    write_vectors(tmp_path / "b.npz", TEXTS[::-1], vectors[::-1].tolist())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_the_shipped_vectors_are_those_of_the_corpus_as_it_is() -> None:
    """Whoever changes the corpus runs `mentor corpus embed` before a release."""
    held = ShippedVectors(shipped("corpus") / FILE)
    texts = texts_of(load_settings())
    missing = [text for text in texts if held.get(text) is None]
    assert len(missing) <= len(texts) / 100, f"{len(missing)} of {len(texts)}, as {missing[:3]}"


@pytest.mark.real
def test_a_shipped_vector_is_what_the_model_makes_of_the_text() -> None:
    held, model = ShippedVectors(shipped("corpus") / FILE), SentenceEmbeddings()
    sample = texts_of(load_settings())[::300]
    made = model.embed_documents(sample)
    cosines = [
        float(vector @ own)
        for text, own in zip(sample, made, strict=True)
        if (vector := held.get(text)) is not None
    ]
    assert len(cosines) > 40
    assert min(cosines) > 0.9995


@pytest.mark.real
def test_an_author_ships_the_vectors_of_a_corpus_of_their_own(
    roadmap_corpus: Path, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, corpus=roadmap_corpus)
    path, number = ship_vectors(settings, lambda *_: None)
    assert path == roadmap_corpus / FILE
    assert number == len(texts_of(settings)) > 5
    known = SentenceEmbeddings(shipped=path)
    own = SentenceEmbeddings()
    text = texts_of(settings)[0]
    assert np.dot(known.embed_query(text), own.embed_query(text)) > 0.9999
