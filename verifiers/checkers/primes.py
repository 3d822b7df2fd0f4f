"""Whether a whole number is prime.

Source: Miller 1976 and Rabin 1980; the first thirteen primes as bases decide every number below
3.3e24 (Sorenson and Webster 2017). Above, the answer is wrong for less than one in 4**40 numbers.
"""

from __future__ import annotations

import math
import random

BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
PROVEN_BELOW = 3317044064679887385961981
RANDOM_BASES = 40


def is_prime(n: int) -> bool:
    if n < 2:
        return False
    for p in BASES:
        if n % p == 0:
            return n == p
    rng = random.Random(n)
    more = [] if n < PROVEN_BELOW else [rng.randrange(2, n - 1) for _ in range(RANDOM_BASES)]
    return all(_passes(n, base) for base in (*BASES, *more))


def _passes(n: int, base: int) -> bool:
    odd = n - 1
    twos = (odd & -odd).bit_length() - 1
    x = pow(base, odd >> twos, n)
    if x in (1, n - 1):
        return True
    for _ in range(twos - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False


def prime_factors(n: int) -> list[int] | None:
    """The different primes of `n`, which is at least 1; None when it is too large to be factored.

    Trial division up to 1000, then the rho method (Pollard 1975) within a budget of steps.
    """
    found: set[int] = set()
    for p in range(2, 1000):
        if n % p == 0:
            found.add(p)
            while n % p == 0:
                n //= p
    stack = [n] if n > 1 else []
    while stack:
        m = stack.pop()
        if is_prime(m):
            found.add(m)
            continue
        divisor = _divisor(m)
        if divisor is None:
            return None
        stack += [divisor, m // divisor]
    return sorted(found)


MAX_STEPS = 100_000


def _divisor(n: int) -> int | None:

    root = math.isqrt(n)
    if root * root == n:
        return root
    steps = MAX_STEPS
    for shift in range(1, 20):
        slow = fast = 2
        divisor = 1
        while divisor == 1 and steps > 0:
            slow = (slow * slow + shift) % n
            fast = (fast * fast + shift) % n
            fast = (fast * fast + shift) % n
            divisor = math.gcd(abs(slow - fast), n)
            steps -= 1
        if steps <= 0:
            return None
        if divisor != n:
            return divisor
    return None
