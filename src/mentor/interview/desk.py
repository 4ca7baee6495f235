"""What an interview draws on, handed to its functions as one."""

from __future__ import annotations

from dataclasses import dataclass

from mentor.interview.parts import Grader
from mentor.interview.state import Round
from mentor.questions import Bank, Question
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

    def heading(self, section: str) -> str:
        """What a section is called; its id where it has gone from the material."""
        return self.syllabus.sections.get(section, (section, ""))[0]

    def cite(self, section: str) -> Cite:
        """A section to read, by its opening."""
        text = self.syllabus.sections.get(section, ("", ""))[1]
        return Cite(section=section, quote=text.split("\n\n", 1)[0])
