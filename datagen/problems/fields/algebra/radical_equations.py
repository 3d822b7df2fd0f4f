"""Algebra with equations between square roots: squared, solved, and freed of false solutions by checking."""

from __future__ import annotations

import random
from fractions import Fraction
from math import isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written_set
from datagen.problems.fields.algebra.writing import (
    Number,
    Variant,
    added,
    plus,
    product,
    quadratic_formula,
    set_of,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import SET
from datagen.problems.text import boxed, linear, polynomial

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
        if c * v + d >= 0 and rng.random() < 0.6:
            continue  # mostly, one of the roots should be a false one
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
    for u in sorted(roots):
        value, other = isqrt(a * u + b), c * u + d
        verdict = "a solution" if other >= 0 else "no solution"
        lines.append(f"Check x = {u}: sqrt({a * u + b}) = {value} and {right} = {other}: {verdict}.")
        kept += [u] if other >= 0 else []
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
    middle = f"{'-' if e < 0 else '+'} {2 * abs(e)}*sqrt({second})"
    lines = [f"Square both sides: {first} = {second}{plus(e * e)} {middle}."]
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
    (a, _), (c, d) = given["roots"][0], given["right"]
    other = Fraction(a - 2 * c * d, c * c) - int(kept[0])
    return same, [set_of([int(kept[0]), other]), set_of([other])]
