"""The floors of the house: who may import whom, and what nothing may load before it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "mentor"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("settings", "records", "language", "telemetry", "alone"),
    (
        *("facts", "templates", "synonyms", "listings", "learner", "cv", "consultant"),
        *("transcript", "sources", "offers", "scope"),
    ),
    ("roadmap", "skills", "store", "planning", "questions"),
    ("loaders", "models", "interview_list"),
    ("material",),
    ("generation", "page_rules", "syllabus", "chroma_server"),
    ("draft", "stores", "plan", "claims", "names", "question_rules", "point_support", "library"),
    ("index", "told", "progress", "spoken", "manner"),
    (
        *("indexing", "shipping", "ranking", "coverage", "bank_linter", "wishes", "proposals"),
        "watching",
    ),
    ("retrieve",),
    ("answer", "linter", "next_steps", "interview"),
    ("conversation",),
    ("mentor", "doctor"),
)
"""Bottom up. A room imports rooms of lower floors only; a package is one room."""

RUNS_EVALS = "mentor_ui.eval_command"
"""The one face that runs the evals: `mentor eval`."""
HEAVY = ("torch", "chromadb", "gradio", "llama_cpp", "sentence_transformers", "transformers")


def modules(folder: Path) -> dict[str, Path]:
    """Dotted name -> file of every module under `folder`, packages by their own name."""
    return {
        ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(
            ".__init__"
        ): path
        for path in sorted(folder.rglob("*.py"))
    }


@cache
def imports(path: Path, name: str) -> frozenset[str]:
    """Dotted names that a file imports, wherever in it, and those only for types too."""
    return frozenset(_imports(ast.parse(path.read_text(encoding="utf-8")), path, name))


def _imports(tree: ast.AST, path: Path, name: str) -> Iterator[str]:
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else []), *([node.module or ""])]).strip(".")
            for alias in node.names:  # what is imported may be a module itself
                yield f"{base}.{alias.name}"
            yield base


MENTOR = modules(SOURCE)


def own(name: str) -> set[str]:
    """The modules of mentor that module `name` imports."""
    found = {target for target in imports(MENTOR[name], name) if target in MENTOR}
    return found - {name, "mentor", "mentor.models", "mentor.answer", "mentor.loaders"}


def room(name: str) -> str:
    return name.split(".")[1]


def test_every_module_has_its_floor() -> None:
    rooms = {room(name) for name in MENTOR if name != "mentor"}
    assert rooms == {name for floor in FLOORS for name in floor}
    assert sum(map(len, FLOORS)) == len(rooms)


@pytest.mark.parametrize("name", [name for name in MENTOR if name != "mentor"])
def test_a_room_imports_lower_floors_only(name: str) -> None:
    floor = {each: n for n, floor in enumerate(FLOORS) for each in floor}
    here = room(name)
    wrong = {
        target
        for target in own(name)
        if room(target) != here and floor.get(room(target), 99) >= floor.get(here, -1)
    }
    assert not wrong, f"{name} imports {sorted(wrong)}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name: own(name) for name in MENTOR if name != "mentor"}
    assert set(TopologicalSorter(graph).static_order()) == set(graph)


@pytest.mark.parametrize(
    ("folder", "never"),
    [
        ("src/mentor", {"mentor_ui", "mentor_evals"}),
        ("ui/mentor_ui", {"mentor_evals"}),
        ("evals/mentor_evals", {"mentor_ui"}),
    ],
)
def test_faces_and_evals_import_the_mentor_and_never_the_other_way_round(
    folder: str, never: set[str]
) -> None:
    for name, path in modules(ROOT / folder).items():
        tops = {target.split(".")[0] for target in imports(path, name)}
        if name != RUNS_EVALS:
            assert not tops & never, name


def test_only_one_module_knows_each_foreign_engine() -> None:
    knows = {
        engine: sorted(
            name
            for name, path in MENTOR.items()
            if any(target.split(".")[0] == engine for target in imports(path, name))
        )
        for engine in ("torch", "gradio", "fastapi", "sentence_transformers", "chromadb")
    }
    assert knows == {
        "torch": ["mentor.models.embed"],
        "gradio": [],
        "fastapi": [],
        "sentence_transformers": ["mentor.models.embed"],
        "chromadb": ["mentor.chroma_server", "mentor.stores"],
    }


@pytest.mark.parametrize(
    ("module", "light"),
    [
        ("mentor.settings", (*HEAVY, "langchain", "langchain_core", "numpy")),
        ("mentor_ui.terminal", (*HEAVY, "langchain", "langchain_core", "numpy")),
        ("mentor.mentor", (*HEAVY, "langchain", "bm25s", "sklearn", "openai")),
    ],
)
def test_nothing_heavy_is_loaded_by_importing(module: str, light: tuple[str, ...]) -> None:
    script = f"import sys, {module}; print(*sorted(set({light!r}) & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
