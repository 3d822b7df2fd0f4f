"""Taylor polynomials, sums of infinite series, radii of convergence."""

from __future__ import annotations

import random
from fractions import Fraction
from math import factorial

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import applied, equal, number, starred, term, total, written
from datagen.problems.fields.calculus.reading import read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EXPANDED, RATIONAL, REAL
from datagen.problems.text import boxed, surd

Series = list[Fraction]
"""The coefficients of 1, x, x^2, ... up to the degree wanted."""
KNOWN = ("exp", "sin", "cos", "ln", "geometric")


def _rate(rng: random.Random, name: str, largest: int) -> int:
    """A factor for x; positive in sines and cosines, where a sign would come out at once."""
    return rng.randint(1, largest) if name in ("sin", "cos") else nonzero(rng, largest)


def _known(name: str, rate: int, degree: int) -> tuple[str, Series]:
    """A function of rate * x and its series."""
    inside = term(rate, "x")
    if name == "geometric":
        return f"1/({total(['1', term(-rate, 'x')])})", [Fraction(rate**n) for n in range(degree + 1)]
    if name == "ln":
        coefficients = [Fraction(0), *(Fraction((-1) ** (n + 1) * rate**n, n) for n in range(1, degree + 1))]
        return f"ln({total(['1', inside])})", coefficients
    signs = {"exp": (1, 1, 1, 1), "sin": (0, 1, 0, -1), "cos": (1, 0, -1, 0)}[name]
    return applied(name, inside), [Fraction(signs[n % 4] * rate**n, factorial(n)) for n in range(degree + 1)]


def _sum_text(series: Series) -> str:
    """The series with the lowest power first."""
    return total([term(each, "" if not n else "x" if n == 1 else f"x^{n}") for n, each in enumerate(series)])


RULES = {
    "exp": "e^u = 1 + u + u^2/2 + u^3/6 + ...",
    "sin": "sin(u) = u - u^3/6 + u^5/120 - ...",
    "cos": "cos(u) = 1 - u^2/2 + u^4/24 - ...",
    "ln": "ln(1 + u) = u - u^2/2 + u^3/3 - ...",
    "geometric": "1/(1 - u) = 1 + u + u^2 + u^3 + ...",
}


def _single(rng: random.Random, level: int) -> tuple[str, Series, list[str]]:
    """One known function of kx, times a number."""
    degree = rng.randint(2, 3) if level == 1 else rng.randint(4, 5)
    name = rng.choice(KNOWN)
    rate, size = _rate(rng, name, 5), rng.randint(1, 6)
    text, series = _known(name, rate, degree)
    function = f"{size}/{text[2:]}" if name == "geometric" else term(size, text)
    lines = [RULES[name], f"With u = {term(rate, 'x')}: {_sum_text(series)} + ..."]
    result = [size * each for each in series]
    return function, result, [*lines, *([f"Times {size}: {_sum_text(result)}"] if size > 1 else [])]


def _double(rng: random.Random, level: int) -> tuple[str, Series, list[str]]:
    """A sum (level 3), or a product of two known functions or of one with a polynomial."""
    degree = {3: 4, 4: 3, 5: 4}[level]
    first, second = rng.sample(KNOWN, 2)
    one, a = _known(first, _rate(rng, first, 9), degree)
    other, b = _known(second, _rate(rng, second, 9), degree)
    lines = [f"{one} = {_sum_text(a)} + ...", f"{other} = {_sum_text(b)} + ..."]
    if level == 3:
        size = nonzero(rng, 6)
        function = total([one, f"{size}/{other[2:]}" if second == "geometric" else term(size, other)])
        result = [x + size * y for x, y in zip(a, b, strict=True)]
        return (
            function,
            result,
            [
                RULES[first],
                RULES[second],
                *lines,
                f"Add {size} times the second to the first." if size != 1 else "Add the two.",
            ],
        )
    factor = f"/({other[3:]}" if second == "geometric" else f"*{other}"
    function = f"{other}*{one}" if first == "geometric" else f"{one}{factor}"
    if first == "geometric":
        function = f"{other}/({one[3:]}"
    result = []
    for n in range(degree + 1):
        products = [(a[i], b[n - i]) for i in range(n + 1) if a[i] and b[n - i]]
        result.append(sum((x * y for x, y in products), Fraction(0)))
        if products:
            shown = " + ".join(f"{number(x)}*{number(y)}" for x, y in products)
            lines.append(f"{'constant' if not n else 'x' if n == 1 else f'x^{n}'}: {shown} = {result[-1]}")
    return function, result, [RULES[first], RULES[second], *lines]


