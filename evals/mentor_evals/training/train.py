"""Train the judge: `python -m mentor_evals.training.train --data FOLDER`, or `make judge`.

A cross-encoder reads both sides together. It starts from the weights of all-MiniLM-L6-v2 and ends
in two numbers, one for each of the judge's questions. Written as 8-bit ONNX (dynamic quantization
of the linear layers and the embeddings), it has 23 MB.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerBase

from mentor.mentor import open_mentor, update_index
from mentor.models.cross_encoder import HEADS, LONGEST, WEIGHTS
from mentor.models.embed import embedder_folder, open_embedder
from mentor.settings import load_settings
from mentor.telemetry import no_telemetry
from mentor_evals.training import pairs
from mentor_evals.training.pairs import Pair

SEED = 20261127
TOKENS_A_BATCH = 3_072
WIDTHS = (24, 32, 48, 64, 96, LONGEST)
BROAD_RATE = 1.5e-4
WRITTEN_RATE = 6e-5
WRITTEN_PASSES = 3
WARM_UP = 0.06


class MiniLM(nn.Module):
    """The embedder's encoder, to be tuned."""

    def __init__(self, folder: Path, *, dropout: float) -> None:
        super().__init__()
        # Without dropout of its weights attention is twice as fast.
        self.encoder = AutoModel.from_pretrained(
            folder,
            add_pooling_layer=False,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=0.0,
        )

    def read(self, input_ids: Tensor, mask: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, tokens, width) states, and (batch, width) their mean."""
        states = self.encoder(
            input_ids=input_ids, attention_mask=mask, token_type_ids=types
        ).last_hidden_state
        counted = mask.unsqueeze(-1).to(states.dtype)
        return states, (states * counted).sum(1) / counted.sum(1)


class PairReader(MiniLM):
    """MiniLM over a pair, with a logit for each head."""

    def __init__(self, folder: Path, *, heads: int) -> None:
        super().__init__(folder, dropout=0.0)  # one pass over each pair needs none
        self.heads = nn.Linear(2 * self.encoder.config.hidden_size, heads)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """(batch, heads) logits from the first token beside the mean of all."""
        states, mean = self.read(input_ids, attention_mask, token_type_ids)
        logits: Tensor = self.heads(torch.cat([states[:, 0], mean], dim=-1))
        return logits


def batches(lengths: Sequence[int], rng: random.Random) -> list[tuple[int, list[int]]]:
    """(width, indices of pairs no longer than it), in random order; each pair once or twice.

    A width has one size of batch, so that the kernels are compiled for six shapes and not for
    thousands; a last batch that is short is filled up from its own bucket.
    """
    found = []
    for narrow, width in pairwise((0, *WIDTHS)):
        bucket = [n for n, length in enumerate(lengths) if narrow < length <= width]
        rng.shuffle(bucket)
        size = TOKENS_A_BATCH // width
        for first in range(0, len(bucket), size):
            batch = bucket[first : first + size]
            found.append((width, [*batch, *rng.choices(bucket, k=size - len(batch))]))
    rng.shuffle(found)
    return found


class Descent:
    """AdamW, a step a batch; the rate rises briefly to `rate`, then falls to nothing."""

    def __init__(self, model: nn.Module, steps: int, *, rate: float) -> None:
        warm = max(1, int(WARM_UP * steps))
        self._model = model
        self._steps = steps
        self._optimizer = torch.optim.AdamW(
            model.parameters(), lr=rate, weight_decay=0.01, fused=True
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: min((step + 1) / warm, (steps - step) / (steps - warm))
        )
        self._taken, self._running, self._started = 0, 0.0, time.monotonic()

    def step(self, loss: Tensor) -> None:
        """Go down the slope of the loss of a batch, and say now and then where it is."""
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self._schedule.step()
        self._running += (loss.item() - self._running) / min(self._taken + 1, 100)
        self._taken += 1
        if self._taken % 25 == 0:
            pace = (time.monotonic() - self._started) / self._taken
            left = pace * (self._steps - self._taken) / 60
            typer.echo(
                f"{self._taken}/{self._steps}  loss {self._running:.3f}  {left:.0f} minutes left"
            )


def half_precision() -> torch.autocast:
    """bf16 where the processor multiplies it (AVX-512); elsewhere it is emulated, and slow."""
    native = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=native)


def padded(
    tokenizer: PreTrainedTokenizerBase,
    encoded: Mapping[str, Sequence[Any]],
    batch: Sequence[int],
    width: int,
) -> Any:
    """The inputs of a model for the pairs of `batch`, all `width` tokens long."""
    return tokenizer.pad(
        {key: [values[n] for n in batch] for key, values in encoded.items()},
        padding="max_length",
        max_length=width,
        return_tensors="pt",
    )


def train(
    model: PairReader,
    examples: Sequence[Pair],
    heads: Sequence[str],
    *,
    rate: float,
    folder: Path,
) -> None:
    """One pass over `examples`."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encoded = tokenizer(
        [p.left for p in examples], [p.right for p in examples], truncation=True, max_length=LONGEST
    )
    plan = batches([len(ids) for ids in encoded["input_ids"]], random.Random(SEED))
    descent = Descent(model, len(plan), rate=rate)
    model.train()
    for width, batch in plan:
        labels = torch.tensor(
            [[examples[n].labels.get(head, math.nan) for head in heads] for n in batch]
        )
        with half_precision():
            logits = model(**padded(tokenizer, encoded, batch, width))
        known = ~labels.isnan()
        descent.step(
            nn.functional.binary_cross_entropy_with_logits(logits.float()[known], labels[known])
        )


