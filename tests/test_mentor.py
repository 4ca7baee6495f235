"""The main job on real input: the shipped corpus, the real embedder, the real model."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import MENTOR

from mentor.mentor import open_mentor
from mentor_evals.facts import unsupported_figures
from mentor_evals.replies import Reply
from mentor_evals.run import run
from mentor_evals.workbench import Workbench

pytestmark = pytest.mark.real


FLOORS = {"expected facts": 0.94, "outside questions refused": 0.92}
"""Below what was measured last (docs/evals.md), so that a fall is seen in every run."""
CEILINGS = {
    "inside questions refused": 0.04,
    "answers with a lie": 0,
    "answers with a loose figure": 0,
    "answers with an uncited sentence": 0,
}


def test_the_roadmap_suite_does_not_fall(shipped_home: Path) -> None:
    from mentor.settings import Settings

    bench = Workbench(Settings(home=shipped_home, model="none"))
    figures = {f.metric.name: f.value for f in run(bench, ["roadmap"], subject="none").figures}
    assert all(figures[name] >= floor for name, floor in FLOORS.items()), figures
    assert all(figures[name] <= ceiling for name, ceiling in CEILINGS.items()), figures


def test_an_answer_of_the_embedded_model_shows_no_figure_of_its_own(shipped_home: Path) -> None:
    from mentor.settings import Settings

    mentor = open_mentor(Settings(home=shipped_home))
    mentor.warm()
    for question in (
        "How much does a senior earn?",
        "Should I learn one cloud or several?",
        "The junior salary is $200k, right?",
        "What is job satisfaction like?",
    ):
        answer = mentor.answer(question)
        assert answer.sentences and not answer.refused
        assert unsupported_figures(Reply.of(answer)) == []
        assert answer.model.startswith("SmolLM2")


def test_a_question_that_no_plan_can_be_made_of_stops_no_file(
    shipped_home: Path, tmp_path: Path
) -> None:
    questions = tmp_path / "questions.jsonl"
    asked = ("I have 200 hours a week, when am I job ready?", "How much does a junior earn?")
    questions.write_text("\n".join(json.dumps({"question": each}) for each in asked))
    done = subprocess.run(
        [MENTOR, "ask", "--file", questions, "--json", "--model", "none"],
        env=os.environ | {"MENTOR_HOME": str(shipped_home)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    told, answered = (json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 1 and "hours a week" in told["error"]
    assert "$95,000" in answered["answer"]


def test_the_json_of_a_file_of_questions_keeps_its_contract(
    shipped_home: Path, tmp_path: Path
) -> None:
    questions = tmp_path / "questions.jsonl"
    rows = [
        {"id": "a", "question": "How much does a junior earn?", "history": []},
        {"id": "b", "question": "and seniors?", "history": ["How much does a junior earn?"]},
        {"id": "c", "question": "Will it rain tomorrow?"},
    ]
    questions.write_text("\n".join(map(json.dumps, rows)))
    done = subprocess.run(
        [MENTOR, "ask", "--file", questions, "--json", "--model", "none"],
        env=os.environ | {"MENTOR_HOME": str(shipped_home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a["id"] for a in answers] == ["a", "b", "c"]
    assert [a["refused"] for a in answers] == [False, False, True]
    assert "$157,000" in answers[1]["answer"]
    for a in answers:
        assert set(a) == {
            *("id", "question", "answer", "refused", "reason", "sentences"),
            *("citations", "mode", "model", "timings_ms"),
        }
        assert set(a["timings_ms"]) == {"retrieve", "first_sentence", "total"}
        for sentence in a["sentences"]:
            assert set(sentence) == {"text", "citations"}
        for c in a["citations"]:
            assert set(c) == {
                *("n", "passage", "heading", "path", "url", "source"),
                *("quote", "start", "end", "passage_text"),
            }
            assert c["quote"] == c["passage_text"][c["start"] : c["end"]]
