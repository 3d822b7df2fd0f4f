"""Digits: the last ones of powers, repeated digit sums, missing ones that make a number divisible.

Solutions use remainders modulo 9, 10, 100 or the divisor; the proofs write the numbers out.
"""

from __future__ import annotations

import random
from itertools import product

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.number_theory.steps import repeated_squaring
from datagen.problems.specs import INTEGER, SET
from datagen.problems.text import boxed

DIGIT_NAMES = {1: "last digit", 2: "last two digits", 3: "last three digits"}
LAST_DIGITS = {1: (1, 1, 9, 30), 2: (2, 1, 31, 99), 3: (1, 2, 200, 999), 4: (1, 3, 1000, 2000)}
LAST_DIGITS |= {5: (2, 3, 200, 999)}
"""Per level: how many powers are added, how many digits are asked for, the exponents from and to."""


@family(
    name="last_digits",
    wordings=(
        "What {is_are} the {digits} of {number}?",
        "Find the {digits} of the number {number}.",
        "The number {number} is written out. What {is_are} its {digits}?",
    ),
)
def last_digits(rng: random.Random, level: int) -> Problem:
    """The last digits of a power or of a sum of two, by the cycle of last digits or repeated squaring."""
    count, places, low, high = LAST_DIGITS[level]
    modulus = 10**places
    terms: list[tuple[int, int]] = []
    while len(terms) < count:
        a = rng.randint(3, 99)
        if a % 10 > 1 and a % 10 != 5 and all(a != other for other, _ in terms):
            terms.append((a, rng.randint(low, high)))
    values, lines = [], []
    for a, k in terms:
        value, text = (_cycle if places == 1 else _squared)(a, k, modulus)
        values.append(value)
        lines.append(text)
    total = sum(values)
    result = total % modulus
    if result < modulus // 10:  # a leading zero would be lost
        return last_digits(rng, level)
    answer = str(result)
    last = f"{' + '.join(map(str, values))} = {total}, which ends in " if count > 1 else ""
    noun = "digit is" if places == 1 else "digits are"
    lines.append(f"{last}{boxed(answer)}" if count > 1 else f"So the last {noun} {boxed(answer)}")
    return Problem(
        question=last_digits.ask(
            rng,
            digits=DIGIT_NAMES[places],
            is_are="is" if places == 1 else "are",
            number=" + ".join(f"{a}^{k}" for a, k in terms),
        ),
        answer=answer,
        spec=INTEGER,
        solution="\n".join(lines),
        given={"terms": [list(term) for term in terms], "places": places},
        key=("last_digits", places, *sorted(terms)),
    )


def _cycle(a: int, k: int, modulus: int) -> tuple[int, str]:
    """The last digit of a^k from the cycle of last digits of powers of a."""
    cycle = [a % 10]
    while cycle[-1] * a % 10 != cycle[0]:
        cycle.append(cycle[-1] * a % 10)
    value = cycle[(k - 1) % len(cycle)]
    if len(cycle) == 1:
        return value, f"Every power of {a} ends in {value}."
    ends = f"The powers of {a} end in {', '.join(map(str, cycle))} and then repeat these {len(cycle)} digits."
    rest = k % len(cycle)
    which = "the last" if rest == 0 else ("the first", "the second", "the third")[rest - 1]
    return (
        value,
        f"{ends} {k} leaves {rest} on division by {len(cycle)}, so {a}^{k} ends in {which}, {value}.",
    )


def _squared(a: int, k: int, modulus: int) -> tuple[int, str]:
    value, steps = repeated_squaring(a, k, modulus)
    return value, f"{steps}."


@last_digits.proof
def _last_digits(given: Given) -> str:
    return str(sum(a**k for a, k in given["terms"]))[-given["places"] :]


Terms = list[list[list[int]]]  # a sum of products of powers, each power a base and an exponent


