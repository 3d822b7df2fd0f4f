"""Algebra with functions: putting one into another, inverting, finding where they are defined."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.intervals import sign_chart, union
from datagen.problems.fields.algebra.readings import where, written, written_region
from datagen.problems.fields.algebra.writing import (
    Number,
    Variant,
    added,
    as_inequalities,
    bracketed,
    operand,
    plus,
    product,
    value_at,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EXPANDED, EXPRESSION, INTERVAL
from datagen.problems.text import boxed, listing, polynomial


def _composed(outer: Sequence[int], inner: Sequence[int]) -> list[int]:
    """outer(inner(x))."""
    result: list[int] = []
    for coefficient in outer:
        result = added(product(result, inner) if result else [], [coefficient])
    return result


def _some_polynomial(rng: random.Random, degree: int, leading: int = 3, rest: int = 6) -> list[int]:
    return [rng.choice((1, -1)) * rng.randint(1, leading), *(nonzero(rng, rest) for _ in range(degree))]


COMPOSED = {1: (1, 1), 2: (2, 1), 3: (2, 2), 4: (3, 1), 5: (2, 2)}  # degrees of f and g


@family(
    name="function_composition",
    wordings=(
        "Let f(x) = {f} and g(x) = {g}. Find {wanted} as a polynomial in x, multiplied out.",
        "Given f(x) = {f} and g(x) = {g}, write {wanted} as a sum of powers of x.",
        "The functions f and g are f(x) = {f} and g(x) = {g}. What is {wanted}? Expand your answer.",
    ),
)
def function_composition(rng: random.Random, level: int) -> Problem:
    """One polynomial put into another; at level 5 the difference of both orders."""
    above, below = COMPOSED[level]
    while True:
        f, g = _some_polynomial(rng, above), _some_polynomial(rng, below)
        if level == 4:
            g = [rng.choice((-4, -3, -2, 2, 3, 4)), nonzero(rng, 9)]
        whole = _composed(f, g)
        difference = added(whole, _composed(g, f), -1)
        if difference and f != g and (level < 5 or len(difference) > 1):
            break
    wanted = "f(g(x))" if level < 5 else "f(g(x)) - g(f(x))"
    lines = _composition_steps("f", "g", f, g)
    answer = polynomial(whole if level < 5 else difference)
    if level == 5:
        lines += _composition_steps("g", "f", g, f)
    return Problem(
        question=function_composition.ask(rng, f=polynomial(f), g=polynomial(g), wanted=wanted),
        answer=answer,
        spec=EXPANDED,
        solution="\n".join([*lines, f"{wanted} = {boxed(answer)}"]),
        given={"f": f, "g": g, "wanted": wanted},
        key=("function_composition", wanted, tuple(f), tuple(g)),
    )


def _composition_steps(outer: str, inner: str, f: Sequence[int], g: Sequence[int]) -> list[str]:
    """g(x) put in for x, its powers, and everything multiplied out."""
    degree, inside = len(f) - 1, bracketed(g)
    terms = [
        (c, f"{inside}^{degree - i}" if degree - i > 1 else inside if i < degree else "")
        for i, c in enumerate(f)
    ]
    text = ""
    for coefficient, power in terms:
        sign = ("-" if coefficient < 0 else "") if not text else " - " if coefficient < 0 else " + "
        size = abs(coefficient)
        text += sign + (str(size) if not power else power if size == 1 else f"{size}*{power}")
    lines = [f"{outer}({inner}(x)) = {text}."]
    raised = list(g)
    for exponent in range(2, degree + 1):
        raised = product(raised, g)
        lines.append(f"{inside}^{exponent} = {polynomial(raised)}.")
    whole = _composed(f, g)
    lines.append(f"So {outer}({inner}(x)) = {polynomial(whole)}.")
    return lines


@function_composition.proof
def _function_composition(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    f, g = (sympy.Poly(given[name], x) for name in ("f", "g"))
    whole = f.compose(g)
    return written((whole - g.compose(f) if "-" in given["wanted"] else whole).as_expr())


@function_composition.variants
def _other_order(given: Given, answer: str) -> Variant:
    """g(f(x)) for f(g(x)), and the product."""
    f, g = given["f"], given["g"]
    misses = [polynomial(_composed(g, f)), polynomial(product(f, g))]
    return [], [miss for miss in misses if miss != answer]


Inverted = tuple[str, str, list[str], str, Given]  # formula, domain, steps, inverse, given


def _linear_inverse(rng: random.Random, level: int) -> Inverted:
    """ax + b, or (ax + b)/c."""
    a, b = nonzero(rng, 9), nonzero(rng, 20)
    while a in (1, -1):
        a = nonzero(rng, 9)
    if level == 1:
        text, start = polynomial([a, b]), f"y = {polynomial([a, b])}"
        moved = f"y{plus(-b)}"
        inverse = f"(x{plus(-b)})/{a}" if a > 0 else f"(-x{plus(b)})/{-a}"
        lines = [f"{start}, so {a}x = {moved} and x = ({moved})/{operand(a)}."]
        return text, "", lines, inverse, {"above": [a, b], "below": [1]}
    c = rng.randint(2, 9)
    while c == abs(a):
        c = rng.randint(2, 9)
    text = f"({polynomial([a, b])})/{c}"
    inverse = f"({polynomial([c, -b])})/{a}" if a > 0 else f"({polynomial([-c, b])})/{-a}"
    lines = [f"y = {text}, so {c}y = {polynomial([a, b])} and {a}x = {polynomial([c, -b], 'y')}."]
    lines.append(f"Hence x = ({polynomial([c, -b], 'y')})/{operand(a)}.")
    return text, "", lines, inverse, {"above": [a, b], "below": [c]}


def _fraction_inverse(rng: random.Random, level: int) -> Inverted:
    """a/(x + b) + c at level 3, (ax + b)/(cx + d) at level 4."""
    if level == 3:
        a, b, c = nonzero(rng, 12), nonzero(rng, 12), nonzero(rng, 12)
        while b == -c:
            c = nonzero(rng, 12)
        text = f"{a}/(x{plus(b)}){plus(c)}"
        lines = [f"y = {text}, so y{plus(-c)} = {a}/(x{plus(b)}) and x{plus(b)} = {a}/(y{plus(-c)})."]
        lines.append(f"Hence x = {a}/(y{plus(-c)}){plus(-b)}.")
        given = {"above": [c, b * c + a], "below": [1, b]}
        return text, f" for x != {-b}", lines, f"{a}/(x{plus(-c)}){plus(-b)}", given
    while True:
        a, b, c, d = nonzero(rng, 7), nonzero(rng, 12), rng.randint(1, 6), nonzero(rng, 12)
        if a * d != b * c and a != -d:
            break
    above, below = polynomial([a, b]), polynomial([c, d])
    text = f"({above})/({below})"
    lines = [f"y = {text}, so y*({below}) = {above}."]
    lines.append(f"Terms with x on one side: x*({polynomial([c, -a], 'y')}) = {polynomial([-d, b], 'y')}.")
    lines.append(f"Hence x = ({polynomial([-d, b], 'y')})/({polynomial([c, -a], 'y')}).")
    inverse = f"({polynomial([-d, b])})/({polynomial([c, -a])})"
    return text, f" for x != {Fraction(-d, c)}", lines, inverse, {"above": [a, b], "below": [c, d]}


def _quadratic_inverse(rng: random.Random, level: int) -> Inverted:
    """a(x - h)^2 + k multiplied out, to the right or to the left of h."""
    a, h, k = rng.choice((-3, -2, -1, 1, 2, 3, 4)), nonzero(rng, 9), nonzero(rng, 12)
    side = rng.choice((">=", "<="))
    coefficients = [a, -2 * a * h, a * h * h + k]
    text, sign = polynomial(coefficients), "+" if side == ">=" else "-"
    square = f"(x{plus(-h)})^2" if a == 1 else f"{'-' if a == -1 else f'{a}*'}(x{plus(-h)})^2"

    def root(name: str) -> str:
        inside = f"{name}{plus(-k)}" if a > 0 else f"{k} - {name}"
        return f"sqrt({inside})" if abs(a) == 1 else f"sqrt(({inside})/{abs(a)})"

    kind = "not negative" if side == ">=" else "not positive"
    lines = [f"Complete the square: y = {square}{plus(k)}."]
    inside = root("y")[5:-1]
    lines.append(f"So (x{plus(-h)})^2 = {inside}.")
    lines.append(f"Since x {side} {h}, x{plus(-h)} is {kind}: x = {h} {sign} {root('y')}.")
    given = {"above": coefficients, "below": [1], "domain": [side, h]}
    return text, f" for x {side} {h}", lines, f"{h} {sign} {root('x')}", given


@family(
    name="inverse_function",
    wordings=(
        "Find the inverse function of f(x) = {formula}{domain}. Give the formula for f^(-1)(x).",
        "Let f(x) = {formula}{domain}. What is f^(-1)(x)?",
        "The function f(x) = {formula}{domain} is invertible. Write its inverse as a formula in x.",
    ),
)
def inverse_function(rng: random.Random, level: int) -> Problem:
    """The inverse of a linear, a fractional linear or a restricted quadratic function, solved for x."""
    make = (_linear_inverse, _linear_inverse, _fraction_inverse, _fraction_inverse, _quadratic_inverse)[
        level - 1
    ]
    text, domain, lines, answer, given = make(rng, level)
    lines = ["Solve y = f(x) for x.", *lines, f"With x in place of y: f^(-1)(x) = {boxed(answer)}"]
    return Problem(
        question=inverse_function.ask(rng, formula=text, domain=domain),
        answer=answer,
        spec=EXPRESSION,
        solution="\n".join(lines),
        given=given,
        key=("inverse_function", text, domain),
    )


@inverse_function.proof
def _inverse_function(given: Given) -> str:
    """The solution of f(y) = x for y; of two, the one that gives the place it came from."""
    import sympy

    x, y = sympy.symbols("x y")
    above, below = (sympy.Poly(given[part], y).as_expr() for part in ("above", "below"))
    solutions = sympy.solve(above - x * below, y)
    if "domain" in given:
        side, end = given["domain"]
        place = sympy.Integer(end + (1 if side == ">=" else -1))
        value = above.subs(y, place)
        solutions = [solution for solution in solutions if solution.subs(x, value) == place]
    (inverse,) = solutions
    return written(inverse)


@inverse_function.variants
def _not_the_inverse(given: Given, answer: str) -> Variant:
    """The function itself, its reciprocal, the other branch."""
    above, below = polynomial(given["above"]), polynomial(given["below"])
    misses = [f"({above})/({below})", f"({below})/({above})"]
    if "domain" in given:
        misses.append(
            answer.replace(" + sqrt", " - sqrt")
            if " + sqrt" in answer
            else answer.replace(" - sqrt", " + sqrt")
        )
    return [f"f^(-1)(x) = {answer}", f"y = {answer}"], misses


Condition = tuple[list[int], str, str]  # a polynomial, the relation to 0 it must satisfy, and why
Domain = tuple[str, list[Condition], list[Number]]  # formula, conditions, the places where they can change


def _sqrt(inside: Sequence[int]) -> str:
    return f"sqrt({polynomial(inside)})"


QUADRATIC_INSIDE = (
    ("ln({})", ">", "in the logarithm"),
    ("1/sqrt({})", ">", "under the root below"),
    ("sqrt({})", ">=", "under the root"),
)


def _domain_of(rng: random.Random, level: int) -> Domain:
    a, b = nonzero(rng, 9), nonzero(rng, 20)
    edge = Fraction(-b, a)
    first = [a, b]
    if level == 1:
        return _sqrt(first), [(first, ">=", "under the root")], [edge]
    p, q = sorted(rng.sample([x for x in range(-12, 13) if x], 2))
    ends: list[Number] = [Fraction(p), Fraction(q)]
    quadratic = product([rng.choice((1, -1)) * (rng.randint(1, 3) if level == 3 else 1)], [1, -p], [1, -q])
    if level == 2:
        quadratic = product([1, -p], [1, -q])
        return f"({polynomial(first)})/({polynomial(quadratic)})", [(quadratic, "!=", "below")], ends
    if level == 3:
        form, relation, place = rng.choice(QUADRATIC_INSIDE)
        return form.format(polynomial(quadratic)), [(quadratic, relation, place)], ends
    if level == 4:
        c = nonzero(rng, 9)
        while a * c + b <= 0:
            c, a, b = nonzero(rng, 9), nonzero(rng, 9), nonzero(rng, 20)
        conditions: list[Condition] = [([a, b], ">=", "under the root"), ([1, -c], "!=", "below")]
        return f"{_sqrt([a, b])}/{bracketed([1, -c])}", conditions, [Fraction(-b, a), Fraction(c)]
    log = rng.random() < 0.5
    name = f"ln({polynomial(first)})" if log else f"1/{bracketed(first)}"
    second: Condition = (first, ">", "in the logarithm") if log else (first, "!=", "below")
    return (
        f"{_sqrt(quadratic)} + {name}",
        [(quadratic, ">=", "under the root"), second],
        [Fraction(p), Fraction(q), edge],
    )


def _satisfied(conditions: Sequence[Condition], x: Number) -> bool:
    for inside, relation, _ in conditions:
        value = value_at(inside, x)
        if not {">=": value >= 0, ">": value > 0, "!=": value != 0}[relation]:
            return False
    return True


@family(
    name="function_domain",
    wordings=(
        "On what set of real numbers is f(x) = {formula} defined? Give the whole set in interval notation.",
        "Find the domain of the real function f(x) = {formula}. Answer in interval notation.",
        "For which real x does the formula {formula} give a real number? Answer in interval notation.",
    ),
)
def function_domain(rng: random.Random, level: int) -> Problem:
    """Where roots, quotients and logarithms are defined, from the sign of what stands in them."""
    while True:
        text, conditions, changes = _domain_of(rng, level)
        places = sorted(set(changes))
        if len(places) < len(changes):
            continue
        lines = ["All of this must hold:"] if len(conditions) > 1 else []
        for inside, relation, place in conditions:
            wanted = {">=": "must not be negative", ">": "must be positive", "!=": "must not be 0"}[relation]
            lines.append(f"{polynomial(inside)}, which stands {place}, {wanted}.")
        kept = _intervals_inside(conditions, places)
        holds_at = [_satisfied(conditions, x) for x in places]
        isolated = any(h and not b and not a for h, b, a in zip(holds_at, kept, kept[1:], strict=False))
        if any(kept) and not isolated:
            break
    answer = union(list(zip(places, holds_at, strict=True)), kept)
    lines += _domain_steps(conditions, places)
    return Problem(
        question=function_domain.ask(rng, formula=text),
        answer=answer,
        spec=INTERVAL,
        solution="\n".join([*lines, f"The domain is {boxed(answer)}"]),
        given={"conditions": [[list(inside), relation] for inside, relation, _ in conditions]},
        key=("function_domain", text),
    )


def _intervals_inside(conditions: Sequence[Condition], places: Sequence[Number]) -> list[bool]:
    """Whether the conditions hold on each of the intervals between the places."""
    return sign_chart(lambda x: 1 if _satisfied(conditions, x) else -1, places, ">")[1]


def _domain_steps(conditions: Sequence[Condition], places: Sequence[Number]) -> list[str]:
    """The solution of each condition by itself."""
    lines = []
    for inside, relation, _ in conditions:
        text = polynomial(inside)
        zeros = sorted(x for x in places if not value_at(inside, x))
        shown = listing([f"x = {zero}" for zero in zeros])
        factors = ""
        if len(inside) == 3:
            split = "".join(bracketed([1, -int(zero)]) for zero in zeros)
            factors = f" = { {1: '', -1: '-'}.get(inside[0], inside[0]) }{split}"
        lines.append(f"{text}{factors} is 0 at {shown}.")
        if relation == "!=":
            lines.append(f"So {shown} {'is' if len(zeros) == 1 else 'are'} left out.")
            continue
        kept = _intervals_inside([(inside, relation, "")], zeros)
        region = union([(x, relation == ">=") for x in zeros], kept)
        kind = "not negative" if relation == ">=" else "positive"
        opens = (
            f"The parabola opens {'upwards' if inside[0] > 0 else 'downwards'}: it"
            if len(inside) == 3
            else "It"
        )
        lines.append(f"{opens} is {kind} on {region}.")
    return lines


@function_domain.proof
def _function_domain(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    conditions: list[tuple[Any, Any, str]] = []
    for inside, relation in given["conditions"]:
        conditions.append((sympy.Poly(inside, x), 1, {"!=": "!="}.get(relation, relation)))
    region = where([c for c in conditions if c[2] != "!="])
    for inside, _, relation in conditions:
        if relation == "!=":
            region -= sympy.FiniteSet(*sympy.roots(inside))
    return written_region(region)


@function_domain.variants
def _ends_turned(given: Given, answer: str) -> Variant:
    """Every end taken as part of the domain, or none."""
    opened = answer.replace("[", "(").replace("]", ")")
    misses = [opened] if opened != answer else []
    return [as_inequalities(answer)], [*misses, "(-infinity, infinity)"]
