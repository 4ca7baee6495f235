"""English, as far as Mentor needs it: words, stems, figures, names, sentences.

Everything here is deterministic and works on plain strings. The judge, retrieval and the
conversation share it, so that all of them mean the same by "the same word".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise

import sentencex
import Stemmer
from rapidfuzz import process
from rapidfuzz.distance import OSA

WORD = re.compile(r"[A-Za-z][A-Za-z+#]*(?:['’][A-Za-z]+)?|\d[\d,.]*\d|\d")

STOP_WORDS = frozenset(
    """
    a about above after again all also am an and any are aren't as at be because been before
    being below between both but by can can't cannot could couldn't did didn't do does
    doesn't doing don't down during each else etc few for from further had has have having
    he her here hers him his how i if i'd i'll i'm i've in into is isn't it it's its itself
    just let let's like me more most much my myself no nor not now of off on once one only
    or other our ours out over own please quite rather really same she should so some such
    than that that's the their them then there these they they're this those through to too
    under until up us very was we were what what's when where which while who whom whose why
    will with won't would you you're your yours yourself
    """.split()
)

# Words of asking rather than of the matter: they name no fact that an answer would have to hold.
ASKING = frozenset(
    """
    tell know want need explain describe give show list say mean means meant help mentor
    question answer roadmap document material guide exactly actually thing things something
    anything hi hello hey thanks thank ok okay kindly wondering wonder curious think
    according mention mentioned mentions includes include including name names many much
    kind kinds sort sorts type types get gets got make makes made going go goes use used
    someone people person basically simply right true correct sure also lot possible
    """.split()
)

NEGATIONS = frozenset(
    """
    no not never none nobody nothing neither nor cannot without isn't aren't wasn't weren't
    don't doesn't didn't won't wouldn't can't couldn't shouldn't hasn't haven't hadn't
    mustn't needn't
    """.split()
)

_stemmer = Stemmer.Stemmer("english")

_UNITS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen
    """.split()
_TENS = """
    twenty thirty forty fifty sixty seventy eighty ninety
    """.split()
_NUMBER_WORDS = {word: n for n, word in enumerate(_UNITS)} | {
    word: 10 * n for n, word in enumerate(_TENS, start=2)
}
_ORDINALS = {
    word: n
    for n, word in enumerate(
        """
    first second third fourth fifth sixth seventh eighth ninth tenth
    """.split(),
        start=1,
    )
}
_FIGURE = re.compile(
    r"(?<!\d)(?<!\d\.)(\d[\d,]*+(?:\.\d+)?+)(?!(?:st|nd|rd|th)\b)"
    r"(?:\s?(k|m|bn|thousand|million|billion)\b)?",
    re.I,
)
_SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_SCALE_WORDS = {"half": 0.5, "dozen": 12.0, "hundred": 100.0} | {
    word: value for word, value in _SCALE.items() if len(word) > 2
}


def straight(text: str) -> str:
    """`text` with the apostrophe that keyboards have, where phones write another: "I’m stuck"."""
    return text.replace("’", "'")


