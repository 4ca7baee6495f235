"""The one place that wires parts; what every face and every eval calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from langchain_core.language_models import BaseChatModel

from mentor import conversation, index, indexing
from mentor.answer.gate import Gate
from mentor.answer.respond import Respond, small_talk
from mentor.draft import Progress
from mentor.errors import MentorError
from mentor.models.chat import LlamaChat, open_chat
from mentor.models.embed import (
    Embedder,
    SentenceEmbeddings,
    known_words,
    open_embedder,
    token_counter,
)
from mentor.models.judge import Judge, LexicalJudge
from mentor.records import Answer, Done, Event
from mentor.retrieve import Retriever
from mentor.settings import Settings
from mentor.synonyms import Synonyms, read_synonyms


class Mentor:
    """A mentor over one body of material. Safe to use from several threads."""

    def __init__(
        self,
        *,
        reader: index.IndexReader,
        embedder: Embedder,
        chat: BaseChatModel | None,
        known: Callable[[], frozenset[str]] = known_words,
        synonyms: Synonyms | None = None,
        evidence_tokens: int = 150,
        patience: float = 6.0,
    ) -> None:
        self._embedder = embedder
        self._chat = chat
        self.reader = reader
        self.model = (chat.name or chat._llm_type) if chat else "none"
        self.retriever = Retriever(
            reader=reader, embedder=embedder, known=known, synonyms=synonyms or Synonyms()
        )
        self.judge: Judge = LexicalJudge(embedder)
        self._respond = Respond(
            self.retriever,
            self.judge,
            Gate(self.retriever, embedder),
            chat=chat,
            model=self.model,
            evidence_tokens=evidence_tokens,
            patience=patience,
        )

    def ask(self, question: str, history: Sequence[str] = ()) -> Iterator[Event]:
        """Events on the way to an answer; the last is `Done`. Closing the iterator cancels.

        Args:
            question: the learner's words.
            history: the learner's earlier messages, oldest first.

        Raises:
            QuestionError: the question is empty or too long.
            IndexUnusable: there is no index, or it is damaged.
            ModelError: the model broke off, or cannot be reached.
            ModelBusy: too many learners are waiting.
        """
        text = conversation.clean(question)
        if reply := conversation.small_talk(text):
            return small_talk(text, reply, self.model)
        return self._respond(text, conversation.standalone(text, history))

    def answer(self, question: str, history: Sequence[str] = ()) -> Answer:
        """The whole answer at once."""
        for event in self.ask(question, history):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("ask() always ends in Done")

    def suggestions(self, n: int = 4) -> list[str]:
        """Questions to begin with, from the material's own; none while there is no index."""
        try:
            passages = self.reader.passages()
        except MentorError:
            return []
        first = [p.questions[0] for p in passages if p.questions and p.place.kind != "boundary"]
        return first[:: max(1, len(first) // n)][:n]

    def warm(self) -> None:
        """Load weights and index, so that the first question does not wait for them."""
        for part in (self._embedder, self._chat):
            if isinstance(part, SentenceEmbeddings | LlamaChat):
                part.warm()
        self.reader.current()


def open_mentor(settings: Settings) -> Mentor:
    """A mentor as `settings` describes it. Nothing heavy is loaded until it is needed."""
    embedder = open_embedder(settings)
    return Mentor(
        reader=index.IndexReader(settings.index_dir, embedder),
        embedder=embedder,
        chat=open_chat(settings),
        synonyms=read_synonyms(settings.corpus / "synonyms.yaml"),
        evidence_tokens=settings.evidence_tokens,
        patience=settings.patience,
    )


def update_index(
    settings: Settings,
    *,
    extra: Sequence[str] = (),
    rebuild: bool = False,
    progress: Progress = lambda *_: None,
) -> indexing.BuildReport:
    """Bring the index up to date with the corpus and the folders in `extra`."""
    return indexing.build_index(
        settings.index_dir,
        [settings.corpus, *(Path(path).resolve() for path in extra)],
        embedder=open_embedder(settings),
        count=lambda: token_counter(settings),
        rebuild=rebuild,
        progress=progress,
    )
