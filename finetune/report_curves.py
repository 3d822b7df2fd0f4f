"""Which curves of a ladder are worth a picture: the climb over its rungs, and each rung's own metrics.

Chooses the figures, their words and their colours (one a metric, named in `report.css`); the drawing is left
to `charts`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from finetune.charts import Point, Series, finite, line_chart, sparkline, thinned, three_digits
from finetune.readable import number, percent
from finetune.report_rungs import Rung

CURVE_POINTS = 200
CURVE_SIZE = (340, 210)
CLIMB_SIZES = {"wide": (960, 420), "narrow": (360, 350)}
"""The climb is drawn for a desk and for a phone; the page shows the one that fits."""

WHOLE: Point = (0.0, 1.0)


@dataclass(frozen=True)
class Metric:
    """A figure that has a line in a chart: its key, its words, its colour and marker."""

    key: str
    name: str
    colour: str
    marker: str = "circle"


CLIMBED = (
    Metric("accuracy", "accuracy", "var(--accuracy)"),
    Metric("format_rate", "format", "var(--format)", "square"),
    Metric("preferred_rate", "preferred style", "var(--preferred)", "diamond"),
)


@dataclass(frozen=True)
class Panel:
    """One small chart that a rung may have: the metrics it shows, and how they are written."""

    title: str
    metrics: tuple[Metric, ...]
    share: bool = False


LOSS = Panel("loss", (Metric("loss", "loss", "var(--loss)"),))
REWARD = Panel("reward", (Metric("reward", "reward", "var(--reward)"),))
PANELS = (
    LOSS,
    REWARD,
    Panel("reward margin, chosen over rejected", (Metric("rewards/margins", "margin", "var(--reward)"),)),
    Panel(
        "pairs ranked right",
        (
            Metric("accuracy", "reward model", "var(--pairs)"),
            Metric("rewards/accuracies", "implicit reward", "var(--pairs)"),
        ),
        share=True,
    ),
    Panel("KL to the reference", (Metric("kl", "KL", "var(--kl)"),)),
    Panel(
        "held-out rates",
        tuple(replace(metric, key=f"eval_{metric.key}") for metric in CLIMBED),
        share=True,
    ),
)


@dataclass(frozen=True)
class Picture:
    """A chart in words, as SVG (by the size it is drawn for) and as lines of characters."""

    title: str
    description: str
    svg: dict[str, str]
    sparks: tuple[tuple[str, str], ...]
    """(name and range, sparkline) of each series."""


def climb(rungs: Sequence[Rung]) -> Picture | None:
    """Accuracy, format and preferred style from rung to rung; None when no rung has any of them.

    The lines follow the weights of the last rung back to the first; a rung beside that path hangs from the
    one it started from by a dashed line.
    """
    shown = [rung for rung in rungs if any(rung.figure(metric.key) is not None for metric in CLIMBED)]
    if not shown:
        return None
    place = {rung.name: float(index) for index, rung in enumerate(shown)}
    path = _path(shown)
    beside = [rung for rung in shown if rung not in path]
    series = [_climbed(metric, path, place) for metric in CLIMBED]
    for rung in beside:
        parent = [other for other in shown if other.name == rung.started_from]
        series += [_hanging(_climbed(metric, [*parent, rung], place)) for metric in CLIMBED]
    description = "; ".join(f"{rung.title}: {_rates(rung)}" for rung in shown)
    labels = [rung.name for rung in shown]
    svg = {
        name: line_chart(
            series,
            identifier=f"climb-{name}",
            title="The climb, rung by rung",
            description=description,
            width=width,
            height=height,
            x_labels=labels,
            y_format=_whole_percent,
            y_range=WHOLE,
        )
        for name, (width, height) in CLIMB_SIZES.items()
    }
    return Picture("The climb", description, svg, _sparks(series[: len(CLIMBED)], percent, WHOLE))


def curves(rung: Rung) -> list[Picture]:
    """The small charts of one rung: those of `PANELS` that its metrics have figures for."""
    panels = [panel for panel in PANELS if panel is not LOSS or not _series(REWARD, rung)]
    drawn = [(panel, series) for panel in panels if (series := _series(panel, rung))]
    return [_picture(rung, panel, series) for panel, series in drawn]


def _picture(rung: Rung, panel: Panel, series: Sequence[Series]) -> Picture:
    width, height = CURVE_SIZE
    text, span = (percent, WHOLE) if panel.share else (three_digits, None)
    ends = [f"{one.name} from {text(one.points[0][1])} to {text(one.points[-1][1])}" for one in series]
    description = f"{'; '.join(ends)}, over {series[0].points[-1][0]:,.0f} steps"
    chart = line_chart(
        [replace(one, points=thinned(one.points, CURVE_POINTS)) for one in series],
        identifier=f"curve-{_slug(rung.name)}-{_slug(panel.title)}",
        title=f"{rung.title}: {panel.title}",
        description=description,
        width=width,
        height=height,
        y_format=_whole_percent if panel.share else None,
        y_range=span,
        x_name="step",
    )
    return Picture(panel.title, description, {"small": chart}, _sparks(series, text, span))


def _series(panel: Panel, rung: Rung) -> list[Series]:
    """The metrics of a panel that the rung has figures for, none of them NaN."""
    found = []
    for metric in panel.metrics:
        pairs = [(number(line.get("step")), number(line.get(metric.key))) for line in rung.metrics]
        points = tuple((x, y) for x, y in pairs if x is not None and y is not None)
        found.append(finite(Series(metric.name, points, metric.colour, marker=metric.marker)))
    return [series for series in found if series.points]


def _path(rungs: Sequence[Rung]) -> list[Rung]:
    """The last rung and those whose weights led to it, first to last; all, when nobody says where from."""
    by_name = {rung.name: rung for rung in rungs}
    path = [rungs[-1]]
    while (parent := by_name.get(path[0].started_from or "")) is not None and parent not in path:
        path.insert(0, parent)
    return path if any(rung.started_from for rung in rungs) else list(rungs)


def _climbed(metric: Metric, rungs: Sequence[Rung], place: dict[str, float]) -> Series:
    points, band = [], []
    for rung in rungs:
        figure = rung.figure(metric.key)
        if figure is not None:
            points.append((place[rung.name], figure))
        if metric.key == "accuracy" and rung.accuracy_ci is not None:
            band.append((place[rung.name], *rung.accuracy_ci))
    return Series(metric.name, tuple(points), metric.colour, tuple(band), metric.marker)


def _hanging(series: Series) -> Series:
    """The line from a rung on the path to one beside it; the interval is that of the one beside."""
    return replace(series, band=series.band[-1:], side=True)


def _rates(rung: Rung) -> str:
    return ", ".join(
        f"{metric.name} {percent(rung.figure(metric.key))}"
        for metric in CLIMBED
        if rung.figure(metric.key) is not None
    )


def _sparks(
    series: Sequence[Series], text: Callable[[float], str], span: Point | None
) -> tuple[tuple[str, str], ...]:
    lines = []
    for one in map(finite, series):
        if one.points:
            heights = [y for _, y in one.points]
            lines.append(
                (f"{one.name}, {text(heights[0])} to {text(heights[-1])}", sparkline(heights, span=span))
            )
    return tuple(lines)


def _whole_percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _slug(name: str) -> str:
    return "".join(character if character.isascii() and character.isalnum() else "-" for character in name)
