"""Is the answer in the material at all? If not, say so kindly, and what is near."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean

from mentor import language
from mentor.models.embed import Embedder
from mentor.records import Hit, Refusal
from mentor.retrieve import Retriever

BAR = 0.15
"""Scores below it are refused; docs/evals.md tells what it costs on either side."""
LENIENT = -0.3
"""The bar for a follow-up, whose topic was answered before, and for a worry."""
ALIKE = 0.35  # cosine with a passage that answers, where nothing has been learned
CLOSE = 0.5  # and on pages that list no questions to learn from
SAME_GAP = 0.45  # cosine with a boundary's question, for its words to be the reply
STAGES = 5

_STAGES = (re.compile(r"\bstages?\s*#?(\w+)\b", re.I), re.compile(r"\b(\w+)\s+stage\b", re.I))
_TRACK = re.compile(r"\btracks?\s+([d-hj-z])\b", re.I)
_GENERAL = (
    "That is outside my material. I know the road to ML engineer: its levels, skills, pay, "
    "stages, projects and interviews. For anything beyond it, the learning consultant can help."
)


class Gate:
    """Decides by what the index learned from the corpus's own questions."""

    def __init__(self, retriever: Retriever, embedder: Embedder) -> None:
        self._retriever = retriever
        self._embedder = embedder

    def refuses(self, question: str, hits: Sequence[Hit], *, bar: float = BAR) -> Refusal | None:
        """A refusal for a question that the material does not answer, else None."""
        if missing := _names_what_is_not(question):
            return Refusal(reason="no such part", text=missing, topics=_topics(hits))
        if hits and self._answers(question, hits, bar):
            return None
        gap = self._retriever.boundary(question)
        if gap is not None and gap.question_similarity >= SAME_GAP:
            return Refusal(
                reason=f"not covered: {gap.passage.path[-1]}",
                text=" ".join(gap.passage.text.split()),
                topics=_topics(hits),
            )
        return nothing(hits)

    def _answers(self, question: str, hits: Sequence[Hit], bar: float) -> bool:
        """Whether the material answers, by the mean over the question's two wordings."""
        index = self._retriever.index
        learned, best = index.answerable, hits[0]
        unasked = best.passage.page not in index.asked_pages
        kept_to = self._retriever.choice.only is not None  # others may answer what this does not
        if learned is None or (kept_to and unasked):
            return best.similarity >= ALIKE
        if unasked and best.similarity >= CLOSE:
            return True
        wordings = list(dict.fromkeys((question, self._retriever.rewrite(question))))
        vectors = self._embedder.embed_documents(wordings)
        return fmean(map(learned.score, wordings, vectors)) >= bar


def nothing(hits: Sequence[Hit]) -> Refusal:
    """The refusal in general words, with the topics that lie near."""
    return Refusal(reason="not in the material", text=_GENERAL, topics=_topics(hits))


def _names_what_is_not(question: str) -> str | None:
    """What to say when a question names a stage or a track that the roadmap does not have."""
    for word in (match[1] for pattern in _STAGES for match in pattern.finditer(question)):
        number = language.ordinal(word)
        if number is not None and not 1 <= number <= STAGES:
            return f"The roadmap has five stages; there is no stage {number}."
    if named := _TRACK.search(question):
        return f"The roadmap has the tracks A, B and C; there is no track {named[1].upper()}."
    return None


def _topics(hits: Sequence[Hit]) -> tuple[str, ...]:
    near = [hit.passage.heading for hit in hits if hit.similarity >= 0.3]
    return tuple(dict.fromkeys(near))[:3]
