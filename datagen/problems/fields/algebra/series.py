"""Algebra with series: sums of arithmetic and geometric sequences, finite and infinite."""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.writing import operand, plus
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTEGER, RATIONAL
from datagen.problems.text import boxed, grouped, ordinal

GEOMETRIC = {1: (3, 20, 3, 4), 2: (3, 30, 5, 6), 3: (4, 30, 7, 8), 4: (5, 30, 9, 10), 5: (7, 30, 11, 12)}
"""Per level: the largest ratio, the largest first term, the number of terms from and to."""


@family(
    name="geometric_sum",
    wordings=(
        "A geometric sequence starts {first}, {second}, {third}. What is the sum of its first {n} terms?",
        "Find the sum of the first {n} terms of the geometric sequence {first}, {second}, {third}, ...",
        "Each term of the sequence {first}, {second}, {third}, ... is a fixed multiple of the one before. "
        "Add up its first {n} terms.",
    ),
)
def geometric_sum(rng: random.Random, level: int) -> Problem:
    """The sum of the first terms of a geometric sequence, worked with the closed formula."""
    largest, reach, low, high = GEOMETRIC[level]
    ratio = rng.choice((1, -1)) * rng.randint(2, largest)
    first, n = rng.randint(1, reach), rng.randint(low, high)
    power = ratio**n
    series = (power - 1) // (ratio - 1)
    answer = str(first * series)
    return Problem(
        question=geometric_sum.ask(rng, first=first, second=first * ratio, third=first * ratio**2, n=n),
        answer=answer,
        spec=INTEGER,
        solution=f"The ratio is {first * ratio}/{first} = {ratio} and {grouped(ratio)}^{n} = {power}.\n"
        f"The sum is {first} * ({power} - 1)/({ratio} - 1) = {first} * {grouped(series)} = {boxed(answer)}",
        given={"start": [first, first * ratio, first * ratio**2], "n": n},
        key=("geometric_sum", first, ratio, n),
    )


@geometric_sum.proof
def _geometric_sum(given: Given) -> str:
    first, second, third = given["start"]
    if second * second != first * third:
        raise ValueError("the sequence is not geometric")
    term, total = first, 0
    for _ in range(given["n"]):
        total += term
        term = term * second // first
    return str(total)


@family(
    name="arithmetic_series",
    wordings=(
        "{facts} What is {wanted}?",
        "Find {wanted}, given the following. {facts}",
        "{facts} Compute {wanted}.",
    ),
)
def arithmetic_series(rng: random.Random, level: int) -> Problem:
    """A sum of terms of an arithmetic sequence, worked with the mean of its first and last term."""
    step, first = nonzero(rng, 12), nonzero(rng, 30)
    make = (_sum_of_first, _sum_to_last, _sum_from_two, _sum_between, _sum_from_sums)[level - 1]
    facts, wanted, lines, answer, given = make(rng, first, step)
    return Problem(
        question=arithmetic_series.ask(rng, facts=facts, wanted=wanted),
        answer=str(answer),
        spec=INTEGER,
        solution="\n".join([*lines, f"The sum is {boxed(str(answer))}"]),
        given=given,
        key=("arithmetic_series", facts, wanted),
    )


Series = tuple[str, str, list[str], int, Given]  # facts, what is wanted, steps, the sum, given


def _total(first: int, last: int, count: int) -> tuple[str, int]:
    value = count * (first + last) // 2
    return (
        f"The sum of {count} terms from {first} to {last} is {count} * ({first}{plus(last)})/2 = {value}.",
        value,
    )


def _sum_of_first(rng: random.Random, first: int, step: int) -> Series:
    n = rng.randint(8, 20)
    last = first + (n - 1) * step
    line, value = _total(first, last, n)
    facts = f"An arithmetic sequence starts {first}, {first + step}, {first + 2 * step}, ..."
    lines = [f"The {ordinal(n)} term is {first}{plus((n - 1) * step)} = {last}.", line]
    given = {"known": [[1, first], [2, first + step]], "from": 1, "to": n}
    return facts, f"the sum of its first {n} terms", lines, value, given