@family(
    name="digital_root",
    wordings=(
        "Add the digits of {number}, then the digits of that sum, and so on until one digit is left. "
        "Which digit is it?",
        "Find the digital root of {number}: the digit that is left when digit sums are taken over and over.",
        "Take the sum of the digits of {number}, and again of the result, until it has only one digit. "
        "What is that digit?",
    ),
)
def digital_root(rng: random.Random, level: int) -> Problem:
    """The repeated digit sum of a number, a product or a power, through remainders modulo 9."""
    terms = _rooted_terms(rng, level)
    if level < 3:
        ((n, _),) = terms[0]
        lines = _digit_sums(n)
        root = int(lines[-1].rpartition(" ")[2])
    else:
        lines = [
            "A number leaves the same remainder on division by 9 as its digit sum, so its digital root is"
        ]
        lines[0] += " that remainder, or 9 where it is 0. So work modulo 9."
        rests = [_product_rest(factors, lines) for factors in terms]
        rest = sum(rests) % 9
        if len(rests) > 1:
            lines.append(f"The sum is {' + '.join(map(str, rests))} = {sum(rests)} = {rest} mod 9.")
        root = rest or 9
    answer = str(root)
    products = (" * ".join(f"{a}^{k}" if k > 1 else str(a) for a, k in factors) for factors in terms)
    return Problem(
        question=digital_root.ask(rng, number=" + ".join(products)),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The digit is {boxed(answer)}"]),
        given={"terms": terms},
        key=("digital_root", *sorted(tuple(sorted(map(tuple, factors))) for factors in terms)),
    )


def _rooted_terms(rng: random.Random, level: int) -> Terms:
    """A number, a larger one, a product of two, a power times a number, a power plus a product."""
    if level < 3:
        return [[[rng.randint(*((11, 9999), (10**5, 10**9))[level - 1]), 1]]]
    factors = [[rng.randint(1001, 99999), 1] for _ in range(2)]
    power = [rng.randint(11, 999), rng.randint(10, 99)]
    return [factors] if level == 3 else [[power, factors[0]]] if level == 4 else [[power], factors]


def _digit_sums(n: int) -> list[str]:
    lines = []
    while n > 9:
        digits = list(map(int, str(n)))
        lines.append(f"{' + '.join(map(str, digits))} = {sum(digits)}")
        n = sum(digits)
    return lines


def _product_rest(factors: list[list[int]], lines: list[str]) -> int:
    """The remainder modulo 9 of a product of powers; the steps are added to `lines`."""
    rests = []
    for a, k in factors:
        total = sum(map(int, str(a)))
        lines.append(f"{a} has the digit sum {total}, so it is {a % 9} mod 9.")
        rest = a % 9
        if k > 1:
            cycle = [rest]
            while (following := cycle[-1] * rest % 9) not in cycle:
                cycle.append(following)
            rest = rest**k % 9
            lines.append(_power_line(a % 9, k, cycle, rest))
        rests.append(rest)
    value = 1
    for rest in rests:
        value = value * rest % 9
    if len(rests) > 1:
        first, second = rests
        shown = [f"{first} * {second}", str(first * second), str(value)]
        lines.append(f"The product is {' = '.join(dict.fromkeys(shown))} mod 9.")
    return value


def _power_line(a: int, k: int, cycle: list[int], rest: int) -> str:
    """How a^k mod 9 is read off the first powers."""
    listed = f"The powers of {a} modulo 9 are {', '.join(map(str, cycle))}"
    if a % 3 == 0:
        return (
            f"{a}^2 is a multiple of 9, so {a}^{k} = 0 mod 9." if a else f"So is its power with exponent {k}."
        )
    if len(cycle) == 1:
        return f"1^{k} = 1."
    length = len(cycle)
    return (
        f"{listed} and then repeat. {k} leaves {k % length} on division by {length}: {a}^{k} = {rest} mod 9."
    )


@digital_root.proof
def _digital_root(given: Given) -> str:
    number = 0
    for factors in given["terms"]:
        term = 1
        for a, k in factors:
            term *= a**k
        number += term
    while number > 9:
        number = sum(map(int, str(number)))
    return str(number)


DIVISORS = {1: ((3, 9), 3), 2: ((4, 6, 8, 11, 12), 4), 3: ((7, 13, 14, 17, 19, 21), 6)}
"""Per level with one missing digit: the divisors, and how many digits the number has."""
TWO_DIVISORS = {4: ((36, 44, 45, 55, 72, 88), 5), 5: ((63, 77, 84, 91, 99, 104, 119, 132), 8)}
"""Per level with two missing digits: the same."""


