"""The laws of propositional logic: rewriting formulas into equivalent ones, or nearly so.

For constructions and worked solutions; proofs know nothing of it.
"""

from __future__ import annotations

import random

from datagen.problems.fields.logic.formulas import CONNECTIVES, Formula, connectives_in

Step = tuple[Formula, str]  # an equivalent formula, and the law it comes from


def negated(formula: Formula) -> Formula:
    return ["not", formula]


def laws_for(formula: Formula) -> list[Step]:
    """What the laws of logic make of the formula as a whole."""
    if isinstance(formula, str):
        return []
    connective, *parts = formula
    if connective == "not":
        return _laws_of_negation(parts[0])
    left, right = parts
    if connective == "implies":
        return [
            (["or", negated(left), right], "an implication as a disjunction"),
            (["implies", negated(right), negated(left)], "contraposition"),
        ]
    if connective == "if and only if":
        both = [["implies", left, right], ["implies", right, left]]
        return [(["and", *both], "both directions of a biconditional")]
    other = "or" if connective == "and" else "and"
    made: list[Step] = [(negated([other, negated(left), negated(right)]), "De Morgan, backwards")]
    if not isinstance(right, str) and right[0] == other:
        made.append(([other, [connective, left, right[1]], [connective, left, right[2]]], "distribution"))
    return made


def _laws_of_negation(inner: Formula) -> list[Step]:
    if isinstance(inner, str):
        return []
    connective, *parts = inner
    if connective == "not":
        return [(parts[0], "double negation")]
    left, right = parts
    if connective == "implies":
        return [(["and", left, negated(right)], "the negation of an implication")]
    if connective == "if and only if":
        return [(["if and only if", left, negated(right)], "the negation of a biconditional")]
    other = "or" if connective == "and" else "and"
    return [([other, negated(left), negated(right)], "De Morgan")]


def _step(rng: random.Random, formula: Formula) -> Step | None:
    """What a law makes of some part of the formula; None where a part was drawn that no law fits."""
    if isinstance(formula, str) or (isinstance(formula[1], str) and formula[0] == "not"):
        return None
    if rng.random() < 0.5:
        place = int(rng.random() * (len(formula) - 1)) + 1
        inner = _step(rng, formula[place])
        if inner is not None:
            return [*formula[:place], inner[0], *formula[place + 1 :]], inner[1]
    options = laws_for(formula)
    return rng.choice(options) if options else None


def rewritten(rng: random.Random, formula: Formula, count: int, largest: int) -> list[Step]:
    """The formula changed by up to so many laws in a row, no result twice and none of more connectives."""
    chain: list[Step] = []
    seen = [formula]
    for _ in range(2 * count):
        step = _step(rng, formula)
        if step is not None and step[0] not in seen and connectives_in(step[0]) <= largest:
            chain.append(step)
            formula = step[0]
            seen.append(formula)
            if len(chain) == count:
                break
    return chain


def mutated(rng: random.Random, formula: Formula) -> Formula:
    """The formula with one connective or one name's sign changed, or the sides of an implication "
    "exchanged."""
    if isinstance(formula, str):
        return ["not", formula]
    if formula[0] == "not":
        return formula[1] if rng.random() < 0.5 else ["not", mutated(rng, formula[1])]
    if rng.random() < 0.4:
        if formula[0] == "implies" and rng.random() < 0.5:
            return ["implies", formula[2], formula[1]]
        return [rng.choice([other for other in CONNECTIVES if other != formula[0]]), *formula[1:]]
    place = rng.choice((1, 2))
    return [*formula[:place], mutated(rng, formula[place]), *formula[place + 1 :]]


def normalized(formula: Formula) -> list[Step]:
    """The laws that lead to negation normal form, the outermost part first."""
    chain: list[Step] = []
    while (step := _normal_step(formula)) is not None:
        chain.append(step)
        formula = step[0]
    return chain


def _normal_step(formula: Formula) -> Step | None:
    if isinstance(formula, str):
        return None
    if formula[0] in ("implies", "if and only if"):
        return laws_for(formula)[0]
    if formula[0] == "not" and not isinstance(formula[1], str):
        return _laws_of_negation(formula[1])[0]
    for place in range(1, len(formula)):
        step = _normal_step(formula[place])
        if step is not None:
            return [*formula[:place], step[0], *formula[place + 1 :]], step[1]
    return None
