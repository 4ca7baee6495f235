"""Files become pages, sections and passages; what cannot be read says why and what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import count_words
from hypothesis import given
from hypothesis import strategies as st

from mentor.errors import MaterialError
from mentor.loaders.markdown import parse_markdown
from mentor.material import (
    PASSAGE_TOKENS,
    files_of,
    fingerprint,
    passages_of,
    passed_over,
    read_asked,
    read_pages,
    sections_of,
)
from mentor.models.embed import token_counter
from mentor.records import Page, Place
from mentor.settings import load_settings


def page(body: str, **front: object) -> Page:
    return Page.model_validate({"id": "p", "title": "Page", "body": body, "file": "c/p.md"} | front)


def sections(body: str, **front: object) -> list[tuple[str, tuple[str, ...], str]]:
    return list(sections_of(page(body, **front)))


# --- which files --------------------------------------------------------------------------------


def test_files_are_shown_with_the_name_of_their_root(roadmap_corpus: Path) -> None:
    assert [shown for _, shown in files_of(roadmap_corpus)] == [
        "corpus/levels/junior.md",
        "corpus/levels/senior.md",
        "corpus/stages.md",
    ]


def test_hidden_files_readmes_templates_and_unknown_kinds_are_no_material(tmp_path: Path) -> None:
    root = tmp_path / "c"
    (root / ".git").mkdir(parents=True)
    for name in (".hidden.md", ".git/x.md", "README.md", "a.md.j2", "a.png", "notes.jsonl"):
        (root / name).write_text("Words.")
    (root / "a.md").write_text("Words.")
    assert [shown for _, shown in files_of(root)] == ["c/a.md"]
    assert passed_over(root) == {".j2": 1, ".png": 1, ".jsonl": 1}


def test_a_root_may_be_hidden_or_a_single_file_of_any_name(tmp_path: Path) -> None:
    (tmp_path / ".notes").mkdir()
    (tmp_path / ".notes" / "a.md").write_text("Words.")
    (tmp_path / "README.md").write_text("Words.")
    roots = (tmp_path / ".notes", tmp_path / "README.md")
    assert [shown for _, shown in files_of(*roots)] == [".notes/a.md", "README.md"]


def test_roots_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for owner in ("ann", "ben"):
        (tmp_path / owner / "notes").mkdir(parents=True)
        (tmp_path / owner / "notes" / "a.md").write_text("Words.")
    roots = (tmp_path / "ann" / "notes", tmp_path / "ben" / "notes")
    assert [shown for _, shown in files_of(*roots)] == ["notes/a.md", "ben/notes/a.md"]


def test_a_root_inside_another_brings_no_file_twice(roadmap_corpus: Path) -> None:
    once = list(files_of(roadmap_corpus))
    assert list(files_of(roadmap_corpus, roadmap_corpus / "levels")) == once


def test_a_root_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MaterialError, match="no file or folder"):
        list(files_of(tmp_path / "nowhere"))


def test_a_single_file_of_an_unknown_kind_is_an_error_that_names_the_known(tmp_path: Path) -> None:
    (tmp_path / "cv.odt").write_bytes(b"PK")
    with pytest.raises(MaterialError, match=r"cv\.odt") as caught:
        list(files_of(tmp_path / "cv.odt"))
    assert ".md" in caught.value.cure


def test_a_name_that_is_not_utf_8_is_shown_escaped(tmp_path: Path) -> None:
    root = tmp_path / "c"
    root.mkdir()
    Path(os.fsdecode(os.fsencode(root) + b"/\xff.md")).write_text("Words.")
    assert [shown for _, shown in files_of(root)] == [r"c/\xff.md"]


def test_a_fingerprint_changes_with_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("Words.")
    before = fingerprint(path)
    path.touch()
    assert fingerprint(path) == before
    path.write_text("Words!")
    assert fingerprint(path) != before


def test_the_templates_beside_a_yaml_file_belong_to_its_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "roadmap.yaml"
    path.write_text("title: T\n")
    (tmp_path / "a.md.j2").write_text("one")
    before = fingerprint(path)
    (tmp_path / "a.md.j2").write_text("two")
    assert fingerprint(path) != before


# --- bad files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.md", b"", "a.md is empty"),
        ("a.txt", b" \n\t\n", "a.txt is empty"),
        ("a.md", b"\x89PNG\r\n\x00\x00", "a.md is binary"),
        ("a.md", b"PK\x03\x04\x00\x00", "a.md is a packed file .*, which its suffix does not say"),
        ("a.md", "Größe\nund Maß".encode("latin-1"), r"a.md is not UTF-8 \(line 1\)"),
        ("a.md", "Words".encode("utf-16"), "a.md is (binary|not UTF-8)"),
        ("a.md", b"---\nid: x\n", "opened by --- but never closed"),
        ("a.md", b"---\nid: [x\n---\nWords.", r"a.md, line \d: broken YAML"),
        ("a.md", b"---\n- x\n---\nWords.", "not `key: value` lines"),
        ("a.md", b"---\nlevl: junior\n---\nWords.", "unknown key 'levl'"),
        (
            "a.md",
            b"---\nlevel: expert\n---\nWords.",
            "level in .* cannot be 'expert'",
        ),
        ("a.md", b"---\nstage: 6\n---\nWords.", "stage in the front matter cannot be 6"),
        ("a.md", b"---\nquestions: What?\n---\nWords.", "questions in the front matter cannot be"),
        ("a.md", b"---\nplaces: [a]\n---\nWords.", "places in the front matter cannot be"),
        ("a.md", b"---\nplaces: {a: b}\n---\nWords.", "places in the front matter cannot be"),
        ("a.md", b"---\nplaces: {a: {2: mid}}\n---\nWords.", "2 in the front matter cannot be"),
        ("a.md", b"---\nid: a#b\n---\nWords.", "id in the front matter cannot be 'a#b'"),
        ("a.md", b"---\nhours: 2023-99-99\n---\nWords.", "broken YAML"),
        ("a.yaml", b"- a\n- b\n", "not a mapping of keys"),
        ("a.yaml", b"a: b: c\n", r"a.yaml, line 1: broken YAML"),
        ("a.yaml", b"kind: [roadmap]\na: b\n", "kind in the front matter cannot be"),
        ("a.yaml", b"[" * 1200, "broken YAML"),
        ("a.yaml", b"kind: roadmap\n", "Field required"),
        ("asked.jsonl", b'{"question": "Why?"}\n', "asked.jsonl, line 1: not a question"),
        ("asked.jsonl", b"why\n", "asked.jsonl, line 1: not a question"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_why_and_the_cure(
    name: str, content: bytes, what: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MaterialError, match=what) as caught:
        read_pages(path, name)
    assert caught.value.cure


def test_a_file_that_the_system_will_not_read_is_a_material_error(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.symlink_to("/proc/self/mem")
    with pytest.raises(MaterialError, match="cannot be read"):
        read_pages(path, "a.md")


# --- pages --------------------------------------------------------------------------------------


def test_front_matter_fills_the_page() -> None:
    source = """---
