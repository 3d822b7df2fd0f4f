"""Arithmetic on integers: the four operations, chains of them, and expressions with parentheses.

`addition` and `subtraction` are worked in the shortest digit-by-digit scheme, units first, because a model
of half a million parameters learns them from nothing; `column_sum` and `column_difference` give that scheme.
"""

from __future__ import annotations

import random
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import INTEGER, PAIR
from datagen.problems.text import boxed, grouped


def column_sum(left: int, right: int) -> str:
    """The columns of `left + right`, units first; a carry is the third summand of its column.

    >>> column_sum(47, 35)
    '7+5=12, 4+3+1=8'
    >>> column_sum(95, 17)
    '5+7=12, 9+1+1=11'
    """
    columns, carry = [], 0
    for top, bottom in _columns(left, right):
        total = top + bottom + carry
        columns.append(f"{top}+{bottom}+1={total}" if carry else f"{top}+{bottom}={total}")
        carry = total // 10
    return ", ".join(columns)


def column_difference(left: int, right: int) -> str:
    """The columns of `left - right` for `left >= right >= 0`, units first.

    A column that borrows shows its upper digit plus ten; what it borrowed is taken away first in the next.

    >>> column_difference(42, 35)
    '12-5=7, 4-1-3=0'
    """
    if left < right:
        raise ValueError(f"{left} - {right} is negative")
    columns, borrow = [], 0
    for top, bottom in _columns(left, right):
        ten = 10 if top - bottom - borrow < 0 else 0
        digit = top + ten - bottom - borrow
        columns.append(f"{top + ten}-1-{bottom}={digit}" if borrow else f"{top + ten}-{bottom}={digit}")
        borrow = ten // 10
    return ", ".join(columns)


def _columns(left: int, right: int) -> list[tuple[int, int]]:
    width = max(len(str(left)), len(str(right)))
    pairs = zip(reversed(f"{left:0{width}}"), reversed(f"{right:0{width}}"), strict=True)
    return [(int(top), int(bottom)) for top, bottom in pairs]


def _with_digits(rng: random.Random, digits: int) -> int:
    """A number of that many digits; of one digit, 0 to 9."""
    low = 10 ** (digits - 1) if digits > 1 else 0
    return low + int(rng.random() * (10**digits - low))


@family(
    name="addition",
    instruction="",
    wordings=("What is {a} + {b}?", "{a} + {b} = ?", "Work out {a} + {b}."),
)
def addition(rng: random.Random, level: int) -> Problem:
    """Two numbers of `level` digits added column by column."""
    a, b = _with_digits(rng, level), _with_digits(rng, level)
    answer = str(a + b)
    return Problem(
        question=addition.ask(rng, a=a, b=b),
        answer=answer,
        spec=INTEGER,
        solution=f"{column_sum(a, b)}, so {boxed(answer)}",
        given={"a": a, "b": b},
        key=("addition", min(a, b), max(a, b)),
    )


@addition.proof
def _addition(given: Given) -> str:
    import sympy

    return str(sympy.Integer(given["a"]) + sympy.Integer(given["b"]))


@family(
    name="subtraction",
    instruction="",
    wordings=("What is {a} - {b}?", "{a} - {b} = ?", "Work out {a} - {b}."),
)
def subtraction(rng: random.Random, level: int) -> Problem:
    """Two numbers of `level` digits, the smaller taken from the larger column by column."""
    b, a = sorted((_with_digits(rng, level), _with_digits(rng, level)))
    answer = str(a - b)
    return Problem(
        question=subtraction.ask(rng, a=a, b=b),
        answer=answer,
        spec=INTEGER,
        solution=f"{column_difference(a, b)}, so {boxed(answer)}",
        given={"a": a, "b": b},
        key=("subtraction", a, b),
    )


@subtraction.proof
def _subtraction(given: Given) -> str:
    import sympy

    return str(sympy.Integer(given["a"]) - sympy.Integer(given["b"]))


