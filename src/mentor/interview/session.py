"""The session as a state machine: a state and a move make the next state, nothing else happens.

    question  --say--> probe, or sure      --skip--> feedback     --hint--> question
    probe     --say, skip--> the next probe, or sure              --hint--> probe
    sure      --sure--> feedback
    feedback  --retry--> retry  --say, skip--> feedback           --show--> shown
    shown     --next--> question, or done after the last

`pause` and `resume` are possible anywhere, `stop` leads to done, and `claim` stays where it is.
Keeping the states is the matter of `Interviews`; with the same grader, seed and moves they are the
same each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mentor.errors import InterviewError
from mentor.interview.desk import Desk
from mentor.interview.parts import Said, When
from mentor.interview.probes import next_probe
from mentor.interview.select import choose, unanswered
from mentor.interview.state import (
    Attempt,
    Claim,
    Dispute,
    Hint,
    InterviewState,
    Move,
    Next,
    Past,
    Pause,
    Phase,
    Resume,
    Retry,
    Say,
    Setup,
    Show,
    Skip,
    Stop,
    Sure,
)
from mentor.language import straight
from mentor.progress import Result

READ = 8_000
"""Characters of a turn that are graded, about ten minutes of speech; the rest is kept unread."""
MOST = 100_000
"""Characters of a turn that are taken at all."""
PASSED = ("ready", "strong")
_MOVES: dict[Phase, tuple[str, ...]] = {
    "question": ("say", "skip", "hint"),
    "probe": ("say", "skip", "hint"),
    "sure": ("sure",),
    "feedback": ("retry", "show", "claim"),
    "retry": ("say", "skip"),
    "shown": ("next", "claim"),
    "done": ("claim",),
}


def begin(
    setup: Setup, desk: Desk, *, seed: int, at: datetime, past: Past | None = None, window: str = ""
) -> InterviewState:
    """The first question.

    Raises:
        InterviewError: the bank has no question for this set-up.
    """
    past = past or Past()
    rounds = unanswered(desk.bank, setup, seed=seed, past=past, at=at)
    if not rounds or (setup.aim != "balanced" and rounds[0].drill is None):
        raise _nothing(setup, past)
    return InterviewState(
        setup=setup.model_copy(update={"questions": len(rounds)}),
        seed=seed,
        past=past,
        began=at,
        rounds=tuple(rounds[:1]),
        clock=at,
        window=window,
    )


def _nothing(setup: Setup, past: Past) -> InterviewError:
    """Why nothing is asked."""
    if setup.aim == "balanced":
        return InterviewError(
            "The bank has no question for this choice of level, topics and kinds.",
            cure="Choose fewer kinds, more topics or another level.",
        )
    if past.weak if setup.aim == "weak" else past.due:
        none = "None of your weak spots" if setup.aim == "weak" else "Nothing that is due"
        return InterviewError(
            f"{none} is asked for by this choice.", cure="Leave topics or kinds out."
        )
    if setup.aim == "weak":
        return InterviewError(
            "No weak spots are known yet.", cure="Do an interview on a few topics first."
        )
    return InterviewError(
        "Nothing is due to be asked again.", cure="Come back another day, or choose topics."
    )


def moves(state: InterviewState) -> tuple[str, ...]:
    """What the learner may do now."""
    if state.finished:
        return _MOVES["done"]
    if state.paused:
        return ("resume", "stop")
    own = _MOVES[state.phase]
    gone = {"retry"} if state.now.retry else {"hint"} if state.now.hinted else set[str]()
    return (*(move for move in own if move not in gone), "pause", "resume", "stop")


def advance(state: InterviewState, move: Move, desk: Desk, *, at: datetime) -> InterviewState:
    """The state after a move.

    Raises:
        InterviewError: the move is not possible now, or is no answer; the state stays as it was.
    """
    if move.move not in moves(state):
        raise InterviewError(
            f"“{move.move}” is not possible now.", cure=f"Possible: {', '.join(moves(state))}."
        )
    if isinstance(move, Resume):
        resumed = state.in_window(move.window or state.window)
        return resumed.model_copy(update={"paused": False, "clock": at})
    state = _timed(state, at)
    if not isinstance(move, Hint | Pause | Stop):
        state = state.model_copy(update={"draft": ""})
    match move:
        case Say():
            return _said(state, _clean(move.text), desk)
        case Skip():
            return _skipped(state, desk, at)
        case Hint():
            return _with_round(state, hinted=True)
        case Sure():
            return _graded(_with_round(state, sure=move.sure), desk, at)
        case Retry():
            return state.model_copy(update={"phase": "retry"})
        case Show():
            return state.model_copy(update={"phase": "shown"})
        case Next():
            return _next(state, desk, at)
        case Claim():
            return _disputed(state, move, at)
        case Pause():
            draft = _bounded(move.text) or state.draft
            return state.model_copy(update={"paused": True, "draft": draft})
        case Stop():
            return _stopped(state, desk, at)


def heard(said: Sequence[Said]) -> tuple[Said, ...]:
    """What is graded of an answer: the first `READ` characters of each turn."""
    return tuple(each.model_copy(update={"text": each.text[:READ]}) for each in said)


# --- answers ------------------------------------------------------------------------------


def _clean(text: str) -> str:
    """
    Raises:
        InterviewError: there is nothing to grade, or far too much.
    """
    text = _bounded(text)
    if not any(character.isalnum() for character in text):
        raise InterviewError(
            "The answer is empty.", cure="Say what you know of it, take the hint, or skip it."
        )
    return text


def _bounded(text: str) -> str:
    """
    Raises:
        InterviewError: there is far too much of it.
    """
    text = text.replace("\x00", "").strip()
    if len(text) > MOST:
        raise InterviewError(
            f"The answer has {len(text):,} characters; {MOST:,} is the most.",
            cure="Give what you would say aloud.",
        )
    return text


def _said(state: InterviewState, text: str, desk: Desk) -> InterviewState:
    taken = _taken(state, text, desk)
    return taken if state.phase == "retry" else _probed(taken, desk)


def _taken(state: InterviewState, text: str, desk: Desk) -> InterviewState:
    """With the answer: beside what was said before, or graded as the second try."""
    now = state.now
    if state.phase == "retry":
        return _retried(state, (Said(text=text, when="unprompted"),), desk)
    helped: When = "hint" if now.hinted else "probe" if state.phase == "probe" else "unprompted"
    said = (*now.said, Said(text=text, when=helped))
    probes = now.probes
    if state.phase == "probe":
        last = probes[-1].model_copy(update={"answered": len(said) - 1})
        probes = (*probes[:-1], last)
    return _with_round(state, said=said, probes=probes)


def _skipped(state: InterviewState, desk: Desk, at: datetime) -> InterviewState:
    if state.phase == "retry":
        return state.model_copy(update={"phase": "feedback"})
    if state.phase == "question":
        return _graded(state, desk, at)
    return _probed(state, desk)


def _probed(state: InterviewState, desk: Desk) -> InterviewState:
    """With the next probe, or asked how sure the learner is."""
    now = state.now
    question = desk.question(now.question)
    graded = desk.grader.grade(question, heard(now.said))
    probe = next_probe(question, graded, now.probes, nth=len(state.rounds))
    if probe is None:
        return state.model_copy(update={"phase": "sure"})
    return _with_round(state, probes=(*now.probes, probe)).model_copy(update={"phase": "probe"})


# --- grading ------------------------------------------------------------------------------


def _graded(state: InterviewState, desk: Desk, at: datetime) -> InterviewState:
    question = desk.question(state.now.question)
    graded = desk.grader.grade(question, heard(state.now.said))
    results = tuple(
        Result(
            skill=skill,
            question=question.id,
            on=at.date(),
            passed=graded.band in PASSED,
            hinted=state.now.hinted,
        )
        for skill in desk.skills(question)
    )
    after = _with_round(state, graded=graded, at=at)
    return after.model_copy(update={"phase": "feedback", "results": (*state.results, *results)})


def _retried(state: InterviewState, said: tuple[Said, ...], desk: Desk) -> InterviewState:
    graded = desk.grader.grade(desk.question(state.now.question), heard(said))
    after = _with_round(state, retry=Attempt(said=said, graded=graded))
    return after.model_copy(update={"phase": "feedback"})


def _disputed(state: InterviewState, claim: Claim, at: datetime) -> InterviewState:
    """The words are kept beside the point; the score stays.

    After a second try both stay open to it: the turn shows that one, the report the first.

    Raises:
        InterviewError: the question has no such open point, or the words are not the learner's.
    """
    wanted = claim.question or state.now.question
    found = next((n for n, r in enumerate(state.rounds) if r.question == wanted and r.graded), None)
    if found is None:
        raise InterviewError(f"{wanted} is not graded.", cure="Name a question that is.")
    round_ = state.rounds[found]
    tries = (Attempt(said=round_.said, graded=round_.graded), round_.last)
    open_in = [each for each in tries if claim.point in _open(each)]
    if not open_in:
        raise InterviewError(
            f"{claim.point} is no point that was missed or partly met.", cure="Choose one of those."
        )
    words = claim.words.strip()
    own = [straight(said.text) for each in open_in for said in each.said]
    if not words or not any(straight(words) in text for text in own):
        raise InterviewError(
            "These words do not stand in your answer.", cure="Mark them as you said them."
        )
    disputes = (*round_.disputes, Dispute(point=claim.point, words=words, at=at))
    rounds = list(state.rounds)
    rounds[found] = round_.model_copy(update={"disputes": disputes})
    return state.model_copy(update={"rounds": tuple(rounds)})


def _open(attempt: Attempt) -> set[str]:
    """The points that a try missed or made by half."""
    points = attempt.graded.points if attempt.graded else ()
    return {point.point for point in points if point.state != "met"}


# --- going on -----------------------------------------------------------------------------


def _next(state: InterviewState, desk: Desk, at: datetime) -> InterviewState:
    chosen = None
    if len(rounds := state.rounds) < state.setup.questions:
        chosen = choose(
            desk.bank, state.setup, seed=state.seed, past=state.past, at=at, rounds=rounds
        )
    if chosen is None:
        return state.model_copy(update={"phase": "done"})
    rounds = (*rounds, chosen)
    return state.model_copy(update={"rounds": rounds, "phase": "question", "clock": at})


def _stopped(state: InterviewState, desk: Desk, at: datetime) -> InterviewState:
    """The end; what was written when it was paused is an answer too, and nothing more is asked."""
    if any(map(str.isalnum, state.draft)) and state.phase in ("question", "probe", "retry"):
        state = _taken(state, state.draft, desk)
    if state.now.said and state.now.graded is None:
        state = _graded(state, desk, at)
    return state.model_copy(update={"phase": "done", "paused": False, "draft": ""})


def _timed(state: InterviewState, at: datetime) -> InterviewState:
    if state.paused or state.phase not in ("question", "probe"):
        return state.model_copy(update={"clock": at})
    spent = max(0.0, (at - state.clock).total_seconds())
    timed = _with_round(state, seconds=round(state.now.seconds + spent, 1))
    return timed.model_copy(update={"clock": at})


def _with_round(state: InterviewState, **fields: object) -> InterviewState:
    now = state.now.model_copy(update=fields)
    return state.model_copy(update={"rounds": (*state.rounds[:-1], now)})
