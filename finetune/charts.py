"""Line charts as SVG text and sparklines as characters, with no dependency.

Pure functions from numbers to a string that can stand inside an HTML page. Colours are CSS colours and so
follow the page; what the numbers mean, and how they are formatted, is the caller's affair.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, pairwise

LARGEST = 1e150
"""A figure beyond this is left out: ranges computed from it would overflow."""

FONT_PX = 12
CHARACTER_PX = 6.8
"""Width of an average character at `FONT_PX`, for room and not for typesetting."""
LABEL_GAP_PX = 15.0
LEGEND_ROW_PX = 20
NAMED_LABELS_FROM_PX = 560
MARKED_POINTS = 16
"""A series of at most so many points shows each of them."""

SPARKS = "▁▂▃▄▅▆▇█"

Point = tuple[float, float]
Band = tuple[float, float, float]


@dataclass(frozen=True)
class Series:
    """One line of a chart.

    `band` holds (x, low, high): an area where there are several, a whisker where there is one. `marker` is
    circle, square or diamond. A `side` series is drawn thin and dashed, with hollow markers, and is named
    neither in the legend nor at its end.
    """

    name: str
    points: tuple[Point, ...]
    colour: str = "currentColor"
    band: tuple[Band, ...] = ()
    marker: str = "circle"
    side: bool = False


@dataclass(frozen=True)
class Frame:
    """The rectangle of a plot in pixels, and the ranges of the data that it shows."""

    left: float
    right: float
    top: float
    bottom: float
    x_range: Point
    y_range: Point

    def x(self, value: float) -> float:
        """Pixels from the left edge of the picture."""
        return _between(value, self.x_range, self.left, self.right)

    def y(self, value: float) -> float:
        """Pixels from the top edge of the picture."""
        return _between(value, self.y_range, self.bottom, self.top)


def line_chart(
    series: Sequence[Series],
    *,
    identifier: str,
    title: str,
    description: str,
    width: int = 720,
    height: int = 360,
    x_labels: Sequence[str] = (),
    x_name: str = "",
    y_format: Callable[[float], str] | None = None,
    y_range: Point | None = None,
) -> str:
    """An `<svg>` element with axes, ticks at round numbers, a legend and a label at the end of each line.

    With `x_labels` the x of a point is the index of its label, else a number. Figures that are not finite
    are left out; with none left, the answer is an empty string. `identifier` is unique in the page.
    """
    series = [kept for kept in map(finite, series) if kept.points]
    if not series:
        return ""
    y_ticks = round_ticks(*(y_range or _extent([y for one in series for y in _heights(one)])))
    y_text = y_format or number_format(y_ticks)
    named = [one for one in series if not one.side]
    legend, legend_rows = _legend(named, width) if len(named) > 1 else ("", 0)
    with_name = width >= NAMED_LABELS_FROM_PX
    labels = [_end_label(one, y_format or three_digits, with_name=with_name) for one in named]
    left = 14 + CHARACTER_PX * max(len(y_text(tick)) for tick in y_ticks)
    right = width - 14 - CHARACTER_PX * max(map(len, labels), default=0)
    inset = (right - left) / (2 * len(x_labels)) if x_labels else 0.0
    frame = Frame(
        left=left + inset,
        right=right - inset,
        top=14 + LEGEND_ROW_PX * legend_rows,
        bottom=height - (52 if x_name else 38 if x_labels else 26),
        x_range=(0.0, len(x_labels) - 1.0) if x_labels else _extent([x for x, _ in _points(series)]),
        y_range=(y_ticks[0], y_ticks[-1]),
    )
    drawn = [
        _words(identifier, title, description),
        legend,
        _y_axis(frame, y_ticks, y_text, left, right),
        _x_axis(frame, x_labels, x_name),
        *(_line(one, frame) for one in sorted(series, key=lambda one: not one.side)),
        _end_labels(named, labels, frame, right),
    ]
    return _svg(drawn, identifier, width, height)


def sparkline(values: Sequence[float], *, width: int = 40, span: Point | None = None) -> str:
    """The course of some values in at most `width` characters; empty when none is finite.

    The lowest character stands for the lowest value and the highest for the highest, or for those of `span`.

    >>> sparkline([0, 1, 2, 3, 4, 5, 6, 7])
    '▁▂▃▄▅▆▇█'
    """
    points = finite(Series("", tuple(enumerate(values)))).points
    heights = [y for _, y in thinned(points, width)]
    if not heights:
        return ""
    top = len(SPARKS) - 1
    places = [_between(y, span or _extent(heights), 0, top) for y in heights]
    return "".join(SPARKS[round(min(max(place, 0), top))] for place in places)


def thinned(points: Sequence[Point], limit: int) -> tuple[Point, ...]:
    """At most `limit` points: runs of neighbours are replaced by their mean."""
    if len(points) <= limit:
        return tuple(points)
    runs = groupby(enumerate(points), key=lambda pair: pair[0] * limit // len(points))
    return tuple(_mean([point for _, point in run]) for _, run in runs)


def finite(series: Series) -> Series:
    """The series without what cannot be drawn: NaN, infinities and figures beyond `LARGEST`."""
    points = tuple(point for point in series.points if _drawable(point))
    band = tuple(piece for piece in series.band if _drawable(piece))
    return Series(series.name, points, series.colour, band, series.marker, series.side)


def round_ticks(low: float, high: float, *, target: int = 5) -> list[float]:
    """About `target` equal steps of 1, 2 or 5 times a power of ten that cover `low` to `high`.

    >>> round_ticks(0.13, 0.92)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):
        room = 0.1 * abs(low) or 1.0
        low, high = low - room, high + room
    rough = (high - low) / target
    power = math.floor(math.log10(rough))
    factor = next((f for f in (1, 2, 5) if f * 10.0**power >= rough * (1 - 1e-9)), 10)
    step = factor * 10.0**power
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def number_format(ticks: Sequence[float]) -> Callable[[float], str]:
    """How to write numbers on an axis with these ticks: as many decimals as its step needs."""
    step = ticks[1] - ticks[0]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if decimals > 4 or max(map(abs, ticks)) >= 1e7:
        return lambda value: f"{value:.3g}"
    return lambda value: f"{value:,.{decimals}f}".replace("-", "−")


