"""PPTX: a part for each slide, under its title; the speaker's notes belong to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mentor.errors import MaterialError
from mentor.loaders.page import (
    foreign_errors,
    page_of_parts,
    refuse_bomb,
    refuse_other_kind,
)
from mentor.loaders.text import direction_note, without_direction_marks
from mentor.records import Page, Part


def load_pptx(path: Path, shown: str) -> list[Page]:
    refuse_other_kind(path, shown, starts=b"PK\x03\x04")
    with foreign_errors(shown, "PPTX"), path.open("rb") as file:
        from pptx import Presentation

        refuse_bomb(path, shown)
        slides = list(Presentation(file).slides)
        parts = [part for n, slide in enumerate(slides, start=1) if (part := _part(slide, n))]
    if not parts:
        raise MaterialError(
            f"{shown} holds no text: its slides are pictures.",
            cure="Put their words into text boxes or the speaker's notes.",
        )
    first = parts[0]
    opens = first.at == 1 and bool(first.path)
    notes = direction_note("".join(part.text for part in parts))
    if len(parts) < len(slides):
        notes = (*notes, f"{len(slides) - len(parts)} of {len(slides)} slides hold no text")
    return [page_of_parts(shown, "slide", parts, title=first.path[0] if opens else "", notes=notes)]


def _part(slide: Any, n: int) -> Part | None:
    title = _plain(slide.shapes.title.text_frame.text) if slide.shapes.title else ""
    texts = list(_texts(slide.shapes, slide.shapes.title))
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame):
        texts += [_plain(p.text) for p in frame.paragraphs if p.text.strip()]
    text = "\n".join(filter(None, texts)) or title
    path = (" ".join(title.split()),) if title else ()
    return Part(text=text, at=n, anchor=f"slide={n}", path=path) if text else None


def _texts(shapes: Any, title: Any) -> Iterator[str]:
    for shape in shapes:
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if hasattr(shape, "shapes"):  # a group
            yield from _texts(shape.shapes, title)
        elif shape.has_text_frame:
            paragraphs = [p for p in shape.text_frame.paragraphs if p.text.strip()]
            listed = len(paragraphs) > 1
            yield from (f"{'- ' if listed else ''}{_plain(p.text)}" for p in paragraphs)
        elif getattr(shape, "has_table", False):
            for row in shape.table.rows:
                yield " | ".join(_plain(cell.text) for cell in row.cells)


def _plain(text: str) -> str:
    return without_direction_marks(text.replace("\v", "\n")).strip()
