"""Word problems for rates that hang together: growing shapes, ladders, cones, cars."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import equal, number, term
from datagen.problems.fields.calculus.reading import write
from datagen.problems.specs import RATIONAL, REAL
from datagen.problems.text import boxed

TRIPLES = (
    (3, 4, 5),
    (5, 12, 13),
    (8, 15, 17),
    (7, 24, 25),
    (20, 21, 29),
    (9, 40, 41),
    (12, 35, 37),
    (11, 60, 61),
)


@dataclass(frozen=True, slots=True)
class Motion:
    """A situation that changes: the thing whose rate is asked, its verb, when, and in which unit."""

    scene: str
    thing: str
    verb: str
    moment: str
    unit: str
    given: dict[str, Any]
    lines: list[str]
    answer: str


GROWING = {
    "circle": (
        "the radius of a circle",
        "the area of the circle",
        "pi*r^2",
        "2*pi*r",
        2,
        1,
        "cm^2 per second",
    ),
    "square": ("the side of a square", "the area of the square", "r^2", "2*r", 2, 0, "cm^2 per second"),
    "sphere": (
        "the radius of a ball",
        "the volume of the ball",
        "4/3*pi*r^3",
        "4*pi*r^2",
        4,
        1,
        "cm^3 per second",
    ),
    "cube": ("the edge of a cube", "the volume of the cube", "r^3", "3*r^2", 3, 0, "cm^3 per second"),
    "skin": (
        "the radius of a ball",
        "the surface area of the ball",
        "4*pi*r^2",
        "8*pi*r",
        8,
        1,
        "cm^2 per second",
    ),
}


def _growing(rng: random.Random, level: int) -> Motion:
    """A circle, square, ball or cube whose size grows at a known rate."""
    shape = rng.choice(("circle", "square") if level == 1 else ("sphere", "cube", "skin"))
    length, thing, formula, slope, factor, with_pi, unit = GROWING[shape]
    rate, size = rng.randint(1, 15), rng.randint(2, 30)
    value = factor * size ** (2 if shape in ("sphere", "cube") else 1)
    answer = term(value * rate, "pi" if with_pi else "")
    name = length.split()[1]
    letter = "r" if with_pi else "s"
    formula, slope = formula.replace("r", letter), slope.replace("r", letter)
    squared = "^2" if shape in ("sphere", "cube") else ""
    put = f"{slope.split('*')[0]}{'*pi' * with_pi}*{size}{squared}*{rate}"
    lines = [
        f"With the {name} {letter}, {thing} is {formula}.",
        f"By the chain rule it grows at the rate {slope}*{letter}', where {letter}' = {rate} is the rate "
        f"of the {name}.",
        f"At {letter} = {size}: {put} = {answer}",
    ]
    return Motion(
        f"Suppose {length} grows at {rate} cm per second.",
        thing,
        "grow",
        f"the {name} is {size} cm",
        unit,
        {"shape": shape, "rate": rate, "size": size},
        lines,
        answer,
    )


def _filling(rng: random.Random) -> Motion:
    """A ball that is blown up, or a cylinder that is filled, at a known rate of volume."""
    flow, r = rng.randint(1, 200), rng.randint(2, 20)
    if rng.random() < 0.5:
        value = Fraction(flow, 4 * r * r)
        answer = term(value, "", "pi")
        lines = [
            "With the radius r, the volume of the balloon is V = 4/3*pi*r^3.",
            "Both depend on the time; by the chain rule V' = 4*pi*r^2*r'.",
            f"Here V' = {flow} and r = {r}: {flow} = 4*pi*{r}^2*r' = {4 * r * r}*pi*r'",
            f"Divide: r' = {flow}/({4 * r * r}*pi)",
        ]
        scene = f"A round balloon is blown up so that its volume grows by {flow} cm^3 per second."
        given = {"shape": "balloon", "flow": flow, "radius": r}
        return Motion(
            scene, "its radius", "grow", f"the radius is {r} cm", "cm per second", given, lines, answer
        )
    answer = term(Fraction(flow, r * r), "", "pi")
    lines = [
        f"With the height h of the water, its volume is V = pi*{r}^2*h = {r * r}*pi*h.",
        f"Both depend on the time; differentiate: V' = {r * r}*pi*h'",
        f"Here V' = {flow}, so {flow} = {r * r}*pi*h'.",
        f"h' = {flow}/({r * r}*pi), whatever the height is.",
    ]
    h = rng.randint(1, 30)
    scene = f"Water runs at {flow} cm^3 per second into an upright cylinder of radius {r} cm."
    given = {"shape": "cylinder", "flow": flow, "radius": r, "height": h}
    return Motion(
        scene, "the water level", "rise", f"the water is {h} cm deep", "cm per second", given, lines, answer
    )


def _ladder(rng: random.Random) -> Motion:
    """A ladder that slides down a wall."""
    x, y, z = rng.choice(TRIPLES)
    x, y = (x, y) if rng.random() < 0.5 else (y, x)
    scale = rng.randint(150 // z + 1, 900 // z)
    x, y, z, rate = x * scale, y * scale, z * scale, rng.randint(1, 40)
    value = Fraction(x * rate, y)
    lines = [
        f"Let x be the distance of the foot from the wall and y the height of the top: x^2 + y^2 = {z}^2 "
        f"= {z * z}.",
        f"At x = {x}: y^2 = {z * z} - {x * x} = {y * y}, so y = {y}.",
        "Differentiate by time: 2*x*x' + 2*y*y' = 0, so y' = -x*x'/y.",
        f"With x' = {rate}: y' = -{x}*{rate}/{y} = {-value}",
        f"The top moves down at {value} cm per second.",
    ]
    return Motion(
        f"A ladder of length {z} cm leans on a vertical wall. Its foot is pulled away from the wall, over "
        "level ground, "
        f"at {rate} cm per second.",
        "the top of the ladder",
        "slide down",
        f"the foot is {x} cm from the wall",
        "cm per second",
        {"shape": "ladder", "length": z, "rate": rate, "foot": x},
        lines,
        str(value),
    )


def _cone(rng: random.Random) -> Motion:
    """Water into a cone with the tip down."""
    radius, height, flow = rng.randint(2, 30), rng.randint(5, 60), rng.randint(1, 100)
    level = rng.randint(1, height - 1)
    ratio = Fraction(radius, height)
    value = flow / (ratio * level) ** 2
    answer = term(value, "", "pi")
    lines = [
        "The water has the depth h and a surface of radius r with r/h = "
        f"{equal(f'{radius}/{height}', ratio)}.",
        f"So V = pi*r^2*h/3 = pi*{number(ratio)}^2*h^3/3 = {term(ratio**2 / 3, 'pi*h^3')}.",
        f"Differentiate by time: V' = {term(ratio**2, 'pi*h^2')}*h'"
        if ratio**2 == 1 or (ratio**2).denominator == 1
        else f"Differentiate by time: V' = ({term(ratio**2, 'pi*h^2')})*h'",
        f"At h = {level} the surface has the area {term(ratio**2, f'pi*{level}^2')} = "
        f"{term((ratio * level) ** 2, 'pi')}.",
        f"With V' = {flow}: h' = {flow}/({term((ratio * level) ** 2, 'pi')}) = {answer}",
    ]
    return Motion(
        f"Water runs at {flow} cm^3 per second into a cone with its tip down. The cone is {height} cm high, "
        f"and its opening at the top has the radius {radius} cm.",
        "the water level",
        "rise",
        f"the water is {level} cm deep",
        "cm per second",
        {"shape": "cone", "flow": flow, "radius": radius, "height": height, "depth": level},
        lines,
        answer,
    )


def _crossing(rng: random.Random) -> Motion:
    """Two cars on roads that cross at a right angle."""
    while True:
        x, y, z = rng.choice(TRIPLES)
        scale = rng.randint(1, 40 // z) if z < 40 else 1
        x, y, z = (scale * each for each in ((x, y, z) if rng.random() < 0.5 else (y, x, z)))
        u, v = rng.choice((1, -1)) * rng.randint(30, 110), rng.choice((1, -1)) * rng.randint(30, 110)
        total_rate = x * u + y * v
        if total_rate and (x, u) != (y, v):
            break
    value = Fraction(total_rate, z)
    ways = [
        f"drives {'away from' if each > 0 else 'towards'} the crossing at {abs(each)} km/h" for each in (u, v)
    ]
    lines = [
        "Let x and y be the distances of the cars from the crossing and z that between them: z^2 = x^2 + "
        "y^2.",
        f"At the moment z^2 = {x}^2 + {y}^2 = {z * z}, so z = {z}.",
        "Differentiate by time: 2*z*z' = 2*x*x' + 2*y*y', so z' = (x*x' + y*y')/z.",
        f"Distances that shrink have negative rates: x' = {u} and y' = {v}.",
        f"z' = ({x}*{number(u)} + {y}*{number(v)})/{z} = {equal(f'{total_rate}/{z}', value)}",
        f"The distance {'grows' if value > 0 else 'shrinks'} at {abs(value)} km/h.",
    ]
    return Motion(
        f"Two straight roads cross at a right angle. A red car on one of them {ways[0]}, "
        f"and a blue car on the other one {ways[1]}.",
        "the distance between the cars",
        "grow" if value > 0 else "shrink",
        f"the red car is {x} km and the blue car {y} km from the crossing",
        "km/h",
        {"shape": "cars", "red": [x, u], "blue": [y, v]},
        lines,
        str(abs(value)),
    )


@family(
    name="related_rates",
    wordings=(
        "{scene} How fast does {thing} {verb} at the moment when {moment}? Give the exact rate in {unit}.",
        "{scene} Find the exact rate, in {unit}, at which {thing} {verbs} when {moment}.",
        "{scene} At which rate does {thing} {verb} at the instant when {moment}? Answer exactly, in {unit}.",
    ),
)
def related_rates(rng: random.Random, level: int) -> Problem:
    """A rate of change that follows from another one, by the chain rule or by differentiating a relation."""
    if level < 3:
        made = _growing(rng, level)
    elif level == 3:
        made = _filling(rng)
    elif level == 4:
        made = _ladder(rng)
    else:
        made = _cone(rng) if rng.random() < 0.5 else _crossing(rng)
    verb, _, rest = made.verb.partition(" ")
    return Problem(
        question=related_rates.ask(
            rng,
            scene=made.scene,
            thing=made.thing,
            verb=made.verb,
            verbs=f"{verb}s {rest}".strip(),
            moment=made.moment,
            unit=made.unit,
        ),
        answer=made.answer,
        spec=REAL if "pi" in made.answer else RATIONAL,
        solution="\n".join([*made.lines, f"The rate is {boxed(made.answer)}"]),
        given=made.given,
        key=("related_rates", *_key(made.given)),
    )


def _key(given: Given) -> tuple[Any, ...]:
    """The data of a motion; which of two cars is red is no matter."""
    if given["shape"] == "cars":
        return ("cars", *sorted((tuple(given["red"]), tuple(given["blue"]))))
    return tuple(given.values())


@related_rates.proof
def _related_rates(given: Given) -> str:
    import sympy

    t, h = sympy.symbols("t h", positive=True)
    shape = given["shape"]
    if shape in GROWING:
        size = given["size"] + given["rate"] * t
        measure = {
            "circle": sympy.pi * size**2,
            "square": size**2,
            "sphere": sympy.Rational(4, 3) * sympy.pi * size**3,
            "cube": size**3,
            "skin": 4 * sympy.pi * size**2,
        }[shape]
        return write(sympy.diff(measure, t).subs(t, 0))
    if shape == "ladder":
        height = sympy.sqrt(given["length"] ** 2 - (given["foot"] + given["rate"] * t) ** 2)
        return write(-sympy.diff(height, t).subs(t, 0))
    if shape == "cars":
        (x, u), (y, v) = given["red"], given["blue"]
        return write(abs(sympy.diff(sympy.sqrt((x + u * t) ** 2 + (y + v * t) ** 2), t).subs(t, 0)))
    if shape == "balloon":
        volume, at = sympy.Rational(4, 3) * sympy.pi * h**3, given["radius"]
    elif shape == "cylinder":
        volume, at = sympy.pi * given["radius"] ** 2 * h, given["height"]
    else:
        ratio = sympy.Rational(given["radius"], given["height"])
        volume, at = sympy.integrate(sympy.pi * (ratio * h) ** 2, h), given["depth"]
    return write(given["flow"] / sympy.diff(volume, h).subs(h, at))


@related_rates.variants
def _related_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Twice and half the rate, its negative, and pi forgotten or put in."""
    forgotten = answer.replace("*pi", "") if "*pi" in answer else f"pi*({answer})"
    return [], [f"2*({answer})", f"({answer})/2", f"-({answer})", forgotten]