def three_digits(value: float) -> str:
    """A single number by its three leading digits, or all of those before the point: '0.389', '12,346'."""
    text = f"{value:,.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.3g}"
    return text.replace("-", "−")


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The positions, moved as little as need be to lie `gap` apart, and within low and high if they fit."""
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    moved = [min(max(position, low), high) for position in positions]
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    ceiling = high
    for index in reversed(order):
        moved[index] = min(moved[index], ceiling)
        ceiling = moved[index] - gap
    return moved


def _svg(parts: Sequence[str], identifier: str, width: int, height: int) -> str:
    opening = (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-labelledby="{identifier}-title {identifier}-desc" font-size="{FONT_PX}" fill="currentColor">'
    )
    return "\n".join([opening, *filter(None, parts), "</svg>"])


def _words(identifier: str, title: str, description: str) -> str:
    return (
        f'<title id="{identifier}-title">{escape(title)}</title>\n'
        f'<desc id="{identifier}-desc">{escape(description)}</desc>'
    )


def _line(series: Series, frame: Frame) -> str:
    points = [(frame.x(x), frame.y(y)) for x, y in series.points]
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    stroke = 'stroke-width="1.2" stroke-dasharray="3 3"' if series.side else 'stroke-width="2"'
    parts = [
        f'<g style="color: {escape(series.colour)}">',
        _band(series, frame),
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-linejoin="round" {stroke}/>',
    ]
    if series.side:
        parts.append(_marker(series.marker, *points[-1], hollow=True))
    elif len(points) <= MARKED_POINTS:
        parts += [_marker(series.marker, x, y) for x, y in points]
    return "\n".join([*filter(None, parts), "</g>"])


def _band(series: Series, frame: Frame) -> str:
    if len(series.band) == 1:
        x, low, high = series.band[0]
        ends = f"M{frame.x(x):.1f} {frame.y(low):.1f} V{frame.y(high):.1f}"
        return f'<path d="{ends}" stroke="currentColor" stroke-opacity="0.5" stroke-width="1.2"/>'
    upper = [f"{frame.x(x):.1f} {frame.y(high):.1f}" for x, _, high in series.band]
    lower = [f"{frame.x(x):.1f} {frame.y(low):.1f}" for x, low, _ in reversed(series.band)]
    outline = "M" + " L".join(upper + lower) + "Z"
    return f'<path d="{outline}" fill="currentColor" fill-opacity="0.14"/>' if series.band else ""


def _marker(shape: str, x: float, y: float, *, hollow: bool = False) -> str:
    paint = 'fill="var(--paper, white)" stroke="currentColor" stroke-width="1.5"' if hollow else ""
    if shape == "square":
        return f'<rect x="{x - 3.2:.1f}" y="{y - 3.2:.1f}" width="6.4" height="6.4" {paint}/>'
    if shape == "diamond":
        return f'<path d="M{x:.1f} {y - 4.6:.1f} l4.6 4.6 l-4.6 4.6 l-4.6 -4.6Z" {paint}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" {paint}/>'


def _y_axis(
    frame: Frame, ticks: Sequence[float], text: Callable[[float], str], left: float, right: float
) -> str:
    parts = []
    for tick in ticks:
        y = frame.y(tick)
        opacity = 0.5 if tick == ticks[0] else 0.14
        parts.append(
            f'<path d="M{left:.1f} {y:.1f} H{right:.1f}" stroke="currentColor" stroke-opacity="{opacity}"/>'
            f'<text x="{left - 7:.1f}" y="{y + 4:.1f}" text-anchor="end" fill-opacity="0.8">'
            f"{escape(text(tick))}</text>"
        )
    return "\n".join(parts)


def _x_axis(frame: Frame, labels: Sequence[str], name: str) -> str:
    """Labels in one row, or in two by turns where they would touch; round numbers where there are none."""
    ticks: list[tuple[float, str]] = list(enumerate(labels))
    if not labels:
        numbers = round_ticks(*frame.x_range, target=4)
        text = number_format(numbers)
        ticks = [(x, text(x)) for x in numbers if frame.x_range[0] <= x <= frame.x_range[1]]
    slot = (frame.right - frame.left) / max(1, len(labels) - 1)
    staggered = bool(labels) and max(map(len, labels)) * CHARACTER_PX > slot
    parts = []
    for index, (x, label) in enumerate(ticks):
        row = FONT_PX + 2 if staggered and index % 2 else 0
        parts.append(
            f'<text x="{frame.x(x):.1f}" y="{frame.bottom + 18 + row:.1f}" text-anchor="middle"'
            f' fill-opacity="0.8">{escape(label)}</text>'
        )
    if name:
        parts.append(
            f'<text x="{frame.right:.1f}" y="{frame.bottom + 38:.1f}" text-anchor="end" fill-opacity="0.8">'
            f"{escape(name)}</text>"
        )
    return "\n".join(parts)


def _legend(series: Sequence[Series], width: int) -> tuple[str, int]:
    """The legend from the top left corner, and how many rows it takes."""
    parts, x, row = [], 2.0, 0
    for one in series:
        room = 28 + CHARACTER_PX * len(one.name) + 14
        if x > 2 and x + room > width:
            x, row = 2.0, row + 1
        y = 10.0 + LEGEND_ROW_PX * row
        parts.append(
            f'<g style="color: {escape(one.colour)}"><path d="M{x:.1f} {y} h20" stroke="currentColor"'
            f' stroke-width="2"/>{_marker(one.marker, x + 10, y)}</g>'
            f'<text x="{x + 27:.1f}" y="{y + 4}">{escape(one.name)}</text>'
        )
        x += room
    return "\n".join(parts), row + 1


def _end_label(series: Series, text: Callable[[float], str], *, with_name: bool) -> str:
    value = text(series.points[-1][1])
    return f"{series.name} {value}" if with_name else value


def _end_labels(named: Sequence[Series], labels: Sequence[str], frame: Frame, x: float) -> str:
    heights = [frame.y(one.points[-1][1]) for one in named]
    places = spread(heights, LABEL_GAP_PX, frame.top, frame.bottom - 2)
    return "\n".join(
        f'<text x="{x + 6:.1f}" y="{y + 4:.1f}" style="fill: {escape(one.colour)}">{escape(label)}</text>'
        for one, label, y in zip(named, labels, places, strict=True)
    )


def _points(series: Sequence[Series]) -> list[Point]:
    return [point for one in series for point in one.points]


def _heights(series: Series) -> list[float]:
    return [y for _, y in series.points] + [y for piece in series.band for y in piece[1:]]


def _extent(values: Sequence[float]) -> Point:
    return min(values), max(values)


def _between(value: float, span: Point, start: float, end: float) -> float:
    """Where `value` lies between start and end, as it does in the span; in the middle of an empty span."""
    low, high = span
    share = (value - low) / (high - low) if high > low else 0.5
    return start + share * (end - start)


def _mean(points: Sequence[Point]) -> Point:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _drawable(figures: Sequence[float]) -> bool:
    return all(abs(figure) <= LARGEST for figure in figures)  # which NaN is not either
