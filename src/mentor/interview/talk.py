"""An interview in a conversation: each message is a move, and each reply what the interviewer says.

The messages of a conversation that begin or resume an interview turn it on there; "pause", "stop"
and its end turn it off. The store alone knows where it stands, so that a closed page loses nothing,
and knows which conversation goes on with it, so that a second one is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mentor.interview.feedback import told
from mentor.interview.interviews import Interviews, Kept
from mentor.interview.report import Report
from mentor.interview.screen import Screen
from mentor.interview.state import Hint, Next, Pause, Resume, Setup, Show
from mentor.interview.wish import Wish, is_on, leaves, move_in, topics_named, wish_in
from mentor.records import Done, Event, Passage, Proposal, Proposed, Said
from mentor.spoken import Talk

_SURE = "How sure are you of this answer, from 1 (guessing) to 5 (certain)?"
_AFTER = (
    "Say “retry” for a second try, which is marked and stays out of trends, or “next” for the "
    "model answer and the next question."
)
_OPTIONS = {
    "sure": f"{_SURE} A number, or “skip”.",
    "feedback": f"{_AFTER} Or tell me: I did say this: “your words”.",
    "shown": "Say “next” to go on.",
}


class Interviewer:
    """Replies to what belongs to an interview."""

    def __init__(self, interviews: Interviews, passages: Callable[[], Sequence[Passage]]) -> None:
        self._interviews = interviews
        self._passages = passages

    def reply(
        self,
        text: str,
        history: Sequence[str] = (),
        *,
        learner: str | None,
        conversation: str = "",
        model: str,
    ) -> Iterator[Event] | None:
        """The events of a reply; None where `text` has nothing to do with an interview.

        Raises:
            InterviewError: it cannot be begun so, or the move is not possible.
            StaleWrite: the interview went on elsewhere in this very moment.
        """
        wish = wish_in(text)
        if wish is None and not is_on(history):
            return None
        if learner is None:
            if wish is None:
                return None
            says = (
                "An interview is kept while it goes on: open the page, or run `mentor interview`."
            )
            return self._replied(text, model, lambda talk: talk.say(says))
        if wish is not None:
            return self._replied(text, model, self._opening(wish, learner, conversation))
        kept = self._interviews.going_on(learner, conversation)
        if kept is None:
            return None
        if kept.state.window != conversation:
            return self._replied(text, model, _elsewhere(left=leaves(text)))
        return self._moved(text, kept, learner, model)

    def _replied(
        self, text: str, model: str, saying: Callable[[Talk], Iterator[Said]]
    ) -> Iterator[Event]:
        talk = Talk(self._passages)
        yield from saying(talk)
        yield Done(answer=talk.answer(text, model, (), reason="interview"))

    # --- begin and resume ---

    def _opening(
        self, wish: Wish, learner: str, conversation: str
    ) -> Callable[[Talk], Iterator[Said]]:
        def begin(talk: Talk) -> Iterator[Said]:
            kept = self._interviews.begin(learner, self._setup(wish, learner), window=conversation)
            yield from self._alone(kept, learner, talk)
            screen = self._interviews.screen(kept)
            yield from talk.say(_welcome(screen))
            yield from self._asked(screen, talk)

        def due(talk: Talk) -> Iterator[Said]:
            again = self._interviews.due_again(learner)
            if not again:
                yield from talk.say(
                    "Nothing is due to be asked again. What you miss in an interview comes back "
                    "after some days."
                )
                return
            many = "One question is" if len(again) == 1 else f"{len(again)} questions are"
            yield from talk.say(f"{many} due to be asked again:")
            desk = self._interviews.desk
            for question, point in again.items():
                asked = desk.question(question).question.strip()
                yield from talk.say(f"- {asked}", desk.cite(desk.bank.points[point].section))
            yield from talk.say("Say “quiz me on what is due”, and I ask them.")

        def resume(talk: Talk) -> Iterator[Said]:
            waiting = self._interviews.open(learner, conversation)
            if waiting is None:
                yield from talk.say("No interview of yours is waiting. Begin one: “interview me”.")
                return
            kept = self._interviews.turn(
                learner, waiting.id, Resume(), seen=waiting.version, window=conversation
            )
            yield from self._alone(kept, learner, talk)
            yield from talk.say("We go on where we were.")
            yield from self._shown(kept, talk)
            if draft := self._interviews.screen(kept).had_typed:
                yield from talk.say(draft)

        return {"begin": begin, "due": due, "resume": resume}[wish.kind]

    def _alone(self, kept: Kept, learner: str, talk: Talk) -> Iterator[Said]:
        """A message answers one interview: what else goes on in the conversation waits."""
        if self._interviews.pause_others(learner, kept):
            yield from talk.say("The interview that was on here is paused, and kept.")

    def _setup(self, wish: Wish, learner: str) -> Setup:
        desk = self._interviews.desk
        topics = [topic for part in wish.about for topic in topics_named(part, desk)]
        level = wish.level or self._interviews.level_of(learner)
        return wish.setup.model_copy(
            update={"level": level, "topics": tuple(dict.fromkeys(topics))}
        )

    # --- going on ---

    def _moved(self, text: str, kept: Kept, learner: str, model: str) -> Iterator[Event]:
        talk = Talk(self._passages)
        proposals: tuple[Proposal, ...] = ()
        screen = self._interviews.screen(kept)
        move = move_in(text, screen)
        if move is None:
            yield from talk.say(_OPTIONS[screen.phase])
        else:
            kept = self._interviews.turn(learner, kept.id, move, seen=kept.version)
            if isinstance(move, Pause):
                yield from talk.say("Paused, and kept. Say “resume” when you want to go on.")
            elif move.move == "claim":
                yield from talk.say("I keep your words beside the point. The score stays.")
            elif isinstance(move, Show):
                yield from self._model_answer(kept, talk)
                kept = self._interviews.turn(learner, kept.id, Next(), seen=kept.version)
            if not kept.state.paused and move.move != "claim" and not kept.state.finished:
                yield from self._shown(kept, talk, hint=isinstance(move, Hint))
        if kept.state.finished:
            yield from self._ended(kept, learner, talk)
            proposals = self._proposals(kept, learner)
        if proposals:
            yield Proposed(proposals=proposals)
        yield Done(answer=talk.answer(text, model, proposals, reason="interview"))

    def _shown(self, kept: Kept, talk: Talk, *, hint: bool = True) -> Iterator[Said]:
        """
        Args:
            hint: whether a hint that was taken is said too, which it needs to be once only.
        """
        screen = self._interviews.screen(kept)
        if screen.phase == "sure":
            yield from talk.say(f"- {_SURE}")
        elif screen.phase in ("feedback", "shown") and screen.feedback:
            for line in told(screen.feedback):
                cite = self._interviews.desk.cite(line.section) if line.section else None
                yield from talk.say(line.text, cite)
            if screen.setup.timer:
                yield from talk.say(screen.took)
            yield from talk.say(f"- {_AFTER if screen.phase == 'feedback' else _OPTIONS['shown']}")
        else:
            yield from self._asked(screen, talk, hint=hint)

    def _asked(self, screen: Screen, talk: Talk, *, hint: bool = True) -> Iterator[Said]:
        """What waits for an answer: a hint, and a probe or the question."""
        if screen.phase == "retry":
            yield from talk.say("Your second try, please.")
        if hint and screen.hint and screen.phase != "retry":
            yield from talk.say(f"Hint: {screen.hint}")
        if screen.probe:
            yield from talk.say(f"- {screen.probe}")
            return
        yield from talk.say(f"- {screen.heading}: {screen.text}")
        if screen.code:
            yield from talk.say(f"```{screen.language}\n{screen.code.rstrip()}\n```")

    def _model_answer(self, kept: Kept, talk: Talk) -> Iterator[Said]:
        screen = self._interviews.screen(kept)
        yield from talk.say(f"- A strong answer: {screen.model_answer}")

    # --- the end ---

    def _ended(self, kept: Kept, learner: str, talk: Talk) -> Iterator[Said]:
        if not kept.state.scores:
            yield from talk.say("The interview is over before a question was answered.")
            return
        report = self._interviews.report(learner, kept.id)
        yield from _summary(report, talk)
        for each in report.weakest:
            cite = self._interviews.desk.cite(each.section)
            yield from talk.say(f"- To work on: {each.says} Read “{each.heading}”.", cite)
        yield from talk.say(
            "The whole report is on the page “Interview”; in a terminal, `mentor interview report` "
            "prints it."
        )

    def _proposals(self, kept: Kept, learner: str) -> tuple[Proposal, ...]:
        if not kept.state.scores:
            return ()
        return self._interviews.report(learner, kept.id).proposals


def _elsewhere(*, left: bool) -> Callable[[Talk], Iterator[Said]]:
    says = (
        "You have left it here; it goes on in the other window."
        if left
        else "This interview went on in another window, and nothing of it is lost. Say “resume” to "
        "go on here, or “leave” to talk about something else."
    )
    return lambda talk: talk.say(says)


def _welcome(screen: Screen) -> str:
    many = "one question" if screen.of == 1 else f"{screen.of} questions"
    return (
        f"Mock interview, {screen.setup.level} level, {many}. Answer as you would aloud. You may "
        "say “hint”, “skip”, “pause” or “stop”; everything is kept after each turn."
    )


def _summary(report: Report, talk: Talk) -> Iterator[Said]:
    band = f", {report.band}" if report.band else ""
    yield from talk.say(
        f"Your interview: {report.score} of 100{band}, on {len(report.questions)} questions. "
        f"{report.means}"
    )
    for bar in report.topics:
        many = "question" if bar.questions == 1 else "questions"
        yield from talk.say(f"- {bar.name}: {bar.score}, on {bar.questions} {many}")
    if report.calibration:
        yield from talk.say(report.calibration.says)
