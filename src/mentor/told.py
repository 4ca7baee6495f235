"""What learners say of themselves in a conversation: hours, background, level, track, date, skills.

"I have 6 hours a week"          hours 6        "an hour a day"   hours 7
"I'm a backend developer"        background     "by May 2027"     the last day of that month
"I know Python but not Docker"   one claim, with its words
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Any

from mentor import language
from mentor.claims import background_in, clues_in
from mentor.errors import LearnerError
from mentor.learner import Learner, Skill, changed, with_marks
from mentor.syllabus import Syllabus

_CLAIM = re.compile(
    r"\bi(?:'m| am|'ve)? (?:already |can |also |do |have )*(?:know|use|used|using|worked with|"
    r"work with|experience (?:with|in)|good at|fluent in|comfortable with|familiar with|code in|"
    r"program in|write|built|done|learned|learnt)\b(?P<what>[^.?!]*)",
    re.I,
)
_AM = re.compile(
    r"\bi(?:'m| am| was| work as| have been|'ve been)\b(?! (?:not|no|never)\b)(?P<what>[^.?!]*)",
    re.I,
)
_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_TO_99 = [
    *_ONES,
    *_TEENS,
    *(ten + one for ten in _TENS for one in ("", *(f"-{one}" for one in _ONES))),
]
_NUMBERS = {word: n for n, word in enumerate(_TO_99, start=1)} | {"an": 1}
_IN_WORDS = "|".join(sorted(_NUMBERS, key=len, reverse=True)).replace("-", "[- ]")
NUMBER = rf"\d+(?:[.,]\d+)?|{_IN_WORDS}"
_HOURS = re.compile(
    rf"\b(?P<n>{NUMBER}) ?(?:hours?|hrs?|h)(?: of (?:time|study))?(?: (?:free|spare))?"
    r"(?: ?/ ?| (?:a|per|each|every|in a) )(?P<unit>week|wk|day)\b"
    rf"|\b(?P<m>{NUMBER}) ?(?:hours?|hrs?|h) (?P<often>weekly|daily|"
    r"(?:on|at|every|over)(?: the)? weekends?)\b",
    re.I,
)
_AT_WORK = re.compile(r"\b(?:work|working|job is|job of|employed) (?:for )?(?:about )?$", re.I)
_HALF = re.compile(r"\bhalf $", re.I)
_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_LEVEL = re.compile(
    r"\b(junior|entry[- ]level|mid(?:[- ]?level)?"
    rf"(?![- ]?(?:\d|(?:{'|'.join(_MONTHS)}|year|summer|of|next)\b))|senior)\b",
    re.I,
)
"""None stands in "by mid-June", nor in "by mid 2027"."""
_JOB = re.compile(
    r"\b(?:i'?m|i am|i was|i'?ve been|i have been|i work|work(?:ed|ing)?|job|^as) "
    r"(?:currently |now )?(?:as )?(?:an? )?(?:junior|entry[- ]level|mid(?:[- ]?level)?|senior)\b"
    r"(?! (?:ml|machine[- ]learning)\b)",
    re.I,
)
"""The level of what somebody is, which is not what they want to become."""
_WAY = re.compile(r"(?<!\bwhy )(?<!\bwhat )(?<!\bwhich )\btrack ([abc])\b", re.I)
"""Who asks for a reason or a choice chooses nothing."""
_NO_WAY = re.compile(
    r"\b(?:not?|never|\w+n't|dont|without|than|instead of)(?: [^\s.,;:?!]+){0,4} $", re.I
)
"""What leads to a track that is not chosen: "I don't want track C"."""
_ISO = re.compile(r"\b(?:by|until|before|for) (\d{4})-(\d\d)-(\d\d)\b", re.I)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_MONTH = re.compile(
    rf"\b(?:by|until|before)(?: the end of)?(?: (?:the )?(?P<before>{_DAY})(?: of)?)?"
    rf" (?P<month>{'|'.join(_MONTHS)})"
    rf"(?: (?:the )?(?P<after>{_DAY})\b)?,?(?: (?P<year>\d{{4}}))?\b",
    re.I,
)
_WITHIN = re.compile(r"\b(?:in|within) (\d{1,3}|a|one) (week|month|year)s?\b", re.I)
_TOOK = re.compile(
    r"\b(?:(?:learn(?:ed|t)|work(?:ed)?|spent|did|done|finished|built|wrote)\b"
    rf"(?: (?!and\b)[^\s.?!,;]+){{0,4}}|hours?|hrs?) {_WITHIN.pattern}",
    re.I,
)
"""How long something took, or a week as a measure: no day to be ready by."""
_EFFORT = re.compile(
    r"\b(?:evenings?|nights?|weekends?|part[- ]time|full[- ]time|(?:before|after) work)\b", re.I
)
_FILLER = {"only", "spend", "study", "studying", "learn", "learning", "time", "maybe", "about"}


def told(text: str, learner: Learner, syllabus: Syllabus, *, today: date) -> Learner:
    """`learner` with what `text` tells.

    Raises:
        LearnerError: a figure cannot be right, such as 200 hours a week.
    """
    fields: dict[str, Any] = {
        "hours": hours_in(text),
        "by": _day(text, today),
        "track": _way(text),
    }
    said = (background_in(am.group("what"), syllabus.planning) for am in _AM.finditer(text))
    fields["background"] = next(filter(None, said), None)
    if level := _LEVEL.search(_JOB.sub(" ", text)):
        fields["target"] = _level(level.group())
    return with_marks(changed(learner, **fields), _claims(text, learner, syllabus))


def told_in_all(
    messages: Sequence[str], learner: Learner, syllabus: Syllabus, *, today: date
) -> Learner:
    """`learner` with what several messages tell, the later ones counting.

    Earlier messages with impossible figures, or a day that is over, were answered when they came,
    and are passed over.
    """
    for message in messages:
        by = _day(message, today)
        with suppress(LearnerError):
            if by is None or by > today:
                learner = told(message, learner, syllabus, today=today)
    return learner


def tells(text: str) -> bool:
    """Whether somebody tells hours or skills."""
    return bool(_HOURS.search(text) or _CLAIM.search(text))


def speaks_of_effort(text: str) -> bool:
    """Whether somebody says when they learn, but not how many hours: "in the evenings"."""
    return bool(_EFFORT.search(text))


def tells_hours_alone(text: str) -> bool:
    """Whether a text says how many hours there are, and nothing else."""
    rest = _HOURS.sub(" ", text)
    return rest != text and "?" not in text and not set(language.content_words(rest)) - _FILLER


def hours_in(text: str) -> float | None:
    """The hours a week that a text names."""
    every = list(_HOURS.finditer(text))
    if not every:
        return None
    named = next((m for m in every if not _AT_WORK.search(text[: m.start()])), every[0])
    number = figure(named.group("n") or named.group("m"))
    if _HALF.search(text[: named.start()]):
        number /= 2
    return number * 7 if "da" in (named.group("unit") or named.group("often")).lower() else number


def figure(number: str) -> float:
    """A number in figures or in words."""
    in_words = number.lower().replace(" ", "-")
    return float(_NUMBERS.get(in_words, 0) or number.replace(",", "."))


def _claims(text: str, learner: Learner, syllabus: Syllabus) -> list[Skill]:
    spoken = (match.group("what") for match in _CLAIM.finditer(text))
    clues = [clue for what in spoken for clue in clues_in(what.strip(), syllabus)]
    return [clue.claim for clue in clues if clue.skill not in learner.states]


def _level(word: str) -> str:
    word = word.lower()
    return "mid" if word.startswith("mid") else "senior" if word == "senior" else "junior"


def _way(text: str) -> str | None:
    """The track that a text chooses."""
    named = (way for way in _WAY.finditer(text) if not _NO_WAY.search(text[: way.start()]))
    return next((way.group(1).upper() for way in named), None)


def _day(text: str, today: date) -> date | None:
    """The day by which somebody wants to be ready: 2027-05-31, by May, by May 5, in 6 months."""
    if iso := _ISO.search(text):
        try:
            return date(*map(int, iso.groups()))
        except ValueError:
            return None
    if month := _MONTH.search(text):
        n = _MONTHS[month.group("month").lower()]
        day = int(re.sub(r"\D", "", month.group("before") or month.group("after") or "31"))
        year = int(month.group("year") or today.year + ((n, day) < (today.month, today.day)))
        if not MINYEAR <= year <= MAXYEAR:
            return None
        return date(year, n, min(day, calendar.monthrange(year, n)[1]))
    if within := _WITHIN.search(_TOOK.sub(" ", text)):
        number = int(within.group(1)) if within.group(1).isdigit() else 1
        days = {"week": 7, "month": 30.44, "year": 365.25}[within.group(2).lower()]
        return today + timedelta(days=round(number * days))
    return None