@family(
    name="taylor_polynomial",
    wordings=(
        "Find the Taylor polynomial of degree {degree} of f(x) = {function} at x = 0, multiplied out.",
        "What is the Maclaurin polynomial of {function} up to and including the power x^{degree}?",
        "Expand f(x) = {function} in powers of x and give all terms up to x^{degree}.",
    ),
)
def taylor_polynomial(rng: random.Random, level: int) -> Problem:
    """The Taylor polynomial at 0 of a known function, of a sum or of a product, from the known series."""
    while True:
        function, series, lines = _single(rng, level) if level < 3 else _double(rng, level)
        if sum(map(bool, series)) > (1 if level < 3 else 2) and series[-1]:
            break
    function = starred(function)
    answer = _sum_text(series)
    return Problem(
        question=taylor_polynomial.ask(rng, function=function, degree=len(series) - 1),
        answer=answer,
        spec=EXPANDED,
        solution="\n".join([*map(starred, lines), f"The polynomial is {boxed(answer)}"]),
        given={"function": function, "degree": len(series) - 1},
        key=("taylor_polynomial", function, len(series) - 1),
    )


@taylor_polynomial.proof
def _taylor_polynomial(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    slope, result = read(given["function"]), sympy.S(0)
    for n in range(given["degree"] + 1):
        result += slope.subs(x, 0) * x**n / sympy.factorial(n)
        slope = sympy.diff(slope, x)
    return write(result)


def _ratio(rng: random.Random) -> Fraction:
    below = rng.randint(2, 9)
    return Fraction(rng.randint(1, below - 1) * rng.choice((1, -1)), below)


def _geometric(rng: random.Random, level: int) -> tuple[str, int, Fraction, list[str]]:
    """a*r^n from n = 0, or from a later n."""
    size, ratio, start = nonzero(rng, 12), _ratio(rng), 0 if level == 1 else rng.randint(1, 4)
    first = size * ratio**start
    value = first / (1 - ratio)
    quotient = f"{number(first)}/(1 - {number(ratio)}) = {number(first)}/{number(1 - ratio)}"
    lines = [
        f"This is a geometric series with the ratio r = {ratio} and |r| < 1.",
        f"Its first term is {equal(_geometric_term(size, ratio, start), first)}.",
        f"The sum is first/(1 - r) = {quotient} = {value}.",
    ]
    return term(size, f"({ratio})^n"), start, value, lines


def _geometric_term(size: int, ratio: Fraction, n: int) -> str:
    return term(size, f"({ratio})" + (f"^{n}" if n > 1 else "")) if n else str(size)


def _telescoping(rng: random.Random, level: int) -> tuple[str, int, Fraction, list[str]]:
    """c/((n + a)(n + a + k))."""
    shift, gap, start, size = (
        rng.randint(0, 20),
        1 if level == 3 else rng.randint(2, 3),
        rng.randint(1, 3),
        nonzero(rng, 40),
    )
    left, right = written([1, shift], "n"), written([1, shift + gap], "n")
    names = [f"({each})" if len(each) > 1 else each for each in (left, right)]
    share = Fraction(size, gap)
    rest = [Fraction(1, start + shift + each) for each in range(gap)]
    value = share * sum(rest, Fraction(0))
    parts = f"1/{names[0]} - 1/{names[1]}"
    shown = " + ".join(map(str, rest))
    lines = [
        f"Partial fractions: {term(size, '', f'({names[0]}*{names[1]})')} = {term(share, f'({parts})')}",
        f"The first terms, without the factor {share}:",
        *[f"n = {n}: 1/{n + shift} - 1/{n + shift + gap}" for n in range(start, start + gap + 1)],
        f"All but the first {'number' if gap == 1 else f'{gap} numbers'} cancel, and 1/{names[1]} tends "
        "to 0.",
        f"What is left is {shown}.",
        f"The sum is {number(share)}*({shown}) = {value}.",
    ]
    return term(size, "", f"({names[0]}*{names[1]})"), start, value, lines


def _arithmetic_geometric(rng: random.Random) -> tuple[str, int, Fraction, list[str]]:
    """(an + b)*r^n from n = 0 or 1."""
    a, b, ratio, start = nonzero(rng, 9), nonzero(rng, 9), _ratio(rng), rng.randint(0, 1)
    b = b + 10 if a * start + b == 0 else b  # so that the first term is not 0
    slow, fast = ratio / (1 - ratio) ** 2, (1 if not start else ratio) / (1 - ratio)
    value = a * slow + b * fast
    lines = [
        f"The series splits into {a} times the sum of n*r^n and {b} times the sum of r^n, with r = {ratio}.",
        f"For |r| < 1 the sum of r^n from n = {start} is {'1' if not start else 'r'}/(1 - r) = {fast}.",
        "The derivative of 1 + r + r^2 + r^3 + ... = 1/(1 - r) is 1 + 2*r + 3*r^2 + ... = 1/(1 - r)^2.",
        f"Multiplied by r: the sum of n*r^n is r/(1 - r)^2 = {number(ratio)}/{number(1 - ratio)}^2 = {slow}.",
        f"Together: {a}*{number(slow)} {'+' if b > 0 else '-'} {abs(b)}*{number(fast)} = {value}",
    ]
    return f"({written([a, b], 'n')})*({ratio})^n", start, value, lines


@family(
    name="series_sum",
    wordings=(
        "Find the sum of the infinite series of {summand} for n = {start}, {following}, ...",
        "What is the sum over all integers n >= {start} of {summand}?",
        "Add up {summand} over n from {start} to infinity. What is the exact sum?",
    ),
)
def series_sum(rng: random.Random, level: int) -> Problem:
    """The sum of a geometric, telescoping or arithmetic-geometric series."""
    while True:
        if level < 3:
            summand, start, value, lines = _geometric(rng, level)
        else:
            summand, start, value, lines = (
                _telescoping(rng, level) if level < 5 else _arithmetic_geometric(rng)
            )
        if value:
            break
    answer = str(value)
    return Problem(
        question=series_sum.ask(rng, summand=summand, start=start, following=start + 1),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"The sum is {boxed(answer)}"]),
        given={"summand": summand, "start": start},
        key=("series_sum", summand, start),
    )