def export(model: nn.Module, target: Path) -> None:
    """Write a trained model to `target` as ONNX, a byte a weight.

    The bytes are unsigned, around 128: where a processor has no instruction for signed ones (AVX2
    without VNNI), onnxruntime multiplies those in 16 bits, which overflow, and the numbers differ
    from one machine to the next.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model.eval()
    whole = target.with_suffix(".fp32.onnx")
    example = torch.ones((2, 16), dtype=torch.long)
    torch.onnx.export(
        model,
        (example, example, torch.zeros_like(example)),
        str(whole),
        input_names=["input_ids", "attention_mask", "token_type_ids"],
        output_names=["logits"],
        dynamic_axes={
            name: {0: "batch", 1: "length"}
            for name in ("input_ids", "attention_mask", "token_type_ids")
        }
        | {"logits": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(
        whole,
        target,
        weight_type=QuantType.QUInt8,
        per_channel=True,
        extra_options={"WeightSymmetric": True},
    )
    whole.unlink()
    typer.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


def make(
    target: Path,
    stages: Sequence[tuple[Sequence[Pair], float]],
    heads: Sequence[str],
    *,
    threads: int,
) -> None:
    """Train MiniLM on the pairs of each stage at its rate, in order, and write it to `target`."""
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    folder = embedder_folder("embedded")
    model = PairReader(folder, heads=len(heads))
    for examples, rate in stages:
        train(model, examples, heads, rate=rate, folder=folder)
    export(model, target)


def main(
    data: Annotated[Path, typer.Option(help="Folder of the public sets.")],
    target: Annotated[Path, typer.Option(help="Where the weights go.")] = WEIGHTS,
    threads: Annotated[int, typer.Option(help="Processors to use.")] = 2,
) -> None:
    """Train on the public sets and the corpus, and write the weights."""
    settings = load_settings(model="none")
    update_index(settings)
    index = open_mentor(settings).reader.current()
    rng = random.Random(SEED)
    broad = [
        *pairs.public_pairs(data, rng),
        *pairs.corpus_pairs(index, open_embedder(settings), settings.corpus / "asked.jsonl", rng),
    ]
    written = list(pairs.written_pairs(index))
    typer.echo(f"{len(broad):,} pairs, then {len(written):,} written for this corpus")
    last = [*(WRITTEN_PASSES * written), *rng.sample(broad, 4 * len(written))]
    make(target, [(broad, BROAD_RATE), (last, WRITTEN_RATE)], HEADS, threads=threads)


if __name__ == "__main__":
    no_telemetry()
    typer.run(main)
