"""Fractions as sums of unit fractions and as continued fractions.

Solutions take the largest unit fraction that fits, or divide again and again; the proofs look for divisors
that add up, and walk down the tree of Stern and Brocot.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd, isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import TUPLE, checked_by
from datagen.problems.text import boxed

EGYPTIAN = {1: (2, 3, 30), 2: (2, 31, 120), 3: (3, 12, 120), 4: (4, 12, 150), 5: (5, 20, 200)}
"""Per level: how many fractions the greedy way takes, the denominator from and to."""
LARGEST_DENOMINATOR = {3: 10**5, 4: 10**7, 5: 10**10}


@family(
    name="egyptian_fraction",
    wordings=(
        "Write {p}/{q} as a sum of different unit fractions{limit}, like 1/3 + 1/5 + 1/15.",
        "Express {p}/{q} as a sum of fractions with numerator 1 and different denominators{limit}. "
        "An answer looks like 1/3 + 1/5 + 1/15.",
        "Find different positive integers whose reciprocals add up to {p}/{q}{limit}. Answer with the sum of "
        "the reciprocals, like 1/3 + 1/5 + 1/15.",
    ),
)
def egyptian_fraction(rng: random.Random, level: int) -> Problem:
    """A fraction as a sum of different unit fractions, by taking the largest one that fits (Fibonacci)."""
    count, low, high = EGYPTIAN[level]
    while True:
        q = rng.randint(low, high)
        p = rng.randint(2, q - 1)
        below = _greedy(p, q, count)
        small = below[-1] <= LARGEST_DENOMINATOR.get(level, below[-1])
        if gcd(p, q) == 1 and len(below) == count and small and (p, q) != (3, 5):
            break
    lines, rest = [], Fraction(p, q)
    for n in below[:-1]:
        following = rest - Fraction(1, n)
        lines.append(f"{_ceiling_text(rest, n)}: {rest} - 1/{n} = {following}")
        rest = following
    lines.append(f"{rest} is a unit fraction itself.")
    answer = " + ".join(f"1/{n}" for n in below)
    limited = {"terms": count} if level < 4 else {}
    return Problem(
        question=egyptian_fraction.ask(rng, p=p, q=q, limit=f", at most {count} of them" if limited else ""),
        answer=answer,
        spec=checked_by("egyptian_fraction", fraction=f"{p}/{q}", **limited),
        solution="\n".join(["Take the largest unit fraction that fits, again and again.", *lines, ""])
        + f"So {p}/{q} = {boxed(answer)}",
        given={"p": p, "q": q, **limited},
        key=("egyptian_fraction", p, q),
    )


def _ceiling_text(rest: Fraction, n: int) -> str:
    """Why 1/n is the largest unit fraction that fits."""
    return f"{rest.denominator}/{rest.numerator} lies between {n - 1} and {n}, so take 1/{n}"


def _greedy(p: int, q: int, count: int) -> list[int]:
    """The denominators of the greedy expansion of p/q; cut off when there are more than `count`."""
    below: list[int] = []
    while p and len(below) <= count:
        n = -(-q // p)
        below.append(n)
        p, q = p * n - q, q * n
        common = gcd(p, q)
        p, q = p // common, q // common
    return below


@egyptian_fraction.proof
def _egyptian_fraction(given: Given) -> str:
    """With a limit, all denominators; without, the first multiple of q with divisors that add up."""
    p, q, terms = given["p"], given["q"], given.get("terms")
    if terms:
        found = _few_denominators(Fraction(p, q), terms, 1)
        if found is None:
            raise ValueError(f"{p}/{q} is no sum of {terms} unit fractions")
        return " + ".join(f"1/{n}" for n in found)
    multiplier = 1
    while not (parts := _divisors_with_sum(q * multiplier, p * multiplier)):
        multiplier += 1
    return " + ".join(f"1/{q * multiplier // part}" for part in parts)


def _few_denominators(rest: Fraction, terms: int, above: int) -> list[int] | None:
    """Increasing denominators above `above` of at most `terms` unit fractions with the sum `rest`."""
    if rest.numerator == 1 and rest.denominator > above:
        return [rest.denominator]
    if terms == 1:
        return None
    for n in range(max(above, rest.denominator // rest.numerator) + 1, int(terms / rest) + 1):
        further = _few_denominators(rest - Fraction(1, n), terms - 1, n)
        if further:
            return [n, *further]
    return None


def _divisors_with_sum(n: int, wanted: int) -> list[int]:
    """Different divisors of n with this sum; empty when there are none. The sums are the bits of integers."""
    small = [d for d in range(1, isqrt(n) + 1) if n % d == 0]
    divisors = sorted({*small, *(n // d for d in small)})
    reached = [1]
    for d in divisors:
        reached.append(reached[-1] | reached[-1] << d)
    if not reached[-1] >> wanted & 1:
        return []
    parts = []
    for place in range(len(divisors) - 1, -1, -1):
        if not reached[place] >> wanted & 1:
            parts.append(divisors[place])
            wanted -= divisors[place]
    return parts


@egyptian_fraction.variants
def _egyptian_fraction_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Other orders and LaTeX; a fraction left out, one changed, the sum not split, one written twice."""
    parts = answer.split(" + ")
    last = int(parts[-1][2:])
    latex = " + ".join(f"\\frac{{1}}{{{part[2:]}}}" for part in parts)
    same = [" + ".join(reversed(parts)), latex, ", ".join(parts)]
    if "terms" not in given:
        same.append(" + ".join([*parts[:-1], f"1/{last + 1}", f"1/{last * (last + 1)}"]))
    doubled = [*parts[:-1], f"1/{2 * last}", f"1/{2 * last}"]
    near = [" + ".join(parts[:-1]), " + ".join([*parts[:-1], f"1/{last + 1}"]), " + ".join(doubled)]
    return same, [*near, f"{given['p']}/{given['q']}"]


