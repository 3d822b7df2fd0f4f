"""Initial value problems: separable, linear of first order, linear of second order.

A checker differentiates the answer and puts it into the equation; the proofs solve by other methods.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    Number,
    applied,
    number,
    power,
    starred,
    term,
    total,
    written,
)
from datagen.problems.fields.calculus.reading import antiderivative, read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import checked_by
from datagen.problems.text import boxed
from verifiers import AnswerSpec


def _growth(rate: Number, variable: str = "x") -> str:
    """`e^(3x)`, `e^x`, `e^(-x/2)`."""
    return applied("exp", term(rate, variable))


def _spec(equation: str, *conditions: tuple[int, int, int]) -> AnswerSpec:
    """Any solution of the equation with these values: (order of the derivative, where, value)."""
    rows = [{"at": str(at), "value": str(value), "order": order} for order, at, value in conditions]
    return checked_by("ode_solution", equation=equation, conditions=rows)


def _variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Other heads, other brackets; shifted, doubled, negated, and with the constant left open."""
    solution = answer.removeprefix("y = ")
    same = [solution, f"y(x) = {solution}", f"y = ({solution})"]
    return same, [f"y = {solution} + 1", f"y = 2*({solution})", f"y = -({solution})", f"y = {solution} + x"]


Separable = tuple[str, int, str, list[str]]
"""The right side of y' = ..., the value at 0, the solution, the steps."""


def _proportional(rng: random.Random, level: int) -> Separable:
    """y' = k x^n y."""
    k, c, n = nonzero(rng, 12), nonzero(rng, 12), 0 if level == 1 else rng.randint(1, 4)
    rate = Fraction(k, n + 1)
    inside = term(rate, power(n + 1))
    right = term(k, f"{power(n)}*y" if n else "y")
    lines = [
        f"Separate: dy/y = {term(k, power(n))} dx",
        f"Integrate: ln(|y|) = {inside} + K, so y = C*{applied('exp', inside)}.",
        f"y(0) = {c} gives C = {c}.",
    ]
    return right, c, term(c, applied("exp", inside)), lines


def _root(rng: random.Random) -> Separable:
    """y' = a x^n / y."""
    a, n, c = rng.randint(1, 12), rng.randint(1, 5), nonzero(rng, 12)
    size = Fraction(2 * a, n + 1)
    under = total([term(size, power(n + 1)), str(c * c)])
    lines = [
        f"Separate: y dy = {term(a, power(n))} dx",
        f"Integrate: y^2/2 = {term(size / 2, power(n + 1))} + K",
        f"y(0) = {c} gives K = {Fraction(c * c, 2)}.",
        f"Multiply by 2: y^2 = {under}",
        f"y(0) is {'positive' if c > 0 else 'negative'}, so y is the {'positive' if c > 0 else 'negative'} root.",
    ]
    return term(a, power(n), "y"), c, f"{'-' * (c < 0)}sqrt({under})", lines


def _reciprocal(rng: random.Random) -> Separable:
    """y' = a x^n y^2."""
    a, n, c = nonzero(rng, 12), rng.randint(1, 5), nonzero(rng, 12)
    size = Fraction(a, n + 1)
    lines = [
        f"Separate: dy/y^2 = {term(a, power(n))} dx",
        f"Integrate: -1/y = {term(size, power(n + 1))} + K",
        f"y(0) = {c} gives K = {Fraction(-1, c)}.",
        f"So 1/y = {total([str(Fraction(1, c)), term(-size, power(n + 1))])}. Multiply by {c * size.denominator}:",
    ]
    bottom = total([str(size.denominator), term(-size.numerator * c, power(n + 1))])
    lines.append(f"{c * size.denominator}/y = {bottom}")
    return term(a, f"{power(n)}*y^2"), c, f"{c * size.denominator}/({bottom})", lines


def _logistic(rng: random.Random) -> Separable:
    """y' = k y (M - y)."""
    k, limit = rng.randint(1, 6), rng.randint(3, 30)
    c = rng.randint(1, limit - 1)
    share = Fraction(limit - c, c)
    decay = _growth(-k * limit)
    top, left, right = limit * share.denominator, share.denominator, share.numerator
    lines = [
        f"Separate: dy/(y*({limit} - y)) = {f'{k} ' if k > 1 else ''}dx",
        f"1/(y*({limit} - y)) = (1/{limit})*(1/y + 1/({limit} - y)).",
        f"Integrate and multiply by {limit}: ln(y) - ln({limit} - y) = {term(k * limit, 'x')} + K",
        f"So ({limit} - y)/y = C*{decay}, and y(0) = {c} gives C = {share}.",
        f"Then {limit}/y = 1 + {term(share, decay)}; solve for y.",
    ]
    return term(k, f"y*({limit} - y)"), c, f"{top}/({left} + {term(right, decay)})", lines


