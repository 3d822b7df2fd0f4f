"""Congruences: powers, inverses, remainders, linear and quadratic equations modulo a number.

Every solution is worked with Euclid's algorithm, repeated squaring or a list of residues; the proofs try all
residues or are sympy's.
"""

from __future__ import annotations

import random
from math import gcd, lcm, prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.number_theory.steps import inverse_text, primes_up_to, repeated_squaring
from datagen.problems.numbers import euclid
from datagen.problems.specs import INTEGER, SET
from datagen.problems.text import boxed, grouped, listing

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
    result, solution = repeated_squaring(a, k, m)
    return Problem(
        question=modular_power.ask(rng, a=a, k=k, m=m, last=m - 1),
        answer=str(result),
        spec=INTEGER,
        solution=f"{solution}, so the remainder is {boxed(str(result))}",
        given={"a": a, "k": k, "m": m},
        key=("modular_power", a, k, m),
    )


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


LINEAR = {1: (5, 12, (1,)), 2: (13, 20, (1,)), 3: (40, 150, (2, 3)), 4: (151, 400, (2, 3, 4))}
LINEAR |= {5: (401, 1999, (4, 5, 6, 7, 8))}
"""Per level: the modulus from and to, and how many solutions there may be."""


@family(
    name="linear_congruence",
    wordings=(
        "Find all integers x from 0 to {last} with {a}x = {b} mod {m}. Answer with a set, like {{1, 2}}, "
        "or {{}} if there are none.",
        "Solve the congruence {a}x = {b} (mod {m}). Give the set of all solutions x with 0 <= x <= {last}, "
        "like {{1, 2}}; if there is none, answer {{}}.",
        "For which x from 0 to {last} does {a}x leave the remainder {b} on division by {m}? Answer with the "
        "set of all such x, written like {{1, 2}}, or {{}} if no x does.",
    ),
)
def linear_congruence(rng: random.Random, level: int) -> Problem:
    """All solutions of ax = b modulo m: divide by the common factor, invert, add the smaller modulus."""
    low, high, counts = LINEAR[level]
    count = rng.choice(counts)
    small = rng.randint((low - 1) // count + 1, high // count)
    unit = rng.randint(2, small - 1)
    while gcd(unit, small) > 1:
        unit = rng.randint(2, small - 1)
    a, m, x = count * unit, count * small, rng.randrange(small)
    b = a * x % m
    if count > 1 and rng.random() < 0.1:
        b += rng.randint(1, count - 1)
        reason = f"gcd({a}, {m}) = {count} divides {a}x and {m}, so it would divide the remainder {b}"
        lines, answer = [f"{reason}.", f"It does not, so there is no solution: {boxed('{}')}"], "{}"
    else:
        solutions = [x + small * k for k in range(count)]
        answer = f"{{{', '.join(map(str, solutions))}}}"
        lines = _linear_lines(a, b, m, count)
        found = "these are" if count > 1 else "the only one is"
        lines.append(f"From 0 to {m - 1} {found} {boxed(answer)}")
    return Problem(
        question=linear_congruence.ask(rng, a=a, b=b, m=m, last=m - 1),
        answer=answer,
        spec=SET,
        solution="\n".join(lines),
        given={"a": a, "b": b, "m": m},
        key=("linear_congruence", a, b, m),
    )


def _linear_lines(a: int, b: int, m: int, count: int) -> list[str]:
    """The steps to x = ... modulo m / count."""
    unit, rest, small = a // count, b // count, m // count
    if count > 1:
        lines = [f"gcd({a}, {m}) = {count} divides {b}; divide by it: {unit}x = {rest} mod {small}."]
    else:
        lines = [f"gcd({a}, {m}) = 1, so there is one solution modulo {m}."]
    inverse, steps = inverse_text(unit, small)
    lines += [f"The inverse of {unit} modulo {small}:", steps]
    value = rest * inverse
    shown = " = ".join(dict.fromkeys([f"{rest} * {inverse}", str(value), str(value % small)]))
    lines.append(f"So it is {inverse}, and x = {shown} mod {small}.")
    return lines


@linear_congruence.proof
def _linear_congruence(given: Given) -> str:
    a, b, m = given["a"], given["b"], given["m"]
    return f"{{{', '.join(str(x) for x in range(m) if (a * x - b) % m == 0)}}}"


@family(
    name="square_roots_modulo",
    wordings=(
        "Find all integers x from 0 to {last} with x^2 = {b} mod {m}. Answer with a set, like {{1, 2}}, "
        "or {{}} if there are none.",
        "Which numbers x from 0 to {last} have a square that leaves the remainder {b} on division by {m}? "
        "Give the set of all of them, like {{1, 2}}; if there is none, answer {{}}.",
        "Solve x^2 = {b} (mod {m}) for 0 <= x <= {last}. Answer with the set of all solutions, like "
        "{{1, 2}}, or {{}} if it is empty.",
    ),
)
def square_roots_modulo(rng: random.Random, level: int) -> Problem:
    """All square roots modulo a prime, by a list or a power, or modulo two or three primes, put together."""
    primes = _moduli(rng, level)
    m = prod(primes)
    x = rng.randint(1, m - 1)
    b = x * x % m
    if level < 3 and rng.random() < 0.15:
        b = rng.randint(2, m - 1)
    if gcd(b, m) > 1 or (level == 3 and b == 1):
        return square_roots_modulo(rng, level)
    lines: list[str] = []
    classes = [_roots_of_prime(b % p, p, lines) for p in primes]
    roots, step = classes[0], primes[0]
    for more, p in zip(classes[1:], primes[1:], strict=True):
        inverse = pow(step, -1, p)
        joined = [(r + step * ((s - r) * inverse % p), r, s) for r in roots for s in more]
        said = [f"{r} mod {step} and {s} mod {p} give {t}" for t, r, s in joined]
        join = f"r mod {step} and s mod {p} give r + {step * inverse} * (s - r) mod {step * p}"
        lines.append(f"{step} * {inverse} = 1 mod {p}, so {join}: {'; '.join(said)}.")
        roots, step = [t for t, _, _ in joined], step * p
    roots.sort()
    answer = f"{{{', '.join(map(str, roots))}}}"
    if 1000 in roots:  # a near miss of every set is the set with 1000
        return square_roots_modulo(rng, level)
    return Problem(
        question=square_roots_modulo.ask(rng, b=b, m=m, last=m - 1),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines, f"The solutions from 0 to {m - 1} are {boxed(answer)}"])
        if roots
        else "\n".join([*lines, f"There is no solution: {boxed(answer)}"]),
        given={"b": b, "m": m},
        key=("square_roots_modulo", b, m),
    )


