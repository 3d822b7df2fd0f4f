"""Algebra with complex numbers: products, quotients, powers, quadratic equations.

Products and powers are asked for as a + b*i, which the question itself is not; quotients as the pair (a, b).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written, written_set, written_tuple
from datagen.problems.fields.algebra.writing import Number, Variant, collection, magnitude, operand
from datagen.problems.numbers import nonzero
from datagen.problems.specs import PAIR, SET
from datagen.problems.text import boxed, grouped, polynomial
from verifiers import AnswerSpec

CARRIED_OUT = AnswerSpec(kind="complex", form="expanded")

Complex = tuple[Number, Number]


def _text(z: Complex) -> str:
    """`3 - 4*i`, and `5`, `-i` where a part is 0."""
    a, b = z
    imaginary = _imaginary(Fraction(magnitude(b)))
    if not b:
        return str(a)
    if not a:
        return f"{'-' if b < 0 else ''}{imaginary}"
    return f"{a} {'-' if b < 0 else '+'} {imaginary}"


def _imaginary(size: Fraction) -> str:
    number = f"{size.numerator}*" if size.numerator > 1 else ""
    return f"{number}i" + (f"/{size.denominator}" if size.denominator > 1 else "")


def _product(z: Complex, w: Complex) -> Complex:
    return z[0] * w[0] - z[1] * w[1], z[0] * w[1] + z[1] * w[0]


def _product_line(z: Complex, w: Complex) -> tuple[str, Complex]:
    """The four products, with i^2 = -1, and the value."""
    (a, b), (c, d) = z, w
    value = _product(z, w)
    real = f"{operand(a)}*{operand(c)} - {operand(b)}*{operand(d)}"
    imaginary = f"{operand(a)}*{operand(d)} + {operand(b)}*{operand(c)}"
    return f"({_text(z)})({_text(w)}) = ({real}) + ({imaginary})*i = {_text(value)}.", value


def _some(rng: random.Random, largest: int, least: int = 1) -> Complex:
    """A number with both parts other than 0, one of them at least `least` in size."""
    while True:
        z = nonzero(rng, largest), nonzero(rng, largest)
        if max(map(abs, z)) >= least:
            return z


def _whole(z: Complex) -> list[int]:
    return [int(part) for part in z]


@family(
    name="complex_product",
    wordings=(
        "Multiply out {product} and write the result as a + b*i.",
        "What is {product} in the form a + b*i, with real a, b?",
        "Compute {product}, where i^2 = -1. Answer in the form a + b*i.",
    ),
)
def complex_product(rng: random.Random, level: int) -> Problem:
    """A product of two to four complex numbers, multiplied out with i^2 = -1."""
    count = {1: 2, 2: 2, 3: 3, 4: 3, 5: 4}[level]
    large, least = {1: (6, 1), 2: (25, 7), 3: (7, 1), 4: (20, 8), 5: (9, 1)}[level]
    while True:
        factors = [_some(rng, large, least) for _ in range(count)]
        lines = ["Use i^2 = -1."]
        value = factors[0]
        for factor in factors[1:]:
            if all(value):
                line, value = _product_line(value, factor)
                lines.append(line)
        if len(lines) == count and all(value):
            break  # no part is 0 on the way
    text = "".join(f"({_text(factor)})" for factor in factors)
    answer = _text(value)
    return Problem(
        question=complex_product.ask(rng, product=text),
        answer=answer,
        spec=CARRIED_OUT,
        solution="\n".join([*lines, f"The result is {boxed(answer)}"]),
        given={"factors": [_whole(factor) for factor in factors]},
        key=("complex_product", *sorted(map(tuple, map(_whole, factors)))),
    )


@complex_product.proof
def _complex_product(given: Given) -> str:
    import sympy

    return written(sympy.expand(sympy.Mul(*(a + b * sympy.I for a, b in given["factors"]))))


@family(
    name="complex_power",
    wordings=(
        "Compute ({base})^{n} and write it as a + b*i.",
        "What is ({base})^{n} in the form a + b*i, with real a, b?",
        "Raise {base} to the {ordinal} power. Answer in the form a + b*i.",
    ),
)
def complex_power(rng: random.Random, level: int) -> Problem:
    """A power of a complex number, by squaring and multiplying."""
    n = {1: 2, 2: 3, 3: 4, 4: 5, 5: rng.randint(6, 7)}[level]
    while True:
        base = _some(rng, {1: 15, 2: 15, 3: 40, 4: 40, 5: 25}[level])
        powers: dict[int, Complex] = {1: base}
        lines = []
        exponents = {2: (2,), 3: (2, 3), 4: (2, 4), 5: (2, 4, 5), 6: (2, 4, 6), 7: (2, 4, 6, 7)}[n]
        last = 1
        for exponent in exponents:
            line, powers[exponent] = _product_line(powers[last], powers[exponent - last])
            lines.append(f"Power {exponent}: {line}")
            last = exponent
        if all(all(z) for z in powers.values()):
            break
    answer = _text(powers[n])
    name = {2: "2nd", 3: "3rd"}.get(n, f"{n}th")
    return Problem(
        question=complex_power.ask(rng, base=_text(base), n=n, ordinal=name),
        answer=answer,
        spec=CARRIED_OUT,
        solution="\n".join([*lines, f"The result is {boxed(answer)}"]),
        given={"base": _whole(base), "exponent": n},
        key=("complex_power", *_whole(base), n),
    )


@complex_power.proof
def _complex_power(given: Given) -> str:
    """By the binomial theorem, term by term."""
    from math import comb

    (a, b), n = given["base"], given["exponent"]
    terms = [(k, comb(n, k) * a ** (n - k) * b**k) for k in range(n + 1)]
    real = sum((-1) ** (k // 2) * value for k, value in terms if k % 2 == 0)
    imaginary = sum((-1) ** (k // 2) * value for k, value in terms if k % 2)
    return f"{real} + ({imaginary})*i"


def _quotient_line(z: Complex, w: Complex) -> tuple[list[str], Complex]:
    """The quotient, multiplied above and below by the conjugate."""
    c, d = w
    norm = c * c + d * d
    line, over = _product_line(z, (c, -d))
    value = Fraction(over[0]) / norm, Fraction(over[1]) / norm
    below = f"{operand(c)}^2 + {operand(magnitude(d))}^2 = {norm}"
    lines = [
        f"Multiply above and below by the conjugate {_text((c, -d))}; below stands {below}.",
        f"Above: {line}",
    ]
    return [*lines, f"So {_ratio(z, w)} = ({_text(over)})/{norm} = {_text(value)}."], value


def _ratio(z: Complex, w: Complex) -> str:
    return f"({_text(z)})/({_text(w)})"


@family(
    name="complex_quotient",
    wordings=(
        "Write {quotient} as a + b*i with real a, b. Answer with the pair (a, b).",
        "Find the real numbers for which {quotient} = a + b*i. Give the pair (a, b).",
        "Let {quotient} = a + b*i, where a, b are real. What is (a, b)?",
    ),
)
def complex_quotient(rng: random.Random, level: int) -> Problem:
    """A quotient of complex numbers, of products of them, or a sum of quotients, by the conjugate."""
    while True:
        large, count = {1: (5, 1), 2: (9, 2), 3: (7, 3), 4: (5, 4), 5: (5, 4)}[level]
        numbers = [_some(rng, large) for _ in range(count)]
        lines: list[str] = []
        if level == 1:
            w = _some(rng, 5)
            z = _product(numbers[0], w)
            numbers = [z, w]
        z, w = numbers[0], numbers[-1]
        if level == 3:
            line, z = _product_line(numbers[0], numbers[1])
            lines.append(line)
        if level == 4:
            (first, one), (second, two) = _quotient_line(*numbers[:2]), _quotient_line(*numbers[2:])
            value: Complex = one[0] + two[0], one[1] + two[1]
            lines = [*first, *second, f"The sum is {_text(value)}."]
            text = f"{_ratio(*numbers[:2])} + {_ratio(*numbers[2:])}"
        else:
            if level == 5:
                start, w = _product_line(numbers[2], numbers[3])
                square, z = _product_line(numbers[0], numbers[0])
                cube, z = _product_line(z, numbers[0])
                over, z = _product_line(z, numbers[1])
                lines = [f"Above: {square}", cube, over, f"Below: {start}"]
            text = _quotient_text(numbers, level)
            if not all(z) or not all(w):
                continue
            more, value = _quotient_line(z, w)
            lines += more
        if value[0] and value[1] and value[0] != value[1]:
            break
    answer = collection(value)
    return Problem(
        question=complex_quotient.ask(rng, quotient=text),
        answer=answer,
        spec=PAIR,
        solution="\n".join([*lines, f"The pair is {boxed(answer)}"]),
        given={"numbers": [_whole(number) for number in numbers], "shape": SHAPES[level]},
        key=("complex_quotient", SHAPES[level], *map(tuple, map(_whole, numbers))),
    )


SHAPES = {1: "z/w", 2: "z/w", 3: "z*u/w", 4: "z/w + u/v", 5: "z^3*u/(v*w)"}


def _quotient_text(numbers: Sequence[Complex], level: int) -> str:
    parts = [f"({_text(number)})" for number in numbers]
    if level == 3:
        return f"({parts[0]}{parts[1]})/{parts[2]}"
    if level == 5:
        return f"({parts[0]}^3{parts[1]})/({parts[2]}{parts[3]})"
    return f"{parts[0]}/{parts[1]}"


@complex_quotient.proof
def _complex_quotient(given: Given) -> str:
    """The real and the imaginary part from the linear equations (a + b i) * below = above."""
    import sympy

    a, b = sympy.symbols("a b", real=True)
    z, *others = [p + q * sympy.I for p, q in given["numbers"]]
    shape = given["shape"]
    if shape == "z/w + u/v":
        w, u, v = others
        above, below = z * v + u * w, w * v
    elif shape == "z^3*u/(v*w)":
        u, v, w = others
        above, below = z**3 * u, v * w
    else:
        *us, w = others
        above, below = sympy.Mul(z, *us), w
    rest = sympy.expand((a + b * sympy.I) * sympy.expand(below) - sympy.expand(above))
    solution = sympy.solve([sympy.re(rest), sympy.im(rest)], [a, b])
    return written_tuple((solution[a], solution[b]))


@complex_quotient.variants
def _sign_of_the_imaginary_part(given: Given, answer: str) -> Variant:
    a, b = answer[1:-1].split(", ")
    turned = b[1:] if b.startswith("-") else f"-{b}"
    return [f"a = {a}, b = {b}"], [f"({a}, {turned})"]


@family(
    name="complex_quadratic",
    wordings=(
        "Solve {equation} over the complex numbers. Answer with the set of all solutions, like "
        "{{1 + i, 1 - i}}.",
        "Find the set of all complex z with {equation}, written like {{1 + i, 1 - i}}.",
        "Which complex numbers z satisfy {equation}? Answer with a set, like {{1 + i, 1 - i}}.",
    ),
)
def complex_quadratic(rng: random.Random, level: int) -> Problem:
    """A quadratic equation whose solutions are not real, by the formula or by comparing parts."""
    if level < 4:
        equation, lines, solutions, given = _real_coefficients(rng, level)
    else:
        equation, lines, solutions, given = _complex_coefficients(rng, level)
    answer = collection(map(_text, solutions), "{}")
    return Problem(
        question=complex_quadratic.ask(rng, equation=equation),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines, f"The set of solutions is {boxed(answer)}"]),
        given=given,
        key=("complex_quadratic", equation),
    )


Solved = tuple[str, list[str], list[Complex], Given]


def _real_coefficients(rng: random.Random, level: int) -> Solved:
    """z^2 - 2hz + h^2 + k^2 with integers, larger ones, or a leading coefficient and fractions."""
    if level < 3:
        h, k = (nonzero(rng, 6), rng.randint(1, 6)) if level == 1 else (nonzero(rng, 20), rng.randint(7, 20))
        a = 1
        real, imaginary = Fraction(h), Fraction(k)
    else:
        a = rng.randint(2, 6)
        real = Fraction(2 * rng.randint(-25, 24) + 1, 2)
        imaginary = Fraction(2 * rng.randint(0, 20) + 1, 2)
        a *= 2
    b, c = -2 * a * real, a * (real**2 + imaginary**2)
    coefficients = [a, int(b), int(c)]
    discriminant = int(b * b - 4 * a * c)
    root = int(2 * a * imaginary)
    lines = [
        f"The discriminant is {grouped(int(b))}^2 - 4 * {a} * {int(c)} = {discriminant}.",
        f"Its square roots are {root}*i and -{root}*i.",
        f"So z = ({-int(b)} + {root}*i)/{2 * a} or z = ({-int(b)} - {root}*i)/{2 * a}.",
        f"The real part is {-int(b)}/{2 * a} = {real}.",
        f"The imaginary part is {root}/{2 * a} = {imaginary}, or the negative of it.",
    ]
    solutions: list[Complex] = [(real, imaginary), (real, -imaginary)]
    equation = f"{polynomial(coefficients, 'z')} = 0"
    return equation, lines, solutions, {"coefficients": [[c, 0] for c in coefficients]}


def _complex_coefficients(rng: random.Random, level: int) -> Solved:
    """z^2 = w at level 4; z^2 + pz + q = 0 with complex p and q at level 5."""
    x, y = nonzero(rng, 60), nonzero(rng, 60)
    while abs(x) == abs(y):
        y = nonzero(rng, 60)
    x, y = (x, y) if x > 0 else (-x, -y)
    if level == 5:
        x, y = (x - 1) % 8 + 1, ((abs(y) - 1) % 8 + 1) * (1 if y > 0 else -1)
    square = _product((x, y), (x, y)) if x != abs(y) else _product((x + 1, y), (x + 1, y))
    x = x if x != abs(y) else x + 1
    size = x * x + y * y
    root = _square_root_lines("z" if level == 4 else "w", square, size, x, y)
    if level == 4:
        return (
            f"z^2 = {_text(square)}",
            root,
            [(x, y), (-x, -y)],
            {"coefficients": [[1, 0], [0, 0], [-int(square[0]), -int(square[1])]]},
        )
    h = _some(rng, 6)
    p: Complex = (-2 * h[0], -2 * h[1])
    middle = _product(h, h)
    q: Complex = (middle[0] - square[0], middle[1] - square[1])
    if not all(q) or not all((h[0] + x, h[1] + y, h[0] - x, h[1] - y)):
        return _complex_coefficients(rng, level)
    equation = f"z^2 + ({_text(p)})*z + ({_text(q)}) = 0"
    half, last = _text((-h[0], -h[1])), _text(q)
    lines = [
        f"Half of {_text(p)} is {half}, so with w = z + ({half}):",
        f"w^2 = ({half})^2 - ({last}) = ({_text(middle)}) - ({last}) = {_text(square)}.",
        *root,
        f"And z = w + ({_text(h)}).",
    ]
    solutions: list[Complex] = [(h[0] + x, h[1] + y), (h[0] - x, h[1] - y)]
    return equation, lines, solutions, {"coefficients": [[1, 0], _whole(p), _whole(q)]}


def _square_root_lines(name: str, square: Complex, size: int, x: int, y: int) -> list[str]:
    u, v = square
    return [
        f"Let {name} = x + y*i with real x, y. Then x^2 - y^2 = {u} and 2xy = {v}.",
        f"Also x^2 + y^2 = sqrt({operand(u)}^2 + {operand(v)}^2) = {size}.",
        f"So x^2 = ({u} + {size})/2 = {x * x} and x = {x} or x = {-x}.",
        f"From 2xy = {v}: y = {v}/(2x), which is {y} or {-y}.",
        f"So {name} = {_text((x, y))} or {name} = {_text((-x, -y))}.",
    ]


@complex_quadratic.proof
def _complex_quadratic(given: Given) -> str:
    """Real and imaginary parts from two equations in real unknowns, by resultants; checked in both."""
    import sympy

    x, y = sympy.symbols("x y", real=True)
    a, b, c = (p + q * sympy.I for p, q in given["coefficients"])
    z = x + sympy.I * y
    whole = sympy.expand(a * z**2 + b * z + c)
    real, imaginary = sympy.re(whole), sympy.im(whole)
    across = sympy.roots(sympy.Poly(sympy.resultant(real, imaginary, y), x))
    upwards = sympy.roots(sympy.Poly(sympy.resultant(real, imaginary, x), y))
    return written_set(
        p + sympy.I * q
        for p in across
        for q in upwards
        if p.is_rational
        and q.is_rational
        and real.subs({x: p, y: q}) == 0
        and imaginary.subs({x: p, y: q}) == 0
    )
