"""Question -> ranked hits: BM25, passage vectors and question vectors, fused by rank.

Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009): a passage's score is the sum of
1 / (60 + rank) over the lists it stands in. The sections' own questions are a list of their own,
since a learner's question is closer to a question than to its answer.

Fusion by rank finds the right passages but orders them roughly, so the best of them are put in
order once more by how much they say: `_relevance`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from rapidfuzz import process
from rapidfuzz.distance import OSA

from mentor import language
from mentor.index import Index
from mentor.models.embed import Embedder
from mentor.records import BOUNDARY, CORPUS, Hit, Level, Passage, Record, Track
from mentor.stores import nearest
from mentor.synonyms import Synonyms

if TYPE_CHECKING:
    from langchain_chroma import Chroma

_RRF = 60
_POOL = 30  # hits taken from each list before fusing
_LOOK, _FURTHER = 4, 8  # rows looked at for each one wanted, and how many times more where too few
_RERANKED = 15
MEANING, ASKED = 1.0, 0.5  # how a question's two cosines are weighed
WORDS, COVERAGE = 0.2, 0.3
_MEETS = 0.1  # added for each level, stage or track that the question names
_CONTRADICTS = 0.35
_NEAR = 0.1  # added for the lesson that the learner has open
_ROADMAP = 0.05  # of two that say as much, what the roadmap states goes before what editors add
_PREFERRED = 2.5  # more than all other signals together
_ANSWERS = 0.5  # cosine with a passage or its question, from which a preferred one goes first

_LEVELS: dict[Level, re.Pattern[str]] = {
    "junior": re.compile(r"\b(juniors?|entry[- ]level)\b", re.I),
    "mid": re.compile(r"\b(mid|mid[- ]?level|middle|intermediate)\b", re.I),
    "senior": re.compile(r"\bseniors?\b", re.I),
}
_STAGE = re.compile(
    r"\bstages?\s*#?(\d|one|two|three|four|five)(?:st|nd|rd|th)?\b"
    r"|\b(1st|2nd|3rd|4th|5th|first|second|third|fourth|forth|fifth|last|final) stage\b"
    r"|(?<=\d)\s*(?:and|or|to|vs\.?|versus|&|-|–)\s*(\d)\b",
    re.I,
)
_TRACK = re.compile(
    r"\b(?:tracks?|options?|paths?)\s+([abc])\b(?:\s*(?:and|or|vs\.?|versus|,|&)\s*([abc])\b)?",
    re.I,
)


Filter = Literal["levels", "stages", "tracks"]
"""A field of `Scope`."""


class Scope(Record):
    """The levels, stages and tracks that a question names; empty means any."""

    levels: tuple[Level, ...] = ()
    stages: tuple[int, ...] = ()
    tracks: tuple[Track, ...] = ()
    collection: str | None = None

    def __bool__(self) -> bool:
        return bool(self.levels or self.stages or self.tracks)

    def without(self, dropped: Collection[Filter]) -> Scope:
        """The same, but any level, stage or track will do where its kind is `dropped`."""
        return self.model_copy(update=dict.fromkeys(dropped, ()))

    def admits(self, passage: Passage) -> bool:
        """Whether a passage contradicts none of it. What has no level fits every level."""
        place = passage.place
        return (
            place.kind != BOUNDARY
            and self.collection in (None, passage.collection)
            and (not self.levels or place.level is None or place.level in self.levels)
            and (not self.stages or place.stage is None or place.stage in self.stages)
            and (not self.tracks or place.track is None or place.track in self.tracks)
        )

    def meets(self, passage: Passage) -> int:
        """How many of the named things the passage belongs to."""
        place = passage.place
        return (
            (place.level in self.levels)
            + (place.stage in self.stages)
            + (place.track in self.tracks)
        )


class Choice(Record):
    """Whose word counts: answers from one collection only, or from one before the others."""

    only: str | None = None
    prefer: str | None = None


OPEN = Choice()
"""Leaves it open."""


def scope_of(question: str) -> Scope:
    """The levels, stages and tracks that `question` names."""
    levels = tuple(level for level, pattern in _LEVELS.items() if pattern.search(question))
    stages = []
    for match in _STAGE.finditer(question) if "stage" in question.lower() else ():
        word = next(filter(None, match.groups()))
        number = 5 if word.lower() in {"last", "final"} else language.ordinal(word)
        if number and 1 <= number <= 5:
            stages.append(number)
    tracks = [g.upper() for m in _TRACK.finditer(question) for g in m.groups() if g]
    return Scope(
        levels=levels, stages=tuple(dict.fromkeys(stages)), tracks=tuple(dict.fromkeys(tracks))
    )


_SCOPE_WORDS = "junior senior stage track level first second third fourth fifth final".split()


def correct_spelling(question: str, vocabulary: Sequence[str], known: frozenset[str]) -> str:
    """Put right the words that neither English nor the material knows but nearly does.

    A word of five letters or more is replaced by the material's nearest word when they share the
    first letter and at least three quarters of the letters (optimal string alignment).
    """

    vocabulary = [*_SCOPE_WORDS, *vocabulary]
    vocabulary_set = set(vocabulary)

    def right(match: re.Match[str]) -> str:
        word = match.group()
        lower = word.lower()
        if len(lower) < 5 or lower in known or lower in vocabulary_set or not lower.isalpha():
            return word
        alike = [v for v in vocabulary if v[0] == lower[0] and abs(len(v) - len(lower)) <= 2]
        best = process.extractOne(lower, alike, scorer=OSA.normalized_similarity, score_cutoff=0.74)
        return best[0] if best else word

    return re.sub(r"[A-Za-z]+", right, question)


class Retriever(BaseRetriever):
    """Hybrid retrieval over the index in use; drops into anybody's LangChain chain."""

    reader: Any
    embedder: Any
    known: Callable[[], frozenset[str]]
    synonyms: Any = Synonyms()
    choice: Choice = OPEN
    k: int = 6

    def search(
        self,
        question: str,
        *,
        k: int | None = None,
        near: frozenset[str] = frozenset(),
        dropped: Collection[Filter] = (),
    ) -> list[Hit]:
        """The best `k` passages for a standalone question, best first.

        Passages of the pages `near` go before others that say as much.

        What contradicts the levels, stages and tracks that the question names is filtered out,
        unless it fits so well that the question must have named the wrong one: "the Kaggle entry
        of track A" stands in track B. Filters that are `dropped` filter nothing. What a preferred
        collection says on the question goes before all else.

        Raises:
            QuestionError: there is no such collection as the chosen one.
        """
        if not self.index.passages:
            return []
        only, prefer = self.choice.only, self.choice.prefer
        self.index.refuse_unknown(filter(None, (only, prefer)))
        scope = self.scope(question).without(dropped)
        wheres = [scope.model_copy(update={"collection": only})]
        if scope:
            wheres.append(Scope(collection=only))
        if prefer:
            wheres.append(Scope(collection=prefer))
        hits: dict[str, Hit] = {}
        for where in wheres:
            for hit in self._ranked(question, scope, where, near):
                hits.setdefault(hit.passage.id, hit)
        return sorted(hits.values(), key=lambda hit: (-hit.score, hit.passage.id))[: k or self.k]

    def scope(self, question: str) -> Scope:
        """The filters that a search for `question` applies."""
        return scope_of(f"{question} {self.rewrite(question)}")

    def _ranked(
        self, question: str, named: Scope, filters: Scope, near: frozenset[str]
    ) -> list[Hit]:
        index = self.index
        said = f"{question} {self.rewrite(question)}"
        texts = list(dict.fromkeys((question, self.rewrite(question))))
        embedder: Embedder = self.embedder
        vectors = embedder.embed_documents(texts)
        led = index.adapter.adapt(vectors) if index.adapter else vectors
        dense = _dense(index, index.dense, vectors, filters.admits)
        turned = _dense(index, index.dense, led, filters.admits) if index.adapter else dense
        asked = _dense(index, index.questions, vectors, filters.admits)
        words = _bm25(index, said, filters)
        fused = _fuse([list(words), list(dense), list(turned), list(asked)])
        for name in fused:
            passage = index.passages[name]
            fused[name] += (named.meets(passage) + (passage.page in near)) / _RRF
        pool = sorted(fused, key=lambda name: (-fused[name], name))[:_RERANKED]
        # In a collection of much the same, words may find what vectors rank too low to be listed.
        beside = [n for n in pool if index.passages[n].collection != CORPUS and n not in dense]
        dense |= _similarities(index.dense, beside, vectors)
        turned |= _similarities(index.dense, [n for n in pool if n not in turned], led)
        wanted = language.content_stems(said)

        def hit(passage: Passage) -> Hit:
            similarity = dense.get(passage.id, 0.0)
            question_similarity = asked.get(passage.id, 0.0)
            score = _relevance(
                similarity=turned[passage.id],
                question_similarity=question_similarity,
                words=words.get(passage.id, 0.0),
                coverage=_coverage(index, wanted, passage),
            )
            score += _MEETS * named.meets(passage) - _CONTRADICTS * (not named.admits(passage))
            score += _NEAR * (passage.page in near)
            score += _ROADMAP * (passage.place.source == "roadmap")
            if passage.collection == self.choice.prefer:
                score += _PREFERRED * (max(similarity, question_similarity) >= _ANSWERS)
            return Hit(
                passage=passage,
                score=score,
                similarity=similarity,
                question_similarity=question_similarity,
            )

        return [hit(index.passages[name]) for name in pool]

    @property
    def index(self) -> Index:
        """The generation in use."""
        index: Index = self.reader.current()
        return index

    def choosing(self, choice: Choice) -> Retriever:
        """The same over the collections of `choice`; what it leaves open stays as it is."""
        given = choice.model_dump(exclude_none=True)
        return self.model_copy(update={"choice": self.choice.model_copy(update=given)})

    def rewrite(self, question: str) -> str:
        """`question` in the material's words."""
        return str(self.synonyms.rewrite(question))

    def pages_called(self, context: str) -> frozenset[str]:
        """The pages that a portal means: by id or file, the end of one, or its folder and words.

        "stage-4/drift" is the page of lessons/stage-4/model-monitoring-and-drift-detection.md.
        """
        wanted = context.strip().strip("/").lower()
        folder, _, name = wanted.rpartition("/")
        words = frozenset(re.findall(r"\w+", name))
        if not words:
            return frozenset()
        names = {
            (passage.page, called)
            for passage in self.index.passages.values()
            for called in (passage.page, passage.file.rpartition(".")[0])
        }
        exact = {page for page, called in names if f"/{called}".endswith(f"/{wanted}")}
        if exact or not folder:
            return frozenset(exact)
        return frozenset(page for page, called in names if _is_meant(called, folder, words))

    def boundary(self, question: str) -> Hit | None:
        """The section that tells best why the material does not answer `question`."""
        index = self.index
        vectors = self.embedder.embed_documents([question])
        found = _dense(index, index.questions, vectors, _is_boundary, pool=1)
        for name, similarity in found.items():
            return Hit(
                passage=index.passages[name], score=similarity, question_similarity=similarity
            )
        return None

    def correct(self, question: str) -> str:
        """`question` with slips of spelling put right by the material's vocabulary."""
        return correct_spelling(question, self.index.vocabulary, self.known())

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [
            Document(
                id=hit.passage.id,
                page_content=hit.passage.readable,
                metadata={
                    "heading": hit.passage.heading,
                    "file": hit.passage.file,
                    "url": hit.passage.url,
                    "source": hit.passage.place.source,
                    "score": hit.score,
                },
            )
            for hit in self.search(self.correct(query))
        ]