@family(
    name="separable_ode",
    wordings=(
        "Solve the initial value problem y' = {right}, y(0) = {start}. Answer as y = ...",
        "Find the function y(x) with y' = {right} and y(0) = {start}.",
        "The equation y' = {right} has one solution with y(0) = {start}. Which one? Give y in terms of x.",
    ),
)
def separable_ode(rng: random.Random, level: int) -> Problem:
    """A separable equation with a value at 0, worked by separating and integrating both sides."""
    make = {3: _reciprocal, 4: _root, 5: _logistic}.get(level)
    right, start, solution, lines = make(rng) if make else _proportional(rng, level)
    right, answer = starred(right), starred(f"y = {solution}")
    equation = f"y' = {right}"
    return Problem(
        question=separable_ode.ask(rng, right=right, start=start),
        answer=answer,
        spec=_spec(equation, (0, 0, start)),
        solution="\n".join([*map(starred, lines), f"The solution is {boxed(answer)}"]),
        given={"equation": equation, "start": start},
        key=("separable_ode", right, start),
    )


@separable_ode.proof
def _separable_ode(given: Given) -> str:
    import sympy

    x, y = sympy.symbols("x y")
    parts = sympy.separatevars(
        sympy.factor(read(given["equation"].removeprefix("y' = "))), dict=True, symbols=(x, y)
    )
    start = sympy.Integer(given["start"])
    along = sympy.integrate(sympy.expand(parts["coeff"] * parts[x]), x)
    across = sympy.integrate(1 / parts[y], y)
    if not across.has(sympy.log):
        found = sympy.solve(sympy.together(across - across.subs(y, start) - along), y)
        (solution,) = (each for each in found if each.subs(x, 0) == start)
        return f"y = {write(solution)}"
    scale = sympy.lcm([each.as_coeff_Mul()[0].q for each in sympy.Add.make_args(sympy.expand(across))])
    raised = sympy.exp(sympy.expand(scale * across))
    level = sympy.numer(sympy.together(raised - raised.subs(y, start) * sympy.exp(scale * along)))
    (solution,) = sympy.solve(level, y)
    return f"y = {write(solution)}"


separable_ode.variants(_variants)

Linear = tuple[str, int, int, str, list[str]]
"""The equation, where y is given, its value there, the solution, the steps."""


def _forced(rng: random.Random, level: int) -> Linear:
    """y' + a y = q(x) with a value at 0."""
    a, c = nonzero(rng, 9), nonzero(rng, 9)
    right, trial, found = _response(rng, level, a)
    at_zero, particular = found
    start = c + at_zero
    while start.denominator > 1 or not start:
        a, c = nonzero(rng, 9), nonzero(rng, 9)
        right, trial, (at_zero, particular) = _response(rng, level, a)
        start = c + at_zero
    decay = _growth(-a)
    left = total(["y'", term(a, "y")])
    lines = [
        f"The equation {left} = 0 has the solutions C*{decay}.",
        *trial,
        f"So y = {particular} + C*{decay}.",
        f"y(0) = {start} gives {f'{at_zero} + C = {start}' if at_zero else f'C = {start}'}, so C = {c}.",
    ]
    return f"{left} = {right}", 0, int(start), total([particular, term(c, decay)]), lines


