"""Which question comes next.

Due points come first, through a question other than the one that asked for them last where there is
one. Then topics and kinds are evened out, and the difficulty follows the answers: a step up after a
good one, a step down after a poor one. What is left to chance is drawn from the seed and the number
of the question, so that the same seed, answers and past bring the same interview.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from statistics import median_low

from mentor.interview.state import Past, Round, Setup
from mentor.questions import Bank, Question

GOOD, POOR = 70, 40
"""From this score on the next question is harder; below the other it is easier."""


def choose(
    bank: Bank, setup: Setup, *, seed: int, past: Past, at: datetime, rounds: Sequence[Round] = ()
) -> Round | None:
    """The next round; None when there is no question left."""
    asked = {each.question for each in rounds}
    pool = [q for q in fitting(bank, setup) if q.id not in asked]
    random.Random(f"{seed}/{len(rounds)}").shuffle(pool)
    covered = {point for id_ in asked for point in bank.questions[id_].points}
    drilled = sum(each.drill is not None for each in rounds)
    for point in _to_drill(setup, past, drilled):
        if point in covered:
            continue
        if again := [q for q in pool if point in q.points]:
            last = past.asked_in.get(point)
            best = min(again, key=lambda q: (q.id == last, q.level != setup.level, _since(q, past)))
            return Round(question=best.id, drill=point, at=at)
    pool = [q for q in pool if q.level == setup.level]
    if not pool or setup.aim == "due":
        return None
    return Round(question=_balanced(bank, pool, past, rounds).id, at=at)


def unanswered(bank: Bank, setup: Setup, *, seed: int, past: Past, at: datetime) -> list[Round]:
    """The rounds where nobody answers. Answers change which questions come, never how many."""
    rounds: list[Round] = []
    while len(rounds) < setup.questions:
        chosen = choose(bank, setup, seed=seed, past=past, at=at, rounds=rounds)
        if chosen is None:
            break
        rounds.append(chosen)
    return rounds


def fitting(bank: Bank, setup: Setup) -> list[Question]:
    """The questions of a set-up; weak and due points are asked at whatever level they stand."""
    return [
        q
        for q in bank.questions.values()
        if (setup.aim != "balanced" or q.level == setup.level)
        and (not setup.topics or q.topic in setup.topics)
        and (not setup.kinds or q.kind in setup.kinds)
    ]


def _to_drill(setup: Setup, past: Past, drilled: int) -> tuple[str, ...]:
    """Points to ask again: in a balanced interview those that are due, up to half of it."""
    if setup.aim == "weak":
        return past.weak
    return past.due if setup.aim == "due" or drilled < setup.questions // 2 else ()


def _balanced(
    bank: Bank, pool: Sequence[Question], past: Past, rounds: Sequence[Round]
) -> Question:
    before = [bank.questions[each.question] for each in rounds]
    topics = Counter(q.topic for q in before)
    kinds = Counter(q.kind for q in before)
    aim = _difficulty([q.difficulty for q in (*before, *pool)], rounds)

    def cost(q: Question) -> tuple[int, int, int, int]:
        return _since(q, past), topics[q.topic], kinds[q.kind], abs(q.difficulty - aim)

    return min(pool, key=cost)


def _difficulty(there: Sequence[int], rounds: Sequence[Round]) -> int:
    """Where the answers have led to from the middle of what there is."""
    aim = median_low(there)
    for each in rounds:
        score = each.graded.score if each.graded else GOOD - 1
        aim += (score >= GOOD) - (score < POOR)
        aim = min(max(aim, min(there)), max(there))
    return aim


def _since(question: Question, past: Past) -> int:
    """0 for what was not asked lately; else the higher, the less time has passed."""
    return past.recent.index(question.id) + 1 if question.id in past.recent else 0
