"""Algebra with logarithms: their values, and equations between them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written_set
from datagen.problems.fields.algebra.writing import (
    Variant,
    bracketed,
    product,
    quadratic_formula,
    rational_roots,
    set_of,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import RATIONAL, SET
from datagen.problems.text import boxed, grouped, linear, listing, polynomial

Logarithm = tuple[int, int, int]  # sign, base, argument


def _logarithm_text(terms: Sequence[Logarithm]) -> str:
    text = ""
    for sign, base, argument in terms:
        joint = (" + " if sign > 0 else " - ") if text else ""
        text += f"{joint}log_{base}({argument})"
    return text


def _log_draw(rng: random.Random, level: int) -> tuple[str, list[str], Fraction, list[list[str]]]:
    """Text, steps, value, and the logarithms as [sign, base, argument] or products of them."""
    if level == 1:
        base, power = rng.randint(2, 12), rng.choice((-3, -2, -1, 2, 3, 4, 5))
        argument = Fraction(base) ** power
        line = f"{base}^{grouped(power) if power > 0 else f'({power})'} = {argument}."
        return f"log_{base}({argument})", [line], Fraction(power), [["1", str(base), str(argument)]]
    if level == 2:
        root, m, n = (
            rng.choice((2, 3, 5, 6, 7, 10)),
            rng.randint(2, 4),
            rng.choice((-3, -2, -1, 1, 2, 3, 4, 5)),
        )
        base, argument = root**m, Fraction(root) ** n
        while n % m == 0 or (argument.numerator > 20000):
            n = rng.choice((-3, -2, -1, 1, 2, 3, 5))
            argument = Fraction(root) ** n
        value = Fraction(n, m)
        exponent = str(n) if n > 0 else f"({n})"
        first = f"{base} = {root}^{m}" + (f" and {argument} = {root}^{exponent}." if n != 1 else ".")
        lines = [first, f"{base}^t = {argument} means {m}t = {n}, so t = {value}."]
        return f"log_{base}({argument})", lines, value, [["1", str(base), str(argument)]]
    return _log_sum(rng, level) if level < 5 else _log_product(rng)


def _log_sum(rng: random.Random, level: int) -> tuple[str, list[str], Fraction, list[list[str]]]:
    """Level 3: log u + log v, or log u - log v; level 4: log u + log v - log w. An integer as value."""
    while True:
        base, power = rng.randint(2, 24), rng.randint(1, 4)
        whole, w = base**power, rng.randint(2, 99)
        u = rng.randint(2, 60)
        if whole > 10000 or (whole * w) % u or (level == 3 and whole % u == 0 and whole == u):
            continue
        v = whole * w // u
        if level == 3 and rng.random() < 0.4 and whole % u == 0 and u < whole:
            terms: list[Logarithm] = [(1, base, u), (1, base, whole // u)]
            together = f"{u} * {whole // u}"
        elif level == 3:
            terms, together = [(1, base, whole * w), (-1, base, w)], f"{whole * w}/{w}"
        else:
            terms, together = [(1, base, u), (1, base, v), (-1, base, w)], f"{u} * {v}/{w}"
        if level == 4 and (v < 2 or w in (u, v)):
            continue
        break
    rule = (
        "Sums of logarithms are logarithms of products"
        if len(terms) == 2 and terms[1][0] > 0
        else "Sums and differences of logarithms are logarithms of products and quotients"
    )
    text = _logarithm_text(terms)
    lines = [f"{rule}:", f"{text} = log_{base}({together}) = log_{base}({whole})."]
    lines.append(f"{whole} = {base}^{power}." if power > 1 else f"log_{base}({base}) = 1.")
    return text, lines, Fraction(power), [[str(sign), str(b), str(argument)] for sign, b, argument in terms]


def _log_product(rng: random.Random) -> tuple[str, list[str], Fraction, list[list[str]]]:
    """log_(p^a)(q^b) * log_(q^c)(r^d) * log_(r^e)(p^f), all of it by change of base."""
    primes = rng.sample((2, 3, 5, 7), 3)
    powers = [(rng.randint(1, 3), rng.randint(1, 4)) for _ in primes]
    value = Fraction(1)
    parts, lines, given = [], [], []
    for place, (below, above) in enumerate(powers):
        first, second = primes[place], primes[(place + 1) % 3]
        parts.append(f"log_{first**below}({second**above})")
        given.append(["1", str(first**below), str(second**above)])
        value *= Fraction(above, below)
        upper = f"{above}*ln({second})" if above > 1 else f"ln({second})"
        lower = f"({below}*ln({first}))" if below > 1 else f"ln({first})"
        natural = f"ln({second**above})/ln({first**below})"
        reduced = f"{upper}/{lower}"
        lines.append(f"{parts[-1]} = {natural}" + (f" = {reduced}." if reduced != natural else "."))
    tops, bottoms = (" * ".join(str(pair[side]) for pair in powers) for side in (1, 0))
    lines.append(f"In the product every ln cancels: ({tops})/({bottoms}) = {value}.")
    return " * ".join(parts), lines, value, [["product"], *given]


@family(
    name="logarithm_value",
    wordings=(
        "Evaluate {expression} exactly.",
        "What is the exact value of {expression}?",
        "Find the rational number that {expression} is equal to.",
    ),
)
def logarithm_value(rng: random.Random, level: int) -> Problem:
    """Logarithms of powers, their sums and products, worked with the rules for logarithms."""
    text, lines, value, given = _log_draw(rng, level)
    answer = str(value)
    return Problem(
        question=logarithm_value.ask(rng, expression=text),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"{text} = {boxed(answer)}"]),
        given={"logarithms": given},
        key=("logarithm_value", *sorted(map(tuple, given))),
    )


@logarithm_value.proof
def _logarithm_value(given: Given) -> str:
    import sympy

    terms = given["logarithms"]
    multiply = terms[0] == ["product"]
    values = [
        int(sign)
        * sympy.expand_log(sympy.log(sympy.Rational(argument)), factor=True)
        / sympy.expand_log(sympy.log(sympy.Rational(base)), factor=True)
        for sign, base, argument in terms[multiply:]
    ]
    return str(sympy.cancel(sympy.Mul(*values) if multiply else sympy.Add(*values)))


Arguments = list[list[int]]  # [a, b] of each logarithm of ax + b


def _product_equation(rng: random.Random, level: int) -> tuple[int, Arguments, int, Arguments, list[int]]:
    """Base, arguments on the left, constant k and arguments on the right, and the roots without logarithms.

    Level 3: log(x + p) + log(x + q) = k; level 4: = log(rx + s); level 5: = k + log(rx + s).
    """
    while True:
        base, p = rng.choice((2, 3, 4, 5, 6, 8, 9, 10, 12)), rng.randint(-9, 20)
        if level == 3:
            k = rng.randint(1, 4)
            whole = base**k
            d = rng.randint(1, 60)
            if whole > 4000 or whole % d or d * d == whole:
                continue
            q = p + whole // d - d
            return base, [[1, p], [1, q]], k, [], [d - p, -(whole // d) - p]
        q, u = rng.randint(-9, 20), rng.randint(-9, 20)
        k = 0 if level == 4 else 1
        factor = base**k
        p += -(u + p) % factor
        v = -(p + q + u) + factor * rng.randint(-6, 9) if k else rng.randint(-25, 20)
        r, s = (p + q + u + v) // factor, (p * q - u * v) // factor
        if min(v + p, v + q) > 0 and rng.random() < 0.7:
            continue  # mostly, one of the roots should be none of the equation with logarithms
        if r and u != v and p != q and min(u + p, u + q) > 0 and 0 not in (v + p, v + q):
            return base, [[1, p], [1, q]], k, [[r, s]], [u, v]


def _log(base: int, argument: Sequence[int]) -> str:
    return f"log_{base}({linear([(argument[0], 'x'), (argument[1], '')])})"


def _checks(base: int, arguments: Arguments, roots: Sequence[int]) -> tuple[list[str], list[int]]:
    """Which roots leave every logarithm with a positive number."""
    lines, kept = [], []
    for x in sorted(roots):
        values = [(linear([(a, "x"), (b, "")]), a * x + b) for a, b in arguments]
        bad = next(((text, value) for text, value in values if value <= 0), None)
        if bad:
            lines.append(f"x = {x}: {bad[0]} = {bad[1]} is not positive, so this is no solution.")
        else:
            shown = listing([f"{text} = {value}" for text, value in values])
            lines.append(f"x = {x}: {shown} are positive, so this is a solution.")
            kept.append(x)
    return lines, kept


def _single(rng: random.Random, level: int) -> tuple[int, Arguments, int, list[str], str]:
    """log(ax + b) = k: base, argument, k, steps and the answer."""
    base, k = rng.randint(2, 12), rng.randint(-1 if level == 2 else 1, 4)
    while base**k > 3000 or not k:
        base, k = rng.randint(2, 12), rng.randint(-1 if level == 2 else 1, 4)
    a, b = (1 if level == 1 else rng.randint(2, 9)), nonzero(rng, 20)
    whole = Fraction(base) ** k
    inside = linear([(a, "x"), (b, "")])
    power = f"{base}^{k if k > 0 else f'({k})'} = {whole}" if k != 1 else str(base)
    lines = [f"Take {base} to the power of both sides: {inside} = {power}."]
    x = (whole - b) / a
    if a > 1:
        lines.append(f"{a}x = {whole - b}, so x = {x}.")
    lines.append(f"There {inside} = {whole} is positive.")
    return base, [[a, b]], k, lines, f"{{{x}}}"


@family(
    name="logarithmic_equation",
    wordings=(
        "Solve {equation} over the real numbers. Answer with the set of all solutions, like {{1, 2}}.",
        "Find the set of all real x with {equation}, written like {{1, 2}}.",
        "Which real numbers x satisfy {equation}? Answer with a set, like {{1, 2}}.",
    ),
)
def logarithmic_equation(rng: random.Random, level: int) -> Problem:
    """An equation between logarithms, rid of them and solved; what makes an argument negative is left out."""
    if level < 3:
        base, left, k, lines, answer = _single(rng, level)
        right: Arguments = []
        text = f"{_log(base, left[0])} = {k}"
    else:
        base, left, k, right, roots = _product_equation(rng, level)
        sums = " + ".join(_log(base, argument) for argument in left)
        constant = [str(k)] if k else []
        text = f"{sums} = {' + '.join([*constant, *(_log(base, argument) for argument in right)])}"
        above = "".join(bracketed(argument) for argument in left)
        below = str(base**k)
        if right:
            below = f"{base**k}{bracketed(right[0])}" if k else polynomial(right[0])
        steps = (
            [f"{k} = log_{base}({base**k}), so the right side is log_{base}({below})."] if right and k else []
        )
        how = f"Take {base} to the power of both sides"
        quadratic = product([1, -roots[0]], [1, -roots[1]])
        lines = [*steps, f"{how}: {above} = {below}.", f"All on one side: {polynomial(quadratic)} = 0."]
        checks, kept = _checks(base, left + right, roots)
        lines += [quadratic_formula(quadratic), *checks]
        answer = set_of(kept)
    return Problem(
        question=logarithmic_equation.ask(rng, equation=text),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines, f"The set of solutions is {boxed(answer)}"]),
        given={"base": base, "left": left, "constant": k, "right": right},
        key=("logarithmic_equation", base, *sorted(map(tuple, left)), k, *map(tuple, right)),
    )


@logarithmic_equation.proof
def _logarithmic_equation(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    left, right = ([a * x + b for a, b in given[side]] for side in ("left", "right"))
    factor = sympy.Integer(given["base"]) ** given["constant"]
    roots = sympy.roots(sympy.Mul(*left) - factor * sympy.Mul(*right), x)
    return written_set(root for root in roots if all(side.subs(x, root) > 0 for side in left + right))


@logarithmic_equation.variants
def _false_solution_kept(given: Given, answer: str) -> Variant:
    """Both roots of the equation without logarithms, where one of them makes an argument negative."""
    kept = answer[1:-1].split(", ")
    same = [" or ".join(f"x = {x}" for x in kept)]
    if len(given["left"]) < 2:
        return same, []
    (_, p), (_, q) = given["left"]
    r, s = given["right"][0] if given["right"] else (0, 1)
    factor = given["base"] ** given["constant"]
    roots = rational_roots([1, p + q - factor * r, p * q - factor * s])
    return same, [set_of(roots)] if len(kept) < 2 else [set_of(roots[:1]), set_of(roots[1:])]
