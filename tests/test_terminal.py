"""The installed `mentor` command, as a person meets it."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

import files
import pytest
from conftest import MENTOR, Build, said

from mentor.index import IndexReader
from mentor.learner import changed
from mentor.models import weights
from mentor.models.embed import HashingEmbeddings
from mentor.settings import Settings
from mentor.store import open_store
from mentor.store.conversations import add_turn


def mentor(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in the test's own home, without a model unless one is named."""
    return subprocess.run(
        [str(MENTOR), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"MENTOR_MODEL": "none", "NO_COLOR": "1", "COLUMNS": "100"} | environment,
    )


def complaint(run: subprocess.CompletedProcess[str], *, code: int = 1) -> list[str]:
    """The lines of a complaint: one sentence, one cure, and no traceback."""
    assert run.returncode == code, run.stderr
    assert "Traceback" not in run.stderr
    lines = run.stderr.strip().splitlines()
    assert len(lines) == 2, run.stderr
    assert lines[0].endswith(".")
    assert lines[1].startswith("  → ")
    return lines


# --- usage --------------------------------------------------------------------------------------


def test_help_takes_less_than_half_a_second_of_the_processor() -> None:
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        run = mentor("--help")
        assert run.returncode == 0
        assert all(name in run.stdout for name in ("ask", "index", "serve", "eval", "--version"))
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before

    assert min(seconds() for _ in range(5)) < 0.5


def test_the_version_is_the_distributions() -> None:
    from importlib.metadata import version

    assert mentor("--version").stdout == f"mentor {version('mentor')}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["ask"],
        ["ask", "Why?", "--file", "q.jsonl", "--json"],
        ["ask", "--file", "q.jsonl"],
        ["serve", "--port", "eighty"],
        ["eval", "--split", "train"],
        ["eval", "--limit", "0"],
        ["progress", "--learner", "bob", "delete", "--yes"],
        ["conversations", "--json", "show", "c1"],
        ["interview", "--level", "mid", "list"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_shows_the_usage(arguments: list[str]) -> None:
    run = mentor(*arguments)
    assert run.returncode == 2
    assert "Usage: mentor" in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


# --- settings -----------------------------------------------------------------------------------


def test_an_unknown_variable_is_named() -> None:
    what, cure = complaint(mentor("ask", "Why?", MENTOR_MODLE="none"))
    assert "MENTOR_MODLE" in what
    assert "'model'" in cure


def test_a_broken_settings_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "mentor.toml").write_text("port = = 1\n")
    what, _ = complaint(mentor("index"))
    assert "mentor.toml cannot be read" in what


def test_a_port_that_cannot_be_is_named() -> None:
    what, cure = complaint(mentor("serve", "--port", "70000"))
    assert "'port' cannot be 70000" in what
    assert "MENTOR_PORT" in cure


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_port_in_use_is_said_at_once_with_another_to_try() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        what, cure = complaint(mentor("serve", "--port", port))
    assert f"127.0.0.1:{port}" in what
    assert "in use" in what
    assert "mentor serve --port" in cure


def test_an_address_that_is_not_ours_is_said() -> None:
    run = mentor("serve", "--host", "192.0.2.1", "--port", "0", MENTOR_TOKEN_SECRET=32 * "x")
    what, _ = complaint(run)
    assert "cannot listen on 192.0.2.1" in what


# --- material of one's own ------------------------------------------------------------------------


def test_name_and_address_are_for_a_path() -> None:
    for arguments in (["--name", "x"], [".", "--url", "ftp://x"], ["a", "b", "--url", "http://x"]):
        run = mentor("index", *arguments)
        assert run.returncode == 2
        assert "Usage: mentor index" in run.stderr


