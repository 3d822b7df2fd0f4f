"""Limits: cancelled factors, behaviour at infinity, the standard limits at 0, rationalised roots.

Every limit is finite and is built from its answer; the proofs use L'Hopital's rule.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    Number,
    bracketed,
    equal,
    evaluated,
    number,
    power,
    product,
    put_in,
    starred,
    term,
    total,
    written,
)
from datagen.problems.fields.calculus.reading import lhopital, read
from datagen.problems.numbers import nonzero
from datagen.problems.specs import RATIONAL
from datagen.problems.text import boxed


def _fraction_text(above: list[Number], below: list[Number]) -> str:
    return f"({written(above)})/({written(below)})"


def _rest_factors(rng: random.Random, level: int) -> tuple[list[Number], list[Number]]:
    """What is left of numerator and denominator after cancelling."""
    reach = 9 if level < 5 else 6
    if level == 1:
        return [1, nonzero(rng, reach)], [1]
    if level == 2:
        return [1, nonzero(rng, reach)], [1, nonzero(rng, reach)]
    above: list[Number] = [rng.randint(2, 5), nonzero(rng, reach)]
    if level == 4:
        above.insert(1, nonzero(rng, reach))
    return above, [rng.randint(2, 5), nonzero(rng, reach)]


@family(
    name="limit_rational_at_point",
    wordings=(
        "Find the limit of {function} as x approaches {point}.",
        "What value does {function} approach as x -> {point}?",
        "Both parts of {function} are 0 at x = {point}. What is its limit as x tends to {point}?",
    ),
)
def limit_rational_at_point(rng: random.Random, level: int) -> Problem:
    """A quotient of polynomials of the form 0/0, worked by cancelling the common factor."""
    point = nonzero(rng, 9 if level < 4 else 5)
    while True:
        rest_above, rest_below = _rest_factors(rng, level)
        values = evaluated(rest_above, point), evaluated(rest_below, point)
        if all(values):
            break
    factor: list[Number] = [1, -point]
    common = product(factor, factor) if level == 5 else factor
    above, below = product(common, rest_above), product(common, rest_below)
    answer = str(Fraction(*map(int, values)))
    cancelled = f"({written(factor)})" + ("^2" if level == 5 else "")
    below_text = f"{cancelled}*({written(rest_below)})" if level > 1 else cancelled.strip("()")
    left = f"({written(rest_above)})" + (f"/({written(rest_below)})" if level > 1 else "")
    put = (
        put_in(rest_above, point)
        if level == 1
        else f"({put_in(rest_above, point)})/({put_in(rest_below, point)})"
    )
    quotient = [f"{values[0]}/{number(values[1])}"] if level > 1 else []
    lines = [
        f"At x = {point} both parts are 0, so x {'-' if point > 0 else '+'} {abs(point)} divides both.",
        f"Numerator: {written(above)} = {cancelled}*({written(rest_above)})",
    ]
    if level > 1:
        lines.append(f"Denominator: {written(below)} = {below_text}")
    lines.append(f"Cancel {cancelled}; what is left is {left.strip('()') if level == 1 else left}.")
    lines.append(f"Put in x = {point}: {equal(put, *quotient, answer)}")
    if level == 5:
        lines.insert(1, "The derivatives of both are 0 there too, so the factor can be split off twice.")
    return Problem(
        question=limit_rational_at_point.ask(rng, function=_fraction_text(above, below), point=point),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"The limit is {boxed(answer)}"]),
        given={"numerator": above, "denominator": below, "point": point},
        key=("limit_rational_at_point", point, tuple(above), tuple(below)),
    )


@limit_rational_at_point.proof
def _limit_rational_at_point(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    above, below = (sympy.Poly(given[name], x).as_expr() for name in ("numerator", "denominator"))
    return str(lhopital(above, below, given["point"], x))


def _ratio_at_infinity(rng: random.Random, level: int) -> tuple[list[int], list[int]]:
    """Numerator and denominator of one degree, the level's."""
    while True:
        above = [nonzero(rng, 9), *(rng.randint(-9, 9) for _ in range(level - 1)), nonzero(rng, 20)]
        below = [rng.randint(2, 9), *(rng.randint(-9, 9) for _ in range(level - 1)), nonzero(rng, 20)]
        if above[0] * below[-1] != above[-1] * below[0]:
            return above, below


