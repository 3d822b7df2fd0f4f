"""A whole number whose digits and divisors have given properties."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected
from verifiers.checkers.primes import is_prime
from verifiers.checkers.readers import flag, listed, one_of, read_integer, text, whole
from verifiers.verdict import Outcome

MAX_DIGITS = 300


def _some_digits(value: Any) -> str:
    if not isinstance(text(value), str) or not value.isascii() or not value.isdigit():
        raise ValueError("use a text of digits")
    return str(value)


def _root(n: int, degree: int) -> bool:
    """Whether a number from 0 up is a whole number to this power."""
    low, high = 0, 1 << (n.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= n else (low, middle - 1)
    return low**degree == n


SHAPES: dict[str, Callable[[int], bool]] = {
    "prime": is_prime,
    "composite": lambda n: n > 3 and not is_prime(n),
    "square": lambda n: math.isqrt(n) ** 2 == n,
    "cube": lambda n: _root(n, 3),
    "triangular": lambda n: math.isqrt(8 * n + 1) ** 2 == 8 * n + 1,
    "even": lambda n: n % 2 == 0,
    "odd": lambda n: n % 2 == 1,
}


@dataclass(frozen=True)
class DigitNumber(Checker):
    """A whole number from 0 up with every property that is given.

    `digits` is how many digits it has, `digit_sum` and `digit_product` are theirs; with `distinct` none
    occurs twice; `allowed` are those it may have, `exactly` all it has, in any order (as in `pandigital`
    numbers, "123456789"). `remainder` is a pair [remainder, modulus]; `reversal` the factor it is
    multiplied by when it is written backwards.
    """

    minimum: int | None = parameter(whole(0), None)
    maximum: int | None = parameter(whole(0), None)
    digits: int | None = parameter(whole(1, MAX_DIGITS), None)
    digit_sum: int | None = parameter(whole(0), None)
    digit_product: int | None = parameter(whole(0), None)
    distinct: bool = parameter(flag, False)
    palindrome: bool = parameter(flag, False)
    allowed: str | None = parameter(_some_digits, None)
    exactly: str | None = parameter(_some_digits, None)
    divisible_by: tuple[int, ...] = parameter(listed(whole(1), 0, 64), ())
    remainder: tuple[int, int] | None = parameter(listed(whole(0), 2, 2), None)
    reversal: int | None = parameter(whole(1), None)
    shape: str | None = parameter(one_of(*SHAPES), None)

    name: ClassVar[str] = "digit_number"

    def validate(self) -> None:
        if all(getattr(self, each.name) == each.default for each in fields(self)):
            raise ValueError("no property is asked for")
        if self.remainder is not None and not self.remainder[0] < self.remainder[1]:
            raise ValueError("the remainder must be under its modulus")

    def judge(self, answer: str) -> Outcome:
        n = read_integer(answer)
        if n < 0 or n.bit_length() > 4 * MAX_DIGITS:
            raise malformed(f"not a number from 0 up of at most {MAX_DIGITS} digits")
        for holds, fault in self.conditions(n, str(n)):
            if not holds:
                return rejected(fault, number=n)
        return accepted("has every property", number=n)

    def conditions(self, n: int, digits: str) -> list[tuple[bool, str]]:
        """Whether each condition holds, and what to say where it does not."""
        figures = list(map(int, digits))
        total, product = sum(figures), math.prod(figures)
        r, m = self.remainder or (0, 1)
        found = [
            (self.minimum is None or n >= self.minimum, f"under {self.minimum}"),
            (self.maximum is None or n <= self.maximum, f"over {self.maximum}"),
            (self.digits in (None, len(digits)), f"has {len(digits)} digits, not {self.digits}"),
            (self.digit_sum in (None, total), f"the sum of its digits is {total}, not {self.digit_sum}"),
            (
                self.digit_product in (None, product),
                f"the product of its digits is {product}, not {self.digit_product}",
            ),
            (not self.distinct or len(set(digits)) == len(digits), "a digit occurs twice"),
            (not self.palindrome or digits == digits[::-1], "not the same backwards"),
            (self.allowed is None or set(digits) <= set(self.allowed), "has a digit that is not allowed"),
            (
                self.exactly is None or Counter(digits) == Counter(self.exactly),
                f"its digits are not exactly {self.exactly}",
            ),
            (n % m == r, f"leaves {n % m} modulo {m}, not {r}"),
            (
                self.reversal is None or int(digits[::-1]) == n * self.reversal,
                f"written backwards it is {digits[::-1]}, not {self.reversal} times itself",
            ),
            (self.shape is None or SHAPES[self.shape](n), f"not {self.shape}"),
        ]
        return found + [(n % d == 0, f"not divisible by {d}") for d in self.divisible_by]

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c = rng.sample(range(1, 10), 3)
        n = int(f"{a}{b}{c}{b}{a}")
        parameters = {"digits": 5, "palindrome": True, "digit_sum": 2 * a + 2 * b + c, "divisible_by": [n]}
        if rng.random() < 0.5:
            return Example(
                parameters, str(n), (str(n + 1), f"{a}{b}{c}", f"{n}.5", f"-{n}", f"{a}{b}{c}{a}{b}")
            )
        wrong = ("21", "2187", "8712", "2178 * 1", "1089.0 + x")
        return Example({"digits": 4, "reversal": 4, "distinct": True}, "2178", wrong)
