"""Checkers against independent sources: brute force, sympy, and known counts of solutions."""

from __future__ import annotations

import itertools
import math
import random
import sys
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import UserError
from verifiers import parse, show
from verifiers.checkers import checker, univariate
from verifiers.checkers.derivative import derivative, substituted
from verifiers.checkers.factoring import is_irreducible
from verifiers.checkers.primes import is_prime, prime_factors
from verifiers.comparing.canon import canonical
from verifiers.comparing.numeric import enclose
from verifiers.parsing.tree import Node

X = sympy.Symbol("x")
small = st.integers(-9, 9)
polynomials = st.lists(small, min_size=2, max_size=7).filter(lambda cs: cs[-1] != 0)


@given(polynomials)
@settings(max_examples=60, deadline=None)
def test_the_number_of_different_roots_is_the_one_sympy_counts(coefficients: list[int]) -> None:
    poly = list(map(Fraction, coefficients))
    theirs = sympy.Poly(coefficients[::-1], X)
    assert univariate.distinct_roots(poly, real=True) == theirs.sqf_part().count_roots()
    assert univariate.distinct_roots(poly, real=False) == theirs.sqf_part().degree()


@given(polynomials, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_irreducible_is_what_sympy_calls_irreducible(coefficients: list[int], scale: int) -> None:
    theirs = sympy.Poly(coefficients[::-1], X)
    assert is_irreducible([Fraction(c, scale) for c in coefficients]) is theirs.is_irreducible


def test_without_flint_sympy_factors_and_what_is_beyond_it_is_undecided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "flint", None)
    quartic = checker("polynomial_factorisation", {"polynomial": "x^4 + 4"})
    assert quartic.check("(x^2 + 2x + 2)(x^2 - 2x + 2)").same is True
    assert quartic.check("x^4 + 4").status == "wrong_form"
    assert (
        checker("polynomial_factorisation", {"polynomial": "x^5 - x - 1"}).check("x^5 - x - 1").same is True
    )
    for beyond in ("x^40 + x + 1", "x^2 + y^2"):
        assert checker("polynomial_factorisation", {"polynomial": beyond}).check(beyond).status == "timeout"


@given(st.integers(0, 10**12))
@settings(max_examples=100, deadline=None)
def test_primes_and_their_products_are_those_of_sympy(n: int) -> None:
    assert is_prime(n) is sympy.isprime(n)
    assert prime_factors(n + 1) == sympy.primefactors(n + 1)


@pytest.mark.parametrize(
    "n", [2**61 - 1, 2**89 - 1, (2**61 - 1) * (2**31 - 1), 3215031751, 341550071728321, 561]
)
def test_large_primes_and_strong_pseudoprimes_are_told_apart(n: int) -> None:
    assert is_prime(n) is sympy.isprime(n)


FORMULAS = [
    *("sin(x)", "cos(x)", "tan(x)", "cot(x)", "sec(x)", "csc(x)", "sinh(x)", "cosh(x)", "tanh(x)", "coth(x)"),
    *("arcsin(x/3)", "arccos(x/3)", "arctan(x)", "arcsinh(x)", "arctanh(x/3)", "arccosh(x+2)"),
    *("arcsec(x+2)", "arccsc(x+2)", "arccot(x)", "sech(x)", "csch(x)", "cbrt(x)", "abs(x)", "log10(x)"),
    *("ln(x)", "exp(x)", "sqrt(x)", "x^x", "2^x", "x^(1/3)", "root(x,5)", "e^(x^2)", "log_2(x)", "x^sin(x)"),
    *("x^2 sin(x) e^x", "(x+1)/(x^2+3)", "-x^-2", "sin(cos(x^2))", "(2x+1)^5 ln(x)", "3 1/2 x", "a x^n"),
]


def _at(tree: Node, x: Fraction) -> float:
    values = {"x": parse(f"{x.numerator}/{x.denominator}"), "a": parse("2"), "n": parse("3")}
    enclosure = enclose(canonical(substituted(tree, values)))
    assert enclosure is not None
    return float(Fraction(enclosure[0]) + Fraction(enclosure[1])) / 2