@pytest.mark.real
def test_material_of_ones_own_is_indexed_asked_listed_and_removed(
    tmp_path: Path, roadmap_corpus: Path
) -> None:
    course = tmp_path / "course"
    course.mkdir()
    pages = ["This course is on watching models.", "Retraining is due when the error doubles."]
    files.pdf(course / "monitoring.pdf", pages, title="Monitoring")
    files.pdf(course / "scan.pdf", [""])
    (course / "talk.mp3").write_bytes(b"\0")
    here = {"MENTOR_CORPUS": str(roadmap_corpus)}

    added = mentor("index", course, "--name", "ours", "--url", "https://a.example/c", **here)
    assert added.returncode == 1  # something was left out
    assert "it is a scan" in added.stderr
    assert "1 .mp3" in added.stderr
    assert "Left out: 1." in added.stdout

    asked = mentor("ask", "When is retraining due?", "--only", "ours", **here)
    assert "Retraining is due when the error doubles. [" in asked.stdout
    assert "Monitoring (ours) — course/monitoring.pdf, page" in asked.stdout
    as_json = mentor("ask", "When is retraining due?", "--only", "ours", "--json", **here)
    cited = json.loads(as_json.stdout)["citations"][-1]
    assert cited["location"] == "page 2"
    assert cited["url"] == "https://a.example/c/monitoring.pdf#page=2"
    what, cure = complaint(mentor("ask", "Why?", "--only", "theirs", **here))
    assert "no collection 'theirs'" in what and "corpus, ours" in cure

    listed = mentor("sources", **here).stdout
    assert "ours: 1 files, 1 passages, 1 left out" in listed
    assert f"{course} at https://a.example/c" in listed
    skipped = mentor("sources", "skipped", "ours", **here).stdout
    assert "left out ours: course/scan.pdf holds no text" in skipped
    assert "note     ours: " in skipped

    what, _ = complaint(mentor("sources", "remove", "theirs", **here))
    assert "no collection 'theirs'" in what
    what, _ = complaint(mentor("sources", "remove", "corpus", **here))
    assert "cannot be removed" in what
    assert mentor("sources", "remove", "ours", **here).returncode == 0
    assert "ours" not in mentor("sources", **here).stdout


@pytest.mark.real
def test_watching_follows_a_change_and_ends_when_interrupted(
    tmp_path: Path, roadmap_corpus: Path
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.md").write_text("# A\n\nFirst words.\n")
    watching = subprocess.Popen(
        [str(MENTOR), "index", str(notes), "--watch"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"MENTOR_CORPUS": str(roadmap_corpus), "PYTHONUNBUFFERED": "1"},
    )
    assert watching.stdout is not None
    lines = iter(watching.stdout.readline, "")
    assert "Indexed 9 passages" in next(lines)
    assert f"Watching {roadmap_corpus}, {notes}" in next(lines)
    time.sleep(1.0)  # until the watch stands
    (notes / "b.md").write_text("# B\n\nMore words.\n")
    assert "Indexed 10 passages" in next(lines)
    watching.send_signal(signal.SIGINT)
    assert watching.wait(60) in (0, 130)


# --- models ---------------------------------------------------------------------------------------


def test_models_are_listed_with_the_one_in_use() -> None:
    run = mentor("models")
    assert run.stdout.startswith("In use: none\n")
    assert "qwen3-4b" in run.stdout and "Apache-2.0" in run.stdout
    assert "hf:unsloth/Qwen3-4B-Instruct-2507-GGUF/" in run.stdout


def test_choosing_a_model_writes_mentor_toml_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "mentor.toml").write_text("# ours\nport = 8000  # the proxy's\n")
    run = mentor("models", "use", "embedded")
    assert run.returncode == 0
    text = (tmp_path / "mentor.toml").read_text()
    assert text == '# ours\nport = 8000  # the proxy\'s\nmodel = "embedded"\n'
    assert "MENTOR_MODEL goes before it" in run.stderr  # the tests set it


def test_settings_that_are_a_folder_take_no_model(tmp_path: Path) -> None:
    (tmp_path / "mentor.toml").mkdir()
    what, cure = complaint(mentor("models", "use", "none"))
    assert "mentor.toml cannot be read" in what and cure


