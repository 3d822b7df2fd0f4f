"""What holds for every checker: its examples, its parameters, its patience with hostile answers."""

from __future__ import annotations

import json
import random
import time

import pytest

from schemas.errors import UserError
from verifiers import AnswerSpec, equivalent, verify
from verifiers.checkers import CHECKERS, checker

SEEDS = range(25)
HOSTILE = (
    "",
    "(" * 3000,
    "9^9^9^9",
    "9^9^9^9^x",
    "1/0",
    "x" * 4000,
    ", ".join("1" * 3 for _ in range(800)),
    "-" * 500 + "1",
    "\\frac{1}{" * 60 + "2" + "}" * 60,
    "\\pm " * 40 + "1",
    "1" * 3900,
    "9" * 1000 + "^" + "9" * 1000,
    "((x+1)^64)^64",
    "x^x^x^x^x^x",
    "A=" * 1000,
    "\\begin{pmatrix}" + "1&" * 900 + "\\end{pmatrix}",
    "A -> " * 60 + "A",
    "\n".join("1 2 3 4" for _ in range(400)),
    "\u0661\u0662 ² ½ ∞ \x00",
    "factorial(factorial(99))",
    "0." + "0" * 3000 + "1",
    "1e999999999",
    "q" * (1 << 20),
    "1 " * (1 << 19),
)
#: Far above what any of them takes, far under a hang.
HOSTILE_S = 3.0


@pytest.mark.parametrize("name", CHECKERS)
def test_the_right_answer_of_every_example_is_accepted_and_each_near_miss_rejected(name: str) -> None:
    for seed in SEEDS:
        example = CHECKERS[name].example(random.Random(seed))
        made = checker(name, json.loads(json.dumps(example.parameters)))
        right = made.check(example.right)
        assert right.same is True, (example, right)
        assert right.status is None
        assert right.witness
        assert len(example.wrong) >= 2
        for text in example.wrong:
            wrong = made.check(text)
            assert wrong.same is False, (example.parameters, text, wrong)
            assert wrong.status in (None, "malformed", "wrong_form")
            assert wrong.reason


@pytest.mark.parametrize("name", CHECKERS)
def test_an_honest_check_takes_less_than_fifty_milliseconds(name: str) -> None:
    example = CHECKERS[name].example(random.Random(7))
    made = checker(name, example.parameters)
    made.check(example.right)
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        made.check(example.right)
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.05


@pytest.mark.parametrize("name", CHECKERS)
def test_no_hostile_answer_raises_hangs_or_is_accepted(name: str) -> None:
    made = checker(name, CHECKERS[name].example(random.Random(3)).parameters)
    for text in HOSTILE:
        started = time.perf_counter()
        outcome = made.check(text)
        assert time.perf_counter() - started < HOSTILE_S, text[:60]
        assert outcome.same is not True, (text[:60], outcome)
        json.dumps(outcome.witness)


@pytest.mark.parametrize("name", CHECKERS)
def test_an_unknown_parameter_is_an_error_that_names_the_nearest(name: str) -> None:
    parameters = CHECKERS[name].example(random.Random(0)).parameters
    known = next(iter(parameters))
    with pytest.raises(UserError, match=f"did you mean '{known}'"):
        checker(name, {**parameters, known + "q": 1})


@pytest.mark.parametrize("name", CHECKERS)
def test_a_parameter_of_the_wrong_type_is_an_error_that_names_it(name: str) -> None:
    parameters = CHECKERS[name].example(random.Random(0)).parameters
    for key in parameters:
        with pytest.raises(UserError, match=key):
            checker(name, {**parameters, key: object()})


@pytest.mark.parametrize("name", CHECKERS)
def test_parameters_survive_json(name: str) -> None:
    for seed in range(5):
        parameters = CHECKERS[name].example(random.Random(seed)).parameters
        assert checker(name, json.loads(json.dumps(parameters))) == checker(name, parameters)
        spec = AnswerSpec("checker", checker=name, parameters=parameters)
        assert AnswerSpec.from_dict(json.loads(json.dumps(spec.as_dict()))) == spec


@pytest.mark.parametrize("name", CHECKERS)
def test_checkers_are_values_with_equality_and_a_hash(name: str) -> None:
    example = CHECKERS[name].example(random.Random(1))
    one, other = checker(name, example.parameters), checker(name, example.parameters)
    assert one == other
    assert hash(one) == hash(other)
    assert CHECKERS[name].__doc__


def test_an_unknown_checker_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UserError, match="did you mean 'countdown'"):
        checker("countdwn", {})


def test_a_missing_parameter_is_an_error_that_names_it() -> None:
    with pytest.raises(UserError, match="lacks the parameter 'equation'"):
        checker("roots", {"variable": "x"})


def test_a_response_is_verified_by_the_checker_its_specification_names() -> None:
    spec = AnswerSpec("checker", checker="roots", parameters={"equation": "x^2 = 4"})
    assert verify(r"So \boxed{x = \pm 2}.", "", spec).status == "correct"
    assert verify(r"So \boxed{2}.", "", spec).status == "incorrect"
    assert verify(r"So \boxed{x^2 = 4}.", "", spec).status == "wrong_form"
    assert verify(r"So \boxed{((}.", "", spec).status == "malformed"
    verdict = equivalent("", "2, -2", spec)
    assert verdict.witness == {"roots": ["2", "-2"], "expected": 2}
    wrong = AnswerSpec("checker", checker="rotos", parameters={})
    assert verify(r"\boxed{2}", "", wrong).status == "gold_error"
