"""Listings that claim to run: every one is run, and must print what the page shows.

A listing is a fence marked `python run`; the fence `text output` right behind it is what it
prints. The listings of a page share one namespace and one fresh process, as if a learner typed
them in one after the other in an empty folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from markdown_it import MarkdownIt

from mentor.records import Record

RUN = "python run"
OUTPUT = "text output"
PAGE_SECONDS = 180.0
"""For all listings of a page, the import of torch on a busy machine included."""

_RUNNER = """
def _run():
    import contextlib, io, json, sys, traceback
    with open(sys.argv[1], "w", encoding="utf-8") as results:
        for code in json.load(sys.stdin):
            out, wrong = io.StringIO(), ""
            try:
                with contextlib.redirect_stdout(out):
                    exec(compile(code, "<listing>", "exec"), globals())
            except BaseException as exc:
                wrong = traceback.format_exception_only(exc)[-1].strip()
            print(json.dumps([out.getvalue(), wrong]), file=results, flush=True)
            if wrong:
                break
_run()
"""


class Listing(Record):
    """A fence that runs: its first line in the file, its code, and the output that is shown."""

    line: int
    code: str
    shown: str


def listings_of(body: str) -> tuple[Listing, ...]:
    """The listings of a Markdown body that are marked as runnable, in order."""
    tokens = MarkdownIt("commonmark").parse(body)
    return tuple(
        Listing(
            line=token.map[0] + 1 if token.map else 1,
            code=token.content,
            shown=after.content if after and after.info.strip() == OUTPUT else "",
        )
        for token, after in zip_longest(tokens, tokens[1:])
        if token.type == "fence" and token.info.strip() == RUN
    )


def stray_outputs(body: str) -> Iterator[int]:
    """Lines of the fences of output that stand behind no listing."""
    tokens = MarkdownIt("commonmark").parse(body)
    for before, token in zip([None, *tokens], tokens, strict=False):
        listed = before and before.type == "fence" and before.info.strip() == RUN
        if token.type == "fence" and token.info.strip() == OUTPUT and token.map and not listed:
            yield token.map[0] + 1


def run_listings(
    listings: Sequence[Listing], *, seconds: float = PAGE_SECONDS
) -> Iterator[tuple[int, str]]:
    """(line, sentence) of every listing that fails or prints something else than is shown.

    The listings behind one that fails are not run.
    """
    results, stopped = _results([listing.code for listing in listings], seconds)
    for listing, (printed, wrong) in zip(listings, results, strict=False):
        if wrong:
            yield listing.line, f"The listing fails: {wrong}."
        elif (got := _trimmed(printed)) != (shown := _trimmed(listing.shown)):
            yield listing.line, f"The listing prints {_difference(got, shown)}."
    failed = bool(results) and bool(results[-1][1])
    if len(results) < len(listings) and not failed:
        yield listings[len(results)].line, f"The listing {stopped}."


def _results(codes: list[str], seconds: float) -> tuple[list[tuple[str, str]], str]:
    """Output and error of each listing that came to an end, and what stopped the others."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "results.jsonl")
        told.touch()
        desk = Path(folder, "desk")
        desk.mkdir()
        try:
            status = subprocess.run(
                [sys.executable, "-c", _RUNNER, str(told)],
                input=json.dumps(codes).encode(),
                cwd=desk,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                check=False,
            ).returncode
            stopped = f"ends the process with status {status}"
        except subprocess.TimeoutExpired:
            stopped = f"is not done when the page's {seconds:g} s are over"
        lines = told.read_text(encoding="utf-8").splitlines()
    return [(printed, wrong) for printed, wrong in map(json.loads, lines)], stopped


def _trimmed(output: str) -> list[str]:
    """Lines without blanks at their ends, since editors take those away."""
    return [line.rstrip() for line in output.strip("\n").split("\n")]


def _difference(got: list[str], shown: list[str]) -> str:
    for n, (mine, theirs) in enumerate(zip(got, shown, strict=False), start=1):
        if mine != theirs:
            return f"{mine!r} in line {n} of its output, where {theirs!r} is shown"
    return f"{len(got)} lines, where {len(shown)} are shown"
