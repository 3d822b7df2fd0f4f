"""Checkers: whether an answer satisfies the problem's conditions, where many answers would.

    base.py            what a checker is
    readers.py         parameters from JSON, answers into numbers, lists, assignments
    equations.py ...   a file a field; `CHECKERS` names them all

A specification names one: `AnswerSpec("checker", checker="countdown", parameters={...})`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.errors import UserError, unknown_name
from verifiers.checkers.base import Checker, Example, made
from verifiers.checkers.calculus import Antiderivative, OdeSolution
from verifiers.checkers.digits import DigitNumber
from verifiers.checkers.entailment import Entailment
from verifiers.checkers.equations import Root, Roots, System
from verifiers.checkers.factoring import IntegerFactorisation, PolynomialFactorisation
from verifiers.checkers.graphs import Colouring, HamiltonianPath, ShortestPath, TopologicalOrder
from verifiers.checkers.grids import MagicSquare, Queens, Sudoku
from verifiers.checkers.knights import KnightsAndKnaves
from verifiers.checkers.ladders import WordLadder
from verifiers.checkers.linear_algebra import Eigenvector, LinearSolution, MatrixInverse, NullVector
from verifiers.checkers.logic import Countermodel, Proposition, Satisfying
from verifiers.checkers.moduli import ExtendedGcd, ModularRoot
from verifiers.checkers.number_theory import (
    Bezout,
    Congruence,
    Diophantine,
    EgyptianFraction,
    ModularInverse,
    PrimitiveRoot,
    Remainders,
)
from verifiers.checkers.packing import Knapsack, Partition
from verifiers.checkers.permutations import Permutation
from verifiers.checkers.points import CurvePoint, InequalityWitness
from verifiers.checkers.puzzles import Countdown
from verifiers.checkers.roles import TruthTellers
from verifiers.checkers.routes import EulerianPath, Matching, StableMatching
from verifiers.checkers.small import Anagram, Counterexample, SortedOrder, SubsetSum
from verifiers.checkers.subspaces import MatrixSolution, OrthogonalVector, SpaceBasis

_KINDS: tuple[type[Checker], ...] = (
    Root,
    Roots,
    System,
    CurvePoint,
    InequalityWitness,
    Antiderivative,
    OdeSolution,
    IntegerFactorisation,
    PolynomialFactorisation,
    Congruence,
    Remainders,
    ModularInverse,
    ModularRoot,
    PrimitiveRoot,
    Bezout,
    ExtendedGcd,
    Diophantine,
    EgyptianFraction,
    DigitNumber,
    Satisfying,
    Countermodel,
    Entailment,
    Proposition,
    KnightsAndKnaves,
    TruthTellers,
    Countdown,
    Sudoku,
    Queens,
    MagicSquare,
    Colouring,
    HamiltonianPath,
    EulerianPath,
    ShortestPath,
    TopologicalOrder,
    Matching,
    StableMatching,
    LinearSolution,
    MatrixSolution,
    MatrixInverse,
    Eigenvector,
    NullVector,
    SpaceBasis,
    OrthogonalVector,
    SubsetSum,
    Partition,
    Knapsack,
    Permutation,
    SortedOrder,
    Anagram,
    WordLadder,
    Counterexample,
)
CHECKERS: dict[str, type[Checker]] = {kind.name: kind for kind in _KINDS}


def checker(name: str, parameters: Mapping[str, Any] | None = None) -> Checker:
    """The checker of this name with these JSON parameters.

    Raises `UserError` for a name or a parameter nobody knows, naming the nearest one that is known, and
    for a parameter that does not say what it should.

    >>> checker("roots", {"equation": "x^2 = 4"}).check("x = 2").reason
    '1 different roots of 2'
    """
    if name not in CHECKERS:
        raise unknown_name("checker", str(name), CHECKERS)
    if not isinstance(parameters, Mapping | None):
        raise UserError(f"the parameters of the checker '{name}' are {parameters!r}", mend="use an object")
    return made(CHECKERS[name], parameters or {})


__all__ = ["CHECKERS", "Checker", "Example", "checker"]
