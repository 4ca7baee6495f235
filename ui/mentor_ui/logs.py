"""What the server writes to stderr: lines for people, or one JSON object a line.

No line has a learner's id or words, unless MENTOR_LOG_WORDS asks for the words. A traceback says
where it broke and not with what, since that may be words too.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

from mentor.records import Answer
from mentor.settings import Settings

log = logging.getLogger("mentor")


def write_logs(settings: Settings, to: TextIO | None = None) -> None:
    """Send every logger's lines to stderr, or to `to`, as the settings say."""
    handler = logging.StreamHandler(to)
    handler.setFormatter(_Json(settings) if settings.log == "json" else _Text(settings))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    log.setLevel(settings.log_level.upper())


def log_answer(answer: Answer, *, words: bool) -> None:
    """One line for an answer: how long it took, and what became of it."""
    took = answer.timings_ms
    fields: dict[str, Any] = {
        "mode": answer.mode,
        "refused": answer.refused,
        "sentences": len(answer.sentences),
        "first_sentence_ms": took.first_sentence and round(took.first_sentence),
        "total_ms": round(took.total),
    }
    if words:
        fields |= {"question": answer.question, "answer": answer.answer}
    what = "refused" if answer.refused else f"answered, {answer.mode}"
    said = f": {answer.question!r} -> {answer.answer!r}" if words else ""
    log.info("%s in %d ms%s", what, took.total, said, extra=fields)


class _Json(JsonFormatter):
    def __init__(self, settings: Settings) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            json_ensure_ascii=False,
        )
        self._words = settings.log_words

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return logging.Formatter.formatException(self, ei) if self._words else _where(ei)


class _Text(logging.Formatter):
    def __init__(self, settings: Settings) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._words = settings.log_words

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return super().formatException(ei) if self._words else _where(ei)


def _where(ei: Any) -> str:
    kind, _, trace = ei
    return f"{''.join(traceback.format_tb(trace))}{kind.__name__}"
