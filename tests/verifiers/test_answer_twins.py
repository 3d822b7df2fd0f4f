"""The table of twins: what must be accepted is, and its near miss is not."""

from __future__ import annotations

import pytest
from twins import TWINS, Case
from twins_by_spec import BY_SPEC, SpecCase

from verifiers import KINDS, AnswerSpec, Policy, equivalent, verify
from verifiers.comparing import ball


def judged(kind: str | None, gold: str, predicted: str):
    return equivalent(gold, predicted, AnswerSpec(kind) if kind else None)


@pytest.mark.parametrize("case", TWINS, ids=lambda case: f"{case[1]}|{case[2]}|{case[3]}")
def test_right_answer_is_accepted_and_its_twin_is_not(case: Case) -> None:
    kind, gold, accepted, rejected = case
    right, wrong = judged(kind, gold, accepted), judged(kind, gold, rejected)
    assert right.status == "correct", right
    assert wrong.status in ("incorrect", "malformed", "ambiguous", "wrong_form"), wrong
    assert right.reward == 1.0
    assert wrong.reward == 0.0


@pytest.mark.parametrize("case", TWINS, ids=lambda case: f"{case[1]}|{case[2]}|{case[3]}")
def test_boxed_response_is_judged_like_the_bare_answer(case: Case) -> None:
    kind, gold, accepted, rejected = case
    spec = AnswerSpec(kind) if kind else None
    for predicted in (accepted, rejected):
        boxed = verify(rf"<think>hm</think> The answer is \boxed{{{predicted}}}.", gold, spec)
        if r"\boxed" not in predicted and predicted.count("{") == predicted.count("}"):
            bare = judged(kind, gold, predicted)
            # What is rewarded must be carried out: `2^{10}` is not 1024.
            assert boxed.correct == bare.correct or (kind is None and boxed.status == "wrong_form")


@pytest.mark.parametrize("case", BY_SPEC, ids=lambda case: f"{case[0]['kind']}|{case[1]}|{case[2]}|{case[3]}")
def test_right_answer_to_a_specification_is_accepted_and_its_twin_is_not(case: SpecCase) -> None:
    row, gold, accepted, rejected = case
    spec = AnswerSpec.from_dict(row)
    right, wrong = equivalent(gold, accepted, spec), equivalent(gold, rejected, spec)
    assert right.status == "correct", right
    assert wrong.status in ("incorrect", "malformed", "ambiguous", "wrong_form"), wrong


def test_decimals_decide_every_case_as_balls_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ball, "AVAILABLE", False)
    for kind, gold, accepted, rejected in TWINS:
        assert judged(kind, gold, accepted).correct, (gold, accepted)
        assert not judged(kind, gold, rejected).correct, (gold, rejected)
    for row, gold, accepted, rejected in BY_SPEC:
        spec = AnswerSpec.from_dict(row)
        assert equivalent(gold, accepted, spec).correct, (gold, accepted)
        assert not equivalent(gold, rejected, spec).correct, (gold, rejected)


def test_table_is_large_enough_and_has_no_repeated_case() -> None:
    assert 2 * (len(TWINS) + len(BY_SPEC)) >= 900
    assert len(set(TWINS)) == len(TWINS)
    assert len({str(case) for case in BY_SPEC}) == len(BY_SPEC)


def test_table_has_every_kind_of_answer_with_a_gold_answer() -> None:
    kinds = {kind for kind, *_ in TWINS} | {row["kind"] for row, *_ in BY_SPEC}
    assert kinds - {None} == set(KINDS) - {"checker", "code"}


