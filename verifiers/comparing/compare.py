"""A predicted answer against the gold one, as the specification's kind demands.

The table of kinds, and the guard against answers that leave the work undone. Single values are for
`scalars.py`, several for `collections.py`, equations and inequalities for `relations.py`, formulas for
`logic.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from verifiers.answer import AnswerSpec
from verifiers.comparing import logic
from verifiers.comparing.collections import assignments, matrices, multisets, same_item, sets, tuples, vectors
from verifiers.comparing.forms import SeveralValuesError, unfinished
from verifiers.comparing.names import unnamed
from verifiers.comparing.relations import equations, intervals, is_piecewise
from verifiers.comparing.scalars import based, scalars
from verifiers.comparing.terms import NotScalarError
from verifiers.extract import Policy
from verifiers.parsing.tree import Matrix, Node, Product, Sequence
from verifiers.verdict import Outcome


def compare(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """Whether `predicted` is the answer that `gold` is, for the kinds that are mathematics."""
    undone = unfinished(predicted) if policy.guard else None
    if undone and (undone := undone - _allowed(unfinished(gold))):
        return Outcome(False, "form", f"{min(undone)} is left to be carried out", status="wrong_form")
    try:
        return _BY_KIND[spec.kind](gold, predicted, spec, policy)
    except SeveralValuesError as error:
        return Outcome(False, "form", str(error), status="ambiguous")
    except NotScalarError as error:
        return Outcome(False, "form", str(error), status="wrong_form")


_COUNTS = frozenset({"binom", "factorial"})


def _allowed(found: frozenset[str]) -> frozenset[str]:
    """What a gold answer leaves undone may be left undone; a binomial coefficient in factorials too."""
    return found | _COUNTS if found & _COUNTS else found


def compare_as(kind: str, gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    """The same for a part of an answer, which may be of another kind than the whole."""
    function = _BY_KIND.get(kind, same_item)
    return function(gold, predicted, replace(spec, kind=kind) if kind in _BY_KIND else spec, policy)


def _expressions(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    if is_piecewise(gold):
        return same_item(gold, predicted, spec, policy)
    match gold, predicted:
        case Product((name, Sequence() as left)), Product((other, Sequence() as right)) if name == other:
            return same_item(left, right, spec, policy)  # `f(x, y)`
    if isinstance(unnamed(predicted), (Sequence, Matrix)):
        return vectors(gold, unnamed(predicted), spec, policy)
    return scalars(gold, predicted, spec, policy)


def _propositions(gold: Node, predicted: Node, spec: AnswerSpec, policy: Policy) -> Outcome:
    outcome = logic.equivalent(gold, predicted)
    return outcome if outcome.same is not None else Outcome(gold == predicted, "structure", outcome.reason)


_BY_KIND: dict[str, Callable[[Node, Node, AnswerSpec, Policy], Outcome]] = {
    "integer": scalars,
    "rational": scalars,
    "decimal": scalars,
    "percentage": scalars,
    "real": scalars,
    "complex": scalars,
    "expression": _expressions,
    "quantity": scalars,
    "base": based,
    "equation": equations,
    "interval": intervals,
    "set": sets,
    "multiset": multisets,
    "tuple": tuples,
    "matrix": matrices,
    "assignment": assignments,
    "proposition": _propositions,
}
