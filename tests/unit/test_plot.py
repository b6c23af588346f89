"""Plots draw the given values to scale, and no foreign markup gets into the page."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfqflow.reporting.svg_charts import (
    HEIGHT,
    ChartStyle,
    Series,
    bars,
    duration_steps,
    lines,
    short,
    steps,
    whole_steps,
)

NUMBERS = st.one_of(st.none(), st.floats(0, 1e12, allow_nan=False))


def shapes(svg: str, tag: str) -> list[dict[str, str]]:
    return [one.attrib for one in ET.fromstring(svg).iter(tag)]


@given(st.floats(1e-9, 1e15))
def test_an_axis_ends_at_a_round_number_slightly_above_the_largest_value(largest):
    ticks = steps(largest)
    assert largest * (1 - 1e-3) <= ticks[-1] <= largest * 1.7
    assert re.match(r"^(1|2|2\.5|5)(e|$)", f"{ticks[1]:.6e}".replace("0", "").replace(".e", "e").replace("+", ""))


@pytest.mark.parametrize(
    ("largest", "last"), [(0, 1), (-1, 1), (1, 1), (7, 8), (99, 100), (101, 150), (0.0007, 0.0008), (5e-324, 1)]
)
def test_axes_end_at_a_round_value_that_holds_the_largest(largest, last):
    ticks = steps(largest)

    assert ticks[0] == 0
    assert ticks[-1] == pytest.approx(last)
    assert 2 <= len(ticks) <= 6


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (12, "12"), (1500, "1.5k"), (2.5e6, "2.5M"), (3e9, "3G"), (0.0005, "0.0005")]
)
def test_a_number_on_an_axis_is_short(value, text):
    assert short(value) == text


def test_bars_are_to_scale_and_stack():
    svg = bars("ends", ("a", "b"), (Series("done", (30, 60)), Series("failed", (10, None))))
    drawn = [one for one in shapes(svg, "rect") if float(one["width"]) != 10]
    heights = [float(one["height"]) for one in drawn]

    assert [one["class"] for one in drawn] == ["s0", "s1", "s0"]
    assert heights[0] == pytest.approx(heights[2] / 2, abs=0.2)
    assert heights[1] == pytest.approx(heights[0] / 3, abs=0.2)
    first, second = drawn[0], drawn[1]
    assert float(second["y"]) + float(second["height"]) == pytest.approx(float(first["y"]), abs=0.2)


def test_a_line_has_a_gap_where_a_value_is_missing():
    svg = lines("latency", tuple("abcde"), (Series("p50", (1, 2, None, 4, 5)), Series("p99", (None, 9, None, 9, None))))

    paths = shapes(svg, "path")
    assert [one["class"] for one in paths] == ["line s0", "line s1"]
    assert re.fullmatch(r"M\S+ \S+ L\S+ \S+ M\S+ \S+ L\S+ \S+", paths[0]["d"])  # broken where a value is missing
    assert len(shapes(svg, "circle")) == 6
    assert "path" not in lines("none", ("a",), (Series("none", (None,)),))


@given(st.lists(st.tuples(st.text(max_size=12), NUMBERS, NUMBERS), max_size=40), st.text(max_size=20))
def test_any_input_gives_a_well_formed_svg_within_its_bounds(rows, name):
    clean = [("".join(c for c in label if c.isprintable()), one, other) for label, one, other in rows]
    title = "".join(c for c in name if c.isprintable())
    labels = tuple(label for label, _, _ in clean)
    series = (Series(title, tuple(one for _, one, _ in clean)), Series("x", tuple(other for _, _, other in clean)))
    for svg in (bars(title, labels, series), lines(title, labels, series, ChartStyle(legend=False))):
        root = ET.fromstring(svg)
        assert not [one for one in root.iter() if one.tag in ("script", "image", "a")]
        for one in [*root.iter("rect"), *root.iter("circle")]:
            y = float(one.get("y") or one.get("cy"))
            assert -1 <= y <= HEIGHT + 20  # the legend is below
            assert float(one.get("height") or 0) >= 0


def test_hostile_names_are_text():
    svg = bars('<script>"', ("</svg><b>",), (Series("<i>", (1.0,)),), ChartStyle(lambda value: f"<u>{value}"))

    assert "<script>" not in svg
    assert "<b>" not in svg
    assert "<u>" not in svg
    assert "<title>&lt;/svg&gt;&lt;b&gt;: &lt;i&gt; &lt;u&gt;1.0</title>" in svg
    assert "style=" not in svg  # the console's policy would refuse it
    ET.fromstring(svg)


def test_counts_have_whole_ticks_and_the_colours_of_their_outcomes():
    series = [Series("done", [0, 1, 2]), Series("failed", [0, 0, 1])]
    svg = bars(
        "ends", ["00:00", "01:00", "02:00"], series, ChartStyle(legend=False, classes=("e0", "e2"), ticks=whole_steps)
    )

    assert [one["class"] for one in shapes(svg, "rect")] == ["e0", "e0", "e2"]
    assert re.findall(r'text-anchor="end">([^<]+)<', svg) == ["0", "1", "2", "3", "4"]
    ET.fromstring(svg)


@given(st.floats(1e-6, 1e10))
def test_a_time_axis_has_only_ticks_that_a_clock_shows(largest):
    ticks = duration_steps(largest)
    step = ticks[1]

    assert ticks[-1] >= largest * 0.999
    assert len(ticks) <= 7
    assert (
        any(step % unit == 0 and step / unit < 60 for unit in (1, 1000, 60_000, 3_600_000))
        or step % 86_400_000 == 0
        or step < 1000
    )


@given(st.integers(0, 10**9))
def test_an_axis_of_a_count_has_whole_ticks(largest):
    ticks = whole_steps(largest)

    assert all(tick.is_integer() for tick in ticks)
    assert ticks[-1] >= largest * 0.999
    assert len(ticks) <= 7
