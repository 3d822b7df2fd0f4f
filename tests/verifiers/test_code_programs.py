"""Programs right, wrong and broken, by each kind of test, at each level of isolation the machine reaches."""

from __future__ import annotations

import json
import os
import pickle
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from code_levels import LEVELS, at_level, output_of

import verifiers.code.sandbox as sandboxes
from schemas.errors import UserError
from verifiers.code import Limits, Passes, passes, probe, run_tests, verify_code
from verifiers.verdict import Verdict

Run = Callable[..., Verdict]
SQUARE = "print(int(input()) ** 2)"
FUNCTION = "def square(n):\n    return n * n\n"
STDIO = [{"input": "3\n", "output": "9\n"}, {"input": "-4\n", "output": "16\n"}]
CALLS = [{"call": "square", "args": [3], "expected": 9}, {"call": "square", "args": [-4], "expected": 16}]
ASSERTS = [{"assert": "assert square(3) == 9\nassert square(-4) == 16"}]


@pytest.fixture(params=LEVELS)
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    return at_level(request.param, monkeypatch)


def block(program: str) -> str:
    return f"Here:\n```python\n{program}\n```\n"


@pytest.mark.parametrize(("program", "tests"), [(SQUARE, STDIO), (FUNCTION, CALLS), (FUNCTION, ASSERTS)])
def test_a_right_program_passes_and_says_how_it_was_shut_in(run: Run, program: str, tests: Any) -> None:
    verdict = run(program, tests)
    assert (verdict.status, verdict.method, verdict.reward) == ("correct", "code-tests", 1.0)
    assert verdict.witness is not None
    assert verdict.witness["tests"] == verdict.witness["passed"] == len(tests)
    assert verdict.witness["isolation"] in ("L0", "L1", "L2")
    assert {"process", "limits"} <= set(verdict.witness["layers"])
    assert json.loads(json.dumps(verdict.as_dict()))["status"] == "correct"


@pytest.mark.parametrize(
    ("program", "tests", "method", "shown"),
    [
        (
            "print(abs(int(input())) * 3)",
            STDIO,
            "code-stdio",
            {"input": "-4\n", "expected": "16\n", "got": "12\n"},
        ),
        (
            "def square(n): return abs(n) * 3",
            CALLS,
            "code-call",
            {"input": "square(-4)", "expected": "16", "got": "12"},
        ),
        ("def square(n): return n * 3", ASSERTS, "code-assert", {"got": "square(-4) returned -12"}),
    ],
)
def test_a_wrong_program_fails_at_the_first_test_it_gets_wrong(
    run: Run, program: str, tests: Any, method: str, shown: dict[str, str]
) -> None:
    verdict = run(program, tests)
    assert (verdict.status, verdict.method, verdict.reward) == ("incorrect", method, 0.0)
    assert verdict.witness is not None
    assert verdict.witness["passed"] == verdict.witness["test"] == len(tests) - 1
    assert shown.items() <= verdict.witness.items()


@pytest.mark.parametrize(
    ("program", "tests", "reason"),
    [
        ("print(9 if input() else 0); 1 / 0", STDIO, "exit status 1: ZeroDivisionError: division by zero"),
        ("print(9); import sys; sys.exit(3)", STDIO, "exit status 3"),
        ("import os; os.abort()", STDIO, "killed by signal"),
        ("def square(n): return 1 / 0", CALLS, "raised ZeroDivisionError: division by zero"),
        ("def cube(n): return n", CALLS, "raised NameError: the program defines no 'square'"),
        ("1 / 0", CALLS, "loading the program raised ZeroDivisionError"),
        ("import os; os._exit(0)", CALLS, "no answer; exit status 0"),
        ("def square(n): return (each for each in [n])", CALLS, "a generator is not plain data"),
        (
            "def square(n): return 1 / 0",
            ASSERTS,
            "ZeroDivisionError: division by zero in `assert square(3) == 9`",
        ),
        ("def cube(n): return n", ASSERTS, "NameError: name 'square' is not defined"),
        ("1 / 0", ASSERTS, "loading the program raised ZeroDivisionError"),
        ("import os\ndef square(n): os._exit(0)", ASSERTS, "the program ended before the tests did"),
    ],
)
def test_a_program_that_breaks_says_why(program: str, tests: Any, reason: str) -> None:
    verdict = run_tests(program, tests)
    assert verdict.status == "incorrect"
    assert reason in verdict.reason


