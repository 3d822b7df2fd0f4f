"""Statistics: tables of frequencies, running averages, percentile ranks, expected counts.

Constructions work from the counts; the proofs write every value out, or use probabilities.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.statistics.data import EXACT, SETTINGS, drawn, exact, setting, told
from datagen.problems.specs import PERCENTAGE, RATIONAL, TUPLE
from datagen.problems.text import boxed, capitalized

TABLES = (
    ("Somebody counted how many trees stand in the gardens of a village", "trees", "gardens", 0),
    ("Buses were checked for how many minutes they were late", "minutes", "buses", 0),
    ("A shop noted how many books its customers bought", "books", "customers", 1),
    ("In a game the players scored points", "points", "players", 2),
    ("Students were asked how many hours a week they read", "hours", "students", 1),
)
ROWS = {1: (3, 9), 2: (4, 15), 3: (6, 20), 4: (8, 30), 5: (10, 60)}
"""Per level: how many different values, and the largest frequency."""

Table = list[list[int]]


def _table(rng: random.Random, level: int, start: int) -> Table:
    """Pairs of a value and how often it occurs; the values follow each other."""
    count, largest = ROWS[level]
    first = start + rng.randint(0, 3)
    least = 1 if level == 1 else ROWS[level - 1][1] // 4
    return [[first + place, rng.randint(least, largest)] for place in range(count)]


def _table_text(table: Table, noun: str, owners: str) -> str:
    """`books: 2, 3; customers, in the same order: 5, 1`."""
    values, counts = (", ".join(map(str, column)) for column in zip(*table, strict=True))
    return f"{capitalized(noun)}: {values}; {owners}, in the same order: {counts}"


@family(
    name="frequency_table_mean",
    wordings=(
        "{opening} {table}. What is the mean number of {noun}? " + EXACT,
        "{opening} {table}. Compute the average number of {noun} from these frequencies. " + EXACT,
        "{opening} {table}. Over all {owners}, what do you get as the mean number of {noun}? " + EXACT,
    ),
)
def frequency_table_mean(rng: random.Random, level: int) -> Problem:
    """The mean of a table of frequencies, worked through the weighted total."""
    opening, noun, owners, start = rng.choice(TABLES)
    table = _table(rng, level, start)
    number, total = sum(times for _, times in table), sum(value * times for value, times in table)
    answer = exact(Fraction(total, number))
    products = " + ".join(f"{value}*{times}" for value, times in table)
    lines = [
        f"There are {' + '.join(str(times) for _, times in table)} = {number} values.",
        f"Together they are {products} = {total}.",
        f"The mean is {total} / {number} = {boxed(answer)}",
    ]
    return Problem(
        question=frequency_table_mean.ask(
            rng, opening=f"{opening}.", table=_table_text(table, noun, owners), noun=noun, owners=owners
        ),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(lines),
        given={"table": table},
        key=("frequency_table_mean", *map(tuple, table)),
    )


@frequency_table_mean.proof
def _frequency_table_mean(given: Given) -> str:
    from statistics import mean

    return str(mean([Fraction(value) for value, times in given["table"] for _ in range(times)]))


@frequency_table_mean.variants
def _without_frequencies(given: Given, answer: str) -> tuple[list[str], list[str]]:
    table = given["table"]
    plain = Fraction(sum(value for value, _ in table), len(table))
    by_rows = Fraction(sum(value * times for value, times in table), len(table))
    return [], [str(wrong) for wrong in (plain, by_rows) if wrong != Fraction(answer)]


@family(
    name="frequency_table_median",
    wordings=(
        "{opening} {table}. What is the median number of {noun}? " + EXACT,
        "{opening} {table}. Find the median number of {noun} from these frequencies. " + EXACT,
        "{opening} {table}. In a list of all {owners}, ordered by their number of {noun}, which "
        "number is in the "
        "middle, as the median? " + EXACT,
    ),
)
def frequency_table_median(rng: random.Random, level: int) -> Problem:
    """The median of a table of frequencies, worked by counting up."""
    opening, noun, owners, start = rng.choice(TABLES)
    table = _table(rng, level, start)
    number = sum(times for _, times in table)
    places = [(number + 1) // 2] if number % 2 else [number // 2, number // 2 + 1]
    lines = [f"There are {' + '.join(str(times) for _, times in table)} = {number} values."]
    which = f"value number {places[0]}"
    if number % 2 == 0:
        which = f"the mean of value number {places[0]} and value number {places[1]}"
    lines.append(f"In order, the median is {which}.")
    upto, found = 0, []
    counts = []
    for value, times in table:
        found += [value for place in places if upto < place <= upto + times]
        upto += times
        counts.append(f"up to {value}: {upto}")
        if len(found) == len(places):
            break
    lines.append(f"Counting up, {', '.join(counts)}.")
    answer = exact(Fraction(sum(found), len(found)))
    middle = f"({found[0]} + {found[-1]}) / 2 = " if len(found) > 1 else ""
    return Problem(
        question=frequency_table_median.ask(
            rng, opening=f"{opening}.", table=_table_text(table, noun, owners), noun=noun, owners=owners
        ),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"The median is {middle}{boxed(answer)}"]),
        given={"table": table},
        key=("frequency_table_median", *map(tuple, table)),
    )


@frequency_table_median.proof
def _frequency_table_median(given: Given) -> str:
    from statistics import median

    return str(median([Fraction(value) for value, times in given["table"] for _ in range(times)]))


WINDOWS = {1: (5, 2), 2: (6, 3), 3: (8, 4), 4: (10, 4), 5: (12, 5)}
"""Per level: how many values, and how many of them each average takes."""
SERIES = tuple(each for each in SETTINGS if each.what in ("temperature", "number", "delay", "amount"))


@family(
    name="moving_average",
    wordings=(
        "{data} Compute the moving averages of {window} values in a row, as a tuple in this order, "
        "not rounded.",
        "{data} For each {window} neighboring values, from left to right, find their mean. Give the tuple of "
        "all means, exactly.",
        "{data} Smooth this series: what are its simple moving averages with a window of {window}? "
        "Answer with a "
        "tuple of exact numbers.",
    ),
)
def moving_average(rng: random.Random, level: int) -> Problem:
    """The moving averages of a series, worked window by window."""
    count, window = WINDOWS[level]
    chosen = SERIES[int(rng.random() * len(SERIES))]
    values = drawn(rng, count, chosen.low, chosen.high)
    lines, means = [], []
    for start in range(count - window + 1):
        part = values[start : start + window]
        means.append(exact(Fraction(sum(part), window)))
        lines.append(f"({' + '.join(map(str, part))}) / {window} = {sum(part)} / {window} = {means[-1]}")
    answer = f"({', '.join(means)})"
    return Problem(
        question=moving_average.ask(rng, data=told(chosen, values), window=window),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"In order: {boxed(answer)}"]),
        given={"values": values, "window": window},
        key=("moving_average", window, *values),
    )


@moving_average.proof
def _moving_average(given: Given) -> str:
    from itertools import accumulate

    sums, window = [0, *accumulate(given["values"])], given["window"]
    means = [Fraction(after - before, window) for before, after in zip(sums, sums[window:], strict=False)]
    return f"({', '.join(map(str, means))})"


RANKS = {1: (8, 10), 2: (16, 20), 3: (25, 25), 4: (32, 32), 5: (40, 40)}
"""Per level: how many values from and to, of which those that divide 1000 are used."""


@family(
    name="percentile_rank",
    wordings=(
        "{data} The percentile rank of a value is the percentage of all values that are smaller "
        "than it, plus "
        "half the percentage of those equal to it. What is the percentile rank of {value}?",
        "{data} Find the percentile rank of {value}: the share of the values below it plus half the share of "
        "the values equal to it, as a percentage.",
        "{data} Count the values below {value} fully and those equal to it half, and divide by the number of "
        "all values. Which percentage is this percentile rank?",
    ),
)
def percentile_rank(rng: random.Random, level: int) -> Problem:
    """The percentile rank of a value in a list, worked by counting."""
    low, high = RANKS[level]
    count = rng.choice([number for number in range(low, high + 1) if not 1000 % number or number == 32])
    chosen = setting(rng)
    width = min(3 * count // 2, chosen.high - chosen.low)
    start = rng.randint(chosen.low, chosen.high - width)
    while True:
        values = drawn(rng, count, start, start + width)
        value = rng.choice(values)
        below, equal = sum(each < value for each in values), values.count(value)
        if below and (level == 1 or equal > 1) and 2 * below + equal != 2 * count:
            break
    share = Fraction(100 * (2 * below + equal), 2 * count)
    answer = f"{_decimal(share)}%"
    smaller = sorted(each for each in values if each < value)
    head = f"Below {value}: {', '.join(map(str, smaller))}."
    lines = [
        f"{head} These are {below} of {count} values."
        if below > 1
        else f"{head} This is one of {count} values.",
        f"Equal to {value}: {equal}.",
        f"({below} + {equal}/2) / {count} = {exact(Fraction(2 * below + equal, 2))} / {count} = "
        f"{boxed(answer)}",
    ]
    return Problem(
        question=percentile_rank.ask(rng, data=told(chosen, values), value=value),
        answer=answer,
        spec=PERCENTAGE,
        solution="\n".join(lines),
        given={"values": values, "value": value},
        key=("percentile_rank", value, *sorted(values)),
    )


def _decimal(value: Fraction) -> str:
    """A share of 16ths or 64ths written out: `48.4375`."""
    text = f"{value.numerator * 10**6 // value.denominator:07}"
    return f"{text[:-6]}.{text[-6:]}".rstrip("0").rstrip(".")


@percentile_rank.proof
def _percentile_rank(given: Given) -> str:
    from decimal import Decimal

    value = given["value"]
    scores = [(value > other) * 2 + (value == other) for other in given["values"]]
    return f"{Decimal(50 * sum(scores)) / len(scores)}%"


COUNTS = {1: (2, 2, 30), 2: (2, 2, 90), 3: (2, 3, 60), 4: (3, 3, 60), 5: (3, 4, 90)}
"""Per level: rows, columns, and the largest count."""


@family(
    name="expected_count",
    wordings=(
        "A survey counted people by {rows} groups and {columns} answers; the counts, a row for each "
        "group, are "
        "{table}. If group and answer were independent, what count would be expected in row {i}, column {j}? "
        + EXACT,
        "For a chi-square test of independence the observed counts are {table}, by rows. Compute "
        "the expected "
        "count of row {i}, column {j}. " + EXACT,
        "In a table of {rows} rows and {columns} columns the observed counts are {table}. Rows and "
        "columns are "
        "supposed to be independent. What is the expected count in row {i} and column {j}? " + EXACT,
    ),
)
def expected_count(rng: random.Random, level: int) -> Problem:
    """The expected count of a cell of a table under independence, from its row and column totals."""
    height, width, largest = COUNTS[level]
    least = 2 if level != 2 else 31
    table = [[rng.randint(least, largest) for _ in range(width)] for _ in range(height)]
    i, j = rng.randrange(height), rng.randrange(width)
    row, column = table[i], [each[j] for each in table]
    total = sum(map(sum, table))
    answer = exact(Fraction(sum(row) * sum(column), total))
    lines = [
        f"Row {i + 1} has the total {' + '.join(map(str, row))} = {sum(row)}.",
        f"Column {j + 1} has the total {' + '.join(map(str, column))} = {sum(column)}.",
        f"All counts: {' + '.join(str(sum(each)) for each in table)} = {total}.",
        f"The expected count is {sum(row)} * {sum(column)} / {total} = {boxed(answer)}",
    ]
    return Problem(
        question=expected_count.ask(rng, rows=height, columns=width, table=str(table), i=i + 1, j=j + 1),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(lines),
        given={"table": table, "row": i, "column": j},
        key=("expected_count", i, j, *map(tuple, table)),
    )


@expected_count.proof
def _expected_count(given: Given) -> str:
    import sympy

    counts = sympy.Matrix(given["table"])
    ones = sympy.ones(counts.cols, counts.rows)
    return str((counts * ones * counts)[given["row"], given["column"]] / (ones * counts).trace())
