"""Several values against several: sets, multisets, tuples, matrices, assignments, and their members."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from verifiers.answer import AnswerSpec
from verifiers.comparing import relations
from verifiers.comparing.canon import exact
from verifiers.comparing.forms import SeveralValuesError, items, scalar
from verifiers.comparing.matrices import components, matrix_value
from verifiers.comparing.names import is_name, unnamed
from verifiers.comparing.scalars import one_value
from verifiers.extract import Policy
from verifiers.infer import is_grid
from verifiers.parsing.show import show
from verifiers.parsing.tree import Call, Constant, Matrix, Node, Product, Relation, Sequence, Symbol
from verifiers.verdict import Outcome

MAX_ITEMS = 200


def different(reason: str) -> Outcome:
    return Outcome(False, "structure", reason)


def same_item(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Two members of a collection, of whatever shape they are."""
    if isinstance(gold, Matrix) or isinstance(predicted, Matrix):
        return matrices(gold, predicted, spec, policy)
    if isinstance(gold, Sequence) and isinstance(predicted, Sequence):
        if gold.opening == "{" and predicted.opening == "{":
            return matched(gold.items, predicted.items, spec, policy)
        if (gold.opening, gold.closing) != (predicted.opening, predicted.closing):
            return different("the brackets differ")
        return all_same(gold.items, predicted.items, spec, policy)
    if isinstance(gold, Sequence) or isinstance(predicted, Sequence):
        return different("a collection and a single value")
    if relations.is_piecewise(gold) or relations.is_piecewise(predicted):
        return relations.piecewise(gold, predicted, spec, policy)
    if isinstance(gold, Relation) and isinstance(predicted, Relation):
        if gold.operands[0] == predicted.operands[0] and gold.operators == predicted.operators:
            return all_same(gold.operands[1:], predicted.operands[1:], spec, policy)
        return relations.relations(gold, predicted, replace(spec, kind="equation"), policy)
    if isinstance(gold, Constant) and gold == predicted:
        return Outcome(True, "structure", "written the same")
    return one_value(scalar(gold, policy.deadline_s), scalar(predicted, policy.deadline_s), spec, policy)


def all_same(
    gold: tuple[Node, ...], predicted: tuple[Node, ...], spec: AnswerSpec, policy: Policy
) -> Outcome:
    """Pairwise equality, in order; the first difference decides."""
    if len(gold) != len(predicted):
        return different(f"{len(gold)} parts and {len(predicted)}")
    method = "structure"
    for place, (a, b) in enumerate(zip(gold, predicted, strict=True), 1):
        outcome = same_item(a, b, spec, policy)
        if not outcome.same:
            witness = {"part": place} | (outcome.witness or {})
            return replace(outcome, reason=f"part {place}: {outcome.reason}", witness=witness)
        method = outcome.method
    return Outcome(True, method, "equal part by part", witness={"parts": len(gold)})


