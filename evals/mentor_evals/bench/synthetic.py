"""Material that nobody wrote: an index of any size, made in seconds, for timing alone.

Passages have topics. The vector of a text is its topic's, moved by noise of the text's own, so that
neighbours are found as among real vectors; nothing is embedded.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mentor.generation import FORMAT, Manifest
from mentor.index import Index
from mentor.material import PASSAGE_TOKENS
from mentor.models.embed import Reading
from mentor.records import Passage
from mentor.sources import Root
from mentor.stores import bring_up_to_date, open_stores, questions_of, readable, write_bm25

WIDTH = 384
WORDS = 60
A_TOPIC = 50
"""Passages of one topic."""
MOST_QUESTIONS = 10_000
_NOISE = 1.2
_VOCABULARY = 8_000


class SyntheticEmbeddings:
    """`Embedder` by topic: "… topic7 …" lies near every other text of topic 7.

    It remembers what it embedded last, as the real one does.
    """

    name = "synthetic"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [_vector(text).tolist() for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def read(self, texts: list[str]) -> list[Reading]:
        raise NotImplementedError("Retrieval reads no tokens.")


@lru_cache(maxsize=1_000)
def _vector(text: str) -> NDArray[np.float32]:
    topic = next((word for word in text.split() if word.startswith("topic")), "")
    own = _normal(text) * _NOISE + _normal(topic)
    unit: NDArray[np.float32] = own / np.linalg.norm(own)
    return unit


def _normal(seed: str) -> NDArray[np.float32]:
    return np.random.default_rng(zlib.crc32(seed.encode())).standard_normal(WIDTH, np.float32)


def passages(count: int) -> Iterator[Passage]:
    """`count` passages; words are as unevenly spread as in language (Zipf)."""
    rng = np.random.default_rng(count)
    shares = 1.0 / np.arange(1, _VOCABULARY + 1)
    words = np.array([f"word{n}" for n in range(_VOCABULARY)])
    asked_every = max(1, count // MOST_QUESTIONS)
    for n in range(count):
        text = " ".join(rng.choice(words, WORDS, p=shares / shares.sum()))
        topic = f"topic{n // A_TOPIC}"
        yield Passage(
            id=f"page{n}#part~0",
            section=f"page{n}#part",
            path=(f"Page {n}", topic),
            text=f"{text}.",
            file=f"page{n}.md",
            questions=() if n % asked_every else (f"What does {topic} say of part {n}?",),
        )


def build(folder: Path, count: int) -> Index:
    """An index of `count` passages in `folder`, open."""
    held = {passage.id: passage for passage in passages(count)}
    asked = questions_of(held, [])
    embedder = SyntheticEmbeddings()
    folder.mkdir(parents=True)
    client, dense, questions = open_stores(folder, embedder, writing=True)
    with closing(client):
        bring_up_to_date(dense, readable(held), lambda *_: None)
        bring_up_to_date(questions, asked, lambda *_: None)
    write_bm25(folder / "bm25", list(held.values()))
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(p.model_dump_json() + "\n" for p in held.values())
    manifest = Manifest(
        format=FORMAT,
        embedder=embedder.name,
        passage_tokens=PASSAGE_TOKENS,
        roots=(Root(path=str(folder)),),
        files={},
        passages=len(held),
        questions=len(asked),
        checksums={},
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")
    return Index(folder, embedder)
