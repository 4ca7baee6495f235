"""The suite on grading, its fit, and the grader on sets of other people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mentor.interview.likeness import GUARD, NAMES
from mentor.interview.matter import Rarity
from mentor.models.embed import HashingEmbeddings
from mentor.questions import Bank, read_questions
from mentor.settings import load_settings
from mentor_evals import short_answers
from mentor_evals.cases import Rewritten, load
from mentor_evals.figures import failures_of, figures_of
from mentor_evals.interview_answers import SampleAnswer
from mentor_evals.suites import grading
from mentor_evals.training import grading as training
from mentor_evals.workbench import Workbench

CORPUS = Path(__file__).resolve().parents[1] / "corpus"


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(
        files=(read_questions(CORPUS / "interviews/model-monitoring-drift-detection.yaml"),)
    )


def sample(bank: Bank, question: str) -> list[SampleAnswer]:
    """Three answers of the bank's own words, labelled by what they hold."""
    points = [bank.points[id_] for id_ in bank.questions[question].points]
    first = {points[0].id: "met"} | {point.id: "missed" for point in points[1:]}
    return [
        SampleAnswer(
            question=question,
            band="strong",
            answer=" ".join(point.met for point in points),
            states={point.id: "met" for point in points},
        ),
        SampleAnswer.model_validate(
            {"question": question, "band": "middling", "answer": points[0].met, "states": first}
        ),
        SampleAnswer(
            question=question,
            band="weak",
            answer="I'd say that it depends.",
            states={point.id: "missed" for point in points},
        ),
    ]


def test_a_question_is_always_in_the_same_half_and_both_halves_are_large(bank: Bank) -> None:
    halves = [grading.half(question) for question in bank.questions]
    assert halves == [grading.half(question) for question in bank.questions]
    assert 0.25 < halves.count("test") / len(halves) < 0.75


def test_the_suite_tells_how_states_scores_and_order_agree_with_labels(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = sample(bank, "drift-why-watch")
    split = grading.half("drift-why-watch")
    monkeypatch.setattr(grading, "sample_answers", lambda: answers)
    bench = Workbench(
        load_settings(home=tmp_path, corpus=CORPUS), split, embedder=HashingEmbeddings()
    )
    found = {}
    for task in grading.tasks(bench)[:3]:
        solved = [(case, task.solver(case)) for case in task.dataset]
        assert len(failures_of("grading", task, solved)) <= len(solved)
        for figure in figures_of("grading", task, solved, {}, part=False):
            found[figure.metric.name] = figure.value
    assert found["bands in order"] == 1
    assert found["rank correlation"] == pytest.approx(1)
    assert found["met, found"] == 1
    assert found["met or not"] > 0.8
    assert found["distance"] < 20


def test_a_change_of_band_and_a_trick_that_works_are_told_as_failures() -> None:
    case = load("interview_fairness", Rewritten, "dev")[0]
    fairness = grading._fairness([case], lambda *_: pytest.fail("nothing is graded"))
    lost = grading.Scores(scores={"source": 90, "answer": 40})
    (failure,) = failures_of("grading", fairness, [(case, lost)])
    assert failure.complaints[0].why == "strong (90) became developing (40)"
    figures = figures_of("grading", fairness, [(case, lost)], {}, part=False)
    assert {f.metric.name: f.value for f in figures}["lost"] == 50


def test_a_corpus_with_a_bank_of_its_own_is_asked_only_what_that_bank_has(tmp_path: Path) -> None:
    (tmp_path / "interviews").mkdir()
    (tmp_path / "interviews/own.yaml").write_text(
        (CORPUS / "interviews/model-monitoring-drift-detection.yaml").read_text()
    )
    settings = load_settings(home=tmp_path / "home", corpus=tmp_path)
    asked = grading.tasks(Workbench(settings, "dev", embedder=HashingEmbeddings()))
    there = read_questions(tmp_path / "interviews/own.yaml")
    known = {question.id for question in there.questions}
    for task in asked[3:]:
        assert {case.question for case in task.dataset} <= known


# --- the fit ------------------------------------------------------------------------------------


def row(question: str, met: bool, rng: np.random.Generator) -> training.Row:
    """Five windows of noise, one of which has many words of the point where it is met."""
    table = rng.normal(0, 0.5, (5, len(NAMES))).astype(np.float32)
    table[:, NAMES.index(GUARD)] = 0
    if met:
        table[2, NAMES.index("all_words")] += 5
    return training.Row(question, "met" if met else "missed", table)


def test_the_fit_finds_what_tells_met_from_missed_and_leaves_the_guard_alone() -> None:
    rng = np.random.default_rng(0)
    rows = [row(f"q{n % 10}", n % 2 == 0, rng) for n in range(80)]
    weights = training.fit(rows)
    assert weights.signals["all_words"] > 0
    assert weights.signals[GUARD] < -50
    assert weights.partly <= weights.met
    states = [weights.state(value) for value in training.logits(rows, weights)]
    assert np.mean([state == each.state for state, each in zip(states, rows, strict=True)]) > 0.85


def test_the_last_digits_of_a_signal_which_threads_decide_do_not_show_in_the_bars() -> None:
    rng = np.random.default_rng(0)
    rows = [row(f"q{n % 10}", n % 2 == 0, rng) for n in range(80)]
    shaken = [
        each._replace(table=each.table + rng.normal(0, 1e-6, each.table.shape).astype(np.float32))
        for each in rows
    ]
    weights, again = training.fit(rows), training.fit(shaken)
    assert (again.met, again.partly) == (weights.met, weights.partly)


# --- sets of other people -----------------------------------------------------------------------


def test_a_public_short_answer_is_held_against_its_references(bank: Bank) -> None:
    rows = [
        {
            "question": "How did you separate the salt from the water?",
            "references": ["The water was evaporated, leaving the salt."],
            "student": student,
            "label_3way": label,
        }
        for student, label in (
            ("The water evaporated and left the salt.", "correct"),
            ("With a magnet.", "incorrect"),
            ("", "incorrect"),
        )
    ]
    values, correct = short_answers.graded(
        rows, HashingEmbeddings(), Rarity(bank.points.values()), short_answers.shipped_weights()
    )
    assert values[0] > values[1] > values[2] == -np.inf
    assert correct.tolist() == [True, False, False]
    assert short_answers.macro_f1(np.array([True, False]), np.array([True, False])) == 1
