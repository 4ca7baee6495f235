"""The interview bank: its form, and the rules that hold each question and the whole."""

from __future__ import annotations

import copy
import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import MENTOR

from mentor.bank_linter import bank_report, check_bank
from mentor.errors import MaterialError
from mentor.material import files_of, read_pages
from mentor.models.embed import HashingEmbeddings
from mentor.question_rules import alike, covered, longest_run, matter
from mentor.questions import read_bank, read_questions
from mentor.records import Page
from mentor.roadmap import Roadmap, read_roadmap

SHIPPED = Path(__file__).resolve().parents[1] / "corpus"
DRIFT = "lessons/model-monitoring-and-drift-detection"
Data = dict[str, Any]


def point(id_: str, **more: object) -> Data:
    """A sound point; its words are its own, so that points do not give each other away."""
    return {
        "id": id_,
        "says": f"The {id_} matters since quiet weeks hide a slow decline of quality.",
        "met": f"I care for {id_} because slow decline is hidden by calm weeks.",
        "partly": f"One has to look at {id_} too.",
        "paraphrases": [
            f"Without {id_} nobody notices how the model rots little by little.",
            f"It is {id_} that shows creeping damage early enough.",
        ],
        "section": f"{DRIFT}#what-data-drift-is",
    } | more


def question(id_: str, **more: object) -> Data:
    mistake = {
        "says": "A model stays good for ever.",
        "why": "The world changes after launch.",
        "section": f"{DRIFT}#what-data-drift-is",
    }
    return {
        "id": id_,
        "level": "junior",
        "stage": 4,
        "topic": "topic-model-monitoring-drift-detection",
        "kind": "concept",
        "difficulty": 2,
        "minutes": 4,
        "question": "Why would a team watch its model after the launch?",
        "points": {"alpha": 3, "beta": 2, "gamma": 1},
        "probes": [
            {"text": "What would you look at first?", "point": "alpha"},
            {"text": "Who should be told about it?", "point": "beta"},
        ],
        "hint": "Think of the second month after the launch.",
        "model_answer": " ".join(point(id_)["met"] for id_ in ("alpha", "beta", "gamma"))
        + " That is why somebody should look every week at the curves and ask whether they moved.",
        "mistakes": [mistake, mistake],
    } | more


def good() -> Data:
    return {
        "kind": "interviews",
        "points": [point(id_) for id_ in ("alpha", "beta", "gamma")],
        "questions": [question("why-watch"), question("why-watch-again", level="mid")],
    }


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Data], Path]:
    """Writes a file of the bank."""

    def write(data: Data, name: str = "bank.yaml") -> Path:
        path = tmp_path / name
        path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
        return path

    return write


Write = Callable[..., Path]


@cache
def corpus() -> tuple[list[Page], Roadmap]:
    """One lesson, the boundaries and the roadmap: what the files of these tests refer to."""
    lesson = SHIPPED / "lessons" / "stage-4" / "model-monitoring-and-drift-detection.md"
    pages = [p for path in (lesson, SHIPPED / "boundaries.md") for p in read_pages(path, path.name)]
    return pages, read_roadmap(SHIPPED / "roadmap" / "roadmap.yaml")


def told(*paths: Path) -> list[str]:
    """What is found wrong with files of the bank."""
    return [str(finding) for finding in bank_report(SHIPPED, *corpus(), only=paths).findings]


def changed(where: str, at: int, /, remove: str = "", **changes: object) -> Data:
    data = copy.deepcopy(good())
    data[where][at] |= changes
    data[where][at].pop(remove, None)
    return data


# --- the form -----------------------------------------------------------------------------


def test_a_question_finds_its_rubric_and_its_siblings(file: Write, tmp_path: Path) -> None:
    (tmp_path / "interviews").mkdir()
    file(good(), "interviews/drift.yaml")
    bank = read_bank(tmp_path)
    first = bank.questions["why-watch"]
    assert [(p.id, weight) for p, weight in bank.rubric(first)] == [
        ("alpha", 3),
        ("beta", 2),
        ("gamma", 1),
    ]
    assert [q.id for q in bank.siblings("alpha", of="why-watch")] == ["why-watch-again"]


def test_a_corpus_without_a_bank_has_an_empty_one(tmp_path: Path) -> None:
    assert read_bank(tmp_path).questions == {}


def test_an_id_in_two_files_is_refused(file: Write, tmp_path: Path) -> None:
    (tmp_path / "interviews").mkdir()
    file(good(), "interviews/a.yaml")
    file(good(), "interviews/b.yaml")
    with pytest.raises(MaterialError, match="give questions the id 'why-watch'"):
        read_bank(tmp_path)


