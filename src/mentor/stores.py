"""The engines of a generation: Chroma's two collections, BM25, and what is learned from questions.

Chroma holds a vector for each passage and one for each question that a section answers; the
latter point to the passage. It keeps them in the generation's folder or on a server. All are opened
and written here, and nowhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mentor import language
from mentor.errors import IndexUnreachable, IndexUnusable
from mentor.generation import REBUILD, Manifest, Server, read_server
from mentor.models.adapter import Adapter
from mentor.models.answerable import Answerable
from mentor.models.embed import Embedder
from mentor.records import BOUNDARY, UNANSWERED, Asked, Passage

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from langchain_chroma import Chroma

_BATCH = 128
_PAGE = 2_000  # rows read at once, so that memory does not grow with the index
_COPIED = 500  # the same with their vectors, which take 8 kB each as a server writes them
_LOCAL = ("passages", "questions")
_COSINE = {"hnsw": {"space": "cosine"}}


def open_stores(
    folder: Path, embedder: Embedder, *, writing: bool = False
) -> tuple[ClientAPI, Chroma, Chroma]:
    """Chroma's client over a generation, its passages and its questions; close the client.

    Args:
        writing: make what is not there yet, and have more patience with a server.
    """
    from langchain_chroma import Chroma

    server = read_server(folder)
    client = _connect(server, writing=writing) if server else _open_folder(folder)
    try:
        passages, questions = (
            Chroma(
                client=client,
                collection_name=name,
                embedding_function=embedder,  # type: ignore[arg-type]  # our port is its subset
                collection_configuration=_COSINE,
                create_collection_if_not_exists=writing,
            )
            for name in _names(server)
        )
    except BaseException:
        client.close()
        raise
    return client, passages, questions


def nearest(
    store: Chroma, vectors: Sequence[Sequence[float]], n: int
) -> list[list[tuple[str, float]]]:
    """(id, cosine) of the `n` texts nearest to each unit vector, nearest first; fewer where the
    store holds no more.

    Nothing is filtered: Chroma looks each row that a filter admits up in SQLite before it searches,
    which took 60 ms over 17,000 questions where the search itself takes one.
    """
    found = store._collection.query(
        query_embeddings=list(vectors), n_results=n, include=["distances"]
    )
    return [
        [(name, 1.0 - distance) for name, distance in zip(*row, strict=True)]
        for row in zip(found["ids"], found["distances"], strict=True)
    ]


def _open_folder(folder: Path) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    return chromadb.PersistentClient(
        str(folder / "chroma"), settings=ChromaSettings(anonymized_telemetry=False)
    )


def _connect(server: Server, *, writing: bool) -> ClientAPI:
    from mentor.chroma_server import PATIENCE, PATIENCE_TO_WRITE, ServerClient

    return ServerClient(server.address, PATIENCE_TO_WRITE if writing else PATIENCE)


def _names(server: Server | None) -> tuple[str, str]:
    return (server.passages, server.questions) if server else _LOCAL


def copy_collections(source: Server, target: Server) -> None:
    """Copy the rows of a generation to new collections on its server; nothing is embedded.

    Raises:
        IndexUnreachable: the server does not answer.
        IndexUnusable: it has lost them.
    """
    with closing(_connect(target, writing=True)) as client:
        for old, new in zip(_names(source), _names(target), strict=True):
            held = client.get_collection(old)
            made = client.create_collection(new, configuration=_COSINE, embedding_function=None)
            for at in range(0, held.count(), _COPIED):
                include = ["documents", "metadatas", "embeddings"]
                rows = held.get(limit=_COPIED, offset=at, include=include)
                made.add(rows["ids"], rows["embeddings"], rows["metadatas"], rows["documents"])


def remove_collections(server: Server) -> None:
    """Remove what a generation has on its server.

    Raises:
        IndexUnreachable: the server does not answer.
    """
    with closing(_connect(server, writing=True)) as client:
        for name in _names(server):
            try:
                client.delete_collection(name)
            except IndexUnreachable:
                raise
            except IndexUnusable:  # was never made, or is gone
                continue


def ask_server(address: str) -> None:
    """See that a Chroma server answers.

    Raises:
        IndexUnreachable: it does not.
    """
    from mentor.chroma_server import ServerClient

    ServerClient(address).close()


def refuse_incomplete(client: ClientAPI, manifest: Manifest, folder: Path) -> None:
    due = {"passages": manifest.passages, "questions": manifest.questions}
    for name, (kind, count) in zip(_names(read_server(folder)), due.items(), strict=True):
        found = client.get_collection(name).count()
        if found != count:
            raise IndexUnusable(
                f"The index in {folder} is damaged: {found} vectors for {count} {kind}.",
                cure=REBUILD,
            )


def place_metadata(passage: Passage) -> dict[str, str | int]:
    """What filters of a vector store see; Chroma has no null, so nothing is "" and 0."""
    place = passage.place
    return {
        "passage": passage.id,
        "collection": passage.collection,
        "kind": place.kind,
        "level": place.level or "",
        "stage": place.stage or 0,
        "track": place.track or "",
    }


Texts = dict[str, tuple[str, dict[str, str | int]]]
"""Id -> text and metadata, as a vector store holds them."""


def readable(passages: dict[str, Passage]) -> Texts:
    return {p.id: (p.readable, place_metadata(p)) for p in passages.values()}


def questions_of(passages: dict[str, Passage], asked: Sequence[Asked]) -> Texts:
    """Questions with the section that they lead to; what is not answered leads nowhere."""
    nowhere: dict[str, str | int] = {
        "passage": "",
        "kind": UNANSWERED,
        "level": "",
        "stage": 0,
        "collection": "",
    }
    return {
        f"{p.section}?{_mark(question)}": (question, place_metadata(p))
        for p in passages.values()
        for question in (*p.questions, *p.asked)
    } | {
        f"?{_mark(row.question)}": (row.question, {**nowhere, "track": ""})
        for row in asked
        if not row.answered
    }


def _mark(question: str) -> str:
    """Tells questions apart by their words, so that a new one moves none of the others."""
    return hashlib.sha256(question.encode()).hexdigest()[:16]


def bring_up_to_date(
    store: Chroma, after: Texts, progress: Callable[[int, int], None]
) -> tuple[int, int]:
    """Make `store` hold `after`, no more and no less; how many were embedded and removed."""
    held: set[str] = set()
    same: set[str] = set()
    while found := store.get(limit=_PAGE, offset=len(held), include=["documents", "metadatas"]):
        rows = zip(found["ids"], found["documents"], found["metadatas"], strict=True)
        same.update(name for name, *entry in rows if after.get(name) == tuple(entry))
        held.update(found["ids"])
        if len(found["ids"]) < _PAGE:
            break
    gone = [name for name in held if name not in after]
    new = [name for name in after if name not in same]
    for start in range(0, len(gone), _BATCH):
        store.delete(gone[start : start + _BATCH])
    for start in range(0, len(new), _BATCH):
        batch = new[start : start + _BATCH]
        progress(start, len(new))
        store.add_texts(
            [after[name][0] for name in batch],
            metadatas=[after[name][1] for name in batch],
            ids=batch,
        )
    progress(len(new), len(new))
    return len(new), len(gone)


def write_bm25(folder: Path, passages: list[Passage]) -> None:
    import bm25s

    tokens = [
        language.stems(f"{p.readable}\n{' '.join(p.questions)}") or [""] for p in passages
    ] or [[""]]
    bm25 = bm25s.BM25()
    bm25.index(tokens, show_progress=False)
    bm25.save(folder, show_progress=False)


def write_learned(
    folder: Path,
    passages: Chroma,
    questions: Chroma,
    said: Collection[Passage],
    *,
    same_questions: bool = False,
) -> None:
    """Learn from the questions that stand in the index: the border of the material, and where in
    it questions lead.

    Args:
        said: what the passages say.
        same_questions: what stands in `folder` was learned from these very questions.
    """
    held = questions.get(include=["documents", "embeddings", "metadatas"])
    answered = [row["kind"] not in (BOUNDARY, UNANSWERED) for row in held["metadatas"]]
    _write_border(folder / "answerable.npz", held, answered, said, same_questions=same_questions)
    if not same_questions:
        _write_adapter(folder / "adapter.npz", held, answered, passages, said)


def _write_border(
    path: Path,
    held: Mapping[str, Any],
    answered: Sequence[bool],
    said: Collection[Passage],
    *,
    same_questions: bool,
) -> None:
    last = Answerable.load(path) if same_questions else None
    path.unlink(missing_ok=True)
    known = frozenset(
        word
        for passage in said
        if passage.place.kind != BOUNDARY
        for word in language.words(passage.readable)
    )
    if last is not None:
        learned: Answerable | None = last.over(held["documents"], answered, known=known)
    else:
        learned = Answerable.fit(held["documents"], held["embeddings"], answered, known=known)
    if learned is not None:
        learned.save(path)


def _write_adapter(
    path: Path,
    held: Mapping[str, Any],
    answered: Sequence[bool],
    passages: Chroma,
    said: Collection[Passage],
) -> None:
    path.unlink(missing_ok=True)
    asked = [n for n, yes in enumerate(answered) if yes]
    section_of = {passage.id: passage.section for passage in said}
    leads = [section_of[held["metadatas"][n]["passage"]] for n in asked]
    numbers = {section: n for n, section in enumerate(dict.fromkeys(leads))}
    # A section without questions would only be learned as what nobody asks for.
    names = [name for name, section in section_of.items() if section in numbers]
    vectors: list[Any] = []
    sections: list[int] = []
    for start in range(0, len(names), _PAGE):
        rows = passages.get(ids=names[start : start + _PAGE], include=["embeddings"])
        vectors += list(rows["embeddings"])
        sections += [numbers[section_of[name]] for name in rows["ids"]]
    learned = Adapter.fit(
        [held["embeddings"][n] for n in asked],
        [numbers[section] for section in leads],
        vectors,
        sections,
    )
    if learned is not None:
        learned.save(path)
