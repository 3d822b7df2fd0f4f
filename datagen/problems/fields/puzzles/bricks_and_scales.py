"""Unknown numbers held together by sums: pyramids of bricks, and shapes on balance scales.

Constructions choose the numbers first and give as much as one needs to go back; the proofs solve the
equations.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import comb
from typing import Any

from datagen.problems.canonical import canonical
from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.puzzles.elimination import only_solution
from datagen.problems.specs import INTEGER, QUANTITY
from datagen.problems.text import boxed, counted, linear

Brick = tuple[int, int]  # row from the top and place from the left, both from 0
PYRAMIDS = {1: (3, 2, 30), 2: (4, 1, 20), 3: (5, 1, 40), 4: (6, 1, 25), 5: (7, -20, 30)}
"""Per level: the number of rows, the least and the greatest number in the bottom row."""


@family(
    name="number_pyramid",
    wordings=(
        "In a number pyramid every brick above the bottom row is the sum of the two bricks it stands on. "
        "From the top row to the bottom row it reads {rows}, where ? is an unknown number. Find x.",
        "Each number in this pyramid, apart from the bottom row, is the sum of the two numbers right below "
        "it. The rows from top to bottom are {rows}; question marks stand for unknown numbers. What is x?",
        "A pyramid of bricks has the rows {rows}, the top row first and ? for every number that is not "
        "given. A brick's number is always the sum of the numbers of the two bricks below it. Determine x.",
    ),
)
def number_pyramid(rng: random.Random, level: int) -> Problem:
    """A brick of a pyramid of sums, found from the bricks around it, or with an equation from level 4 on."""
    height, low, high = PYRAMIDS[level]
    bottom = [rng.choice([n for n in range(low, high + 1) if n]) for _ in range(height)]
    pyramid = [bottom]
    while len(pyramid[0]) > 1:
        pyramid.insert(0, [a + b for a, b in pairwise(pyramid[0])])
    if level == 1:
        asked: Brick = (0, 0)
        shown = {(height - 1, place) for place in range(height)}
        lines = [_row_worked(pyramid, row) for row in range(height - 2, -1, -1)]
    elif level < 4:
        asked, shown, lines = _dug(rng, pyramid, 3 if level == 2 else 5)
    else:
        asked = (height - 1, rng.randint(1, height - 2))
        shown = {(height - 1, place) for place in range(height)} - {asked} | {(0, 0)}
        lines = _equation_worked(pyramid, asked[1])
    rows = [
        ["x" if (i, j) == asked else number if (i, j) in shown else "?" for j, number in enumerate(row)]
        for i, row in enumerate(pyramid)
    ]
    answer = str(pyramid[asked[0]][asked[1]])
    mirrored = [row[::-1] for row in rows]
    return Problem(
        question=number_pyramid.ask(rng, rows=", ".join(f"[{', '.join(map(str, row))}]" for row in rows)),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"x = {boxed(answer)}"]),
        given={"rows": rows},
        key=("number_pyramid", min(str(rows), str(mirrored))),
    )


def _row_worked(pyramid: Sequence[Sequence[int]], row: int) -> str:
    below = pyramid[row + 1]
    sums = [f"{a} + {b} = {a + b}" for a, b in pairwise(below)]
    return f"Row {row + 1} from the top: {', '.join(sums)}."


@cache
def _trios(height: int) -> dict[Brick, list[tuple[Brick, Brick, Brick]]]:
    """For each brick the trios it is in: a brick with the two it stands on."""
    bricks = [(i, j) for i in range(height) for j in range(i + 1)]
    trios = [((i, j), (i + 1, j), (i + 1, j + 1)) for i, j in bricks if i < height - 1]
    return {brick: [trio for trio in trios if brick in trio] for brick in bricks}


def _dug(
    rng: random.Random, pyramid: Sequence[Sequence[int]], least: int
) -> tuple[Brick, set[Brick], list[str]]:
    """A brick to ask for, the bricks to show, and at least so many steps from these to that one."""
    trios = _trios(len(pyramid))
    bricks = list(trios)
    while True:
        shown = set(bricks)
        reasons: dict[Brick, tuple[Brick, Brick, Brick]] = {}
        for brick in rng.sample(bricks, len(bricks)):
            trio = next((trio for trio in trios[brick] if shown.issuperset(trio)), None)
            if trio:
                shown.remove(brick)
                reasons[brick] = trio
        for asked in reasons:
            needed = {asked}
            for brick in reasons:  # later ones are solved earlier
                if brick in needed:
                    needed.update(reasons[brick])
            steps = [brick for brick in reversed(reasons) if brick in needed]
            if len(steps) >= least:
                return asked, shown, [_trio_worked(pyramid, brick, reasons[brick]) for brick in steps]


def _trio_worked(pyramid: Sequence[Sequence[int]], brick: Brick, trio: tuple[Brick, Brick, Brick]) -> str:
    above, left, right = (pyramid[i][j] for i, j in trio)
    name = f"Row {brick[0] + 1}, brick {brick[1] + 1}"
    if brick == trio[0]:
        return f"{name}: {left} + {right} = {above}."
    other = right if brick == trio[1] else left
    return f"{name}: {above} - {other} = {above - other}."


def _equation_worked(pyramid: Sequence[Sequence[int]], place: int) -> list[str]:
    """Every row in terms of x, and the equation of the top."""
    bottom = pyramid[-1]
    row = [(1, 0) if j == place else (0, number) for j, number in enumerate(bottom)]
    lines = [f"Row {len(row)}: {', '.join(_in_x(*brick) for brick in row)}."]
    while len(row) > 1:
        row = [(a + c, b + d) for (a, b), (c, d) in pairwise(row)]
        lines.append(f"Row {len(row)}: {', '.join(_in_x(*brick) for brick in row)}.")
    slope, constant = row[0]
    top = pyramid[0][0]
    lines.append(f"The top is {top}, so {_in_x(slope, constant)} = {top}.")
    if constant:
        lines.append(f"{slope}x = {top - constant}.")
    lines.append(f"x = {top - constant}/{slope} = {(top - constant) // slope}.")
    return lines


def _in_x(slope: int, constant: int) -> str:
    return linear([(slope, "x"), (constant, "")])


@number_pyramid.proof
def _number_pyramid(given: Given) -> str:
    rows = given["rows"]
    height = len(rows)

    def weights(i: int, j: int) -> list[Fraction]:
        """How often each brick of the bottom row counts in this one."""
        return [Fraction(comb(height - 1 - i, k - j) if k >= j else 0) for k in range(height)]

    known = [(i, j) for i, row in enumerate(rows) for j, number in enumerate(row) if isinstance(number, int)]
    bottom = only_solution([weights(i, j) for i, j in known], [Fraction(rows[i][j]) for i, j in known])
    ((i, j),) = [(i, j) for i, row in enumerate(rows) for j, number in enumerate(row) if number == "x"]
    return str(sum(weight * number for weight, number in zip(weights(i, j), bottom, strict=True)))


SHAPES = ("circle", "square", "triangle", "star", "diamond", "cube", "ring")
Side = dict[str, int]  # how many of each shape; "" counts grams
Scale = tuple[Side, Side]
SCALES = {1: 2, 2: 3, 3: 4, 4: 5, 5: 6}  # shapes; at level 5 the first two must be found together


@family(
    name="balance_scales",
    wordings=(
        "Shapes of one kind weigh the same. The following are in balance: {scales}. How much does one "
        "{asked} weigh?",
        "These pairs of pans balance: {scales}. All shapes of a kind have the same weight. Find the weight "
        "of one {asked}.",
        "On several balances there are equal weights on both sides: {scales}. If equal shapes are equally "
        "heavy, what is the weight of a single {asked}?",
    ),
)
def balance_scales(rng: random.Random, level: int) -> Problem:
    """The weight of a shape from balanced scales, each of which gives one more weight."""
    shapes = rng.sample(SHAPES, SCALES[level])
    weights = {shape: rng.randint(2, 6 + 4 * level) for shape in shapes}
    scales: list[Scale] = []
    lines: list[str] = []
    if level == 5:
        scales, lines = _two_together(rng, shapes[:2], weights)
    for place in range(len(scales), len(shapes)):
        scale = _scale(rng, shapes[place], shapes[:place], weights, level)
        scales.append(scale)
        lines.append(_scale_worked(scale, shapes[place], weights))
    asked = shapes[-1]
    answer = f"{weights[asked]} g"
    order = rng.sample(range(len(scales)), len(scales)) if level > 2 else range(len(scales))
    texts = [" = ".join(map(_side_text, scales[place])) for place in order]
    return Problem(
        question=balance_scales.ask(rng, scales="; ".join(texts), asked=asked),
        answer=answer,
        spec=QUANTITY,
        solution="\n".join([*lines, f"One {asked} weighs {boxed(answer)}"]),
        given={"scales": [list(scales[place]) for place in order], "asked": asked},
        key=("balance_scales", canonical(shapes, lambda place: _scales_shape(scales, asked, place))),
    )


def _two_together(
    rng: random.Random, pair: Sequence[str], weights: dict[str, int]
) -> tuple[list[Scale], list[str]]:
    """Two scales with the same two shapes, and how the weights follow from both."""
    first, second = pair
    while True:
        a, b, c, d = (rng.randint(1, 5) for _ in range(4))
        if a * d != b * c:
            break
    sums = [m * weights[first] + n * weights[second] for m, n in ((a, b), (c, d))]
    scales: list[Scale] = [({first: a, second: b}, {"": sums[0]}), ({first: c, second: d}, {"": sums[1]})]
    p, q = first[0], second[0]
    if p == q:
        p, q = "x", "y"
    equations = [
        f"{linear([(m, p), (n, q)])} = {total}" for (m, n), total in zip(((a, b), (c, d)), sums, strict=True)
    ]
    slope, total = a * d - b * c, sums[0] * d - sums[1] * b
    if slope < 0:
        slope, total = -slope, -total
    lines = [
        f"Let a {first} weigh {p} grams and a {second} {q} grams: {equations[0]} and {equations[1]}.",
        f"Multiply the first by {d} and the second by {b}; the difference is {linear([(slope, p)])} = "
        f"{total}.",
        f"So {p} = {weights[first]}, and {linear([(b, q)])} = {sums[0]} - {a} * {weights[first]} = "
        f"{b * weights[second]}, so {q} = {weights[second]}.",
    ]
    return scales, lines


def _scale(rng: random.Random, new: str, known: Sequence[str], weights: dict[str, int], level: int) -> Scale:
    """A scale with one new shape, some of the known ones, and grams where they are needed."""
    left, right = {new: rng.randint(1, 1 + level)}, {}
    if known:
        right[known[-1]] = rng.randint(1, 1 + level)
        if len(known) > 1 and rng.random() < 0.7:
            (left if rng.random() < 0.5 else right)[rng.choice(known[:-1])] = rng.randint(1, 3)
    excess = _weight(left, weights) - _weight(right, weights)
    if excess:
        (right if excess > 0 else left)[""] = abs(excess)
    return left, right


def _weight(side: Side, weights: dict[str, int]) -> int:
    return sum(count * weights.get(name, 1) for name, count in side.items())


def _side_text(side: Side) -> str:
    return " + ".join(counted(count, name) if name else f"{count} g" for name, count in side.items())


def _scale_worked(scale: Scale, new: str, weights: dict[str, int]) -> str:
    """From a scale on which all but one weight is known to that weight."""
    left, right = scale
    count = left[new]
    beside = {name: number for name, number in left.items() if name != new}
    total, less = _weight(right, weights), _weight(beside, weights)
    line = f"{' = '.join(map(_side_text, scale))}: the right side weighs {_sum_text(right, weights)}"
    if beside:
        line += f", the left side without the {new if count == 1 else new + 's'} {_sum_text(beside, weights)}"
        line += f", and {total} - {less} = {total - less}"
    each = f"{total - less} / {count} = {weights[new]}" if count > 1 else str(weights[new])
    return f"{line}, so one {new} weighs {each} g."


def _sum_text(side: Side, weights: dict[str, int]) -> str:
    parts = [f"{count} * {weights[name]}" if name else str(count) for name, count in side.items()]
    total = _weight(side, weights)
    return f"{total} g" if parts == [str(total)] else f"{' + '.join(parts)} = {total} g"


def _scales_shape(scales: Sequence[Scale], asked: str, place: Callable[[str], int]) -> Any:
    def side(each: Side) -> tuple[tuple[int, int], ...]:
        return tuple(sorted((place(name) if name else -1, count) for name, count in each.items()))

    return tuple(sorted(tuple(sorted(map(side, scale))) for scale in scales)), place(asked)


@balance_scales.proof
def _balance_scales(given: Given) -> str:
    names = sorted({name for scale in given["scales"] for side in scale for name in side if name})
    equations, sides = [], []
    for left, right in given["scales"]:
        equations.append([Fraction(left.get(name, 0) - right.get(name, 0)) for name in names])
        sides.append(Fraction(right.get("", 0) - left.get("", 0)))
    return f"{only_solution(equations, sides)[names.index(given['asked'])]} g"
