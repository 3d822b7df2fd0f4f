"""Paths and sequences counted by recurrence or reflection: grid walks, stairs and tilings, ballots.

Constructions use binomial coefficients, recurrences and the reflection principle; proofs walk step by step
or, for the recurrences, sum over how often each tile is used.
"""

from __future__ import annotations

import random
from itertools import combinations, pairwise, product
from math import comb, factorial, prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.combinatorics.writing import choosing, plus, times, wrong
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, counted, listing

Point = tuple[int, int]
GRIDS = {1: (2, 11, 0, 0), 2: (3, 9, 1, 0), 3: (3, 9, 0, 1), 4: (4, 10, 1, 1), 5: (4, 11, 0, 2)}
"""Per level: the sides of the grid, from and to, how many points must be visited, and how many avoided."""


@family(
    name="lattice_paths",
    wordings=(
        "A path leads from (0, 0) to ({width}, {height}); each step goes one unit to the right or one unit "
        "up. How many such paths are there{conditions}?",
        "On a grid you move from the point (0, 0) to the point ({width}, {height}), each step being 1 to the "
        "right or 1 up. In how many ways can you go{conditions}?",
        "Using only steps of one unit right or one unit up, count the ways to walk from (0, 0) to "
        "({width}, {height}){conditions}.",
    ),
)
def lattice_paths(rng: random.Random, level: int) -> Problem:
    """Grid paths through some points and round others, by products of binomials and exclusion."""
    low, high, forced, blocked = GRIDS[level]
    width, height = rng.randint(low, high), rng.randint(low, high)
    inner = [(x, y) for x in range(width + 1) for y in range(height + 1) if 0 < x + y < width + height]
    while True:
        points = rng.sample(inner, forced + blocked)
        through, avoid = sorted(points[:forced]), sorted(points[forced:])
        if any(x + y < 2 or x + y > width + height - 2 for x, y in points):
            continue
        count, lines = _paths_text((width, height), through, avoid)
        if count and _all_matter((0, 0), (width, height), through, avoid):
            break
    texts = [f"pass through the point ({x}, {y})" for x, y in through]
    texts += (
        [f"avoid the point{'s' * (len(avoid) > 1)} {listing([f'({x}, {y})' for x, y in avoid])}"]
        if avoid
        else []
    )
    mirrored = [sorted((y, x) for x, y in each) for each in (through, avoid)]
    sides = min((width, height, through, avoid), (height, width, mirrored[0], mirrored[1]))
    return Problem(
        question=lattice_paths.ask(
            rng, width=width, height=height, conditions=f" if the path must {listing(texts)}" if texts else ""
        ),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join([*lines[:-1], f"{lines[-1].rpartition(' = ')[0]} = {boxed(str(count))}"]),
        given={
            "end": [width, height],
            "through": [list(p) for p in through],
            "avoid": [list(p) for p in avoid],
        },
        key=("lattice_paths", *sides[:2], tuple(sides[2]), tuple(sides[3])),
    )


def _between(start: Point, end: Point) -> int:
    right, up = end[0] - start[0], end[1] - start[1]
    return comb(right + up, right) if right >= 0 and up >= 0 else 0


def _all_matter(start: Point, end: Point, through: list[Point], avoid: list[Point]) -> bool:
    """Whether some path goes through all the points at once, so that none of them is idle."""
    return all(_between(*leg) for leg in pairwise(sorted([start, *through, *avoid, end])))


def _leg(start: Point, end: Point) -> str:
    right, up = end[0] - start[0], end[1] - start[1]
    way = f"From ({start[0]}, {start[1]}) to ({end[0]}, {end[1]})"
    return f"{way} it takes {right} steps right and {up} up: {choosing(right + up, right)}".replace(
        " 1 steps", " 1 step"
    )


def _chain(stops: list[Point]) -> tuple[int, list[str], str]:
    """The paths through all stops in turn: their number, a line for each leg, and the product."""
    legs = list(pairwise(stops))
    ways = [_between(*leg) for leg in legs]
    if not all(ways):
        return 0, [], "0"
    return prod(ways), [_leg(*leg) for leg in legs], times(ways)


def _paths_text(end: Point, through: list[Point], avoid: list[Point]) -> tuple[int, list[str]]:
    stops = [(0, 0), *through, end]
    total, lines, product_text = _chain(stops)
    if len(stops) > 2:
        lines.append(f"Through the given point: {product_text} = {total}")
    count, terms = total, [str(total)]
    for number in range(1, len(avoid) + 1):
        for chosen in combinations(avoid, number):
            bad, legs, product_text = _chain(sorted([*stops, *chosen]))
            if not bad:
                continue
            name = listing([f"({x}, {y})" for x, y in chosen])
            lines += [line for line in legs if line not in lines]
            lines.append(f"Paths through {name} as well: {product_text} = {bad}")
            terms.append(f"{'-' if number % 2 else '+'} {bad}")
            count += (-1) ** number * bad
    return count, [*lines, *([f"{' '.join(terms)} = {count}"] if avoid else [])]


