"""Points on a curve or in a region: every equation and inequality is looked at there."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar

from verifiers.checkers.base import (
    Checker,
    Example,
    RefusedError,
    accepted,
    parameter,
    rejected,
    undecided,
    wrong_form,
)
from verifiers.checkers.derivative import substituted
from verifiers.checkers.equations import DOMAINS, domain_fault
from verifiers.checkers.proving import Prover
from verifiers.checkers.readers import (
    equation,
    formula,
    listed,
    name,
    one_of,
    read_assignment,
    read_formula,
    sides,
)
from verifiers.comparing.canon import canonical
from verifiers.comparing.interval import Interval
from verifiers.comparing.numeric import enclose
from verifiers.parsing.show import show
from verifiers.parsing.tree import Call, Node, Relation, symbols
from verifiers.verdict import Outcome

#: Sides are told apart to so many digits; what agrees further must be the same.
DIGITS = 60
SIGNS = ("=", "!=", "<", ">", "<=", ">=")

Point = dict[str, Node]


def read_point(answer: str, variables: tuple[str, ...], domain: str) -> Point:
    """A value in the domain for each variable, without letters."""
    found = read_assignment(answer, variables)
    for variable, tree in found.items():
        if symbols(tree):
            raise wrong_form(f"{variable} is given by other letters")
        if (fault := domain_fault(tree, domain)) is not None:
            raise RefusedError(rejected(f"{variable}: {fault}"))
    return found


def shown(point: Point) -> dict[str, str]:
    return {variable: show(tree)[:100] for variable, tree in point.items()}


def _other(value: Any) -> tuple[str, ...]:
    return listed(lambda each: formula(str(each)), 1, 16)(value)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class CurvePoint(Checker):
    """A point on `equation`, in `domain`, other than each of `others`: `(3/5, 4/5)`, `x = 1, y = 2`."""

    equation: str = parameter(equation)
    variables: tuple[str, ...] = parameter(listed(name, 1, 16), ("x", "y"))
    domain: str = parameter(one_of(*DOMAINS), "real")
    others: tuple[tuple[str, ...], ...] = parameter(listed(_other, 0, 64), ())

    name: ClassVar[str] = "curve_point"

    def validate(self) -> None:
        strange = symbols(read_formula(self.equation, frozenset(self.variables))) - set(self.variables)
        if strange:
            raise ValueError(f"the equation has {', '.join(sorted(strange))}, which no variable names")
        if any(len(other) != len(self.variables) for other in self.others):
            raise ValueError("each of 'others' must have a value for every variable")

    def judge(self, answer: str) -> Outcome:
        found, prover = read_point(answer, self.variables, self.domain), Prover()
        left, right = sides(read_formula(self.equation, frozenset(self.variables)))
        outcome = prover.same(substituted(left, found), substituted(right, found))
        if not outcome.same:
            return rejected(
                f"not on {self.equation}: {outcome.reason}", point=shown(found), sides=outcome.witness
            )
        for other in self.others:
            pairs = zip(self.variables, other, strict=True)
            if all(prover.same(found[variable], read_formula(value)).same for variable, value in pairs):
                return rejected("one of the points that do not count", point=shown(found))
        return accepted("on the curve", point=shown(found))

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        m, n = sorted(rng.sample(range(1, 9), 2))
        a, b, c = n * n - m * m, 2 * m * n, n * n + m * m
        parameters = {"equation": "x^2 + y^2 = 1", "domain": "rational", "others": [[1, 0], [0, 1]]}
        wrong = (f"({a}/{c}, {b + 1}/{c})", "(1, 0)", "(sqrt(2)/2, sqrt(2)/2)", f"({a}/{c}, y)", f"{a}/{c}")
        return Example(parameters, f"({a}/{c}, {b}/{c})", wrong)


def _relation(value: Any) -> str:
    tree = read_formula(formula(value))
    if not isinstance(tree, Relation) or not set(tree.operators) <= set(SIGNS):
        raise ValueError(f"use a relation with {' '.join(SIGNS)}")
    return str(value)


def holds(tree: Relation, prover: Prover) -> tuple[bool, list[str]]:
    """Whether a chain of relations between values is true, and what those values are, about.

    Values that cannot be told apart by enclosures are compared as formulas, so that `=` is a proof.
    """
    sides = [_enclosed(side) for side in tree.operands]
    about = [f"{low:.6g}" for _, (low, _) in sides]
    for place, (sign, (left, right)) in enumerate(zip(tree.operators, pairwise(sides), strict=True)):
        if left[0] is not None and right[0] is not None:
            order = (left[0] > right[0]) - (left[0] < right[0])
        elif left[1][1] < right[1][0]:
            order = -1
        elif right[1][1] < left[1][0]:
            order = 1
        elif prover.same(tree.operands[place], tree.operands[place + 1]).same:
            order = 0
        else:
            raise RefusedError(undecided("two sides too close to be told apart"))
        if not _TRUE[sign](order):
            return False, about
    return True, about


_TRUE = {
    "=": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}


def _enclosed(tree: Node) -> tuple[int | Fraction | None, Interval]:
    """The value where it is rational, and a lower and an upper bound.

    Raises `RefusedError` where there is no real value. Bounds stay decimals: the exponent of one may have
    any size, which no fraction could be written out with.
    """
    term = canonical(tree)
    found = enclose(term, DIGITS)
    if found is None:
        raise RefusedError(rejected(f"{show(tree)[:100]} is not a real number"))
    return (term[1] if term[0] == "n" else None), found


@dataclass(frozen=True)
class InequalityWitness(Checker):
    """Values for `variables` under which all `relations` are true: `x = 1/2`, `(1, 2)`, or one value alone.

    A relation may be a chain, `0 < x < y`, of `= != < > <= >=`.
    """

    relations: tuple[str, ...] = parameter(listed(_relation, 1, 32))
    variables: tuple[str, ...] = parameter(listed(name, 1, 16), ("x",))
    domain: str = parameter(one_of("real", "rational", "integer"), "real")

    name: ClassVar[str] = "inequality_witness"

    def validate(self) -> None:
        for each in self.trees():
            if strange := symbols(each) - set(self.variables):
                raise ValueError(f"the relations have {', '.join(sorted(strange))}, which no variable names")

    def trees(self) -> list[Relation]:
        trees = (read_formula(each, frozenset(self.variables)) for each in self.relations)
        return [tree for tree in trees if isinstance(tree, Relation)]

    def judge(self, answer: str) -> Outcome:
        tree = read_formula(answer, frozenset(self.variables))
        if isinstance(tree, Call | Relation) and any(sign in answer for sign in "<>≤≥"):
            raise wrong_form("a relation, not values")
        found, prover = read_point(answer, self.variables, self.domain), Prover()
        for text, each in zip(self.relations, self.trees(), strict=True):
            there = substituted(each, found)
            assert isinstance(there, Relation)
            true, about = holds(there, prover)
            if not true:
                return rejected(f"{text} is false there", point=shown(found), sides=about)
        return accepted(f"all {len(self.relations)} relations are true there", point=shown(found))

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b = sorted(rng.sample(range(1, 20), 2))
        parameters = {"relations": [f"x^2 - {a + b} x + {a * b} < 0", f"x != {a}"]}
        right = rng.choice((f"x = {2 * a + 1}/2", f"\\frac{{{2 * b - 1}}}{{2}}", f"\\sqrt{{{a * b}}}"))
        wrong = (str(a), str(b), f"x = {b + 1}", f"{a} < x < {b}", f"{a - 1}", "i")
        return Example(parameters, right, wrong)
