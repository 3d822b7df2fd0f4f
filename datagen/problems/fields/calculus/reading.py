"""What the proofs share: formulas read into sympy and written out again, limits, antiderivatives.

The constructions use none of this.
"""

from __future__ import annotations

import re
from typing import Any

_PRODUCT = re.compile(r"(?<![a-zA-Z_])(\d+)(?=[a-z(])")


def read(text: str) -> Any:
    """A formula of this field as a sympy expression: `3x^2*e^(2x)`, `ln(x)`, `sqrt(x)`."""
    import sympy
    from sympy.parsing.sympy_parser import parse_expr

    python = _PRODUCT.sub(r"\1*", text).replace("^", "**")
    names = {"e": sympy.E, "ln": sympy.log, **{name: sympy.Symbol(name) for name in "xyzt"}}
    return parse_expr(python, local_dict=names)


def write(expression: Any) -> str:
    """A sympy expression in the writing of this field."""
    text = str(expression).replace("**", "^").replace("log(", "ln(")
    return re.sub(r"\bE\b", "e", text)


def lhopital(above: Any, below: Any, at: Any, symbol: Any) -> Any:
    """The limit of above/below, both differentiated until the lower one is not 0 at the point."""
    import sympy

    for _ in range(8):
        top, bottom = above.subs(symbol, at), below.subs(symbol, at)
        if bottom != 0:
            return top / bottom
        if top != 0:
            raise ValueError("the quotient has no finite limit")
        above, below = sympy.diff(above, symbol), sympy.diff(below, symbol)
    raise ValueError("the quotient stays 0/0")


def antiderivative(integrand: Any) -> Any:
    """An antiderivative by undetermined coefficients: candidates are differentiated and compared.

    Knows exponentials, sines and cosines times polynomials, powers, logarithms and linear or quadratic
    denominators. Raises `ValueError` where no sum of its candidates will do.
    """
    import sympy

    x = sympy.Symbol("x")
    candidates = list(dict.fromkeys(_candidates(integrand, x)))
    unknowns = sympy.symbols(f"c:{len(candidates)}")
    slope = sympy.Add(*(c * sympy.diff(each, x) for c, each in zip(unknowns, candidates, strict=True)))
    waves = sorted((slope - integrand).atoms(sympy.exp, sympy.sin, sympy.cos, sympy.log), key=str)
    names = {each: sympy.Symbol(f"w{place}") for place, each in enumerate(waves)}
    difference = (slope - integrand).xreplace(names)
    if any(each.exp.is_negative and each.has(x) for each in difference.atoms(sympy.Pow)):
        difference = sympy.numer(sympy.together(difference))
    equations = sympy.Poly(difference, x, *names.values()).coeffs()
    (solution,) = sympy.linsolve(equations, *unknowns) or [None]
    if solution is None:
        raise ValueError("none of the candidates will do")
    found = sympy.Add(*(c * each for c, each in zip(solution, candidates, strict=True)))
    return found.subs(dict.fromkeys(unknowns, 0))


def _candidates(integrand: Any, x: Any) -> list[Any]:
    """Functions of which a sum may be the antiderivative."""
    import sympy

    made = []
    waves = integrand.atoms(sympy.exp, sympy.sin, sympy.cos)
    below = sympy.fraction(sympy.together(integrand))[1]
    if not waves and not integrand.has(sympy.log) and below.is_number:
        made += [x**n for n in range(1, 9)]
    for wave in sorted(waves, key=str):
        turned = [wave] if wave.func is sympy.exp else [sympy.sin(wave.args[0]), sympy.cos(wave.args[0])]
        reach = 3 if sympy.degree(wave.args[0], x) == 1 else 1
        made += [x**n * each for n in range(reach) for each in turned]
        others = [other for other in waves if other.func is sympy.exp and other != wave]
        made += [each * other for each in turned for other in others]
        made += [x**n for n in range(1, 6)] if integrand.is_Add else []
    for logarithm in integrand.atoms(sympy.log):
        made += [x**n * each for n in range(1, 9) for each in (logarithm, 1)]
    for each in integrand.atoms(sympy.Pow):
        if each.exp.is_Integer and each.exp > 1 and each.base != x:
            made.append(each.base ** (each.exp + 1))
    if not below.is_number and not below.has(sympy.exp):
        made += [sympy.log(factor) for factor, _ in sympy.factor_list(below, x)[1]]
    return made


def critical_points(function: Any) -> list[Any]:
    """The real zeros of the derivative, in order; an exponential factor of the derivative has none."""
    import sympy

    x = sympy.Symbol("x")
    slope = sympy.diff(function, x)
    growths = sorted(slope.atoms(sympy.exp), key=str)
    names = {each: sympy.Symbol(f"w{place}") for place, each in enumerate(growths)}
    above = sympy.fraction(sympy.together(slope.xreplace(names)))[0]
    for name in names.values():
        above = sympy.cancel(above / name)
    return sorted(root for root in sympy.roots(sympy.Poly(above, x)) if root.is_real)