@series_sum.proof
def _series_sum(given: Given) -> str:
    import sympy
    from sympy.concrete.gosper import gosper_term

    n = sympy.Symbol("n")
    summand = read(given["summand"]).subs(sympy.Symbol("n"), n)
    whole = sympy.together(gosper_term(summand, n) * summand)
    at_infinity = sympy.S(0)
    if summand.is_rational_function(n):
        above, below = (sympy.Poly(each, n) for each in sympy.fraction(sympy.cancel(whole)))
        at_infinity = above.LC() / below.LC() if above.degree() == below.degree() else sympy.S(0)
    return str(sympy.nsimplify(at_infinity - whole.subs(n, given["start"]), rational=True))


@family(
    name="radius_of_convergence",
    wordings=(
        "What is the radius of convergence of the power series with the terms {summand}, n = 1, 2, 3, ...?",
        "Find the radius of convergence of the sum over n >= 1 of {summand}.",
        "For which R does the power series with the terms {summand} (n >= 1) converge for |{base}| < R "
        "and diverge for |{base}| > R?",
    ),
)
def radius_of_convergence(rng: random.Random, level: int) -> Problem:
    """The radius of convergence of a power series by the ratio test."""
    while True:
        p, q = rng.randint(1, 15), rng.randint(2, 15)
        if Fraction(p, q).denominator == q and (level > 1 or p > 0):
            break
    center = 0 if level == 1 else nonzero(rng, 9)
    base = "x" if not center else f"x {'-' if center > 0 else '+'} {abs(center)}"
    exponent = rng.randint(1, 6) if level > 1 else 0
    every = 2 if level in (3, 5) else 1
    middle, growth, why = "", Fraction(1), ""
    if level == 4:
        middle, growth, why = _factorials(rng, 2)
    elif level == 5:
        middle, growth, why = _factorials(rng, 3)
    powered = f"{base if not center else f'({base})'}^{'n' if every == 1 else '(2n)'}"
    coefficient = f"({p}/{q})^n" if p > 1 else f"(1/{q})^n"
    parts = [f"n^{exponent}" if exponent > 1 else "n" * exponent, coefficient, middle, powered]
    summand = "*".join(each for each in parts if each)
    limit = Fraction(p, q) * growth
    lines = ["Ratio test: divide the term n + 1 by the term n and take absolute values."]
    if exponent:
        lines.append(f"((n + 1)/n)^{exponent} tends to 1." if exponent > 1 else "(n + 1)/n tends to 1.")
    lines += [f"{coefficient} contributes the factor {Fraction(p, q)}."]
    if middle:
        lines += [why]
    size = f"|{base}|" + ("^2" if every == 2 else "")
    lines.append(f"So the ratio tends to {_product(limit, size)}.")
    lines.append(f"This is less than 1 exactly when {size} < {1 / limit}.")
    answer = str(1 / limit) if every == 1 else surd(1, (limit.denominator * limit.numerator), limit.numerator)
    if every == 2:
        lines.append(f"That is |{base}| < sqrt({1 / limit}) = {answer}.")
    return Problem(
        question=radius_of_convergence.ask(rng, summand=summand, base=base),
        answer=answer,
        spec=REAL,
        solution="\n".join([*lines, f"The radius of convergence is {boxed(answer)}"]),
        given={"summand": summand, "center": center},
        key=("radius_of_convergence", summand),
    )


