"""How near the words of a candidate come to a rubric point: the signals that a grade is made of.

A point is known by its wordings: what it says, the `met` anchor, the two paraphrases, and the
sentence of the model answer that makes it; its `partly` anchor shows what falls short. A window is
held against them

- by words, weighted by how rare they are in the bank; words of the question are worth nothing,
- by tokens in their context: for each token of a wording the nearest of the window, weighted alike
  (the late interaction of ColBERT, Khattab and Zaharia 2020, over the sentence embedder),
- by sentence vectors, also against the other points of the question and the `partly` anchor,
- by a cross-encoder that reads point and window together (`mentor_evals.training.points`): is the
  point made, is it touched at least? Only the windows with most of the point's words and tokens are
  read, since reading takes time.

Two signals speak for the whole answer and not for a window: how near its three nearest sentences
come together, and how much of the other points of the question it has. Both can only grow with what
is added, so that no sentence costs that says nothing of a point.

What has the words of a wording, but a negation or a direction that the wording has not,
contradicts it. How alike the wordings of one point are, and how near its `partly` anchor comes, is
a signal too: it gives each point a bar of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mentor import language
from mentor.interview.dimensions import details
from mentor.interview.matter import Floats, Matter, Rarity, Taken, take, together, wordings
from mentor.interview.windows import Window
from mentor.models.embed import Embedder
from mentor.models.onnx import OnnxModel
from mentor.questions import Bank, Point, Question

BY_VECTORS = ("near", "second", "apart", "near_model", "near_partly")
BY_WORDS = ("words", "all_words", "order", "words_model", "contradicts")
BY_TOKENS = ("tokens", "tokens_says", "tokens_met", "tokens_close")
OWN = tuple(f"{whose}_{what}" for whose in ("own", "half") for what in ("tokens", "words", "all"))
OF_ANSWER = ("nearest_three", "others")
MADE = "made"
READS = (MADE, "touched")
NAMES = (*BY_VECTORS, *BY_WORDS, *BY_TOKENS, "story", "details", *OWN, *OF_ANSWER, *READS)
"""A story is a point with a dimension; only there do concrete details count."""
GUARD = "contradicts"
"""Not weighed but decided: such a window makes no point."""
READER = Path(__file__).with_name("points.onnx")
_LONGEST = 160
"""Tokens of a point and a window."""
_MOST_READ = 5
"""Windows that are read for a point."""
_LONGER = 0.05
"""What another sentence has to add before it is read too."""
_UNREAD = -6.0
"""The logit of the others; the nearest of those that are read seldom has less."""
_FULL = 4
"""Wordings that make a point in full; the fifth is the `partly` anchor."""
_THREE = 3
_UNRELATED = 0.19
"""What a sentence about something else has of `tokens`: the median over sentences and points."""
_CLOSE = (0.45, 0.85)
"""Cosines of tokens that count as nothing in common, and as the same."""
_SAME_WORDS = 0.4
"""Share of a wording's pairs that a window must have before a negation in one of them counts."""
_UP, _DOWN = (
    frozenset(map(language.stem, words.split()))
    for words in (
        "more above over higher greater longer larger increase rise grow raise",
        "less below under lower fewer shorter smaller decrease fall shrink",
    )
)


def open_reader() -> OnnxModel:
    """The reader of points that ships; loaded when first asked.

    It reads one pair at a time: the numbers of a batch depend a little on who else is in it.
    """
    return OnnxModel(READER, longest=_LONGEST, batch=1)


def pair(point: Point, words: str) -> tuple[str, str]:
    """A point and words of a candidate, as the reader reads them."""
    return f"{point.says} {point.met}", words


