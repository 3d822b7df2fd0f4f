"""Do two mathematical values agree? Stages, cheapest first; each returns a proof or hands on.

Same tree, exact rationals, same canonical structure, polynomials multiplied out, residues modulo a
prime, interval arithmetic, and at last sympy in a worker process that can be killed. What an answer may
look like is for `compare.py` to say.
"""

from __future__ import annotations

from fractions import Fraction

from verifiers.comparing import modular, numeric, polynomial
from verifiers.comparing.canon import canonical, exact
from verifiers.comparing.terms import UNDEFINED, NotScalarError, Term, bits
from verifiers.parsing.show import show
from verifiers.parsing.tree import Big, Call, Constant, Node, nodes, symbols, walk
from verifiers.verdict import Outcome

_INFINITY: Term = ("c", "infinity")


def same_value(
    left: Node, right: Node, deadline_s: float, *, positive: bool = False, both_ways: bool = False
) -> Outcome:
    """Whether two scalar trees have the same value; with symbols, at every real point where `left` has one.

    Symmetric, but for that: `right` may be defined on more (method `domain` when it is on less); with
    `both_ways` on less too. Single points do not count (`x/x` is 1). With `positive` symbols stand for
    positive numbers. `deadline_s` bounds the symbolic stage alone; the others are bounded by
    construction.
    """
    a, b = exact(left), exact(right)
    if a is not None and b is not None:
        return _exact_outcome(a, b)
    try:
        x, y = canonical(left), canonical(right)
    except NotScalarError as error:
        if left == right and not any(isinstance(part, Big) for part in walk(left)):
            return Outcome(True, "structure", "written the same")
        if any(isinstance(part, Big) for tree in (left, right) for part in walk(tree)):
            return _symbolic(left, right, deadline_s)
        return Outcome(False, "structure", str(error))
    return same_term(x, y, positive=positive, both_ways=both_ways) or _symbolic(left, right, deadline_s)


def is_undefined(tree: Node) -> bool:
    """Whether a tree has no value anywhere: `1/0`, `infinity - infinity`."""
    try:
        return canonical(tree) == UNDEFINED
    except NotScalarError:
        return False


def same_term(x: Term, y: Term, *, positive: bool = False, both_ways: bool = False) -> Outcome | None:
    """The stages on canonical terms; None when none of them could tell."""
    if UNDEFINED in (x, y):
        return Outcome(False, "exact", "a value is undefined")
    if x == y:
        return Outcome(True, "canonical", "the same canonical structure")
    if x[0] == "n" and y[0] == "n":
        return _exact_outcome(x[1], y[1])
    if _INFINITY in (x, y) or _infinite(x) or _infinite(y):
        return Outcome(False, "exact", "an infinity and something else")
    if modular.equal(x, y, points=1) is False:  # a look at one point, before anything is multiplied out
        return _proved(False, "modular", " modulo a prime", x, y)
    same = polynomial.equal(x, y)
    if same is not None:
        return _proved(same, "polynomial", " in normal form", x, y)
    same = modular.equal(x, y)
    if same is not None:
        return _proved(same, "modular", " modulo a prime", x, y)
    outcome = numeric.compare(x, y, positive=positive, both_ways=both_ways)
    return outcome if outcome.same is not None else _by_logarithms(x, y)


def _exact_outcome(a: int | Fraction, b: int | Fraction) -> Outcome:
    return Outcome(
        a == b,
        "exact",
        f"{_said(a == b)} as rational numbers",
        witness={"left": _brief(a), "right": _brief(b)},
    )


def _brief(value: int | Fraction) -> str:
    return str(value) if bits(value) < 256 else f"a rational number of {bits(value)} bits"


def _proved(same: bool, method: str, how: str, x: Term, y: Term) -> Outcome:
    witness = {"checked": method} if same else numeric.difference_at_a_point(x, y)
    return Outcome(same, method, _said(same) + how, witness=witness)


def _said(same: bool) -> str:
    return "equal" if same else "different"


def _infinite(term: Term) -> bool:
    return term[0] == "*" and term[2:] == (_INFINITY,)


def _by_logarithms(x: Term, y: Term) -> Outcome | None:
    """Powers beyond any enclosure, `9^(9^(9^9))`: different logarithms prove them different."""
    for _ in range(6):
        if x[0] != "^" or y[0] != "^" or x[1][0] != "n" or y[1][0] != "n":
            return None
        if x[1][1] <= 1 or y[1][1] <= 1:
            return None
        if x[1] == y[1]:
            x, y = x[2], y[2]
        else:
            logarithm = ("f", "ln")
            x, y = (("*", (*logarithm, side[1]), side[2]) for side in (x, y))
        outcome = numeric.compare(x, y)
        if outcome.same is not None:
            return outcome
    return None


def _symbolic(left: Node, right: Node, deadline_s: float) -> Outcome:
    """sympy in the shared worker; it is sent text in our own notation and reads it with our own parser."""
    from verifiers.symbolic.workers import shared_pool

    names = symbols(left) | symbols(right)
    parts = (*nodes(left), *nodes(right))
    towers = not names and not any(type(part) in (Big, Call) for part in parts)
    if towers or Constant("dots") in parts:  # beyond sympy too
        return Outcome(False, "undecided", "could not be shown to be equal")
    answer = shared_pool().ask(show(left), show(right), deadline_s, names)
    if answer == "timeout":
        return Outcome(None, "sympy", f"no decision within {deadline_s:g} s", status="timeout")
    if answer == "unknown":
        return Outcome(False, "undecided", "could not be shown to be equal")
    return Outcome(answer == "equal", "sympy", _said(answer == "equal") + " after simplification")