def _is_meant(called: str, folder: str, words: frozenset[str]) -> bool:
    above, _, slug = called.rpartition("/")
    return f"/{above}".endswith(f"/{folder}") and words <= set(re.findall(r"[^\W_]+", slug))


def _is_boundary(passage: Passage) -> bool:
    return passage.place.kind == BOUNDARY


def _dense(
    index: Index,
    store: Chroma,
    vectors: list[list[float]],
    admits: Callable[[Passage], bool],
    *,
    pool: int = _POOL,
) -> dict[str, float]:
    """Passage id -> best cosine, best first, of the `pool` rows nearest to each vector that lead to
    what `admits` lets through; several questions of one passage count once.

    Where too few of the nearest are let through, it looks further.
    """
    best: dict[str, float] = {}
    look = _LOOK * pool
    while True:
        lists = nearest(store, vectors, look)
        admitted = [
            [(p.id, cosine) for name, cosine in rows if (p := index.passage_of(name)) and admits(p)]
            for rows in lists
        ]
        if min(map(len, admitted)) >= pool or min(map(len, lists)) < look:
            break
        look *= _FURTHER
    for rows in admitted:
        for name, cosine in rows[:pool]:
            best[name] = max(best.get(name, -1.0), cosine)
    return dict(sorted(best.items(), key=lambda item: -item[1]))


