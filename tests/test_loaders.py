"""Files of other kinds than Markdown: what becomes of them, and what is said of broken ones."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from conftest import count_words
from files import docx, html, notebook, pdf, pptx, srt

from mentor.errors import MaterialError
from mentor.loaders.page import PACKED_BYTES, TEXT_BYTES
from mentor.material import passages_of, read_pages
from mentor.records import Citation, Page, Passage


def page_of(path: Path) -> Page:
    (page,) = read_pages(path, f"mine/{path.name}")
    return page


def passages(path: Path) -> list[Passage]:
    return passages_of(page_of(path), count_words)


def cited(passage: Passage, words: str) -> Citation:
    start = passage.text.index(words)
    return Citation.of(1, passage, start, start + len(words))


def refusal(path: Path) -> str:
    with pytest.raises(MaterialError) as caught:
        read_pages(path, f"mine/{path.name}")
    assert caught.value.what.startswith(f"mine/{path.name} ")
    assert caught.value.cure
    return caught.value.what


def long(topic: str, n: int = 30) -> str:
    return " ".join(f"{topic} has the fact number {i} to tell." for i in range(n))


# --- PDF ------------------------------------------------------------------------------------------


def test_a_sentence_of_a_pdf_is_cited_to_its_page_and_one_that_crosses_to_both(
    tmp_path: Path,
) -> None:
    path = pdf(tmp_path / "book.pdf", ["Drift is a change of the inputs.\nIt is seen", "late."])
    (passage,) = passages(path)
    assert passage.id == "mine/book.pdf#page=1~0"
    linked = passage.model_copy(update={"url": "https://a.example/book.pdf"})
    first, both = cited(linked, "Drift is a change"), cited(linked, "It is seen\nlate.")
    assert (first.location, first.url) == ("page 1", "https://a.example/book.pdf#page=1")
    assert (both.location, both.where) == ("pages 1–2", "mine/book.pdf, pages 1–2")
    assert cited(linked, "late.").location == "page 2"


def test_the_outline_of_a_pdf_gives_the_headings(tmp_path: Path) -> None:
    path = pdf(
        tmp_path / "book.pdf",
        [long("One"), long("Two"), long("Three")],
        title="A book",
        outline=[(1, "First", 0), (2, "Inner", 1), (1, "Second", 2)],
    )
    found = {p.spots[0].at: p.path for p in passages(path)}
    assert found == {
        1: ("A book", "First"),
        2: ("A book", "First", "Inner"),
        3: ("A book", "Second"),
    }


def test_a_heading_of_the_outline_is_not_read_again_as_a_sentence(tmp_path: Path) -> None:
    texts = [f"First\n{long('One')}", f"Firstly, more.\n{long('Two')}"]
    path = pdf(tmp_path / "book.pdf", texts, outline=[(1, "First", 0), (1, "Second", 1)])
    one, two = (part.text for part in page_of(path).parts)
    assert one.startswith("One") and two.startswith("Firstly, more.")


def test_running_heads_and_hyphens_of_a_pdf_are_undone(tmp_path: Path) -> None:
    pages = [f"A book about drift\nPage {n} tells of moni-\ntoring.\n{n}" for n in range(1, 7)]
    text = "\n".join(part.text for part in page_of(pdf(tmp_path / "b.pdf", pages)).parts)
    assert "A book about drift" not in text
    assert "Page 3 tells of monitoring." in text


def test_a_scan_is_refused_and_a_scanned_page_among_others_is_told(tmp_path: Path) -> None:
    assert "it is a scan" in refusal(pdf(tmp_path / "scan.pdf", ["", ""]))
    page = page_of(pdf(tmp_path / "half.pdf", [long("One"), "", long("Three")]))
    assert page.notes == ("page 2 of 3 without text (scanned, or pictures)",)
    assert [part.at for part in page.parts] == [1, 3]


def test_a_pdf_with_a_password_is_refused_and_one_locked_against_copying_is_read(
    tmp_path: Path,
) -> None:
    assert "locked by a password" in refusal(pdf(tmp_path / "a.pdf", ["Words."], user="secret"))
    page = page_of(pdf(tmp_path / "b.pdf", [long("One")], owner="secret"))
    assert "fact number 3" in page.parts[0].text


def test_a_book_of_500_pages_is_read_to_its_end(tmp_path: Path) -> None:
    path = pdf(tmp_path / "book.pdf", [f"Page {n} tells of topic {n}." * 3 for n in range(1, 501)])
    last = passages(path)[-1]
    assert cited(last, "topic 500").location == "page 500"


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_pdf_cut_short_is_refused_or_read_but_breaks_nothing(tmp_path: Path, keep: float) -> None:
    path = pdf(tmp_path / "cut.pdf", [long(str(n)) for n in range(20)])
    path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    try:
        assert page_of(path).parts
    except MaterialError as exc:
        assert exc.what.startswith("mine/cut.pdf ")


# --- slides ---------------------------------------------------------------------------------------


def test_slides_are_cited_by_number_and_two_with_one_title_belong_together(tmp_path: Path) -> None:
    path = pptx(
        tmp_path / "course.pptx",
        [
            ("Welcome", "This course teaches monitoring."),
            ("Drift", "Inputs drift."),
            ("Drift", "Labels drift\ntoo."),
            ("Skew", "Serving skews."),
        ],
    )
    welcome, drift, skew = passages(path)
    assert [p.path for p in (welcome, drift, skew)] == [
        ("Welcome", "Welcome"),
        ("Welcome", "Drift"),
        ("Welcome", "Skew"),
    ]
    assert cited(drift, drift.text).location == "slides 2–3"
    assert cited(drift, "Inputs drift.").location == "slide 2"
    assert skew.section == "mine/course.pptx#slide=4"


def test_tables_and_the_speakers_notes_of_slides_are_read(tmp_path: Path) -> None:
    path = pptx(
        tmp_path / "c.pptx",
        [("Costs", "See below.")],
        table=[["tool", "price"], ["MLflow", "free"]],
        notes="Prices are of this spring.",
    )
    text = page_of(path).parts[0].text
    assert "MLflow | free" in text
    assert "Prices are of this spring." in text


def test_slides_without_words_are_refused(tmp_path: Path) -> None:
    assert "holds no text" in refusal(pptx(tmp_path / "pictures.pptx", [("", "")]))


# --- DOCX and HTML --------------------------------------------------------------------------------


def test_headings_lists_and_tables_of_a_document_are_kept(tmp_path: Path) -> None:
    path = docx(
        tmp_path / "guide.docx",
        [
            ("Title", "A guide"),
            ("Heading 1", "Setup"),
            ("", "Setup takes an hour."),
            ("Heading 2", "Tools"),
            ("List Bullet", "Docker"),
            ("List Bullet", "Git"),
        ],
        table=[["port", "8000"]],
    )
    setup, tools = passages(path)
    assert setup.path == ("A guide", "Setup")
    assert (tools.id, tools.path) == ("mine/guide.docx#tools~0", ("A guide", "Setup", "Tools"))
    assert "- Docker\n- Git" in tools.text
    assert "8000" in tools.text


def test_a_web_page_gives_its_content_with_anchors_and_address(tmp_path: Path) -> None:
    path = html(
        tmp_path / "page.html",
        "<nav>Menu</nav><main><h1>Drift</h1><p>Drift is a <b>change</b>.</p>"
        "<h2 id='why-care'>Why <a href='#x'>care</a>?</h2><p>Models age.</p>"
        "<pre>code()</pre><script>x()</script></main><footer>Imprint</footer>",
        head="<title>Site - Drift</title><link rel=canonical href='https://a.example/drift'>",
    )
    first, second = passages(path)
    assert (first.path, first.text) == (("Drift",), "Drift is a change.")
    assert (second.path, second.text) == (("Drift", "Why care?"), "Models age.")
    assert cited(second, "Models age.").url == "https://a.example/drift#why-care"


@pytest.mark.parametrize("anchor", ["LSTM_(a_network)", "Bayes'_theorem", "a/b,c"])
def test_any_id_of_a_heading_is_its_anchor(anchor: str, tmp_path: Path) -> None:
    path = html(tmp_path / "a.html", f'<h1>Nets</h1><h2 id="{anchor}">One</h2><p>It learns.</p>')
    (passage,) = passages(path)
    assert (passage.section, passage.path) == (f"mine/a.html#{anchor}", ("Nets", "One"))


def test_headers_of_a_pages_sections_are_its_headings(tmp_path: Path) -> None:
    path = html(
        tmp_path / "a.html",
        "<header><h1>Site</h1></header><h1>Guide</h1><section><header><h2>Drift</h2></header>"
        "<p>Inputs change.</p></section><article><header><h2>Skew</h2></header><p>A gap.</p>"
        "</article><article><p>More.</p></article><footer>Imprint</footer>",
    )
    assert [(p.path, p.text) for p in passages(path)] == [
        (("Guide", "Drift"), "Inputs change."),
        (("Guide", "Skew"), "A gap.\n\nMore."),
    ]


def test_words_of_a_web_page_that_look_like_markdown_are_words(tmp_path: Path) -> None:
    path = html(
        tmp_path / "a.html",
        "<!-- # unsaid --><h1>Tags</h1><h2># of GPUs</h2><p># of GPUs counts, and the <b># of"
        " CPUs</b>,\n# of hosts.</p><p>&lt;details&gt; folds.</p><div>~~~ and ``` list</div>"
        "<p>Say <code># x</code>.</p>",
    )
    (passage,) = passages(path)
    assert passage.path == ("Tags", "# of GPUs")
    assert passage.text == (
        "# of GPUs counts, and the # of CPUs,\n# of hosts.\n\n<details> folds.\n\n"
        "~~~ and ``` list\n\nSay `# x`."
    )


def test_a_line_of_code_in_a_document_is_no_title(tmp_path: Path) -> None:
    path = docx(tmp_path / "guide.docx", [("Heading 2", "Setup"), ("", "# load the data")])
    (passage,) = passages(path)
    assert (passage.path, passage.text) == (("Guide", "Setup"), "# load the data")


def test_a_page_that_scripts_would_have_to_draw_is_refused(tmp_path: Path) -> None:
    assert "holds no text" in refusal(html(tmp_path / "a.html", "<div id=app></div><script>1"))


def test_a_page_nested_without_end_breaks_nothing(tmp_path: Path) -> None:
    path = html(tmp_path / "deep.html", "<div>" * 20_000 + "Words." + "</div>" * 20_000)
    try:
        assert "Words." in page_of(path).body
    except MaterialError as exc:
        assert "deep.html" in exc.what


def test_the_declared_encoding_of_a_page_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes("<meta charset=windows-1251><p>Мониторинг моделей".encode("cp1251"))
    assert page_of(path).body == "Мониторинг моделей"


# --- notebooks, subtitles, tables -----------------------------------------------------------------


def test_cells_of_a_notebook_are_cited_and_its_code_is_left_out(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "lab.ipynb",
        [
            "# Lab on drift\n\nThis lab measures drift.",
            "!import os",
            "## Setup\n\nInstall it.",
            "Then run it.",
        ],
    )
    first, second = passages(path)
    assert first.path == ("Lab on drift",)
    assert second.path == ("Lab on drift", "Setup")
    assert cited(second, "Then run it.").location == "cell 4"
    assert cited(second, second.text).location == "cells 3–4"
    assert not any("import os" in p.text for p in (first, second))


def test_a_notebook_of_code_alone_and_a_broken_one_are_refused(tmp_path: Path) -> None:
    assert "only code" in refusal(notebook(tmp_path / "code.ipynb", ["!x = 1"]))
    broken = tmp_path / "broken.ipynb"
    broken.write_text('{"cells": [')
    assert "not a notebook" in refusal(broken)
    broken.write_text("[1, 2]")
    assert "not a notebook" in refusal(broken)


def test_a_notebook_of_an_older_format_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.ipynb"
    cell = {"cell_type": "markdown", "metadata": {}, "source": ["Drift is a change."]}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    path.write_text(json.dumps(old))
    (part,) = page_of(path).parts
    assert (part.text, part.anchor) == ("Drift is a change.", "cell-1")


@pytest.mark.filterwarnings("ignore:Cell is missing an id")
def test_a_cell_without_an_id_of_its_own_is_cited_by_its_number(tmp_path: Path) -> None:
    path = notebook(tmp_path / "lab.ipynb", ["One.", "Two."])
    book = json.loads(path.read_text())
    book["cells"][0]["id"] = "own"
    del book["cells"][1]["id"]
    path.write_text(json.dumps(book))
    assert [part.anchor for part in page_of(path).parts] == ["cell-id=own", "cell-2"]


def test_line_ends_of_windows_close_the_listings_of_a_notebook(tmp_path: Path) -> None:
    cell = "Before.\r\n\r\n```python\r\nx = 1\r\n```\r\n\r\nAfter."
    (part,) = page_of(notebook(tmp_path / "lab.ipynb", [cell])).parts
    assert part.text == "Before.\n\nAfter."


def test_half_a_character_of_a_broken_notebook_keeps_no_words_out(tmp_path: Path) -> None:
    path = notebook(tmp_path / "half.ipynb", ["# Lab HALF\n\n## HALF\n\nDrift HALF is."])
    path.write_text(path.read_text().replace("HALF", r"\ud83d"))
    (passage,) = passages(path)
    assert (passage.path, passage.text) == (("Lab \ufffd", "\ufffd"), "Drift \ufffd is.")
    assert passage.model_dump_json(), "it can be kept"


@pytest.mark.parametrize("suffix", ["srt", "vtt"])
def test_subtitles_are_cited_by_their_time(suffix: str, tmp_path: Path) -> None:
    cues = [(n * 20, f"At this point the lecture tells thing {n}.") for n in range(300)]
    found = passages(srt(tmp_path / f"talk.{suffix}", cues))
    assert len(found) > 5
    linked = [p.model_copy(update={"url": "https://a.example/v"}) for p in found]
    early = cited(linked[0], "tells thing 10.")
    assert (early.location, early.url) == ("03:20", "https://a.example/v#t=200")
    assert cited(found[-1], "tells thing 299.").location == "1:39:40"


def test_what_is_no_speech_in_subtitles_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "talk.vtt"
    path.write_text(
        "WEBVTT\nKind: captions\n\nSTYLE\n::cue { color: red }\n\n"
        "3f2a/12-0\n00:00:01.000 --> 00:00:02.000 align:start\n"
        "<v Ada Lovelace>Loss &lt; 0.1 in R&amp;D,\nwhere a <b>tag</b> is &lt;b&gt;.</v>\n\n"
        "NOTE reviewed by Bob\n\n00:03.000 --> 00:04.000\n \n"
        "we<00:00:03.480><c> train</c><00:00:03.900><c.loud> models</c>"
    )
    assert [(part.at, part.text) for part in page_of(path).parts] == [
        (1, "Loss < 0.1 in R&D, where a tag is <b>."),
        (3, "we train models"),
    ]


def test_a_subtitle_file_without_cues_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "talk.srt"
    path.write_text("nothing said here")
    assert "no subtitles" in refusal(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_row_of_a_table_is_found_by_its_question(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    rows = [["ID", "Question", "Answer"], ["1", "What is drift?", '"A ""change"", of inputs."']]
    rows += [["2", "Why?", ""], ["3", "Who pays?", '"We\ndo."']]
    path.write_text("\n".join(delimiter.join(row) for row in rows))
    page = page_of(path)
    drift, pays = passages_of(page, count_words)
    assert (drift.path, drift.text) == (("Faq", "What is drift?"), 'A "change", of inputs.')
    assert drift.questions == ("What is drift?",)
    assert cited(drift, "change").location == "row 2"
    assert (pays.section, pays.text) == ("mine/faq.csv#row=4", "We\ndo.")
    assert page.notes == ("1 of 3 rows lack a question or an answer",)


def test_a_table_of_other_things_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("tool,price\nMLflow,0\n")
    assert "no columns named question and answer" in refusal(path)
    path.write_text("question,answer\n,\n")
    assert "no answered question" in refusal(path)


# --- whatever the kind ----------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", "pdf docx pptx ipynb srt vtt csv html".split())
@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "is empty"), (b" \n", "is empty"), (b"\x00\x01\x02 rubbish" * 9, ""), (b"plain", "")],
)
def test_rubbish_under_any_suffix_is_refused_by_name(
    suffix: str, content: bytes, why: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    if content != b"plain" or suffix != "html":  # words alone are HTML
        assert why in refusal(path)


def test_a_file_under_the_wrong_suffix_is_told_by_what_it_is(tmp_path: Path) -> None:
    source = pdf(tmp_path / "real.pdf", ["Words."])
    for name in ("a.docx", "a.pptx", "a.txt", "a.html", "a.srt", "a.csv"):
        (tmp_path / name).write_bytes(source.read_bytes())
        assert "is a PDF, which its suffix does not say" in refusal(tmp_path / name)
    deck = pptx(tmp_path / "deck.pptx", [("Title", "Words.")])
    (tmp_path / "b.docx").write_bytes(deck.read_bytes())
    assert "not a DOCX" in refusal(tmp_path / "b.docx")


def test_an_office_file_with_a_password_is_told(tmp_path: Path) -> None:
    path = tmp_path / "locked.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "locked by a password" in refusal(path)


@pytest.mark.parametrize("suffix", ["docx", "pptx"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"bomb.{suffix}"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("word/document.xml", "w") as entry,
    ):
        for _ in range(310):
            entry.write(bytes(1_000_000))
    assert path.stat().st_size < 1_000_000
    assert "unpacks to 310 MB" in refusal(path)


@pytest.mark.parametrize(("name", "most"), [("a.txt", TEXT_BYTES), ("a.pdf", PACKED_BYTES)])
def test_a_file_of_2_gb_is_refused_without_being_read(name: str, most: int, tmp_path: Path) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(2_000_000_000)  # sparse: takes no room
    assert f"has 2,000 MB; {most / 1e6:.0f} MB is the most" in refusal(path)


def test_text_in_any_one_encoding_is_read_and_a_guess_is_told(tmp_path: Path) -> None:
    words = "Die Überwachung prüft, ob die Größen der Eingänge noch die gewohnten sind. " * 5
    path = tmp_path / "a.txt"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_text(words, encoding=encoding)
        assert (page_of(path).body, page_of(path).notes) == (words, ())
    path.write_text(words, encoding="latin-1")
    page = page_of(path)
    assert page.body == words
    assert "save it in UTF-8" in page.notes[0]


def test_a_text_that_mixes_encodings_is_told_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Größe, Übung, Maß\n".encode() * 3 + b"Gr\xf6\xdfe\n")
    assert "mixes encodings: line 4" in refusal(path)


def test_right_to_left_text_is_read_without_its_marks_and_told(tmp_path: Path) -> None:
    path = srt(tmp_path / "talk.srt", [(5, "\u200fשלום עולם\u200f"), (9, "מודל נכון")])
    page = page_of(path)
    assert page.parts[0].text == "שלום עולם"
    assert "right to left" in page.notes[0]


def test_a_lying_archive_is_refused(tmp_path: Path) -> None:
    whole = docx(tmp_path / "whole.docx", [("", long("One"))]).read_bytes()
    for name, content in {
        "cut.docx": whole[: len(whole) // 2],
        "flipped.docx": whole.replace(whole[200:260], bytes(60)),
        "other.docx": _zip({"readme.txt": b"no document"}),
    }.items():
        (tmp_path / name).write_bytes(content)
        refusal(tmp_path / name)


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()
