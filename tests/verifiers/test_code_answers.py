"""The answer kind `code`: a response is judged by the tests that travel with its problem."""

from __future__ import annotations

import pytest

from verifiers import AnswerSpec, equivalent, verify
from verifiers.code import probe

SPEC = AnswerSpec(
    "code", parameters={"tests": [{"call": "twice", "args": [n], "expected": 2 * n} for n in (1, 4)]}
)
RIGHT = "def twice(n):\n    return n + n\n"

needs_isolation = pytest.mark.skipif(probe().level == "L0", reason="programs of a model need L1")


def fenced(program: str) -> str:
    return f"<think>easy</think>\n```python\n{program}```\n"


@needs_isolation
@pytest.mark.parametrize(
    ("response", "status", "method"),
    [
        (fenced(RIGHT), "correct", "code-tests"),
        (fenced("def twice(n):\n    return n * n\n"), "incorrect", "code-call"),
        (fenced("def twice(n):\n    while True: pass\n"), "incorrect", "code-timeout"),
        (fenced("def twice(n):\n    return open('/etc/passwd').read()\n"), "incorrect", None),
        (RIGHT, "no_answer", "extract"),
        (r"\boxed{2}", "no_answer", "extract"),
    ],
    ids=["right", "wrong", "endless", "thief", "no block", "boxed"],
)
def test_a_response_is_judged_by_the_tests(response: str, status: str, method: str | None) -> None:
    verdict = verify(response, "whatever", SPEC)
    assert verdict.status == status, verdict
    assert method in (None, verdict.method), verdict


@needs_isolation
def test_a_program_alone_is_equivalent_to_whatever_passes_the_tests() -> None:
    assert equivalent("", RIGHT, SPEC).correct
    assert not equivalent(RIGHT, "def twice(n):\n    return 2\n", SPEC).correct


def test_tests_that_say_nothing_are_the_fault_of_the_problem() -> None:
    verdict = verify(fenced(RIGHT), "", AnswerSpec("code", parameters={"tests": [{"cal": "twice"}]}))
    assert (verdict.status, verdict.reward) == ("gold_error", None)