@family(
    name="limit_at_infinity",
    wordings=(
        "Find the limit of {function} as x -> {toward}.",
        "What does {function} approach as x tends to {toward}?",
        "Let f(x) = {function}. Which number does f(x) tend to as x -> {toward}?",
    ),
)
def limit_at_infinity(rng: random.Random, level: int) -> Problem:
    """A quotient of polynomials or a square root far out, worked by dividing by the highest power."""
    sign = 1 if level < 3 or rng.random() < 0.5 else -1
    root: list[int] = []
    if level < 4:
        above, below = _ratio_at_infinity(rng, level)
        function, lines, value = _quotient_far_out(above, below, level)
    elif level == 4:
        a, c = rng.randint(1, 9), nonzero(rng, 9)
        root, above, below = [a * a, nonzero(rng, 9), rng.randint(1, 20)], [], [c, nonzero(rng, 20)]
        function, lines, value = _root_quotient_far_out(a, root, below, sign)
    else:
        a, b = rng.randint(1, 9), nonzero(rng, 20)
        root, above, below = [a * a, b, rng.randint(0, 20)], [-sign * a, nonzero(rng, 9)], [1]
        function, lines, value = _root_difference_far_out(a, root, above, sign)
    answer, toward = str(value), "infinity" if sign > 0 else "-infinity"
    return Problem(
        question=limit_at_infinity.ask(rng, function=function, toward=toward),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"The limit is {boxed(answer)}"]),
        given={"root": root, "numerator": above, "denominator": below, "toward": toward},
        key=("limit_at_infinity", sign, tuple(root), tuple(above), tuple(below)),
    )


def _shrinking(coefficients: list[int]) -> str:
    """A polynomial divided by its highest power: `3 - 2/x + 5/x^2`."""
    return total([term(each, "", power(place)) for place, each in enumerate(coefficients)])


def _quotient_far_out(above: list[int], below: list[int], level: int) -> tuple[str, list[str], Fraction]:
    value = Fraction(above[0], below[0])
    lines = [
        f"Divide numerator and denominator by {power(level)}, the highest power of x:",
        f"({_shrinking(above)})/({_shrinking(below)})",
        f"Every term with x below the line tends to 0, so the quotient tends to "
        f"{equal(f'{above[0]}/{below[0]}', value)}.",
    ]
    return _fraction_text([*above], [*below]), lines, value


def _root_quotient_far_out(
    a: int, root: list[int], below: list[int], sign: int
) -> tuple[str, list[str], Fraction]:
    size = "x" if sign > 0 else "-x"
    value = Fraction(sign * a, below[0])
    minus = "" if sign > 0 else "-"
    lines = [
        f"For large {'positive' if sign > 0 else 'negative'} x, sqrt(x^2) = |x| = {size}, so",
        f"sqrt({written(root)}) = |x|*sqrt({_shrinking(root)}) = {size}*sqrt({_shrinking(root)})",
        f"Divide numerator and denominator by x: {minus}sqrt({_shrinking(root)})/({_shrinking(below)})",
        f"The terms with x below the line tend to 0, so the quotient tends to "
        f"{minus}sqrt({root[0]})/{number(below[0])} = {value}.",
    ]
    return f"sqrt({written(root)})/({written(below)})", lines, value


def _root_difference_far_out(
    a: int, root: list[int], line: list[int], sign: int
) -> tuple[str, list[str], Fraction]:
    """sqrt(a^2x^2 + bx + c) - sign*ax + d: the root less the line it follows, and a number."""
    b, c, d = root[1], root[2], line[1]
    half = Fraction(sign * b, 2 * a)
    ax = written([a, 0])
    minus, plus = ("-", "+") if sign > 0 else ("+", "-")
    under = f"sqrt({written(root)})"
    size = "x" if sign > 0 else "-x"
    shrunk, top = _shrinking(root), _shrinking([b, c])
    lines = [
        f"Multiply {under} {minus} {ax} by ({under} {plus} {ax})/({under} {plus} {ax}):",
        f"{under} {minus} {ax} = ({written(root)} - {written([a * a, 0, 0])})/({under} {plus} {ax}) "
        f"= ({written([b, c])})/({under} {plus} {ax})",
        f"Here sqrt(x^2) = |x| = {size}. Dividing numerator and denominator by {size} gives "
        f"{'(' if sign > 0 else '-('}{top})/(sqrt({shrunk}) + {a}),",
        f"which tends to {sign * b}/({a} + {a}) = {half}.",
        f"With the number {d}: {half} {'+' if d > 0 else '-'} {abs(d)} = {half + d}.",
    ]
    return f"{under} {minus} {ax} {'+' if d > 0 else '-'} {abs(d)}", lines, half + d


