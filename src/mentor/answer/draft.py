"""The model's own words, sentence by sentence, from evidence alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Sequence
from functools import lru_cache
from importlib.resources import files

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from mentor import language
from mentor.answer.evidence import Evidence
from mentor.errors import ModelError
from mentor.models.chat import stream_text

log = logging.getLogger("mentor")
LONGEST = 300
"""Characters of one sentence or list, past which nothing good comes any more."""


@lru_cache
def prompt(name: str) -> str:
    """A prompt of `mentor/prompts`; prompts are Markdown, reviewed as prose."""
    return (files("mentor") / "prompts" / f"{name}.md").read_text(encoding="utf-8").strip()


def messages(question: str, evidence: Sequence[Evidence]) -> list[BaseMessage]:
    """The system prompt comes first and never varies, so that its KV cache is kept."""
    notes = " ".join(e.text for e in evidence)
    return [
        SystemMessage(prompt("system")),
        HumanMessage(prompt("answer").format(notes=notes, question=question)),
    ]


def draft(
    question: str, evidence: Sequence[Evidence], chat: BaseChatModel, *, patience: float
) -> Generator[str]:
    """Whole sentences and lists of the model's answer, as soon as each is complete.

    Ends early when the model rambles, breaks off in the middle, or needs more than `patience`
    seconds for a sentence: the material's own words are ready. Closing the generator stops the
    decoding.

    Raises:
        ModelError: the model did not begin at all.
    """
    text = ""
    spoken = 0
    waiting_since = time.monotonic()
    try:
        for piece in stream_text(chat, messages(question, evidence)):
            text += piece
            spans = language.statements(text)
            # The last statement may still grow: another item, or the rest of a figure.
            for start, end in spans[spoken : len(spans) - 1]:
                yield text[start:end]
                spoken += 1
                waiting_since = time.monotonic()
            rambles = bool(spans) and spans[-1][1] - spans[-1][0] > LONGEST
            if rambles or time.monotonic() - waiting_since > patience:
                return
    except ModelError as exc:
        if not text:
            raise
        log.warning("A draft broke off: %s", exc)
        return  # the sentence that it was in is not whole
    for start, end in language.statements(text)[spoken:]:
        yield text[start:end]
