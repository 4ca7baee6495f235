"""Question -> ranked hits: BM25, passage vectors and question vectors, fused by rank.

Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009): a passage's score is the sum of
1 / (60 + rank) over the lists it stands in. The sections' own questions are a list of their own,
since a learner's question is closer to a question than to its answer.

Fusion by rank finds the right passages but orders them roughly, so the best of them are put in
order once more by how much they say: `ranking.relevance`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from mentor import language, ranking
from mentor.index import Index
from mentor.models.embed import Embedder
from mentor.records import BOUNDARY, CORPUS, Hit, Passage, Record
from mentor.scope import Filter, Scope, scope_of
from mentor.synonyms import Synonyms

_RERANKED = 15
_COMMON = 1_000  # words of the material that are common
_MEETS = 0.1  # added for each level, stage or track that the question names
_CONTRADICTS = 0.35
_NEAR = 0.1  # added for the lesson that the learner has open
_ROADMAP = 0.05  # of two that say as much, what the roadmap states goes before what editors add
_PREFERRED = 2.5  # more than all other signals together
_NEIGHBORS = 5  # questions of boundaries that tell which of them is meant
_SAME = 0.9  # cosine from which on one of them is enough
_ANSWERS = 0.5  # cosine with a passage or its question, from which a preferred one goes first


class Choice(Record):
    """Whose word counts: answers from one collection only, or from one before the others."""

    only: str | None = None
    prefer: str | None = None


OPEN = Choice()
"""Leaves it open."""


_SCOPE_WORDS = "junior mids senior stage track level first second third fourth fifth final".split()

_BRITISH = re.compile(r"(?<=[a-z]{2}[iy])s(?=e[sdr]?$|ing$|ations?$)")


def correct_spelling(
    question: str,
    vocabulary: Sequence[str],
    known: frozenset[str],
    apart: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Put right the words that neither English nor the material knows but nearly does.

    A word of five letters or more is replaced by the word of the material that it is a slip of, one
    of four letters only by a common word: few letters are soon alike. Names like XGBoost stay.

    Args:
        vocabulary: words of the material, the most frequent first.
        known: words of English.
        apart: what the material writes in two words, by the two written in one.
    """

    vocabulary = [*_SCOPE_WORDS, *vocabulary]
    vocabulary_set, common = set(vocabulary), vocabulary[:_COMMON]

    def right(match: re.Match[str]) -> str:
        word = match.group()
        lower = word.lower()
        whole = lower in known or lower in vocabulary_set
        if len(word) < 4 or whole or word[1:] != lower[1:]:
            return word
        american = _BRITISH.sub("z", lower)
        if american in known or american in vocabulary_set:
            return american
        if parted := apart.get(lower):
            return parted
        if language.is_made_of(lower, known):
            return word
        return language.slip_of(lower, vocabulary if len(word) > 4 else common) or word

    return re.sub(r"[A-Za-z]+", right, question)


