"""Does the candidate assert a common mistake, or only speak of it?

"Many would say that trees need scaling, but they don't" has all the words of a mistake and is
right. So a mistake is held against somebody only where a sentence says it in nearly its own words
and meaning, nearer than to any point of the question, and neither denies it nor puts it into other
people's mouths. In doubt nothing is held against anybody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from mentor import language
from mentor.interview.likeness import Floats, Rarity
from mentor.interview.parts import MadeMistake, Quote
from mentor.models.embed import Embedder
from mentor.questions import Question

ALIKE = 0.68
"""Cosine that a sentence must have with a mistake."""
SHARED = 0.5
"""Share of the mistake's words, by rarity, that the sentence must have."""
MARGIN = 0.05
"""How much nearer the sentence must be to the mistake than to any wording of a point."""
_DENIED = re.compile(
    r"""\b(?:
    (?:wrong|mistake\w*|myth|misconception|misleading|trap|fallacy|incorrect|untrue|false|naive)
    | (?:people|many|others|some|candidates|folks|colleagues?|everyone|someone|somebody|they|
        you)\s(?:\w+\s){0,2}(?:think|say|claim|believe|assume|tell|told|argue|hear|read)\w*
    | (?:tempting|tempted|avoid|beware|careful|contrary|instead\sof|rather\sthan|actually|in\sfact
        |used\sto|at\sfirst|at\sone\stime|once\sthought|turns?\sout|supposed(?:ly)?|would\sbe)
    | (?:i|we|you)(?:'d|\swould|'ll|\swill)?\s(?:never|not|disagree|object|push\sback|avoid)
    | (?:not|never|no|isn't|aren't|doesn't|don't|didn't|wouldn't|won't|can't|cannot|shouldn't|nor)
    | (?:but|however|though|although|yet|except|unless|whereas)
    )\b""",
    re.I | re.X,
)
_TURNED = re.compile(
    r"^\W*(?:but|no|not|that's|that\sis|this\sis|it\sisn't|it's\snot|wrong|actually|well,\sno"
    r"|in\sfact|however|which|except|only\sthat|the\struth|i\sdisagree|i\sdon't)\b",
    re.I,
)
_LED = re.compile(
    r"\b(?:mistake|myth|misconception|wrong|trap|people|some|many|others|colleagues?"
    r"|hear|read|told|say|think|thought|claim)\b",
    re.I,
)


class Mistakes:
    """The common mistakes of a question, ready to be held against sentences."""

    def __init__(self, question: Question, rarity: Rarity, embedder: Embedder) -> None:
        self._mistakes = question.mistakes
        self._rarity = rarity
        texts = [mistake.says for mistake in question.mistakes]
        self._vectors = np.asarray(embedder.embed_documents(texts), np.float32)
        self._stems = [language.content_stems(text) for text in texts]
        self._negated = [_negated(text) for text in texts]

    def asserted(
        self, sentences: Sequence[Quote], vectors: Floats, nearest: Floats
    ) -> tuple[MadeMistake, ...]:
        """The mistakes that somebody makes, each with the sentence that makes it.

        Args:
            vectors: of the sentences.
            nearest: for each sentence, its best cosine with a wording of a point.
        """
        near = vectors @ self._vectors.T
        found = []
        for m, mistake in enumerate(self._mistakes):
            for n in np.argsort(-near[:, m], kind="stable")[:3]:
                close = near[n, m] >= max(ALIKE, nearest[n] + MARGIN)
                if close and self._says(sentences, int(n), m):
                    found.append(
                        MadeMistake(
                            says=mistake.says,
                            why=mistake.why,
                            section=mistake.section,
                            quote=sentences[n],
                        )
                    )
                    break
        return tuple(found)

    def _says(self, sentences: Sequence[Quote], n: int, m: int) -> bool:
        text = sentences[n].text
        shared = self._rarity.of(language.content_stems(text) & self._stems[m])
        if shared < SHARED * self._rarity.of(self._stems[m]):
            return False
        if _negated(text) != self._negated[m] or _DENIED.search(self._beyond(text, m)):
            return False
        before = sentences[n - 1].text if n else ""
        after = sentences[n + 1].text if n + 1 < len(sentences) else ""
        return not (_TURNED.search(after) or _LED.search(before))

    def _beyond(self, text: str, m: int) -> str:
        """The sentence without the words that the mistake itself has."""
        own = set(language.words(self._mistakes[m].says))
        return " ".join(word for word in language.words(text) if word not in own)


def _negated(text: str) -> bool:
    return bool(set(language.words(text)) & language.NEGATIONS)
