"""Answers meant to run code, to hang, to fill memory, or to slip through: each gets the right verdict.

Time is the thread's own processor time, so that a busy machine does not fail the test; what happens in
the worker process has its deadline tested in `test_symbolic_pool.py`.
"""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from twins import TWINS

from verifiers import STATUSES, equivalent, verify

LIMIT_S = 0.25
PAYLOADS = [
    "open('{marker}','w')",
    "__import__('os').system('touch {marker}')",
    "eval(\"open('{marker}','w')\")",
    "exec(\"open('{marker}','w')\")",
    "sympify(\"open('{marker}','w')\")",
    "S(\"open('{marker}','w')\")",
    "parse_expr(\"open('{marker}','w')\")",
    "(lambda: open('{marker}','w'))()",
    "[open('{marker}','w')]",
    "Matrix([open('{marker}','w')])",
    "(open('{marker}','w'), 1)",
    "x = open('{marker}','w')",
    r"\pi + open('{marker}','w')",
    "ｏｐｅｎ('{marker}','w')",
    r"\text{{open('{marker}','w')}}",
    "().__class__.__bases__[0].__subclasses__()",
    "{{open('{marker}','w')}}",
    "`touch {marker}`",
    "$(touch {marker})",
    "1; import os; os.system('touch {marker}')",
]

#: (gold, predicted, the statuses that are right)
WRONG = ("incorrect", "malformed", "wrong_form", "ambiguous")
HOSTILE: list[tuple[str, str, tuple[str, ...]]] = [
    ("42", "9**9**9**9", ("incorrect",)),
    ("42", "9^{9^{9^{9^{9^{9^9}}}}}", ("incorrect",)),
    ("42", "(10**10)**(10**10)", ("incorrect",)),
    ("42", "2**-99999999", ("incorrect",)),
    ("42", "2^" * 40 + "2", ("incorrect",)),
    ("42", "e^{e^{e^{e^{e^e}}}}", ("incorrect",)),
    ("42", "((10!)!)!", ("wrong_form",)),
    ("42", "100000000!", ("wrong_form",)),
    ("42", "3" + "!" * 60, ("wrong_form",)),
    ("42", r"\binom{10^9}{5*10^8}", ("wrong_form",)),
    ("42", r"\prod_{k=1}^{10^9} k", ("wrong_form",)),
    ("42", r"\int_0^{42} 1 \, dx", ("wrong_form",)),
    ("42", r"\lim_{x \to 0} 42", ("wrong_form",)),
    ("42", "gcd(10^{1000000}, 42)", ("wrong_form",)),
    ("2^{1000000}", "2^{1000000}+1", ("incorrect",)),
    ("2^{1000000}", "4^{500000}", ("correct",)),
    ("9^{9^{9^9}}", "9^{9^{9^9}}", ("correct",)),
    ("9^{9^{9^9}}", "9^{9^{9^9}} + 1", ("incorrect",)),
    ("100000000!", "100000001!", ("incorrect",)),
    ("42", "(" * 50 + "42" + ")" * 50, ("correct",)),
    ("42", "(" * 10000 + "42" + ")" * 10000, ("malformed",)),
    ("42", "(" * 1500 + "42" + ")" * 1500, ("malformed",)),
    ("42", "{" * 1500 + "42" + "}" * 1500, ("malformed",)),
    ("42", "[" * 2000, ("malformed",)),
    ("42", r"\sqrt{" * 50 + "2" + "}" * 50, ("incorrect",)),
    ("42", r"\frac{" * 500 + "1", ("malformed",)),
    ("42", "sin(" * 50 + "1" + ")" * 50, ("incorrect",)),
    ("42", "-" * 1000 + "42", ("malformed",)),
    ("42", "-" * 40 + "42", ("correct",)),
    ("42", "|" * 1000, ("malformed",)),
    ("42", "'" * 4000, ("malformed",)),
    ("42", "\\" * 4000, ("malformed",)),
    ("42", "$" * 4000 + "42", ("correct",)),
    ("42", "9" * 1_000_000, ("malformed",)),
    ("42", "x" * 1_000_000, ("malformed",)),
    ("42", "x+" * 500_000 + "x", ("malformed",)),
    ("42", "x+" * 1500 + "x", ("incorrect",)),
    ("42", "1+" * 1500 + "1", ("incorrect",)),
    ("42", "+".join(f"x_{{{i}}}" for i in range(500)), ("incorrect",)),
    ("x", "(" + "+".join(f"x_{{{i}}}" for i in range(200)) + ")^9", ("incorrect",)),
    ("42", "0" * 3000 + "42", ("correct",)),
    ("42", "1" + ",000" * 1000, ("incorrect",)),
    ("42", r"\text{" * 600, ("malformed",)),
    ("42", "1e999999999", ("malformed",)),
    ("42", "1e-999999999", ("malformed",)),
    ("42", "nan", ("incorrect",)),
    ("42", "oo - oo", ("incorrect",)),
    ("42", "1/0", ("incorrect",)),
    ("42", "0^{-1}", ("incorrect",)),
    ("nan", "nan", ("gold_error",)),
    ("1/0", "2/0", ("gold_error",)),
    ("oo", "10^400", ("incorrect",)),
    ("oo", "-oo", ("incorrect",)),
    ("1e400", "1e500", ("incorrect",)),
    ("0", "1e-9", ("incorrect",)),
    ("0", "1e-400", ("incorrect",)),
    ("0", "e^{-1000}", ("incorrect",)),
    ("1", "1+e^{-1000}", ("incorrect",)),
    ("1", r"\cos(10^{-50})", ("incorrect",)),
    ("0", r"\sin(10^{-300})", ("incorrect",)),
    (r"\sin(10^{90})", r"\sin(10^{90}+1)", ("incorrect",)),
    ("42", r"\sin(10^{1000000})", ("incorrect",)),
    ("42", r"(\sqrt2+\sqrt3+\sqrt5+\sqrt7+\sqrt{11}+\sqrt{13})^{40}", ("incorrect",)),
    ("2", "(a+b+c+d+f+g+h)^{60}", ("incorrect",)),
    ("x+1", "(x+1)^{5000}", ("incorrect",)),
    ("(x+y+z+1)^{300}", "(x+y+z+1)^{300}+1", ("incorrect",)),
    ("{1,2}", "{" + ",".join(map(str, range(900))) + "}", ("incorrect",)),
    ("{1,2}", ",".join(f"sin({i})" for i in range(150)), ("incorrect",)),
    ("p and q", " and ".join(f"p_{{{i}}}" for i in range(100)), ("incorrect",)),
    ("42", "4\u200b2", ("correct",)),
    ("42", "\u202e42", ("correct",)),
    ("42", "４２", ("correct",)),
    ("42", "𝟒𝟐", ("correct",)),
    ("42", "４３", ("incorrect",)),
    ("42", "\x0042", ("malformed",)),
    ("42", "𒐫" * 500, ("malformed", "incorrect")),
    ("42", "\ud800", ("malformed",)),
]


