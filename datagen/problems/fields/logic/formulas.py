"""Formulas of propositional logic, for all families that ask about them.

A formula is a name, `["not", f]` or `[connective, f, g]`. Truth tables are bits of one integer, a bit a
world; `sympy_formula` is for proofs alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

Formula = Any  # str | ["not", Formula] | [connective, Formula, Formula]
NAMES = "pqrst"
CONNECTIVES = ("and", "or", "implies", "if and only if")


def formula_text(formula: Formula, outer: bool = True) -> str:
    """The formula in words, with parentheses around every part that has a connective."""
    if isinstance(formula, str):
        return formula
    if formula[0] == "not":
        inner = formula_text(formula[1], False)
        return f"not ({inner})" if inner.startswith("not ") else f"not {inner}"
    text = f"{formula_text(formula[1], False)} {formula[0]} {formula_text(formula[2], False)}"
    return text if outer else f"({text})"


SIGNS = {"and": "&", "or": "|", "implies": "->", "if and only if": "<->"}


def signs(formula: Formula) -> str:
    """The formula with `~`, `&`, `|`, `->` and `<->`, every part in parentheses: as the checkers read it."""
    if isinstance(formula, str):
        return formula
    if formula[0] == "not":
        return f"~{signs(formula[1])}"
    return f"({signs(formula[1])} {SIGNS[formula[0]]} {signs(formula[2])})"


def holds(formula: Formula, tables: Mapping[str, int], every: int) -> int:
    """The worlds where the formula is true, as bits; `every` has all worlds set."""
    if isinstance(formula, str):
        return tables[formula]
    left = holds(formula[1], tables, every)
    if formula[0] == "not":
        return every ^ left
    right = holds(formula[2], tables, every)
    if formula[0] == "and":
        return left & right
    if formula[0] == "or":
        return left | right
    return (every ^ left) | right if formula[0] == "implies" else every ^ left ^ right


_MARKS = {"and": "&", "or": "|", "implies": ">", "if and only if": "="}


def shape(formula: Formula, leaf: Callable[[str], object]) -> str:
    """The formula as a text of its own: leaves replaced, the sides of symmetric connectives in order."""
    if isinstance(formula, str):
        return str(leaf(formula))
    connective = formula[0]
    left = shape(formula[1], leaf)
    if connective == "not":
        return f"~{left}"
    right = shape(formula[2], leaf)
    if right < left and connective != "implies":
        left, right = right, left
    return f"({left}{_MARKS[connective]}{right})"


def literal(rng: random.Random, names: Sequence[str]) -> Formula:
    name = names[int(rng.random() * len(names))]
    return ["not", name] if rng.random() < 0.35 else name


def random_formula(rng: random.Random, names: Sequence[str], connectives: int) -> Formula:
    if not connectives:
        return literal(rng, names)
    draw = rng.random
    connective = CONNECTIVES[int(draw() * 4)]
    if connectives == 1:
        first, second = int(draw() * len(names)), int(draw() * (len(names) - 1))
        second += second >= first
        left, right = names[first], names[second]
        return [
            connective,
            ["not", left] if draw() < 0.35 else left,
            ["not", right] if draw() < 0.35 else right,
        ]
    inside = int(draw() * connectives)
    parts = [random_formula(rng, names, size) for size in (inside, connectives - 1 - inside)]
    formula = [connective, *parts]
    return ["not", formula] if draw() < 0.15 else formula


def names_in(formula: Formula) -> set[str]:
    if isinstance(formula, str):
        return {formula}
    return set().union(*map(names_in, formula[1:]))


def truth_tables(names: Sequence[str]) -> tuple[dict[str, int], int]:
    """For each name the worlds where it is true, as bits, and all worlds; the first name changes fastest.

    Made once for the same names: nobody changes a table.
    """
    return _truth_tables(tuple(names))


@cache
def _truth_tables(names: tuple[str, ...]) -> tuple[dict[str, int], int]:
    every = (1 << (1 << len(names))) - 1
    return {
        name: every // ((1 << (1 << place)) + 1) << (1 << place) for place, name in enumerate(names)
    }, every


def connectives_in(formula: Formula) -> int:
    """How many connectives there are, each "not" included."""
    return 0 if isinstance(formula, str) else 1 + sum(map(connectives_in, formula[1:]))


def columns(formula: Formula, names: Sequence[str]) -> list[str]:
    """The truth table of a formula, a line for each name and each part: its values world by world.

    Worlds are in the usual order: all names true first, the last name changing fastest.
    """
    tables, every = truth_tables(names[::-1])
    table = {name: tables[name] for name in names}
    _fill(formula, tables, every, table)
    worlds = range(every.bit_length() - 1, -1, -1)
    return [
        f"{text}: {''.join('FT'[value >> world & 1] for world in worlds)}" for text, value in table.items()
    ]


def _fill(formula: Formula, tables: Mapping[str, int], every: int, table: dict[str, int]) -> None:
    """The worlds of every part that is not a name, inner parts first."""
    if not isinstance(formula, str):
        for part in formula[1:]:
            _fill(part, tables, every, table)
        table[formula_text(formula)] = holds(formula, tables, every)


def word(value: object) -> str:
    return "true" if value else "false"


def steps(formula: Formula, values: Mapping[str, bool]) -> list[str]:
    """The value of every part that is not a name, inner parts first."""
    if isinstance(formula, str):
        return []
    inner = [step for part in formula[1:] for step in steps(part, values)]
    return [*inner, f"{formula_text(formula)} is {word(holds(formula, values, 1))}"]


def sympy_formula(formula: Formula) -> Any:
    import sympy

    if isinstance(formula, str):
        return sympy.Symbol(formula)
    parts = [sympy_formula(part) for part in formula[1:]]
    connective = {
        "not": sympy.Not,
        "and": sympy.And,
        "or": sympy.Or,
        "implies": sympy.Implies,
        "if and only if": sympy.Equivalent,
    }[formula[0]]
    return connective(*parts)
