"""Follow-ups: conversations of two to five turns; each turn met as it should be."""

from __future__ import annotations

from collections.abc import Callable

from mentor_evals import facts
from mentor_evals.cases import Talk, Turn, load
from mentor_evals.replies import Replies, Reply, exhibit
from mentor_evals.task import Exhibit, Metric, Score, Scorer, Task
from mentor_evals.workbench import Workbench


def tasks(bench: Workbench) -> list[Task[Talk, Replies]]:
    def solve(case: Talk) -> Replies:
        said = [turn.say for turn in case.turns]
        return Replies(turns=tuple(bench.ask(text, said[:n]) for n, text in enumerate(said)))

    return [
        Task(
            dataset=load("conversations", Talk, bench.split),
            solver=solve,
            scorers=_SCORERS,
            solver_name="talk",
            result=Replies,
            exhibit=_exhibit,
        )
    ]


def met(turn: Turn, reply: Reply, before: Reply | None = None) -> str:
    """What is wrong with how `reply` meets a turn, facts apart; empty when nothing is."""
    wants = turn.behaviour
    if wants == "refuse":
        return "" if reply.refused else "answered, not refused"
    if wants == "clarify":
        return "answered as if it were clear" if reply.citations else ""
    if reply.refused:
        return "refused"
    if wants == "smalltalk":
        return "cites in small talk" if reply.citations else ""
    if not reply.claims:
        return "cites nothing"
    if wants == "comfort" and reply.lines[0].citations:
        return "no human sentence first"
    if wants == "shorter" and before is not None and facts.words(reply) >= facts.words(before):
        return f"not shorter: {facts.words(reply)} words after {facts.words(before)}"
    return ""


def turn_score(turn: Turn, reply: Reply, before: Reply | None = None) -> tuple[float, str]:
    """(0 when the behaviour is wrong, else the share of the expected facts; what is wrong)."""
    if wrong := met(turn, reply, before):
        return 0.0, wrong
    lost = facts.missing(turn.expect, reply.text)
    share = 1 - len(lost) / len(turn.expect) if turn.expect else 1.0
    return share, f"missing: {'; '.join(lost)}" if lost else ""


def _later(score: Callable[[float], float]) -> Callable[[Talk, Replies], Score]:
    def scored(case: Talk, replies: Replies) -> Score:
        values, wrong, at = [], [], []
        for n, (turn, reply) in enumerate(zip(case.turns, replies.turns, strict=True)):
            if n == 0:
                continue
            value, why = turn_score(turn, reply, replies.turns[n - 1])
            values.append(score(value))
            if why:
                wrong.append(f"turn {n + 1} ({turn.say}): {why}")
                at.append(_labelled(n, reply))
        return Score(
            value=sum(values) / len(values),
            weight=len(values),
            explanation="\n".join(wrong),
            at=tuple(at),
        )

    return scored


def _first(case: Talk, replies: Replies) -> Score:
    value, why = turn_score(case.turns[0], replies.turns[0])
    return Score(value=value, explanation=why, at=(_labelled(0, replies.turns[0]),) if why else ())


_SCORERS: list[Scorer[Talk, Replies]] = [
    Scorer(
        Metric(
            name="follow-ups",
            definition="mean over the turns after the first: 0 when refused, answered or cited "
            "where it should not be, else the share of the expected facts",
        ),
        _later(lambda value: value),
    ),
    Scorer(
        Metric(
            name="follow-ups right in full",
            definition="share of the turns after the first that are met rightly with every fact",
        ),
        _later(lambda value: float(value == 1.0)),
    ),
    Scorer(
        Metric(name="first turns", definition="the same mean as follow-ups, over the first turns"),
        _first,
    ),
]


def _labelled(n: int, reply: Reply) -> str:
    return f"({n + 1}) {reply.text}"


def _exhibit(case: Talk, replies: Replies) -> Exhibit:
    last = exhibit(replies.turns[-1])
    return last.model_copy(
        update={
            "question": " → ".join(turn.say for turn in case.turns),
            "said": tuple(_labelled(n, reply) for n, reply in enumerate(replies.turns)),
        }
    )
