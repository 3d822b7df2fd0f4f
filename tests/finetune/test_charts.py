"""Charts: ticks at round numbers that cover the data, points where they belong, labels that do not touch."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetune.charts import SPARKS, Series, line_chart, round_ticks, sparkline, spread, thinned

numbers = st.floats(-1e12, 1e12)


def draw(*series: Series, **options: object) -> ElementTree.Element:
    """The chart, parsed by an XML parser."""
    return ElementTree.fromstring(line_chart(series, identifier="c", title="T", description="D", **options))


@given(numbers, numbers)
def test_ticks_cover_the_range_in_equal_round_steps(one: float, other: float) -> None:
    low, high = sorted((one, other))
    ticks = round_ticks(low, high)
    step = ticks[1] - ticks[0]
    slack = 1e-6 * (step + abs(low) + abs(high))
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 8
    assert all(math.isclose(after - before, step, rel_tol=1e-3) for before, after in pairwise(ticks))
    assert f"{step:.2e}"[0] in "125"


def test_points_lie_where_the_axes_say() -> None:
    chart = draw(Series("loss", ((0, 0), (50, 2), (100, 4))))
    ticks = {
        text.text: float(text.get("y", 0)) - 4
        for text in chart.iter("text")
        if text.get("text-anchor") == "end"
    }
    middles = {
        text.text: float(text.get("x", 0))
        for text in chart.iter("text")
        if text.get("text-anchor") == "middle"
    }
    dots = [(float(dot.get("cx", 0)), float(dot.get("cy", 0))) for dot in chart.iter("circle")]
    assert dots[0] == pytest.approx((middles["0"], ticks["0"]), abs=0.11)
    assert dots[1] == pytest.approx(((middles["0"] + middles["100"]) / 2, ticks["2"]), abs=0.11)
    assert dots[2] == pytest.approx((middles["100"], ticks["4"]), abs=0.11)


def test_line_ends_in_its_last_value_with_three_digits() -> None:
    for last, shown in ((0.3894, "0.389"), (12_345.6, "12,346"), (-2.0, "−2")):
        chart = draw(Series("loss", ((0, 5.0), (9, last))), width=340)
        assert list(chart.iter("text"))[-1].text == shown


def test_what_is_not_finite_is_left_out() -> None:
    chart = draw(Series("loss", ((0, math.nan), (1, 2.0), (2, math.inf), (3, 1e300), (4, 1.0))))
    assert len(list(chart.iter("circle"))) == 2
    assert line_chart([Series("loss", ((0, math.nan),))], identifier="c", title="T", description="D") == ""


def test_hostile_words_are_escaped() -> None:
    one = Series('<script>"', ((0, 1), (1, 2)), colour='red"><script>')
    chart = draw(one, Series("b", ((0, 1),)), x_labels=["<b>", "&"], y_format=lambda value: f"<{value}>")
    assert {element.tag for element in chart.iter()} == {
        "svg",
        "title",
        "desc",
        "g",
        "path",
        "circle",
        "text",
    }
    assert any(text.text == '<script>"' for text in chart.iter("text"))


def test_a_band_of_one_point_is_a_whisker_and_of_more_an_area() -> None:
    whisker = draw(Series("a", ((0, 1), (1, 2)), band=((1, 1.5, 2.5),)))
    area = draw(Series("a", ((0, 1), (1, 2)), band=((0, 0.5, 1.5), (1, 1.5, 2.5))))
    assert [p for p in whisker.iter("path") if "V" in p.get("d", "") and not p.get("d", "").endswith("Z")]
    assert [p for p in area.iter("path") if p.get("d", "").endswith("Z")]


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_labels_are_spread_apart_within_the_chart(places: list[float]) -> None:
    moved = spread(places, 15, 0, 300)
    assert all(-1e-6 <= place <= 300 + 1e-6 for place in moved)
    assert all(after - before >= 15 - 1e-6 for before, after in pairwise(sorted(moved)))


@given(st.lists(st.tuples(numbers, numbers), max_size=300), st.integers(1, 50))
def test_thinning_keeps_the_mean_of_what_it_joins(points: list[tuple[float, float]], limit: int) -> None:
    kept = thinned(points, limit)
    assert len(kept) == min(len(points), limit)
    xs = [x for x, _ in points]
    assert all(min(xs) - 1e-3 <= x <= max(xs) + 1e-3 for x, _ in kept)


def test_thinning_of_a_straight_line_is_on_the_line() -> None:
    kept = thinned([(float(x), 3.0 * x + 1) for x in range(1000)], 10)
    assert kept == tuple((100 * k + 49.5, 3 * (100 * k + 49.5) + 1) for k in range(10))


@given(st.lists(st.floats(), max_size=200), st.integers(1, 60))
def test_sparkline_has_at_most_its_width(values: list[float], width: int) -> None:
    line = sparkline(values, width=width)
    assert len(line) <= width
    assert set(line) <= set(SPARKS)


def test_sparkline_of_a_share_is_drawn_on_the_whole_scale() -> None:
    assert sparkline([0.97, 0.98], span=(0, 1)) == "██"
    assert re.fullmatch("▁.*█", sparkline([0.97, 0.975, 0.98]))