FACTOR_RANGES = {
    1: ((2, 20), (2, 10)),
    2: ((21, 99), (3, 9)),
    3: ((13, 99), (13, 99)),
    4: ((100, 999), (13, 99)),
    5: ((100, 999), (100, 999)),
}


@family(
    name="multiplication",
    wordings=("What is {a} * {b}?", "Multiply {a} by {b}.", "Find the product of {a} and {b}."),
)
def multiplication(rng: random.Random, level: int) -> Problem:
    """A product, worked by splitting one factor into its places."""
    a, b = (rng.randint(*bounds) for bounds in FACTOR_RANGES[level])
    answer = str(a * b)
    whole, split = (a, b) if b > 9 else (b, a)
    places = [int(digit) * 10**place for place, digit in enumerate(reversed(str(split))) if digit != "0"]
    steps = f"{whole} * {split}"
    if len(places) > 1:
        steps += " = " + " + ".join(f"{whole} * {part}" for part in reversed(places))
        steps += " = " + " + ".join(str(whole * part) for part in reversed(places))
    return Problem(
        question=multiplication.ask(rng, a=a, b=b),
        answer=answer,
        spec=INTEGER,
        solution=f"{steps} = {boxed(answer)}",
        given={"a": a, "b": b},
        key=("multiplication", min(a, b), max(a, b)),
    )


@multiplication.proof
def _multiplication(given: Given) -> str:
    import sympy

    return str(sympy.Integer(given["a"]) * sympy.Integer(given["b"]))


DIVISION_RANGES = {  # dividend, divisor
    1: ((20, 99), (2, 9)),
    2: ((100, 999), (2, 9)),
    3: ((1000, 9999), (3, 9)),
    4: ((10000, 99999), (11, 99)),
    5: ((1000000, 9999999), (101, 999)),
}


@family(
    name="division",
    wordings=(
        "Divide {a} by {b} with remainder. Answer as a pair (quotient, remainder).",
        "What are the quotient and the remainder of {a} divided by {b}? Answer as (quotient, remainder).",
        "{a} = {b} * q + r with 0 <= r < {b}, where q and r are integers. Give (q, r).",
    ),
)
def division(rng: random.Random, level: int) -> Problem:
    """Quotient and remainder by long division, one digit at a time."""
    a, b = (rng.randint(*bounds) for bounds in DIVISION_RANGES[level])
    steps: list[str] = []
    rest = 0
    for digit in str(a):
        part = rest * 10 + int(digit)
        rest = part % b
        if part >= b or steps:
            steps.append(f"{part} = {b} * {part // b} + {rest}")
    answer = f"({a // b}, {a % b})"
    return Problem(
        question=division.ask(rng, a=a, b=b),
        answer=answer,
        spec=PAIR,
        solution=f"Digit by digit: {', '.join(steps)}.\n"
        f"The quotient is {a // b} and the remainder is {a % b}: {boxed(answer)}",
        given={"a": a, "b": b},
        key=("division", a, b),
    )


@division.proof
def _division(given: Given) -> str:
    import sympy

    quotient = sympy.floor(sympy.Rational(given["a"], given["b"]))
    return f"({quotient}, {given['a'] - given['b'] * quotient})"


CHAINS = {1: (3, 9), 2: (3, 99), 3: (4, 99), 4: (5, 999), 5: (7, 9999)}  # terms, largest term


@family(
    name="chain_sum",
    version=2,
    wordings=("What is {chain}?", "Calculate {chain}.", "Find the value of {chain}."),
)
def chain_sum(rng: random.Random, level: int) -> Problem:
    """Several numbers added and taken away, worked as running totals."""
    count, largest = CHAINS[level]
    smallest = 1 + largest // 10
    span = largest - smallest + 1
    total = smallest + int(rng.random() * span)
    terms, chain, steps = [total], str(total), []
    for _ in range(count - 1):
        drawn = int(rng.random() * 2 * span)  # the sign is drawn with the number
        added = drawn < span
        size = smallest + (drawn if added else drawn - span)
        after = total + size if added else total - size
        signed = f"+ {size}" if added else f"- {size}"
        steps.append(f"{total} {signed} = {after}")
        chain += f" {signed}"
        terms.append(size if added else -size)
        total = after
    answer = str(total)
    return Problem(
        question=chain_sum.ask(rng, chain=chain),
        answer=answer,
        spec=INTEGER,
        solution=f"{', '.join(steps)}, so {boxed(answer)}",
        given={"terms": terms},
        key=("chain_sum", *sorted(terms)),
    )


