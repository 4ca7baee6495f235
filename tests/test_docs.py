"""The documents are true: the table of settings is current, and links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from fastapi.routing import APIRoute

from mentor.errors import SettingsError
from mentor.loaders.markdown import _IGNORED_YAML_KINDS
from mentor.material import slug
from mentor.models.catalogue import CATALOGUE
from mentor.settings import Settings
from mentor_evals.suites import SUITES
from mentor_ui.api.chat import router as chat_routes
from mentor_ui.api.problems import Kind, ProblemDetails
from mentor_ui.interview_turns import _COMMANDS
from mentor_ui.settings_table import BEGIN, END, settings_table, with_table

ROOT = Path(__file__).resolve().parents[1]
OPERATORS = ROOT / "docs" / "operators.md"
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
SUFFIXES = {"md", "py", "yaml", "toml", "jsonl", "js", "css", "ts", "npz", "onnx", "json"}
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_LISTING = re.compile(r"^(```+).*?^\1 *$", re.S | re.M)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mentor_ui.settings_table", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_table_of_settings_is_current() -> None:
    text = OPERATORS.read_text(encoding="utf-8")
    assert with_table(text) == text, "run `python -m mentor_ui.settings_table`"


def test_the_table_has_a_row_for_every_setting_and_says_what_it_is_for() -> None:
    rows = settings_table().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == list(Settings.model_fields)
    assert all(row.count(" | ") == 3 and "None" not in row for row in rows)


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "docs/engineers.md"])
def test_what_the_journeys_name_stands_in_the_code(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    names = re.findall(r"`(?:\w+\.)*(\w+)\.(\w+)(?:\([^`]*\))?`", text)
    assert len(names) > 10
    places = [ROOT / "src", ROOT / "ui" / "mentor_ui", ROOT / "evals" / "mentor_evals"]
    code = [file for place in places for file in place.rglob("*.py")]
    for module, name in names:
        if name in SUFFIXES:
            continue
        at = [
            file
            for file in code
            if module in (file.stem, file.parent.name)
            or re.search(rf"^class {module}\b", file.read_text("utf-8"), re.M)
        ]
        said = re.compile(rf"^ *(?:def|class) {name}\b|^{name}\b|^ *self\.{name}\b", re.M)
        assert any(file.stem == name or said.search(file.read_text("utf-8")) for file in at), (
            f"{document} names {module}.{name}, which is not in the code"
        )


def test_the_table_of_models_is_the_catalogues() -> None:
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    row = r"^\| `([\w.-]+)` \| ([\d.]+) GB \| ([\d.]+) GB \| (.+?) \| (.+?) \| (.+?) \|$"
    rows = re.findall(row, text, re.M)
    assert rows == [
        (
            model.name,
            f"{model.bytes / 1e9:.1f}",
            f"{model.memory / 1e9:.1f}",
            f"{model.context:,}",
            model.licence,
            model.good_for,
        )
        for model in CATALOGUE
    ]


def test_a_stale_table_is_told_and_only_writing_mends_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Above\n{BEGIN}\nold\n{END}\nBelow\n", encoding="utf-8")
    stale = run("--check", page)
    assert stale.returncode == 1 and "stale" in stale.stderr
    assert "old" in page.read_text(encoding="utf-8")
    assert run(page).returncode == 0
    assert run("--check", page).returncode == 0
    assert page.read_text(encoding="utf-8").startswith(f"Above\n{BEGIN}\n| Key")
    assert page.read_text(encoding="utf-8").endswith(f"{END}\nBelow\n")


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_page_without_both_markers_once_and_in_order_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="no place"):
        with_table(text)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    text = _LISTING.sub("", document.read_text(encoding="utf-8"))
    for target in _LINK.findall(text):
        if "://" in target or target.startswith("mailto:"):
            continue
        file, _, anchor = target.partition("#")
        there = (document.parent / file) if file else document
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ +(.+)$", there.read_text(encoding="utf-8"), re.M)
            assert anchor in map(slug, headings), target


RELIABILITY = ROOT / "docs" / "reliability.md"
_TRIED = re.compile(r"\[`(test_\w+)`\]\(\.\./(tests/[\w/]+\.py)\)")


def names_of_tests(file: Path) -> set[str]:
    return set(re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.M))


def test_every_row_of_what_was_tried_names_a_test_that_exists() -> None:
    rows = [
        line
        for line in RELIABILITY.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| What was tried")
    ]
    assert len(rows) > 50
    for row in rows:
        named = _TRIED.findall(row)
        assert named, row
        for name, file in named:
            assert name in names_of_tests(ROOT / file), f"{file} has no {name}"


def test_every_test_of_a_fault_stands_in_the_table() -> None:
    named = {name for name, _ in _TRIED.findall(RELIABILITY.read_text(encoding="utf-8"))}
    for file in (ROOT / "tests" / "faults").glob("test_*.py"):
        assert names_of_tests(file) <= named, file.name


def rows_of(document: str, heading: str) -> str:
    """What stands under a heading of a page."""
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    return re.split(r"^#+ ", text.split(f"# {heading}\n")[1], flags=re.M)[0]


def test_the_api_page_has_every_kind_of_problem_and_no_other() -> None:
    firsts = re.findall(r"^\| (`[^|]+) \| \d", rows_of("api.md", "Problems"), re.M)
    assert sorted(re.findall(r"`(\w+)`", " ".join(firsts))) == sorted(get_args(Kind))


def test_the_api_page_says_what_an_error_in_a_stream_holds_and_which_statuses_come_before() -> None:
    page = rows_of("api.md", "Chat as server-sent events")
    held = re.findall(r"^\| `error` .*`\{(.+)\}`", page, re.M)
    assert [name.strip(" ?") for name in held[0].split(",")] == list(ProblemDetails.model_fields)
    told = re.findall(r"before the first event .*: ([\d, ]+)\.$", page, re.M)
    routes = [route for route in chat_routes.routes if isinstance(route, APIRoute)]
    errors = {int(each) for route in routes if route.path == "/chat" for each in route.responses}
    assert [200, *map(int, told[0].split(","))] == sorted(errors)


def test_the_page_on_interviews_has_every_command_that_the_terminal_takes() -> None:
    typed = re.findall(r"\| `(/\w+)`.* \|$", rows_of("interviews.md", "How it goes"), re.M)
    assert sorted(typed) == sorted(_COMMANDS)


def test_authors_read_which_yaml_becomes_no_page() -> None:
    said = re.search(r"YAML of kind ([^.]+?) is data", rows_of("authors.md", "What Mentor reads"))
    assert said and set(re.findall(r"`(\w+)`", said[1])) == _IGNORED_YAML_KINDS


def test_the_page_on_evals_has_every_suite_and_the_files_that_the_reader_learns_from() -> None:
    rows = re.findall(r"^\| ([\w-]+) \|", rows_of("evals.md", "The suites"), re.M)
    assert rows[1:] == list(SUITES)
    graded = rows_of("evals.md", "How an interview answer is graded")
    code = (ROOT / "evals" / "mentor_evals" / "training" / "points.py").read_text(encoding="utf-8")
    files = re.findall(r"\w+_train\.jsonl(?=\")", code)
    assert len(files) == 2 and all(f"`{name}`" in graded for name in files)
