"""What an interview draws on, handed to its functions as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mentor.errors import InterviewError
from mentor.interview.parts import Grader
from mentor.interview.state import Round, Setup
from mentor.learner import LEVELS
from mentor.progress import QUESTIONS
from mentor.questions import Bank, Question
from mentor.records import Level
from mentor.syllabus import Cite, Syllabus


@dataclass(frozen=True)
class Desk:
    """The bank, who grades, and the material behind both."""

    bank: Bank
    grader: Grader
    syllabus: Syllabus

    def question(self, id_: str) -> Question:
        return self.bank.questions[id_]

    def knows(self, round_: Round) -> bool:
        """Whether the bank still has the question, with the points that were graded."""
        question = self.bank.questions.get(round_.question)
        graded = round_.graded.points if round_.graded else ()
        return question is not None and all(p.point in question.points for p in graded)

    def skills(self, question: Question) -> tuple[str, ...]:
        """The skills that a question shows: those of its topic, then its own."""
        topic = self.syllabus.roadmap.topics.get(question.topic)
        own = topic.skills if topic else (question.topic,)
        return tuple(dict.fromkeys((*own, *question.skills)))

    def check_of(self, skill: str) -> Setup:
        """A check of a skill: at its own level, or another where that has too few questions.

        Raises:
            InterviewError: the bank has no question that shows it.
        """
        shows = [q for q in self.bank.questions.values() if skill in self.skills(q)]
        if not shows:
            raise InterviewError(
                f"The bank has no question on {self.syllabus.name(skill)[:60]!r}.",
                cure="Choose a topic.",
            )
        at = Counter(question.level for question in shows)
        own = self.syllabus.roadmap.level_of_skill.get(skill)
        level = own if own and at[own] >= QUESTIONS else max(LEVELS, key=lambda each: at[each])
        topics = self._topics_on([q for q in shows if q.level == level], level)
        return Setup(level=level, topics=topics, questions=QUESTIONS)

    def _topics_on(self, wanted: Sequence[Question], level: Level) -> tuple[str, ...]:
        """Topics with nothing but wanted questions; where those are too few, others beside them."""
        found = Counter(question.topic for question in wanted)
        there = Counter(q.topic for q in self.bank.questions.values() if q.level == level)
        topics: list[str] = []
        for topic in sorted(found, key=lambda each: found[each] / there[each], reverse=True):
            if found[topic] < there[topic] and sum(found[each] for each in topics) >= QUESTIONS:
                break
            topics.append(topic)
        return tuple(topics)

    def heading(self, section: str) -> str:
        """What a section is called; its id where it has gone from the material."""
        return self.syllabus.sections.get(section, (section, ""))[0]

    def cite(self, section: str) -> Cite:
        """A section to read, by its opening."""
        text = self.syllabus.sections.get(section, ("", ""))[1]
        return Cite(section=section, quote=text.split("\n\n", 1)[0])