@pytest.mark.parametrize(
    ("where", "changes", "wrong"),
    [
        ("questions", {"level": "expert"}, "questions.why-watch.level: Input should be"),
        ("questions", {"difficulty": 6}, "questions.why-watch.difficulty: Input should be less"),
        ("questions", {"minutes": "4"}, "questions.why-watch.minutes: Input should be a valid int"),
        ("questions", {"points": {"alpha": 3, "beta": 2}}, "at least 3 items"),
        ("questions", {"points": {"alpha": 4, "beta": 2, "gamma": 1}}, "less than or equal to 3"),
        (
            "questions",
            {"points": {"alpha": 3, "beta": 2, "delta": 1}},
            "why-watch has the unknown point 'delta'",
        ),
        ("questions", {"probes": []}, "at least 2 items"),
        (
            "questions",
            {"probes": [{"text": "Why so?", "point": p} for p in ("alpha", "delta")]},
            "a probe aims at 'delta', which is no point of the question",
        ),
        (
            "questions",
            {"probes": [{"text": "Why so?", "point": p} for p in ("alpha", "alpha")]},
            "two probes aim at the same point",
        ),
        ("questions", {"code": "x = 1"}, "code belongs to code_reading"),
        ("questions", {"kind": "code_reading"}, "code belongs to code_reading"),
        ("questions", {"stage": None}, "every kind but behavioural has a stage"),
        ("questions", {"mistakes": []}, "questions.why-watch.mistakes"),
        ("questions", {"kind": "system_design"}, "the point 'alpha' needs a phase"),
        ("questions", {"kind": "project"}, "the point 'alpha' needs a dimension"),
        ("questions", {"id": "why-watch-again"}, "the id 'why-watch-again' is given twice"),
        ("points", {"phase": "data"}, "the point 'alpha' has a phase, but is concept"),
        ("points", {"dimension": "result"}, "the point 'alpha' has a dimension, but is concept"),
        ("points", {"paraphrases": ["Only one of them."]}, "points.alpha.paraphrases"),
        ("points", {"section": "Not an id"}, "points.alpha.section: String should match"),
        ("points", {"id": "delta"}, "unknown point 'alpha'"),
    ],
)
def test_a_mistake_in_the_form_is_named(file: Write, where: str, changes: Data, wrong: str) -> None:
    with pytest.raises(MaterialError) as caught:
        read_questions(file(changed(where, 0, **changes)))
    assert wrong in caught.value.what


def test_a_point_that_no_question_has_is_refused(file: Write) -> None:
    data = good()
    data["points"].append(point("delta"))
    with pytest.raises(MaterialError, match="no question has the point 'delta'"):
        read_questions(file(data))


def test_all_wrong_fields_are_told_at_once(file: Write) -> None:
    with pytest.raises(MaterialError) as caught:
        read_questions(file(changed("questions", 0, remove="hint", level="expert")))
    assert "2 wrong" in caught.value.what
    assert "questions.why-watch.hint" in caught.value.what


# --- counts of words -----------------------------------------------------------------------


def test_a_run_is_the_longest_that_both_have() -> None:
    assert longest_run("a b c d e".split(), "x b c d y a b".split()) == ("b", "c", "d")
    assert longest_run([], ["a"]) == ()


def test_matter_leaves_out_stop_words_and_keeps_the_order() -> None:
    assert matter("The inputs of the model moved, and the inputs moved") == [
        *("input", "model", "move"),
        *("input", "move"),
    ]


def test_alike_and_covered_count_stems() -> None:
    assert alike("Inputs moved.", "inputs  moved") == 1.0
    assert alike("The inputs moved.", "Labels arrive late.") == 0.0
    assert covered("inputs moved", "The input has moved by much") == 1.0


# --- rules of single questions ---------------------------------------------------------------


def test_a_sound_file_has_no_findings(file: Write) -> None:
    assert told(file(good())) == []


