"""How far a figure may go before a command fails: the settings, and the sentence for a figure beyond one.

A figure that was counted is beyond its limit only when its 95% interval is: a few odd rows among a few
prove nothing. A limit of 0 is broken by a single row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datagen.audit.figure import Figure
from schemas import UserError
from schemas.settings import fields_of, option_name, setting


@dataclass(frozen=True, kw_only=True)
class Limits:
    """A limit for each figure that may fail: `most_X` or `least_X` is about the figure X."""

    most_flips: float = setting(
        0.4,
        help="share of judged pairs whose winner changes with the order they are shown in",
        minimum=0,
        maximum=1,
    )
    most_ties: float = setting(
        0.5, help="share of judged pairs that the judge finds equal", minimum=0, maximum=1
    )
    most_identical: float = setting(
        0.0,
        help="share of pairs whose answers differ in case, spaces and marks at most",
        minimum=0,
        maximum=1,
    )
    most_swapped: float = setting(
        0.0,
        help="share of pairs that another pair, a score or a verified reward contradicts",
        minimum=0,
        maximum=1,
    )
    most_self_judged: float = setting(
        0.0, help="share of pairs that a model judged which wrote one of the answers", minimum=0, maximum=1
    )
    most_length_auc: float = setting(
        0.7, help="how well length alone may tell the chosen answer: 0.5 is chance", minimum=0.5, maximum=1
    )
    most_position_bias: float = setting(
        0.5, help="what being shown first may be worth, as a share of the mean margin", minimum=0
    )
    most_same_start: float = setting(
        0.5, help="share of answers that begin with the same four words", minimum=0, maximum=1
    )
    most_same_end: float = setting(
        0.5, help="share of answers that end in the same four words", minimum=0, maximum=1
    )
    most_repeated: float = setting(
        0.3, help="share of answers with the same eight words in a row", minimum=0, maximum=1
    )
    most_duplicate_rows: float = setting(
        0.02, help="share of rows that say what an earlier one says", minimum=0, maximum=1
    )
    most_duplicate_prompts: float = setting(
        0.9, help="share of rows whose prompt an earlier one has", minimum=0, maximum=1
    )
    least_distinct: float = setting(
        0.0, help="distinct pairs of words among those of the questions", minimum=0, maximum=1
    )
    most_one_label: float = setting(
        0.9, help="share of labelled rows with the commoner label", minimum=0, maximum=1
    )


@dataclass(frozen=True)
class Breach:
    """A figure beyond its limit."""

    figure: Figure
    limit: float
    option: str
    sentence: str


def breaches(figures: Sequence[Figure], limits: Limits, where: object) -> Iterator[Breach]:
    """The figures that are beyond their limits, each with one sentence that names the option."""
    by_name = {figure.name: figure for figure in figures if figure.limited}
    for name in fields_of(Limits):
        side, _, what = name.partition("_")
        figure = by_name.get(what)
        limit = getattr(limits, name)
        if figure is not None and _beyond(figure, side, limit):
            option = option_name(name)
            words = "over the most" if side == "most" else "under the least"
            said = f"{figure.says}: {told(figure)}, {words} allowed, {number(limit, figure)}"
            change = "raise" if side == "most" else "lower"
            at = f" (first at {figure.examples[0]})" if figure.examples else ""
            yield Breach(
                figure,
                limit,
                option,
                str(UserError(said + at, where=where, mend=f"mend the rows, or {change} {option}")),
            )


def _beyond(figure: Figure, side: str, limit: float) -> bool:
    if side == "most":
        sure = figure.value if limit == 0 or figure.low is None else figure.low
        return sure > limit
    sure = figure.value if figure.high is None else figure.high
    return sure < limit


def told(figure: Figure) -> str:
    """The value of a figure for a reader, with its interval where it has one."""
    value = number(figure.value, figure)
    if figure.low is None or figure.high is None or figure.value == 0:
        return value
    return f"{value} ({number(figure.low, figure)} to {number(figure.high, figure)})"


def number(value: float, figure: Figure) -> str:
    """A number as the figure is told.

    >>> number(0.123, Figure("x", 0.0, "", 1)), number(0.123, Figure("x", 0.0, "", 1, plain=True))
    ('12.3%', '0.12')
    """
    return f"{value:.2f}" if figure.plain else f"{value:.1%}"
