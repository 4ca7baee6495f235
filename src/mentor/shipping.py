"""What ships with the corpus: the vectors of its texts, made once by whoever releases it."""

from __future__ import annotations

from pathlib import Path

from mentor.draft import Draft, Progress
from mentor.models.embed import SentenceEmbeddings, token_counter
from mentor.models.vectors import FILE, write_vectors
from mentor.settings import Settings
from mentor.sources import Root
from mentor.stores import questions_of, readable

_BATCH = 256


def texts_of(settings: Settings) -> list[str]:
    """Every text of the corpus that an index holds a vector of."""
    root = Root(path=str(settings.corpus))
    draft = Draft([root], None, lambda: token_counter(settings), lambda *_: None)
    held = (readable(draft.passages), questions_of(draft.passages, draft.asked))
    return list(dict.fromkeys(text for each in held for text, _ in each.values()))


def ship_vectors(settings: Settings, progress: Progress) -> tuple[Path, int]:
    """Embed the corpus anew and write the vectors into its folder; the file, and how many.

    Vectors that shipped before are not looked at: they are rounded.
    """
    texts, embedder = texts_of(settings), SentenceEmbeddings()
    vectors: list[list[float]] = []
    for start in range(0, len(texts), _BATCH):
        progress("Embedding", start, len(texts))
        vectors += embedder.embed_documents(texts[start : start + _BATCH])
    progress("Embedding", len(texts), len(texts))
    path = settings.corpus / FILE
    write_vectors(path, texts, vectors)
    return path, len(texts)
