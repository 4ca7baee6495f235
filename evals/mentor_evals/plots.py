"""Plots as inline SVG, drawn with the page's own colours so that light and dark both work."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from mentor_evals.figures import Figure

WIDTH, HEIGHT, EDGE = 200, 22, 8


def row_plot(figure: Figure, others: Sequence[Figure | None], before: float | None) -> Markup:
    """One figure on its scale: interval, point, bar, the baseline as a ring, others as diamonds."""
    known = [other for other in others if other is not None]
    bottom, top = 0.0, 1.0
    if figure.metric.unit != "share":
        ends = [figure.low, figure.high, *(other.value for other in known), before or 0.0]
        ends += [0.0, 1e-9, _bar(figure) or 0.0]
        bottom, top = min(ends) * 1.05, max(ends) * 1.05
    middle = HEIGHT / 2

    def x(value: float) -> float:
        share = (value - bottom) / (top - bottom)
        return round(EDGE + (WIDTH - 2 * EDGE) * min(max(share, 0.0), 1.0), 1)

    parts = [f'<line class="axis" x1="{EDGE}" x2="{WIDTH - EDGE}" y1="{middle}" y2="{middle}"/>']
    bar = _bar(figure)
    if bar is not None:
        good = (
            (x(bar), WIDTH - EDGE)
            if figure.bar and figure.bar.least is not None
            else (EDGE, x(bar))
        )
        width = max(good[1] - good[0], 1.5)
        parts.append(
            f'<rect class="good" x="{good[0]}" y="4" width="{width}" height="{HEIGHT - 8}"/>'
        )
        parts.append(f'<line class="bar" x1="{x(bar)}" x2="{x(bar)}" y1="2" y2="{HEIGHT - 2}"/>')
    low, high = x(figure.low), x(figure.high)
    parts.append(f'<line class="interval" x1="{low}" x2="{high}" y1="{middle}" y2="{middle}"/>')
    if before is not None:
        parts.append(f'<circle class="before" cx="{x(before)}" cy="{middle}" r="5"/>')
    for number, other in enumerate(known):
        at = x(other.value)
        parts.append(
            f'<path class="other other-{number}" d="M{at} 5 l6 6 l-6 6 l-6 -6 z">'
            f"<title>{Markup.escape(other.metric.name)}: {other.value:.3f}</title></path>"
        )
    parts.append(
        f'<circle class="point {figure.state}" cx="{x(figure.value)}" cy="{middle}" r="4"/>'
    )
    return Markup(
        f'<svg class="row" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{figure.value:.3f}">{"".join(parts)}</svg>'
    )


def overview(figures: Sequence[Figure]) -> Markup:
    """All figures with a bar: how far each is above or below it, as a share of what is possible."""
    barred = [figure for figure in figures if figure.bar is not None]
    step, left, width = 24, 290, 780
    zero, reach = 535, 230
    rows = []
    for n, figure in enumerate(barred):
        y = n * step
        margin = _margin(figure)
        length = round(reach * abs(margin), 1)
        start = zero if margin >= 0 else zero - length
        label = Markup.escape(f"{figure.suite} · {figure.metric.name}")
        rows.append(
            f'<text x="{left - 10}" y="{y + 16}" class="label">{label}</text>'
            f'<rect class="{figure.state}" x="{start}" y="{y + 5}" width="{max(length, 2)}" '
            'height="14" rx="2"/>'
        )
    height = step * len(barred) + 22
    rows.append(f'<line class="bar" x1="{zero}" x2="{zero}" y1="0" y2="{height - 20}"/>')
    for x, anchor, words in ((-12, "end", "misses its bar"), (12, "start", "beyond its bar")):
        rows.append(
            f'<text class="note" x="{zero + x}" y="{height - 4}" '
            f'text-anchor="{anchor}">{words}</text>'
        )
    return Markup(
        f'<svg class="overview" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Figures against their bars">{"".join(rows)}</svg>'
    )


def _bar(figure: Figure) -> float | None:
    if figure.bar is None:
        return None
    return figure.bar.least if figure.bar.least is not None else figure.bar.most


def _margin(figure: Figure) -> float:
    """How far beyond the bar, in [-1, 1]: of the room above it, or of the way to it from below."""
    bar, value = _bar(figure), figure.value
    assert bar is not None and figure.bar is not None
    if figure.bar.most is not None:
        if value <= bar:
            return min(1.0, (bar - value) / bar) if bar else 0.0
        room = 1 - bar if figure.metric.unit == "share" else bar
        return -min(1.0, (value - bar) / room)
    if value >= bar:
        return (value - bar) / (1 - bar) if bar < 1 else 0.0
    return -min(1.0, (bar - value) / bar)
