"""The sections that teach the points, and which words of others they bear out.

A larger model may phrase what an answer lacks. What it says reaches a learner under the same rule
as any drafted sentence: the judge finds it carried by the section that teaches the point, or it is
dropped and the code's own phrasing stands.
"""

from __future__ import annotations

from collections.abc import Mapping

from mentor import language
from mentor.models.judge import Judge, best_window
from mentor.questions import Point
from mentor.records import Passage


class Teaching:
    """The material behind a rubric.

    Args:
        sections: (heading, text) of each section, by id.
    """

    def __init__(self, judge: Judge, sections: Mapping[str, tuple[str, str]]) -> None:
        self._judge = judge
        self._sections = sections

    def about(self, point: Point) -> str:
        """The statements of its section that come nearest to a point; nothing where it has gone."""
        passage = self._passage(point.section)
        if passage is None:
            return ""
        start, end = best_window(point.says, passage)
        return passage.text[start:end]

    def carried(self, words: str, section: str) -> str:
        """The sentences of `words` that the section carries; none of them where it has gone."""
        passage = self._passage(section)
        if passage is None:
            return ""
        sentences = (words[a:b] for a, b in language.sentence_spans(words))
        return " ".join(s for s in sentences if self._carries(passage, s))

    def _carries(self, passage: Passage, sentence: str) -> bool:
        return self._judge.accepts(self._judge.supports(sentence, passage))

    def _passage(self, section: str) -> Passage | None:
        if section not in self._sections:
            return None
        heading, text = self._sections[section]
        return Passage(id=section, section=section, path=(heading,), text=text, file="")