@pytest.mark.parametrize("tests", [STDIO, CALLS, ASSERTS])
@pytest.mark.parametrize(
    "program", ["def square(n) return n", "x = (", "\0", "  x\n y", "(" * 5000, "\udc80"]
)
def test_what_is_no_python_is_malformed(program: str, tests: Any) -> None:
    verdict = run_tests(program, tests)
    assert (verdict.status, verdict.method, verdict.reward) == ("malformed", "code-syntax", 0.0)


@pytest.mark.parametrize(
    ("program", "tests"),
    [
        ("while True: pass", STDIO),
        ("import time; time.sleep(600)", STDIO),
        ("import threading, time; threading.Thread(target=time.sleep, args=(600,)).start(); print(9)", STDIO),
        ("def square(n):\n    while True: pass", CALLS),
        ("def square(n):\n    while True: pass", ASSERTS),
        ("while True: pass", ASSERTS),
        ("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass", STDIO),
    ],
)
def test_a_program_that_never_ends_is_ended_and_wrong(run: Run, program: str, tests: Any) -> None:
    verdict = run(program, tests, Limits(time_s=0.2))
    assert (verdict.status, verdict.method, verdict.reward) == ("incorrect", "code-timeout", 0.0)


def test_all_tests_together_have_a_limit_too() -> None:
    program = "import time; input(); time.sleep(0.2); print(9)"
    verdict = run_tests(program, [STDIO[0]] * 50, Limits(total_s=0.5))
    assert (verdict.status, verdict.method) == ("incorrect", "code-timeout")
    assert verdict.witness is not None
    assert verdict.witness["passed"] < 4


@pytest.mark.parametrize(
    ("program", "tests"),
    [
        ("while True: print('x' * 1000)", STDIO),
        ("import os\nwhile True: os.write(1, b'x' * 60000)", STDIO),
        ("def square(n): return 'x' * 10 ** 7", CALLS),
    ],
)
def test_endless_output_is_cut_off_and_wrong(run: Run, program: str, tests: Any) -> None:
    verdict = run(program, tests, Limits(output_kib=64))
    assert (verdict.status, verdict.method) == ("incorrect", "code-output")
    assert len(json.dumps(verdict.witness)) < 4000


def test_complaints_and_prints_that_nobody_asked_for_do_not_count(run: Run) -> None:
    noise = "import sys\nfor _ in range(2000): sys.stderr.write('x' * 100 + '\\n')\n"
    assert run(noise + SQUARE, STDIO).correct
    assert run(
        "for _ in range(2000): print('x' * 1000)\n" + FUNCTION, CALLS + ASSERTS, Limits(output_kib=64)
    ).correct


@pytest.mark.parametrize(
    ("program", "tests"),
    [
        ("x = bytearray(1 << 33)", STDIO),
        ("x = []\nwhile True: x.append(bytearray(1 << 22))", STDIO),
        ("def square(n): return [0] * (1 << 32)", CALLS),
    ],
)
def test_a_memory_bomb_meets_its_limit(run: Run, program: str, tests: Any) -> None:
    verdict = run(program, tests, Limits(memory_mib=128))
    assert verdict.status == "incorrect"
    assert "MemoryError" in verdict.reason


def test_each_test_starts_from_a_fresh_program_unless_told_otherwise() -> None:
    program = "seen = []\ndef count():\n    seen.append(1)\n    return len(seen)\n"
    first, second = ({"call": "count", "expected": n} for n in (1, 2))
    assert run_tests(program, [first, first]).correct
    assert run_tests(program, [first, second], Limits(fresh_process=False)).correct
    mixed = [first, {"input": "", "output": ""}, second, {"assert": "assert count() == 1"}]
    assert run_tests(program, mixed, Limits(fresh_process=False)).correct


def test_calls_in_one_process_keep_the_answers_given_before_the_end() -> None:
    program = "import os\ndef f(n):\n    return n if n < 3 else os._exit(0)\n"
    tests = [{"call": "f", "args": [n], "expected": n} for n in range(5)]
    verdict = run_tests(program, tests, Limits(fresh_process=False), every=True)
    assert verdict.witness is not None
    assert (verdict.status, verdict.witness["passed"], verdict.witness["test"]) == ("incorrect", 3, 3)


