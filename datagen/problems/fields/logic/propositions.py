"""Propositional logic: the value of a formula, and whether a conclusion follows from premises.

Constructions work on truth tables held as bits of one integer, a bit a world; the proofs hand the formulas
to sympy.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from datagen.problems.canonical import canonical
from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.logic.formulas import (
    NAMES,
    Formula,
    formula_text,
    holds,
    names_in,
    random_formula,
    shape,
    steps,
    sympy_formula,
    truth_tables,
    word,
)
from datagen.problems.specs import TRUTH
from datagen.problems.text import boxed, listing

TRUTH_SIZES = {1: (2, 2), 2: (3, 3), 3: (3, 4), 4: (4, 6), 5: (5, 8)}  # names, connectives


@family(
    name="truth_value",
    version=2,
    wordings=(
        "Let {assignment}. Is the following formula true or false? {formula}",
        "Suppose {assignment}. What is the truth value of this formula, true or false? {formula}",
        "Evaluate {formula} for {assignment}. Answer true or false.",
    ),
)
def truth_value(rng: random.Random, level: int) -> Problem:
    """The value of a formula at given truth values, worked from the inside out."""
    count, connectives = TRUTH_SIZES[level]
    wanted = rng.random() < 0.5
    while True:
        formula = random_formula(rng, NAMES[:count], connectives)
        names = sorted(names_in(formula))
        values = {name: rng.random() < 0.5 for name in names}
        if len(names) > 1 and bool(holds(formula, values, 1)) == wanted:
            break
    answer = word(wanted)
    assignment = listing([f"{name} = {word(value)}" for name, value in values.items()])
    return Problem(
        question=truth_value.ask(rng, formula=formula_text(formula), assignment=assignment),
        answer=answer,
        spec=TRUTH,
        solution="\n".join([*dict.fromkeys(steps(formula, values)), f"The formula is {boxed(answer)}"]),
        given={"formula": formula, "values": values},
        key=("truth_value", shape(formula, lambda name: values[name])),
    )


@truth_value.proof
def _truth_value(given: Given) -> str:
    formula = sympy_formula(given["formula"]).subs(given["values"])
    return str(bool(formula)).lower()


ENTAILMENTS = {1: (2, 2, 2), 2: (3, 2, 2), 3: (3, 3, 4), 4: (4, 4, 4), 5: (5, 5, 4)}
"""Per level: names, premises, and in how many cases at most all premises are true."""


@family(
    name="entailment",
    version=2,
    wordings=(
        "Premises: {premises}. Does it follow that {conclusion}? Answer yes or no.",
        "Suppose all of these are true: {premises}. Must this be true as well: {conclusion}? "
        "Answer yes or no.",
        'From the premises {premises}, can one conclude "{conclusion}"? Answer yes or no.',
    ),
)
def entailment(rng: random.Random, level: int) -> Problem:
    """Whether a formula follows from premises, worked through the worlds where the premises hold."""
    count, size, most = ENTAILMENTS[level]
    names = list(NAMES[:count])
    tables, every = truth_tables(names)
    premises, models = _premises(rng, names, size, most, tables, every)
    wanted = rng.random() < 0.5
    for _ in range(40):
        conclusion = random_formula(rng, names, rng.choice((0, 1)))
        cases = holds(conclusion, tables, every)
        if 0 < cases < every and conclusion not in premises and (models & ~cases == 0) == wanted:
            break
    follows = models & ~holds(conclusion, tables, every) == 0
    answer = "yes" if follows else "no"
    return Problem(
        question=entailment.ask(
            rng, premises="; ".join(map(formula_text, premises)), conclusion=formula_text(conclusion)
        ),
        answer=answer,
        spec=TRUTH,
        solution=_models_text(names, premises, conclusion, tables, every) + boxed(answer),
        given={"premises": premises, "conclusion": conclusion},
        key=("entailment", canonical(names, lambda place: _argument_shape(premises, conclusion, place))),
    )


def _argument_shape(premises: Sequence[Formula], conclusion: Formula, leaf: Callable[[str], int]) -> Any:
    return tuple(sorted(shape(p, leaf) for p in premises)), shape(conclusion, leaf)


_PREMISE_SIZES = (0, 1, 1, 1, 2)  # connectives


def _premises(
    rng: random.Random, names: Sequence[str], size: int, most: int, tables: Mapping[str, int], every: int
) -> tuple[list[Formula], int]:
    """`size` premises that use all names, each saying something new, all true in 1 to `most` cases."""
    while True:
        premises: list[Formula] = []
        models = every
        while len(premises) < size:
            premise = random_formula(rng, names, _PREMISE_SIZES[int(rng.random() * 5)])
            fewer = models & holds(premise, tables, every)
            if not fewer:
                break
            if fewer != models:
                premises.append(premise)
                models = fewer
            elif models.bit_count() == 1:
                break
        if len(premises) == size and models.bit_count() <= most:
            used = set().union(*map(names_in, premises))
            if len(used) == len(names):
                return premises, models


def _models_text(
    names: Sequence[str],
    premises: Sequence[Formula],
    conclusion: Formula,
    tables: Mapping[str, int],
    every: int,
) -> str:
    """How many cases each premise leaves, then the conclusion in each case that all of them leave."""
    left = every
    lines = [f"There are {every.bit_count()} cases."]
    for premise in premises:
        left &= holds(premise, tables, every)
        lines.append(f"{formula_text(premise)}: {left.bit_count()} left.")
    cases = holds(conclusion, tables, every)
    for world in range(left.bit_length()):
        if left >> world & 1:
            values = listing([f"{name} = {word(tables[name] >> world & 1)}" for name in names])
            lines.append(f"{values}: there {formula_text(conclusion)} is {word(cases >> world & 1)}.")
    ending = "true in all of them" if left & ~cases == 0 else "false in at least one of them"
    return "\n".join([*lines, f"The conclusion is {ending}: "])


@entailment.proof
def _entailment(given: Given) -> str:
    import sympy
    from sympy.logic.inference import satisfiable

    premises = [sympy_formula(premise) for premise in given["premises"]]
    if not satisfiable(sympy.And(*premises)):
        raise ValueError("the premises contradict each other")
    counterexample = satisfiable(sympy.And(*premises, sympy.Not(sympy_formula(given["conclusion"]))))
    return "no" if counterexample else "yes"
