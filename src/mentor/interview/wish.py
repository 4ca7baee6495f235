"""What a learner asks of the interviewer, understood by rules.

    "interview me on drift, junior level"       begin
    "quiz me on my weak spots"                  begin, aimed at what was missed
    "resume the interview"                      resume
    "what is due?"                              due

and, while an interview is on, what a message is: an answer, or one of a few commands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from mentor import language
from mentor.errors import InterviewError
from mentor.interview.desk import Desk
from mentor.interview.screen import Screen
from mentor.interview.state import (
    QUESTIONS,
    Aim,
    Claim,
    Hint,
    Move,
    Next,
    Pause,
    Retry,
    Say,
    Setup,
    Show,
    Skip,
    Stop,
    Sure,
)
from mentor.interview_list import kind_in, level_in, topic_stems, topics_about
from mentor.records import Level, Record

_PLEASE = (
    r"(?:please |ok(?:ay)?,? |hi,? |hello,? |mentor,? |now |can you |could you |would you |just )*"
)
_SOME = r"(?:an? |another |the |my |some )?(?:new |short |quick |\d+[- ]question )?"
_AT_LEVEL = r"(?:junior|mid(?:-level)?|senior)"
_KIND = r"(?:behavioural|behavioral|(?:ml )?system[- ]design|code[- ]reading)"
_BEGIN = re.compile(
    rf"\W*{_PLEASE}(?:(?:interview|quiz|drill|grill|examine) me\b"
    r"|(?:let'?s |i want to |i'd like to |i would like to |can we |can i )?"
    rf"(?:start|begin|do|run|have|hold|take|practi[cs]e|give me) {_SOME}"
    rf"(?:{_AT_LEVEL} )?(?:mock|practi[cs]e|job|{_KIND})[- ]interview\b"
    rf"|(?:let'?s )?(?:start|begin|do|run) {_SOME}(?:{_AT_LEVEL} )?interview\W*$"
    rf"|{_SOME}(?:mock|practi[cs]e) interview(?: please)?"
    rf"(?: (?:on|about|for|at) .*|,? {_AT_LEVEL}(?: level)?)?\W*$"
    r"|(?:interview|mock interview)\W*$)",
    re.I,
)
_RESUME = re.compile(
    rf"\W*{_PLEASE}(?:resume|(?:continue|resume|go on with|carry on with) (?:with )?"
    r"(?:my|the|our|that)(?: last)?(?: mock)? interview)\W*",
    re.I,
)
_WHAT_IS_DUE = re.compile(
    rf"\W*{_PLEASE}(?:what(?:'?s| is)|is (?:anything|something)|show me what(?:'?s| is))"
    r" due(?: (?:again|today|now|for me|to be asked(?: again)?))?\W*",
    re.I,
)
_LEAVE = re.compile(
    rf"\W*{_PLEASE}(?:pause|stop|leave|quit|end|exit)(?: (?:it|the|my|this))?(?: interview)?\W*",
    re.I,
)
_PAUSE = re.compile(
    rf"\W*{_PLEASE}pause(?:,? (?:it|this|here|now|please|the interview|"
    r"for (?:now|today|lunch|dinner|a (?:moment|minute|while|bit|second|sec))))*\W*",
    re.I,
)
_HINT = re.compile(
    rf"\W*{_PLEASE}(?:give me |may i have |can i have |i need |show )?(?:a |the )?hint"
    r"\W*(?:please)?\W*",
    re.I,
)
_SKIP = re.compile(rf"\W*{_PLEASE}(?:skip|pass|next)(?: (?:it|this|this one|question))?\W*", re.I)
_RETRY = re.compile(rf"\W*{_PLEASE}(?:retry|again|try again|let me try again|once more)\W*", re.I)
_ON = re.compile(
    rf"\W*{_PLEASE}(?:next|go on|continue|ok(?:ay)?|yes|show|model answer|thanks|thank you|skip)"
    r"(?: (?:question|the model answer|please))?\W*",
    re.I,
)
_SURE = re.compile(r"\W*([1-5])(?: ?(?:/|of|out of) ?5)?\W*")
_CLAIM = re.compile(
    r"\W*(?:but )?i did say (?:this|that|it|so)\b(?P<which>[^\"“”]*)[\"“](?P<words>.+)[\"”]\W*",
    re.I | re.S,
)
_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_NUMBER = (
    rf"(?:\d{{1,4}}|(?:{_TENS})(?:[- ](?:{'|'.join(_NUMBERS[1:10])}))?|(?:an?|one) hundred"
    rf"|{'|'.join(_NUMBERS[1:])})"
)
_MANY = re.compile(rf"\b(?:(?:just|only) )?({_NUMBER})[- ]questions?\b", re.I)
_LASTING = re.compile(
    rf"\bfor (?:about )?(?:half an?|an?|(?:\d+\.)?{_NUMBER})(?: and a half)?[- ]"
    r"(?:hours?|minutes?|mins?)(?: and a half)?\b",
    re.I,
)
"""How long it may take is told by how many questions there are."""
_LIST = re.compile(r"\b(?:just|only|list|show)\b.*\bquestions\b", re.I)
"""Wants to see questions, not to answer them."""
_WEAK = re.compile(
    r"\b(?:my )?(?:weak(?:est|nesses)?(?: (?:spots?|points?|topics?|areas?))?)\b"
    r"|\bmy (?:past |last )?(?:mistakes|errors|(?:knowledge )?gaps)\b"
    r"|\b(?:what|the (?:points|questions)) i(?:'ve)? (?:missed|got wrong)\b",
    re.I,
)
_DUE = re.compile(r"\b(?:what(?:'s| is)? due|due (?:points?|ones?|questions?)|re-?drill)\b", re.I)
_UNTIMED = re.compile(
    r"\b(?:without|(?:with )?no) (?:an? |any |the )?(?:timer|clock)\b|\buntimed\b|\bnot timed\b",
    re.I,
)
_TIMER = re.compile(r"\bwith (?:a |the )?(?:timer|clock)\b|\btimed\b", re.I)
_ABOUT = re.compile(r"^(?:me )?(?:with )?(?:on|about|for|in) ")
_EMPTY = language.content_stems(
    "mock practice practise start begin do run give take please new short quick another level "
    "lead role job engineer try let round session bit week test quiz drill grill examine"
)


class Wish(Record):
    """What is asked of the interviewer."""

    kind: Literal["begin", "resume", "due"]
    level: Level | None = None
    setup: Setup = Setup()
    about: tuple[str, ...] = ()
    """What the questions should be about, as it was said; `topics_named` finds the topics."""


def wish_in(text: str) -> Wish | None:
    """What `text` asks for; None where it is anything else."""
    if _RESUME.fullmatch(text):
        return Wish(kind="resume")
    if _WHAT_IS_DUE.fullmatch(text):
        return Wish(kind="due")
    begin = _BEGIN.match(text)
    if begin is None or (text.rstrip().endswith("?") and not _asks_politely(text)):
        return None
    if _LIST.search(_MANY.sub(" ", text)):
        return None
    kind = kind_in(text)
    aim: Aim = "weak" if _WEAK.search(text) else "due" if _DUE.search(text) else "balanced"
    setup = Setup(
        kinds=(kind,) if kind else (),
        aim=aim,
        questions=_many(text),
        timer=bool(_TIMER.search(_UNTIMED.sub(" ", text))),
    )
    rest = text[begin.end() :] or text
    for pattern in (_MANY, _LASTING, _WEAK, _DUE, _UNTIMED, _TIMER):
        rest = pattern.sub(" ", rest)
    about = [part for part in re.split(r",|;|\band\b|\bplus\b", rest) if _names(part)]
    return Wish(kind="begin", level=level_in(text), setup=setup, about=tuple(about))


def is_on(history: Sequence[str]) -> bool:
    """Whether the messages of a conversation left an interview going on."""
    on = False
    for message in history:
        wish = wish_in(message)
        if wish and wish.kind != "due":
            on = True
        elif _LEAVE.fullmatch(message):
            on = False
    return on


def leaves(text: str) -> bool:
    """Whether somebody wants out of an interview."""
    return bool(_LEAVE.fullmatch(text))


def topics_named(about: str, desk: Desk) -> tuple[str, ...]:
    """The topics that people call so: by id, by name, or by a word of theirs.

    Raises:
        InterviewError: the bank has no questions on it; the cure lists the topics.
    """
    questions = list(desk.bank.questions.values())
    topics = {q.topic: desk.syllabus.name(q.topic) for q in questions}
    called = _ABOUT.sub("", " ".join(about.split()).strip(" .!?\"'"))
    wanted = called.lower()
    for id_, name in topics.items():
        if wanted in (id_, id_.removeprefix("topic-"), name.lower()):
            return (id_,)
    stems = frozenset(topic_stems(about) - _EMPTY)
    if stems and (found := topics_about(stems, questions)):
        return tuple(id_ for id_ in topics if id_ in found)
    if len(parts := about.split("&")) > 1:
        return tuple(dict.fromkeys(id_ for part in parts for id_ in topics_named(part, desk)))
    raise InterviewError(
        f"The bank has no questions on {called[:60]!r}.",
        cure=f"Topics: {', '.join(topics.values())}.",
    )


def move_in(text: str, screen: Screen) -> Move | None:
    """What a message is at this point of the interview; None where it cannot be told."""
    if _PAUSE.fullmatch(text):
        return Pause()
    if _LEAVE.fullmatch(text):
        return Stop()
    if screen.phase in ("question", "probe", "retry"):
        if _HINT.fullmatch(text) and screen.phase != "retry":
            return Hint()
        return Skip() if _SKIP.fullmatch(text) else Say(text=text)
    if screen.phase == "sure":
        sure = _SURE.fullmatch(text)
        return Sure(sure=int(sure.group(1))) if sure else Sure() if _ON.fullmatch(text) else None
    if claim := _CLAIM.fullmatch(text):
        return _claimed(claim, screen)
    if screen.phase == "feedback":
        return Retry() if _RETRY.fullmatch(text) else Show() if _ON.fullmatch(text) else None
    return Next() if _ON.fullmatch(text) else None


def _claimed(claim: re.Match[str], screen: Screen) -> Claim | None:
    """The n-th missing point, or the first."""
    missing = screen.feedback.missing if screen.feedback else ()
    number = re.search(r"\d", claim.group("which"))
    at = int(number.group()) - 1 if number else 0
    if not 0 <= at < len(missing):
        return None
    return Claim(point=missing[at].point, words=claim.group("words"))


def _many(text: str) -> int:
    said = _MANY.search(text)
    if said is None:
        return Setup().questions
    word = said.group(1).lower()
    if word in _NUMBERS:
        return _NUMBERS.index(word)
    return min(max(int(word), 1), QUESTIONS) if word.isdecimal() else QUESTIONS


def _names(part: str) -> bool:
    return bool(topic_stems(part) - _EMPTY)


def _asks_politely(text: str) -> bool:
    return bool(
        re.match(r"\W*(?:please |hi,? |hello,? |mentor,? )*(?:can|could|would) ", text, re.I)
    )