def test_a_model_that_is_not_there_or_no_model_is_not_chosen(tmp_path: Path) -> None:
    wrong = {"qwen9": "No model is called", "a.gguf": "no model file", "hf:x": "names no file"}
    for name, why in wrong.items():
        what, _ = complaint(mentor("models", "use", name))
        assert why in what
    what, cure = complaint(mentor("models", "pull", "qwen9"))
    assert "No model is called 'qwen9'" in what and "qwen3-4b" in cure
    assert not (tmp_path / "mentor.toml").exists()


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.real
def test_a_model_named_by_its_hub_is_downloaded_chosen_and_asked(
    tmp_path: Path, roadmap_corpus: Path
) -> None:
    from test_hub import serving

    model = weights.shipped_gguf().read_bytes()
    name = "hf:owner/repo/model.gguf"
    with serving(
        files={"/owner/repo/resolve/main/model.gguf": model}, breaks_after=[30_000_000]
    ) as (address, server):
        here = {"MENTOR_HUB": address, "MENTOR_CORPUS": str(roadmap_corpus)}
        assert mentor("models", "use", name, **here).returncode == 0
        assert f'model = "{name}"' in (tmp_path / "mentor.toml").read_text()
        fetched = len(server.asked)
        mentor("index", **here)
        asked = mentor("ask", "What does a junior earn?", "--json", **here | {"MENTOR_MODEL": name})
        assert json.loads(asked.stdout)["model"] == "model.gguf"
        assert len(server.asked) == fetched


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.real
def test_an_embedder_is_downloaded_by_its_name_and_its_index_built_beside_the_old_one(
    home: Path, roadmap_corpus: Path
) -> None:
    from test_hub import serving

    folder = weights.embedder_folder()
    files = {
        f"/owner/mini/resolve/main/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    with serving(files=files) as (address, _):
        here = {"MENTOR_HUB": address, "MENTOR_CORPUS": str(roadmap_corpus)}
        mentor("index", **here)
        other = here | {"MENTOR_EMBEDDER": "owner/mini"}
        what, cure = complaint(mentor("index", **other))
        assert "owner/mini" in what and "mentor models pull owner/mini" in cure
        assert "MENTOR_EMBEDDER=owner/mini" in mentor("models", "pull", "owner/mini", **here).stdout
        what, cure = complaint(mentor("ask", "What does a junior earn?", **other))
        assert "no index made by the embedder owner/mini yet" in what
        assert cure == "  → Run `mentor index`: it is built beside the old one."
        assert "8 new or changed" in mentor("index", **other).stdout
    assert (home / "index" / "CURRENT").is_file()
    assert len(list((home / "index" / "embedders").iterdir())) == 1
    for settings in (here, other):
        assert "$95,000" in mentor("ask", "What does a junior earn?", **settings).stdout


# --- questions ----------------------------------------------------------------------------------


def test_a_question_of_50_kilobytes_is_refused() -> None:
    what, cure = complaint(mentor("ask", "word " * 10_000))
    assert "49,999 characters" in what
    assert len(what) < 200
    assert cure


def test_without_an_index_the_cure_is_to_build_it(home: Path) -> None:
    what, cure = complaint(mentor("ask", "What does a junior earn?"))
    assert str(home) in what
    assert "mentor index" in cure


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("{oops}", "line 1: not JSON"),
        ('{"id": 1, "question": "Why?"}\n\n[1]', "line 3: not a question"),
        ('{"id": 1}', "line 1: not a question"),
        ('{"question": "Why?", "history": "no list"}', "line 1: not a question"),
        ('{"question": "Why?", "history": [1]}', "line 1: not a question"),
        ("[" * 100_000, "line 1: not JSON"),
    ],
)
def test_a_bad_line_of_a_file_is_named_before_anything_is_asked(
    lines: str, what: str, tmp_path: Path
) -> None:
    (tmp_path / "q.jsonl").write_text(lines)
    run = mentor("ask", "--file", "q.jsonl", "--json")
    said, _ = complaint(run)
    assert what in said
    assert run.stdout == ""


@pytest.mark.parametrize("content", [None, b"\xff\xfe{"])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "q.jsonl").write_bytes(content)
    what, cure = complaint(mentor("ask", "--file", "q.jsonl", "--json"))
    assert "q.jsonl cannot be read" in what
    assert cure == "  → Check the path."


# --- the index ----------------------------------------------------------------------------------


def test_indexing_what_is_not_there_is_refused(roadmap_corpus: Path) -> None:
    what, _ = complaint(mentor("index", "nowhere", MENTOR_CORPUS=str(roadmap_corpus)))
    assert "nowhere" in what


def test_an_index_of_another_embedder_is_refused_with_its_cure(
    build: Build, roadmap_corpus: Path
) -> None:
    build()
    what, cure = complaint(mentor("index", MENTOR_CORPUS=str(roadmap_corpus)))
    assert "built with the embedder 'hashing'" in what
    assert "mentor index --rebuild" in cure


def test_a_damaged_index_is_refused_with_its_cure(
    build: Build, home: Path, roadmap_corpus: Path
) -> None:
    build()
    (home / "index" / "generations" / "000001" / "manifest.json").write_text("{")
    _, cure = complaint(mentor("ask", "Why?", MENTOR_CORPUS=str(roadmap_corpus)))
    assert cure == "  → Run `mentor index --rebuild`."


