"""A tree back to text: plain ASCII where there is a spelling, with every composite part in brackets.

The law it keeps, and the tests check: `parse(show(tree)) == tree`. The worker is sent this text.
"""

from __future__ import annotations

from verifiers.parsing.tree import (
    Based,
    Big,
    Call,
    Constant,
    Matrix,
    Mixed,
    Negate,
    Node,
    Number,
    PlusMinus,
    Power,
    Product,
    Quantity,
    Quotient,
    Relation,
    Sequence,
    Sum,
    Symbol,
    Truth,
    Word,
)

_SIGNS = {"approx": "≈", "in": "∈"}
_CONNECTIVES = {
    "and": " and ",
    "or": " or ",
    "xor": " xor ",
    "implies": " -> ",
    "iff": " <-> ",
    "union": " ∪ ",
    "intersect": " ∩ ",
    "setminus": " ∖ ",
    "builder": " | ",
    "modulo": r" \pmod ",
    "ratio": " : ",
}
_POSTFIX = {"factorial": "!", "factorial2": "!!", "percent": "%", "degree": "°"}
_CONSTANTS = {
    "infinity": "oo",
    "empty": "∅",
    "reals": "ℝ",
    "integers": "ℤ",
    "naturals": "ℕ",
    "rationals": "ℚ",
    "complexes": "ℂ",
    "undefined": "nan",
    "dots": "…",
}


def show(node: Node) -> str:
    """One line of text that parses back to `node`."""
    match node:
        case Number():
            return show_number(node)
        case Symbol(name):
            return name
        case Based(digits, base):
            return f"{digits}_{{{base}}}"
        case Matrix(rows):
            return "Matrix([" + ", ".join(f"[{', '.join(map(_inner, row))}]" for row in rows) + "])"
        case Constant(name):
            return _CONSTANTS.get(name, name)
        case Truth(value):
            return "true" if value else "false"
        case Word(text):
            return rf"\text{{{text}}}"
        case Mixed(whole, numerator, denominator):
            return f"{whole} {numerator}/{denominator}"
        case Negate(operand):
            return "-" + _inner(operand)
        case Sum(terms):
            return _show_sum(terms)
        case Product(factors):
            return "*".join(map(_inner, factors))
        case Quotient(numerator, denominator):
            return f"{_inner(numerator)}/{_inner(denominator)}"
        case Power(base, exponent):
            return f"{_inner(base)}^{_inner(exponent)}"
        case PlusMinus(left, right):
            return ("" if left is None else _inner(left) + " ") + "± " + _inner(right)
        case Call(name, arguments):
            return _show_call(name, arguments)
        case Big(name, lower, upper, body):
            low = "" if lower is None else f"_{{{show(lower)}}}"
            high = "" if upper is None else f"^{{{show(upper)}}}"
            return f"\\{name}{low}{high} {_inner(body)}"
        case Quantity(value, "$"):
            return rf"{_inner(value)} \$"
        case Quantity(value, unit):
            return rf"{_inner(value)} \text{{{unit}}}"
        case Relation(operands, operators):
            return _show_relation(operands, operators)
        case Sequence(items, opening, closing):
            return _show_sequence(items, opening, closing)
    raise TypeError(f"not a tree: {node!r}")


def show_number(number: Number) -> str:
    """`3`, or a decimal with exactly the digits it was written with."""
    if number.places is None:
        return str(number.value.numerator)
    scaled = number.value * 10**number.places
    digits = str(scaled.numerator).rjust(number.places + 1, "0")
    return f"{digits[: -number.places]}.{digits[-number.places :]}"


def _inner(node: Node) -> str:
    """A part of something larger: brackets unless it is a single lexeme or carries its own."""
    if isinstance(node, (Number, Symbol, Constant, Truth, Matrix)):
        return show(node)
    if isinstance(node, Sequence) and node.opening:
        return show(node)
    return f"({show(node)})"


def _show_sum(terms: tuple[Node, ...]) -> str:
    text = _inner(terms[0])
    for term in terms[1:]:
        text += " - " + _inner(term.operand) if isinstance(term, Negate) else " + " + _inner(term)
    return text


def _show_call(name: str, arguments: tuple[Node, ...]) -> str:
    if name in _CONNECTIVES:
        return _CONNECTIVES[name].join(map(_inner, arguments))
    if name in _POSTFIX:
        return _inner(arguments[0]) + _POSTFIX[name]
    if name == "not":
        return "not " + _inner(arguments[0])
    if name == "derivative":
        return f"Derivative({', '.join(map(_inner, arguments))})"
    if name == "piecewise":
        pairs = zip(arguments[::2], arguments[1::2], strict=True)
        return f"Piecewise({', '.join(f'({_inner(value)}, {_inner(case)})' for value, case in pairs)})"
    return f"{name}({', '.join(map(_inner, arguments))})"


def _show_relation(operands: tuple[Node, ...], operators: tuple[str, ...]) -> str:
    text = _inner(operands[0])
    for sign, operand in zip(operators, operands[1:], strict=True):
        text += f" {_SIGNS.get(sign, sign)} {_inner(operand)}"
    return text


def _member(node: Node) -> str:
    """A member of a set; of one that is given by a condition the bar must stand free."""
    return show(node) if isinstance(node, Call) and node.name == "builder" else _inner(node)


def _show_sequence(items: tuple[Node, ...], opening: str, closing: str) -> str:
    if opening == "{":
        return r"\{" + ", ".join(map(_member, items)) + r"\}"
    return opening + ", ".join(map(_inner, items)) + closing