def _similarities(
    store: Chroma, names: Sequence[str], vectors: Sequence[Sequence[float]]
) -> dict[str, float]:
    """Best cosine of each passage and one of the vectors."""
    if not names:
        return {}
    held = store.get(ids=list(names), include=["embeddings"])
    best = (np.asarray(held["embeddings"]) @ np.asarray(vectors).T).max(axis=1)
    return dict(zip(held["ids"], map(float, best), strict=True))


def _bm25(index: Index, said: str, scope: Scope) -> dict[str, float]:
    """Passage id -> BM25 score over the best one's, best first."""
    tokens = [stem for stem in language.stems(said) if stem in index.bm25.vocab_dict]
    if not tokens:
        return {}
    scores = index.bm25.get_scores(tokens)
    order = np.argsort(-scores, kind="stable")
    ranked = ((index.ids[i], float(scores[i])) for i in order if scores[i] > 0)
    admitted = [
        (name, score)
        for (name, score), _ in zip(
            ((n, s) for n, s in ranked if scope.admits(index.passages[n])),
            range(_POOL),
            strict=False,
        )
    ]
    return {name: score / admitted[0][1] for name, score in admitted}


def _fuse(lists: Sequence[Sequence[str]]) -> dict[str, float]:
    fused: dict[str, float] = {}
    for ranked in lists:
        for rank, name in enumerate(ranked, start=1):
            fused[name] = fused.get(name, 0.0) + 1.0 / (_RRF + rank)
    return fused


def _relevance(
    *, similarity: float, question_similarity: float, words: float, coverage: float
) -> float:
    """How much a passage of the pool says on the question.

    `similarity` is that of the adapted question. The weights were chosen on 300 questions of
    `asked.jsonl`, kept out of the index and of the adapter, and on the 350 dev questions of the
    evals: the right passage is first for 52 % of the former, which use other words on purpose, and
    for 86 % of the latter. By the embedder's own cosine it was 42 % and 81 %.
    """
    return MEANING * similarity + ASKED * question_similarity + WORDS * words + COVERAGE * coverage


def _coverage(index: Index, wanted: frozenset[str], passage: Passage) -> float:
    """Share of the question's content stems that the passage has, rare ones counting more."""
    total = sum(map(index.rarity, wanted))
    here = frozenset(language.stems(f"{passage.readable} {' '.join(passage.questions)}"))
    return sum(map(index.rarity, wanted & here)) / total if total else 0.0