id: skills/python
title: Python
kind: lesson
source: roadmap
level: junior
stage: 1
track: A
url: https://example.org/python
topics: [python]
hours: [4, 6]
questions:
  why: ['Why Python?']
places:
  why: {level: mid}
---
Python is a language.
"""
    found = parse_markdown(source, "c/python.md")
    assert found.place == Place(kind="lesson", source="roadmap", level="junior", stage=1, track="A")
    assert found.places["why"] == found.place.model_copy(update={"level": "mid"})
    assert (found.id, found.title, found.hours) == ("skills/python", "Python", (4, 6))
    assert found.questions == {"why": ("Why Python?",)}
    assert found.body.strip() == "Python is a language."


def test_questions_in_a_plain_list_belong_to_the_opening() -> None:
    found = parse_markdown("---\nquestions: ['Why?']\n---\nBecause.", "c/a.md")
    assert found.questions == {"": ("Why?",)}
    assert passages_of(found, count_words)[0].questions == ("Why?",)


def test_without_front_matter_id_and_title_come_from_the_file() -> None:
    found = parse_markdown("Words.", "c/my notes.md")
    assert (found.id, found.title) == ("c/my-notes", "My notes")
    assert parse_markdown("# A title\n\nWords.", "c/a.md").title == "A title"


def test_a_text_and_a_markdown_file_of_one_name_have_ids_of_their_own(tmp_path: Path) -> None:
    for name in ("notes.md", "notes.txt"):
        (tmp_path / name).write_text("Words.")
    ids = [read_pages(path, shown)[0].id for path, shown in files_of(tmp_path)]
    assert len(set(ids)) == 2


def test_comments_and_a_byte_order_mark_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf---\r\nid: x\r\n---\r\nSaid.<!-- unsaid -->\r\n")
    (found,) = read_pages(path, "a.md")
    assert (found.id, found.body.strip()) == ("x", "Said.")


@pytest.mark.parametrize("front", ["---\n---\n", "---\n\n---\n", "---\n# nothing yet\n---\n"])
def test_front_matter_may_hold_nothing(front: str) -> None:
    found = parse_markdown(f"{front}# T\n\nSaid.\n\n---\n\nMore.", "c/a.md")
    assert (found.title, [text for _, _, text in sections_of(found)]) == ("T", ["Said.\n\nMore."])


def test_the_title_is_no_line_of_a_listing_or_of_a_comment() -> None:
    body = "<!--\n# A draft\n-->\n\n```bash\n# install it\n```\n\n# [Setup](https://x.org) {#top}\n"
    assert parse_markdown(body, "c/a.md").title == "Setup"
    assert parse_markdown("Drift\n=====\n\nWords.", "c/a.md").title == "Drift"


def test_signs_of_markup_that_are_code_are_words() -> None:
    said = (
        "It begins with `<!--` and ``a`[i](x)``, or\n`self.layers\n[i](x)`, where $E[X](t)$ ends."
    )
    found = parse_markdown(f"{said} See [it](u)<!-- unsaid -->, of `b`.\n\n`[c](u)", "c/a.md")
    assert [text for _, _, text in sections_of(found)] == [f"{said} See it, of `b`.\n\n`c"]


def test_prices_are_no_formula_around_a_link() -> None:
    assert sections("It is $5 at [one](u) and $6 at [two](u).") == [
        ("", ("Page",), "It is $5 at one and $6 at two.")
    ]


def test_any_other_yaml_is_read_by_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "team.yaml"
    path.write_text(
        "title: The team\nlead_engineer: Ann\ntools:\nmembers: [Ben, {name: Cy, age: 3}]\n"
    )
    (found,) = read_pages(path, "team.yaml")
    assert found.title == "The team"
    assert [(path[-1], text) for _, path, text in sections_of(found)] == [
        ("Lead engineer", "Ann"),
        ("Members", "- Ben\n- name: Cy; age: 3"),
    ]


def test_the_roadmap_becomes_pages_by_its_templates() -> None:
    path = load_settings().corpus / "roadmap" / "roadmap.yaml"
    pages = read_pages(path, "corpus/roadmap/roadmap.yaml")
    assert len({page.id for page in pages}) == len(pages) > 5


def test_asked_questions_are_read_line_by_line_and_make_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text(
        '{"question": "How much?", "answered": true, "section": "p#pay"}\n'
        '{"question": "Who won?", "answered": false}\n'
    )
    found = read_asked(path, "asked.jsonl")
    assert [(row.question, row.answered, row.section) for row in found] == [
        ("How much?", True, "p#pay"),
        ("Who won?", False, None),
    ]
    assert read_pages(path, "asked.jsonl") == []


def test_asked_questions_may_hold_separators_and_have_blank_lines_between_them(
    tmp_path: Path,
) -> None:
    path = tmp_path / "asked.jsonl"
    row = '{"question": "How\u2028much?", "answered": false}'
    path.write_text(f"{row}\n\n{row}\n\n", encoding="utf-8")
    assert [each.question for each in read_asked(path, "asked.jsonl")] == ["How\u2028much?"] * 2


# --- sections and passages ----------------------------------------------------------------------


def test_sections_carry_anchor_and_heading_path() -> None:
    body = "# Page\n\nOpening.\n\n## Pay & more\n\nA.\n\n### Junior\n\nB.\n\n## Skills\n\nC."
    assert sections(body) == [
        ("", ("Page",), "Opening."),
        ("pay--more", ("Page", "Pay & more"), "A."),
        ("junior", ("Page", "Pay & more", "Junior"), "B."),
        ("skills", ("Page", "Skills"), "C."),
    ]


def test_equal_headings_get_anchors_of_their_own() -> None:
    body = "## A\n\n1\n\n## A\n\n2\n\n## A 1\n\n3\n\n## ?\n\n4\n\n## !\n\n5"
    anchors = [anchor for anchor, _, _ in sections(body)]
    assert anchors == ["a", "a-1", "a-1-1", "section", "section-1"]


def test_underlined_headings_and_other_line_ends_cut_at_the_right_place() -> None:
    body = "Opening.\x0cStill\u2028opening.\n\nPay\n---\n\nA.\n\nSkills\n===\n\nB."
    assert [(path[-1], text) for _, path, text in sections(body)] == [
        ("Page", "Opening.\x0cStill\u2028opening."),
        ("Pay", "A."),
        ("Skills", "B."),
    ]


def test_an_underline_of_any_length_is_no_text_of_its_section() -> None:
    body = "Pay\n=\n\nA.\n\nSkills\n--\n\nB."
    assert [(anchor, text) for anchor, _, text in sections(body)] == [
        ("pay", "A."),
        ("skills", "B."),
    ]


def test_a_rule_right_below_several_lines_makes_no_heading_of_them() -> None:
    body = "A store keeps inputs.\nIt serves them.\n---\n\nNext.\n\n## A\n\n* * *\n\nB."
    assert sections(body) == [
        ("", ("Page",), "A store keeps inputs.\nIt serves them.\n\nNext."),
        ("a", ("Page", "A"), "B."),
    ]


def test_a_heading_that_is_a_link_is_its_words() -> None:
    (found,) = sections("## [LoRA](https://arxiv.org/abs/2106.09685) now\n\nSmall.")
    assert found == ("lora-now", ("Page", "LoRA now"), "Small.")


@pytest.mark.parametrize(
    "aside",
    [
        "<details><summary>Hint</summary>Use X.</details>",
        "<details>\n<summary>Hint</summary>\n\nUse X.</details>",
        "1. ```bash\n   pip install x\n   ```",
        "- 2) ~~~~\n  ~~~\n  ~~~~",
    ],
)
def test_what_is_folded_or_listed_takes_nothing_of_what_follows(aside: str) -> None:
    assert sections(f"Before.\n\n{aside}\nAfter.") == [("", ("Page",), "Before.\n\nAfter.")]


def test_a_heading_in_a_listing_is_no_heading() -> None:
    assert [path for _, path, _ in sections("A.\n\n```\n# no\n```\n\nB.")] == [("Page",)]


def test_links_lose_their_targets_and_empty_sections_vanish() -> None:
    assert sections("See [the course](https://x.org/y).\n\n## Empty\n") == [
        ("", ("Page",), "See the course.")
    ]


def test_words_before_and_after_the_title_are_both_kept() -> None:
    passages = passages_of(page("Before.\n\n# Page\n\nAfter."), count_words)
    assert [(p.id, p.text) for p in passages] == [("p~0", "Before."), ("p~1", "After.")]


def test_a_passage_knows_its_place_url_and_questions() -> None:
    found = page(
        "Opening.\n\n## Pay\n\nMoney.",
        url="https://x.org/p",
        place=Place(level="mid"),
        places={"pay": Place(level="senior")},
        questions={"pay": ("How much?",)},
    )
    opening, pay = passages_of(found, count_words)
    assert (opening.id, opening.section, opening.url) == ("p~0", "p", "https://x.org/p")
    assert (pay.id, pay.section, pay.url) == ("p#pay~0", "p#pay", "https://x.org/p#pay")
    assert (opening.place.level, pay.place.level) == ("mid", "senior")
    assert (opening.questions, pay.questions) == ((), ("How much?",))
    assert pay.readable == "Page › Pay\nMoney."


def test_a_long_section_is_cut_into_passages_that_fit_the_embedder() -> None:
    count = token_counter(load_settings())
    text = " ".join(f"Sentence number {n} says something about salaries." for n in range(200))
    passages = passages_of(page(f"## Pay\n\n{text}", questions={"pay": ("How much?",)}), count)
    assert len(passages) > 5
    assert all(count(p.readable) <= PASSAGE_TOKENS for p in passages)
    assert " ".join(p.text for p in passages) == text
    assert [p.questions for p in passages] == [("How much?",), *[()] * (len(passages) - 1)]
    assert len({p.id for p in passages}) == len(passages)


@given(st.lists(st.sampled_from(["# Page", "## A", "## A-1", "### ?", "words", "", "---"])))
def test_no_page_gives_two_passages_one_id(lines: list[str]) -> None:
    passages = passages_of(page("\n".join(lines)), count_words)
    assert len({p.id for p in passages}) == len(passages)
