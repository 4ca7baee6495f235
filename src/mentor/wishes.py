"""What a learner asks of the plan in a conversation, understood by rules.

    "what next?"                                    next
    "I know Python and SQL, where do I start?"      next, with two claims
    "I have 6 hours a week, when am I job ready?"   ready, with the hours
    "what if I do 12?"                              ready, when the plan was spoken of just before
    "swap track", "switch me to track A"            swap
    "how far am I?", "what am I missing?"           standing
    "I finished the pandas lesson"                  done
    "undo that"                                     undo

The rules are narrow on purpose: "what comes after stage 2?" is a question about the material, and
goes to the material. Slips of spelling are put right in short messages only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rapidfuzz.distance import OSA

from mentor.learner import Way
from mentor.manner import small_talk
from mentor.records import Record
from mentor.told import NUMBER, figure, tells, tells_hours_alone

Kind = Literal["next", "ready", "swap", "standing", "done", "undo"]

_PLEASE = (
    r"(?:please |ok(?:ay)?,? |and |so |now |mentor,? |can you |could you |just |hi,? |hey,? |"
    r"hello,? |good (?:morning|afternoon|evening),? )*"
)
_STUDY = r"(?:do|learn|study|work on|start with)"
_NOW = r"(?:next|first|now|today|tonight|tomorrow|this week(?:end)?)"
_PLAN = r"(?:a|my|the) (?:study |learning |personal |training )*(?:plan|schedule)"
_NEXT = re.compile(
    rf"\W*{_PLEASE}(?:what(?:'?s| is| are| do i do| should i do| to do| shall i do| now)?"
    r"(?: my| the)? ?next(?: steps?)?(?: for me)?|(?:what are |show(?: me)? )?(?:my )?next steps?"
    rf"|what now|what (?:should|shall|can|do|must) i {_STUDY} {_NOW}"
    rf"|(?:make|show|create|build|write|give)(?: me)? {_PLAN}(?: for me)?"
    r"|what(?:'?s| is) (?:on )?my (?:study |learning )?plan"
    r"|plan my (?:learning|way|studies)|where do i go from here)\W*",
    re.I,
)
_BARE = re.compile(r"\W*(?:and |so )?what(?:'?s| is)? next\W*", re.I)
_STAGE = re.compile(r"\bstages?\b", re.I)
_START = re.compile(
    r"\b(?:where|how) (?:do|should|shall|can|would) i (?:start|begin)\b"
    rf"|(?<!\bif so )(?<!\bif so, )\bwhat (?:should|do|shall|can) i {_STUDY} (?:first|next)\b"
    rf"|\b(?:make|create|build|write|give|need|want)(?: me)? {_PLAN}\b",
    re.I,
)
_CHANGER = re.compile(
    r"\W*(?:hi\W+|hello\W+)?i(?:'m| am| work as| was)\b[^.?!]*\b(?:want|like|hope|hoping|plan|"
    r"planning|thinking|trying)\b[^.?!]*\b(?:switch|change|transition|move|get into|become)\b[^?]*",
    re.I,
)
_READY = re.compile(
    r"\b(?:when|how (?:long|soon|many (?:weeks|months|years)))\b[^.?!]*\b(?:i|i'm|i'll|me|my)\b"
    r"[^.?!]*\b(?:job[- ]?ready|be ready|am i ready|ready for (?:a|the|my first) job|get hired)\b"
    r"|\bhow long (?:will|would|does|do) it take(?: for)? me\b"
    r"|\b(?:can|could|will|would) i (?:be|get) (?:job[- ]?)?ready\b",
    re.I,
)
_SWAP = re.compile(
    rf"\W*{_PLEASE}(?:let'?s |i want to |i'd like to |i would like to |(?:should|can|may) i )?"
    r"(?:(?:swap|switch|change|move)(?: me)?(?: my| the)?(?: from track [abc])?"
    r"(?: tracks?)?(?: over)?(?: (?:to|for|into)(?: track)? (?P<way>[abc]|self[- ]study))?"
    r"|(?:i (?:want|choose|take|prefer)|take|choose|go with)(?: to (?:do|take))? track"
    r" (?P<chosen>[abc]))(?: instead)?(?: please)?\W*",
    re.I,
)
_STANDING = re.compile(
    rf"\W*{_PLEASE}(?:how far (?:am i|have i (?:come|got(?:ten)?))(?: along)?"
    r"|(?:what(?:'?s| is) |show(?: me)? |how is )?my (?:progress|status)|where do i stand"
    r"|what (?:am i|do i) (?:still )?(?:missing|lack|lacking|need)"
    r"|what(?:'?s| is) (?:still )?(?:missing|left)(?: for me| to do)?"
    r"|how am i doing|what have i (?:done|finished))(?: now| yet| so far| still)?\W*",
    re.I,
)
_WANTS_LEVEL = re.compile(
    r"\bi (?:want|would like|aim|plan|hope) to (?:be(?:come)?|reach|get to)\b[^.?!]*"
    r"\b(?:junior|mid|senior)\b",
    re.I,
)
_KIND = r"(?:lessons?|course|workshop|project|deliverable|notebook|chapter|page)"
_DONE = re.compile(
    rf"\W*{_PLEASE}(?:i(?:'ve| have|'m| am)? (?:just |now |already |finally )*"
    r"(?:finished|completed|did|done|worked through|through)(?: with)? (?:the |my |a )?"
    rf"(?P<what>[^.,;?!]{{2,70}}? {_KIND})(?: (?:today|yesterday|now))?\W*"
    r"(?:(?:so |and )?what(?:'?s| is)?(?: now| next)?\W*)?"
    r"|(?:mark|tick off|check off) (?P<item>[^.,;?!]{2,70}?) (?:as )?"
    r"(?:done|finished|completed))\W*",
    re.I,
)
_NOT_ALL = re.compile(
    r"\b(?:not|never|half|parts?|most|some|none|almost|nearly|hardly|barely)\b", re.I
)
"""That it is not done, or not to its end: "I did not do the pandas lesson"."""
_UNDO = re.compile(
    rf"\W*{_PLEASE}(?:undo|take (?:that|it) back)"
    r"(?: (?:that|it|this|the last (?:one|mark)|last))?\W*",
    re.I,
)
_WHAT_IF = re.compile(
    r"\W*(?:(?:and|but|so|ok(?:ay)?|what|how|about|if|with|only|i|do|had|have|did|just)\W+)*"
    rf"(?P<n>{NUMBER}) ?(?:hours?|hrs?|h)?(?: ?(?:/|a|per|each|every) ?(?:week|wk))?"
    r"(?: instead)?\W*",
    re.I,
)
_AND_NOW = re.compile(r"\W*(?:and |so |ok(?:ay)?,? )*(?:what )?(?:now|then|next)\W*", re.I)
_WHY_SO = re.compile(
    r"\W*(?:and |but |so )?why (?:(?:that|this|the) (?:track|way)|track [abc]|self[- ]study)\W*",
    re.I,
)
_AND_TRACK = re.compile(
    r"\W*(?:and|or|what about|how about|what if i (?:take|took))(?: on)?(?: with)? track"
    r" (?P<way>[abc])\W*",
    re.I,
)
_SPELT = (
    "what should shall where when which next step steps start begin ready track swap switch change "
    "plan today tomorrow week hours learn study first finished completed lesson course project "
    "progress missing done about"
).split()
_MOST_WORDS = 10
_LOOKS_BACK = 8
"""Messages through which a few words may go on: "what if I do 12?", "and 15?", "and 20?"."""


class Wish(Record):
    """What is asked of the plan."""

    kind: Kind
    way: Way | None = None
    """Where to swap to, if that was said."""
    hours: float | None = None
    """Hours a week to reckon with once: "what if I do 12?"."""
    called: str | None = None
    """What somebody says to have finished."""


def wish_in(text: str, history: Sequence[str] = ()) -> Wish | None:
    """What `text` asks of the plan; None where it is a question for the material.

    "What's next?" after a question about a stage asks for the next stage, and "what now?" after a
    question for the material goes on with that.
    """
    if history and _BARE.fullmatch(text) and _STAGE.search(history[-1]):
        return None
    said = [message for message in history if not small_talk(message)]
    goes_on = said and _AND_NOW.fullmatch(text) and not tells(said[-1])
    if goes_on and wish_in(said[-1], said[:-1]) is None:
        return None
    mended = _mended(text)
    found = _wish(text) or (_wish(mended) if mended != text else None)
    if found is None and history and (before := wish_in(history[-1], history[-_LOOKS_BACK:-1])):
        return _follow_up(text, before)
    return found


def about_the_plan(messages: Sequence[str]) -> list[str]:
    """Those of several messages that tell something for the plan."""
    return [text for text in messages if tells(text) or wish_in(text) is not None]


def _wish(text: str) -> Wish | None:
    if swap := _SWAP.fullmatch(text):
        way = (swap.group("way") or swap.group("chosen") or "").upper()
        named = re.search(r"\btracks?\b", text, re.I) or way
        return Wish(kind="swap", way=_WAYS.get(way)) if named else None
    if (done := _DONE.fullmatch(text)) and not _NOT_ALL.search(done.group()):
        return Wish(kind="done", called=done.group("what") or done.group("item"))
    if _UNDO.fullmatch(text):
        return Wish(kind="undo")
    if _READY.search(text) or tells_hours_alone(text):
        return Wish(kind="ready")
    *_, last_clause = re.split(r"[,.;:]\s", text)
    if _STANDING.fullmatch(last_clause if _WANTS_LEVEL.search(text) else text):
        return Wish(kind="standing")
    starts = tells(text) and _START.search(text)
    if _NEXT.fullmatch(text) or starts or _CHANGER.fullmatch(text):
        return Wish(kind="next")
    return None


_WAYS: dict[str, Way] = {"A": "A", "B": "B", "C": "C", "SELF-STUDY": "self-study"}
_WAYS["SELF STUDY"] = "self-study"


def _follow_up(text: str, before: Wish) -> Wish | None:
    """What a few words mean after something was asked of the plan."""
    if track := _AND_TRACK.fullmatch(text):
        return Wish(kind="swap", way=_WAYS[track.group("way").upper()])
    if _AND_NOW.fullmatch(text):
        return Wish(kind="next")
    if _WHY_SO.fullmatch(text):
        return Wish(kind="ready")
    if what_if := _WHAT_IF.fullmatch(text):
        kind: Kind = "next" if before.kind == "next" else "ready"
        return Wish(kind=kind, hours=figure(what_if.group("n")))
    return None


def _mended(text: str) -> str:
    """A short message with slips in the words of a wish put right: "waht nxt" is "what next"."""
    if len(text.split()) > _MOST_WORDS:
        return text
    return re.sub(r"[A-Za-z]{3,}", lambda match: _nearest(match.group()), text)


def _nearest(word: str) -> str:
    lower = word.lower()
    if lower in _SPELT:
        return word
    most = 1 if len(lower) < 6 else 2
    near = [
        known for known in _SPELT if known[0] == lower[0] and OSA.distance(known, lower) <= most
    ]
    return min(near, key=lambda known: OSA.distance(known, lower), default=word)
