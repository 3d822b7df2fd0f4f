"""Syllogisms: whether a sentence about groups of people follows from others.

The construction reasons about one person, step by step, as the worked solution shows; the proof asks sympy
whether a counterexample can be satisfied, and refuses a question that depends on whether a group is empty.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise, product
from typing import Any

from datagen.problems.canonical import canonical
from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import TRUTH
from datagen.problems.text import boxed, capitalized, listing

GROUPS = (  # plural, singular
    ("painters", "painter"),
    ("cyclists", "cyclist"),
    ("swimmers", "swimmer"),
    ("gardeners", "gardener"),
    ("dancers", "dancer"),
    ("bakers", "baker"),
    ("drummers", "drummer"),
    ("hikers", "hiker"),
    ("sailors", "sailor"),
    ("teachers", "teacher"),
    ("poets", "poet"),
    ("runners", "runner"),
    ("singers", "singer"),
    ("farmers", "farmer"),
    ("weavers", "weaver"),
    ("potters", "potter"),
)
SINGULAR = dict(GROUPS)

Claim = tuple[str, str, str]  # quantifier, first group, second group
Facts = dict[str, bool]  # groups a person is known to be in, or not to be in
QUANTIFIERS = {
    "all": "all {} are {}",
    "no": "no {} are {}",
    "some": "some {} are {}",
    "some not": "some {} are not {}",
}
UNIVERSAL = ("all", "no")


def _claim_text(claim: Claim) -> str:
    return QUANTIFIERS[claim[0]].format(*claim[1:])


def _person_of(claim: Claim) -> Facts:
    """What is known of the person that a claim with "some" speaks of."""
    return {claim[1]: True, claim[2]: claim[0] == "some"}


def _spread(known: Facts, rules: Sequence[Claim]) -> tuple[Facts, list[str], bool]:
    """All that follows about one person from the universal claims, the steps, and whether it is impossible.

    Unit propagation, backwards and forwards. A rule has two literals, so this finds every consequence.
    """
    known, steps, grown = dict(known), [], True
    while grown:
        grown = False
        for rule in rules:
            quantifier, first, second = rule
            value = quantifier == "all"
            if known.get(first) is True and known.get(second) is not value:
                group, inside = second, value
            elif known.get(second) is (not value) and first not in known:
                group, inside = first, False
            else:
                continue
            steps.append(f"{capitalized(_claim_text(rule))}, so this person is {_membership(group, inside)}.")
            if group in known:
                return known, steps, True
            known[group] = inside
            grown = True
    return known, steps, False


def _membership(group: str, inside: bool) -> str:
    return f"{'' if inside else 'not '}a {SINGULAR[group]}"


def _described(known: Facts) -> str:
    return listing([_membership(group, inside) for group, inside in known.items()])


def _reason(premises: Sequence[Claim], conclusion: Claim) -> tuple[bool, list[str]]:
    """Whether the conclusion follows, and why: for or against one person who matters to it."""
    rules = [claim for claim in premises if claim[0] in UNIVERSAL]
    quantifier, first, second = conclusion
    if quantifier in UNIVERSAL:
        exception = {first: True, second: quantifier == "no"}
        _, steps, impossible = _spread(exception, rules)
        lines = [f"Suppose someone is {_described(exception)}.", *steps]
        nobody, somebody = (
            "That is a contradiction: there is nobody like that.",
            "The premises do not rule that out.",
        )
        return impossible, [*lines, nobody if impossible else somebody]
    goal = {first: True, second: quantifier == "some"}
    witnesses = [claim for claim in premises if claim[0] not in UNIVERSAL]
    lines = []
    for claim in witnesses:
        known, steps, _ = _spread(_person_of(claim), rules)
        lines += [f"{capitalized(_claim_text(claim))}: take such a person.", *steps]
        if goal.items() <= known.items():
            return True, [*lines, f"So this person is {_described(goal)}."]
    return False, [*lines, f"Nobody has to be {_described(goal)}."]


def _well_posed(premises: Sequence[Claim], conclusion: Claim, groups: Sequence[str]) -> bool:
    """Whether every group and every "some" can have members, and an empty group would change nothing."""
    rules = [claim for claim in premises if claim[0] in UNIVERSAL]
    people = [_person_of(claim) for claim in premises if claim[0] not in UNIVERSAL]
    if any(_spread(person, rules)[2] for person in [*people, *({group: True} for group in groups)]):
        return False
    if conclusion[0] in UNIVERSAL or _reason(premises, conclusion)[0]:
        return True
    goal = {conclusion[1]: True, conclusion[2]: conclusion[0] == "some"}
    return not any(goal.items() <= _spread({group: True}, rules)[0].items() for group in groups)


def _either_way(rng: random.Random, pair: tuple[str, str]) -> tuple[str, str]:
    return pair if rng.random() < 0.5 else pair[::-1]


def _chain(rng: random.Random, groups: Sequence[str]) -> list[Claim]:
    """Premises that link each group to the next, so that the first and the last are often related."""
    links = list(pairwise(groups))
    claims: list[Claim] = [("all", first, second) for first, second in links]
    kind = rng.choice(("all", "no", "some", "some not"))
    if kind == "no":
        middle = rng.randrange(len(claims))
        claims[middle:] = [("all", second, first) for first, second in links[middle:]]
        claims[middle] = ("no", *_either_way(rng, links[middle]))
    elif kind == "some":
        claims[0] = ("some", *_either_way(rng, links[0]))
    elif kind == "some not":
        claims = [("all", second, first) for first, second in links]
        claims[0] = ("some not", *links[0])
    broken = rng.randrange(2 * len(claims))
    if broken < len(claims) and claims[broken][0] == "all":
        claims[broken] = ("all", claims[broken][2], claims[broken][1])
    return claims


def _aside(rng: random.Random, groups: Sequence[str], newcomer: str) -> Claim:
    """A claim that links a group outside the chain to one inside; it may matter or not."""
    return (rng.choice(tuple(QUANTIFIERS)), *_either_way(rng, (rng.choice(groups), newcomer)))


@family(
    name="syllogism",
    wordings=(
        "{premises} Does it follow that {conclusion}? Answer yes or no.",
        "Suppose the following is true. {premises} Must it be true that {conclusion}? Answer yes or no.",
        "{premises} Can one conclude from this alone that {conclusion}? Answer yes or no.",
    ),
)
def syllogism(rng: random.Random, level: int) -> Problem:
    """Whether a claim follows from `level` + 2 claims about groups."""
    groups = rng.sample(list(SINGULAR), level + 3)
    *linked, newcomer = groups
    wanted = rng.random() < 0.5
    while True:
        premises = [*_chain(rng, linked), _aside(rng, linked, newcomer)]
        ends = _either_way(rng, (linked[0], linked[-1]))
        conclusion: Claim = (rng.choice(tuple(QUANTIFIERS)), *ends)
        follows, lines = _reason(premises, conclusion)
        if follows == wanted and _well_posed(premises, conclusion, groups):
            break
    rng.shuffle(premises)
    answer = "yes" if follows else "no"
    return Problem(
        question=syllogism.ask(
            rng,
            premises=" ".join(f"{capitalized(_claim_text(claim))}." for claim in premises),
            conclusion=_claim_text(conclusion),
        ),
        answer=answer,
        spec=TRUTH,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given={"premises": [list(claim) for claim in premises], "conclusion": list(conclusion)},
        key=("syllogism", canonical(groups, lambda place: _shape(premises, conclusion, place))),
    )


def _shape(premises: Sequence[Claim], conclusion: Claim, place: Callable[[str], int]) -> Any:
    """The claims by number; "no" and "some" say the same in both directions."""

    def written(claim: Claim) -> tuple[str, int, int]:
        first, second = place(claim[1]), place(claim[2])
        if claim[0] in ("no", "some"):
            first, second = sorted((first, second))
        return claim[0], first, second

    return tuple(sorted(map(written, premises))), written(conclusion)


@syllogism.proof
def _syllogism(given: Given) -> str:
    import sympy
    from sympy.logic.inference import satisfiable

    claims = [*given["premises"], given["conclusion"]]
    groups = sorted({group for _, *pair in claims for group in pair})
    kinds = list(product((False, True), repeat=len(groups)))
    inhabited = dict(zip(kinds, sympy.symbols(f"k:{len(kinds)}"), strict=True))

    def anyone(first: str, second: str, inside: bool) -> Any:
        one, other = groups.index(first), groups.index(second)
        return sympy.Or(*(inhabited[kind] for kind in kinds if kind[one] and kind[other] is inside))

    def said(claim: Sequence[str]) -> Any:
        quantifier, first, second = claim
        someone = anyone(first, second, quantifier in ("some", "no"))
        return someone if quantifier.startswith("some") else sympy.Not(someone)

    premises = sympy.And(*map(said, given["premises"]))
    denial = sympy.Not(said(given["conclusion"]))
    nonempty = sympy.And(*(anyone(group, group, True) for group in groups))
    if not satisfiable(sympy.And(premises, nonempty)):
        raise ValueError("the premises empty a group")
    follows = not satisfiable(sympy.And(premises, denial))
    if follows != (not satisfiable(sympy.And(premises, nonempty, denial))):
        raise ValueError("the answer depends on whether a group may be empty")
    return "yes" if follows else "no"
