"""The map from questions to the passages that answer them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mentor.models.adapter import FEWEST, Adapter

WIDTH, SECTIONS, EACH = 48, 40, 100
Vectors = NDArray[np.float32]


def unit(vectors: Vectors) -> Vectors:
    unit_length: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit_length


@pytest.fixture(scope="module")
def material() -> tuple[Vectors, Vectors, list[int]]:
    """Passages, and questions that lie near another direction than their answers do."""
    random = np.random.default_rng(1)
    passages = unit(random.normal(size=(SECTIONS, WIDTH)).astype(np.float32))
    turn = np.linalg.qr(random.normal(size=(WIDTH, WIDTH)))[0].astype(np.float32)
    leads = [n for n in range(SECTIONS) for _ in range(EACH)]
    noise = random.normal(size=(len(leads), WIDTH)).astype(np.float32) * 0.08
    meant = 0.3 * passages[leads] + 0.7 * passages[leads] @ turn
    return unit(meant + noise), passages, leads


def first(questions: Vectors, passages: Vectors) -> list[int]:
    found: list[int] = np.argmax(questions @ passages.T, axis=1).tolist()
    return found


def right(found: list[int], leads: list[int]) -> float:
    return float(np.mean([a == b for a, b in zip(found, leads, strict=True)]))


def test_questions_that_were_not_learned_from_lead_to_their_answers_more_often(
    material: tuple[Vectors, Vectors, list[int]],
) -> None:
    questions, passages, leads = material
    held = np.arange(len(leads)) % EACH == 0
    learned = [n for n in range(len(leads)) if not held[n]]
    adapter = Adapter.fit(
        questions[learned].tolist(),
        [leads[n] for n in learned],
        passages.tolist(),
        list(range(SECTIONS)),
    )
    assert adapter is not None
    asked, answers = questions[held], [leads[n] for n in np.flatnonzero(held)]
    turned = np.asarray(adapter.adapt(asked.tolist()), dtype=np.float32)
    assert right(first(turned, passages), answers) > right(first(asked, passages), answers) + 0.15
    assert np.allclose(np.linalg.norm(turned, axis=1), 1.0, atol=1e-5)


def test_nothing_is_learned_from_a_handful_of_questions(
    material: tuple[Vectors, Vectors, list[int]],
) -> None:
    questions, passages, leads = material
    few = slice(0, FEWEST - 1)
    sections = list(range(SECTIONS))
    assert Adapter.fit(questions[few].tolist(), leads[few], passages.tolist(), sections) is None


def test_what_was_saved_leads_where_it_led(
    material: tuple[Vectors, Vectors, list[int]], tmp_path: Path
) -> None:
    questions, passages, leads = material
    adapter = Adapter.fit(questions.tolist(), leads, passages.tolist(), list(range(SECTIONS)))
    assert adapter is not None
    adapter.save(tmp_path / "adapter.npz")
    again = Adapter.load(tmp_path / "adapter.npz")
    assert again is not None
    some = questions[:5].tolist()
    assert np.allclose(again.adapt(some), adapter.adapt(some), atol=2e-3)
    assert Adapter.load(tmp_path / "nothing.npz") is None