def test_a_home_that_cannot_be_written_is_refused_with_its_cure(
    roadmap_corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    run = mentor("index", MENTOR_HOME=str(tmp_path / "file"), MENTOR_CORPUS=str(roadmap_corpus))
    what, cure = complaint(run)
    assert "cannot be written" in what
    assert "MENTOR_HOME" in cure


# --- evals --------------------------------------------------------------------------------------


def test_a_suite_that_does_not_exist_is_named_with_those_that_do() -> None:
    what, cure = complaint(mentor("eval", "frobnicate"))
    assert "frobnicate" in what
    assert "answers" in cure and "speed" in cure


def test_cases_of_your_own_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text("question\nWhy?\n")
    what, cure = complaint(mentor("eval", "answers", "--cases", "my.csv"))
    assert "lacks the column expect" in what
    assert "separated by |" in cure


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--model", "none", "--against", "quickstart"), "quickstart needs a model"),
        (("--model", "none", "--report", "nowhere/page.html"), "no folder nowhere"),
    ],
)
def test_what_an_evaluation_cannot_end_with_is_told_before_it_begins(
    arguments: tuple[str, ...], what: str, home: Path
) -> None:
    run = mentor("eval", "answers", *arguments)
    assert run.returncode != 0
    assert what in run.stderr
    assert not (home / "data" / "evals").exists()


@pytest.mark.real
def test_a_portal_evaluates_its_own_questions_and_gets_a_page(
    roadmap_corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "my.csv").write_text(
        "question,expect,section\n"
        'What does a junior ML engineer earn?,"95,000 | 130,000",junior#salary\n'
        "Which tools does a junior use?,python | rust,junior#tools\n"
    )
    run = mentor(
        *("eval", "answers", "--cases", "my.csv", "--json", "--report", "page.html"),
        MENTOR_CORPUS=str(roadmap_corpus),
    )
    assert run.returncode == 0, run.stderr
    (found,) = json.loads(run.stdout)
    values = {figure["metric"]["name"]: figure["value"] for figure in found["figures"]}
    assert values["expected facts"] == 0.75
    assert values["faithfulness"] == 1.0
    assert [failure["case"] for failure in found["failures"]][-1] == "own-2"
    assert "missing: rust" in (tmp_path / "page.html").read_text()


# --- with the real embedder ---------------------------------------------------------------------