@family(
    name="missing_digit",
    wordings=(
        "In the {length}-digit number {shown}, {letters}. For which {values} is the number divisible by {m}? "
        "Answer with {form}.",
        "{shown} is a number of {length} digits, in which {letters}. Find all {values} for which it is "
        "divisible by {m}. Answer with {form}.",
        "The number {shown} has {length} digits, and {letters}. It is a multiple of {m}. Which {values} are "
        "possible? Answer with {form}.",
    ),
)
def missing_digit(rng: random.Random, level: int) -> Problem:
    """All digits that make a number divisible, from the remainders that they leave."""
    divisors, length = DIVISORS.get(level) or TWO_DIVISORS[level]
    m = rng.choice(divisors)
    number = str(rng.randint(10 ** (length - 1) // m + 1, (10**length - 1) // m) * m)
    if level < 4:
        place = rng.randrange(1, length)
        shown = f"{number[:place]}A{number[place + 1 :]}"
        lines, found = _one_missing(shown, m)
        values, letters = "values of A", "A stands for one digit"
        form = "the set of all such digits, like {1, 2}"
    else:
        place = rng.randrange(1, length - 1)
        shown = f"{number[:place]}A{number[place + 1 : -1]}B"
        lines, found = _two_missing(shown, m)
        values, letters = "complete numbers", "A and B stand for digits, which may be equal"
        form = "the set of all such numbers, like {1, 2}"
    answer = f"{{{', '.join(map(str, found))}}}"
    if level > 3 and len(found) > 5:
        return missing_digit(rng, level)
    return Problem(
        question=missing_digit.ask(
            rng, shown=shown, length=LENGTHS[length], m=m, values=values, letters=letters, form=form
        ),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines, f"The set of all is {boxed(answer)}"]),
        given={"shown": shown, "m": m},
        key=("missing_digit", shown, m),
    )


LENGTHS = {3: "three", 4: "four", 5: "five", 6: "six", 8: "eight"}


def _one_missing(shown: str, m: int) -> tuple[list[str], list[int]]:
    """The remainder with 0 for A, what each unit of A adds to it, and the digits that make it 0."""
    if m in (3, 9):
        known = sum(int(digit) for digit in shown if digit != "A")
        found = [digit for digit in range(10) if (known + digit) % m == 0]
        lines = [f"A number is divisible by {m} exactly when its digit sum is. Here the sum is {known} + A."]
        lines.append(f"It is between {known} and {known + 9}; the multiples of {m} there: ")
        lines[-1] += ", ".join(f"{known + digit} (A = {digit})" for digit in found) + "."
        return lines, found
    base = int(shown.replace("A", "0"))
    unit = 10 ** (len(shown) - 1 - shown.index("A"))
    rest, added = base % m, unit % m
    lines = [f"The number is {base} + A * {unit}." if unit > 1 else f"The number is {base} + A."]
    lines.append(f"Modulo {m}, {base} is {rest}" + (f" and {unit} is {added}." if unit > 1 else "."))
    sums = [(rest + added * digit) % m for digit in range(10)]
    found = [digit for digit in range(10) if not sums[digit]]
    listed = ", ".join(f"{digit}: {total}" for digit, total in enumerate(sums))
    lines.append(f"So for A from 0 to 9 the number leaves, modulo {m}: {listed}.")
    return lines, found


def _two_missing(shown: str, m: int) -> tuple[list[str], list[int]]:
    """For each digit A the last digit B, if any, that completes a multiple of m, which is at least 10."""
    lines = ["For each A, take the remainder with 0 for B; B must fill it up to a multiple, with one digit."]
    found = []
    for digit in range(10):
        base = int(shown.replace("A", str(digit)).replace("B", "0"))
        missing = -base % m
        line = f"A = {digit}: {base} = {m} * {base // m} + {base % m}"
        if missing < 10:
            found.append(base + missing)
            line += f", so B = {missing} and the number is {base + missing}"
        lines.append(line)
    lines.append(f"With the other A, more than 9 is missing to the next multiple of {m}.")
    return lines, found


@missing_digit.proof
def _missing_digit(given: Given) -> str:
    shown, m = given["shown"], given["m"]
    letters = [letter for letter in "AB" if letter in shown]
    found = []
    for digits in product("0123456789", repeat=len(letters)):
        written = shown
        for letter, digit in zip(letters, digits, strict=True):
            written = written.replace(letter, digit)
        if int(written) % m == 0:
            found.append(digits[0] if len(letters) == 1 else written)
    return f"{{{', '.join(found)}}}"
