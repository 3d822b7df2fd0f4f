"""Small tasks whose answers are easily tested: subset sums, sorted orders, anagrams, counterexamples."""

from __future__ import annotations

import operator
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar

from verifiers.checkers.base import (
    Checker,
    Example,
    accepted,
    malformed,
    parameter,
    rejected,
    undecided,
    violated,
    wrong_form,
)
from verifiers.checkers.derivative import substituted
from verifiers.checkers.primes import is_prime
from verifiers.checkers.readers import (
    flag,
    fraction_of,
    listed,
    name,
    one_of,
    read_formula,
    read_integer,
    read_list,
    text,
    whole,
)
from verifiers.comparing.canon import canonical
from verifiers.parsing.tree import Negate, Number, Relation, symbols
from verifiers.verdict import Outcome


@dataclass(frozen=True)
class SubsetSum(Checker):
    """Some of `numbers`, each at most as often as it is given, whose sum is `target`; `size` of them.

    Read as a list or as the sum: `4, 5`, `4 + 5 = 9`.
    """

    numbers: tuple[int, ...] = parameter(listed(whole(), 1, 500))
    target: int = parameter(whole())
    size: int | None = parameter(whole(1), None)

    name: ClassVar[str] = "subset_sum"

    def judge(self, answer: str) -> Outcome:
        found = read_list(_listed_sum(answer, self.target))
        foreign = Counter(found) - Counter(self.numbers)
        if not found or (foreign and found == [self.target]):
            raise wrong_form("no numbers, or the sum alone")
        if foreign:
            return rejected(f"{next(iter(foreign))} is not there, or not that often", numbers=found)
        if sum(found) != self.target:
            return rejected(f"the sum is {sum(found)}, not {self.target}", sum=sum(found), numbers=found)
        if self.size is not None and len(found) != self.size:
            return rejected(f"{len(found)} numbers, not {self.size}", numbers=found)
        return accepted(f"the sum is {self.target}", numbers=found)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        numbers = rng.sample(range(10, 99), 6)
        chosen = rng.sample(numbers, 3)
        parameters = {"numbers": numbers, "target": sum(chosen), "size": 3}
        wrong = (
            str(sum(chosen)),
            f"{chosen[0]}, {chosen[1]}",
            f"{chosen[0]}, {chosen[0]}, {sum(chosen) - 2 * chosen[0]}",
        )
        return Example(parameters, ", ".join(map(str, chosen)), wrong)


_WRITTEN_SUM = re.compile(r"(-?\d+(?:\s*\+\s*\(?-?\d+\)?)+)(?:\s*=\s*(-?\d+))?")


def _listed_sum(answer: str, target: int) -> str:
    """`4 + 5 = 9` as `4, 5`; anything else as it is."""
    match = _WRITTEN_SUM.fullmatch(answer.strip("$ ."))
    if match is None:
        return answer
    if match.group(2) is not None and match.group(2) != str(target):
        raise violated(f"claims the sum {match.group(2)[:60]}, not {target}")
    return match.group(1).replace("+", ",")


_IN_ORDER = re.compile(r"\s*(?:->|[,;<>\n≤≥→]|\\(?:[lg]eq?|[lg]t|to|rightarrow)(?![a-z]))\s*")
_RISING, _FALLING = {"<", "≤", r"\lt", r"\le", r"\leq"}, {">", "≥", r"\gt", r"\ge", r"\geq"}


@dataclass(frozen=True)
class SortedOrder(Checker):
    """All `items` in order: by `number` (fractions and decimals too), by `text` without case, or by `length`.

    Items that are equal under the key may stand in any order.
    """

    items: tuple[str, ...] = parameter(listed(lambda value: text(str(value)).strip(), 1, 1000))
    by: str = parameter(one_of("number", "text", "length"), "number")
    descending: bool = parameter(flag, False)

    name: ClassVar[str] = "sorted_order"
    max_answer: ClassVar[int] = 1 << 16

    def validate(self) -> None:
        if any(re.search(r"[,;<>\n]", item) for item in self.items):
            raise ValueError("an item with a comma, a semicolon, < or > cannot be told from its neighbours")
        for item in self.items:
            self.key(item)

    def key(self, item: str) -> Any:
        if self.by == "number":
            return fraction_of(read_formula(item))
        folded = unicodedata.normalize("NFC", item).casefold()
        return folded if self.by == "text" else len(folded)

    def judge(self, answer: str) -> Outcome:
        bare = re.sub(r"\\[{}]|\\(?:quad|,|;| )|[\[\]{}$\"']", " ", answer).strip(" \t\n.()")
        found = [word for word in _IN_ORDER.split(bare) if word]
        signs = set(re.findall(r"(?<!-)[<>≤≥]|\\[lg](?:eq?|t)", bare))
        if signs & (_RISING if self.descending else _FALLING):
            return rejected("the signs between the items say another order")
        if len(found) == 1 and not any(" " in item for item in self.items):
            found = bare.split()
        if len(found) != len(self.items):
            return rejected(f"{len(found)} items, not {len(self.items)}")
        if self.by == "number":
            same = Counter(map(self.key, found)) == Counter(map(self.key, self.items))
        else:
            same = Counter(map(str.casefold, found)) == Counter(map(str.casefold, self.items))
        if not same:
            return rejected("not the same items")
        for left, right in pairwise(found):
            before, after = (right, left) if self.descending else (left, right)
            if self.key(before) > self.key(after):
                return rejected(f"{left} and {right} are out of order", pair=[left, right])
        return accepted("the same items, in order", items=len(found))

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        items = rng.sample(["1/2", "0.3", "2", "7/4", "-1", "10", "0.25"], 5)
        ordered = sorted(items, key=Fraction)
        wrong = (
            ", ".join(ordered[::-1]),
            ", ".join(ordered[:-1]),
            ", ".join([ordered[1], ordered[0], *ordered[2:]]),
        )
        return Example({"items": items}, ", ".join(ordered), wrong)


