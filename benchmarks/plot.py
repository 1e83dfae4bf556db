"""A small line chart as SVG, both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 56, 44, 52
STEPS = (1, 2, 5)
FONT = 'font-family="sans-serif" font-size="12" fill="#333"'


@dataclass(frozen=True)
class Line:
    name: str
    colour: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """Values `low` to `high` on pixels `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        values = [step * 10.0**power for power in powers for step in STEPS]
        return [value for value in values if self.low <= value * 1.0001 and value <= self.high * 1.0001]


def _axis(values: Sequence[float], start: float, end: float) -> Axis:
    """From the round value below the least to the one above the greatest."""
    powers = range(math.floor(math.log10(min(values))) - 1, math.ceil(math.log10(max(values))) + 1)
    marks = [step * 10.0**power for power in powers for step in STEPS]
    low = max(mark for mark in marks if mark <= min(values))
    return Axis(low, min(mark for mark in marks if mark >= max(values) and mark > low), start, end)


def as_svg(title: str, axes: tuple[str, str], lines: Sequence[Line]) -> str:
    across = _axis([x for line in lines for x, _ in line.points], LEFT, WIDTH - RIGHT)
    up = _axis([y for line in lines for _, y in line.points], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" {FONT}>',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(WIDTH / 2, 24, title, size=15),
        *_grid(across, up),
        _text(WIDTH / 2, HEIGHT - 12, axes[0]),
        _text(16, HEIGHT / 2, axes[1], turn=f' transform="rotate(-90 16 {HEIGHT / 2})"'),
        *(part for line in lines for part in _drawn(line, across, up)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid(across: Axis, up: Axis) -> list[str]:
    parts = []
    for value in across.ticks():
        parts.append(_rule(across.at(value), TOP, across.at(value), HEIGHT - BOTTOM))
        parts.append(_text(across.at(value), HEIGHT - BOTTOM + 18, f"{value:,.0f}"))
    for value in up.ticks():
        parts.append(_rule(LEFT, up.at(value), WIDTH - RIGHT, up.at(value)))
        parts.append(_text(LEFT - 8, up.at(value) + 4, f"{value:g}", anchor="end"))
    return parts


def _drawn(line: Line, across: Axis, up: Axis) -> list[str]:
    places = [(across.at(x), up.at(y)) for x, y in line.points]
    path = " ".join(f"{x},{y}" for x, y in places)
    dots = [
        f'<circle cx="{px}" cy="{py}" r="4" fill="{line.colour}"><title>{x:,.0f}: {y:.2f}</title></circle>'
        for (px, py), (x, y) in zip(places, line.points, strict=True)
    ]
    end = _text(places[-1][0] + 8, places[-1][1] + 4, line.name, anchor="start")
    return [f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"/>', *dots, end]


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#ddd"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "middle", size: int = 12, turn: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}"{turn}>{escape(words)}</text>'
