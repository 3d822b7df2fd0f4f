"""Sums in which letters stand for digits.

The construction works from the ones column to the left and keeps every assignment that fits, as the solution
does; the proof takes the sum as one equation in the letters.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import ASSIGNMENT
from datagen.problems.text import boxed, listing

LETTERS = "ABCDFGHKLMPRTVW"
COLUMNS = ("ones", "tens", "hundreds", "thousands", "ten thousands", "hundred thousands", "millions")
Digits = dict[str, int]
SIZES = {
    1: (2, 3),
    2: (3, 4),
    3: (4, 5),
    4: (5, 6),
    5: (6, 7),
}  # digits of a summand, unknown letters at most


@family(
    name="cryptarithm",
    wordings=(
        "In the sum {sum} each letter stands for a digit, different letters for different digits, and no "
        "number starts with 0. {known}Find the other letters. Answer like A = 1, B = 2.",
        "Different letters are different digits, and no number begins with 0: {sum}. {known}Which digit is "
        "each remaining letter? Answer in the form A = 1, B = 2.",
        "Solve the cryptarithm {sum}, in which every letter is a digit of its own and leading digits are "
        "not 0. {known}Give the missing digits like A = 1, B = 2.",
    ),
)
def cryptarithm(rng: random.Random, level: int) -> Problem:
    """A sum in letters with one solution, narrowed down column by column from the right."""
    length, most = SIZES[level]
    low, high = 10 ** (length - 1), 10**length - 1
    while True:
        numbers = [rng.randint(low, high), rng.randint(low, high)]
        numbers.append(sum(numbers))
        digits = sorted(set("".join(map(str, numbers))))
        names = dict(zip(digits, rng.sample(LETTERS, len(digits)), strict=True))
        words = ["".join(names[digit] for digit in str(number)) for number in numbers]
        letters = {names[digit]: int(digit) for digit in rng.sample(digits, len(digits))}
        known = dict(list(letters.items())[most:])
        lines: list[str] = []
        _solved(rng, words, letters, known, lines)
        if len(letters) - len(known) >= min(most, level + 1):
            break
    unknown = {letter: letters[letter] for letter in sorted(letters) if letter not in known}
    answer = ", ".join(f"{letter} = {digit}" for letter, digit in unknown.items())
    known = dict(sorted(known.items()))
    given_text = listing([f"{letter} = {digit}" for letter, digit in known.items()])
    return Problem(
        question=cryptarithm.ask(
            rng,
            sum=f"{words[0]} + {words[1]} = {words[2]}",
            known=f"It is known that {given_text}. " if known else "",
        ),
        answer=answer,
        spec=ASSIGNMENT,
        solution="\n".join(
            [*lines, f"Check: {numbers[0]} + {numbers[1]} = {numbers[2]}.", f"So {boxed(answer)}"]
        ),
        given={"words": words, "known": known},
        key=("cryptarithm", min(_shape(words, known), _shape([words[1], words[0], words[2]], known))),
    )


def _shape(words: Sequence[str], known: Digits) -> tuple[tuple[int, ...], ...]:
    """The words with the known letters as digits and the others numbered from 10 in the order they come "
    "in."""
    numbers = dict(known)
    for letter in "".join(words):
        numbers.setdefault(letter, 10 + len(numbers))
    return tuple(tuple(numbers[letter] for letter in word) for word in words)


def _solved(
    rng: random.Random, words: Sequence[str], letters: Digits, known: Digits, lines: list[str]
) -> None:
    """Make more letters known until the sum has one solution; how it is found is added to `lines`."""
    while True:
        lines.clear()
        found = _narrowed(words, known, lines)
        if len(found) == 1:
            return
        doubtful = [each for each in letters if len({digits[each] for digits in found}) > 1]
        letter = rng.choice(doubtful)
        known[letter] = letters[letter]


def _narrowed(words: Sequence[str], known: Digits, lines: list[str]) -> list[Digits]:
    """Every assignment that fits, column by column from the right."""
    first, second, total = (word[::-1] for word in words)
    leading = {word[0] for word in words}
    fitting: list[tuple[Digits, int]] = [(known, 0)]
    for place, result in enumerate(total):
        parts = [word[place] for word in (first, second) if place < len(word)]
        fitting = [
            (digits, carry)
            for before in fitting
            for digits, carry in _column(*before, parts, result, leading)
        ]
        lines.append(_column_text(place, parts, result, fitting, known))
    return [digits for digits, carry in fitting if not carry]


def _column(
    digits: Digits, carry: int, parts: Sequence[str], result: str, leading: set[str]
) -> Iterator[tuple[Digits, int]]:
    """Every way to fill one column, with the carry into the next."""
    for chosen in _chosen(digits, parts, leading):
        total = carry + sum(chosen[part] for part in parts)
        digit = total % 10
        if result in chosen:
            if chosen[result] == digit:
                yield chosen, total // 10
        elif digit not in chosen.values() and (digit or result not in leading):
            yield chosen | {result: digit}, total // 10


def _chosen(digits: Digits, parts: Sequence[str], leading: set[str]) -> Iterator[Digits]:
    open_part = next((part for part in parts if part not in digits), None)
    if open_part is None:
        yield digits
        return
    for digit in range(open_part in leading, 10):
        if digit not in digits.values():
            yield from _chosen(digits | {open_part: digit}, parts, leading)


def _column_text(
    place: int, parts: Sequence[str], result: str, fitting: Sequence[tuple[Digits, int]], known: Digits
) -> str:
    carried = "" if not place else " plus the carry" if parts else "only the carry"
    column = f"In the {COLUMNS[place]} {' + '.join(parts)}{carried} ends in {result}"
    if not parts:
        column = f"In the {COLUMNS[place]} {result} is the carry"
    if len(fitting) > 3:
        return f"{column}: {len(fitting)} possibilities so far."
    ways = []
    for digits, carry in fitting:
        new = [f"{letter} = {digit}" for letter, digit in digits.items() if letter not in known]
        ways.append(f"{', '.join(new)}{', carry 1' if carry else ''}" if new else f"carry {carry}")
    return f"{column}: {'; or '.join(ways)}."


@cryptarithm.proof
def _cryptarithm(given: Given) -> str:
    words, known = given["words"], given["known"]
    weights: dict[str, int] = {}
    for word, sign in zip(words, (1, 1, -1), strict=True):
        for power, letter in enumerate(reversed(word)):
            weights[letter] = weights.get(letter, 0) + sign * 10**power
    constant = sum(weights[letter] * digit for letter, digit in known.items())
    order = sorted((each for each in weights if each not in known), key=lambda each: -abs(weights[each]))
    tails = [[weights[letter] for letter in order[place:]] for place in range(len(order) + 1)]
    reach = [(9 * sum(w for w in tail if w < 0), 9 * sum(w for w in tail if w > 0)) for tail in tails]
    leading = {word[0] for word in words}

    def search(place: int, total: int, free: frozenset[int]) -> Iterator[Digits]:
        low, high = reach[place]
        if not low <= -total <= high:
            return
        if place == len(order):
            yield {}
            return
        letter = order[place]
        for digit in free:
            if digit or letter not in leading:
                for rest in search(place + 1, total + weights[letter] * digit, free - {digit}):
                    yield {letter: digit, **rest}

    (only,) = search(0, constant, frozenset(range(10)) - set(known.values()))
    return ", ".join(f"{letter} = {only[letter]}" for letter in sorted(only))
