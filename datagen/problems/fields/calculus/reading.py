"""Formulas read into sympy and written out again, and limits by L'Hopital's rule: what the proofs share.

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
