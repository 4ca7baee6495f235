"""What the records look like on the page: small pieces of HTML, everything escaped.

Passages and the model's sentences are data: no link, image or tag of theirs reaches the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

from mentor.errors import MentorError
from mentor.language import is_list_item, list_item_text
from mentor.records import CORPUS, Answer, Citation, Sentence
from mentor_ui.library import SHELF, VOICES, address_of
from mentor_ui.pages import inline, piece

THINKING = '<span class="thinking">Reading …</span>'
STOPPED = "Stopped. Ask again whenever you like."
SEARCHING = "Looking through the material …"
WELCOME = (
    "## What would you like to know?\n"
    "I answer from the ML-engineer roadmap and its course material, and show where each sentence "
    "stands."
)
_SOURCES = (
    '<div class="over"><h2>Sources</h2>'
    '<button type="button" class="put-away" aria-label="Put the sources away">×</button></div>'
)
NO_SOURCES = (
    f'{_SOURCES}<p class="hint">The passages that an answer rests on appear here. '
    "Choose a number in the answer to see its words.</p>"
)
EARLIER_SOURCES = '<div id="earlier-sources" hidden></div>'
"""Where the sources of an earlier answer are put (static/chat/sources.js)."""
_TALKS = (
    '<button type="button" class="talks" aria-controls="talks" aria-expanded="false">'
    "☰ <span>Conversations</span></button>"
)
NOT_COVERED = "Not in my material"
NEAREST = "What I do know that lies near"
OTHER_READINGS = "Or did you mean"
ASK_NEXT = "You could ask next"
_CODE = re.compile(r"```\w*\n(?:(?!```).)*\n```", re.S)
"""One listing and nothing beside it, which Markdown shows as it stands."""
_TICKED = re.compile(r"\\`([^`\n]+?)\\`")
_MARKUP = re.compile(r"([\\`*_\[\]#|~$])")


def header() -> str:
    return f"<header>{_TALKS}<h1>Mentor</h1>{piece('nav', here='/')}</header>"


def who_answers(model: str) -> str:
    """Whose words answers are; and, while the weights warm up, that they do (static/chat)."""
    words = "the material alone" if model == "none" else f"{escape(model)} and the material"
    return f'<p>Answers in the words of {words}. <span id="warming" role="status"></span></p>'


def busy(ahead: int, seconds: float) -> str:
    who = "1 learner is" if ahead == 1 else f"{ahead} learners are"
    return f"The model is busy: {who} ahead of you, about {seconds:.0f} seconds …"


def add_sentence(text: str, sentence: Sentence, turn: int) -> str:
    """`text` with one more sentence, its citations as numbers that open the source."""
    marks = "".join(
        f'<a class="cite" href="#source-{turn}-{n}"><sup>{n}</sup></a>' for n in sentence.citations
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


def whole(answer: Answer, turn: int) -> str:
    """A whole answer with its small print and what could be asked next.

    Where a paragraph begins is read from its text: kept sentences no longer say so.
    """
    if answer.refused:
        return refusal(answer.answer, answer.topics)
    text = ""
    at = 0
    for sentence in answer.sentences:
        start = max(at, answer.answer.find(sentence.text, at))
        opens = "\n\n" in answer.answer[at:start]
        text = add_sentence(text, sentence.model_copy(update={"opens": opens}), turn)
        at = start + len(sentence.text)
    return (text or plain(answer.answer)) + small_print(answer) + _related(answer)


def _related(answer: Answer) -> str:
    """The questions to pick from below an answer; nothing where there are none."""
    if not answer.related:
        return ""
    listed = "".join(
        f'\n- <a class="ask" href="#question">{plain(question)}</a>' for question in answer.related
    )
    return f"\n\n{OTHER_READINGS if answer.vague else ASK_NEXT}\n{listed}"


def words_of(message: Mapping[str, Any]) -> str:
    """The text of a message as Gradio's chatbot sends it."""
    content = message["content"]
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)


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
    """Text as Markdown that shows it as it stands; `code` alone looks like code."""
    shown = _MARKUP.sub(r"\\\1", escape(text.strip(), quote=False))
    return _TICKED.sub(r"<code>\1</code>", shown)