def _sum_to_last(rng: random.Random, first: int, step: int) -> Series:
    n = rng.randint(10, 40)
    last = first + (n - 1) * step
    line, value = _total(first, last, n)
    start = f"{first}, {first + step}, {first + 2 * step}"
    facts = f"The finite arithmetic sequence {start}, ..., {last} ends with {last}."
    lines = [
        f"The difference is {step}, so there are ({last}{plus(-first)})/{operand(step)} + 1 = {n} terms.",
        line,
    ]
    given = {"known": [[1, first], [2, first + step]], "last": last, "from": 1}
    return facts, "the sum of all its terms", lines, value, given


def _sum_between(rng: random.Random, first: int, step: int) -> Series:
    i = rng.randint(5, 20)
    j = i + rng.randint(10, 40)
    low, high = first + (i - 1) * step, first + (j - 1) * step
    line, value = _total(low, high, j - i + 1)
    facts = f"An arithmetic sequence starts {first}, {first + step}, {first + 2 * step}, ..."
    lines = [
        f"The {ordinal(i)} term is {first}{plus((i - 1) * step)} = {low}.",
        f"The {ordinal(j)} term is {first}{plus((j - 1) * step)} = {high}.",
        f"From the {ordinal(i)} to the {ordinal(j)} there are {j} - {i} + 1 = {j - i + 1} terms.",
        line,
    ]
    given = {"known": [[1, first], [2, first + step]], "from": i, "to": j}
    return (
        facts,
        f"the sum of its terms from the {ordinal(i)} to the {ordinal(j)}, both included",
        lines,
        value,
        given,
    )


def _sum_from_two(rng: random.Random, first: int, step: int) -> Series:
    i = rng.randint(2, 8)
    j, n = i + rng.randint(3, 12), rng.randint(21, 60)
    u, v, last = (first + (place - 1) * step for place in (i, j, n))
    line, value = _total(first, last, n)
    facts = f"The {ordinal(i)} term of an arithmetic sequence is {u} and its {ordinal(j)} term is {v}."
    lines = [
        f"The difference is ({v}{plus(-u)})/({j} - {i}) = {step}.",
        f"The first term is {u}{plus(-(i - 1) * step)} = {first}.",
        f"The {ordinal(n)} term is {first}{plus((n - 1) * step)} = {last}.",
        line,
    ]
    return (
        facts,
        f"the sum of its first {n} terms",
        lines,
        value,
        {"known": [[i, u], [j, v]], "from": 1, "to": n},
    )


