"""Ways to write whole numbers: digits in a base, and calculating with them; Roman numerals.

Constructions go digit by digit; the proofs let Python or sympy read the digits.
"""

from __future__ import annotations

import random

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import INTEGER, TEXT, digits_in
from datagen.problems.text import boxed

DIGITS = "0123456789ABCDEF"


def to_base(number: int, base: int) -> str:
    """The digits of a number in a base up to 16.

    >>> to_base(11, 2), to_base(254, 16)
    ('1011', 'FE')
    """
    text = ""
    while number:
        number, digit = divmod(number, base)
        text = DIGITS[digit] + text
    return text or "0"


def _division_lines(number: int, base: int) -> list[str]:
    steps = []
    while number:
        quotient, digit = divmod(number, base)
        note = f" ({DIGITS[digit]})" if digit > 9 else ""
        steps.append(f"{number} = {quotient} * {base} + {digit}{note}")
        number = quotient
    return ["; ".join(steps) + ".", "The remainders from the last to the first are the digits."]


def _place_lines(digits: str, base: int, number: int) -> list[str]:
    """The value of digits in a base, place by place."""
    last = len(digits) - 1
    terms, values = [], []
    for place, digit in enumerate(digits):
        power, value = last - place, DIGITS.index(digit)
        if value:
            factor = "" if power == 0 else f" * {base}" if power == 1 else f" * {base}^{power}"
            terms.append(f"{value}{factor}")
            values.append(value * base**power)
    letters = [f"{letter} = {DIGITS.index(letter)}" for letter in sorted(set(digits)) if letter > "9"]
    lines = [f"As digits, {', '.join(letters)}."] if letters else []
    shown = f"{' + '.join(terms)} = {' + '.join(map(str, values))}"
    return [
        *lines,
        f"{digits}_{base} = {shown} = {number}."
        if len(terms) > 1
        else f"{digits}_{base} = {terms[0]} = {number}.",
    ]


CONVERSIONS = {1: (9, 63), 2: (800, 4000), 3: (20000, 200000), 4: (300, 4095), 5: (5000, 60000)}


@family(
    name="base_conversion",
    wordings=(
        "Write {number} {base}.",
        "What is {number} {base}?",
        "Convert {number} so that it is written {base}.",
    ),
)
def base_conversion(rng: random.Random, level: int) -> Problem:
    """A number written in one base after it was given in another, by places and by repeated division."""
    low, high = CONVERSIONS[level]
    number = rng.randint(low, high)
    source, target = _bases(rng, level)
    lines: list[str] = []
    digits = to_base(number, source)
    if source != 10:
        lines += _place_lines(digits, source, number)
    if target != 10:
        lines += _division_lines(number, target)
    answer = str(number) if target == 10 else f"{to_base(number, target)}_{target}"
    shown = digits if source == 10 else f"{digits}_{source}"
    into = "in base ten" if target == 10 else f"in base {target}"
    if source > 10:
        into += ", where A stands for the digit ten, B for eleven, and so on"
    return Problem(
        question=base_conversion.ask(rng, number=shown, base=into),
        answer=answer,
        spec=INTEGER if target == 10 else digits_in(target),
        solution="\n".join([*lines, f"The number is {boxed(answer)}"]),
        given={"digits": digits, "from": source, "to": target},
        key=("base_conversion", digits, source, target),
    )


def _bases(rng: random.Random, level: int) -> tuple[int, int]:
    """The base the number is given in, and the one asked for, which never needs letters for digits."""
    if level == 1:
        return (2, 10) if rng.random() < 0.5 else (10, 2)
    if level == 2:
        base = rng.randint(3, 9)
        return (base, 10) if rng.random() < 0.5 else (10, base)
    if level == 3:
        base = rng.choice((3, 4, 5, 6, 7, 8, 9, 11, 12, 16))
        return (10, base) if base < 10 and rng.random() < 0.6 else (base, 10)
    if level == 4:
        source, target = rng.sample(range(3, 10), 2)
        return source, target
    return rng.randint(11, 16), rng.randint(3, 9)


@base_conversion.proof
def _base_conversion(given: Given) -> str:
    from sympy.ntheory.digits import digits

    number = int(given["digits"], given["from"])
    if given["to"] == 10:
        return str(number)
    _, *found = digits(number, given["to"])
    return f"{''.join('0123456789ABCDEF'[digit] for digit in found)}_{given['to']}"


BASE_SUMS = {1: ("+", 2, 3, 4), 2: ("+", 9, 4, 5), 3: ("-", 9, 5, 7), 4: ("*", 9, 6, 1), 5: ("*", 9, 4, 3)}
"""Per level: the operation, the largest base, and digits from and to (of the two factors in a product)."""


