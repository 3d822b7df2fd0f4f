"""The precedence of operators and the pairs of brackets: the table that drives `operators.py`."""

from __future__ import annotations

# Binding powers, loosest first.
(
    COMMA,
    IFF,
    IMPLIES,
    OR,
    XOR,
    AND,
    NOT,
    MODULO,
    RELATION,
    UNION,
    OVER,
    SUM,
    PRODUCT,
    SIGN,
    POWER,
    POSTFIX,
) = range(1, 17)

INFIX: dict[str, int] = {
    ",": COMMA,
    "iff": IFF,
    "implies": IMPLIES,
    "or": OR,
    "xor": XOR,
    "and": AND,
    "pmod": MODULO,
    "over": OVER,
    "choose": OVER,
    "union": UNION,
    "setminus": UNION,
    "intersect": UNION,
    "+": SUM,
    "-": SUM,
    "pm": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    ":": PRODUCT,
    "mod": PRODUCT,
    "^": POWER,
    "!": POSTFIX,
    "%": POSTFIX,
    "degree": POSTFIX,
    "circ": POSTFIX,
    "prime": POSTFIX,
} | dict.fromkeys(("=", "!=", "<", ">", "<=", ">=", "in", "approx"), RELATION)


BRACKETS = {
    "(": (")", "]", "["),
    "[": ("]", ")", "["),
    "]": ("[", "]", ")"),
    "set{": ("set}",),
    "lfloor": ("rfloor",),
    "lceil": ("rceil",),
}