def _response(rng: random.Random, level: int, a: int) -> tuple[str, list[str], tuple[Fraction, str]]:
    """A right side, the steps to a particular solution, and that solution with its value at 0."""
    if level == 1:
        b = a * nonzero(rng, 9)
        value = Fraction(b, a)
        return str(b), [f"Try y = A: {term(a, 'A')} = {b}, so A = {value}."], (value, str(value))
    if level == 3:
        m, n = nonzero(rng, 6), nonzero(rng, 9)
        lines = [
            f"Try y = A*x + B: A + {number(a)}*(A*x + B) = {written([a * m, m + a * n])}.",
            f"The x-terms give A = {m}, the rest {m} + {number(a)}*B = {m + a * n}, so B = {n}.",
        ]
        return written([a * m, m + a * n]), lines, (Fraction(n), written([m, n]))
    if level == 2:
        rate = rng.choice([each for each in range(-6, 7) if each not in (0, -a)])
        size = nonzero(rng, 9)
        lines = [
            f"Try y = A*{_growth(rate)}: then y' = {term(rate, 'A')}*{_growth(rate)},",
            f"and {rate}*A + {number(a)}*A = {size * (rate + a)}, so A = {size}.",
        ]
        return term(size * (rate + a), _growth(rate)), lines, (Fraction(size), term(size, _growth(rate)))
    rate, m, n = rng.randint(1, 6), nonzero(rng, 6), nonzero(rng, 6)
    wave, other = applied("sin", term(rate, "x")), applied("cos", term(rate, "x"))
    first, second = a * m - rate * n, a * n + rate * m
    right = total([term(first, wave), term(second, other)])
    lines = [
        f"Try y = A*{wave} + B*{other}: then y' = {term(rate, 'A')}*{other} - {term(rate, 'B')}*{wave}.",
        f"Sines: {total([term(a, 'A'), term(-rate, 'B')])} = {first}. Cosines: {total([term(rate, 'A'), term(a, 'B')])} = {second}.",
        f"The solution of these two is A = {m}, B = {n}.",
    ]
    return right, lines, (Fraction(n), total([term(m, wave), term(n, other)]))


def _variable_coefficient(rng: random.Random) -> Linear:
    """y' + (a/x) y = b x^n + d x^m with a value at 1."""
    a, c, n, m = rng.randint(1, 6), nonzero(rng, 9), *sorted(rng.sample(range(6), 2), reverse=True)
    sizes = nonzero(rng, 6), nonzero(rng, 6)
    rises = [size * (each + 1 + a) for size, each in zip(sizes, (n, m), strict=True)]
    start, factor = sum(sizes) + c, power(a)
    right = total([term(rises[0], power(n)), term(rises[1], power(m))])
    lifted = total([term(rises[0], power(n + a)), term(rises[1], power(m + a))])
    whole = total([term(sizes[0], power(n + a + 1)), term(sizes[1], power(m + a + 1))])
    lines = [
        f"The integrating factor is {factor}, because {a}/x has the antiderivative {term(a, 'ln(x)')}.",
        f"By the product rule ({factor}*y)' = {factor}*y' + {term(a, f'{power(a - 1)}*y' if a > 1 else 'y')}.",
        f"So the equation times {factor} is ({factor}*y)' = {lifted}.",
        f"Integrate: {factor}*y = {whole} + C",
        f"y(1) = {start} gives {sum(sizes)} + C = {start}, so C = {c}.",
        f"Divide by {factor}.",
    ]
    solution = total([term(sizes[0], power(n + 1)), term(sizes[1], power(m + 1)), term(c, "", factor)])
    return f"y' + {term(a, 'y', 'x')} = {right}", 1, start, solution, lines


@family(
    name="linear_ode_first_order",
    wordings=(
        "Solve the initial value problem {equation}, y({at}) = {start}{domain}. Answer as y = ...",
        "Find the solution y(x) of {equation} with y({at}) = {start}{domain}.",
        "Which function y of x satisfies {equation} and y({at}) = {start}{domain}?",
    ),
)
def linear_ode_first_order(rng: random.Random, level: int) -> Problem:
    """A linear equation of first order with an initial value, by a trial solution or an integrating factor."""
    while True:
        equation, at, start, solution, lines = (
            _variable_coefficient(rng) if level == 4 else _forced(rng, level)
        )
        if start and (level < 5 or equation.count("(") == 2):
            break
    equation, answer = starred(equation), starred(f"y = {solution}")
    return Problem(
        question=linear_ode_first_order.ask(
            rng, equation=equation, at=at, start=start, domain=" for x > 0" if level == 4 else ""
        ),
        answer=answer,
        spec=_spec(equation, (0, at, start)),
        solution="\n".join([*map(starred, lines), f"The solution is {boxed(answer)}"]),
        given={"equation": equation, "at": at, "start": start},
        key=("linear_ode_first_order", equation, at, start),
    )


