"""Antiderivatives and solutions of differential equations: what is claimed is differentiated.

The derivative is taken on the tree (`derivative.py`) and compared as any two formulas are.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import permutations
from typing import Any, ClassVar, TypeGuard

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected, wrong_form
from verifiers.checkers.derivative import (
    ONE,
    ZERO,
    NotDifferentiableError,
    derivative,
    multiplied,
    substituted,
    total,
)
from verifiers.checkers.proving import Prover
from verifiers.checkers.readers import (
    equation,
    finished,
    flag,
    formula,
    listed,
    name,
    read_formula,
    sides,
    value,
    whole,
)
from verifiers.parsing.parse import parse
from verifiers.parsing.show import show
from verifiers.parsing.tree import Negate, Node, Relation, Symbol, symbols
from verifiers.verdict import Outcome

MAX_ORDER = 4


def differentiated(tree: Node, variable: str) -> Node:
    try:
        return derivative(tree, variable)
    except NotDifferentiableError as error:
        raise malformed(f"cannot be differentiated: {error}") from error


@dataclass(frozen=True)
class Antiderivative(Checker):
    """A function whose derivative is `integrand`. With `constant` it must have a constant of integration.

    The derivative is compared wherever the integrand is defined, so `ln(x)` is one of `1/x` only where
    both are real; `ln|x|` always is.
    """

    integrand: str = parameter(formula)
    variable: str = parameter(name, "x")
    constant: bool = parameter(flag, False)

    name: ClassVar[str] = "antiderivative"

    def judge(self, answer: str) -> Outcome:
        names = frozenset((self.variable,))
        wanted = read_formula(self.integrand, names)
        found = value(read_formula(answer, names))
        free = symbols(found) - symbols(wanted) - names
        slope = differentiated(found, self.variable)
        prover = Prover()
        outcome = prover.same(wanted, slope)
        if not outcome.same:
            reason = f"its derivative {show(slope)[:200]} is not the integrand: {outcome.reason}"
            return rejected(reason, derivative=show(slope)[:200], point=outcome.witness)
        slopes = (differentiated(found, each) for each in free)
        if self.constant and all(prover.same(each, ZERO).same for each in slopes):
            return rejected("the constant of integration is missing")
        return accepted("its derivative is the integrand", derivative=show(slope)[:200])

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, n, b = rng.randint(2, 9), rng.randint(2, 5), rng.randint(2, 5)
        parameters = {"integrand": f"{a * (n + 1)} x^{n} + {b} cos({b} x)", "constant": True}
        right = f"{a} x^{n + 1} + sin({b} x) + C"
        wrong = (
            f"{a} x^{n + 1} + sin({b} x)",
            f"{a} x^{n + 1} - sin({b} x) + C",
            f"{a * (n + 1)} x^{n + 1} + sin({b} x) + C",
            f"\\int {a * (n + 1)} x^{n} + {b} cos({b} x) dx",
        )
        return Example(parameters, right, wrong)


def _condition(value: Any) -> tuple[str, str, int]:
    """`{"at": "0", "value": "1", "order": 1}`: the derivative of this order at a point."""
    if isinstance(value, tuple):
        return value  # read already
    if not isinstance(value, dict) or not {"at", "value"} <= set(value) <= {"at", "value", "order"}:
        raise ValueError("use objects with the keys 'at', 'value' and perhaps 'order'")
    at, equals = (formula(str(value[key])) for key in ("at", "value"))
    return at, equals, whole(0, MAX_ORDER)(value.get("order", 0))


@dataclass(frozen=True)
class OdeSolution(Checker):
    """An explicit solution of an ordinary differential equation, written with primes: `y'' + y = 0`.

    `conditions` are initial or boundary values, each `{"at": "0", "value": "1", "order": 0}`. With
    `constants` so many independent arbitrary constants are asked for, as in the general solution. Without
    either, any solution that is not zero everywhere will do.
    """

    equation: str = parameter(equation)
    function: str = parameter(name, "y")
    variable: str = parameter(name, "x")
    conditions: tuple[tuple[str, str, int], ...] = parameter(listed(_condition, 0, 8), ())
    constants: int = parameter(whole(0, MAX_ORDER), 0)

    name: ClassVar[str] = "ode_solution"

    def validate(self) -> None:
        if not self.order():
            raise ValueError(f"the equation has no derivative {self.function}'")

    def order(self) -> int:
        found = symbols(read_formula(self.equation, frozenset((self.variable, self.function))))
        return max((n for n in range(1, MAX_ORDER + 1) if self.function + "'" * n in found), default=0)

    def judge(self, answer: str) -> Outcome:
        x, prover = self.variable, Prover()
        found = self.explicit(answer)
        slopes = [found]
        for _ in range(self.order()):
            slopes.append(differentiated(slopes[-1], x))
        put_in = {self.function + "'" * n: slope for n, slope in enumerate(slopes)}
        left, right = sides(read_formula(self.equation, frozenset((x, self.function))))
        outcome = prover.same(substituted(left, put_in), substituted(right, put_in), both_ways=True)
        if not outcome.same:
            return rejected(f"does not satisfy {self.equation}: {outcome.reason}", point=outcome.witness)
        for at, equals, order in self.conditions:
            slope = slopes[order] if order < len(slopes) else self.higher(slopes, order)
            there = substituted(slope, {x: parse(at)})
            if not prover.same(there, parse(equals)).same:
                primed = self.function + "'" * order
                return rejected(
                    f"{primed}({at}) is {show(there)[:100]}, not {equals}", condition=[at, equals]
                )
        return self.freedom(found, slopes, prover)

    def explicit(self, answer: str) -> Node:
        """The right side of `y = ...`, which must not have the function in it."""
        tree = read_formula(answer, frozenset((self.variable, self.function)))
        if isinstance(tree, Relation) and self.function in symbols(tree.operands[-1]):
            raise wrong_form(f"not solved for {self.function}")
        found = finished(tree.operands[-1]) if _is_head(tree, self.function, self.variable) else value(tree)
        if any(each.rstrip("'") == self.function for each in symbols(found)):
            raise wrong_form(f"not solved for {self.function}")
        return found

    def higher(self, slopes: list[Node], order: int) -> Node:
        slope = slopes[-1]
        for _ in range(order - len(slopes) + 1):
            slope = differentiated(slope, self.variable)
        return slope

    def freedom(self, found: Node, slopes: list[Node], prover: Prover) -> Outcome:
        """Whether the constants asked for are there and do not depend on each other."""
        given = symbols(read_formula(self.equation, frozenset((self.variable,))))
        free = sorted(symbols(found) - given - {self.variable})
        if not self.constants:
            if not self.conditions and prover.same(found, ZERO).same:
                return rejected("zero everywhere, which says nothing")
            return accepted("satisfies the equation and its conditions", solution=show(found)[:200])
        if len(free) != self.constants:
            return rejected(f"{len(free)} arbitrary constants of {self.constants}", constants=free)
        slopes = slopes[: self.constants]
        while len(slopes) < self.constants:
            slopes.append(differentiated(slopes[-1], self.variable))
        jacobian = [[differentiated(slope, each) for each in free] for slope in slopes]
        if prover.same(_determinant(jacobian), ZERO).same:
            return rejected("its constants are not independent", constants=free)
        return accepted("the general solution", solution=show(found)[:200], constants=free)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b = rng.randint(2, 5), rng.randint(2, 9)
        if rng.random() < 0.5:
            parameters: dict[str, Any] = {
                "equation": f"y' = {a} y",
                "conditions": [{"at": "0", "value": str(b)}],
            }
            wrong: tuple[str, ...] = (
                f"{b} e^x",
                f"y = e^({a} x)",
                f"y = {b} e^(-{a} x)",
                "y' = y",
                f"y = {a} \\int y dx",
            )
            return Example(parameters, f"y = {b} e^({a} x)", wrong)
        parameters = {"equation": f"y'' + {a * a} y = 0", "constants": 2}
        right = f"y = A cos({a} x) + B sin({a} x)"
        wrong = (
            f"y = A cos({a} x)",
            f"y = A cos({a} x) + B cos({a} x)",
            f"y = A cos({a * a} x) + B sin({a * a} x)",
            f"y = A e^({a} x) + B e^(-{a} x)",
        )
        return Example(parameters, right, wrong)


def _is_head(tree: Node, function: str, variable: str) -> TypeGuard[Relation]:
    """Whether a tree is `y = ...` or `y(x) = ...`, which reads as a product."""
    if not isinstance(tree, Relation) or tree.operators != ("=",):
        return False
    return tree.operands[0] in (Symbol(function), multiplied([Symbol(function), Symbol(variable)]))


def _determinant(rows: list[list[Node]]) -> Node:
    """Of at most four rows, as the sum over all permutations."""
    terms: list[Node] = []
    for order in permutations(range(len(rows))):
        term = multiplied([rows[i][j] for i, j in enumerate(order)])
        odd = sum(order[i] > order[j] for i in range(len(order)) for j in range(i + 1, len(order))) % 2
        terms.append(Negate(term) if odd else term)
    return total(terms) if terms else ONE