@pytest.mark.parametrize(
    ("gold", "predicted", "status"),
    [
        ("8", "3+5", "wrong_form"),
        ("8", "2^3", "wrong_form"),
        ("2", r"\gcd(26,760)", "wrong_form"),
        ("55", r"\sum_{k=1}^{10} k", "wrong_form"),
        ("5", "10/2", "wrong_form"),
        ("5", "11/2", "incorrect"),
        ("5", "5 or 6", "ambiguous"),
        ("5", "5, 6", "ambiguous"),
        ("5", r"\pm 5", "ambiguous"),
        ("5", "x = 4 = 5", "ambiguous"),
        ("5", r"5 \text{ (or 6)}", "ambiguous"),
        ("5", r"5 \text{ or six}", "ambiguous"),
        ("5", r"5 \text{ or maybe } 6", "malformed"),
        ("5", r"5 \text{ m}^2", "correct"),
        ("5", "5 5", "malformed"),
        ("5", "(5", "malformed"),
        ("5", "", "malformed"),
        ("", "5", "gold_error"),
        ("1/0", "1/0", "gold_error"),
        ("((", "5", "gold_error"),
    ],
)
def test_integer_answers_fail_with_the_status_that_says_why(gold: str, predicted: str, status: str) -> None:
    assert equivalent(gold, predicted, AnswerSpec("integer")).status == status


@pytest.mark.parametrize("hedged", ["A or B", "A. B", "(A) or (B)", "(A) (B)", "A, B", "A. 5 or B. 6", "AB"])
def test_two_letters_are_no_choice(hedged: str) -> None:
    spec = AnswerSpec("choice", choices=("A", "B", "C", "D"))
    assert equivalent("A", hedged, spec).status == "malformed"
    assert equivalent("A", "(A) 5 cm", spec).correct


@pytest.mark.parametrize(
    ("tolerance", "relative", "predicted", "correct"),
    [
        (0.01, None, "3.15", True),
        (0.01, None, "3.13", True),
        (0.01, None, "3.151", False),
        (0.0, None, "3.14", True),
        (0.0, None, "3.1400001", False),
        (None, 0.01, "3.17", True),
        (None, 0.01, "3.18", False),
        (0.01, None, "22/7", True),
        (0.01, None, "nan", False),
        (0.01, None, "oo", False),
        (0.01, None, "1e400", False),
    ],
)
def test_tolerance_is_inclusive_and_exact(
    tolerance: float | None, relative: float | None, predicted: str, correct: bool
) -> None:
    spec = AnswerSpec("decimal", tolerance=tolerance, relative_tolerance=relative)
    assert equivalent("3.14", predicted, spec).correct is correct


@pytest.mark.parametrize(
    ("predicted", "status"),
    [
        ("2/3", "correct"),
        ("4/6", "wrong_form"),
        ("0.5", "incorrect"),
        ("-2/-3", "wrong_form"),
        ("3/2", "incorrect"),
    ],
)
def test_reduced_form_asks_for_lowest_terms(predicted: str, status: str) -> None:
    assert equivalent("2/3", predicted, AnswerSpec("rational", form="reduced")).status == status


@pytest.mark.parametrize(
    ("predicted", "status"),
    [
        ("-1/2", "correct"),
        (r"-\frac{1}{2}", "correct"),
        (r"\frac{-1}{2}", "correct"),
        (r"\frac{1}{-2}", "correct"),
        (r"\frac{-2}{4}", "wrong_form"),
        (r"\frac{2}{-4}", "wrong_form"),
        (r"-\frac{-1}{-2}", "wrong_form"),
        (r"\frac{-1}{-2}", "incorrect"),
        (r"\frac{1}{2}", "incorrect"),
    ],
)
def test_lowest_terms_have_one_sign_wherever_it_stands(predicted: str, status: str) -> None:
    assert equivalent("-1/2", predicted, AnswerSpec("rational", form="reduced")).status == status


EXPANDED = AnswerSpec("expression", form="expanded")


@pytest.mark.parametrize(
    "predicted",
    [
        "x^2 + 3x + 2",
        "2 + 3*x + x**2",
        "3x + x^{2} + 2",
        "-(-2) + (x^2 + 3x)",
        "x^2+2x+x+2",
        r"x \cdot x + \frac{6x}{2} + 2",
        "(x+1)(x+2) = x^2 + 3x + 2",
    ],
)
def test_a_sum_of_monomials_in_any_order_is_expanded(predicted: str) -> None:
    assert equivalent("x^2 + 3x + 2", predicted, EXPANDED).status == "correct"