@limit_at_infinity.proof
def _limit_at_infinity(given: Given) -> str:
    import sympy

    t = sympy.Symbol("t", positive=True)
    sign = 1 if given["toward"] == "infinity" else -1

    def lifted(coefficients: list[int], degree: int) -> Any:
        """t^degree times the polynomial at x = sign/t."""
        top = len(coefficients) - 1
        return sympy.Add(
            *(each * sign ** (top - n) * t ** (degree - top + n) for n, each in enumerate(coefficients))
        )

    degree = max(len(given["numerator"]), len(given["denominator"])) - 1
    above = lifted(given["numerator"], degree)
    if given["root"]:
        above += t ** (degree - 1) * sympy.sqrt(lifted(given["root"], 2))
    return str(lhopital(above, lifted(given["denominator"], degree), 0, t))


FIRST = (
    ("sin({})", "sin(u)/u -> 1"),
    ("tan({})", "tan(u)/u -> 1"),
    ("(e^({}) - 1)", "(e^u - 1)/u -> 1"),
    ("ln(1 + {})", "ln(1 + u)/u -> 1"),
)
SECOND = (
    ("(1 - cos({}))", "(1 - cos(u))/u^2 -> 1/2"),
    ("(e^({0}) - 1 - {0})", "(e^u - 1 - u)/u^2 -> 1/2"),
    ("({0} - ln(1 + {0}))", "(u - ln(1 + u))/u^2 -> 1/2"),
)
THIRD = (
    ("({0} - sin({0}))", "(u - sin(u))/u^3 -> 1/6", Fraction(1, 6)),
    ("(tan({0}) - {0})", "(tan(u) - u)/u^3 -> 1/3", Fraction(1, 3)),
    ("(tan({0}) - sin({0}))", "(tan(u) - sin(u))/u^3 -> 1/2", Fraction(1, 2)),
)
Piece = tuple[str, int, Fraction, str]
"""A function that is small at 0: its text, its order, its size (f/x^order tends to it), and why."""


def _piece(rng: random.Random, order: int, largest: int = 9) -> Piece:
    rate = rng.randint(2, largest)
    inside = f"{rate}x"
    if order == 1:
        pattern, reason = rng.choice(FIRST)
        size = Fraction(rate)
    elif order == 2:
        pattern, reason = rng.choice(SECOND)
        size = Fraction(rate**2, 2)
    else:
        pattern, reason, factor = rng.choice(THIRD)
        size = factor * rate**3
    text = pattern.format(inside)
    reason = f"{text}/{power(order)} -> {size}, because {reason} as u -> 0 (here u = {inside})."
    return text, order, size, reason


def _bare(rng: random.Random, order: int, largest: int) -> Piece:
    number = rng.randint(1, largest)
    return term(number, power(order)), order, Fraction(number), ""


def _standard_parts(rng: random.Random, level: int) -> tuple[Piece, list[Piece]]:
    """The numerator, and the factors of the denominator."""
    if level == 1:
        return _piece(rng, 1, 15), [_bare(rng, 1, 12)]
    if level == 2:
        return _piece(rng, 1), [_piece(rng, 1)]
    if level == 3:
        return _piece(rng, 2, 20), [_bare(rng, 1, 1), _piece(rng, 1, 20)]
    if level == 4:
        return _piece(rng, 2), [_piece(rng, 1), _piece(rng, 1)]
    return _piece(rng, 3, 6), [_piece(rng, 1), _piece(rng, 2)]


@family(
    name="limit_standard",
    wordings=(
        "Find the limit of {function} as x -> 0.",
        "What does {function} approach as x tends to 0?",
        "Evaluate the limit as x approaches 0 of {function}.",
    ),
)
def limit_standard(rng: random.Random, level: int) -> Problem:
    """Limits at 0 put together from sin(u)/u, (e^u - 1)/u, (1 - cos(u))/u^2 and their like."""
    while True:
        above, below = _standard_parts(rng, level)
        if above[0] not in [each[0] for each in below] and len({each[0] for each in below}) == len(below):
            break
    below.sort(key=lambda each: (bool(each[3]), each[0]))
    size = Fraction(1)
    for each in below:
        size *= each[2]
    value = above[2] / size
    texts = "*".join(each[0] for each in below)
    under = texts if len(below) == 1 and level == 2 else f"({texts})"
    under = texts if texts in ("x", "x^2") else under
    order = power(above[1])
    lines = [each[3] for each in (above, *below) if each[3]]
    sizes = "*".join(number(each[2]) for each in below if each[2] != 1 or len(below) == 1)
    under_size = f"({sizes})" if "*" in sizes else sizes
    quotient = above[2] if sizes == "1" else f"{number(above[2])}/{under_size}"
    lines.append(
        f"Divide numerator and denominator by {order}: the quotient tends to {equal(quotient, value)}."
    )
    function, answer = starred(f"{above[0]}/{under}"), str(value)
    return Problem(
        question=limit_standard.ask(rng, function=function),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*map(starred, dict.fromkeys(lines)), f"The limit is {boxed(answer)}"]),
        given={"numerator": starred(above[0]), "denominator": starred(texts)},
        key=("limit_standard", above[0], *(each[0] for each in below)),
    )


