"""Is something told, or only named? What makes a story of work concrete.

Behavioural and project points have no facts of the corpus to match: each candidate has another
story. What tells a met point from a partly met one is a detail that could be checked: a figure, a
time, a named tool or person, something that the candidate did, what came of it.
"""

from __future__ import annotations

import re

from mentor import language

_TIME = re.compile(
    r"\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april"
    r"|june|july|august|september|october|november|december|spring|summer|autumn|fall|winter"
    r"|yesterday|week(?:s|end)?|month(?:s)?|year(?:s)?|day(?:s)?|hour(?:s)?|minute(?:s)?"
    r"|morning|afternoon|evening|night|quarter|deadline|q[1-4])\b",
    re.I,
)
_DID = re.compile(
    r"\b(?:i|we)\s(?:\w+ly\s|also\s|then\s|just\s|first\s|even\s)?"
    r"(?:\w+ed|wrote|made|built|took|put|went|ran|kept|found|told|sent|set|gave|got|sat|drew|cut"
    r"|held|led|met|chose|threw|left|spent|asked|did|had|saw|said|began|brought|taught|read|let)\b",
    re.I,
)
_OUTCOME = re.compile(
    r"\b(?:from\s(?:\S+\s){1,3}to|down\sto|up\sto|went\s(?:up|down|live)|dropped|fell|rose|grew|saved"
    r"|since\sthen|in\sthe\send|afterwards|after\sthat|result(?:ed)?|merged|shipped|launched"
    r"|still\s(?:use|run|in)|today|accepted|agreed|approved|thanked|promoted|fixed|solved)\b",
    re.I,
)


def details(text: str) -> int:
    """How many of five kinds of concrete detail the words have.

    >>> details("I communicate well.")
    0
    >>> details("In March I wrote the README, and the intern had it running in 40 minutes.")
    4
    """
    figure = bool(language.figures(text))
    name = any(n.lower() not in {"i", "ok"} for n in language.names(text) if not _TIME.match(n))
    return figure + name + sum(bool(p.search(text)) for p in (_TIME, _DID, _OUTCOME))
