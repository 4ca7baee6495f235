"""What do they ask about drift? Questions of the interview bank, without their answers.

The bank is not searched, so that no interview is spoilt. A learner who asks for its questions gets
some of them word for word, and nothing that is behind them. Everything else about interviews is
left to the material: what a level is asked, what interviewers expect, how to talk about a project.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from mentor import language
from mentor.questions import Bank, Kind, Question
from mentor.records import Level

MOST = 8
FEWEST = 2
"""How many questions must have a word in common that names no topic."""
_WANTED = re.compile(
    r"\b(?:behavioural|behavioral|system design|code[- ]reading) questions\b"
    r"|\binterview questions\b|\bquestions\b.*\basked\b|\bquestions\b.*\binterviews\b"
    r"|\b(?:what|which)\b.*\b(?:they|interviewers?|compan(?:y|ies)|managers?|people|you|i|be)\b.*"
    r"\bask(?:ed)?\b.*\b(?:about|on)\b",
    re.I,
)
"""Asks for questions themselves, and names what they should be about."""
_NOT_WANTED = re.compile(
    r"\b(?:answer|say|respond|prepare|talk|consultant|did|leaked|i ask|to ask)\b", re.I
)
_LEVELS: dict[Level, re.Pattern[str]] = {
    "junior": re.compile(r"\b(?:juniors?|entry[- ]level|beginners?)\b", re.I),
    "mid": re.compile(r"\bmid(?:dle)?(?:[- ]levels?)?\b|\bintermediate\b", re.I),
    "senior": re.compile(r"\bseniors?\b", re.I),
}
_KINDS: dict[Kind, re.Pattern[str]] = {
    "behavioural": re.compile(r"\b(?:behavioural|behavioral|soft skills?)\b", re.I),
    "system_design": re.compile(r"\b(?:ml )?system design\b", re.I),
    "code_reading": re.compile(r"\bcode[- ]reading\b|\breading code\b", re.I),
}
# Words that every topic could go by; alone they name none.
_COMMON = language.content_stems(
    "ask asked interview interviews interviewer interviewers question questions typical common "
    "list example examples usually might may company companies hiring manager managers people "
    "job jobs role roles position candidate candidates topic topics engineer engineers "
    "engineering machine learning ml model models data science level first second third top entry"
)


class InterviewList:
    """Answers a request for interview questions from the bank, which is read when first needed."""

    def __init__(self, bank: Callable[[], Bank]) -> None:
        self._bank = bank

    def __call__(self, question: str) -> str | None:
        """Up to eight questions as a list with its lead-in; None where none were asked for."""
        if not _WANTED.search(question) or _NOT_WANTED.search(question):
            return None
        level, kind = level_in(question), kind_in(question)
        stems = topic_stems(question)
        if not stems and kind is None:
            return None
        there = [q for q in self._bank().questions.values() if kind in (None, q.kind)]
        if kind is None:  # without its code, a code reading is no question
            there = [q for q in there if q.kind != "code_reading"]
        found = _about(stems, there)
        at_level = [q for q in found if q.level == level] if level else found
        return _told(at_level or found) if found else None


def level_in(text: str) -> Level | None:
    """The level that a request for questions names."""
    return next((name for name, p in _LEVELS.items() if p.search(text)), None)


def kind_in(text: str) -> Kind | None:
    """The kind of questions that a request names."""
    return next((name for name, p in _KINDS.items() if p.search(text)), None)


def topic_stems(text: str) -> frozenset[str]:
    """The stems that can name a topic: no level, no kind, no word that fits every topic."""
    for pattern in (*_LEVELS.values(), *_KINDS.values()):
        text = pattern.sub(" ", text)
    return language.content_stems(text) - _COMMON


def topics_about(stems: frozenset[str], questions: Sequence[Question]) -> frozenset[str]:
    """The topics that go by most of the stems, where their questions have all of them."""
    said: dict[str, frozenset[str]] = {}
    for q in questions:
        said[q.topic] = said.get(q.topic, _stems_of(q.topic)) | language.content_stems(q.question)
    topics = {t for t, all_ in said.items() if stems <= all_ and stems & _stems_of(t)}
    most = max((len(stems & _stems_of(topic)) for topic in topics), default=0)
    return frozenset(topic for topic in topics if len(stems & _stems_of(topic)) == most)


def _about(stems: frozenset[str], questions: Sequence[Question]) -> list[Question]:
    """The questions of the topics that go by one of the stems, else those that have all of them.

    A stem that neither a topic nor its questions have ("amazon") means that something else was
    asked for: nothing is found.
    """
    if topics := topics_about(stems, questions):
        return [q for q in questions if q.topic in topics]
    alone = [q for q in questions if stems <= language.content_stems(q.question)]
    return alone if len(alone) >= FEWEST or not stems else []


def _stems_of(topic: str) -> frozenset[str]:
    """Of the words of its id; of a plural that the stemmer leaves ("llms") the singular too."""
    stems = language.content_stems(topic.replace("-", " "))
    return stems | {stem.removesuffix("s") for stem in stems}


def _told(questions: Iterable[Question]) -> str:
    order: list[Level] = ["junior", "mid", "senior"]
    ranked = sorted(questions, key=lambda q: (order.index(q.level), q.difficulty))
    step = max(1.0, len(ranked) / MOST)
    chosen = [ranked[int(n * step)] for n in range(min(MOST, len(ranked)))]
    items = "\n".join(f"- {q.question.strip()} ({q.level})" for q in chosen)
    return f"In interviews they ask, for example (I keep the answers back):\n{items}"
