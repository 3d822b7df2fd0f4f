"""Answers written by hand: what each checker must accept, and the twin of it that it must not.

Each row: checker, parameters, accepted answers, and rejected ones with their status.
"""

from __future__ import annotations

import pytest

from verifiers.checkers import checker

NO, FORM, MALFORMED = None, "wrong_form", "malformed"

MATHEMATICS = [
    ("root", {"equation": "x^3 = 2"}, ["\\sqrt[3]{2}", "x = 2^{1/3}"], [("1.26", NO), ("x^3 = 2", FORM)]),
    ("root", {"equation": "x^2 = -1"}, [], [("i", NO), ("1", NO), ("i or -i", MALFORMED)]),
    ("root", {"equation": "x^2 = -1", "domain": "complex"}, ["i", "x = -i"], [("1", NO)]),
    ("root", {"equation": "x^2 = 2", "domain": "rational"}, [], [("\\sqrt{2}", NO), ("7/5", NO)]),
    ("root", {"equation": "e^x = 5"}, ["\\ln 5", "x = \\log 5"], [("\\log_{10} 5", NO), ("1.609", NO)]),
    (
        "roots",
        {"equation": "x^2 = 2"},
        [
            "\\pm\\sqrt{2}",
            "\\{-\\sqrt2, \\sqrt2\\}",
            "x=\\sqrt2 or x=-\\sqrt2",
            "$\\sqrt2, -\\sqrt2, \\sqrt2$",
        ],
        [("\\sqrt2", NO), ("1.414, -1.414", NO), ("x = \\pm\\sqrt{x^2}", FORM), ("no solution", NO)],
    ),
    ("roots", {"equation": "x^2 + 1 = 0"}, ["no solution", "\\emptyset", "none"], [("i, -i", NO), ("0", NO)]),
    (
        "roots",
        {"equation": "x^3 = x^2"},
        ["0, 1", "0, 0, 1"],
        [("1", NO), ("0, 1, -1", NO), ("x = 0, y = 1", MALFORMED)],
    ),
    ("roots", {"equation": "1/x = x"}, ["1, -1"], [("1, -1, 0", NO)]),
    ("roots", {"equation": "(x^2-1)/(x-1) = 0"}, ["-1"], [("1, -1", NO), ("1", NO)]),
    ("roots", {"equation": "x^4 = 1", "domain": "complex"}, ["1, -1, i, -i"], [("1, -1", NO)]),
    (
        "roots",
        {"equation": "2^x = x^2", "count": 2, "domain": "integer"},
        ["2, 4"],
        [("2", NO), ("2, 5", NO)],
    ),
    (
        "system",
        {"equations": ["x + y = 3", "x y = 2"], "variables": ["x", "y"], "count": 2},
        ["(1,2), (2,1)", "x=1, y=2; x=2, y=1", "y=2, x=1, y=1, x=2", "(x,y) = (1,2) or (x,y) = (2,1)"],
        [("(1,2)", NO), ("(1,2), (1,2)", NO), ("(1,2), (2,2)", NO), ("y = 3 - x, x = 1", FORM)],
    ),
    (
        "system",
        {"equations": ["x + y = 3"], "variables": ["x", "y"]},
        ["x = 1, y = 2", "(t, 3 - t)"],
        [("y = 3 - x, x = x", FORM), ("(1, 2, 3)", MALFORMED), ("x = 1, y = 2, z = 3", MALFORMED)],
    ),
    (
        "antiderivative",
        {"integrand": "1/x", "constant": True},
        ["\\ln|x| + C", "\\ln x + c", "F(x) = \\log|2x| + K"],
        [
            ("\\ln|x|", NO),
            ("-1/x^2 + C", NO),
            ("\\int \\frac{1}{x} dx", FORM),
            ("\\ln|x| + C x", NO),
            ("\\ln|x| + C - C", NO),
        ],
    ),
    (
        "antiderivative",
        {"integrand": "\\sec x"},
        ["\\ln|\\sec x + \\tan x|", "2 \\operatorname{artanh}(\\tan(x/2))"],
        [("\\sec x \\tan x", NO), ("\\ln|\\sec x - \\tan x|", NO)],
    ),
    (
        "ode_solution",
        {"equation": "y'' - 2y' + y = 0", "constants": 2},
        ["y = (A + B x) e^x", "y(x) = C_1 e^x + C_2 x e^x"],
        [("C_1 e^x", NO), ("y = A e^x + B e^x", NO), ("C_1 e^{x + C_2}", NO), ("y = y'' + 2 y", FORM)],
    ),
    (
        "ode_solution",
        {
            "equation": "y'' = -y",
            "conditions": [{"at": "0", "value": 0}, {"at": "0", "value": 1, "order": 1}],
        },
        ["y = \\sin x", "\\sin(x)"],
        [("\\cos x", NO), ("2 \\sin x", NO), ("0", NO)],
    ),
    ("ode_solution", {"equation": "y' = y^2"}, ["-1/x", "y = 1/(2 - x)"], [("0", NO), ("1/x", NO)]),
    (
        "integer_factorisation",
        {"number": 360},
        ["2^3 \\cdot 3^2 \\cdot 5", "360 = 5 × 2^3 × 3^2", "2, 2, 2, 3, 3, 5", "2*2*2*3*3*5"],
        [("360", FORM), ("8 * 9 * 5", NO), ("2^3 * 3 * 5", NO), ("2^{9^9}", FORM), ("2^3 * 45", NO)],
    ),
    (
        "integer_factorisation",
        {"number": 97},
        ["97"],
        [("1", NO), ("97 * 2", NO), ("97 * 1", NO), ("-97 * -1", NO)],
    ),
    ("integer_factorisation", {"number": -12}, ["-2^2 * 3", "(-1) * 2^2 * 3"], [("2^2 * 3", NO)]),
    (
        "polynomial_factorisation",
        {"polynomial": "x^4 - 1"},
        ["(x-1)(x+1)(x^2+1)", "(1-x)(-1-x)(x^2+1)", "\\frac{(2x-2)(x+1)(x^2+1)}{2}"],
        [
            ("x^4 - 1", FORM),
            ("(x^2-1)(x^2+1)", NO),
            ("(x-1)(x+1)(x-i)(x+i)", NO),
            ("(x-1)(x+1)x(x+1/x)", NO),
            ("(x-1)(x+1)(x^2+2)", NO),
        ],
    ),
    ("polynomial_factorisation", {"polynomial": "x^2 - 2"}, ["x^2 - 2"], [("(x-\\sqrt2)(x+\\sqrt2)", NO)]),
    ("polynomial_factorisation", {"polynomial": "x^4 + 4"}, ["(x^2+2x+2)(x^2-2x+2)"], [("x^4 + 4", FORM)]),
    (
        "polynomial_factorisation",
        {"polynomial": "2x^2 - 2", "over": "integers"},
        ["2(x-1)(x+1)"],
        [("(2x-2)(x+1)", NO), ("4(x/2-1/2)(x+1)", NO)],
    ),
    ("polynomial_factorisation", {"polynomial": "x^2 - y"}, ["x^2 - y"], [("(x-\\sqrt y)(x+\\sqrt y)", NO)]),
    (
        "congruence",
        {"equation": "x^2 = 2", "modulus": 7, "all": True},
        ["3, 4", "x \\equiv 3, 4 \\pmod{7}", "x \\equiv \\pm 3 \\pmod 7", "3 + 7k, 4 + 7k", "x = 3 or x = 4"],
        [("3", NO), ("3, 4, 5", NO), ("x^2 \\equiv 2 \\pmod 7", FORM), ("3 mod 5", NO)],
    ),
    (
        "congruence",
        {"equation": "2x = 6", "modulus": 14, "all": True},
        ["3, 10", "x ≡ 3 (mod 7)", "x = 3 + 7k"],
        [("3", NO), ("3 (mod 14)", NO), ("x ≡ 3 (mod 3)", NO)],
    ),
    (
        "congruence",
        {"equation": "3^x = 5", "modulus": 7},
        ["5", "11"],
        [("4", NO), ("5 + 6k", NO), ("4, 5", MALFORMED)],
    ),
    (
        "remainders",
        {"remainders": [2, 3, 2], "moduli": [3, 5, 7]},
        ["23", "x ≡ 23 (mod 105)", "23 + 105k", "128"],
        [("22", NO), ("23 mod 35", NO), ("2 + 21", FORM)],
    ),
    (
        "modular_inverse",
        {"number": 3, "modulus": 11},
        ["4", "-7", "3^{-1} \\equiv 4 \\pmod{11}", "x = 4"],
        [("3^{-1}", FORM), ("1/3", MALFORMED), ("5", NO)],
    ),
    (
        "primitive_root",
        {"modulus": 7},
        ["3", "5", "10"],
        [("2", NO), ("6", NO), ("7", NO), ("3, 5", MALFORMED)],
    ),
    ("bezout", {"a": 30, "b": 42}, ["x=3, y=-2", "(-4, 3)"], [("(3, 2)", NO), ("(1/30, 5/42)", MALFORMED)]),
    (
        "diophantine",
        {"equation": "x^2 - 2y^2 = 1", "variables": ["x", "y"], "minimum": 1},
        ["(3, 2)", "y = 12, x = 17"],
        [("(1, 0)", NO), ("(3, 3)", NO), ("(\\sqrt{3}, 1)", MALFORMED), ("(6/2 , 1+1)", FORM)],
    ),
    (
        "egyptian_fraction",
        {"fraction": "2/3", "terms": 2},
        ["1/2 + 1/6", "\\frac{1}{2} + \\frac{1}{6}", "2/3 = 1/2 + 1/6", "1/2, 1/6"],
        [("1/3 + 1/3", NO), ("2/3", FORM), ("1/2 + 2/12", FORM), ("1/3 + 1/4 + 1/12", NO)],
    ),
    (
        "linear_solution",
        {"matrix": [[1, 2], [3, 4]], "vector": [5, 11]},
        [
            "(1, 2)",
            "x_2 = 2, x_1 = 1",
            "x = \\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}",
            "(1, 2)^T",
            "[[1], [2]]",
        ],
        [("(2, 1)", NO), ("(1, 2, 0)", MALFORMED), ("A^{-1} b", MALFORMED), ("x_1 = 1, x_1 = 2", MALFORMED)],
    ),
    (
        "matrix_inverse",
        {"matrix": [[1, 2], [3, 4]]},
        ["-\\frac12\\begin{pmatrix} 4 & -2 \\\\ -3 & 1 \\end{pmatrix}", "[[-2, 1], [3/2, -1/2]]"],
        [("[[-2, 1], [3/2, 1/2]]", NO), ("[[1, 2], [3, 4]]^{-1}", FORM), ("[[1, 2]]", MALFORMED)],
    ),
    (
        "eigenvector",
        {"matrix": [[2, 1], [1, 1]], "eigenvalue": "(3 + sqrt(5))/2"},
        ["(1, (\\sqrt5 - 1)/2)", "(1 + \\sqrt5, 2)"],
        [("(0, 0)", NO), ("(1, 1)", NO), ("(1, -(\\sqrt5 + 1)/2)", NO)],
    ),
    ("eigenvector", {"matrix": [[2, 1], [1, 2]]}, ["(1, 1)", "(1, -1)", "(t, t)"], [("(1, 2)", NO)]),
    (
        "null_vector",
        {"matrix": [[1, 1]]},
        ["(1, -1)", "(t, -t)", "\\pi(1, -1)"],
        [("(0, 0)", NO), ("(1, 1)", NO)],
    ),
]

