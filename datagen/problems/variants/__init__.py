"""Other ways to write an answer, and wrong answers close to it, by kind of answer.

    terms.py        splitting a formula's text: its terms, the members of a list
    numbers.py      digits, fractions, decimals, percentages, bases, quantities
    formulas.py     expressions in variables and constants, equations, propositions
    collections.py  sets, tuples, matrices, assignments, intervals
    words.py        truth, choices, text

Works on the answer's text alone and computes nothing, so that it cannot share a mistake with the verifier.
A family adds its own with `@family.variants`, and must where a checker judges.
"""

from __future__ import annotations

from collections.abc import Callable

from datagen.problems.variants import collections, formulas, numbers, words
from verifiers import AnswerSpec

Writings = Callable[[str, AnswerSpec], list[str]]

_VARIANTS: dict[str, tuple[Writings, Writings]] = {
    **dict.fromkeys(("integer", "rational", "decimal"), (numbers.spellings, numbers.misses)),
    "percentage": (numbers.percentage_spellings, numbers.percentage_misses),
    "quantity": (numbers.quantity_spellings, numbers.quantity_misses),
    "base": (numbers.base_spellings, numbers.base_misses),
    **dict.fromkeys(("real", "complex", "expression"), (formulas.spellings, formulas.misses)),
    "equation": (formulas.equation_spellings, formulas.equation_misses),
    "proposition": (formulas.proposition_spellings, formulas.proposition_misses),
    **dict.fromkeys(("set", "multiset"), (collections.set_spellings, collections.set_misses)),
    "tuple": (collections.tuple_spellings, collections.tuple_misses),
    "matrix": (collections.matrix_spellings, collections.matrix_misses),
    "assignment": (collections.assignment_spellings, collections.assignment_misses),
    "interval": (collections.interval_spellings, collections.interval_misses),
    "truth": (words.truth_spellings, words.truth_misses),
    "choice": (words.choice_spellings, words.choice_misses),
    "text": (words.text_spellings, words.text_misses),
}
"""(spellings, misses) of each kind; `checker` has none of its own."""


def spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """The answer in other writings that mean the same; the answer itself comes first."""
    made = _VARIANTS[spec.kind][0](answer, spec) if spec.kind in _VARIANTS else []
    return list(dict.fromkeys([answer, *made]))


def near_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """Answers that are wrong, each by one typical mistake; none of them is a spelling of the answer."""
    made = _VARIANTS[spec.kind][1](answer, spec) if spec.kind in _VARIANTS else []
    same = set(spellings(answer, spec))
    return [miss for miss in dict.fromkeys(made) if miss not in same]


__all__ = ["near_misses", "spellings"]