@family(
    name="base_arithmetic",
    wordings=(
        "Work out {left} {sign} {right} in base {base}, without leaving base {base}. Answer in base {base}.",
        "What is {left} {sign} {right}? All numbers are in base {base}, and so should your answer be.",
        "Calculate {left} {sign} {right} and give the result in base {base}.",
    ),
)
def base_arithmetic(rng: random.Random, level: int) -> Problem:
    """Sums, differences and products in a base other than ten, worked in columns with carries."""
    sign, largest, first, second = BASE_SUMS[level]
    base = 2 if level == 1 else rng.randint(3 if level < 5 else 5, largest)
    if sign == "*":
        a = rng.randint(base ** (first - 1), base**first - 1)
        b = rng.randint(max(2, base ** (second - 1)), base**second - 1)
    else:
        lengths = rng.randint(first, second), rng.randint(first, second)
        a, b = (rng.randint(base ** (length - 1), base**length - 1) for length in lengths)
        if sign == "-":
            a, b = max(a, b) + base, min(a, b)
    lines = _column_lines(a, b, sign, base)
    value = a + b if sign == "+" else a - b if sign == "-" else a * b
    answer = f"{to_base(value, base)}_{base}"
    texts = [f"{to_base(number, base)}_{base}" for number in (a, b)]
    return Problem(
        question=base_arithmetic.ask(rng, left=texts[0], right=texts[1], sign=sign, base=base),
        answer=answer,
        spec=digits_in(base),
        solution="\n".join([*lines, f"{texts[0]} {sign} {texts[1]} = {boxed(answer)}"]),
        given={"numbers": [to_base(a, base), to_base(b, base)], "sign": sign, "base": base},
        key=("base_arithmetic", sign, base, *((a, b) if sign == "-" else (min(a, b), max(a, b)))),
    )


def _places(number: int, base: int) -> list[int]:
    return [DIGITS.index(digit) for digit in reversed(to_base(number, base))]


def _column_lines(a: int, b: int, sign: str, base: int) -> list[str]:
    if sign == "+":
        return [f"Columns from the right: {_added_columns([a, b], base)}."]
    if sign == "-":
        return [f"Columns from the right: {_subtracted_columns(a, b, base)}."]
    lines, rows = [], []
    for place, digit in enumerate(_places(b, base)):
        row = a * digit * base**place
        if digit:
            shift = ("", ", then one zero", ", then two zeros")[place]
            lines.append(
                f"{to_base(a, base)} times {digit}: {_multiplied_columns(a, digit, base)}, so "
                f"{to_base(a * digit, base)}_{base}{shift}."
            )
            rows.append(row)
    if len(rows) > 1:
        shown = " + ".join(f"{to_base(row, base)}_{base}" for row in rows)
        lines.append(f"{shown}: {_added_columns(rows, base)}.")
    return lines


def _added_columns(numbers: list[int], base: int) -> str:
    columns, carry, place = [], 0, 0
    digits = [_places(number, base) for number in numbers]
    while place < max(map(len, digits)) or carry:
        parts = [each[place] for each in digits if place < len(each)]
        parts += [carry] if carry else []
        value = sum(parts)
        text = " + ".join(map(str, parts)) + (f" = {value}" if len(parts) > 1 else "")
        carry, digit = divmod(value, base)
        columns.append(f"{text} = {carry} * {base} + {digit}" if carry else text)
        place += 1
    return ", ".join(columns)


def _subtracted_columns(a: int, b: int, base: int) -> str:
    columns, borrow = [], 0
    lower = _places(b, base)
    for place, digit in enumerate(_places(a, base)):
        below = lower[place] if place < len(lower) else 0
        lent = base if digit - below - borrow < 0 else 0
        parts = [str(digit + lent), *([str(below)] if below else []), *(["1"] if borrow else [])]
        value = digit + lent - below - borrow
        text = f"{' - '.join(parts)} = {value}" if len(parts) > 1 else parts[0]
        columns.append(f"{text} (borrowed {base})" if lent else text)
        borrow = 1 if lent else 0
    return ", ".join(columns)


def _multiplied_columns(a: int, factor: int, base: int) -> str:
    columns, carry = [], 0
    for digit in _places(a, base):
        value = digit * factor + carry
        text = f"{digit} * {factor}{f' + {carry}' if carry else ''} = {value}"
        carry, rest = divmod(value, base)
        columns.append(f"{text} = {carry} * {base} + {rest}" if carry else text)
    return ", ".join(columns)


@base_arithmetic.proof
def _base_arithmetic(given: Given) -> str:
    from sympy.ntheory.digits import digits

    a, b = (int(text, given["base"]) for text in given["numbers"])
    value = {"+": a + b, "-": a - b, "*": a * b}[given["sign"]]
    _, *found = digits(value, given["base"])
    return f"{''.join('0123456789ABCDEF'[digit] for digit in found)}_{given['base']}"


