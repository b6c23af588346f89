"""Plots as SVG text: bars that stack and lines over days. Small enough to read, with no script and no outside file.

Colours are classes (`s0`, `s1`, ...) that the page's style fills in, for dark and for light.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 8, 12, 40
_TICKS = 4
_MOST_LABELS = 10
_NOTHING = 1e-300


@dataclass(frozen=True, slots=True)
class Series:
    """Values over the plot's labels; None where there is none."""

    name: str
    values: tuple[float | None, ...]


def top_of(largest: float) -> float:
    """A round number that is not below: 1, 2, 2.5 or 5 times a power of ten."""
    if largest < _NOTHING:
        return 1.0
    power = 10.0 ** floor(log10(largest))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= largest * (1 - 1e-9))


def short(value: float) -> str:
    """A number as an axis shows it."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def bars(title: str, labels: tuple[str, ...], series: tuple[Series, ...], unit: str = "") -> str:
    """Stacked bars, one per label."""
    sums = [sum(one.values[at] or 0 for one in series) for at in range(len(labels))]
    top = top_of(max(sums, default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    shapes = []
    for at, label in enumerate(labels):
        base = 0.0
        for number, one in enumerate(series):
            value = one.values[at] or 0
            if value:
                upper = _y(base + value, top)
                shapes.append(
                    f'<rect class="s{number}" x="{_LEFT + at * step + step * 0.1:.1f}" y="{upper:.1f}" '
                    f'width="{step * 0.8:.1f}" height="{max(_y(base, top) - upper, 0.5):.1f}">'
                    f"<title>{escape(f'{label}, {one.name}: {value:g} {unit}'.strip())}</title></rect>"
                )
            base += value
    return _framed(title, labels, series, top, unit, shapes, step)


def lines(title: str, labels: tuple[str, ...], series: tuple[Series, ...], unit: str = "") -> str:
    """One line per series, with a point per value and a gap where there is none."""
    top = top_of(max((value for one in series for value in one.values if value is not None), default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    shapes = []
    for number, one in enumerate(series):
        stroke: list[str] = []
        for at, value in enumerate(one.values):
            if value is None:
                shapes += _stroke(number, stroke)
                stroke = []
                continue
            x, y = _LEFT + (at + 0.5) * step, _y(value, top)
            stroke.append(f"{x:.1f},{y:.1f}")
            told = escape(f"{labels[at]}, {one.name}: {value:.4g} {unit}".strip())
            shapes.append(f'<circle class="s{number}" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{told}</title></circle>')
        shapes += _stroke(number, stroke)
    return _framed(title, labels, series, top, unit, shapes, step)


def _stroke(number: int, points: list[str]) -> list[str]:
    return [f'<polyline class="l{number}" points="{" ".join(points)}"/>'] if len(points) > 1 else []


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM)


def _framed(
    title: str,
    labels: tuple[str, ...],
    series: tuple[Series, ...],
    top: float,
    unit: str,
    shapes: list[str],
    step: float,
) -> str:
    axis = []
    for tick in range(_TICKS + 1):
        value = top * tick / _TICKS
        y = _y(value, top)
        axis.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        axis.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(short(value))}</text>')
    every = max(1, ceil(len(labels) / _MOST_LABELS))
    for at in range(0, len(labels), every):
        x = _LEFT + (at + 0.5) * step
        axis.append(f'<text x="{x:.1f}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="middle">{escape(labels[at])}</text>')
    x = float(_LEFT)
    for number, one in enumerate(series):
        axis.append(f'<rect class="s{number}" x="{x:.0f}" y="{HEIGHT - 12}" width="10" height="10"/>')
        axis.append(f'<text x="{x + 14:.0f}" y="{HEIGHT - 3}">{escape(one.name)}</text>')
        x += 26 + 6.5 * len(one.name)
    label = escape(f"{title} ({unit})" if unit else title, quote=True)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
        + "".join(axis)
        + "".join(shapes)
        + "</svg>"
    )
