"""The journey of a question: a stream of events that ends in an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence

from langchain_core.language_models import BaseChatModel

from mentor import language
from mentor.answer.compose import Composer
from mentor.answer.draft import draft
from mentor.answer.evidence import Evidence, gather, search
from mentor.answer.gate import Gate
from mentor.models.judge import Judge
from mentor.records import (
    Answer,
    Done,
    Event,
    Hit,
    Refusal,
    Said,
    Searching,
    Sentence,
    Sources,
    Timings,
    Waiting,
)
from mentor.retrieve import Retriever

MOST_DROPS = 2
MOST_DRAFTED = 4
EVIDENCE_TOKENS = 320  # of the answer; the model reads no more than its setting allows


class Respond:
    """Everything a question passes through, wired once by `open_mentor`."""

    def __init__(
        self,
        retriever: Retriever,
        judge: Judge,
        gate: Gate,
        *,
        chat: BaseChatModel | None,
        model: str,
        evidence_tokens: int,
        patience: float,
    ) -> None:
        self._retriever = retriever
        self._judge = judge
        self._gate = gate
        self._chat = chat
        self._model = model
        self._tokens = evidence_tokens
        self._patience = patience

    def __call__(
        self, question: str, standalone: str, *, near: frozenset[str] = frozenset()
    ) -> Iterator[Event]:
        """Events for `question`, searched for as `standalone`; the pages `near` are preferred."""
        clock = _Clock()
        asked = self._retriever.correct(standalone)
        yield Searching(question=asked)
        hits, passages = search(asked, self._retriever, near=near)
        refusal = self._gate.refuses(asked, hits)
        evidence = gather(
            asked,
            passages,
            self._judge,
            tokens=max(EVIDENCE_TOKENS, self._tokens),
            count=_tokens_of,
        )
        clock.retrieved()
        if refusal is not None:
            yield refusal
            yield Done(answer=_refused(question, refusal, self._model, clock))
            return
        yield Sources(hits=_used_first(hits, evidence))
        composer = Composer(evidence, self._judge)
        for event in self._sentences(asked, evidence, composer):
            if isinstance(event, Said):
                clock.spoke()
            yield event
        yield Done(
            answer=Answer(
                question=question,
                answer=composer.text,
                sentences=tuple(composer.sentences),
                citations=tuple(composer.citations),
                mode=composer.mode,
                model=self._model,
                timings_ms=clock.timings(),
            )
        )

    def _sentences(
        self, asked: str, evidence: Sequence[Evidence], composer: Composer
    ) -> Iterator[Event]:
        if self._chat is not None and composer.wants_words:
            if ahead := getattr(self._chat, "ahead", 0):
                yield Waiting(position=ahead)
            read = _first(evidence, self._tokens)
            sentences = draft(asked, read, self._chat, patience=self._patience)
            yield from _drafted(sentences, composer)
        yield from composer.quote_the_rest()


def _drafted(sentences: Generator[str], composer: Composer) -> Iterator[Said]:
    """The model's sentences that the check lets through; stops after two drops."""
    drops = shown = 0
    try:
        for sentence in sentences:
            said = composer.check(sentence)
            yield from said
            shown += bool(said)
            drops += not said
            if drops >= MOST_DROPS or shown >= MOST_DRAFTED or composer.complete:
                break
    finally:
        sentences.close()


def small_talk(
    question: str, reply: str, model: str, *, reason: str = "small talk"
) -> Iterator[Event]:
    """A human reply; it claims nothing, so it cites nothing."""
    said = Sentence(text=reply)
    yield Said(sentence=said, citations=())
    yield Done(
        answer=Answer(
            question=question,
            answer=reply,
            reason=reason,
            sentences=(said,),
            mode="quoted",
            model=model,
            timings_ms=Timings(first_sentence=0.0, total=0.0),
        )
    )


def _refused(question: str, refusal: Refusal, model: str, clock: _Clock) -> Answer:
    return Answer(
        question=question,
        answer=refusal.text,
        refused=True,
        reason=refusal.reason,
        mode="refused",
        model=model,
        timings_ms=clock.timings(),
    )


def _used_first(hits: Sequence[Hit], evidence: Sequence[Evidence]) -> tuple[Hit, ...]:
    used = {e.passage.id for e in evidence}
    return tuple(sorted(hits, key=lambda hit: hit.passage.id not in used))


def _first(evidence: Sequence[Evidence], tokens: int) -> list[Evidence]:
    """As much of the evidence as the model reads: on a CPU the prompt is the wait."""
    read: list[Evidence] = []
    for e in evidence:
        tokens -= _tokens_of(e.text)
        if read and tokens < 0:
            break
        read.append(e)
    return read


def _tokens_of(text: str) -> int:
    """Tokens of the chat model, near enough to bound its prompt without loading it."""
    return round(1.4 * len(language.words(text)))


class _Clock:
    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._start = now()
        self._retrieve: float | None = None
        self._first: float | None = None

    def retrieved(self) -> None:
        self._retrieve = self._elapsed()

    def spoke(self) -> None:
        if self._first is None:
            self._first = self._elapsed()

    def timings(self) -> Timings:
        return Timings(retrieve=self._retrieve, first_sentence=self._first, total=self._elapsed())

    def _elapsed(self) -> float:
        return round((self._now() - self._start) * 1000, 1)
