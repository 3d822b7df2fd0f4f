"""Reflections, rotations, translations and enlargements of points, one after the other.

The construction works on coordinates; the proof multiplies 3 x 3 matrices.
"""

from __future__ import annotations

import random
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import pick, point
from datagen.problems.numbers import nonzero
from datagen.problems.specs import PAIR
from datagen.problems.text import boxed, grouped, ordinal

Step = dict[str, Any]
MIRRORS = ("x-axis", "y-axis", "line y = x", "line y = -x")


def _step(rng: random.Random, kinds: tuple[str, ...]) -> Step:
    kind = pick(rng, *kinds)
    if kind == "translate":
        return {"kind": kind, "by": [nonzero(rng, 9), nonzero(rng, 9)]}
    if kind == "reflect":
        return {"kind": kind, "mirror": pick(rng, *MIRRORS)}
    if kind == "mirror":
        axis = pick(rng, "x", "y")
        return {"kind": kind, "axis": axis, "at": nonzero(rng, 9)}
    if kind == "rotate":
        return {"kind": kind, "turn": pick(rng, 90, 180, 270), "about": [0, 0]}
    if kind == "turn":
        return {
            "kind": "rotate",
            "turn": pick(rng, 90, 180, 270),
            "about": [nonzero(rng, 7), nonzero(rng, 7)],
        }
    return {"kind": "enlarge", "factor": pick(rng, 2, 3, -2), "about": [nonzero(rng, 6), nonzero(rng, 6)]}


def _text(step: Step) -> str:
    """`reflected in the x-axis`: what happens, after `is`."""
    kind = step["kind"]
    if kind == "translate":
        return f"translated by the vector {point(step['by'])}"
    if kind == "reflect":
        return f"reflected in the {step['mirror']}"
    if kind == "mirror":
        return f"reflected in the line {step['axis']} = {step['at']}"
    about = "the origin" if step["about"] == [0, 0] else f"the point {point(step['about'])}"
    if kind == "rotate":
        way = {90: "90 degrees counterclockwise", 180: "180 degrees", 270: "90 degrees clockwise"}[
            step["turn"]
        ]
        return f"rotated by {way} about {about}"
    return f"enlarged by the factor {step['factor']} from {about}"


def _applied(step: Step, x: int, y: int) -> tuple[int, int]:
    kind = step["kind"]
    if kind == "translate":
        return x + step["by"][0], y + step["by"][1]
    if kind == "reflect":
        return {"x-axis": (x, -y), "y-axis": (-x, y), "line y = x": (y, x), "line y = -x": (-y, -x)}[
            step["mirror"]
        ]
    if kind == "mirror":
        return (2 * step["at"] - x, y) if step["axis"] == "x" else (x, 2 * step["at"] - y)
    p, q = step["about"]
    u, v = x - p, y - q
    if kind == "rotate":
        u, v = {90: (-v, u), 180: (-u, -v), 270: (v, -u)}[step["turn"]]
    else:
        u, v = step["factor"] * u, step["factor"] * v
    return p + u, q + v


RULES = {90: "(u, v) goes to (-v, u)", 180: "(u, v) goes to (-u, -v)", 270: "(u, v) goes to (v, -u)"}
MIRROR_RULES = {"x-axis": "(x, -y)", "y-axis": "(-x, y)", "line y = x": "(y, x)", "line y = -x": "(-y, -x)"}


def _reason(step: Step, x: int, y: int) -> str:
    """How the image comes about, ending in it."""
    kind, image = step["kind"], _applied(step, x, y)
    if kind == "translate":
        return f"({x} + {grouped(step['by'][0])}, {y} + {grouped(step['by'][1])}) = {point(image)}"
    if kind == "reflect":
        return f"(x, y) goes to {MIRROR_RULES[step['mirror']]}, so {point((x, y))} goes to {point(image)}"
    if kind == "mirror":
        name, old = (step["axis"], x if step["axis"] == "x" else y)
        return (
            f"{name} goes to 2 * {grouped(step['at'])} - {name}, and 2 * {grouped(step['at'])} - "
            f"{grouped(old)} = "
            f"{image[0] if name == 'x' else image[1]}, so {point((x, y))} goes to {point(image)}"
        )
    p, q = step["about"]
    if kind == "rotate" and not (p or q):
        rule = RULES[step["turn"]].replace("u", "x").replace("v", "y")
        return f"{rule}, so {point((x, y))} goes to {point(image)}"
    seen, turned = (x - p, y - q), (image[0] - p, image[1] - q)
    if kind == "rotate":
        middle = f"{RULES[step['turn']]}, which gives {point(turned)}"
    else:
        middle = f"times {step['factor']} it is {point(turned)}"
    return (
        f"from {point((p, q))} the point is seen at {point(seen)}; {middle}; "
        f"back from {point((p, q))} it lies at {point(image)}"
    )


