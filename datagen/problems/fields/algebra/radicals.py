"""Algebra with square roots: simplifying sums and products, rationalising denominators.

Where a formula of the same value would be the question itself, the answer asked for is the numbers in it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written_set, written_tuple
from datagen.problems.fields.algebra.writing import (
    Number,
    Variant,
    added,
    collection,
    plus,
    product,
    quadratic_formula,
    set_of,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import SET, TUPLE
from datagen.problems.text import boxed, grouped, linear, polynomial, square_part

SQUARE_FREE = (2, 3, 5, 6, 7, 10, 11, 13, 14, 15)
Surd = tuple[int, int]  # (a, n) of a * sqrt(n)


def _surd(term: Surd) -> str:
    return f"{ {1: '', -1: '-'}.get(term[0], f'{term[0]}*') }sqrt({term[1]})"


def _sum(terms: Sequence[Surd]) -> str:
    text = ""
    for factor, radicand in terms:
        joint = (" - " if factor < 0 else " + ") if text else "-" if factor < 0 else ""
        text += joint + (_surd((abs(factor), radicand)) if radicand != 1 else str(abs(factor)))
    return text


def _reduced(term: Surd) -> Surd:
    outside, inside = square_part(term[1])
    return term[0] * outside, inside


def _surd_terms(rng: random.Random, level: int) -> list[Surd]:
    """What is to be added up: multiples of one square root, at level 4 of two."""
    roots = rng.sample(SQUARE_FREE[: 10 if level < 4 else 6], 2 if level == 4 else 1)
    places = {1: [0], 2: [0, 0], 3: [0, 0, 0], 4: [0, 1, 0, 1]}[level]
    terms: list[Surd] = []
    for number, place in enumerate(places):
        factor = 1 if level < 3 else rng.randint(1, 5)
        factor *= rng.choice((1, -1)) if number else 1
        terms.append((factor, rng.randint(2, 12 if level == 1 else 9) ** 2 * roots[place]))
    return terms


def _collected(terms: Sequence[Surd]) -> dict[int, int]:
    """The sum by square-free radicand, zeros left out."""
    sums: dict[int, int] = {}
    for factor, inside in map(_reduced, terms):
        sums[inside] = sums.get(inside, 0) + factor
    return {inside: factor for inside, factor in sorted(sums.items()) if factor}


def _reduction(term: Surd) -> str:
    outside, inside = square_part(term[1])
    simple = _surd((outside, inside)) if inside > 1 else str(outside)
    return f"sqrt({term[1]}) = sqrt({outside**2} * {inside}) = {simple}"


@family(
    name="simplify_radical",
    wordings=(
        "Write {expression} in the form {form}, where {numbers}. Answer with {names}.",
        "The number {expression} equals {form}, where {numbers}. Find {names}.",
        "Simplify {expression} to {form}, where {numbers}. What is {names}?",
    ),
)
def simplify_radical(rng: random.Random, level: int) -> Problem:
    """A square root, a sum of square roots or a product of such sums, by taking squares out of each root."""
    while True:
        terms = _surd_terms(rng, level) if level < 5 else []
        if level == 5:
            text, lines, values, factors = _surd_product(rng)
        else:
            factors = [terms]
            text = _sum(terms)
            sums = _collected(terms)
            lines = [f"{_reduction(term)}." for term in dict.fromkeys((1, n) for _, n in terms)]
            if level > 1:
                lines.append(f"{text} = {_sum([_reduced(term) for term in terms])}.")
            values = [part for inside, factor in sums.items() for part in (factor, inside)]
        if len(values) == {4: 4, 5: 3}.get(level, 2):
            break
    form = {4: "a*sqrt(b) + c*sqrt(d)", 5: "a + b*sqrt(c)"}.get(level, "a*sqrt(b)")
    numbers = {
        4: "all four letters are integers, b and d have no square factor greater than 1 and 1 < b < d",
        5: "all three letters are integers and c > 1 has no square factor greater than 1",
    }.get(level, "both letters are integers and b > 1 has no square factor greater than 1")
    names = {4: "the tuple (a, b, c, d)", 5: "the triple (a, b, c)"}.get(level, "the pair (a, b)")
    answer = collection(values)
    simple = (
        _sum([(values[0], values[1])] if level < 4 else [(values[0], values[1]), (values[2], values[3])])
        if level < 5
        else _sum([(values[0], 1), (values[1], values[2])])
    )
    return Problem(
        question=simplify_radical.ask(rng, expression=text, form=form, numbers=numbers, names=names),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"So {text} = {simple}.", f"The numbers asked for are {boxed(answer)}"]),
        given={"factors": [[list(term) for term in factor] for factor in factors]},
        key=("simplify_radical", *sorted(tuple(sorted(factor)) for factor in factors)),
    )


def _surd_product(rng: random.Random) -> tuple[str, list[str], list[int], list[list[Surd]]]:
    """(p sqrt(a) + q sqrt(b))(r sqrt(a) + s sqrt(b)) with squares left in some of the roots."""
    a, b = rng.sample((2, 3, 5, 6, 7), 2)
    factors: list[list[Surd]] = []
    for _ in range(2):
        factor = []
        for root in (a, b):
            square = rng.choice((1, 4, 9))
            factor.append((rng.randint(1, 4) * (rng.choice((1, -1)) if factor else 1), square * root))
        factors.append(factor)
    text = "".join(f"({_sum(factor)})" for factor in factors)
    simple = [[_reduced(term) for term in factor] for factor in factors]
    lines = []
    if simple != factors:
        lines.append(
            f"Take squares out of the roots: {text} = {''.join(f'({_sum(factor)})' for factor in simple)}."
        )
    products, shown = [], []
    for p, m in simple[0]:
        for q, n in simple[1]:
            products.append((p * q, m * n))
            shown.append(f"{grouped(p)}*{grouped(q)}*sqrt({m * n})")
    lines.append(f"Multiply out: {' + '.join(shown)}.")
    sums = _collected(products)
    lines.append(f"Each root in simplest form: {_sum([_reduced(term) for term in products])}.")
    rational = sums.pop(1, 0)
    values = [rational, *(part for inside, factor in sums.items() for part in (factor, inside))]
    return text, lines, values if rational else [], factors


@simplify_radical.proof
def _simplify_radical(given: Given) -> str:
    import sympy

    factors = [sympy.Add(*(p * sympy.sqrt(n) for p, n in factor)) for factor in given["factors"]]
    terms = sympy.Add.make_args(sympy.expand(sympy.Mul(*factors)))
    parts = sorted((int(root**2), factor) for factor, root in (term.as_coeff_Mul() for term in terms))
    if parts[0][0] == 1:
        return written_tuple([parts[0][1], parts[1][1], parts[1][0]])
    return written_tuple(value for inside, factor in parts for value in (factor, inside))


Binomial = tuple[Surd, Surd]


def _multiply(left: Sequence[Surd], right: Sequence[Surd]) -> dict[int, int]:
    return _collected([(p * q, m * n) for p, m in left for q, n in right])


@family(
    name="rationalise_denominator",
    wordings=(
        "Write {expression} in the form {form} with rational numbers a and b. Answer with the pair (a, b).",
        "Rationalise the denominator of {expression}: it equals {form} with rational a and b. "
        "What is the pair (a, b)?",
        "Find the pair of rational numbers (a, b) for which {expression} = {form}.",
    ),
)
def rationalise_denominator(rng: random.Random, level: int) -> Problem:
    """A fraction with a root below, multiplied above and below by the root or by the conjugate."""
    while True:
        above, below, roots = _surd_fraction(rng, level)
        multiplier = [below[0], *((-factor, n) for factor, n in below[1:])]
        norm = _multiply(below, multiplier).get(1, 0)
        over = _multiply(above, multiplier)
        first, second = (Fraction(over.get(n, 0), norm) if norm else Fraction(0) for n in roots)
        if first and second and first != second and norm != 1:
            break
    text = f"{_grouped_sum(above)}/{_grouped_sum(below, True)}"
    by = "the root" if len(below) == 1 else f"the conjugate {_sum(multiplier)}"
    form = f"a*sqrt({roots[0]}) + b*sqrt({roots[1]})" if roots[0] > 1 else f"a + b*sqrt({roots[1]})"
    answer = collection((first, second))
    top, bottom = (
        f"{_grouped_sum(above)}*{_grouped_sum(multiplier)}",
        f"{_grouped_sum(below)}*{_grouped_sum(multiplier)}",
    )
    upper = _sum([(factor, n) for n, factor in over.items()])
    lines = [f"Multiply above and below by {by}: ({top})/({bottom})."]
    squares = _squares(below)
    lines.append(f"Below: {bottom} = {squares}{f' = {norm}' if squares != str(norm) else ''}.")
    lines.append(
        f"Above: {top if len(above) > 1 or above[0][0] != 1 or above[0][1] != 1 else _sum(multiplier)} = {upper}."
    )
    lines.append(f"So the fraction is ({upper})/{grouped(norm)}, with a = {first} and b = {second}.")
    return Problem(
        question=rationalise_denominator.ask(rng, expression=text, form=form),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The pair is {boxed(answer)}"]),
        given={
            "above": [list(term) for term in above],
            "below": [list(term) for term in below],
            "roots": roots,
        },
        key=("rationalise_denominator", tuple(sorted(above)), tuple(sorted(below))),
    )


def _grouped_sum(terms: Sequence[Surd], below: bool = False) -> str:
    text = _sum(terms)
    return f"({text})" if len(terms) > 1 or terms[0][0] < 0 or (below and "*" in text) else text


def _squares(below: Sequence[Surd]) -> str:
    """The difference of squares (or the square) that the denominator becomes."""
    squares = [factor**2 * n for factor, n in below]
    return " - ".join(map(str, squares))


def _surd_fraction(rng: random.Random, level: int) -> tuple[list[Surd], list[Surd], list[int]]:
    """Numerator, denominator, and the roots of the form asked for."""
    n = rng.choice(SQUARE_FREE)
    if level == 1:
        return [(nonzero(rng, 12), 1), (nonzero(rng, 12), n)], [(rng.randint(1, 3), n)], [1, n]
    if level == 2:
        return [(rng.randint(1, 12), 1)], [(rng.randint(1, 9), 1), (rng.choice((1, -1)), n)], [1, n]
    if level == 3:
        root = (nonzero(rng, 5), n)
        while abs(root[0]) == 1:
            root = (nonzero(rng, 5), n)
        return [(rng.randint(2, 15), 1)], [(rng.randint(1, 9), 1), root], [1, n]
    if level == 4:
        above = [(nonzero(rng, 9), 1), (nonzero(rng, 5), n)]
        return above, [(rng.randint(1, 9), 1), (nonzero(rng, 5), n)], [1, n]
    m, n = sorted(rng.sample((2, 3, 5, 7, 11, 13), 2))
    above = [(rng.randint(1, 5), m), (nonzero(rng, 5), n)]
    return above, [(rng.randint(1, 5), m), (nonzero(rng, 5), n)], [1, m * n]


@rationalise_denominator.proof
def _rationalise_denominator(given: Given) -> str:
    """a and b from the equation (a + b sqrt(n)) * denominator = numerator, root by root."""
    import sympy

    a, b = sympy.symbols("a b")
    above, below = (sympy.Add(*(p * sympy.sqrt(n) for p, n in given[side])) for side in ("above", "below"))
    first, second = given["roots"]
    form = a * sympy.sqrt(first) + b * sympy.sqrt(second)
    remaining = sympy.expand(form * below - above)
    grouped_terms: dict[object, object] = {}
    for term in sympy.Add.make_args(remaining):
        constant = term.subs({a: 1, b: 1})
        root = constant.as_coeff_Mul()[1]
        grouped_terms[root] = grouped_terms.get(root, 0) + term / root
    solution = sympy.solve(list(grouped_terms.values()), [a, b])
    return written_tuple((solution[a], solution[b]))


Root = tuple[int, int]  # (a, b) of sqrt(ax + b)


def _inside(line: Root) -> str:
    return linear([(line[0], "x"), (line[1], "")])


def _root_draw(rng: random.Random, level: int) -> tuple[Root, Root, list[int]]:
    """sqrt(ax + b) = cx + d, and the integer roots of its square."""
    if level < 3:
        a, d = (1 if level == 1 else nonzero(rng, 9)), rng.randint(1, 12)
        while level == 2 and abs(a) == 1:
            a = nonzero(rng, 9)
        return (a, nonzero(rng, 30)), (0, d), []
    while True:
        c, d = (1 if level == 3 else nonzero(rng, 4)), nonzero(rng, 9)
        u, v = nonzero(rng, 12), nonzero(rng, 12)
        a, b = 2 * c * d + c * c * (u + v), d * d - c * c * u * v
        if a and b and u != v and c * u + d >= 0 and abs(a) < 200 and (level == 3 or abs(c) > 1):
            return (a, b), (c, d), [u, v]


def _line_equation(rng: random.Random, level: int) -> tuple[str, list[str], list[Number], dict[str, object]]:
    """Levels 1 to 4: a root on one side, a number or a line on the other."""
    root, line, roots = _root_draw(rng, level)
    inside, right = _inside(root), _inside(line)
    text = f"sqrt({inside}) = {right}"
    (a, b), (c, d) = root, line
    given = {"roots": [list(root)], "signs": [1], "right": list(line)}
    if level < 3:
        x = Fraction(d * d - b, a)
        lines = [f"Square both sides: {inside} = {d * d}."]
        lines.append(f"{linear([(a, 'x')])} = {d * d - b}" + (f", so x = {x}." if a != 1 else "."))
        lines.append(f"Check: sqrt({inside}) = sqrt({d * d}) = {d}.")
        return text, lines, [x], given
    square = [c * c, 2 * c * d, d * d]
    quadratic = added(square, [a, b], -1)
    lines = [f"Square both sides: {inside} = ({right})^2 = {polynomial(square)}."]
    lines += [f"All on one side: {polynomial(quadratic)} = 0.", quadratic_formula(quadratic)]
    kept: list[Number] = []
    for x in sorted(roots):
        value, other = isqrt(a * x + b), c * x + d
        verdict = "a solution" if other >= 0 else "no solution"
        lines.append(f"Check x = {x}: sqrt({a * x + b}) = {value} and {right} = {other}: {verdict}.")
        kept += [x] if other >= 0 else []
    return text, lines, kept, given


def _two_roots(rng: random.Random) -> tuple[str, list[str], list[Number], dict[str, object]]:
    """sqrt(ax + b) = sqrt(cx + d) + e."""
    while True:
        x, m, e = rng.randint(-9, 20), rng.randint(1, 9), nonzero(rng, 4)
        a, c = rng.randint(1, 9), nonzero(rng, 6)
        n = m - e
        b, d = m * m - a * x, n * n - c * x
        if n < 0 or a == c or not b or not d:
            continue
        constant = b - d - e * e
        quadratic = added(product([a - c, constant], [a - c, constant]), [4 * e * e * c, 4 * e * e * d], -1)
        other = Fraction(-quadratic[1], quadratic[0]) - x
        if other != x and max(map(abs, quadratic)) < 20000 and other.denominator < 30:
            break
    first, second = _inside((a, b)), _inside((c, d))
    text = f"sqrt({first}) = sqrt({second}){plus(e)}"
    rest = linear([(a - c, "x"), (constant, "")])
    lines = [
        f"Square both sides: {first} = {second}{plus(e * e)} {'-' if e < 0 else '+'} {2 * abs(e)}*sqrt({second})."
    ]
    lines.append(f"Isolate the root: {rest} = {2 * e}*sqrt({second}).")
    lines.append(f"Square again and collect: {polynomial(quadratic)} = 0.")
    lines.append(quadratic_formula(quadratic))
    kept: list[Number] = []
    for value in sorted((Fraction(x), other)):
        left, right = a * value + b, c * value + d
        shown = f"Check x = {value}: sqrt({left}) and sqrt({right}){plus(e)}"
        if left < 0 or right < 0:
            lines.append(f"{shown} are no real numbers: no solution.")
            continue
        roots = [Fraction(isqrt(n.numerator), isqrt(n.denominator)) for n in (left, right)]
        fits = roots[0] == roots[1] + e
        lines.append(f"{shown} are {roots[0]} and {roots[1] + e}: {'a' if fits else 'no'} solution.")
        kept += [value] if fits else []
    return text, lines, kept, {"roots": [[a, b], [c, d]], "signs": [1, -1], "right": [0, e]}


@family(
    name="radical_equation",
    wordings=(
        "Solve {equation} over the real numbers. Answer with the set of all solutions, like {{1, 2}}.",
        "Find the set of all real x with {equation}, written like {{1, 2}}.",
        "Which real numbers x satisfy {equation}? Answer with a set, like {{1, 2}}.",
    ),
)
def radical_equation(rng: random.Random, level: int) -> Problem:
    """An equation with square roots, squared and solved; false solutions are found by checking."""
    text, lines, kept, given = _line_equation(rng, level) if level < 5 else _two_roots(rng)
    answer = set_of(kept)
    return Problem(
        question=radical_equation.ask(rng, equation=text),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines, f"The set of solutions is {boxed(answer)}"]),
        given=given,
        key=("radical_equation", text),
    )


@radical_equation.proof
def _radical_equation(given: Given) -> str:
    """The roots of the product over all signs of the square roots that satisfy the equation itself."""
    import sympy

    x, y, z = sympy.symbols("x y z")
    insides = [a * x + b for a, b in given["roots"]]
    right = given["right"][0] * x + given["right"][1]
    names = [y, z][: len(insides)]
    without = sympy.Add(*(sign * name for sign, name in zip(given["signs"], names, strict=True))) - right
    for name, inside in zip(names, insides, strict=True):
        without = sympy.resultant(without, name**2 - inside, name)
    found = []
    for candidate in sympy.roots(sympy.Poly(without, x)):
        values = [inside.subs(x, candidate) for inside in insides]
        left = sympy.Add(*(sign * sympy.sqrt(v) for sign, v in zip(given["signs"], values, strict=True)))
        if all(value >= 0 for value in values) and left == right.subs(x, candidate):
            found.append(candidate)
    return written_set(found)


@radical_equation.variants
def _false_root_kept(given: Given, answer: str) -> Variant:
    """Both roots of the squared equation."""
    kept = answer[1:-1].split(", ")
    same = [" or ".join(f"x = {x}" for x in kept)]
    if len(given["roots"]) > 1 or not given["right"][0] or len(kept) > 1:
        return same, []
    (a, b), (c, d) = given["roots"][0], given["right"]
    other = Fraction(a - 2 * c * d, c * c) - int(kept[0])
    return same, [set_of([int(kept[0]), other]), set_of([other])]
