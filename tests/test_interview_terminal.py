"""`mentor interview` as a person and a script meet it."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import MENTOR
from interviewing import DRIFT, NOON, desk, strong

from mentor.interview.session import begin
from mentor.interview.state import Setup

QUIET = {"MENTOR_MODEL": "none", "NO_COLOR": "1", "COLUMNS": "100"}


def interview(*arguments: object, lines: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command with `lines` as its standard input."""
    return subprocess.run(
        [str(MENTOR), "interview", *map(str, arguments)],
        input=lines,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | QUIET,
    )


def of_json(run: subprocess.CompletedProcess[str]) -> Any:
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def strong_on(question: str) -> str:
    return strong(desk().question(question))


@pytest.mark.real
def test_answers_come_from_standard_input_one_line_a_turn() -> None:
    setup = Setup(topics=(DRIFT,), questions=3)
    knows = strong_on(begin(setup, desk(), seed=1, at=NOON).now.question)
    run = interview(
        *("--level", "junior", "--topic", "drift", "--questions", "3", "--seed", "1", "--json"),
        lines=f"{knows}\nHm.\n\nThe labels.\n",
    )
    data = of_json(run)
    first, second, third = data["questions"]
    assert first["answer"] == knows and first["probes"] == []
    assert first["score"] >= 85 and first["band"] == "strong"
    assert {point["state"] for point in first["points"]} == {"met"}
    assert all(point["quote"] in knows for point in first["points"])
    assert second["answer"] == "Hm."
    assert [probe["answer"] for probe in second["probes"]] == ["", "The labels."]
    assert all(probe["question"] in run.stderr for probe in second["probes"])
    assert (third["answer"], third["score"], third["band"]) == ("", 0, "not yet")
    assert data["score"] == round((first["score"] + second["score"]) / 3) and data["band"]


@pytest.mark.real
def test_odd_lines_are_told_and_the_report_still_comes() -> None:
    odd = ["a" * 20_480, "数据漂移是指输入分布发生了变化。", "?!", "x = f(y)"]
    lines = "".join(f"{line}\n{'' if line == '?!' else chr(10) * 2}" for line in odd)
    run = interview("--kind", "concept", "--questions", "4", "--json", lines=lines)
    questions = of_json(run)["questions"]
    assert [each["answer"] for each in questions] == [odd[0], odd[1], "", odd[3]]
    assert "Traceback" not in run.stderr and "The answer is empty" in run.stderr
    told = ["\n".join(line["text"] for line in each["feedback"]) for each in questions]
    assert (
        "20,480 characters" in told[0] and "English sentences" in told[1] and "is code" in told[3]
    )


@pytest.mark.real
def test_a_pause_is_resumed_where_it_was_and_a_hint_is_kept() -> None:
    paused = interview("--topic", "drift", "--questions", "1", lines="/hint\nMy words.\n/pause\n")
    assert paused.returncode == 0 and "Hint:" in paused.stdout and "--resume" in paused.stdout
    asked = {q.question.strip() for q in desk().bank.questions.values()}
    again = interview("--resume", lines="/pause\n").stdout
    assert any(each in again for each in asked), "who comes back reads the question again"
    (question,) = of_json(interview("--resume", "--json"))["questions"]
    assert question["answer"] == "My words." and question["hinted"]
    (finished,) = of_json(interview("list", "--json"))
    assert finished["finished"] and finished["questions"] == 1
    assert of_json(interview("due", "--json")) == []  # tomorrow


@pytest.mark.real
def test_the_report_is_written_as_markdown_and_as_a_page(tmp_path: Path) -> None:
    files = ("--markdown", tmp_path / "r.md", "--html", tmp_path / "r.html")
    run = interview("--questions", "1", "--seed", "2", *files)
    assert run.returncode == 0 and "By topic" in run.stdout
    assert (tmp_path / "r.md").read_text(encoding="utf-8").startswith("# Mock interview")
    assert "<svg" in (tmp_path / "r.html").read_text(encoding="utf-8")
    refused = interview("report", "--markdown", tmp_path / "no" / "r.md")
    assert refused.returncode == 1 and "cannot be written" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--topic", "quantum computing"), 1, "no questions on"),
        (("--weak",), 1, "No weak spots"),
        (("--weak", "--due"), 2, "Choose one"),
        (("--level", "boss"), 2, "is no level"),
        (("--kind", "riddle"), 2, "is no kind"),
        (("--questions", "0"), 2, "questions"),
        (("--resume",), 1, "No interview is waiting"),
        (("report",), 1, "No interview is graded"),
    ],
)
def test_what_cannot_be_is_told_with_its_cure(
    arguments: tuple[str, ...], code: int, says: str
) -> None:
    run = interview(*arguments)
    assert run.returncode == code, run.stderr
    assert says in " ".join(run.stderr.split()) and "Traceback" not in run.stderr
    assert code == 2 or "→" in run.stderr


class Keyboard:
    """The command at a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        self._own, theirs = pty.openpty()
        self._run = subprocess.Popen(
            [str(MENTOR), "interview", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | QUIET,
        )
        os.close(theirs)
        self._seen = b""

    def until(self, words: str) -> str:
        """What is shown up to `words`; what follows is left for the next look."""
        while words.encode() not in self._seen:
            ready, _, _ = select.select([self._own], [], [], 120)
            assert ready, f"{words!r} never came:\n{self._seen.decode()}"
            self._seen += os.read(self._own, 4096)
        before, _, self._seen = self._seen.partition(words.encode())
        return before.decode()

    def types(self, line: str) -> None:
        os.write(self._own, line.encode() + b"\n")

    def ends(self) -> int:
        code = self._run.wait(timeout=60)
        os.close(self._own)
        return code


@pytest.mark.real
def test_at_a_keyboard_confidence_is_asked_and_a_claim_a_retry_and_a_pause_are_possible() -> None:
    keys = Keyboard("--topic", "drift", "--questions", "1", "--seed", "1", "--timer")
    keys.until("> ")
    keys.types("/hint")
    keys.until("Hint:")
    keys.until("> ")
    keys.types("It is all about the labels.")
    for _ in range(2):
        keys.until("> ")
        keys.types("")
    keys.until("How sure")
    keys.until("> ")
    keys.types("9")
    keys.until("is not 1 to 5")
    keys.until("> ")
    keys.types("4")
    assert "What was missing" in keys.until("You took")
    keys.until("> ")
    keys.types("/said 1 about the labels")
    keys.until("> ")
    keys.types("/retry")
    keys.until("second try")
    keys.until("> ")
    keys.types("\x04")  # Ctrl+D
    keys.until("Paused, and kept")
    assert keys.ends() == 0
    data = of_json(interview("--resume", "--json"))
    (question,) = data["questions"]
    assert question["sure"] == 4 and question["hinted"]
    assert question["disputes"][0]["words"] == "about the labels"
