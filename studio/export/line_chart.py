"""Small line charts as SVG text, for printed pages."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 320
HEIGHT: Final = 130
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 22, 18
# Told apart in print by dash and grey, not by colour alone.
_STROKES: Final = ('stroke="#222"', 'stroke="#888" stroke-dasharray="4 3"')
_MAX_POINTS: Final = 300


@dataclass(frozen=True)
class Line:
    """A named line of points (kimg, value), in rising order."""

    name: str
    points: Sequence[tuple[float, float]]


def line_chart(title: str, lines: Sequence[Line]) -> str:
    """Give an SVG element; "" when no line has a point. The horizontal axis is kimg."""
    lines = [Line(one.name, [p for p in one.points if all(map(math.isfinite, p))]) for one in lines]
    lines = [one for one in lines if one.points]
    if not lines:
        return ""
    all_points = [point for line in lines for point in line.points]
    right = max(kimg for kimg, _ in all_points) or 1.0
    low = min(0.0, *(value for _, value in all_points))
    high = max(value for _, value in all_points)
    if high <= low:
        high = low + 1.0
    drawn = [
        _polyline(line, number, right=right, span=(low, high)) for number, line in enumerate(lines)
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" role="img" '
        f'font-family="sans-serif" font-size="9" fill="#444"><text x="0" y="10">'
        f"{html.escape(title)}</text>{_axes(right, low=low, high=high)}{''.join(drawn)}</svg>"
    )


def _axes(right: float, *, low: float, high: float) -> str:
    bottom, edge = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    return (
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{edge}" fill="none" stroke="#bbb"/>'
        f'<text x="{_LEFT - 4}" y="{_TOP + 6}" text-anchor="end">{high:.3g}</text>'
        f'<text x="{_LEFT - 4}" y="{bottom}" text-anchor="end">{low:.3g}</text>'
        f'<text x="{_LEFT}" y="{HEIGHT - 6}">0</text>'
        f'<text x="{edge}" y="{HEIGHT - 6}" text-anchor="end">{right:.3g} kimg</text>'
    )


def _polyline(line: Line, number: int, *, right: float, span: tuple[float, float]) -> str:
    low, high = span
    across, up = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    step = max(1, len(line.points) // _MAX_POINTS)
    kept = [*line.points[::step], line.points[-1]]
    places = [
        (_LEFT + kimg / right * across, _TOP + (high - value) / (high - low) * up)
        for kimg, value in kept
    ]
    stroke = _STROKES[number % len(_STROKES)]
    shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.8" fill="#222"/>'
    name = (
        f'<text x="{x - 4:.1f}" y="{y - 4:.1f}" text-anchor="end">{html.escape(line.name)}</text>'
    )
    return f'<polyline points="{shape}" fill="none" {stroke}/>{dot}{name}'
