"""Retrieval: does a section that answers stand high among those found?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mentor import language
from mentor.index import Index
from mentor.records import BOUNDARY, Record
from mentor_evals import ranking
from mentor_evals.cases import Wanted, load
from mentor_evals.task import Exhibit, Metric, Score, Scorer, Task
from mentor_evals.workbench import Workbench

POOL = 60  # passages looked at to find ten sections
SHOWN = 10

Search = Callable[[str], list[str]]
"""Question -> ids of sections, best first, each as often as it has passages."""


class Ranking(Record):
    """The sections found, best first, each once."""

    sections: tuple[str, ...]


def tasks(bench: Workbench) -> list[Task[Wanted, Ranking]]:
    cases = dataset(bench)
    searches: dict[str, Callable[[], Search]] = {
        "": lambda: hybrid(bench),
        "BM25 alone": lambda: bm25_alone(bench.index),
        "passage vectors alone": lambda: dense_alone(bench.index),
    }
    return [_task(cases, name, search) for name, search in searches.items()]


def dataset(bench: Workbench) -> list[Wanted]:
    """The gold sections of the answerable questions; in dev those of sections.jsonl too."""
    cases = [
        Wanted(id=c.id, split=c.split, question=c.question, sections=c.sections)
        for c in bench.questions
        if c.sections
    ]
    more = bench.split == "dev" and not bench.has_own_cases
    return [*cases, *(load("sections", Wanted) if more else ())]


def _task(cases: list[Wanted], name: str, opened: Callable[[], Search]) -> Task[Wanted, Ranking]:
    def solve(case: Wanted) -> Ranking:
        return Ranking(sections=tuple(dict.fromkeys(opened()(case.question))))

    return Task(
        dataset=cases,
        solver=solve,
        scorers=_scorers(name) if name else [*_scorers(""), *_finer()],
        solver_name=f"search {name}".strip(),
        result=Ranking,
        exhibit=lambda case, result: Exhibit(question=case.question, said=result.sections[:SHOWN]),
    )


def _scorers(name: str) -> list[Scorer[Wanted, Ranking]]:
    beside = f", {name}" if name else ""
    return [
        Scorer(
            Metric(
                name=f"recall@{k}{beside}",
                definition=f"share of the questions with a gold section among the first {k}"
                f"{' of ' + name if name else ''}",
                source="Manning, Raghavan and Schütze 2008, §8.4; any one gold section will do",
            ),
            lambda case, result, k=k: _recall(case, result, k, explain=k == 5 and not name),  # type: ignore[misc]
        )
        for k in ((1, 5, 10) if not name else (5,))
    ]


def _recall(case: Wanted, result: Ranking, k: int, *, explain: bool) -> Score:
    value = ranking.recall(result.sections, case.sections, k)
    why = f"wanted {' or '.join(case.sections)}" if explain and not value else ""
    return Score(value=value, explanation=why)


def _finer() -> list[Scorer[Wanted, Ranking]]:
    return [
        Scorer(
            Metric(
                name="MRR",
                definition="mean of 1 / rank of the first gold section; 0 when it is not found",
                source="Voorhees 1999",
            ),
            lambda case, result: Score(
                value=ranking.reciprocal_rank(result.sections, case.sections)
            ),
        ),
        Scorer(
            Metric(
                name="nDCG@10",
                definition="discounted gain of the gold sections among ten, over the ideal one",
                source="Järvelin and Kekäläinen 2002",
            ),
            lambda case, result: Score(value=ranking.ndcg(result.sections, case.sections, 10)),
        ),
    ]


# --- the searches ---------------------------------------------------------------------------------


def hybrid(bench: Workbench) -> Search:
    retriever = bench.mentor.retriever
    return lambda question: [
        hit.passage.section for hit in retriever.search(retriever.correct(question), k=POOL)
    ]


def bm25_alone(index: Index) -> Search:
    def search(question: str) -> list[str]:
        tokens = [s for s in language.stems(question) if s in index.bm25.vocab_dict]
        scores = index.bm25.get_scores(tokens) if tokens else np.zeros(len(index.ids))
        best = np.argsort(-scores, kind="stable")
        found = (index.passages[index.ids[i]] for i in best if scores[i] > 0)
        return [p.section for p in found if p.place.kind != BOUNDARY][:POOL]

    return search


def dense_alone(index: Index) -> Search:
    return lambda question: [
        index.passages[document.metadata["passage"]].section
        for document in index.dense.similarity_search(
            question,
            k=POOL,
            filter={"kind": {"$ne": BOUNDARY}},  # type: ignore[dict-item]  # Chroma takes more
        )
    ]