def sets(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    if spec.ordered:
        return tuples(gold, predicted, spec, policy)
    match gold, predicted:
        case Sequence(left, "", ""), Sequence(right, "(" | "[", ")" | "]"):
            return all_same(left, right, spec, policy)  # a bare list may have been meant as a point
    left, right = items(gold), items(predicted)
    if spec.kind == "multiset" or spec.ordered is False:
        return multiset(left, right, spec, policy)
    return matched(left, right, spec, policy)


def multisets(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    if spec.ordered:
        return tuples(gold, predicted, spec, policy)
    return multiset(_members(gold), _members(predicted), spec, policy)


def _members(tree: Node) -> tuple[Node, ...]:
    return tree.items if isinstance(tree, Sequence) else items(tree)


def multiset(
    gold: tuple[Node, ...], predicted: tuple[Node, ...], spec: AnswerSpec, policy: Policy
) -> Outcome:
    """Each member has a partner of its own; equality is transitive, so first come is first served."""
    if len(gold) != len(predicted):
        return different(f"{len(predicted)} members, {len(gold)} wanted")
    if len(gold) > MAX_ITEMS:
        return Outcome(gold == predicted, "structure", "too many members to match")
    left = list(predicted)
    for member in gold:
        pairs = [(member, other) for other in left]
        outcome, place = _partner(pairs, spec, policy)
        if place is None:
            return outcome
        del left[place]
    return Outcome(True, "multiset", "every member has its partner", witness={"members": len(gold)})


def matched(gold: tuple[Node, ...], predicted: tuple[Node, ...], spec: AnswerSpec, policy: Policy) -> Outcome:
    """Equality as sets: every member has an equal one on the other side."""
    if max(len(gold), len(predicted)) > MAX_ITEMS:
        return Outcome(gold == predicted, "structure", "too many members to match")
    numbers: tuple[Any, Any] = _as_numbers(gold), _as_numbers(predicted)
    if numbers[0] is None:
        numbers = _as_capitals(gold), _as_capitals(predicted)
    if numbers[0] is not None and numbers[1] is not None:
        missing, extra = numbers[0] - numbers[1], numbers[1] - numbers[0]
        if not missing and not extra:
            return Outcome(True, "set", "every member has its equal", witness={"members": len(gold)})
        witness = {"missing": sorted(map(str, missing)), "extra": sorted(map(str, extra))}
        return Outcome(False, "set", "a member is missing on one side", witness=witness)
    wanted = ([(member, other) for other in predicted] for member in gold)
    found = ([(other, member) for other in gold] for member in predicted)
    for pairs in (*wanted, *found):
        outcome, place = _partner(pairs, spec, policy)
        if place is None:
            return outcome
    return Outcome(True, "set", "every member has its equal", witness={"members": len(gold)})


def _as_numbers(members: tuple[Node, ...]) -> set[object] | None:
    """The members' exact values, when all are plain literals: the fast path."""
    found = {exact(member) for member in members}
    return None if None in found else set(found)


def _as_capitals(members: tuple[Node, ...]) -> set[object] | None:
    """Members such as `HT`, outcomes and points, whose letters are no product and stand in their order."""
    found: set[object] = set()
    for member in members:
        letters = member.factors if isinstance(member, Product) else (member,)
        names = [letter.name for letter in letters if isinstance(letter, Symbol)]
        if len(names) != len(letters) or not all(map(str.isupper, names)):
            return None
        found.add("".join(names))
    return found


def _partner(pairs: list[tuple[Node, Node]], spec: AnswerSpec, policy: Policy) -> tuple[Outcome, int | None]:
    """The place of the first (gold, predicted) pair that is equal; one not to be told is remembered."""
    for place, (gold, predicted) in enumerate(pairs):
        if gold == predicted:
            return Outcome(True, "structure", "written the same"), place
    undecided: Outcome | None = None
    for place, (gold, predicted) in enumerate(pairs):
        outcome = same_item(gold, predicted, spec, policy)
        if outcome.same:
            return outcome, place
        undecided = outcome if outcome.same is None else undecided
    return undecided or Outcome(False, "set", "a member is missing on one side"), None


def tuples(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    gold, predicted = unnamed(gold), unnamed(predicted)
    if isinstance(predicted, Matrix):
        return matrices(gold, predicted, spec, policy)
    if isinstance(predicted, Call) and predicted.name == "and":
        predicted = Sequence(predicted.arguments, "", "")
    if spec.ordered is False:
        return multiset(_members(gold), _members(predicted), spec, policy)
    if relations.is_region(predicted) and isinstance(gold, Sequence) and len(gold.items) == 2:
        return relations.intervals(gold, predicted, spec, policy)
    if isinstance(gold, Sequence) and (found := components(predicted, len(gold.items))) is not None:
        return all_same(gold.items, found, spec, policy)
    if isinstance(predicted, Sequence) and predicted.opening == "{":
        return Outcome(False, "form", "a set has no order", status="wrong_form")
    if not isinstance(gold, Sequence) or not isinstance(predicted, Sequence):
        return Outcome(False, "form", "not a tuple", status="wrong_form")
    brackets = {gold.opening + gold.closing, predicted.opening + predicted.closing}
    if len(gold.items) == 2 and brackets not in ({"()"}, {"[]"}, {"()", ""}, {"", "[]"}):
        return different("the brackets differ")
    return all_same(gold.items, _assigned(predicted.items), spec, policy)


def vectors(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """`3i - 4j` against a tuple or a column of its components."""
    matrix = matrix_value(predicted)
    flat = _entries(matrix) if matrix is not None and 1 in _shape(matrix) else _flat(predicted)
    found = components(gold, len(flat)) if flat is not None else None
    if flat is None or found is None:
        raise SeveralValuesError("several values where one is asked for")
    return all_same(found, flat, spec, policy)


def _assigned(members: tuple[Node, ...]) -> tuple[Node, ...]:
    """Of `x = 1, y = 2` the values, for a point whose coordinates were named."""
    named = [member for member in members if isinstance(member, Relation) and member.operators == ("=",)]
    if len(named) != len(members) or not all(isinstance(member.operands[0], Symbol) for member in named):
        return members
    named.sort(key=lambda member: member.operands[0].name if isinstance(member.operands[0], Symbol) else "")
    return tuple(member.operands[1] for member in named)


def assignments(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Values by name, in any order; values alone stand in the gold answer's order."""
    wanted, found = _by_name(gold), _by_name(predicted)
    if wanted is None:
        return Outcome(False, "assignment", "the gold answer names nothing", status="gold_error")
    if found is None:
        match predicted:
            case Sequence(members, "(" | "[" | "", _) if len(members) == len(wanted):
                return all_same(tuple(wanted.values()), members, spec, policy)
        return Outcome(False, "assignment", "no values for names", status="wrong_form")
    if wanted.keys() != found.keys():
        odd = sorted(map(show, wanted.keys() ^ found.keys()))
        return Outcome(False, "assignment", f"{', '.join(odd)} on one side only", witness={"names": odd})
    pairs = [(wanted[name], found[name]) for name in wanted]
    return all_same(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), spec, policy)


def _by_name(tree: Node) -> dict[Any, Node] | None:
    match tree:
        case Sequence(members, _, _) | Call("and", members):
            pairs = [_by_name(member) for member in members]
            merged = {name: value for pair in pairs if pair for name, value in pair.items()}
            return merged if None not in pairs and len(merged) == len(members) else None
        case Relation((name, value), ("=",)) if is_name(name):
            return {name: value}
        case Relation((Sequence(names), Sequence(values)), ("=",)) if len(names) == len(values):
            found = {
                name: value for name, value in zip(names, values, strict=True) if isinstance(name, Symbol)
            }
            return found if len(found) == len(names) else None
    return None


def matrices(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Entry by entry; a vector may be written as a row, a column or a tuple, a matrix in no other way."""
    gold, predicted = unnamed(gold), unnamed(predicted)
    left, right = matrix_value(gold), matrix_value(predicted)
    if left is None:
        flat = _flat(gold)
        if flat is None:
            return Outcome(False, "matrix", "the gold answer is no matrix", status="gold_error")
        if right is None or 1 not in _shape(right):
            return Outcome(False, "matrix", "not a vector", status="wrong_form")
        return all_same(flat, _entries(right), spec, policy)
    if right is None:
        flat = _flat(predicted) or components(predicted, max(_shape(left)))
        if flat is None or 1 not in _shape(left):
            return Outcome(False, "matrix", "not a matrix", status="wrong_form")
        return all_same(_entries(left), flat, spec, policy)
    if _shape(left) != _shape(right):
        tall, wide = _shape(right)
        if isinstance(gold, Sequence) and 1 in (tall, wide) and 1 in _shape(left):
            return all_same(_entries(left), _entries(right), spec, policy)
        return different(f"{tall} by {wide}, not {_shape(left)[0]} by {_shape(left)[1]}")
    return all_same(_entries(left), _entries(right), spec, policy)


def _entries(matrix: Matrix) -> tuple[Node, ...]:
    return tuple(entry for row in matrix.rows for entry in row)


def _shape(matrix: Matrix) -> tuple[int, int]:
    return len(matrix.rows), len(matrix.rows[0])


def _flat(tree: Node) -> tuple[Node, ...] | None:
    match tree:
        case Sequence(members, "(" | "[" | "", _) if not is_grid(tree):
            return members
    return None
