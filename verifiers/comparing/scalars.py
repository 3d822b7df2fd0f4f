"""One value against one value: exact, within a tolerance, with its unit, in the form asked for."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from verifiers.answer import AnswerSpec
from verifiers.comparing.canon import canonical, exact
from verifiers.comparing.equal import is_undefined, same_value
from verifiers.comparing.forms import as_quantity, form_fault, percentage, ratio_parts, scalar, unit
from verifiers.comparing.names import unnamed
from verifiers.comparing.numeric import enclose
from verifiers.comparing.unfinished import substitute
from verifiers.comparing.units import unit_of
from verifiers.extract import Policy
from verifiers.parsing.tree import (
    Based,
    Call,
    Constant,
    Mixed,
    Negate,
    Node,
    Number,
    Power,
    Product,
    Quantity,
    Quotient,
    Sum,
    Symbol,
    Word,
    nodes,
    symbols,
)
from verifiers.verdict import Outcome


def scalars(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """The one value each side states, units and form included."""
    if spec.kind != "quantity" and exact(gold) is not None and exact(predicted) is not None:
        return _in_form(values(gold, predicted, spec, policy), predicted, spec, policy)
    if spec.kind != "quantity" and _is_bare(gold) and _is_bare(predicted):
        return _valued(gold, predicted, predicted, spec, policy)
    ratios = ratio_parts(gold), ratio_parts(predicted)
    if max(map(len, ratios)) > 2:
        return _proportional(*ratios, spec, policy)
    gold, predicted = _as_quantities(gold, predicted, spec)
    left, right = scalar(gold, policy.deadline_s), scalar(predicted, policy.deadline_s)
    left, right, wrong_unit = _in_one_unit(gold, predicted, left, right, spec)
    if wrong_unit is not None:
        return wrong_unit
    if _is_angle(gold) != _is_angle(predicted):
        outcome = values(left, right, spec, policy)
        return outcome if outcome.same else _angles(gold, predicted, spec, policy) or outcome
    return _valued(left, right, right, spec, policy)


#: What neither names, lists, measures nor hedges a value.
_BARE = frozenset({Number, Negate, Sum, Product, Quotient, Power, Mixed, Symbol, Constant})
_MARKS = frozenset({"degree", "percent", "ratio", "and", "or", "union"})


def _is_bare(tree: Node) -> bool:
    """Whether a tree is a value and nothing more, so that there is nothing to take off it."""
    return all(
        type(part) in _BARE or (type(part) is Call and part.name not in _MARKS) for part in nodes(tree)
    )


def _valued(left: Node, right: Node, shown: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Two values, and the form in which the second was written."""
    outcome = values(left, _same_constant(left, right), spec, policy)
    if not outcome.same and exact(left) is None and is_undefined(left):
        return Outcome(False, "gold", "the gold answer has no value", status="gold_error")
    return _in_form(outcome, shown, spec, policy)


#: Letters that stand for a constant of integration.
_CONSTANTS = frozenset(Symbol(letter) for letter in "CcKkAD")


def _same_constant(gold: Node, predicted: Node) -> Node:
    """The predicted answer with the gold one's name for the constant that either may name as it likes."""
    left, right = (frozenset(map(Symbol, symbols(tree))) for tree in (gold, predicted))
    mine, theirs = left - right, right - left
    if len(mine) != 1 or len(theirs) != 1 or not mine | theirs <= _CONSTANTS:
        return predicted
    if not any(name.name.islower() for name in left & right):
        return predicted  # `AB` and `BC` are lengths
    return substitute(predicted, *theirs, *mine)


