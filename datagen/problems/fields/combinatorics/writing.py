"""How counts are written out: binomial coefficients, falling products, factorials; and wrong counts.

Plain text from small integers, shared by the families of this folder. No proof uses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import comb, factorial


def choosing(n: int, k: int) -> str:
    """A binomial coefficient with the way to it.

    >>> choosing(9, 3), choosing(9, 7), choosing(9, 1)
    ('C(9, 3) = (9 * 8 * 7)/(3 * 2 * 1) = 84', 'C(9, 7) = C(9, 2) = (9 * 8)/(2 * 1) = 36', 'C(9, 1) = 9')
    """
    least = min(k, n - k)
    if least < 2:
        return f"C({n}, {k}) = {comb(n, k)}"
    mirrored = f" = C({n}, {least})" if least < k else ""
    return f"C({n}, {k}){mirrored} = ({falling(n, least)})/({falling(least, least)}) = {comb(n, k)}"


def falling(n: int, k: int) -> str:
    """`9 * 8 * 7`: the product of `k` factors from `n` downwards."""
    return times(range(n, n - k, -1))


def times(factors: Iterable[int | str]) -> str:
    """The factors with signs between them."""
    return " * ".join(map(str, factors))


def plus(summands: Iterable[int | str]) -> str:
    """The summands with signs between them."""
    return " + ".join(map(str, summands))


def reached(work: str, value: int) -> str:
    """`work = value`, or the value alone where there was nothing to work out."""
    return work if work == str(value) else f"{work} = {value}"


def multinomial(counts: Iterable[int]) -> int:
    """The number of orders of things of which `counts` are alike."""
    total, ways = 0, 1
    for count in counts:
        total += count
        ways *= comb(total, count)
    return ways


def multinomial_text(counts: Iterable[int]) -> str:
    """`7!/(3! * 2! * 2!) = 210`, factorials of 1 left out."""
    counts = list(counts)
    below = [f"{count}!" for count in counts if count > 1]
    total = sum(counts)
    if not below:
        return f"{total}! = {factorial(total)}"
    divisor = below[0] if len(below) == 1 else f"({times(below)})"
    return f"{total}!/{divisor} = {multinomial(counts)}"


def wrong(answer: str, *counts: int) -> list[str]:
    """Those of the counts, made by typical mistakes, that are not the answer."""
    return [str(count) for count in dict.fromkeys(counts) if str(count) != answer]
