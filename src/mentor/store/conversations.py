"""Conversations in the store, and what learners thought of the answers.

A conversation belongs to one learner: under another learner's id it does not exist. Turns are
added, so two tabs of one conversation lose nothing; only a learner who asks a turn anew removes it
and what followed. A rename and a deletion hold the learner's row.
Every function raises `StoreUnusable` or `StorageError` when the database fails.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select

from mentor.errors import LearnerError
from mentor.records import Answer, Conversation, Feedback, Turn
from mentor.store.store import Store
from mentor.store.tables import ConversationRow, FeedbackRow, TurnRow

LONGEST_TITLE = 60
_MOST_LISTED = 200


def add_turn(store: Store, learner: str, conversation: str, answer: Answer) -> int:
    """Keep a question and its answer, and give the number of this turn, counted from 1.

    The first question of a conversation gives it its title.
    """
    with store.writing(learner) as (session, _):
        if session.get(ConversationRow, (learner, conversation)) is None:
            title = title_of(answer.question)
            session.add(ConversationRow(learner=learner, id=conversation, title=title))
        row = TurnRow(learner=learner, conversation=conversation, question=answer.question)
        row.answer = answer.model_dump(mode="json", exclude={"question"}) | _beside(answer)
        session.add(row)
        session.flush()
        mine = (TurnRow.learner == learner, TurnRow.conversation == conversation)
        return session.scalar(select(func.count()).where(*mine)) or 1


def cut_turns(store: Store, learner: str, conversation: str, *, keep: int) -> None:
    """Remove the turns after the first `keep`, and the feedback on them: they are asked anew."""
    with store.writing(learner) as (session, _):
        mine = (TurnRow.learner == learner, TurnRow.conversation == conversation)
        ids = session.scalars(select(TurnRow.id).where(*mine).order_by(TurnRow.id)).all()
        session.execute(delete(TurnRow).where(TurnRow.id.in_(ids[keep:])))
        row = session.get(ConversationRow, (learner, conversation))
        if row is not None and keep == 0:  # the next first question gives it its title
            session.delete(row)
        about = [f"{conversation}/{n}" for n in range(keep + 1, len(ids) + 1)]
        gone = (FeedbackRow.learner == learner, FeedbackRow.about.in_(about))
        session.execute(delete(FeedbackRow).where(*gone))


def turns(store: Store, learner: str, conversation: str) -> list[Turn]:
    """The turns of a conversation, oldest first; none where it is not this learner's."""
    mine = select(TurnRow).where(TurnRow.learner == learner, TurnRow.conversation == conversation)
    with store.reading() as session:
        return [
            Turn(at=row.at, answer=Answer.model_validate({**row.answer, "question": row.question}))
            for row in session.scalars(mine.order_by(TurnRow.id))
        ]


def conversation(store: Store, learner: str, id_: str) -> Conversation:
    """One conversation.

    Raises:
        LearnerError: the learner has none with this id.
    """
    found = _listed(store, _counted(learner).where(ConversationRow.id == id_))
    if not found:
        raise _unknown(id_)
    return found[0]


def conversations(store: Store, learner: str, *, search: str = "") -> list[Conversation]:
    """The learner's conversations, the one that went on last first.

    Args:
        search: words that must stand together in the title, a question or an answer.
    """
    wanted = _counted(learner)
    if words := search.strip():
        wanted = wanted.where(ConversationRow.id.in_(_saying(learner, words)))
    return _listed(store, wanted.limit(_MOST_LISTED))


def rename(store: Store, learner: str, id_: str, title: str) -> None:
    """Give a conversation another title, shortened where it is too long.

    Raises:
        LearnerError: there is no such conversation, or the title is empty.
    """
    if not title.strip():
        raise LearnerError("A conversation needs a title.", cure="Give it a word or two.")
    with store.writing(learner) as (session, _):
        row = session.get(ConversationRow, (learner, id_))
        if row is None:
            raise _unknown(id_)
        row.title = title_of(title)


def delete_conversation(store: Store, learner: str, id_: str) -> None:
    """Remove a conversation, its turns, and the feedback on them.

    Raises:
        LearnerError: there is no such conversation.
    """
    with store.writing(learner) as (session, _):
        row = session.get(ConversationRow, (learner, id_))
        if row is None:
            raise _unknown(id_)
        session.delete(row)
        mine = (TurnRow.learner == learner, TurnRow.conversation == id_)
        session.execute(delete(TurnRow).where(*mine))
        about = FeedbackRow.about.startswith(f"{id_}/", autoescape=True)
        session.execute(delete(FeedbackRow).where(FeedbackRow.learner == learner, about))


def add_feedback(store: Store, learner: str, feedback: Feedback) -> None:
    """Keep what a learner thinks; a later word on the same answer stands beside the first."""
    with store.writing(learner) as (session, _):
        session.add(
            FeedbackRow(
                learner=learner,
                about=feedback.about,
                verdict=feedback.verdict,
                words=feedback.reason,
                at=feedback.at,
            )
        )


def feedback_of(store: Store, learner: str) -> list[Feedback]:
    """Everything that a learner thought, oldest first."""
    mine = select(FeedbackRow).where(FeedbackRow.learner == learner).order_by(FeedbackRow.id)
    with store.reading() as session:
        return [
            Feedback.model_validate(
                {"about": row.about, "verdict": row.verdict, "reason": row.words, "at": row.at}
            )
            for row in session.scalars(mine)
        ]


def title_of(text: str) -> str:
    """The beginning of a question, cut between words."""
    whole = " ".join(text.split())
    if len(whole) <= LONGEST_TITLE:
        return whole
    return whole[:LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(",;: ") + " …"


def _beside(answer: Answer) -> dict[str, Any]:
    """What is shown below an answer, which its JSON leaves out."""
    return {"vague": answer.vague, "related": answer.related, "topics": answer.topics}


def _counted(learner: str) -> Select[ConversationRow, int, datetime]:
    """Conversations with the number of their turns and the moment of the last."""
    of = (TurnRow.learner == ConversationRow.learner) & (TurnRow.conversation == ConversationRow.id)
    return (
        select(ConversationRow, func.count(TurnRow.id), func.max(TurnRow.at))
        .join(TurnRow, of)
        .where(ConversationRow.learner == learner)
        .group_by(ConversationRow.learner, ConversationRow.id)
        .order_by(func.max(TurnRow.id).desc())
    )


def _saying(learner: str, words: str) -> Select[str]:
    """Ids of the conversations that say `words` somewhere."""
    said: ColumnElement[bool] = or_(
        TurnRow.question.icontains(words, autoescape=True),
        TurnRow.answer["answer"].as_string().icontains(words, autoescape=True),
    )
    named = ConversationRow.title.icontains(words, autoescape=True)
    titled = select(ConversationRow.id).where(ConversationRow.learner == learner, named)
    return select(TurnRow.conversation).where(
        TurnRow.learner == learner, or_(said, TurnRow.conversation.in_(titled))
    )


def _listed(store: Store, wanted: Select[ConversationRow, int, datetime]) -> list[Conversation]:
    with store.reading() as session:
        return [
            Conversation(id=row.id, title=row.title, created=row.at, changed=changed, turns=count)
            for row, count, changed in session.execute(wanted)
        ]


def _unknown(id_: str) -> LearnerError:
    return LearnerError(
        f"There is no conversation {id_[:60]!r}.", cure="`mentor conversations` lists them."
    )