@pytest.mark.parametrize(
    ("program", "test"),
    [
        (
            "class Solution:\n    def add(self, a, b): return a + b",
            {"call": "Solution.add", "args": [1, 2], "expected": 3},
        ),
        ("class C:\n    @staticmethod\n    def f(): return 1", {"call": "C.f", "expected": 1}),
        ("def f(a, *, b): return a - b", {"call": "f", "args": [5], "kwargs": {"b": 2}, "expected": 3}),
        (
            "def f(d): return {k: v for k, v in d.items()}",
            {"call": "f", "args": [{"$": 1}], "expected": {"$": 1}},
        ),
        ("def f(): return ((1, 2), [3.0])", {"call": "f", "expected": [[1, 2], [3]]}),
        ("def f(): return 0.1 + 0.2", {"call": "f", "expected": 0.3}),
        ("def f(): return 3.2", {"call": "f", "expected": 3.0, "tolerance": 0.1}),
        (
            "import math\ndef f(n): return math.factorial(n)",
            {"call": "f", "args": [2000], "expected": __import__("math").factorial(2000)},
        ),
        ("def f(s): return s[::-1]", {"call": "f", "args": ["aé\u2028\ud83d"], "expected": "\ud83d\u2028éa"}),
        ("def f(): return None", {"call": "f", "expected": None}),
        (
            "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\ndef f(): return P(1).x",
            {"call": "f", "expected": 1},
        ),
        ("def f(): return 1\nif __name__ == '__main__':\n    input(); 1 / 0", {"call": "f", "expected": 1}),
        ("def f(n): return n if n < 1 else 1 + f(n - 1)", {"call": "f", "args": [900], "expected": 900}),
        ("import math; print(math.pi)", {"output": "3.14159", "tolerance": 1e-5}),
        ("import sys\nprint(sum(map(int, sys.stdin.read().split())))", {"input": "1 2\n3", "output": "6"}),
        ("print(open(0).read())", {"input": "as it is", "output": "as it is"}),
        ("print(open('/dev/stdin').read())", {"input": "as it is", "output": "as it is"}),
        (
            "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line)",
            {"input": "é\n", "output": "é"},
        ),
        ("print('ok'); exit()\nprint('no')", {"output": "ok"}),
        ("print('ok')\nif __name__ == '__main__': quit(0)", {"output": "ok"}),
        ("import atexit; atexit.register(print, 'end')\nprint('ok')", {"output": "ok\nend"}),
        (
            "import threading\nthreading.Timer(0.01, print, ['late']).start()\nprint('ok')",
            {"output": "ok\nlate"},
        ),
        ("import asyncio\nasync def f(): print('ok')\nasyncio.run(f())", {"output": "ok"}),
        (
            "import sys, threading\nsys.setrecursionlimit(10 ** 6)\nthreading.stack_size(1 << 27)\n"
            "def f(n): return n and 1 + f(n - 1)\nthreading.Thread(target=lambda: print(f(50000))).start()",
            {"output": "50000"},
        ),
        ("open('note', 'w').write('x')\nprint(open('note').read())", {"output": "x"}),
        (
            "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)",
            {"output": "True"},
        ),
        (
            "import random; random.seed(1); a = random.random(); random.seed(1); print(a == random.random())",
            {"output": "True"},
        ),
        ("import zlib, hashlib, decimal, ctypes, unittest; print(1)", {"output": "1"}),
    ],
)
def test_what_programs_do_works_as_in_an_interpreter_of_their_own(run: Run, program: str, test: Any) -> None:
    verdict = run(program, [test])
    assert verdict.correct, verdict


def test_large_inputs_arrive_whole(run: Run) -> None:
    numbers = list(range(300_000))
    text = " ".join(map(str, numbers))
    total = str(sum(numbers))
    assert run("print(sum(map(int, input().split())))", [{"input": text, "output": total}]).correct
    assert run("def f(x): return sum(x)", [{"call": "f", "args": [numbers], "expected": int(total)}]).correct
    too_large = run("pass", [{"input": text, "output": ""}], Limits(input_mib=1))
    assert (too_large.status, too_large.reward) == ("gold_error", None)


