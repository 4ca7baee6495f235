"""A report on paper: Markdown, a page to print, and data."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from mentor.interview import plots
from mentor.interview.feedback import told
from mentor.interview.marked import Piece, marked
from mentor.interview.report import Answered, Report

_MARKUP = re.compile(r"([\\`*_\[\]<>#|])")


def report_json(report: Report) -> dict[str, Any]:
    """The report with the keys that the documents promise."""
    data = report.model_dump(mode="json", exclude={"questions"})
    return {**data, "questions": [_question_json(each) for each in report.questions]}


def _question_json(each: Answered) -> dict[str, Any]:
    points = [
        {
            "id": point.point,
            "state": point.state,
            "quote": point.quote.text if point.quote else None,
            "section": point.section,
            "weight": point.weight,
            "when": point.when,
        }
        for point in each.graded.points
    ]
    mistakes = [
        {"quote": slip.quote.text, "why": slip.why, "section": slip.section}
        for slip in each.graded.mistakes
    ]
    return {
        "id": each.id,
        "question": each.text,
        "code": each.code,
        "topic": each.topic,
        "kind": each.kind,
        "answer": each.answer,
        "probes": [turn.model_dump(exclude={"said"}) for turn in each.probes],
        "hinted": each.hinted,
        "sure": each.sure,
        "seconds": each.seconds,
        "points": points,
        "mistakes": mistakes,
        "unjudged": [quote.text for quote in each.graded.unjudged],
        "score": each.graded.score,
        "band": each.graded.band,
        "feedback": [line.model_dump() for line in told(each.feedback)],
        "model_answer": each.model_answer,
        "retry": {"score": each.retry.score, "band": each.retry.band} if each.retry else None,
        "disputes": [dispute.model_dump(mode="json") for dispute in each.disputes],
    }


def report_markdown(report: Report) -> str:
    text = _template("report.md.j2").render(report=report, told=told)
    return re.sub(r"\n{3,}", "\n\n", text)


def report_html(report: Report) -> str:
    """One page that loads nothing from elsewhere and prints well."""
    return _template("report.html.j2").render(report=report, told=told, plots=plots)


@cache
def _template(name: str) -> Template:
    env = Environment(
        autoescape=name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {"plain": _plain, "quoted": _quoted, "marked": _marked}
    return env.from_string((files("mentor.interview") / name).read_text(encoding="utf-8"))


def _plain(text: str) -> str:
    """Text as Markdown that shows it as it stands."""
    return _MARKUP.sub(r"\\\1", text)


def _quoted(text: str) -> str:
    """Text as a block quotation of Markdown."""
    return "\n".join(f"> {_plain(line)}".rstrip() for line in text.splitlines())


def _marked(each: Answered) -> tuple[tuple[Piece, ...], ...]:
    return marked(each.said, each.feedback)
