"""More answers written by hand, accepted ones beside rejected twins; see `test_checkers_twins`."""

from __future__ import annotations

import time

import pytest

from schemas.errors import UserError
from verifiers.checkers import checker

NO, FORM, MALFORMED, OPEN = None, "wrong_form", "malformed", "timeout"
SQUARE = [[1, 2], [2, 3], [3, 1]]
SPIES = {
    "statements": {"Ann": "Bob is a spy", "Bob": "Ann is a knave", "Cy": "Ann is a knight"},
    "roles": {"knight": "truth", "knave": "lies", "spy": "either"},
    "counts": {"knight": 1, "knave": 1, "spy": 1},
}

ROWS = [
    (
        "curve_point",
        {"equation": "y^2 = x^3 - 2x + 1", "domain": "integer", "others": [[0, 1]]},
        ["(1, 0)", "x = 0, y = -1", "(0, -2/2)"],
        [("(0, 1)", NO), ("(2, 2)", NO), ("(1/4, 3/4)", NO), ("(x, 0)", FORM), ("1", MALFORMED)],
    ),
    (
        "curve_point",
        {"equation": "y = e^x"},
        ["(\\ln 2, 2)", "(1, e)"],
        [("(1, 2.718)", NO), ("(i\\pi, -1)", NO)],
    ),
    (
        "inequality_witness",
        {"relations": ["0 < x < y", "x y > 10"], "variables": ["x", "y"]},
        ["(3, 4)", "x = \\pi, y = 4", "(1, 9^9^9^9)"],
        [
            ("(4, 3)", NO),
            ("(\\sqrt{10}, \\sqrt{10})", NO),
            ("(1, 1/0)", NO),
            ("(x, 4)", FORM),
            ("3", MALFORMED),
        ],
    ),
    (
        "inequality_witness",
        {"relations": ["2^x > x^100"]},
        ["0", "x = 1000", "1001"],
        [("2", NO), ("-1", NO), ("x > 2000", FORM), ("i", NO)],
    ),
    (
        "inequality_witness",
        {"relations": ["x <= 1", "x != 0"]},
        ["1", "\\sin(1)^2 + \\cos(1)^2"],
        [("\\sin(1)^2 + \\cos(1)^2 + 10^{-30}", NO), ("0", NO)],
    ),
    (
        "modular_root",
        {"number": 2, "modulus": 7, "all": True},
        ["3, 4", "x \\equiv \\pm 3 \\pmod 7", "x = 3 or x = 4"],
        [("3", NO), ("3, 10", NO), ("3, 4, 5", NO), ("\\sqrt 2", MALFORMED)],
    ),
    ("modular_root", {"number": 1, "modulus": 15, "all": True}, ["1, 4, 11, 14", "±1, ±4"], [("±1", NO)]),
    (
        "modular_root",
        {"number": 8, "modulus": 2**61 - 1, "degree": 3},
        ["2"],
        [("3", NO), ("8^{1/3}", FORM)],
    ),
    (
        "extended_gcd",
        {"a": 30, "b": 42},
        ["6 = 30 * 3 - 42 * 2", "d = 6, x = 3, y = -2", "\\gcd(30, 42) = 6 = 3 \\cdot 30 - 2 \\cdot 42"],
        [
            ("6 = 30 * 3 - 42 * 3", NO),
            ("12 = 30 * 6 - 42 * 4", NO),
            ("6 = 90 - 84", MALFORMED),
            ("6", MALFORMED),
            ("-6 = 30 * (-3) + 42 * 2", NO),
        ],
    ),
    ("bezout", {"a": 30, "b": 42}, ["6 = 30 * 3 - 42 * 2"], [("12 = 30 * 6 - 42 * 4", NO)]),
    (
        "digit_number",
        {"exactly": "123456789", "divisible_by": [11]},
        ["987652413"],
        [("987654321", NO), ("98765241", NO), ("123456789.5", MALFORMED)],
    ),
    (
        "digit_number",
        {"shape": "cube", "digits": 3, "remainder": [1, 2]},
        ["125", "n = 343", "729"],
        [("216", NO), ("126", NO), ("5^3", FORM), ("27", NO), ("-125", MALFORMED)],
    ),
    (
        "entailment",
        {"premises": ["p -> q", "q"], "conclusion": "p"},
        ["p = F, q = T", "invalid: p = false, q = true", "The argument is invalid because p = 0 and q = 1"],
        [("valid", NO), ("invalid", MALFORMED), ("p = T, q = T", NO), ("p = F, q = F", NO), ("q", MALFORMED)],
    ),
    (
        "entailment",
        {"premises": ["p or q", "~p"], "conclusion": "q", "countermodel": False},
        ["valid", "Yes, it follows.", "\\text{valid}"],
        [("invalid", NO), ("p = F, q = F", NO), ("perhaps", MALFORMED)],
    ),
    (
        "proposition",
        {"formula": "p -> q", "connectives": ["not", "and"]},
        ["~(p & ~q)"],
        [("~p or q", FORM), ("p -> q", FORM), ("~(p & q)", NO)],
    ),
    (
        "knights_and_knaves",
        {"statements": {"Zoey": "~Oliver", "Oliver": "~Zoey & ~Oliver"}, "unique": True},
        ["Zoey is a knight, and Oliver is a knave.", "Oliver: knave\nZoey: knight"],
        [("Zoey and Oliver are knaves", NO), ("Zoey is a knight", MALFORMED), ("Zoey is Oliver", MALFORMED)],
    ),
    (
        "truth_tellers",
        SPIES,
        [
            "Ann is a knave, Bob is a knight and Cy is a spy",
            "Ann: knave; Bob: knight; Cy: spy",
            "Ann = knave\nBob = knight\nCy = spy",
        ],
        [
            ("Ann is a knave, Bob is a spy, Cy is a knight", NO),
            ("Ann and Bob are knaves, Cy is a spy", NO),
            ("Ann is a knave, Bob is a knight", MALFORMED),
            ("Ann is a knave, Bob is a knight, Cy is a knave, Cy is a spy", MALFORMED),
        ],
    ),
    (
        "truth_tellers",
        {
            "statements": {"A": "I am a knave or B is a knight", "B": "(A -> B) & (B -> A)"},
            "unique": True,
        },
        ["A is a knight, B is a knight", "A and B are knights", "A knight, B knight"],
        [("B is a knight, a knave", MALFORMED), ("A is a knave, B is a knight", NO), ("A and B", MALFORMED)],
    ),
    (
        "truth_tellers",
        {"statements": {"A": ["~B", "B"], "B": "A"}, "roles": {"fair": "truth", "fickle": "alternates"}},
        ["A is fickle, B is fickle"],
        [("A is fair, B is fickle", NO), ("B is fair, A is fair", NO)],
    ),
    (
        "eulerian_path",
        {"edges": SQUARE, "cycle": True},
        ["1-2-3-1", "2, 3, 1, 2", "1 \\to 3 \\to 2 \\to 1"],
        [("1-2-3", NO), ("1-2-3-1-2", NO), ("1-2-4-1", MALFORMED)],
    ),
    ("eulerian_path", {"edges": [[1, 2], [1, 2], [2, 3]]}, ["3-2-1-2"], [("3-2-1", NO), ("1-2-3", NO)]),
    (
        "eulerian_path",
        {"edges": SQUARE, "directed": True, "start": 2},
        ["2-3-1-2"],
        [("1-2-3-1", NO), ("2-1-3-2", NO)],
    ),
    (
        "matching",
        {"edges": [["A", "x"], ["B", "y"], ["A", "y"]], "perfect": True},
        ["A-x, B-y", "\\{(A, x), (y, B)\\}", "A with x; B with y", "$(A,x)$ and $(B,y)$"],
        [("A-y", NO), ("A-x, A-y", NO), ("A-B, x-y", NO), ("A-x, B-z", MALFORMED), ("A, x, B, y", MALFORMED)],
    ),
    (
        "stable_matching",
        {"left": {"a": ["x", "y"], "b": ["x", "y"]}, "right": {"x": ["b", "a"], "y": ["a", "b"]}},
        ["a-y, b-x", "(x, b), (y, a)"],
        [("a-x, b-y", NO), ("a-y", NO), ("a-b, x-y", MALFORMED)],
    ),
    (
        "shortest_path",
        {"edges": [["A", "B", 1], ["B", "C", "1/2"]], "start": "A", "end": "C"},
        ["A to B to C", "['A', 'B', 'C']", "a -> b -> c", "A -> B -> C (3/2)", "A, B, C with length 1.5"],
        [("A -> B -> C, length 2", NO), ("A, then C", NO)],
    ),
    (
        "graph_colouring",
        {"edges": [["A", "B"], ["B", "C"]], "colours": 2},
        [
            "(A, 1), (B, 2), (C, 1)",
            "A is red, B is blue and C is red",
            "{'A': 'dark red', 'B': 'blue', 'C': 'dark red'}",
        ],
        [("(A, 1), (B, 1), (C, 2)", NO), ("A = red blue green", MALFORMED)],
    ),
    (
        "n_queens",
        {"size": 4},
        ["3142", "[[0,0,1,0],[1,0,0,0],[0,0,0,1],[0,1,0,0]]", '["..Q.", "Q...", "...Q", ".Q.."]'],
        [("3124", NO), ("{2: 4, 1: 3}", MALFORMED), ("[[0,0,1,0],[0,1,0,0],[0,0,0,1],[1,0,0,0]]", NO)],
    ),
    (
        "matrix_solution",
        {"left": [[1, 2], [3, 4]], "right": [[0, 1], [1, 0]], "result": [[2, 1], [5, 2]]},
        ["[[0, 1], [1/2, 1/2]]", "X = \\begin{pmatrix} 0 & 1 \\\\ 0.5 & 0.5 \\end{pmatrix}"],
        [("[[1, 0], [1/2, 1/2]]", NO), ("[[0, 1]]", MALFORMED), ("A^{-1} C B^{-1}", FORM)],
    ),
    (
        "space_basis",
        {"matrix": [[1, 1, 1]]},
        [
            "(1,-1,0), (0,1,-1)",
            "span{(1,-1,0)^T, (1,0,-1)^T}",
            "v_1 = (2,-2,0), v_2 = (0,1,-1)",
            "[[1,-1,0],[0,1,-1]]",
        ],
        [
            ("(1,-1,0)", NO),
            ("(1,-1,0), (2,-2,0)", NO),
            ("(1,-1,0), (0,1,1)", NO),
            ("(1,-1,0), (0,1,-1), (1,0,-1)", NO),
            ("(t,-t,0), (0,1,-1)", MALFORMED),
        ],
    ),
    ("space_basis", {"matrix": [[1, 0], [0, 1]]}, ["\\{\\}", "\\emptyset"], [("(0, 0)", NO)]),
    (
        "space_basis",
        {"matrix": [[1, 2], [2, 4]], "space": "column"},
        ["(1, 2)", "(3, 6)^T"],
        [("(2, 1)", NO)],
    ),
    ("space_basis", {"matrix": [[1, 2], [3, 6]], "space": "row"}, ["(1, 2)", "{(2, 4)}"], [("(1, 3)", NO)]),
    (
        "orthogonal_vector",
        {"vectors": [[1, 2]], "unit": True},
        ["(2/\\sqrt5, -1/\\sqrt5)", "\\frac{1}{\\sqrt5}(-2, 1)"],
        [("(2, -1)", NO), ("(0, 0)", NO), ("(1/\\sqrt5, 2/\\sqrt5)", NO), ("(t, t)", MALFORMED)],
    ),
    (
        "subset_sum",
        {"numbers": [3, 4, 5], "target": 9},
        ["4 + 5", "4 + 5 = 9"],
        [("4 + 5 = 10", NO), ("9", FORM), ("3 + 6", NO)],
    ),
    (
        "partition",
        {"numbers": [1, 5, 2, 4]},
        [
            "{1, 5}, {2, 4}",
            "1 + 5 = 2 + 4",
            "Group 1: {4, 2}; Group 2: {5, 1}",
            "[[1, 5], [2, 4]]",
            "1 5\n2 4",
        ],
        [
            ("{1, 2}, {5, 4}", NO),
            ("{1, 5}", NO),
            ("{1, 5}, {6}", NO),
            ("{1,5},{2,4},{}", NO),
            ("a, b | c", MALFORMED),
        ],
    ),
    ("partition", {"numbers": [1, 2, 4], "difference": 1}, ["{1, 2}, {4}"], [("{1, 4}, {2}", NO)]),
    ("partition", {"numbers": [1, 2, 4], "sums": [6, 1]}, ["{1}, {2, 4}"], [("{1, 2}, {4}", NO)]),
    (
        "knapsack",
        {"items": {"gold bar": [3, 10], "lamp": [2, 6], "rug": [2, 5]}, "capacity": 4},
        ["lamp, rug", "Rug and lamp."],
        [("gold bar", NO), ("gold bar, lamp", NO), ("lamp, lamp", NO), ("sword", MALFORMED)],
    ),
    (
        "knapsack",
        {"items": {"a": [3, 9], "b": [2, 5]}, "capacity": 4, "minimum": 5},
        ["a", "b"],
        [("a, b", NO)],
    ),
    (
        "permutation",
        {"size": 4, "inversions": 2, "fixed_points": 0},
        ["2 1 4 3", "2143", "[2, 1, 4, 3]", "\\begin{pmatrix} 1&2&3&4 \\\\ 2&1&4&3 \\end{pmatrix}"],
        [("1 4 2 3", NO), ("4 3 2 1", NO), ("2 1 4", MALFORMED), ("(1 2)(3 4)", MALFORMED)],
    ),
    (
        "permutation",
        {"size": 5, "notation": "cycles", "order": 6, "parity": "odd"},
        ["(1 2 3)(4 5)", "(12)(345)", "(1, 2), (3, 4, 5)".replace("), (", ")(")],
        [("(1 2 3 4 5)", NO), ("id", NO), ("(1 2)(2 3 4)", MALFORMED), ("21453", MALFORMED)],
    ),
    (
        "permutation",
        {"size": 5, "descents": 1, "increasing": 3},
        ["1 4 5 2 3"],
        [("1 2 3 4 5", NO), ("5 4 3 2 1", NO)],
    ),
    (
        "sorted_order",
        {"items": ["3", "1/2", "2"]},
        ["1/2 \\le 2 \\le 3", "1/2 → 2 → 3"],
        [("1/2 > 2 > 3", NO), ("3 > 2 > 1/2", NO)],
    ),
    (
        "word_ladder",
        {"start": "cat", "end": "dog", "words": ["cot", "cog", "dog", "dot"], "shortest": True},
        ["cat -> cot -> cog -> dog", "CAT, COT, DOT, DOG"],
        [
            ("cat -> cot -> dog", NO),
            ("cat, cot, dot, cot, cog, dog", NO),
            ("cot, cog, dog", NO),
            ("cat, c0t, dog", MALFORMED),
        ],
    ),
    (
        "word_ladder",
        {"start": "cat", "end": "dog"},
        ["cat, dat, dag, dog"],
        [("cat, dog", NO), ("cat, cats, dog", NO)],
    ),
    (
        "countdown",
        {"numbers": [1, 2, 3, 4], "target": 24},
        ["4 x 3 x 2", "(1 + 3) x (2 + 4)", "x = 4 * 3 * 2"],
        [("0x18", NO), ("24 = x", MALFORMED)],
    ),
    (
        "system",
        {"equations": ["x + y = 2", "x = y"], "variables": ["x", "y"]},
        ["x = y = 1"],
        [("x = y = 2", NO), ("x = y", MALFORMED)],
    ),
    ("congruence", {"equation": "1/x = 3", "modulus": 7, "all": True}, ["5"], [("5, 0", NO), ("0", NO)]),
]


