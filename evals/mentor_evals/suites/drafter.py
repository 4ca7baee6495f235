"""The check, under a stronger model: a scripted drafter words honest sentences and lies.

All goes through the whole mentor: retrieval, evidence, prompt, server, check, composition.
"""

from __future__ import annotations

from collections.abc import Callable

from mentor.records import Record
from mentor_evals.cases import DraftCase, load
from mentor_evals.referee import bare, windows
from mentor_evals.replies import Reply, exhibit
from mentor_evals.task import Exhibit, Metric, Score, Scorer, Task
from mentor_evals.workbench import Workbench

GUARDED = ("number_swap", "name_swap", "negation")


class Drafted(Record):
    """What became of a scripted sentence."""

    reply: Reply
    asked: bool
    """Whether the model was asked at all: a list is shown as it stands."""
    informed: bool
    """Whether the prompt held a statement of the section that the sentence is about."""
    shown: bool


def tasks(bench: Workbench) -> list[Task[DraftCase, Drafted]]:
    def solve(case: DraftCase) -> Drafted:
        drafter, ask = bench.scripted
        drafter.script, drafter.prompt = {case.question: case.sentence}, None
        reply = ask(case.question)
        prompt = drafter.prompt or ""
        section = bench.index.by_section.get(case.sections[0], ())
        return Drafted(
            reply=reply,
            asked=drafter.prompt is not None,
            informed=any(bare(w) in bare(prompt) for p in section for w in windows(p.text)),
            shown=shown(case.sentence, reply),
        )

    return [
        Task(
            dataset=load("drafts", DraftCase, bench.split),
            solver=solve,
            scorers=_SCORERS,
            solver_name="drafter",
            result=Drafted,
            exhibit=_exhibit,
        )
    ]


def shown(sentence: str, reply: Reply) -> bool:
    """Whether a learner reads `sentence`, as drafted or within something else."""
    return bare(sentence) in bare(reply.text)


def _scorer(
    name: str,
    definition: str,
    score: Callable[[DraftCase, Drafted], Score | None],
) -> Scorer[DraftCase, Drafted]:
    return Scorer(Metric(name=name, definition=definition), score)


def _lie(case: DraftCase, result: Drafted, *, guarded: bool) -> Score | None:
    if case.supported or not result.asked or (case.kind in GUARDED) != guarded:
        return None
    why = f"a {case.kind.replace('_', ' ')} was shown" if result.shown else ""
    return Score(
        value=float(result.shown), explanation=why, at=(case.sentence,) if result.shown else ()
    )


def _honest(case: DraftCase, result: Drafted) -> Score | None:
    if not case.supported or not result.informed:
        return None
    return Score(
        value=float(not result.shown),
        explanation="" if result.shown else f"an honest draft was dropped: {case.sentence}",
    )


_SCORERS: list[Scorer[DraftCase, Drafted]] = [
    _scorer(
        "honest drafts dropped",
        "share of the honest paraphrases whose evidence the model read that are not shown",
        _honest,
    ),
    _scorer(
        "guarded lies shown",
        "share of the drafted number, name and negation lies that are shown",
        lambda case, result: _lie(case, result, guarded=True),
    ),
    _scorer(
        "other lies shown",
        "share of the other drafted lies that are shown",
        lambda case, result: _lie(case, result, guarded=False),
    ),
    _scorer(
        "drafts with their evidence",
        "share of the drafts for which the prompt held a statement of their section",
        lambda _, result: Score(value=float(result.informed)),
    ),
]


def _exhibit(case: DraftCase, result: Drafted) -> Exhibit:
    shown_ = exhibit(result.reply)
    return shown_.model_copy(update={"question": f"{case.question} (drafted: {case.sentence})"})
