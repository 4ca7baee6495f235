"""How a model is run on this machine: context, threads, batch, flash attention, GPU layers.

All of it follows from the model's file, the machine and what the operator set; what was set wins.
"""

from __future__ import annotations

import math
from pathlib import Path

from mentor.models import llama
from mentor.records import Record
from mentor.settings import Settings

BATCH = 128  # tokens of a prompt between two looks at whether the learner is still there
GPU_BATCH = 512  # a GPU reads them in less time
CONTEXT = 2048
_BESIDE_EVIDENCE = 1_500  # tokens: instructions, a long question, the answer
_SPARE = 0.9  # of a GPU's free memory; the rest is for buffers
_BUFFERS = 400e6


class Wish(Record):
    """What the operator set; None leaves it to the machine."""

    context: int | None = None
    threads: int | None = None
    batch: int | None = None
    flash_attention: bool | None = None
    gpu_layers: int | None = None
    evidence_tokens: int = 150


class Shape(Record):
    """What the file of a model says of its size; bytes."""

    size: int
    layers: int
    cache_per_token: int
    """Keys and values of all layers, in 16 bits."""
    context: int
    """The longest it was trained for."""


class Machine(Record):
    """What llama.cpp may use here; bytes."""

    cores: int
    threads: int
    memory: int
    graphics: tuple[llama.Graphics, ...] = ()


class Tuning(Record):
    """What llama.cpp is told."""

    context: int
    threads: int
    """While words are made; the memory is the bottleneck, and more than the cores slow it down."""
    batch_threads: int
    """While a prompt is read."""
    batch: int
    flash_attention: bool
    gpu_layers: int
    """Layers on a GPU; -1 for all of them."""


def wish_of(settings: Settings) -> Wish:
    return Wish(**{name: getattr(settings, name) for name in Wish.model_fields})


def tune(wish: Wish, machine: Machine, shape: Shape | None = None) -> Tuning:
    """How to run a model of `shape`; None stands for one so small that it fits everywhere.

    The context holds the evidence and an answer, at most what the model was trained for; it is
    halved while its cache would take more than a quarter of the memory. A GPU takes all layers
    that fit beside the cache.
    """
    gpu = bool(machine.graphics) and wish.gpu_layers != 0
    context = wish.context or _context(wish, machine, shape)
    layers = wish.gpu_layers if wish.gpu_layers is not None else -1
    if gpu and wish.gpu_layers is None and shape is not None:
        layers = _layers(shape, machine, context)
    return Tuning(
        context=context,
        threads=wish.threads or machine.cores,
        batch_threads=wish.threads or machine.threads,
        batch=wish.batch or (GPU_BATCH if gpu else BATCH),
        flash_attention=gpu if wish.flash_attention is None else wish.flash_attention,
        gpu_layers=layers if gpu else 0,
    )


def _context(wish: Wish, machine: Machine, shape: Shape | None) -> int:
    needed = 2 * wish.evidence_tokens + _BESIDE_EVIDENCE
    context = max(CONTEXT, 1024 * math.ceil(needed / 1024))
    if shape is None:
        return context
    context = min(context, shape.context)
    while context > 1024 and context * shape.cache_per_token > machine.memory / 4:
        context //= 2
    return context


def _layers(shape: Shape, machine: Machine, context: int) -> int:
    """The layers that fit on the GPUs with their share of the cache; -1 for all."""
    free = _SPARE * sum(each.free for each in machine.graphics) - _BUFFERS
    each = (shape.size + context * shape.cache_per_token) / max(shape.layers, 1)
    fit = int(free / each) if free > 0 else 0
    return -1 if fit >= shape.layers else fit


def memory_needed(shape: Shape, tuning: Tuning) -> int:
    """Bytes of main memory that a model takes: its weights and its cache, less what a GPU holds."""
    whole = shape.size + tuning.context * shape.cache_per_token
    if tuning.gpu_layers == -1:
        return 0
    return round(whole * (1 - min(1.0, tuning.gpu_layers / max(shape.layers, 1))))


def shape_of(path: Path, said: dict[str, str]) -> Shape:
    """The shape of the model in `path`, from its metadata.

    Where the file does not say how wide its keys are, all heads share the width of the model.
    """

    def number(name: str, otherwise: int) -> int:
        value = said.get(f"{said.get('general.architecture', '')}.{name}", "")
        return int(value) if value.isdecimal() else otherwise

    layers = number("block_count", 1)
    heads = number("attention.head_count", 1)
    width = number("attention.key_length", number("embedding_length", 4096) // heads)
    per_layer = 2 * 2 * number("attention.head_count_kv", heads) * width
    return Shape(
        size=path.stat().st_size,
        layers=layers,
        cache_per_token=layers * per_layer,
        context=number("context_length", CONTEXT),
    )


def this_machine() -> Machine:
    """What this process may use: its share of the cores counts, not what the box has.

    Raises:
        ModelError: llama.cpp cannot be loaded.
    """
    import psutil
    from joblib import cpu_count  # minds affinity and the limits of containers

    return Machine(
        cores=cpu_count(only_physical_cores=True),
        threads=cpu_count(),
        memory=psutil.virtual_memory().available,
        graphics=llama.build().graphics,
    )
