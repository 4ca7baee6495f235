"""The measures, on values that can be worked out by hand, and what always holds of them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentor.errors import SettingsError
from mentor.models.embed import HashingEmbeddings
from mentor.records import Citation, Timings
from mentor_evals import alce, facts, ranking
from mentor_evals.agreement import kappa
from mentor_evals.bars import Bar, read_bars, shipped_bars
from mentor_evals.cases import RoadmapCase, Turn
from mentor_evals.intervals import estimate
from mentor_evals.quickstart import says_it_does_not_know
from mentor_evals.referee import Ground, Referee
from mentor_evals.replies import Line, Reply
from mentor_evals.suites import SUITES, roadmap
from mentor_evals.suites.followups import turn_score
from mentor_evals.task import Score

PASSAGE = "A junior earns $95,000 a year. A senior earns more."


def reply(*lines: str, refused: bool = False, cited: bool = True, passage: str = PASSAGE) -> Reply:
    citation = Citation(
        n=1,
        passage="page#salary~0",
        heading="Salary",
        path="page.md",
        url=None,
        source="roadmap",
        quote=passage,
        start=0,
        end=len(passage),
        passage_text=passage,
    )
    marks = (1,) if cited else ()
    return Reply(
        question="Why?",
        text=" ".join(lines),
        refused=refused,
        reason=None,
        lines=tuple(Line(text=line, citations=marks, origin="quoted") for line in lines),
        citations=(citation,) if cited else (),
        model="none",
        timings=Timings(),
    )


def scores(*values: float, weight: float = 1.0) -> list[Score]:
    return [Score(value=value, weight=weight) for value in values]


# --- rankings -------------------------------------------------------------------------------------


def test_recall_asks_whether_any_wanted_section_is_among_the_first_k() -> None:
    assert ranking.recall(["a", "b", "c"], ["c", "x"], 2) == 0.0
    assert ranking.recall(["a", "b", "c"], ["c", "x"], 3) == 1.0


def test_the_reciprocal_rank_is_one_over_the_first_wanted_rank() -> None:
    assert ranking.reciprocal_rank(["a", "b", "c"], ["b", "c"]) == 0.5
    assert ranking.reciprocal_rank(["a"], ["b"]) == 0.0


def test_ndcg_of_a_wanted_section_at_rank_two_of_two_wanted() -> None:
    expected = (1 / math.log2(3)) / (1 + 1 / math.log2(3))
    assert ranking.ndcg(["x", "a", "y"], ["a", "b"], 10) == pytest.approx(expected)


@given(st.permutations("abcdef"), st.sets(st.sampled_from("abcdef"), min_size=1))
def test_ndcg_is_one_exactly_when_the_wanted_sections_come_first(
    ranked: list[str], wanted: set[str]
) -> None:
    value = ranking.ndcg(ranked, sorted(wanted), 6)
    assert 0 < value <= 1 + 1e-12
    assert (value > 1 - 1e-9) == (set(ranked[: len(wanted)]) == wanted)


# --- citations ------------------------------------------------------------------------------------


def carries(*enough: set[str]) -> alce.Supports[str]:
    """A referee for whom a sentence is supported by any of the sets of passages in `enough`."""
    return lambda _, cited: any(need <= set(cited) for need in enough)


def test_a_sentence_without_citations_has_no_citation_recall() -> None:
    assert not alce.recalled("A.", [], carries(set()))


def test_a_citation_that_neither_supports_nor_is_needed_is_not_precise() -> None:
    assert alce.precise("A.", ["p", "q"], carries({"p"})) == 1


def test_two_citations_that_support_only_together_are_both_precise() -> None:
    assert alce.precise("A.", ["p", "q"], carries({"p", "q"})) == 2


def test_no_citation_of_an_unsupported_sentence_is_precise() -> None:
    assert alce.precise("A.", ["p", "q"], carries()) == 0


@pytest.mark.parametrize(
    ("sentence", "text", "supported"),
    [
        ("Reject when p < 0.05.", "Reject when **p<0.05**.", True),
        ("Reject when p > 0.05.", "Reject when p < 0.05.", False),
        ("The slope is −2 at zero.", "The slope is -2 at zero.", True),
        ("The slope is -2 at zero.", "The slope is 2 at zero.", False),
        ("- It takes 5 - 6 weeks.", "> It takes 5 - 6 weeks.", True),
        ("It takes 5 weeks. Then it ends.", "> It takes 5 weeks.\n> Then it ends.", True),
    ],
)
def test_a_sentence_whose_sign_was_turned_does_not_stand_in_its_passage(
    sentence: str, text: str, supported: bool
) -> None:
    verdict = Referee(HashingEmbeddings()).judge(sentence, [Ground(heading="h", text=text)])
    assert (verdict.supported, verdict.probability) == (supported, float(supported))


# --- facts and form -------------------------------------------------------------------------------


def test_any_spelling_of_a_fact_counts_and_dashes_are_alike() -> None:
    expect = (("95,000 – 130,000", "95k"), ("docker",))
    assert facts.missing(expect, "It is $95,000-130,000.") == ["docker"]
    assert facts.missing(expect, "95K, with Docker") == []


def test_facts_are_counted_by_facts_not_by_answers() -> None:
    score = facts.facts((("95,000",), ("docker",), ("senior",)), reply("A senior earns 95,000."))
    assert score is not None
    assert (score.value, score.weight) == (pytest.approx(2 / 3), 3)
    assert "docker" in score.explanation


def test_a_figure_that_the_citation_lacks_is_found_however_it_is_written() -> None:
    assert facts.unsupported_figures(reply("A junior earns $95k.")) == []
    assert facts.unsupported_figures(reply("A junior earns $96k.")) == ["96000"]


def test_a_sentence_that_says_the_same_again_is_a_repetition() -> None:
    said = reply("A junior earns $95,000 a year.", "A senior plans.", "The junior earns $95,000.")
    assert facts.repeated(said.lines) == ["The junior earns $95,000."]
    assert facts.repeated(reply("A junior earns 5.", "A junior earns 6.").lines) == []


def test_an_answer_that_cites_nothing_has_no_uncited_sentence() -> None:
    uncited = next(s for s in roadmap.SCORERS if "uncited" in s.metric.name)
    case = RoadmapCase(id="x", kind="outside", question="Why?")
    assert uncited.score(case, reply("No.", refused=True, cited=False)) is None
    score = uncited.score(case, reply("A junior earns $95,000."))
    assert score is not None and score.value == 0


@pytest.mark.parametrize(
    ("text", "knows_not"),
    [
        ("I don't know.", True),
        ("I’m not sure about that.", True),
        ("I cannot find this in the passages.", True),
        ("The provided context does not mention salaries in Peru.", True),
        ("The text doesn't say.", True),
        ("It is not mentioned in the context.", True),
        ("You do not have to learn calculus first. Start with Python.", False),
        ("A junior does not have to design systems.", False),
        ("If you do not know Python, begin with Stage 1.", False),
        ("Trees do not provide smooth predictions.", False),
        ("You can't find the best model without a validation set.", False),
    ],
)
def test_a_chain_refuses_when_it_says_of_itself_or_its_context_that_it_knows_not(
    text: str, knows_not: bool
) -> None:
    assert says_it_does_not_know(text) == knows_not


# --- turns ----------------------------------------------------------------------------------------


def turn(behaviour: str, *facts_: str) -> Turn:
    row = {"say": "x", "expect": [[f] for f in facts_], "sections": [], "behaviour": behaviour}
    return Turn.model_validate(row)


@pytest.mark.parametrize(
    ("wanted", "said", "score"),
    [
        (turn("answer", "95,000", "docker"), reply("A junior earns 95,000."), 0.5),
        (turn("answer", "95,000"), reply("No.", refused=True, cited=False), 0.0),
        (turn("refuse"), reply("No.", refused=True, cited=False), 1.0),
        (turn("refuse"), reply("A junior earns 95,000."), 0.0),
        (turn("smalltalk"), reply("You're welcome.", cited=False), 1.0),
        (turn("smalltalk"), reply("A junior earns 95,000."), 0.0),
        (turn("clarify"), reply("I speak English.", cited=False), 1.0),
        (turn("comfort", "95,000"), reply("A junior earns 95,000."), 0.0),
    ],
)
def test_a_turn_counts_only_when_it_is_met_as_it_should_be(
    wanted: Turn, said: Reply, score: float
) -> None:
    assert turn_score(wanted, said)[0] == score


def test_a_shorter_answer_must_be_shorter() -> None:
    long, short = reply("A junior earns 95,000 a year."), reply("95,000.")
    assert turn_score(turn("shorter", "95,000"), short, long)[0] == 1.0
    assert turn_score(turn("shorter", "95,000"), long, short)[0] == 0.0


# --- intervals ------------------------------------------------------------------------------------


def test_a_mean_is_weighted_and_its_interval_holds_it() -> None:
    rows = [Score(value=1.0, weight=3), Score(value=0.0, weight=1)]
    value, low, high = estimate(rows, ["a", "b"])
    assert value == 0.75
    assert (low, high) == (0.0, 1.0)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from("abcde")), min_size=1, max_size=40),
    st.sampled_from(["mean", "median"]),
)
def test_an_interval_holds_its_figure_and_stays_within_the_values(
    rows: list[tuple[float, str]], aggregate: str
) -> None:
    values, clusters = zip(*rows, strict=True)
    value, low, high = estimate(scores(*values), clusters, aggregate)  # type: ignore[arg-type]
    assert min(values) - 1e-9 <= low <= value <= high <= max(values) + 1e-9


def test_the_same_scores_give_the_same_interval() -> None:
    rows = scores(0, 1, 1, 0, 1, 1, 1)
    assert estimate(rows, list("abcdefg")) == estimate(rows, list("abcdefg"))


def test_clusters_that_share_their_fate_make_the_interval_wider() -> None:
    rows = scores(*[1.0] * 20, *[0.0] * 20)
    alone = estimate(rows, [str(n) for n in range(40)])
    shared = estimate(rows, [str(n // 10) for n in range(40)])
    assert shared[2] - shared[1] > alone[2] - alone[1]


def test_auc_counts_a_tie_as_half() -> None:
    rows = [
        Score(value=0.9, label=True),
        Score(value=0.5, label=True),
        Score(value=0.5, label=False),
        Score(value=0.1, label=False),
    ]
    assert estimate(rows, "abcd", "auc")[0] == pytest.approx(3.5 / 4)


def test_balanced_accuracy_is_the_mean_of_both_rates() -> None:
    rows = [Score(value=v, label=label) for v, label in ((1, True), (0, True), (0, False))]
    assert estimate(rows, "abc", "balanced accuracy")[0] == pytest.approx(0.75)


def test_a_rank_correlation_looks_at_the_order_alone_and_gives_ties_their_mean_rank() -> None:
    def rho(*pairs: tuple[float, float]) -> float:
        rows = [Score(value=value, wanted=wanted) for value, wanted in pairs]
        return estimate(rows, "abcdefgh"[: len(rows)], "rank correlation")[0]

    assert rho((1, 10), (2, 20), (3, 90)) == pytest.approx(1)
    assert rho((3, 10), (2, 20), (1, 90)) == pytest.approx(-1)
    assert rho((1, 1), (2, 2), (2, 3), (4, 4)) == pytest.approx(0.9487, abs=1e-4)
    assert rho((5, 1), (5, 2)) == 0
    assert math.isnan(rho((1, 7), (2, 7)))


def test_kappa_takes_away_what_chance_gives() -> None:
    assert kappa([(True, True), (False, False)]) == 1.0
    assert kappa([(True, True), (True, False), (False, True), (False, False)]) == 0.0


# --- bars -----------------------------------------------------------------------------------------


def test_a_bar_on_all_cases_falls_by_the_figure_and_on_a_part_by_the_interval() -> None:
    bar = Bar(least=0.9)
    assert not bar.holds(0.85, 0.8, 0.95)
    assert bar.holds(0.85, 0.8, 0.95, part=True)
    assert not bar.holds(0.7, 0.6, 0.8, part=True)


def test_a_bar_of_all_or_nothing_falls_at_the_first_case_even_on_a_part() -> None:
    assert not Bar(least=1).holds(0.99, 0.9, 1.0, part=True)
    assert not Bar(most=0).holds(0.01, 0.0, 0.1, part=True)


def test_every_bar_belongs_to_a_suite_that_exists() -> None:
    assert set(shipped_bars()) <= set(SUITES)


@pytest.mark.parametrize("text", ["[a", "[a]\nb = { least = 1, most = 2 }", "[a]\nb = {}", "a = 1"])
def test_a_bars_file_that_cannot_be_right_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"bars\.toml"):
        read_bars(text)
