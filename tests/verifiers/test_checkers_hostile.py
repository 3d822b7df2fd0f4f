"""Answers made to hang or to fool one checker in particular, and parameters that cannot be meant."""

from __future__ import annotations

import time

import pytest

from schemas.errors import UserError
from verifiers.checkers import checker

#: Each of these takes far less; a hang would take for ever.
LIMIT_S = 3.0
QUARTIC = {"equation": "x^4 - x - 1 = 0"}
ONES = [[1] * 12] * 12

HANGS = [
    ("antiderivative", {"integrand": "x"}, "x*" * 2000 + "x"),
    ("antiderivative", {"integrand": "x"}, "sin(x)*" * 500 + "1"),
    ("antiderivative", {"integrand": "x"}, "x^" * 60 + "x"),
    ("antiderivative", {"integrand": "x"}, "arcsec(" * 29 + "x" + ")" * 29),
    ("antiderivative", {"integrand": "x"}, "/".join("x" * 99)),
    ("roots", QUARTIC, ", ".join(f"sqrt({n}) + sqrt({n + 1})" for n in range(60))),
    ("roots", QUARTIC, "e^{e^{e^{e^{9}}}}"),
    ("roots", QUARTIC, "\\sqrt[9]{9^9^9^9}"),
    ("system", {"equations": ["x + y = 3"], "variables": ["x", "y"]}, "(9^9^9^9, 9^9^9)"),
    ("ode_solution", {"equation": "y' = y"}, "+".join(f"C_{n} sin({n} x) e^(x^{n})" for n in range(99))),
    ("integer_factorisation", {"number": 2**64}, "2*" * 2000 + "2"),
    ("integer_factorisation", {"number": 2**64}, "(" + "9" * 1000 + ")^64*" + "(" + "7" * 1000 + ")^64"),
    ("polynomial_factorisation", {"polynomial": "x^2 - 1"}, "(x-1)" * 500),
    ("polynomial_factorisation", {"polynomial": "x^64 - 1"}, "(x^32 - 1)(x^32 + 1)"),
    ("congruence", {"equation": "3^x = 5", "modulus": 7}, "9" * 1000),
    ("congruence", {"equation": "x^2 = 1", "modulus": 2000, "all": True}, "x ≡ 0 (mod 1)"),
    ("congruence", {"equation": "x^2 = 1", "modulus": 7, "all": True}, "3 mod " + "9" * 3000),
    ("diophantine", {"equation": "x^y = y^x", "variables": ["x", "y"]}, f"({10**900}, {10**901})"),
    ("egyptian_fraction", {"fraction": "2/3"}, "+".join(f"1/{10**50 + n}" for n in range(60))),
    ("satisfying_assignment", {"formula": "p & ~p"}, "p = T, " * 500),
    ("proposition", {"formula": "a", "form": "cnf"}, " | ".join(f"a_{n}" for n in range(60))),
    ("proposition", {"formula": "&".join("abcdefghjklmnop"), "form": "cnf"}, "(a|~b)&" * 500 + "a"),
    ("countdown", {"numbers": [9] * 8, "target": 5, "operations": "^"}, "9^9^9^9"),
    ("countdown", {"numbers": [9] * 8, "target": 5, "operations": "^*"}, "(9^9^9)*(9^9)^9"),
    ("countdown", {"numbers": [9] * 8, "target": 5, "operations": "^-/"}, "9/(9-9)^(9-9-9)"),
    ("sudoku", {"givens": ["1...", "....", "....", "...."]}, "1 2 3 4\n" * (1 << 17)),
    ("n_queens", {"size": 1000}, ", ".join(map(str, range(10**5)))),
    ("n_queens", {"size": 1000}, ", ".join(map(str, range(1000)))),
    ("hamiltonian_path", {"edges": [["A", "B"]]}, "A-B-" * 1000),
    ("eigenvector", {"matrix": ONES}, "(" + ", ".join(f"sin({n})^{n} + t_{n}" for n in range(12)) + ")"),
    ("subset_sum", {"numbers": [1, 2], "target": 3}, ", ".join("1" * 2000)),
    ("sorted_order", {"items": ["1", "2"]}, "1, 9^9^9^9"),
    ("sorted_order", {"items": ["1", "2"]}, "1, x < ((("),
    ("knights_and_knaves", {"statements": {"A": "A"}}, "A" + " " * 4000 + "x is a knight"),
]


