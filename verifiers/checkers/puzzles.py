"""Countdown and its kin: an expression of the given numbers, each used so often, with the allowed operations.

The value is computed exactly from the tree, after the numbers and operations have been looked at; powers
are capped, so `9^9^9^9` costs nothing.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from verifiers.checkers.base import (
    Checker,
    Example,
    accepted,
    malformed,
    parameter,
    rejected,
    violated,
    wrong_form,
)
from verifiers.checkers.readers import flag, listed, rational, read_formula, text, whole
from verifiers.comparing.canon import exact
from verifiers.parsing.show import show
from verifiers.parsing.tree import (
    Call,
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
)
from verifiers.verdict import Outcome

#: An intermediate value of more bits is refused.
MAX_BITS = 4096
OPERATIONS = "+-*/^"
#: The letter x between numbers and brackets is a sign here, because there are no letters.
_TIMES = re.compile(r"(?<=[\d)\]])\s*[xX]\s*(?=[\d(\[])")


@dataclass(frozen=True)
class Countdown(Checker):
    """An expression of `numbers` whose value is `target`: `(1 + 2) * 3`, also with `= 9` behind.

    `use_all` asks for each number exactly once (as in the game of 24), otherwise at most once. `operations`
    are the allowed signs out of `+-*/^`; with `whole` every intermediate value must be a whole number, and
    with `positive` greater than zero. A sign before a number counts as `-`. Every other number is foreign.
    """

    numbers: tuple[int, ...] = parameter(listed(whole(0), 1, 32))
    target: Fraction = parameter(rational)  # noqa: RUF009 (a field)
    use_all: bool = parameter(flag, False)
    operations: str = parameter(text, "+-*/")
    whole: bool = parameter(flag, False)
    positive: bool = parameter(flag, False)

    name: ClassVar[str] = "countdown"

    def validate(self) -> None:
        strange = set(self.operations) - set(OPERATIONS)
        if strange:
            raise ValueError(f"the operations {self.operations!r} are not of {OPERATIONS}")

    def judge(self, answer: str) -> Outcome:
        tree = self.expression(read_formula(_TIMES.sub("*", answer)))
        used = Counter[int]()
        signs = set[str]()
        look(tree, used, signs)
        shown = sorted(used.elements())
        forbidden = signs - set(self.operations)
        if forbidden:
            return rejected(f"the operation {min(forbidden)} is not allowed", operations=sorted(signs))
        given = Counter(self.numbers)
        foreign = used - given
        if foreign:
            number = next(iter(foreign))
            what = "used too often" if number in given else "not one of the numbers"
            if not signs and exact(tree) == self.target:
                raise wrong_form("the target itself, not an expression of the numbers")
            return rejected(f"{number} is {what}", used=shown, numbers=list(self.numbers))
        unused = given - used
        if self.use_all and unused:
            return rejected(f"{next(iter(unused))} is not used", used=shown, numbers=list(self.numbers))
        value = self.value(tree)
        if value != self.target:
            return rejected(
                f"its value is {_brief(value)}, not {self.target}", value=_brief(value), used=shown
            )
        return accepted(f"its value is {self.target}", value=_brief(value), used=shown)

    def expression(self, tree: Node) -> Node:
        """Of `(8 - 2) * 4 = 24` the expression; the other side must be the target."""
        if not isinstance(tree, Relation):
            return tree
        if tree.operators != ("=",):
            raise malformed("not one equation")
        left, right = tree.operands
        if isinstance(left, Symbol):
            return right
        if isinstance(left, Number) and not isinstance(right, Number):
            left, right = right, left
        if exact(right) != self.target:
            raise violated(f"claims to be {show(right)[:60]}, not {self.target}")
        return left

    def value(self, tree: Node) -> Fraction:
        found = self.computed(tree)
        if found.numerator.bit_length() > MAX_BITS or found.denominator.bit_length() > MAX_BITS:
            raise violated(f"an intermediate value of more than {MAX_BITS} bits")
        if self.whole and found.denominator != 1:
            raise violated(f"{show(tree)[:100]} is {_brief(found)}, not a whole number", value=_brief(found))
        if self.positive and found <= 0:
            raise violated(f"{show(tree)[:100]} is {_brief(found)}, not positive", value=_brief(found))
        return found

    def computed(self, tree: Node) -> Fraction:
        match tree:
            case Number(value):
                return Fraction(value)
            case Negate(inner):
                return -self.computed(inner)
            case Sum(terms):
                # From left to right, because every intermediate value must stay in bounds.
                total = self.value(terms[0])
                for term in terms[1:]:
                    total += self.computed(term)
                    self.bounded(total, tree)
                return total
            case Product(factors):
                total = self.value(factors[0])
                for factor in factors[1:]:
                    total *= self.value(factor)
                    self.bounded(total, tree)
                return total
            case Quotient(above, below):
                upper, lower = self.value(above), self.value(below)
                if not lower:
                    raise violated(f"a division by zero: {show(below)[:100]}")
                return upper / lower
            case Power(base, exponent):
                return self.power(self.value(base), self.value(exponent))
            case Sequence((inner,), _, _):
                return self.computed(inner)
        raise malformed("not an expression of numbers")

    def bounded(self, total: Fraction, tree: Node) -> None:
        if total.numerator.bit_length() > MAX_BITS:
            raise violated(f"an intermediate value of more than {MAX_BITS} bits")
        if self.positive and total <= 0:
            raise violated(f"a part of {show(tree)[:100]} is {_brief(total)}, not positive")

    def power(self, base: Fraction, exponent: Fraction) -> Fraction:
        if exponent.denominator != 1:
            raise violated(f"a power with the exponent {_brief(exponent)}, not whole")
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if abs(exponent) * size > MAX_BITS and abs(base) not in (0, 1):
            raise violated(f"a power of more than {MAX_BITS} bits")
        if not base and exponent < 0:
            raise violated("a division by zero")
        return base ** int(exponent)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c, d = rng.sample(range(3, 30), 4)
        target = (a + b) * c - d
        parameters = {"numbers": [a, b, c, d], "target": target, "use_all": True}
        wrong = (
            f"({a} + {b}) * {c} - {d} + {d} - {d}",
            f"({a} + {b}) * {c} + {d}",
            str(target),
            f"({a} + {b} + 1 - 1) * {c} - {d}",
            f"{a}{b} + {c} - {d}",
            f"({a} + {b}) * {c}",
            f"({a} + {b}) * {c} - {d} = {target + 1}",
        )
        return Example(parameters, f"({a} + {b}) * {c} - {d} = {target}", wrong)


def look(tree: Node, used: Counter[int], signs: set[str]) -> None:
    """Counts the numbers of an expression and collects its operations."""
    match tree:
        case Number(value, None):
            used[int(value)] += 1
        case Negate(inner):
            signs.add("-")
            look(inner, used, signs)
        case Sum(terms):
            if any(not isinstance(term, Negate) for term in terms[1:]):
                signs.add("+")
            for term in terms:
                look(term, used, signs)
        case Product(factors):
            signs.add("*")
            for factor in factors:
                look(factor, used, signs)
        case Quotient(left, right) | Power(left, right):
            signs.add("/" if isinstance(tree, Quotient) else "^")
            look(left, used, signs)
            look(right, used, signs)
        case Sequence((inner,), _, _):
            look(inner, used, signs)
        case Call(name):
            raise violated(f"the operation {name} is not allowed")
        case _:
            raise malformed("not an expression of whole numbers, brackets and operations")


def _brief(value: Fraction) -> str:
    return (
        str(value)
        if value.numerator.bit_length() < 256
        else f"a number of {value.numerator.bit_length()} bits"
    )
