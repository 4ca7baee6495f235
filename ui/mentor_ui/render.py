"""What the records look like on the page: small pieces of HTML, everything escaped.

Passages and the model's sentences are data: no link, image or tag of theirs reaches the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from mentor.errors import MentorError
from mentor.language import is_list_item, list_item_text
from mentor.records import CORPUS, Answer, Citation, Refusal, Sentence, Source

THINKING = '<span class="thinking" aria-label="The mentor is reading">…</span>'
WELCOME = (
    "### What would you like to know?\n"
    "I answer from the ML-engineer roadmap and its course material, and show where each sentence "
    "stands."
)
NO_SOURCES = (
    '<h2>Sources</h2><p class="hint">The passages that an answer rests on appear here. '
    "Choose a number in the answer to see its words.</p>"
)
_VOICE: dict[Source, str] = {
    "roadmap": "The roadmap",
    "editorial": "Our editors",
}
_MARKUP = re.compile(r"([\\`*_\[\]#|~$])")


def stopped(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`messages` after a stop: what was said stays, a pending answer says that it was stopped."""
    pending = not messages or messages[-1]["role"] == "user"
    if not pending and "thinking" not in str(messages[-1]["content"]):
        return messages
    kept = messages if pending else messages[:-1]
    return [*kept, {"role": "assistant", "content": "Stopped. Ask again whenever you like."}]


def header(model: str) -> str:
    return (
        "<header><h1>Mentor</h1><p>Your guide on the way to ML engineer. "
        f'<span class="model">{_who(model)}</span></p>'
        "</header>"
    )


def _who(model: str) -> str:
    if model == "none":
        return "Answers are the words of the material."
    return f"Answers come from {escape(model)}."


def add_sentence(text: str, sentence: Sentence, turn: int) -> str:
    """`text` with one more sentence, its citations as numbers that open the source."""
    marks = "".join(
        f'<a class="cite" href="#source-{turn}-{n}" aria-label="Source {n}"><sup>{n}</sup></a>'
        for n in sentence.citations
    )
    lead, items = _list_of(sentence.text)
    if not items:
        return f"{text} {plain(lead)}{marks}" if text else f"{plain(lead)}{marks}"
    listed = "\n".join(f"- {plain(item)}" for item in items)
    if not lead:
        return f"{text.rstrip()}\n\n{listed}{marks}\n\n".lstrip("\n")
    return f"{text}\n\n{plain(lead)}{marks}\n\n{listed}\n\n".lstrip("\n")


def _list_of(text: str) -> tuple[str, list[str]]:
    lead: list[str] = []
    items: list[str] = []
    for line in text.splitlines():
        if is_list_item(line):
            items.append(list_item_text(line))
        elif items:
            items[-1] += f" {line.strip()}"
        else:
            lead.append(line)
    return " ".join(lead), items


def plain(text: str) -> str:
    """Text as Markdown that shows it as it stands."""
    return _MARKUP.sub(r"\\\1", escape(text.strip(), quote=False))


def sources(citations: Sequence[Citation], turn: int) -> str:
    """The panel at the right: each passage with the words that support the answer marked."""
    cards = "".join(_card(citation, turn) for citation in citations)
    return f"<h2>Sources</h2>{cards}"


def _card(c: Citation, turn: int) -> str:
    before, quote, after = c.passage_text[: c.start], c.quote, c.passage_text[c.end :]
    where = f'<a href="{escape(c.url)}">{escape(c.where)}</a>' if c.url else escape(c.where)
    return (
        f'<details class="source" id="source-{turn}-{c.n}" {"open" if c.n == 1 else ""}>'
        f'<summary><b class="n">{c.n}</b> <span>{escape(c.heading)}</span> '
        f'<em class="voice {c.source}">{escape(_whose(c))}</em></summary>'
        f'<blockquote dir="auto">'
        f"{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}</blockquote>"
        f'<p class="where">{where}</p></details>'
    )


def _whose(c: Citation) -> str:
    return _VOICE[c.source] if c.collection == CORPUS else c.collection


def refusal(event: Refusal) -> str:
    topics = "".join(f"\n- {plain(topic)}" for topic in event.topics)
    return f"{plain(event.text)}\n{topics}" if topics else plain(event.text)


def trouble(error: MentorError) -> str:
    return f"**{plain(error.what)}** {plain(error.cure)}"


def small_print(answer: Answer) -> str:
    first = answer.timings_ms.first_sentence
    how = {
        "drafted": f"in the words of {answer.model}",
        "mixed": f"in the words of {answer.model} and of the material",
        "quoted": "in the words of the material",
        "refused": "",
    }[answer.mode]
    ours = {c.source for c in answer.citations if c.collection == CORPUS}
    theirs = dict.fromkeys(c.collection for c in answer.citations if c.collection != CORPUS)
    names = [_VOICE[source] for source in ("roadmap", "editorial") if source in ours]
    whose = escape(" and ".join([*(name[0].lower() + name[1:] for name in names), *theirs]))
    if answer.reason == "plan":
        return f"<small>Reckoned by rules from {whose}; no model was asked</small>"
    pace = f" · first sentence after {first / 1000:.1f} s" if first is not None else ""
    return f"<small>From {whose}, {escape(how)}{pace}</small>"
