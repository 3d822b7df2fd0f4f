"""Number theory: divisors, primes, congruences.

Constructions carry their own factorings (see `numbers.py`); every proof is sympy's or an enumeration.
"""

from __future__ import annotations

import random
from math import gcd, isqrt, lcm, prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.numbers import euclid, smooth_number
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, grouped, listing

DIVISOR_BANDS = {1: (5, 40), 2: (41, 150), 3: (151, 1000), 4: (1001, 20000), 5: (20001, 999999)}


def _with_common_factor(rng: random.Random, low: int, high: int) -> tuple[int, int]:
    """Two different numbers, the larger from `low` to `high`, with a planted common factor."""
    factor = rng.randint(1, min(60, isqrt(high)))
    larger = factor * rng.randint((low - 1) // factor + 1, high // factor)
    smaller = factor * rng.randint(1, larger // factor)
    smaller = max(2, smaller if smaller < larger else larger - factor)
    return (larger, smaller) if rng.random() < 0.5 else (smaller, larger)


def _euclid_text(a: int, b: int) -> str:
    lines = euclid(max(a, b), min(a, b))
    return "\n".join(f"{top} = {quotient} * {below} + {rest}" for top, below, quotient, rest in lines)


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
        solution=f"{_euclid_text(a, b)}\nThe last remainder before 0 is {boxed(answer)}",
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
        solution=f"{_euclid_text(a, b)}\nSo the greatest common divisor is {gcd(a, b)}, and the least common "
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


def _division_text(factors: dict[int, int]) -> str:
    """`84 = 2 * 42, 42 = 2 * 21, 21 = 3 * 7`: the primes split off one by one."""
    primes = [prime for prime, exponent in factors.items() for _ in range(exponent)]
    steps, rest = [], prod(primes)
    for prime in primes[:-1]:
        steps.append(f"{rest} = {prime} * {rest // prime}")
        rest //= prime
    return ", ".join(steps)


def _powers_text(factors: dict[int, int]) -> str:
    return " * ".join(f"{prime}^{power}" if power > 1 else str(prime) for prime, power in factors.items())


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
        solution=f"{_division_text(factors)}. The largest prime factor is {boxed(answer)}",
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
        solution=f"{_division_text(factors)}, so {n} = {_powers_text(factors)}.\n"
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
        solution=f"{_division_text(factors)}, so the primes in {n} are {listing(list(map(str, factors)))}.\n"
        f"phi({n}) = {' '.join(steps)} = {boxed(str(value))}",
        given={"n": n},
        key=("euler_phi", n),
    )


@euler_phi.proof
def _euler_phi(given: Given) -> str:
    import sympy

    return str(sympy.totient(given["n"]))


POWERS = {
    1: (3, 10, 2, 4),
    2: (11, 20, 5, 9),
    3: (21, 50, 10, 20),
    4: (51, 100, 21, 60),
    5: (101, 999, 61, 500),
}
"""Per level: modulus from and to, exponent from and to."""


@family(
    name="modular_power",
    wordings=(
        "What is the remainder when {a}^{k} is divided by {m}?",
        "Find {a}^{k} mod {m}, as a number from 0 to {last}.",
        "Divide {a}^{k} by {m}. What is the remainder?",
    ),
)
def modular_power(rng: random.Random, level: int) -> Problem:
    """A power modulo m, worked by repeated squaring."""
    low, high, least, most = POWERS[level]
    m = rng.randint(low, high)
    a, k = rng.randint(2, m + 9 if level == 1 else m - 1), rng.randint(least, most)
    result, solution = _repeated_squaring(a, k, m)
    return Problem(
        question=modular_power.ask(rng, a=a, k=k, m=m, last=m - 1),
        answer=str(result),
        spec=INTEGER,
        solution=f"{solution}, so the remainder is {boxed(str(result))}",
        given={"a": a, "k": k, "m": m},
        key=("modular_power", a, k, m),
    )


def _repeated_squaring(a: int, k: int, m: int) -> tuple[int, str]:
    """a^k mod m, and the steps to it: the squares, then the product of those that make up k."""
    value, exponent = a % m, 1
    steps = [f"{a} = {value}"] if a >= m else []
    chosen: list[tuple[str, int]] = []
    while True:
        if k & exponent:
            chosen.append((f"{a}^{exponent}" if exponent > 1 else str(a), value))
        exponent *= 2
        if exponent > k:
            break
        square = value * value
        shown = [f"{a}^{exponent}", *([f"{value}^2"] if steps else []), str(square), str(square % m)]
        steps.append(" = ".join(dict.fromkeys(shown)))
        value = square % m
    result = chosen[0][1]
    lines = [f"{a}^{k} = {' * '.join(power for power, _ in reversed(chosen))}"]
    for _, factor in chosen[1:]:
        lines.append(
            " = ".join(
                dict.fromkeys([f"{result} * {factor}", str(result * factor), str(result * factor % m)])
            )
        )
        result = result * factor % m
    return result, f"Modulo {m}: {', '.join(steps)}.\n{', '.join(dict.fromkeys(lines))}"


@modular_power.proof
def _modular_power(given: Given) -> str:
    import sympy

    return str(sympy.Integer(given["a"]) ** given["k"] % given["m"])


INVERSE_BANDS = {1: (5, 25), 2: (26, 60), 3: (61, 150), 4: (151, 600), 5: (601, 5000)}


@family(
    name="modular_inverse",
    version=2,
    wordings=(
        "Which integer x from 1 to {last} satisfies {a} * x = 1 mod {m}?",
        "Find the inverse of {a} modulo {m}, as a number from 1 to {last}.",
        "For which x with 1 <= x <= {last} does {a}x leave the remainder 1 on division by {m}?",
    ),
)
def modular_inverse(rng: random.Random, level: int) -> Problem:
    """The inverse of a number modulo m by the extended Euclidean algorithm."""
    while True:
        m = rng.randint(*INVERSE_BANDS[level])
        a = rng.randint(2, m - 1)
        if gcd(a, m) == 1:
            break
    before, now, steps = 0, 1, []
    for top, below, quotient, rest in euclid(m, a)[:-1]:
        before, now = now, before - quotient * now
        steps.append(f"{rest} = {top} - {quotient} * {below} = {grouped(now)} * {a} mod {m}")
    answer = str(now % m)
    return Problem(
        question=modular_inverse.ask(rng, a=a, m=m, last=m - 1),
        answer=answer,
        spec=INTEGER,
        solution="\n".join(
            [*steps, f"So x = {now} mod {m}, and between 1 and {m - 1} it is {boxed(answer)}"]
        ),
        given={"a": a, "m": m},
        key=("modular_inverse", a, m),
    )


@modular_inverse.proof
def _modular_inverse(given: Given) -> str:
    (inverse,) = (x for x in range(1, given["m"]) if given["a"] * x % given["m"] == 1)
    return str(inverse)


MODULI = {1: (2, 2, 7), 2: (2, 8, 15), 3: (2, 16, 40), 4: (3, 3, 11), 5: (4, 3, 13)}
"""Per level: how many moduli, from and to."""


@family(
    name="chinese_remainder",
    wordings=(
        "What is the smallest non-negative integer that leaves {conditions}?",
        "A number leaves {conditions}. Find the smallest such number that is not negative.",
        "Find the least integer x >= 0 such that x leaves {conditions}.",
    ),
)
def chinese_remainder(rng: random.Random, level: int) -> Problem:
    """A number from its remainders, worked by stepping through the numbers that fit so far."""
    count, low, high = MODULI[level]
    while True:
        moduli = sorted(rng.sample(range(low, high + 1), count), reverse=True)
        if lcm(*moduli) == prod(moduli):
            break
    number = rng.randrange(1, prod(moduli))
    congruences = [(number % m, m) for m in moduli]
    fits, step = congruences[0]
    lines = [f"Start with {fits}, which leaves {fits} on division by {step}."]
    for remainder, m in congruences[1:]:
        start, added = fits, 0
        while fits % m != remainder:
            fits, added = fits + step, added + 1
        lines.append(f"{start} + {added} * {step} = {fits} leaves {remainder} on division by {m}.")
        step *= m
    shuffled = rng.sample(congruences, count)
    conditions = [f"the remainder {remainder} when divided by {m}" for remainder, m in shuffled]
    return Problem(
        question=chinese_remainder.ask(rng, conditions=listing(conditions)),
        answer=str(fits),
        spec=INTEGER,
        solution="\n".join([*lines, f"The smallest such number is {boxed(str(fits))}"]),
        given={"congruences": [list(pair) for pair in shuffled]},
        key=("chinese_remainder", *congruences),
    )


@chinese_remainder.proof
def _chinese_remainder(given: Given) -> str:
    from sympy.ntheory.modular import crt

    remainders, moduli = zip(*given["congruences"], strict=True)
    number, _period = crt(list(moduli), list(remainders))
    return str(number)
