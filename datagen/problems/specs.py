"""The kinds of answer the families use, each named once and shared by all its problems."""

from __future__ import annotations

from verifiers import AnswerSpec

INTEGER = AnswerSpec(kind="integer")
RATIONAL = AnswerSpec(kind="rational")
LOWEST_TERMS = AnswerSpec(kind="rational", form="reduced")
DECIMAL = AnswerSpec(kind="decimal")  # without a tolerance: exact
EXPANDED = AnswerSpec(kind="expression", form="expanded")  # the question's own product is no answer
PAIR = AnswerSpec(kind="tuple")
SET = AnswerSpec(kind="set")
TRUTH = AnswerSpec(kind="truth")
TEXT = AnswerSpec(kind="text")
