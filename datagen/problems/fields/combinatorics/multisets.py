"""Arrangements with repetition: rows of things of which some are alike.

Constructions use multinomial coefficients; proofs build the rows one thing after the other and add up.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from math import comb, factorial

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.combinatorics.writing import (
    choosing,
    multinomial,
    multinomial_text,
    wrong,
)
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, capitalized, counted, listing

COLOURS = ("red", "blue", "green", "white", "yellow", "black", "purple", "orange")
THINGS = (("flag", "hang on a line"), ("bead", "lie in a row"), ("tile", "are laid in a row"))
ROWS = {1: (2, 2, 18), 2: (3, 3, 14), 3: (3, 4, 16), 4: (3, 4, 16), 5: (4, 5, 17)}
"""Per level: how many colours, from and to, and how many things at most."""


@dataclass(frozen=True)
class Coloured:
    """A row of things in colours, numbered from 0: the colours required first and last in the row, the one
    whose things are all together, the one of whose things no two are neighbours. -1 where there is none."""

    counts: tuple[int, ...]
    first: int = -1
    last: int = -1
    together: int = -1
    apart: int = -1


def _drawn_colours(rng: random.Random, level: int) -> Coloured:
    fewest, most, largest = ROWS[level]
    while True:
        counts = tuple(rng.randint(1, (12, 9, 7, 7, 6)[level - 1]) for _ in range(rng.randint(fewest, most)))
        places = rng.sample(range(len(counts)), len(counts))
        if level == 3:
            first, last = places[0], rng.choice((-1, *places[:2]))
            row = Coloured(counts, first, last)
        elif level == 4:
            adjacent = (places[0], -1) if rng.random() < 0.5 else (-1, places[0])
            row = Coloured(counts, rng.choice((-1, places[1])), -1, *adjacent)
        elif level == 5:
            row = Coloured(counts, places[2], -1, places[0], places[1])
        else:
            row = Coloured(counts)
        if sum(counts) <= largest and _sensible(row):
            return row


def _sensible(row: Coloured) -> bool:
    enough = row.together < 0 or row.counts[row.together] > 1
    enough &= row.apart < 0 or 2 <= row.counts[row.apart] <= len(_units(row)) + 1
    return enough and (row.last < 0 or row.first != row.last or row.counts[row.first] > 1)


def _units(row: Coloured) -> list[int]:
    """The colours of what is left to arrange freely, one entry a thing or block."""
    left = []
    for colour, count in enumerate(row.counts):
        if colour != row.apart:
            units = 1 if colour == row.together else count
            left += [colour] * (units - (colour == row.first) - (colour == row.last))
    return left


@family(
    name="coloured_rows",
    wordings=(
        "{things} {are}. Things of one colour look alike.{condition} How many different rows are possible?",
        "How many different rows are there when {things} {are}?{condition} Only the order of colours counts.",
        "{things} {are}, and only their colours can be told apart.{condition} Count the different rows.",
    ),
)
def coloured_rows(rng: random.Random, level: int) -> Problem:
    """Rows of things that are alike in groups, by multinomial coefficients, blocks and gaps."""
    row = _drawn_colours(rng, level)
    colours = rng.sample(COLOURS, len(row.counts))
    thing, verb = rng.choice(THINGS)
    things = [f"{count} {colour}" for count, colour in zip(row.counts, colours, strict=True)]
    text = _conditions_on_colours(row, colours, thing)
    count, solution = _worked_colours(row, colours, thing)
    marked = [
        (number, *(colour == mark for mark in (row.first, row.last, row.together, row.apart)))
        for colour, number in enumerate(row.counts)
    ]
    return Problem(
        question=coloured_rows.ask(
            rng,
            things=f"{listing(things)} {thing if row.counts[-1] == 1 else thing + 's'}",
            are=verb,
            condition=f" {capitalized(listing(text))}." if text else "",
        ),
        answer=str(count),
        spec=INTEGER,
        solution=solution,
        given={
            "counts": list(row.counts),
            "first": row.first,
            "last": row.last,
            "all_together": row.together,
            "no_two_neighbours": row.apart,
        },
        key=("coloured_rows", *min(sorted(marked), sorted((m[0], m[2], m[1], *m[3:]) for m in marked))),
    )


def _conditions_on_colours(row: Coloured, colours: list[str], thing: str) -> list[str]:
    text = []
    if row.first == row.last >= 0:
        text.append(f"both ends of the row are {colours[row.first]}")
    elif row.first >= 0:
        text.append(f"the first {thing} is {colours[row.first]}")
        text += [f"the last one is {colours[row.last]}"] if row.last >= 0 else []
    if row.together >= 0:
        text.append(f"all {colours[row.together]} {thing}s are next to each other")
    if row.apart >= 0:
        text.append(f"no two {colours[row.apart]} {thing}s are next to each other")
    return text


def _worked_colours(row: Coloured, colours: list[str], thing: str) -> tuple[int, str]:
    units = _units(row)
    left = [units.count(colour) for colour in range(len(colours)) if units.count(colour)]
    ways = multinomial(left)
    lines = []
    if row.first == row.last >= 0:
        lines.append(
            f"Put {_with_article(colours[row.first])} {thing} at each end; the rest lies between them."
        )
    elif row.first >= 0:
        lines.append(f"Put {_with_article(colours[row.first])} {thing} first.")
        lines += [f"Put {_with_article(colours[row.last])} {thing} last."] if row.last >= 0 else []
    if row.together >= 0:
        lines.append(
            f"The {counted(row.counts[row.together], colours[row.together] + ' ' + thing)} are one block."
        )
    if row.apart >= 0:
        lines.append(f"Leave out the {colours[row.apart]} {thing}s for now.")
    rest = "left to arrange" if lines else "in all"
    parts = [
        f"{units.count(colour)} {'block' if colour == row.together else name}"
        for colour, name in enumerate(colours)
        if units.count(colour)
    ]
    lines.append(f"There are {counted(len(units), 'thing')} {rest}: {listing(parts)}.")
    if row.apart < 0:
        lines.append(f"The number of orders is {_boxed_end(multinomial_text(left))}")
        return ways, "\n".join(lines)
    lines.append(f"The number of orders is {multinomial_text(left)}.")
    gaps, some = len(units) + 1, row.counts[row.apart]
    after = f", none of them before the first {thing}" if row.first >= 0 else ", the outer two included"
    lines.append(f"They leave {gaps} gaps{after}. Choose {some} of the gaps: {choosing(gaps, some)}.")
    count = ways * comb(gaps, some)
    lines.append(f"{ways} * {comb(gaps, some)} = {boxed(str(count))}")
    return count, "\n".join(lines)


def _with_article(colour: str) -> str:
    return f"{'an' if colour[0] == 'o' else 'a'} {colour}"


def _boxed_end(work: str) -> str:
    before, _, value = work.rpartition(" = ")
    return f"{before} = {boxed(value)}"


@coloured_rows.proof
def _coloured_rows(given: Given) -> str:
    """Colour by colour from the left, over what is left of each."""
    first, last = given["first"], given["last"]
    together, apart = given["all_together"], given["no_two_neighbours"]

    @cache
    def rows(left: tuple[int, ...], before: int) -> int:
        if not any(left):
            return int(last < 0 or before == last)
        total = 0
        for colour, count in enumerate(left):
            bad = not count or (colour == before == apart) or (before < 0 <= first != colour)
            if bad or (before == together >= 0 and left[together] and colour != together):
                continue
            total += rows((*left[:colour], count - 1, *left[colour + 1 :]), colour)
        return total

    return str(rows(tuple(given["counts"]), -1))


@coloured_rows.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    counts = given["counts"]
    return [], wrong(answer, factorial(sum(counts)), multinomial(counts), int(answer) * 2)
