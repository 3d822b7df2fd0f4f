"""The kinds of answer the families use, each named once and shared by all its problems."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from verifiers import AnswerSpec

INTEGER = AnswerSpec(kind="integer")
RATIONAL = AnswerSpec(kind="rational")
LOWEST_TERMS = AnswerSpec(kind="rational", form="reduced")
DECIMAL = AnswerSpec(kind="decimal")  # without a tolerance: exact
PERCENTAGE = AnswerSpec(kind="percentage")
REAL = AnswerSpec(kind="real")
COMPLEX = AnswerSpec(kind="complex")
QUANTITY = AnswerSpec(kind="quantity")
EXPRESSION = AnswerSpec(kind="expression")
EXPANDED = AnswerSpec(kind="expression", form="expanded")  # the question's own product is no answer
FACTORED = AnswerSpec(kind="expression", form="factored")
EQUATION = AnswerSpec(kind="equation")
INTERVAL = AnswerSpec(kind="interval")
PAIR = AnswerSpec(kind="tuple")
TUPLE = PAIR
SET = AnswerSpec(kind="set")
MULTISET = AnswerSpec(kind="multiset")
MATRIX = AnswerSpec(kind="matrix")
ASSIGNMENT = AnswerSpec(kind="assignment")
TRUTH = AnswerSpec(kind="truth")
PROPOSITION = AnswerSpec(kind="proposition")
TEXT = AnswerSpec(kind="text")


@lru_cache(maxsize=64)
def digits_in(base: int) -> AnswerSpec:
    """A whole number written in `base`."""
    return AnswerSpec(kind="base", base=base)


@lru_cache(maxsize=64)
def one_of(*letters: str) -> AnswerSpec:
    """The letter of an option."""
    return AnswerSpec(kind="choice", choices=letters)


def checked_by(name: str, **parameters: Any) -> AnswerSpec:
    """Whatever the checker `name` of `verifiers.checkers` accepts; a problem of many right answers."""
    given: Mapping[str, Any] = parameters
    return AnswerSpec(kind="checker", checker=name, parameters=given)
