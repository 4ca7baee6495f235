"""Train the judge: `python -m mentor_evals.training.train --data FOLDER`, or `make judge`.

A cross-encoder reads both sides together. It starts from the weights of all-MiniLM-L6-v2 and ends
in two numbers, one for each of the judge's questions. Written as int8 ONNX (dynamic quantization
of the linear layers and the embeddings), it has 23 MB.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from mentor.mentor import open_mentor, update_index
from mentor.models.cross_encoder import HEADS, LONGEST, WEIGHTS
from mentor.models.embed import embedder_folder, open_embedder
from mentor.settings import load_settings, no_telemetry
from mentor_evals.training import pairs
from mentor_evals.training.pairs import Pair

SEED = 20261127
TOKENS_A_BATCH = 3_072
WIDTHS = (24, 32, 48, 64, 96, LONGEST)
BROAD_RATE = 1.5e-4
WRITTEN_RATE = 6e-5
WRITTEN_PASSES = 3
WARM_UP = 0.06


class TwoHeads(nn.Module):
    """MiniLM over a pair; logits [supports, answers]."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        # One pass over each pair needs no dropout, and without it attention is twice as fast.
        self.encoder = AutoModel.from_pretrained(
            folder,
            add_pooling_layer=False,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.heads = nn.Linear(2 * self.encoder.config.hidden_size, len(HEADS))

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """(batch, 2) logits from the first token beside the mean of all."""
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1)
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


def train(model: TwoHeads, examples: Sequence[Pair], *, rate: float, folder: Path) -> None:
    """One pass over `examples` in bf16; the rate rises briefly to `rate`, then falls to nothing."""
    rng = random.Random(SEED)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encoded = tokenizer(
        [p.left for p in examples], [p.right for p in examples], truncation=True, max_length=LONGEST
    )
    plan = batches([len(ids) for ids in encoded["input_ids"]], rng)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01, fused=True)
    warm = max(1, int(WARM_UP * len(plan)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm, (len(plan) - step) / (len(plan) - warm)),
    )
    model.train()
    started, running = time.monotonic(), 0.7
    for step, (width, batch) in enumerate(plan, start=1):
        inputs = tokenizer.pad(
            {key: [values[n] for n in batch] for key, values in encoded.items()},
            padding="max_length",
            max_length=width,
            return_tensors="pt",
        )
        heads = torch.tensor([HEADS.index(examples[n].task) for n in batch])
        labels = torch.tensor([examples[n].label for n in batch])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(**inputs).float().gather(1, heads[:, None])[:, 0]
        loss = nn.functional.binary_cross_entropy_with_logits(logits, labels)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        running += 0.01 * (loss.item() - running)
        if step % 25 == 0:
            left = (time.monotonic() - started) / step * (len(plan) - step) / 60
            typer.echo(f"{step}/{len(plan)}  loss {running:.3f}  {left:.0f} minutes left")


def export(model: TwoHeads, target: Path) -> None:
    """Write int8 ONNX to `target`."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

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
    quantize_dynamic(whole, target, weight_type=QuantType.QInt8, per_channel=True)
    whole.unlink()


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
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    folder = embedder_folder("embedded")
    model = TwoHeads(folder)
    train(model, broad, rate=BROAD_RATE, folder=folder)
    train(
        model,
        [*(WRITTEN_PASSES * written), *rng.sample(broad, 4 * len(written))],
        rate=WRITTEN_RATE,
        folder=folder,
    )
    model.eval()
    export(model, target)
    typer.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    no_telemetry()
    typer.run(main)
