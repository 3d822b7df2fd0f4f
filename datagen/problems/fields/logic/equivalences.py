"""Formulas that mean the same: equivalence, tautologies, counting rows, negation normal form.

Constructions rewrite formulas by the laws of logic and look at truth tables held as bits; the proofs hand
the formulas to sympy.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from datagen.problems.canonical import canonical
from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.logic.formulas import (
    NAMES,
    Formula,
    columns,
    connectives_in,
    formula_text,
    holds,
    names_in,
    random_formula,
    shape,
    signs,
    steps,
    sympy_formula,
    truth_tables,
    word,
)
from datagen.problems.fields.logic.laws import mutated, negated, normalized, rewritten
from datagen.problems.specs import INTEGER, TEXT, TRUTH, checked_by
from datagen.problems.text import boxed, listing

EQUIVALENCES = {1: (2, 1, 1), 2: (2, 2, 2), 3: (3, 3, 3), 4: (4, 4, 4), 5: (4, 5, 6)}
"""Per level: names, connectives beside "not" of the first formula, and laws to the second."""


@family(
    name="formula_equivalence",
    wordings=(
        "Here are two formulas, [{first}] and [{second}]. Are they logically equivalent? Answer yes or no.",
        "First formula: [{first}]. Second formula: [{second}]. Do they have the same truth value whatever "
        "the truth values of their letters are? Answer yes or no.",
        "Is [{first}] logically equivalent to [{second}]? Answer yes or no.",
    ),
)
def formula_equivalence(rng: random.Random, level: int) -> Problem:
    """Whether two formulas always agree: a chain of laws, or a case in which they differ."""
    count, size, laws = EQUIVALENCES[level]
    names = list(NAMES[:count])
    tables, every = truth_tables(names)
    wanted = rng.random() < 0.5
    while True:
        first = random_formula(rng, names, size)
        if len(names_in(first)) < count or _binary(first) != size:
            continue
        chain = rewritten(rng, first, laws, 3 * size + 2)
        if len(chain) < laws:
            continue
        second = chain[-1][0]
        if not wanted:
            second = mutated(rng, second)
        same = holds(first, tables, every) == holds(second, tables, every)
        if same == wanted and _binary(second) >= size and second != first:
            break
    answer = "yes" if wanted else "no"
    if wanted:
        lines = [formula_text(first), *(f"is equivalent to {formula_text(f)} ({law})" for f, law in chain)]
        lines.append("Every step keeps the truth value in every case, so the formulas are equivalent.")
    else:
        lines = _difference(first, second, names)
    return Problem(
        question=formula_equivalence.ask(rng, first=formula_text(first), second=formula_text(second)),
        answer=answer,
        spec=TRUTH,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given={"first": first, "second": second},
        key=("formula_equivalence", canonical(names, lambda leaf: _pair_shape(first, second, leaf))),
    )


def _pair_shape(first: Formula, second: Formula, leaf: Any) -> Any:
    return tuple(sorted((shape(first, leaf), shape(second, leaf))))


def _binary(formula: Formula) -> int:
    """How many connectives there are beside "not"."""
    if isinstance(formula, str):
        return 0
    return (formula[0] != "not") + sum(map(_binary, formula[1:]))


def _difference(first: Formula, second: Formula, names: Sequence[str]) -> list[str]:
    """A case in which two formulas differ, with their values there."""
    tables, every = truth_tables(names)
    differ = holds(first, tables, every) ^ holds(second, tables, every)
    world = differ.bit_length() - 1
    values = {name: bool(tables[name] >> world & 1) for name in names}
    case = listing([f"{name} = {word(value)}" for name, value in values.items()])
    lines = [f"Take {case}.", "In the first formula:", *dict.fromkeys(steps(first, values))]
    lines += ["In the second formula:", *dict.fromkeys(steps(second, values))]
    return [*lines, "They differ in this case, so they are not equivalent."]


@formula_equivalence.proof
def _formula_equivalence(given: Given) -> str:
    import sympy
    from sympy.logic.inference import satisfiable

    first, second = sympy_formula(given["first"]), sympy_formula(given["second"])
    return "no" if satisfiable(sympy.Xor(first, second)) else "yes"


KINDS = {1: (2, 2, 3), 2: (2, 4, 5), 3: (3, 6, 7), 4: (3, 8, 10), 5: (4, 11, 14)}
"""Per level: names, the least and the greatest number of connectives."""


def _tautology(rng: random.Random, names: Sequence[str], size: int) -> Formula:
    """A law of logic with formulas of up to `size` connectives in the places of its letters."""
    a, b, c = (random_formula(rng, names, rng.randint(0, size)) for _ in range(3))
    return rng.choice(
        (
            ["or", a, negated(a)],
            ["implies", a, ["or", a, b]],
            ["implies", ["and", a, b], b],
            ["implies", a, ["implies", b, a]],
            ["implies", ["and", ["implies", a, b], a], b],
            ["implies", ["and", ["implies", a, b], negated(b)], negated(a)],
            ["or", ["implies", a, b], ["implies", b, a]],
            ["implies", ["implies", ["implies", a, b], a], a],
            ["implies", ["and", ["or", a, b], negated(a)], b],
            ["implies", ["and", ["implies", a, b], ["implies", b, c]], ["implies", a, c]],
        )
    )


@family(
    name="tautology_kind",
    wordings=(
        "Is the formula {formula} a tautology, a contradiction, or contingent? Answer with one of these "
        "three words.",
        "Classify {formula}: always true (tautology), always false (contradiction), or sometimes true and "
        "sometimes false (contingent)? Answer tautology, contradiction or contingent.",
        "Look at {formula} for all truth values of its letters. Answer tautology if it is true for all, "
        "contradiction if it is false for all, and contingent otherwise.",
    ),
)
def tautology_kind(rng: random.Random, level: int) -> Problem:
    """Whether a formula is always true, never, or depends, from its truth table."""
    count, low, high = KINDS[level]
    names = list(NAMES[:count])
    tables, every = truth_tables(names)
    wanted = rng.choice(("tautology", "contradiction", "contingent"))
    while True:
        formula = _tautology(rng, names, level - 1)
        if wanted == "contradiction":
            formula = negated(formula)
        if not low - 3 <= connectives_in(formula) <= high:
            continue
        if level > 1 and rng.random() < 0.7:
            chain = rewritten(rng, formula, rng.randint(1, 2), high)
            formula = chain[-1][0] if chain else formula
        if wanted == "contingent":
            formula = mutated(rng, formula)
        if not low <= connectives_in(formula) <= high or len(names_in(formula)) < count:
            continue
        true = holds(formula, tables, every)
        if wanted == ("tautology" if true == every else "contingent" if true else "contradiction"):
            break
    if wanted == "contingent":
        meaning = "There are both T and F in the last row, so the formula is"
    else:
        meaning = f"The last row has only {'T' if true else 'F'}, so the formula is a"
    lines = ["Truth values of the letters and of all parts, one column a case:", *columns(formula, names)]
    return Problem(
        question=tautology_kind.ask(rng, formula=formula_text(formula)),
        answer=wanted,
        spec=TEXT,
        solution="\n".join([*lines, f"{meaning} {boxed(wanted)}"]),
        given={"formula": formula},
        key=("tautology_kind", canonical(names, lambda leaf: shape(formula, leaf))),
    )


@tautology_kind.proof
def _tautology_kind(given: Given) -> str:
    import sympy
    from sympy.logic.inference import satisfiable

    formula = sympy_formula(given["formula"])
    if not satisfiable(formula):
        return "contradiction"
    return "contingent" if satisfiable(sympy.Not(formula)) else "tautology"


@tautology_kind.variants
def _tautology_kind_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    return [], [kind for kind in ("tautology", "contradiction", "contingent") if kind != answer]


ROWS = {1: (2, 2), 2: (3, 3), 3: (3, 5), 4: (4, 6), 5: (5, 8)}  # names, connectives beside most "not"


@family(
    name="truth_table_count",
    wordings=(
        "In how many of the {rows} rows of its truth table is the formula {formula} true?",
        "How many of the {rows} ways to make {letters} true or false make the formula {formula} true?",
        "Count the assignments of truth values to {letters}, out of {rows}, under which {formula} is true.",
    ),
)
def truth_table_count(rng: random.Random, level: int) -> Problem:
    """The number of rows of a truth table in which a formula is true."""
    count, size = ROWS[level]
    names = list(NAMES[:count])
    tables, every = truth_tables(names)
    while True:
        formula = random_formula(rng, names, size)
        rows = holds(formula, tables, every).bit_count()
        if len(names_in(formula)) == count and 0 < rows < 1 << count:
            break
    lines = ["Truth values of the letters and of all parts, one column a row of the table:"]
    return Problem(
        question=truth_table_count.ask(
            rng, rows=1 << count, letters=listing(names), formula=formula_text(formula)
        ),
        answer=str(rows),
        spec=INTEGER,
        solution="\n".join(
            [*lines, *columns(formula, names), f"The number of T for the formula is {boxed(str(rows))}"]
        ),
        given={"formula": formula},
        key=("truth_table_count", canonical(names, lambda leaf: shape(formula, leaf))),
    )


@truth_table_count.proof
def _truth_table_count(given: Given) -> str:
    from sympy.logic.inference import satisfiable

    formula = sympy_formula(given["formula"])
    free = len(names_in(given["formula"]))
    models = satisfiable(formula, all_models=True)
    return str(sum(1 << (free - len(model)) for model in models if model))


NORMAL_FORMS = {1: (3, 2, 2), 2: (3, 3, 3), 3: (4, 4, 4), 4: (4, 5, 6), 5: (5, 6, 7)}
"""Per level: names, connectives beside "not" of the formula, and steps to the normal form at least."""


@family(
    name="negation_normal_form",
    wordings=(
        "Rewrite {formula} as an equivalent formula in negation normal form: with and, or and not alone, "
        "where not stands only directly before letters.",
        "Find a formula equivalent to {formula} in which the only connectives are and, or and not, and "
        "every not is right before a letter.",
        "Push all negations in {formula} down to the letters and remove every implication and "
        "biconditional, so that an equivalent formula in negation normal form results (letters, negated "
        "letters, and, or). Which is it?",
    ),
)
def negation_normal_form(rng: random.Random, level: int) -> Problem:
    """A formula with negations before letters only, reached law by law from the outside in."""
    count, size, least = NORMAL_FORMS[level]
    names = list(NAMES[:count])
    while True:
        formula = random_formula(rng, names, size)
        if rng.random() < 0.6:
            formula = negated(formula)
        if _binary(formula) != size or len(names_in(formula)) < min(count, size + 1) or _nested(formula):
            continue
        chain = normalized(formula)
        texts = [formula_text(step) for step, _ in chain]
        if len(chain) >= least and sum(map(len, texts)) < 1000:
            break
    answer = texts[-1]
    laws = (law for _, law in chain)
    lines = [f"is equivalent to {text} ({law})" for text, law in zip(texts, laws, strict=True)]
    lines.insert(0, formula_text(formula))
    return Problem(
        question=negation_normal_form.ask(rng, formula=formula_text(formula)),
        answer=answer,
        spec=checked_by("proposition", formula=signs(formula), form="nnf"),
        solution="\n".join([*lines, f"The normal form is {boxed(answer)}"]),
        given={"formula": formula},
        key=("negation_normal_form", canonical(names, lambda leaf: shape(formula, leaf))),
    )


def _nested(formula: Formula) -> bool:
    """Whether there is more than one biconditional, each of which doubles what is in it."""
    return formula_text(formula).count("if and only if") > 1


@negation_normal_form.proof
def _negation_normal_form(given: Given) -> str:
    from sympy.logic.boolalg import to_nnf

    text = str(to_nnf(sympy_formula(given["formula"]), simplify=False))
    return text.replace("~", "not ").replace("&", "and").replace("|", "or")


@negation_normal_form.variants
def _negation_normal_form_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    formula = given["formula"]
    chain = normalized(formula)
    normal = chain[-1][0]
    turned = formula_text([normal[0], *normal[:0:-1]])
    same = [turned, f"({answer})", answer.replace("and", "&").replace("or", "|").replace("not ", "~")]
    opposite = normalized(negated(formula))
    return same, [formula_text(formula), formula_text(opposite[-1][0]), f"not ({answer})", f"{answer} and z"]
