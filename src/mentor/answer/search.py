"""What retrieval finds for a question: on its own, in its context, and for each of its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial

from mentor import language
from mentor.records import Hit, Passage, Record
from mentor.retrieve import Retriever
from mentor.scope import Filter, each_alone, scope_of

SAID, MEANT = 0.3, 1.0
"""Weights of a question as it is worded, alone and after the one before, and as it is meant."""
PART = 0.5  # weight of the whole question beside one of its parts
POINTED = 0.8
"""Share of the whole question's best score, from which on a passage speaks for a part that says
little by itself ("why is it cheaper?")."""
ANSWERED = 3  # hits of the question before that tell what its answer was about
GAIN = 0.05  # of the best score, from which on the context belongs to a question
SHORT = 12  # words up to which a question may go on with another that it does not point to
VAGUE = 2  # content words from which on a message says more than which item it means
TELLING = 3  # content words from which on a part of a question can be held against the material
MOST_PARTS = 5  # of a question that are looked up, and that an answer draws on
TWIN = 0.95  # share of the best score from which on retrieval sees no difference
AGAIN = 0.9  # weight of what answered the question before, for one that goes on with it
_WIDE = 15  # hits of each wording that are weighed so
_INVERTED = (
    r"(?:do|does|did|is|are|can|could|should|would|will)\s+"
    r"(?:i|you|we|they|he|she|it|there|the|a|an|my|this|that|these|those)\b"
)
_ASKING = rf"(?:(?:what|which|how|who|where|when|why)\b|{_INVERTED})"
_AND = re.compile(rf"[?;]\s+|,?\s+(?:and|or|but)\s+(?={_ASKING})", re.I)
_ASKS = re.compile(rf"\b{_ASKING}|\?$", re.I)
_ITEM = re.compile(
    r"(?:^\W*|\b(?:the|that)\s+)(\d(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|last|final)"
    r"(?:\s+(?:one|item|point|option|kpi|question|step)\b|(?=\W*$))",
    re.I,
)
_POINTS_BACK = re.compile(r"\b(?:it|its|they|them|their|there|this|that|these|those)\b", re.I)
_COMPARED = re.compile(
    r"\b(?:between|compare|explain)\s+(.+?)\s+(?:and|with|to|from)\s+(.+?)\W*$|"
    r"^(.+?)\s+(?:vs\.?|versus)\s+(.+?)\W*$|"
    r"^(.+?)\s+(?:differs?|different)\s+from\s+(.+?)\W*$",
    re.I,
)
_COMPARING = language.content_stems("difference compare explain simply")
_TELLS = re.compile(r"^\W*(?:i|i['’](?:m|ve|d)|we|my|our)\b", re.I)

Look = Callable[[str], Sequence[Hit]]
Wording = tuple[str, tuple[Hit, ...]]
"""A question, or a part of it, and what was found for it, best first."""


class Found(Record):
    """What retrieval found for a question."""

    hits: tuple[Hit, ...]
    """For the whole question, best first."""
    parts: tuple[Wording, ...] = ()
    """The parts of a question that asks several things."""
    wordings: tuple[Wording, ...] = ()
    """The question as it was asked, without what was told beside it, or in its context."""
    asked: tuple[str, ...] = ()
    """All parts of the question, in order, also those that say nothing by themselves."""
    beyond: tuple[str, ...] = ()
    """The parts that nothing was looked up for, since there are so many."""

    def without(self, parts: Sequence[str]) -> Found:
        """What was found for the other parts, as if only they had been asked."""
        kept = tuple((part, hits) for part, hits in self.parts if part not in parts)
        return self.model_copy(
            update={"hits": kept[0][1], "parts": kept if len(kept) > 1 else (), "wordings": ()}
        )


def search(
    question: str,
    retriever: Retriever,
    *,
    topic: str = "",
    own: str = "",
    follows: bool = False,
    near: frozenset[str] = frozenset(),
    dropped: Collection[Filter] = (),
) -> Found:
    """Hits for the question, and unless it `follows` another for each of its parts.

    The pages `near` are preferred; filters that are `dropped` filter nothing.

    "What do I learn in stage 3 and what do I hand in?" asks two things, and so does "juniors
    against seniors": each level, stage or track named is a part too.

    Args:
        topic: the question before, where this one may go on with it.
        own: what this one says by itself.
    """
    look = partial(retriever.search, k=_WIDE, near=near, dropped=dropped)
    wide = look(question)
    itself = (question, tuple(wide))
    context = None
    if topic and wide and (answered := look(topic)[:ANSWERED]):
        meant = partial(retriever.meant, own, topic, answered, k=_WIDE, dropped=dropped)
        context = _in_context(itself, own, topic, answered, look, meant, follows=follows)
    if context:
        hits, wordings = context
    else:
        hits, wordings = wide, [itself]
        if (heart := language.questions_in(question)) != question:
            wordings.append((heart, tuple(look(heart))))
    found = Found(hits=tuple(hits[: retriever.k]), wordings=tuple(wordings))
    if follows:
        return found
    named_here = " ".join(_named(question))
    asks = _parts(question)
    matter = [part for part in asks if language.content_words(part)]
    parts = []
    for part in matter[:MOST_PARTS] if len(matter) > 1 else ():
        whole = scope_of(part) or (_says_enough(part) and not _POINTS_BACK.search(part))
        asked = part if whole else f"{part} {named_here}".strip()
        if of_part := _of_part(part, look(asked), wide):
            parts.append((part, of_part[: retriever.k]))
    several = parts if len(parts) > 1 else []
    named = [] if dropped else _one_of_each_named(question, look)
    each = [("", (hit,)) for hit in (*named, *_terms_compared(question, found.hits, look))]
    return found.model_copy(
        update={"parts": (*several, *each), "asked": asks, "beyond": tuple(matter[MOST_PARTS:])}
    )


def _in_context(
    itself: Wording,
    own: str,
    topic: str,
    answered: Sequence[Hit],
    look: Look,
    meant: Callable[[], Sequence[Hit]],
    *,
    follows: bool,
) -> tuple[list[Hit], list[Wording]] | None:
    """Hits for a question in its context, and the wordings that speak for it.

    The hits are those for what it means there, for what was said by itself, and for that after the
    question before. Where it goes on with that question, the wordings are what was said by itself,
    under the heading of the section that answered before, and after that question; it does not,
    though short, where the heading leads to nothing better, as with a change of subject.
    """
    if item := _item_meant(own, answered[0].passage):
        named = tuple(look(item))
        return list(named), [(item, named)]
    if not follows and len(own.split()) > SHORT:
        return None
    about = f"{answered[0].passage.path[-1]} {own}"
    alone, led = look(own) if follows else itself[1], look(about)
    joined = f"{topic} {own}"
    whole = itself if follows else (joined, tuple(look(joined)))
    goes_on = follows or bool(alone and led and led[0].score - alone[0].score > GAIN)
    understood = meant()
    if not (goes_on or understood):
        return None
    hits = _blended((MEANT, understood), (SAID, alone), (SAID, whole[1]))
    if follows:
        hits = _stepped_back(hits, answered)
    wordings = [(own, tuple(alone)), (about, tuple(led)), whole] if goes_on else [itself]
    return hits, wordings


def _stepped_back(hits: Sequence[Hit], answered: Sequence[Hit]) -> list[Hit]:
    """`hits`, with those behind that answered the question before: who goes on has read them."""
    read = {h.passage.id for h in answered if h.score >= TWIN * answered[0].score}
    return _best_first(
        hit.model_copy(update={"score": AGAIN * hit.score}) if hit.passage.id in read else hit
        for hit in hits
    )


def _item_meant(own: str, before: Passage) -> str | None:
    """`own` with the item of the list in the section before for "the second one"; None without, and
    where it says enough to be about something else ("the first question in a design interview")."""
    named = _ITEM.search(own)
    if not named or len(language.content_words(_ITEM.sub(" ", own))) >= VAGUE:
        return None
    items = [
        language.list_item_text(before.text[start:end])
        for start, end in language.item_spans(before.text, language.statements(before.text))
    ]
    last = named[1].lower() in {"last", "final"}
    n = len(items) if last else language.ordinal(named[1]) or 0
    if not 1 <= n <= len(items):
        return None
    item = items[n - 1].partition(":")[0].strip()
    return f"{own[: named.start()]}{item}{own[named.end() :]}"


def _of_part(part: str, hits: Sequence[Hit], whole: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits of a part that the whole question found too, or all when there are none.

    None at all when so few words lead elsewhere: "and how many hours?" is no question by itself.
    """
    alone = _says_enough(part)
    least = 0.0 if alone or not whole else POINTED * whole[0].score
    known = {h.passage.id for h in whole if h.score >= least} & {h.passage.id for h in hits}
    shared = [hit for hit in _blended((1.0, hits), (PART, whole)) if hit.passage.id in known]
    return tuple(shared or (hits if alone else ()))


