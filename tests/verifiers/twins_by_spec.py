"""More twins, for specifications that a kind alone does not say, and for what has a layout.

`(specification as a row, gold, accepted, rejected)`. Read by `test_answer_twins.py`.
"""

from __future__ import annotations

from typing import Any

SpecCase = tuple[dict[str, Any], str, str, str]

COMPLEX: list[SpecCase] = [
    ({"kind": "complex"}, "3+4i", "4i+3", "3-4i"),
    ({"kind": "complex"}, "3+4i", "3 + 4*I", "4 + 3*I"),
    ({"kind": "complex"}, "3+4i", r"3+4\mathrm{i}", r"-3-4\mathrm{i}"),
    ({"kind": "complex"}, "-i", r"\frac{1}{i}", r"\frac{-1}{i}"),
    ({"kind": "complex"}, "2i", "(1+i)^2", "(1-i)^2"),
    ({"kind": "complex"}, "-4", "(1+i)^4", "(1+i)^3"),
    ({"kind": "complex"}, r"e^{i\pi/3}", r"\frac12+\frac{\sqrt3}{2}i", r"\frac12-\frac{\sqrt3}{2}i"),
    ({"kind": "complex"}, r"e^{i\pi/4}", r"\frac{1+i}{\sqrt2}", r"\frac{1+i}{2}"),
    ({"kind": "complex"}, r"-1", r"e^{i\pi}", r"e^{i\pi/2}"),
    ({"kind": "complex"}, r"2e^{i\pi/6}", r"\sqrt{3}+i", r"1+\sqrt{3}i"),
    ({"kind": "complex"}, r"\sqrt{-9}", "3i", "3"),
    ({"kind": "complex"}, r"\frac{1+2i}{3-4i}", r"\frac{-1+2i}{5}", r"\frac{1+2i}{5}"),
    ({"kind": "complex"}, r"\cos\frac{\pi}{5}+i\sin\frac{\pi}{5}", r"e^{i\pi/5}", r"e^{-i\pi/5}"),
    ({"kind": "expression"}, r"\cos x+i\sin x", r"e^{ix}", r"e^{-ix}"),
    ({"kind": "expression"}, r"\frac{e^{ix}-e^{-ix}}{2i}", r"\sin x", r"\cos x"),
    ({"kind": "complex"}, r"\ln(-1)", r"i\pi", r"-i\pi"),
    ({"kind": "complex"}, r"i^i", r"e^{-\pi/2}", r"e^{\pi/2}"),
    ({"kind": "complex"}, r"|3+4i|", "5", "7"),
]
QUANTITIES: list[SpecCase] = [
    ({"kind": "quantity"}, "5 cm", "50 mm", "5 mm"),
    ({"kind": "quantity"}, "5 cm", r"5\text{ cm}", "5"),
    ({"kind": "quantity"}, r"5\text{ cm}", "0.05 m", "0.5 m"),
    ({"kind": "quantity"}, r"5\text{ cm}", r"5\,\mathrm{cm}", r"5\,\mathrm{cm}^2"),
    ({"kind": "quantity"}, r"12\text{ cm}^2", "12 square centimeters", "12 cm"),
    ({"kind": "quantity"}, r"12\text{ cm}^2", "1200 mm^2", "120 mm^2"),
    ({"kind": "quantity"}, r"18\text{ km/h}", "5 m/s", "18 m/s"),
    ({"kind": "quantity"}, r"18\text{ km/h}", "18 km per hour", "18 miles per hour"),
    ({"kind": "quantity"}, r"9.8\text{ m/s}^2", r"9.8\text{ m s}^{-2}", r"9.8\text{ m/s}"),
    ({"kind": "quantity"}, "2 hours", "120 minutes", "2 minutes"),
    ({"kind": "quantity"}, "2 hours", "7200 s", "720 s"),
    ({"kind": "quantity"}, "1 lb", "16 oz", "12 oz"),
    ({"kind": "quantity"}, "3 feet", "36 inches", "30 inches"),
    ({"kind": "quantity"}, "1 mile", "5280 ft", "5208 ft"),
    ({"kind": "quantity"}, "5 dollars", "500 cents", "50 cents"),
    ({"kind": "quantity"}, "5 apples", "5 apples", "5 oranges"),
    ({"kind": "quantity"}, "2 litres", "2000 ml", "200 ml"),
    ({"kind": "quantity"}, "1.25 litres", "1250 mL", "125 mL"),
    ({"kind": "quantity"}, "90 minutes", "90 min", "90 m"),
    ({"kind": "quantity"}, "150 min", "2.5 hours", "25 hours"),
    ({"kind": "quantity"}, "3600 cm^2", "3600 cm2", "3600 m2"),
    ({"kind": "quantity"}, "3 m^3", "3 m3", "3 m2"),
    ({"kind": "quantity"}, "25/2 cm^2", "12.5 cm^2", "2/25 cm^2"),
    ({"kind": "quantity"}, "7.5 km/h", "15/2 km/h", "15/2 km"),
    ({"kind": "equation"}, "x + y = 9", "y = 9 - x", "9"),
    ({"kind": "equation"}, "y = 4x + 48", "4x + 48", "48"),
    ({"kind": "quantity"}, "1000 N", r"1000\text{ kg m/s}^2", "1000 J"),
    ({"kind": "quantity", "tolerance": 0.1}, "5 cm", "5.05 cm", "5.2 cm"),
    ({"kind": "integer"}, "5 cm", "5", "6"),
    ({"kind": "integer"}, "5", "5 cm", "5 or 6 cm"),
]
PROPOSITIONS: list[SpecCase] = [
    ({"kind": "proposition"}, "p if and only if q", "(p and q) or (not p and not q)", "p and q"),
    ({"kind": "proposition"}, "p if and only if not q", "not (p iff q)", "p iff q"),
    ({"kind": "proposition"}, "not (p if and only if not q)", r"p \leftrightarrow q", "p implies q"),
]
BASES: list[SpecCase] = [
    ({"kind": "base", "base": 5}, "204_5", "204", "54"),
    ({"kind": "base", "base": 5}, "204", "204_5", "204_6"),
    ({"kind": "base", "base": 5}, "204_5", "204_{5}", "204_{10}"),
    ({"kind": "base", "base": 5}, "204_5", r"204_{\text{five}}", r"204_{\text{six}}"),
    ({"kind": "base", "base": 16}, "1A_{16}", "1A_{16}", "1B_{16}"),
    ({"kind": "base", "base": 16}, "C1F_16", "C1F", "C1E"),
    ({"kind": "base", "base": 16}, "C1F_16", "(C1F)_{16}", "(C1F)_{17}"),
    ({"kind": "base", "base": 16}, "C1F", "c1f_16", "cf1_16"),
    ({"kind": "base", "base": 12}, "B_12", "b", "c"),
    ({"kind": "base", "base": 2}, "1011_2", "1011", "11"),
    ({"kind": "base", "base": 2}, "1011_2", "01011_2", "1101_2"),
    ({"kind": "base", "base": 2}, "1011", "1011_{2}", "1012_{3}"),
    ({"kind": "integer"}, "31", "0x1F", "0x1E"),
]
COLLECTIONS: list[SpecCase] = [
    ({"kind": "multiset"}, "1, 1, 2", "2, 1, 1", "1, 2, 2"),
    ({"kind": "multiset"}, "1, 1, 2", "1, 2, 1", "1, 2"),
    ({"kind": "multiset"}, "{1, 1}", "{1, 1}", "{1}"),
    ({"kind": "multiset"}, r"1, \frac12, \frac12", "0.5, 0.5, 1", "0.5, 1, 1"),
    ({"kind": "set"}, "{1, 1, 2}", "{1, 2}", "{1, 2, 3}"),
    ({"kind": "set", "ordered": True}, "(1, 2)", "(1, 2)", "(2, 1)"),
    ({"kind": "tuple", "ordered": False}, "(1, 2)", "(2, 1)", "(2, 2)"),
    ({"kind": "tuple"}, "(1, 2, 3)", r"\langle 1, 2, 3 \rangle", r"\langle 1, 3, 2 \rangle"),
    (
        {"kind": "tuple"},
        "(1, 2)",
        r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}",
        r"\begin{pmatrix} 2 \\ 1 \end{pmatrix}",
    ),
    ({"kind": "tuple"}, "(1, 2)", "(x, y) = (1, 2)", "(x, y) = (1, 3)"),
    ({"kind": "tuple"}, "(1, 2)", "x = 1, y = 2", "x = 2, y = 1"),
    ({"kind": "assignment"}, "x = 1, y = 2", "y = 2, x = 1", "x = 2, y = 1"),
    ({"kind": "assignment"}, "x = 1, y = 2", r"x = 1 \text{ and } y = 2", r"x = 1"),
    ({"kind": "assignment"}, "x = 1, y = 2", "(x, y) = (1, 2)", "(y, x) = (1, 2)"),
    ({"kind": "assignment"}, "x = 1, y = 2", "(1, 2)", "(2, 1)"),
    ({"kind": "assignment"}, r"a = \frac12, b = 3", "b = 3, a = 0.5", "a = 3, b = 0.5"),
    ({"kind": "assignment"}, "x = 1, y = 2", "{x = 1, y = 2}", "x = 1, z = 2"),
]
MATRICES: list[SpecCase] = [
    (
        {"kind": "matrix"},
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
        r"\begin{bmatrix} 1 & 3 \\ 2 & 4 \end{bmatrix}",
    ),
    (
        {"kind": "matrix"},
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        "Matrix([[1, 2], [3, 4]])",
        "Matrix([[1, 2], [3, 5]])",
    ),
    ({"kind": "matrix"}, "[[1, 2], [3, 4]]", "[[1,2],[3,4]]", "[[1, 2], [3]]"),
    ({"kind": "matrix"}, "[[1, 2], [3, 4]]", "Matrix(2, 2, [1, 2, 3, 4])", "Matrix(1, 4, [1, 2, 3, 4])"),
    (
        {"kind": "matrix"},
        r"\begin{pmatrix} \frac12 & 1 \\ 0 & -1 \end{pmatrix}",
        r"\frac12 \begin{pmatrix} 1 & 2 \\ 0 & -2 \end{pmatrix}",
        r"\frac12 \begin{pmatrix} 1 & 2 \\ 0 & 2 \end{pmatrix}",
    ),
    (
        {"kind": "matrix"},
        r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}",
        r"\begin{pmatrix} 1 & 2 \end{pmatrix}^T",
        r"\begin{pmatrix} 1 & 2 \end{pmatrix}",
    ),
    ({"kind": "matrix"}, r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", "(1, 2)", "(2, 1)"),
    (
        {"kind": "matrix"},
        r"\left[\begin{array}{cc} x & 1 \\ 0 & x^2 \end{array}\right]",
        "Matrix([[x, 1], [0, x**2]])",
        "Matrix([[x, 1], [0, 2*x]])",
    ),
    (
        {"kind": "matrix"},
        r"A = \begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}",
        r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}",
        r"\begin{bmatrix} 0 & 1 \\ 1 & 0 \end{bmatrix}",
    ),
    (
        {"kind": "matrix"},
        r"\begin{bmatrix} 2 & 0 \\ 0 & 2 \end{bmatrix}",
        r"\begin{bmatrix} 1 & 1 \\ 1 & -1 \end{bmatrix} \begin{bmatrix} 1 & 1 \\ 1 & -1 \end{bmatrix}",
        r"\begin{bmatrix} 1 & 1 \\ 1 & 1 \end{bmatrix} \begin{bmatrix} 1 & 1 \\ 1 & 1 \end{bmatrix}",
    ),
]
FORMS: list[SpecCase] = [
    ({"kind": "expression", "form": "factored"}, "(x-2)(x+3)", "(x+3)(x-2)", "x^2+x-6"),
    ({"kind": "expression", "form": "factored"}, "2(x+1)", "2(1+x)", "2x+2"),
    ({"kind": "expression", "form": "factored"}, "x(x-1)(x+1)", "(x-1)x(x+1)", "x(x^2-1)"),
    ({"kind": "expression", "form": "factored"}, "(x^2+1)(x-1)", "(x-1)(x^2+1)", "x^3-x^2+x-1"),
    ({"kind": "expression", "form": "factored"}, "(a-b)(a+b)", "(a+b)(a-b)", "a^2-b^2"),
    ({"kind": "expression", "form": "factored"}, "(x+1)^2", "(1+x)^2", "x^2+2x+1"),
    ({"kind": "rational", "form": "numeric"}, "0.5", "0.50", r"\frac12"),
    ({"kind": "real", "form": "numeric", "tolerance": 0.001}, r"\pi", "3.1416", r"\pi"),
    ({"kind": "real", "form": "numeric", "tolerance": 0.01}, r"\sqrt2", "1.414", "1.4"),
    ({"kind": "expression", "form": "expanded"}, "x^2-1", "-1+x^2", "(x-1)(x+1)"),
    ({"kind": "rational", "form": "reduced"}, "2/3", r"\frac{2}{3}", r"\frac{4}{6}"),
    ({"kind": "expression", "domain": "positive"}, "2\\ln x", r"\ln x^2", r"\ln 2x"),
    ({"kind": "expression", "symbols": ["e", "i"]}, "e+i", "i+e", "2e"),
    ({"kind": "choice", "choices": ["A", "B", "C"]}, "A", "(a)", "(b)"),
    ({"kind": "decimal", "relative_tolerance": 0.01}, "200", "201", "203"),
]
RELATIONS: list[SpecCase] = [
    ({"kind": "equation"}, r"x \equiv 3 \pmod{7}", r"x \equiv 10 \pmod 7", r"x \equiv 4 \pmod 7"),
    ({"kind": "equation"}, r"x \equiv 3 \pmod{7}", r"3 \pmod 7", r"x \equiv 3 \pmod 8"),
    ({"kind": "equation"}, "f(x) = x^2+1", "y = x^2+1", "f(x) = x^2-1"),
    ({"kind": "equation"}, "xy = 1", "y = 1/x", "y = x"),
    ({"kind": "equation"}, r"y = \sqrt{x}", r"\sqrt{x} = y", "y^2 = x"),
    ({"kind": "equation"}, r"\frac{dy}{dx} = 2x", "2x", "x^2"),
    ({"kind": "interval"}, "2x < 4", "x < 2", "x > 2"),
    ({"kind": "interval"}, "-2x < 4", "(-2, oo)", "(-oo, -2)"),
    ({"kind": "interval"}, "y > 2x + 1", "2x - y < -1", "2x - y > -1"),
    ({"kind": "interval"}, r"\mathbb{R} \setminus \{0\}", r"x \neq 0", r"x \neq 1"),
    ({"kind": "interval"}, r"\{x \in \mathbb{R} : x > 3\}", "(3, oo)", "[3, oo)"),
    ({"kind": "interval"}, "x > 1 and x < 3", "1 < x < 3", "1 < x"),
    ({"kind": "interval"}, "Interval.Lopen(0, 1)", "(0, 1]", "[0, 1)"),
    ({"kind": "interval"}, "Union(Interval(0, 1), Interval(2, 3))", r"[0,1]\cup[2,3]", r"[0,3]"),
    (
        {"kind": "expression"},
        r"\begin{cases} x & x > 0 \\ -x & x \le 0 \end{cases}",
        r"\begin{cases} -x & \text{if } x \leq 0 \\ x & \text{if } x > 0 \end{cases}",
        r"\begin{cases} x & x < 0 \\ -x & x \ge 0 \end{cases}",
    ),
    (
        {"kind": "expression"},
        "Piecewise((x, x > 0), (0, True))",
        r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
        r"\begin{cases} x & x > 0 \\ 1 & \text{otherwise} \end{cases}",
    ),
]

BY_SPEC: list[SpecCase] = (
    COMPLEX + QUANTITIES + PROPOSITIONS + BASES + COLLECTIONS + MATRICES + FORMS + RELATIONS
)
