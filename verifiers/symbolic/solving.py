"""All solutions of a system of polynomial equations, by sympy, inside the child process.

The equations are built from our own tree, never from a string, and every solution is put in again.
"""

from __future__ import annotations

from typing import Any

from verifiers.parsing.parse import parse
from verifiers.parsing.tree import Relation
from verifiers.symbolic.child import BuildError, build

MAX_EQUATIONS = MAX_UNKNOWNS = 6


def solved(question: dict[str, Any]) -> dict[str, Any]:
    """`solutions` and `asked` of a question with `equations`, `unknowns`, `asked` and `positive`.

    Raises `BuildError` for what is no system of polynomial equations in these unknowns, and for one that
    leaves an unknown open.
    """
    import sympy

    names = frozenset(question["unknowns"])
    if not 1 <= len(names) <= MAX_UNKNOWNS or not 1 <= len(question["equations"]) <= MAX_EQUATIONS:
        raise BuildError("too many equations or unknowns")
    symbols = [sympy.Symbol(name, real=True) for name in question["unknowns"]]
    zeros = [_zero(text, names) for text in question["equations"]]
    asked = build(parse(question["asked"], names))
    if not {symbol for part in (*zeros, asked) for symbol in part.free_symbols} <= set(symbols):
        raise BuildError("a letter that is no unknown")
    numerators = [sympy.fraction(sympy.together(zero))[0] for zero in zeros]
    if not all(numerator.is_polynomial(*symbols) for numerator in numerators):
        raise BuildError("not polynomial")
    found = sympy.solve(numerators, symbols, dict=True)
    rows: list[list[str]] = []
    values: list[str] = []
    for solution in found:
        if set(solution) != set(symbols) or any(value.free_symbols for value in solution.values()):
            raise BuildError("an unknown is left open")
        if not all(value.is_real for value in solution.values()):
            continue
        if question["positive"] and not all(value.is_positive for value in solution.values()):
            continue
        # Where a denominator is 0 the numerators know nothing of it.
        if all(sympy.simplify(zero.subs(solution)) == 0 for zero in zeros):
            rows.append([str(sympy.simplify(solution[symbol])) for symbol in symbols])
            values.append(str(sympy.simplify(asked.subs(solution))))
    return {"solutions": rows, "asked": values}


def _zero(text: str, names: frozenset[str]) -> Any:
    """Left side minus right side."""
    tree = parse(text, names)
    if not isinstance(tree, Relation) or tree.operators != ("=",):
        raise BuildError("not one equation")
    left, right = map(build, tree.operands)
    return left - right
