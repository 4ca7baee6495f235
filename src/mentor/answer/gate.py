"""Is the answer in the material at all? If not, say so kindly, and what is near."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean

from mentor import language
from mentor.answer.search import Wording
from mentor.models.answerable import Answerable
from mentor.models.embed import Embedder
from mentor.records import CORPUS, Hit, Refusal
from mentor.retrieve import Retriever

BAR = 0.48
"""Scores below it are refused; docs/evals.md tells what it costs on either side."""
LENIENT = 0.15
"""The bar for a worry."""
ASKED, COVERAGE = 0.5, 0.5  # weights of the best passage's signals beside the border
NAMES, WORDS = 0.6, 0.3  # of a name, and of each of two words, that the material never says
UNLIKE = 0.5  # cosine with a passage's question, below which a strange name settles it
ALIKE = 0.35  # cosine with a passage that answers, where nothing has been learned
CLOSE = 0.5  # and on pages that list no questions to learn from
SAME_GAP = 0.45  # cosine with a boundary's question, for its words to be the reply
STAGES = 5

_STAGES = (
    re.compile(r"(?<!this )(?<!that )\bstages?\s*#?(\w+)\b", re.I),
    re.compile(r"\b(\d+(?:st|nd|rd|th)|\w+th)\s+stage\b(?!\s*\d)", re.I),
)
_TRACK = re.compile(
    r"(?<!\bto )(?<!\bI )(?<!\bwe )(?<!\byou )(?i:\btracks?)\s+"
    r"(?:([D-HJ-Z])(?![-./&\w]| squared)|([d-hj-z])\b(?=\s*(?:$|[?!,;)])))"
)
_GENERAL = (
    "That is outside my material. I know the road to ML engineer: its levels, skills, pay, "
    "stages, projects and interviews. For anything beyond it, the learning consultant can help."
)


class Gate:
    """Decides by what the index learned from the corpus's own questions."""

    def __init__(self, retriever: Retriever, embedder: Embedder) -> None:
        self._retriever = retriever
        self._embedder = embedder

    def refuses(self, wordings: Sequence[Wording], *, bar: float = BAR) -> Refusal | None:
        """A refusal for a question that the material does not answer, else None.

        Args:
            wordings: of the one question; the mean over them decides.
        """
        question, hits = wordings[0]
        if not self._of_ones_own(hits) and (missing := _names_what_is_not(question)):
            return Refusal(reason="no such part", text=missing, topics=_topics(hits))
        if hits and self._answers(wordings, bar):
            return None
        gap = self._retriever.boundary(question)
        if gap is not None and gap.question_similarity >= SAME_GAP:
            return Refusal(
                reason=f"not covered: {gap.passage.path[-1]}",
                text=" ".join(gap.passage.text.split()),
                topics=_topics(hits),
            )
        return nothing(hits)

    def _of_ones_own(self, hits: Sequence[Hit]) -> bool:
        """Whether another collection than the corpus answers: it may have a sixth stage."""
        only = self._retriever.choice.only
        best = hits[0].passage.collection if hits else CORPUS
        return (only or best) != CORPUS

    def _answers(self, wordings: Sequence[Wording], bar: float) -> bool:
        index = self._retriever.index
        bests = [hits[0] for _, hits in wordings if hits]
        unasked = [best for best in bests if best.passage.page not in index.asked_pages]
        kept_to = self._retriever.choice.only is not None  # others may answer what this does not
        learned = index.answerable
        if learned is None or (kept_to and unasked):
            return any(best.similarity >= ALIKE for best in bests)
        if any(best.similarity >= CLOSE for best in unasked):
            return True
        return fmean(self._score(learned, *wording) for wording in wordings) >= bar

    def _score(self, learned: Answerable, question: str, hits: Sequence[Hit]) -> float:
        """How surely the material answers: by the border (the mean over the question and its
        rewrite), by the best passage, and by what the material never says."""
        strange = learned.unfamiliar(language.questions_in(question), self._retriever.known())
        best = hits[0] if hits else None
        if strange.names and best and best.question_similarity < UNLIKE:
            return -1.0
        rewritten = dict.fromkeys((question, self._retriever.rewrite(question)))
        vectors = self._embedder.embed_documents(list(rewritten))
        return (
            fmean(map(learned.score, vectors))
            + (ASKED * best.question_similarity + COVERAGE * best.coverage if best else 0.0)
            - NAMES * bool(strange.names)
            - WORDS * min(len(strange.words), 2)
        )


def nothing(hits: Sequence[Hit]) -> Refusal:
    """The refusal in general words, with the topics that lie near."""
    return Refusal(reason="not in the material", text=_GENERAL, topics=_topics(hits))


def _names_what_is_not(question: str) -> str | None:
    """What to say when a question names a stage or a track that the roadmap does not have."""
    for word in (match[1] for pattern in _STAGES for match in pattern.finditer(question)):
        figure = re.match(r"\d+", word)  # of two digits too, as "12" and "10th"
        number = int(figure[0]) if figure else language.ordinal(word)
        if number is not None and not 1 <= number <= STAGES:
            return f"The roadmap has five stages; there is no stage {number}."
    if named := _TRACK.search(question):
        letter = (named[1] or named[2]).upper()
        return f"The roadmap has the tracks A, B and C; there is no track {letter}."
    return None


def _topics(hits: Sequence[Hit]) -> tuple[str, ...]:
    near = [hit.passage.heading for hit in hits if hit.similarity >= 0.3]
    return tuple(dict.fromkeys(near))[:3]
