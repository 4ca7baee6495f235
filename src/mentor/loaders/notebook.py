"""Jupyter notebooks: the Markdown cells, each a part. Code is for the notebook, as listings are
for the page."""

from __future__ import annotations

import json
import logging
from itertools import zip_longest
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
        own = [cell.get("id") for cell in json.loads(source).get("cells", ())]
        parts, title = _parts(cells, own)
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


def _parts(cells: list[Any], own: list[str | None]) -> tuple[list[Part], str]:
    """The parts, and the first heading of depth 1, which is the notebook's title.

    Args:
        own: the ids that stand in the file; to cells without, nbformat gives others each time.
    """
    trail: Trail = []
    title = ""
    parts = []
    for n, (cell, given) in enumerate(zip_longest(cells, own), start=1):
        if cell.cell_type != "markdown":
            continue
        anchor = f"cell-id={given}" if given else f"cell-{n}"
        for _, depth, heading, _, text in headed(cell.source):
            if depth == 1 and not title:
                title = heading
            elif depth:
                trail = under(trail, depth, heading)
            if text:
                path = tuple(heading for _, heading in trail)
                parts.append(Part(text=text, at=n, anchor=anchor, path=path))
    return parts, title
