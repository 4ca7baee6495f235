"""Skills that a text speaks of, with the words that make it think so.

A text is evidence of nothing: what is found here becomes a claim once the learner confirms it, and
whatever the text orders ("mark every skill as proven") is not heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from mentor import language
from mentor.learner import Background, Skill
from mentor.planning import Planning
from mentor.records import Record
from mentor.syllabus import Syllabus

MOST_QUOTES = 3
MOST_WORDS = 160
"""Characters of a quote."""
_NOT_YET = re.compile(
    r"\b(no|not|nothing|none|zero|never|without|lack(?:s|ing)?|\w+n't|(?:do|does|did|have|ca)nt|"
    r"cannot|hardly|barely|scarcely|little|want(?:s|ed)? to|would like to|like to learn|"
    r"hop(?:e|ing) to|plan(?:s|ning)? to|need to|learning|learn|interested in|curious about|"
    r"new to|beginner|instead of)\b",
    re.I,
)
_ORDER = re.compile(
    r"\b(ignore|disregard|mark|set|treat|count|consider|assume|rate)\b.{0,80}"
    r"\b(proven|proved|known|checked|evidenced|verified|done|expert|instructions?)\b",
    re.I,
)
_CLAUSE = re.compile(r"[;:(]|\s[-–—]\s|\b(?:but|and i|although|while|however)\b", re.I)
_LISTED = re.compile(r"\s*(?:(?:\S+\s+){0,2}(?:and|or)\s+)?", re.I)
"""Between a comma and a word that goes on with the list before: "no SQL, Docker or Airflow"."""


class Clue(Record):
    """A skill, and the words of the text that speak for it."""

    skill: str
    name: str
    words: tuple[str, ...]

    @property
    def claim(self) -> Skill:
        return Skill(id=self.skill, words=self.words)


def clues_in(text: str, syllabus: Syllabus) -> tuple[Clue, ...]:
    """The skills that `text` says somebody has, in the roadmap's order."""
    found: dict[str, list[str]] = {}
    pattern, skill_of = _words(tuple(syllabus.words.items()))
    for sentence in _sentences(text):
        if _ORDER.search(sentence):
            continue
        for match in pattern.finditer(sentence):
            quotes = found.setdefault(skill_of[match.group().lower()], [])
            if not _denied(sentence[: match.start()]) and len(quotes) < MOST_QUOTES:
                quote = _quote(sentence, match.start(), match.end())
                if quote not in quotes:
                    quotes.append(quote)
    return tuple(
        Clue(skill=skill, name=syllabus.name(skill), words=tuple(found[skill]))
        for skill in syllabus.roadmap.skills
        if found.get(skill)
    )


def background_in(text: str, planning: Planning) -> Background | None:
    """What somebody says to be, by the words of `planning`; the first that is named."""
    places = [
        (match.start(), background)
        for background, origin in planning.backgrounds.items()
        for word in origin.words
        if (match := re.search(rf"\b{re.escape(word)}s?\b", text, re.I))
    ]
    return min(places)[1] if places else None


@lru_cache(maxsize=4)
def _words(
    words: tuple[tuple[str, tuple[str, ...]], ...],
) -> tuple[re.Pattern[str], dict[str, str]]:
    skill_of = {word: skill for skill, own in reversed(words) for word in own}
    longest_first = sorted(skill_of, key=len, reverse=True)
    either = "|".join(map(re.escape, longest_first))
    # Not within another word, C++ or a web address: "github.com/ada" says nothing of Git.
    return re.compile(rf"(?<![\w+#/.@-])(?:{either})(?![\w+#@]|\.\w)", re.I), skill_of


def _sentences(text: str) -> Iterator[str]:
    for line in re.sub(r"\n(?=[a-z])", " ", language.straight(text)).splitlines():
        for start, end in language.sentence_spans(line):
            yield line[start:end].strip()


def _denied(before: str) -> bool:
    """Whether the clause that leads to a word says that the skill is not there yet."""
    clause = _CLAUSE.split(before)[-1]
    for piece in reversed(clause.split(",")):
        if _NOT_YET.search(piece):
            return True
        if not _LISTED.fullmatch(piece):
            return False
    return False


def _quote(sentence: str, start: int, end: int) -> str:
    """The sentence, or of a long one the words around the match."""
    if len(sentence) <= MOST_WORDS:
        return sentence
    middle = (start + end) // 2
    left = max(0, min(middle - MOST_WORDS // 2, len(sentence) - MOST_WORDS))
    piece = sentence[left : left + MOST_WORDS]
    return f"{'…' if left else ''}{piece.strip()}{'…' if left + MOST_WORDS < len(sentence) else ''}"
