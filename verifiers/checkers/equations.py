"""Solutions of equations and systems: every value is put in, and a list of roots must be complete.

Completeness is known without solving: a polynomial's number of different roots is counted.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import ClassVar

from verifiers.checkers import univariate
from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected, wrong_form
from verifiers.checkers.derivative import substituted
from verifiers.checkers.proving import Prover
from verifiers.checkers.readers import (
    equation,
    finished,
    listed,
    name,
    one_of,
    read_assignment,
    read_formula,
    sides,
    value,
    whole,
)
from verifiers.comparing.canon import canonical
from verifiers.comparing.forms import is_assignment, items
from verifiers.comparing.numeric import enclose
from verifiers.comparing.terms import subtract
from verifiers.parsing.show import show
from verifiers.parsing.tree import (
    Call,
    Constant,
    Node,
    Quantity,
    Relation,
    Sequence,
    Symbol,
    Truth,
    Word,
    symbols,
)
from verifiers.verdict import Outcome

#: An answer lists at most so many values.
MAX_ROOTS = 64
DOMAINS = ("real", "complex", "rational", "integer")


@dataclass(frozen=True)
class Root(Checker):
    """One value of `variable` that solves `equation`, in `domain`."""

    equation: str = parameter(equation)
    variable: str = parameter(name, "x")
    domain: str = parameter(one_of(*DOMAINS), "real")

    name: ClassVar[str] = "root"

    def validate(self) -> None:
        if self.variable not in symbols(read_formula(self.equation, frozenset((self.variable,)))):
            raise ValueError(f"the equation has no {self.variable}")

    def judge(self, answer: str) -> Outcome:
        tree = read_formula(answer, frozenset((self.variable,)))
        if _is_restated(tree, self.variable):
            raise wrong_form("an equation, not its root")
        found = solved(tree, self)
        fault = root_fault(found, self, Prover())
        if fault is not None:
            return fault
        return accepted("solves the equation", root=show(found))

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b = rng.sample(range(-9, 10), 2)
        parameters = {"equation": _quadratic(a, b, "x")}
        return Example(parameters, str(rng.choice((a, b))), (str(max(a, b) + 1), parameters["equation"]))


@dataclass(frozen=True)
class Roots(Checker):
    """All values of `variable` that solve `equation` in `domain`, in any order, repetitions without meaning.

    `count` is how many different ones there are; it may be left out where the equation is one between
    polynomials or their quotients and the domain is real or complex, because then it is computed.
    """

    equation: str = parameter(equation)
    variable: str = parameter(name, "x")
    domain: str = parameter(one_of(*DOMAINS), "real")
    count: int | None = parameter(whole(0, MAX_ROOTS), None)

    name: ClassVar[str] = "roots"

    def validate(self) -> None:
        self.expected()

    def expected(self) -> int:
        """How many different roots there are; raises `ValueError` where it cannot be computed."""
        if self.count is not None:
            return self.count
        names = frozenset((self.variable,))
        left, right = map(canonical, sides(read_formula(self.equation, names)))
        try:
            above, below = univariate.quotient(subtract(left, right), self.variable)
        except univariate.NotPolynomialError as error:
            raise ValueError(f"the number of roots cannot be computed ({error}): give 'count'") from error
        if self.domain not in ("real", "complex"):
            raise ValueError(f"the number of {self.domain} roots is not computed: give 'count'")
        if not above:
            raise ValueError("every value solves the equation")
        bare = univariate.squarefree(above)
        bare = univariate.divided(bare, univariate.gcd(bare, below))[0]
        return univariate.distinct_roots(bare, real=self.domain == "real")

    def judge(self, answer: str) -> Outcome:
        members = _listed(answer, self.variable)
        if len(members) > MAX_ROOTS:
            raise malformed(f"more than {MAX_ROOTS} values")
        prover = Prover()
        different: list[Node] = []
        for member in members:
            found = solved(member, self)
            fault = root_fault(found, self, prover)
            if fault is not None:
                return fault
            if not any(prover.same(found, other).same for other in different):
                different.append(found)
        shown, wanted = list(map(show, different)), self.expected()
        if len(different) != wanted:
            return rejected(f"{len(different)} different roots of {wanted}", roots=shown, expected=wanted)
        return accepted(f"all {wanted} roots, each put in", roots=shown, expected=wanted)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b = rng.sample(range(-9, 10), 2)
        parameters = {"equation": _quadratic(a, b, "x")}
        wrong = (str(a), f"x = {a}, x = {max(a, b) + 1}", f"{a}, {b}, {max(a, b) + 1}", "no solution")
        return Example(parameters, f"x = {b} or x = {a}", wrong)


@dataclass(frozen=True)
class System(Checker):
    """Values for `variables` that solve all `equations`: `x = 1, y = 2` or `(1, 2)`.

    With `count`, all so many solutions are asked for: `(1, 2), (3, 4)`. Without, one of them is.
    """

    equations: tuple[str, ...] = parameter(listed(equation, 1, 32))
    variables: tuple[str, ...] = parameter(listed(name, 1, 32))
    domain: str = parameter(one_of(*DOMAINS), "real")
    count: int | None = parameter(whole(1, MAX_ROOTS), None)

    name: ClassVar[str] = "system"

    def validate(self) -> None:
        if len(set(self.variables)) != len(self.variables):
            raise ValueError("a variable is named twice")

    def judge(self, answer: str) -> Outcome:
        prover = Prover()
        if self.count is None:
            solutions = [read_assignment(answer, self.variables)]
        else:
            solutions = self.solutions(answer)
        different: list[dict[str, Node]] = []
        for found in solutions:
            fault = self.fault(found, prover)
            if fault is not None:
                return fault
            if not any(all(prover.same(found[v], other[v]).same for v in found) for other in different):
                different.append(found)
        shown = [{v: show(tree) for v, tree in found.items()} for found in different]
        if self.count is not None and len(different) != self.count:
            return rejected(f"{len(different)} different solutions of {self.count}", solutions=shown)
        return accepted(f"solves all {len(self.equations)} equations", solutions=shown)

    def solutions(self, answer: str) -> list[dict[str, Node]]:
        """The points an answer lists: tuples, or rounds of `x = 1, y = 2`."""
        tree, size = read_formula(answer, frozenset(self.variables)), len(self.variables)
        flat = _flat(tree)
        if len(flat) > MAX_ROOTS * size:
            raise malformed(f"more than {MAX_ROOTS} solutions")
        if not any(isinstance(each, Relation) and is_assignment(each) for each in flat):
            parts = [show(each) for each in flat]
        elif len(flat) % size:
            raise malformed(f"{len(flat)} values for solutions of {size} each")
        else:
            rounds = (flat[start : start + size] for start in range(0, len(flat), size))
            parts = [", ".join(map(show, part)) for part in rounds]
        return [read_assignment(part, self.variables) for part in parts]

    def fault(self, found: dict[str, Node], prover: Prover) -> Outcome | None:
        names = frozenset(self.variables)
        for variable, tree in found.items():
            if names & symbols(tree):
                raise wrong_form(f"{variable} is given by another variable")
            if (fault := domain_fault(tree, self.domain)) is not None:
                return rejected(f"{variable}: {fault}")
        for number, each in enumerate(self.equations, 1):
            left, right = sides(read_formula(each, names))
            outcome = prover.same(substituted(left, found), substituted(right, found))
            if not outcome.same:
                point = {variable: show(tree) for variable, tree in found.items()}
                reason = f"equation {number}, {each}, is not satisfied: {outcome.reason}"
                return rejected(reason, point=point, equation=each)
        return None

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        x, y, a, b = (rng.randint(1, 9) for _ in range(4))
        equations = [f"{a} x + {b} y = {a * x + b * y}", f"x y = {x * y}"]
        parameters = {"equations": equations, "variables": ["x", "y"]}
        wrong = (f"x = {x}, y = {y + 1}", f"({x + 1}, {y})", f"x = {x}", f"{x}, {y}, 1", f"x = {x}, x = {y}")
        return Example(parameters, f"x = {x}, y = {y}", wrong)


def solved(tree: Node, of: Root | Roots) -> Node:
    """The value of `x = 2`, `x_1 = 2` or `2`; one that still has the variable restates the equation."""
    head = tree.operands[0] if is_assignment(tree) else None
    if isinstance(head, Symbol) and head.name.partition("_")[0] != of.variable.partition("_")[0]:
        raise malformed(f"a value for {head.name}, not for {of.variable}")
    tree = value(tree)
    if of.variable in symbols(tree):
        raise wrong_form(f"still has {of.variable} in it")
    return finished(tree)


def root_fault(found: Node, of: Root | Roots, prover: Prover) -> Outcome | None:
    """Why a value is no root; None when it is one."""
    fault = domain_fault(found, of.domain)
    if fault is not None:
        return rejected(fault)
    left, right = sides(read_formula(of.equation, frozenset((of.variable,))))
    put_in = {of.variable: found}
    outcome = prover.same(substituted(left, put_in), substituted(right, put_in))
    if outcome.same:
        return None
    reason = f"{of.variable} = {show(found)} does not solve the equation: {outcome.reason}"
    return rejected(reason, value=show(found), sides=outcome.witness)


def domain_fault(tree: Node, domain: str) -> str | None:
    """Why a value lies outside of the domain; None when it does not, or has letters in it."""
    term = canonical(tree)
    if domain in ("rational", "integer"):
        if term[0] != "n" or (domain == "integer" and term[1].denominator != 1):
            return f"{show(tree)} is not {'an integer' if domain == 'integer' else 'rational'}"
    elif domain == "real" and not symbols(tree) and enclose(term) is None:
        return f"{show(tree)} is not a real number"
    return None


def _listed(answer: str, variable: str) -> tuple[Node, ...]:
    """The values an answer lists; none for `no solution` and the empty set."""
    tree = read_formula(answer, frozenset((variable,)))
    match tree:
        case Quantity(Truth(False), _) | Sequence((), "{", _) | Word("none"):
            return ()
        case Sequence(members, "(" | "[", _) if len(members) > 1:
            return members
    if _is_restated(tree, variable):
        raise wrong_form("an equation, not its roots")
    return items(tree)


def _is_restated(tree: Node, variable: str) -> bool:
    """Whether a tree is an equation that does not start with the variable alone, or ends with it: `2 = x`."""
    if not isinstance(tree, Relation) or tree.operators != ("=",) or variable not in symbols(tree):
        return False
    return not is_assignment(tree) and tree.operands[1] != Symbol(variable)


def _flat(tree: Node) -> tuple[Node, ...]:
    """The points or assignments of a list, brackets of the outer list taken off."""
    match tree:
        case Sequence(members, "(", _) if not any(isinstance(each, (Sequence, Relation)) for each in members):
            return (tree,)
        case Sequence(members, _, _) | Call("and" | "or", members):
            return tuple(inner for member in members for inner in _flat(member))
        case Constant("empty"):
            return ()
    return (tree,)


def _quadratic(a: int, b: int, x: str) -> str:
    """The equation of the two roots, multiplied out."""
    return f"{x}^2 + ({-a - b}){x} + ({a * b}) = 0"
