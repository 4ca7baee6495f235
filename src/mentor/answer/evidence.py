"""The few statements of the material that answer a question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mentor import language
from mentor.answer.addressed import spoken_to_the_machine
from mentor.answer.search import MOST_PARTS, TWIN, Found
from mentor.models.judge import Judge, statement_of
from mentor.records import CORPUS, Hit, Manner, Passage, Record

NEAR = 0.8  # share of the best hit's score from which on a passage may answer too
ASKED = 0.3  # the judge's word from which on an opening is what was asked
MOST_PASSAGES = 3
WORDS: dict[Manner, int] = {"plain": 175, "short": 45, "simple": 70}
"""Words of an answer; the list that a question asks for is not cut."""
_FORMULA = re.compile(r"`[^`]*[=·√Σ∑^][^`]*`")
"""What explains nothing to whom the words are hard already."""
_GOALS = "What you will be able to do"
_LEANS = re.compile(
    r"^\W*(?:it|its|this|that|these|those|they|them|their|such|also|both|each|so|then|but|and|"
    r"otherwise|instead|therefore|hence|here|there|he|she|the (?:same|other|first|second|former|"
    r"latter|result|reason|rest))\b",
    re.I,
)
_POINTS_ON = re.compile(
    r"(?:The |See the |More in the )(?:lessons?|glossary|page|section|(?:project|course) page)\b"
    r"[^.]{0,120}\b(?:treats?|tells?|explains?|shows?|covers?|goes|describes?)\b[^.]*\.$",
    re.I,
)


class Evidence(Record):
    """A statement of a passage: `text == passage.text[start:end]`."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]

    @property
    def lists(self) -> bool:
        """Whether it holds a list."""
        return any(map(language.is_list_item, self.text.splitlines()))


def gather(question: str, found: Found, judge: Judge, manner: Manner = "plain") -> list[Evidence]:
    """What an answer says: the best passage, then what others add, within the words of `manner`.

    A section answers one question, so its statements are read from its opening on. Where few words
    are wanted, the judge picks those of the best passage that answer best.
    """
    room = WORDS[manner]
    if manner != "plain":
        said = _said(found.hits[0].passage)
        easy = [e for e in said if manner == "short" or not _FORMULA.search(e.text)]
        return _best(question, easy or said, room, judge)
    passages = [_said(passage) for passage in _passages(question, found, judge)]
    chosen: list[Evidence] = []
    for n, said in enumerate(passages):
        share = _share(room, passages[n:]) if found.parts else room
        at_least = 1 if found.parts or not chosen else 0  # each thing that was asked has its word
        some = _opening(said, share, at_least=at_least, whole_lists=not chosen)
        if chosen and not found.parts and len(some) == 1 < len(said):
            continue  # an opening alone leads up to what there is no room for
        chosen += some
        room -= sum(map(_size, some))
    return chosen


def _share(room: int, passages: Sequence[Sequence[Evidence]]) -> int:
    """The words for the first of several that are asked for alike: its part, and what the others
    leave over."""
    others = sum(_size(e) for said in passages[1:] for e in said)
    return max(room // len(passages), room - others)


def _passages(question: str, found: Found, judge: Judge) -> list[Passage]:
    """What the answer draws on, best first.

    That is the best passage of each part of the question, and of the whole. Where this is one, as
    with a question of one part, passages that come close to it speak too, if their opening is what
    was asked: by the judge, or because retrieval sees no difference.
    """
    first = found.hits[0]
    called = dict.fromkeys(hits[0].passage for _, hits in found.parts)
    if first.passage not in called:
        called = {first.passage: None, **called}
    if len(called) > 1:
        return list(called)[:MOST_PARTS]
    least = NEAR * first.score
    near = [
        hit
        for hit in found.hits[1:]
        if hit.score >= least and not _introduces(hit.passage) and _fits_the_talk(hit, found)
    ]
    openings = [(hit, said[0]) for hit in near if (said := _said(hit.passage))]
    scores = judge.answers(question, [statement_of(e.passage, e.start, e.end) for _, e in openings])
    also = [
        hit.passage
        for (hit, _), score in zip(openings, scores, strict=True)
        if score >= ASKED or hit.score >= TWIN * first.score
    ]
    return [first.passage, *also][:MOST_PASSAGES]


def _fits_the_talk(hit: Hit, found: Found) -> bool:
    """Whether a passage is near to some wording that reads the question with what stood before it;
    blended scores lie so close together that they alone say little."""
    return len(found.wordings) < 2 or any(
        one.passage.id == hit.passage.id and one.score >= NEAR * hits[0].score
        for _, hits in found.wordings[1:]
        for one in hits
    )


def _introduces(passage: Passage) -> bool:
    """Whether it only tells what a page of the corpus is for: its opening, or its goals."""
    place = passage.place
    ours = passage.collection == CORPUS and place.source != "roadmap" and place.kind != "glossary"
    return ours and (len(passage.path) == 1 or passage.path[-1].startswith(_GOALS))


def _opening(
    said: Sequence[Evidence], room: int, *, at_least: int, whole_lists: bool
) -> list[Evidence]:
    """The statements of one passage from its first on, as far as there is room."""
    taken = 0
    for n, e in enumerate(said):
        room -= _size(e)
        if room < 0 and n >= at_least and not (whole_lists and e.lists):
            break
        taken = n + 1
    return list(said[:taken])


def _best(question: str, said: Sequence[Evidence], room: int, judge: Judge) -> list[Evidence]:
    """The opening of a passage and the statements that answer best, in their order; one that leans
    needs the one before it."""
    scores = judge.answers(question, [statement_of(e.passage, e.start, e.end) for e in said])
    order = sorted(range(len(said)), key=lambda n: (n > 0, -scores[n]))
    taken: set[int] = set()
    for n in order:
        size = _size(said[n])
        hangs = leans(said[n].text) and n - 1 not in taken
        if not taken or (size <= room and not hangs):
            taken.add(n)
            room -= size
    return [said[n] for n in sorted(taken)]


def leans(text: str) -> bool:
    """Whether a sentence leans on the one before it: "this", "such", "otherwise", …"""
    return bool(_LEANS.match(text))


def _size(e: Evidence) -> int:
    return len(e.text.split())


def _said(passage: Passage) -> list[Evidence]:
    """The statements of a passage that an answer may show."""
    spans = _whole_quotations(passage.text, language.statements(passage.text))
    orders = spoken_to_the_machine(passage.text, spans)
    return [
        Evidence(passage=passage, start=start, end=end)
        for (start, end), order in zip(spans, orders, strict=True)
        if not order and not _aside(passage.text[start:end])
    ]


def _whole_quotations(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """`spans` with those joined that lie within one quotation: a sentence of a speech that is only
    cited must not be read as the material's own."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        within = bool(joined) and "\n" not in text[joined[-1][1] : start]
        if within and text[slice(*joined[-1])].count('"') % 2:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _aside(text: str) -> bool:
    """Whether a statement says nothing by itself: a fence, the lead-in to one, or where to read on,
    which the citation shows anyway."""
    stripped = text.strip()
    return stripped.endswith(":") or stripped.startswith("```") or bool(_POINTS_ON.match(stripped))
