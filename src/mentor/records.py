"""The frozen data that the rooms of the house hand to each other.

Pages, sections and passages are the material; hits are what retrieval found; sentences,
citations and the answer are what a learner reads; events are how an answer arrives. They are
the same for the web page, the API, the terminal and the evals.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Source = Literal["roadmap", "editorial"]
Level = Literal["junior", "mid", "senior"]
Track = Literal["A", "B", "C"]
Mode = Literal["drafted", "quoted", "mixed", "refused"]
Origin = Literal["drafted", "quoted"]
Unit = Literal["page", "slide", "cell", "row", "time"]
"""What is counted in a file; a time is in seconds."""
Manner = Literal["plain", "short", "simple"]
"""How a learner wants to be answered: as usual, in few words, in words for a beginner."""


CORPUS = "corpus"
"""The collection of the material that ships with Mentor."""
BOUNDARY = "boundary"
"""Kind of the sections that tell what the material does not answer."""
UNANSWERED = "unanswered"
"""Kind of the asked questions that no section answers."""


class Record(BaseModel):
    """Base of all records: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- material ---------------------------------------------------------------------------


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


Whole = Annotated[str, AfterValidator(_whole)]
"""Text of a reader that lets halves of characters through; no file and no database takes them."""


class Place(Record):
    """Where a piece of material belongs; filters of retrieval and labels of citations."""

    kind: str = "page"
    source: Source = "editorial"
    level: Level | None = None
    stage: int | None = Field(default=None, ge=1, le=5)
    track: Track | None = None


class Part(Record):
    """A piece of a file that is no Markdown, and where in the file it stands."""

    text: Whole
    at: int
    """Number of its page, slide, cell or row, from 1; or the second at which it is said."""
    anchor: Whole
    """What a link to it ends in, as RFC 8118 (PDF), RFC 7111 (CSV) and media fragments have it."""
    path: tuple[Whole, ...] = ()
    """The headings over it, under the title of its page."""
    questions: tuple[Whole, ...] = ()


class Page(Record):
    """One readable page of the corpus: a Markdown body, or the parts of a file of another kind."""

    id: str
    title: Whole
    body: str
    file: str
    """Path shown to people, relative to the folder that was indexed."""
    place: Place = Place()
    places: dict[str, Place] = {}
    """Places of single sections that differ from the page's, by anchor."""
    questions: dict[str, tuple[str, ...]] = {}
    """What a learner would ask a section, by anchor; the empty anchor is the page's opening."""
    url: str | None = None
    topics: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    hours: tuple[float, float] | None = None
    unit: Unit | None = None
    """What the numbers of the parts count."""
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    """What the author should know of how the file was read."""


class Spot(Record):
    """From `start` on, up to the next spot, a passage's text stands at `at` in its file."""

    start: int
    at: int
    anchor: str


class Passage(Record):
    """A piece of one section that fits the embedder's window and reads well alone."""

    id: str
    """`page#anchor~n`: stable while the section keeps its heading."""
    section: str
    path: tuple[str, ...]
    """Heading path from the page's title down."""
    text: str
    file: str
    place: Place = Place()
    url: str | None = None
    questions: tuple[str, ...] = ()
    """The section's own questions; only the first passage of a section carries them."""
    asked: tuple[str, ...] = ()
    """Questions of learners that the section answers, from `asked.jsonl`; first passage only."""
    collection: str = Field(default=CORPUS, exclude_if=lambda value: value == CORPUS)
    unit: Unit | None = Field(default=None, exclude_if=lambda value: value is None)
    spots: tuple[Spot, ...] = Field(default=(), exclude_if=lambda value: not value)
    """Where in the file the text stands, in order; none where headings alone tell."""

    def spots_of(self, start: int, end: int) -> tuple[Spot, ...]:
        """The spots at which `text[start:end]` stands."""
        ends = [spot.start for spot in self.spots[1:]] + [len(self.text)]
        pairs = zip(self.spots, ends, strict=True) if self.spots else ()
        return tuple(spot for spot, stop in pairs if spot.start < end and start < stop)

    @property
    def page(self) -> str:
        """Id of the page that it stands on."""
        return self.section.partition("#")[0]

    @property
    def heading(self) -> str:
        return " › ".join(self.path)

    @property
    def readable(self) -> str:
        """What is embedded and searched: the heading path, then the text."""
        return f"{self.heading}\n{self.text}"


class Asked(Record):
    """A question as a learner asked it: whether the material answers it, and where."""

    question: str
    answered: bool
    section: str | None = None


class Hit(Record):
    """A passage that retrieval found, with the signals that put it there."""

    passage: Passage
    score: float
    """Reciprocal-rank fusion score; comparable only within one search."""
    similarity: float = 0.0
    """Cosine of question and passage, in [-1, 1]."""
    question_similarity: float = 0.0
    """Best cosine of the question and one of the section's own questions."""
    coverage: float = 0.0
    """Share of the question's words of matter that the passage has, rare ones counting more."""


# --- conversation -----------------------------------------------------------------------


class Request(Record):
    """What one message asks for, once what was said before is worked in."""

    question: str
    """The question as it would be asked alone."""
    manner: Manner = "plain"
    opening: str | None = None
    """A human sentence that comes first and claims nothing."""
    follows: bool = False
    """Whether it leans on what was said before."""
    own: str = ""
    """What the message says by itself."""
    topic: str = ""
    """The question before, where this one may go on with it."""