def _product(number_: Fraction, size: str) -> str:
    if number_ == 1:
        return size
    return f"{number_}*{size}" if number_.denominator == 1 else f"({number_})*{size}"


def _factorials(rng: random.Random, times: int) -> tuple[str, Fraction, str]:
    """(kn)!/(n!)^k or its inverse: the text, the limit of its ratio, and the reason."""
    limit = times**times
    steps = "*".join(f"({times}n + {each})" for each in range(1, times + 1))
    if rng.random() < 0.5:
        reason = f"({times}n)!/(n!)^{times} contributes {steps}/(n + 1)^{times}, which tends to {limit}."
        return f"({times}n)!/(n!)^{times}", Fraction(limit), reason
    reason = f"(n!)^{times}/({times}n)! contributes (n + 1)^{times}/({steps}), which tends to 1/{limit}."
    return f"(n!)^{times}/({times}n)!", Fraction(1, limit), reason


@radius_of_convergence.proof
def _radius_of_convergence(given: Given) -> str:
    import sympy
    from sympy.simplify.simplify import hypersimp

    n = sympy.Symbol("n", positive=True, integer=True)
    t = sympy.Symbol("t", positive=True)
    text = given["summand"]
    variable = (
        "x" if not given["center"] else f"(x {'-' if given['center'] > 0 else '+'} {abs(given['center'])})"
    )
    text = text.replace(variable, "t").replace("^", "**").replace("(2n)", "(2*n)").replace("(3n)", "(3*n)")
    names = {"n": n, "t": t}
    ratio = sympy.cancel(
        hypersimp(sympy.parse_expr(text, local_dict=names, transformations=_with_factorials()), n)
    )
    above, below = (sympy.Poly(each, n) for each in sympy.fraction(ratio))
    growth = above.LC() / below.LC()
    (radius,) = (
        root
        for root in sympy.roots(sympy.Poly(sympy.numer(growth) - sympy.denom(growth), t))
        if root.is_positive
    )
    return write(radius)


def _with_factorials() -> tuple[object, ...]:
    from sympy.parsing.sympy_parser import factorial_notation, standard_transformations

    return (*standard_transformations, factorial_notation)
