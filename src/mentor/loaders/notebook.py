"""Jupyter notebooks: the Markdown cells, each a part. Code is for the notebook, as listings are
for the page."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from mentor.errors import MaterialError
from mentor.loaders.markdown import Trail, headed, under
from mentor.loaders.page import foreign_errors, page_of_parts
from mentor.loaders.text import direction_note, read_text
from mentor.records import Page, Part


def load_notebook(path: Path, shown: str) -> list[Page]:
    source = read_text(path, shown)
    with foreign_errors(shown, "notebook"):
        import nbformat

        logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # blemishes of old notebooks
        cells = nbformat.reads(source, as_version=4).cells
        parts, title = _parts(cells)
    if not parts:
        raise MaterialError(
            f"{shown} holds no text: only code.", cure="Say in Markdown cells what the code does."
        )
    return [
        page_of_parts(
            shown,
            "cell",
            parts,
            title=title,
            notes=direction_note("".join(part.text for part in parts)),
        )
    ]


def _parts(cells: list[Any]) -> tuple[list[Part], str]:
    """The parts, and the first heading of depth 1, which is the notebook's title."""
    trail: Trail = []
    title = ""
    parts = []
    for n, cell in enumerate(cells, start=1):
        if cell.cell_type != "markdown":
            continue
        anchor = f"cell-id={cell.id}" if cell.get("id") else f"cell-{n}"
        for _, depth, heading, _, text in headed(cell.source):
            if depth == 1 and not title:
                title = heading
            elif depth:
                trail = under(trail, depth, heading)
            if text:
                path = tuple(heading for _, heading in trail)
                parts.append(Part(text=text, at=n, anchor=anchor, path=path))
    return parts, title