class Rubric:
    """The points of a question, ready to be held against windows."""

    def __init__(
        self,
        question: Question,
        bank: Bank,
        rarity: Rarity,
        embedder: Embedder,
        reader: OnnxModel,
    ) -> None:
        self._reader = reader
        self.points = tuple(point for point, _ in bank.rubric(question))
        self._rarity = rarity
        answer = question.model_answer
        sentences = [answer[a:b] for a, b in language.sentence_spans(answer)]
        texts = [text for p in self.points for text in (*wordings(p), p.partly)]
        asked, *taken = take([question.question, *texts, *sentences], embedder)
        self._known = asked.stems
        self._asked = frozenset(asked.tokens)
        self._made = [taken[5 * n : 5 * n + 5] for n in range(len(self.points))]
        self._weights = [[self._weighed(wording) for wording in made] for made in self._made]
        self._vectors = np.array([[t.vector for t in made] for made in self._made])
        self._model = [self._nearest(taken[len(texts) :], n) for n in range(len(self.points))]
        self._own = [self._of_itself(*each) for each in zip(self._made, self._weights, strict=True)]

    def nearest(self, vectors: Floats) -> Floats:
        """For each vector, its best cosine with a full wording of any point."""
        found: Floats = np.einsum("pvd,nd->npv", self._vectors[:, :_FULL], vectors).max((1, 2))
        return found

    def signals(self, parts: Sequence[Taken], windows: Sequence[Window]) -> Floats:
        """(points, windows, signals in the order of NAMES)."""
        said = together(parts, windows)
        vectors = np.array([t.vector for t in said])
        best = np.einsum("pvd,wd->pwv", self._vectors[:, :_FULL], vectors)
        concrete = np.array([[1, details(w.quote.text)] for w in windows], np.float32)
        found = []
        for p, made in enumerate(self._made):
            others = np.delete(best, p, axis=0).max((0, 2))
            near = np.sort(best[p], axis=1)
            by_vectors = (
                near[:, -1],
                near[:, -2],
                near[:, -1] - others,
                vectors @ self._model[p].vector,
                vectors @ made[_FULL].vector,
            )
            by_words = [self._by_words(each, made, self._model[p]) for each in said]
            by_tokens, three = self._by_tokens(parts, windows, p)
            story = concrete * (self.points[p].dimension is not None)
            own = np.repeat([self._own[p]], len(windows), axis=0)
            whole = np.full(len(windows), three)
            found.append(np.column_stack([*by_vectors, by_words, by_tokens, story, own, whole]))
        table = np.array(found, np.float32)
        return np.concatenate([table, _of_others(table), self._read(table, windows)], axis=2)

    def _read(self, table: Floats, windows: Sequence[Window]) -> Floats:
        """(points, windows, READS): what the reader says of the nearest windows of each point."""
        near = table[:, :, [NAMES.index("tokens"), NAMES.index("all_words")]].sum(2)
        near -= _LONGER * np.array([w.last - w.first for w in windows])
        chosen = np.argsort(-near, axis=1, kind="stable")[:, :_MOST_READ]
        pairs = [
            pair(point, windows[n].quote.text)
            for point, row in zip(self.points, chosen, strict=True)
            for n in row
        ]
        found = np.full((*near.shape, len(READS)), _UNREAD, np.float32)
        logits = self._reader.rows(pairs).reshape(*chosen.shape, len(READS))
        np.put_along_axis(found, chosen[:, :, None], logits, axis=1)
        return found

    def _nearest(self, sentences: Sequence[Taken], n: int) -> Taken:
        """The sentence of the model answer that makes a point."""
        return max(sentences, key=lambda t: float((self._vectors[n, :_FULL] @ t.vector).max()))

    # --- by words

    def _by_words(self, said: Matter, made: Sequence[Taken], model: Taken) -> tuple[float, ...]:
        full = made[:_FULL]
        order = [len(said.pairs & w.pairs) / max(1, len(w.pairs)) for w in full]
        nearest = max(range(_FULL), key=order.__getitem__)
        same = order[nearest] >= _SAME_WORDS
        return (
            max(self._share(said, wording) for wording in full),
            self._all_words(said, full),
            order[nearest],
            self._share(said, model),
            float(same and _opposed(said, full[nearest])),
        )

    def _share(self, said: Matter, wording: Taken) -> float:
        """Share of what a wording adds to the question that was said, by rarity."""
        added = wording.stems - self._known or wording.stems
        return self._rarity.of(said.stems & added) / (self._rarity.of(added) or 1.0)

    def _all_words(self, said: Matter, full: Sequence[Taken]) -> float:
        """What was said of all wordings together, against what one of them has on average."""
        added = [wording.stems - self._known for wording in full]
        one = sum(map(self._rarity.of, added)) / len(added)
        return self._rarity.of(said.stems & frozenset[str]().union(*added)) / (one or 1.0)

    # --- by tokens

    def _by_tokens(
        self, parts: Sequence[Taken], windows: Sequence[Window], p: int
    ) -> tuple[Floats, float]:
        """(windows, BY_TOKENS), and the mean of the three nearest sentences that are heard.

        A missing sentence counts as an unrelated one, so that neither brevity nor padding pays.
        """
        heard = sorted({n for w in windows for n in range(w.first, w.last + 1)})
        soft, close, single = [], [], []
        for wording, weights in zip(self._made[p][:_FULL], self._weights[p], strict=False):
            near = _token_cosines(wording, parts)
            rows = np.array([near[w.first : w.last + 1].max(0) for w in windows])
            soft.append(rows @ weights)
            close.append(_as_close(rows) @ weights)
            single.append(near[heard] @ weights)
        nearest = np.sort([*np.mean(single, axis=0), *_THREE * [_UNRELATED]])[-_THREE:]
        columns = [np.mean(soft, axis=0), soft[0], soft[1], np.max(close, axis=0)]
        return np.column_stack(columns), float(nearest.mean())

    def _weighed(self, wording: Taken) -> Floats:
        """How much each token of a wording matters; together 1."""
        weights = self._rarity.of_tokens(wording.tokens, self._asked)
        if not weights.any():
            weights = np.ones(len(wording.tokens), np.float32)
        unit: Floats = weights / weights.sum()
        return unit

    # --- of the point itself

    def _of_itself(self, made: Sequence[Taken], weights: Sequence[Floats]) -> Floats:
        """How near its full wordings come to each other, and its half one to them: OWN."""
        full = range(_FULL)

        def against(said: Taken, others: Sequence[int]) -> list[float]:
            soft = [_token_cosines(made[n], [said])[0] @ weights[n] for n in others]
            words = max(self._share(said, made[n]) for n in others)
            return [float(np.mean(soft)), words, self._all_words(said, [made[n] for n in others])]

        own = [against(made[n], [m for m in full if m != n]) for n in full]
        return np.array([*np.mean(own, axis=0), *against(made[_FULL], full)], np.float32)


