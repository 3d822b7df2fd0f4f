"""Numbers for constructions: draws that many families share, and elementary factoring.

Plain Python and fast; proofs use sympy instead, so that nothing here can vouch for itself.
"""

from __future__ import annotations

import random

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)


def nonzero(rng: random.Random, largest: int) -> int:
    """An integer between -largest and largest, and not 0."""
    number = rng.randint(1, largest)
    return number if rng.random() < 0.5 else -number


def smooth_number(rng: random.Random, low: int, high: int) -> tuple[int, dict[int, int]]:
    """A composite number from `low` to `high`, and its prime factors, all below 100, with their exponents.

    Built by multiplying primes, smaller ones more often.
    """
    while True:
        number = 1
        factors: dict[int, int] = {}
        while number < low:
            prime = PRIMES[int(rng.random() ** 2 * len(PRIMES))]
            number *= prime
            factors[prime] = factors.get(prime, 0) + 1
        if number <= high and number not in factors:
            return number, dict(sorted(factors.items()))


def euclid(a: int, b: int) -> list[tuple[int, int, int, int]]:
    """Euclid's algorithm as (dividend, divisor, quotient, remainder) lines, the last with remainder 0."""
    lines = []
    while b:
        lines.append((a, b, a // b, a % b))
        a, b = b, a % b
    return lines
