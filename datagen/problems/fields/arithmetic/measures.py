"""Measures: units of the metric system and of time, hours and minutes and seconds.

Constructions use the factor between two units; the proofs go through the base units, or `timedelta`.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import DECIMAL, TUPLE
from datagen.problems.text import boxed, decimal

# The larger unit, how many of the smaller make one of it, the smaller unit.
LENGTHS = (("km", 1000, "m"), ("m", 100, "cm"), ("m", 1000, "mm"), ("cm", 10, "mm"))
MASSES = (("kg", 1000, "g"), ("g", 1000, "mg"), ("t", 1000, "kg"), ("l", 1000, "ml"))
FARTHER = (("km", 10**5, "cm"), ("km", 10**6, "mm"), ("kg", 10**6, "mg"), ("t", 10**6, "g"))
TIMES = (("h", 3600, "s"), ("d", 1440, "min"), ("d", 86400, "s"), ("wk", 168, "h"))
AREAS = (("m^2", 10**4, "cm^2"), ("cm^2", 100, "mm^2"), ("km^2", 10**6, "m^2"), ("m^2", 10**6, "mm^2"))
VOLUMES = (("m^3", 10**6, "cm^3"), ("cm^3", 1000, "mm^3"), ("m^3", 1000, "dm^3"), ("m^3", 10**9, "mm^3"))
UNITS = {1: (*LENGTHS, *MASSES), 2: (*FARTHER, *TIMES), 3: (*AREAS, *VOLUMES)}
SUMS: tuple[tuple[str, str, int, str, int], ...] = (
    ("km", "m", 1000, "cm", 100),
    ("m", "cm", 100, "mm", 10),
    ("kg", "g", 1000, "mg", 1000),
)
SUMS += (("d", "h", 24, "min", 60), ("h", "min", 60, "s", 60), ("t", "kg", 1000, "g", 1000))
RATES = (  # unit, the same in other words, factor, other unit
    ("km/h", "1000 m in 3600 s", Fraction(5, 18), "m/s"),
    ("m/s", "3600 m in 3600 s, which is 3.6 km in 1 h", Fraction(18, 5), "km/h"),
    ("g/cm^3", "1000000 g in 1000000 cm^3, which is 1000 kg in 1 m^3", Fraction(1000), "kg/m^3"),
    ("kg/m^3", "1000 g in 1000000 cm^3", Fraction(1, 1000), "g/cm^3"),
    ("l/s", "3600 litres in 3600 s, which is 3.6 m^3 in 1 h", Fraction(18, 5), "m^3/h"),
    ("m^3/h", "1000 litres in 3600 s", Fraction(5, 18), "l/s"),
    ("l/min", "60 litres in 60 min, which is 0.06 m^3 in 1 h", Fraction(3, 50), "m^3/h"),
    ("cm/s", "3600 cm in 3600 s, which is 0.036 km in 1 h", Fraction(9, 250), "km/h"),
)
NAMES = {"l": "litres", "ml": "millilitres", "h": "hours", "min": "minutes", "s": "seconds", "d": "days"}
NAMES |= {"t": "tonnes", "wk": "weeks", "l/s": "litres per second", "l/min": "litres per minute"}
SINGLE = {"l": "litre", "h": "hour", "d": "day", "t": "tonne", "wk": "week", "l/s": "litre per second"}
SINGLE |= {"l/min": "litre per minute", "min": "minute"}


def _name(unit: str) -> str:
    return NAMES.get(unit, unit)


@family(
    name="unit_conversion",
    wordings=(
        "Convert {amount} to {other}. Give the exact number.",
        "How many {other} are {amount}, exactly?",
        "Write {amount} in {other}, without rounding.",
    ),
)
def unit_conversion(rng: random.Random, level: int) -> Problem:
    """An amount in another unit: lengths, masses, times, areas, volumes, speeds and densities."""
    amounts, other, answer, lines = (
        _one_amount(rng, level) if level < 4 else _sum_of_amounts(rng) if level == 4 else _rate(rng)
    )
    return Problem(
        question=unit_conversion.ask(
            rng, amount=" + ".join(f"{amount} {_name(unit)}" for amount, unit in amounts), other=_name(other)
        ),
        answer=answer,
        spec=DECIMAL,
        solution="\n".join([*lines, f"The number of {_name(other)} is {boxed(answer)}"]),
        given={"amounts": [list(each) for each in amounts], "to": other},
        key=("unit_conversion", tuple(amounts), other),
    )


Converted = tuple[list[tuple[str, str]], str, str, list[str]]
"""Amounts with their units, the other unit, the answer and the steps."""


def _odd_units(rng: random.Random, low: int, high: int) -> int:
    """A number whose last digit is not 0."""
    units = rng.randint(low, high - 1)
    return units + (units % 10 == 0)


def _one_amount(rng: random.Random, level: int) -> Converted:
    large, factor, small = rng.choice(UNITS[level])
    places = rng.randint(0, 2)
    units = _odd_units(rng, 2, 999) if level == 1 else _odd_units(rng, 101, 9999)
    amount = decimal(units, places)
    lines = [f"1 {SINGLE.get(large, large)} is {factor} {_name(small)}."]
    if "^" in large:
        (base, power), under = large.split("^"), small.split("^")[0]
        side = round(factor ** (1 / int(power)))
        lines.insert(0, f"1 {base} is {side} {under}, and {side}^{power} = {factor}.")
    tens = set(str(factor)) == {"1", "0"}
    if not tens or rng.random() < 0.5:
        answer = decimal(units * factor, places)
        return [(amount, large)], small, answer, [*lines, f"{amount} * {factor} = {answer}"]
    answer = decimal(units, places + len(str(factor)) - 1)
    return [(amount, small)], large, answer, [*lines, f"{amount} / {factor} = {answer}"]


def _sum_of_amounts(rng: random.Random) -> Converted:
    large, middle, factor, small, more = rng.choice(SUMS)
    places = rng.randint(0, 2) if factor % 10 == 0 else 0
    first, second, third = _odd_units(rng, 11, 99), _odd_units(rng, 11, 999), _odd_units(rng, 11, 9999)
    amounts = [(decimal(first, places), large), (str(second), middle), (str(third), small)]
    parts = [decimal(first * factor * more, places), str(second * more), str(third)]
    total = decimal(first * factor * more + (second * more + third) * 10**places, places)
    lines = [
        f"{amounts[0][0]} {_name(large)}: {amounts[0][0]} * {factor} * {more} = {parts[0]} {_name(small)}.",
        f"{second} {_name(middle)}: {second} * {more} = {parts[1]} {_name(small)}.",
        f"{' + '.join(parts)} = {total}",
    ]
    return amounts, small, total, lines


def _rate(rng: random.Random) -> Converted:
    unit, words, factor, other = RATES[int(rng.random() * len(RATES))]
    units, places = _odd_units(rng, 11, 999), rng.randint(0, 1)
    units *= 9 if factor.denominator % 9 == 0 else 1
    value, more = units * factor.numerator, 0
    while value * 10**more % factor.denominator:
        more += 1
    amount, answer = decimal(units, places), decimal(value * 10**more // factor.denominator, places + more)
    times = f"* {factor}" if factor.denominator == 1 else f"* {factor.numerator}/{factor.denominator}"
    back = 1 / factor
    check = f"* {back.numerator}" + (f"/{back.denominator}" if back.denominator > 1 else "")
    lines = [
        f"1 {SINGLE.get(unit, unit)} is {words}.",
        f"So 1 {SINGLE.get(unit, unit)} is {factor} {_name(other)}.",
        f"{amount} {times} = {answer}",
        f"Check with the factor of the way back: {answer} {check} = {amount}.",
    ]
    return [(amount, unit)], other, answer, lines


@unit_conversion.proof
def _unit_conversion(given: Given) -> str:
    import sympy

    prefixes = {"k": Fraction(1000), "d": Fraction(1, 10), "c": Fraction(1, 100), "m": Fraction(1, 1000)}
    bases = {
        "m": Fraction(1),
        "g": Fraction(1),
        "l": Fraction(1, 1000),
        "s": Fraction(1),
        "min": Fraction(60),
    }
    bases |= {"h": Fraction(3600), "d": Fraction(86400), "wk": Fraction(604800), "t": Fraction(10**6)}

    def size(unit: str) -> Fraction:
        if "/" in unit:
            above, below = unit.split("/")
            return size(above) / size(below)
        name, _, power = unit.partition("^")
        one = bases[name] if name in bases else prefixes[name[0]] * bases[name[1:]]
        return one ** int(power or 1)

    total = sum(Fraction(amount) * size(unit) for amount, unit in given["amounts"]) / size(given["to"])
    if set(sympy.factorint(total.denominator)) - {2, 5}:
        raise ValueError("the number has no end as a decimal")
    places = max([0, *sympy.factorint(total.denominator).values()])
    digits = f"{total.numerator * 10**places // total.denominator:0{places + 1}}"
    return f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}0"


@unit_conversion.variants
def _unit_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """A factor of ten, or the number as it was."""
    value = Fraction(answer)
    wrong = [value * 10, value / 10, Fraction(given["amounts"][0][0])]
    return [], [str(each) for each in wrong if each != value]


@family(
    name="time_arithmetic",
    wordings=(
        "What is {expression}? Answer as {form}.",
        "Calculate {expression} and answer as {form}.",
        "Work out {expression}. Give the result as {form}.",
    ),
)
def time_arithmetic(rng: random.Random, level: int) -> Problem:
    """Hours, minutes and seconds added, subtracted, multiplied and divided, worked unit by unit."""
    if level == 1:
        return _minutes_and_seconds(rng)
    steps, lines = _clock_sum(rng, level)
    seconds = 0
    words = []
    for sign, number in steps:
        seconds = {
            "+": seconds + number,
            "-": seconds - number,
            "*": seconds * number,
            "/": seconds // number,
        }[sign]
        words.append(f"{SPOKEN[sign]} {_time(number) if sign in '+-' else number}")
    answer = f"({seconds // 3600}, {seconds // 60 % 60}, {seconds % 60})"
    return Problem(
        question=time_arithmetic.ask(
            rng,
            expression=", ".join(words).removeprefix("plus "),
            form="(hours, minutes, seconds), with minutes and seconds below 60",
        ),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The result is {boxed(answer)}"]),
        given={"steps": [list(step) for step in steps]},
        key=("time_arithmetic", *(sorted(steps) if level < 4 else steps)),
    )


SPOKEN = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
Steps = list[tuple[str, int]]


def _clock_sum(rng: random.Random, level: int) -> tuple[Steps, list[str]]:
    """Signs and numbers, done from left to right; times are in seconds."""
    a, b, c = (rng.randint(3700, 30000) for _ in range(3))
    if level == 2:
        return [("+", a), ("+", b)], _added(a, b)
    if level == 3:
        c = min(c, a + b - 700)
        return [("+", a), ("+", b), ("-", c)], [*_added(a, b), *_subtracted(a + b, c)]
    factor = rng.randint(3, 19)
    if level == 4:
        lines = [*_multiplied(a, factor), *_added(a * factor, b)]
        return [("+", a), ("*", factor), ("+", b)], lines
    c = min(c, a + b - 700)
    lines = [*_divided(a * factor, factor), *_added(a, b), *_subtracted(a + b, c)]
    return [("+", a * factor), ("/", factor), ("+", b), ("-", c)], lines


def _time(seconds: int) -> str:
    return f"{seconds // 3600} h {seconds // 60 % 60} min {seconds % 60} s"


def _minutes_and_seconds(rng: random.Random) -> Problem:
    """Level 1: no hours."""
    first, second = rng.randint(61, 1700), rng.randint(61, 1700)
    texts = [f"{seconds // 60} min {seconds % 60} s" for seconds in (first, second)]
    seconds, minutes = first % 60 + second % 60, first // 60 + second // 60
    answer = f"({(first + second) // 60}, {(first + second) % 60})"
    lines = [f"Seconds: {first % 60} + {second % 60} = {_carried(seconds, 'min')}."]
    carry = seconds // 60
    lines.append(
        f"Minutes: {first // 60} + {second // 60}{f' + {carry}' if carry else ''} = {minutes + carry}."
    )
    return Problem(
        question=time_arithmetic.ask(
            rng, expression=f"{texts[0]} plus {texts[1]}", form="(minutes, seconds), with seconds below 60"
        ),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The result is {boxed(answer)}"]),
        given={"steps": [["+", first], ["+", second]], "short": True},
        key=("time_arithmetic", "short", min(first, second), max(first, second)),
    )


def _carried(value: int, larger: str) -> str:
    """`75 = 1 * 60 + 15, carry 1`, or the value alone below 60."""
    if value < 60:
        return str(value)
    carry = value // 60
    return f"{value} = {carry} * 60 + {value % 60}, carry {carry} {larger}"


def _added(first: int, second: int) -> list[str]:
    seconds = first % 60 + second % 60
    minutes = first // 60 % 60 + second // 60 % 60 + seconds // 60
    carries = [f" + {carry}" if carry else "" for carry in (seconds // 60, minutes // 60)]
    hours = first // 3600 + second // 3600 + minutes // 60
    return [
        f"Seconds: {first % 60} + {second % 60} = {_carried(seconds, 'min')}.",
        f"Minutes: {first // 60 % 60} + {second // 60 % 60}{carries[0]} = {_carried(minutes, 'h')}.",
        f"Hours: {first // 3600} + {second // 3600}{carries[1]} = {hours}.",
    ]


def _subtracted(first: int, second: int) -> list[str]:
    lines, borrow = [], 0
    for name, size, last in (("Seconds", 1, False), ("Minutes", 60, False), ("Hours", 3600, True)):
        top, bottom = first // size, second // size
        if not last:
            top, bottom = top % 60, bottom % 60
        lent = 60 if top - bottom - borrow < 0 else 0
        note = f" (60 borrowed: {top} + 60 = {top + 60})" if lent else ""
        taken = f" - {borrow}" if borrow else ""
        lines.append(f"{name}: {top + lent} - {bottom}{taken} = {top + lent - bottom - borrow}{note}.")
        borrow = 1 if lent else 0
    return lines


def _multiplied(time: int, factor: int) -> list[str]:
    seconds = time % 60 * factor
    minutes = time // 60 % 60 * factor + seconds // 60
    hours = time // 3600 * factor + minutes // 60
    carries = [f" + {carry}" if carry else "" for carry in (seconds // 60, minutes // 60)]
    return [
        f"Seconds: {time % 60} * {factor} = {_carried(seconds, 'min')}.",
        f"Minutes: {time // 60 % 60} * {factor}{carries[0]} = {_carried(minutes, 'h')}.",
        f"Hours: {time // 3600} * {factor}{carries[1]} = {hours}. The product is {_time(time * factor)}.",
    ]


def _divided(time: int, factor: int) -> list[str]:
    lines, rest = [], 0
    for name, size in (("Hours", 3600), ("Minutes", 60), ("Seconds", 1)):
        digit = time // size if size == 3600 else time // size % 60
        value = digit + 60 * rest
        before = f"{rest} * 60 + {digit} = {value}, and " if rest else ""
        rest = value % factor
        over = f" + {rest}" if rest else ""
        lines.append(f"{name}: {before}{value} = {factor} * {value // factor}{over}.")
    return [*lines, f"The quotient is {_time(time // factor)}."]


@time_arithmetic.proof
def _time_arithmetic(given: Given) -> str:
    from datetime import timedelta

    result = timedelta()
    for sign, number in given["steps"]:
        if sign in "+-":
            result += timedelta(seconds=number if sign == "+" else -number)
        else:
            result = result * number if sign == "*" else result / number
    minutes, seconds = divmod(result, timedelta(minutes=1))
    whole = seconds // timedelta(seconds=1)
    if given.get("short"):
        return f"({minutes}, {whole})"
    return f"({minutes // 60}, {minutes % 60}, {whole})"