@pytest.mark.parametrize(
    ("predicted", "status"),
    [
        ("(x+1)(x+2)", "wrong_form"),
        ("x(x+3) + 2", "wrong_form"),
        ("(x+1)^2 + x + 1", "wrong_form"),
        ("-(-x^2 - 3x - 2)", "wrong_form"),
        (r"\frac{2x^2+6x+4}{2}", "wrong_form"),
        (r"\sqrt{((x+1)(x+2))^2}", "incorrect"),
        ("x^2 + 3x + 2 = (x+1)(x+2)", "wrong_form"),
        ("x^2 + 3x + 3", "incorrect"),
        ("x^2 - 3x + 2", "incorrect"),
        ("(x+1)(x-2)", "incorrect"),
    ],
)
def test_a_product_or_power_of_sums_is_not_expanded(predicted: str, status: str) -> None:
    assert equivalent("x^2 + 3x + 2", predicted, EXPANDED).status == status


def test_without_the_guard_an_unfinished_answer_is_compared_by_value() -> None:
    open_policy = Policy(guard=False)
    assert equivalent("2", r"\gcd(26,760)", policy=open_policy).correct
    assert not equivalent("3", r"\gcd(26,760)", policy=open_policy).correct


def test_rejection_by_intervals_carries_a_point_and_disjoint_enclosures() -> None:
    verdict = equivalent(r"\sin(2x)", r"\sin x \cos x")
    assert verdict.status == "incorrect"
    assert verdict.witness is not None
    low, high = (sorted(map(float, verdict.witness[side])) for side in ("left", "right"))
    assert low[1] < high[0] or high[1] < low[0]
    assert set(verdict.witness["point"]) == {"x"}


@pytest.mark.parametrize(
    ("gold", "predicted"),
    [("ln(x^2)", "2*ln(x)"), ("ln(x y)", "ln(x) + ln(y)"), ("sqrt(x y)", "sqrt(x) sqrt(y)"), ("|x|", "x")],
)
def test_answer_defined_on_less_is_right_only_where_variables_are_positive(gold: str, predicted: str) -> None:
    positive = AnswerSpec("expression", domain="positive")
    assert equivalent(gold, predicted, positive).correct
    assert not equivalent(gold, f"{predicted} + 1", positive).correct
    assert not equivalent(gold, predicted, AnswerSpec("expression", domain="real")).correct
    assert not equivalent(f"{{{gold}, 0}}", f"{{0, {predicted}}}", AnswerSpec("set")).correct
    assert equivalent(f"{{{gold}, 0}}", f"{{0, {predicted}}}", AnswerSpec("set", domain="positive")).correct


def test_rejection_by_domain_carries_a_point_where_only_the_gold_answer_has_a_value() -> None:
    verdict = equivalent("ln(x^2)", "2*ln(x)")
    assert (verdict.status, verdict.method) == ("incorrect", "domain")
    assert verdict.witness is not None
    assert verdict.witness["point"]["x"].startswith("-")


def test_percent_sign_counts_within_a_tolerance_too() -> None:
    assert not equivalent("50", "50%", AnswerSpec("decimal", tolerance=0.1)).correct
    assert equivalent("0.5", "50%", AnswerSpec("decimal", tolerance=0.1)).correct
    assert equivalent("50", "50%", AnswerSpec("percentage", tolerance=0.1)).correct
    assert not equivalent("50", "51%", AnswerSpec("percentage", tolerance=0.1)).correct


def test_declared_symbol_is_a_variable_where_the_name_usually_is_a_constant() -> None:
    spec = AnswerSpec("expression", symbols=("e",))
    assert equivalent("2e", "e+e", spec).correct
    assert not equivalent("2e", "5.43656365691809", spec).correct
    assert not equivalent("e", "exp(1)", spec).correct
    assert equivalent("e", "exp(1)").correct
