"""A tree brought into one canonical structure, with exact numbers carried out within a budget.

Canonical terms are nested tuples, so that they hash and sort: `("n", Fraction)`, `("s", name)`,
`("c", name)`, `("+", ...)`, `("*", ...)`, `("^", base, exponent)`, `("f", name, ...)`. The size of every
power and factorial is estimated before it is computed: one over the budget stays as it was written,
so a tower of exponents costs nothing. No expansion here (see `polynomial.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from verifiers.comparing import unfinished
from verifiers.parsing.notation import words
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
    Power,
    Product,
    Quantity,
    Quotient,
    Sequence,
    Sum,
    Symbol,
)

Term = tuple[Any, ...]

#: No number of more bits is ever computed (2004! has 19 000).
MAX_BITS = 1 << 16
#: Radicands are factored by trial division up to here; what is left under its square is prime.
TRIAL_LIMIT = 1000

ZERO: Term = ("n", 0)
ONE: Term = ("n", 1)
MINUS_ONE: Term = ("n", -1)
HALF: Term = ("n", Fraction(1, 2))
I_UNIT: Term = ("c", "i")
PI: Term = ("c", "pi")
EULER: Term = ("c", "e")
UNDEFINED: Term = ("c", "undefined")


class NotScalarError(ValueError):
    """The tree is a list, a relation or a sentence: it has no value to compute with."""


def number(value: int | Fraction) -> Term:
    return ("n", value.numerator if value.denominator == 1 else value)


def exact(node: Node) -> int | Fraction | None:
    """The rational value of a plain literal, the fast path; None for anything more."""
    match node:
        case Number(value):
            return value
        case Based():
            return node.value
        case Negate(operand):
            inner = exact(operand)
            return None if inner is None else -inner
        case Mixed(whole, numerator, denominator):
            return whole + Fraction(numerator, denominator)
        case Quotient(left, right):
            above, below = exact(left), exact(right)
            return Fraction(above, below) if above is not None and below else None
    return None


def canonical(node: Node) -> Term:
    """The canonical term of a scalar tree; raises `NotScalarError` for anything else."""
    match node:
        case Number(value):
            return number(value)
        case Based():
            return number(node.value)
        case Mixed(whole, numerator, denominator):
            return number(whole + Fraction(numerator, denominator))
        case Symbol(name):
            return ("s", name)
        case Constant(name):
            return ("c", name)
        case Negate(operand):
            return product([MINUS_ONE, canonical(operand)])
        case Sum(terms):
            return add([canonical(term) for term in terms])
        case Product(factors):
            return product([canonical(factor) for factor in factors])
        case Quotient(above, below):
            return product([canonical(above), power(canonical(below), MINUS_ONE)])
        case Power(base, exponent):
            return power(canonical(base), canonical(exponent))
        case Quantity(value, unit):
            return product([canonical(value), ("s", f"[{unit}]")])
        case Call("det", (Matrix(rows),)):
            return determinant([[canonical(entry) for entry in row] for row in rows])
        case Call(name, arguments):
            return call(name, [canonical(argument) for argument in arguments])
        case Sequence((inner,), "[" | "(", _):
            return canonical(inner)  # square brackets around a factor
        case Big():
            return unfinished.canonical_big(node)
    raise NotScalarError(f"{type(node).__name__} is not a value")


def add(terms: list[Term]) -> Term:
    """The sum of canonical terms: flat, like terms collected, sorted."""
    constant: int | Fraction = 0
    coefficients: dict[Term, int | Fraction] = {}
    stack = list(terms)
    while stack:
        term = stack.pop()
        if term == UNDEFINED:
            return UNDEFINED
        if term[0] == "+":
            stack.extend(term[1:])
        elif term[0] == "n":
            constant += term[1]
        else:
            coefficient, rest = split_coefficient(term)
            if rest[0] == "+":  # what is subtracted must meet what it cancels
                stack.extend(product([number(coefficient), part]) for part in rest[1:])
                continue
            coefficients[rest] = coefficients.get(rest, 0) + coefficient
    if ("c", "infinity") in coefficients:
        return _infinite_sum(coefficients)
    parts = [_scaled(c, rest) for rest, c in coefficients.items() if c]
    if constant:
        parts.append(number(constant))
    if not parts:
        return ZERO
    return parts[0] if len(parts) == 1 else ("+", *sorted(parts))


def subtract(a: Term, b: Term) -> Term:
    """`a - b`, with what the two have in common gone."""
    terms = b[1:] if b[0] == "+" else (b,)
    return add([a, *(product([MINUS_ONE, term]) for term in terms)])


def _infinite_sum(coefficients: dict[Term, int | Fraction]) -> Term:
    coefficient = coefficients[("c", "infinity")]
    if not coefficient:
        return UNDEFINED
    return _scaled(Fraction(1 if coefficient > 0 else -1), ("c", "infinity"))


def split_coefficient(term: Term) -> tuple[int | Fraction, Term]:
    """`3 x y` as (3, x y)."""
    if term[0] == "*" and term[1][0] == "n":
        rest = term[2:]
        return term[1][1], rest[0] if len(rest) == 1 else ("*", *rest)
    return 1, term


def _scaled(coefficient: int | Fraction, rest: Term) -> Term:
    if coefficient == 1:
        return rest
    factors = rest[1:] if rest[0] == "*" else (rest,)
    return ("*", number(coefficient), *factors)


def product(factors: list[Term]) -> Term:
    """The product of canonical terms: flat, powers of one base collected, the number in front."""
    coefficient: int | Fraction = 1
    exponents: dict[Term, list[Term]] = {}
    stack = list(factors)
    while stack:
        factor = stack.pop()
        if factor == UNDEFINED:
            return UNDEFINED
        if factor[0] == "*":
            stack.extend(factor[1:])
        elif factor[0] == "n":
            coefficient *= factor[1]
            _check_size(coefficient)
        elif factor[0] == "^":
            exponents.setdefault(factor[1], []).append(factor[2])
        else:
            exponents.setdefault(factor, []).append(ONE)
    if not coefficient:
        return UNDEFINED if ("c", "infinity") in exponents else ZERO
    parts: list[Term] = []
    for base, several in exponents.items():
        part = power(base, add(several)) if len(several) > 1 else _raised(base, several[0])
        inner = part[1:] if part[0] == "*" else (part,)
        for piece in inner:
            if piece == UNDEFINED:
                return UNDEFINED
            if piece[0] == "n":
                coefficient *= piece[1]
            else:
                parts.append(piece)
    if not coefficient:
        return ZERO
    _check_size(coefficient)
    if ("c", "infinity") in parts and all(part[0] == "c" for part in parts):
        return _scaled(Fraction(1 if coefficient > 0 else -1), ("c", "infinity"))
    if not parts:
        return number(coefficient)
    if len(parts) == 1:
        return _scaled(coefficient, parts[0])
    return _scaled(coefficient, ("*", *sorted(parts)))


def _check_size(value: int | Fraction) -> None:
    if value.numerator.bit_length() > 4 * MAX_BITS or value.denominator.bit_length() > 4 * MAX_BITS:
        raise NotScalarError("a number too large to be written out")


def _raised(base: Term, exponent: Term) -> Term:
    return base if exponent == ONE else ("^", base, exponent)


def power(base: Term, exponent: Term) -> Term:
    """`base ** exponent`, exact where it is small; radicals of rationals in lowest form."""
    if UNDEFINED in (base, exponent):
        return UNDEFINED
    if exponent == ONE:
        return base
    if base == EULER and exponent[:2] == ("f", "ln"):
        return exponent[2]
    if exponent[0] != "n":
        return ("^", base, exponent)
    n: int | Fraction = exponent[1]
    if base[0] == "n":
        return _power_of_number(base[1], n)
    if n == 0:
        return ONE
    if base == ("c", "infinity"):
        return ZERO if n < 0 else base
    if n.denominator == 1:
        if base == I_UNIT:
            return (ONE, I_UNIT, MINUS_ONE, ("*", MINUS_ONE, I_UNIT))[int(n) % 4]
        if base[0] == "*":
            return product([power(factor, exponent) for factor in base[1:]])
        if base[0] == "^" and base[2][0] == "n":
            return power(base[1], number(base[2][1] * n))
    elif base[0] == "*" and base[1][0] == "n" and base[1][1] > 0:
        coefficient, rest = split_coefficient(base)
        return product([_power_of_number(coefficient, n), ("^", rest, exponent)])
    return ("^", base, exponent)


def _power_of_number(base: int | Fraction, n: int | Fraction) -> Term:
    if base == 0:
        return ZERO if n > 0 else UNDEFINED
    if n == 0 or base == 1:
        return ONE
    if base == -1 and n.denominator == 1:
        return ONE if n % 2 == 0 else MINUS_ONE
    if n.denominator == 1:
        if bits(base) * abs(int(n)) > MAX_BITS:
            return ("^", number(base), number(n))
        return number(base ** int(n) if n > 0 else Fraction(base) ** int(n))
    if base < 0:
        if n.denominator % 2:
            return product([MINUS_ONE if n.numerator % 2 else ONE, _power_of_number(-base, n)])
        if n.denominator == 2:
            return product([power(I_UNIT, number(n.numerator)), _power_of_number(-base, n)])
        return ("^", number(base), number(n))
    if bits(base) > 128 or bits(base) * abs(Fraction(n)) > MAX_BITS:
        return ("^", number(base), number(n))
    return _radical(base, n)


def _radical(base: int | Fraction, n: int | Fraction) -> Term:
    """A positive rational to a fractional power: each prime apart, its whole powers taken out."""
    coefficient = Fraction(1)
    parts: list[Term] = []
    for integer, sign in ((base.numerator, 1), (base.denominator, -1)):
        for prime, multiplicity in factor(integer):
            exponent = n * multiplicity * sign
            whole = math.floor(exponent)
            coefficient *= Fraction(prime) ** whole
            if exponent != whole:
                parts.append(("^", number(prime), number(exponent - whole)))
    if not parts:
        return number(coefficient)
    return _scaled(coefficient, parts[0] if len(parts) == 1 else ("*", *sorted(parts)))


def factor(n: int) -> list[tuple[int, int]]:
    """(prime, multiplicity) of `n`; a cofactor above `TRIAL_LIMIT` squared is left in one piece."""
    found: list[tuple[int, int]] = []
    divisor = 2
    while divisor <= TRIAL_LIMIT and divisor * divisor <= n:
        multiplicity = 0
        while n % divisor == 0:
            n //= divisor
            multiplicity += 1
        if multiplicity:
            found.append((divisor, multiplicity))
        divisor += 1 if divisor == 2 else 2
    if n > 1:
        root = math.isqrt(n)
        found.append((root, 2) if root * root == n else (n, 1))
    return found


def bits(value: int | Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


def call(name: str, arguments: list[Term]) -> Term:
    """A function of canonical terms; carried out where it is exact and small."""
    if UNDEFINED in arguments:
        return UNDEFINED
    rewrite = _REWRITES.get(name)
    if rewrite is not None:
        return rewrite(*arguments)
    if name in _EXACT and all(argument[0] == "n" for argument in arguments):
        value = _EXACT[name](*(argument[1] for argument in arguments))
        if value is not None:
            return number(value)
    if name in ("gcd", "lcm", "min", "max"):
        arguments = sorted(arguments)
    if name == "ln":
        return _ln(arguments[0])
    if name not in _FUNCTIONS:
        raise NotScalarError(f"{name} is not a value")
    return ("f", name, *arguments)


def _ln(argument: Term) -> Term:
    """Of a rational the logarithms of its primes; `ln(e^x)` is `x`, as it is for every real x."""
    if argument == EULER:
        return ONE
    if argument[0] == "^" and argument[1] == EULER:
        return argument[2]
    if argument == ZERO:
        return UNDEFINED
    if argument[0] != "n" or argument[1] < 0 or bits(argument[1]) > 128:
        return ("f", "ln", argument)
    above, below = argument[1].numerator, argument[1].denominator
    powers = [(prime, n) for prime, n in factor(above)] + [(prime, -n) for prime, n in factor(below)]
    return add([product([number(n), ("f", "ln", number(prime))]) for prime, n in powers])


def _logarithm(argument: Term, base: Term) -> Term:
    return product([call("ln", [argument]), power(call("ln", [base]), MINUS_ONE)])


_REWRITES: dict[str, Callable[..., Term]] = {
    "sqrt": lambda x: power(x, HALF),
    "cbrt": lambda x: power(x, number(Fraction(1, 3))),
    "root": lambda x, n: power(x, power(n, MINUS_ONE)),
    "exp": lambda x: power(EULER, x),
    "percent": lambda x: product([x, number(Fraction(1, 100))]),
    "degree": lambda x: product([x, PI, number(Fraction(1, 180))]),
    "ratio": lambda a, b: product([a, power(b, MINUS_ONE)]),
    "log": _logarithm,
    "log10": lambda x: _logarithm(x, number(10)),
    "log2": lambda x: _logarithm(x, number(2)),
    "sec": lambda x: power(call("cos", [x]), MINUS_ONE),
    "csc": lambda x: power(call("sin", [x]), MINUS_ONE),
    "tan": lambda x: product([call("sin", [x]), power(call("cos", [x]), MINUS_ONE)]),
    "cot": lambda x: product([call("cos", [x]), power(call("sin", [x]), MINUS_ONE)]),
    "sech": lambda x: power(call("cosh", [x]), MINUS_ONE),
    "csch": lambda x: power(call("sinh", [x]), MINUS_ONE),
    "coth": lambda x: power(call("tanh", [x]), MINUS_ONE),
    "arccot": lambda x: subtract(product([HALF, PI]), call("arctan", [x])),
    "arcsec": lambda x: call("arccos", [power(x, MINUS_ONE)]),
    "arccsc": lambda x: call("arcsin", [power(x, MINUS_ONE)]),
    "arcsinh": lambda x: call("ln", [add([x, power(add([product([x, x]), ONE]), HALF)])]),
    "arccosh": lambda x: call("ln", [add([x, power(add([product([x, x]), MINUS_ONE]), HALF)])]),
    "arctanh": lambda x: product(
        [HALF, subtract(call("ln", [add([ONE, x])]), call("ln", [subtract(ONE, x)]))]
    ),
    "conjugate": lambda x: conjugate(x),
    "cis": lambda x: add([call("cos", [x]), product([I_UNIT, call("sin", [x])])]),
    "re": lambda x: product([HALF, add([x, conjugate(x)])]),
    "im": lambda x: product([HALF, MINUS_ONE, I_UNIT, subtract(x, conjugate(x))]),
}


def conjugate(term: Term) -> Term:
    """With `-i` for `i`: symbols are real, and the functions here are real on the reals."""
    if term == I_UNIT:
        return product([MINUS_ONE, I_UNIT])
    if term[0] in ("n", "s", "c"):
        return term
    if term[0] == "f":
        return ("f", term[1], *map(conjugate, term[2:]))
    parts = list(map(conjugate, term[1:]))
    return add(parts) if term[0] == "+" else product(parts) if term[0] == "*" else power(*parts)


#: A determinant of n rows takes n! products when it is developed along its first.
MAX_DETERMINANT = 5


def determinant(rows: list[list[Term]]) -> Term:
    if len(rows) != len(rows[0]) or len(rows) > MAX_DETERMINANT:
        raise NotScalarError("a determinant that is not square or too large")
    if len(rows) == 1:
        return rows[0][0]
    terms = []
    for column, entry in enumerate(rows[0]):
        minor = [row[:column] + row[column + 1 :] for row in rows[1:]]
        terms.append(product([MINUS_ONE if column % 2 else ONE, entry, determinant(minor)]))
    return add(terms)


def _integers(function: Callable[..., int]) -> Callable[..., Fraction | None]:
    def checked(*values: Fraction) -> Fraction | None:
        if any(value.denominator != 1 for value in values):
            return None
        return Fraction(function(*(int(value) for value in values)))

    return checked


def _factorial(value: Fraction) -> Fraction | None:
    n = value.numerator
    if value.denominator != 1 or n < 0 or n * max(n.bit_length(), 1) > MAX_BITS:
        return None
    return Fraction(math.factorial(n))


def _double_factorial(value: Fraction) -> Fraction | None:
    n = value.numerator
    if value.denominator != 1 or n < 0 or n * max(n.bit_length(), 1) > MAX_BITS:
        return None
    return Fraction(math.prod(range(n, 0, -2)))


def _binomial(upper: Fraction, lower: Fraction) -> Fraction | None:
    if upper.denominator != 1 or lower.denominator != 1 or upper < 0 or lower < 0:
        return None
    n, k = int(upper), int(lower)
    if min(k, n - k) * n.bit_length() > MAX_BITS:
        return None
    return Fraction(math.comb(n, k))


_EXACT: dict[str, Callable[..., Fraction | None]] = {
    "gcd": _integers(math.gcd),
    "lcm": _integers(math.lcm),
    "mod": lambda a, b: a % b if b else None,
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "floor": lambda x: Fraction(math.floor(x)),
    "ceil": lambda x: Fraction(math.ceil(x)),
    "abs": abs,
    "sign": lambda x: Fraction((x > 0) - (x < 0)),
    "factorial": _factorial,
    "factorial2": _double_factorial,
    "binom": _binomial,
    "sin": lambda x: x if x == 0 else None,
    "cos": lambda x: Fraction(1) if x == 0 else None,
    "arctan": lambda x: x if x == 0 else None,
    "arcsin": lambda x: x if x == 0 else None,
}
_FUNCTIONS = words(
    "sin cos sinh cosh tanh arcsin arccos arctan ln abs floor ceil sign gcd lcm min max mod factorial binom "
    "arg erf derivative factorial2"
)
