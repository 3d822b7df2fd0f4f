"""The killable worker: what sympy decides, and what happens when it does not come back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from verifiers.symbolic.workers import GRACE_S, Workers

#: A sum of nested radicals that sympy works on far longer than any deadline here.
SLOW = " + ".join(f"sqrt({n} + sqrt({n + 1} + cbrt({n + 2})))" for n in range(2, 16))


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    with Workers() as pool:
        assert pool.ask("x", "x", 30.0) == "equal"
        yield pool


def process_id(pool: Workers) -> int:
    process = pool.workers[0].process
    assert process is not None
    return process.pid


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        ("sin(x)^2 + cos(x)^2", "1", "equal"),
        ("(1 + i)^2", "2*i", "equal"),
        ("ln(-1)", "i*pi", "equal"),
        ("ln(-1)", "42", "different"),
        (r"\sum_{k = 1}^{n} k", "n*(n+1)/2", "equal"),
        (r"\sum_{k = 1}^{10} (k^2)", "385", "equal"),
        (r"\sum_{k = 1}^{10} (k^2)", "386", "different"),
        (r"\prod_{k = 1}^{5} k", "120", "equal"),
        ("9^(9^(9^9))", "42", "unknown"),
        ("1000000!", "42", "unknown"),
    ],
)
def test_sympy_decides_what_it_can_and_is_spared_what_is_too_large(
    pool: Workers, left: str, right: str, answer: str
) -> None:
    assert pool.ask(left, right, 20.0) == answer


def test_an_overdue_question_is_killed_in_time_and_the_worker_goes_on(pool: Workers) -> None:
    worker = process_id(pool)
    started = time.monotonic()
    assert pool.ask(SLOW, "1", 0.1) == "timeout"
    assert time.monotonic() - started < 5.0
    assert pool.ask("x + x", "2*x", 20.0) == "equal"
    assert process_id(pool) == worker, "only the fork that worked on the question dies"


def test_a_stuck_worker_is_killed_off_the_main_thread_and_replaced(pool: Workers) -> None:
    stuck = process_id(pool)
    os.kill(stuck, signal.SIGSTOP)
    answers: list[tuple[str, float]] = []

    def ask() -> None:
        started = time.monotonic()
        answers.append((pool.ask("x + 3", "x + 4", 0.2), time.monotonic() - started))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(timeout=30)
    (answer, seconds) = answers[0]
    assert answer == "timeout"
    assert seconds >= 0.2
    assert seconds < 0.2 + GRACE_S + 5.0
    with pytest.raises(ProcessLookupError):
        os.kill(stuck, 0)
    assert pool.ask("x + 3", "x + 4", 20.0) == "different"
    assert process_id(pool) != stuck


def test_a_worker_that_died_is_replaced(pool: Workers) -> None:
    os.kill(process_id(pool), signal.SIGKILL)
    answers = {pool.ask("y + 3", "y + 5", 20.0), pool.ask("y + 3", "y + 5", 20.0)}
    assert "different" in answers


def test_a_question_that_is_broken_off_leaves_no_answer_to_the_next(
    pool: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = pool.workers[0]

    def interrupted(limit_s: float) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(worker.child, "line", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pool.ask("w + 1", "w + 1 + 0", 20.0)
    assert pool.ask("w + 3", "w + 4", 20.0) == "different"


def test_the_callback_is_told_when_sympy_is_loaded_and_only_then() -> None:
    told: list[bool] = []
    with Workers(loading=told.append) as pool:
        for number in range(3):
            assert pool.ask(f"u + {number}", f"{number} + u", 30.0) == "equal"
    assert told == [True, False]


def test_equal_questions_cost_once_and_order_does_not_matter(pool: Workers) -> None:
    assert pool.ask("z + z", "2*z", 20.0) == "equal"
    os.kill(process_id(pool), signal.SIGSTOP)
    try:
        assert pool.ask("2*z", "z + z", 0.001) == "equal"
    finally:
        os.kill(process_id(pool), signal.SIGCONT)


def test_a_declared_name_stays_a_variable_in_the_worker(pool: Workers) -> None:
    assert pool.ask("e", "exp(1)", 20.0) == "equal"
    assert pool.ask("e + e", "2*e", 20.0, frozenset({"e"})) == "equal"
    assert pool.ask("e", "exp(1)", 20.0, frozenset({"e"})) != "equal"


def test_closing_ends_the_worker() -> None:
    pool = Workers()
    pool.ask("a", "a", 30.0)
    process = pool.workers[0].process
    assert process is not None
    pool.close()
    assert process.poll() is not None


def test_simple_answers_import_neither_sympy_nor_mpmath() -> None:
    program = (
        "import sys; from verifiers import verify, equivalent;"
        "assert verify(r'\\boxed{1/2}', '0.5').correct; assert equivalent('x^2-1', '(x-1)(x+1)').correct;"
        "assert equivalent('sin(2x)', '2 sin x cos x').correct;"
        "sys.exit(bool({'sympy', 'mpmath', 'torch', 'numpy', 'orjson', 'schemas.rows'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
