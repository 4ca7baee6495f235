"""A plan in sentences, each with the passage that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from mentor.learner import SkillState
from mentor.plan import Plan, Standing, Step
from mentor.plan.export import hours_text
from mentor.plan.make import headline
from mentor.plan.steps import listed
from mentor.records import Answer, Citation, Passage, Proposal, Said, Sentence, Timings
from mentor.syllabus import Cite

_KIND = {
    "check": "a check of",
    "lesson": "the lesson",
    "course": "the course",
    "deliverable": "the deliverable",
    "practice": "interview practice on",
}


_STATES: dict[SkillState | None, str] = {
    "claimed": "Claimed, and not shown yet",
    None: "Still to learn or to show",
}


def what_next(plan: Plan, talk: Talk) -> Iterator[Said]:
    """The first three steps, then when and on which track."""
    if not plan.steps:
        yield from talk.say(f"Nothing is left on your plan. {plan.job_ready}", plan.chosen.cite)
        return
    for n, step in enumerate(plan.first, start=1):
        told = f"{told_step(n, step)} Done means: {step.done_when}"
        yield from talk.say(told, step.cites[0], step.cites[-1])
    yield from talk.say(plan.chosen.why, plan.chosen.cite)
    yield from talk.say(headline(plan), plan.first[0].cites[0])
    yield from _guessed(plan, talk)


def when_ready(plan: Plan, talk: Talk) -> Iterator[Said]:
    """The dates, what they rest on, and the first step."""
    yield from talk.say(headline(plan), plan.chosen.cite)
    yield from talk.say(plan.chosen.why, plan.chosen.cite)
    if plan.verdict:
        yield from talk.say(" ".join([plan.verdict, *plan.levers]), plan.chosen.cite)
    yield from talk.say(plan.job_ready, plan.steps[-1].cites[0] if plan.steps else None)
    if plan.first:
        yield from talk.say(told_step(1, plan.first[0]), plan.first[0].cites[0])
    yield from _guessed(plan, talk)


def where_you_stand(standing: Standing, plan: Plan, talk: Talk) -> Iterator[Said]:
    """What is shown, claimed and missing, what is left, and the next step."""
    level = standing.syllabus.roadmap.level[standing.target]
    shown, wanted = len(plan.shown), len(standing.wanted)
    yield from talk.say(
        f"You have shown {shown} of the {wanted} skills that the {level.title} needs.",
        standing.syllabus.cite(f"roadmap/levels/{level.id}", about="technical skills"),
    )
    named = {state: listed(g.name for g in plan.gaps if g.state == state) for state in _STATES}
    for state, text in _STATES.items():
        if named[state]:
            yield from talk.say(f"- {text}: {named[state]}.")
    if plan.done:
        yield from talk.say(f"- Done: {listed(map(standing.syllabus.name, plan.done))}.")
    yield from talk.say(headline(plan), plan.chosen.cite)
    if plan.first:
        yield from talk.say(told_step(1, plan.first[0]), plan.first[0].cites[0])
    yield from _guessed(plan, talk)


def _guessed(plan: Plan, talk: Talk) -> Iterator[Said]:
    yield from talk.say("Taken for granted: " + " ".join(plan.assumptions))


def told_step(n: int, step: Step) -> str:
    kind, _, about = step.title.partition(": ")
    named = f"{_KIND[step.kind]} {about or step.title}"
    if kind == "Mock interview":
        named = f"a mock interview as {about}"
    return f"- Step {n}: {named}, {hours_text(step.hours)}. {step.why}"


class Talk:
    """Sentences as they are said, and the citations that they brought."""

    def __init__(self, passages: Callable[[], Sequence[Passage]]) -> None:
        self._all = passages
        self._sentences: list[Sentence] = []
        self._citations: list[Citation] = []

    @cached_property
    def _passages(self) -> dict[str, list[Passage]]:
        found: dict[str, list[Passage]] = {}
        for passage in self._all():
            found.setdefault(passage.section, []).append(passage)
        return found

    def say(self, text: str, *cites: Cite | None) -> Iterator[Said]:
        """One sentence, with the citations that are new; a section is cited once."""
        before = len(self._citations)
        numbers = [self._number(cite) for cite in cites if cite is not None]
        used = tuple(dict.fromkeys(n for n in numbers if n is not None))
        sentence = Sentence(text=text, citations=used)
        self._sentences.append(sentence)
        yield Said(sentence=sentence, citations=tuple(self._citations[before:]))

    def _number(self, cite: Cite) -> int | None:
        """The number of a citation; None where the index holds no such section."""
        place = self._cited(cite)
        if place is None:
            return None
        for citation in self._citations:
            if (citation.passage, citation.start, citation.end) == place:
                return citation.n
        self._citations.append(self._citation(cite.section, *place))
        return len(self._citations)

    def _cited(self, cite: Cite) -> tuple[str, int, int] | None:
        """Passage, start and end of the quote; of the passage's opening where it moved."""
        passages = self._passages.get(cite.section, [])
        for passage in passages:
            start = passage.text.find(cite.quote)
            if start >= 0:
                return passage.id, start, start + len(cite.quote)
        return (passages[0].id, 0, len(passages[0].text)) if passages else None

    def _citation(self, section: str, id_: str, start: int, end: int) -> Citation:
        passage = next(p for p in self._passages[section] if p.id == id_)
        return Citation.of(len(self._citations) + 1, passage, start, end)

    def answer(
        self, question: str, model: str, proposals: tuple[Proposal, ...], *, reason: str = "plan"
    ) -> Answer:
        return Answer(
            question=question,
            answer="\n".join(sentence.text for sentence in self._sentences),
            reason=reason,
            sentences=tuple(self._sentences),
            citations=tuple(self._citations),
            mode="quoted",
            model=model,
            timings_ms=Timings(),
            proposals=proposals,
        )