@dataclass(frozen=True)
class Anagram(Checker):
    """All the letters of `letters` in another order; one of `words`, where they are given.

    Spaces, case and punctuation do not count.
    """

    letters: str = parameter(text)
    words: tuple[str, ...] = parameter(listed(text, 0, 100_000), ())

    name: ClassVar[str] = "anagram"

    def judge(self, answer: str) -> Outcome:
        found, given = _letters(answer), _letters(self.letters)
        if found == given:
            raise wrong_form("the letters in the order they were given")
        extra, missing = Counter(found) - Counter(given), Counter(given) - Counter(found)
        if extra or missing:
            what = f"too many {next(iter(extra))}" if extra else f"no {next(iter(missing))}, or too few"
            return rejected(f"not the same letters: {what}", extra=dict(extra), missing=dict(missing))
        if self.words and found not in map(_letters, self.words):
            return rejected("not one of the words", word=found)
        return accepted("the same letters", word=found)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        first, second = rng.choice((("listen", "silent"), ("earth", "heart"), ("dusty", "study")))
        wrong = (first, second[:-1], second + "s", second[::-1])
        return Example({"letters": first, "words": [second, first]}, second, wrong)


def _letters(words: str) -> str:
    folded = unicodedata.normalize("NFC", re.sub(r"\\(?:text|mathrm)\b", "", words)).casefold()
    return "".join(filter(str.isalpha, folded))


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_PREDICATES: dict[str, Callable[[int], bool]] = {
    "prime": is_prime,
    "composite": lambda n: n > 3 and not is_prime(n),
    "even": lambda n: n % 2 == 0,
    "odd": lambda n: n % 2 == 1,
}
#: Primality is asked of no larger number.
MAX_PRIME_BITS = 1024


@dataclass(frozen=True)
class Counterexample(Checker):
    """A whole number from `minimum` to `maximum` at which `claim` is false.

    The claim is a relation such as `2^n > n^2`, or an expression of which `is_always` says what it is
    claimed to be: prime, composite, even, odd.
    """

    claim: str = parameter(text)
    variable: str = parameter(name, "n")
    is_always: str | None = parameter(one_of(*_PREDICATES), None)
    minimum: int | None = parameter(whole(), None)
    maximum: int | None = parameter(whole(), None)

    name: ClassVar[str] = "counterexample"

    def validate(self) -> None:
        tree = read_formula(self.claim, frozenset((self.variable,)))
        if symbols(tree) != {self.variable}:
            raise ValueError(f"the claim must be about {self.variable} alone")
        if isinstance(tree, Relation) == (self.is_always is not None):
            raise ValueError("the claim must be a relation, or an expression with 'is_always'")
        if isinstance(tree, Relation) and not set(tree.operators) <= set(_COMPARE):
            raise ValueError(f"use the relations {' '.join(_COMPARE)}")

    def judge(self, answer: str) -> Outcome:
        n = read_integer(answer)
        if (self.minimum is not None and n < self.minimum) or (self.maximum is not None and n > self.maximum):
            return rejected(f"{self.variable} = {n} is not in the range of the claim", value=n)
        tree = read_formula(self.claim, frozenset((self.variable,)))
        here = substituted(tree, {self.variable: Negate(Number(-n)) if n < 0 else Number(n)})
        sides = here.operands if isinstance(here, Relation) else (here,)
        values = [canonical(side) for side in sides]
        if any(term[0] != "n" for term in values):
            return undecided(f"the claim has no exact value at {n}")
        numbers = [Fraction(term[1]) for term in values]
        brief = [str(v) if v.numerator.bit_length() < 256 else "a large number" for v in numbers]
        if self.holds(numbers, here):
            return rejected(f"the claim is true at {self.variable} = {n}", value=n, sides=brief)
        return accepted(f"the claim is false at {self.variable} = {n}", value=n, sides=brief)

    def holds(self, numbers: list[Fraction], here: Any) -> bool:
        if self.is_always is None:
            return all(
                _COMPARE[sign](a, b) for sign, (a, b) in zip(here.operators, pairwise(numbers), strict=True)
            )
        (number,) = numbers
        if number.denominator != 1:
            return False
        if number.numerator.bit_length() > MAX_PRIME_BITS and self.is_always in ("prime", "composite"):
            raise malformed(f"the claim would be about a number of over {MAX_PRIME_BITS} bits")
        return _PREDICATES[self.is_always](number.numerator)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        if rng.random() < 0.5:
            parameters = {"claim": "n^2 + n + 41", "is_always": "prime", "minimum": 1, "maximum": 60}
            return Example(parameters, rng.choice(("40", "n = 41")), ("39", "0", "1000", "40.5", "n"))
        parameters = {"claim": "2^n > n^2", "minimum": 1}
        return Example(parameters, rng.choice(("2", "n = 3", "4")), ("1", "5", "0", "-2", "1/2"))
