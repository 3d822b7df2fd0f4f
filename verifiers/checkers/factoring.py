"""Factorisations: the product must be what was to be factored, and no factor may be factored further."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add, mul
from typing import Any, ClassVar

from verifiers.checkers import univariate
from verifiers.checkers.base import (
    Checker,
    Example,
    accepted,
    malformed,
    parameter,
    rejected,
    undecided,
    wrong_form,
)
from verifiers.checkers.derivative import derivative
from verifiers.checkers.primes import is_prime
from verifiers.checkers.proving import Prover
from verifiers.checkers.readers import finished, formula, integer_of, one_of, read_formula, whole
from verifiers.comparing.canon import canonical
from verifiers.comparing.forms import scalar
from verifiers.comparing.polynomial import irreducible
from verifiers.parsing.show import show
from verifiers.parsing.tree import (
    Negate,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sequence,
    Sum,
    Symbol,
    symbols,
    walk,
)
from verifiers.verdict import Outcome

MAX_BITS = 512
#: Without flint, factors up to this degree are looked at.
MAX_SYMPY_DEGREE = 16
MAX_COEFFICIENT_BITS = 128
#: In several variables.
MAX_TOTAL_DEGREE = 8
MAX_NODES = 60


def _right_side(tree: Node) -> Node:
    """Of `12 = 2^2 * 3` what is claimed."""
    return tree.operands[-1] if isinstance(tree, Relation) and set(tree.operators) == {"="} else tree


@dataclass(frozen=True)
class IntegerFactorisation(Checker):
    """The prime factorisation of `number`, as a product of powers `2^2 * 3` or a list `2, 2, 3`."""

    number: int = parameter(whole(-(1 << MAX_BITS), 1 << MAX_BITS))

    name: ClassVar[str] = "integer_factorisation"

    def validate(self) -> None:
        if abs(self.number) < 2:
            raise ValueError("use a number other than -1, 0 and 1")

    def judge(self, answer: str) -> Outcome:
        tree = _right_side(read_formula(answer))
        if isinstance(tree, Sequence) and len(tree.items) > 1:
            tree = Product(tree.items)
        powers = self.powers(tree)
        if sum((base.bit_length() - 1) * exponent for base, exponent in powers) > self.number.bit_length():
            return rejected("the product is larger than the number", number=self.number)
        found = math.prod(base**exponent for base, exponent in powers)
        if found != self.number:
            return rejected(f"the product is {found}, not {self.number}", product=found)
        bases = [base for base, exponent in powers for _ in range(min(exponent, 2))]
        if bases.count(-1) != (self.number < 0):
            return rejected("a sign too many", factors=[list(p) for p in powers])
        composite = [base for base in bases if base != -1 and not is_prime(base)]
        if len(powers) == 1 and powers[0][1] == 1 and composite:
            raise wrong_form("the number itself, not factored")
        if composite:
            return rejected(f"the factor {composite[0]} is not prime", factor=composite[0])
        return accepted("the product is the number, every factor is prime", factors=[list(p) for p in powers])

    def powers(self, tree: Node) -> list[tuple[int, int]]:
        """(base, exponent) of the factors as they are written; a minus sign is the factor -1."""
        limit = self.number.bit_length()
        match tree:
            case Negate(Number(1)):
                return [(-1, 1)]
            case Negate(inner):
                return [(-1, 1), *self.powers(inner)]
            case Product(factors):
                if len(factors) > 2 * limit + 2:
                    raise malformed("too many factors")
                return [power for factor in factors for power in self.powers(factor)]
            case Power(base, exponent):
                low, high = integer_of(base), integer_of(exponent)
                if not 1 <= high <= limit:
                    raise malformed(f"the exponent {high} is out of the question")
                return [(low, high)]
            case Sequence((inner,), _, _):
                return self.powers(inner)
        return [(integer_of(tree), 1)]

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        primes = rng.choices((2, 3, 5, 7, 11, 13), k=4)
        number, text = math.prod(primes), " * ".join(map(str, primes))
        first = " * ".join([str(primes[0] * primes[1]), *map(str, primes[2:])])
        return Example(
            {"number": number}, text, (str(number), first, f"{text} * 2", text[: text.rindex("*")])
        )


@dataclass(frozen=True)
class PolynomialFactorisation(Checker):
    """`polynomial` as a product of polynomials that are irreducible over the rationals.

    Over the `integers` a factor must also have whole coefficients without a common divisor; a constant
    may stand alone in front.
    """

    polynomial: str = parameter(formula)
    over: str = parameter(one_of("rationals", "integers"), "rationals")

    name: ClassVar[str] = "polynomial_factorisation"

    def validate(self) -> None:
        if not symbols(read_formula(self.polynomial)):
            raise ValueError("the polynomial has no variable")

    def judge(self, answer: str) -> Outcome:
        tree = finished(scalar(_right_side(read_formula(answer)), 0.0))
        wanted = read_formula(self.polynomial)
        outcome = Prover().same(wanted, tree)
        if not outcome.same:
            return rejected(f"the product is not the polynomial: {outcome.reason}", point=outcome.witness)
        factors = factors_of(tree)
        for factor in factors:
            fault = factor_fault(factor, self.over)
            if fault is None:
                return undecided(f"whether {show(factor)} can be factored further was not decided")
            if fault and len(factors) == 1 and isinstance(tree, Sum):
                raise wrong_form("the polynomial itself, not factored")
            if fault:
                return rejected(f"the factor {show(factor)} {fault}", factor=show(factor))
        return accepted("every factor is irreducible", factors=list(map(show, factors)))

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c = (rng.choice((-1, 1)) * rng.randint(1, 9) for _ in range(3))
        s, p = a + b, a * b
        polynomial = f"x^3 + ({s + c}) x^2 + ({p + s * c}) x + ({p * c})"
        right = f"(x + ({a}))(x + ({b}))(x + ({c}))"
        halfway = f"(x^2 + ({s}) x + ({p}))(x + ({c}))"
        wrong = (polynomial, halfway, f"(x + ({a}))(x + ({b}))(x + ({c + 1}))", f"2{right}")
        return Example({"polynomial": polynomial}, right, wrong)


def factors_of(tree: Node) -> list[Node]:
    """The factors of a product as they are written, each once; constants among them."""
    match tree:
        case Negate(inner) | Sequence((inner,), _, _):
            return factors_of(inner)
        case Product(factors):
            return [part for factor in factors for part in factors_of(factor)]
        case Power(base, Number(exponent, None)) if exponent >= 1:
            return factors_of(base)
        case Quotient(above, Number() as below):
            return [*factors_of(above), below]
    return [tree]


def factor_fault(tree: Node, over: str) -> str | None:
    """What is wrong with a factor: "" when nothing is, None when that was not decided."""
    names = sorted(symbols(tree))
    term = canonical(tree)
    if term[0] == "n":
        return "" if over == "rationals" or term[1].denominator == 1 else "is not whole"
    if not names:
        return "is not rational"
    if len(names) > 1:
        return _several_variables(tree)
    try:
        poly = univariate.polynomial(term, names[0])
    except univariate.NotPolynomialError:
        return "is not a polynomial with rational coefficients"
    if over == "integers":
        if any(c.denominator != 1 for c in poly):
            return "has coefficients that are not whole"
        if math.gcd(*(int(c) for c in poly)) > 1:
            return "has a common divisor of its coefficients"
    irreducible = is_irreducible(poly)
    return None if irreducible is None else "" if irreducible else "can be factored further"


def is_irreducible(poly: univariate.Dense) -> bool | None:
    """Over the rationals, of degree 1 and more; None beyond the budget.

    Up to degree 3 a polynomial with a factor has a rational root. Beyond, it is factored by flint, or
    without it by sympy, which stays fast at these sizes.
    """
    degree = len(poly) - 1
    if degree == 1:
        return True
    scale = math.lcm(*(c.denominator for c in poly))
    integers = [int(c * scale) for c in poly]
    content = math.gcd(*integers)
    integers = [c // content for c in integers]
    ends = max(abs(integers[0]), abs(integers[-1]))
    if degree == 2:
        c, b, a = integers
        square = b * b - 4 * a * c
        return square < 0 or math.isqrt(square) ** 2 != square
    if not integers[0]:
        return False
    if degree == 3 and ends <= 10_000:
        return not _has_rational_root(integers)
    if max(map(abs, integers)).bit_length() > MAX_COEFFICIENT_BITS:
        return None
    count = _factor_count(integers)
    return None if count is None else count == 1


def _has_rational_root(integers: list[int]) -> bool:
    """By trying every quotient of divisors of the first and the last coefficient."""
    poly = list(map(Fraction, integers))
    above, below = (
        [d for d in range(1, abs(end) + 1) if end % d == 0] for end in (integers[0], integers[-1])
    )
    return any(not univariate.at(poly, Fraction(s * p, q)) for p in above for q in below for s in (1, -1))


def _factor_count(integers: list[int]) -> int | None:
    """How many irreducible factors, each as often as it occurs; None beyond what sympy does in no time."""
    try:
        from flint import fmpz_poly
    except ImportError:
        if len(integers) - 1 > MAX_SYMPY_DEGREE:
            return None
        from sympy import Poly
        from sympy import Symbol as Unknown

        _, factors = Poly(integers[::-1], Unknown("x")).factor_list()
    else:
        _, factors = fmpz_poly(integers).factor()
    return sum(multiplicity for _, multiplicity in factors)


def _several_variables(tree: Node) -> str | None:
    """What is wrong with a factor in several variables, as `factor_fault` says it."""
    if not _is_polynomial(tree):
        return "is not a polynomial with rational coefficients"
    if not irreducible(tree):
        return "can be factored further"
    return "" if any(_is_linear(tree, variable) for variable in symbols(tree)) else _counted(tree)


def _is_polynomial(tree: Node) -> bool:
    """Whether a tree is written with numbers, symbols, sums, products and whole powers alone."""
    match tree:
        case Number() | Symbol():
            return True
        case Negate(inner) | Sequence((inner,), _, _):
            return _is_polynomial(inner)
        case Sum(parts) | Product(parts):
            return all(map(_is_polynomial, parts))
        case Quotient(above, Number(value)):
            return value != 0 and _is_polynomial(above)
        case Power(base, Number(value)):
            return value.denominator == 1 and value <= univariate.MAX_DEGREE and _is_polynomial(base)
    return False


def _is_linear(tree: Node, variable: str) -> bool:
    """Whether a polynomial is `c x + rest` with a rational c: then it has no factor."""
    slope = canonical(derivative(tree, variable))
    return slope[0] == "n" and slope[1] != 0


def _counted(tree: Node) -> str | None:
    """By factoring with flint, where it is installed, within a small budget; else None."""
    try:
        from flint import Ordering, fmpz_mpoly_ctx
    except ImportError:
        return None
    if sum(1 for _ in walk(tree)) > MAX_NODES:
        return None
    names = tuple(sorted(symbols(tree)))
    context = fmpz_mpoly_ctx.get(names, Ordering.lex)
    found = _in_flint(tree, dict(zip(names, context.gens(), strict=True)), context)
    if found is None or found.total_degree() > MAX_TOTAL_DEGREE:
        return None
    return "can be factored further" if sum(m for _, m in found.factor()[1]) > 1 else ""


def _in_flint(tree: Node, variables: dict[str, Any], context: Any) -> Any:
    """A polynomial with whole coefficients as flint's; None where it has others or would be large."""
    match tree:
        case Number(value):
            return context.constant(int(value)) if value.denominator == 1 else None
        case Symbol(name):
            return variables[name]
        case Power(base, Number(value)) if value <= MAX_TOTAL_DEGREE:
            inner = _in_flint(base, variables, context)
            return None if inner is None or len(inner) > 8 else inner ** int(value)
        case Negate(inner) | Sequence((inner,), _, _):
            found = _in_flint(inner, variables, context)
            return None if found is None else -found
        case Sum(parts) | Product(parts):
            inner = [_in_flint(part, variables, context) for part in parts]
            if any(part is None or len(part) > MAX_NODES for part in inner):
                return None
            return reduce(add if isinstance(tree, Sum) else mul, inner)
    return None