def _meets_an_axis(steps: list[Step], x: int, y: int) -> bool:
    """Whether an image has a coordinate 0, which makes for odd reading."""
    for step in steps:
        x, y = _applied(step, x, y)
        if not x or not y:
            return True
    return False


LEVEL_KINDS: dict[int, tuple[int, tuple[str, ...]]] = {
    1: (1, ("translate", "reflect", "rotate")),
    2: (2, ("translate", "reflect", "rotate")),
    3: (3, ("translate", "reflect", "rotate", "mirror")),
    4: (4, ("translate", "reflect", "rotate", "mirror", "turn")),
    5: (5, ("translate", "reflect", "mirror", "turn", "turn", "enlarge")),
}
"""Per level: how many transformations, and which kinds."""


@family(
    name="point_transformations",
    wordings=(
        "{start} {steps} Where does it end? Answer as a pair (x, y).",
        "{start} {steps} Find its final image. Answer as a pair (x, y).",
        "{start} {steps} What are its coordinates now? Answer as a pair (x, y).",
    ),
)
def point_transformations(rng: random.Random, level: int) -> Problem:
    """The image of a point, or of a corner of a triangle, after several transformations."""
    count, kinds = LEVEL_KINDS[level]
    x, y = nonzero(rng, 9), nonzero(rng, 9)
    steps: list[Step] = []
    while len(steps) < count:
        step = _step(rng, kinds)
        if not steps or step["kind"] != steps[-1]["kind"]:
            steps.append(step)
    texts = [_text(step) for step in steps]
    if count == 1:
        told = f"It is {texts[0]}."
    else:
        told = f"First it is {texts[0]}. " + " ".join(f"Then it is {text}." for text in texts[1:])
    if _meets_an_axis(steps, x, y):
        return point_transformations.construct(rng, level)
    lines, here = [], (x, y)
    for number, step in enumerate(steps, 1):
        lines.append(f"{ordinal(number)} step: {_reason(step, *here)}.")
        here = _applied(step, *here)
    answer = point(here)
    return Problem(
        question=point_transformations.ask(rng, start=f"A point lies at {point((x, y))}.", steps=told),
        answer=answer,
        spec=PAIR,
        solution="\n".join([*lines, f"The point ends at {boxed(answer)}"]),
        given={"point": [x, y], "steps": steps},
        key=("point_transformations", x, y, *texts),
    )


@point_transformations.proof
def _point_transformations(given: Given) -> str:
    """Each transformation as a matrix for homogeneous coordinates, multiplied in order."""
    import sympy

    mirrors = {
        "x-axis": (1, 0, 0, -1),
        "y-axis": (-1, 0, 0, 1),
        "line y = x": (0, 1, 1, 0),
        "line y = -x": (0, -1, -1, 0),
    }
    whole = sympy.eye(3)
    for step in given["steps"]:
        linear_part, fixed, shift = sympy.eye(2), sympy.zeros(2, 1), sympy.zeros(2, 1)
        if step["kind"] == "translate":
            shift = sympy.Matrix(step["by"])
        elif step["kind"] == "reflect":
            linear_part = sympy.Matrix(2, 2, mirrors[step["mirror"]])
        elif step["kind"] == "mirror":
            linear_part = sympy.diag(-1, 1) if step["axis"] == "x" else sympy.diag(1, -1)
            fixed = sympy.Matrix([step["at"], step["at"]])
        else:
            fixed = sympy.Matrix(step["about"])
            angle = step.get("turn", 0) * sympy.pi / 180
            linear_part = step.get("factor", 1) * sympy.Matrix(
                [[sympy.cos(angle), -sympy.sin(angle)], [sympy.sin(angle), sympy.cos(angle)]]
            )
        moved = fixed - linear_part * fixed + shift
        whole = (
            sympy.Matrix.vstack(sympy.Matrix.hstack(linear_part, moved), sympy.Matrix([[0, 0, 1]])) * whole
        )
    x, y, _ = whole * sympy.Matrix([*given["point"], 1])
    return f"({x}, {y})"
