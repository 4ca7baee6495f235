"""One turn of talk: what a learner says, made into a question that stands alone.

Follow-ups ("and for seniors?", "why?", "what about track B?", "shorter please") are worked out by
rules, not by the model: a rule does the same every time, takes no time, and cannot invent a
question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from mentor import language
from mentor.errors import QuestionError
from mentor.manner import KIND_WORD, manner_and_matter, small_talk, worries
from mentor.records import Request
from mentor.scope import LETTER

LONGEST = 2_000
UNKNOWN = 7.0  # rarity of a stem that no passage of some 1,600 has
TELLING = 3.4  # of one that about one passage in thirty has
Rarity = Callable[[str], float]
_FEW = 8  # words of a message that only adds something
_LEVEL = re.compile(r"\b(juniors?|entry[- ]level|mids?(?:[- ]?levels?)?(?![-\w])|seniors?)\b", re.I)
_ORDINAL = r"\b(1st|2nd|3rd|4th|5th|first|second|third|fourth|fifth|last|final)"
_STAGE = re.compile(rf"\bstages?\s*#?(?:\d|one|two|three|four|five)\b|{_ORDINAL} stage\b", re.I)
_STAGE_BY_PLACE = re.compile(rf"{_ORDINAL} stage\b", re.I)
_ONE = re.compile(rf"{_ORDINAL} one\b", re.I)
_TRACK = re.compile(rf"(?i:\btracks?)\s+{LETTER}\b")
_FIELD = re.compile(
    r"\b(?:nlp|natural language processing|(?:large )?language models?|llms?|"
    r"computer vision|vision|recommenders?(?: systems?)?|time series|forecasting)\b",
    re.I,
)
_SLOTS = (_LEVEL, _STAGE, _TRACK, _FIELD)
_LEANS = re.compile(
    r"\b(it|its|that|this|those|these|them|they|their|there|then|one|ones|each|else|instead|"
    r"former|latter|same|he|she)\b",
    re.I,
)
_DEFINES = re.compile(
    r"^\W*(?:so |ok |okay |and |(?:can|could) you |please )*"
    r"(?:what(?:'s| is| are| does)|define|explain|tell me (?:about|what))\b"
    r"(?!.*\b(?:it|that|this|these|those|they|them|there|ones?)\b)",
    re.I,
)
_WHAT_ABOUT = re.compile(r"^\W*(?:and |but |so )?(?:what about|how about|and for)\b", re.I)
_OPENS = re.compile(
    r"^\s*(and|but|so|or|ok|okay|what about|how about|why|how come|also|then)\b", re.I
)
_BESIDE = re.compile(
    r"^\W*(?:and |but |so )?(?:i|we)(?:'ve| have| build| work| use| only| already| live| come|"
    r"(?:'m| am) (?:an?|at|in|from|\d))\b(?!.*\?)",
    re.I,
)
_BARE_NUMBER = re.compile(
    r"\W*(?:and|what about|how about)?\W*(?:for |in )?(one|two|three|four|five|\d)\W*", re.I
)
_BARE_TRACK = re.compile(r"\W*(?:and|what about|how about)?\W*(?:for |in )?([abc])\W*", re.I)
_SUMS_UP = re.compile(
    r"^\W*(?:(?:can|could) you |please )*(?:sum up|summari[sz]e)\s+(?!(?:it|that|this|these)\b)",
    re.I,
)
_LEADS_IN = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|sorry|thanks?(?: you)?|thx|ty|cheers|got it|alright|great|cool|nice|"
    r"perfect|lol|haha|h+m+|ah+|oh|well|yes|yeah|yep|no|nope|btw|by the way|"
    r"(?:new|different|another|next) (?:topic|subject))\b"
    r"(?! (?:one|problem|idea|experience|degree|need|longer|way|matter)\b)[\s,.!?:;-]*)+(?=\w)",
    re.I,
)
_TRAILS = re.compile(r"(?<=\w)\s+(?:then|though|tho|anyway)(?=\W*$)", re.I)
_GOING_ON = language.content_stems(
    "example reason detail more roughly about sure long take worth much many often idea really "
    "instead need mean say tell know"
)
_NEXT_STAGE = re.compile(r"\b(next|after|follows?|following)\b", re.I)


def _telling(_: str) -> float:
    """The rarity of a word as long as nothing is known of the material."""
    return TELLING


def turn(message: str, history: Sequence[str], rarity: Rarity = _telling) -> Request:
    """The question of `message`, how it wants to be answered, and a kind word for a worry.

    Args:
        message: the learner's words, cleaned.
        history: the learner's earlier messages, oldest first.
        rarity: of a stem in the material, `log(1 + N / (1 + n))`; tells a message that has matter
            of its own from one that leans, and one that speaks of something else altogether.
    """
    topics = [
        asked
        for _, asked in map(manner_and_matter, map(_heart, history))
        if asked and not _strange(asked, rarity)
    ]
    manner, matter = manner_and_matter(_heart(message))
    topic = _topic(topics, rarity)
    whole = _SUMS_UP.match(message) is not None
    question = matter if matter and whole else _joined(topic, matter, rarity) if matter else topic
    kept = question == matter or question.endswith(f" {matter}")
    return Request(
        question=question or message,
        manner=manner,
        opening=KIND_WORD if manner == "plain" and worries(message) else None,
        follows=question != matter,
        own=matter,
        topic=topic if matter and kept else "",
    )


def _heart(message: str) -> str:
    """`message` without what leads into it or trails behind: "ok sorry. what is drift then"."""
    rest = _LEADS_IN.sub("", message)
    if len(language.content_words(rest)) > 1:
        rest = _TRAILS.sub("", rest)
    return rest if language.words(rest) else message


def _strange(message: str, rarity: Rarity) -> bool:
    """Whether most of what a message names does not occur in the material at all."""
    matter = language.content_stems(message)
    unknown = sum(rarity(stem) >= UNKNOWN for stem in matter)
    return unknown > 0 and 2 * unknown >= len(matter)


def adds_nothing(message: str) -> bool:
    """Whether a message only goes on with the one before it: "why?", "how long does that take?"."""
    return not language.content_stems(message) - _GOING_ON


def clean(question: str) -> str:
    """`question` without control characters and blanks around it.

    Raises:
        QuestionError: nothing is left, or more than `LONGEST` characters.
    """
    seen = (c for c in question if unicodedata.category(c) != "Cf")  # as a soft hyphen is not
    kept = "".join(
        c if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"} else " "
        for c in seen
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


def standalone(question: str, history: Sequence[str], rarity: Rarity = _telling) -> str:
    """`question` as it would be asked without what was said before."""
    return _joined(_topic(history, rarity), question, rarity)


def _topic(history: Sequence[str], rarity: Rarity) -> str:
    """What was asked last, with what it goes back to: the question that the topic began with, and
    the last follow-up that says something of its own."""
    root = last = ""
    for message in history:
        topic = _after(root, last)
        if small_talk(message):
            continue
        if not topic or not _leans(message, rarity):
            root, last = message, ""
        elif changed := _changed(topic, message):
            root, last = changed, ""
        elif language.content_words(message) or any(c.isdigit() for c in message):
            last = message
    return _after(root, last)


def _joined(topic: str, question: str, rarity: Rarity) -> str:
    """`question` completed by the standalone question before it, when it leans on it."""
    if not topic or not _leans(question, rarity):
        return question
    return _changed(topic, question) or _after(topic, question)


def _after(topic: str, question: str) -> str:
    """`question` behind the topic, of which the last sentences count; many type no marks."""
    if not (topic and question):
        return topic or question
    return f"{_shortened(topic if topic.endswith(('.', '?', '!')) else f'{topic}?')} {question}"


def _changed(topic: str, question: str) -> str | None:
    """The topic with the part exchanged that `question` names, or a stage on; None where it names
    none."""
    if _STAGE_BY_PLACE.search(topic):  # "the last one" is a stage where stages are so named
        question = _ONE.sub(r"\1 stage", question)
    swapped = _swap(topic, question)
    if swapped is None and _NEXT_STAGE.search(question) and (moved := _one_stage_on(topic)):
        return f"{question.rstrip('?')} — {moved}"
    return swapped


def _leans(question: str, rarity: Rarity) -> bool:
    matter = language.content_words(question)
    slots = sum(len(language.words(m.group())) for p in _SLOTS for m in p.finditer(question))
    if _NEXT_STAGE.search(question) and _STAGE.search(question):
        return False
    if len(matter) <= slots:  # but "what is stage 4 about?" is whole
        return not (slots and _DEFINES.match(question) and not _LEANS.search(question))
    if len(matter) == 1:
        return not _DEFINES.match(question) or rarity(language.stem(matter[0])) < TELLING
    if _WHAT_ABOUT.match(question) or _tells_beside(question):
        return True
    # With matter of its own, "their" means somebody in the question itself.
    points_back = bool(_LEANS.search(question)) and len(matter) <= 3
    return len(language.words(question)) <= 9 and (bool(_OPENS.match(question)) or points_back)


def _tells_beside(message: str) -> bool:
    """Whether a message only adds to what was asked who asks: "I build a spam filter"."""
    short = len(language.words(message)) <= _FEW
    return short and _BESIDE.match(message) is not None and not worries(message)


def _swap(topic: str, question: str) -> str | None:
    """The question before, with its level, stage or track exchanged for the one named now; None
    also where it compares two of them, for then nobody knows which."""
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
            if len({m.group().lower() for m in pattern.finditer(topic)}) > 1:
                return None
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
