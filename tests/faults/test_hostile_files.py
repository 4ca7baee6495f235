"""Files that were made to harm: each is refused by its name or read as plain words, and quickly."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from conftest import Build, count_words
from files import docx, html, notebook, pdf

from mentor.errors import MaterialError
from mentor.index import IndexReader
from mentor.material import passages_of, read_pages
from mentor.models.embed import HashingEmbeddings
from mentor.records import Passage

pytestmark = pytest.mark.timeout(90)

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]>'
ALIASES = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n"
    for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


def read(path: Path) -> list[Passage] | str:
    """The passages of a file, or why it was refused; anything else that is raised is a defect."""
    try:
        pages = read_pages(path, f"mine/{path.name}")
        return [passage for page in pages for passage in passages_of(page, count_words)]
    except MaterialError as exc:
        assert exc.what.startswith(f"mine/{path.name}") and exc.cure
        return exc.what


def words(path: Path) -> str:
    passages = read(path)
    assert not isinstance(passages, str), passages
    return " ".join(passage.text for passage in passages)


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def office(path: Path, document: str = "", **more: str) -> Path:
    """A Word file with another document in it, and `more` entries."""
    docx(path, [("", "Drift is a change of the inputs.")])
    with zipfile.ZipFile(path) as whole:
        entries = {name: whole.read(name) for name in whole.namelist()}
    if document:
        entries["word/document.xml"] = document.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in {**entries, **more}.items():
            packed.writestr(name, content)
    return path


def body(inner: str, before: str = "") -> str:
    return f'<?xml version="1.0"?>{before}<w:document {WORD}><w:body>{inner}</w:body></w:document>'


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


# --- DOCX ---------------------------------------------------------------------------------------


def test_a_document_cannot_fetch_a_file_of_this_machine(tmp_path: Path) -> None:
    secret = written(tmp_path / "secret", "the-password-of-the-operator")
    entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    path = office(tmp_path / "a.docx", body(paragraph("Words &x; and more."), entity))
    assert "password" not in str(read(path))


def test_a_document_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    path = office(tmp_path / "laughs.docx", body(paragraph("&l9;"), BOMB))
    assert "not a DOCX that can be read" in read(path)


def test_a_document_nested_without_end_is_refused(tmp_path: Path) -> None:
    opened, closed = "<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"
    inner = opened * 20_000 + paragraph("Deep.") + closed * 20_000
    assert "not a DOCX that can be read" in read(office(tmp_path / "deep.docx", body(inner)))


def test_an_archive_writes_nothing_outside_of_itself(tmp_path: Path) -> None:
    folder = tmp_path / "one" / "two"
    folder.mkdir(parents=True)
    path = office(folder / "a.docx", **{"../../evil.txt": "evil", "/tmp/evil.txt": "evil"})
    assert words(path) == "Drift is a change of the inputs."
    assert not list(tmp_path.rglob("evil*")) and not Path("/tmp/evil.txt").exists()


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = office(tmp_path / "lie.docx", body(paragraph("A" * 20_000_000)))
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"word/document.xml") - 46  # its entry of the central directory
    assert raw[at : at + 4] == b"PK\x01\x02"
    raw[at + 24 : at + 28] = struct.pack("<I", 100)
    assert "not a DOCX that can be read" in read(written(path, bytes(raw)))


# --- PDF ----------------------------------------------------------------------------------------


def pdf_of(*objects: str | bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    parts = [b"%PDF-1.7\n"]
    places = []
    for number, each in enumerate(objects, start=1):
        places.append(sum(map(len, parts)))
        raw = each if isinstance(each, bytes) else each.encode()
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, raw))
    start = sum(map(len, parts))
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    parts.append(f"xref\n0 {size}\n0000000000 65535 f \n{table}".encode())
    parts.append(f"trailer <</Root 1 0 R /Size {size}>>\nstartxref\n{start}\n%%EOF".encode())
    return b"".join(parts)


def stream(content: bytes, what: str) -> bytes:
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (what.encode(), len(content), content)


def packed(size: int, times: int) -> bytes:
    """`size` zeros, packed `times` over."""
    content = bytes(size)
    for _ in range(times):
        content = zlib.compress(content, 9)
    return content


PAGES = "<</Type /Pages /Kids [3 0 R] /Count 1>>"
CATALOGUE = "<</Type /Catalog /Pages 2 0 R>>"
PAGE = "<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R>>"
FILTERS = "/Filter [/FlateDecode /FlateDecode]"
OUTLINED = "<</Type /Catalog /Pages 2 0 R /Outlines 5 0 R>>"
HOSTILE_PDF = {
    "pages that are their own children": (
        CATALOGUE,
        "<</Type /Pages /Kids [2 0 R 2 0 R] /Count 99999999>>",
    ),
    "a billion pages that are not there": (
        CATALOGUE,
        "<</Type /Pages /Kids [3 0 R] /Count 1000000000>>",
        PAGE,
    ),
    "a page of 2 GB of zeros, packed twice": (
        CATALOGUE,
        PAGES,
        PAGE,
        stream(packed(500_000_000, 2), FILTERS),
    ),
    "an outline that leads back to itself": (
        OUTLINED,
        PAGES,
        PAGE,
        stream(b"BT (Hi) Tj ET", ""),
        "<</First 6 0 R /Last 6 0 R>>",
        "<</Title (Again) /Parent 5 0 R /Next 6 0 R /First 6 0 R /Dest [3 0 R /Fit]>>",
    ),
    "lists in lists without end": (CATALOGUE, PAGES, PAGE, "[" * 100_000),
    "a page that is drawn by itself": (
        CATALOGUE,
        PAGES,
        "<</Type /Page /Parent 2 0 R /Contents 4 0 R /Resources <</XObject <</X 5 0 R>>>>>>",
        stream(b"/X Do", ""),
        stream(b"/X Do", "/Type /XObject /Subtype /Form /Resources <</XObject <</X 5 0 R>>>>"),
    ),
    "numbers without end": (CATALOGUE, PAGES, PAGE, stream(b"9" * 1_000_000 + b" Tf", "")),
}


@pytest.mark.parametrize("objects", HOSTILE_PDF.values(), ids=HOSTILE_PDF)
def test_a_hostile_pdf_is_refused_or_read_and_breaks_nothing(
    objects: tuple[str | bytes, ...], tmp_path: Path
) -> None:
    read(written(tmp_path / "a.pdf", pdf_of(*objects)))


def test_scripts_and_attachments_of_a_pdf_are_not_read(tmp_path: Path) -> None:
    whole = pdf(tmp_path / "a.pdf", ["Drift is a change of the inputs of a model."]).read_bytes()
    script = b"/Catalog /OpenAction <</S /JavaScript /JS (app.alert\\('owned'\\))>>"
    assert words(written(tmp_path / "b.pdf", whole.replace(b"/Catalog", script))).startswith(
        "Drift"
    )


# --- HTML, notebooks, Markdown, YAML ------------------------------------------------------------


def test_what_a_web_page_would_run_or_load_is_not_in_its_words(tmp_path: Path) -> None:
    path = html(
        tmp_path / "a.html",
        "<p>Drift is <a href='javascript:alert(1)'>a change</a>.</p><script>evil()</script>"
        "<img src='https://evil.example/x' alt='evil' onerror='evil()'><svg onload='evil()'/>"
        "<iframe src='https://evil.example'>evil</iframe><object data='evil'>evil</object>"
        "<style>p { background: url(https://evil.example) }</style><template>evil</template>",
        head="<link rel=canonical href='javascript:evil()'><base href='https://evil.example'>",
    )
    (passage,) = passages_of(read_pages(path, "mine/a.html")[0], count_words)
    assert (passage.text, passage.url) == ("Drift is a change.", None)


HOSTILE_TEXT = {
    "a web page with entities of its own": ("a.html", f"{BOMB}<p>&l9; words</p>"),
    "a web page of open tags": ("b.html", "<b><i>" * 20_000 + "words"),
    "a table a million columns wide": (
        "c.html",
        "<table><tr>" + "<td colspan=1000000>x</td>" * 50 + "</tr></table>",
    ),
    "a notebook nested without end": ("d.ipynb", '{"cells":' + "[" * 200_000 + "]" * 200_000 + "}"),
    "a notebook of wrong types": (
        "e.ipynb",
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": 7, "cells": ["x", None]}),
    ),
    "a notebook of a version to come": (
        "f.ipynb",
        json.dumps({"nbformat": 99, "nbformat_minor": 0, "metadata": {}, "cells": []}),
    ),
    "brackets that nobody closes": ("g.md", "[" * 300_000 + " words"),
    "links that nobody closes": ("h.md", "[a](" * 100_000 + " words"),
    "comments that nobody closes": ("i.md", "<!--" * 200_000 + " words"),
    "listings that nobody closes": (
        "j.md",
        "".join("`" * (3 + n % 50) + "\n" for n in range(20_000)),
    ),
    "folded answers that nobody closes": ("k.md", "<details>\n" * 50_000 + "words"),
    "a heading of blanks": ("l.md", "# a" + " " * 200_000 + "b\n\nwords"),
    "front matter that repeats itself": ("m.md", f"---\n{ALIASES}---\nwords"),
    "YAML that repeats itself": ("n.yaml", f"title: T\n{ALIASES}"),
    "YAML in itself": ("o.yaml", "title: T\na: &a [*a, words]\n"),
    "YAML nested until the stack is full": ("p.yaml", "a: " + "[" * 100_000),
    "YAML nested by indents": ("q.yaml", "- " * 100_000 + "x"),
    "YAML that would call a program": (
        "r.yaml",
        "title: !!python/object/apply:os.system ['touch owned']",
    ),
    "a number without end": ("s.yaml", "a: 0x" + "f" * 9_999),
    "a number without end as title": ("t.md", "---\ntitle: 0x" + "f" * 9_999 + "\n---\nwords"),
    "an id that is a script": ("u.md", "---\nid: <script>\n---\nwords"),
    "a script as address": ("v.md", "---\nurl: javascript:alert(1)\n---\nwords"),
    "a table whose quote nobody closes": ("w.csv", 'question,answer\n"' + "\n" * 100_000),
    "a cell of five megabytes": ("x.csv", 'question,answer\nWhat?,"' + "a" * 5_000_000 + '"\n'),
    "subtitles that run backwards": (
        "y.srt",
        "1\n99:99:99,999 --> 00:00:00,000\n{\\an8}<font color=red>words</font>\n",
    ),
}
REFUSED = "bdefmnopqrstuvwx"
"""The first letters of those that are refused; the others are read as the words that they are."""


@pytest.mark.parametrize(("name", "content"), HOSTILE_TEXT.values(), ids=HOSTILE_TEXT)
def test_a_hostile_text_is_refused_or_read_at_once(name: str, content: str, tmp_path: Path) -> None:
    assert isinstance(read(written(tmp_path / name, content)), str) == (name[0] in REFUSED)
    assert not Path("owned").exists()


def test_a_hostile_notebook_keeps_its_pictures_to_itself(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ["Drift is a change.", "!x = 1"])
    cells = json.loads(path.read_text())
    image = {"image/png": "A" * 20_000_000}
    cells["cells"][1]["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": image}]
    assert words(written(path, json.dumps(cells))) == "Drift is a change."


def test_one_hostile_file_does_not_keep_the_others_out(
    build: Build, home: Path, tmp_path: Path
) -> None:
    course = tmp_path / "course"
    course.mkdir()
    for name, content in HOSTILE_TEXT.values():
        if name[0] in REFUSED:
            written(course / name, content)
    written(course / "good.md", "# Kubernetes\n\nKubernetes runs containers.")
    report = build(course)
    assert {problem.file[-6:][0] for problem in report.problems} >= set("nopq")
    assert len(report.problems) == len(REFUSED)
    passages = IndexReader(home / "index", HashingEmbeddings()).passages()
    assert any("Kubernetes runs containers." in passage.text for passage in passages)
