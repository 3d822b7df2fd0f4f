"""Volumes of solids, exact in pi, and lengths from volumes.

The proof integrates the areas of cross-sections with sympy.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import (
    Case,
    exact,
    in_unit,
    pi_times,
    pick,
    posed,
    unit_of,
)
from datagen.problems.specs import QUANTITY, REAL


def _in_pi(unit: str, power: int) -> str:
    return exact(unit, power).replace(".", ", in terms of pi.")


def whole_case(
    kind: str,
    scene: str,
    goal: str,
    value: int,
    unit: str,
    power: int,
    steps: list[str],
    numbers: list[int],
    key: tuple[int, ...] = (),
) -> Case:
    """A case with a whole number of units as answer."""
    answer = f"{value} {unit}{f'^{power}' if power > 1 else ''}"
    given = {"kind": kind, "numbers": numbers, "unit": unit}
    key = key or tuple(numbers)
    return Case(scene, goal, in_unit(unit, power), answer, QUANTITY, steps, given, (kind, *key))


def round_case(
    kind: str,
    scene: str,
    goal: str,
    value: Fraction | int,
    unit: str,
    power: int,
    steps: list[str],
    numbers: list[int],
) -> Case:
    """A case with a multiple of pi as answer."""
    given = {"kind": kind, "numbers": numbers, "unit": unit}
    return Case(scene, goal, _in_pi(unit, power), pi_times(value), REAL, steps, given)


def _box_volume(rng: random.Random) -> Case:
    a, b, c = (rng.randint(2, 20) for _ in range(3))
    unit = unit_of(rng)
    scene = f"A box (cuboid) is {a} {unit} long, {b} {unit} wide and {c} {unit} high."
    steps = [f"{a} * {b} * {c} = {a * b} * {c} ="]
    key = tuple(sorted((a, b, c)))
    return whole_case("box", scene, "the volume of the box", a * b * c, unit, 3, steps, [a, b, c], key)


def _round_volume(rng: random.Random) -> Case:
    unit, r, h = unit_of(rng), rng.randint(2, 30), rng.randint(2, 40)
    kind = pick(rng, "cylinder", "cone", "sphere")
    if kind == "sphere":
        scene, value, numbers = f"A sphere has a radius of {r} {unit}.", Fraction(4 * r**3, 3), [r]
        steps = ["The volume of a sphere is 4/3*pi*r^3.", f"4/3*pi*{r}^3 = 4/3*pi*{r**3} ="]
    else:
        numbers = [r, h]
        scene = f"A {kind} has a base with a radius of {r} {unit} and a height of {h} {unit}."
        value = Fraction(r * r * h, 3 if kind == "cone" else 1)
        if kind == "cone":
            steps = [
                "The volume of a cone is a third of base times height.",
                f"pi*{r}^2 * {h}/3 = {r * r * h}*pi/3 =",
            ]
        else:
            steps = ["The volume is base times height.", f"pi*{r}^2 * {h} ="]
    return round_case(kind, scene, f"the volume of the {kind}", value, unit, 3, steps, numbers)


def _size_from_volume(rng: random.Random) -> Case:
    """The height or the radius of a cylinder or cone from its volume."""
    unit, r, h = unit_of(rng), rng.randint(2, 30), rng.randint(2, 60)
    kind = pick(rng, "cylinder", "cone")
    volume = Fraction(r * r * h, 3 if kind == "cone" else 1)
    text = pi_times(volume)
    third = "a third of " if kind == "cone" else ""
    start = [f"The volume is {third}base times height, {text}."]
    if kind == "cone":
        start.append(f"Three times that is {pi_times(3 * volume)}.")
    if rng.random() < 0.5:
        scene = f"A {kind} has a volume of {text} {unit}^3 and a base with a radius of {r} {unit}."
        steps = [*start, f"The base is pi*{r}^2 = {pi_times(r * r)}.", f"h = {r * r * h}/{r * r} ="]
        goal, answer, name, known = f"the height of the {kind}", h, f"{kind}_height", r
    else:
        scene = f"A {kind} has a volume of {text} {unit}^3 and a height of {h} {unit}."
        steps = [*start, f"r^2 = {r * r * h}/{h} = {r * r}", f"r = sqrt({r * r}) ="]
        goal, answer, name, known = f"the radius of the base of the {kind}", r, f"{kind}_radius", h
    given = {"kind": name, "volume": str(volume), "known": known, "unit": unit}
    return Case(scene, goal, in_unit(unit), f"{answer} {unit}", QUANTITY, steps, given)


def _joined_volume(rng: random.Random) -> Case:
    """A cylinder with a half ball or a cone on top, or a hollow cylinder."""
    unit, r, h, k = unit_of(rng), rng.randint(2, 25), rng.randint(2, 40), rng.randint(2, 30)
    kind = pick(rng, "dome", "tent", "pipe")
    base = r * r * h
    cylinder = f"On a cylinder with a radius of {r} {unit} and a height of {h} {unit} stands"
    first = f"The cylinder has the volume pi*{r}^2 * {h} = {pi_times(base)}."
    if kind == "dome":
        scene = f"{cylinder} half a ball of the same radius."
        cap = Fraction(2 * r**3, 3)
        steps = [first, f"A ball has the volume 4/3*pi*r^3, and half a ball 2/3*pi*{r}^3 = {pi_times(cap)}."]
        steps.append(f"Together they have {pi_times(base)} + {pi_times(cap)} =")
        return round_case(kind, scene, "the volume of the whole solid", base + cap, unit, 3, steps, [r, h])
    if kind == "tent":
        scene = f"{cylinder} a cone with the same base and a height of {k} {unit}."
        cap = Fraction(r * r * k, 3)
        steps = [first, f"A cone has a third of base times height: pi*{r}^2 * {k}/3 = {pi_times(cap)}."]
        steps.append(f"Together they have {pi_times(base)} + {pi_times(cap)} =")
        return round_case(kind, scene, "the volume of the whole solid", base + cap, unit, 3, steps, [r, h, k])
    outer = r + k
    scene = f"A pipe {h} {unit} long has an inner radius of {r} {unit} and walls {k} {unit} thick."
    steps = [
        f"The outer radius is {r} + {k} = {outer}.",
        f"Without the hollow it would have pi*{outer}^2 * {h} = {pi_times(outer * outer * h)}.",
        f"The hollow takes pi*{r}^2 * {h} = {pi_times(base)} away.",
        f"This leaves {pi_times(outer * outer * h)} - {pi_times(base)} =",
    ]
    value = (outer * outer - r * r) * h
    return round_case(kind, scene, "the volume of the material of the pipe", value, unit, 3, steps, [r, h, k])


def _cut_volume(rng: random.Random) -> Case:
    """A frustum of a cone, or a cone from its radius and slanted side."""
    unit = unit_of(rng)
    s, r = sorted(rng.sample(range(2, 30), 2))
    h = rng.randint(3, 60)
    whole = Fraction(r * h, r - s)
    value = Fraction(h * (r * r + r * s + s * s), 3)
    scene = (
        f"A cone is cut parallel to its base, and the tip is taken away. What is left has a height of {h} "
        f"{unit}, "
        f"a base with a radius of {r} {unit} and a top with a radius of {s} {unit}."
    )
    steps = [
        f"Let the whole cone have the height H. By similar triangles H/{r} = (H - {h})/{s}.",
        f"So {r - s}H = {r} * {h} = {r * h} and H = {whole}. The tip has the height H - {h} = {whole - h}.",
        f"The whole cone has the volume pi*{r}^2 * H/3 = {pi_times(r * r * whole / 3)}.",
        f"The tip has the volume pi*{s}^2 * ({whole - h})/3 = {pi_times(s * s * (whole - h) / 3)}.",
        "The difference is",
    ]
    return round_case("frustum", scene, "the volume of what is left", value, unit, 3, steps, [r, s, h])


VOLUMES: dict[int, Callable[[random.Random], Case]] = {
    1: _box_volume,
    2: _round_volume,
    3: _size_from_volume,
    4: _joined_volume,
    5: _cut_volume,
}


@family(
    name="solid_volume",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Calculate {goal}, given the following. {scene} {form}",
    ),
)
def solid_volume(rng: random.Random, level: int) -> Problem:
    """The volume of a box, cylinder, cone, sphere, joined or cut solid, or a length from the volume."""
    return posed(solid_volume, rng, VOLUMES[level](rng))


@solid_volume.proof
def _solid_volume(given: Given) -> str:
    """Integrals over the areas of horizontal cross-sections."""
    import sympy

    kind, unit = given["kind"], given["unit"]
    z, u = sympy.symbols("z u", positive=True)
    if "volume" in given:
        shape, wanted = kind.split("_")
        h, r = (u, given["known"]) if wanted == "height" else (given["known"], u)
        profile = r if shape == "cylinder" else r * (1 - z / h)
        equation = sympy.integrate(profile**2, (z, 0, h)) - sympy.Rational(given["volume"])
        return f"{sympy.solve(equation, u)[0]} {unit}"
    numbers = [sympy.Integer(number) for number in given["numbers"]]
    if kind == "box":
        a, b, c = numbers
        return f"{sympy.integrate(a * b, (z, 0, c))} {unit}^3"
    r = numbers[0]
    h = numbers[-1] if kind == "frustum" else numbers[min(1, len(numbers) - 1)]
    pieces = {
        "cylinder": [(r**2, h)],
        "cone": [((r * z / h) ** 2, h)],
        "sphere": [(2 * (r * r - z * z), r)],
        "dome": [(r**2, h), (r * r - z * z, r)],
        "tent": [(r**2, h), ((r * z / numbers[-1]) ** 2, numbers[-1])],
        "pipe": [((r + numbers[-1]) ** 2 - r**2, h)],
        "frustum": [((r + (numbers[min(1, len(numbers) - 1)] - r) * z / h) ** 2, h)],
    }[kind]
    return str(sympy.pi * sum(sympy.integrate(area, (z, 0, top)) for area, top in pieces))
