"""A predicted answer against the gold one, as the specification's kind demands.

One function a kind. Values go to `equal.py`, regions to `regions.py`, formulas to `logic.py`; what is
decided here is what counts as an answer of this kind: its form, its brackets, its order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from verifiers.answer import AnswerSpec
from verifiers.comparing import logic
from verifiers.comparing.canon import NotScalarError, canonical, exact
from verifiers.comparing.equal import is_undefined, same_value
from verifiers.comparing.forms import (
    SeveralValuesError,
    form_fault,
    is_name,
    items,
    percentage,
    scalar,
    unfinished,
    unit,
)
from verifiers.comparing.numeric import enclose
from verifiers.comparing.polynomial import proportional
from verifiers.comparing.regions import RegionError, region, same_region
from verifiers.extract import Policy
from verifiers.parsing.tree import Negate, Node, Relation, Sequence, Sum, Symbol, walk
from verifiers.verdict import Outcome

MAX_ITEMS = 200
#: Numbers of more decimal digits are within no tolerance of anything.
MAX_SIZE = 1000


def compare(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Whether `predicted` is the answer that `gold` is, for the kinds that are mathematics."""
    if policy.guard and (undone := unfinished(predicted) - unfinished(gold)):
        return Outcome(False, "form", f"{min(undone)} is left to be carried out", status="wrong_form")
    try:
        return _BY_KIND[spec.kind](gold, predicted, spec, policy)
    except SeveralValuesError as error:
        return Outcome(False, "form", str(error), status="ambiguous")
    except NotScalarError as error:
        return Outcome(False, "form", str(error), status="wrong_form")