# --- answers ------------------------------------------------------------------------------


class Citation(Record):
    """Where a sentence stands in the material: `quote == passage_text[start:end]`."""

    n: int
    passage: str
    heading: str
    path: str
    url: str | None
    source: Source
    quote: str
    start: int
    end: int
    passage_text: str
    location: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """Where in the file: "page 12", "slides 12–13", "03:20"; None where the heading tells."""
    collection: str = Field(default=CORPUS, exclude_if=lambda value: value == CORPUS)
    """Whose word it is, where it is not the corpus's."""

    @classmethod
    def of(cls, n: int, passage: Passage, start: int, end: int) -> Citation:
        """Citation number `n`, of `passage.text[start:end]`."""
        spots = passage.spots_of(start, end)
        url = passage.url
        return cls(
            n=n,
            passage=passage.id,
            heading=passage.heading,
            path=passage.file,
            url=f"{url}#{spots[0].anchor}" if url and spots else url,
            source=passage.place.source,
            quote=passage.text[start:end],
            start=start,
            end=end,
            passage_text=passage.text,
            location=spoken_place(passage.unit, [spot.at for spot in spots]),
            collection=passage.collection,
        )

    @property
    def where(self) -> str:
        """The file, and where in it."""
        return f"{self.path}, {self.location}" if self.location else self.path


def spoken_place(unit: Unit | None, numbers: Sequence[int]) -> str | None:
    """Where in a file something stands, in words: "page 3", "slides 2–4", "01:30"."""
    if unit is None or not numbers:
        return None
    first, last = numbers[0], numbers[-1]
    if unit == "time":
        hours, minutes, seconds = first // 3600, first // 60 % 60, first % 60
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
    return f"{unit} {first}" if first == last else f"{unit}s {first}–{last}"


class Sentence(Record):
    """One sentence (or one list with its lead-in) that may be shown, and its citations."""

    text: str
    citations: tuple[int, ...] = ()
    origin: Origin = Field(default="quoted", exclude=True)
    opens: bool = Field(default=False, exclude=True)
    """Whether a paragraph begins with it."""


class Timings(Record):
    """Milliseconds since the question arrived; None where it did not come to that."""

    retrieve: float | None = None
    first_sentence: float | None = None
    total: float = 0.0


class Proposal(Record):
    """A change that the mentor proposes, or a way to help; only the learner's yes does anything."""

    id: str
    kind: Literal["plan", "mark", "consultant"]
    label: str
    """The words on its button."""
    says: str
    """What a yes will do, in full."""
    change: dict[str, Any] = Field(default_factory=dict)
    """For `Mentor.accept`; a `mentor.progress.Change`, or the draft of a letter."""


class Answer(Record):
    """What a learner reads, and what stands behind each sentence of it."""

    question: str
    answer: str
    refused: bool = False
    reason: str | None = None
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    mode: Mode
    model: str
    timings_ms: Timings = Timings()
    vague: bool = Field(default=False, exclude=True)
    """Whether the question could be read in several ways; `related` holds the other ones."""
    related: tuple[str, ...] = Field(default=(), exclude=True)
    """Up to three questions that sections near by answer, to pick from."""
    topics: tuple[str, ...] = Field(default=(), exclude=True)
    """Of a refusal: the nearest that the material does cover."""
    proposals: tuple[Proposal, ...] = Field(default=(), exclude_if=lambda value: not value)
    """Left out of JSON where there are none."""


# --- conversations ------------------------------------------------------------------------


class Turn(Record):
    """A question and its answer, as they are kept."""

    at: datetime
    answer: Answer


class Conversation(Record):
    """A conversation as a list shows it; its turns are read when it is opened."""

    id: str
    title: str
    created: datetime
    changed: datetime
    """When the last turn was kept."""
    turns: int


class Feedback(Record):
    """What a learner thinks of an answer, a plan or an interview."""

    about: str
    """As in `conversation/3`: the third answer of a conversation."""
    verdict: Literal["up", "down"]
    reason: str = Field(default="", max_length=2_000)
    at: datetime


# --- events: how an answer arrives ----------------------------------------------------------


class Searching(Record):
    """The question as it is searched for, after the history was worked in."""

    type: Literal["searching"] = "searching"
    question: str


class Sources(Record):
    """The passages that the answer may draw on, best first."""

    type: Literal["sources"] = "sources"
    hits: tuple[Hit, ...]


class Waiting(Record):
    """The model is busy; `position` learners are ahead."""

    type: Literal["waiting"] = "waiting"
    position: int


class Said(Record):
    """One checked sentence, with the citations it brings."""

    type: Literal["sentence"] = "sentence"
    sentence: Sentence
    citations: tuple[Citation, ...]


class Refusal(Record):
    """The material does not answer this; what it does cover nearby."""

    type: Literal["refusal"] = "refusal"
    reason: str
    text: str
    topics: tuple[str, ...] = ()


class Proposed(Record):
    """What the learner may say yes to; comes before `Done`, which repeats it."""

    type: Literal["proposals"] = "proposals"
    proposals: tuple[Proposal, ...]


class Done(Record):
    """The last event: the whole answer."""

    type: Literal["done"] = "done"
    answer: Answer


Event = Annotated[
    Searching | Sources | Waiting | Said | Refusal | Proposed | Done, Field(discriminator="type")
]
