"""What kind of answer a question expects: the specification that travels with a problem.

`AnswerSpec` is plain data, so it survives a JSON row. When a gold answer comes without one, `infer.py`
reads the kind off the answer. Comparing is left to `comparing/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeGuard

from schemas.errors import UserError, unknown_name

KINDS: dict[str, str] = {
    "integer": "a whole number, written out",
    "rational": "an exact number: 3, 3/4, 0.75, 2 1/2",
    "decimal": "a number within a tolerance",
    "percentage": "25%, or the number before the percent sign",
    "real": "an exact expression without variables: 2 sqrt(3), pi/4",
    "complex": "a complex number: 3 - 4i, e^(i pi/3)",
    "expression": "a formula in variables, up to equality for all values",
    "quantity": "a number with its unit, up to conversion: 5 cm, 50 mm",
    "base": "a whole number in base `base`: 204_5, or its digits alone",
    "equation": "an equation, up to rearranging and a nonzero factor",
    "interval": "a set of real numbers: intervals, their unions, inequalities",
    "set": "several answers in any order, repetitions without meaning",
    "multiset": "several answers in any order, each as often as it occurs",
    "tuple": "several answers in their order: a point, a vector",
    "matrix": "a matrix, entry by entry",
    "assignment": "values for names, in any order: x = 1, y = 2",
    "truth": "true or false, yes or no",
    "proposition": "a propositional formula, up to logical equivalence",
    "choice": "the letter of an option",
    "text": "words or a list of them, compared without case, spacing and final stop",
    "checker": "whatever the checker `checker`, with its `parameters`, accepts: see `verifiers.checkers`",
    "code": "a Python program that passes the tests in `parameters`: see `verifiers.code`",
}
FORMS: dict[str, str] = {
    "any": "any expression of the right value; operators that leave the work undone are still refused",
    "evaluated": "a literal: digits, a fraction of integers, a decimal",
    "reduced": "evaluated, and a fraction in lowest terms",
    "expanded": "a sum of monomials: no sum inside a product, a quotient, a power or a function",
    "factored": "a product of factors of which none can be factored further over the rationals",
    "numeric": "digits or a decimal, with no fraction, root or constant",
}
DOMAINS: dict[str, str] = {
    "real": "variables stand for any real number at which the gold answer is defined",
    "positive": "variables stand for positive numbers",
}
#: Kinds whose answer must be carried out: `2^10` is no answer to "compute 2^10".
EVALUATED_KINDS = frozenset({"integer", "rational", "decimal", "percentage"})
SCALAR_KINDS = EVALUATED_KINDS | {"real", "complex", "expression", "quantity", "base"}
COLLECTION_KINDS = frozenset({"set", "multiset", "tuple", "interval", "matrix"})


@dataclass(frozen=True, slots=True)
class AnswerSpec:
    """How to read and compare an answer.

    `form` None means what the kind implies (`evaluated` for the numeric kinds, `any` otherwise).
    `tolerance` is absolute, `relative_tolerance` a fraction of the gold value; without either, decimals
    are compared exactly. `symbols` are names that are variables here even if they usually mean a
    constant (`e`, `i`). `choices` are the letters that exist, for the kind `choice`. `domain` None means
    `real`: an answer must be defined wherever the gold one is, so `2 ln(x)` is not `ln(x^2)`.
    `ordered` overrides what the kind says about order: an unordered `tuple` is a multiset, an ordered
    `set` a tuple. `base` belongs to the kind `base`, `checker` and its JSON `parameters` to `checker`; the
    kind `code` has its `tests` in `parameters`.
    Raises `UserError` for a field that does not say what it should.
    """

    kind: str = "expression"
    form: str | None = None
    tolerance: float | None = None
    relative_tolerance: float | None = None
    symbols: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    domain: str | None = None
    ordered: bool | None = None
    base: int | None = None
    checker: str | None = None
    parameters: Mapping[str, Any] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        for noun, name, known in (
            ("answer kind", self.kind, KINDS),
            ("answer form", self.form, FORMS),
            ("answer domain", self.domain, DOMAINS),
        ):
            if (name is not None or known is KINDS) and not (isinstance(name, str) and name in known):
                raise unknown_name(noun, str(name), known)
        for name in ("tolerance", "relative_tolerance"):
            _check_size(name, getattr(self, name))
        for name in ("symbols", "choices"):
            _check_names(name, getattr(self, name))
        if self.base is not None and (type(self.base) is not int or not 2 <= self.base <= 36):
            raise UserError(f"the answer's base is {self.base!r}", mend="use a whole number from 2 to 36")
        if self.ordered is not None and not isinstance(self.ordered, bool):
            raise UserError(f"the answer's ordered is {self.ordered!r}", mend="use true, false or null")
        if (self.kind == "checker") != (self.checker is not None):
            raise UserError(
                f"an answer of kind {self.kind!r} with the checker {self.checker!r}",
                mend="name a checker for the kind 'checker', and for no other",
            )
        if self.parameters is not None and not isinstance(self.parameters, Mapping):
            raise UserError(f"the checker's parameters are {self.parameters!r}", mend="use an object")
        if self.kind == "code" and "tests" not in (self.parameters or {}):
            raise UserError("an answer of kind 'code' without tests", mend="give parameters with 'tests'")

    @property
    def required_form(self) -> str:
        if self.form is not None:
            return self.form
        return "evaluated" if self.kind in EVALUATED_KINDS else "any"

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: `kind`, and every field that is not at its default."""
        row: dict[str, Any] = {"kind": self.kind}
        for name in (each.name for each in fields(self)):
            value = getattr(self, name)
            if name != "kind" and value not in (None, ()):
                row[name] = list(value) if isinstance(value, tuple) else value
        return row

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> AnswerSpec:
        """The inverse of `as_dict`. Raises `UserError` naming the nearest known key, or the faulty value.

        Columns that are None are left out, because tables store a missing field that way.
        """
        if not isinstance(row, Mapping):
            raise UserError(f"an answer specification {row!r}", mend="use an object with the key 'kind'")
        known = {each.name for each in fields(cls)}
        values: dict[str, Any] = {}
        for name, value in row.items():
            if name not in known:
                raise unknown_name("answer specification key", str(name), known)
            if value is not None:
                values[name] = tuple(value) if isinstance(value, list) else value
        if "kind" not in values:
            raise UserError("an answer specification without 'kind'", mend=f"one of {', '.join(KINDS)}")
        return cls(**values)

    @classmethod
    def infer(cls, answer: str) -> AnswerSpec:
        """The specification a bare gold answer suggests. Never raises for text; the last resort is `text`.

        >>> AnswerSpec.infer("3/4").kind, AnswerSpec.infer("(1, 2]").kind, AnswerSpec.infer("no").kind
        ('rational', 'interval', 'truth')
        """
        from verifiers.infer import infer

        return infer(answer)


def _check_size(name: str, value: object) -> None:
    """`UserError` unless a tolerance is None or a finite number from 0 up."""
    if value is None or (_is_number(value) and 0 <= value < float("inf")):
        return
    raise UserError(f"the answer's {name} is {value!r}", mend="use a number that is not negative")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _check_names(name: str, value: object) -> None:
    """`UserError` unless symbols or choices are a tuple of strings."""
    if not isinstance(value, tuple) or not all(isinstance(each, str) and each for each in value):
        raise UserError(f"the answer's {name} are {value!r}", mend="use a list of strings")
