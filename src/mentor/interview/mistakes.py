"""Does the candidate assert a common mistake, or only speak of it?

"Many would say that trees need scaling, but they don't" has all the words of a mistake and is
right. So a mistake is held against somebody only where one sentence says it in nearly its own words
and meaning, in the candidate's own name, and nothing near it denies it, doubts it, takes it back or
puts it into other people's mouths; and where nothing in the whole answer says what the bank says
against it. In doubt nothing is held against anybody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from mentor import language
from mentor.interview.matter import Floats, Rarity, Taken, take
from mentor.interview.parts import MadeMistake, Quote
from mentor.models.embed import Embedder
from mentor.questions import Question

ALIKE = 0.68
"""Cosine that a sentence must have with a mistake."""
SHARED = 0.5
"""Share of the mistake's words, by rarity, that the sentence must have."""
MARGIN = 0.05
"""How much nearer the sentence must be to the mistake than to any wording of a point."""
KNOWN_BETTER = 0.45
"""Share of what the bank says against a mistake, by rarity, beyond which the candidate knows."""
NEAR_BY = 2
"""Sentences after it in which a mistake may be taken back."""

_OWN_VIEW = re.compile(
    r"\b(?:i(?:'d|\swould)?\s(?:also\s|even\s)?(?:think|say|believe|guess|suppose|argue)"
    r"|in\smy\s(?:opinion|view|experience)|so|of\scourse|honestly|basically)\b,?",
    re.I,
)
_FIRST_PERSON = re.compile(r"\b(?:i|i'd|i'll|i'm|i've|we|we'd|we'll|my|our|me|us)\b", re.I)
_OTHERS = re.compile(
    r"""\b(?:
    say|says|said|saying|think|thinks|thought|thinking|believe\w*|claim\w*|tell|tells|told|hear\w*
    |read|argue\w*|suggest\w*|assume\w*|recommend\w*|advise\w*|advice|tempt\w*|view|idea|opinion
    |intuition|instinct|impression|objection|assumption|temptation|reflex
    |people|many|others|somebody|someone|everyone|everybody|colleagues?|juniors?|beginners?|blogs?
    |myth|misconception|fallacy|trap|pitfall|mistake\w*|wrong\w*|false|incorrect|untrue|naive
    |once|formerly|previously|earlier|at\sfirst|first\s(?:thought|idea|reaction)|at\sthat\stime
    |back\sthen|used\sto|until|usual\w*|common\w*|typical\w*|often|instead|rather|avoid\w*|beware
    |supposedly|would\s(?:be|mean|hide|only)|if|why|whether|could|might
    )\b|[?]""",
    re.I | re.X,
)
_TAKEN_BACK = re.compile(
    r"""\b(?:
    no|not|never|nothing|nobody|neither|nor|cannot|without|\w+n['’]t|(?:is|are|was|do|does|did|wo|ca|could|would|should)nt
    |but|however|though|although|yet|still|actually|really|in\sfact|in\struth|turns?\sout
    |wrong|mistake\w*|false|incorrect|untrue|myth|trap|too\s(?:simple|easy|good|naive)
    |sorry|wait|oh|hmm?|well|correction|scratch\sthat|on\ssecond\sthought|take\s(?:that|it)\sback
    |used\sto|until|then\si|learn\w*|realis\w*|realiz\w*|instead|rather|only|whereas|hides?|remains?
    )\b""",
    re.I | re.X,
)
_LEADS_IN = re.compile(
    r"\b(?:mistake|myth|misconception|wrong|trap|pitfall|people|some|many|others|colleagues?"
    r"|hear|heard|read|told|say|says|said|thinks?|thought|claims?|believes?|tempting)\b[^.!?]*:?$",
    re.I,
)


class Mistakes:
    """The common mistakes of a question, ready to be held against sentences."""

    def __init__(self, question: Question, rarity: Rarity, embedder: Embedder) -> None:
        self._mistakes = question.mistakes
        self._rarity = rarity
        self._says = take([mistake.says for mistake in question.mistakes], embedder)
        self._vectors = np.array([each.vector for each in self._says])
        self._why = [
            language.content_stems(mistake.why) - says.stems
            for mistake, says in zip(question.mistakes, self._says, strict=True)
        ]

    def asserted(
        self, sentences: Sequence[Quote], taken: Sequence[Taken], nearest: Floats
    ) -> tuple[MadeMistake, ...]:
        """The mistakes that somebody makes, each with the sentence that makes it.

        Args:
            taken: the sentences, taken apart.
            nearest: for each sentence, its best cosine with a wording of a point.
        """
        near = np.array([each.vector for each in taken]) @ self._vectors.T
        answer = frozenset[str]().union(*(each.stems for each in taken))
        found = []
        for m, mistake in enumerate(self._mistakes):
            if self._knows_better(answer, m):
                continue
            alike = near[:, m] >= np.maximum(ALIKE, nearest + MARGIN)
            for n in map(int, np.flatnonzero(alike)):
                if self._is_said(taken[n], m) and self._is_meant(sentences, n, m):
                    made = mistake.model_dump(include={"says", "why", "section"})
                    found.append(MadeMistake(**made, quote=sentences[n]))
                    break
        return tuple(found)

    def _knows_better(self, answer: frozenset[str], m: int) -> bool:
        """Whether the answer has the words of what speaks against the mistake."""
        against = self._rarity.of(self._why[m])
        return self._rarity.of(answer & self._why[m]) > KNOWN_BETTER * against

    def _is_said(self, sentence: Taken, m: int) -> bool:
        """Whether the sentence has the words of the mistake, and denies what it denies."""
        says = self._says[m]
        shared = self._rarity.of(sentence.stems & says.stems)
        return shared >= SHARED * self._rarity.of(says.stems) and sentence.negated == says.negated

    def _is_meant(self, sentences: Sequence[Quote], n: int, m: int) -> bool:
        """Whether the candidate stands behind the sentence, there and in those around it."""
        says = self._mistakes[m].says
        text = sentences[n].text
        if _FIRST_PERSON.search(says) and not _FIRST_PERSON.search(text):
            return False
        own = set(language.words(says))
        rest = " ".join(w for w in _WORDS.findall(_OWN_VIEW.sub(" ", text)) if w.lower() not in own)
        before = sentences[n - 1].text if n else ""
        after = " ".join(each.text for each in sentences[n + 1 : n + 1 + NEAR_BY])
        return not (
            _OTHERS.search(rest)
            or _TAKEN_BACK.search(rest)
            or _LEADS_IN.search(before)
            or _TAKEN_BACK.search(after)
        )


_WORDS = re.compile(r"[\w'’]+|[?]")
