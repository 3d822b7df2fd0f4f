"""Orders of numbers modulo m: primitive roots, Euler's theorem, the periods of decimals.

Solutions take primes out of an exponent that is known to do; the proofs count powers one by one, divide long,
or are sympy's and Python's own.
"""

from __future__ import annotations

import random
from math import gcd, lcm, prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.number_theory.steps import (
    PowerTable,
    factorization,
    order_steps,
    powers_text,
    primes_up_to,
    repeated_squaring,
    smallest_factor,
)
from datagen.problems.specs import INTEGER, checked_by
from datagen.problems.text import boxed, listing


def _phi(factors: dict[int, int]) -> int:
    return prod((prime - 1) * prime ** (power - 1) for prime, power in factors.items())


def _phi_text(m: int, factors: dict[int, int]) -> str:
    """`phi(12) = 2 * 2 = 4`, with the factoring of 12 before it."""
    parts = [
        f"{prime}^{power - 1} * {prime - 1}"
        if power > 2
        else f"{prime} * {prime - 1}"
        if power > 1
        else f"{prime - 1}"
        for prime, power in factors.items()
    ]
    if len(factors) == 1 and m in factors:
        return f"{m} is prime, so phi({m}) = {m - 1}"
    return f"{m} = {powers_text(factors)}, so phi({m}) = {' * '.join(parts)} = {_phi(factors)}"


def _coprime(rng: random.Random, m: int, low: int, high: int) -> int:
    while True:
        a = rng.randint(low, high)
        if gcd(a, m) == 1:
            return a


MAX_SOLUTION = 1500  # characters; a longer one is for nobody to read
ORDERS = {1: (5, 20), 2: (21, 50), 3: (51, 150), 4: (151, 600), 5: (601, 1500)}


@family(
    name="multiplicative_order",
    wordings=(
        "What is the smallest positive integer k for which {a}^k leaves the remainder 1 on division by {m}?",
        "Find the multiplicative order of {a} modulo {m}.",
        "Find the least k > 0 with {a}^k = 1 mod {m}.",
    ),
)
def multiplicative_order(rng: random.Random, level: int) -> Problem:
    """The order of a number modulo m, from the list of its powers or by taking primes out of phi(m)."""
    m = rng.randint(*ORDERS[level])
    a = _coprime(rng, m, 2, m - 1)
    if level < 3:
        powers = [a]
        while powers[-1] != 1:
            powers.append(powers[-1] * a % m)
        order = len(powers)
        lines = [
            f"The powers of {a} modulo {m}, each {a} times the one before: {', '.join(map(str, powers))}."
        ]
        lines.append(f"The first 1 is {a}^{order}, so k = {boxed(str(order))}")
    else:
        factors = factorization(m)
        order, steps = order_steps(a, m, _phi(factors))
        lines = [f"{_phi_text(m, factors)} = {powers_text(factorization(_phi(factors)))}."]
        lines.append(f"The order divides {_phi(factors)}; take primes out of it while the power stays 1.")
        lines += [*steps, f"No further prime can be taken out: the order is {boxed(str(order))}"]
        if sum(map(len, lines)) > MAX_SOLUTION - 20:
            return multiplicative_order(rng, level)
    return Problem(
        question=multiplicative_order.ask(rng, a=a, m=m),
        answer=str(order),
        spec=INTEGER,
        solution="\n".join(lines),
        given={"a": a, "m": m},
        key=("multiplicative_order", a, m),
    )


@multiplicative_order.proof
def _multiplicative_order(given: Given) -> str:
    a, m = given["a"], given["m"]
    power, count = a % m, 1
    while power != 1:
        power, count = power * a % m, count + 1
    return str(count)


ROOT_BANDS = {1: (11, 250), 2: (251, 1500), 3: (1501, 10000), 4: (10001, 40000), 5: (40001, 200000)}


def _prime_modulus(rng: random.Random, low: int, high: int) -> tuple[int, int]:
    """A number that is a prime or twice a prime, and the prime."""
    while True:
        m = rng.randint(low, high)
        p = m if m % 2 else m // 2
        if p > 10 and smallest_factor(p) == p:
            return m, p


