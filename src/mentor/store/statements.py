"""What a portal is told, as xAPI says it: a learner, a verb, what it was done to, how it went.

A statement is kept in the transaction that made it true, so none is lost and none is told of what
was rolled back; `outbox` has those that wait. Verbs are those of ADL's vocabulary:

    completed   a lesson, course, deliverable or practice; an interview, with its score
    passed      a skill that questions have checked
    mastered    a skill that evidence shows
    voided      one of these, taken back

A skill that is only claimed is the learner's word and is not told.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentor.learner import Mark, Skill
from mentor.store.tables import StatementRow, now

VERBS = "http://adlnet.gov/expapi/verbs/"
ACTIVITIES = "http://adlnet.gov/expapi/activities/"
_SKILL_VERBS = {"checked": "passed", "evidenced": "mastered"}


def tell_mark(session: Session, learner: str, row: int, mark: Mark) -> None:
    """Keep a statement of mark number `row`, if it is one to be told."""
    result: dict[str, Any]
    if isinstance(mark, Skill):
        verb, item, kind = _SKILL_VERBS.get(mark.state), mark.id, "objective"
        result = {"success": True}
    else:
        verb, item, kind = "completed", mark.item, "lesson"
        result = {"completion": True}
    if verb is None:
        return
    if mark.link:
        result["extensions"] = {"urn:mentor:evidence": mark.link}
    _keep(session, learner, f"mark/{row}", _statement(verb, item, kind, result))


def tell_undone(session: Session, learner: str, row: int) -> None:
    """Keep a statement that voids the one of mark number `row`, if there is one."""
    if voided := _about(session, learner, f"mark/{row}"):
        what = {"objectType": "StatementRef", "id": voided}
        _keep(session, learner, f"undone/{row}", {"verb": _verb("voided"), "object": what})


def tell_interview(session: Session, learner: str, interview: str, state: dict[str, Any]) -> None:
    """Keep a statement of an interview that came to its end; once."""
    about = f"interview/{interview}"
    if _about(session, learner, about):
        return
    # One result for each skill of a question, which passes with all of them or with none.
    passed = {each["question"]: each["passed"] for each in state.get("results", ())}
    result: dict[str, Any] = {"completion": True}
    if passed:
        result["score"] = {"raw": sum(passed.values()), "min": 0, "max": len(passed)}
    statement = _statement("completed", f"interviews/{interview}", "assessment", result)
    _keep(session, learner, about, statement)


def _statement(verb: str, item: str, kind: str, result: dict[str, Any]) -> dict[str, Any]:
    definition = {"type": f"{ACTIVITIES}{kind}"}
    activity = {"objectType": "Activity", "id": f"urn:mentor:{item}", "definition": definition}
    return {"verb": _verb(verb), "object": activity, "result": result}


def _verb(verb: str) -> dict[str, Any]:
    return {"id": f"{VERBS}{verb}", "display": {"en": verb}}


def _about(session: Session, learner: str, about: str) -> str | None:
    mine = (StatementRow.learner == learner, StatementRow.about == about)
    return session.scalars(select(StatementRow.id).where(*mine)).first()


def _keep(session: Session, learner: str, about: str, statement: dict[str, Any]) -> None:
    dated = {**statement, "timestamp": now().isoformat()}
    row = StatementRow(id=str(uuid.uuid4()), learner=learner, about=about, statement=dated)
    session.add(row)
