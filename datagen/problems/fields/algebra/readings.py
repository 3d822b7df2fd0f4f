"""What the proofs of this field share: sympy's results in the project's writing.

Constructions use none of it, so that the two routes have nothing in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any


def written(expression: Any) -> str:
    """sympy's formula with `^` for powers and `i` for the imaginary unit."""
    return str(expression).replace("**", "^").replace("I", "i")


def written_set(values: Iterable[Any]) -> str:
    """`{1, 2}`."""
    return "{" + ", ".join(map(written, values)) + "}"


def written_tuple(values: Iterable[Any]) -> str:
    """`(1, 2)`."""
    return "(" + ", ".join(map(written, values)) + ")"


def written_region(region: Any) -> str:
    """A union of intervals: `(-infinity, 3] U (5, infinity)`."""
    import sympy

    pieces = region.args if isinstance(region, sympy.Union) else [region]
    return " U ".join(_written_interval(piece) for piece in pieces)


def _written_interval(piece: Any) -> str:
    import sympy

    if piece is sympy.S.Reals:
        return "(-infinity, infinity)"
    low, high = (str(end).replace("oo", "infinity") for end in (piece.start, piece.end))
    return f"{'(' if piece.left_open else '['}{low}, {high}{')' if piece.right_open else ']'}"


def where(conditions: Sequence[tuple[Any, Any, str]]) -> Any:
    """The real x at which every `(above, below, relation)` has `above / below relation 0`, as a sympy set."""
    import sympy
    from sympy.solvers.inequalities import solve_rational_inequalities

    x = sympy.Symbol("x")
    region = sympy.S.Reals
    for above, below, relation in conditions:
        fraction = (sympy.Poly(above, x), sympy.Poly(below, x))
        region = region.intersect(solve_rational_inequalities([[(fraction, relation)]]))
    return region


def sampled(holds: Callable[[Any], bool], candidates: Iterable[Any]) -> str:
    """The real numbers for which `holds` is true, when that can change at the rational `candidates` alone.

    Asked at every candidate and once between any two neighbours, which is exact.
    """
    import sympy

    points = sorted(set(map(sympy.Rational, candidates)))
    region = sympy.S.EmptySet
    for low, high in zip([-sympy.oo, *points], [*points, sympy.oo], strict=True):
        middle = high - 1 if low == -sympy.oo else low + 1 if high == sympy.oo else (low + high) / 2
        if holds(middle):
            region = region.union(sympy.Interval.open(low, high))
    for point in filter(holds, points):
        region = region.union(sympy.FiniteSet(point))
    return written_region(region)
