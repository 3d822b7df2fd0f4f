"""Prime powers in factorials: the zeros at their ends, the exponent of a prime in them and in binomials.

Solutions count multiples (Legendre 1808); the proofs divide the factors one by one or count the zeros.
"""

from __future__ import annotations

import random

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.number_theory.steps import factorization, powers_text
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed


def _legendre(n: int, p: int) -> tuple[int, str]:
    """The exponent of p in n!, and `floor(30/5) + floor(30/25) = 6 + 1 = 7`."""
    powers = []
    power = p
    while power <= n:
        powers.append(power)
        power *= p
    if not powers:
        return 0, f"no multiple of {p} is among the factors, so 0"
    counts = [n // power for power in powers]
    shown = [" + ".join(f"floor({n}/{power})" for power in powers), " + ".join(map(str, counts))]
    return sum(counts), " = ".join(dict.fromkeys([*shown, str(sum(counts))]))


def _largest_power(number: int, base: int) -> int:
    """The largest k for which base^k divides the number, by bisection. For proofs alone."""
    low, high = 0, number.bit_length()
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if number % base**middle == 0 else (low, middle - 1)
    return low


ZEROS = {1: (5, 120), 2: (121, 999), 3: (1000, 99999), 4: (200, 3000), 5: (60, 1500)}
"""Per level: n from and to. At level 4 it is the larger of two, at level 5 that of a binomial coefficient."""


@family(
    name="factorial_zeros",
    wordings=(
        "How many zeros are at the end of {number} in decimal notation?",
        "{number} is written out in full. How many zeros does it end in?",
        "Find the number of trailing zeros that {number} has in decimal form.",
    ),
)
def factorial_zeros(rng: random.Random, level: int) -> Problem:
    """The zeros a factorial, a product of two or a binomial coefficient ends in, from its twos and fives."""
    n = rng.randint(*ZEROS[level])
    other = rng.randint(10, n - 1) if level > 3 else 0
    above, below, number = [n], list[int](), f"{n}!"
    if level == 4:
        above, number = [n, other], f"{n}! * {other}!"
    elif level == 5:
        other = min(other, n - other)
        below = [other, n - other]
        number = f"C({n}, {other}) = {n}!/({other}! * {n - other}!)"
    lines = [
        "A zero at the end needs a factor 2 and a factor 5. Count them in the factors of each factorial."
    ]
    fives = _counted(5, above, below, lines)
    if below:
        twos = _counted(2, above, below, lines)
        lines.append(f"The smaller of the two counts, of {twos} for 2 and {fives} for 5, decides.")
        zeros = min(twos, fives)
        if not zeros or other < 5:
            return factorial_zeros(rng, level)
    else:
        lines.append("There are more twos than fives, because every second factor is even.")
        zeros = fives
    return Problem(
        question=factorial_zeros.ask(rng, number=number),
        answer=str(zeros),
        spec=INTEGER,
        solution="\n".join([*lines, f"The number of zeros is {boxed(str(zeros))}"]),
        given={"above": above, "below": below},
        key=("factorial_zeros", tuple(sorted(above)), tuple(sorted(below))),
    )


def _counted(p: int, above: list[int], below: list[int], lines: list[str]) -> int:
    """The exponent of p in a quotient of factorials; the steps are added to `lines`."""
    counts = []
    for n in dict.fromkeys([*above, *below]):
        count, shown = _legendre(n, p)
        lines.append(f"Factors {p} in {n}!: {shown}.")
        counts.append(count)
    known = dict(zip(dict.fromkeys([*above, *below]), counts, strict=True))
    total = sum(known[n] for n in above) - sum(known[n] for n in below)
    if len(above) + len(below) > 1:
        plus = " + ".join(str(known[n]) for n in above)
        minus = "".join(f" - {known[n]}" for n in below)
        lines.append(f"Together: {plus}{minus} = {total}.")
    return total


@factorial_zeros.proof
def _factorial_zeros(given: Given) -> str:
    from math import factorial, prod

    if max(given["above"]) > 9999:  # too large to be written out: go through the factors
        (n,) = given["above"]
        return str(sum(_largest_power(factor, 5) for factor in range(5, n + 1, 5)))
    number = prod(map(factorial, given["above"])) // prod(map(factorial, given["below"]))
    return str(_largest_power(number, 10))


EXPONENTS = {1: (10, 60), 2: (61, 250), 3: (251, 3000), 4: (251, 3000), 5: (3001, 9999)}
BASES = {1: (2, 3, 5, 7), 2: (2, 3, 5, 7, 11, 13), 3: (3, 5, 7, 11, 13, 17, 19, 23)}
BASES |= {4: (6, 10, 14, 15, 21, 22, 26, 30, 33, 35), 5: (12, 18, 20, 24, 45, 48, 50, 54, 60, 72, 80, 84, 90)}
"""Per level: n from and to, and the numbers whose power is to divide n!: primes, products, any."""


@family(
    name="factorial_exponent",
    wordings=(
        "What is the largest integer k for which {n}! is divisible by {base}^k?",
        "Find the exponent of the highest power of {base} that divides the number {n}! without a remainder.",
        "How many times in a row can {n}! be divided by {base} without a remainder?",
    ),
)
def factorial_exponent(rng: random.Random, level: int) -> Problem:
    """The largest power of a number in a factorial, from the exponents of its primes."""
    n, base = rng.randint(*EXPONENTS[level]), rng.choice(BASES[level])
    factors = factorization(base)
    lines = [f"{base} is prime. Its multiples, and those of its powers, among 1, ..., {n} are counted:"]
    if base not in factors:
        lines = [f"{base} = {powers_text(factors)}. Count each prime in {n}!:"]
    limits = []
    for prime, power in factors.items():
        count, shown = _legendre(n, prime)
        line = f"{prime}: {shown}"
        if power > 1:
            line += f", enough for floor({count}/{power}) = {count // power} times {prime}^{power}"
        lines.append(f"{line}.")
        limits.append(count // power)
    answer = str(min(limits))
    last = f"The smallest of {', '.join(map(str, limits))} counts, so k is" if len(limits) > 1 else "So k is"
    return Problem(
        question=factorial_exponent.ask(rng, n=n, base=base),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"{last} {boxed(answer)}"]),
        given={"n": n, "base": base},
        key=("factorial_exponent", n, base),
    )


@factorial_exponent.proof
def _factorial_exponent(given: Given) -> str:
    from math import factorial

    return str(_largest_power(factorial(given["n"]), given["base"]))