class Retriever(BaseRetriever):
    """Hybrid retrieval over the index in use; drops into anybody's LangChain chain."""

    reader: Any
    embedder: Any
    known: Callable[[], frozenset[str]]
    synonyms: Any = Synonyms()
    choice: Choice = OPEN
    k: int = 6
    encoder: Any = None
    """A `ContextEncoder`, where there is one for the space of the embedder."""

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
        if prefer and only in (None, prefer):
            wheres.append(Scope(collection=prefer))
        hits: dict[str, Hit] = {}
        for where in wheres:
            for hit in self._ranked(question, scope, where, near):
                hits.setdefault(hit.passage.id, hit)
        return sorted(hits.values(), key=lambda hit: (-hit.score, hit.passage.id))[: k or self.k]

    def meant(
        self,
        message: str,
        topic: str,
        answered: Sequence[Hit],
        *,
        k: int | None = None,
        dropped: Collection[Filter] = (),
    ) -> list[Hit]:
        """The passages nearest to what `message` means after the question `topic`, best first.

        None without an encoder of conversations.

        Args:
            answered: what was found for `topic`, best first.
        """
        if self.encoder is None:
            return []
        index = self.index
        headings = [hit.passage.path[-1] for hit in answered]
        vectors = [self.encoder.vector(message, topic=topic, headings=headings)]
        scope = self.scope(message).without(dropped)
        filters = scope.model_copy(update={"collection": self.choice.only})
        dense = ranking.passages_near(index, vectors, filters)
        asked = ranking.by_vector(index, index.questions, vectors, filters.admits)
        dense |= ranking.similarities(index.dense, [n for n in asked if n not in dense], vectors)
        least = min(asked.values(), default=0.0)  # the others are no nearer

        def hit(name: str, similarity: float) -> Hit:
            return Hit(
                passage=index.passages[name],
                score=ranking.MEANING * similarity + ranking.ASKED * asked.get(name, least),
                similarity=similarity,
                question_similarity=asked.get(name, 0.0),
            )

        hits = [hit(name, similarity) for name, similarity in dense.items()]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))[: k or self.k]

    def scope(self, question: str) -> Scope:
        """The filters that a search for `question` applies: levels also by their other names
        ("newbie"), stages and tracks by their own alone."""
        named, rewritten = scope_of(question), scope_of(f"{question} {self.rewrite(question)}")
        return named.model_copy(update={"levels": rewritten.levels})

    def _ranked(
        self, question: str, named: Scope, filters: Scope, near: frozenset[str]
    ) -> list[Hit]:
        index = self.index
        said = f"{question} {self.rewrite(question)}"
        texts = list(dict.fromkeys((question, self.rewrite(question))))
        embedder: Embedder = self.embedder
        vectors = embedder.embed_documents(texts)
        led = index.adapter.adapt(vectors) if index.adapter else vectors
        dense = ranking.passages_near(index, vectors, filters)
        turned = ranking.passages_near(index, led, filters) if index.adapter else dense
        asked = ranking.by_vector(index, index.questions, vectors, filters.admits)
        words = ranking.bm25(index, said, filters)
        fused = ranking.fuse([list(words), list(dense), list(turned), list(asked)])
        for name in fused:
            passage = index.passages[name]
            fused[name] += (named.meets(passage) + (passage.page in near)) / ranking.RRF
        pool = sorted(fused, key=lambda name: (-fused[name], name))[:_RERANKED]
        # In a collection of much the same, words may find what vectors rank too low to be listed.
        beside = [n for n in pool if index.passages[n].collection != CORPUS and n not in dense]
        dense |= ranking.similarities(index.dense, beside, vectors)
        turned |= ranking.similarities(index.dense, [n for n in pool if n not in turned], led)
        wanted = language.content_stems(said)

        def hit(passage: Passage) -> Hit:
            similarity = dense.get(passage.id, 0.0)
            question_similarity = asked.get(passage.id, 0.0)
            coverage = ranking.coverage(index, wanted, passage)
            score = ranking.relevance(
                similarity=turned[passage.id],
                question_similarity=question_similarity,
                words=words.get(passage.id, 0.0),
                coverage=coverage,
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
                coverage=coverage,
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
            for file in (passage.file.lower(),)
            for called in (passage.page.lower(), file, file.rpartition(".")[0])
        }
        exact = {page for page, called in names if f"/{called}".endswith(f"/{wanted}")}
        if exact or not folder:
            return frozenset(exact)
        return frozenset(page for page, called in names if _is_meant(called, folder, words))

    def boundary(self, question: str) -> Hit | None:
        """The section that tells why the material does not answer `question`: the one that most of
        the nearest questions belong to.

        None where no two of them agree, unless one says the same, or there are hardly any.
        """
        index = self.index
        vectors = self.embedder.embed_documents([question])
        (rows,) = ranking.rows_near(index, index.questions, vectors, _is_boundary, pool=_NEIGHBORS)
        if not rows:
            return None
        ((name, agreeing),) = Counter(name for name, _ in rows).most_common(1)
        similarity = max(cosine for each, cosine in rows if each == name)
        if agreeing == 1 and similarity < _SAME and len(rows) == _NEIGHBORS:
            return None
        return Hit(passage=index.passages[name], score=similarity, question_similarity=similarity)

    def correct(self, question: str) -> str:
        """`question` with slips of spelling put right by the material's vocabulary."""
        index = self.index
        return correct_spelling(question, index.vocabulary, self.known(), index.apart)

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
