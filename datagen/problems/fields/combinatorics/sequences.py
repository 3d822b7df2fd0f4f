"""Coefficients in powers of brackets, and ballots.

Constructions use binomial coefficients and reflection; proofs multiply out and walk vote by vote.
"""

from __future__ import annotations

import random
from math import comb

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.combinatorics.writing import choosing, plus, times, wrong
from datagen.problems.numbers import nonzero
from datagen.problems.people import some_people
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, counted, grouped, linear, monomial

EXPONENTS = {1: (3, 7), 2: (4, 8), 3: (3, 6), 4: (4, 6), 5: (5, 8)}
"""Per level: the exponent of the bracket, from and to."""


@family(
    name="coefficient_in_a_power",
    wordings=(
        "What is the coefficient of {term} in the expansion of {power}?",
        "Multiply out {power}. Which number stands before {term}?",
        "Find the coefficient of {term} when {power} is written as a polynomial in x.",
    ),
)
def coefficient_in_a_power(rng: random.Random, level: int) -> Problem:
    """A coefficient in a power of a bracket, or in a product of two, by the binomial theorem."""
    low, high = EXPONENTS[level]
    while True:
        n, m = rng.randint(low, high), 0
        first, second = [rng.randint(1, 9), 1], [0]
        if level == 2:
            first = [nonzero(rng, 6), rng.randint(2, 5)]
        elif level == 3:
            first = [nonzero(rng, 5), *[0] * rng.randint(0, 2), nonzero(rng, 4)]
            second, m = [nonzero(rng, 9), nonzero(rng, 9)], 1
        elif level == 5:
            first, second, m = (
                [nonzero(rng, 3), nonzero(rng, 3)],
                [nonzero(rng, 4), rng.randint(1, 3)],
                rng.randint(3, 4),
            )
        elif level == 4:
            first = [nonzero(rng, 4), nonzero(rng, 4), nonzero(rng, 4)]
        degree = n * (len(first) - 1) + m * (len(second) - 1)
        k = rng.randint(1, degree - 1)
        count, lines = _coefficient_text(first, n, second, m, k)
        if count and (level < 4 or len(lines) > 4):
            break
    power = f"({_bracket(first)})^{n}"
    if m:
        power = f"({_bracket(second)}){f'^{m}' if m > 1 else ''} * {power}"
    return Problem(
        question=coefficient_in_a_power.ask(rng, term=monomial(1, k), power=power),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join(lines),
        given={"first": first, "n": n, "second": second, "m": m, "k": k},
        key=("coefficient_in_a_power", *first, "^", n, *second, "^", m, k),
    )


def _bracket(coefficients: list[int]) -> str:
    """The polynomial with these coefficients, lowest power first, as text, highest power first."""
    powers = range(len(coefficients) - 1, -1, -1)
    names = ["" if not power else "x" if power == 1 else f"x^{power}" for power in powers]
    return linear(list(zip(reversed(coefficients), names, strict=True)))


def _term(coefficients: list[int], n: int, k: int) -> tuple[int, str]:
    """The coefficient of x^k in (a + b x^p)^n, and how it is worked out; 0 where there is none."""
    step = len(coefficients) - 1
    if k % step or k // step > n:
        return 0, ""
    j = k // step
    below, above = coefficients[0], coefficients[-1]
    factors = [choosing(n, j).split(" = ")[0]]
    factors += (
        [f"{grouped(above)}^{j}"] if above != 1 and j > 1 else [grouped(above)] if above != 1 and j else []
    )
    rest = n - j
    factors += (
        [f"{grouped(below)}^{rest}"]
        if below != 1 and rest > 1
        else [grouped(below)]
        if below != 1 and rest
        else []
    )
    values = [str(comb(n, j))]
    values += [grouped(above**j)] if above != 1 and j else []
    values += [grouped(below**rest)] if below != 1 and rest else []
    value = comb(n, j) * above**j * below**rest
    return value, f"{times(factors)} = {f'{times(values)} = ' if len(values) > 1 else ''}{value}"


def _coefficient_text(first: list[int], n: int, second: list[int], m: int, k: int) -> tuple[int, list[str]]:
    if len(first) == 3 and not m:
        return _three_terms(first, n, k)
    if not m:
        value, work = _term(first, n, k)
        line = f"For {monomial(1, k)}, take x from {k} of the {n} brackets and the number from the others."
        return value, [line, f"{work.rpartition(' = ')[0]} = {boxed(str(value))}"]
    lines = [
        f"Take x^i from ({_bracket(second)}){f'^{m}' if m > 1 else ''} "
        f"and x^({k} - i) from ({_bracket(first)})^{n}."
    ]
    parts = []
    for i in range(min(m, k) + 1):
        left, left_work = _term(second, m, i)
        right, right_work = _term(first, n, k - i)
        if not right:
            lines.append(f"i = {i}: the second factor has no such term.")
            continue
        left_text = f"{left}" if m == 1 else left_work
        lines.append(
            f"i = {i}: {left_text}; {right_work}; "
            f"product {grouped(left)} * {grouped(right)} = {left * right}."
        )
        parts.append(left * right)
    total = sum(parts)
    return total, [
        *lines,
        f"{plus(map(grouped, parts))} = {boxed(str(total))}"
        if len(parts) > 1
        else f"So it is {boxed(str(total))}",
    ]


