"""Codes and numbers, sign by sign: with or without repetition, with conditions on the signs.

Constructions use products, cases and complements; proofs enumerate the numbers or fill the code step by step.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import combinations, permutations, product
from math import comb, perm

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.combinatorics.writing import falling, plus, reached, times, wrong
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, counted, listing

KINDS = ("capital letter", "digit", "small letter")
FIRST_SIGNS = ("A", "0", "a")
CODES = {1: (2, 4), 2: (2, 5), 3: (3, 6), 4: (3, 6), 5: (3, 6)}  # length from and to


@family(
    name="codes_with_conditions",
    wordings=(
        "A code has {length} signs. {form} How many such codes are there?",
        "How many codes of {length} signs are possible? {form}",
        "Someone chooses a code of {length} signs. {form} Count the possible codes.",
    ),
)
def codes_with_conditions(rng: random.Random, level: int) -> Problem:
    """Codes of letters and digits with at least or exactly so many of a kind, by products and complements."""
    length = rng.randint(*CODES[level])
    distinct = level == 2 or (level > 3 and rng.random() < 0.5)
    sizes = [rng.randint(3, 26), rng.randint(3, 10), rng.randint(3, 26)][: 3 if level == 5 else 2]
    if level < 3:
        sizes[0] = rng.randint(3, 12)
        digits = rng.randint(1, length - 1)
        bounds = {"fixed": [length - digits, digits]}
        count, lines = _fixed_form(sizes, bounds["fixed"], distinct)
    elif level == 3 or (level == 4 and rng.random() < 0.5):
        distinct = level == 4
        digits = rng.randint(1, min(length - 1, 3))
        if level == 3 and digits == 1:
            bounds = {"least": [0, 1]}
            count, lines = _some_of_each(sizes[:1], sum(sizes), length, distinct)
        else:
            bounds = {"exact": [length - digits, digits]}
            count, lines = _exactly(sizes, length, digits, distinct)
    else:
        bounds = {"least": [1] * len(sizes)}
        count, lines = _some_of_each(sizes, sum(sizes), length, distinct)
    return Problem(
        question=codes_with_conditions.ask(rng, length=length, form=_form_text(sizes, bounds, distinct)),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join([*lines[:-1], f"{lines[-1].rpartition(' = ')[0]} = {boxed(str(count))}"]),
        given={"sizes": sizes, "length": length, "distinct": distinct, **bounds},
        key=("codes_with_conditions", *sizes, length, distinct, *((name, *bounds[name]) for name in bounds)),
    )


def _signs(size: int, kind: int) -> str:
    return f"the {size} {KINDS[kind]}s {FIRST_SIGNS[kind]} to {chr(ord(FIRST_SIGNS[kind]) + size - 1)}"


def _form_text(sizes: list[int], bounds: dict[str, list[int]], distinct: bool) -> str:
    signs = listing([_signs(size, kind) for kind, size in enumerate(sizes)], "or")
    form = f"Each sign is one of {signs}."
    form += " No sign may be used twice." if distinct else " A sign may be used more than once."
    (name,) = bounds
    if name == "fixed":
        letters, digits = bounds["fixed"]
        last = "the last sign is a digit" if digits == 1 else f"the last {digits} signs are digits"
        start = "first sign is a letter" if letters == 1 else f"first {letters} signs are letters"
        return f"{form} The {start} and {last}."
    if name == "exact":
        return f"{form} Exactly {counted(bounds['exact'][1], 'sign')} must be {_digits(bounds['exact'][1])}."
    wanted = [f"at least one {KINDS[kind]}" for kind, least in enumerate(bounds["least"]) if least]
    return f"{form} The code must contain {listing(wanted)}."


def _digits(number: int) -> str:
    return "a digit" if number == 1 else "digits"


def _strings(signs: int, length: int, distinct: bool) -> tuple[int, str]:
    """How many strings of so many signs there are, and how that is written."""
    if distinct:
        return perm(signs, length), falling(signs, length) if signs >= length else "0"
    return signs**length, f"{signs}^{length}" if length > 1 else str(signs)


def _fixed_form(sizes: list[int], form: list[int], distinct: bool) -> tuple[int, list[str]]:
    lines, count = [], 1
    for name, size, places in zip(("letters", "digits"), sizes, form, strict=True):
        ways, work = _strings(size, places, distinct)
        lines.append(f"The {name} can be chosen in {reached(work, ways)} ways.")
        count *= ways
    first = _strings(sizes[0], form[0], distinct)[0]
    return count, [*lines, f"{first} * {count // max(first, 1)} = {count}"]


def _exactly(sizes: list[int], length: int, digits: int, distinct: bool) -> tuple[int, list[str]]:
    places = comb(length, digits)
    which = f"C({length}, {digits}) = {places}"
    lines = [f"Choose the {counted(digits, 'place')} for {_digits(digits)} out of {length}: {which} ways."]
    filled, work = _strings(sizes[1], digits, distinct)
    lines.append(f"Fill {'it' if digits == 1 else 'them'} in {reached(work, filled)} ways.")
    rest, more = _strings(sizes[0], length - digits, distinct)
    lines.append(f"Fill the other places with letters in {reached(more, rest)} ways.")
    count = places * filled * rest
    return count, [*lines, f"{places} * {filled} * {rest} = {count}"]


def _some_of_each(kinds: list[int], signs: int, length: int, distinct: bool) -> tuple[int, list[str]]:
    """All codes without those in which a kind is missing; with one size in `kinds`, only those of that kind
    alone are bad."""
    everything, work = _strings(signs, length, distinct)
    lines = [f"Without the last condition there are {reached(work, everything)} codes."]
    if len(kinds) == 1:
        only, more = _strings(kinds[0], length, distinct)
        lines.append(f"Of these, {reached(more, only)} have letters only.")
        return everything - only, [*lines, f"{everything} - {only} = {everything - only}"]
    names = ("capital letters", "digits", "small letters")[: len(kinds)]
    single = []
    if len(kinds) == 3:
        pairs = []
        for one, other in combinations(range(3), 2):
            ways, more = _strings(kinds[one] + kinds[other], length, distinct)
            pairs.append(ways)
            lines.append(f"Only {names[one]} and {names[other]}: {reached(more, ways)}.")
    for size, name in zip(kinds, names, strict=True):
        ways, more = _strings(size, length, distinct)
        single.append(ways)
        lines.append(f"Only {name}: {reached(more, ways)}.")
    if len(kinds) == 2:
        count = everything - sum(single)
        return count, [*lines, f"{everything} - {single[0]} - {single[1]} = {count}"]
    lines.append("Taking away the codes of two kinds takes those of one kind away twice, so add them again.")
    count = everything - sum(pairs) + sum(single)
    return count, [*lines, f"{everything} - ({plus(pairs)}) + ({plus(single)}) = {count}"]


@codes_with_conditions.proof
def _codes_with_conditions(given: Given) -> str:
    """One sign after the other, keeping how many of each kind were used."""
    sizes, length, distinct = given["sizes"], given["length"], given["distinct"]
    fixed, exact, least = given.get("fixed"), given.get("exact"), given.get("least", [0] * len(sizes))

    @cache
    def codes(used: tuple[int, ...]) -> int:
        place = sum(used)
        if place == length:
            right = all(one >= two for one, two in zip(used, least, strict=True))
            return int(right and (exact is None or list(used) == exact))
        total = 0
        for kind, size in enumerate(sizes):
            if fixed and kind != (place >= fixed[0]):
                continue
            choices = size - used[kind] if distinct else size
            if choices > 0:
                total += choices * codes((*used[:kind], used[kind] + 1, *used[kind + 1 :]))
        return total

    return str(codes((0,) * len(sizes)))


@codes_with_conditions.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    signs, length = sum(given["sizes"]), given["length"]
    return [], wrong(answer, signs**length, perm(signs, length), comb(signs, length))


NUMBERS = {1: (3, 7, 2, 4), 2: (4, 7, 2, 4), 3: (4, 7, 3, 5), 4: (5, 7, 4, 5), 5: (5, 7, 4, 5)}
"""Per level: how many digits to choose from, and how many digits the number has, from and to."""
ENDINGS = {"even": (0, 2, 4, 6, 8), "odd": (1, 3, 5, 7, 9), "divisible by 5": (0, 5), "": tuple(range(10))}


@family(
    name="numbers_from_digits",
    wordings=(
        "How many {kind}{length}-digit numbers{above} can be written with the digits {digits}{repeat}?{zero}",
        "Using only the digits {digits}{repeat}, how many {kind}{length}-digit numbers{above} can be formed?"
        "{zero}",
        "Count the {kind}{length}-digit numbers{above} whose digits all come from {digits}{repeat}.{zero}",
    ),
)
def numbers_from_digits(rng: random.Random, level: int) -> Problem:
    """Numbers with given digits that end or begin in a certain way, place by place and in cases."""
    fewest, most, short, long = NUMBERS[level]
    while True:
        size, length = rng.randint(fewest, most), rng.randint(short, long)
        nonzero = level < 3
        digits = sorted(rng.sample(range(1 if nonzero else 0, 10), size))
        ending = "" if level == 4 else rng.choice(("even", "odd", *(("divisible by 5",) * (level < 5))))
        if length > size or (level == 3 and digits[0]):
            continue
        above = 0
        if level == 4:
            above = rng.randint(11, 98) * 10 ** (length - 2)
        elif level == 5:
            above = rng.randint(1, 8) * 10 ** (length - 1)
        last = [digit for digit in digits if digit in ENDINGS[ending]]
        if above:
            count, lines = (_above_two if level == 4 else _above_one)(digits, length, last, above)
        else:
            count, lines = _ending(digits, length, last, level == 1)
        if count and last:
            break
    return Problem(
        question=numbers_from_digits.ask(
            rng,
            kind=f"{ending} " if ending in ("even", "odd") else "",
            length=length,
            above=" divisible by 5"
            if ending == "divisible by 5"
            else f" greater than {above}"
            if above
            else "",
            digits=listing(list(map(str, digits))),
            repeat=", where digits may be repeated" if level == 1 else ", where no digit is used twice",
            zero=" A number does not begin with 0." if not digits[0] else "",
        ),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join([*lines[:-1], f"{lines[-1].rpartition(' = ')[0]} = {boxed(str(count))}"]),
        given={"digits": digits, "length": length, "repeated": level == 1, "ending": ending, "above": above},
        key=("numbers_from_digits", *digits, length, level == 1, ending, above),
    )


def _ending(digits: list[int], length: int, last: list[int], repeated: bool) -> tuple[int, list[str]]:
    """Numbers with one of the digits `last` at the end."""
    size = len(digits)
    ends = listing(list(map(str, last)), "or")
    if repeated:
        lines = [f"The last digit is {ends}: {counted(len(last), 'choice')}."]
        rest = "The first digit" if length == 2 else f"Each of the other {length - 1} digits"
        lines.append(f"{rest} has {size} choices.")
        count = len(last) * size ** (length - 1)
        return count, [*lines, f"{times([len(last), *[size] * (length - 1)])} = {count}"]
    if digits[0]:
        lines = [f"The last digit is {ends}: {counted(len(last), 'choice')}."]
        ways, work = perm(size - 1, length - 1), falling(size - 1, length - 1)
        lines.append(f"No digit repeats, so the other places can be filled in {reached(work, ways)} ways.")
        return len(last) * ways, [*lines, f"{len(last)} * {ways} = {len(last) * ways}"]
    lines, totals = [f"The last digit must be {ends}, and the first one not 0."], []
    if 0 in last:
        totals.append(perm(size - 1, length - 1))
        lines.append(
            f"Last digit 0: the other places can be filled in {falling(size - 1, length - 1)} = "
            f"{totals[0]} ways."
        )
    others = [digit for digit in last if digit]
    if others:
        middle = perm(size - 2, length - 2)
        totals.append(len(others) * (size - 2) * middle)
        lines.append(
            f"Last digit {listing(list(map(str, others)), 'or')}: {counted(len(others), 'choice')}; "
            f"the first digit is neither "
            f"0 nor the last digit: {counted(size - 2, 'choice')}; the places between can be filled in "
            f"{reached(falling(size - 2, length - 2), middle)} ways. "
            f"That makes {len(others)} * {size - 2} * {middle} = {totals[-1]}."
        )
    return sum(totals), [*lines, f"The total is {plus(totals)} = {sum(totals)}"]


def _above_two(digits: list[int], length: int, last: list[int], above: int) -> tuple[int, list[str]]:
    """Numbers without repetition above a bound of which only the first two digits are not 0."""
    first, second = divmod(above // 10 ** (length - 2), 10)
    size = len(digits)
    larger = [digit for digit in digits if digit > first]
    rest = perm(size - 1, length - 1)
    totals = [len(larger) * rest]
    lines = [f"Compare the first digit with the {first} of {above}."]
    if larger:
        lines.append(
            f"First digit {listing(list(map(str, larger)), 'or')}: {counted(len(larger), 'choice')}, and "
            f"{reached(falling(size - 1, length - 1), rest)} ways to fill the other places: "
            f"{len(larger)} * {rest} = {totals[0]}."
        )
    else:
        lines.append(f"No digit is larger than {first}, which leaves out this case: 0 numbers.")
    if first in digits:
        enough = [digit for digit in digits if digit >= second and digit != first]
        rest = perm(size - 2, length - 2)
        totals.append(len(enough) * rest)
        which = (
            f"{listing(list(map(str, enough)), 'or')}: {counted(len(enough), 'choice')}"
            if enough
            else "none fits"
        )
        lines.append(
            f"First digit {first}: the second must be at least {second} and not {first} ({which}); "
            f"the others can be "
            f"filled in {reached(falling(size - 2, length - 2), rest)} ways: "
            f"{len(enough)} * {rest} = {totals[1]}. "
            f"Not one of these is {above} itself, which repeats the digit 0."
        )
    else:
        lines.append(f"The first digit cannot be {first}, which is not among the digits.")
    return sum(totals), [*lines, f"The total is {plus(totals)} = {sum(totals)}"]


def _above_one(digits: list[int], length: int, last: list[int], above: int) -> tuple[int, list[str]]:
    """Numbers without repetition above a bound with one digit that is not 0, ending in one of `last`."""
    least, size = above // 10 ** (length - 1), len(digits)
    middle = perm(size - 2, length - 2)
    ends = listing(list(map(str, last)), "or")
    lines = [f"The first digit is at least {least}, and the last one is {ends}."]
    lines.append(
        f"The {length - 2} places between can be filled in {falling(size - 2, length - 2)} = {middle} ways."
    )
    totals = []
    for digit in digits:
        if digit >= least:
            fitting = [str(each) for each in last if each != digit]
            totals.append(len(fitting))
            which = f" ({listing(fitting, 'or')})" if fitting else ""
            lines.append(f"First digit {digit}: {counted(len(fitting), 'choice')} for the last digit{which}.")
    ways = sum(totals)
    if ways:
        lines.append(f"First and last digit: {reached(plus(totals), ways)} {'way' if ways == 1 else 'ways'}.")
    return ways * middle, [*lines, f"{ways} * {middle} = {ways * middle}"]


@numbers_from_digits.proof
def _numbers_from_digits(given: Given) -> str:
    digits, length = map(str, given["digits"]), given["length"]
    rows = product(digits, repeat=length) if given["repeated"] else permutations(digits, length)
    numbers = [int("".join(row)) for row in rows if row[0] != "0"]
    test = {"even": (2, 0), "odd": (2, 1), "divisible by 5": (5, 0), "": (1, 0)}[given["ending"]]
    return str(sum(number % test[0] == test[1] and number > given["above"] for number in numbers))


@numbers_from_digits.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    size, length = len(given["digits"]), given["length"]
    return [], wrong(answer, size**length, perm(size, length), comb(size, length))