def words(text: str) -> list[str]:
    """The words and figures of `text`, lower-cased, in order."""
    return [match.group().lower() for match in WORD.finditer(straight(text))]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The Snowball stem of a lower-case word."""
    return str(_stemmer.stemWord(word.removesuffix("'s")))


def content_words(text: str) -> list[str]:
    """The words that carry matter, in order, each once.

    No stop words, no words of asking, and no figures: `figures` has those.
    """
    return list(
        dict.fromkeys(
            w
            for w in words(text)
            if w not in STOP_WORDS and w not in ASKING and w[0].isalpha() and len(w) > 1
        )
    )


def stems(text: str) -> list[str]:
    """Stems of all words but stop words; what BM25 counts."""
    return [stem(w) for w in words(text) if w not in STOP_WORDS]


def content_stems(text: str) -> frozenset[str]:
    return frozenset(stem(w) for w in content_words(text))


_PREFIXES = ("un", "re", "over", "under", "up", "de", "micro", "out")
_SUFFIXES = ("less", "ness", "ing", "ed", "er", "ers", "ian", "able")
_FEWEST = 4  # letters of a known word that a longer one is made of


def is_made_of(word: str, known: Collection[str]) -> bool:
    """Whether a lower-case word is made of a `known` one: "underpaid", "clueless"."""
    parted = [word[len(each) :] for each in _PREFIXES if word.startswith(each)]
    if len(word) >= 2 * _FEWEST:  # shorter ones are slips as often
        parted += [word[: -len(each)] for each in _SUFFIXES if word.endswith(each)]
    return any(len(rest) >= _FEWEST and rest in known for rest in parted)


def slip_of(word: str, vocabulary: Iterable[str]) -> str | None:
    """The word of `vocabulary` that somebody meant who wrote the lower-case `word`, if any.

    The two share their first letter and at least three quarters of the letters (optimal string
    alignment).
    """
    alike = [v for v in vocabulary if v[0] == word[0] and abs(len(v) - len(word)) <= 2]
    best = process.extractOne(word, alike, scorer=OSA.normalized_similarity, score_cutoff=0.74)
    return best[0] if best else None


def pairs(text: str) -> list[tuple[str, str]]:
    """Stems of neighbouring words, figures written alike: what the order of words is told by."""
    return list(pairwise(map(stem, words(plain_figures(text)))))


def figures(text: str) -> list[float]:
    """Every figure of `text` as a number: $95,000, 1.3k, 10x, p95, fifteen, twenty-five, half.

    "one" and the ordinals are left out of it: in running text they rarely count anything.
    """
    written = [_value(match) for match in _FIGURE.finditer(text)]
    return written + list(_spelled(_FIGURE.sub(" ", text)))


def plain_figures(text: str) -> str:
    """`text` with its figures written alike: "$95k" and "$95,000" both become "$95000"."""
    return _FIGURE.sub(lambda match: f"{_value(match):.10g}", text)


def _value(match: re.Match[str]) -> float:
    value = float(match.group(1).replace(",", "").rstrip("."))
    return value * _SCALE.get((match.group(2) or "").lower(), 1.0)


def _spelled(text: str) -> Iterator[float]:
    """Spelled figures, read as spoken: each word adds to the figure, scales it or ends it."""
    whole, part = 0.0, -1.0  # thousands and more so far; the rest, below zero where none was said
    for token in [*re.findall(r"[a-z]+|[,;:.]", text.lower()), "."]:
        value, scale = _NUMBER_WORDS.get(token), _SCALE_WORDS.get(token)
        if value is not None and (_goes_on(part, value) or (whole and part == 0)):
            part += value
        elif scale == 100.0:
            part = max(part, 1.0) * scale
        elif scale is not None and scale > 100.0:
            whole, part = whole + max(part, 1.0) * scale, 0.0
        elif token != "and" or part < 0:
            if part >= 0 and whole + part != 1:
                yield whole + part
            whole, part = 0.0, -1.0 if value is None else float(value)
            if scale is not None:
                yield scale


def _goes_on(part: float, value: int) -> bool:
    """Whether a number word continues a figure: "two hundred | fifty", "twenty | five"."""
    return part > 0 and (part % 100 == 0 or (part % 10 == 0 and part % 100 >= 20 and value < 10))


def ordinal(word: str) -> int | None:
    """3 for "third", "3rd", "three" and "3"; None for anything else."""
    word = word.lower()
    if match := re.fullmatch(r"(\d)(?:st|nd|rd|th)?", word):
        return int(match.group(1))
    return _ORDINALS.get("fourth" if word == "forth" else word) or _NUMBER_WORDS.get(word)


_NAME = re.compile(r"\b(?:[A-Z][A-Za-z]*[A-Z][A-Za-z]*|[A-Z]{2,}|[A-Z][a-z]+)\b[+#]*")


def names(text: str) -> list[str]:
    """Words of `text` that look like names: capitals inside a sentence, acronyms, CamelCase.

    The first word of a sentence, a list item or a quotation is a name only when it has a
    capital past its first letter.
    """
    found = []
    for match in _NAME.finditer(text):
        word = match.group()
        before = text[: match.start()].rstrip(" *_`\"'“‘(")
        opens = not before or before[-1] in ".!?:\n-–—•"
        if any(c.isupper() for c in word[1:]) or not opens:
            found.append(word)
    return found


def spelt_day(day: date) -> str:
    """A day as people read it, the same everywhere: 4 Dec 2026."""
    return f"{day.day} {day:%b %Y}"


_CODE = re.compile(r"`[^`\n]+`")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of `text`, without surrounding blanks.

    What a formula in `code` holds is read as one word, or its signs might end a sentence.
    """
    spans = []
    masked = _CODE.sub(lambda match: "x" * len(match.group()), text)
    for boundary in sentencex.get_sentence_boundaries("en", masked):
        piece = boundary["text"]
        start = boundary["start_index"] + len(piece) - len(piece.lstrip())
        stripped = piece.strip()
        if stripped:
            spans.append((start, start + len(stripped)))
    return spans


def questions_in(text: str) -> str:
    """The sentences of `text` that end in a question mark; all of it where none does."""
    sentences = (text[start:end] for start, end in sentence_spans(text))
    return " ".join(each for each in sentences if each.endswith("?")) or text


_LIST_ITEM = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s+")


def is_list_item(line: str) -> bool:
    """Whether a line is an item of a Markdown list."""
    return bool(_LIST_ITEM.match(line))


def list_item_text(line: str) -> str:
    return _LIST_ITEM.sub("", line).strip()


def statements(text: str) -> list[tuple[int, int]]:
    """Spans of what can be shown alone: a sentence, or a list together with its lead-in.

    A list leans on the sentence that leads it in, so the two are one statement; an item alone
    would say nothing.
    """
    spans: list[tuple[int, int]] = []
    offset, in_list, in_code = 0, False, False
    for line in text.splitlines(keepends=True):
        start, body = offset, line.strip()
        offset += len(line)
        fence = body.startswith("```")
        if in_code or fence:
            _extend(spans, start, start + len(line.rstrip()), join=in_code)
            in_code = in_code != fence
            in_list = False
        elif is_list_item(line) or (in_list and line[:1] in " \t" and body):
            joins = in_list or (bool(spans) and text[spans[-1][0] : spans[-1][1]].endswith(":"))
            _extend(spans, start, start + len(line.rstrip()), join=joins)
            in_list = True
        elif body:
            indent = line.index(body[0])
            spans.extend((start + indent + a, start + indent + b) for a, b in sentence_spans(body))
            in_list = False
    return spans


def item_spans(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of the single items of the lists among `spans`, which are statements of `text`."""
    found = []
    for start, end in spans:
        offset = start
        for line in text[start:end].splitlines(keepends=True):
            if is_list_item(line):
                found.append((offset, offset + len(line.rstrip())))
            offset += len(line)
    return found


def _extend(spans: list[tuple[int, int]], start: int, end: int, *, join: bool) -> None:
    if join and spans:
        spans[-1] = (spans[-1][0], end)
    else:
        spans.append((start, end))