@pytest.mark.parametrize(("name", "parameters", "answer"), HANGS)
def test_nothing_hangs_and_nothing_is_accepted(name: str, parameters: dict, answer: str) -> None:
    made = checker(name, parameters)
    started = time.perf_counter()
    outcome = made.check(answer)
    assert time.perf_counter() - started < LIMIT_S
    assert outcome.same is not True, outcome
    assert outcome.method == name


FAULTY = [
    ("roots", {"equation": "sin(x) = 0"}, "give 'count'"),
    ("roots", {"equation": "x = x"}, "every value"),
    ("roots", {"equation": "x^2 = 4)"}, "equation"),
    ("roots", {"equation": "x^2 = 4", "domain": "reel"}, "one of real"),
    ("roots", {"equation": "x = 1, x = 2"}, "one equation"),
    ("root", {"equation": "y = 4"}, "has no x"),
    ("system", {"equations": [], "variables": ["x"]}, "a list of 1"),
    ("ode_solution", {"equation": "y = x"}, "no derivative"),
    ("ode_solution", {"equation": "y' = x", "conditions": [{"at": 0}]}, "'at', 'value'"),
    ("integer_factorisation", {"number": 1}, "other than"),
    ("integer_factorisation", {"number": 12.5}, "whole number"),
    ("polynomial_factorisation", {"polynomial": "12"}, "no variable"),
    ("congruence", {"equation": "x^2 = 1", "modulus": 10**6, "all": True}, "up to the modulus"),
    ("congruence", {"equation": "sin(x) = 1", "modulus": 7}, "congruence"),
    ("remainders", {"remainders": [1], "moduli": [2, 3]}, "as many"),
    ("modular_inverse", {"number": 4, "modulus": 6}, "no inverse"),
    ("egyptian_fraction", {"fraction": "-1/2"}, "positive"),
    ("egyptian_fraction", {"fraction": True}, "fraction"),
    ("diophantine", {"equation": "x + z = 1", "variables": ["x"]}, "has z"),
    ("satisfying_assignment", {"formula": "x + 1"}, "formula"),
    ("proposition", {"formula": "true"}, "letters"),
    ("knights_and_knaves", {"statements": {"A": "B"}}, "speaks of B"),
    ("countdown", {"numbers": [1], "target": 1, "operations": "+!"}, "operations"),
    ("countdown", {"numbers": [-1], "target": 1}, "whole number from 0"),
    ("sudoku", {"givens": ["12", "21"]}, "size 4, 6 or 9"),
    ("sudoku", {"givens": ["1234", "21"]}, "square"),
    ("n_queens", {"size": 3}, "no solution"),
    ("n_queens", {"size": 10**5}, "up to 1000"),
    ("magic_square", {"order": 2}, "order 2"),
    ("graph_colouring", {"edges": [["A"]], "colours": 2}, "pairs"),
    ("shortest_path", {"edges": [["A", "B", -1]], "start": "A", "end": "B"}, "not negative"),
    ("shortest_path", {"edges": [["A", "B"]], "start": "A", "end": "C"}, "no path"),
    ("matrix_inverse", {"matrix": [[1, 2]]}, "square"),
    ("matrix_inverse", {"matrix": [[1, 2], [3]]}, "one length"),
    ("linear_solution", {"matrix": [[1, 2]], "vector": [1, 2]}, "every row"),
    ("counterexample", {"claim": "n > 2", "is_always": "prime"}, "relation"),
    ("counterexample", {"claim": "n > m"}, "about n alone"),
    ("sorted_order", {"items": ["a", "b"]}, "sorted_order"),
]


@pytest.mark.parametrize(("name", "parameters", "said"), FAULTY)
def test_parameters_that_cannot_be_meant_are_errors_that_say_why(
    name: str, parameters: dict, said: str
) -> None:
    with pytest.raises(UserError) as caught:
        checker(name, parameters)
    assert said in str(caught.value)
    assert name in str(caught.value)


def test_parameters_that_are_no_object_are_an_error() -> None:
    with pytest.raises(UserError, match="use an object"):
        checker("roots", ["x^2 = 4"])  # type: ignore[arg-type]
