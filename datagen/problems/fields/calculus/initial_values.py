"""What the differential equations share: exponentials, the checker of solutions, near misses."""

from __future__ import annotations

from datagen.problems.family import Given
from datagen.problems.fields.calculus.functions import Number, applied, term
from datagen.problems.specs import checked_by
from verifiers import AnswerSpec


def growth(rate: Number, variable: str = "x") -> str:
    """`e^(3x)`, `e^x`, `e^(-x/2)`."""
    return applied("exp", term(rate, variable))


def solution_of(equation: str, *conditions: tuple[int, int, int]) -> AnswerSpec:
    """Any solution of the equation with these values: (order of the derivative, where, value)."""
    rows = [{"at": str(at), "value": str(value), "order": order} for order, at, value in conditions]
    return checked_by("ode_solution", equation=equation, conditions=rows)


def solution_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Other heads, other brackets; shifted, doubled, negated, and with exponents of the other sign."""
    solution = answer.removeprefix("y = ")
    same = [solution, f"y(x) = {solution}", f"y = ({solution})"]
    flipped = solution.replace("e^(-", "e^(") if "e^(-" in solution else solution.replace("e^(", "e^(-")
    misses = [f"y = {solution} + 1", f"y = 2*({solution})", f"y = -({solution})"]
    return same, [*misses, *([f"y = {flipped}"] if flipped != solution else [])]
