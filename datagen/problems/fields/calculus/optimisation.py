"""Word problems for largest and smallest values: fences, boxes, posters."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import equal, number, term
from datagen.problems.specs import RATIONAL
from datagen.problems.text import boxed


@dataclass(frozen=True, slots=True)
class Situation:
    """What the question tells, what it asks for, the data, the steps, and the answer."""

    scene: str
    goal: str
    given: dict[str, Any]
    lines: list[str]
    answer: str


def _field(rng: random.Random) -> Situation:
    length = 2 * rng.randint(10, 400)
    half, side = length // 2, Fraction(length, 4)
    return Situation(
        f"A rectangular field is to be enclosed by {length} m of fence.",
        "the largest possible area of the field, in square metres",
        {"situation": "field", "length": length},
        [
            f"With the sides x and y, 2x + 2y = {length}, so y = {half} - x and the area is A(x) = "
            f"x*({half} - x).",
            f"A'(x) = {half} - 2x is 0 at x = {side}, and A''(x) = -2 < 0, so this is the maximum.",
            f"Then y = {side}, and A = {number(side)}*{number(side)} = {side * side}.",
        ],
        str(side * side),
    )


def _wall(rng: random.Random) -> Situation:
    length, parts = 2 * rng.randint(10, 300), rng.randint(2, 4)
    width = Fraction(length, 2 * parts)
    along = Fraction(length, 2)
    fences = {2: "no further fence", 3: "one more fence", 4: "two more fences"}[parts]
    scene = (
        "A rectangular field lies along a straight wall, which needs no fence. The other three sides are "
        "fenced, "
        f"and {fences} at right angles to the wall {'divide' if parts == 4 else 'divides'} the field. "
        f"There are {length} m of fence in all."
    )
    if parts == 2:
        scene = (
            f"A rectangular field lies along a straight wall, which needs no fence. "
            f"Its other three sides are fenced with {length} m of fence in all."
        )
    return Situation(
        scene,
        "the largest possible total area of the field, in square metres",
        {"situation": "wall", "length": length, "across": parts},
        [
            f"Let x be the length of each of the {parts} fences at right angles to the wall.",
            f"The side along the wall is {length} - {parts}x, so the area is A(x) = x*({length} - {parts}x).",
            f"A'(x) = {length} - {2 * parts}x is 0 at x = {width}, and A''(x) = -{2 * parts} < 0, so this "
            "is the maximum.",
            f"The side along the wall is then {along}, and A = {number(width)}*{number(along)} = "
            f"{width * along}.",
        ],
        str(width * along),
    )


def _budget(rng: random.Random) -> Situation:
    p, q = rng.sample(range(3, 40), 2)
    budget = 100 * rng.randint(5, 60)
    x, y = Fraction(budget, 2 * (p + q)), Fraction(budget, 4 * q)
    return Situation(
        f"A rectangular garden is fenced on all four sides. The fence along the street costs ${p} per metre, "
        f"that of the other three sides ${q} per metre, and ${budget} may be spent.",
        "the largest possible area of the garden, in square metres, as an exact number",
        {"situation": "budget", "street": p, "others": q, "budget": budget},
        [
            "Let x be the side along the street and y the other one.",
            f"The cost is {p}x + {q}x + 2*{q}y = {p + q}x + {2 * q}y = {budget}, so y = ({budget} - "
            f"{p + q}x)/{2 * q}.",
            f"The area is A(x) = x*({budget} - {p + q}x)/{2 * q}, and A'(x) = ({budget} - "
            f"{2 * (p + q)}x)/{2 * q}.",
            f"A'(x) = 0 at x = {equal(f'{budget}/{2 * (p + q)}', x)}; A'' is negative, so this is the "
            "maximum.",
            f"Then y = ({budget} - {(p + q) * x})/{2 * q} = {y}.",
            f"A = {number(x)}*{number(y)} = {x * y}",
        ],
        str(x * y),
    )


def _box(rng: random.Random) -> Situation:
    while True:
        p, q, k = rng.randint(1, 20), rng.randint(1, 20), rng.randint(2, 15)
        if p * k**3 % (2 * q) == 0:
            break
    volume = p * k**3 // (2 * q)
    height = Fraction(volume, k * k)
    cost = 3 * p * k * k
    scene = (
        f"A box with a square base and no lid is to hold {volume} cubic decimetres. Its base costs "
        f"{_cents(p)} per square decimetre, its sides {_cents(q)} per square decimetre."
    )
    side = rng.random() < 0.5
    goal = (
        "the side of the base of the cheapest box, in dm"
        if side
        else "the lowest possible cost of the box, in cents"
    )
    return Situation(
        scene,
        goal,
        {"situation": "box", "base": p, "sides": q, "volume": volume, "asked": "side" if side else "cost"},
        [
            f"With the base side x and the height h, x^2*h = {volume}, so h = {volume}/x^2.",
            f"The base has the area x^2 and the four sides have the area 4*x*h = {4 * volume}/x.",
            f"The cost is C(x) = {term(p, 'x^2')} + {4 * q * volume}/x.",
            f"C'(x) = {2 * p}x - {4 * q * volume}/x^2 is 0 where x^3 = {4 * q * volume}/{2 * p} = {k**3}, "
            f"that is at x = {k}.",
            f"C''(x) = {2 * p} + {8 * q * volume}/x^3 > 0, so this is the minimum. The height is {height}.",
            f"C({k}) = {p}*{k}^2 + {4 * q * volume}/{k} = {p * k * k} + {2 * p * k * k} = {cost}",
        ],
        str(k if side else cost),
    )


def _cents(amount: int) -> str:
    return "1 cent" if amount == 1 else f"{amount} cents"


def _poster(rng: random.Random) -> Situation:
    a, b = rng.randint(1, 12), rng.randint(1, 12)
    t = rng.randint(3, 120 // max(a, b))
    printed, whole, wide = a * b * t * t, a * b * (t + 2) ** 2, a * (t + 2)
    asked = rng.choice(("area", "width"))
    return Situation(
        f"A poster has a printed part of {printed} square centimetres. Around it is a margin of {a} cm on "
        "the left "
        f"and on the right, and of {b} cm above and below.",
        "the smallest possible area of the whole poster, in square centimetres"
        if asked == "area"
        else "the width, in cm, of the whole poster with the smallest possible area",
        {"situation": "poster", "printed": printed, "beside": a, "above": b, "asked": asked},
        [
            f"Let x be the width and y the height of the printed part: x*y = {printed}, so y = {printed}/x.",
            f"The whole poster has the area A = (x + {2 * a})*(y + {2 * b}) = x*y + {2 * b}x + {2 * a}y + "
            f"{4 * a * b}.",
            f"So A(x) = {printed} + {2 * b}x + {2 * a * printed}/x + {4 * a * b}.",
            f"A'(x) = {2 * b} - {2 * a * printed}/x^2 is 0 where x^2 = {2 * a * printed}/{2 * b} = "
            f"{(a * t) ** 2}, "
            f"that is at x = {a * t}.",
            f"A''(x) = {4 * a * printed}/x^3 > 0, so this is the minimum. Then y = {printed}/{a * t} = "
            f"{b * t}.",
            f"The whole poster is {a * t} + {2 * a} = {wide} cm wide and {b * t} + {2 * b} = "
            f"{b * (t + 2)} cm high.",
            f"Its area is {wide}*{b * (t + 2)} = {whole} square centimetres.",
        ],
        str(whole if asked == "area" else wide),
    )


@family(
    name="optimisation",
    wordings=(
        "{scene} What is {goal}?",
        "{scene} Find {goal}.",
        "Consider this situation: {scene} Use a derivative to work out {goal}.",
    ),
)
def optimisation(rng: random.Random, level: int) -> Problem:
    """Fences, boxes and posters: the best size, from the zero of a derivative."""
    made = (_field, _wall, _budget, _box, _poster)[level - 1](rng)
    return Problem(
        question=optimisation.ask(rng, scene=made.scene, goal=made.goal),
        answer=made.answer,
        spec=RATIONAL,
        solution="\n".join([*made.lines, f"The answer is {boxed(made.answer)}"]),
        given=made.given,
        key=("optimisation", *made.given.values()),
    )


@optimisation.proof
def _optimisation(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x", positive=True)
    situation = given["situation"]
    if situation == "field":
        objective = x * (sympy.Rational(given["length"], 2) - x)
    elif situation == "wall":
        objective = x * (given["length"] - given["across"] * x)
    elif situation == "budget":
        objective = x * (given["budget"] - (given["street"] + given["others"]) * x) / (2 * given["others"])
    elif situation == "box":
        objective = given["base"] * x**2 + given["sides"] * 4 * x * (given["volume"] / x**2)
    else:
        objective = (x + 2 * given["beside"]) * (given["printed"] / x + 2 * given["above"])
    above = sympy.numer(sympy.together(sympy.diff(objective, x)))
    (best,) = (root for root in sympy.roots(sympy.Poly(above, x)) if root.is_real and root > 0)
    if given.get("asked") == "width":
        return str(best + 2 * given["beside"])
    return str(best if given.get("asked") == "side" else objective.subs(x, best))


@optimisation.variants
def _optimisation_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Half and twice the answer, and its square."""
    value = Fraction(answer)
    return [], [str(value / 2), str(2 * value), *([str(value * value)] if value != 1 else [])]
