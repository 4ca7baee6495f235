"""Whether the interview bank agrees with the corpus, and whether it is large enough.

interviews/*.yaml --read_questions--> files --question_rules--> faults of single questions
                                        |---- this module: topics, skills, sections, ids
                                        `---- this module: totals, when the whole is checked
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import get_args

from mentor import language
from mentor.errors import MaterialError
from mentor.material import files_of, read_pages, sections_of
from mentor.page_rules import Fault, Finding, told
from mentor.question_rules import file_faults
from mentor.questions import FOLDER, Kind, Question, QuestionFile, bank_files, read_questions
from mentor.records import BOUNDARY, Level, Page, Record
from mentor.roadmap import Roadmap, read_roadmap

LEVELS: tuple[str, ...] = get_args(Level)
KINDS: tuple[str, ...] = get_args(Kind)
PER_TOPIC = 8
IN_ALL = 240
PER_KIND = {"behavioural": 30, "system_design": 24, "project": 20, "code_reading": 20}
ASKED_CHECKPOINT = 0.6
"""Share of a checkpoint's content stems that a question must have to be the one that asks it."""


class BankRow(Record):
    """How many questions a topic has, by level and by kind."""

    topic: str
    levels: tuple[int, ...]
    kinds: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.levels)


class BankReport(Record):
    findings: tuple[Finding, ...] = ()
    rows: tuple[BankRow, ...] = ()


def check_bank(corpus: Path, *, only: Sequence[Path] = ()) -> BankReport:
    """Check single files of the bank against `corpus`, or all of it.

    Pages that cannot be read are passed over: `mentor.linter` tells them.

    Raises:
        MaterialError: the corpus or its roadmap cannot be read.
    """
    roadmap = read_roadmap(corpus / "roadmap" / "roadmap.yaml")
    return bank_report(corpus, readable_pages(corpus), roadmap, only=only)


def readable_pages(corpus: Path) -> list[Page]:
    """The pages of a corpus, without those of files that cannot be read."""
    pages = []
    for path, shown in files_of(corpus):
        with suppress(MaterialError):
            pages += read_pages(path, shown)
    return pages


def bank_report(
    corpus: Path, pages: Iterable[Page], roadmap: Roadmap, *, only: Sequence[Path] = ()
) -> BankReport:
    """The findings of `only` these files, or of all together with the totals."""
    findings: list[Finding] = []
    sections = section_ids(pages)
    files: dict[str, QuestionFile] = {}
    wanted = {path.resolve() for path in only}
    for path in sorted({*(p.resolve() for p in bank_files(corpus)), *wanted}):
        shown = f"{FOLDER}/{path.name}"
        try:
            file = read_questions(path)
        except MaterialError as exc:
            if not wanted or path in wanted:
                what = exc.what.removeprefix(f"{path}").lstrip(": ")
                findings.append(Finding(file=shown, what=what))
            continue
        if not wanted or path in wanted:
            findings += told(shown, file_faults(file))
            findings += told(shown, _reference_faults(file, roadmap, sections))
            findings += told(shown, _id_faults(file, files))
        files[shown] = file
    if not wanted:
        findings += told(FOLDER, _total_faults(files.values(), roadmap))
    return BankReport(findings=tuple(findings), rows=count_rows(files.values(), roadmap))


def section_ids(pages: Iterable[Page]) -> dict[str, str]:
    """Id -> kind of every section that says something."""
    return {
        f"{page.id}#{anchor}" if anchor else page.id: page.places.get(anchor, page.place).kind
        for page in pages
        for anchor, _, _ in sections_of(page)
    }


def _reference_faults(
    file: QuestionFile, roadmap: Roadmap, sections: Mapping[str, str]
) -> Iterator[Fault]:
    for point in file.points:
        yield from _section_faults(point.id, point.section, sections)
    soft = {skill.id for level in roadmap.levels for skill in level.soft_skills.items}
    stages = {t.id: stage.number for stage in roadmap.stages for t in stage.topics.items}
    for question in file.questions:
        if question.kind == "behavioural":
            if question.topic not in soft:
                yield question.id, f"The roadmap has no soft skill {question.topic!r}."
        elif question.topic not in stages:
            yield question.id, f"The roadmap has no topic {question.topic!r}."
        elif question.stage != stages[question.topic]:
            stage = stages[question.topic]
            yield question.id, f"The topic belongs to stage {stage}, not {question.stage}."
        for skill in question.skills:
            if skill not in roadmap.skills:
                yield question.id, f"The roadmap has no skill {skill!r}."
        for mistake in question.mistakes:
            yield from _section_faults(question.id, mistake.section, sections)


def _section_faults(at: str, section: str, sections: Mapping[str, str]) -> Iterator[Fault]:
    if section not in sections:
        yield at, f"There is no section {section!r}."
    elif sections[section] == BOUNDARY:
        yield at, f"The section {section!r} says what the corpus does not teach."


def _id_faults(file: QuestionFile, before: Mapping[str, QuestionFile]) -> Iterator[Fault]:
    for shown, other in before.items():
        for what in ("points", "questions"):
            taken = {each.id for each in getattr(other, what)}
            for each in getattr(file, what):
                if each.id in taken:
                    yield each.id, f"{shown} has this id among its {what} too."


# --- totals -------------------------------------------------------------------------------


def count_rows(files: Iterable[QuestionFile], roadmap: Roadmap) -> tuple[BankRow, ...]:
    """One row per topic of the roadmap, then one per soft skill; unknown ones come last."""
    questions = [question for file in files for question in file.questions]
    soft = [skill.id for level in roadmap.levels for skill in level.soft_skills.items]
    topics = dict.fromkeys([*roadmap.topics, *soft, *(q.topic for q in questions)])
    rows = []
    for topic in topics:
        here = [question for question in questions if question.topic == topic]
        levels = tuple(sum(q.level == level for q in here) for level in LEVELS)
        kinds = tuple(sum(q.kind == kind for q in here) for kind in KINDS)
        rows.append(BankRow(topic=topic, levels=levels, kinds=kinds))
    return tuple(rows)


def _total_faults(files: Iterable[QuestionFile], roadmap: Roadmap) -> Iterator[Fault]:
    questions = [question for file in files for question in file.questions]
    topics = Counter(q.topic for q in questions if q.kind != "behavioural")
    kinds: Counter[str] = Counter(q.kind for q in questions)
    for topic in roadmap.topics:
        if topics[topic] < PER_TOPIC:
            yield topic, f"The topic has {topics[topic]} questions; {PER_TOPIC} are due."
    for kind, due in PER_KIND.items():
        if kinds[kind] < due:
            yield kind, f"There are {kinds[kind]} questions of this kind; {due} are due."
    if len(questions) < IN_ALL:
        yield "", f"The bank has {len(questions)} questions; {IN_ALL} are due."
    yield from _checkpoint_faults(questions, roadmap)


def _checkpoint_faults(questions: Sequence[Question], roadmap: Roadmap) -> Iterator[Fault]:
    """Every interview checkpoint of the roadmap is asked at its level."""
    for level in roadmap.levels:
        asked = [language.content_stems(q.question) for q in questions if q.level == level.id]
        for item in level.interview.items:
            stems = language.content_stems(item)
            if not any(len(stems & said) >= ASKED_CHECKPOINT * len(stems) for said in asked):
                yield level.id, f"No question asks the checkpoint {item!r}."