@pytest.mark.parametrize("text", FORMULAS)
def test_the_derivative_of_a_tree_is_the_slope_of_the_formula(text: str) -> None:
    tree, x, h = parse(text), Fraction(7, 10), Fraction(1, 10**6)
    difference = (_at(tree, x + h) - _at(tree, x - h)) / float(2 * h)
    assert math.isclose(_at(derivative(tree, "x"), x), difference, rel_tol=1e-6, abs_tol=1e-7)


@pytest.mark.parametrize(
    "integrand", ["x^3 - 2 x", "x e^x", "1/(1 + x^2)", "sin(x)^2", "ln(x)", "1/(x^2 - 1)"]
)
def test_the_antiderivative_sympy_finds_is_accepted_and_its_double_is_not(integrand: str) -> None:
    found = sympy.integrate(_theirs(integrand), X)
    made = checker("antiderivative", {"integrand": integrand})
    assert made.check(str(found)).same is True
    assert made.check(f"2 ({found})").same is False


def _theirs(text: str) -> sympy.Expr:
    table = {
        "x^3 - 2 x": X**3 - 2 * X,
        "x e^x": X * sympy.exp(X),
        "1/(1 + x^2)": 1 / (1 + X**2),
        "sin(x)^2": sympy.sin(X) ** 2,
        "ln(x)": sympy.log(X),
        "1/(x^2 - 1)": 1 / (X**2 - 1),
    }
    return table[text]


@given(small, small, small)
@settings(max_examples=60, deadline=None)
def test_the_roots_sympy_finds_are_accepted_and_no_fewer(a: int, b: int, c: int) -> None:
    theirs = sorted(map(str, sympy.roots(X**3 + a * X**2 + b * X, X)))
    made = checker("roots", {"equation": f"x^3 + ({a}) x^2 + ({b}) x = 0", "domain": "complex"})
    assert made.check(", ".join(theirs)).same is True
    assert made.check(", ".join(theirs[1:]) or "none").same is False
    assert made.check(", ".join([*theirs, str(c + 100)])).same is False


@given(st.integers(2, 40), st.integers(0, 39), st.integers(0, 39))
@settings(max_examples=60, deadline=None)
def test_exactly_the_residues_found_by_trying_solve_a_congruence(m: int, a: int, b: int) -> None:
    solutions = [x for x in range(m) if (x * x + a * x - b) % m == 0]
    made = checker("congruence", {"equation": f"x^2 + {a} x = {b}", "modulus": m, "all": True})
    if solutions:
        assert made.check(", ".join(map(str, solutions))).same is True
        assert made.check(", ".join(map(str, solutions[1:])) or str(solutions[0] + 1)).same is False
    for x in range(m):
        one = checker("congruence", {"equation": f"x^2 + {a} x = {b}", "modulus": m})
        assert one.check(str(x)).same is (x in solutions)


@pytest.mark.parametrize("m", [7, 9, 10, 23, 27, 50])
def test_primitive_roots_are_the_numbers_whose_powers_are_all_units(m: int) -> None:
    units = {x for x in range(m) if math.gcd(x, m) == 1}
    made = checker("primitive_root", {"modulus": m})
    for g in range(m):
        powers = {pow(g, k, m) for k in range(1, len(units) + 1)}
        assert made.check(str(g)).same is (powers == units)


def test_a_modulus_without_primitive_roots_is_an_error() -> None:
    for m in (8, 12, 15, 16, 24):
        with pytest.raises(UserError, match="no primitive root modulo"):
            checker("primitive_root", {"modulus": m})


@pytest.mark.parametrize(("n", "count"), [(1, 1), (4, 2), (5, 10), (6, 4)])
def test_of_all_permutations_as_many_are_queens_as_is_known(n: int, count: int) -> None:
    """OEIS A000170."""
    made = checker("n_queens", {"size": n})
    boards = itertools.permutations(range(1, n + 1))
    assert sum(made.check(", ".join(map(str, board))).same is True for board in boards) == count


def test_of_all_squares_of_1_to_9_eight_are_magic() -> None:
    made = checker("magic_square", {"order": 3})
    rng = random.Random(0)
    magic = {
        cells
        for cells in itertools.permutations(range(1, 10))
        if cells[4] == 5
        and sum(cells[:3]) == sum(cells[3:6]) == 15
        and sum(cells[::3]) == sum(cells[1::3]) == 15
    }
    accepted = [cells for cells in magic if made.check(" ".join(map(str, cells))).same]
    assert len(accepted) == 8
    others = [rng.sample(range(1, 10), 9) for _ in range(200)]
    assert not any(
        made.check(" ".join(map(str, cells))).same for cells in others if tuple(cells) not in magic
    )


