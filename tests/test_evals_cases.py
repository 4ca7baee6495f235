"""The datasets, whose every line is checked, and a portal's own questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from mentor.errors import MaterialError, QuestionError
from mentor.questions import read_bank
from mentor_evals import cases as c
from mentor_evals.own import own_cases

SHIPPED: list[tuple[str, type[c.Case], int]] = [
    ("answers", c.Question, 300),
    ("outside", c.Outside, 120),
    ("conversations", c.Talk, 60),
    ("attacks", c.Attack, 60),
    ("support", c.Pair, 1200),
    ("drafts", c.DraftCase, 300),
    ("sections", c.Wanted, 200),
    ("roadmap", c.RoadmapCase, 180),
    ("roadmap_test", c.RoadmapCase, 150),
    ("interview_fairness", c.Rewritten, 100),
    ("interview_mistakes", c.SpokenMistake, 80),
    ("interview_gaming", c.Gaming, 40),
]


@pytest.mark.parametrize(("name", "kind", "least"), SHIPPED)
def test_every_shipped_dataset_has_the_cases_it_should(
    name: str, kind: type[c.Case], least: int
) -> None:
    assert len(c.load(name, kind)) >= least


@pytest.mark.parametrize("name", ["answers", "outside", "conversations", "attacks", "support"])
def test_both_splits_have_at_least_two_fifths_of_the_cases_that_a_report_needs(name: str) -> None:
    kind, least = next((kind, least) for shipped, kind, least in SHIPPED if shipped == name)
    for split in ("dev", "test"):
        assert len(c.load(name, kind, split)) >= 0.4 * least  # type: ignore[arg-type]


def test_no_section_of_the_support_pairs_stands_in_both_splits() -> None:
    sections = {
        split: {s for pair in c.load("support", c.Pair, split) for s in pair.sections[:1]}
        for split in ("dev", "test")
    }
    assert not sections["dev"] & sections["test"]


def test_the_drafts_are_150_honest_ones_and_150_lies_in_each_split() -> None:
    for split in ("dev", "test"):
        drafts = c.load("drafts", c.DraftCase, split)  # type: ignore[arg-type]
        honest = sum(draft.supported for draft in drafts)
        assert (honest, len(drafts) - honest) == (150, 150)


def test_each_of_twenty_answers_is_rewritten_in_five_manners() -> None:
    by_source: dict[str, set[str]] = {}
    for case in c.load("interview_fairness", c.Rewritten):
        assert case.answer != case.source
        by_source.setdefault(case.source, set()).add(case.style)
    assert [len(styles) for styles in by_source.values()] == [5] * 20


def test_the_mistakes_that_come_up_in_answers_stand_in_the_bank() -> None:
    bank = read_bank(Path(__file__).resolve().parents[1] / "corpus")
    for case in c.load("interview_mistakes", c.SpokenMistake):
        said = [mistake.says for mistake in bank.questions[case.question].mistakes]
        assert case.mistake in said
    for kind in (c.Rewritten, c.Gaming):
        name = "interview_fairness" if kind is c.Rewritten else "interview_gaming"
        assert {case.question for case in c.load(name, kind)} <= bank.questions.keys()  # type: ignore[attr-defined]


def test_a_dataset_that_is_not_there_is_named() -> None:
    with pytest.raises(MaterialError, match=r"nothing\.jsonl"):
        c.load("nothing", c.Wanted)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{oops", "line 2: not JSON"),
        ('{"id": "b", "question": "Why?"}', "line 2: sections"),
        ('{"id": "b", "question": "Why?", "sections": ["s"], "x": 1}', "line 2: x"),
        ('{"id": "b", "question": "", "sections": ["s"]}', "line 2: question"),
        ('{"id": "a", "question": "Why?", "sections": ["s"]}', "'a' is taken"),
    ],
)
def test_a_line_that_is_no_case_is_named_with_its_number(line: str, what: str) -> None:
    good = '{"id": "a", "question": "Why?", "sections": ["s"]}'
    with pytest.raises(MaterialError, match=what):
        c.parse(f"{good}\n{line}\n", c.Wanted, "d.jsonl")


def test_a_hostile_passage_needs_its_question() -> None:
    row = '{"id": "a", "kind": "k", "question": "q", "history": [], "forbid": ["f"], "passage": "p"'
    with pytest.raises(MaterialError, match="needs its question"):
        c.parse(f'{row}, "passage_question": null}}', c.Attack, "attacks.jsonl")


# --- a portal's own -------------------------------------------------------------------------------


def test_own_questions_come_from_a_csv_file(tmp_path: Path) -> None:
    file = tmp_path / "my.csv"
    file.write_text(
        "question,expect,section\n"
        '"What does it cost, in all?","40 euros / €40 | CI/CD",prices#all\n'
        "Who teaches?,Ada,\n",
        encoding="utf-8-sig",
    )
    first, second = own_cases(file)
    assert first.question == "What does it cost, in all?"
    assert first.expect == (("40 euros", "€40"), ("CI/CD",))
    assert (first.sections, second.sections) == (("prices#all",), ())


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("question\nWhy?\n", "lacks the column expect"),
        ("question,expect\nWhy?,\n", "row 1: no question or no fact"),
        ("question,expect\n,Ada\n", "row 1: no question or no fact"),
        ("question,expect\nWhat does it cost?,95,000\n", "row 1: more fields than columns"),
        ("", "lacks the column expect and question"),
    ],
)
def test_a_csv_file_that_cannot_be_used_says_why(text: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text(text)
    with pytest.raises(QuestionError, match=what):
        own_cases(tmp_path / "my.csv")


def test_a_csv_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="cannot be read"):
        own_cases(tmp_path / "my.csv")
