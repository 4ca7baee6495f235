"""The quickstart: the plain LangChain chain that a user would write, as a peer.

The parts of LangChain's own tutorials: recursive splitter of 1,000 characters with 200 of overlap,
Chroma, the four nearest chunks, stuffed into one prompt. Same material, embedder and weights,
decoded as LangChain's ChatLlamaCpp does by default. It keeps no citations, so each of its sentences
counts as citing all four chunks: that favours its citation recall and costs it precision.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage

from mentor import language
from mentor.draft import Progress
from mentor.errors import ModelError
from mentor.index import IndexReader
from mentor.models import llama, weights
from mentor.models.chat import LlamaChat, open_chat, stream_text
from mentor.models.embed import open_embedder
from mentor.records import Citation, Passage, Timings
from mentor.settings import Settings
from mentor_evals.replies import Line, Reply
from mentor_evals.workbench import Asker

if TYPE_CHECKING:
    from langchain_chroma import Chroma

PROMPT = (
    "You are an assistant for question-answering tasks. Use the following pieces of retrieved "
    "context to answer the question. If you don't know the answer, just say that you don't know. "
    "Use three sentences maximum and keep the answer concise.\n"
    "Question: {question}\nContext: {context}\nAnswer:"
)
K = 4
CHAT_LLAMA_CPP = {
    "temperature": 0.8,
    "top_p": 0.95,
    "top_k": 40,
    "repeat_penalty": 1.1,
    "max_tokens": 256,
}
"""What LangChain's ChatLlamaCpp sets when its user sets nothing."""
Speaker = Callable[[str], Iterator[str]]
"""Prompt -> pieces of the answer."""
_BATCH = 64
_KNOWS_NOT = re.compile(
    r"\bI (?:do(?:n['’]t| not) (?:know|have)|(?:can|could)(?:not|n['’]t))\b|"
    r"\bI(?:['’]m| am) (?:not sure|unable)\b|"
    r"\b(?:context|the (?:text|passage)|(?:provided|given) \w+)\b[^.]{0,60}"
    r"\b(?:do|does|did)(?:n['’]t| not) (?:provide|contain|mention|specify|say|have)\b|"
    r"\b(?:is|are)(?:n['’]t| not) (?:mentioned|provided)\b|\bno information\b",
    re.I,
)
"""What is said of the speaker or of the context; "you do not have to …" is an answer."""


def open_quickstart(settings: Settings, progress: Progress = lambda *_: None) -> Asker:
    """The chain over the sections of the index in use, its own store built in memory.

    Raises:
        ModelError: the settings name no model; the chain has nothing else to say.
    """
    speaks = _speaker(chain_model(settings))
    reader = IndexReader(settings.index_dir, open_embedder(settings))
    store = _store(chunks(reader.passages()), settings, progress)

    def ask(question: str, history: Sequence[str] = ()) -> Reply:
        return _reply(question, store, speaks)

    ask("What is overfitting?")  # warm
    return ask


def chain_model(settings: Settings) -> BaseChatModel:
    """The model that the chain asks; it is not loaded yet.

    Raises:
        ModelError: the settings name none.
    """
    chat = open_chat(settings)
    if chat is None:
        raise ModelError("The quickstart needs a model.", cure="Leave out --model none.")
    return chat


def says_it_does_not_know(text: str) -> bool:
    return _KNOWS_NOT.search(text) is not None


def _speaker(chat: BaseChatModel) -> Speaker:
    if not isinstance(chat, LlamaChat):
        return lambda prompt: stream_text(chat, [HumanMessage(prompt)])
    path = weights.user_gguf(chat.path) if chat.path else weights.embedded_gguf(chat.cache_dir)
    tuning = chat.tuning(path)
    model = llama.library().Llama(
        str(path), n_ctx=tuning.context, n_threads=tuning.threads, seed=0, verbose=False
    )

    def speak(prompt: str) -> Iterator[str]:
        said = [{"role": "user", "content": prompt}]
        for piece in model.create_chat_completion(messages=said, stream=True, **CHAT_LLAMA_CPP):
            yield piece["choices"][0]["delta"].get("content") or ""

    return speak


def chunks(passages: Sequence[Passage]) -> list[Document]:
    """The material as pages, cut as a quickstart cuts it.

    It is put together from the passages of the index, so that both read the same words.
    """
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    pages: dict[str, list[str]] = {}
    last: dict[str, str] = {}
    for p in passages:
        if p.place.kind == "boundary":
            continue
        page = pages.setdefault(p.file, [f"# {p.path[0]}"])
        if last.get(p.file) != p.section and len(p.path) > 1:
            page.append(f"{'#' * len(p.path)} {p.path[-1]}")
        last[p.file] = p.section
        page.append(p.text)
    documents = [
        Document(page_content="\n\n".join(parts), metadata={"source": file})
        for file, parts in pages.items()
    ]
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    return splitter.split_documents(documents)


def _store(documents: Sequence[Document], settings: Settings, progress: Progress) -> Chroma:
    import chromadb
    from langchain_chroma import Chroma

    store = Chroma(
        client=chromadb.EphemeralClient(chromadb.config.Settings(anonymized_telemetry=False)),
        collection_name="quickstart",
        embedding_function=open_embedder(settings),
        collection_configuration={"hnsw": {"space": "cosine"}},
    )
    for start in range(0, len(documents), _BATCH):
        progress("Embedding the quickstart's chunks", start, len(documents))
        store.add_documents(list(documents[start : start + _BATCH]))
    progress("Embedding the quickstart's chunks", len(documents), len(documents))
    return store


def _reply(question: str, store: Chroma, speaks: Speaker) -> Reply:
    started = time.perf_counter()
    found = store.similarity_search(question, k=K)
    retrieved = _ms(started)
    context = "\n\n".join(document.page_content for document in found)
    text, first = "", None
    for piece in speaks(PROMPT.format(question=question, context=context)):
        text += piece
        if first is None and len(language.statements(text)) > 1:
            first = _ms(started)  # a whole sentence stands as soon as the next one begins
    total = _ms(started)
    refused = says_it_does_not_know(text)
    citations = tuple(_citation(n, document) for n, document in enumerate(found, start=1))
    return Reply(
        question=question,
        text=text,
        refused=refused,
        reason="says that it does not know" if refused else None,
        lines=tuple(
            Line(text=text[a:b], citations=tuple(c.n for c in citations), origin="drafted")
            for a, b in language.statements(text)
        ),
        citations=citations,
        model="quickstart",
        timings=Timings(retrieve=retrieved, first_sentence=first or total, total=total),
    )


def _citation(n: int, document: Document) -> Citation:
    text = document.page_content
    return Citation(
        n=n,
        passage=f"{document.metadata['source']}~{n}",
        heading=document.metadata["source"],
        path=document.metadata["source"],
        url=None,
        source="editorial",
        quote=text,
        start=0,
        end=len(text),
        passage_text=text,
    )


def _ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
