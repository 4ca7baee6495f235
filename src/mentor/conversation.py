"""One turn of talk: what a learner says, made into a question that stands alone.

Follow-ups ("and for seniors?", "why?", "what about track B?") are worked out by rules, not by the
model: a rule does the same every time, takes no time, and cannot invent a question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from mentor import language
from mentor.errors import QuestionError

LONGEST = 2_000
_LEVEL = re.compile(r"\b(juniors?|entry[- ]level|mid[- ]?levels?|seniors?)\b", re.I)
_STAGE = re.compile(
    r"\bstages?\s*#?(?:\d|one|two|three|four|five)\b"
    r"|\b(?:1st|2nd|3rd|4th|5th|first|second|third|fourth|fifth|last|final) (?:stage|one)\b",
    re.I,
)
_TRACK = re.compile(r"\btracks?\s+[abc]\b", re.I)
_SLOTS = (_LEVEL, _STAGE, _TRACK)
_LEANS = re.compile(
    r"\b(it|its|that|this|those|these|them|they|their|there|then|one|ones|each|else|instead|"
    r"former|latter|same|he|she)\b",
    re.I,
)
_OPENS = re.compile(
    r"^\s*(and|but|so|or|ok|okay|what about|how about|why|how come|also|then)\b", re.I
)
_BARE_NUMBER = re.compile(
    r"\W*(?:and|what about|how about)?\W*(?:for |in )?(one|two|three|four|five|\d)\W*", re.I
)
_BARE_TRACK = re.compile(r"\W*(?:and|what about|how about)?\W*(?:for |in )?([abc])\W*", re.I)
_NEXT_STAGE = re.compile(r"\b(next|after|follows?|following)\b", re.I)
_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings)"
    r"(?: (?:there|mentor|all|everyone))?\W*$",
    re.I,
)
_THANKS = re.compile(
    r"^\W*(?:(?:ok|okay|great|perfect|cool|nice|super|alright)\W+)?"
    r"(?:thanks|thank you|thx|cheers|ty|that helps|got it)"
    r"(?: (?:a lot|so much|very much|mentor|for (?:the|your) help))*\W*$",
    re.I,
)
_FAREWELL = re.compile(r"^\W*(?:bye|goodbye|see you|see ya|good night)(?: \w+)?\W*$", re.I)


def clean(question: str) -> str:
    """`question` without control characters and blanks around it.

    Raises:
        QuestionError: nothing is left, or more than `LONGEST` characters.
    """
    kept = "".join(
        c if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"} else " "
        for c in question
    )
    text = re.sub(r"\s+", " ", kept).strip()
    if not any(c.isalnum() for c in text):
        raise QuestionError("The question is empty.", cure="Type a question in words.")
    if len(text) > LONGEST:
        raise QuestionError(
            f"The question has {len(text):,} characters; {LONGEST:,} is the most.",
            cure="Ask the heart of it in a few sentences.",
        )
    return text


def small_talk(text: str) -> str | None:
    """A short human reply to a greeting, thanks or farewell; None for everything else."""
    if _GREETING.match(text):
        return "Hello! Ask me about the levels, stages, skills or pay on the way to ML engineer."
    if _THANKS.match(text):
        return "You're welcome. Ask on whenever you like."
    if _FAREWELL.match(text):
        return "Goodbye, and good luck with your next step."
    return None


def standalone(question: str, history: Sequence[str]) -> str:
    """`question` as it would be asked without what was said before.

    Args:
        history: the learner's earlier messages, oldest first.
    """
    topic = ""
    for message in history:
        if small_talk(message) is None:
            topic = _joined(topic, message)
    return _joined(topic, question)


def _joined(topic: str, question: str) -> str:
    """`question` completed by the standalone question before it, when it leans on it."""
    if not topic or not _leans(question):
        return question
    swapped = _swap(topic, question)
    if swapped is not None:
        return swapped
    if _NEXT_STAGE.search(question) and (moved := _one_stage_on(topic)):
        return f"{question.rstrip('?')} — {moved}"
    return f"{_shortened(topic)} {question}"


def _leans(question: str) -> bool:
    matter = language.content_words(question)
    slots = sum(len(language.words(m.group())) for p in _SLOTS for m in p.finditer(question))
    if len(matter) <= 1 or len(matter) <= slots:
        return True
    short = len(language.words(question)) <= 9
    # With matter of its own, "their" means somebody in the question itself.
    points_back = bool(_LEANS.search(question)) and len(matter) <= 3
    return short and (bool(_OPENS.match(question)) or points_back)


def _swap(topic: str, question: str) -> str | None:
    """The question before, with its level, stage or track exchanged for the one named now."""
    bare = _BARE_NUMBER.fullmatch(question)
    if bare and _STAGE.search(topic):
        return _STAGE.sub(f"stage {bare.group(1)}", topic, count=1)
    letter = _BARE_TRACK.fullmatch(question)
    if letter and _TRACK.search(topic):
        return _TRACK.sub(f"track {letter.group(1).upper()}", topic, count=1)
    rest = question
    for pattern in _SLOTS:
        rest = pattern.sub(" ", rest)
    if language.content_words(rest):
        return None
    result, swapped = topic, False
    for pattern in _SLOTS:
        if named := pattern.search(question):
            result, count = pattern.subn(named.group(), result, count=1)
            if not count:
                result = f"{result.rstrip(' ?.!')} for {named.group()}?"
            swapped = True
    return result if swapped else None


def _one_stage_on(topic: str) -> str | None:
    match = _STAGE.search(topic)
    if match is None:
        return None
    for word in language.words(match.group()):
        number = language.ordinal(word)
        if number and number < 5:
            return f"stage {number + 1}"
    return None


def _shortened(topic: str) -> str:
    """Only the last sentence or two of a topic that has grown over several turns."""
    spans = language.sentence_spans(topic)
    return topic[spans[-2][0] :] if len(spans) > 2 else topic
