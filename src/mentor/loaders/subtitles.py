"""Subtitles (.srt, .vtt): a part for each cue, at its second."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from mentor.errors import MaterialError
from mentor.loaders.page import foreign_errors, page_of_parts
from mentor.loaders.text import direction_note, read_any_text, without_direction_marks
from mentor.records import Page, Part

_CUE = re.compile(r"^.*-->.*(?:\n.+)*", re.M)
_TAG = re.compile(r"</?[\dA-Za-z][^<>\n]*>")


def load_subtitles(path: Path, shown: str) -> list[Page]:
    source, notes = read_any_text(path, shown)
    with foreign_errors(shown, "subtitle file"):
        from pysubs2 import SSAFile

        if path.suffix.lower() == ".vtt":
            source = _without_extras(source)
        cues = SSAFile.from_string(source, format_=path.suffix[1:].lower())
        cues.sort()
        parts = [
            Part(text=text, at=cue.start // 1000, anchor=f"t={cue.start // 1000}")
            for cue in cues
            if (text := without_direction_marks(" ".join(unescape(cue.plaintext).split())))
        ]
    if not parts:
        raise MaterialError(
            f"{shown} holds no subtitles.",
            cure="A cue is a line like 00:03:20,000 --> 00:03:24,000 and the words below it.",
        )
    return [
        page_of_parts(
            shown,
            "time",
            parts,
            notes=(*notes, *direction_note("".join(part.text for part in parts))),
        )
    ]


def _without_extras(source: str) -> str:
    """The cues of WebVTT without ids, notes, styles and tags: pysubs2 takes all of it for words."""
    return _TAG.sub("", "\n\n".join(_CUE.findall(source)))