@lattice_paths.proof
def _lattice_paths(given: Given) -> str:
    """Point by point: the paths to a point come from the left and from below."""
    width, height = given["end"]
    avoid, through = set(map(tuple, given["avoid"])), [tuple(point) for point in given["through"]]
    paths: dict[Point, int] = {}
    for x, y in product(range(width + 1), range(height + 1)):
        cut = any(x + y == a + b and (x, y) != (a, b) for a, b in through)
        into = paths.get((x - 1, y), 0) + paths.get((x, y - 1), 0) if x + y else 1
        paths[x, y] = 0 if cut or (x, y) in avoid else into
    return str(paths[width, height])


@lattice_paths.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    width, height = given["end"]
    return [], wrong(
        answer,
        comb(width + height, width),
        2 ** (width + height),
        width * height,
        comb(width + height + 2, width + 1),
    )


TILINGS = {1: (2, 4, 10), 2: (3, 6, 11), 3: (3, 6, 9), 4: (3, 10, 12), 5: (3, 12, 14)}
"""Per level: how many lengths of tile there are, and the length of the strip, from and to."""


@family(
    name="tilings",
    wordings=(
        "A strip of length {n} is tiled with tiles of {tiles}.{limits} In how many ways can this be done?",
        "Tiles of {tiles} are placed one after the other to fill a strip of length {n}.{limits} How many "
        "tilings are there?",
        "Count the ways to fill a strip of length {n} from left to right with tiles of {tiles}.{limits}",
    ),
)
def tilings(rng: random.Random, level: int) -> Problem:
    """Tilings of a strip by a recurrence on its length, from level 3 with tiles in several colours."""
    number, low, high = TILINGS[level]
    while True:
        lengths = sorted(rng.sample(range(1, 7 if level < 3 else 6), number))
        colours = [1] * number if level < 3 else [rng.randint(1, 4 if level < 5 else 3) for _ in lengths]
        n = rng.randint(low, high)
        joint = rng.randint(3, n - 3) if level == 5 else 0
        values = _tiling_values(lengths, colours, n, joint)
        if values[n] and (level < 3 or max(colours) > 1) and values[n] < 10**8 and lengths[0] < 3:
            break
    return Problem(
        question=tilings.ask(
            rng,
            n=n,
            tiles=listing(_tile_names(lengths, colours)),
            limits=_tiling_limits(max(colours), joint),
        ),
        answer=str(values[n]),
        spec=INTEGER,
        solution=_tiling_text(lengths, colours, values, joint),
        given={
            "length": n,
            "tiles": [list(tile) for tile in zip(lengths, colours, strict=True)],
            "no_joint_at": joint,
        },
        key=("tilings", n, *zip(lengths, colours, strict=True), min(joint, n - joint)),
    )


def _tile_names(lengths: list[int], colours: list[int]) -> list[str]:
    if max(colours) == 1:
        return [f"length {size}" for size in lengths]
    return [
        f"length {size} in {counted(kinds, 'colour')}" for size, kinds in zip(lengths, colours, strict=True)
    ]


def _tiling_limits(colours: int, joint: int) -> str:
    text = " Tilings that differ in the order of the tiles are different."
    if colours > 1:
        text = " Tilings that differ in the order of the lengths or in a colour are different."
    return text + (f" No tile may begin or end at distance {joint} from the left end." if joint else "")


def _tiling_values(lengths: list[int], colours: list[int], n: int, joint: int) -> list[int]:
    """How many tilings there are of every length up to `n`."""
    values = [1]
    for end in range(1, n + 1):
        tiles = zip(lengths, colours, strict=True)
        fits = [kinds * values[end - size] for size, kinds in tiles if size <= end]
        values.append(0 if end == joint else sum(fits))
    return values


def _tiling_text(lengths: list[int], colours: list[int], values: list[int], joint: int) -> str:
    terms = [
        f"{f'{kinds} * ' if kinds > 1 else ''}f(n - {size})"
        for size, kinds in zip(lengths, colours, strict=True)
    ]
    lines = ["Let f(n) be the number of tilings of length n, with f(0) = 1 and f(n) = 0 for n < 0."]
    lines.append(f"By the length of the last tile, f(n) = {plus(terms)}.")
    if joint:
        lines.append(f"But f({joint}) = 0, as no tile may end there.")
    for n in range(1, len(values)):
        tiles = [
            f"{f'{kinds} * ' if kinds > 1 else ''}{values[n - size]}"
            for size, kinds in zip(lengths, colours, strict=True)
            if size <= n
        ]
        if n == joint:
            continue
        work = plus(tiles) if tiles else "0"
        value = boxed(str(values[n])) if n == len(values) - 1 else str(values[n])
        lines.append(f"f({n}) = {value}" if work == str(values[n]) else f"f({n}) = {work} = {value}")
    return "\n".join(lines)


@tilings.proof
def _tilings(given: Given) -> str:
    """Over how often each tile is used; with a forbidden joint, all tilings without those that have it."""

    def count(n: int) -> int:
        total = 0
        tiles = given["tiles"]
        for used in product(*(range(n // size + 1) for size, _ in tiles)):
            if sum(times_used * size for times_used, (size, _) in zip(used, tiles, strict=True)) == n:
                orders = factorial(sum(used)) // prod(map(factorial, used))
                total += orders * prod(kinds**u for u, (_, kinds) in zip(used, tiles, strict=True))
        return total

    n, joint = given["length"], given["no_joint_at"]
    return str(count(n) - (count(joint) * count(n - joint) if joint else 0))


@tilings.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    n = given["length"]
    return [], wrong(answer, 2**n, 2 ** (n - 1), len(given["tiles"]) ** n)