def _says_enough(part: str) -> bool:
    return len(language.content_words(part)) >= TELLING


def _blended(*weighed: tuple[float, Sequence[Hit]]) -> list[Hit]:
    """All hits, best first by the weighed sum of their scores in the lists.

    What a list lacks counts there as its last.
    """
    hits: dict[str, Hit] = {}
    for _, found in weighed:
        for hit in found:
            hits.setdefault(hit.passage.id, hit)
    scores = dict.fromkeys(hits, 0.0)
    for weight, found in weighed:
        by_name = {hit.passage.id: hit.score for hit in found}
        last = min(by_name.values(), default=0.0)
        for name in scores:
            scores[name] += weight * by_name.get(name, last)
    return _best_first(h.model_copy(update={"score": scores[name]}) for name, h in hits.items())


def _best_first(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))


def _parts(question: str) -> tuple[str, ...]:
    """What a question asks, in order; what is only told beside it is no part of it."""
    parts = (part.strip() for part in _AND.split(question) if part)
    return tuple(part for part in parts if _ASKS.search(part) or not _TELLS.match(part))


def _named(question: str) -> Iterator[str]:
    scope = scope_of(question)
    yield from scope.levels
    yield from (f"stage {n}" for n in scope.stages)
    yield from (f"track {t}" for t in scope.tracks)


def _one_of_each_named(question: str, look: Look) -> Iterator[Hit]:
    """The best of each level, stage or track that a question compares."""
    for scope, alone in each_alone(question):
        yield from [hit for hit in look(alone) if scope.meets(hit.passage)][:1]


def _terms_compared(question: str, hits: Sequence[Hit], look: Look) -> list[Hit]:
    """The sections named after the two terms that a question compares, unless one section that was
    found is named after both."""
    compared = _COMPARED.search(question)
    sides = [side for side in compared.groups() if side] if compared else []
    terms = [language.content_stems(side) - _COMPARING for side in sides]
    if not all(terms) or not hits or frozenset().union(*terms) <= _heading(hits[0]):
        return []
    found = [look(f"what is {side}")[:ANSWERED] for side in sides]
    named = [
        hit
        for term, of_term in zip(terms, found, strict=True)
        for hit in [h for h in of_term if _heading(h) == term][:1]
    ]
    return named if len(named) == len(sides) else []


def _heading(hit: Hit) -> frozenset[str]:
    return language.content_stems(hit.passage.path[-1])