@given(st.lists(st.integers(1, 10), min_size=4, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_countdown_computes_what_exact_arithmetic_computes(numbers: list[int], rng: random.Random) -> None:
    parts = [(str(n), Fraction(n)) for n in rng.sample(numbers, 4)]
    while len(parts) > 1:
        (left, a), (right, b) = parts.pop(rng.randrange(len(parts))), parts.pop(rng.randrange(len(parts)))
        sign = rng.choice("+-*/" if b else "+-*")
        value = {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else a}[sign]
        parts.append((f"({left} {sign} {right})", value))
    ((text, value),) = parts
    made = checker("countdown", {"numbers": numbers, "target": str(value)})
    assert made.check(text).same is True
    other = checker("countdown", {"numbers": numbers, "target": str(abs(value) + 1)})
    assert other.check(text).same is False


@given(st.integers(1, 2**12 - 1))
@settings(max_examples=60, deadline=None)
def test_a_truth_table_knows_which_assignments_satisfy_and_which_refute(bits: int) -> None:
    rng = random.Random(bits)
    clauses = [[rng.choice(("", "~")) + name for name in rng.sample("pqrs", 3)] for _ in range(4)]
    formula = " & ".join("(" + " | ".join(clause) + ")" for clause in clauses)
    names = sorted({literal[-1] for clause in clauses for literal in clause})
    made = checker("satisfying_assignment", {"formula": formula})
    counter = checker("countermodel", {"premises": [], "conclusion": formula})
    for values in itertools.product((True, False), repeat=len(names)):
        model = dict(zip(names, values, strict=True))
        true = all(any(model[lit[-1]] is not lit.startswith("~") for lit in clause) for clause in clauses)
        text = ", ".join(f"{name} = {value}" for name, value in model.items())
        assert made.check(text).same is true
        assert counter.check(text).same is not true


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 9)), min_size=3, max_size=12))
@settings(max_examples=60, deadline=None)
def test_only_paths_of_the_least_length_of_all_simple_paths_are_accepted(
    edges: list[tuple[int, int, int]],
) -> None:
    length = {}
    for a, b, w in edges:
        length[a, b] = length[b, a] = min(w, length.get((a, b), w))
    paths = {}
    for size in range(2, 7):
        for path in itertools.permutations(range(6), size):
            steps = list(itertools.pairwise(path))
            if path[0] == 0 and path[-1] == 5 and all(step in length for step in steps):
                paths[path] = sum(length[step] for step in steps)
    parameters = {"edges": [list(each) for each in edges], "start": 0, "end": 5}
    if not paths:
        with pytest.raises(UserError, match="no path"):
            checker("shortest_path", parameters)
        return
    made = checker("shortest_path", parameters)
    for path, total in paths.items():
        assert made.check("-".join(map(str, path))).same is (total == min(paths.values()))


@given(st.lists(small, min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_the_inverse_and_eigenvectors_sympy_finds_are_accepted(entries: list[int]) -> None:
    theirs = sympy.Matrix(2, 2, entries)
    rows = [entries[:2], entries[2:]]
    if theirs.det():
        made = checker("matrix_inverse", {"matrix": rows})
        assert made.check(str(theirs.inv().tolist())).same is True
        assert made.check(str((theirs.inv() * 2).tolist())).same is False
    for value, _, vectors in theirs.eigenvects():
        if value.is_real:
            made = checker("eigenvector", {"matrix": rows, "eigenvalue": str(value)})
            assert made.check(str(list(vectors[0]))).same is True
            assert made.check("(0, 0)").same is False


def test_the_derivative_of_the_error_function_is_the_bell_curve() -> None:
    assert checker("antiderivative", {"integrand": "2 e^(-x^2)/sqrt(pi)"}).check("erf(x)").same is True


def test_what_is_shown_of_a_derivative_can_be_read_again() -> None:
    for text in FORMULAS:
        tree = derivative(parse(text), "x")
        assert parse(show(tree)) is not None
