"""The journey of a question: a stream of events that ends in an answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence

from langchain_core.language_models import BaseChatModel

from mentor import language
from mentor.answer.compose import Composer
from mentor.answer.draft import draft
from mentor.answer.evidence import Evidence, gather, leans
from mentor.answer.gate import BAR, LENIENT, Gate, nothing
from mentor.answer.search import TELLING, Found, search
from mentor.models.judge import Judge
from mentor.offers import question_of
from mentor.records import (
    Answer,
    Done,
    Event,
    Hit,
    Refusal,
    Request,
    Said,
    Searching,
    Sentence,
    Sources,
    Timings,
    Waiting,
)
from mentor.retrieve import Retriever
from mentor.scope import Filter

MOST_DROPS = 2
MOST_DRAFTED = 4
MOST_RELATED = 3
VAGUE = 2  # content words up to which what is no full question is vague
_ASKS = re.compile(
    r"\b(?:what|how|who|why|when|where|which|can|do|does|is|are|should|explain|define)\b", re.I
)


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
        self,
        said: str,
        turn: Request,
        *,
        near: frozenset[str] = frozenset(),
        dropped: Collection[Filter] = (),
    ) -> Iterator[Event]:
        """Events for what a learner `said`, asking for `turn`.

        The pages `near` are preferred; filters that are `dropped` filter nothing.
        """
        clock = _Clock()
        asked = self._retriever.correct(turn.question)
        yield Searching(question=asked)
        found, open_parts, refusal = self._looked_up(asked, turn, near=near, dropped=dropped)
        evidence = [] if refusal else gather(asked, found, self._judge, turn.manner)
        if not evidence:
            refusal = refusal or nothing(found.hits)
        clock.retrieved()
        if refusal is not None:
            yield from self.refuse(said, refusal, clock)
            return
        yield Sources(hits=_used_first(found.hits, evidence))
        composer = Composer(evidence, self._judge, turn.opening)
        for event in self._sentences(asked, evidence, composer):
            if isinstance(event, Said):
                clock.spoke()
            yield event
        put_off = _put_off(found, evidence) if turn.manner == "plain" else ()
        yield from composer.admit(open_parts, put_off, found.asked)
        yield Done(
            answer=Answer(
                question=said,
                answer=composer.text,
                sentences=tuple(composer.sentences),
                citations=tuple(composer.citations),
                mode=composer.mode,
                model=self._model,
                timings_ms=clock.timings(),
                vague=_is_vague(turn),
                related=_related(found.hits, evidence),
            )
        )

    def refusal(self, turn: Request) -> Refusal | None:
        """What `turn` is refused with, if it is."""
        asked = self._retriever.correct(turn.question)
        return self._looked_up(asked, turn, near=frozenset(), dropped=())[2]

    def refuse(self, said: str, refusal: Refusal, clock: _Clock | None = None) -> Iterator[Event]:
        """Events for a refusal of what a learner `said`."""
        yield refusal
        yield Done(answer=_refused(said, refusal, self._model, clock or _Clock()))

    def _looked_up(
        self, asked: str, turn: Request, *, near: frozenset[str], dropped: Collection[Filter]
    ) -> tuple[Found, list[str], Refusal | None]:
        """What was found, the parts that the material leaves open, and the refusal of it all."""
        found = search(
            asked,
            self._retriever,
            topic=self._retriever.correct(turn.topic),
            own=self._retriever.correct(turn.own),
            follows=turn.follows,
            near=near,
            dropped=dropped,
        )
        bar = LENIENT if turn.opening else BAR
        if open_parts := self._uncovered(found, bar):
            return found.without(open_parts), open_parts, None
        return found, [], self._gate.refuses(found.wordings, bar=bar)

    def _uncovered(self, found: Found, bar: float) -> list[str]:
        """The parts of the question that the material does not answer, while it does others."""
        parts = [(part, hits) for part, hits in found.parts if part]
        refused = [part for part, hits in parts if self._gate.refuses([(part, hits)], bar=bar)]
        if len(refused) == len(parts):
            return []
        # "what else?" says too little by itself to be held against the material.
        return [part for part in refused if len(language.content_words(part)) >= TELLING]

    def _sentences(
        self, asked: str, evidence: Sequence[Evidence], composer: Composer
    ) -> Iterator[Event]:
        yield from composer.greet()
        # Who would lose patience in the line is not put into it: the material's words are here.
        if (
            self._chat is not None
            and composer.wants_words
            and getattr(self._chat, "wait", 0.0) <= self._patience
        ):
            if ahead := getattr(self._chat, "ahead", 0):
                yield Waiting(position=ahead)
            read = _first(evidence, self._tokens)
            sentences = draft(asked, read, self._chat, patience=self._patience)
            yield from _drafted(sentences, composer)
        yield from composer.quote_the_rest()


def _put_off(found: Found, evidence: Sequence[Evidence]) -> Collection[str]:
    """The parts of a question that an answer has no room for."""
    drawn_on = {e.passage for e in evidence}
    lost = [part for part, hits in found.parts if part and hits[0].passage not in drawn_on]
    return (*lost, *found.beyond)


def _drafted(sentences: Generator[str], composer: Composer) -> Iterator[Said]:
    """The model's sentences that the check lets through; stops after two drops."""
    drops = shown = 0
    dropped = False
    try:
        for sentence in sentences:
            # What leans on a sentence that is not shown goes with it.
            said = [] if dropped and leans(sentence) else composer.check(sentence)
            dropped = not said
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
        topics=refusal.topics,
        model=model,
        timings_ms=clock.timings(),
    )


def _is_vague(turn: Request) -> bool:
    """Whether so little was said ("pay?") that it may have meant several things."""
    few = len(language.content_words(turn.question)) <= VAGUE
    return few and not turn.follows and not _ASKS.search(turn.question)


def _related(hits: Sequence[Hit], evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """What the sections that were found, and did not speak, are asked; one question of each."""
    spoke = {e.passage.section for e in evidence}
    asked = (question_of(hit.passage) for hit in hits if hit.passage.section not in spoke)
    return tuple(dict.fromkeys(filter(None, asked)))[:MOST_RELATED]


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