def _three_terms(first: list[int], n: int, k: int) -> tuple[int, list[str]]:
    """x^2 from c brackets, x from b, the number from a, with b + 2c = k and a + b + c = n."""
    lines = [
        f"Take {monomial(first[2], 2)} from c brackets, {monomial(first[1], 1)} from b and {first[0]} from "
    ]
    lines[0] += f"the other {n} - b - c, with b + 2c = {k}."
    parts = []
    for c in range(k // 2 + 1):
        b = k - 2 * c
        a = n - b - c
        if a < 0:
            continue
        ways = comb(n, c) * comb(n - c, b)
        power = first[2] ** c * first[1] ** b * first[0] ** a
        parts.append(ways * power)
        factors = [(first[2], c), (first[1], b), (first[0], a)]
        powers = times(grouped(base) + (f"^{e}" if e > 1 else "") for base, e in factors if e)
        work = (
            f"C({n}, {c}) * C({n - c}, {b}) * {powers} = {comb(n, c)} * {comb(n - c, b)} * {grouped(power)}"
        )
        lines.append(f"c = {c}, b = {b}: {work} = {parts[-1]}.")
    total = sum(parts)
    return total, [
        *lines,
        f"{plus(map(grouped, parts))} = {boxed(str(total))}"
        if len(parts) > 1
        else f"So it is {boxed(str(total))}",
    ]


@coefficient_in_a_power.proof
def _coefficient_in_a_power(given: Given) -> str:
    """All brackets multiplied out, one after the other."""
    polynomial = [1]
    for bracket in [given["first"]] * given["n"] + [given["second"]] * given["m"]:
        made = [0] * (len(polynomial) + len(bracket) - 1)
        for i, a in enumerate(polynomial):
            for j, b in enumerate(bracket):
                made[i + j] += a * b
        polynomial = made
    return str(polynomial[given["k"]])


@coefficient_in_a_power.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    n, k = given["n"], given["k"]
    return [], wrong(answer, comb(n, k), comb(n, max(0, k - 1)), -int(answer), int(answer) * 2)


VOTES = {1: (2, 7), 2: (8, 11), 3: (8, 17), 4: (5, 10), 5: (9, 16)}  # won and lost games, from and to


@family(
    name="reflection",
    wordings=(
        "{story} In how many orders can this happen so that {condition}?",
        "{story} Count the orders in which {condition}.",
        "{story} How many of the possible orders are such that {condition}?",
    ),
)
def reflection(rng: random.Random, level: int) -> Problem:
    """Orders of ups and downs that stay above a line, or between two, by the reflection principle."""
    low, high = VOTES[level]
    first, second = (person.name for person in some_people(rng, 2))
    while True:
        up, down = rng.randint(low, high), rng.randint(1 if level < 3 else low, 8 if level < 3 else high)
        start = rng.randint(1, 8) if level > 2 else 0
        ahead = level < 3 and rng.random() < 0.5
        roof = start + rng.randint(0, 5) if level == 4 else 0
        stop = [rng.randint(2, up + down - 2), rng.randint(0, start + up)] if level == 5 else []
        given = {"up": up, "down": down, "start": start, "ahead": ahead, "roof": roof, "stop": stop}
        count, lines = _reflected(given)
        if count > 0 and (level < 3 or count < comb(up + down, up)) and (level < 5 or len(lines) > 7):
            break
    if level < 3:
        story = (
            f"In an election {first} gets {counted(up, 'vote')} and {second} gets {counted(down, 'vote')}. "
        )
        story += "The votes are counted one by one."
        condition = f"{first} is {'strictly ahead after every vote' if ahead else 'never behind'}"
    else:
        story = f"{first} starts with {counted(start, 'chip')} and plays {up + down} games. In each game "
        story += f"{first} wins or loses 1 chip; {up} games are won and {down} lost."
        condition = "the number of chips never goes below 0 (0 itself is allowed)"
        condition += f" and is exactly {stop[1]} after {stop[0]} games" if stop else ""
        condition += f" and never above {roof} ({roof} itself is allowed)" if roof else ""
    return Problem(
        question=reflection.ask(rng, story=story, condition=condition),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join([*lines[:-1], f"{lines[-1].rpartition(' = ')[0]} = {boxed(str(count))}"]),
        given=given,
        key=("reflection", up, down, start, ahead, roof, *stop),
    )


def _reflected(given: Given) -> tuple[int, list[str]]:
    up, down, start, roof, stop = (given[name] for name in ("up", "down", "start", "roof", "stop"))
    n, lines = up + down, []
    if given["ahead"]:
        up -= 1
        lines.append(
            f"The first vote must be for the winner. Then count the lead above 1: {up} up, {down} down."
        )
    if stop:
        games, chips = stop
        if start + up < down:
            return 0, []
        if (games + chips - start) % 2 or not 0 <= (won := (games + chips - start) // 2) <= min(games, up):
            return 0, []
        if not 0 <= games - won <= down:
            return 0, []
        before, first = _above_zero(start, won, games - won)
        after, second = _above_zero(chips, up - won, down - games + won)
        lines.append(f"In the first {counted(games, 'game')} there are {won} won and {games - won} lost.")
        lines += [
            *first,
            f"In the other {counted(n - games, 'game')}: {up - won} won and {n - games - up + won} lost.",
        ]
        return before * after, [*lines, *second, f"{before} * {after} = {before * after}"]
    if roof:
        # Reflection counts the paths that end between the lines; the others have crossed one anyway.
        return _between_lines(start, up, down, roof) if 0 <= start + up - down <= roof else (0, [])
    count, more = _above_zero(start, up, down)
    return count, [*lines, *more]


def _above_zero(start: int, up: int, down: int) -> tuple[int, list[str]]:
    """Orders that never get below 0 from `start`, by reflecting those that do at -1."""
    n = up + down
    every, raised = comb(n, up), up + start + 1
    bad = comb(n, raised)
    lines = [f"All orders: {choosing(n, up)}."]
    if start + up < down:
        return 0, []
    if raised > n:
        return every, [*lines, f"All of them stay at 0 or above: the number is 1 * {every} = {every}"]
    lines.append(
        "In an order that gets to -1, turn round the steps up to the first time it does: this gives every "
        f"order with {raised} up, {choosing(n, raised)}."
    )
    return every - bad, [*lines, f"{every} - {bad} = {every - bad}"]


def _between_lines(start: int, up: int, down: int, roof: int) -> tuple[int, list[str]]:
    """Orders that stay from 0 to `roof`, by repeated reflection at -1 and at `roof` + 1."""
    n, width = up + down, roof + 2
    lines = [
        f"Paths go from {start} to {start + up - down} in {n} steps and must not touch -1 or {roof + 1}.",
        f"Mirrored at -1 the start becomes {-2 - start}; mirrored at both it moves by {2 * width}.",
        "Count the paths from all images of the start: plus after an even number of mirrorings, else minus.",
        f"A start that is {2 * width} lower needs {width} more steps up. So {up} up, and {width} more "
        "or fewer "
        f"... count with plus; {up + start + 1} up, and {width} more or fewer, ... with minus.",
    ]
    added = [k for k in range(n + 1) if (k - up) % width == 0]
    taken = [k for k in range(n + 1) if (k - up - start - 1) % width == 0]
    plus_terms, minus_terms = [comb(n, k) for k in added], [comb(n, k) for k in taken]
    lines.append(f"Added: {', '.join(f'C({n}, {k}) = {comb(n, k)}' for k in added)}; sum {sum(plus_terms)}.")
    shown = ", ".join(f"C({n}, {k}) = {comb(n, k)}" for k in taken) or "nothing"
    lines.append(f"Subtracted: {shown}; sum {sum(minus_terms)}.")
    count = sum(plus_terms) - sum(minus_terms)
    return count, [*lines, f"{sum(plus_terms)} - {sum(minus_terms)} = {count}"]


@reflection.proof
def _reflection(given: Given) -> str:
    """Step by step, over how many ups there were."""
    up, down, start, roof, stop = (given[name] for name in ("up", "down", "start", "roof", "stop"))
    orders = {0: 1}
    for step in range(1, up + down + 1):
        after: dict[int, int] = {}
        for ups, ways in orders.items():
            for now in (ups, ups + 1):
                level = start + 2 * now - step
                fine = level >= (1 if given["ahead"] else 0) and (not roof or level <= roof)
                if fine and (not stop or step != stop[0] or level == stop[1]):
                    after[now] = after.get(now, 0) + ways
        orders = after
    return str(orders.get(up, 0))


@reflection.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    up, down = given["up"], given["down"]
    return [], wrong(answer, comb(up + down, up), comb(up + down, up) - int(answer), 2 ** (up + down))
