"""Embedders: LangChain's `Embeddings`, over sentence-transformers, and the fake beside it.

Vectors are unit length, so that a dot product is a cosine.
"""

from __future__ import annotations

import math
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from mentor import language
from mentor.errors import WeightsError
from mentor.models import weights
from mentor.settings import Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_REMEMBERED = 10_000  # vectors of 1.5 kB each


class Reading(NamedTuple):
    """A text as the embedder reads it: its own vector, and its tokens with theirs, all unit."""

    vector: NDArray[np.float32]
    tokens: tuple[str, ...]
    vectors: NDArray[np.float32]
    """(tokens, width)."""


class Embedder(Protocol):
    """LangChain's `Embeddings` with a name, which the index's manifest records, and with what it
    makes of each token in its context."""

    name: str

    def embed_documents(self, texts: list[str]) -> list[list[float]]: ...

    def embed_query(self, text: str) -> list[float]: ...

    def read(self, texts: list[str]) -> list[Reading]: ...


class SentenceEmbeddings(Embeddings):
    """A sentence-transformers model, loaded when first used.

    Importing sentence-transformers takes seconds; the page must answer before that. The vectors
    of recent texts are remembered, since the judge asks for the same sentences again and again.
    """

    def __init__(self, folder: str = "embedded") -> None:
        self.name = "all-MiniLM-L6-v2" if folder == "embedded" else folder
        self._folder = folder
        self._model: SentenceTransformer | None = None
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def warm(self) -> None:
        self.embed_query("warm")

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of `texts`, in order."""
        with self._lock:
            new = [text for text in dict.fromkeys(texts) if text not in self._known]
            if new:
                vectors = self._load().encode(
                    new, batch_size=64, normalize_embeddings=True, show_progress_bar=False
                )
                self._known.update(zip(new, vectors, strict=True))
            found: list[list[float]] = [self._known[text].tolist() for text in texts]
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            return found

    def read(self, texts: list[str]) -> list[Reading]:
        """The vectors of `texts` and of their tokens, from one pass; nothing is remembered."""
        with self._lock:
            model = self._load()
            found: list[dict[str, Any]] = model.encode(  # type: ignore[assignment]
                texts, batch_size=16, output_value=None, show_progress_bar=False
            )
            tokenizer = model.tokenizer
        return [_reading(each, tokenizer) for each in found]

    def _load(self) -> SentenceTransformer:
        if self._model is None:
            self._model = _open_sentence_transformer(embedder_folder(self._folder))
        return self._model


def _open_sentence_transformer(folder: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    try:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except Exception as exc:  # damaged weights and configurations have many names
        raise WeightsError(
            f"The embedder in {folder} cannot be loaded: {exc}.",
            cure="Get it again, or set MENTOR_EMBEDDER to `embedded`.",
        ) from exc


def _reading(found: dict[str, Any], tokenizer: Any) -> Reading:
    """Without padding and the two special tokens around a text."""
    length = int(found["attention_mask"].sum())
    ids = found["input_ids"][1 : length - 1].tolist()
    return Reading(
        vector=_unit(found["sentence_embedding"].numpy()),
        tokens=tuple(tokenizer.convert_ids_to_tokens(ids)),
        vectors=_unit(found["token_embeddings"][1 : length - 1].numpy()),
    )


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-9)
    return unit


def embedder_folder(embedder: str) -> Path:
    """The folder of the embedder that the settings name.

    Raises:
        WeightsError: it holds no model, or the embedded one is not the one that it should be.
    """
    if embedder == "embedded":
        return weights.embedder_folder()
    folder = Path(embedder).expanduser()
    if not (folder / "modules.json").is_file():
        raise WeightsError(
            f"{folder} holds no sentence-transformers model.",
            cure="Set MENTOR_EMBEDDER to the folder of one, or to `embedded`.",
        )
    return folder


class HashingEmbeddings(Embeddings):
    """The fake: a bag of hashed stems, 256 wide. Same words, same vector; loads nothing."""

    name = "hashing"
    width = 256

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self._embed(text) for text in texts]

    def read(self, texts: list[str]) -> list[Reading]:
        found = []
        for text in texts:
            stems = language.stems(text) or ["nothing"]
            vectors = np.array([self._embed(stem) for stem in stems], np.float32)
            found.append(Reading(np.array(self._embed(text), np.float32), tuple(stems), vectors))
        return found

    def _embed(self, text: str) -> list[float]:
        vector = [0.0] * self.width
        for stem in language.stems(text) or ["nothing"]:
            vector[zlib.crc32(stem.encode()) % self.width] += 1.0
        length = math.sqrt(sum(x * x for x in vector))
        return [x / length for x in vector]


def open_embedder(settings: Settings) -> SentenceEmbeddings:
    return SentenceEmbeddings(settings.embedder)


def token_counter(settings: Settings) -> Callable[[str], int]:
    """Length in the embedder's tokens, its two special tokens included; loads no weights.

    Raises:
        WeightsError: the embedder has no tokenizer.
    """
    from tokenizers import Tokenizer

    path = (
        weights.embedder_tokenizer()
        if settings.embedder == "embedded"
        else embedder_folder(settings.embedder) / "tokenizer.json"
    )
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as exc:  # the library raises nothing narrower
        raise WeightsError(
            f"The tokenizer {path} cannot be read: {exc}.",
            cure="Get the embedder again, or set MENTOR_EMBEDDER to `embedded`.",
        ) from exc
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text).ids)


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Whole words of the embedder's vocabulary: a word among them is no slip of spelling."""
    from tokenizers import Tokenizer

    path = weights.embedder_tokenizer()
    vocabulary = Tokenizer.from_file(str(path)).get_vocab()
    return frozenset(word for word in vocabulary if word.isalpha() and len(word) > 1)