@pytest.mark.parametrize(("name", "parameters", "right", "wrong"), ROWS)
def test_twins(name: str, parameters: dict, right: list[str], wrong: list[tuple[str, str | None]]) -> None:
    made = checker(name, parameters)
    for text in right:
        assert made.check(text).same is True, (text, made.check(text))
    for text, status in wrong:
        outcome = made.check(text)
        assert outcome.same is False, (text, outcome)
        assert outcome.status == status, (text, outcome)


FAULTY = [
    ("curve_point", {"equation": "x + z = 1"}, "has z"),
    ("curve_point", {"equation": "x = y", "others": [[1]]}, "every variable"),
    ("inequality_witness", {"relations": ["x + 1"]}, "relation"),
    ("inequality_witness", {"relations": ["x < y"]}, "have y"),
    ("modular_root", {"number": 3, "modulus": 7}, "no such root"),
    ("modular_root", {"number": 1, "modulus": 10**6, "all": True}, "only modulo a prime"),
    ("extended_gcd", {"a": 0, "b": 0}, "both zero"),
    ("digit_number", {}, "no property"),
    ("digit_number", {"remainder": [5, 3]}, "under its modulus"),
    ("digit_number", {"shape": "sqare"}, "one of prime"),
    ("entailment", {"premises": ["x + 1"], "conclusion": "p"}, "premises"),
    ("proposition", {"formula": "p", "connectives": ["nand"]}, "one of not"),
    ("knights_and_knaves", {"statements": {"A": "~A"}, "unique": True}, "no solution"),
    ("knights_and_knaves", {"statements": {"A": "A"}, "unique": True}, "more than one solution"),
    ("knights_and_knaves", {"statements": {"A": "B + 1", "B": ""}}, "use letters"),
    ("truth_tellers", {"statements": {"A": "C is a knave", "B": ""}}, "not about these people"),
    ("truth_tellers", {"statements": {"A": "A"}, "roles": {"knight": "honest"}}, "one of truth"),
    ("truth_tellers", {"statements": {"A": ""}, "counts": {"spy": 1}}, "no role"),
    ("truth_tellers", {"statements": {"A": "", "B": ""}, "unique": True}, "4 solutions"),
    ("truth_tellers", {"statements": {"A": "", "a": ""}}, "different names"),
    ("eulerian_path", {"edges": [[1, 2], [3, 4]]}, "degrees"),
    ("eulerian_path", {"edges": [[1, 2], [2, 1], [3, 4], [4, 3]]}, "hang together"),
    ("eulerian_path", {"edges": [[1, 2]], "cycle": True}, "degrees"),
    ("matching", {"edges": [[1, 2]], "size": 2}, "no such matching"),
    ("stable_matching", {"left": {"a": ["x"]}, "right": {"x": ["b"]}}, "rank everybody"),
    ("matrix_solution", {"result": [[1]]}, "give 'left'"),
    ("matrix_solution", {"result": [[1]], "left": [[1], [2]]}, "every row"),
    ("orthogonal_vector", {"vectors": [[1, 0], [0, 1]]}, "zero vector"),
    ("partition", {"numbers": [1, 2]}, "divided by 2"),
    ("partition", {"numbers": [1, 2], "sums": [1, 1]}, "sums"),
    ("knapsack", {"items": {"a": [1, 1]}, "capacity": 10**9}, "give 'minimum'"),
    ("permutation", {"size": 3}, "no property"),
    ("permutation", {"size": 3, "cycle_type": [2, 2]}, "sum to 3"),
    ("word_ladder", {"start": "cat", "end": "house"}, "one length"),
    ("word_ladder", {"start": "cat", "end": "dog", "words": ["dog"]}, "no ladder"),
    (
        "word_ladder",
        {"start": "cat", "end": "dog", "words": ["cot", "cog", "dog"], "steps": 2},
        "fewer than 3",
    ),
]


