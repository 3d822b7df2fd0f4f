"""Equations, inequalities, congruences and functions by cases, up to what rearranging them changes."""

from __future__ import annotations

from fractions import Fraction

from verifiers.answer import AnswerSpec
from verifiers.comparing import collections
from verifiers.comparing.canon import canonical
from verifiers.comparing.names import is_call, is_label, is_name, unnamed
from verifiers.comparing.numeric import constant_ratio, parts
from verifiers.comparing.polynomial import proportional
from verifiers.comparing.regions import (
    Piece,
    RegionError,
    intersection,
    region,
    same_region,
    union,
    without,
)
from verifiers.comparing.scalars import rational, scalars
from verifiers.comparing.terms import I_UNIT, NotScalarError, Term
from verifiers.extract import Policy
from verifiers.infer import kind_of
from verifiers.parsing.tree import Call, Constant, Negate, Node, Relation, Sum, Symbol, Truth, symbols
from verifiers.verdict import Outcome

_LESS = ("<", "<=")
_TURNED = {">": "<", ">=": "<="}


def equations(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """An equation up to rearranging; of a definition `y = ...` the right side alone will do."""
    if isinstance(gold, Call) and gold.name == "modulo":
        return _congruences(gold, predicted)
    if not isinstance(gold, Relation):
        return scalars(gold, predicted, spec, policy)
    if not isinstance(predicted, Relation):
        if is_label(gold.operands[0]) and set(gold.operators) <= {"=", "approx"}:
            return _defined(gold.operands[-1], predicted, spec, policy)
        return Outcome(False, "form", "not an equation", status="wrong_form")
    return relations(gold, predicted, spec, policy)


def _defined(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Right sides of definitions: compared as whatever kind the gold one is."""
    from verifiers.comparing.compare import compare_as

    return compare_as(kind_of(gold), gold, unnamed(predicted), spec, policy)


def relations(gold: Relation, predicted: Relation, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Two relations with the same truth, as far as a nonzero factor goes."""
    gold, predicted = _short(gold), _short(predicted)
    if len(gold.operators) != 1 or len(predicted.operators) != 1:
        if gold.operators != predicted.operators:
            return collections.different("the relations differ")
        return collections.all_same(gold.operands, predicted.operands, spec, policy)
    if _defines(gold) and _defines(predicted) and _one_name(gold.operands[0], predicted.operands[0]):
        return _defined(gold.operands[1], predicted.operands[1], spec, policy)
    left_sign, right_sign = gold.operators[0], predicted.operators[0]
    try:
        left, right = _difference(gold), _difference(predicted)
    except NotScalarError:
        return collections.all_same(gold.operands, predicted.operands, spec, policy)
    left_sign, right_sign = _TURNED.get(left_sign, left_sign), _TURNED.get(right_sign, right_sign)
    if left_sign != right_sign:
        return collections.different("the relations differ")
    same = _proportional(left, right, ordered=left_sign in _LESS)
    return Outcome(same, "polynomial", "compared up to a factor")


def _proportional(left: Term, right: Term, *, ordered: bool) -> bool:
    """Whether one is a constant times the other: any but zero, and above it for an inequality."""
    same = proportional(left, right)
    if same and not ordered:
        return True
    if same is False and I_UNIT not in (*parts(left), *parts(right)):
        return False
    return constant_ratio(left, right) in ((1,) if ordered else (1, -1))


def _short(tree: Relation) -> Relation:
    """`y = 2 + 3 = 5` without its steps, `≈` read as `=`."""
    operands, operators = tree.operands, tuple("=" if sign == "approx" else sign for sign in tree.operators)
    if len(operators) > 1 and set(operators) == {"="} and is_name(operands[0]):
        return Relation((operands[0], operands[-1]), ("=",))
    return Relation(operands, operators)


def _difference(tree: Relation) -> Term:
    """Left minus right, turned so that an inequality says "less"."""
    left, right = tree.operands
    if tree.operators[0] in _TURNED:
        left, right = right, left
    return canonical(Sum((left, Negate(right))))


def _defines(tree: Relation) -> bool:
    return tree.operators == ("=",) and is_name(tree.operands[0])


def _one_name(left: Node, right: Node) -> bool:
    """Whether two names may stand for one thing: the same, or `f(x)` and `y`."""
    if left == right:
        return True
    if is_call(left) and is_call(right):
        return left.factors[1:] == right.factors[1:]
    return (is_call(left) and isinstance(right, Symbol)) or (is_call(right) and isinstance(left, Symbol))


def _congruences(gold: Call, predicted: Node) -> Outcome:
    """`x ≡ 3 (mod 7)`: the same modulus, and residues that differ by a multiple of it."""
    if not isinstance(predicted, Call) or predicted.name != "modulo":
        return Outcome(False, "congruence", "not a congruence", status="wrong_form")
    values: list[int | Fraction | None] = []
    for side in (gold, predicted):
        value = side.arguments[0]
        values.append(rational(value.operands[-1] if isinstance(value, Relation) else value))
        values.append(rational(side.arguments[1]))
    residue, modulus, other, other_modulus = values
    if None in values or not modulus or modulus != other_modulus:
        return Outcome(False, "congruence", "the moduli differ")
    assert residue is not None
    assert other is not None
    same = (residue - other) % modulus == 0
    return Outcome(same, "congruence", f"{residue} and {other} modulo {modulus}")


def is_region(tree: Node) -> bool:
    """Whether a tree says which numbers are meant by what they fulfil."""
    match tree:
        case Relation(_, operators):
            return set(operators) != {"="}
        case Call("and" | "or" | "union" | "intersect" | "setminus"):
            return True
    return False


def intervals(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Sets of real numbers; inequalities that are none are compared as relations."""
    names = symbols(gold), symbols(predicted)
    if isinstance(gold, Relation) and isinstance(predicted, Relation) and names[0] != names[1]:
        return collections.different("the variables differ")
    try:
        same = same_region(region(gold), region(predicted))
    except (RegionError, NotScalarError) as error:
        return _as_written(gold, predicted, spec, policy) or Outcome(False, "region", str(error))
    return Outcome(same, "region", "the same set of numbers" if same else "different sets of numbers")


def _as_written(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome | None:
    match gold, predicted:
        case Relation(), Relation():
            return relations(gold, predicted, spec, policy)
        case Call(name, left), Call(other, right) if name == other and name in ("and", "or", "union"):
            return collections.matched(left, right, spec, policy)
        case Constant(), Constant():
            return Outcome(gold == predicted, "structure", "sets compared by name")
    if type(gold) is type(predicted):
        return collections.same_item(gold, predicted, spec, policy)
    return None


def is_piecewise(tree: Node) -> bool:
    return isinstance(tree, Call) and tree.name == "piecewise"


def piecewise(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Each case with its condition has its equal; `otherwise` matches whatever is left over."""
    if not (isinstance(gold, Call) and isinstance(predicted, Call)) or gold.name != predicted.name:
        return collections.different("a function by cases and one without")
    sides = _cases(gold), _cases(predicted)
    if None not in sides:
        return _same_cases(sides[0] or [], sides[1] or [], spec, policy)
    if len(gold.arguments) != len(predicted.arguments):
        return collections.different("the numbers of cases differ")
    left = list(zip(gold.arguments[::2], gold.arguments[1::2], strict=True))
    for value, condition in zip(predicted.arguments[::2], predicted.arguments[1::2], strict=True):
        for place, (wanted, where) in enumerate(left):
            if _same_condition(where, condition, spec, policy) and (
                collections.same_item(wanted, value, spec, policy).same
            ):
                del left[place]
                break
        else:
            return Outcome(False, "piecewise", "a case has no equal")
    return Outcome(True, "piecewise", "every case has its equal", witness={"cases": len(gold.arguments) // 2})


_Case = tuple[Node, tuple[Piece, ...]]


def _cases(tree: Call) -> list[_Case] | None:
    """Each value with the numbers where it holds: what its condition says, less what came before."""
    found: list[_Case] = []
    before: list[Piece] = []
    try:
        for value, condition in zip(tree.arguments[::2], tree.arguments[1::2], strict=True):
            whole = Constant("reals") if condition == Truth(True) else condition
            where = without(region(whole), before)
            before += where
            if where:
                found.append((value, where))
    except (RegionError, NotScalarError):
        return None
    return found


def _same_cases(gold: list[_Case], predicted: list[_Case], spec: AnswerSpec, policy: Policy) -> Outcome:
    """Whether wherever two cases meet their values agree, and together they cover the same numbers."""
    covered = [union([piece for _, where in side for piece in where]) for side in (gold, predicted)]
    if not same_region(*covered):
        return Outcome(False, "piecewise", "the cases cover different numbers")
    for value, where in gold:
        for other, there in predicted:
            if intersection([where, there]) and not collections.same_item(value, other, spec, policy).same:
                return Outcome(False, "piecewise", "a case has no equal")
    return Outcome(True, "piecewise", "every case has its equal", witness={"cases": len(gold)})


def _same_condition(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> bool:
    if gold == predicted or not is_region(gold):
        return gold == predicted
    return bool(intervals(gold, predicted, spec, policy).same)
