"""Larger models worth trying: instruct models of 1 to 8 billion parameters, open licences.

Sizes are those of the hub's file lists, shapes those of the models' own configurations. Every one
is a single 4-bit file (Q4_K_M) that answers without thinking aloud first.
"""

from __future__ import annotations

from mentor.models.hub import Reference, reference
from mentor.models.tuning import CONTEXT
from mentor.records import Record

MENTOR_BYTES = 900_000_000
"""What Mentor itself takes beside its model: docs/performance.md, quotes only."""


class Listed(Record):
    """A model of the catalogue."""

    name: str
    parameters: str
    licence: str
    bytes: int
    layers: int
    kv_heads: int
    head_width: int
    context: int
    """The longest it was trained for; Mentor needs 2,048."""
    hub: str
    good_for: str

    @property
    def reference(self) -> Reference:
        return reference(self.hub)

    @property
    def memory(self) -> int:
        """Reckoned: weights, a cache for 2,048 tokens in 16 bits, and Mentor itself."""
        cache = CONTEXT * 2 * 2 * self.layers * self.kv_heads * self.head_width
        return self.bytes + cache + MENTOR_BYTES


CATALOGUE = (
    Listed(
        name="qwen2.5-1.5b",
        parameters="1.5 B",
        licence="Apache-2.0",
        bytes=986_000_000,
        layers=28,
        kv_heads=2,
        head_width=128,
        context=32_768,
        hub="hf:lmstudio-community/Qwen2.5-1.5B-Instruct-GGUF/Qwen2.5-1.5B-Instruct-Q4_K_M.gguf",
        good_for="a first step up on any laptop",
    ),
    Listed(
        name="smollm2-1.7b",
        parameters="1.7 B",
        licence="Apache-2.0",
        bytes=1_060_000_000,
        layers=24,
        kv_heads=32,
        head_width=64,
        context=8_192,
        hub="hf:HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF/smollm2-1.7b-instruct-q4_k_m.gguf",
        good_for="the embedded model's larger sister",
    ),
    Listed(
        name="phi-4-mini",
        parameters="3.8 B",
        licence="MIT",
        bytes=2_490_000_000,
        layers=32,
        kv_heads=8,
        head_width=128,
        context=131_072,
        hub="hf:bartowski/microsoft_Phi-4-mini-instruct-GGUF/"
        "microsoft_Phi-4-mini-instruct-Q4_K_M.gguf",
        good_for="8 GB of memory and four or more cores",
    ),
    Listed(
        name="qwen3-4b",
        parameters="4 B",
        licence="Apache-2.0",
        bytes=2_500_000_000,
        layers=36,
        kv_heads=8,
        head_width=128,
        context=262_144,
        hub="hf:unsloth/Qwen3-4B-Instruct-2507-GGUF/Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        good_for="8 GB of memory and four or more cores, or a small GPU",
    ),
    Listed(
        name="qwen2.5-7b",
        parameters="7.6 B",
        licence="Apache-2.0",
        bytes=4_680_000_000,
        layers=28,
        kv_heads=4,
        head_width=128,
        context=32_768,
        hub="hf:bartowski/Qwen2.5-7B-Instruct-GGUF/Qwen2.5-7B-Instruct-Q4_K_M.gguf",
        good_for="a GPU with 8 GB, or patience",
    ),
)


def listed(name: str) -> Listed | None:
    """The model of the catalogue that is called `name`."""
    return next((model for model in CATALOGUE if model.name == name.lower()), None)
