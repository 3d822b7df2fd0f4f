"""Data sets in small stories, and exact numbers as text.

A setting says what was measured, in which unit and between which values; nothing else depends on it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from datagen.problems.text import listing


@dataclass(frozen=True, slots=True)
class Setting:
    """`told` has the slots {count} and {values}; `what` is one value; `measured` ones can have decimals."""

    told: str
    what: str
    low: int
    high: int
    measured: bool


SETTINGS = (
    Setting("The heights of {count} tomato plants, in cm, are {values}.", "height", 20, 120, True),
    Setting("{count} students got these marks in a test: {values}.", "mark", 20, 100, False),
    Setting(
        "On {count} days the noon temperatures, in degrees Celsius, were {values}.",
        "temperature",
        4,
        28,
        True,
    ),
    Setting("{count} runners finished a race in these times, in minutes: {values}.", "time", 18, 75, True),
    Setting("A baker weighed {count} loaves of bread, in grams: {values}.", "weight", 450, 620, True),
    Setting("On {count} days a library lent these numbers of books: {values}.", "number", 40, 240, False),
    Setting("The ages of {count} members of a choir, in years, are {values}.", "age", 16, 82, False),
    Setting("A bus driver noted the delays of {count} trips, in minutes: {values}.", "delay", 1, 35, False),
    Setting("{count} parcels weigh, in kg, {values}.", "weight", 2, 30, True),
    Setting("The prices of {count} used books, in dollars, are {values}.", "price", 3, 45, False),
    Setting("The rain of {count} weeks was measured in mm: {values}.", "amount", 2, 90, True),
    Setting("{count} long jumps were measured in cm: {values}.", "length", 280, 620, False),
)
MEASURED = tuple(each for each in SETTINGS if each.measured)
EXACT = "Give the exact value, as a fraction or a decimal."


def setting(rng: random.Random, decimal: bool = False) -> Setting:
    """One of them; one that can have decimals where `decimal`."""
    chosen = MEASURED if decimal else SETTINGS
    return chosen[int(rng.random() * len(chosen))]


def drawn(rng: random.Random, count: int, low: int, high: int) -> list[int]:
    """Whole numbers from `low` to `high`."""
    return [low + int(rng.random() * (high - low + 1)) for _ in range(count)]


def exact(value: Fraction | int) -> str:
    """A decimal where it ends within three places, else a fraction in lowest terms.

    >>> exact(Fraction(5, 2)), exact(Fraction(-7, 3)), exact(4)
    ('2.5', '-7/3', '4')
    """
    value = Fraction(value)
    if 1000 % value.denominator:
        return str(value)
    thousandths = abs(value.numerator) * (1000 // value.denominator)
    text = f"{thousandths // 1000}.{thousandths % 1000:03}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text


def tenths(units: int) -> str:
    """`units` tenths with one place: `12.0`."""
    return f"{'-' if units < 0 else ''}{abs(units) // 10}.{abs(units) % 10}"


def told(chosen: Setting, values: Sequence[int], decimal: bool = False) -> str:
    """The story with its numbers; `decimal` says that they count tenths."""
    texts = [tenths(value) if decimal else str(value) for value in values]
    return chosen.told.format(count=len(values), values=listing(texts))


def summed(values: Sequence[int], decimal: bool = False) -> str:
    """`3 + 4 - 5`, of tenths where `decimal`."""
    text = tenths(values[0]) if decimal else str(values[0])
    for value in values[1:]:
        size = tenths(abs(value)) if decimal else str(abs(value))
        text += f" {'-' if value < 0 else '+'} {size}"
    return text
