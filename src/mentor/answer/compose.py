"""What is shown: drafted sentences that pass the check, then quotes of what is still missing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from mentor import language
from mentor.answer.evidence import Evidence
from mentor.models.judge import Judge
from mentor.records import Citation, Mode, Origin, Passage, Said, Sentence

_CONVEYED = 0.7
_PAUSE = re.compile(r"[;:]")
_ADMISSION, _PUT_OFF = (
    "My material does not cover",
    "For one answer this is too much: ask again for",
)
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")


def is_admission(sentence: str) -> bool:
    """Whether it only tells what the answer leaves open, and so has nothing to cite."""
    return sentence.startswith((_ADMISSION, _PUT_OFF))


class Composer:
    """Builds one answer: numbers its citations, and keeps out what was said already."""

    def __init__(
        self, evidence: Sequence[Evidence], judge: Judge, opening: str | None = None
    ) -> None:
        self._evidence = list(evidence)
        self._judge = judge
        self._opening = opening
        self.sentences: list[Sentence] = []
        self.citations: list[Citation] = []

    @property
    def text(self) -> str:
        """The answer as plain text: a paragraph for each passage, lists on lines of their own."""
        text = ""
        for sentence in self.sentences:
            apart = "\n\n" if sentence.opens else " "
            text += (apart if text else "") + sentence.text
        return text

    @property
    def mode(self) -> Mode:
        origins = {sentence.origin for sentence in self.sentences if sentence.citations}
        if len(origins) > 1:
            return "mixed"
        return "drafted" if "drafted" in origins else "quoted"

    @property
    def complete(self) -> bool:
        """Whether all of the evidence has been said."""
        return all(self._conveyed(e.text, e.passage) for e in self._evidence)

    def greet(self) -> Iterator[Said]:
        """The human sentence that an answer may open with; it claims nothing and cites nothing."""
        if self._opening:
            self.sentences.append(Sentence(text=self._opening))
            yield Said(sentence=self.sentences[-1], citations=())

    def admit(
        self, uncovered: Collection[str], put_off: Collection[str], parts: Sequence[str]
    ) -> Iterator[Said]:
        """What stays open when the question asked several things: what the material does not
        answer, and what found no room.

        The parts are told by their place: a learner's words are not repeated in the mentor's voice.
        """
        for opening, left in ((_ADMISSION, uncovered), (_PUT_OFF, put_off)):
            if left:
                text = f"{opening} {_which(left, parts)} of your question."
                self.sentences.append(Sentence(text=text, opens=True))
                yield Said(sentence=self.sentences[-1], citations=())

    def check(self, sentence: str) -> list[Said]:
        """`sentence` with its citation when one of the passages supports it, else nothing.

        What the passage says before that comes first, quoted: an answer that opens with the
        second thing reads as if it had lost the first. A sentence that breaks off where the
        material only pauses is quoted whole, or its quote would repeat it.
        """
        if not _claims(sentence) or self._conveyed(sentence):
            return []
        passages = dict.fromkeys(e.passage for e in self._evidence)
        found = [(self._judge.supports(sentence, passage), passage) for passage in passages]
        good = [(s, p) for s, p in found if self._judge.accepts(s)]
        if not good:
            return []
        support, passage = max(good, key=lambda pair: pair[0].score)
        place = next(n for n, e in enumerate(self._evidence) if e.passage == passage)
        before = [
            e
            for n, e in enumerate(self._evidence)
            if n < place or (e.passage == passage and e.end <= support.start)
        ]
        whole = [
            e for e in self._evidence if e.passage == passage and _breaks_off(sentence, e.text)
        ]
        if whole:
            return list(self._quote([*before, *whole]))
        return [
            *self._quote(before),
            self._say(sentence, passage, support.start, support.end, "drafted"),
        ]

    def quote_the_rest(self) -> Iterator[Said]:
        """The evidence that has not been said yet, word for word."""
        yield from self._quote(self._evidence)

    def _quote(self, evidences: Sequence[Evidence]) -> Iterator[Said]:
        for evidence in evidences:
            if not self._conveyed(evidence.text, evidence.passage):
                yield self._say(
                    evidence.text, evidence.passage, evidence.start, evidence.end, "quoted"
                )

    def _say(self, text: str, passage: Passage, start: int, end: int, origin: Origin) -> Said:
        citation = next(
            (c for c in self.citations if (c.passage, c.start, c.end) == (passage.id, start, end)),
            None,
        )
        new = citation is None
        if citation is None:
            citation = Citation.of(len(self.citations) + 1, passage, start, end)
            self.citations.append(citation)
        sentence = Sentence(
            text=text, citations=(citation.n,), origin=origin, opens=self._opens(text, citation)
        )
        self.sentences.append(sentence)
        return Said(sentence=sentence, citations=(citation,) if new else ())

    def _opens(self, text: str, citation: Citation) -> bool:
        """Whether a paragraph begins: another passage speaks, or a list begins or has ended."""
        if not self.sentences:
            return False
        before = self.sentences[-1]
        if not before.citations:
            return True
        shown = {c.n: c.passage for c in self.citations}
        return (
            "\n" in text
            or "\n" in before.text
            or any(shown[n] != citation.passage for n in before.citations)
        )

    @property
    def wants_words(self) -> bool:
        """Whether a model's words can add anything: a list is best shown as it stands."""
        return not self._evidence[0].lists

    def _conveyed(self, text: str, passage: Passage | None = None) -> bool:
        """Whether what was shown already says `text`: its figures, and most of its words.

        A statement of `passage` is held against other passages and against what a model worded,
        for a passage does not repeat itself: "dropout is on in training" and "dropout is not on in
        use" share their words.
        """
        if any(text in sentence.text for sentence in self.sentences):
            return True
        own = {c.n for c in self.citations if passage and c.passage == passage.id}
        shown = " ".join(
            s.text for s in self.sentences if s.origin == "drafted" or not own & {*s.citations}
        )
        if set(language.figures(text)) - set(language.figures(shown)):
            return False
        wanted = language.content_stems(text)
        said = wanted & language.content_stems(shown)
        return bool(wanted) and len(said) >= _CONVEYED * len(wanted)


def _which(left: Collection[str], parts: Sequence[str]) -> str:
    """The parts by their places, as somebody counts who reads the question."""
    named = [name for name, part in zip(_PLACES, parts, strict=False) if part in left]
    if not named or any(part in left for part in parts[len(_PLACES) :]):
        named.append("last")
    *some, last = named
    return f"the {', '.join(some)} and {last} parts" if some else f"the {last} part"


def _breaks_off(sentence: str, whole: str) -> bool:
    """Whether `sentence` is `whole` up to a colon or semicolon, word for word."""
    said = language.words(sentence)
    return any(language.words(whole[: m.start()]) == said for m in _PAUSE.finditer(whole))


def _claims(sentence: str) -> bool:
    """Whether a drafted sentence states something: no question, no label, no list left open."""
    return bool(language.content_words(sentence)) and sentence.rstrip()[-1] not in "?:"