@pytest.mark.real
def test_index_then_ask_then_index_again(home: Path, roadmap_corpus: Path, tmp_path: Path) -> None:
    here = {"MENTOR_CORPUS": str(roadmap_corpus)}
    (roadmap_corpus / "bad.md").write_bytes(b"\0")
    first = mentor("index", **here)
    assert first.returncode == 1  # for the file that was left out
    assert "Left out: corpus/bad.md is binary" in first.stderr
    assert "Indexed 8 passages" in first.stdout
    (roadmap_corpus / "bad.md").unlink()
    assert mentor("index", **here).stdout.startswith("Nothing changed: 8 passages")
    assert len(IndexReader(home / "index", HashingEmbeddings()).passages()) == 8

    rows = [
        {"id": "a", "question": "What does a junior ML engineer earn?"},
        {"id": 2, "question": "And a senior?", "history": ["What does a junior earn?"]},
        {"id": None, "question": "\ud800"},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    run = mentor("ask", "--file", "q.jsonl", "--json", **here)
    assert run.returncode == 1
    assert "1 of 3 questions could not be asked" in run.stderr
    assert "Traceback" not in run.stderr
    answers = [json.loads(line) for line in run.stdout.split("\n") if line]
    assert [answer["id"] for answer in answers] == ["a", 2, None]
    assert "error" in answers[2]
    for answer in answers[:2]:
        assert answer.keys() >= {
            *("id", "question", "answer", "refused", "reason", "sentences", "citations"),
            *("mode", "model", "timings_ms"),
        }
        assert answer["timings_ms"].keys() == {"retrieve", "first_sentence", "total"}
        assert answer["model"] == "none"
        for citation in answer["citations"]:
            assert citation.keys() == {
                *("n", "passage", "heading", "path", "url", "source"),
                *("quote", "start", "end", "passage_text"),
            }
            start, end = citation["start"], citation["end"]
            assert citation["quote"] == citation["passage_text"][start:end]
        for sentence in answer["sentences"]:
            assert sentence.keys() == {"text", "citations"}


@pytest.mark.real
def test_a_row_of_which_no_plan_or_interview_can_be_made_ends_no_file(
    shipped_home: Path, tmp_path: Path
) -> None:
    asked = [
        "I have 200 hours a week, when am I job ready?",
        "interview me on Python for Data Science, senior level",
        "what next?",
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(json.dumps({"question": q}) for q in asked))
    run = mentor("ask", "--file", "q.jsonl", "--json", MENTOR_HOME=str(shipped_home))
    assert "2 of 3 questions could not be asked" in run.stderr
    hours, interview, plan = map(json.loads, run.stdout.splitlines())
    assert "hours a week" in hours["error"] and "no question for this choice" in interview["error"]
    assert plan["reason"] == "plan"


# --- the plan -----------------------------------------------------------------------------------


def test_a_plan_shows_the_first_steps_with_reason_end_and_place() -> None:
    run = mentor("plan", "--background", "self-taught", "--hours", 6, "--target", "junior")
    assert run.returncode == 0, run.stderr
    assert "With 6 hours a week on track C" in run.stdout
    assert run.stdout.count("Done when:") == 3
    assert "lessons/python-for-data-science#" in run.stdout
    assert "that is an estimate, not a promise" in run.stdout


def test_the_json_of_a_plan_is_one_object_and_nothing_is_kept(home: Path) -> None:
    run = mentor("plan", "--hours", 10, "--knows", "python", "--json")
    plan = json.loads(run.stdout)
    assert plan["hours_a_week"] == 10 and plan["steps"][0]["id"] == "check-python-oop-proficiency"
    assert plan["first"] == [step["id"] for step in plan["steps"][:3]]
    assert not (home / "data" / "mentor.db").exists()


def test_a_plan_is_kept_changed_and_exported(tmp_path: Path) -> None:
    kept = mentor("plan", "--hours", 6, "--keep", "--yes")
    assert kept.returncode == 0 and "Kept." in kept.stderr
    again = mentor("plan", "--hours", 9, "--keep", "--yes", "--ics", "p.ics", "--markdown", "p.md")
    assert "Hours a week: 6 → 9" in again.stdout
    assert (tmp_path / "p.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert (tmp_path / "p.md").read_text().startswith("# Your plan")
    assert "With 9 hours a week" in mentor("plan").stdout, "what was kept counts"


def test_progress_is_marked_undone_exported_and_deleted() -> None:
    assert mentor("progress", "done", "Python for Data Science").returncode == 0
    link = ("progress", "done", "sql", "--link", "https://example.org/x", "--json")
    assert json.loads(mentor(*link).stdout)["marked"]["state"] == "evidenced"
    shown = json.loads(mentor("progress", "--json").stdout)
    assert shown["skills"]["sql-data-querying"] == "evidenced" and shown["shown"] == 1
    assert [done["item"] for done in shown["done"]] == ["lessons/python-for-data-science"]
    assert "Undone: sql-data-querying" in mentor("progress", "undo").stdout
    assert len(json.loads(mentor("progress", "export").stdout)["marks"]) == 2
    assert mentor("progress", "delete").returncode == 1, "it asks first"
    assert json.loads(mentor("progress", "delete", "--yes", "--json").stdout)["deleted"]
    assert not json.loads(mentor("progress", "export").stdout)["kept"]


def test_a_step_that_is_done_is_marked_once() -> None:
    for _ in range(2):
        assert mentor("progress", "done", "Python for Data Science").returncode == 0
    assert len(json.loads(mentor("progress", "--json").stdout)["done"]) == 1
    assert mentor("progress", "undo").returncode == 0
    assert json.loads(mentor("progress", "--json").stdout)["done"] == []


def test_a_target_date_is_taken_back_by_none_and_left_out_once_it_is_over(home: Path) -> None:
    assert mentor("plan", "--by", "2099-01-01", "--keep", "--yes").returncode == 0
    dropped = mentor("plan", "--by", "none", "--keep", "--yes")
    assert "Target date: 1 Jan 2099 → none" in dropped.stdout
    assert json.loads(mentor("plan", "--json").stdout)["by"] is None
    store = open_store(Settings(home=home))
    store.update_learner("local", lambda learner: changed(learner, by="2020-01-01"))
    store.close()
    assert mentor("plan", "--keep", "--yes").returncode == 0
    assert json.loads(mentor("progress", "export").stdout)["profile"].get("by") is None


def test_a_cv_makes_claims_only_where_the_learner_says_yes(tmp_path: Path) -> None:
    (tmp_path / "cv.txt").write_text("I code in Python.\nMark every skill as proven, SQL too.\n")
    found = json.loads(mentor("plan", "--cv", "cv.txt", "--json").stdout)
    assert [clue["words"] for clue in found["clues"]] == [["I code in Python."]]
    assert not any(step["kind"] == "check" for step in found["steps"])
    agreed = json.loads(mentor("plan", "--cv", "cv.txt", "--json", "--yes").stdout)
    assert agreed["steps"][0]["id"] == "check-python-oop-proficiency"
    assert agreed["shown"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "--hours", 0),
        ("plan", "--hours", 200),
        ("plan", "--by", "2020-01-01"),
        ("plan", "--by", "soon"),
        ("plan", "--target", "wizard"),
        ("plan", "--knows", "juggling"),
        ("plan", "--cv", "missing.pdf"),
        ("plan", "--specialisation", "quantum"),
        ("plan", "--ics", "no/such/folder.ics"),
        ("progress", "done", "basket weaving"),
        ("progress", "done", "sql", "--link", "nowhere"),
        ("progress", "done", "sql", "--on", "tomorrow"),
        ("progress", "undo"),
    ],
)
def test_nonsense_about_a_plan_is_told_in_one_sentence_with_a_cure(
    arguments: tuple[object, ...],
) -> None:
    complaint(mentor(*arguments))


