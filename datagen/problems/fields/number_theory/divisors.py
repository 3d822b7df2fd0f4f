"""Divisors: common ones, how many there are, their sum, and the multiples they make.

Constructions carry their own factorings (see `numbers.py`); every proof is sympy's or an enumeration.
"""

from __future__ import annotations

import random
from math import gcd, isqrt, lcm, prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.number_theory.steps import division_text, euclid_text, powers_text
from datagen.problems.numbers import smooth_number
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, listing

DIVISOR_BANDS = {1: (5, 40), 2: (41, 150), 3: (151, 1000), 4: (1001, 20000), 5: (20001, 999999)}


def _with_common_factor(rng: random.Random, low: int, high: int) -> tuple[int, int]:
    """Two different numbers, the larger from `low` to `high`, with a planted common factor."""
    factor = rng.randint(1, min(60, isqrt(high)))
    larger = factor * rng.randint((low - 1) // factor + 1, high // factor)
    smaller = factor * rng.randint(1, larger // factor)
    smaller = max(2, smaller if smaller < larger else larger - factor)
    return (larger, smaller) if rng.random() < 0.5 else (smaller, larger)


@family(
    name="greatest_common_divisor",
    wordings=(
        "What is the greatest common divisor of {a} and {b}?",
        "Find gcd({a}, {b}).",
        "What is the largest integer that divides both {a} and {b}?",
    ),
)
def greatest_common_divisor(rng: random.Random, level: int) -> Problem:
    """The greatest common divisor of two numbers by Euclid's algorithm."""
    a, b = _with_common_factor(rng, *DIVISOR_BANDS[level])
    answer = str(gcd(a, b))
    return Problem(
        question=greatest_common_divisor.ask(rng, a=a, b=b),
        answer=answer,
        spec=INTEGER,
        solution=f"{euclid_text(a, b)}\nThe last remainder before 0 is {boxed(answer)}",
        given={"a": a, "b": b},
        key=("gcd", min(a, b), max(a, b)),
    )


@greatest_common_divisor.proof
def _greatest_common_divisor(given: Given) -> str:
    import sympy

    common = set(sympy.divisors(given["a"])) & set(sympy.divisors(given["b"]))
    return str(max(common))


MULTIPLE_BANDS = {1: (4, 15), 2: (16, 40), 3: (41, 100), 4: (101, 400), 5: (401, 3000)}


@family(
    name="least_common_multiple",
    wordings=(
        "What is the least common multiple of {a} and {b}?",
        "Find lcm({a}, {b}).",
        "What is the smallest positive integer that is a multiple of both {a} and {b}?",
    ),
)
def least_common_multiple(rng: random.Random, level: int) -> Problem:
    """The least common multiple of two numbers through their greatest common divisor."""
    a, b = _with_common_factor(rng, *MULTIPLE_BANDS[level])
    answer = str(lcm(a, b))
    return Problem(
        question=least_common_multiple.ask(rng, a=a, b=b),
        answer=answer,
        spec=INTEGER,
        solution=f"{euclid_text(a, b)}\nSo the greatest common divisor is {gcd(a, b)}, and the least common "
        f"multiple is {a} * {b} / {gcd(a, b)} = {boxed(answer)}",
        given={"a": a, "b": b},
        key=("lcm", min(a, b), max(a, b)),
    )


@least_common_multiple.proof
def _least_common_multiple(given: Given) -> str:
    larger, smaller = max(given["a"], given["b"]), min(given["a"], given["b"])
    return str(
        next(multiple for multiple in range(larger, larger * smaller + 1, larger) if not multiple % smaller)
    )


FACTOR_BANDS = {1: (12, 250), 2: (251, 1000), 3: (1001, 4000), 4: (4001, 20000), 5: (20001, 500000)}


@family(
    name="largest_prime_factor",
    version=2,
    wordings=(
        "What is the largest prime factor of {n}?",
        "Find the greatest prime number that divides {n}.",
        "Factor {n} into primes. Which of them is the largest?",
    ),
)
def largest_prime_factor(rng: random.Random, level: int) -> Problem:
    """The largest prime factor of a number, worked by splitting off the small ones."""
    n, factors = smooth_number(rng, *FACTOR_BANDS[level])
    answer = str(max(factors))
    return Problem(
        question=largest_prime_factor.ask(rng, n=n),
        answer=answer,
        spec=INTEGER,
        solution=f"{division_text(factors)}. The largest prime factor is {boxed(answer)}",
        given={"n": n},
        key=("largest_prime_factor", n),
    )


@largest_prime_factor.proof
def _largest_prime_factor(given: Given) -> str:
    import sympy

    return str(max(sympy.factorint(given["n"])))


@family(
    name="divisor_count",
    version=2,
    wordings=(
        "How many positive divisors does {n} have?",
        "Find the number of positive integers that divide {n}.",
        "Count the positive divisors of {n}, including 1 and {n} itself.",
    ),
)
def divisor_count(rng: random.Random, level: int) -> Problem:
    """The number of divisors, worked from the exponents of the prime factors."""
    n, factors = smooth_number(rng, *FACTOR_BANDS[level])
    answer = str(prod(power + 1 for power in factors.values()))
    choices = " * ".join(str(power + 1) for power in factors.values())
    return Problem(
        question=divisor_count.ask(rng, n=n),
        answer=answer,
        spec=INTEGER,
        solution=f"{division_text(factors)}, so {n} = {powers_text(factors)}.\n"
        f"Each exponent plus 1: the number of divisors is {choices} = {boxed(answer)}",
        given={"n": n},
        key=("divisor_count", n),
    )


@divisor_count.proof
def _divisor_count(given: Given) -> str:
    n = given["n"]
    return str(sum(2 - (d * d == n) for d in range(1, int(n**0.5) + 1) if n % d == 0))


@family(
    name="euler_phi",
    version=2,
    wordings=(
        "How many integers from 1 to {n} have no common factor with {n} other than 1?",
        "Find phi({n}), where phi is Euler's totient function.",
        "Count the integers from 1 to {n} that are coprime to {n}.",
    ),
)
def euler_phi(rng: random.Random, level: int) -> Problem:
    """Euler's totient, worked from the prime factors."""
    n, factors = smooth_number(rng, *FACTOR_BANDS[level])
    steps, value = [str(n)], n
    for prime in factors:
        value = value // prime * (prime - 1)
        steps.append(f"* {prime - 1}/{prime}")
    return Problem(
        question=euler_phi.ask(rng, n=n),
        answer=str(value),
        spec=INTEGER,
        solution=f"{division_text(factors)}, so the primes in {n} are {listing(list(map(str, factors)))}.\n"
        f"phi({n}) = {' '.join(steps)} = {boxed(str(value))}",
        given={"n": n},
        key=("euler_phi", n),
    )


@euler_phi.proof
def _euler_phi(given: Given) -> str:
    import sympy

    return str(sympy.totient(given["n"]))


@family(
    name="divisor_sum",
    wordings=(
        "What is the sum of all positive divisors of {n}, including 1 and {n} itself?",
        "Find sigma({n}), the sum of the positive divisors of {n}.",
        "Add up all positive integers that divide {n}. What is the sum?",
    ),
)
def divisor_sum(rng: random.Random, level: int) -> Problem:
    """The sum of the divisors, worked as one sum of powers for each prime factor."""
    n, factors = smooth_number(rng, *FACTOR_BANDS[level])
    sums = {prime: [prime**power for power in range(exponent + 1)] for prime, exponent in factors.items()}
    product = f"{n} = {powers_text(factors)}"
    lines = [", so ".join(dict.fromkeys([division_text(factors), product])) + "."]
    lines.append("The sum of the divisors is the product, over the primes, of the sums of their powers.")
    lines += [f"{prime}: {' + '.join(map(str, powers))} = {sum(powers)}" for prime, powers in sums.items()]
    totals = [sum(powers) for powers in sums.values()]
    answer = str(prod(totals))
    last = f"{' * '.join(map(str, totals))} = " if len(totals) > 1 else ""
    return Problem(
        question=divisor_sum.ask(rng, n=n),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The sum is {last}{boxed(answer)}"]),
        given={"n": n},
        key=("divisor_sum", n),
    )


@divisor_sum.proof
def _divisor_sum(given: Given) -> str:
    n = given["n"]
    small = [d for d in range(1, isqrt(n) + 1) if n % d == 0]
    return str(sum({*small, *(n // d for d in small)}))


@divisor_sum.variants
def _divisor_sum_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The number itself left out, and 1 left out."""
    return [], [str(int(answer) - given["n"]), str(int(answer) - given["n"] - 1)]


THREE_BANDS = {1: (12, 60), 2: (61, 250), 3: (251, 1500), 4: (1501, 9999), 5: (10000, 60000)}


@family(
    name="gcd_of_three",
    wordings=(
        "What is the greatest common divisor of {a}, {b} and {c}?",
        "Find gcd({a}, {b}, {c}).",
        "Three ropes are {a} cm, {b} cm and {c} cm long. They are cut, without waste, into pieces of one and "
        "the same whole number of centimetres. What is the largest possible length of a piece, in cm? "
        "Answer with the number alone.",
    ),
)
def gcd_of_three(rng: random.Random, level: int) -> Problem:
    """The greatest common divisor of three numbers, by Euclid's algorithm twice."""
    low, high = THREE_BANDS[level]
    factor = rng.randint(1, isqrt(high))
    largest = rng.randint((low - 1) // factor + 1, high // factor)
    numbers = [factor * n for n in [largest, *rng.sample(range(1, largest), 2)]] if largest > 2 else []
    if not numbers or min(numbers) < 2 or numbers[0] % numbers[1] == 0:
        return gcd_of_three(rng, level)
    rng.shuffle(numbers)
    a, b, c = numbers
    first = gcd(a, b)
    answer = str(gcd(first, c))
    lines = [euclid_text(a, b), f"So gcd({a}, {b}) = {first}. Now gcd({first}, {c}):"]
    lines.append(euclid_text(first, c) if first > 1 else "1 has no divisor but itself.")
    return Problem(
        question=gcd_of_three.ask(rng, a=a, b=b, c=c),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The greatest common divisor of all three is {boxed(answer)}"]),
        given={"numbers": [a, b, c]},
        key=("gcd_of_three", *sorted(numbers)),
    )


@gcd_of_three.proof
def _gcd_of_three(given: Given) -> str:
    numbers = given["numbers"]
    return str(next(d for d in range(min(numbers), 0, -1) if not any(n % d for n in numbers)))
