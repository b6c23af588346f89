"""Charts as SVG text, without scripts and external files: stacked bars, and lines over days.

Shapes have classes (`s0` to `s5`, `line`, `grid`, `tick`). The page's style gives each class its colours for light and
dark mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT = 680, 240
_LEFT, _RIGHT, _TOP, _BOTTOM, _LEGEND = 64, 22, 12, 28, 20
_TICKS = 4
_COLOURS = 6
_NOTHING = 1e-300


@dataclass(frozen=True, slots=True)
class Series:
    """One value per label of the plot; None for a missing value."""

    name: str
    values: Sequence[float | None]


def steps(largest: float) -> list[float]:
    """The ticks of an axis, from 0 to `largest` or more. Their distance is 1, 2, 2.5 or 5 times a power of ten."""
    if largest < _NOTHING:
        return [0.0, 1.0]
    raw = largest / _TICKS
    power = 10.0 ** floor(log10(raw))
    step = next(multiple * power for multiple in (1, 2, 2.5, 5, 10) if multiple * power >= raw * 0.999)
    return [step * number for number in range(ceil(largest / step - 0.001) + 1)]


def whole_steps(largest: float) -> list[float]:
    """The ticks of an axis of counts: whole numbers only."""
    found = steps(max(largest, _TICKS))
    if all(tick.is_integer() for tick in found):
        return found
    return [float(5 * number) for number in range(ceil(largest / 5) + 1)]


_ROUND_MS = (
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
    900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
)  # fmt: skip
_DAY_MS = 86_400_000


def duration_steps(largest: float) -> list[float]:
    """The ticks of an axis of milliseconds: round numbers of seconds, minutes, hours or days."""
    raw = largest / _TICKS
    step = next((span for span in _ROUND_MS if span >= raw * 0.999), None)
    if step is None:
        return [_DAY_MS * days for days in whole_steps(largest / _DAY_MS)]
    return [float(step * number) for number in range(max(1, ceil(largest / step - 0.001)) + 1)]


def short(value: float) -> str:
    """A number in the format of an axis."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class ChartStyle:
    """The format of values, the room for labels, and whether the chart has a legend."""

    text: Callable[[float], str] = short
    most_labels: int = 10
    legend: bool = True
    classes: tuple[str, ...] = ()  # classes of the series; empty: s0 to s5
    ticks: Callable[[float], list[float]] = steps

    def colour(self, number: int) -> str:
        return self.classes[number] if self.classes else f"s{number % _COLOURS}"


_PLAIN = ChartStyle()


def bars(title: str, labels: Sequence[str], series: Sequence[Series], look: ChartStyle = _PLAIN) -> str:
    """Stacked bars, one per label."""
    sums = [sum(line.values[at] or 0 for line in series) for at in range(len(labels))]
    frame = _Frame(title, labels, series, max(sums, default=0), look)
    width = max(1.5, min(26.0, frame.step * 0.7))
    shapes = []
    for at in range(len(labels)):
        base = 0.0
        for number, line in enumerate(series):
            value = line.values[at] or 0
            if value > 0:
                upper, lower = frame.y(base + value), frame.y(base)
                shapes.append(
                    f'<rect class="{look.colour(number)}" x="{frame.x(at) - width / 2:.1f}" y="{upper:.1f}" '
                    f'width="{width:.1f}" height="{max(lower - upper, 0.8):.1f}" rx="1.5">'
                    f"{frame.tooltip(at, line, value)}</rect>"
                )
                base += value
    return frame.around(shapes)


def lines(title: str, labels: Sequence[str], series: Sequence[Series], look: ChartStyle = _PLAIN) -> str:
    """One line per series, with a point for each value and a gap for each missing value."""
    largest = max((value for line in series for value in line.values if value is not None), default=0)
    frame = _Frame(title, labels, series, largest, look)
    shapes = []
    for number, line in enumerate(series):
        colour, pen, path = f"s{number % _COLOURS}", "M", []
        points = []
        for at, value in enumerate(line.values):
            if value is None:
                pen = "M"
                continue
            x, y = f"{frame.x(at):.1f}", f"{frame.y(value):.1f}"
            path.append(f"{pen}{x} {y}")
            points.append(f'<circle class="{colour}" cx="{x}" cy="{y}" r="3">{frame.tooltip(at, line, value)}</circle>')
            pen = "L"
        if path:
            shapes += [f'<path class="line {colour}" d="{" ".join(path)}"/>', *points]
    return frame.around(shapes)


class _Frame:
    """The axes of a chart: computes the position of each value and label."""

    def __init__(
        self, title: str, labels: Sequence[str], series: Sequence[Series], largest: float, look: ChartStyle
    ) -> None:
        self._title, self._labels, self._series, self._look = title, labels, series, look
        self._ticks = look.ticks(largest)
        self.step = (WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)

    def x(self, at: int) -> float:
        return _LEFT + self.step * (at + 0.5)

    def y(self, value: float) -> float:
        return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - value / self._ticks[-1])

    def tooltip(self, at: int, one: Series, value: float) -> str:
        return f"<title>{escape(f'{self._labels[at]}: {one.name} {self._look.text(value)}')}</title>"

    def around(self, shapes: list[str]) -> str:
        parts = []
        for tick in self._ticks:
            y = self.y(tick)
            parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(_text(_LEFT - 8, y + 4, self._look.text(tick), "end"))
        every = max(1, ceil(len(self._labels) / self._look.most_labels))
        named = range(len(self._labels) - 1, -1, -every)  # the newest always has a label
        parts += [_text(self.x(at), HEIGHT - 8, self._labels[at], "middle") for at in named]
        tall = HEIGHT + (_LEGEND if self._look.legend else 0)
        if self._look.legend:
            parts += self._legend()
        head = f'<svg class="plot" viewBox="0 0 {WIDTH} {tall}" role="img" aria-label="{escape(self._title)}">'
        return f"{head}{''.join(parts)}{''.join(shapes)}</svg>"

    def _legend(self) -> list[str]:
        x, parts = float(_LEFT), []
        for number, line in enumerate(self._series):
            y = HEIGHT + _LEGEND - 12
            parts.append(f'<rect class="s{number % _COLOURS}" x="{x:.0f}" y="{y}" width="10" height="10"/>')
            parts.append(_text(x + 14, y + 9, line.name, "start"))
            x += 26 + 6.5 * len(line.name)
        return parts


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