def test_off_the_main_thread_it_is_the_same(run: Run) -> None:
    found: list[str] = []

    def check() -> None:
        found.append(run(FUNCTION, CALLS + ASSERTS).status)
        found.append(run("while True: pass", STDIO, Limits(time_s=0.2)).method)

    threads = [threading.Thread(target=check) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(found) == ["code-timeout"] * 2 + ["correct"] * 2


def test_a_response_is_judged_by_its_program() -> None:
    assert verify_code(block(SQUARE), STDIO).correct
    assert verify_code(block(SQUARE), STDIO).steps == ("found: python-block",)
    assert verify_code(block("print(1)"), STDIO).status == "incorrect"
    assert verify_code("no code", STDIO).status == "no_answer"
    assert verify_code(block(SQUARE) + block("print(1)"), STDIO).status == "ambiguous"
    assert verify_code("```python\n" + SQUARE, STDIO).status == "malformed"
    assert verify_code(block("print("), STDIO).status == "malformed"


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        ([], "no tests"),
        ([{"assert": "assert square(3) =="}], "no Python"),
        ([{"assert": "def check(candidate):\n    assert candidate(3) == 9"}], "never used the program"),
        ([{"assert": "class A: pass\nsquare(A())"}], "pass a A to the program"),
    ],
)
def test_tests_at_fault_are_not_charged_to_the_program(tests: Any, reason: str) -> None:
    verdict = run_tests(FUNCTION, tests)
    assert (verdict.status, verdict.reward) == ("gold_error", None)
    assert reason in verdict.reason


def test_rewards_are_one_zero_or_none_and_equal_completions_run_once() -> None:
    completions = [block(SQUARE), block("print(9)"), "none", block(SQUARE), block(SQUARE)]
    tests = [STDIO, STDIO, STDIO, json.dumps(STDIO), []]
    assert passes([""] * 5, completions, tests=tests, level=[1] * 5) == [1.0, 0.0, 0.0, 1.0, None]
    chats = [[{"role": "assistant", "content": text}] for text in completions]
    assert passes([""] * 5, chats, tests=tests) == [1.0, 0.0, 0.0, 1.0, None]


def test_a_share_of_the_tests_is_paid_only_on_demand() -> None:
    share = Passes(share=True)
    tests = [[*STDIO, {"input": "0", "output": "0"}, {"input": "1", "output": "1"}]] * 3
    completions = [block(SQUARE), block("print(abs(int(input()) ** 3))"), block("print(")]
    assert share([""] * 3, completions, tests=tests) == [1.0, 0.5, 0.0]
    assert passes([""] * 3, completions, tests=tests) == [1.0, 0.0, 0.0]
    assert (passes.__name__, share.__name__) == ("passes", "passes_share")


def test_the_reward_survives_pickling_and_refuses_what_does_not_fit() -> None:
    copy = pickle.loads(pickle.dumps(Passes(Limits(time_s=2.0))))
    assert copy([""], [block(SQUARE)], tests=[STDIO]) == [1.0]
    with pytest.raises(UserError, match="different lengths"):
        passes([""], [block(SQUARE)], tests=[])


def test_a_keeper_killed_while_idle_is_replaced() -> None:
    assert run_tests(SQUARE, STDIO).correct
    for idle in sandboxes._idle:
        os.kill(idle.process.pid, signal.SIGKILL)
    assert run_tests(SQUARE, STDIO).correct


def test_a_sandbox_that_cannot_start_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    probe()
    monkeypatch.setattr(sandboxes, "_idle", [])
    monkeypatch.setattr(sandboxes.sys, "executable", "/no/such/interpreter")
    verdict = run_tests(SQUARE, STDIO)
    assert (verdict.status, verdict.method, verdict.reward) == ("timeout", "code-sandbox", None)


def test_the_environment_and_the_interpreter_are_bare(run: Run) -> None:
    program = "import os, sys\nprint(dict(os.environ), sys.flags.isolated, sys.flags.no_site, sys.argv)"
    assert output_of(run, program) == "{} 1 1 ['program.py']"
