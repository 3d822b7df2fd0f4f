"""Roots modulo a number, and the greatest common divisor with its coefficients."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass
from typing import ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected, wrong_form
from verifiers.checkers.primes import is_prime
from verifiers.checkers.readers import finished, flag, integer_of, read_assignment, read_formula, whole
from verifiers.checkers.residues import read_classes
from verifiers.parsing.tree import Call, Negate, Node, Product, Relation, Sum, symbols, walk
from verifiers.verdict import Outcome

#: Roots are counted by trying every residue, up to this modulus that is not prime.
MAX_TRIED = 20_000
_NAMED_GCD = re.compile(r"\\?\bgcd\s*=\s*", re.IGNORECASE)


@dataclass(frozen=True)
class ModularRoot(Checker):
    """x with x^`degree` ≡ `number` modulo `modulus`: one, or with `all` every residue, counted.

    Modulo a prime there are gcd(degree, modulus - 1) of them where there is one; another modulus must be
    small for `all`. Read: `3`, `x ≡ 3 (mod 7)`, `x ≡ ±3 (mod 7)`, `3, 4`.
    """

    number: int = parameter(whole())
    modulus: int = parameter(whole(2, 1 << 512))
    degree: int = parameter(whole(2, 64), 2)
    all: bool = parameter(flag, False)

    name: ClassVar[str] = "modular_root"

    def validate(self) -> None:
        if self.all and self.modulus > MAX_TRIED and not is_prime(self.modulus):
            raise ValueError(f"all roots: only modulo a prime, or up to the modulus {MAX_TRIED}")
        if is_prime(self.modulus) and self.number % self.modulus:
            units = self.modulus - 1
            if pow(self.number, units // math.gcd(self.degree, units), self.modulus) != 1:
                raise ValueError(f"{self.number} has no such root modulo {self.modulus}")

    def count(self) -> int:
        """How many roots there are, of a number that has one."""
        m, wanted = self.modulus, self.number % self.modulus
        if is_prime(m):
            return math.gcd(self.degree, m - 1) if wanted else 1
        return sum(pow(x, self.degree, m) == wanted for x in range(m))

    def judge(self, answer: str) -> Outcome:
        found = read_classes(answer, "x", self.modulus, every=self.all)
        if not found or (not self.all and len(found) > 1):
            raise malformed("not one number" if not self.all else "no numbers")
        for x in found:
            power = pow(x, self.degree, self.modulus)
            if power != self.number % self.modulus:
                return rejected(f"its power leaves {power}, not {self.number}", value=x, power=power)
        if not self.all:
            return accepted(f"its power leaves {self.number % self.modulus}", value=found[0])
        different, wanted = len({x % self.modulus for x in found}), self.count()
        if different != wanted:
            return rejected(f"{different} roots of {wanted}", values=sorted(found))
        return accepted(f"all {wanted} roots modulo {self.modulus}", values=sorted(found))

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        p = rng.choice((11, 13, 101, 2**31 - 1))
        x = rng.randint(2, 4)
        parameters = {"number": x * x, "modulus": p, "all": rng.random() < 0.5}
        if parameters["all"]:
            right = rng.choice((f"{x}, {p - x}", f"x \\equiv \\pm {x} \\pmod{{{p}}}"))
            return Example(
                parameters, right, (str(x), f"{x}, {x + p}", f"{x}, {p - x}, {x + 1}", f"x^2 = {x * x}")
            )
        wrong = (str(x + 1), f"\\sqrt{{{x * x}}}", f"{x}^2", f"{x} + 1/2")
        return Example(parameters, rng.choice((str(p - x), f"x = {x}")), wrong)


@dataclass(frozen=True)
class ExtendedGcd(Checker):
    """gcd(`a`, `b`) together with whole coefficients: `6 = 30 * 3 - 42 * 2`, or `d = 6, x = 3, y = -2`.

    In an equation each term is a product of `a` or of `b` with a coefficient; `(6, 3, -2)` is read too.
    """

    a: int = parameter(whole())
    b: int = parameter(whole())

    name: ClassVar[str] = "extended_gcd"

    def validate(self) -> None:
        if not self.a and not self.b:
            raise ValueError("a and b are both zero")

    def judge(self, answer: str) -> Outcome:
        answer = _NAMED_GCD.sub("d = ", answer)
        written = read_combination(answer, self.a, self.b)
        if written is None:
            values = read_assignment(answer, ("d", "x", "y"))
            written = (integer_of(values["d"]), integer_of(values["x"]), integer_of(values["y"]))
        d, x, y = written
        if d != math.gcd(self.a, self.b):
            return rejected(f"the greatest common divisor is not {d}", d=d)
        if self.a * x + self.b * y != d:
            return rejected(f"{self.a} * {x} + {self.b} * {y} is not {d}", d=d, x=x, y=y)
        return accepted(f"{self.a} * {x} + {self.b} * {y} = {d}", d=d, x=x, y=y)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        d = rng.randint(1, 9)
        m, n = rng.choice(((3, 5), (4, 7), (5, 8), (7, 9)))
        a, b = d * m, d * n
        x = pow(m, -1, n)
        y = (1 - m * x) // n
        right = rng.choice(
            (f"d = {d}, x = {x}, y = {y}", f"{d} = {a} * {x} - {b} * {-y}", f"({d}, {x}, {y})")
        )
        wrong = (
            f"d = {d}, x = {x}, y = {-y}",
            f"d = {2 * d}, x = {2 * x}, y = {2 * y}",
            f"x = {x}, y = {y}",
            f"{d} = {a} * {x + 1} - {b} * {-y}",
            f"\\gcd({a}, {b})",
        )
        return Example({"a": a, "b": b}, right, wrong)


def read_combination(answer: str, a: int, b: int) -> tuple[int, int, int] | None:
    """(d, x, y) of an equation `d = a * x + b * y`, either way round; `gcd(a, b) =` before it says nothing.

    None for what is no equation between a number and a sum of products.
    """
    tree = read_formula(answer, frozenset("dxy"))
    if not isinstance(tree, Relation) or set(tree.operators) != {"="} or symbols(tree):
        return None
    sides = [side for side in tree.operands if not isinstance(side, Call)]
    if len(sides) != 2 or any(isinstance(part, Call) for side in sides for part in walk(side)):
        raise wrong_form("not a number and a sum of products")
    number, product = sorted(map(finished, sides), key=lambda side: isinstance(side, (Sum, Product)))
    return integer_of(number), *_coefficients(product, a, b)


def _coefficients(tree: Node, a: int, b: int) -> tuple[int, int]:
    """What `a` and `b` are multiplied with in a sum of products."""
    x = y = 0
    for term in tree.terms if isinstance(tree, Sum) else (tree,):
        sign, bare = (-1, term.operand) if isinstance(term, Negate) else (1, term)
        factors = bare.factors if isinstance(bare, Product) else (bare,)
        values = [integer_of(factor) for factor in factors]
        if len(values) > 2:
            raise malformed("a product of more than two numbers")
        if a in values:
            values.remove(a)
            x += sign * math.prod(values)
        elif b in values:
            values.remove(b)
            y += sign * math.prod(values)
        else:
            raise malformed(f"a term that is no multiple of {a} or {b}")
    return x, y
