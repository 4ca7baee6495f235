"""The one place that wires parts; what every face and every eval calls."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.language_models import BaseChatModel

from mentor import conversation as talk
from mentor import index, indexing, language, manner
from mentor.answer.gate import Gate
from mentor.answer.respond import Respond, small_talk
from mentor.consultant import Letter, check_consultant
from mentor.draft import Progress
from mentor.errors import MentorError, SettingsError
from mentor.interview.desk import Desk
from mentor.interview.grading import open_grader
from mentor.interview.interviews import Interviews
from mentor.interview.model_grader import ModelGrader
from mentor.interview.talk import Interviewer
from mentor.interview.teaching import Teaching
from mentor.interview_list import InterviewList
from mentor.models.chat import LlamaChat, open_chat
from mentor.models.embed import (
    SHIPPED,
    Embedder,
    SentenceEmbeddings,
    known_words,
    open_embedder,
    token_counter,
)
from mentor.models.in_context import ContextEncoder
from mentor.models.judge import Judge, LexicalJudge, TrainedJudge
from mentor.next_steps import NextSteps
from mentor.offers import to_begin_with
from mentor.questions import Bank, read_bank
from mentor.records import Answer, Done, Event, Proposal, Refusal, Request
from mentor.retrieve import OPEN, Choice, Retriever
from mentor.scope import Filter
from mentor.settings import Settings
from mentor.sources import Root
from mentor.synonyms import Synonyms, read_synonyms
from mentor.telemetry import no_telemetry
from mentor.wishes import about_the_plan

if TYPE_CHECKING:
    from mentor.store import Store

A_PLAN = "What should I do next?"
AN_INTERVIEW = "Interview me, junior level"


class Mentor:
    """A mentor over one body of material. Safe to use from several threads."""

    def __init__(
        self,
        *,
        reader: index.IndexReader,
        embedder: Embedder,
        chat: BaseChatModel | None,
        judge: Judge | None = None,
        encoder: ContextEncoder | None = None,
        known: Callable[[], frozenset[str]] = known_words,
        synonyms: Synonyms | None = None,
        bank: Callable[[], Bank] = Bank,
        evidence_tokens: int = 150,
        patience: float = 6.0,
        steps: NextSteps | None = None,
        choice: Choice = OPEN,
        interviews: Interviews | None = None,
    ) -> None:
        self.steps = steps
        self.interviews = interviews
        self._interviewer = Interviewer(interviews, reader.passages) if interviews else None
        self._embedder = embedder
        self._chat = chat
        self.reader = reader
        self.model = (chat.name or chat._llm_type) if chat else "none"
        self.retriever = Retriever(
            reader=reader,
            embedder=embedder,
            known=known,
            synonyms=synonyms or Synonyms(),
            choice=choice,
            encoder=encoder,
        )
        self._interview_list = InterviewList(bank)
        self.judge: Judge = judge or LexicalJudge()
        self._evidence_tokens = evidence_tokens
        self._patience = patience
        self.on_answer: Callable[[Answer], None] = lambda _: None
        """Hears every whole answer, whichever face asked; the server counts them."""

    def _respond(self, choice: Choice) -> Respond:
        """The journey of a question over the collections that are chosen for it."""
        retriever = self.retriever.choosing(choice)
        return Respond(
            retriever,
            self.judge,
            Gate(retriever, self._embedder),
            chat=self._chat,
            model=self.model,
            evidence_tokens=self._evidence_tokens,
            patience=self._patience,
        )

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        learner: str | None = None,
        conversation: str = "",
        context: str | None = None,
        choice: Choice = OPEN,
        dropped: Collection[Filter] = (),
    ) -> Iterator[Event]:
        """Events on the way to an answer; the last is `Done`. Closing the iterator cancels.

        Args:
            question: the learner's words.
            history: the learner's earlier messages, oldest first.
            learner: whose plan or interview is meant, as the store knows them.
            conversation: where it is said; an interview goes on in one conversation at a time.
            context: the lesson that the learner has open, as a page id or a few words of one; its
                passages are preferred. What names no page changes nothing.
            choice: whose word counts for this question; what it leaves open is as it is set.
            dropped: the filters of retrieval to leave out, whatever the question names.

        Raises:
            QuestionError: the question is empty or too long, or there is no such collection.
            LearnerError: no plan can be made with what the learner tells.
            InterviewError: an interview cannot be begun so, or cannot go on so.
            StaleWrite: an interview went on in another window.
            IndexUnusable: there is no index, it is damaged, or its server does not answer.
            ModelError: the model broke off, or cannot be reached.
            ModelBusy: too many learners are waiting.
        """
        return self._heard(
            self._reply(
                question,
                history,
                learner=learner,
                conversation=conversation,
                context=context,
                choice=choice,
                dropped=dropped,
            )
        )

    def _heard(self, events: Iterator[Event]) -> Iterator[Event]:
        try:
            for event in events:
                if isinstance(event, Done):
                    self.on_answer(event.answer)
                yield event
        finally:
            if isinstance(events, Generator):
                events.close()

    def _reply(
        self,
        question: str,
        history: Sequence[str],
        *,
        learner: str | None,
        conversation: str,
        context: str | None,
        choice: Choice,
        dropped: Collection[Filter],
    ) -> Iterator[Event]:
        """Interviewer, kind word, plan, list of questions or corpus: who answers first."""
        question, history = language.straight(question), [*map(language.straight, history)]
        if self._interviewer:
            replied = self._interviewer.reply(
                question, history, learner=learner, conversation=conversation, model=self.model
            )
            if replied:
                return replied
        text = talk.clean(question)
        if reply := manner.small_talk(text):
            return small_talk(text, reply, self.model)
        if manner.foreign(text):
            return small_talk(text, manner.ENGLISH_ONLY, self.model)
        if self.steps is not None:
            planned = self.steps.reply(text, history, learner=learner, model=self.model)
            if planned is not None:
                return planned
        respond = self._respond(choice)
        turn, refused = self._turn(text, history, respond)
        if refused:
            return respond.refuse(text, refused)
        if reply := self._interview_list(turn.question):
            return small_talk(text, reply, self.model, reason="interview questions")
        near = self.retriever.pages_called(context) if context else frozenset()
        answer = respond(text, turn, near=near, dropped=dropped)
        return answer if self.steps is None else self.steps.with_consultant(answer, text)

    def _turn(
        self, text: str, history: Sequence[str], respond: Respond
    ) -> tuple[Request, Refusal | None]:
        """What `text` asks, and the refusal of the question before where it only goes on with that.

        Where it has matter of its own, it goes on with what was asked before the refused question.
        """
        rarity = self.reader.current().rarity
        said = [message for message in history if not manner.small_talk(message)]
        while said:
            turn = talk.turn(text, said, rarity)
            if not (turn.follows and turn.topic) or about_the_plan(said[-1:]):
                return turn, None
            refused = respond.refusal(talk.turn(said[-1], said[:-1], rarity))
            if refused is None or talk.adds_nothing(turn.own):
                return turn, refused
            said.pop()
        return talk.turn(text, (), rarity), None

    def answer(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        learner: str | None = None,
        choice: Choice = OPEN,
    ) -> Answer:
        """The whole answer at once."""
        for event in self.ask(question, history, learner=learner, choice=choice):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("ask() always ends in Done")

    def accept(self, learner: str, proposal: Proposal) -> str:
        """Do what the learner said yes to, and say what was done.

        Raises:
            LearnerError: the proposal cannot be carried out.
            StoreUnusable, StorageError: nothing was kept.
        """
        return self.steps.accept(learner, proposal) if self.steps else ""

    @property
    def store(self) -> Store | None:
        """What is kept of learners, opened when it is first asked for; None without a plan.

        Raises:
            StoreUnusable, StorageError: it cannot be opened.
        """
        return self.steps.store if self.steps else None

    def send_letter(self, letter: Letter) -> str | None:
        """Send an approved letter to the consultant; an address is for the face to open.

        Raises:
            LearnerError: the letter is empty or too long.
            ConsultantError: it was not taken.
        """
        return self.steps.send_letter(letter) if self.steps else None

    def suggestions(self, n: int = 4) -> list[str]:
        """What to begin with: the plan, an interview, and what learners ask the material most.
        None while there is no index."""
        try:
            passages = self.reader.passages()
        except MentorError:
            return []
        wishes = [*([A_PLAN] if self.steps else []), *([AN_INTERVIEW] if self._interviewer else [])]
        return [*to_begin_with(passages, n - len(wishes)), *wishes]

    def warm(self) -> None:
        """Load weights, then the index, so that the first question does not wait for them."""
        for part in (self._embedder, self.judge, self.retriever.encoder, self._chat):
            if isinstance(part, SentenceEmbeddings | TrainedJudge | ContextEncoder | LlamaChat):
                part.warm()
        self.reader.current()


def open_mentor(settings: Settings) -> Mentor:
    """A mentor as `settings` describes it. Nothing heavy is loaded until it is needed.

    The telemetry of the libraries is off from here on, for the whole process.

    Raises:
        SettingsError: the settings do not go together.
    """
    no_telemetry()
    embedder = open_embedder(settings)
    reader = index.IndexReader(settings.index_dir, embedder, chroma=settings.chroma)
    steps = open_next_steps(settings, reader)
    bank = cache(lambda: read_bank(settings.corpus))
    chat = open_chat(settings)
    judge = TrainedJudge(own_words=settings.model != "embedded")
    judging = _judging(settings, chat)
    return Mentor(
        reader=reader,
        steps=steps,
        interviews=open_interviews(steps, bank, embedder, judge=judge, judging=judging),
        embedder=embedder,
        judge=judge,
        encoder=ContextEncoder() if embedder.name == SHIPPED else None,
        chat=chat,
        synonyms=read_synonyms(settings.corpus / "synonyms.yaml"),
        bank=bank,
        evidence_tokens=settings.evidence_tokens,
        patience=settings.patience,
        choice=Choice(only=settings.only, prefer=settings.prefer),
    )


def _judging(settings: Settings, chat: BaseChatModel | None) -> BaseChatModel | None:
    """The model that judges interview answers; None where rules do."""
    if settings.model_grades and settings.model in ("embedded", "none"):
        raise SettingsError(
            f"To judge interview answers, a model has to be larger than `{settings.model}`.",
            cure="Set MENTOR_MODEL to a larger model, or leave MENTOR_MODEL_GRADES out.",
        )
    return chat if settings.model_grades else None


def open_next_steps(settings: Settings, reader: index.IndexReader) -> NextSteps:
    """The plan as `settings` describes it. The store is opened when a learner first needs it.

    Raises:
        SettingsError: the consultant's address is wrong.
    """

    def open_store() -> Store:
        from mentor import store  # SQLAlchemy takes a while to import

        return store.open_store(settings)

    check_consultant(settings.consultant)
    return NextSteps(
        settings.corpus, reader.passages, open_store=open_store, consultant=settings.consultant
    )


def open_interviews(
    steps: NextSteps,
    bank: Callable[[], Bank],
    embedder: Embedder,
    *,
    judge: Judge,
    judging: BaseChatModel | None = None,
) -> Interviews:
    """Mock interviews over the same syllabus and store as the plan.

    Args:
        judge: decides which comments of that model are shown.
        judging: a model that judges the points of an answer; None: rules do.
    """

    def desk() -> Desk:
        rules = open_grader(embedder, bank())
        teaching = Teaching(judge, steps.syllabus.sections)
        grader = ModelGrader(judging, rules, bank(), teaching) if judging else rules
        return Desk(bank=bank(), grader=grader, syllabus=steps.syllabus)

    return Interviews(desk, store=lambda: steps.store)


def update_index(
    settings: Settings,
    *,
    extra: Sequence[str | Root] = (),
    forget: Callable[[Root], bool] = lambda _: False,
    rebuild: bool = False,
    progress: Progress = lambda *_: None,
) -> indexing.BuildReport:
    """Bring the index up to date with the corpus, what stood beside it, and `extra`."""
    return indexing.build_index(
        settings.index_dir,
        [settings.corpus, *(x if isinstance(x, Root) else Path(x).resolve() for x in extra)],
        embedder=open_embedder(settings),
        count=lambda: token_counter(settings),
        chroma=settings.chroma,
        sources=settings.sources,
        forget=forget,
        rebuild=rebuild,
        progress=progress,
    )