QUOTIENTS = {1: (3, 9), 2: (4, 9), 3: (5, 9), 4: (6, 12), 5: (8, 12)}
"""Per level: how many partial quotients there are, and the largest."""


@family(
    name="continued_fraction",
    wordings=(
        "Write {p}/{q} as a continued fraction {form} with positive integers and the last of them greater "
        "than 1. Answer with the tuple (a, b, c, ...).",
        "Find the partial quotients of the continued fraction of {p}/{q}, that is, positive integers with "
        "{p}/{q} = {form}, the last one greater than 1. Answer with the tuple (a, b, c, ...).",
        "The number {p}/{q} equals {form} for positive integers of which the last is not 1. Find them all, "
        "in order, and answer with a tuple (a, b, c, ...).",
    ),
)
def continued_fraction(rng: random.Random, level: int) -> Problem:
    """The partial quotients of a fraction, by dividing and turning the remainder over."""
    count, largest = QUOTIENTS[level]
    quotients = [rng.randint(1, largest) for _ in range(count - 1)] + [rng.randint(2, largest)]
    value = Fraction(quotients[-1])
    for quotient in reversed(quotients[:-1]):
        value = quotient + 1 / value
    top, below = p, q = value.numerator, value.denominator
    lines = ["Divide with remainder; then divide the divisor by the remainder, until nothing remains."]
    for quotient in quotients:
        lines.append(f"{top} = {quotient} * {below} + {top - quotient * below}")
        top, below = below, top - quotient * below
    answer = f"({', '.join(map(str, quotients))})"
    form = "a + 1/(b + 1/(c + ...))"
    return Problem(
        question=continued_fraction.ask(rng, p=p, q=q, form=form),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The quotients in order are {boxed(answer)}"]),
        given={"p": p, "q": q},
        key=("continued_fraction", p, q),
    )


@continued_fraction.proof
def _continued_fraction(given: Given) -> str:
    """The path to p/q in the tree of Stern and Brocot: how often it goes right, left, right, ..."""
    p, q = given["p"], given["q"]
    (a, b), (c, d) = (0, 1), (1, 0)
    runs, right = [0], True
    while (middle := (a + c, b + d)) != (p, q):
        larger = p * middle[1] > middle[0] * q
        if larger != right:
            runs.append(0)
            right = larger
        runs[-1] += 1
        if larger:
            a, b = middle
        else:
            c, d = middle
    runs[-1] += 1  # the last quotient, if it is not to be 1, is one more than the steps
    return f"({', '.join(map(str, runs))})"


@continued_fraction.variants
def _continued_fraction_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The whole part left out, and the last quotient split into two."""
    quotients = answer[1:-1].split(", ")
    split = [*quotients[:-1], str(int(quotients[-1]) - 1), "1"]
    return [], [f"({', '.join(quotients[1:])})", f"({', '.join(split)})"]
