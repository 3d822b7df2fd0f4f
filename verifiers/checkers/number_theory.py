"""Whole numbers that satisfy a condition: residues, Bezout coefficients, Diophantine solutions, fractions.

Powers are taken modulo the modulus, so a large exponent costs nothing.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected, wrong_form
from verifiers.checkers.derivative import substituted
from verifiers.checkers.moduli import read_combination
from verifiers.checkers.primes import prime_factors
from verifiers.checkers.proving import Prover
from verifiers.checkers.readers import (
    equation,
    flag,
    integer_of,
    listed,
    name,
    rational,
    read_assignment,
    read_formula,
    sides,
    whole,
)
from verifiers.checkers.residues import NoResidueError, read_classes, residue
from verifiers.parsing.tree import Node, Number, Power, Quotient, Relation, Sequence, Sum, symbols, walk
from verifiers.verdict import Outcome

#: All solutions of a congruence are found by trying every residue, up to this modulus.
MAX_TRIED = 2000
MAX_TERMS = 64


@dataclass(frozen=True)
class Congruence(Checker):
    """Solutions of `equation` modulo `modulus`: one, or with `all` every residue that is one.

    Read: `3`, `x = 3`, `x ≡ 3 (mod 7)`, `3 + 7k`, and lists of them.
    """

    equation: str = parameter(equation)
    modulus: int = parameter(whole(2))
    variable: str = parameter(name, "x")
    all: bool = parameter(flag, False)

    name: ClassVar[str] = "congruence"

    def validate(self) -> None:
        tree = read_formula(self.equation, frozenset((self.variable,)))
        if self.variable not in symbols(tree):
            raise ValueError(f"the equation has no {self.variable}")
        exponents = (part.exponent for part in walk(tree) if isinstance(part, Power))
        if self.all and (
            self.modulus > MAX_TRIED or any(self.variable in symbols(part) for part in exponents)
        ):
            raise ValueError(f"all solutions: only up to the modulus {MAX_TRIED} and not in an exponent")
        if not all(any(self.side(side, x) is not None for x in range(1, 8)) for side in sides(tree)):
            raise ValueError(f"the equation has no value modulo {self.modulus}")

    def side(self, tree: Node, x: int) -> int | None:
        """The residue of one side, None where it has none: a division without an inverse."""
        try:
            return residue(tree, {self.variable: x}, self.modulus)
        except NoResidueError:
            return None

    def solves(self, left: Node, right: Node, x: int) -> bool:
        found = self.side(left, x)
        return found is not None and found == self.side(right, x)

    def judge(self, answer: str) -> Outcome:
        found = read_classes(answer, self.variable, self.modulus, every=self.all)
        if not self.all and len(found) > 1:
            raise malformed("several solutions where one is asked for")
        both = sides(read_formula(self.equation, frozenset((self.variable,))))
        for x in found:
            if not self.solves(*both, x):
                return rejected(f"{self.variable} = {x} is no solution modulo {self.modulus}", value=x)
        if not self.all:
            return accepted(f"a solution modulo {self.modulus}", value=found[0])
        known = set(found)
        missing = next((x for x in range(self.modulus) if x not in known and self.solves(*both, x)), None)
        if missing is not None:
            return rejected("not all solutions are listed", missing=missing)
        return accepted(f"all solutions modulo {self.modulus}", values=sorted(found))

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        m, x, a = rng.choice((7, 11, 13, 30)), rng.randrange(7), rng.choice((7, 11, 13))
        a = a if math.gcd(a, m) == 1 else 1
        parameters = {"equation": f"{a} x = {a * x % m}", "modulus": m, "all": rng.random() < 0.5}
        wrong = (str(x + 1), f"x = {x + m + 1}", f"x \\equiv {x} \\pmod {{{m + 1}}}")
        return Example(parameters, rng.choice((f"x = {x}", f"x \\equiv {x} \\pmod {{{m}}}")), wrong)


@dataclass(frozen=True)
class Remainders(Checker):
    """A whole number with the given `remainders` modulo `moduli`; `least`: the smallest from 0 up.

    Read: `23`, `x = 23`, `x ≡ 23 (mod 105)`, `23 + 105k`, where the modulus is the least common multiple.
    """

    remainders: tuple[int, ...] = parameter(listed(whole(), 1, 64))
    moduli: tuple[int, ...] = parameter(listed(whole(2, 10**12), 1, 64))
    least: bool = parameter(flag, False)

    name: ClassVar[str] = "remainders"

    def validate(self) -> None:
        if len(self.remainders) != len(self.moduli):
            raise ValueError("as many remainders as moduli")

    def judge(self, answer: str) -> Outcome:
        everything = math.lcm(*self.moduli)
        found = read_classes(answer, "x", everything, every=False)
        if len(found) != 1:
            raise malformed("several numbers where one is asked for")
        for r, m in zip(self.remainders, self.moduli, strict=True):
            if (found[0] - r) % m:
                return rejected(f"leaves {found[0] % m} modulo {m}, not {r % m}", value=found[0], modulus=m)
        if self.least and not 0 <= found[0] < everything:
            return rejected("not the smallest from 0 up", value=found[0], smallest=found[0] % everything)
        return accepted("leaves every remainder", value=found[0])

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        moduli = rng.sample((3, 5, 7, 11), 3)
        x = rng.randrange(math.prod(moduli))
        parameters = {"remainders": [x % m for m in moduli], "moduli": moduli, "least": True}
        wrong = (str(x + 1), str(x + moduli[0]), str(x + math.prod(moduli)), f"{x} + 1", f"{x}, {x}.5")
        return Example(parameters, str(x), wrong)


@dataclass(frozen=True)
class ModularInverse(Checker):
    """x with `number` x ≡ 1 modulo `modulus`; with `reduced` from 0 to the modulus."""

    number: int = parameter(whole())
    modulus: int = parameter(whole(2))
    reduced: bool = parameter(flag, False)

    name: ClassVar[str] = "modular_inverse"

    def validate(self) -> None:
        if math.gcd(self.number, self.modulus) != 1:
            raise ValueError(f"{self.number} has no inverse modulo {self.modulus}")

    def judge(self, answer: str) -> Outcome:
        found = read_classes(answer, "x", self.modulus, every=False)
        if len(found) != 1:
            raise malformed("several numbers where one is asked for")
        product = self.number * found[0] % self.modulus
        if product != 1:
            return rejected(f"the product leaves {product} modulo {self.modulus}, not 1", product=product)
        if self.reduced and not 0 <= found[0] < self.modulus:
            raise wrong_form(f"not between 0 and {self.modulus}")
        return accepted(f"the product leaves 1 modulo {self.modulus}", inverse=found[0])

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        m = rng.choice((11, 26, 101))
        a = rng.choice([a for a in range(2, m) if math.gcd(a, m) == 1])
        x = pow(a, -1, m)
        wrong = (str(x + 1), f"{a}^{{-1}}", str(x + m), f"1/{a}")
        return Example({"number": a, "modulus": m, "reduced": True}, str(x), wrong)


@dataclass(frozen=True)
class PrimitiveRoot(Checker):
    """A generator of the units modulo `modulus`, which is 2, 4, or a power of an odd prime or its double."""

    modulus: int = parameter(whole(2, 1 << 128))

    name: ClassVar[str] = "primitive_root"

    def validate(self) -> None:
        self.order()

    def order(self) -> tuple[int, list[int]]:
        """The number of units and its prime factors."""
        primes = prime_factors(self.modulus)
        odd = [p for p in primes or () if p > 2]
        if primes is None or len(odd) > 1 or self.modulus % (4 if odd else 8) == 0:
            raise ValueError(f"no primitive root modulo {self.modulus} is known")
        units = self.modulus
        for p in primes:
            units = units // p * (p - 1)
        factors = prime_factors(units)
        if factors is None:
            raise ValueError(f"the order modulo {self.modulus} cannot be factored")
        return units, factors

    def judge(self, answer: str) -> Outcome:
        found = read_classes(answer, "x", self.modulus, every=False)
        if len(found) != 1:
            raise malformed("several numbers where one is asked for")
        units, factors = self.order()
        if math.gcd(found[0], self.modulus) != 1:
            return rejected(f"has a divisor in common with {self.modulus}", value=found[0])
        for p in factors:
            if pow(found[0], units // p, self.modulus) == 1:
                return rejected(f"its power {units // p} is already 1", value=found[0], exponent=units // p)
        return accepted(f"of order {units}", value=found[0], order=units)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        p, g = rng.choice(((7, 3), (11, 2), (23, 5), (41, 6)))
        return Example({"modulus": p}, str(g), ("1", str(p - 1), str(g * g), str(p), "0"))


@dataclass(frozen=True)
class Bezout(Checker):
    """Whole `x` and `y` with a x + b y = gcd(a, b): `x = 3, y = -2`, or `6 = 30 * 3 - 42 * 2`."""

    a: int = parameter(whole())
    b: int = parameter(whole())

    name: ClassVar[str] = "bezout"

    def judge(self, answer: str) -> Outcome:
        total, wanted = None, math.gcd(self.a, self.b)
        written = read_combination(answer, self.a, self.b)
        if written is not None:
            total, x, y = written
        else:
            found = read_assignment(answer, ("x", "y"))
            x, y = integer_of(found["x"]), integer_of(found["y"])
        if self.a * x + self.b * y != wanted or total not in (None, wanted):
            return rejected(f"{self.a} x + {self.b} y is not {wanted}", x=x, y=y)
        return accepted(f"{self.a} x + {self.b} y = {wanted}", x=x, y=y)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b = rng.randint(2, 99), rng.randint(2, 99)
        d = math.gcd(a, b)
        x = pow(a // d, -1, b // d) if b > d else 0
        y = (d - a * x) // b
        wrong = (f"x = {x + 1}, y = {y}", f"({x}, {y - 1})", f"x = {x}", f"x = {x}, y = ({d} - {a * x})/{b}")
        return Example({"a": a, "b": b}, f"x = {x}, y = {y}", wrong)


@dataclass(frozen=True)
class Diophantine(Checker):
    """Whole numbers that solve `equation`, each at least `minimum`; `distinct`: no two the same."""

    equation: str = parameter(equation)
    variables: tuple[str, ...] = parameter(listed(name, 1, 16))
    minimum: int | None = parameter(whole(), None)
    distinct: bool = parameter(flag, False)

    name: ClassVar[str] = "diophantine"

    def validate(self) -> None:
        missing = symbols(read_formula(self.equation, frozenset(self.variables))) - set(self.variables)
        if missing:
            raise ValueError(f"the equation has {', '.join(sorted(missing))}, which no variable names")

    def judge(self, answer: str) -> Outcome:
        trees = read_assignment(answer, self.variables)
        values = {each: integer_of(tree) for each, tree in trees.items()}
        for each, found in values.items():
            if self.minimum is not None and found < self.minimum:
                return rejected(f"{each} = {found} is under {self.minimum}", values=values)
        if self.distinct and len(set(values.values())) < len(values):
            return rejected("two of the numbers are the same", values=values)
        left, right = sides(read_formula(self.equation, frozenset(self.variables)))
        outcome = Prover().same(substituted(left, trees), substituted(right, trees))
        if not outcome.same:
            return rejected(f"does not solve {self.equation}", values=values, sides=outcome.witness)
        return accepted("solves the equation in whole numbers", values=values)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        m, n = sorted(rng.sample(range(1, 9), 2))
        a, b, c = n * n - m * m, 2 * m * n, n * n + m * m
        parameters = {"equation": "a^2 + b^2 = c^2", "variables": ["a", "b", "c"], "minimum": 1}
        wrong = (
            f"({a}, {b}, {c + 1})",
            f"(0, {c}, {c})",
            f"({-a}, {b}, {c})",
            f"({a}, {b})",
            "(1, 1, sqrt(2))",
        )
        return Example(parameters, f"a = {a}, b = {b}, c = {c}", wrong)


@dataclass(frozen=True)
class EgyptianFraction(Checker):
    """Different unit fractions whose sum is `fraction`: `1/2 + 1/6` or a list; at most `terms` of them."""

    fraction: Fraction = parameter(rational)  # noqa: RUF009 (a field)
    terms: int | None = parameter(whole(1, MAX_TERMS), None)

    name: ClassVar[str] = "egyptian_fraction"

    def validate(self) -> None:
        if self.fraction <= 0:
            raise ValueError("use a positive fraction")

    def judge(self, answer: str) -> Outcome:
        tree = read_formula(answer)
        if isinstance(tree, Relation) and set(tree.operators) == {"="}:
            tree = max(tree.operands, key=lambda side: len(getattr(side, "terms", ())))
        parts = tree.terms if isinstance(tree, Sum) else tree.items if isinstance(tree, Sequence) else (tree,)
        if len(parts) > MAX_TERMS:
            raise malformed(f"more than {MAX_TERMS} fractions")
        below: list[int] = []
        for part in parts:
            match part:
                case Quotient(Number(upper), lower) if upper == 1 and integer_of(lower) > 0:
                    below.append(integer_of(lower))
                case _:
                    raise wrong_form("a part that is no unit fraction")
        if len(set(below)) < len(below):
            return rejected("a fraction is used twice", denominators=below)
        total = sum(Fraction(1, n) for n in below)
        if total != self.fraction:
            return rejected(f"the sum is not {self.fraction}", denominators=below)
        if self.terms is not None and len(below) > self.terms:
            return rejected(f"{len(below)} fractions, {self.terms} allowed", denominators=below)
        return accepted("the sum of different unit fractions", denominators=below)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c = sorted(rng.sample(range(2, 30), 3))
        total = Fraction(1, a) + Fraction(1, b) + Fraction(1, c)
        wrong = (
            f"1/{a} + 1/{b}",
            f"1/{a} + 1/{b} + 1/{c + 1}",
            str(total + 1),
            f"1/{2 * a} + 1/{2 * a} + 1/{b} + 1/{c}",
        )
        return Example({"fraction": str(total)}, f"1/{a} + 1/{b} + 1/{c}", wrong)