@linear_ode_first_order.proof
def _linear_ode_first_order(given: Given) -> str:
    import sympy

    x, y = sympy.symbols("x y")
    left, right = given["equation"].removeprefix("y'").split(" = ")
    rate, source = sympy.diff(read(f"0{left}"), y), read(right)
    # The integrating factor turns the left side into (factor * y)'.
    factor = x ** (rate * x) if rate.has(x) else sympy.exp(rate * x)
    inside = sympy.powsimp(sympy.expand(factor * source))
    whole = sympy.Poly(inside, x).integrate().as_expr() if rate.has(x) else _integrated(inside)
    at, start = sympy.Integer(given["at"]), given["start"]
    solution = (whole - whole.subs(x, at) + start * factor.subs(x, at)) / factor
    return f"y = {write(sympy.expand(solution))}"


def _integrated(inside: Any) -> Any:
    import sympy

    return sympy.Add(*(antiderivative(each) for each in sympy.Add.make_args(inside)))


linear_ode_first_order.variants(_variants)

Second = tuple[str, int, int, str, list[str]]
"""The equation, y(0), y'(0), the solution, the steps."""


def _left_side(p: int, q: int) -> str:
    return total(["y''", term(p, "y'"), term(q, "y")])


def _characteristic(p: int, q: int, roots: str) -> str:
    return f"Characteristic equation: {written([1, p, q]).replace('x', 'r')} = 0, {roots}."


def _oscillation(rng: random.Random, middle: int) -> Second:
    """Roots m +- wi."""
    w, a, b = rng.randint(1 if middle else 2, 9 if not middle else 6), nonzero(rng, 9), nonzero(rng, 9)
    p, q = -2 * middle, middle * middle + w * w
    cosine, sine = applied("cos", term(w, "x")), applied("sin", term(w, "x"))
    wave = total([term(a, cosine), term(b, sine)])
    slope = middle * a + w * b
    imaginary = term(w, "i")
    roots = (
        f"r = {middle} + {imaginary} or r = {middle} - {imaginary}"
        if middle
        else f"r = {imaginary} or r = -{imaginary}"
    )
    growth = f"{_growth(middle)}*" if middle else ""
    second = (
        f"{term(w, 'B')} = {slope}" if not middle else f"{total([term(middle, 'A'), term(w, 'B')])} = {slope}"
    )
    lines = [
        _characteristic(p, q, roots),
        f"General solution: y = {growth}{f'(A*{cosine} + B*{sine})' if middle else f'A*{cosine} + B*{sine}'}",
        f"y(0) = {a} gives A = {a}.",
        f"y'(0) = {slope} gives {second}, so B = {b}.",
    ]
    return f"{_left_side(p, q)} = 0", a, slope, f"{growth}({wave})" if middle else wave, lines


def _double_root(rng: random.Random) -> Second:
    r, a, b = nonzero(rng, 9), nonzero(rng, 9), nonzero(rng, 9)
    slope = r * a + b
    lines = [
        _characteristic(-2 * r, r * r, f"with the double root r = {r}"),
        f"General solution: y = (A + B*x)*{_growth(r)}",
        f"y(0) = {a} gives A = {a}.",
        f"y'(0) = {slope} gives {total([term(r, 'A'), 'B'])} = {slope}, so B = {b}.",
    ]
    return f"{_left_side(-2 * r, r * r)} = 0", a, slope, f"({written([b, a])})*{_growth(r)}", lines


def _two_roots(rng: random.Random, forced: bool) -> Second:
    """Two real roots, and with `forced` an exponential or linear right side."""
    while True:
        r, s = sorted(rng.sample([each for each in range(-6, 7) if each], 2))
        a, b = nonzero(rng, 9), nonzero(rng, 9)
        p, q = -(r + s), r * s
        right, trial, particular, value, slope = (
            _second_response(rng, r, s) if forced else ("0", [], "0", 0, 0)
        )
        if a + b + value:
            break
    first, second = _growth(r), _growth(s)
    start, rise = a + b + value, r * a + s * b + slope
    general = total([particular, f"A*{first}", f"B*{second}"])
    lines = [
        _characteristic(p, q, f"r = {r} or r = {s}"),
        *trial,
        f"General solution: y = {general}",
        f"y(0) = {start} gives A + B = {start - value}, and y'(0) = {rise} gives "
        f"{total([term(r, 'A'), term(s, 'B')])} = {rise - slope}.",
        f"So A = {a} and B = {b}.",
    ]
    return (
        f"{_left_side(p, q)} = {right}",
        start,
        rise,
        total([particular, term(a, first), term(b, second)]),
        lines,
    )