#: Layouts, names and marks heaped on each other; none of these is right.
HEAPED: list[tuple[str, str]] = [
    ("42", "*".join(["9^{9999}"] * 400)),
    ("42", "\\prod_{k=1}^{900} k^k"),
    ("42", "\\sum_{k=1}^{900} k^{k}"),
    ("42", "\\sum_{k=1}^{10^9} k"),
    ("42", "\\begin{pmatrix}" * 300),
    ("42", "\\begin{pmatrix}1&2\\\\" * 200 + "\\end{pmatrix}"),
    ("42", "\\begin{vmatrix}" + "\\\\".join("&".join(["x"] * 40) for _ in range(40)) + "\\end{vmatrix}"),
    (
        "42",
        "\\begin{vmatrix}"
        + "\\\\".join("&".join(f"x_{i}{j}" for i in range(5)) for j in range(5))
        + "\\end{vmatrix}",
    ),
    ("5 cm", "5 " + "km^99999999"),
    ("5 cm", "5 " + "cm " * 1000),
    ("42", "Interval(" * 100),
    ("42", "Union(" * 50 + "1" + ")" * 50),
    ("42", "Derivative(" * 40 + "x" + ",x)" * 40),
    ("42", "\\int " * 1000),
    ("42", "\\int_0^1 " * 40 + "x"),
    ("42", "\\frac{d}{dx} " * 200 + "x"),
    ("42", "$a$ " * 800),
    ("42", "\\text{a} " * 400),
    ("42", "1_" * 1500),
    ("42", "1_2_3_4_5" * 300),
    ("42", "A_{16}" * 500),
    ("42", "{" * 4000),
    ("42", "}" * 4000),
    ("42", "\\\\" * 2000),
    ("42", "&" * 4000),
    ("42", "~" * 4000),
    ("42", "|" * 60 + "x" + "|" * 60),
    ("42", "|x" * 1500),
    ("42", "x|" * 1500),
    ("42", "\\left|" * 1000),
    ("42", "1:" * 1500 + "1"),
    ("(1,2)", "|x|<" * 100 + "1"),
    ("x^2=1", "x^2=" * 500 + "1"),
    ("1,2,3", "1\\pm " * 300 + "1"),
    ("1,2", "\\pm 1" + "\\pm 1" * 200),
    ("42", "(1\\pm" * 30 + "1" + ")" * 30),
    ("42", "\\pmod " * 500),
    ("42", "a \\pmod{" * 100 + "1" + "}" * 100),
    ("Matrix([[1,2],[3,4]])", "Matrix([[" + "1," * 1500 + "1]])"),
    ("Matrix([[1,2],[3,4]])", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}" * 60),
    ("Matrix([[1,2],[3,4]])", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}^{99999999}"),
    ("x+1", "Piecewise(" + "(x,x>0)," * 200 + "(0,True))"),
    ("e^{ix}", "(e^{ix})^{99999}"),
    ("i", "i^{10^9}"),
    ("i", "(1+i)^{100000}"),
    ("i", "\\sqrt{\\sqrt{\\sqrt{-1}}}"),
    ("42", "x_" * 1000),
    ("42", "f(x)=" * 300 + "1"),
    ("42", "0x" + "F" * 3000),
    ("42", "0b" + "1" * 4000),
    ("1,2", ",".join(["1/3"] * 900)),
    ("1,2", ",".join(f"1/{i}" for i in range(1, 700))),
    ("42", "⁹" * 2000),
    ("42", "½" * 1000),
    ("42", "√" * 59 + "2"),
    ("42", "1" + "'" * 3000),
    ("42", "5!" * 1000),
    ("42", "!" * 3000 + "p"),
    ("42", "\\sqrt[" * 400),
    ("42", "^" * 3000),
    ("42", "x^" * 58 + "x"),
    ("x", "x^" * 40 + "x"),
    ("42", "log_" * 900),
    ("42", "\\log_2 " * 55 + "2"),
    ("42", "gcd(" + "1," * 1500 + "1)"),
    ("42", "max(" + ",".join(map(str, range(18))) + ")"),
    ("42", "\\frac" * 1300),
    ("42", "\\frac12" * 600),
    ("42", "4" + " 2" * 1000),
    ("42", "\\begin{cases}" + "x & x>0 \\\\ " * 200 + "\\end{cases}"),
    ("42", "\\phantom{42}"),
    ("42", "\\text{42} \\text{or} \\text{43}"),
    ("42", "42\n\n43"),
    ("42", "<!-- 42 -->"),
    ("42", "42 % 43"),
]
#: These are, however much of it there is.
HONEST: list[tuple[str, str]] = [
    ("42", "word " * 700 + "$42$"),
    ("x>1", " x>1 and " * 300 + "x>1"),
    ("(1,2)", "(1,2)\\cup" * 300 + "(1,2)"),
    ("42", "\u200b" * 4000 + "42"),
    ("1/3", "0." + "3" * 3900),
    ("1/3", "0.(3)"),
    ("42", "\\color{white}{42}"),
]