def _sum_from_sums(rng: random.Random, first: int, step: int) -> Series:
    m = rng.randint(4, 10)
    n, k = m + rng.randint(3, 10), rng.randint(25, 60)
    s, t, value = (place * (2 * first + (place - 1) * step) // 2 for place in (m, n, k))
    facts = f"The first {m} terms of an arithmetic sequence add up to {s}, its first {n} terms to {t}."
    means = Fraction(s, m), Fraction(t, n)
    lines = [
        "The mean of the first n terms is t + (n - 1)/2 * d, where t is the first term and d the difference.",
        f"These means are {s}/{m} = {means[0]} and {t}/{n} = {means[1]}.",
        f"Subtract: ({n} - {m})/2 * d = {means[1] - means[0]}, so d = {step}.",
        f"Then t = {means[0]} - {operand(Fraction(m - 1, 2))} * {operand(step)} = {first}.",
    ]
    line, _ = _total(first, first + (k - 1) * step, k)
    lines += [f"The {ordinal(k)} term is {first}{plus((k - 1) * step)} = {first + (k - 1) * step}.", line]
    return (
        facts,
        f"the sum of its first {k} terms",
        lines,
        value,
        {"sums": [[m, s], [n, t]], "from": 1, "to": k},
    )


@arithmetic_series.proof
def _arithmetic_series(given: Given) -> str:
    """The terms written out one after the other and added up."""
    import sympy

    first, step = sympy.symbols("first step")
    if "sums" in given:
        equations = [sum(first + i * step for i in range(n)) - total for n, total in given["sums"]]
    else:
        equations = [first + (place - 1) * step - value for place, value in given["known"]]
    solution = sympy.solve(equations, [first, step])
    term, step = int(solution[first]), int(solution[step])
    place, total = 1, 0
    while True:
        total += term if place >= given["from"] else 0
        if place == given.get("to") or term == given.get("last"):
            return str(total)
        place, term = place + 1, term + step


@family(
    name="infinite_geometric_series",
    wordings=(
        "{facts} What is {wanted}?",
        "Find {wanted}. {facts}",
        "{facts} Determine {wanted}.",
    ),
)
def infinite_geometric_series(rng: random.Random, level: int) -> Problem:
    """The sum of an infinite geometric series, or a term from the sum, by first term over 1 minus ratio."""
    make = (_unit_ratio, _any_ratio, _term_from_sum, _two_series, _sum_of_squares)[level - 1]
    facts, wanted, lines, value, given = make(rng)
    answer = str(value)
    return Problem(
        question=infinite_geometric_series.ask(rng, facts=facts, wanted=wanted),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given=given,
        key=("infinite_geometric_series", facts, wanted),
    )


Infinite = tuple[str, str, list[str], Fraction, Given]


def _ratio(rng: random.Random, largest: int) -> Fraction:
    """A ratio between -1 and 1, its numerator from 2."""
    while True:
        below = rng.randint(3, largest)
        ratio = Fraction(rng.choice((1, -1)) * rng.randint(2, below - 1), below)
        if abs(ratio.numerator) > 1:
            return ratio


def _listed_series(first: Fraction, ratio: Fraction) -> tuple[str, list[str], Fraction]:
    """`4 + 2 + 1 + ...`, the steps and the sum."""
    terms = [first, first * ratio, first * ratio**2, first * ratio**3]
    text = "".join(str(term) if not place else plus(term) for place, term in enumerate(terms)) + " + ..."
    value = first / (1 - ratio)
    lines = [f"The ratio is {operand(terms[1])}/{operand(first)} = {ratio}, between -1 and 1."]
    lines.append(
        f"The sum is {operand(first)}/(1{plus(-ratio)}) = {operand(first)}/{operand(1 - ratio)} = {value}."
    )
    return text, lines, value


def _unit_ratio(rng: random.Random) -> Infinite:
    first, ratio = Fraction(rng.randint(1, 40)), Fraction(1, rng.randint(2, 9))
    text, lines, value = _listed_series(first, ratio)
    given = {"first": str(first), "ratio": str(ratio), "wanted": "sum"}
    return f"The terms of the geometric series {text} go on for ever.", "its sum", lines, value, given


def _any_ratio(rng: random.Random) -> Infinite:
    ratio = _ratio(rng, 12)
    first = Fraction(nonzero(rng, 20), rng.randint(1, 3))
    text, lines, value = _listed_series(first, ratio)
    given = {"first": str(first), "ratio": str(ratio), "wanted": "sum"}
    return f"The terms of the geometric series {text} go on for ever.", "its sum", lines, value, given


def _term_from_sum(rng: random.Random) -> Infinite:
    ratio, total, place = _ratio(rng, 9), nonzero(rng, 60), rng.randint(2, 4)
    first = total * (1 - ratio)
    value = first * ratio ** (place - 1)
    facts = f"An infinite geometric series has the sum {total} and the ratio {ratio}."
    power = f"^{place - 1}" if place > 2 else ""
    lines = [
        f"With the first term t and the ratio r the sum is t/(1 - r): {total} = t/(1{plus(-ratio)}).",
        f"So the first term is t = {total} * {operand(1 - ratio)} = {first}.",
        f"The {ordinal(place)} term is {operand(first)} * {operand(ratio)}{power} = {value}.",
    ]
    given = {"sum": total, "ratio": str(ratio), "wanted": place}
    return facts, f"its {ordinal(place)} term", lines, value, given


def _sum_of_squares(rng: random.Random) -> Infinite:
    ratio, total = _ratio(rng, 14), nonzero(rng, 90)
    first = total * (1 - ratio)
    value = first**2 / (1 - ratio**2)
    facts = f"An infinite geometric series has the sum {total} and the first term {first}."
    rest = f"1 - r = {operand(first)}/{operand(total)} = {1 - ratio}"
    square, factor = operand(first**2), ratio**2
    lines = [
        f"With the ratio r: {total} = {operand(first)}/(1 - r), so {rest}.",
        f"The ratio is r = 1 - {operand(1 - ratio)} = {ratio}.",
        f"The squares of the terms begin with {operand(first)}^2 = {first**2}.",
        f"They too are geometric, with the ratio {operand(ratio)}^2 = {factor}.",
        f"Their sum is {square}/(1 - {factor}) = {square}/{operand(1 - factor)} = {value}.",
    ]
    given = {"sum": total, "first": str(first), "wanted": "squares"}
    return facts, "the sum of the squares of its terms", lines, value, given


def _two_series(rng: random.Random) -> Infinite:
    """The sum of (u a^n + v b^n)/c^n from n = start."""
    while True:
        c, start = rng.randint(4, 12), rng.randint(0, 2)
        a, b = sorted(rng.sample(range(2, c), 2))
        u, v = rng.randint(1, 6), nonzero(rng, 6)
        parts = [
            factor * Fraction(base, c) ** start / (1 - Fraction(base, c)) for factor, base in ((u, a), (v, b))
        ]
        value = sum(parts, Fraction(0))
        if value:
            break
    shown = [f"{'' if abs(factor) == 1 else f'{abs(factor)}*'}{base}^n" for factor, base in ((u, a), (v, b))]
    text = f"({shown[0]} {'-' if v < 0 else '+'} {shown[1]})/{c}^n"
    lines = ["Split the series into two geometric ones."]
    for factor, base, part in ((u, a, parts[0]), (v, b, parts[1])):
        ratio = Fraction(base, c)
        first = factor * ratio**start
        lines.append(
            f"Ratio {ratio}, first term {first}: the sum is {operand(first)}/(1 - {ratio}) = {part}."
        )
    lines.append(f"Together {parts[0]}{plus(parts[1])} = {value}.")
    facts = f"An infinite series has the terms {text} for n = {start}, {start + 1}, {start + 2}, ..."
    given = {"factors": [u, v], "bases": [a, b], "below": c, "from": start}
    return facts, "the sum of the series", lines, value, given


@infinite_geometric_series.proof
def _infinite_geometric_series(given: Given) -> str:
    """sympy's sum of the series; where the sum is given, an equation for what is unknown first."""
    import sympy

    n = sympy.Symbol("n", integer=True, nonnegative=True)
    if "below" in given:
        pairs = zip(given["factors"], given["bases"], strict=True)
        parts = [factor * sympy.Rational(base, given["below"]) ** n for factor, base in pairs]
        return str(sympy.Add(*(sympy.summation(part, (n, given["from"], sympy.oo)) for part in parts)))
    unknown = sympy.Symbol("unknown")
    if "sum" in given and "ratio" in given:
        ratio = sympy.Rational(given["ratio"])
        unit = sympy.summation(ratio**n, (n, 0, sympy.oo))
        (first,) = sympy.solve(unknown * unit - given["sum"], unknown)
        return str(first * ratio ** (given["wanted"] - 1))
    first = sympy.Rational(given["first"])
    if "sum" in given:
        (ratio,) = sympy.solve(first + unknown * given["sum"] - given["sum"], unknown)
        return str(sympy.summation((first * ratio**n) ** 2, (n, 0, sympy.oo)))
    return str(sympy.summation(first * sympy.Rational(given["ratio"]) ** n, (n, 0, sympy.oo)))
