"""Does a conclusion follow from premises? The claim that it does is searched for a countermodel, the claim
that it does not must come with one.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import ClassVar

from verifiers.checkers.base import (
    Checker,
    Example,
    RefusedError,
    accepted,
    malformed,
    parameter,
    rejected,
    undecided,
)
from verifiers.checkers.dpll import satisfied
from verifiers.checkers.logic import holds, proposition, read_truths, unlatexed
from verifiers.checkers.readers import flag, listed, read_formula
from verifiers.comparing.logic import letters
from verifiers.parsing.tree import Call, Node
from verifiers.verdict import Outcome

_FOLLOWS = re.compile(
    r"(?:yes[,:;.]? ?)?(?:(?:the )?(?:argument|inference|entailment|conclusion|it) (?:is |does )?)?"
    r"(?:valid|follows?|entailed|yes|true|holds)",
    re.IGNORECASE,
)
_DOES_NOT = re.compile(
    r"(?:(?:the )?(?:argument|inference|entailment|conclusion|it) (?:is |does )?)?"
    r"(?:invalid|not valid|does not follow|not follow|not entailed|no|false)"
    r"(?:\s*(?:[,:;.]|because|with|when|if|for)+\s*(.+))?",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Entailment(Checker):
    """`valid`, or an assignment under which all `premises` are true and `conclusion` is false.

    Read: `valid`, `yes`, `it follows`; `invalid: p = F, q = T`, or the assignment alone. Without
    `countermodel` a bare `invalid` will do.
    """

    premises: tuple[str, ...] = parameter(listed(proposition, 0, 64))
    conclusion: str = parameter(proposition)
    countermodel: bool = parameter(flag, True)

    name: ClassVar[str] = "entailment"

    def trees(self) -> list[Node]:
        return [read_formula(each) for each in (*self.premises, self.conclusion)]

    def judge(self, answer: str) -> Outcome:
        bare, trees = unlatexed(answer), self.trees()
        if _FOLLOWS.fullmatch(bare):
            return self.claimed_valid(trees)
        claim = _DOES_NOT.fullmatch(bare)
        if claim is not None and claim.group(1) is None:
            if self.countermodel:
                raise malformed("says that it does not follow, and not under which assignment")
            found = self.counterexample(trees)
            if found is None:
                return rejected("the conclusion follows", premises=len(self.premises))
            return accepted("the conclusion does not follow", assignment=found)
        values = read_truths(claim.group(1) if claim else answer, frozenset().union(*map(letters, trees)))
        for text, tree in zip(self.premises, trees[:-1], strict=True):
            if not holds(tree, values):
                return rejected(f"the premise {text} is false", assignment=values)
        if holds(trees[-1], values):
            return rejected(f"the conclusion {self.conclusion} is true", assignment=values)
        return accepted("all premises are true, the conclusion is false", assignment=values)

    def claimed_valid(self, trees: list[Node]) -> Outcome:
        found = self.counterexample(trees)
        if found is not None:
            return rejected("the conclusion does not follow", assignment=found)
        return accepted("no assignment makes the premises true and the conclusion false", checked="dpll")

    def counterexample(self, trees: list[Node]) -> dict[str, bool] | None:
        """An assignment that refutes the entailment; None when there is none."""
        found = satisfied([*trees[:-1], Call("not", (trees[-1],))])
        if found is None:
            raise RefusedError(undecided("no countermodel was found or excluded within the budget"))
        return found or None

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c = rng.sample("ABCDP", 3)
        premises = [f"{a} -> {b}", f"{b} -> {c}"]
        if rng.random() < 0.5:
            wrong = (f"{a} = T, {b} = F, {c} = F", f"{a} = F, {b} = T, {c} = T", "invalid", "perhaps")
            return Example({"premises": premises, "conclusion": f"{a} -> {c}"}, "valid", wrong)
        wrong = ("valid", "invalid", f"{a} = T, {b} = T, {c} = T", f"{a} = F, {b} = T, {c} = F")
        right = f"invalid: {a} = F, {b} = {rng.choice('TF')}, {c} = T"
        return Example({"premises": premises, "conclusion": f"{c} -> {a}"}, right, wrong)