@pytest.mark.parametrize(
    ("where", "changes", "wrong"),
    [
        (
            "points",
            {"paraphrases": ["I care for alpha: slow decline, hidden by calm weeks.", "x " * 6]},
            "met and paraphrase 1 say it in the same words",
        ),
        ("points", {"says": "Too short."}, "The says has 2 words; 5 to 45 are due."),
        ("points", {"section": f"{DRIFT}#gone"}, f"There is no section '{DRIFT}#gone'."),
        (
            "points",
            {"section": "boundaries#salaries-in-single-countries-and-cities"},
            "says what the corpus does not",
        ),
        (
            "questions",
            {"probes": [{"text": "Why?", "point": p} for p in ("beta", "gamma")]},
            "No probe aims at a point of the greatest weight, 3.",
        ),
        (
            "questions",
            {
                "probes": [
                    {"text": "Do calm weeks hide a slow decline of quality?", "point": "alpha"},
                    {"text": "Who should be told?", "point": "beta"},
                ]
            },
            "Probe 1 tells too much of alpha: ",
        ),
        (
            "questions",
            {
                "probes": [
                    {"text": "Does quiet weeks hide a slow decline?", "point": "alpha"},
                    {"text": "Who should be told?", "point": "beta"},
                ]
            },
            "Probe 1 gives alpha away: 'quiet week hide slow declin'.",
        ),
        (
            "questions",
            {"hint": "The quiet weeks hide a slow decline."},
            "The hint gives alpha away: ",
        ),
        (
            "questions",
            {"model_answer": "Nothing of the kind. " * 12},
            "The model answer has 0% of the words of alpha.",
        ),
        (
            "questions",
            {"question": "Is it true that slow decline of alpha is hidden by calm weeks?"},
            "The question itself has ",
        ),
        ("questions", {"stage": 3}, "The topic belongs to stage 4, not 3."),
        ("questions", {"topic": "topic-gone"}, "The roadmap has no topic 'topic-gone'."),
        ("questions", {"skills": ["juggling"]}, "The roadmap has no skill 'juggling'."),
        ("questions", {"hint": "Think."}, "The hint has 1 words; 4 to 40 are due."),
    ],
)
def test_a_broken_rule_is_a_finding(file: Write, where: str, changes: Data, wrong: str) -> None:
    findings = told(file(changed(where, 0, **changes)))
    assert any(wrong in finding for finding in findings), findings


@pytest.mark.parametrize(
    ("language", "code", "wrong"),
    [
        ("python", "def f(:\n    pass\nf()", "is no python"),
        ("python", "x = 1", "The code has 1 lines; 3 to 45 are due."),
        ("yaml", "a: [\nb\nc", "is no yaml"),
        ("sql", "select *\nfrom rides\nwhere fare < 0", ""),
        ("python", "x = 1\nif x is 1:\n    print(x)", ""),
    ],
)
def test_code_is_read_in_its_language(file: Write, language: str, code: str, wrong: str) -> None:
    data = changed("questions", 0, kind="code_reading", code=code, language=language)
    findings = told(file(data))
    assert (findings == []) if not wrong else (wrong in findings[0])


def story(dimensions: dict[str, str], kind: str, topic: str, stage: int | None) -> Data:
    data = good()
    for each in data["points"]:
        each["dimension"] = dimensions[each["id"]]
    for each in data["questions"]:
        each |= {"kind": kind, "topic": topic, "stage": stage}
    return data


def test_a_behavioural_question_needs_situation_action_and_result(file: Write) -> None:
    whole = {"alpha": "situation", "beta": "own-action", "gamma": "result"}
    assert told(file(story(whole, "behavioural", "coaching", None))) == []
    data = story(whole | {"gamma": "own-action"}, "behavioural", "coaching", None)
    assert "A behavioural question needs a point on result." in told(file(data))[0]
    data = story(whole, "behavioural", "sql-data-querying", None)
    assert "The roadmap has no soft skill 'sql-data-querying'." in told(file(data))[0]


def test_a_dimension_of_projects_is_none_of_a_behavioural_question(file: Write) -> None:
    data = story(
        {"alpha": "baseline", "beta": "own-action", "gamma": "result"},
        "behavioural",
        "coaching",
        None,
    )
    with pytest.raises(MaterialError, match="has the dimension baseline"):
        read_questions(file(data))


def test_a_project_needs_three_dimensions_and_a_design_four_phases(file: Write) -> None:
    topic = "topic-model-monitoring-drift-detection"
    data = story(dict.fromkeys(("alpha", "beta", "gamma"), "baseline"), "project", topic, 4)
    assert "A project question needs points on 3 dimensions." in told(file(data))[0]
    data = good()
    for each in data["points"]:
        each["phase"] = "data"
    for each in data["questions"]:
        each["kind"] = "system_design"
    assert "A system design needs points of 4 phases." in told(file(data))[0]