@limit_standard.proof
def _limit_standard(given: Given) -> str:
    import sympy

    return str(lhopital(read(given["numerator"]), read(given["denominator"]), 0, sympy.Symbol("x")))


@family(
    name="limit_with_root",
    wordings=(
        "Find the limit of {function} as x approaches {point}.",
        "What value does {function} approach as x -> {point}?",
        "Use a conjugate to find the limit of {function} as x tends to {point}.",
    ),
)
def limit_with_root(rng: random.Random, level: int) -> Problem:
    """A 0/0 quotient with a square root, worked by multiplying with the conjugate."""
    point, root = nonzero(rng, 12), rng.randint(2, 12)
    slope = 1 if level == 1 else rng.randint(2, 9)
    inside: list[Number] = [slope, root * root - slope * point]
    first = f"sqrt({written(inside)})"
    second, rest, other = str(root), str(root * root), 0
    if level == 5:
        other = rng.choice([each for each in range(1, 10) if each != slope])
        rest = written([other, root * root - other * point])
        second = f"sqrt({rest})"
    gap = rng.choice([each for each in range(-9, 10) if each not in (0, point)]) if level > 2 else 0
    factor: list[Number] = [1, -point]
    line = product(factor, [1, -gap]) if level > 2 else factor
    steep, away = slope - other, point - gap if level > 2 else 1
    value = Fraction(steep, 2 * root * away)
    difference, conjugate = f"{first} - {second}", f"{first} + {second}"
    under = f"({written(line)})"
    function = f"{under}/({difference})" if level == 4 else f"({difference})/{under}"
    value = 1 / value if level == 4 else value
    removed = f"{written(inside)} - {f'({rest})' if level == 5 else rest} = {_multiple(steep, point)}"
    lines = [
        f"At x = {point} both parts are 0.{' The root stands below the line.' if level == 4 else ''}",
        f"Multiply numerator and denominator by {conjugate}:",
        f"({difference})*({conjugate}) = {removed}",
    ]
    if level > 2:
        lines.append(f"{written(line)} = ({written(factor)})*({written([1, -gap])})")
    left = f"({written([1, -gap])})" if level > 2 else ""
    lines.append(_cancelled(level, steep, left, conjugate, factor))
    sums = f"({root} + {root})"
    if level == 4:
        put = f"{number(away)}*{sums}" + (f"/{steep}" if steep != 1 else "")
    else:
        put = f"{steep}/" + (f"({number(away)}*{sums})" if level > 2 else sums)
    lines.append(f"Put in x = {point}: {put} = {value}")
    answer = str(value)
    return Problem(
        question=limit_with_root.ask(rng, function=function, point=point),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"The limit is {boxed(answer)}"]),
        given={"function": function, "point": point},
        key=("limit_with_root", level == 4, point, tuple(inside), root, other, gap),
    )


def _multiple(coefficient: int, point: int) -> str:
    """`3*(x - 2)`, the number left out when it is 1."""
    return term(coefficient, bracketed([1, -point])) if coefficient != 1 else written([1, -point])


def _cancelled(level: int, steep: int, left: str, conjugate: str, factor: list[Number]) -> str:
    """What remains when the common factor is cancelled."""
    name = written(factor)
    if level == 4:
        remains = f"{left}*({conjugate})" + (f"/{steep}" if steep != 1 else "")
    else:
        remains = f"{steep}/" + (f"({left}*({conjugate}))" if left else f"({conjugate})")
    return f"Cancel {name}; what is left is {remains}."


@limit_with_root.proof
def _limit_with_root(given: Given) -> str:
    import sympy

    above, below = given["function"][1:].split(")/(")
    return str(lhopital(read(above), read(below[:-1]), given["point"], sympy.Symbol("x")))
