"""Volumes and surfaces of solids, exact in pi, and diagonals of boxes.

The proofs integrate cross-sections and outlines with sympy, or measure in coordinates.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from math import isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import (
    Case,
    exact,
    in_unit,
    pi_times,
    pick,
    posed,
    root,
    unit_of,
)
from datagen.problems.fields.geometry.triangles import TRIPLES
from datagen.problems.specs import QUANTITY, REAL
from datagen.problems.text import surd


def _in_pi(unit: str, power: int) -> str:
    return exact(unit, power).replace(".", ", in terms of pi.")


def _whole(kind: str, scene: str, goal: str, value: int, unit: str, power: int, steps: list[str],
           numbers: list[int], key: tuple = ()) -> Case:  # fmt: skip
    """A case with a whole number of units as answer."""
    suffix = f"^{power}" if power > 1 else ""
    given = {"kind": kind, "numbers": numbers, "unit": unit}
    return Case(scene, goal, in_unit(unit, power), f"{value} {unit}{suffix}", QUANTITY, steps, given,
                (kind, *(key or numbers)))  # fmt: skip


def _round(kind: str, scene: str, goal: str, value: Fraction | int, unit: str, power: int, steps: list[str],
           numbers: list[int]) -> Case:  # fmt: skip
    """A case with a multiple of pi as answer."""
    given = {"kind": kind, "numbers": numbers, "unit": unit}
    return Case(scene, goal, _in_pi(unit, power), pi_times(value), REAL, steps, given)


def _box_volume(rng: random.Random) -> Case:
    a, b, c = (rng.randint(2, 20) for _ in range(3))
    unit = unit_of(rng)
    scene = f"A box (cuboid) is {a} {unit} long, {b} {unit} wide and {c} {unit} high."
    steps = [f"{a} * {b} * {c} = {a * b} * {c} ="]
    key = tuple(sorted((a, b, c)))
    return _whole("box", scene, "the volume of the box", a * b * c, unit, 3, steps, [a, b, c], key)


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
    return _round(kind, scene, f"the volume of the {kind}", value, unit, 3, steps, numbers)


def _size_from_volume(rng: random.Random) -> Case:
    """The height or the radius of a cylinder or cone from its volume."""
    unit, r, h = unit_of(rng), rng.randint(2, 30), rng.randint(2, 60)
    kind = pick(rng, "cylinder", "cone")
    volume = Fraction(r * r * h, 3 if kind == "cone" else 1)
    text = pi_times(volume)
    third = "a third of " if kind == "cone" else ""
    tripled = f"Three times that is {pi_times(3 * volume)}." if kind == "cone" else f"Here that is {text}."
    start = [f"The volume is {third}base times height, {text}.", tripled]
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
    first = f"The cylinder has the volume pi*{r}^2 * {h} = {pi_times(base)}."
    if kind == "dome":
        scene = f"On a cylinder with a radius of {r} {unit} and a height of {h} {unit} stands half a ball of the same radius."
        cap = Fraction(2 * r**3, 3)
        steps = [first, f"The half ball has 2/3*pi*{r}^3 = {pi_times(cap)}.", "Together they have"]
        return _round(kind, scene, "the volume of the whole solid", base + cap, unit, 3, steps, [r, h])
    if kind == "tent":
        scene = f"On a cylinder with a radius of {r} {unit} and a height of {h} {unit} stands a cone with the same base and a height of {k} {unit}."
        cap = Fraction(r * r * k, 3)
        steps = [first, f"The cone has pi*{r}^2 * {k}/3 = {pi_times(cap)}.", "Together they have"]
        return _round(kind, scene, "the volume of the whole solid", base + cap, unit, 3, steps, [r, h, k])
    outer = r + k
    scene = f"A pipe {h} {unit} long has an inner radius of {r} {unit} and walls {k} {unit} thick."
    steps = [
        f"The outer radius is {r} + {k} = {outer}.",
        f"Without the hollow it would have pi*{outer}^2 * {h} = {pi_times(outer * outer * h)}.",
        f"The hollow takes pi*{r}^2 * {h} = {pi_times(base)} away, which leaves",
    ]
    value = (outer * outer - r * r) * h
    return _round(kind, scene, "the volume of the material of the pipe", value, unit, 3, steps, [r, h, k])


def _cut_volume(rng: random.Random) -> Case:
    """A frustum of a cone, or a cone from its radius and slanted side."""
    unit = unit_of(rng)
    s, r = sorted(rng.sample(range(2, 30), 2))
    h = rng.randint(3, 60)
    whole = Fraction(r * h, r - s)
    value = Fraction(h * (r * r + r * s + s * s), 3)
    scene = (
        f"A cone is cut parallel to its base, and the tip is taken away. What is left has a height of {h} {unit}, "
        f"a base with a radius of {r} {unit} and a top with a radius of {s} {unit}."
    )
    steps = [
        f"Let the whole cone have the height H. By similar triangles H/{r} = (H - {h})/{s}.",
        f"So {r - s}H = {r} * {h} = {r * h} and H = {whole}. The tip has the height H - {h} = {whole - h}.",
        f"The whole cone has the volume pi*{r}^2 * H/3 = {pi_times(r * r * whole / 3)}.",
        f"The tip has the volume pi*{s}^2 * ({whole - h})/3 = {pi_times(s * s * (whole - h) / 3)}.",
        "The difference is",
    ]
    return _round("frustum", scene, "the volume of what is left", value, unit, 3, steps, [r, s, h])


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


def _box_surface(rng: random.Random) -> Case:
    a, b, c = (rng.randint(2, 25) for _ in range(3))
    unit, faces = unit_of(rng), a * b + b * c + a * c
    scene = f"A box (cuboid) is {a} {unit} long, {b} {unit} wide and {c} {unit} high."
    steps = [f"2 * ({a} * {b} + {b} * {c} + {a} * {c}) = 2 * {faces} ="]
    key = tuple(sorted((a, b, c)))
    return _whole("box", scene, "the surface area of the box", 2 * faces, unit, 2, steps, [a, b, c], key)


def _round_surface(rng: random.Random) -> Case:
    unit, r, h = unit_of(rng), rng.randint(2, 40), rng.randint(2, 50)
    if rng.random() < 0.3:
        steps = [
            "The surface of a sphere is 4*pi*r^2, four times its great circle.",
            f"4*pi*{r}^2 = 4*pi*{r * r} =",
        ]
        scene = f"A sphere has a radius of {r} {unit}."
        return _round("sphere", scene, "the surface area of the sphere", 4 * r * r, unit, 2, steps, [r])
    scene = f"A closed cylinder has a radius of {r} {unit} and a height of {h} {unit}."
    steps = [
        f"Top and bottom have 2*pi*{r}^2 = {pi_times(2 * r * r)}, the side 2*pi*{r} * {h} = {pi_times(2 * r * h)}.",
        "Together they have",
    ]
    value = 2 * r * (r + h)
    return _round("cylinder", scene, "the whole surface area of the cylinder", value, unit, 2, steps, [r, h])


def _cone_surface(rng: random.Random) -> Case:
    unit, factor = unit_of(rng), rng.randint(1, 20)
    r, h, s = (factor * side for side in pick(rng, *TRIPLES))
    if rng.random() < 0.5:
        r, h = h, r
    base = rng.random() < 0.5
    value = r * s + (r * r if base else 0)
    scene = f"A cone has a base with a radius of {r} {unit} and a height of {h} {unit}."
    steps = [
        f"The slanted side is s = sqrt({r}^2 + {h}^2) = sqrt({s * s}) = {s}.",
        f"The curved surface is pi*r*s = pi*{r} * {s} = {pi_times(r * s)}.",
    ]
    steps.append(f"With the base, pi*{r}^2 = {pi_times(r * r)}, this makes" if base else "So the area is")
    goal = (
        "the whole surface area of the cone, the base included"
        if base
        else "the area of the curved surface of the cone"
    )
    kind = "cone_closed" if base else "cone_open"
    return _round(kind, scene, goal, value, unit, 2, steps, [r, h])


def _joined_surface(rng: random.Random) -> Case:
    """A cylinder with a half ball on top, or a hollow half ball, painted all over."""
    unit, r, h = unit_of(rng), rng.randint(2, 40), rng.randint(2, 60)
    kind = pick(rng, "dome", "tube")
    if kind == "dome":
        scene = f"On a cylinder with a radius of {r} {unit} and a height of {h} {unit} stands half a ball of the same radius. The solid stands on the ground."
        steps = [
            f"The side of the cylinder has 2*pi*{r} * {h} = {pi_times(2 * r * h)}.",
            f"The half ball has half of 4*pi*{r}^2, which is {pi_times(2 * r * r)}.",
            f"The bottom, pi*{r}^2 = {pi_times(r * r)}, is on the ground and does not count.",
            "Together the visible parts have",
        ]
        goal, value, numbers = "the area of its surface without the bottom", 2 * r * h + 2 * r * r, [r, h]
    else:
        k = rng.randint(1, 20)
        outer = r + k
        scene = f"A pipe open at both ends is {h} {unit} long, with an inner radius of {r} {unit} and an outer radius of {outer} {unit}."
        steps = [
            f"Inside it has 2*pi*{r} * {h} = {pi_times(2 * r * h)}, outside 2*pi*{outer} * {h} = {pi_times(2 * outer * h)}.",
            f"Each ring at the ends has pi*{outer}^2 - pi*{r}^2 = {pi_times(outer * outer - r * r)}.",
            "All four parts, two of them rings, make",
        ]
        goal = "the whole surface area, inside, outside and at both ends"
        value, numbers = 2 * (r + outer) * h + 2 * (outer * outer - r * r), [r, outer, h]
    return _round(kind, scene, goal, value, unit, 2, steps, numbers)


def _pyramid_surface(rng: random.Random) -> Case:
    """A square pyramid with a slant height that is a surd: base, and four triangles."""
    while True:
        half, h = rng.randint(2, 30), rng.randint(2, 40)
        square = half * half + h * h
        if isqrt(square) ** 2 != square:
            break
    unit, side = unit_of(rng), 2 * half
    sides = surd(2 * side, square)
    return Case(
        scene=f"A pyramid has a square base with sides of {side} {unit}, and its tip lies {h} {unit} above the centre of "
        "the base.",
        goal="the whole surface area of the pyramid, the base included",
        form=exact(unit, 2),
        answer=f"{side * side} + {sides}",
        spec=REAL,
        steps=[
            f"The base has {side}^2 = {side * side}.",
            f"Under the tip, the middle of a side of the base is {side}/2 = {half} from the centre.",
            f"So the height of each triangular face is sqrt({half}^2 + {h}^2) = sqrt({square})"
            f"{'' if root(square) == f'sqrt({square})' else f' = {root(square)}'}.",
            f"Each of the four faces has {side} * {root(square)}/2 = {surd(half, square)}.",
            f"Four faces have 4 * {surd(half, square)} = {sides}.",
            "With the base this makes",
        ],
        given={"kind": "pyramid", "numbers": [side, h], "unit": unit},
    )


SURFACES: dict[int, Callable[[random.Random], Case]] = {
    1: _box_surface,
    2: _round_surface,
    3: _cone_surface,
    4: _joined_surface,
    5: _pyramid_surface,
}


@family(
    name="solid_surface",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Calculate {goal}, given the following. {scene} {form}",
    ),
)
def solid_surface(rng: random.Random, level: int) -> Problem:
    """The surface of a box, cylinder, sphere, cone, pipe or pyramid, exact."""
    return posed(solid_surface, rng, SURFACES[level](rng))


@solid_surface.proof
def _solid_surface(given: Given) -> str:
    """Surfaces of revolution as integrals of the circumference along the outline; cross products for faces."""
    import sympy

    kind, unit = given["kind"], given["unit"]
    numbers = [sympy.Integer(number) for number in given["numbers"]]
    t = sympy.Symbol("t")

    def turned(x: object, y: object) -> object:
        """The area swept by the segment from (x, 0) to (0, y) or along an outline, t from 0 to 1."""
        speed = sympy.sqrt(sympy.diff(x, t) ** 2 + sympy.diff(y, t) ** 2)
        return sympy.integrate(2 * sympy.pi * x * speed, (t, 0, 1))

    if kind == "box":
        a, b, c = (sympy.Matrix(row) for row in sympy.diag(*numbers).tolist())
        total = 2 * (a.cross(b).norm() + b.cross(c).norm() + a.cross(c).norm())
        return f"{total} {unit}^2"
    if kind == "pyramid":
        half, h = numbers[0] / 2, numbers[1]
        corners = [
            sympy.Matrix([x, y, -h]) for x, y in ((half, half), (-half, half), (-half, -half), (half, -half))
        ]
        faces = [corners[i - 1].cross(corners[i]).norm() / 2 for i in range(4)]
        return str(sympy.expand(sum(faces) + numbers[0] ** 2))
    r, h = numbers[0], numbers[-1]
    ball = sympy.integrate(2 * sympy.pi * r, (t, -r, r))  # Archimedes: every slice of a sphere has 2*pi*r
    disc, side = turned(r * t, 0 * t), turned(r + 0 * t, h * t)
    if kind == "tube":
        outer = numbers[1]
        rings = turned(r + (outer - r) * t, 0 * t)
        return str(side + turned(outer + 0 * t, h * t) + 2 * rings)
    slanted = turned(r * t, h * t)
    parts = {"sphere": ball, "cylinder": 2 * disc + side, "cone_open": slanted, "cone_closed": slanted + disc}
    return str(parts[kind] if kind in parts else side + ball / 2)
