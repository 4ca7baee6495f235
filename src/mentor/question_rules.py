"""What a question of the bank must be, judged by itself.

Each rule yields faults: the id of the question or point, and one sentence. Every rule is a count,
so that two writers get the same verdict; what no count can tell (is it true, is it really asked)
is a reader's work. Rules that need the corpus or the other files are in `mentor.bank_linter`.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import yaml

from mentor import language
from mentor.page_rules import Fault
from mentor.questions import STORY, Point, Question, QuestionFile

GIVEN_AWAY = 3
"""Content stems in a row that a probe or hint may share with a wording of its point."""
REVEALED = 1 / 3
"""Share of the stems which a point adds to its question that a probe may use; two are free."""
TOO_ALIKE = 0.75
"""Overlap (Jaccard) of content stems beyond which two wordings are one."""
ANSWERED = 0.4
"""Share of a wording's stems that the model answer must have for one wording of each point."""
GIVEN_BY_QUESTION = 0.6
"""Share of an anchor's stems that the question itself may have: repeating it earns nothing."""
PHASES, DIMENSIONS, SHARED = 4, 3, 3
FILE_WITH_SIBLINGS = 8
WORDS = {
    "says": range(5, 46),
    "met": range(5, 46),
    "partly": range(4, 46),
    "paraphrase": range(5, 46),
    "question": range(5, 131),
    "probe": range(3, 31),
    "hint": range(4, 41),
    "model answer": range(40, 401),
    "mistake": range(3, 41),
}
"""How many words each part may have."""
CODE_LINES = range(3, 46)


def file_faults(file: QuestionFile) -> Iterator[Fault]:
    """Everything that is wrong with a file by itself."""
    points = {point.id: point for point in file.points}
    for point in file.points:
        yield from _point_faults(point)
    for question in file.questions:
        rubric = [points[id_] for id_ in question.points]
        yield from _length_faults(question)
        yield from _kind_faults(question, rubric)
        yield from _probe_faults(question, points)
        yield from _rubric_faults(question, rubric)
        if question.code is not None:
            yield from _code_faults(question.id, question.code, question.language)
    uses = Counter(id_ for question in file.questions for id_ in question.points)
    shared = sum(n > 1 for n in uses.values())
    if len(file.questions) >= FILE_WITH_SIBLINGS and shared < SHARED:
        yield "", f"{shared} points are shared by two questions; {SHARED} must be."


# --- words --------------------------------------------------------------------------------


def matter(text: str) -> list[str]:
    """Stems of the words that carry matter, in order, as often as they stand."""
    kept = set(language.content_words(text))
    return [language.stem(word) for word in language.words(text) if word in kept]


def longest_run(a: Sequence[str], b: Sequence[str]) -> tuple[str, ...]:
    """The longest run that both have."""
    best: tuple[str, ...] = ()
    lengths = [0] * (len(b) + 1)  # of the runs that end at the item of `a` before
    for n, item in enumerate(a):
        new = [0] * (len(b) + 1)
        for m, other in enumerate(b):
            if item == other:
                new[m + 1] = lengths[m] + 1
                if new[m + 1] > len(best):
                    best = tuple(a[n + 1 - new[m + 1] : n + 1])
        lengths = new
    return best


def alike(one: str, other: str) -> float:
    """Jaccard overlap of content stems; 1 for texts that differ in blanks and case only."""
    if language.words(one) == language.words(other):
        return 1.0
    a, b = language.content_stems(one), language.content_stems(other)
    return len(a & b) / len(a | b) if a | b else 0.0


def covered(wording: str, text: str) -> float:
    """Share of the content stems of `wording` that `text` has."""
    stems = language.content_stems(wording)
    return len(stems & language.content_stems(text)) / len(stems) if stems else 1.0


def _wordings(point: Point) -> tuple[str, ...]:
    return (point.says, point.met, *point.paraphrases)


