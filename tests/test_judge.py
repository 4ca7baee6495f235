"""What may be shown: sentences that a passage carries, and none of the ways to twist one."""

from __future__ import annotations

import pytest

from mentor.models.judge import LexicalJudge
from mentor.records import Passage

SALARY = Passage(
    id="salary#junior~0",
    section="salary#junior",
    path=("Salaries", "Junior ML Engineer"),
    text=(
        "A Junior ML Engineer earns $95,000–$130,000 a year, and the salary grows by 10% a year. "
        "The figures come from Glassdoor. Bonuses are not part of them."
    ),
    file="salary.md",
)
LEVELS = Passage(
    id="salary#all~0",
    section="salary#all",
    path=("Salaries", "All levels"),
    text=(
        "The roadmap gives three ranges:\n\n"
        "- Junior ML Engineer: $95,000–$130,000\n"
        "- Senior ML Engineer: $157,000–$230,000+\n"
    ),
    file="salary.md",
)
ROLE = Passage(
    id="role~0",
    section="role",
    path=("The role",),
    text=(
        "An ML engineer designs, builds and deploys models. Researchers and product teams are the "
        "people an ML engineer works with. Most employers ask for at least two shipped projects."
    ),
    file="role.md",
)
judge = LexicalJudge()


@pytest.mark.parametrize(
    "sentence",
    [
        "A Junior ML Engineer earns $95,000–$130,000 a year.",
        "A Junior ML Engineer earns 95k–130k a year.",
        "The salary grows by 10% a year.",
        "The figures come from Glassdoor.",
    ],
)
def test_what_the_passage_says_is_accepted(sentence: str) -> None:
    assert judge.accepts(judge.supports(sentence, SALARY))


@pytest.mark.parametrize(
    ("sentence", "guard"),
    [
        ("A Junior ML Engineer earns $95,000–$150,000 a year.", "figure 150000"),
        ("The salary grows by fifteen percent a year.", "figure 15"),
        ("The figures come from Levels and Glassdoor.", "name Levels"),
        ("The figures do not come from Glassdoor.", "negation"),
        ("Bonuses are part of them.", "negation"),
        ("A Senior ML Engineer earns $95,000–$130,000 a year.", "Senior"),
        ("All figures come from Glassdoor.", "quantifier all"),
    ],
)
def test_a_twisted_sentence_breaks_its_guard(sentence: str, guard: str) -> None:
    support = judge.supports(sentence, SALARY)
    assert any(guard in violation for violation in support.violations), support
    assert not judge.accepts(support)


def test_a_figure_cannot_wander_from_one_item_of_a_list_to_the_next() -> None:
    swapped = judge.supports("A Senior ML Engineer earns $95,000–$130,000.", LEVELS)
    assert not judge.accepts(swapped)


def test_a_direction_cannot_turn_round() -> None:
    support = judge.supports("Employers ask for fewer than two shipped projects.", ROLE)
    assert not judge.accepts(support)


def test_the_right_words_in_a_new_order_do_not_pass() -> None:
    sentence = "An ML engineer designs, builds and deploys models, and is a team of people at work."
    assert not judge.accepts(judge.supports(sentence, ROLE))


def test_outside_knowledge_does_not_pass() -> None:
    assert not judge.accepts(judge.supports("An ML engineer often writes Kubernetes YAML.", ROLE))


def test_the_words_that_carry_a_sentence_are_pointed_at_exactly() -> None:
    support = judge.supports("The figures come from Glassdoor.", SALARY)
    assert SALARY.text[support.start : support.end] == "The figures come from Glassdoor."


def test_the_statement_that_was_asked_for_scores_highest() -> None:
    statements = ["The salary grows by 10% a year.", "The figures come from Glassdoor."]
    scores = judge.answers("Where do the figures come from?", statements)
    assert scores[1] > scores[0]