def whose(learner: str) -> str:
    """The id of the browser's learner, and how the terminal becomes the same one."""
    learner = escape(learner)
    return (
        "<details><summary>This browser and the terminal</summary><p>They are two learners. To "
        "bring here what you told the terminal:</p>"
        f"<pre>mentor progress hand-over -- {learner}</pre><p>To go on there as the one you are "
        f"here, set <code>MENTOR_LEARNER={learner}</code>. Keep the id to yourself: whoever has it "
        "reads your plan.</p></details>"
    )


def sources(citations: Sequence[Citation], turn: int) -> str:
    """The panel at the right: each passage with the words that support the answer marked."""
    cited: dict[str, list[Citation]] = {}
    for citation in citations:
        cited.setdefault(citation.passage, []).append(citation)
    cards = (_card(each, turn, is_open=n == 0) for n, each in enumerate(cited.values()))
    return f"{_SOURCES}{''.join(cards)}"


def _card(cited: Sequence[Citation], turn: int, *, is_open: bool) -> str:
    """One passage, with all that the answer has of it."""
    c = cited[0]
    there = escape(address_of(c.passage.rpartition("~")[0]))
    where = f'<a href="{escape(c.url)}">{escape(c.where)}</a>' if c.url else escape(c.where)
    where = f'<a class="whole" href="{there}">Read the whole page</a> · {where}'
    numbers = " ".join(str(each.n) for each in cited)
    return (
        f'<details class="source"{" open" if is_open else ""}>'
        f'<summary><b class="n">{numbers}</b> <span>{escape(c.heading)}</span> '
        f'<em class="voice {c.source}">{escape(_whose(c))}</em></summary>'
        f'<blockquote dir="auto">{_marked(cited, turn)}</blockquote>'
        f'<p class="where">{where}</p></details>'
    )


def _marked(cited: Sequence[Citation], turn: int) -> str:
    """The words of a passage; those that the answer has are marks that its numbers lead to."""
    text, shown, at = cited[0].passage_text, "", 0
    for c in sorted(cited, key=lambda each: (each.start, each.end)):
        start, end = max(at, c.start), max(at, c.end)
        mark = f'<mark id="source-{turn}-{c.n}">{inline(text[start:end])}</mark>'
        shown += f"{inline(text[at:start])}{mark}"
        at = end
    return f"{shown}{inline(text[at:])}"


def _whose(c: Citation) -> str:
    return VOICES[c.source] if c.collection == CORPUS else c.collection


def refusal(text: str, topics: Sequence[str] = ()) -> str:
    """A kind no: what the material does not answer, and the nearest that it does."""
    near = "".join(f"\n- [{plain(topic)}]({SHELF}?{urlencode({'q': topic})})" for topic in topics)
    said = f'<strong class="refused">{NOT_COVERED}</strong>\n\n{plain(text)}'
    return f"{said}\n\n{NEAREST}:\n{near}" if near else said


def told(error: MentorError) -> str:
    """What went wrong, and the cure, beside the conversation: HTML."""
    return str(inline(str(error)))


def trouble(error: MentorError) -> str:
    """The same as a message of the conversation: Markdown."""
    return f"**{plain(error.what)}** {plain(error.cure)}"


def small_print(answer: Answer) -> str:
    """Whose words an answer has and how soon they came; nothing below small talk."""
    if not (answer.sentences and answer.citations):
        return ""
    return f'\n\n<small class="print">{_small_print(answer)}</small>'


def _small_print(answer: Answer) -> str:
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
        return "Graded against the rubric, by the points that an answer makes"
    if answer.reason == "plan":
        return f"Reckoned by rules from {whose}; no model was asked"
    pace = f" · first sentence after {first / 1000:.1f}\u00a0s" if first is not None else ""
    end = " · stopped" if answer.reason == "stopped" else ""
    return f"From {whose}, {escape(how)}{pace}{end}"
