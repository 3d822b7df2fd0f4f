"""Chains of conditionals in words, followed forwards and backwards.

The construction takes one rule after the other, as the solution does; the proof tries every case.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import TEXT
from datagen.problems.text import boxed, capitalized

SENTENCES = (
    ("it rains", "it does not rain"),
    ("the street is wet", "the street is dry"),
    ("the lamp is on", "the lamp is off"),
    ("the door is open", "the door is shut"),
    ("the shop is closed", "the shop is not closed"),
    ("the train is late", "the train is on time"),
    ("the music plays", "the music does not play"),
    ("the dog barks", "the dog does not bark"),
    ("the garden gate squeaks", "the garden gate does not squeak"),
    ("the kettle boils", "the kettle does not boil"),
    ("the match takes place", "the match is called off"),
    ("the heating works", "the heating is broken"),
)
Literal = tuple[int, bool]  # a sentence, and whether it or its opposite
CHAINS = {1: (2, 2), 2: (3, 2), 3: (4, 3), 4: (6, 3), 5: (8, 3)}
"""Per level: the rules from the fact to the question, and other rules."""


def _opposite(literal: Literal) -> Literal:
    return literal[0], not literal[1]


def _sentence(literal: Literal) -> str:
    return SENTENCES[literal[0]][0 if literal[1] else 1]


@family(
    name="conditional_chain",
    wordings=(
        "{rules} It is a fact that {fact}. Is it true that {asked}? Answer yes, no or unknown.",
        "The following rules hold without exception. {rules} Today {fact}. Can it be concluded that "
        "{asked}? Answer yes if it must be so, no if it cannot be so, and unknown if neither follows.",
        "Suppose: {rules} Moreover, {fact}. Does it follow that {asked}? Answer yes if it follows, no if "
        "the opposite follows, and unknown otherwise.",
    ),
)
def conditional_chain(rng: random.Random, level: int) -> Problem:
    """What follows from a fact and rules of the form "if ..., then ...", forwards and backwards."""
    length, others = CHAINS[level]
    numbers = rng.sample(range(len(SENTENCES)), length + 1 + others)
    chain = [(number, rng.random() < 0.5) for number in numbers[: length + 1]]
    wanted = rng.choice(("yes", "no", "unknown"))
    rules: list[tuple[Literal, Literal]] = []
    broken = rng.randrange(length) if wanted == "unknown" else -1
    for place in range(length):
        first, second = chain[place], chain[place + 1]
        if place == broken:  # the rule runs the wrong way
            first, second = _opposite(first), _opposite(second)
        if rng.random() < 0.5:
            first, second = _opposite(second), _opposite(first)
        rules.append((first, second))
    for number in numbers[length + 1 :]:
        beside, (place, positive) = (number, rng.random() < 0.5), rng.choice(chain)
        pair = beside, (place, positive == (rng.random() < 0.5))
        rules.append(pair if rng.random() < 0.5 else pair[::-1])
    rng.shuffle(rules)
    fact, asked = chain[0], chain[-1]
    known = _concluded(rules, fact)
    needed = numbers if wanted == "unknown" else numbers[: length + 1]
    lines = [f"Known: {_sentence(fact)}.", *(line for (number, _), line in known[1:] if number in needed)]
    if wanted == "no":
        asked = _opposite(asked)
    if wanted == "unknown":
        lines.append("No other rule starts from anything that is known, or ends in the opposite of it.")
        lines.append(f"So it stays open whether {_sentence((asked[0], True))}.")
    else:
        lines.append(f"So {_sentence(chain[-1])}.")
    return Problem(
        question=conditional_chain.ask(
            rng,
            rules=" ".join(f"If {_sentence(first)}, then {_sentence(second)}." for first, second in rules),
            fact=_sentence(fact),
            asked=_sentence(asked),
        ),
        answer=wanted,
        spec=TEXT,
        solution="\n".join([*lines, f"The answer is {boxed(wanted)}"]),
        given={"rules": [list(map(list, rule)) for rule in rules], "fact": list(fact), "asked": list(asked)},
        key=("conditional_chain", _rules_shape(rules, fact, asked, numbers[: length + 1])),
    )


def _concluded(rules: Sequence[tuple[Literal, Literal]], fact: Literal) -> list[tuple[Literal, str]]:
    """All that follows from the fact, in order, each with the rule it follows by."""
    known = [(fact, "")]
    while True:
        literals = [literal for literal, _ in known]
        for first, second in rules:
            rule = f"if {_sentence(first)}, then {_sentence(second)}"
            if first in literals and second not in literals:
                known.append((second, f"{capitalized(rule)}; so {_sentence(second)}."))
                break
            if _opposite(second) in literals and _opposite(first) not in literals:
                new = _opposite(first)
                known.append(
                    (new, f"{capitalized(rule)}; but {_sentence(_opposite(second))}, so {_sentence(new)}.")
                )
                break
        else:
            return known


def _rules_shape(
    rules: Sequence[tuple[Literal, Literal]], fact: Literal, asked: Literal, chain: Sequence[int]
) -> Any:
    """The rules whatever their sentences are: these are numbered along the chain, those beside it all alike.

    A sentence counts as positive the way it first occurs on the way from the fact.
    """
    place = {number: position for position, number in enumerate(chain)}
    beside = len(chain)
    positive = {fact[0]: fact[1]}

    def literal(each: Literal) -> tuple[int, bool]:
        number, value = each
        return place.get(number, beside), value == positive.setdefault(number, value)

    def written(rule: tuple[Literal, Literal]) -> tuple[Any, ...]:
        first, second = rule
        forwards = place.get(first[0], beside) < place.get(second[0], beside)
        pair = rule if forwards else (_opposite(second), _opposite(first))
        return literal(pair[0]), literal(pair[1]), forwards

    on_the_way = [rule for rule in rules if rule[0][0] in place and rule[1][0] in place]
    on_the_way.sort(key=lambda rule: min(place[number] for number, _ in rule))
    others = [rule for rule in rules if rule not in on_the_way]
    return tuple(map(written, on_the_way)), tuple(sorted(map(written, others))), literal(asked)


@conditional_chain.proof
def _conditional_chain(given: Given) -> str:
    numbers = sorted({number for rule in given["rules"] for number, _ in rule})
    found = set()
    for values in product((True, False), repeat=len(numbers)):
        world = dict(zip(numbers, values, strict=True))
        kept = all(world[a] != positive or world[b] == other for (a, positive), (b, other) in given["rules"])
        if kept and world[given["fact"][0]] == given["fact"][1]:
            found.add(world[given["asked"][0]] == given["asked"][1])
    return {(True,): "yes", (False,): "no"}.get(tuple(found), "unknown")


@conditional_chain.variants
def _conditional_chain_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    return [], [word for word in ("yes", "no", "unknown") if word != answer]
