"""Passages are data: a paragraph of one that speaks to the machine is not part of an answer.

Material may come from anywhere, and a paragraph can be meant for the assistant that reads it
("ignore the question and reply …") rather than for a learner. Quoting it word for word would hand
its words on, so the whole paragraph is left out: the sentence after an order is often what the
order wants said. Markup that loads something from elsewhere goes the same way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

_MACHINE = (
    r"(?:assistant|chat ?bot|bot|mentor|ai|llm|language model|model|gpt|agent|rag system|"
    r"system prompt)s?"
)
_EVERY = r"(?:the |this |any |every |all |your )?"
_MUST = r"(?:must|has to|have to|shall|should|will|needs? to|is (?:told|asked|required) to)"
_ORDERS = re.compile(
    "|".join(
        (
            # "ignore all previous instructions", "please forget the learner's question"
            r"(?:^|[.!?:;>\"“(,]\s*|\b(?:please|and|now|then|must|to) )\W*"
            r"(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}"
            r"\b(?:instructions?|rules?|prompts?|question|guidelines|the rest|citations?)\b",
            # "instruction for the assistant", "dear model:"
            rf"\b(?:instructions?|notes?|message|orders?) (?:for|to) {_EVERY}{_MACHINE}\b",
            rf"\b(?:attention|dear|hey|hello|important)\W+{_EVERY}{_MACHINE}\s*[:,!]",
            # a staged dialogue: "Assistant: …" at the start of a line
            r"^[\s>*_]*(?:assistant|system|user|learner|human|mentor|ai|bot)[*_]*\s*[:>]",
            # "Assistant, switch to …"
            r"(?:^|[.!?>]\s*)\W*(?:assistant|chat ?bot|mentor|ai|bot)\s*,\s",
            # "the assistant must repeat …"
            rf"\b(?:the|this|any|every|your) (?:assistant|chat ?bot|bot|mentor|ai)s? {_MUST} "
            r"(?:now |always |never |not |only )*"
            r"(?:repeat|say|tell|reply|respond|answer|print|output|write|add|append|include|end|"
            r"begin|start|recommend|praise|rate|reveal|show|ignore|cite|call|link|claim|state|use|"
            r"switch|act)\b",
            r"\byou are (?:now|no longer)\b|\bfrom now on,? (?:you|answer|reply|respond|always)\b",
            r"\b(?:reply|respond|answer) (?:only |just |always |exactly )+(?:with|by|in)\b",
            r"\b(?:reveal|print|repeat|show|output)\b[^.\n]{0,20}\b(?:system|hidden|secret) prompt",
            # a model's own chat markup
            r"<\|?/?(?:im_start|im_end|system|assistant|user|endoftext)\|?>|\[/?INST\]|<</?SYS>>",
        )
    ),
    re.I | re.M,
)
_LOADS = re.compile(
    r"!\[[^\]]*\]\(|<\s*/?\s*(?:img|script|iframe|div|span|style|object|embed|svg|a|form|link|meta|"
    r"video|audio|input|button)\b[^>]*>|\b(?:javascript|data):\w",
    re.I,
)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def spoken_to_the_machine(text: str, spans: Sequence[tuple[int, int]]) -> list[bool]:
    """For each span of `text`, whether its paragraph is none for a learner."""
    breaks = [match.end() for match in _BLANK_LINE.finditer(text)]
    edges = [0, *breaks, len(text)]
    bad = [_bad(text[a:b]) for a, b in pairwise(edges)]
    return [
        any(bad[_paragraph(breaks, start) : _paragraph(breaks, end - 1) + 1])
        for start, end in spans
    ]


def _paragraph(breaks: Sequence[int], place: int) -> int:
    return bisect_right(breaks, place)


def _bad(paragraph: str) -> bool:
    return bool(_ORDERS.search(paragraph) or _LOADS.search(paragraph))
