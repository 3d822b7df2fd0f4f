"""Algebra: linear and quadratic equations, systems of equations, sequences.

Constructions start from the answer, a root or a solution, and build the question around it. Polynomials as
such are in `polynomials.py`.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTEGER, PAIR, RATIONAL, SET
from datagen.problems.text import boxed, grouped, linear, ordinal, polynomial


def _linear_sides(rng: random.Random, level: int) -> tuple[int, int, int, int, int]:
    """(a, p, b, c, d) of a(x + p) + b = cx + d with one rational solution, an integer below level 5."""
    x = nonzero(rng, 20)
    if level == 1:
        b = nonzero(rng, 30)
        return 1, 0, b, 0, x + b
    a = rng.randint(2, 9)
    if level == 2:
        b = nonzero(rng, 30)
        return a, 0, b, 0, a * x + b
    c = rng.choice([c for c in range(-9, 10) if c and (abs(a - c) > 1 or (a != c and level < 5))])
    if level == 3:
        b = nonzero(rng, 30)
        return a, 0, b, c, (a - c) * x + b
    p = nonzero(rng, 9)
    if level == 4:
        return a, p, 0, c, a * (x + p) - c * x
    while True:
        b, d = nonzero(rng, 30), nonzero(rng, 60)
        if (d - a * p - b) % (a - c):
            return a, p, b, c, d


@family(
    name="linear_equation",
    wordings=(
        "Solve for x: {left} = {right}",
        "Find x if {left} = {right}.",
        "Which number x satisfies the equation {left} = {right}?",
    ),
)
def linear_equation(rng: random.Random, level: int) -> Problem:
    """a(x + p) + b = cx + d with one solution, worked by collecting x on one side."""
    a, p, b, c, d = _linear_sides(rng, level)
    product = f"{a}({linear([(1, 'x'), (p, '')])})" if p else linear([(a, "x")])
    left = product + (f" {'-' if b < 0 else '+'} {abs(b)}" if b else "")
    right = linear([(c, "x"), (d, "")])
    constant = a * p + b
    lines = [f"{left} = {right}"]
    lines.append(f"{linear([(a, 'x'), (constant, '')])} = {right}")
    lines.append(f"{linear([(a - c, 'x'), (constant, '')])} = {d}")
    if a - c != 1:
        lines.append(f"{linear([(a - c, 'x')])} = {d - constant}")
    answer = str(Fraction(d - constant, a - c))
    lines.append(f"x = {boxed(answer)}")
    return Problem(
        question=linear_equation.ask(rng, left=left, right=right),
        answer=answer,
        spec=RATIONAL if level == 5 else INTEGER,
        solution="\n".join(dict.fromkeys(lines)),
        given={"a": a, "p": p, "b": b, "c": c, "d": d},
        key=("linear_equation", *sorted(((a, p, b), (c, 0, d)))),
    )


@linear_equation.proof
def _linear_equation(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    left = given["a"] * (x + given["p"]) + given["b"]
    (solution,) = sympy.solve(sympy.Eq(left, given["c"] * x + given["d"]), x)
    return str(solution)


SYSTEMS = {1: (1, 9), 2: (3, 9), 3: (5, 12), 4: (9, 20), 5: (15, 50)}  # largest coefficient, largest value


@family(
    name="linear_system",
    wordings=(
        "Solve the system {first} and {second}. Answer as (x, y).",
        "Find the pair (x, y) with {first} and {second}.",
        "Both {first} and {second} hold. What is (x, y)?",
    ),
)
def linear_system(rng: random.Random, level: int) -> Problem:
    """Two linear equations in two unknowns with one integer solution, worked by elimination."""
    largest, reach = SYSTEMS[level]
    below = SYSTEMS[level - 1][0] if level > 1 else 0
    while True:
        a, c = rng.randint(1, largest), rng.randint(1, largest)
        b, d = nonzero(rng, largest), nonzero(rng, largest)
        if a * d != b * c and max(a, abs(b), c, abs(d)) > below:
            break
    x, y = nonzero(rng, reach), nonzero(rng, reach)
    e, f = a * x + b * y, c * x + d * y
    first, second = f"{_unknowns(a, b)} = {e}", f"{_unknowns(c, d)} = {f}"
    answer = f"({x}, {y})"
    return Problem(
        question=linear_system.ask(rng, first=first, second=second),
        answer=answer,
        spec=PAIR,
        solution=f"{_elimination((a, b, e), (c, d, f))}\nThe solution is {boxed(answer)}",
        given={"first": [a, b, e], "second": [c, d, f]},
        key=("linear_system", *sorted(((a, b, e), (c, d, f)))),
    )


def _unknowns(a: int, b: int) -> str:
    return linear([(a, "x"), (b, "y")])


def _elimination(first: tuple[int, int, int], second: tuple[int, int, int]) -> str:
    """y from c * first - a * second, then x from the first equation."""
    (a, b, e), (c, d, f) = first, second
    times_first = f"First equation times {c}: {_unknowns(a * c, b * c)} = {e * c}"
    times_second = f"second equation times {a}: {_unknowns(c * a, d * a)} = {f * a}"
    factor, value = b * c - d * a, e * c - f * a
    y = value // factor
    lines = [f"{times_first}; {times_second}."]
    lines.append(f"Subtract: {linear([(factor, 'y')])} = {value}, so y = {y}.")
    lines.append(
        f"Then {linear([(a, 'x')])} = {e} - {grouped(b * y)} = {e - b * y}, so x = {(e - b * y) // a}."
    )
    return "\n".join(lines)


@linear_system.proof
def _linear_system(given: Given) -> str:
    import sympy

    (a, b, e), (c, d, f) = given["first"], given["second"]
    x, y = sympy.Matrix([[a, b], [c, d]]).LUsolve(sympy.Matrix([e, f]))
    return f"({x}, {y})"


def _quadratic_factors(rng: random.Random, level: int) -> tuple[int, int, int, int]:
    """(p, q, r, s) of (px - q)(rx - s) with two different roots.

    Level 1: positive integers; 2: a negative one; 3: a large one; 4: one fraction; 5: two fractions.
    """
    largest = (15, 15, 28, 12, 12)[level - 1]
    while True:
        q, s = nonzero(rng, largest), nonzero(rng, largest)
        p = rng.randint(2, 7) if level > 3 else 1
        r = rng.randint(2, 7) if level > 4 else 1
        fits = (
            q > 0 and s > 0
            if level == 1
            else q < 0 or s < 0
            if level == 2
            else max(abs(q), abs(s)) > 15
            if level == 3
            else q % p and (s % r or level == 4)
        )
        if fits and q * r != s * p:
            return p, q, r, s


@family(
    name="quadratic_equation",
    version=2,
    wordings=(
        "Solve {quadratic} = 0. Answer with the set of all solutions, like {{1, 2}}.",
        "Find the set of all x with {quadratic} = 0, written like {{1, 2}}.",
        "What are the roots of {quadratic}? Answer with a set, like {{1, 2}}.",
    ),
)
def quadratic_equation(rng: random.Random, level: int) -> Problem:
    """A quadratic with two rational roots, worked with the quadratic formula."""
    p, q, r, s = _quadratic_factors(rng, level)
    a, b, c = p * r, -(p * s + q * r), q * s
    roots = sorted((Fraction(q, p), Fraction(s, r)))
    discriminant, root = b * b - 4 * a * c, abs(p * s - q * r)
    answer = f"{{{roots[0]}, {roots[1]}}}"
    return Problem(
        question=quadratic_equation.ask(rng, quadratic=polynomial((a, b, c))),
        answer=answer,
        spec=SET,
        solution=f"The discriminant is {grouped(b)}^2 - 4 * {a} * {grouped(c)} = {discriminant} = {root}^2.\n"
        f"x = ({-b} - {root})/{2 * a} = {roots[0]} or x = ({-b} + {root})/{2 * a} = {roots[1]}.\n"
        f"The solutions are {boxed(answer)}",
        given={"coefficients": [a, b, c]},
        key=("quadratic_equation", a, b, c),
    )


@quadratic_equation.proof
def _quadratic_equation(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    a, b, c = given["coefficients"]
    return f"{{{', '.join(map(str, sympy.solveset(a * x**2 + b * x + c, x)))}}}"


SEQUENCES = {1: (1, 1, 9, 4, 12), 2: (1, 1, 20, 13, 30), 3: (5, 4, 20, 31, 60)}
SEQUENCES |= {4: (10, 9, 50, 61, 200), 5: (30, 20, 99, 201, 999)}
"""Per level: the largest first known place and the largest gap to the next, the largest difference, and the
places asked for from and to."""


@family(
    name="arithmetic_sequence",
    wordings=(
        "In an arithmetic sequence the {i} term is {u} and the {j} term is {v}. What is the {n} term?",
        "The {i} and {j} terms of an arithmetic sequence are {u} and {v}. Find the {n} term.",
        "A sequence changes by the same amount at every step. Its {i} term is {u} and its {j} term is {v}. "
        "Find its {n} term.",
    ),
)
def arithmetic_sequence(rng: random.Random, level: int) -> Problem:
    """A term of an arithmetic sequence from two others, worked through the common difference."""
    place, gap, largest, low, high = SEQUENCES[level]
    i = rng.randint(1, place)
    j = i + rng.randint(1, gap)
    n = rng.randint(low, high)
    step = nonzero(rng, largest)
    u = rng.randint(1, 5 * largest)
    v, answer = u + (j - i) * step, str(u + (n - i) * step)
    return Problem(
        question=arithmetic_sequence.ask(rng, i=ordinal(i), j=ordinal(j), n=ordinal(n), u=u, v=v),
        answer=answer,
        spec=INTEGER,
        solution=f"The common difference is ({v} - {u})/({j} - {i}) = {step}. "
        f"The {ordinal(n)} term is {u} + ({n} - {i}) * {grouped(step)} = {boxed(answer)}",
        given={"i": i, "j": j, "u": u, "v": v, "n": n},
        key=("arithmetic_sequence", i, u, j, v, n),
    )


@arithmetic_sequence.proof
def _arithmetic_sequence(given: Given) -> str:
    import sympy

    n = sympy.Symbol("n")
    return str(sympy.interpolate([(given["i"], given["u"]), (given["j"], given["v"])], n).subs(n, given["n"]))


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
