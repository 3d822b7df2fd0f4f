"""What kind of answer a question expects: the specification that travels with a problem.

`AnswerSpec` is plain data, so it survives a JSON row. When a gold answer comes without one, `infer`
reads the kind off the answer. Comparing is left to `compare.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any, TypeGuard

from schemas.errors import UserError, unknown_name
from verifiers.comparing.words import choice_letter, is_sentence, truth_value
from verifiers.parsing.lex import UnreadableError
from verifiers.parsing.parse import parse
from verifiers.parsing.tree import (
    Call,
    Constant,
    Negate,
    Node,
    Number,
    PlusMinus,
    Relation,
    Sequence,
    Truth,
    Word,
    walk,
)

KINDS: dict[str, str] = {
    "integer": "a whole number, written out",
    "rational": "an exact number: 3, 3/4, 0.75, 2 1/2",
    "decimal": "a number within a tolerance",
    "percentage": "25%, or the number before the percent sign",
    "real": "an exact expression without variables: 2 sqrt(3), pi/4",
    "expression": "a formula in variables, up to equality for all values",
    "equation": "an equation, up to rearranging and a nonzero factor",
    "interval": "a set of real numbers: intervals, their unions, inequalities",
    "set": "several answers in any order",
    "tuple": "several answers in their order: a point, a vector",
    "truth": "true or false, yes or no",
    "proposition": "a propositional formula, up to logical equivalence",
    "choice": "the letter of an option",
    "text": "words or a list of them, compared without case, spacing and final stop",
}
FORMS: dict[str, str] = {
    "any": "any expression of the right value; operators that leave the work undone are still refused",
    "evaluated": "a literal: digits, a fraction of integers, a decimal",
    "reduced": "evaluated, and a fraction in lowest terms",
    "expanded": "a sum of monomials: no sum inside a product, a quotient, a power or a function",
}
DOMAINS: dict[str, str] = {
    "real": "variables stand for any real number at which the gold answer is defined",
    "positive": "variables stand for positive numbers",
}
#: Kinds whose answer must be carried out: `2^10` is no answer to "compute 2^10".
EVALUATED_KINDS = frozenset({"integer", "rational", "decimal", "percentage"})
SCALAR_KINDS = EVALUATED_KINDS | {"real", "expression"}
COLLECTION_KINDS = frozenset({"set", "tuple", "interval"})


@dataclass(frozen=True, slots=True)
class AnswerSpec:
    """How to read and compare an answer.

    `form` None means what the kind implies (`evaluated` for the numeric kinds, `any` otherwise).
    `tolerance` is absolute, `relative_tolerance` a fraction of the gold value; without either, decimals
    are compared exactly. `symbols` are names that are variables here even if they usually mean a
    constant (`e`, `i`). `choices` are the letters that exist, for the kind `choice`. `domain` None means
    `real`: an answer must be defined wherever the gold one is, so `2 ln(x)` is not `ln(x^2)`.
    Raises `UserError` for a field that does not say what it should.
    """

    kind: str = "expression"
    form: str | None = None
    tolerance: float | None = None
    relative_tolerance: float | None = None
    symbols: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    domain: str | None = None

    def __post_init__(self) -> None:
        for noun, name, known in (
            ("answer kind", self.kind, KINDS),
            ("answer form", self.form, FORMS),
            ("answer domain", self.domain, DOMAINS),
        ):
            if (name is not None or known is KINDS) and not (isinstance(name, str) and name in known):
                raise unknown_name(noun, str(name), known)
        for field in ("tolerance", "relative_tolerance"):
            _check_size(field, getattr(self, field))
        for field in ("symbols", "choices"):
            _check_names(field, getattr(self, field))

    @property
    def required_form(self) -> str:
        if self.form is not None:
            return self.form
        return "evaluated" if self.kind in EVALUATED_KINDS else "any"

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: `kind`, and every field that is not at its default."""
        row: dict[str, Any] = {"kind": self.kind}
        for name, value in asdict(self).items():
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
        known = {field.name for field in fields(cls)}
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
        return _infer(answer)


def _check_size(field: str, value: object) -> None:
    """`UserError` unless a tolerance is None or a finite number from 0 up."""
    if value is None or (_is_number(value) and 0 <= value < float("inf")):
        return
    raise UserError(f"the answer's {field} is {value!r}", mend="use a number that is not negative")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _check_names(field: str, value: object) -> None:
    """`UserError` unless symbols or choices are a tuple of strings."""
    if not isinstance(value, tuple) or not all(isinstance(name, str) and name for name in value):
        raise UserError(f"the answer's {field} are {value!r}", mend="use a list of strings")


@lru_cache(maxsize=4096)
def _infer(answer: str) -> AnswerSpec:
    if truth_value(answer) is not None:
        return AnswerSpec("truth")
    if choice_letter(answer) is not None:
        return AnswerSpec("choice")
    if is_sentence(answer):
        return AnswerSpec("text")
    try:
        tree = parse(answer)
    except UnreadableError:
        return AnswerSpec("text")
    return AnswerSpec(kind_of(tree), form="any")


def kind_of(tree: Node) -> str:
    """The kind of answer a tree looks like."""
    parts = list(walk(tree))
    if any(isinstance(part, Word) for part in parts):
        return "text"
    if any(isinstance(part, PlusMinus) for part in parts):
        return "set"
    match tree:
        case Truth():
            return "truth"
        case Sequence(_, opening, closing):
            return _kind_of_sequence(tree, opening, closing)
        case Relation(_, operators):
            return "equation" if set(operators) == {"="} else "interval"
        case Call("and" | "or" | "not" | "implies" | "iff" | "xor"):
            if _propositional(tree):
                return "proposition"
            return "interval" if _has_inequality(tree) else "set"
        case Call("union" | "intersect") | Constant("empty" | "reals"):
            return "interval"
        case Call("percent"):
            return "percentage"
        case Number(_, places) | Negate(Number(_, places)):
            return "integer" if places is None else "rational"
    names = {type(part).__name__ for part in parts}
    if "Symbol" in names:
        return "expression"
    return "rational" if names <= {"Number", "Negate", "Quotient", "Mixed"} else "real"


def _has_inequality(tree: Node) -> bool:
    return any(isinstance(part, Relation) and set(part.operators) != {"="} for part in walk(tree))


def _kind_of_sequence(tree: Sequence, opening: str, closing: str) -> str:
    if opening == "{" and len(tree.items) == 1 and _has_inequality(tree):
        return "interval"
    if opening in ("{", ""):
        return "set"
    infinite = any(part == Constant("infinity") for part in walk(tree))
    if len(tree.items) == 2 and (infinite or opening != "(" or closing != ")"):
        return "interval"
    return "tuple"


def _propositional(tree: Node) -> bool:
    """Whether a formula's leaves are letters and truth values: `p and q`, but not `1 or 2`."""
    return not any(isinstance(part, (Number, Relation)) for part in walk(tree))