def _lengths(at: str, parts: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    for what, text in parts:
        number, due = len(text.split()), WORDS[what]
        if number not in due:
            yield at, f"The {what} has {number} words; {due[0]} to {due[-1]} are due."


# --- points -------------------------------------------------------------------------------


def _point_faults(point: Point) -> Iterator[Fault]:
    parts = [("says", point.says), ("met", point.met), ("partly", point.partly)]
    yield from _lengths(point.id, [*parts, *(("paraphrase", p) for p in point.paraphrases)])
    one, two = point.paraphrases
    wordings = {"met": point.met, "partly": point.partly, "paraphrase 1": one, "paraphrase 2": two}
    for (a, first), (b, second) in combinations(wordings.items(), 2):
        if (overlap := alike(first, second)) > TOO_ALIKE:
            yield point.id, f"{a} and {b} say it in the same words ({overlap:.0%})."


# --- questions ----------------------------------------------------------------------------


def _length_faults(question: Question) -> Iterator[Fault]:
    parts = [
        ("question", question.question),
        ("hint", question.hint),
        ("model answer", question.model_answer),
        *(("probe", probe.text) for probe in question.probes),
        *(("mistake", mistake.says) for mistake in question.mistakes),
        *(("mistake", mistake.why) for mistake in question.mistakes),
    ]
    yield from _lengths(question.id, parts)


def _kind_faults(question: Question, rubric: Sequence[Point]) -> Iterator[Fault]:
    dimensions = {point.dimension for point in rubric}
    if question.kind == "behavioural" and (missing := sorted(STORY - dimensions)):
        yield question.id, f"A behavioural question needs a point on {', '.join(missing)}."
    if question.kind == "project" and len(dimensions) < DIMENSIONS:
        yield question.id, f"A project question needs points on {DIMENSIONS} dimensions."
    if question.kind == "system_design" and len({p.phase for p in rubric}) < PHASES:
        yield question.id, f"A system design needs points of {PHASES} phases."


def _probe_faults(question: Question, points: dict[str, Point]) -> Iterator[Fault]:
    heaviest = max(question.points.values())
    if all(question.points[probe.point] < heaviest for probe in question.probes):
        yield question.id, f"No probe aims at a point of the greatest weight, {heaviest}."
    for n, probe in enumerate(question.probes, start=1):
        point = points[probe.point]
        if run := _too_long_a_run(probe.text, point):
            yield question.id, f"Probe {n} gives {point.id} away: {run!r}."
        added = language.content_stems(point.says) - language.content_stems(question.question)
        told = sorted(added & language.content_stems(probe.text))
        if len(told) > max(2, REVEALED * len(added)):
            words = ", ".join(told)
            yield question.id, f"Probe {n} tells too much of {point.id}: {words}."


def _too_long_a_run(text: str, point: Point) -> str:
    spoken = matter(text)
    for wording in _wordings(point):
        run = longest_run(spoken, matter(wording))
        if len(run) > GIVEN_AWAY:
            return " ".join(run)
    return ""


def _rubric_faults(question: Question, rubric: Sequence[Point]) -> Iterator[Fault]:
    for point in rubric:
        if run := _too_long_a_run(question.hint, point):
            yield question.id, f"The hint gives {point.id} away: {run!r}."
        best = max(covered(wording, question.model_answer) for wording in _wordings(point))
        if best < ANSWERED:
            yield question.id, f"The model answer has {best:.0%} of the words of {point.id}."
        for anchor in (point.met, *point.paraphrases):
            if (given := covered(anchor, question.question)) > GIVEN_BY_QUESTION:
                yield (
                    question.id,
                    f"The question itself has {given:.0%} of an anchor of {point.id}.",
                )


def _code_faults(at: str, code: str, written_in: str) -> Iterator[Fault]:
    lines = code.strip("\n").splitlines()
    if len(lines) not in CODE_LINES:
        yield at, f"The code has {len(lines)} lines; {CODE_LINES[0]} to {CODE_LINES[-1]} are due."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a questionable `is` may be what is asked about
            if written_in == "python":
                compile(code, at, "exec")
            elif written_in == "yaml":
                list(yaml.safe_load_all(code))
    except (SyntaxError, ValueError, yaml.YAMLError) as exc:
        yield at, f"The code is no {written_in}: {str(exc).splitlines()[0]}."
