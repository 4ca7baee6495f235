"""Plots of a report as inline SVG, in the page's own colours."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from mentor.interview.report import EXPECTED, Answered, Bar, Past

_STEP, _LEFT, _WIDTH = 26, 250, 640
_REACH = _WIDTH - _LEFT - 130


def bars(found: Sequence[Bar], *, counts: str = "question") -> Markup:
    """One bar each, with its score and how many questions stand behind it."""
    rows = []
    for n, bar in enumerate(found):
        y = n * _STEP
        length = round(_REACH * bar.score / 100, 1)
        many = "" if bar.questions == 1 else "s"
        band = f", {bar.band}" if bar.band else ""
        note = f"{bar.score} · {bar.questions} {counts}{many}{band}"
        rows.append(
            f'<text class="label" x="{_LEFT - 10}" y="{y + 17}">{escape(_short(bar.name))}</text>'
            f'<rect class="rail" x="{_LEFT}" y="{y + 6}" width="{_REACH}" height="14" rx="3"/>'
            f'<rect class="{"thin" if bar.band is None else "full"}" x="{_LEFT}" y="{y + 6}" '
            f'width="{max(length, 2)}" height="14" rx="3"/>'
            f'<text class="note" x="{_LEFT + _REACH + 8}" y="{y + 17}">{note}</text>'
        )
    return _svg("".join(rows), _WIDTH + 40, _STEP * len(found) + 4, "Scores")


def trend(past: Sequence[Past]) -> Markup:
    """The score of each interview over time, evenly spaced and dated."""
    width, height, edge = 640, 170, 34
    step = (width - 2 * edge) / max(len(past) - 1, 1)

    def y(score: float) -> float:
        return round(height - edge - (height - 2 * edge) * score / 100, 1)

    spots = [(round(edge + n * step, 1), y(each.score), each) for n, each in enumerate(past)]
    grid = "".join(
        f'<line class="rail" x1="{edge}" x2="{width - edge}" y1="{y(at)}" y2="{y(at)}"/>'
        f'<text class="note" x="4" y="{y(at) + 4}">{at}</text>'
        for at in (0, 50, 100)
    )
    line = " ".join(f"{x},{at}" for x, at, _ in spots)
    dots = "".join(
        f'<circle class="dot" cx="{x}" cy="{at}" r="4"><title>{each.on.isoformat()}: {each.score}, '
        f"{each.questions} questions</title></circle>"
        f'<text class="day" x="{x}" y="{height - 8}">{each.on:%d %b}</text>'
        for x, at, each in spots
    )
    return _svg(f'{grid}<polyline class="line" points="{line}"/>{dots}', width, height, "Trend")


def calibration(answered: Sequence[Answered]) -> Markup:
    """Expected against real score; on the diagonal somebody knew how well it went."""
    size, edge = 220, 30
    reach = size - 2 * edge

    def at(score: float) -> float:
        return round(edge + reach * score / 100, 1)

    dots = "".join(
        f'<circle class="dot" cx="{at(EXPECTED[each.sure])}" cy="{size - at(each.graded.score)}" '
        f'r="5"><title>Question {each.number}</title></circle>'
        for each in answered
        if each.sure
    )
    frame = (
        f'<rect class="frame" x="{edge}" y="{edge}" width="{reach}" height="{reach}"/>'
        f'<line class="rail" x1="{edge}" y1="{size - edge}" x2="{size - edge}" y2="{edge}"/>'
        f'<text class="day" x="{size / 2}" y="{size - 8}">how sure</text>'
        f'<text class="day" transform="translate(14 {size / 2}) rotate(-90)">score</text>'
    )
    return _svg(f"{frame}{dots}", size, size, "Confidence and score")


def _svg(inside: str, width: int, height: int, name: str) -> Markup:
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-label="{name}">{inside}</svg>'
    )


def _short(name: str, most: int = 38) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
