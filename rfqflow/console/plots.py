"""Plots as inline SVG: bars and lines over days, drawn on the server, coloured by the style sheet.

Each comes with its figures as a table, for whoever cannot see it or wants to copy them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

_WIDTH, _HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 22, 12, 28
_SERIES_MOST = 6


@dataclass(frozen=True, slots=True)
class Series:
    """One value per day; None where there is none to show."""

    name: str
    values: Sequence[float | None]


def steps(top: float, number: int = 4) -> list[float]:
    """Round values from 0 to at least `top`."""
    if top <= 0:
        return [0.0, 1.0]
    raw = top / number
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next(one * magnitude for one in (1, 2, 2.5, 5, 10) if one * magnitude >= raw * 0.999)
    return [step * n for n in range(math.ceil(top / step - 0.001) + 1)]


class _Frame:
    """The axes: where a value and a day are."""

    def __init__(self, days: Sequence[dt.date], top: float, text: Callable[[float], str]) -> None:
        self.days = days
        self.ticks = steps(top)
        self.text = text
        self.slot = (_WIDTH - _LEFT - _RIGHT) / max(1, len(days))

    def x(self, index: int) -> float:
        return _LEFT + self.slot * (index + 0.5)

    def y(self, value: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / self.ticks[-1])

    def drawn(self) -> list[Markup]:
        parts: list[Markup] = []
        for tick in self.ticks:
            y, right = self.y(tick), _WIDTH - _RIGHT
            parts += [
                Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(_LEFT, right, y, y),
                Markup('<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
                    _LEFT - 8, y + 4, self.text(tick)
                ),
            ]
        every = max(1, math.ceil(len(self.days) / 6))
        parts += [
            Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                self.x(index), _HEIGHT - 8, f"{self.days[index]:%-d %b}"
            )
            for index in range(len(self.days) - 1, -1, -every)
        ]
        return parts


def _figure(title: str, parts: list[Markup]) -> Markup:
    head = Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(_WIDTH, _HEIGHT, title)
    return head + Markup("").join(parts) + Markup("</svg>")


def bars(title: str, days: Sequence[dt.date], series: Sequence[Series], text: Callable[[float], str]) -> Markup:
    """Stacked bars, a day each."""
    totals = [sum(one.values[index] or 0 for one in series) for index in range(len(days))]
    frame = _Frame(days, max(totals, default=0), text)
    parts = frame.drawn()
    width = max(1.5, min(26.0, frame.slot * 0.7))
    for index, day in enumerate(days):
        base = 0.0
        for number, one in enumerate(series):
            value = one.values[index] or 0
            if value <= 0:
                continue
            low, high = frame.y(base), frame.y(base + value)
            parts.append(
                Markup(
                    '<rect class="s{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="1.5">'
                    "<title>{:%-d %b}: {} {}</title></rect>"
                ).format(
                    number % _SERIES_MOST,
                    frame.x(index) - width / 2,
                    high,
                    width,
                    max(0.8, low - high),
                    day,
                    one.name,
                    text(value),
                )
            )
            base += value
    return _figure(title, parts)


def lines(title: str, days: Sequence[dt.date], series: Sequence[Series], text: Callable[[float], str]) -> Markup:
    """A line per series, broken where a day has no value."""
    frame = _Frame(days, max((value for one in series for value in one.values if value is not None), default=0), text)
    parts = frame.drawn()
    for number, one in enumerate(series):
        path, pen = [], "M"
        for index, value in enumerate(one.values):
            if value is None:
                pen = "M"
                continue
            path.append(f"{pen}{frame.x(index):.1f} {frame.y(value):.1f}")
            pen = "L"
        parts.append(Markup('<path class="line s{}" d="{}"/>').format(number % _SERIES_MOST, " ".join(path)))
        for index, value in enumerate(one.values):
            if value is not None:
                parts.append(
                    Markup(
                        '<circle class="s{}" cx="{:.1f}" cy="{:.1f}" r="3"><title>{:%-d %b}: {} {}</title></circle>'
                    ).format(number % _SERIES_MOST, frame.x(index), frame.y(value), days[index], one.name, text(value))
                )
    return _figure(title, parts)


def minutes(title: str, counts: Sequence[tuple[int, int, int]]) -> Markup:
    """Ends per minute, the newest at the right: done, skipped, failed."""
    width, height = 720.0, 96.0
    top = max((sum(one) for one in counts), default=0) or 1
    slot = width / max(1, len(counts))
    parts = [Markup('<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/>').format(width, height - 0.5, height - 0.5)]
    for index, one in enumerate(counts):
        y = height - 1
        for number, value in enumerate(one):
            if value:
                tall = max(1.5, value / top * (height - 8))
                y -= tall
                parts.append(
                    Markup('<rect class="e{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="1"/>').format(
                        number, index * slot + 1, y, slot - 2, tall
                    )
                )
    head = Markup(
        '<svg class="spark" viewBox="0 0 {:.0f} {:.0f}" preserveAspectRatio="none" role="img" aria-label="{}">'
    )
    return head.format(width, height, title) + Markup("").join(parts) + Markup("</svg>")
