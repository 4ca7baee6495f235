"""A conversation on paper and as data, with the sources of each answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mentor.language import is_list_item
from mentor.records import Answer, Conversation, Turn


def transcript_json(conversation: Conversation, turns: Sequence[Turn]) -> dict[str, Any]:
    """Everything about a conversation, ready for JSON."""
    return {
        **conversation.model_dump(mode="json", exclude={"turns"}),
        "turns": [turn.model_dump(mode="json") for turn in turns],
    }


def transcript_markdown(conversation: Conversation, turns: Sequence[Turn]) -> str:
    """The conversation as a page to print; the numbers of sources begin anew in each answer."""
    lines = [f"# {conversation.title}", "", f"Begun on {conversation.created.date().isoformat()}."]
    for turn in turns:
        lines += ["", f"## {turn.answer.question}", "", _told(turn.answer)]
        sources = [f"{c.n}. {c.heading} — {c.path}" for c in turn.answer.citations]
        lines += ["", "Sources:", "", *sources] if sources else []
    return "\n".join(lines) + "\n"


def _told(answer: Answer) -> str:
    """Sentence after sentence with its numbers; a list stands on lines of its own."""
    text, after_list = "", False
    for sentence in answer.sentences:
        is_list = is_list_item(sentence.text) or "\n" in sentence.text
        text += ("\n\n" if is_list or after_list else " ") + sentence.text
        text += "".join(f" [{n}]" for n in sentence.citations)
        after_list = is_list
    return text.strip() or answer.answer