def _second_response(rng: random.Random, r: int, s: int) -> tuple[str, list[str], str, int, int]:
    """Right side, steps, particular solution, its value and slope at 0."""
    p, q = -(r + s), r * s
    if rng.random() < 0.5:
        m, n = nonzero(rng, 4), nonzero(rng, 6)
        right = written([q * m, p * m + q * n])
        line = f"Try y = M*x + N: {number(p)}*M + {number(q)}*(M*x + N) = {right}, so M = {m} and N = {n}."
        return right, [line], written([m, n]), n, m
    k = rng.choice([each for each in range(-5, 6) if each not in (0, r, s)])
    m = nonzero(rng, 5)
    factor = k * k + p * k + q
    line = f"Try y = M*{_growth(k)}: ({k * k} + {number(p)}*{number(k)} + {number(q)})*M = {factor * m}, so M = {m}."
    return term(factor * m, _growth(k)), [line], term(m, _growth(k)), m, k * m


@family(
    name="second_order_ode",
    wordings=(
        "Solve {equation} with y(0) = {start} and y'(0) = {slope}. Answer as y = ...",
        "Find the solution y(x) of the initial value problem {equation}, y(0) = {start}, y'(0) = {slope}.",
        "Which function y of x satisfies {equation}, y(0) = {start} and y'(0) = {slope}?",
    ),
)
def second_order_ode(rng: random.Random, level: int) -> Problem:
    """A linear equation with constant coefficients and two initial values, by its characteristic equation."""
    if level in (1, 4):
        made = _oscillation(rng, nonzero(rng, 5) if level == 4 else 0)
    else:
        made = _double_root(rng) if level == 2 else _two_roots(rng, level == 5)
    equation, start, slope, solution, lines = made
    equation, answer = starred(equation), starred(f"y = {solution}")
    return Problem(
        question=second_order_ode.ask(rng, equation=equation, start=start, slope=slope),
        answer=answer,
        spec=_spec(equation, (0, 0, start), (1, 0, slope)),
        solution="\n".join([*map(starred, lines), f"The solution is {boxed(answer)}"]),
        given={"equation": equation, "start": start, "slope": slope},
        key=("second_order_ode", equation, start, slope),
    )


@second_order_ode.proof
def _second_order_ode(given: Given) -> str:
    import sympy

    x, s = sympy.symbols("x s")
    left, right = given["equation"].split(" = ")
    names = {"y''": "z", "y'": "t"}
    for primed, letter in names.items():
        left = left.replace(primed, letter)
    tree = read(left)
    p, q = tree.coeff(sympy.Symbol("t")), tree.coeff(sympy.Symbol("y"))
    start, slope = given["start"], given["slope"]
    # Laplace transform: (s^2 + p s + q) Y = s y(0) + y'(0) + p y(0) + R, inverted by residues.
    source = sum(
        (_transformed(each, s, x) for each in sympy.Add.make_args(sympy.expand(read(right)))), sympy.S(0)
    )
    image = sympy.together((s * start + slope + p * start + source) / (s**2 + p * s + q))
    above, below = sympy.fraction(sympy.cancel(image))
    solution = sympy.S(0)
    for root, times in sympy.roots(sympy.Poly(below, s)).items():
        rest = (
            sympy.cancel(below / (s - root) ** times)
            if root.is_rational
            else sympy.quo(below, (s - root) ** times, s)
        )
        residue = sympy.diff(above / rest * sympy.exp(s * x), s, times - 1) / sympy.factorial(times - 1)
        solution += residue.subs(s, root)
    return f"y = {write(_real(sympy.expand(solution)))}"


def _transformed(part: Any, s: Any, x: Any) -> Any:
    """The Laplace transform of a constant, a multiple of x or of an exponential."""
    import sympy

    if not part.has(x):
        return part / s
    if part.has(sympy.exp):
        (growth,) = part.atoms(sympy.exp)
        return part / growth / (s - growth.args[0] / x)
    return part / x / s**2


def _real(solution: Any) -> Any:
    """The real form of a sum of exponentials."""
    import sympy

    if not solution.has(sympy.I):
        return solution
    x = sympy.Symbol("x")
    real = solution.subs(x, sympy.Symbol("x", real=True))
    return sympy.expand(real.rewrite(sympy.cos).as_real_imag()[0]).subs(sympy.Symbol("x", real=True), x)


second_order_ode.variants(_variants)
