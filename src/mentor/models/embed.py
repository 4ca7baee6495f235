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
from mentor.models.hub import is_repo
from mentor.models.threads import in_a_thread
from mentor.models.vectors import FILE, ShippedVectors
from mentor.settings import Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SHIPPED = "all-MiniLM-L6-v2"
"""The name of the embedder that ships."""
_REMEMBERED = 10_000  # vectors of 1.5 kB each
_FEW = 2  # texts: a question, and the same in the material's words


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
    of the texts asked for last are remembered: the gate asks for those of the question that the
    search has just read, and learners ask alike.
    """

    def __init__(
        self,
        embedder: str = "embedded",
        *,
        models: Path | None = None,
        shipped: Path | None = None,
        remembered: int = _REMEMBERED,
    ) -> None:
        """
        Args:
            models: where models of a hub lie.
            shipped: a file of vectors that the embedded model has made before.
            remembered: how many vectors.
        """
        self.name = SHIPPED if embedder == "embedded" else embedder
        self._embedder = embedder
        self._models = models
        self._shipped = ShippedVectors(shipped if embedder == "embedded" else None)
        self._model: SentenceTransformer | None = None
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._remembered = remembered
        self._lock = threading.Lock()

    def warm(self) -> None:
        self.embed_query("warm")

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of `texts`, in order."""
        with self._lock:
            for text in texts:
                if text not in self._known and (vector := self._shipped.get(text)) is not None:
                    self._known[text] = vector
            if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
                vectors = self._encode(new, batch_size=64, normalize_embeddings=True)
                self._known.update(zip(new, vectors, strict=True))
            found: list[list[float]] = [self._known[text].tolist() for text in texts]
            for text in texts:
                self._known.move_to_end(text)
            while len(self._known) > self._remembered:
                self._known.popitem(last=False)
            return found

    def read(self, texts: list[str]) -> list[Reading]:
        """The vectors of `texts` and of their tokens, from one pass; nothing is remembered."""
        with self._lock:
            found: list[dict[str, Any]] = self._encode(texts, batch_size=16, output_value=None)
            tokenizer = self._load().tokenizer
        return [_reading(each, tokenizer) for each in found]

    def _encode(self, texts: list[str], **options: Any) -> Any:
        """What the model makes of `texts`.

        The shipped one is so small that two threads wait for each other longer than one computes
        alone: a question beside other work takes 60 ms in two of them and 30 in one.
        """
        model = self._load()
        alone = self._embedder == "embedded" and len(texts) <= _FEW

        def encode() -> Any:
            import torch

            torch.set_num_threads(1 if alone else _processors())
            return model.encode(texts, show_progress_bar=False, **options)

        return in_a_thread(encode)

    def _load(self) -> SentenceTransformer:
        if self._model is None:
            folder = embedder_folder(self._embedder, self._models)
            self._model = _open_sentence_transformer(folder)
            _processors()
        return self._model


@lru_cache
def _processors() -> int:
    """As many threads as torch takes of its own accord."""
    import torch

    return torch.get_num_threads()


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


def embedder_folder(embedder: str, models: Path | None = None) -> Path:
    """The folder of the embedder that the settings name.

    Args:
        models: where downloaded weights lie.

    Raises:
        WeightsError: it holds no model, or is not downloaded, or the embedded one is not the one
            that it should be.
    """
    if embedder == "embedded":
        return weights.embedder_folder()
    folder = Path(embedder).expanduser()
    if models is not None and not folder.is_dir() and is_repo(embedder):
        folder = models / embedder
        if not folder.is_dir():
            raise weights.not_downloaded(embedder)
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
    return SentenceEmbeddings(
        settings.embedder, models=settings.models_dir, shipped=settings.corpus / FILE
    )


def token_counter(settings: Settings) -> Callable[[str], int]:
    """Length in the embedder's tokens, its two special tokens included; loads no weights.

    Raises:
        WeightsError: the embedder has no tokenizer.
    """
    from tokenizers import Tokenizer

    path = (
        weights.embedder_tokenizer()
        if settings.embedder == "embedded"
        else embedder_folder(settings.embedder, settings.models_dir) / "tokenizer.json"
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