def _scalars(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    left, right = scalar(gold, policy.deadline_s), scalar(predicted, policy.deadline_s)
    units = {text for text in (unit(gold), unit(predicted)) if text}
    if len(units) > 1:
        return Outcome(False, "unit", f"{' and '.join(sorted(units))} are different units")
    outcome = _values(left, right, spec, policy)
    if not outcome.same and is_undefined(left):
        return Outcome(False, "gold", "the gold answer has no value", status="gold_error")
    if outcome.same and (fault := form_fault(right, spec)) is not None:
        return Outcome(False, outcome.method, fault, status="wrong_form")
    return outcome


def _values(left: Node, right: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Two values; where a percentage is asked for, `28%` is 28 as well as 0.28."""
    if spec.tolerance is not None or spec.relative_tolerance is not None:
        return _within_tolerance(left, right, spec)
    outcome = _same_value(left, right, spec, policy)
    one_sign = (percentage(left) is None) != (percentage(right) is None)
    if outcome.same is not False or spec.kind != "percentage" or not one_sign:
        return outcome
    return _same_value(percentage(left) or left, percentage(right) or right, spec, policy)


def _same_value(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    return same_value(gold, predicted, policy.deadline_s, positive=spec.domain == "positive")


def _within_tolerance(gold: Node, predicted: Node, spec: AnswerSpec) -> Outcome:
    if spec.kind == "percentage":
        gold, predicted = percentage(gold) or gold, percentage(predicted) or predicted
    left, right = _rational(gold), _rational(predicted)
    if left is None or right is None:
        return Outcome(False, "tolerance", "not a real number")
    allowed = max(
        Fraction(Decimal(str(spec.tolerance or 0))),
        abs(left) * Fraction(Decimal(str(spec.relative_tolerance or 0))),
    )
    off = abs(left - right)
    return Outcome(off <= allowed, "tolerance", f"{_brief(off)} off, {_brief(allowed)} allowed")


def _brief(value: Fraction) -> str:
    """Three digits of a rational that may be far beyond a float."""
    return f"{Decimal(value.numerator) / Decimal(value.denominator):.3g}"


def _rational(tree: Node) -> Fraction | None:
    """The value of a real number, exact or to 40 digits."""
    value = exact(tree)
    if value is not None:
        return value
    enclosure = enclose(canonical(tree))
    if enclosure is None or not all(
        end.is_finite() and abs(end.adjusted()) < 1000 for end in enclosure if end
    ):
        return None
    return (Fraction(enclosure[0]) + Fraction(enclosure[1])) / 2


def _equations(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    if not isinstance(gold, Relation):
        return _scalars(gold, predicted, spec, policy)
    if not isinstance(predicted, Relation):
        if is_name(gold.operands[0]) and gold.operators == ("=",):
            return _scalars(gold.operands[1], predicted, spec, policy)
        return Outcome(False, "form", "not an equation", status="wrong_form")
    if gold.operators != ("=",) or predicted.operators != ("=",):
        same = gold.operators == predicted.operators
        return (
            _all_same(gold.operands, predicted.operands, spec, policy)
            if same
            else _different("the relations differ")
        )
    left, right = (canonical(Sum((side.operands[0], Negate(side.operands[1])))) for side in (gold, predicted))
    same_up_to_factor = proportional(left, right)
    if same_up_to_factor is not None:
        return Outcome(same_up_to_factor, "polynomial", "compared up to a nonzero factor")
    return _all_same(gold.operands, predicted.operands, spec, policy)


def _different(reason: str) -> Outcome:
    return Outcome(False, "structure", reason)


def _all_same(
    gold: tuple[Node, ...], predicted: tuple[Node, ...], spec: AnswerSpec, policy: Policy
) -> Outcome:
    """Pairwise equality, in order; the first difference decides."""
    if len(gold) != len(predicted):
        return _different(f"{len(gold)} parts and {len(predicted)}")
    method = "structure"
    for a, b in zip(gold, predicted, strict=True):
        outcome = _same_item(a, b, spec, policy)
        if not outcome.same:
            return outcome
        method = outcome.method
    return Outcome(True, method, "equal part by part")


def _same_item(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    if isinstance(gold, Sequence) and isinstance(predicted, Sequence):
        if gold.opening == "{" and predicted.opening == "{":
            return _matched(gold.items, predicted.items, spec, policy)
        if (gold.opening, gold.closing) != (predicted.opening, predicted.closing):
            return _different("the brackets differ")
        return _all_same(gold.items, predicted.items, spec, policy)
    if isinstance(gold, Sequence) or isinstance(predicted, Sequence):
        return _different("a collection and a single value")
    if isinstance(gold, Relation) and isinstance(predicted, Relation):
        if gold.operands[0] == predicted.operands[0] and gold.operators == predicted.operators:
            return _all_same(gold.operands[1:], predicted.operands[1:], spec, policy)
        return _equations(gold, predicted, replace(spec, kind="equation"), policy)
    return _same_value(scalar(gold, policy.deadline_s), scalar(predicted, policy.deadline_s), spec, policy)


def _sets(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    match gold, predicted:
        case Sequence(left, "", ""), Sequence(right, "(", ")"):
            return _all_same(left, right, spec, policy)  # a bare list may have been meant as a point
    return _matched(items(gold), items(predicted), spec, policy)


def _matched(
    gold: tuple[Node, ...], predicted: tuple[Node, ...], spec: AnswerSpec, policy: Policy
) -> Outcome:
    """Equality as sets: every member has an equal one on the other side."""
    if max(len(gold), len(predicted)) > MAX_ITEMS:
        return Outcome(gold == predicted, "structure", "too many members to match")
    wanted = ([(member, other) for other in predicted] for member in gold)
    found = ([(other, member) for other in gold] for member in predicted)
    for pairs in (*wanted, *found):
        outcome = _any_same(pairs, spec, policy)
        if not outcome.same:
            return outcome
    return Outcome(True, "set", "every member has its equal")


def _any_same(pairs: list[tuple[Node, Node]], spec: AnswerSpec, policy: Policy) -> Outcome:
    """Whether one of the (gold, predicted) pairs is equal; one that could not be told is remembered."""
    if any(gold == predicted for gold, predicted in pairs):
        return Outcome(True, "structure", "written the same")
    undecided: Outcome | None = None
    for gold, predicted in pairs:
        outcome = _same_item(gold, predicted, spec, policy)
        if outcome.same:
            return outcome
        undecided = outcome if outcome.same is None else undecided
    return undecided or Outcome(False, "set", "a member is missing on one side")


def _tuples(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    gold, predicted = _named_point(gold), _named_point(predicted)
    if isinstance(predicted, Sequence) and predicted.opening == "{":
        return Outcome(False, "form", "a set has no order", status="wrong_form")
    if not isinstance(gold, Sequence) or not isinstance(predicted, Sequence):
        return Outcome(False, "form", "not a tuple", status="wrong_form")
    return _all_same(gold.items, predicted.items, spec, policy)


def _named_point(tree: Node) -> Node:
    """The right side of `(x, y) = (1, 2)` or `P = (1, 2)`."""
    match tree:
        case Relation((name, value), ("=",)) if all(isinstance(p, (Symbol, Sequence)) for p in walk(name)):
            return value
    return tree


def _intervals(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    try:
        same = same_region(region(gold), region(predicted))
    except RegionError as error:
        return Outcome(False, "region", str(error))
    return Outcome(same, "region", "the same set of numbers" if same else "different sets of numbers")


def _propositions(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    outcome = logic.equivalent(gold, predicted)
    return outcome if outcome.same is not None else Outcome(gold == predicted, "structure", outcome.reason)


_BY_KIND: dict[str, Callable[[Node, Node, AnswerSpec, Policy], Outcome]] = {
    "integer": _scalars,
    "rational": _scalars,
    "decimal": _scalars,
    "percentage": _scalars,
    "real": _scalars,
    "expression": _scalars,
    "equation": _equations,
    "interval": _intervals,
    "set": _sets,
    "tuple": _tuples,
    "proposition": _propositions,
}
