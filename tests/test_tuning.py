"""How a model is run: what follows from its size, the machine and the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from mentor.models import llama, weights
from mentor.models.llama import Graphics
from mentor.models.tuning import (
    Machine,
    Shape,
    Wish,
    memory_needed,
    shape_of,
    this_machine,
    tune,
    wish_of,
)
from mentor.settings import load_settings

LAPTOP = Machine(cores=4, threads=8, memory=8_000_000_000)
SEVEN_B = Shape(size=4_680_000_000, layers=28, cache_per_token=57_344, context=32_768)


def with_gpu(free: float) -> Machine:
    card = Graphics(name="card", free=int(free), total=int(free))
    return LAPTOP.model_copy(update={"graphics": (card,)})


def test_a_processor_alone_makes_words_on_its_cores_and_reads_on_all_threads() -> None:
    tuning = tune(Wish(), LAPTOP, SEVEN_B)
    assert (tuning.threads, tuning.batch_threads, tuning.batch) == (4, 8, 128)
    assert (tuning.gpu_layers, tuning.flash_attention, tuning.context) == (0, False, 2048)


def test_the_embedded_model_is_run_as_ever() -> None:
    tuning = tune(wish_of(load_settings()), Machine(cores=2, threads=2, memory=4 << 30))
    assert (tuning.context, tuning.batch, tuning.threads, tuning.batch_threads) == (2048, 128, 2, 2)
    assert not tuning.flash_attention


def test_a_gpu_with_room_takes_all_layers_and_reads_in_larger_batches() -> None:
    tuning = tune(Wish(), with_gpu(8e9), SEVEN_B)
    assert (tuning.gpu_layers, tuning.batch, tuning.flash_attention) == (-1, 512, True)
    assert memory_needed(SEVEN_B, tuning) == 0


def test_a_gpu_with_less_room_takes_the_layers_that_fit_and_one_with_none_takes_none() -> None:
    some = tune(Wish(), with_gpu(3e9), SEVEN_B)
    assert 0 < some.gpu_layers < 28
    taken = some.gpu_layers * (SEVEN_B.size + 2048 * SEVEN_B.cache_per_token) / 28
    assert taken < 3e9
    assert memory_needed(SEVEN_B, some) == pytest.approx(SEVEN_B.size * 1.025 - taken, rel=0.01)
    assert tune(Wish(), with_gpu(3e8), SEVEN_B).gpu_layers == 0


def test_what_is_set_by_hand_wins() -> None:
    wish = Wish(context=512, threads=3, batch=64, flash_attention=True, gpu_layers=7)
    tuning = tune(wish, with_gpu(8e9), SEVEN_B)
    assert tuning.model_dump() == {
        "context": 512,
        "threads": 3,
        "batch_threads": 3,
        "batch": 64,
        "flash_attention": True,
        "gpu_layers": 7,
    }
    idle = tune(Wish(gpu_layers=0), with_gpu(8e9), SEVEN_B)
    assert (idle.gpu_layers, idle.batch, idle.flash_attention) == (0, 128, False)


def test_more_evidence_asks_for_more_context_but_never_more_than_the_model_learned() -> None:
    assert tune(Wish(evidence_tokens=1_000), LAPTOP, SEVEN_B).context == 4096
    short = SEVEN_B.model_copy(update={"context": 2_048})
    assert tune(Wish(evidence_tokens=1_000), LAPTOP, short).context == 2048


def test_a_cache_that_would_fill_the_memory_is_halved() -> None:
    wide = SEVEN_B.model_copy(update={"cache_per_token": 524_288})
    small = LAPTOP.model_copy(update={"memory": 3_000_000_000})
    assert tune(Wish(), small, wide).context == 1024


@pytest.mark.real
def test_the_shape_of_the_embedded_model_is_read_from_its_file() -> None:
    path = weights.shipped_gguf()
    shape = shape_of(path, llama.metadata(path))
    assert (shape.layers, shape.context) == (30, 8192)
    assert shape.cache_per_token == 30 * 2 * 2 * 3 * 64  # three heads of width 576 / 9
    assert shape.size == path.stat().st_size


def test_a_file_that_says_little_has_a_careful_shape(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF")
    shape = shape_of(path, {"general.architecture": "new", "new.attention.head_count": "[1,2]"})
    assert (shape.layers, shape.context) == (1, 2048)


def test_this_machine_has_cores_and_memory() -> None:
    machine = this_machine()
    assert 1 <= machine.cores <= machine.threads
    assert machine.memory > 0