def _moduli(rng: random.Random, level: int) -> list[int]:
    """One small prime, one that is 3 mod 4, or several small ones."""
    if level < 3:
        return [rng.choice((11, 13, 17, 19, 23, 29) if level == 1 else (31, 37, 41, 43, 47, 53, 59))]
    if level == 3:
        return [rng.choice([p for p in primes_up_to(500) if p > 100 and p % 4 == 3])]
    return sorted(rng.sample(primes_up_to(59)[8:], 2) if level == 4 else rng.sample(primes_up_to(23)[2:], 3))


def _roots_of_prime(b: int, p: int, lines: list[str]) -> list[int]:
    """The roots of b modulo p; the steps are added to `lines`."""
    if p > 60:
        k = (p + 1) // 4
        root, steps = repeated_squaring(b, k, p)
        lines.append(
            f"{p} is a prime that leaves 3 on division by 4, so if {b} is a square, {b}^{k} is its root."
        )
        lines.append(f"{steps}.")
        lines.append(
            f"Check: {root}^2 = {root * root} = {b} mod {p}. The other root is {p} - {root} = {p - root}."
        )
        return sorted((root, p - root))
    squares = [x * x % p for x in range(1, p // 2 + 1)]
    listed = ", ".join(f"{x}^2 = {square}" for x, square in enumerate(squares, 1))
    if b not in squares:
        lines.append(f"Modulo {p}: {listed}; x and {p} - x have the same square. No square is {b}.")
        return []
    root = squares.index(b) + 1
    if len(squares) > 9 or p > 20:
        listed = ", ".join(f"{x}^2 = {square}" for x, square in enumerate(squares[:root], 1))
    lines.append(f"Modulo {p}: {listed}. So x = {root} or x = {p} - {root} = {p - root}.")
    return [root, p - root]


@square_roots_modulo.proof
def _square_roots_modulo(given: Given) -> str:
    return f"{{{', '.join(str(x) for x in range(given['m']) if (x * x - given['b']) % given['m'] == 0)}}}"
