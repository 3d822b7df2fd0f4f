"""Laws that hold for every answer: reflexive, symmetric, blind to spacing; printing undoes parsing."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

import verifiers
from verifiers import AnswerSpec, equivalent, parse, show, verify
from verifiers.parsing.token import UnreadableError
from verifiers.parsing.tree import (
    Based,
    Big,
    Call,
    Constant,
    Matrix,
    Mixed,
    Negate,
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
    Truth,
    replaced,
)

SYMMETRIC = replace(verifiers.SYMMETRIC, deadline_s=0.05)

integers = st.integers(0, 10**9).map(lambda n: Number(Fraction(n)))
decimals = st.builds(
    lambda digits, places: Number(Fraction(digits, 10**places), places),
    st.integers(0, 10**6),
    st.integers(1, 5),
)
mixed = st.tuples(st.integers(0, 50), st.integers(1, 50), st.integers(1, 50)).map(
    lambda t: Mixed(t[0], t[1], t[1] + t[2])
)
names = st.sampled_from(["x", "y", "a", "alpha", "x_1", "n"]).map(Symbol)
constants = st.sampled_from(["pi", "e", "i"]).map(Constant)
functions = st.sampled_from(["sin", "cos", "ln", "sqrt", "abs", "factorial", "percent", "degree", "floor"])


def scalars_over(inner: st.SearchStrategy) -> st.SearchStrategy:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        inner.map(Negate),
        several.map(Sum),
        several.map(Product),
        st.builds(Quotient, inner, inner),
        st.builds(Power, inner, inner),
        st.builds(lambda name, x: Call(name, (x,)), functions, inner),
        st.builds(lambda a, b: Call("gcd", (a, b)), inner, inner),
        st.builds(lambda a, b: Call("log", (a, b)), inner, inner),
    )


scalars = st.recursive(integers | decimals | mixed | names | constants, scalars_over, max_leaves=8)
collections = st.one_of(
    st.builds(
        lambda items, brackets: Sequence(tuple(items), *brackets),
        st.lists(scalars, min_size=2, max_size=4),
        st.sampled_from(["()", "{}", "[]", "[)", "(]", ("", "")]),
    ),
    st.builds(lambda a, b: Relation((a, b), ("=",)), scalars, scalars),
    st.builds(lambda a, b, c: Relation((a, b, c), ("<", "<=")), scalars, scalars, scalars),
    st.builds(PlusMinus, st.none() | scalars, scalars),
    st.builds(lambda x: Quantity(x, "cm"), scalars),
    st.builds(lambda x, y: Big("sum", Relation((Symbol("k"), x), ("=",)), y, Symbol("k")), scalars, scalars),
    st.builds(lambda v, x: Call("and", (Truth(v), x)), st.booleans(), names),
)


@given(scalars | collections)
def test_parsing_what_was_shown_gives_the_same_tree(tree) -> None:
    assert parse(show(tree)) == tree


@settings(deadline=None)
@given(scalars)
def test_every_value_equals_itself(tree) -> None:
    verdict = equivalent(show(tree), show(tree), AnswerSpec("expression"), SYMMETRIC)
    assert verdict.status in ("correct", "gold_error")


@settings(deadline=None)
@given(scalars, scalars)
def test_swapping_the_answers_never_changes_the_outcome(a, b) -> None:
    spec = AnswerSpec("expression")
    forward = equivalent(show(a), show(b), spec, SYMMETRIC)
    backward = equivalent(show(b), show(a), spec, SYMMETRIC)
    if "timeout" not in (forward.status, backward.status):
        assert forward.correct == backward.correct


@settings(deadline=None)
@given(st.fractions(max_denominator=10**6), st.fractions(max_denominator=10**6))
def test_rationals_are_equal_exactly_when_python_says_so(a: Fraction, b: Fraction) -> None:
    assert equivalent(str(a), str(b)).correct == (a == b)
    assert equivalent(str(a), rf"\frac{{{3 * a.numerator}}}{{{3 * a.denominator}}}").correct


@settings(deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=5), st.integers(-9, 9))
def test_a_polynomial_equals_its_factored_form_and_not_a_shifted_one(roots: list[int], shift: int) -> None:
    coefficients = [1]
    for root in roots:
        coefficients = [
            (coefficients[k - 1] if k else 0) - root * (coefficients[k] if k < len(coefficients) else 0)
            for k in range(len(coefficients) + 1)
        ]
    expanded = " + ".join(f"({c})*x^{k}" for k, c in enumerate(coefficients))
    factored = "".join(f"(x - ({root}))" for root in roots)
    assert equivalent(expanded, factored).correct
    assert equivalent(
        expanded, f"{factored} + {shift}" if shift >= 0 else f"{factored} - {-shift}"
    ).correct == (shift == 0)


@given(scalars, st.integers(0, 2**32))
def test_spacing_between_lexemes_means_nothing(tree, seed: int) -> None:
    text = show(tree)
    spaced = "".join(f" {c} " if c in "()+*^" and (seed >> (i % 32)) & 1 else c for i, c in enumerate(text))
    assert parse(f"  {spaced} ") == tree


@given(st.text(max_size=80))
def test_any_text_at_all_is_read_or_refused_and_never_raises_anything_else(text: str) -> None:
    with contextlib.suppress(UnreadableError):
        parse(text)
    assert verify(text, "42").status in ("no_answer", "malformed", "ambiguous", "incorrect", "correct")


@settings(deadline=None)
@given(st.text(alphabet=r"0123456789xye+-*/^(){}[]\,.=<>|!%_ sinqrtfac", max_size=30))
def test_any_formula_like_text_gets_a_verdict(text: str) -> None:
    verdict = equivalent("x^2 + 1", text, policy=SYMMETRIC)
    assert verdict.status != "gold_error"


RENAMED = {"x": "u", "y": "v", "a": "b", "alpha": "beta", "x_1": "u_1", "n": "m"}


def renamed(tree):
    if isinstance(tree, Symbol):
        return Symbol(RENAMED[tree.name])
    return replaced(tree, renamed)


@settings(deadline=None, max_examples=60)
@given(scalars, scalars)
def test_other_names_for_the_variables_never_change_the_outcome(a, b) -> None:
    spec = AnswerSpec("expression")
    before = equivalent(show(a), show(b), spec, SYMMETRIC)
    after = equivalent(show(renamed(a)), show(renamed(b)), spec, SYMMETRIC)
    if "timeout" not in (before.status, after.status):
        assert before.correct == after.correct


@settings(deadline=None)
@given(scalars | collections)
def test_left_and_right_around_brackets_mean_nothing(tree) -> None:
    text = show(tree)
    dressed = text
    for bracket in "([":
        dressed = dressed.replace(bracket, rf"\left{bracket}")
    for bracket in ")]":
        dressed = dressed.replace(bracket, rf"\right{bracket}")
    assert parse(dressed) == parse(text)


MATRICES = st.integers(1, 3).flatmap(
    lambda width: st.lists(
        st.lists(scalars, min_size=width, max_size=width).map(tuple), min_size=1, max_size=3
    ).map(lambda rows: Matrix(tuple(rows)))
)


@given(
    st.from_regex(
        r"\A-?(?:[0-9]{1,18}(?:\.[0-9]{1,18})?|\\[dt]?frac\{[0-9]{1,9}\}\{[0-9]{1,9}\}|[0-9]{1,9}/[0-9]{1,9})\Z"
    )
)
def test_plain_numbers_and_fractions_are_read_as_the_whole_parser_reads_them(text: str) -> None:
    assert parse(text) == parse(f" {text}")


STRUCTURES = st.one_of(
    MATRICES,
    st.builds(lambda n, base: Based(to_base(n, base), base), st.integers(0, 10**6), st.integers(2, 16)),
    st.builds(lambda x, m: Call("modulo", (Relation((Symbol("x"), x), ("=",)), m)), scalars, integers),
    st.builds(
        lambda v, c: Call("piecewise", (v, Relation((Symbol("x"), c), ("<",)), c, Truth(True))),
        scalars,
        scalars,
    ),
    st.builds(
        lambda c: Sequence((Call("builder", (Symbol("x"), Relation((Symbol("x"), c), ("<",)))),), "{", "}"),
        scalars,
    ),
    st.builds(
        lambda a, b: Call("setminus", (Sequence((a, b), "[", ")"), Sequence((a,), "{", "}"))),
        scalars,
        scalars,
    ),
    st.builds(lambda f: Call("derivative", (f, Symbol("x"))), scalars),
)


def to_base(n: int, base: int) -> str:
    digits = ""
    while n or not digits:
        n, digit = divmod(n, base)
        digits = "0123456789ABCDEF"[digit] + digits
    return digits


@given(STRUCTURES)
def test_parsing_a_structure_that_was_shown_gives_the_same_tree(tree) -> None:
    assert parse(show(tree)) == tree


@settings(deadline=None)
@given(MATRICES)
def test_every_matrix_equals_itself_and_not_itself_with_an_entry_more_by_one(matrix) -> None:
    shown = show(matrix)
    spec = AnswerSpec("matrix")
    assert equivalent(shown, shown, spec, SYMMETRIC).status in ("correct", "gold_error", "incorrect")
    (first, *row), *rows = matrix.rows
    changed = Matrix(((Sum((first, Number(Fraction(1)))), *row), *rows))
    verdict = equivalent(shown, show(changed), spec, SYMMETRIC)
    assert not verdict.correct or "infinity" in shown
