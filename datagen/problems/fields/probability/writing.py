"""How probabilities are written out: fractions before and after cancelling, sums, wrong fractions.

Plain text from integers and Fractions, shared by the families of this folder. No proof uses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from datagen.problems.text import boxed

#: Ends the questions whose answer is a probability.
LOWEST = "Give a fraction in lowest terms."
#: The same where the value may be whole.
EXACT = "Give an integer or a fraction in lowest terms."


def final(work: str, value: Fraction) -> str:
    """The work, then the value in a box; a value that the work already ends in is not repeated.

    >>> final("3/4 * 2/3 = 6/12", Fraction(1, 2)), final("5/36", Fraction(5, 36))
    ('3/4 * 2/3 = 6/12 = \\\\boxed{1/2}', '\\\\boxed{5/36}')
    """
    parts = work.split(" = ")
    if parts[-1] == str(value):
        parts.pop()
    return " = ".join([*parts, boxed(str(value))])


def shown(above: int, below: int) -> str:
    """`6/12 = 1/2`, or `5/36` where nothing cancels."""
    value = Fraction(above, below)
    return f"{above}/{below}" if value.denominator == below else f"{above}/{below} = {value}"


def times(factors: Iterable[Fraction | int | str]) -> str:
    """The factors with signs between them."""
    return " * ".join(map(str, factors))


def plus(summands: Iterable[Fraction | int | str]) -> str:
    """The summands with signs between them."""
    return " + ".join(map(str, summands))


def power(base: Fraction, exponent: int) -> str:
    """`(2/3)^4`, `(2/3)` without an exponent of 1."""
    return f"({base})^{exponent}" if exponent != 1 else f"{base}"


def wrong(answer: str, *values: Fraction | int) -> list[str]:
    """Those of the values, made by typical mistakes, that are not the answer."""
    return [str(value) for value in dict.fromkeys(values) if value != Fraction(answer)]
