"""Initial value problems of first order: separable and linear.

A checker differentiates the answer and puts it into the equation; the proofs solve by other methods.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    applied,
    number,
    power,
    starred,
    term,
    total,
    written,
)
from datagen.problems.fields.calculus.initial_values import growth, solution_of, solution_variants
from datagen.problems.fields.calculus.reading import antiderivative, read, write
from datagen.problems.numbers import nonzero
from datagen.problems.text import boxed

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
        f"y(0) = {c}: C = {c}.",
    ]
    return right, c, term(c, applied("exp", inside)), lines


def _root(rng: random.Random) -> Separable:
    """y' = a x^n / y."""
    a, n, c = rng.randint(1, 40), rng.randint(1, 5), nonzero(rng, 20)
    size = Fraction(2 * a, n + 1)
    under = total([term(size, power(n + 1)), str(c * c)])
    lines = [
        f"Separate: y dy = {term(a, power(n))} dx",
        f"Integrate: y^2/2 = {term(size / 2, power(n + 1))} + K",
        f"y(0) = {c}: K = {Fraction(c * c, 2)}.",
        f"Multiply by 2: y^2 = {under}",
        f"y(0) {'>' if c > 0 else '<'} 0, so y is the {'positive' if c > 0 else 'negative'} root.",
    ]
    return term(a, power(n), "y"), c, f"{'-' * (c < 0)}sqrt({under})", lines


def _reciprocal(rng: random.Random) -> Separable:
    """y' = a x^n y^2."""
    a, n, c = nonzero(rng, 30), rng.randint(1, 5), nonzero(rng, 15)
    size = Fraction(a, n + 1)
    lines = [
        f"Separate: dy/y^2 = {term(a, power(n))} dx",
        f"Integrate: -1/y = {term(size, power(n + 1))} + K",
        f"y(0) = {c}: K = {Fraction(-1, c)}.",
        f"So 1/y = {total([str(Fraction(1, c)), term(-size, power(n + 1))])}.",
        f"Multiply by {c * size.denominator}:",
    ]
    bottom = total([str(size.denominator), term(-size.numerator * c, power(n + 1))])
    lines.append(f"{c * size.denominator}/y = {bottom}")
    return term(a, f"{power(n)}*y^2"), c, f"{c * size.denominator}/({bottom})", lines


def _logistic(rng: random.Random) -> Separable:
    """y' = k y (M - y)."""
    k, limit = rng.randint(1, 9), rng.randint(3, 50)
    c = rng.randint(1, limit - 1)
    share = Fraction(limit - c, c)
    decay = growth(-k * limit)
    top, left, right = limit * share.denominator, share.denominator, share.numerator
    lines = [
        f"Separate: dy/(y*({limit} - y)) = {f'{k} ' if k > 1 else ''}dx",
        f"1/(y*({limit} - y)) = (1/{limit})*(1/y + 1/({limit} - y)).",
        f"Integrate and multiply by {limit}: ln(y) - ln({limit} - y) = {term(k * limit, 'x')} + K",
        f"So ({limit} - y)/y = C*{decay}, and y(0) = {c}: C = {share}.",
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
        spec=solution_of(equation, (0, 0, start)),
        solution="\n".join([*map(starred, lines), f"The solution is {boxed(answer)}"]),
        given={"equation": equation, "start": start},
        key=("separable_ode", right, start),
    )


@separable_ode.proof
def _separable_ode(given: Given) -> str:
    import sympy
    from sympy.integrals.rationaltools import ratint

    x, y = sympy.symbols("x y")
    right, start = read(given["equation"].removeprefix("y' = ")), sympy.Integer(given["start"])
    f, g = right.subs(y, start), right.subs(x, 1) / right.subs({x: 1, y: start})
    if sympy.cancel(right - f * g) != 0:
        raise ValueError("the variables cannot be separated")
    along = sympy.Poly(f, x).integrate().as_expr()
    across = ratint(sympy.cancel(1 / g), y)
    if across.has(sympy.log):
        # All logarithms have one coefficient up to sign; divided by it, they are those of whole powers.
        scale = 1 / sympy.Add.make_args(sympy.expand(across))[0].as_coeff_Mul()[0]
        across, along = sympy.exp(sympy.expand(scale * across)), sympy.exp(scale * along)
        level = across - across.subs(y, start) * along
    else:
        level = across - across.subs(y, start) - along
    equation = sympy.Poly(sympy.numer(sympy.together(level)), y)
    if equation.degree() == 1:
        return f"y = {write(-equation.nth(0) / equation.nth(1))}"
    sign = 1 if start > 0 else -1
    return f"y = {write(sign * sympy.sqrt(sympy.expand(-equation.nth(0) / equation.nth(2))))}"


separable_ode.variants(solution_variants)

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
    decay = growth(-a)
    left = total(["y'", term(a, "y")])
    lines = [
        f"The equation {left} = 0 has the solutions C*{decay}.",
        *trial,
        f"So y = {particular} + C*{decay}.",
        f"y(0) = {start}: {f'{at_zero} + C = {start}' if at_zero else f'C = {start}'}, so C = {c}.",
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
            f"Try y = A*{growth(rate)}: then y' = {term(rate, 'A')}*{growth(rate)},",
            f"and {rate}*A + {number(a)}*A = {size * (rate + a)}, so A = {size}.",
        ]
        return term(size * (rate + a), growth(rate)), lines, (Fraction(size), term(size, growth(rate)))
    rate, m, n = rng.randint(1, 6), nonzero(rng, 6), nonzero(rng, 6)
    wave, other = applied("sin", term(rate, "x")), applied("cos", term(rate, "x"))
    first, second = a * m - rate * n, a * n + rate * m
    right = total([term(first, wave), term(second, other)])
    lines = [
        f"Try y = A*{wave} + B*{other}: then y' = {term(rate, 'A')}*{other} - {term(rate, 'B')}*{wave}.",
        f"Sines: {total([term(a, 'A'), term(-rate, 'B')])} = {first}",
        f"Cosines: {total([term(rate, 'A'), term(a, 'B')])} = {second}",
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
    shift = term(a, f"{power(a - 1)}*y" if a > 1 else "y")
    lines = [
        f"The integrating factor is {factor}, because {a}/x has the antiderivative {term(a, 'ln(x)')}.",
        f"By the product rule ({factor}*y)' = {factor}*y' + {shift}.",
        f"So the equation times {factor} is ({factor}*y)' = {lifted}.",
        f"Integrate: {factor}*y = {whole} + C",
        f"y(1) = {start}: {sum(sizes)} + C = {start}, so C = {c}.",
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
    """A linear equation of first order, solved by a trial solution or an integrating factor."""
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
        spec=solution_of(equation, (0, at, start)),
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


linear_ode_first_order.variants(solution_variants)