@chain_sum.proof
def _chain_sum(given: Given) -> str:
    import sympy

    return str(sympy.Add(*map(sympy.Integer, given["terms"])))


Tree = Any  # an int, or [operator, Tree, Tree]
OPERATIONS = {1: (2, 9), 2: (3, 9), 3: (4, 12), 4: (5, 20), 5: (7, 20)}  # operations, largest number
BINDING = {"+": 1, "-": 1, "*": 2}


@family(
    name="order_of_operations",
    wordings=("What is {expression}?", "Evaluate {expression}.", "Find the value of {expression}."),
)
def order_of_operations(rng: random.Random, level: int) -> Problem:
    """An expression in +, - and * with parentheses, worked one operation at a time."""
    operations, largest = OPERATIONS[level]
    tree = _expression(rng, operations, largest)
    steps: list[str] = []
    answer = str(_evaluate(tree, steps))
    return Problem(
        question=order_of_operations.ask(rng, expression=_expression_text(tree)),
        answer=answer,
        spec=INTEGER,
        solution=f"{', '.join(steps)}, so {boxed(answer)}",
        given={"expression": tree},
        key=("order_of_operations", _sum_key(tree)),
    )


def _expression(rng: random.Random, operations: int, largest: int) -> Tree:
    if not operations:
        return rng.randint(1, largest)
    left = rng.randrange(operations)
    operator = rng.choice("+-*")
    return [
        operator,
        _expression(rng, left, largest),
        _expression(rng, operations - 1 - left, largest),
    ]


def _evaluate(tree: Tree, steps: list[str]) -> int:
    """The value of the tree; each operation is added to `steps` in the order it is done."""
    if isinstance(tree, int):
        return tree
    operator, left, right = tree[0], _evaluate(tree[1], steps), _evaluate(tree[2], steps)
    value: int = left + right if operator == "+" else left - right if operator == "-" else left * right
    steps.append(f"{left} {operator} {grouped(right)} = {value}")
    return value


def _expression_text(tree: Tree, binding: int = 0) -> str:
    """The expression with parentheses only where they change the value; `binding` is the place's own."""
    if isinstance(tree, int):
        return str(tree)
    own = BINDING[tree[0]]
    right = own + 1 if tree[0] == "-" else own
    text = f"{_expression_text(tree[1], own)} {tree[0]} {_expression_text(tree[2], right)}"
    return f"({text})" if own < binding else text


def _sum_key(tree: Tree) -> tuple[Any, ...]:
    """The expression as a sum of signed products, in an order of its own.

    Trees that are written the same way, as a + (b - c) and (a + b) - c are, have one key.
    """
    return tuple(sorted(_terms(tree, 1), key=repr))


def _terms(tree: Tree, sign: int) -> list[tuple[int, Any]]:
    if isinstance(tree, int):
        return [(sign, tree)]
    if tree[0] == "*":
        return [(sign, tuple(sorted(_factors(tree), key=repr)))]
    return _terms(tree[1], sign) + _terms(tree[2], -sign if tree[0] == "-" else sign)


def _factors(tree: Tree) -> list[Any]:
    if isinstance(tree, int):
        return [tree]
    return _factors(tree[1]) + _factors(tree[2]) if tree[0] == "*" else [_sum_key(tree)]


@order_of_operations.proof
def _order_of_operations(given: Given) -> str:
    import sympy

    def build(tree: Tree) -> Any:
        if isinstance(tree, int):
            return sympy.Integer(tree)
        left, right = build(tree[1]), build(tree[2])
        return {"+": left + right, "-": left - right, "*": left * right}[tree[0]]

    return str(build(given["expression"]))