PUZZLES = [
    (
        "satisfying_assignment",
        {"formula": "(p | q) & ~p"},
        ["p = F, q = T", "p=0; q=1", "\\neg p, q", "q and not p", "p = \\text{false}, q = \\text{true}"],
        [
            ("p = F, q = F", NO),
            ("q = T", MALFORMED),
            ("p = F, p = T, q = T", MALFORMED),
            ("(p|q)&~p", MALFORMED),
        ],
    ),
    (
        "countermodel",
        {"premises": ["p -> q", "q"], "conclusion": "p"},
        ["p = F, q = T"],
        [("p = T, q = T", NO), ("p = F, q = F", NO), ("q", MALFORMED)],
    ),
    (
        "proposition",
        {"formula": "p -> q", "form": "cnf"},
        ["\\lnot p \\lor q", "(p | ~p) & (~p | q)"],
        [("p -> q", FORM), ("~(p & ~q)", FORM), ("p | ~q", NO), ("~p | q | r", NO), ("p + q", MALFORMED)],
    ),
    (
        "proposition",
        {"formula": "~(p & q)", "form": "nnf"},
        ["~p | ~q"],
        [("~(p & q)", FORM), ("~p & ~q", NO)],
    ),
    (
        "knights_and_knaves",
        {"statements": {"A": "~B", "B": "~A & ~B"}},
        ["A is a knight, B is a knave", "A: knight; B: knave", "B = knave\nA = knight"],
        [("A and B are knaves", NO), ("A is a knight", MALFORMED), ("A is a spy, B is a knave", MALFORMED)],
    ),
    (
        "countdown",
        {"numbers": [1, 3, 4, 6], "target": 24, "use_all": True},
        ["6/(1-3/4)", "6 \\div (1 - 3 \\div 4)", "\\frac{6}{1-\\frac{3}{4}} = 24", "24 = 6/(1-3/4)"],
        [
            ("24", FORM),
            ("6 * 4", NO),
            ("6/(1-3/4) = 25", NO),
            ("13 + 4 + 6 + 1", NO),
            ("6 * 4 * 1^3", NO),
            ("4!", NO),
            ("6 * 4 * (3 - 1) / 2", NO),
            ("6 * 4 / (3 - 3)", NO),
            ("x + 6", MALFORMED),
        ],
    ),
    ("countdown", {"numbers": [1, 3, 4, 6], "target": 24, "whole": True}, ["6 * 4"], [("6/(1-3/4)", NO)]),
    ("countdown", {"numbers": [1, 3, 4], "target": 2, "positive": True}, ["4 + 1 - 3"], [("1 - 3 + 4", NO)]),
    ("countdown", {"numbers": [2, 3, 3], "target": 8, "operations": "^"}, ["2^3"], [("2 * 3 + 3 - 1", NO)]),
    (
        "sudoku",
        {"givens": ["12..", "....", "..21", "...."]},
        [
            "1234\n3412\n4321\n2143",
            "[[1,2,3,4],[3,4,1,2],[4,3,2,1],[2,1,4,3]]",
            "1 2|3 4\n3 4|1 2\n---+---\n4 3|2 1\n2 1|4 3",
        ],
        [
            ("2134\n3412\n4321\n1243", NO),
            ("1234\n3412\n4321\n2134", NO),
            ("1234", MALFORMED),
            ("no", MALFORMED),
        ],
    ),
    (
        "n_queens",
        {"size": 4},
        ["2, 4, 1, 3", "[1, 3, 0, 2]", "(1,2), (2,4), (3,1), (4,3)", ".Q..\n...Q\nQ...\n..Q."],
        [("1, 2, 3, 4", NO), ("2, 4, 1, 4", NO), ("2, 4, 1", MALFORMED), (".Q..\n...Q\nQ...\n....", NO)],
    ),
    ("n_queens", {"size": 4, "placed": [[1, 3]]}, ["3, 1, 4, 2"], [("2, 4, 1, 3", NO)]),
    (
        "magic_square",
        {"order": 3, "given": [[2, 0, 0], [0, 0, 0], [0, 0, 0]]},
        ["2 7 6\n9 5 1\n4 3 8", "\\begin{pmatrix}2&9&4\\\\7&5&3\\\\6&1&8\\end{pmatrix}"],
        [("8 3 4\n1 5 9\n6 7 2", NO), ("2 7 6\n9 5 1\n4 8 3", NO), ("2 7 6", MALFORMED)],
    ),
    (
        "graph_colouring",
        {"edges": [["A", "B"], ["B", "C"]], "colours": 2},
        ["A: red, B: blue, C: red", "A=1, B=2, C=1"],
        [
            ("A: red, B: red, C: blue", NO),
            ("A: red, B: blue, C: green", NO),
            ("A: red", NO),
            ("red", MALFORMED),
        ],
    ),
    (
        "hamiltonian_path",
        {"edges": [[1, 2], [2, 3], [3, 4], [4, 1]], "cycle": True},
        ["1-2-3-4-1", "2, 3, 4, 1", "1 \\to 4 \\to 3 \\to 2"],
        [("1-3-2-4", NO), ("1-2-3", NO), ("1-2-3-4-5", MALFORMED), ("1-2-1-4-3", NO)],
    ),
    ("hamiltonian_path", {"edges": [[1, 2], [2, 3]], "directed": True}, ["1-2-3"], [("3-2-1", NO)]),
    (
        "shortest_path",
        {"edges": [["A", "B", 1], ["B", "C", "1/2"], ["A", "C", 2]], "start": "A", "end": "C"},
        ["A -> B -> C", "A, B, C", "ABC"],
        [("A -> C", NO), ("C -> B -> A", NO), ("A -> B", NO), ("A -> X -> C", MALFORMED)],
    ),
    (
        "topological_order",
        {"edges": [["a", "b"], ["a", "c"]]},
        ["a, b, c", "a c b"],
        [("b, a, c", NO), ("a, b", NO)],
    ),
    (
        "subset_sum",
        {"numbers": [1, 2, 3], "target": 5},
        ["2, 3", "\\{3, 2\\}"],
        [("5", FORM), ("1, 2, 2", NO)],
    ),
    (
        "sorted_order",
        {"items": ["0.5", "1/3", "-2"]},
        ["-2, 1/3, 0.5", "-2 < \\frac{1}{3} < 1/2"],
        [("1/3, -2, 0.5", NO), ("-2, 1/3", NO), ("-2, 1/3, 0.6", NO)],
    ),
    (
        "sorted_order",
        {"items": ["pear", "Fig"], "by": "text"},
        ["Fig, pear", "fig pear"],
        [("pear, Fig", NO)],
    ),
    ("anagram", {"letters": "Dormitory"}, ["dirty room"], [("dormitory", FORM), ("dirty rooms", NO)]),
    (
        "counterexample",
        {"claim": "n^2 + n + 41", "is_always": "prime", "minimum": 0},
        ["40", "n = 41"],
        [("39", NO), ("-41", NO), ("40.5", MALFORMED), ("8 * 5", FORM)],
    ),
]


@pytest.mark.parametrize(("name", "parameters", "right", "wrong"), MATHEMATICS + PUZZLES)
def test_twins(name: str, parameters: dict, right: list[str], wrong: list[tuple[str, str | None]]) -> None:
    made = checker(name, parameters)
    for text in right:
        assert made.check(text).same is True, (text, made.check(text))
    for text, status in wrong:
        outcome = made.check(text)
        assert outcome.same is False, (text, outcome)
        assert outcome.status == status, (text, outcome)