@pytest.mark.parametrize(("name", "parameters", "said"), FAULTY)
def test_parameters_that_cannot_be_meant_are_errors_that_say_why(
    name: str, parameters: dict, said: str
) -> None:
    with pytest.raises(UserError) as caught:
        checker(name, parameters)
    assert said in str(caught.value)
    assert name in str(caught.value)


def _xors(count: int) -> str:
    return " xor ".join(f"x_{{{n}}}" for n in range(count))


ANDS = " & ".join(f"x_{{{n}}}" for n in range(40))
UNITS = {"relations": ["x > 0"]}
HARD = [
    ("inequality_witness", {"relations": ["x < 0"]}, "9^9^9^9", NO),
    ("inequality_witness", {"relations": ["x < 0"]}, "1e999999999", MALFORMED),
    ("curve_point", {"equation": "y = x^64"}, "(9^9^9^9, 1)", NO),
    ("proposition", {"formula": _xors(40)}, " & ".join([ANDS] * 3), NO),
    ("digit_number", {"shape": "prime"}, "1" * 1200, MALFORMED),
    ("modular_root", {"number": 4, "modulus": 2**127 - 1}, "9" * 1200, NO),
    ("modular_root", {"number": 1, "modulus": 20_000, "all": True}, "1 (mod 1)", MALFORMED),
    ("extended_gcd", {"a": 6, "b": 4}, "2 = " + "6 * 1 + " * 400 + "4 * 1", NO),
    ("truth_tellers", SPIES, "Ann is " * 500, MALFORMED),
    ("truth_tellers", SPIES, "Ann" + " " * 4000 + "x is a knave", MALFORMED),
    ("eulerian_path", {"edges": SQUARE}, "1-2-3-" * 20_000, NO),
    ("eulerian_path", {"edges": SQUARE}, "1" + " " * 100_000 + "x", MALFORMED),
    ("matching", {"edges": [["A", "x"]]}, "(A, x" * 700, MALFORMED),
    ("matching", {"edges": [["A", "x"]]}, "(" + "A " * 2000, MALFORMED),
    ("partition", {"numbers": [1, 1]}, "{" * 4000, MALFORMED),
    ("partition", {"numbers": [1, 1]}, "{1}" + "A" * 3000 + "{1}", MALFORMED),
    ("knapsack", {"items": {"a": [1, 1]}, "capacity": 2}, "a and " * 600, NO),
    ("permutation", {"size": 1000, "order": 2}, "(1 2)" * 800, MALFORMED),
    ("word_ladder", {"start": "aa", "end": "bb", "steps": 3}, "aa, ab, " * 400 + "bb", NO),
    ("space_basis", {"matrix": [[1] * 12] * 12}, "(" + "1, " * 1300 + "1)", MALFORMED),
    ("orthogonal_vector", {"vectors": [[1, 1]]}, "(9^9^9^9, -9^9^9^9 + 1)", NO),
    ("entailment", {"premises": [], "conclusion": "p"}, "invalid " + "because " * 500, MALFORMED),
]


@pytest.mark.parametrize(("name", "parameters", "answer", "status"), HARD)
def test_hostile_answers_are_refused_in_a_moment(
    name: str, parameters: dict, answer: str, status: str | None
) -> None:
    made = checker(name, parameters)
    started = time.perf_counter()
    outcome = made.check(answer)
    assert time.perf_counter() - started < 2.0
    assert outcome.same is False, outcome
    assert outcome.status == status, outcome


def test_what_cannot_be_decided_is_said_to_be_undecided() -> None:
    undecided = [
        ("proposition", {"formula": _xors(24)}, " xor ".join(f"x_{{{n}}}" for n in range(23, -1, -1))),
        ("space_basis", {"matrix": [[1, 1, 1]]}, "(\\sqrt2, -\\sqrt2, 0), (0, 1, -1)"),
    ]
    for name, parameters, answer in undecided:
        outcome = checker(name, parameters).check(answer)
        assert outcome.same is None, outcome
        assert outcome.status == OPEN
