"""Every enclosure holds the true value, as mpmath computes it; every normal form agrees with sympy."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from verifiers import parse
from verifiers.comparing.canon import canonical
from verifiers.comparing.interval import arithmetic
from verifiers.comparing.polynomial import equal
from verifiers.symbolic.child import build

REFERENCE = {
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "arctan": mpmath.atan,
    "arcsin": mpmath.asin,
    "exp": mpmath.exp,
    "ln": mpmath.log,
}
digits_of_x = st.integers(1, 10**12)
exponents = st.integers(-40, 12)


@pytest.mark.parametrize("digits", [40, 120])
@pytest.mark.parametrize("name", REFERENCE)
@settings(max_examples=60, deadline=None)
@given(mantissa=digits_of_x, exponent=exponents, negative=st.booleans())
def test_enclosure_of_a_function_holds_its_value_and_is_narrow(
    name: str, digits: int, mantissa: int, exponent: int, negative: bool
) -> None:
    x = Decimal(mantissa).scaleb(exponent - 12)
    x = -x if negative and name != "ln" else x
    assume(name != "arcsin" or abs(x) <= 1)
    assume(name != "exp" or abs(x) < 10_000)
    low, high = getattr(arithmetic(digits), name)((x, x))
    with mpmath.workdps(3 * digits + 60):
        value = REFERENCE[name](mpmath.mpf(str(x)))
        assert mpmath.mpf(str(low)) <= value <= mpmath.mpf(str(high))
    assert arithmetic(digits).narrow((low, high))


@settings(max_examples=60, deadline=None)
@given(
    low=st.decimals(-20, 20, places=6), width=st.decimals(0, 5, places=6), share=st.decimals(0, 1, places=6)
)
def test_enclosure_of_an_interval_holds_the_value_at_every_point(
    low: Decimal, width: Decimal, share: Decimal
) -> None:
    numbers = arithmetic(40)
    interval, x = (low, low + width), low + width * share
    with mpmath.workdps(80):
        point = mpmath.mpf(str(x))
        for name, value in {
            "sin": mpmath.sin(point),
            "cos": mpmath.cos(point),
            "arctan": mpmath.atan(point),
            "exp": mpmath.exp(point),
        }.items():
            a, b = getattr(numbers, name)(interval)
            assert mpmath.mpf(str(a)) <= value <= mpmath.mpf(str(b)), name
    for exponent in (2, 3, -2):
        if exponent < 0 and interval[0] <= 0 <= interval[1]:
            continue
        a, b = numbers.power(interval, Fraction(exponent))
        assert Fraction(a) <= Fraction(x) ** exponent <= Fraction(b), exponent


@pytest.mark.parametrize("n", [10, 100, 1000])
def test_stirling_encloses_the_factorial(n: int) -> None:
    low, high = arithmetic(60).factorial((Decimal(n), Decimal(n)))
    value = Decimal(int(sympy.factorial(n)))
    assert low <= value <= high
    assert arithmetic(40).disjoint((low, high), (value * 2, value * 2))


polynomials = st.recursive(
    st.sampled_from(["x", "y", "2", "3", "1/2", "sqrt(2)", "sqrt(3)", "i"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda t: f"({t[0]} + {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]} - {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]})*({t[1]})"),
        inner.map(lambda a: f"({a})^2"),
    ),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(polynomials, polynomials)
def test_polynomials_are_equal_exactly_when_sympy_expands_their_difference_to_zero(a: str, b: str) -> None:
    left, right = parse(a), parse(b)
    expected = sympy.expand(build(left) - build(right)) == 0
    assert equal(canonical(left), canonical(right)) is expected
