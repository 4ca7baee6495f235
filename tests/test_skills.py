"""The skill map: what a mistake in the file says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from mentor.errors import MaterialError
from mentor.skills import circle_in, read_skills

GOOD = """\
kind: skills
skills:
  python:
    lessons: [lessons/python]
  pandas:
    lessons: [lessons/pandas]
    deliverables: [deliverable-notebook]
    interview_topics: [topic-pandas]
    prerequisites: [python]
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "skills.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_says_what_teaches_and_what_proves_a_skill(tmp_path: Path) -> None:
    row = read_skills(write(tmp_path, GOOD)).skills["pandas"]
    assert row.lessons == ("lessons/pandas",)
    assert row.deliverables == ("deliverable-notebook",)
    assert row.interview_topics == ("topic-pandas",)
    assert row.prerequisites == ("python",)


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("interview_topics", "topics", "the field skills.pandas.topics is wrong"),
        ("[lessons/python]", "[]", "the field skills.python.lessons is wrong"),
        ("[lessons/python]", "[lessons/python#x]", "the field skills.python.lessons.0 is wrong"),
        ("[python]", "[sql]", "pandas has the unknown prerequisite 'sql'"),
        (
            "[lessons/python]",
            "[lessons/python]\n    prerequisites: [pandas]",
            "the prerequisites run in a circle: ",
        ),
        ("kind: skills", "kind: [", "is not YAML"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, old: str, new: str, wrong: str) -> None:
    with pytest.raises(MaterialError) as caught:
        read_skills(write(tmp_path, GOOD.replace(old, new, 1)))
    assert wrong in caught.value.what
    assert caught.value.cure


def test_a_skill_map_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MaterialError, match="cannot be read"):
        read_skills(tmp_path / "gone.yaml")


def test_a_circle_is_told_from_a_node_back_to_itself() -> None:
    assert circle_in({"a": ["b"], "b": ["c"], "c": []}) == ()
    circle = circle_in({"a": ["b"], "b": ["c"], "c": ["a"]})
    assert circle[0] == circle[-1]
    assert all(
        (one, other) in {("a", "b"), ("b", "c"), ("c", "a")} for one, other in pairwise(circle)
    )
