"""Equations in whole numbers: Bezout's identity, linear ones, sums of squares, amounts that cannot be paid.

Solutions use Euclid's algorithm, congruences or a search; the proofs try all values.
"""

from __future__ import annotations

import random
from math import gcd, isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.number_theory.steps import inverse_text
from datagen.problems.numbers import euclid
from datagen.problems.specs import INTEGER, checked_by
from datagen.problems.text import boxed, grouped, linear, listing

BEZOUT_BANDS = {1: (8, 60), 2: (61, 200), 3: (201, 1000), 4: (1001, 9999), 5: (10000, 99999)}
BEZOUT_STEPS = {1: (2, 3), 2: (3, 4), 3: (4, 6), 4: (5, 8), 5: (7, 11)}
"""Per level: the larger number from and to, the lines of Euclid's algorithm from and to."""


@family(
    name="bezout",
    wordings=(
        "Find integers x and y with {a}x + {b}y = {d}, where {d} = gcd({a}, {b}). Answer like x = 1, y = 2.",
        "Write {d}, the greatest common divisor of {a} and {b}, as {a}x + {b}y with integers x and y. "
        "Answer like x = 1, y = 2.",
        "Give one pair of integers x, y for which {a}x + {b}y equals gcd({a}, {b}) = {d}, in the form "
        "x = 1, y = 2.",
    ),
)
def bezout(rng: random.Random, level: int) -> Problem:
    """The greatest common divisor as a combination of two numbers, by the extended Euclidean algorithm."""
    low, high = BEZOUT_BANDS[level]
    least, most = BEZOUT_STEPS[level]
    while True:
        d = rng.choice((1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12))
        larger = d * rng.randint(-(-low // d), high // d)
        smaller = d * rng.randint(2, larger // d - 1) if larger > 3 * d else 0
        rows = euclid(larger, smaller)
        if least <= len(rows) <= most:
            break
    d = rows[-1][1]
    pairs = {larger: (1, 0), smaller: (0, 1)}
    lines = []
    for top, below, quotient, rest in rows[:-1]:
        (u, v), (s, t) = pairs[top], pairs[below]
        pairs[rest] = x, y = u - quotient * s, v - quotient * t
        combination = f"{grouped(x)} * {larger} + {grouped(y)} * {smaller}"
        lines.append(f"{rest} = {top} - {quotient} * {below} = {combination}")
    a, b = (larger, smaller) if rng.random() < 0.5 else (smaller, larger)
    x, y = pairs[d] if a == larger else pairs[d][::-1]
    answer = f"x = {x}, y = {y}"
    lines.append(f"The next remainder is 0, so {d} is the greatest common divisor: {boxed(answer)}")
    return Problem(
        question=bezout.ask(rng, a=a, b=b, d=d),
        answer=answer,
        spec=checked_by("bezout", a=a, b=b),
        solution="\n".join(lines),
        given={"a": a, "b": b},
        key=("bezout", smaller, larger),
    )


@bezout.proof
def _bezout(given: Given) -> str:
    a, b = given["a"], given["b"]
    d = next(d for d in range(min(a, b), 0, -1) if a % d == b % d == 0)
    x = next(x for x in range(b) if (d - a * x) % b == 0)
    return f"x = {x}, y = {(d - a * x) // b}"


@bezout.variants
def _bezout_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The next pairs, and the same as a sum; one number off by one, signs turned, the two exchanged."""
    a, b = given["a"], given["b"]
    d = gcd(a, b)
    x, y = (int(part.split("=")[1]) for part in answer.split(","))
    same = [f"x = {x + b // d}, y = {y - a // d}", f"x = {x - b // d}, y = {y + a // d}", f"({x}, {y})"]
    same.append(f"y = {y}, x = {x}")
    near = [f"x = {x + 1}, y = {y}", f"x = {x}, y = {y - 1}", f"x = {-x}, y = {-y}"]
    return same, [*near, *([f"x = {y}, y = {x}"] if a * y + b * x != d else [])]


LINEAR = {1: (2, 9, 8), 2: (10, 25, 12), 3: (26, 60, 30), 4: (61, 150, 60), 5: (151, 700, 150)}
"""Per level: the larger coefficient from and to, and the largest value of an unknown."""


@family(
    name="linear_diophantine",
    wordings=(
        "Find positive integers x and y with {equation}. Answer like x = 1, y = 2.",
        "Give one solution of {equation} in positive integers x and y, in the form x = 1, y = 2.",
        "Apples come in boxes of {a} and pears in boxes of {b}. A shop has full boxes of both kinds, with "
        "{c} pieces of fruit in all. How many boxes of apples, x, and of pears, y, may there be? Give one "
        "possibility, in the form x = 1, y = 2.",
    ),
)
def linear_diophantine(rng: random.Random, level: int) -> Problem:
    """One solution of ax + by = c in positive integers, through a congruence for y modulo a."""
    low, high, largest = LINEAR[level]
    larger = rng.randint(low, high)
    smaller = rng.randint(2, larger - 1) if larger > 2 else 0
    common = gcd(larger, smaller)
    if smaller < 2 or larger % smaller == 0 or (level < 4 and common > 1):
        return linear_diophantine(rng, level)
    a, b = (larger, smaller) if rng.random() < 0.5 else (smaller, larger)
    c = a * rng.randint(1, largest) + b * rng.randint(1, largest)
    if c == a + 2 * b:  # the example in the question
        return linear_diophantine(rng, level)
    u, v, w = a // common, b // common, c // common
    lines = (
        [f"Divide by gcd({a}, {b}) = {common}: {linear([(u, 'x'), (v, 'y')])} = {w}."] if common > 1 else []
    )
    y = _least_y(u, v, w, lines)
    x = (w - v * y) // u
    first = f"The least y > 0 is {y}, and then {linear([(u, 'x')])} = {w} - {v} * {y} = {w - v * y}"
    lines.append(f"{first}, so x = {x}.")
    answer = f"x = {x}, y = {y}"
    equation = f"{linear([(a, 'x'), (b, 'y')])} = {c}"
    return Problem(
        question=linear_diophantine.ask(rng, equation=equation, a=a, b=b, c=c),
        answer=answer,
        spec=checked_by("diophantine", equation=f"{a}*x + {b}*y = {c}", variables=["x", "y"], minimum=1),
        solution="\n".join([*lines, f"One solution is {boxed(answer)}"]),
        given={"a": a, "b": b, "c": c},
        key=("linear_diophantine", *min((a, b), (b, a)), c),
    )


def _least_y(u: int, v: int, w: int, lines: list[str]) -> int:
    """The least y > 0 with v y = w modulo u, which is at least 2; the steps are added to `lines`."""
    rest, value = v % u, w % u
    lines.append(f"Modulo {u} the equation says {linear([(rest, 'y')])} = {value}.")
    if rest == 1:
        return value or u
    inverse, steps = inverse_text(rest, u)
    y = value * inverse % u
    shown = " = ".join(dict.fromkeys([f"{value} * {inverse}", str(value * inverse), str(y)]))
    lines.append(f"The inverse of {rest} modulo {u}:\n{steps}")
    lines.append(f"It is {inverse}, so y = {shown} mod {u}.")
    return y or u


@linear_diophantine.proof
def _linear_diophantine(given: Given) -> str:
    a, b, c = given["a"], given["b"], given["c"]
    x = next(x for x in range(1, c) if c - a * x > 0 and (c - a * x) % b == 0)
    return f"x = {x}, y = {(c - a * x) // b}"


@linear_diophantine.variants
def _linear_diophantine_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Other solutions and orders; one number off by one, the exchange, a solution that is not positive."""
    a, b, c = given["a"], given["b"], given["c"]
    d = gcd(a, b)
    x, y = (int(part.split("=")[1]) for part in answer.split(","))
    same = [f"({x}, {y})", f"y = {y}, x = {x}"]
    same += [f"x = {x - b // d}, y = {y + a // d}"] if x > b // d else []
    near = [f"x = {x + 1}, y = {y}", f"x = {x}, y = {y + 1}", f"x = {x + b // d}, y = {y - a // d}"]
    return same, [*near, *([f"x = {y}, y = {x}"] if a * y + b * x != c else [])]


COINS = {1: (2, 2, 20), 2: (2, 21, 99), 3: (2, 100, 400), 4: (3, 7, 12), 5: (3, 13, 20)}
"""Per level: how many kinds there are, and their values from and to; of three, only the smallest."""


@family(
    name="frobenius_number",
    wordings=(
        "Only coins worth {coins} cents exist, as many of each as you like. What is the largest whole number "
        "of cents that cannot be paid exactly?",
        "What is the largest positive integer that is not a sum of numbers which are all {choice}?",
        "Screws are sold in packs of {choice} only. Find the largest number of screws that cannot be bought.",
    ),
)
def frobenius_number(rng: random.Random, level: int) -> Problem:
    """The largest amount that two or three kinds of coins cannot pay, by a formula or by residues."""
    count, low, high = COINS[level]
    if count == 2:
        coins = sorted(rng.sample(range(low, high + 1), 2))
    else:
        least = rng.randint(low, high)
        coins = [least, *sorted(rng.sample(range(least + 1, 4 * least), 2))]
    if gcd(*coins) > 1:
        return frobenius_number(rng, level)
    least = coins[0]
    if count == 2:
        other = coins[1]
        result = least * other - least - other
        lines = _two_coins(least, other)
    else:
        amounts = _least_amounts(coins)
        used = sorted({coin for parts in amounts for coin in parts})
        if used != coins[1:]:
            return frobenius_number(rng, level)
        lines = [
            f"For each remainder modulo {least}, the least sum of numbers {coins[1]} and {coins[2]} with it:"
        ]
        for remainder, parts in enumerate(amounts[1:], 1):
            sizes = [f"{parts.count(coin)} * {coin}" for coin in coins[1:] if coin in parts]
            lines.append(f"{remainder}: {sum(parts)} = {' + '.join(sizes)}")
        top = max(map(sum, amounts))
        result = top - least
        lines.append(f"Adding {least} keeps the remainder: from its least sum on, every number")
        lines[-1] += " with that remainder can be made, and none below."
        lines.append(
            f"The largest least sum is {top}, and {top} - {least} = {result} is the last that fails."
        )
    answer = str(result)
    shown = [str(coin) for coin in rng.sample(coins, count)]
    return Problem(
        question=frobenius_number.ask(rng, coins=listing(shown), choice=listing(shown, "or")),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"It is {boxed(answer)}"]),
        given={"coins": coins},
        key=("frobenius_number", *coins),
    )


def _two_coins(a: int, b: int) -> list[str]:
    lines = [
        f"gcd({a}, {b}) = 1, so the multiples 0, {b}, ..., {a - 1} * {b} have all remainders modulo {a}."
    ]
    lines.append(f"A number can be made when it is not below the multiple of {b} with its remainder.")
    lines.append(f"The last remainder is reached at {a - 1} * {b} = {(a - 1) * b}; {a} less cannot be made:")
    lines.append(f"{(a - 1) * b} - {a} = {a * b - a - b}, and every larger number can.")
    return lines


def _least_amounts(coins: list[int]) -> list[list[int]]:
    """For each remainder modulo the first coin, the coins of the least sum of the others that has it."""
    least, first, second = coins
    best: list[list[int] | None] = [None] * least
    sums = sorted((i * first + j * second, i, j) for i in range(least) for j in range(least - i))
    for total, i, j in sums:
        if best[total % least] is None:
            best[total % least] = [first] * i + [second] * j
    return [parts for parts in best if parts is not None]


@frobenius_number.proof
def _frobenius_number(given: Given) -> str:
    """Every amount up to the product of the two smallest of which no divisor is shared, one bit each."""
    coins = given["coins"]
    limit = coins[0] * coins[-1]
    everything = (1 << (limit + 1)) - 1
    paid = 1
    for coin in coins:
        step = coin
        while step <= limit:
            paid |= (paid << step) & everything
            step *= 2
    return str((everything & ~paid).bit_length() - 1)


SQUARES = {1: (1, 5, 250), 2: (2, 251, 1200), 3: (3, 1201, 5000), 4: (7, 5001, 15000), 5: (7, 15001, 40000)}
"""Per level: the largest factor before y^2, and the sum from and to."""


@family(
    name="sum_of_squares",
    wordings=(
        "Find positive integers x and y with {equation}. Answer like x = 1, y = 2.",
        "Solve {equation} in positive integers. Give one solution, in the form x = 1, y = 2.",
        "Give a pair of positive integers for which {equation}, in the form x = 1, y = 2.",
    ),
)
def sum_of_squares(rng: random.Random, level: int) -> Problem:
    """x^2 + k y^2 = n in positive integers, searched with the last digit that a square can have."""
    largest, low, high = SQUARES[level]
    k = rng.randint(1, largest)
    y = rng.randint(1, isqrt((high - 1) // k))
    x = rng.randint(isqrt(max(low - k * y * y, 1)), isqrt(high - k * y * y)) or 1
    n = x * x + k * y * y
    if not low <= n <= high or n == 1 + 4 * k:  # the example in the question
        return sum_of_squares(rng, level)
    term = f"{k} * " if k > 1 else ""
    lines = [f"Try y = 1, 2, ... until {n} - {term}y^2 is a square."]
    lines.append("Squares end in 0, 1, 4, 5, 6 or 9; that leaves:")
    for y in range(1, isqrt(n // k) + 1):
        rest = n - k * y * y
        root = isqrt(rest)
        if rest and root * root == rest:
            lines.append(f"y = {y}: {n} - {term}{y}^2 = {rest} = {root}^2")
            break
        if rest % 10 in (0, 1, 4, 5, 6, 9):
            lines.append(f"y = {y}: {rest} is between {root}^2 and {root + 1}^2")
    if len(lines) > 30:
        return sum_of_squares(rng, level)
    answer = f"x = {root}, y = {y}"
    equation = f"x^2 + {k if k > 1 else ''}y^2 = {n}"
    return Problem(
        question=sum_of_squares.ask(rng, equation=equation),
        answer=answer,
        spec=checked_by("diophantine", equation=equation, variables=["x", "y"], minimum=1),
        solution="\n".join([*lines, f"One solution is {boxed(answer)}"]),
        given={"k": k, "n": n},
        key=("sum_of_squares", k, n),
    )


@sum_of_squares.proof
def _sum_of_squares(given: Given) -> str:
    k, n = given["k"], given["n"]
    roots = {y: k * y * y for y in range(1, isqrt(n // k) + 1)}
    multiples = {square: y for y, square in roots.items()}
    x = next(x for x in range(1, isqrt(n) + 1) if n - x * x in multiples)
    return f"x = {x}, y = {multiples[n - x * x]}"


@sum_of_squares.variants
def _sum_of_squares_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Other orders; one number off by one, a sign, the square in the place of the number."""
    x, y = (int(part.split("=")[1]) for part in answer.split(","))
    same = [f"({x}, {y})", f"y = {y}, x = {x}"]
    near = [f"x = {x + 1}, y = {y}", f"x = {x}, y = {y + 1}", f"x = {-x}, y = {y}"]
    return same, [*near, *([f"x = {y}, y = {x}"] if given["k"] > 1 and x != y else [])]
