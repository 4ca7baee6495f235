"""A reply: what one question brought, as it is kept and scored.

The same for the mentor and for a peer. It keeps what `Answer` leaves out of its JSON: who worded
each sentence.
"""

from __future__ import annotations

from mentor.records import Answer, Citation, Origin, Record, Timings
from mentor_evals.task import Evidence, Exhibit


class Line(Record):
    """One sentence, or one list with its lead-in."""

    text: str
    citations: tuple[int, ...]
    origin: Origin


class Reply(Record):
    """An answer, in the form that evals keep."""

    question: str
    text: str
    refused: bool
    reason: str | None
    lines: tuple[Line, ...]
    citations: tuple[Citation, ...]
    model: str
    timings: Timings

    @classmethod
    def of(cls, answer: Answer) -> Reply:
        return cls(
            question=answer.question,
            text=answer.answer,
            refused=answer.refused,
            reason=answer.reason,
            lines=tuple(
                Line(text=s.text, citations=s.citations, origin=s.origin) for s in answer.sentences
            ),
            citations=answer.citations,
            model=answer.model,
            timings=answer.timings_ms,
        )

    @property
    def claims(self) -> bool:
        """Whether it answers from the material: small talk and refusals cite nothing."""
        return not self.refused and bool(self.citations)


class Replies(Record):
    """The replies to the turns of a conversation."""

    turns: tuple[Reply, ...]


def exhibit(reply: Reply, *, history: tuple[str, ...] = ()) -> Exhibit:
    """`reply` as the report shows it."""
    return Exhibit(
        question=" → ".join((*history, reply.question)),
        said=tuple(_marked(line) for line in reply.lines) or (reply.text,),
        evidence=tuple(
            Evidence(n=c.n, heading=c.heading, text=c.passage_text) for c in reply.citations
        ),
    )


def _marked(line: Line) -> str:
    marks = "".join(f"[{n}]" for n in line.citations)
    return f"{line.text} {marks}".rstrip()
