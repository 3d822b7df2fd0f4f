"""Propositional logic: satisfying assignments, countermodels, normal forms.

A formula is evaluated on the one assignment that is claimed, however many letters it has; only
equivalence needs a truth table (`comparing/logic.py`), and is bounded by its letters.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from verifiers.checkers.base import (
    Checker,
    Example,
    accepted,
    malformed,
    parameter,
    rejected,
    undecided,
    wrong_form,
)
from verifiers.checkers.dpll import TooLargeError, satisfied
from verifiers.checkers.readers import listed, one_of, read_formula, text
from verifiers.comparing.logic import MAX_LETTERS, equivalent, letters
from verifiers.parsing.show import show
from verifiers.parsing.tree import Call, Constant, Node, Relation, Sequence, Symbol, Truth, walk
from verifiers.verdict import Outcome

_VALUES = dict.fromkeys(("true", "t", "1", "yes", "⊤"), True) | dict.fromkeys(
    ("false", "f", "0", "no", "⊥"), False
)
_PAIR = re.compile(r"([A-Za-z]\w*)\s*(?:=|:=|:|->|→|↦|\bis\b)\s*([\w⊤⊥]+)")
_LITERAL = re.compile(r"(not\b|~|!|¬|-)?\s*([A-Za-z]\w*)")
_BETWEEN = re.compile(r"\s*(?:,|;|\n|\band\b|&|∧)\s*")
_LATEX = {
    r"\\(?:text|mathrm|mathbf)\s*\{([^{}]*)\}": r"\1",
    r"\\(?:mapsto|to|rightarrow|coloneqq)(?![a-zA-Z])": "->",
    r"\\(?:lnot|neg)(?![a-zA-Z])": "¬",
    r"\\(?:land|wedge)(?![a-zA-Z])": "∧",
    r"\\(?:quad|qquad|[,; ])": " ",
    r"\\\\|\\newline": "\n",
    r"\\top": "⊤",
    r"\\bot": "⊥",
    r"[{}()\[\]$\\]": " ",
}


def proposition(value: Any) -> str:
    """A parameter that is a propositional formula."""
    tree = read_formula(text(value))
    holds(tree, dict.fromkeys(letters(tree), True))
    return str(value)


def holds(tree: Node, values: Mapping[str, bool]) -> bool:
    """Whether a formula is true; raises `ValueError` for what is no formula."""
    match tree:
        case Truth(value):
            return value
        case Symbol(name) | Constant(name) if name in values:
            return values[name]
        case Call("not", (inner,)):
            return not holds(inner, values)
        case Call("and", parts):
            return False not in _each(parts, values)
        case Call("or", parts):
            return True in _each(parts, values)
        case Call("xor", parts):
            return sum(holds(part, values) for part in parts) % 2 == 1
        case Call("implies", (left, right)):
            return holds(right, values) or not holds(left, values)
        case Call("iff", (left, right)) | Relation((left, right), ("=",)):
            return holds(left, values) == holds(right, values)
        case Sequence((inner,), _, _):
            return holds(inner, values)
    raise ValueError("use letters, truth values and and, or, not, xor, ->, <->")


def _each(parts: tuple[Node, ...], values: Mapping[str, bool]) -> list[bool]:
    """All of them, so that a part that is no formula never goes unseen."""
    return [holds(part, values) for part in parts]


def unlatexed(answer: str) -> str:
    for pattern, plain in _LATEX.items():
        answer = re.sub(pattern, plain, answer)
    return re.sub(r"[ \t]+", " ", answer).strip(" \t\n.")


def read_truths(answer: str, names: Iterable[str]) -> dict[str, bool]:
    """A truth value for every name: `A = true, B = 0`, or the literals `A, not B`."""
    found: dict[str, bool] = {}
    names = sorted(names)
    for part in filter(None, _BETWEEN.split(unlatexed(answer))):
        pair, literal = _PAIR.fullmatch(part), _LITERAL.fullmatch(part)
        if pair is not None and pair.group(2).lower() in _VALUES:
            name, value = pair.group(1), _VALUES[pair.group(2).lower()]
        elif literal is not None:
            name, value = literal.group(2), literal.group(1) is None
        else:
            raise malformed(f"{part[:40]!r} says no truth value")
        if name not in names:
            raise malformed(f"a value for {name[:40]!r}, which is no letter here")
        if found.setdefault(name, value) is not value:
            raise malformed(f"both values for {name}")
    missing = [name for name in names if name not in found]
    if missing:
        raise malformed(f"no value for {', '.join(missing[:10])}")
    return found


@dataclass(frozen=True)
class Satisfying(Checker):
    """An assignment that makes `formula` true, with a value for each of its letters."""

    formula: str = parameter(proposition)

    name: ClassVar[str] = "satisfying_assignment"

    def validate(self) -> None:
        if not letters(read_formula(self.formula)):
            raise ValueError("the formula has no letters")

    def judge(self, answer: str) -> Outcome:
        tree = read_formula(self.formula)
        values = read_truths(answer, letters(tree))
        parts = tree.arguments if isinstance(tree, Call) and tree.name == "and" else (tree,)
        for part in parts:
            if not holds(part, values):
                return rejected(f"makes {show(part)[:200]} false", assignment=values)
        return accepted("makes the formula true", assignment=values)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        values = {name: rng.random() < 0.5 for name in "ABCD"}
        clauses = []
        for name in values:  # one clause of the letter alone makes the assignment the only one
            other = rng.choice([each for each in values if each != name])
            clauses += [f"({_literal(name, values)} | {_literal(other, values)})", _literal(name, values)]
        right = ", ".join(f"{name} = {str(value).lower()}" for name, value in values.items())
        flipped = {**values, "B": not values["B"]}
        wrong = (
            ", ".join(f"{name} = {str(value).lower()}" for name, value in flipped.items()),
            right.partition(",")[2],
            right + ", E = true",
            right + f", A = {str(not values['A']).lower()}",
        )
        return Example({"formula": " & ".join(clauses)}, right, wrong)


def _literal(name: str, values: Mapping[str, bool]) -> str:
    return name if values[name] else f"~{name}"


@dataclass(frozen=True)
class Countermodel(Checker):
    """An assignment that makes all `premises` true and `conclusion` false."""

    premises: tuple[str, ...] = parameter(listed(proposition, 0, 64))
    conclusion: str = parameter(proposition)

    name: ClassVar[str] = "countermodel"

    def judge(self, answer: str) -> Outcome:
        trees = [read_formula(each) for each in (*self.premises, self.conclusion)]
        values = read_truths(answer, frozenset().union(*map(letters, trees)))
        for each, tree in zip(self.premises, trees[:-1], strict=True):
            if not holds(tree, values):
                return rejected(f"the premise {each} is false", assignment=values)
        if holds(trees[-1], values):
            return rejected(f"the conclusion {self.conclusion} is true", assignment=values)
        return accepted("all premises are true, the conclusion is false", assignment=values)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c = rng.sample("ABCDP", 3)
        parameters = {"premises": [f"{a} -> {b}", f"{b} | {c}", b], "conclusion": a}
        wrong = (
            f"{a} = T, {b} = T, {c} = T",
            f"{a} = F, {b} = F, {c} = T",
            f"{a} = F, {b} = T",
            f"{a}, not {a}",
        )
        return Example(parameters, f"{a} = F, {b} = T, {c} = {rng.choice('TF')}", wrong)


FORMS = ("any", "nnf", "cnf", "dnf")
CONNECTIVES = ("not", "and", "or", "xor", "implies", "iff")


def _connective(tree: Node) -> str:
    """The connective of the outermost part; "" for a letter."""
    if isinstance(tree, Call):
        return tree.name
    return "iff" if isinstance(tree, Relation) else ""


def agreement(left: Node, right: Node) -> Outcome:
    """Whether two formulas are equivalent; `same` is None where the budget did not suffice."""
    if len(letters(left) | letters(right)) <= MAX_LETTERS:
        return equivalent(left, right)
    try:
        found = satisfied([Call("xor", (left, right))])
    except TooLargeError as error:
        return Outcome(None, "dpll", str(error))
    if found is None:
        return Outcome(None, "dpll", "no assignment that tells them apart was found or excluded")
    if found is False:
        return Outcome(True, "dpll", "no assignment tells them apart")
    return Outcome(False, "dpll", "an assignment tells them apart", witness={"assignment": found})


@dataclass(frozen=True)
class Proposition(Checker):
    """A formula equivalent to `formula`, in negation, conjunctive or disjunctive normal form.

    With `connectives` it may have no others, of not, and, or, xor, implies, iff. Up to 16 letters
    equivalence is a truth table, beyond a search for an assignment that tells the two apart.
    """

    formula: str = parameter(proposition)
    form: str = parameter(one_of(*FORMS), "any")
    connectives: tuple[str, ...] = parameter(listed(one_of(*CONNECTIVES), 1, 6), CONNECTIVES)

    name: ClassVar[str] = "proposition"

    def validate(self) -> None:
        if not letters(read_formula(self.formula)):
            raise ValueError("the formula has no letters")

    def judge(self, answer: str) -> Outcome:
        given, tree = read_formula(self.formula), read_formula(answer)
        strange = letters(tree) - letters(given)
        if strange:
            return rejected(f"has {', '.join(sorted(strange)[:10])}, which the formula lacks")
        try:
            holds(tree, dict.fromkeys(letters(tree), True))
        except ValueError as error:
            raise malformed("no propositional formula") from error
        outcome = agreement(given, tree)
        if outcome.same is None:
            return undecided(outcome.reason)
        if not outcome.same:
            return rejected("not equivalent: an assignment tells them apart", **(outcome.witness or {}))
        fault = normal_form_fault(tree, self.form)
        used = {_connective(part) for part in walk(tree)} - {""}
        if fault is None and not used <= set(self.connectives):
            fault = f"the connective {min(used - set(self.connectives))} is not allowed"
        if fault is not None:
            raise wrong_form(fault)
        return accepted(outcome.reason, letters=sorted(letters(given)), form=self.form)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c = rng.sample("ABCDPQ", 3)
        formula = f"({a} -> {b}) & ~({b} & {c})"
        right = {
            "cnf": f"(~{a} | {b}) & (~{b} | ~{c})",
            "dnf": f"(~{a} & ~{b}) | (~{a} & ~{c}) | ({b} & ~{c})",
        }
        form = rng.choice(("cnf", "dnf"))
        other = "dnf" if form == "cnf" else "cnf"
        wrong = (right[other], formula, right[form].replace("~", "", 1), f"{right[form]} & Z")
        return Example({"formula": formula, "form": form}, right[form], wrong)


def normal_form_fault(tree: Node, form: str) -> str | None:
    """Why a formula is not in this form; None when it is."""
    if form == "any" or isinstance(tree, Truth):
        return None
    if form == "nnf":
        return None if _is_nnf(tree) else "a connective beside and, or, and not before a letter"
    outer, inner = ("and", "or") if form == "cnf" else ("or", "and")
    if all(_is_literal(part) for clause in _flat(tree, outer) for part in _flat(clause, inner)):
        return None
    names = {"and": "conjunction", "or": "disjunction"}
    return f"not a {names[outer]} of {names[inner]}s of literals"


def _is_literal(tree: Node) -> bool:
    inner = tree.arguments[0] if isinstance(tree, Call) and tree.name == "not" else tree
    return isinstance(inner, (Symbol, Constant))


def _is_nnf(tree: Node) -> bool:
    if isinstance(tree, Call) and tree.name in ("and", "or"):
        return all(map(_is_nnf, tree.arguments))
    return _is_literal(tree)


def _flat(tree: Node, connective: str) -> list[Node]:
    """The parts of nested conjunctions, or of disjunctions."""
    if isinstance(tree, Call) and tree.name == connective:
        return [inner for part in tree.arguments for inner in _flat(part, connective)]
    return [tree]