def test_a_file_of_eight_questions_needs_siblings(file: Write) -> None:
    data: Data = {"kind": "interviews", "points": [], "questions": []}
    for n in range(8):
        ids = [f"{name}{n}" for name in ("alpha", "beta", "gamma")]
        data["points"] += map(point, ids)
        probes = [{"text": "Why would that be?", "point": id_} for id_ in ids[:2]]
        answer = good()["questions"][0]["model_answer"] + " ".join(ids)
        data["questions"].append(
            question(
                f"q{n}",
                points=dict(zip(ids, (3, 2, 1), strict=True)),
                probes=probes,
                model_answer=answer,
            )
        )
    assert told(file(data)) == [
        "interviews/bank.yaml: 0 points are shared by two questions; 3 must be."
    ]


# --- the whole ------------------------------------------------------------------------------


def test_an_id_that_another_file_has_is_a_finding(file: Write) -> None:
    other = good()
    other["questions"] = [question("something-else")]
    found = told(file(good(), "a.yaml"), file(other, "b.yaml"))
    assert "interviews/b.yaml#alpha: interviews/a.yaml has this id among its points too." in found


def corpus_with(tmp_path: Path, data: Data) -> Path:
    """The shipped roadmap, and a bank of one file."""
    corpus = tmp_path / "corpus"
    (corpus / "interviews").mkdir(parents=True)
    (corpus / "roadmap").symlink_to(SHIPPED / "roadmap")
    text = yaml.safe_dump(data, sort_keys=False)
    (corpus / "interviews" / "drift.yaml").write_text(text, encoding="utf-8")
    return corpus


def test_totals_are_checked_with_the_whole_bank_only(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "interviews").mkdir(parents=True)
    (corpus / "roadmap").symlink_to(SHIPPED / "roadmap")
    found = {str(finding) for finding in check_bank(corpus).findings}
    assert "interviews#topic-nlp-llms: The topic has 0 questions; 8 are due." in found
    assert "interviews#behavioural: There are 0 questions of this kind; 30 are due." in found
    assert "interviews: The bank has 0 questions; 240 are due." in found
    assert sum("No question asks the checkpoint" in finding for finding in found) == 6


def test_a_broken_file_is_told_with_the_whole_and_passed_over_for_others(
    file: Write, tmp_path: Path
) -> None:
    corpus = corpus_with(tmp_path, {"kind": "interviews"})
    found = [str(f) for f in check_bank(corpus).findings]
    assert found[0].startswith("interviews/drift.yaml: 2 wrong. points: Field required")
    findings = check_bank(corpus, only=[file(good())]).findings
    assert not any("drift.yaml" in finding.file for finding in findings)


def test_a_checkpoint_counts_as_asked_in_nearly_its_words(tmp_path: Path) -> None:
    asked = (
        "You have a model in a notebook. What do you build, step by step, to monitor it as an API?"
    )
    data = changed("questions", 1, question=asked)
    found = [f for f in check_bank(corpus_with(tmp_path, data)).findings if f.at == "mid"]
    assert len(found) == 1 and "A/B test" in found[0].what


def test_the_command_checks_a_single_file_and_prints_its_counts(file: Write) -> None:
    path = file(changed("questions", 0, stage=3))
    done = subprocess.run(
        [MENTOR, "corpus", "check", path],
        env=os.environ | {"MENTOR_CORPUS": str(SHIPPED)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "bank.yaml#why-watch: The topic belongs to stage 4, not 3." in done.stdout
    assert "1 findings" in done.stderr
    assert "topic-model-monitoring-drift-detection" in done.stdout


# --- it is not searched ----------------------------------------------------------------------


def test_the_bank_becomes_no_page(file: Write) -> None:
    assert read_pages(file(good()), "interviews/bank.yaml") == []


def test_the_bank_becomes_no_passage_of_the_index(
    tmp_path: Path, home: Path, build: Callable[..., object]
) -> None:
    from mentor.index import IndexReader

    (tmp_path / "more" / "interviews").mkdir(parents=True)
    path = tmp_path / "more" / "interviews" / "drift.yaml"
    path.write_text(yaml.safe_dump(good()), encoding="utf-8")
    build(tmp_path / "more")
    passages = IndexReader(home / "index", HashingEmbeddings()).passages()
    assert passages
    assert not any("alpha" in p.readable or "watch" in str(p.questions) for p in passages)


def test_no_file_of_the_shipped_bank_becomes_a_page() -> None:
    bank = [(p, shown) for p, shown in files_of(SHIPPED) if "interviews" in p.parts]
    assert bank
    assert [page for path, shown in bank for page in read_pages(path, shown)] == []


def test_every_file_of_the_shipped_bank_keeps_the_rules() -> None:
    findings = check_bank(SHIPPED).findings
    assert [str(f) for f in findings if f.file != "interviews"] == []
