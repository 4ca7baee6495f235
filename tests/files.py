"""Files of every kind that the loaders read, written by the libraries of those kinds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap


def pdf(
    path: Path,
    pages: Sequence[str],
    *,
    title: str = "",
    outline: Sequence[tuple[int, str, int]] = (),
    user: str = "",
    owner: str = "",
) -> Path:
    """A PDF with one text line for each line; an empty page shows a grey picture.

    Args:
        outline: (depth, heading, index of the page).
        user, owner: passwords, for opening and for changing it.
    """
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    lock = StandardEncryption(user, ownerPassword=owner, strength=128) if user or owner else None
    canvas = Canvas(str(path), encrypt=lock)
    canvas.setTitle(title or "untitled")
    for n, page in enumerate(pages):
        for depth, heading, at in outline:
            if at == n:
                canvas.bookmarkPage(f"{n}-{heading}")
                canvas.addOutlineEntry(heading, f"{n}-{heading}", depth - 1)
        if page:
            text = canvas.beginText(40, 800)
            text.setFont("Helvetica", 8)
            for line in page.split("\n"):
                for short in wrap(line, 120):
                    text.textLine(short)
            canvas.drawText(text)
        else:
            canvas.setFillGray(0.5)
            canvas.rect(40, 40, 500, 700, fill=1)
        canvas.showPage()
    canvas.save()
    return path


def pptx(
    path: Path,
    slides: Sequence[tuple[str, str]],
    *,
    table: Sequence[Sequence[str]] = (),
    notes: str = "",
) -> Path:
    """Slides of a title and a text; the last also has a table and the speaker's notes."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    for title, text in slides:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    if table:
        size = (Inches(1), Inches(1), Inches(4), Inches(1))
        cells = slide.shapes.add_table(len(table), len(table[0]), *size).table
        for r, row in enumerate(table):
            for c, words in enumerate(row):
                cells.cell(r, c).text = words
    if notes:
        slide.notes_slide.notes_text_frame.text = notes
    deck.save(str(path))
    return path


def docx(
    path: Path, paragraphs: Sequence[tuple[str, str]], *, table: Sequence[Sequence[str]] = ()
) -> Path:
    """Paragraphs of (style, text), then a table."""
    from docx import Document

    document = Document()
    for style, text in paragraphs:
        document.add_paragraph(text, style=style or None)
    if table:
        cells = document.add_table(len(table), len(table[0]))
        for r, row in enumerate(table):
            for c, words in enumerate(row):
                cells.cell(r, c).text = words
    document.save(str(path))
    return path


def html(path: Path, body: str, *, head: str = "") -> Path:
    path.write_text(
        f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>",
        encoding="utf-8",
    )
    return path


def notebook(path: Path, cells: Sequence[str]) -> Path:
    """Markdown cells; those that start with ! are code."""
    from nbformat import v4, write

    made = [
        v4.new_code_cell(cell[1:]) if cell.startswith("!") else v4.new_markdown_cell(cell)
        for cell in cells
    ]
    write(v4.new_notebook(cells=made), str(path))
    return path


def srt(path: Path, cues: Sequence[tuple[int, str]]) -> Path:
    """Subtitles of (second, words), in the format of the suffix."""
    from pysubs2 import SSAEvent, SSAFile

    file = SSAFile()
    file.events = [SSAEvent(start=at * 1000, end=at * 1000 + 1500, text=text) for at, text in cues]
    file.save(str(path))
    return path


def csv(path: Path, rows: Sequence[tuple[str, str]]) -> Path:
    """Questions and answers."""
    from csv import writer

    with path.open("w", encoding="utf-8", newline="") as file:
        writer(file).writerows([("question", "answer"), *rows])
    return path
