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
from mentor.records import CORPUS, Answer, Citation, Refusal, Sentence
from mentor_ui.library import VOICES, address_of

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
OTHER_READINGS = "Or did you mean"
ASK_NEXT = "You could ask next"
_CODE = re.compile(r"```\w*\n(?:(?!```).)*\n```", re.S)
"""One listing and nothing beside it, which Markdown shows as it stands."""
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
        '<nav aria-label="Pages"><a href="/roadmap">Roadmap</a> '
        '<a href="/library">Library</a></nav>'
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
    if _CODE.fullmatch(sentence.text):
        return f"{text}\n\n{sentence.text}\n\n".lstrip("\n")
    lead, items = _list_of(sentence.text)
    if not items:
        apart = "\n\n" if sentence.opens else " "
        return f"{text}{apart}{plain(lead)}{marks}".lstrip()
    listed = "\n".join(f"- {plain(item)}" for item in items)
    if not lead:
        return f"{text.rstrip()}\n\n{listed}{marks}\n\n".lstrip("\n")
    return f"{text}\n\n{plain(lead)}{marks}\n\n{listed}\n\n".lstrip("\n")


def related(answer: Answer) -> str:
    """The questions to pick from below an answer; nothing where there are none."""
    if not answer.related:
        return ""
    listed = "".join(
        f'\n- <a class="ask" href="#question">{plain(question)}</a>' for question in answer.related
    )
    return f"\n\n{OTHER_READINGS if answer.vague else ASK_NEXT}\n{listed}"


def whole(answer: Answer, turn: int) -> str:
    """An answer that was kept, as the page showed it."""
    text = ""
    for sentence in answer.sentences:
        text = add_sentence(text, sentence, turn)
    return (text or plain(answer.answer)) + related(answer)


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


def whose(learner: str) -> str:
    """The id of the browser's learner, and how the terminal becomes the same one."""
    return (
        "<details><summary>This browser and the terminal</summary><p>They are two learners. To "
        "bring here what you told the terminal:</p>"
        f"<pre>mentor progress hand-over {learner}</pre><p>To go on there as the one you are here, "
        f"set <code>MENTOR_LEARNER={learner}</code>. Keep the id to yourself: whoever has it "
        "reads your plan.</p></details>"
    )


def sources(citations: Sequence[Citation], turn: int) -> str:
    """The panel at the right: each passage with the words that support the answer marked."""
    cards = "".join(_card(citation, turn) for citation in citations)
    return f"<h2>Sources</h2>{cards}"


def _card(c: Citation, turn: int) -> str:
    before, quote, after = c.passage_text[: c.start], c.quote, c.passage_text[c.end :]
    there = escape(address_of(c.passage.rpartition("~")[0]))
    where = f'<a href="{escape(c.url)}">{escape(c.where)}</a>' if c.url else escape(c.where)
    where = f'<a class="whole" href="{there}">Read the whole page</a> · {where}'
    return (
        f'<details class="source" id="source-{turn}-{c.n}" {"open" if c.n == 1 else ""}>'
        f'<summary><b class="n">{c.n}</b> <span>{escape(c.heading)}</span> '
        f'<em class="voice {c.source}">{escape(_whose(c))}</em></summary>'
        f'<blockquote dir="auto">'
        f"{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}</blockquote>"
        f'<p class="where">{where}</p></details>'
    )


def _whose(c: Citation) -> str:
    return VOICES[c.source] if c.collection == CORPUS else c.collection


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
    names = [VOICES[source] for source in ("roadmap", "editorial") if source in ours]
    whose = escape(" and ".join([*(name[0].lower() + name[1:] for name in names), *theirs]))
    if answer.reason == "interview":
        return "<small>Graded by rules against the rubric; no model was asked</small>"
    if answer.reason == "plan":
        return f"<small>Reckoned by rules from {whose}; no model was asked</small>"
    pace = f" · first sentence after {first / 1000:.1f} s" if first is not None else ""
    return f"<small>From {whose}, {escape(how)}{pace}</small>"