@pytest.fixture(scope="module", autouse=True)
def only_this_modules_garbage() -> Iterator[None]:
    """Keep a full collection of what earlier tests left from being charged to an answer."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_of_an_answer_is_ever_run(payload: str, tmp_path: Path) -> None:
    marker = tmp_path / "pwned"
    predicted = payload.format(marker=marker)
    for gold in ("42", "x+1", "{1, 2}", "(1,2)", r"\pi", "true", "B", "[1,2]", "y=x"):
        verdict = equivalent(gold, predicted)
        assert verdict.status in WRONG, (gold, verdict)
        assert verify(rf"\boxed{{{predicted}}}", gold).status in (*WRONG, "no_answer")
    assert not marker.exists()


@pytest.mark.parametrize(("gold", "predicted", "statuses"), HOSTILE, ids=lambda value: str(value)[:24])
def test_hostile_answer_gets_the_right_verdict_in_time(
    gold: str, predicted: str, statuses: tuple[str, ...]
) -> None:
    started = time.thread_time()
    verdict = equivalent(gold, predicted)
    spent = time.thread_time() - started
    assert verdict.status in statuses, verdict
    assert spent < LIMIT_S


@pytest.mark.parametrize(("gold", "predicted"), HEAPED, ids=lambda value: str(value)[:24])
def test_heaped_up_answer_is_refused_in_time(gold: str, predicted: str) -> None:
    started = time.thread_time()
    verdict = equivalent(gold, predicted)
    spent = time.thread_time() - started
    assert verdict.status in WRONG, verdict
    assert spent < LIMIT_S


@pytest.mark.parametrize(("gold", "predicted"), HONEST, ids=lambda value: str(value)[:24])
def test_long_answer_that_is_right_is_accepted_in_time(gold: str, predicted: str) -> None:
    started = time.thread_time()
    assert equivalent(gold, predicted).correct
    assert time.thread_time() - started < LIMIT_S


@pytest.mark.parametrize("environment", ["pmatrix", "bmatrix"])
def test_large_matrix_of_numbers_is_read_in_time(environment: str) -> None:
    rows = [[(7 * row + column) % 199 - 99 for column in range(120)] for row in range(120)]
    gold = r"\begin{pmatrix}" + r"\\".join("&".join(map(str, row)) for row in rows) + r"\end{pmatrix}"
    spaced = r" \\ ".join(" & ".join(map(str, row)) for row in rows)
    right = rf"\begin{{{environment}}} {spaced} \end{{{environment}}}"
    started = time.thread_time()
    assert equivalent(gold, right).correct
    assert equivalent(gold, "Matrix(" + str(rows) + ")").correct
    rows[119][119] += 1
    wrong = equivalent(gold, "Matrix(" + str(rows) + ")")
    assert (wrong.status, wrong.witness) == (
        "incorrect",
        {"row": 120, "column": 120, "left": str(rows[119][119] - 1), "right": str(rows[119][119])},
    )
    assert time.thread_time() - started < 3 * LIMIT_S


def mutated(text: str, rng: random.Random) -> str:
    """A piece of it repeated, turned round, cut out, put inside itself, or between brackets."""
    start, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    piece = text[start:end]
    times = rng.choice((2, 3, 40, 400))
    return rng.choice(
        (
            text[:start] + piece * times + text[end:],
            text[:start] + piece[::-1] + text[end:],
            text[:start] + text[end:],
            text[:start] + text + text[end:],
            "(" * times + text + ")" * times,
            text + "^" * (times > 40) + "^".join([text] * min(times, 40)),
        )
    )


def test_answers_mutated_at_random_get_a_verdict_in_time() -> None:
    rng = random.Random(7)
    texts = [text for _, gold, right, wrong in TWINS for text in (gold, right, wrong)]
    for _ in range(600):
        gold, predicted = rng.choice(texts), rng.choice(texts)
        for _ in range(rng.randrange(1, 5)):
            predicted = mutated(predicted, rng)[:6000]
        started = time.thread_time()
        verdict = equivalent(gold, predicted)
        assert time.thread_time() - started < LIMIT_S, (gold, predicted)
        assert verdict.status in STATUSES


def test_memory_stays_small_over_all_hostile_answers() -> None:
    tracemalloc.start()
    try:
        for gold, predicted in (*((gold, predicted) for gold, predicted, _ in HOSTILE), *HEAPED, *HONEST):
            equivalent(gold, predicted)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20


@pytest.mark.parametrize(
    "response",
    [
        r"\boxed{" * 20000,
        r"\boxed{" * 20000 + "}" * 20000,
        "<think>" * 100_000,
        "</think>" * 100_000,
        "<answer>" * 100_000,
        "####" * 200_000,
        "the answer is " * 50_000,
        "{" * 1_000_000,
        "\\" * 1_000_000,
        "< " * 500_000,
        "<" + " " * 1_000_000,
        "*" * 500_000 + "answer",
    ],
    ids=lambda text: text[:12],
)
def test_a_long_response_is_read_in_linear_time(response: str) -> None:
    from verifiers import LENIENT

    started = time.thread_time()
    status = verify(response, "42", policy=LENIENT).status
    assert time.thread_time() - started < 1.0
    assert status in ("no_answer", *WRONG)
