"""Units of measure: what a unit written after a number is worth in base units.

A unit is a dimension (exponents of base units) and a factor; words that are no unit of measure (apples,
people) are dimensions of their own. Factors are exact, from the SI brochure (9th edition, 2019) and the
international yard and pound agreement of 1959. Temperatures are compared only in one scale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

Dimension = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """`factor` base units of `dimension`: km/h is 5/18 of (("m", 1), ("s", -1))."""

    dimension: Dimension
    factor: Fraction


def _table(base: str, text: str, **powers: int) -> dict[str, Unit]:
    """`m: 1 meter metre; km: 1000 ...`: spellings and factors of units of one dimension."""
    dimension = tuple(sorted(powers.items())) if powers else ((base, 1),)
    found = {}
    for entry in text.split(";"):
        names, _, factor = entry.partition("=")
        for name in names.split():
            found[name] = Unit(dimension, Fraction(factor.strip() or "1"))
    return found


_UNITS: dict[str, Unit] = (
    _table(
        "m",
        "m meter metre; km kilometer kilometre=1000; cm centimeter centimetre=1/100; dm decimeter=1/10;"
        "mm millimeter millimetre=1/1000; um micrometer micron=1/1000000; nm nanometer=1/1000000000;"
        "in inch inche=254/10000; ft foot feet=3048/10000; yd yard=9144/10000; mi mile=1609344/1000",
    )
    | _table(
        "kg",
        "kg kilogram kilo; g gram gramme=1/1000; mg milligram=1/1000000; t tonne=1000;"
        "lb pound=45359237/100000000; oz ounce=45359237/1600000000",
    )
    | _table(
        "s",
        "s sec second; ms millisecond=1/1000; min minute=60; h hr hour=3600; d day=86400; week wk=604800",
    )
    | _table("year", "year yr; month=1/12")
    | _table("$", "$ dollar usd buck; cent penny pennie ¢=1/100")
    | _table("€", "euro eur")
    | _table("£", "sterling gbp")
    | _table("rad", "rad radian")
    | _table("degree", "degree deg °")
    | _table("K", "k kelvin")
    | _table("A", "a amp ampere")
    | _table("mol", "mol mole")
    | _table(
        "",
        "l liter litre=1/1000; ml milliliter millilitre cc=1/1000000; cl=1/100000; dl=1/10000; hl=1/10",
        m=3,
    )
    | _table("", "n newton", kg=1, m=1, s=-2)
    | _table("", "j joule; kj=1000; kwh=3600000", kg=1, m=2, s=-2)
    | _table("", "w watt; kw=1000; mw=1000000", kg=1, m=2, s=-3)
    | _table("", "pa pascal; kpa=1000; atm=101325; bar=100000", kg=1, m=-1, s=-2)
    | _table("", "hz hertz; khz=1000", s=-1)
    | _table("", "mph=1609344/3600000", m=1, s=-1)
    | _table("", "kph kmh=5/18", m=1, s=-1)
    | _table("", "hectare ha=10000; acre=40468564224/10000000", m=2)
)
#: Letters whose case tells units apart.
_CAPITALS = {
    letter: _UNITS.get(letter.lower(), Unit(((name, 1),), Fraction(1)))
    if letter in "NJW"
    else Unit(((name, 1),), Fraction(1))
    for letter, name in zip("NJWAVCFTHSK", ("", "", "", "A", "V", "C", "F", "T", "H", "S", "K"), strict=True)
}
#: Words that say that something is counted, and not what.
_NEUTRAL = frozenset({"unit", "u", "the", "of", "a", "an", "in", "total", "each"})
_POWERS = {"square": 2, "sq": 2, "squared": 2, "cubic": 3, "cu": 3, "cubed": 3}
_PIECE = re.compile(r"([/*·⋅ ])|([^/*·⋅ ]+)")
_RAISED = re.compile(r"(.*?)\^?\{?(-?\d)\}?")


@lru_cache(maxsize=1024)
def unit_of(text: str) -> Unit | None:
    """The unit of `cm^2`, `square metres`, `miles per hour`, `apples`; None when it says nothing.

    >>> unit_of("km/h").factor
    Fraction(5, 18)
    """
    exponents: dict[str, int] = {}
    factor, sign, pending = Fraction(1), 1, 1
    last: tuple[Unit, int] | None = None
    for match in _PIECE.finditer(text.strip(" .")):
        separator, word = match.groups()
        if separator is not None:
            sign = -1 if separator == "/" else sign
            continue
        if word.lower() == "per":
            sign = -1
            continue
        power = _POWERS.get(word.lower().rstrip("."))
        if power is not None and word.lower() in ("squared", "cubed"):
            if last is not None:
                factor *= _add(exponents, last[0], last[1] * (power - 1))
            continue
        if power is not None:
            pending = power
            continue
        found, raised = _word(word)
        if found is None:
            continue
        exponent = sign * raised * pending
        factor *= _add(exponents, found, exponent)
        last, pending, sign = (found, exponent), 1, 1
    dimension = tuple(sorted((name, power) for name, power in exponents.items() if power))
    return Unit(dimension, factor) if dimension else None


def _add(exponents: dict[str, int], unit: Unit, power: int) -> Fraction:
    for name, exponent in unit.dimension:
        exponents[name] = exponents.get(name, 0) + exponent * power
    return unit.factor**power


def _word(word: str) -> tuple[Unit | None, int]:
    """A unit and the exponent written at it; words that say nothing are None."""
    match = _RAISED.fullmatch(word)
    name, raised = (match.group(1), int(match.group(2))) if match else (word, 1)
    if len(name) > 1 and name.endswith(("2", "3")) and name[:-1].lower() in _UNITS:
        name, raised = name[:-1], int(name[-1])
    if name in _CAPITALS:
        return _CAPITALS[name], raised
    bare = name.strip(".,").lower()
    singular = bare if bare in _UNITS else bare[:-1] if bare.endswith("s") and len(bare) > 2 else bare
    if singular in _NEUTRAL or not singular:
        return None, 1
    return _UNITS.get(singular) or Unit(((singular, 1),), Fraction(1)), raised
