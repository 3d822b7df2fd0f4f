"""Areas put together from rectangles: corners cut off, paths, walks along a wall, overlapping plots.

The proof counts unit squares.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, in_unit, posed, unit_of
from datagen.problems.specs import QUANTITY
from datagen.problems.text import listing

Rectangle = tuple[int, int, int, int]


def _area_case(
    scene: str, goal: str, area: int, unit: str, steps: list[str], given: Given, key: tuple
) -> Case:
    answer = f"{area} {unit}^2"
    return Case(scene, goal, in_unit(unit, 2), answer, QUANTITY, steps, {**given, "unit": unit}, key)


def _corner_cut(rng: random.Random) -> Case:
    a, b, unit = rng.randint(5, 30), rng.randint(5, 30), unit_of(rng)
    c, d = rng.randint(1, a - 2), rng.randint(1, b - 2)
    return _area_case(
        scene=f"From one corner of a rectangle of {a} {unit} by {b} {unit}, a smaller rectangle is cut "
        "off. It takes "
        f"{c} {unit} of the side of {a} {unit} and {d} {unit} of the side of {b} {unit}.",
        goal="the area that is left",
        area=a * b - c * d,
        unit=unit,
        steps=[f"Whole: {a} * {b} = {a * b}. Cut off: {c} * {d} = {c * d}.", f"{a * b} - {c * d} ="],
        given={"kind": "corner", "sides": [a, b], "cut": [c, d]},
        key=("corner", *min((a, b, c, d), (b, a, d, c))),
    )


def _path(rng: random.Random) -> Case:
    """A path of one width round a rectangle, or along the inside of its edge."""
    outside = rng.random() < 0.5
    while True:
        a, b, w = rng.randint(5, 40), rng.randint(5, 40), rng.randint(1, 6)
        if outside or 2 * w < min(a, b) - 1:
            break
    sign = 1 if outside else -1
    c, d = a + 2 * sign * w, b + 2 * sign * w
    where = "all round the outside of it" if outside else "along the inside of its whole edge"
    word = "outer" if outside else "inner"
    larger, smaller = max(a * b, c * d), min(a * b, c * d)
    return _area_case(
        scene=f"A rectangular lawn is {a} m long and {b} m wide. A path {w} m wide runs {where}. The path "
        "has square "
        "corners.",
        goal="the area of the path",
        area=larger - smaller,
        unit="m",
        steps=[
            f"The {word} rectangle has the sides {a} {'+' if outside else '-'} 2 * {w} = {c} and "
            f"{b} {'+' if outside else '-'} 2 * {w} = {d}.",
            f"The two rectangles have the areas {a} * {b} = {a * b} and {c} * {d} = {c * d}.",
            f"The path is the difference: {larger} - {smaller} =",
        ],
        given={"kind": "path", "sides": [a, b], "width": w, "outside": outside},
        key=("path", min(a, b), max(a, b), w, outside),
    )


def _overlap(rng: random.Random) -> Case:
    """The area covered by two overlapping rectangles in coordinates."""
    while True:
        first, second = _rectangle(rng, 12), _rectangle(rng, 12)
        common = _common(first, second)
        if common and common not in (first, second):
            break
    (p, q, r, s), (a, b, c, d) = first, second
    e, f, g, h = common
    sizes = [_size(each) for each in (first, second, common)]
    return _area_case(
        scene=f"In a plan with axes in metres, one rectangle has the opposite corners ({p}, {q}) and "
        f"({r}, {s}), "
        f"another ({a}, {b}) and ({c}, {d}). All sides are parallel to the axes.",
        goal="the area covered by the two rectangles together",
        area=sizes[0] + sizes[1] - sizes[2],
        unit="m",
        steps=[
            f"The first is {r} - {p} = {r - p} wide and {s} - {q} = {s - q} high: {r - p} * {s - q} = "
            f"{sizes[0]}.",
            f"The second is {c} - {a} = {c - a} wide and {d} - {b} = {d - b} high: {c - a} * {d - b} = "
            f"{sizes[1]}.",
            f"They share x from {e} to {g} and y from {f} to {h}: {g - e} * {h - f} = {sizes[2]}.",
            f"The shared part counts once: {sizes[0]} + {sizes[1]} - {sizes[2]} =",
        ],
        given={"kind": "union", "rectangles": [list(first), list(second)]},
        key=("union", *sorted((first, second))),
    )


def _rectangle(rng: random.Random, reach: int) -> Rectangle:
    x, y = rng.randint(0, reach), rng.randint(0, reach)
    return x, y, x + rng.randint(2, reach), y + rng.randint(2, reach)


def _size(rectangle: Rectangle) -> int:
    return (rectangle[2] - rectangle[0]) * (rectangle[3] - rectangle[1])


def _common(first: Rectangle, second: Rectangle) -> Rectangle | None:
    low = (max(first[0], second[0]), max(first[1], second[1]))
    high = (min(first[2], second[2]), min(first[3], second[3]))
    return (*low, *high) if low[0] < high[0] and low[1] < high[1] else None


def _walk_case(rng: random.Random, columns: int, holes: bool) -> Case:
    """The walls of a room, walked along: north first, then over the tops of columns of different heights.

    The columns stand side by side on a straight south wall, so the way back is one step.
    """
    widths = [rng.randint(2, 9) for _ in range(columns)]
    heights = [rng.randint(4, 18)]
    while len(heights) < columns:
        height = rng.randint(4, 18)
        if height != heights[-1]:
            heights.append(height)
    moves = [("north", heights[0])]
    for i in range(columns):
        moves.append(("east", widths[i]))
        change = (heights[i + 1] if i + 1 < columns else 0) - heights[i]
        moves.append(("north" if change > 0 else "south", abs(change)))
    moves.append(("west", sum(widths)))
    way = listing([f"{length} m {direction}" for direction, length in moves])
    areas = [width * height for width, height in zip(widths, heights, strict=True)]
    total = sum(areas)
    steps = ["Cut the floor by north-south lines at the corners: columns on the straight south wall."]
    steps += [
        f"Column {i + 1} is {widths[i]} m wide and {heights[i]} m long: {widths[i]} * {heights[i]} = "
        f"{areas[i]}."
        for i in range(columns)
    ]
    given: Given = {"kind": "walk", "moves": [[direction, length] for direction, length in moves]}
    text, pits = "", []
    if holes:
        a, b = rng.randint(1, 2), rng.randint(1, 2)  # ten of the largest fit in any hall
        count = rng.randint(2, 5)
        text = f" In the floor there are {count} rectangular pits of {a} m by {b} m each."
        given |= {"pits": [count, a, b]}
        steps.append(
            f"All columns: {' + '.join(map(str, areas))} = {total}. Pits: {count} * {a} * {b} = "
            f"{count * a * b}."
        )
        steps.append(f"{total} - {count * a * b} =")
        total -= count * a * b
        goal, pits = "the area of the floor without the pits", [count, min(a, b), max(a, b)]
    else:
        steps.append(f"{' + '.join(map(str, areas))} =")
        goal = "the area of the floor"
    forward = tuple(zip(widths, heights, strict=True))
    return _area_case(
        scene=f"Someone walks once along all walls of a hall, from a corner back to it: {way}.{text}",
        goal=goal,
        area=total,
        unit="m",
        steps=steps,
        given=given,
        key=("walk", min(forward, forward[::-1]), *pits),
    )


CASES: dict[int, Callable[[random.Random], Case]] = {
    1: _corner_cut,
    2: _path,
    3: _overlap,
    4: lambda rng: _walk_case(rng, 4, False),
    5: lambda rng: _walk_case(rng, 5, True),
}


@family(
    name="composite_area",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Work out {goal}. {scene} {form}",
    ),
)
def composite_area(rng: random.Random, level: int) -> Problem:
    """The area of a figure made of rectangles: cut, framed, overlapping, or walked round."""
    return posed(composite_area, rng, CASES[level](rng))


@composite_area.proof
def _composite_area(given: Given) -> str:
    """Unit squares, counted one by one; on the walk, the squares with an odd number of walls to the west."""
    kind, unit = given["kind"], given["unit"]
    if kind == "corner":
        (a, b), (c, d) = given["sides"], given["cut"]
        squares = sum(not (x < c and y < d) for x in range(a) for y in range(b))
    elif kind == "path":
        (a, b), w = given["sides"], given["width"]
        if given["outside"]:
            a, b = a + 2 * w, b + 2 * w
        squares = sum(min(x, y, a - 1 - x, b - 1 - y) < w for x in range(a) for y in range(b))
    elif kind == "union":
        covered = {(x, y) for a, b, c, d in given["rectangles"] for x in range(a, c) for y in range(b, d)}
        squares = len(covered)
    else:
        walls: set[tuple[int, int]] = set()
        x = y = 0
        for direction, length in given["moves"]:
            for _ in range(length):
                if direction == "north":
                    walls.add((x, y))
                    y += 1
                elif direction == "south":
                    y -= 1
                    walls.add((x, y))
                else:
                    x += 1 if direction == "east" else -1
        if (x, y) != (0, 0):
            raise ValueError("the walk does not return")
        width = max(x for x, _ in walls) + 1
        rows = {y for _, y in walls}
        squares = sum(sum((u, y) in walls for u in range(x + 1)) % 2 for y in rows for x in range(width))
        count, a, b = given.get("pits", [0, 0, 0])
        squares -= count * a * b
    return f"{squares} {unit}^2"