def _in_form(outcome: Outcome, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """The outcome, unless a right value is not in the form asked for."""
    if outcome.same and (fault := form_fault(predicted, spec, policy.deadline_s)) is not None:
        return Outcome(False, outcome.method, fault, status="wrong_form")
    return outcome


def _mark(tree: Node) -> str | None:
    """`percent` or `degree`, where a value is written with that sign."""
    tree = unnamed(tree)
    tree = tree.operand if isinstance(tree, Negate) else tree
    return tree.name if isinstance(tree, Call) and tree.name in ("percent", "degree") else None


def _degrees(tree: Node) -> str | None:
    return "degree" if _mark(tree) == "degree" else None


def _has_unit(tree: Node) -> bool:
    return any(type(part) in (Quantity, Word) for part in nodes(tree))


def _proportional(
    gold: tuple[Node, ...], predicted: tuple[Node, ...], spec: AnswerSpec, policy: Policy
) -> Outcome:
    """`1:2:3` and `2:4:6`: each pair of neighbours in the same ratio."""
    if len(gold) != len(predicted):
        return Outcome(False, "ratio", f"a ratio of {len(predicted)} numbers, {len(gold)} wanted")
    for place in range(1, len(gold)):
        crossed = (gold[place - 1], predicted[place]), (gold[place], predicted[place - 1])
        outcome = one_value(Product(crossed[0]), Product(crossed[1]), spec, policy)
        if not outcome.same:
            return outcome
    return Outcome(True, "ratio", "every two neighbours are in the same ratio")


def _is_angle(tree: Node) -> bool:
    """Whether a value is written in degrees."""
    return any(type(part) is Call and part.name == "degree" for part in nodes(tree))


def _angles(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome | None:
    """Degrees against radians: `30°` is `\\pi/6`."""
    sides = [unnamed(tree) for tree in (gold, predicted)]
    if spec.form != "any" or not all(isinstance(part, (Call, *_VALUES)) for part in sides):
        return None
    outcome = one_value(sides[0], sides[1], spec, policy)
    in_radians = any(Constant("pi") in nodes(tree) for tree in sides)
    return outcome if outcome.same and in_radians else None


_VALUES = (Product, Quotient, Constant, Number, Negate)


def _as_quantities(gold: Node, predicted: Node, spec: AnswerSpec) -> tuple[Node, Node]:
    """Where units are meant, letters beside a number are units: `5 m/s`."""
    if spec.kind != "quantity" and not (_has_unit(gold) or _has_unit(predicted)):
        return gold, predicted
    return as_quantity(gold) or gold, as_quantity(predicted) or predicted


def _in_one_unit(
    gold: Node, predicted: Node, left: Node, right: Node, spec: AnswerSpec
) -> tuple[Node, Node, Outcome | None]:
    """Both values in the gold answer's unit, or the reason why they have none in common."""
    wanted, found = unit(gold) or _degrees(gold), unit(predicted) or _degrees(predicted)
    if spec.kind == "quantity" and (wanted is None or found is None):
        if wanted is None:
            return left, right, Outcome(False, "gold", "the gold answer has no unit", status="gold_error")
        return left, right, Outcome(False, "unit", f"the unit {wanted} is missing", status="wrong_form")
    marks = wanted or _mark(gold), found or _mark(predicted)
    if None not in marks and marks[0] != marks[1] and (wanted is None or found is None):
        return left, right, Outcome(False, "unit", f"{marks[0]} and {marks[1]} are different units")
    if wanted is None or found is None or wanted == found:
        return left, right, None
    a, b = unit_of(wanted), unit_of(found)
    if a is None or b is None or a == b:
        return left, right, None
    if a.dimension != b.dimension:
        return left, right, Outcome(False, "unit", f"{wanted} and {found} are different units")
    return left, Product((right, Number(b.factor / a.factor))), None


def values(left: Node, right: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Two values; where a percentage is asked for, `28%` is 28 as well as 0.28."""
    if spec.tolerance is not None or spec.relative_tolerance is not None:
        return _within_tolerance(left, right, spec)
    outcome = one_value(left, right, spec, policy)
    if outcome.same is not False:
        return outcome
    if spec.form == "any" and _rounded(left, right):
        return Outcome(True, "rounded", f"the same to all its digits, {MIN_ROUNDED} and more")
    inferred = spec.form in ("any", "evaluated")
    forgiving = spec.kind == "percentage" or (inferred and policy.percent_sign_optional)
    if not forgiving or (percentage(left) is None) == (percentage(right) is None):
        return outcome
    return one_value(percentage(left) or left, percentage(right) or right, spec, policy)


#: Fewer digits than these are an approximation; so many are what a computer printed for the exact value.
MIN_ROUNDED = 12


def _rounded(left: Node, right: Node) -> bool:
    """Whether one side is the other's value written out to many digits: 0.0833333333333333 for 1/12."""
    places = _written_places(left), _written_places(right)
    literals = [isinstance(side, Number) and side.places is not None for side in (left, right)]
    if (places[0] is None) == (places[1] is None) or all(literals):
        return False
    other = exact(right if places[0] is not None else left)
    if other is not None and _finite(Fraction(other)):
        return False  # `693` is not written out as `693.00000000000000001`
    a, b = rational(left), rational(right)
    return a is not None and b is not None and abs(a - b) <= Fraction(1, 10 ** (places[0] or places[1] or 0))


def _finite(value: Fraction) -> bool:
    """Whether a rational has a decimal expansion that ends."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _written_places(tree: Node) -> int | None:
    match tree:
        case Number(value, places) | Negate(Number(value, places)) if places is not None:
            digits = len(str(abs(value.numerator * 10**places // value.denominator)))
            return places if digits >= MIN_ROUNDED else None
    return None


def one_value(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """`equal.same_value` under this specification's domain."""
    positive, both_ways = spec.domain == "positive", policy.symmetric
    return same_value(gold, predicted, policy.deadline_s, positive=positive, both_ways=both_ways)


def _within_tolerance(gold: Node, predicted: Node, spec: AnswerSpec) -> Outcome:
    if spec.kind == "percentage":
        gold, predicted = percentage(gold) or gold, percentage(predicted) or predicted
    left, right = rational(gold), rational(predicted)
    if left is None or right is None:
        return Outcome(False, "tolerance", "not a real number")
    allowed = max(
        Fraction(Decimal(str(spec.tolerance or 0))),
        abs(left) * Fraction(Decimal(str(spec.relative_tolerance or 0))),
    )
    off = abs(left - right)
    witness = {"off": _brief(off), "allowed": _brief(allowed)}
    reason = f"{_brief(off)} off, {_brief(allowed)} allowed"
    return Outcome(off <= allowed, "tolerance", reason, witness=witness)


def _brief(value: int | Fraction) -> str:
    """Three digits of a rational that may be far beyond a float."""
    return f"{Decimal(value.numerator) / Decimal(value.denominator):.3g}"


def rational(tree: Node) -> Fraction | None:
    """The value of a real number, exact or to 40 digits."""
    value = exact(tree)
    if value is not None:
        return Fraction(value)
    enclosure = enclose(canonical(tree))
    if enclosure is None or not all(
        end.is_finite() and abs(end.adjusted()) < 1000 for end in enclosure if end
    ):
        return None
    return (Fraction(enclosure[0]) + Fraction(enclosure[1])) / 2


def based(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Digits in a base: `204_5`, or `204` alone where the base is understood."""
    wanted = _digits(scalar(gold, policy.deadline_s), spec.base)
    found = _digits(scalar(predicted, policy.deadline_s), wanted.base if wanted else None)
    if wanted is None:
        return Outcome(False, "base", "the gold answer is no number in its base", status="gold_error")
    if found is None:
        return Outcome(False, "base", f"not digits in base {wanted.base}", status="wrong_form")
    if found.base != wanted.base:
        return Outcome(False, "base", f"in base {found.base}, not {wanted.base}", status="wrong_form")
    same = found.value == wanted.value
    reason = f"{found.value} in base ten, {wanted.value} wanted"
    return Outcome(same, "base", reason, witness={"wanted": wanted.value, "found": found.value})


def _digits(tree: Node, base: int | None) -> Based | None:
    match tree:
        case Based():
            return tree
        case Number(value, None) if base is not None:
            digits = str(int(value))
            return Based(digits, base) if all(int(digit) < base for digit in digits) else None
    return None