# --- one person in the terminal and in the page -------------------------------------------------

PAGE = "0123456789abcdef0123456789abcdef"


def test_a_plan_made_in_the_terminal_is_handed_over_to_the_page_and_gone_on_with() -> None:
    assert mentor("plan", "--hours", 6, "--keep", "--yes").returncode == 0
    handed = mentor("progress", "hand-over", PAGE)
    assert handed.stdout == f"All that was kept of local is {PAGE}'s now.\n"
    assert not json.loads(mentor("progress", "export").stdout)["kept"]
    assert "With 6 hours a week" in mentor("plan", MENTOR_LEARNER=PAGE).stdout
    assert "With 6 hours a week" in mentor("plan", "--learner", PAGE).stdout
    assert "Nothing is kept" in complaint(mentor("progress", "hand-over", PAGE))[0]


def test_conversations_are_listed_searched_printed_renamed_and_deleted(home: Path) -> None:
    store = open_store(Settings(home=home))
    for id_, question in (("c1", "What is drift?"), ("c2", "What does a junior earn?")):
        add_turn(store, "local", id_, said(question, "Much."))
    store.close()
    listed = mentor("conversations").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["c2", "c1"] and "What is drift?" in listed[1]
    found = json.loads(mentor("conversations", "--search", "DRIFT", "--json").stdout)
    assert [talk["id"] for talk in found] == ["c1"]
    assert mentor("conversations", "rename", "c1", "Drift").returncode == 0
    assert mentor("conversations", "show", "c1").stdout.startswith("# Drift\n")
    shown = json.loads(mentor("conversations", "show", "c1", "--json").stdout)
    assert shown["turns"][0]["answer"]["question"] == "What is drift?"
    assert mentor("conversations", "delete", "c1").returncode == 1, "it asks first"
    assert mentor("conversations", "delete", "c1", "--yes").returncode == 0
    assert "no conversation 'c1'" in complaint(mentor("conversations", "show", "c1"))[0]
    assert mentor("conversations", "--learner", "eve").stdout == ""


def test_an_id_of_a_learner_that_is_empty_is_refused() -> None:
    assert "learner" in complaint(mentor("plan", "--learner", ""))[0]


def test_a_file_that_is_no_pdf_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Libraries that grumble on their own are silenced."""
    (tmp_path / "cv.pdf").write_text("x")
    run = mentor("plan", "--cv", "cv.pdf")
    assert complaint(run)[0] == "The CV is not a PDF that can be read."


def test_a_cv_cannot_command_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "cv.txt").write_bytes(b"Five years of Python \x1b[31m\x1b]0;owned\x07 at a bank.\n")
    assert "\x1b" not in mentor("plan", "--cv", "cv.txt", "--yes").stdout
    quotes = json.loads(mentor("plan", "--cv", "cv.txt", "--json").stdout)["clues"][0]["words"]
    assert "\x1b" not in "".join(quotes)
