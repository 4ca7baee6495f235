"""What a learner asks of the plan in a conversation, understood by rules.

    "what next?"                                    next
    "I know Python and SQL, where do I start?"      next, with two claims
    "I have 6 hours a week, when am I job ready?"   ready, with the hours
    "swap track", "switch me to track A"            swap

The rules are narrow on purpose: "what comes after stage 2?" is a question about the material, and
goes to the material.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Literal

from mentor.claims import background_in, clues_in
from mentor.learner import HOURS, Learner, Skill, Way, changed, with_marks
from mentor.records import Record
from mentor.syllabus import Syllabus

Kind = Literal["next", "ready", "swap"]

_PLEASE = r"(?:please |ok(?:ay)?,? |and |so |now |mentor,? |can you |could you |just )*"
_NEXT = re.compile(
    rf"\W*{_PLEASE}(?:what(?:'s| is| are| do i do| should i do| to do| shall i do| now)?"
    r"(?: my| the)? ?next(?: steps?)?(?: for me)?|(?:what are |show(?: me)? )?(?:my )?next steps?"
    r"|what now|what should i (?:do|learn|study) (?:next|first|now)"
    r"|(?:make|show)(?: me)? (?:a|my|the) plan"
    r"|plan my (?:learning|way|studies)|where do i go from here)\W*",
    re.I,
)
_BARE = re.compile(r"\W*(?:and |so )?what(?:'s| is)? next\W*", re.I)
_STAGE = re.compile(r"\bstages?\b", re.I)
_START = re.compile(
    r"\b(?:where|how) (?:do|should|shall|can|would) i (?:start|begin)\b"
    r"|\bwhat (?:should|do|shall) i (?:do|learn|study) (?:first|next)\b",
    re.I,
)
_READY = re.compile(
    r"\b(?:when|how (?:long|soon|many (?:weeks|months|years)))\b[^.?!]*\b(?:i|i'm|i'll|me|my)\b"
    r"[^.?!]*\b(?:job[- ]?ready|be ready|am i ready|ready for (?:a|the|my first) job|get hired)\b",
    re.I,
)
_SWAP = re.compile(
    rf"\W*{_PLEASE}(?:let'?s |i want to |i'd like to |i would like to )?"
    r"(?:swap|switch|change|move)(?: me)?(?: my| the)?(?: from track [abc])?"
    r"(?: tracks?)?(?: over)?(?: (?:to|for|into)(?: track)? (?P<way>[abc]|self[- ]study))?"
    r"(?: please)?\W*",
    re.I,
)
_CLAIM = re.compile(
    r"\bi(?:'m| am)? (?:already |can |also |do |have |'ve )*(?:know|use|used|using|worked with|"
    r"work with|experience (?:with|in)|good at|fluent in|comfortable with|familiar with|code in|"
    r"program in|write|built|done|learned|learnt)\b(?P<what>[^.?!]*)",
    re.I,
)
_AM = re.compile(r"\bi(?:'m| am| was| work as| have been|'ve been)\b(?P<what>[^.?!]*)", re.I)
_NUMBER = {
    word: n
    for n, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
}
_A_WEEK = re.compile(
    rf"\b(?P<n>\d+(?:[.,]\d+)?|{'|'.join(_NUMBER)}) ?(?:hours?|hrs?|h)"
    r"(?: of (?:time|study))?(?: (?:free|spare))?"
    r"(?: ?/ ?| (?:a|per|each|every|in a) )(?:week|wk)\b",
    re.I,
)
_LEVEL = re.compile(r"\b(junior|entry[- ]level|mid(?:[- ]?level)?|senior)\b", re.I)
_WAY = re.compile(r"\btrack ([abc])\b", re.I)
_ISO = re.compile(r"\b(?:by|until|before|for) (\d{4})-(\d\d)-(\d\d)\b", re.I)
_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTH = re.compile(
    rf"\b(?:by|until|before)(?: the end of)? ({'|'.join(_MONTHS)}),?(?: (\d{{4}}))?\b", re.I
)
_WITHIN = re.compile(r"\b(?:in|within) (\d{1,3}|a|one) (week|month|year)s?\b", re.I)


class Wish(Record):
    """What is asked of the plan."""

    kind: Kind
    way: Way | None = None
    """Where to swap to, if that was said."""


def wish_in(text: str, history: Sequence[str] = ()) -> Wish | None:
    """What `text` asks of the plan; None where it is a question for the material.

    "What's next?" after a question about a stage asks for the next stage.
    """
    if history and _BARE.fullmatch(text) and _STAGE.search(history[-1]):
        return None
    if swap := _SWAP.fullmatch(text):
        way = (swap.group("way") or "").upper()
        named = re.search(r"\btracks?\b", text, re.I) or way
        if named:
            return Wish(kind="swap", way=_WAYS.get(way))
        return None
    if _READY.search(text):
        return Wish(kind="ready")
    tells = _CLAIM.search(text) or _A_WEEK.search(text)
    if _NEXT.fullmatch(text) or (tells and _START.search(text)):
        return Wish(kind="next")
    return None


_WAYS: dict[str, Way] = {"A": "A", "B": "B", "C": "C", "SELF-STUDY": "self-study"}
_WAYS["SELF STUDY"] = "self-study"


def told(text: str, learner: Learner, syllabus: Syllabus, *, today: date) -> Learner:
    """`learner` with what `text` tells of hours, background, level, track, date and skills.

    Raises:
        LearnerError: a figure cannot be right, such as 200 hours a week.
    """
    fields: dict[str, Any] = {}
    if hours := _A_WEEK.search(text):
        fields["hours"] = _figure(hours)
    if said := _AM.search(text):
        fields["background"] = background_in(said.group("what"), syllabus.planning)
    if level := _LEVEL.search(text):
        fields["target"] = _level(level.group())
    if way := _WAY.search(text):
        fields["track"] = way.group(1).upper()
    fields["by"] = _day(text, today)
    return with_marks(changed(learner, **fields), _claims(text, learner, syllabus))


def told_in_all(
    messages: Sequence[str], learner: Learner, syllabus: Syllabus, *, today: date
) -> Learner:
    """`learner` with what several messages tell, the later ones counting.

    Earlier messages with impossible figures were answered when they came, and are passed over.
    """
    for message in messages:
        hours = _A_WEEK.search(message)
        if wish_in(message) is None and hours is None and not _CLAIM.search(message):
            continue
        if hours and not HOURS[0] <= _figure(hours) <= HOURS[1]:
            continue
        learner = told(message, learner, syllabus, today=today)
    return learner


def _figure(hours: re.Match[str]) -> float:
    number = hours.group("n").lower()
    return float(_NUMBER.get(number, 0) or number.replace(",", "."))


def _claims(text: str, learner: Learner, syllabus: Syllabus) -> list[Skill]:
    spoken = (match.group("what") for match in _CLAIM.finditer(text))
    clues = [clue for what in spoken for clue in clues_in(what.strip(), syllabus)]
    return [clue.claim for clue in clues if clue.skill not in learner.states]


def _level(word: str) -> str:
    word = word.lower()
    return "mid" if word.startswith("mid") else "senior" if word == "senior" else "junior"


def _day(text: str, today: date) -> date | None:
    """The day by which somebody wants to be ready: 2027-05-31, by May, in 6 months."""
    if iso := _ISO.search(text):
        try:
            return date(*map(int, iso.groups()))
        except ValueError:
            return None
    if month := _MONTH.search(text):
        n = _MONTHS[month.group(1).lower()]
        year = int(month.group(2) or today.year + (n < today.month))
        return date(year, n, calendar.monthrange(year, n)[1])
    if within := _WITHIN.search(text):
        number = int(within.group(1)) if within.group(1).isdigit() else 1
        days = {"week": 7, "month": 30.44, "year": 365.25}[within.group(2).lower()]
        return today + timedelta(days=round(number * days))
    return None
