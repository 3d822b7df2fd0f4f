"""Which part of a response is its answer, and when there is none to be had."""

from __future__ import annotations

import pytest

from verifiers import LENIENT, REWARD, Candidate, Failure, Policy, extract, verify

BOXED = [
    (r"So \boxed{42}.", "42"),
    (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
    (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
    (r"\boxed {7}", "7"),
    (r"\fbox{7}", "7"),
    (r"$$\boxed{x^{2^{3}}}$$", "x^{2^{3}}"),
    (r"<think>maybe \boxed{1}</think> \boxed{2}", "2"),
    (r"<think>a</think> b <think>\boxed{1}</think> \boxed{3}", "3"),
    (r"<THINK>\boxed{1}</THINK>\boxed{2}", "2"),
    (r"<reasoning>\boxed{1}</reasoning>\boxed{2}", "2"),
    (r"\boxed{1}</think>\boxed{2}", "2"),
    (r"\boxed{5} and again \boxed{5}", "5"),
    (r"\boxed{ 5 }", "5"),
    ("\\boxed{\n5\n}", "5"),
    ("- \\boxed{5}", "5"),
    ("**\\boxed{5}**", "5"),
    (r"$x = \boxed{5}$!", "5"),
    (r"$\boxed{5}$ - as promised", "5"),
]
FAILURES = [
    ("", "no_answer"),
    ("42", "no_answer"),
    ("The answer is 42.", "no_answer"),
    ("#### 42\nis what I had first.", "no_answer"),
    ("### 42", "no_answer"),
    ("<answer>42", "no_answer"),
    ("<answer></answer>", "no_answer"),
    ("<think><answer>42</answer></think>", "no_answer"),
    (r"It is definitely not \boxed{42}.", "ambiguous"),
    (r"\boxed{42} is wrong.", "ambiguous"),
    (r"-\boxed{42}", "ambiguous"),
    (r"$2 \cdot \boxed{42}$", "ambiguous"),
    (r"$\boxed{42}^2$", "ambiguous"),
    (r"$\boxed{42} + 1$", "ambiguous"),
    (r"$x > \boxed{42}$", "ambiguous"),
    (r"$x \neq \boxed{42}$", "ambiguous"),
    (r"1\boxed{42}", "ambiguous"),
    (r"\boxed{42}, but that is incorrect.", "ambiguous"),
    (r"<!-- \boxed{42} --> I do not know.", "no_answer"),
    (r"<think>\boxed{42}</think>", "no_answer"),
    (r"<think>\boxed{42}", "no_answer"),
    (r"<think>a</think> <think> \boxed{42}", "no_answer"),
    (r"\boxedx{42}", "no_answer"),
    (r"\boxed{42", "malformed"),
    (r"\boxed{42} no, \boxed{43", "malformed"),
    (r"\boxed{}", "malformed"),
    (r"\boxed{41} then \boxed{}", "malformed"),
    (r"\boxed 42", "malformed"),
    (r"\boxed{42\}", "malformed"),
]


@pytest.mark.parametrize(("response", "answer"), BOXED)
def test_the_last_complete_box_after_the_reasoning_is_the_answer(response: str, answer: str) -> None:
    found = extract(response)
    assert isinstance(found, Candidate)
    assert (found.text, found.source) == (answer, "boxed")


MARKED = [
    ("6 * 7 = 42\n#### 42", "42", "hash-marks"),
    ("#### Step 1\nwe multiply\n#### 1,234 \n", "1,234", "hash-marks"),
    ("so <answer> 42 </answer>", "42", "answer-tag"),
    (r"so <answer>\boxed{42}</answer>", "42", "boxed"),
    ("\\boxed{42}\n#### 42", "42", "boxed"),
]


@pytest.mark.parametrize(("response", "answer", "source"), MARKED)
def test_other_marks_of_a_final_answer_count_where_there_is_no_box(
    response: str, answer: str, source: str
) -> None:
    found = extract(response)
    assert isinstance(found, Candidate)
    assert (found.text, found.source) == (answer, source)


@pytest.mark.parametrize(
    "response",
    [
        "<answer>42</answer> or <answer>43</answer>",
        "#### 42\n#### 43",
        "\\boxed{42}\n#### 43",
        r"\boxed{42} <answer>43</answer>",
        r"The answer is \boxed{42}. No wait, the final answer is 43.",
    ],
)
def test_marks_that_say_different_things_are_ambiguous(response: str) -> None:
    assert verify(response, "42").status == "ambiguous"
    assert verify(response, "43").status == "ambiguous"


@pytest.mark.parametrize(("response", "status"), FAILURES)
def test_reward_policy_refuses_what_is_not_one_complete_box(response: str, status: str) -> None:
    found = extract(response, REWARD)
    assert isinstance(found, Failure)
    assert found.status == status
    assert verify(response, "42").reward == 0.0


LENIENT_CASES = [
    (r"\boxed{42}", "42", "boxed"),
    ("<answer>42</answer>", "42", "answer-tag"),
    ("<answer>1</answer> no: <answer> 42 </answer>", "42", "answer-tag"),
    (r"<answer>\boxed{42}</answer>", "42", "boxed"),
    ("6 * 7 = 42\n#### 42", "42", "hash-marks"),
    ("#### 1\n#### 1,234 ", "1,234", "hash-marks"),
    ("The answer is 42.", "42", "phrase"),
    ("the answer is: 3.14.", "3.14", "phrase"),
    ("**Answer:** 42", "42", "phrase"),
    ("Final answer: $x + 1$", "$x + 1$", "phrase"),
]


@pytest.mark.parametrize(("response", "answer", "source"), LENIENT_CASES)
def test_lenient_policy_also_reads_other_marks(response: str, answer: str, source: str) -> None:
    assert extract(response, LENIENT) == Candidate(answer, source)


@pytest.mark.parametrize("response", ["I saw 41 and then 42", "42", "", "<think>#### 42</think>"])
def test_what_is_rewarded_never_falls_back_to_the_last_number(response: str) -> None:
    assert isinstance(extract(response, REWARD), Failure)
    marks = Policy("marks", answer_tag=True, hash_marks=True, phrase=True)
    assert isinstance(extract(response, marks), Failure)


@pytest.mark.parametrize(
    ("response", "answer", "source"),
    [
        ("I saw 41 and then 42", "42", "number"),
        ("So the total is $1,234.50.", "$1,234.50", "number"),
        (r"Therefore $x \geq 5$ is the solution, since 7 > 5.", r"x \geq 5", "formula"),
        ("<think>#### 42</think> It is 43.", "43", "number"),
        ("The final answer: the largest n is 34.", "34", "phrase"),
    ],
)
def test_lenient_policy_ends_with_the_last_formula_or_number(response: str, answer: str, source: str) -> None:
    found = extract(response, LENIENT)
    assert isinstance(found, Candidate)
    assert (found.text, found.source) == (answer, source)


def test_a_policy_takes_only_the_marks_it_names() -> None:
    hashes = Policy("gsm8k", answer_tag=False)
    assert extract("#### 5", hashes) == Candidate("5", "hash-marks")
    assert isinstance(extract("<answer>5</answer>", hashes), Failure)


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (r"\boxed{1} or \boxed{2}", "ambiguous"),
        (r"\boxed{2} or \boxed{1}", "ambiguous"),
        (r"\boxed{0.5} that is \boxed{1/2}", "correct"),
        (r"\boxed{1/2} that is \boxed{\frac{2}{4}}", "correct"),
        (r"\boxed{1/3} that is \boxed{\frac{2}{6}}", "incorrect"),
        (r"<think>\boxed{1}</think>\boxed{1/2}", "correct"),
        (r"\boxed{1/2} or else \boxed{((}", "malformed"),
        (r"\boxed{1/2, 1/3}", "ambiguous"),
        (r"\boxed{1/2 \text{ or } 1/3}", "ambiguous"),
        ("".join(rf"\boxed{{{n}}}" for n in range(50)), "ambiguous"),
    ],
)
def test_several_boxes_must_say_the_same(response: str, status: str) -> None:
    verdict = verify(response, "1/2")
    if status == "malformed":
        assert verdict.status in ("malformed", "ambiguous")
    else:
        assert verdict.status == status
