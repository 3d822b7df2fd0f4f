"""Is there an assignment? Clauses to satisfy, clauses that cannot be satisfied, and countermodels.

Constructions follow forced letters and suppose others (DPLL), as the solutions do; the proofs hold the truth
table as the bits of one integer, or try the assignments one by one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from datagen.problems.canonical import canonical
from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.logic.formulas import (
    NAMES,
    Formula,
    connectives_in,
    formula_text,
    holds,
    names_in,
    random_formula,
    shape,
    signs,
    truth_tables,
    word,
)
from datagen.problems.specs import TRUTH, checked_by
from datagen.problems.text import boxed, listing

LETTERS = "ABCDFGHJKLMP"
Clause = tuple[int, ...]  # literals: n for the n-th letter, -n for its negation
MOST_STEPS = 24


def _literal_text(literal: int) -> str:
    letter = LETTERS[abs(literal) - 1]
    return letter if literal > 0 else f"not {letter}"


def _clause_text(clause: Clause) -> str:
    return f"({' or '.join(map(_literal_text, clause))})" if len(clause) > 1 else _literal_text(clause[0])


def _valued(literal: int) -> str:
    return f"{LETTERS[abs(literal) - 1]} = {word(literal > 0)}"


def _solved(clauses: Sequence[Clause], true: frozenset[int], lines: list[str]) -> frozenset[int] | None:
    """Literals that make all clauses true, or None; the steps are added to `lines`."""
    while True:
        forced = None
        shortest: list[int] = []
        for clause in clauses:
            if true.isdisjoint(clause):
                left = [literal for literal in clause if -literal not in true]
                if not left:
                    lines.append(f"Now {_clause_text(clause)} is false: a contradiction.")
                    return None
                if len(left) == 1:
                    forced = left[0], clause
                    break
                if not shortest or len(left) < len(shortest):
                    shortest = left
        if forced:
            lines.append(f"{_clause_text(forced[1])} needs {_valued(forced[0])}.")
            true |= {forced[0]}
            continue
        if not shortest:
            return true
        if len(lines) > MOST_STEPS:
            return None
        chosen = shortest[0]
        lines.append(f"Suppose {_valued(chosen)}.")
        found = _solved(clauses, true | {chosen}, lines)
        if found is not None or len(lines) > MOST_STEPS:
            return found
        lines.append(f"So {_valued(-chosen)}.")
        true |= {-chosen}


def _clauses(
    rng: random.Random, letters: int, count: int, longest: int, planted: Sequence[int]
) -> list[Clause]:
    """Different clauses of 2 to `longest` literals; each has a literal of `planted`, if that is not empty."""
    clauses: dict[Clause, None] = {}
    while len(clauses) < count:
        size = min(letters, longest if rng.random() < 0.6 else 2)
        chosen = rng.sample(range(1, letters + 1), size)
        clause = tuple(sorted((n if rng.random() < 0.5 else -n for n in chosen), key=abs))
        if not planted or not set(planted).isdisjoint(clause):
            clauses[clause] = None
    return list(clauses)


def _clause_shape(clauses: Sequence[Clause], letters: int) -> tuple[Clause, ...]:
    """The clauses with the letters in the order of how often they occur, the commoner sign positive."""
    where: dict[int, list[int]] = {n: [] for n in range(1, letters + 1)}
    for clause in clauses:
        for literal in clause:
            where[abs(literal)].append(len(clause) if literal > 0 else -len(clause))
    turned = {n: sum(1 if size > 0 else -1 for size in sizes) < 0 for n, sizes in where.items()}
    ranked = sorted(where, key=lambda n: sorted(-size if turned[n] else size for size in where[n]))
    place = {n: (-rank if turned[n] else rank) for rank, n in enumerate(ranked, 1)}
    renamed = (tuple(sorted(place[abs(x)] * (1 if x > 0 else -1) for x in clause)) for clause in clauses)
    return tuple(sorted(renamed))


PLANTED = {1: (4, 6, 2), 2: (5, 9, 3), 3: (7, 16, 3), 4: (9, 24, 3), 5: (12, 34, 3)}
"""Per level: letters, clauses, and the literals of the longest clause."""


@family(
    name="satisfying_assignment",
    wordings=(
        "Find truth values for {letters} that make all of these clauses true: {clauses}. Answer like A = "
        "true, B = false.",
        "Give an assignment of true or false to {letters} that satisfies {clauses}. Write it in the form A "
        "= true, B = false; any assignment that works will do.",
        "Each of the following must be true: {clauses}. Choose true or false for every one of {letters} "
        "accordingly, and answer like A = true, B = false.",
    ),
)
def satisfying_assignment(rng: random.Random, level: int) -> Problem:
    """An assignment that makes all clauses true, found by forced letters and trial."""
    letters, count, longest = PLANTED[level]
    while True:
        planted = [n if rng.random() < 0.5 else -n for n in range(1, letters + 1)]
        clauses = _clauses(rng, letters, count, longest, planted)
        lines: list[str] = []
        found = _solved(clauses, frozenset(), lines)
        if found is not None and {abs(x) for clause in clauses for x in clause} == set(range(1, letters + 1)):
            break
    free = [n for n in range(1, letters + 1) if n not in found and -n not in found]
    if free:
        lines.append(f"All clauses are true already; take {listing([_valued(-n) for n in free])}.")
    true = found | {-n for n in free}
    answer = ", ".join(_valued(n if n in true else -n) for n in range(1, letters + 1))
    texts = [_clause_text(clause) for clause in clauses]
    formula = " & ".join(text.replace(" or ", " | ").replace("not ", "~") for text in texts)
    return Problem(
        question=satisfying_assignment.ask(rng, letters=listing(LETTERS[:letters]), clauses=", ".join(texts)),
        answer=answer,
        spec=checked_by("satisfying_assignment", formula=formula),
        solution="\n".join([*lines, boxed(answer)]),
        given={"letters": LETTERS[:letters], "clauses": [[_literal_text(x) for x in c] for c in clauses]},
        key=("satisfying_assignment", letters, _clause_shape(clauses, letters)),
    )


@satisfying_assignment.proof
def _satisfying_assignment(given: Given) -> str:
    worlds, columns = _models(given["letters"], given["clauses"])
    world = worlds.bit_length() - 1
    return ", ".join(f"{letter} = {str(bool(bits >> world & 1)).lower()}" for letter, bits in columns.items())


def _models(letters: str, clauses: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """The rows of the truth table that make all clauses true, as bits, and the columns of the letters."""
    rows = 1 << len(letters)
    every = (1 << rows) - 1
    columns = {}
    for place, letter in enumerate(letters):
        half = 1 << place
        column = ((1 << half) - 1) << half
        width = 2 * half
        while width < rows:
            column |= column << width
            width *= 2
        columns[letter] = column
    worlds = every
    for clause in clauses:
        true = 0
        for literal in clause:
            column = columns[literal[-1]]
            true |= every ^ column if literal.startswith("not") else column
        worlds &= true
    return worlds, columns


@satisfying_assignment.variants
def _satisfying_assignment_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    pairs = answer.split(", ")
    same = [
        ", ".join(pairs[::-1]),
        answer.replace("true", "T").replace("false", "F"),
        answer.replace(" = ", ": "),
    ]
    clause = given["clauses"][0]
    broken = {literal[-1]: literal.startswith("not") for literal in clause}  # makes this clause false
    wrong = [f"{pair[0]} = {word(broken[pair[0]])}" if pair[0] in broken else pair for pair in pairs]
    return same, [", ".join(wrong), ", ".join(pairs[1:]), f"{answer}, Z = true"]


OPEN = {1: (3, 4, 6, 2), 2: (3, 7, 9, 3), 3: (4, 10, 14, 3), 4: (5, 15, 19, 3), 5: (6, 20, 26, 3)}
"""Per level: letters, the least and greatest number of clauses, and the literals of the longest clause."""


@family(
    name="satisfiability",
    wordings=(
        "Can {letters} be made true or false in such a way that all of these clauses are true? {clauses}. "
        "Answer yes or no.",
        "Is there an assignment of truth values to {letters} under which every one of {clauses} is true? "
        "Answer yes or no.",
        "Consider the clauses {clauses}. Is it possible to satisfy all of them at once by a choice of true "
        "or false for {letters}? Answer yes or no.",
    ),
)
def satisfiability(rng: random.Random, level: int) -> Problem:
    """Whether clauses can all be true, by forced letters and trial."""
    letters, low, high, longest = OPEN[level]
    wanted = rng.random() < 0.5
    while True:
        count = rng.randint(low, high)
        planted = [n if rng.random() < 0.5 else -n for n in range(1, letters + 1)] if wanted else []
        clauses = _clauses(rng, letters, count, longest, planted)
        lines: list[str] = []
        found = _solved(clauses, frozenset(), lines)
        finished = found is not None or len(lines) <= MOST_STEPS
        if finished and (found is not None) == wanted:
            break
    answer = "yes" if wanted else "no"
    if found is not None:
        values = sorted(found, key=abs)
        lines.append(f"With {listing(list(map(_valued, values)))} all clauses are true.")
    else:
        lines.append("Every case leads to a contradiction.")
    texts = list(map(_clause_text, clauses))
    return Problem(
        question=satisfiability.ask(rng, letters=listing(LETTERS[:letters]), clauses=", ".join(texts)),
        answer=answer,
        spec=TRUTH,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given={"letters": LETTERS[:letters], "clauses": [[_literal_text(x) for x in c] for c in clauses]},
        key=("satisfiability", letters, _clause_shape(clauses, letters)),
    )


@satisfiability.proof
def _satisfiability(given: Given) -> str:
    worlds, _ = _models(given["letters"], given["clauses"])
    return "yes" if worlds else "no"


ARGUMENTS = {1: (2, 1, 2), 2: (3, 2, 3), 3: (3, 3, 4), 4: (4, 4, 5), 5: (5, 5, 5)}
"""Per level: letters, premises, and in how many cases at most all premises are true."""


@family(
    name="countermodel",
    wordings=(
        "The conclusion {conclusion} does not follow from the premises {premises}. Show it by truth values "
        "for {letters} that make every premise true and the conclusion false. Answer like p = true, q = "
        "false.",
        "Find truth values of {letters} under which all of {premises} are true, but {conclusion} is false. "
        "Write them like p = true, q = false.",
        "Premises: {premises}. Conclusion: {conclusion}. Give a countermodel, which is a truth value for "
        "each of {letters} such that the premises are true and the conclusion is not. Answer like p = "
        "true, q = false.",
    ),
)
def countermodel(rng: random.Random, level: int) -> Problem:
    """Truth values that make the premises true and the conclusion false, by ruling out cases."""
    count, size, most = ARGUMENTS[level]
    names = list(NAMES[:count])
    tables, every = truth_tables(names)
    while True:
        premises = [
            random_formula(rng, names, rng.choice((1, 1, 2) if count > 2 else (1, 2))) for _ in range(size)
        ]
        conclusion = random_formula(rng, names, rng.choice((1, 2)))
        models = every
        for premise in premises:
            models &= holds(premise, tables, every)
        false = models & ~holds(conclusion, tables, every)
        used = set().union(*map(names_in, premises))
        if false and models.bit_count() <= most and len(used) == count and _all_different(premises):
            break
    values = _world(false.bit_length() - 1, tables)
    answer = _assignment(values)
    lines = _ruled_out(names, premises, conclusion, tables, every)
    return Problem(
        question=countermodel.ask(
            rng,
            premises="; ".join(map(formula_text, premises)),
            conclusion=formula_text(conclusion),
            letters=listing(names),
        ),
        answer=answer,
        spec=checked_by("countermodel", premises=list(map(signs, premises)), conclusion=signs(conclusion)),
        solution="\n".join([*lines, boxed(answer)]),
        given={"letters": names, "premises": premises, "conclusion": conclusion},
        key=("countermodel", canonical(names, lambda leaf: _argument_shape(premises, conclusion, leaf))),
    )


def _all_different(formulas: Sequence[Formula]) -> bool:
    return len(set(map(formula_text, formulas))) == len(formulas) and all(map(connectives_in, formulas))


def _argument_shape(premises: Sequence[Formula], conclusion: Formula, leaf: Callable[[str], int]) -> object:
    return tuple(sorted(shape(p, leaf) for p in premises)), shape(conclusion, leaf)


def _world(world: int, tables: Mapping[str, int]) -> dict[str, bool]:
    return {name: bool(bits >> world & 1) for name, bits in tables.items()}


def _assignment(values: Mapping[str, bool]) -> str:
    return ", ".join(f"{name} = {word(value)}" for name, value in values.items())


def _ruled_out(
    names: Sequence[str],
    premises: Sequence[Formula],
    conclusion: Formula,
    tables: Mapping[str, int],
    every: int,
) -> list[str]:
    """The cases that every further premise leaves, as T and F, and then those where the conclusion is "
    "false."""
    left = every
    lines = [f"Write a case as the truth values of {listing(names)} in this order."]
    for number, premise in enumerate(premises):
        left &= holds(premise, tables, every)
        also = "Those in which also" if number else "The cases in which"
        lines.append(f"{also} {formula_text(premise)} is true: {_cases(left, names, tables)}.")
    left &= ~holds(conclusion, tables, every)
    lines.append(f"Among them {formula_text(conclusion)} is false in {_cases(left, names, tables)}.")
    return lines