@family(
    name="primitive_root",
    wordings=(
        "Find a primitive root modulo {m}.",
        "Find a number g whose powers leave, on division by {m}, every remainder that is coprime to {m}.",
        "Give one number whose multiplicative order modulo {m} is phi({m}) = {phi}.",
    ),
)
def primitive_root(rng: random.Random, level: int) -> Problem:
    """A primitive root of a prime or its double, tested at the quotients of p - 1 by its primes."""
    m, p = _prime_modulus(rng, *ROOT_BANDS[level])
    phi = p - 1
    factors = factorization(phi)
    exponents = [phi // prime for prime in factors]
    candidates = range(2, m) if m == p else range(3, p, 2)  # below p, so coprime to m
    root = next(g for g in candidates if all(pow(g, exponent, m) != 1 for exponent in exponents))
    powers = PowerTable(root, m, max(exponents))
    wanted = listing([str(exponent) for exponent in exponents], "or")
    reason = f"{m} is prime" if m == p else f"{m} = 2 * {p} with a prime {p}"
    lines = [
        f"{reason}, so phi({m}) = {phi} = {powers_text(factors)}, and every order modulo {m} divides it."
    ]
    lines.append(f"A number coprime to {m} has the order {phi} unless its power with exponent {wanted} is 1.")
    lines.append(f"Try {root}. Modulo {m}: {powers.squares}.")
    lines += [f"{powers.line(exponent)[1]}." for exponent in exponents]
    lines.append(f"{'Both' if len(exponents) == 2 else 'All of them'} differ from 1,")
    answer = str(root)
    solution = "\n".join(lines) + f" so a primitive root is {boxed(answer)}"
    if len(solution) > MAX_SOLUTION:
        return primitive_root(rng, level)
    return Problem(
        question=primitive_root.ask(rng, m=m, phi=phi),
        answer=answer,
        spec=checked_by("primitive_root", modulus=m),
        solution=solution,
        given={"m": m},
        key=("primitive_root", m),
    )


@primitive_root.proof
def _primitive_root(given: Given) -> str:
    from sympy.ntheory.residue_ntheory import primitive_root

    return str(primitive_root(given["m"]))


@primitive_root.variants
def _primitive_root_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Powers with an exponent coprime to phi are roots too; squares, 1 and -1 are none."""
    m, g = given["m"], int(answer)
    phi = m - 1 if m % 2 else m // 2 - 1
    exponents = [k for k in range(3, 60) if gcd(k, phi) == 1][:2]
    same = [str(pow(g, k, m)) for k in exponents]
    return [*same, f"g = {g}", f"{g} \\pmod{{{m}}}"], ["1", str(m - 1), str(g * g % m), str(m), "0"]


EULER = {1: (5, 13, 100, 999), 2: (17, 60, 1000, 99999), 3: (61, 200, 10**6, 10**9)}
"""Per level with one exponent: the modulus from and to, the exponent from and to."""
TOWERS = {4: (20, 99, 2, 30, 20, 99), 5: (100, 600, 31, 99, 100, 500)}
"""Per level with a tower: the modulus, the exponent's base and its exponent, each from and to."""


@family(
    name="euler_power",
    wordings=(
        "What is the remainder when {power} is divided by {m}?",
        "Find {power} mod {m}, as a number from 0 to {last}.",
        "The number {power} is divided by {m}. Find the remainder.",
    ),
)
def euler_power(rng: random.Random, level: int) -> Problem:
    """A power with a huge exponent, or a tower, modulo m: the exponent is reduced modulo phi(m)."""
    low, high = (EULER.get(level) or TOWERS[level])[:2]
    m = rng.randint(low, high)
    factors = factorization(m)
    if level < 3 and m not in factors:
        return euler_power(rng, level)
    phi = _phi(factors)
    a = _coprime(rng, m, 2, m - 1)
    lines = [f"gcd({a}, {m}) = 1 and {_phi_text(m, factors)}. By Euler's theorem {a}^{phi} = 1 mod {m}."]
    if level > 3:
        _, _, least, most, lowest, highest = TOWERS[level]
        base, top = rng.randint(least, most), rng.randint(lowest, highest)
        rest, steps = repeated_squaring(base, top, phi)
        power = f"{a}^({base}^{top})"
        lines.append(f"So the exponent counts modulo {phi}. {steps}.")
        lines.append(f"So {base}^{top} leaves {rest} on division by {phi}.")
        exponent = [base, top]
    else:
        number = rng.randint(*EULER[level][2:])
        rest, power = number % phi, f"{a}^{number}"
        lines.append(
            f"{number} = {number // phi} * {phi} + {rest}, so the exponent may be replaced by {rest}."
        )
        exponent = [number, 1]
    if rest < 2:
        result = a**rest
        lines.append(f"{power} = {f'{a}^0 = 1' if rest == 0 else a} mod {m}.")
    else:
        result, steps = repeated_squaring(a, rest, m)
        lines.append(f"{steps}.")
    return Problem(
        question=euler_power.ask(rng, power=power, m=m, last=m - 1),
        answer=str(result),
        spec=INTEGER,
        solution="\n".join([*lines, f"The remainder is {boxed(str(result))}"]),
        given={"a": a, "exponent": exponent, "m": m},
        key=("euler_power", a, *exponent, m),
    )


@euler_power.proof
def _euler_power(given: Given) -> str:
    base, top = given["exponent"]
    return str(pow(given["a"], base**top, given["m"]))


@family(
    name="decimal_period",
    wordings=(
        "The decimal expansion of {k}/{n} repeats from some place on. How many digits are in the shortest "
        "repeating block?",
        "What is the length of the period of the decimal expansion of {k}/{n}?",
        "{k}/{n} is written as a decimal. How long is the shortest block of digits that repeats forever?",
    ),
)
def decimal_period(rng: random.Random, level: int) -> Problem:
    """The period of a fraction's decimal: the order of 10 modulo what remains of n without 2 and 5."""
    n = _denominator(rng, level)
    k = _coprime(rng, n, 1, min(n - 1, 99))
    bare = n
    for prime in (2, 5):
        while bare % prime == 0:
            bare //= prime
    part = f"{n}, which has no factor 2 or 5" if bare == n else f"{bare}, the part of {n} without 2 and 5"
    lines = [f"{k}/{n} is in lowest terms, so its period is the least t > 0 with 10^t = 1 modulo {part}."]
    if level < 3:
        powers = [10 % bare]
        while powers[-1] != 1:
            powers.append(powers[-1] * 10 % bare)
        period = len(powers)
        lines.append(
            f"Powers of 10 modulo {bare}, each 10 times the one before: {', '.join(map(str, powers))}."
        )
        lines.append(f"The first 1 is number {period} in the list: the period is {boxed(str(period))}")
    else:
        primes = list(factorization(bare))
        orders = []
        for p in primes:
            order, steps = order_steps(10, p, p - 1)
            lines += [
                f"Modulo the prime {p} it divides {p - 1} = {powers_text(factorization(p - 1))}.",
                *steps,
            ]
            lines.append(f"So modulo {p} it is {order}.")
            orders.append(order)
        period = lcm(*orders)
        both = f"lcm({', '.join(map(str, orders))}) = " if len(orders) > 1 else ""
        lines.append(f"The period is {both}{boxed(str(period))}")
        if sum(map(len, lines)) > MAX_SOLUTION - 20:
            return decimal_period(rng, level)
    return Problem(
        question=decimal_period.ask(rng, k=k, n=n),
        answer=str(period),
        spec=INTEGER,
        solution="\n".join(lines),
        given={"k": k, "n": n},
        key=("decimal_period", k, n),
    )


def _denominator(rng: random.Random, level: int) -> int:
    """Small numbers, then a prime, two primes, and two primes with twos and fives."""
    if level < 3:
        while True:
            n = rng.randint(*((3, 30), (31, 99))[level - 1])
            if n not in (4, 5, 8, 10, 16, 20, 25, 32, 40, 50, 64, 80):
                return n
    if level == 3:
        return rng.choice([p for p in primes_up_to(600) if p > 100])
    small = primes_up_to(97)[5:]
    if level == 4:
        return prod(rng.sample(small, 2))
    return prod(rng.sample(primes_up_to(250)[len(small) + 5 :], 2)) * rng.choice((2, 4, 5, 8, 10, 20))


@decimal_period.proof
def _decimal_period(given: Given) -> str:
    """Long division: the remainder after many digits, and how many digits later it comes back."""
    rest, n = given["k"], given["n"]
    for _ in range(40):
        rest = rest * 10 % n
    start, digits = rest, 0
    while not digits or rest != start:
        rest, digits = rest * 10 % n, digits + 1
    return str(digits)
