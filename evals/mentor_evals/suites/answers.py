"""Answers: do they hold the expected facts, does the material carry them, do they read well?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mentor_evals import alce, facts
from mentor_evals.cases import Question
from mentor_evals.referee import Ground, Referee
from mentor_evals.replies import Line, Reply, exhibit
from mentor_evals.task import Metric, Score, Scorer, Task
from mentor_evals.workbench import Workbench

SHORTEST, LONGEST = 40, 180
_ALCE = "ALCE (Gao et al. 2023), with the referee for its NLI model"


def tasks(bench: Workbench) -> list[Task[Question, Reply]]:
    content = [_FACTS] if bench.is_peer else [_FACTS, _GOLD]  # a peer's chunks are no sections
    return [
        Task(
            dataset=bench.questions,
            solver=lambda case: bench.ask(case.question),
            scorers=[*content, *_faith(bench.referee), *_form()],
            solver_name="ask",
            result=Reply,
            exhibit=lambda _, reply: exhibit(reply),
        )
    ]


_FACTS: Scorer[Question, Reply] = Scorer(
    Metric(
        name="expected facts",
        definition="share of the expected facts of which a spelling stands in the answer",
    ),
    lambda case, reply: facts.facts(case.expect, reply),
)


def _gold(case: Question, reply: Reply) -> Score | None:
    if not case.sections or not reply.claims:
        return None
    cited = [c.passage.rpartition("~")[0] for c in reply.citations]
    found = any(section in case.sections for section in cited)
    return Score(value=float(found), explanation="" if found else f"cites {', '.join(cited)}")


_GOLD: Scorer[Question, Reply] = Scorer(
    Metric(
        name="gold section cited",
        definition="share of the answers that cite a section which answers the question",
    ),
    _gold,
)


# --- faithfulness and citations -------------------------------------------------------------------


def _faith(referee: Referee) -> list[Scorer[Question, Reply]]:
    def scorer(metric: Metric, score: Callable[[Reply, Referee], Score]) -> Scorer[Question, Reply]:
        return Scorer(
            metric, lambda _, reply: score(reply, referee) if reply.claims and reply.lines else None
        )

    return [
        scorer(
            Metric(
                name="faithfulness",
                definition="supported sentences / sentences; by all passages that the answer cites",
                source="RAGAS (Es et al. 2024), with sentences for claims",
                referee=True,
            ),
            faithfulness,
        ),
        scorer(
            Metric(
                name="citation recall",
                definition="share of the sentences that cite something, which supports them",
                source=_ALCE,
                referee=True,
            ),
            citation_recall,
        ),
        scorer(
            Metric(
                name="citation precision",
                definition="share of the citations whose sentence is supported and needs them",
                source=_ALCE,
                referee=True,
            ),
            citation_precision,
        ),
        scorer(
            Metric(
                name="figures without support",
                definition="share of the sentences with a figure that their citations lack",
            ),
            lambda reply, _: _loose_figures(reply),
        ),
    ]


def grounds(reply: Reply, line: Line | None = None) -> list[Ground]:
    """The passages that `line` cites; all that the reply cites when none is given."""
    wanted = {c.n for c in reply.citations} if line is None else set(line.citations)
    found = [
        Ground(heading=c.heading, text=c.passage_text) for c in reply.citations if c.n in wanted
    ]
    return list(dict.fromkeys(found))


def faithfulness(reply: Reply, referee: Referee) -> Score:
    bad = [
        line.text
        for line in reply.lines
        if not referee.supports(line.text, grounds(reply, line))
        and not referee.supports(line.text, grounds(reply))
    ]
    return _share_of_lines(reply.lines, bad, "not supported by what the answer cites")


def citation_recall(reply: Reply, referee: Referee) -> Score:
    bad = [
        line.text
        for line in reply.lines
        if not alce.recalled(line.text, grounds(reply, line), referee.supports)
    ]
    return _share_of_lines(reply.lines, bad, "not supported by what it cites")


def citation_precision(reply: Reply, referee: Referee) -> Score:
    precise = cited = 0
    bad = []
    for line in reply.lines:
        there = grounds(reply, line)
        good = alce.precise(line.text, there, referee.supports)
        precise, cited = precise + good, cited + len(there)
        bad += [line.text] * (good < len(there))
    why = f"{cited - precise} of {cited} citations support nothing" if bad else ""
    return Score(value=precise / max(1, cited), weight=cited, explanation=why, at=tuple(bad))


def _loose_figures(reply: Reply) -> Score:
    bad = [
        line.text
        for line in reply.lines
        if facts.unsupported_figures(reply.model_copy(update={"lines": (line,)}))
    ]
    share = len(bad) / len(reply.lines)
    why = f"figures {', '.join(facts.unsupported_figures(reply))}" if bad else ""
    return Score(value=share, weight=len(reply.lines), explanation=why, at=tuple(bad))


def _share_of_lines(lines: Sequence[Line], bad: Sequence[str], why: str) -> Score:
    return Score(
        value=1 - len(bad) / len(lines),
        weight=len(lines),
        explanation=f"{len(bad)} of {len(lines)} sentences {why}" if bad else "",
        at=tuple(bad),
    )


# --- form -----------------------------------------------------------------------------------------


def _form() -> list[Scorer[Question, Reply]]:
    def scorer(metric: Metric, score: Callable[[Reply], Score]) -> Scorer[Question, Reply]:
        return Scorer(metric, lambda _, reply: score(reply) if reply.claims else None)

    return [
        scorer(
            Metric(
                name="words",
                definition="words of an answer, median",
                aggregate="median",
                unit="words",
            ),
            lambda reply: Score(value=facts.words(reply)),
        ),
        scorer(
            Metric(
                name="of fit length",
                definition=f"share of the answers of {SHORTEST} to {LONGEST} words",
            ),
            lambda reply: _fit(facts.words(reply)),
        ),
        scorer(
            Metric(
                name="repeated sentences",
                definition="share of the sentences that say again what one before them has said",
            ),
            _repeated,
        ),
        scorer(
            Metric(
                name="drafted sentences",
                definition="share of the sentences that are in the model's own words",
            ),
            lambda reply: Score(
                value=sum(line.origin == "drafted" for line in reply.lines)
                / max(1, len(reply.lines)),
                weight=len(reply.lines),
            ),
        ),
    ]


def _fit(words: int) -> Score:
    fits = SHORTEST <= words <= LONGEST
    return Score(value=float(fits), explanation="" if fits else f"{words} words")


def _repeated(reply: Reply) -> Score:
    again = facts.repeated(reply.lines)
    return Score(
        value=len(again) / max(1, len(reply.lines)),
        weight=len(reply.lines),
        explanation="says something again" if again else "",
        at=tuple(again),
    )