def _of_others(table: Floats) -> Floats:
    """(points, windows, 1): what the answer has of the other points, each by its best window."""
    best = table[:, :, NAMES.index("all_words")].max(1)
    others = (best.sum() - best) / max(1, len(best) - 1)
    return np.broadcast_to(others[:, None, None], (*table.shape[:2], 1))


def _token_cosines(wording: Taken, parts: Sequence[Taken]) -> Floats:
    """(parts, tokens of the wording): the cosine with the nearest token of each part."""
    starts = np.cumsum([0, *(len(part.vectors) for part in parts)])[:-1]
    cosines = wording.vectors @ np.concatenate([part.vectors for part in parts]).T
    found: Floats = np.maximum.reduceat(cosines, starts, axis=1).T
    return found


def _as_close(cosines: Floats) -> Floats:
    nothing, same = _CLOSE
    found: Floats = np.clip((cosines - nothing) / (same - nothing), 0, 1)
    return found


def _opposed(said: Matter, wording: Matter) -> bool:
    """Whether the one denies what the other says, or goes up where the other goes down."""
    a, b = (frozenset(map(language.stem, each.words)) for each in (said, wording))
    return said.negated != wording.negated or any(
        bool(a & one and not a & other and b & other and not b & one)
        for one, other in ((_UP, _DOWN), (_DOWN, _UP))
    )
