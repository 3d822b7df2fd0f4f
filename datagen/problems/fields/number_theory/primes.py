"""Primes: whether a number is one, the next one, and the product of primes a number is.

Solutions divide by the primes up to the square root; the proofs are sympy's.
"""

from __future__ import annotations

import random
from math import isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.number_theory.steps import (
    division_text,
    powers_text,
    primes_up_to,
    smallest_factor,
)
from datagen.problems.numbers import smooth_number
from datagen.problems.specs import INTEGER, TRUTH, checked_by
from datagen.problems.text import boxed


def _trial_lines(n: int) -> list[str]:
    """One line for each prime up to the square root of n, until one divides it."""
    lines: list[str] = []
    for prime in primes_up_to(200):
        if prime * prime > n:
            break
        quotient, rest = divmod(n, prime)
        if not rest:
            return [*lines, f"{n} = {prime} * {quotient}"]
        lines.append(f"{n} = {prime} * {quotient} + {rest}")
    return lines


def _bound(n: int) -> str:
    """Which divisors are enough to be tried."""
    root = isqrt(n)
    if root * root == n:
        return f"{root}^2 = {n}, so a factor up to {root} exists if {n} is not prime."
    square = (root + 1) ** 2
    return f"{root + 1}^2 = {square} is larger than {n}, so it is enough to try the primes up to {root}."


PRIME_BANDS = {1: (11, 199), 2: (200, 999), 3: (1000, 3999), 4: (4000, 9999), 5: (10000, 32000)}


@family(
    name="prime_test",
    wordings=(
        "Is {n} a prime number? Answer yes or no.",
        "Yes or no: is {n} prime?",
        "Decide whether {n} is a prime number. Answer yes if it is, and no if it is not.",
    ),
)
def prime_test(rng: random.Random, level: int) -> Problem:
    """Whether a number is prime, worked by dividing by the primes up to its square root."""
    low, high = PRIME_BANDS[level]
    prime = rng.random() < 0.5
    least = 2 if level == 1 else 5 if level == 2 else 7  # a composite number shows no smaller factor
    while True:
        n = rng.randint(low, high)
        factor = smallest_factor(n)
        if (factor == n) if prime else least <= factor < n:
            break
    lines = [_bound(n), *_trial_lines(n)]
    answer = "yes" if prime else "no"
    reason = (
        "No prime up to the root divides it, so it is prime"
        if prime
        else f"It has the smallest factor {factor}"
    )
    return Problem(
        question=prime_test.ask(rng, n=n),
        answer=answer,
        spec=TRUTH,
        solution="\n".join([*lines, f"{reason}: {boxed(answer)}"]),
        given={"n": n},
        key=("prime_test", n),
    )


@prime_test.proof
def _prime_test(given: Given) -> str:
    import sympy

    return "yes" if sympy.isprime(given["n"]) else "no"


FACTORED_BANDS = {1: (12, 250), 2: (251, 999), 3: (1000, 9999), 4: (10000, 99999), 5: (100000, 2000000)}


@family(
    name="prime_factorization",
    wordings=(
        "Write {n} as a product of primes, like 3^2 * 101.",
        "Find the prime factorization of {n}. Write it with powers, like 3^2 * 101.",
        "Factor {n} completely into primes. An answer looks like 3^2 * 101.",
    ),
)
def prime_factorization(rng: random.Random, level: int) -> Problem:
    """A number as a product of primes, worked by splitting off the smallest one by one."""
    n, factors = smooth_number(rng, *FACTORED_BANDS[level])
    answer = powers_text(factors)
    return Problem(
        question=prime_factorization.ask(rng, n=n),
        answer=answer,
        spec=checked_by("integer_factorisation", number=n),
        solution=f"Split off the smallest prime factor again and again:\n{division_text(factors)}.\n"
        f"The last factor {max(factors)} is prime, so {n} = {boxed(answer)}",
        given={"n": n},
        key=("prime_factorization", n),
    )


@prime_factorization.proof
def _prime_factorization(given: Given) -> str:
    import sympy

    return " * ".join(f"{prime}^{power}" for prime, power in sympy.factorint(given["n"]).items())


@prime_factorization.variants
def _prime_factorization_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Repeated factors and LaTeX; a factor left out, one too many, two of them multiplied."""
    powers = answer.split(" * ")
    primes = [part.split("^")[0] for part in powers for _ in range(int(part.partition("^")[2] or 1))]
    latex = r" \cdot ".join(part.replace("^", "^{") + "}" * ("^" in part) for part in powers)
    same = [" * ".join(primes), " * ".join(reversed(powers)), latex, ", ".join(primes)]
    joined = " * ".join([str(int(primes[0]) * int(primes[1])), *primes[2:]])
    near = [" * ".join(primes[1:]), f"{answer} * 2", f"1 * {joined}" if len(primes) == 2 else joined]
    return same, [*near, str(given["n"])]


NEXT_BANDS = {1: (8, 120), 2: (121, 600), 3: (601, 2500), 4: (2501, 8000), 5: (8001, 20000)}


@family(
    name="next_prime",
    wordings=(
        "What is the smallest prime number greater than {n}?",
        "Find the first prime that comes after {n}.",
        "Which prime number follows next after {n}?",
    ),
)
def next_prime(rng: random.Random, level: int) -> Problem:
    """The next prime after a number: each odd candidate is factored or shown to be prime."""
    n = rng.randint(*NEXT_BANDS[level])
    candidate = n + 1 + n % 2
    lines = [f"Only odd numbers greater than {n} can be prime; go through them in order."]
    while (factor := smallest_factor(candidate)) < candidate:
        lines.append(f"{candidate} = {factor} * {candidate // factor} is not prime.")
        candidate += 2
    answer = str(candidate)
    lines += [f"For {candidate}: {_bound(candidate)}", *_trial_lines(candidate)]
    return Problem(
        question=next_prime.ask(rng, n=n),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"No such prime divides it, so the next prime is {boxed(answer)}"]),
        given={"n": n},
        key=("next_prime", n),
    )


@next_prime.proof
def _next_prime(given: Given) -> str:
    import sympy

    return str(sympy.nextprime(given["n"]))