def _cases(worlds: int, names: Sequence[str], tables: Mapping[str, int]) -> str:
    return ", ".join(
        "".join("FT"[tables[name] >> world & 1] for name in names)
        for world in range(worlds.bit_length() - 1, -1, -1)
        if worlds >> world & 1
    )


@countermodel.proof
def _countermodel(given: Given) -> str:
    return next(text for text, right in _judged(given) if right)


def _judged(given: Given) -> Iterator[tuple[str, bool]]:
    """Every assignment, and whether it makes the premises true and the conclusion false."""
    names = given["letters"]
    for chosen in product((True, False), repeat=len(names)):
        values = dict(zip(names, chosen, strict=True))
        right = all(_true(premise, values) for premise in given["premises"]) and not _true(
            given["conclusion"], values
        )
        yield ", ".join(f"{name} = {str(value).lower()}" for name, value in values.items()), right


def _true(formula: Formula, values: Mapping[str, bool]) -> bool:
    if isinstance(formula, str):
        return values[formula]
    parts = [_true(part, values) for part in formula[1:]]
    match formula[0]:
        case "not":
            return not parts[0]
        case "and":
            return all(parts)
        case "or":
            return any(parts)
        case "implies":
            return parts[1] or not parts[0]
        case _:
            return parts[0] == parts[1]


@countermodel.variants
def _countermodel_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    judged = list(_judged(given))
    literals = ", ".join(
        pair[0] if pair.endswith("true") else f"not {pair[0]}" for pair in answer.split(", ")
    )
    same = [text for text, right in judged if right][:3]
    same += [literals, answer.replace("true", "T").replace("false", "F"), ", ".join(answer.split(", ")[::-1])]
    return same, [text for text, right in judged if not right][:4]
