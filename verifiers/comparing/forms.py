"""The shape of an answer: what part of it is the value, whether it is carried out, what it lists.

Knows what was written, not what it is worth; values are compared by `equal.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import TypeGuard

from verifiers.answer import AnswerSpec
from verifiers.comparing.canon import exact
from verifiers.comparing.equal import same_value
from verifiers.comparing.names import is_label, is_name, names_in
from verifiers.comparing.polynomial import irreducible
from verifiers.parsing.notation import NUMBER_WORDS, UNFINISHED
from verifiers.parsing.operators import UNIT_LETTERS
from verifiers.parsing.tree import (
    Big,
    Call,
    Constant,
    Matrix,
    Mixed,
    Negate,
    Node,
    Number,
    PlusMinus,
    Power,
    Product,
    Quantity,
    Quotient,
    Relation,
    Sequence,
    Sum,
    Symbol,
    Word,
    nodes,
    replaced,
    symbols,
    walk,
)

#: A unit has no digits but an exponent, and takes nothing back.
_HEDGE = re.compile(
    r"(?<![\^a-zA-Z{])(?<!\^-)(?<!\{-)\d|\b(?:or|and|not|no|maybe|perhaps|but|if|unless|either|wrong|incorrect|false|"
    r"approximately|roughly|about|least|most|possibly|probably|otherwise|except|plus|minus|times)\b",
    re.IGNORECASE,
)


#: Signs `±` in one answer; each doubles the number of its values.
MAX_SIGNS = 5


class SeveralValuesError(ValueError):
    """More than one value, or values that contradict each other, where one is asked for."""


def unfinished(tree: Node) -> frozenset[str]:
    """The operators of `tree` that leave the work undone: sums, integrals, gcd, factorials, ..."""
    if isinstance(tree, Relation) and set(tree.operators) == {"="}:
        if any(exact(operand) is not None for operand in tree.operands):
            return frozenset()  # `3! = 6` was carried out
        if is_name(tree.operands[0]):
            return frozenset().union(*map(unfinished, tree.operands[1:]))
    return frozenset(
        part.name
        for part in nodes(tree)
        if type(part) is Big or (type(part) is Call and part.name in UNFINISHED)
    )


def scalar(tree: Node, deadline_s: float) -> Node:
    """The one value an answer states: of `x = 5`, `5 cm`, `{5}`, `45°` the value.

    Raises `SeveralValuesError` when it states none, or more. In a chain `x = 2 + 3 = 5` the last value
    counts, and all of them must agree.
    """
    while True:
        match tree:
            case Quantity(value, words):
                if _HEDGE.search(words):
                    raise SeveralValuesError("words beside the value that are no unit")
                tree = value
            case Call("degree", (value,)):
                tree = value
            case Negate(Quantity(value, unit)):
                tree = Quantity(Negate(value), unit)
            case Negate(Call("degree", (value,))):
                tree = Negate(value)
            case Sequence((value,), _, _):
                tree = value
            case Relation():
                tree = _related_value(tree, deadline_s)
            case Sequence() | Call("and" | "or" | "union") | PlusMinus():
                raise SeveralValuesError("several values where one is asked for")
            case Word(text) if text.lower() in NUMBER_WORDS:
                return Number(Fraction(NUMBER_WORDS[text.lower()]))
            case _:
                return tree


def _related_value(tree: Relation, deadline_s: float) -> Node:
    operands, operators = list(tree.operands), list(tree.operators)
    if not set(operators) <= {"=", "approx"}:
        raise SeveralValuesError("an inequality where one value is asked for")
    if is_label(operands[0]):
        del operands[0], operators[0]
    elif isinstance(operands[-1], Symbol) and not any(operands[-1] in nodes(side) for side in operands[:-1]):
        del operands[-1], operators[-1]
    if "approx" in operators:
        first = operators.index("approx") + 1
        if any(_far_apart(operands[first - 1], other) for other in operands[first:]):
            raise SeveralValuesError("values that are not near each other")
        operands = operands[:first]
    for other in operands[:-1]:
        if not same_value(other, operands[-1], deadline_s).same:
            raise SeveralValuesError("the sides of the equation differ")
    return next((operand for operand in operands if isinstance(operand, Number)), operands[-1])


def _far_apart(value: Node, other: Node) -> bool:
    """Whether what is called an approximation is off by more than a tenth."""
    a, b = exact(value), exact(other)
    return a is not None and b is not None and abs(Fraction(a - b)) * 10 > abs(Fraction(a))


def unit(tree: Node) -> str | None:
    """The unit as it is written after the value; None when there is none."""
    if isinstance(tree, Relation):
        tree = tree.operands[-1]
    if isinstance(tree, Negate):
        tree = tree.operand
    return tree.unit if isinstance(tree, Quantity) else None


def as_quantity(tree: Node) -> Quantity | None:
    """`5 m/s^2` read as a number and its unit, where it was parsed as a product of letters."""
    if isinstance(tree, Relation) and is_name(tree.operands[0]):
        tree = tree.operands[-1]
    if isinstance(tree, Word) or (isinstance(tree, Product) and isinstance(tree.factors[0], Word)):
        return None  # words before a number are no unit: `print(7)`
    values: list[Node] = []
    units: list[str] = []
    if not _split(tree, 1, values, units) or not units or not values:
        return None
    return Quantity(values[0] if len(values) == 1 else Product(tuple(values)), " ".join(units))


def _split(tree: Node, sign: int, values: list[Node], units: list[str]) -> bool:
    """Sorts the factors of a tree into numbers and units; False where it is neither."""
    match tree:
        case Quantity(value, text):
            units.append(text)
            return sign > 0 and _split(value, sign, values, units)
        case Negate(operand) if symbols(operand) or isinstance(operand, Quantity):
            values.append(Negate(Number(1)))
            return _split(operand, sign, values, units)
        case Product(factors):
            return all(_split(factor, sign, values, units) for factor in factors)
        case Word(text):
            units.append(text if sign > 0 else f"{text}^-1")
            return True
        case Quotient(above, below) if symbols(below) or any(isinstance(part, Word) for part in nodes(below)):
            return _split(above, sign, values, units) and _split(below, -sign, values, units)
        case Symbol(name) if name in UNIT_LETTERS:
            units.append(name if sign > 0 else f"{name}^-1")
            return True
        case Power(Symbol(name), Number(power, None)) if name in UNIT_LETTERS:
            units.append(f"{name}^{sign * int(power)}")
            return True
        case Power(Symbol(name), Negate(Number(power, None))) if name in UNIT_LETTERS:
            units.append(f"{name}^{-sign * int(power)}")
            return True
    if symbols(tree):
        return False
    values.append(tree if sign > 0 else Quotient(Number(Fraction(1)), tree))
    return True


def ratio_parts(tree: Node) -> tuple[Node, ...]:
    """The numbers of `1:2:3`, read from left to right; of anything else the tree alone."""
    match tree:
        case Call("ratio", (left, right)):
            return (*ratio_parts(left), right)
        case Relation((name, value), ("=",)) if not isinstance(value, Relation) and is_label(name):
            return ratio_parts(value)
    return (tree,)


def percentage(tree: Node) -> Node | None:
    """What stands before the percent sign."""
    match tree:
        case Call("percent", (value,)):
            return value
        case Negate(Call("percent", (value,))):
            return Negate(value)
    return None


def items(tree: Node) -> tuple[Node, ...]:
    """The members an answer lists: `{1, 2}`, `1, 2`, `x = 1 or x = 2`, `1 ± 2`.

    The name in `x = 1, x = 2` and `x_1 = 1, x_2 = 2` says nothing; in `x = 1, y = 2` it does, and stays.
    Of `p = 5, q = 2; p = 7, q = 2` each round of names is a point.
    """
    members = _members(tree)
    for condition in filter(_is_condition, members):
        assert isinstance(condition, Relation)
        members = tuple(_renamed(member, condition.operands[0]) for member in members)
    members = tuple(member for member in members if not _is_condition(member))
    named = [member for member in members if is_assignment(member)]
    names = list(dict.fromkeys(_bare(member) for member in named))
    if len(names) == 1:
        bare = (member.operands[1] if is_assignment(member) else member for member in members)
        return tuple(inner for value in bare for inner in _members(value))
    rounds = len(members) // max(len(names), 1)
    in_turn = all(_bare(member) == names[place % len(names)] for place, member in enumerate(named))
    if rounds > 1 and len(named) == len(members) == rounds * len(names) and in_turn:
        values, step = tuple(member.operands[1] for member in named), len(names)
        starts = range(0, len(values), step)
        return tuple(Sequence(values[start : start + step], "(", ")") for start in starts)
    return members


def _is_condition(tree: Node) -> bool:
    """`k ∈ ℤ` beside an answer says what a letter of it stands for."""
    return isinstance(tree, Relation) and tree.operators == ("in",) and isinstance(tree.operands[1], Constant)


def _renamed(tree: Node, parameter: Node) -> Node:
    """With one name for every parameter that runs through the integers, `k` or `n`."""
    return Symbol("#") if tree == parameter else replaced(tree, lambda part: _renamed(part, parameter))


def _bare(member: Relation) -> Node:
    """The name of an assignment without its index."""
    name = member.operands[0]
    return Symbol(name.name.partition("_")[0]) if isinstance(name, Symbol) else name


def is_assignment(tree: Node) -> TypeGuard[Relation]:
    return isinstance(tree, Relation) and tree.operators == ("=",) and is_name(tree.operands[0])


def _members(tree: Node) -> tuple[Node, ...]:
    match tree:
        case Sequence((Sequence(_, "(", ")") | Matrix(), *_) as members, "[", "]"):
            return members
        case Sequence(members, "{", _):
            nested = (isinstance(member, Sequence) and member.opening == "{" for member in members)
            if any(nested):
                return members  # a set of sets
            return tuple(item for member in members for item in _members(member))
        case Sequence(members, "", _) | Call("and" | "or" | "union", members):
            return tuple(item for member in members for item in _members(member))
        case Relation((Symbol(), Sequence() as value), ("in",)) | Quantity(value, _):
            return _members(value)
        case Relation((name, Sequence(_, "(", ")") as value), ("=",)) if names_in(name) is not None:
            return (value,)
        case Constant("empty"):
            return ()
        case Relation():
            return (tree,)
    count = sum(isinstance(part, PlusMinus) for part in walk(tree))
    if not count:
        return (tree,)
    if count > MAX_SIGNS:
        raise SeveralValuesError(f"more than {MAX_SIGNS} signs to choose")
    choices = product((1, -1), repeat=count)
    return tuple(_chosen(tree, iter(signs)) for signs in choices)


def _chosen(tree: Node, signs: Iterator[int]) -> Node:
    """The tree with the next of the signs taken for each ± it holds."""
    if not isinstance(tree, PlusMinus):
        return replaced(tree, lambda part: _chosen(part, signs))
    left = None if tree.left is None else _chosen(tree.left, signs)
    positive = next(signs) > 0
    right = _chosen(tree.right, signs)
    part = right if positive else Negate(right)
    return part if left is None else Sum((left, part))


def form_fault(tree: Node, spec: AnswerSpec, deadline_s: float) -> str | None:
    """Why a value of the right size is not in the form asked for; None when it is."""
    form = spec.required_form
    if form == "any":
        return None
    if form == "expanded":
        return None if _is_expanded(tree) else "not multiplied out to a sum of monomials"
    if form == "factored":
        return None if is_factored(tree) else "not a product of factors that cannot be factored further"
    if form == "numeric":
        written_out = isinstance(_unsigned(percentage(tree) or tree), Number)
        return None if written_out else "not written out in digits"
    tree = percentage(tree) or tree
    if not _is_literal(tree):
        return "not carried out to a number"
    if spec.kind == "integer" and isinstance(_unsigned(tree), (Quotient, Mixed)):
        return "a fraction where a whole number is asked for"
    if form == "reduced" and not _in_lowest_terms(tree):
        return "not in lowest terms"
    return None


def _is_expanded(tree: Node) -> bool:
    """Whether no term of a sum holds another sum: `x^2 - 3x`, but not `x(x - 3)` or `-(3x - x^2)`."""
    if isinstance(tree, Sum):
        return all(map(_is_expanded, tree.terms))
    return not any(isinstance(part, Sum) for part in walk(tree))


def is_factored(tree: Node) -> bool:
    """Whether no factor of a product is a sum that could be factored further over the rationals.

    Tells factors of degree up to 3 apart by their rational roots, and common factors of the coefficients.
    """
    match tree:
        case Negate(operand):
            return is_factored(operand)
        case Product(factors):
            return all(map(is_factored, factors))
        case Power(base, Number()):
            return is_factored(base)
        case Quotient(above, Number()):
            return is_factored(above)
        case Sum():
            return irreducible(tree)
    return True


def _in_lowest_terms(tree: Node) -> bool:
    """Whether a literal that is a fraction is one of coprime integers, the lower one over 1.

    One minus sign may stand before it or on either integer; two of them are left to be cancelled.
    """
    match _unsigned(tree):
        case Mixed(_, above, below):
            return math.gcd(above, below) == 1
        case Quotient(above, below):
            signs = sum(isinstance(part, Negate) for part in walk(tree))
            return signs < 2 and _coprime(_unsigned(above), _unsigned(below))
    return True


def _coprime(above: Node, below: Node) -> bool:
    match above, below:
        case Number(upper, None), Number(lower, None):
            return lower > 1 and math.gcd(int(upper), int(lower)) == 1
    return False


def _unsigned(tree: Node) -> Node:
    return _unsigned(tree.operand) if isinstance(tree, Negate) else tree


def _is_literal(tree: Node) -> bool:
    """Digits, a fraction of literals, or scientific notation, with or without a sign."""
    match tree:
        case Negate(operand):
            return _is_literal(operand)
        case Number() | Mixed():
            return True
        case Quotient(above, below):
            return all(isinstance(_unsigned(part), Number) for part in (above, below))
        case Product((Number(), Power(Number(ten), exponent))):
            return ten == 10 and isinstance(_unsigned(exponent), Number)
    return False
