"""Words, figures, names and sentences, as every guard and every search sees them."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentor import language


def test_words_are_lower_case_and_keep_their_signs() -> None:
    assert language.words("It isn’t C++ or C#, but $95,000.") == [
        *("it", "isn't", "c++", "or", "c#", "but", "95,000")
    ]


def test_forms_of_one_word_share_a_stem() -> None:
    assert language.content_stems("salaries salary's Salary") == {"salari"}


def test_content_leaves_out_stop_words_and_words_of_asking() -> None:
    assert language.content_words("Tell me what a junior's salary is, please") == [
        *("junior's", "salary")
    ]


def test_stems_for_search_keep_repetitions() -> None:
    assert language.stems("the cats, the cat and the running") == ["cat", "cat", "run"]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("earns $95,000–$130,000 a year", [95_000, 130_000]),
        ("$157,000–$230,000+.", [157_000, 230_000]),
        ("1.3k of 2 million, 3bn", [1_300, 2_000_000, 3e9]),
        ("420 thousand people", [420_000]),
        ("10% or +13 %", [10, 13]),
        ("five of twenty-five, and fifteen", [5, 25, 15]),
        ("ten x faster, 10x, 100kg, 30min", [10, 100, 30, 10]),
        ("p95 on an A100 with GPT-4o", [95, 100, 4]),
        ("half a dozen; two hundred", [0.5, 12, 200]),
        ("one hundred fifty-seven thousand; one thousand two hundred", [157_000, 1_200]),
        ("v2.1 and 3.11.7", [2.1, 3.11]),
        ("24/7", [24, 7]),
    ],
)
def test_a_figure_is_found_however_it_is_written(text: str, figures: list[float]) -> None:
    assert sorted(language.figures(text)) == sorted(figures)


def test_ordinals_and_one_count_nothing() -> None:
    assert language.figures("One of the first: the 1st, the 2nd and the 21st") == []


@given(st.integers(min_value=0, max_value=10**12))
def test_any_whole_number_is_read_back_with_and_without_commas(number: int) -> None:
    assert language.figures(f"costs {number} now") == [number]
    assert language.figures(f"costs ${number:,}.") == [number]


@given(st.text())
def test_no_text_stops_the_readers_of_words_figures_and_names(text: str) -> None:
    assert all(word == word.lower() for word in language.words(text))
    assert all(figure >= 0 for figure in language.figures(text))
    assert all(name[0].isupper() for name in language.names(text))


def test_names_are_capitals_inside_a_sentence_and_acronyms_anywhere() -> None:
    assert language.names("Works with PyTorch and Docker.") == ["PyTorch", "Docker"]
    assert language.names("AWS is used. Docker too.") == ["AWS"]
    assert language.names("- Python\n- scikit-learn") == []


def test_sentences_end_where_a_reader_ends_them() -> None:
    text = "It pays $1.5k, e.g. in the U.S. market. Then more! And now?"
    assert [text[a:b] for a, b in language.sentence_spans(text)] == [
        "It pays $1.5k, e.g. in the U.S. market.",
        "Then more!",
        "And now?",
    ]


def test_no_sentence_ends_within_a_formula() -> None:
    text = "It is about `√(a·(1 − a) / n)`, where `a` is a share. `fit()` learns. `n` counts."
    assert [text[a:b] for a, b in language.sentence_spans(text)] == [
        "It is about `√(a·(1 − a) / n)`, where `a` is a share.",
        "`fit()` learns.",
        "`n` counts.",
    ]


def test_a_slip_is_told_from_another_word() -> None:
    words = ["salary", "pandas", "vision"]
    assert language.slip_of("sallary", words) == "salary"
    assert language.slip_of("pnadas", words) == "pandas"
    assert language.slip_of("celery", words) is None  # begins with another letter
    assert language.slip_of("spark", words) is None


def test_a_list_and_its_lead_in_are_one_statement() -> None:
    text = "First. These are the tools:\n\n- Python\n  and its libraries\n- SQL\n\nThen more."
    assert [text[a:b] for a, b in language.statements(text)] == [
        "First.",
        "These are the tools:\n\n- Python\n  and its libraries\n- SQL",
        "Then more.",
    ]


def test_a_list_after_a_finished_sentence_stands_alone() -> None:
    text = "That is all.\n\n1. one\n2. two"
    assert [text[a:b] for a, b in language.statements(text)] == ["That is all.", "1. one\n2. two"]


def test_a_listing_of_code_is_not_cut() -> None:
    text = "```\na. b\nc.\n```\nDone."
    assert [text[a:b] for a, b in language.statements(text)] == ["```\na. b\nc.\n```", "Done."]


@given(st.text(alphabet="ab. -\n*1`:"))
def test_statements_are_in_order_and_apart(text: str) -> None:
    spans = language.statements(text)
    assert all(a < b for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))


@pytest.mark.parametrize("line", ["- a", "* a", "  + a", "1. a", "12) a", "• a"])
def test_items_of_lists_are_known_by_their_marks(line: str) -> None:
    assert language.is_list_item(line)
    assert language.list_item_text(line) == "a"


def test_a_dash_inside_a_line_makes_no_item() -> None:
    assert not language.is_list_item("-a")
    assert not language.is_list_item("a - b")


@pytest.mark.parametrize(
    ("word", "number"),
    [("third", 3), ("3rd", 3), ("three", 3), ("3", 3), ("Fifth", 5), ("33", None), ("", None)],
)
def test_an_ordinal_is_read_from_word_and_figure(word: str, number: int | None) -> None:
    assert language.ordinal(word) == number


def test_a_day_is_spelt_as_people_read_it() -> None:
    assert language.spelt_day(date(2026, 12, 4)) == "4 Dec 2026"