@base_arithmetic.variants
def _base_arithmetic_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The digits taken for those of base ten."""
    a, b = map(int, given["numbers"])
    wrong = str({"+": a + b, "-": a - b, "*": a * b}[given["sign"]])
    return [], [wrong] if wrong != answer.partition("_")[0] else []


ROMAN: tuple[tuple[int, str], ...] = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
)
ROMAN += ((40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def _pieces(number: int) -> list[tuple[int, str]]:
    """The values and signs a Roman numeral is put together from, largest first."""
    pieces = []
    for value, sign in ROMAN:
        while number >= value:
            pieces.append((value, sign))
            number -= value
    return pieces


def roman(number: int) -> str:
    """The Roman numeral of a number from 1 to 3999.

    >>> roman(1994), roman(49)
    ('MCMXCIV', 'XLIX')
    """
    return "".join(sign for _, sign in _pieces(number))


ROMAN_BANDS = {1: (1, 120), 2: (121, 1499), 3: (1000, 3999)}


@family(
    name="roman_numerals",
    wordings=(
        "{Task}.",
        "In Roman numerals I = 1, V = 5, X = 10, L = 50, C = 100, D = 500 and M = 1000. {Task}.",
        "This is about Roman numerals. {Task}.",
    ),
)
def roman_numerals(rng: random.Random, level: int) -> Problem:
    """Roman numerals read and written, added and multiplied, taken apart sign by sign."""
    if level < 4:
        numbers, signs = [rng.randint(*ROMAN_BANDS[level])], ""
        shown = numbers[0] if level == 3 else roman(numbers[0])
        task = f"Write {shown} as {'a Roman numeral' if level == 3 else 'an ordinary number'}"
    else:
        numbers, signs = _roman_operands(rng, level)
        chain = roman(numbers[0])
        for sign, number in zip(signs, numbers[1:], strict=True):
            chain += f" {sign} {roman(number)}"
        task = f"Work out {chain} and give the result as a Roman numeral"
    lines = [_read_line(number) for number in numbers if level != 3]
    value = numbers[0]
    for sign, number in zip(signs, numbers[1:], strict=True):
        result = value + number if sign == "+" else value - number if sign == "-" else value * number
        lines.append(f"{value} {sign} {number} = {result}")
        value = result
    lines += _write_lines(value) if level > 2 else []
    answer = str(value) if level < 3 else roman(value)
    given = {"numbers": [number if level == 3 else roman(number) for number in numbers], "signs": signs}
    return Problem(
        question=roman_numerals.ask(rng, Task=task),
        answer=answer,
        spec=INTEGER if level < 3 else TEXT,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given=given,
        key=("roman_numerals", level > 2, signs, *sorted(numbers[:2]), *numbers[2:]),
    )


def _roman_operands(rng: random.Random, level: int) -> tuple[list[int], str]:
    """Numbers and the signs between them, with results from 1 to 3999 all along."""
    first, second = rng.randint(40, 1999), rng.randint(40, 1999)
    if level == 4:
        return [first, second], "+"
    if rng.random() < 0.5:
        return [first, second, rng.randint(20, first + second - 1)], "+-"
    first = rng.randint(12, 199)
    second = rng.randint(4, 3900 // first)
    return [first, second, rng.randint(12, 3999 - first * second)], "*+"


def _read_line(number: int) -> str:
    pieces = _pieces(number)
    if len(pieces) == 1:
        return f"{roman(number)} is {number}."
    parts = ", ".join(f"{sign} = {value}" for value, sign in dict.fromkeys(pieces))
    return f"{roman(number)}: {parts}; {' + '.join(str(value) for value, _ in pieces)} = {number}."


def _write_lines(number: int) -> list[str]:
    pieces = _pieces(number)
    parts = " + ".join(str(value) for value, _ in pieces)
    digits = reversed(list(enumerate(reversed(str(number)))))
    places = [int(digit) * 10**place for place, digit in digits if digit != "0"]
    signs = ", ".join(f"{place} = {roman(place)}" for place in places)
    return [
        f"{number} = {parts}.",
        f"Place by place: {signs}.",
    ]


@roman_numerals.proof
def _roman_numerals(given: Given) -> str:
    places = (
        ("", "M", "MM", "MMM"),
        ("", "C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM"),
        ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"),
        ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"),
    )

    def read(text: str) -> int:
        worth = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
        values = [worth[sign] for sign in text]
        return sum(-v if any(w > v for w in values[i + 1 :]) else v for i, v in enumerate(values))

    numbers = [number if isinstance(number, int) else read(number) for number in given["numbers"]]
    value = numbers[0]
    for sign, number in zip(given["signs"], numbers[1:], strict=True):
        value = {"+": value + number, "-": value - number, "*": value * number}[sign]
    if not given["signs"] and isinstance(given["numbers"][0], str):
        return str(value)
    return "".join(signs[int(digit)] for signs, digit in zip(places, f"{value:04}", strict=True))


@roman_numerals.variants
def _roman_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The numbers next to it; four signs in a row instead of a subtraction."""
    if answer.isdecimal():
        return [], []
    swaps = {"IV": "IIII", "IX": "VIIII", "XL": "XXXX", "XC": "LXXXX", "CD": "CCCC", "CM": "DCCCC"}
    long = [answer.replace(short, signs) for short, signs in swaps.items() if short in answer]
    other = answer[:-1] if len(answer) > 1 else "XIII"
    return [], [*long, f"{answer}I" if not answer.endswith("I") else other, f"M{answer}"]
