"""Initial value problems of second order with constant coefficients.

The proof transforms the equation (Laplace) and inverts by residues.
"""

from __future__ import annotations

import random
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    applied,
    number,
    starred,
    term,
    total,
    written,
)
from datagen.problems.fields.calculus.initial_values import growth, solution_of, solution_variants
from datagen.problems.fields.calculus.reading import read, write
from datagen.problems.numbers import nonzero
from datagen.problems.text import boxed

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
    front = f"{growth(middle)}*" if middle else ""
    second = (
        f"{term(w, 'B')} = {slope}" if not middle else f"{total([term(middle, 'A'), term(w, 'B')])} = {slope}"
    )
    lines = [
        _characteristic(p, q, roots),
        f"General solution: y = {front}{f'(A*{cosine} + B*{sine})' if middle else f'A*{cosine} + B*{sine}'}",
        f"y(0) = {a}: A = {a}.",
        f"y'(0) = {slope}: {second}, so B = {b}.",
    ]
    return f"{_left_side(p, q)} = 0", a, slope, f"{front}({wave})" if middle else wave, lines


def _double_root(rng: random.Random) -> Second:
    r, a, b = nonzero(rng, 9), nonzero(rng, 9), nonzero(rng, 9)
    slope = r * a + b
    lines = [
        _characteristic(-2 * r, r * r, f"with the double root r = {r}"),
        f"General solution: y = (A + B*x)*{growth(r)}",
        f"y(0) = {a}: A = {a}.",
        f"y'(0) = {slope}: {total([term(r, 'A'), 'B'])} = {slope}, so B = {b}.",
    ]
    return f"{_left_side(-2 * r, r * r)} = 0", a, slope, f"({written([b, a])})*{growth(r)}", lines


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
    first, second = growth(r), growth(s)
    start, rise = a + b + value, r * a + s * b + slope
    general = total([particular, f"A*{first}", f"B*{second}"])
    lines = [
        _characteristic(p, q, f"r = {r} or r = {s}"),
        *trial,
        f"General solution: y = {general}",
        f"y(0) = {start}: A + B = {start - value}, and y'(0) = {rise}: "
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
    put = f"({k * k} + {number(p)}*{number(k)} + {number(q)})*M"
    line = f"Try y = M*{growth(k)}: {put} = {factor * m}, so M = {m}."
    return term(factor * m, growth(k)), [line], term(m, growth(k)), m, k * m


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
        spec=solution_of(equation, (0, 0, start), (1, 0, slope)),
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


second_order_ode.variants(solution_variants)
