"""What the solutions of this field are written with: factorings, Euclid's algorithm, modular powers."""

from __future__ import annotations

from functools import cache
from math import isqrt, prod

from datagen.problems.numbers import euclid
from datagen.problems.text import grouped


def euclid_text(a: int, b: int) -> str:
    lines = euclid(max(a, b), min(a, b))
    return "\n".join(f"{top} = {quotient} * {below} + {rest}" for top, below, quotient, rest in lines)


def division_text(factors: dict[int, int]) -> str:
    """`84 = 2 * 42, 42 = 2 * 21, 21 = 3 * 7`: the primes split off one by one."""
    primes = [prime for prime, exponent in factors.items() for _ in range(exponent)]
    steps, rest = [], prod(primes)
    for prime in primes[:-1]:
        steps.append(f"{rest} = {prime} * {rest // prime}")
        rest //= prime
    return ", ".join(steps)


def powers_text(factors: dict[int, int]) -> str:
    return " * ".join(f"{prime}^{power}" if power > 1 else str(prime) for prime, power in factors.items())


def repeated_squaring(a: int, k: int, m: int) -> tuple[int, str]:
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


@cache
def primes_up_to(limit: int) -> tuple[int, ...]:
    """The primes up to `limit`, in order."""
    return tuple(n for n in range(2, limit + 1) if smallest_factor(n) == n)


def smallest_factor(n: int) -> int:
    """The smallest prime in `n`, which is at least 2, by trial division."""
    if n % 2 == 0:
        return 2
    for divisor in range(3, isqrt(n) + 1, 2):
        if n % divisor == 0:
            return divisor
    return n


def factorization(n: int) -> dict[int, int]:
    """The primes in `n`, which is at least 1, in order, with their exponents."""
    factors: dict[int, int] = {}
    while n > 1:
        prime = smallest_factor(n)
        factors[prime] = factors.get(prime, 0) + 1
        n //= prime
    return factors


def inverse_text(a: int, m: int) -> tuple[int, str]:
    """The inverse of `a` modulo `m`, from 1 to m - 1, and Euclid's steps to it as multiples of `a`."""
    a %= m
    before, now, steps = 0, 1, []
    for top, below, quotient, rest in euclid(m, a)[:-1]:
        before, now = now, before - quotient * now
        steps.append(f"{rest} = {top} - {quotient} * {below} = {grouped(now)} * {a} mod {m}")
    return now % m, "\n".join(steps)


class PowerTable:
    """Powers of `a` modulo `m` as they are found by hand: squares first, then products of squares.

    `squares` is the line that says them, for exponents up to `largest`.
    """

    def __init__(self, a: int, m: int, largest: int) -> None:
        self.a, self.m = a, m
        self.values = {1: a % m}
        shown = []
        value, exponent = a % m, 1
        while 2 * exponent <= largest:
            square = value * value
            exponent *= 2
            product = f"{a}^2" if exponent == 2 else f"{a}^{exponent} = {value}^2"
            value = square % m
            self.values[exponent] = value
            shown.append(f"{product} = {square} = {value}" if square > value else f"{product} = {value}")
        self.squares = ", ".join(shown)

    def line(self, k: int) -> tuple[int, str]:
        """a^k mod m, and how it is a product of squares: `2^3 = 2^2 * 2: 4 * 2 = 8 = 3; 2^3 = 3`."""
        bits = [1 << place for place in range(k.bit_length() - 1, -1, -1) if k >> place & 1]
        value = self.values[bits[0]]
        power = self._power(k)
        if len(bits) == 1:
            return value, f"{power} = {value}" if k > 1 else power
        steps = []
        for bit in bits[1:]:
            factor = self.values[bit]
            product = value * factor
            following = product % self.m
            steps.append(
                f"{value} * {factor} = {product}" + (f" = {following}" if following < product else "")
            )
            value = following
        return value, f"{power} = {' * '.join(map(self._power, bits))}: {', '.join(steps)}; {power} = {value}"

    def _power(self, k: int) -> str:
        return f"{self.a}^{k}" if k > 1 else str(self.a)


def order_steps(a: int, m: int, units: int) -> tuple[int, list[str]]:
    """The order of `a` modulo `m`, which divides `units`, and the steps: primes are taken out while they can.

    `a` is from 2 to m - 1. Source: Cohen 1993, A Course in Computational Algebraic Number Theory, 1.4.3.
    """
    factors = factorization(units)
    powers = PowerTable(a, m, units // min(factors))
    lines = [f"Modulo {m}: {powers.squares}."] if powers.squares else []
    order = units
    for prime in factors:
        while order % prime == 0:
            value, shown = powers.line(order // prime)
            if value != 1:
                rest = (
                    f"the order does not divide {order // prime}" if order > prime else "the order is not 1"
                )
                lines.append(f"{shown}, which is not 1, so {rest}.")
                break
            order //= prime
            lines.append(f"{shown}, so the order divides {order}.")
    return order, lines
