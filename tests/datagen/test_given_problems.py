"""Problems from files that people have: each row becomes a valid, true problem row, or is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_gguf import Shape, write_tiny_gguf

from datagen.commands.attempts import Attempts, attempts
from datagen.given_problems import NotUsableError, problem_of, problems_of, spec_of
from datagen.problems import prove
from datagen.problems.generate import draw
from datagen.recipes.wording import wording
from schemas import UserError
from schemas.check import check_row
from schemas.rows import read_rows, write_rows
from verifiers import AnswerSpec, verify
from verifiers.code import probe

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "problems"
needs_isolation = pytest.mark.skipif(probe().level == "L0", reason="programs of others need L1")

GSM8K = {
    "question": "Ada bakes 3 trays of 12 rolls and sells half of them. How many rolls are left?",
    "answer": "She bakes 3*12 = <<3*12=36>>36 rolls.\nHalf of them is 36/2 = <<36/2=18>>18.\n#### 18",
}
MATH = {
    "problem": "Solve $2x + 3 = 4$ for $x$.",
    "solution": "We get $2x = 1$, so $x = \\boxed{\\frac{1}{2}}$.",
    "level": "Level 2",
    "type": "Intermediate Algebra",
    "unique_id": "test/17",
}


def made(row: dict[str, Any], **more: Any) -> dict[str, Any]:
    return problem_of(row, "rows.jsonl", 7, **more)


def test_a_row_of_gsm8k_loses_its_calculator_and_keeps_its_answer() -> None:
    row = made(GSM8K)
    assert (row["family"], row["answer"], row["spec"], row["level"]) == (
        "gsm8k",
        "18",
        {"kind": "integer"},
        1,
    )
    assert row["solution"] == (
        "She bakes 3*12 = 36 rolls.\nHalf of them is 36/2 = 18.\nThe answer is \\boxed{18}"
    )
    assert row["prompt"][0]["content"].startswith(f"{GSM8K['question']}\nShow your steps")
    assert row["meta"] == {"recipe": "given problems", "source": "rows.jsonl", "line": 7}


def test_a_row_of_math_has_its_answer_from_the_box() -> None:
    row = made(MATH)
    assert (row["family"], row["field"], row["level"]) == ("math", "intermediate_algebra", 2)
    assert (row["answer"], row["spec"]["kind"]) == ("\\frac{1}{2}", "rational")
    assert row["solution"] == MATH["solution"]
    assert row["meta"]["source_id"] == "test/17"


@pytest.mark.parametrize(
    ("answer", "kind", "taken"),
    [
        ("72", "integer", "72"),
        ("1,080", "integer", "1080"),
        ("$12$", "integer", "12"),
        ("0.75", "rational", "0.75"),
        ("3/4", "rational", "3/4"),
        ("25%", "percentage", "25%"),
        ("x^2 - 1", "expression", "x^2 - 1"),
        ("(1, 2)", "tuple", "(1, 2)"),
        ("Paris", "text", "Paris"),
        ("yes", "truth", "yes"),
    ],
)
def test_the_kind_of_an_answer_is_read_off_it_and_it_is_right_by_itself(
    answer: str, kind: str, taken: str
) -> None:
    spec, found = spec_of(answer)
    assert (spec["kind"], found) == (kind, taken)
    assert verify(f"\\boxed{{{answer.strip('$')}}}", found, AnswerSpec.from_dict(spec)).correct


def test_a_given_integer_must_be_carried_out() -> None:
    spec, answer = spec_of("8")
    assert verify(r"\boxed{2^3}", answer, AnswerSpec.from_dict(spec)).status == "wrong_form"


@pytest.mark.parametrize(
    ("row", "letter"),
    [
        ({"question": "Largest?", "choices": ["ant", "whale"], "answer": 1}, "B"),
        ({"question": "Largest?", "options": {"A": "ant", "B": "whale"}, "answer": "whale"}, "B"),
        (
            {
                "question": "Largest?",
                "choices": {"text": ["ant", "whale"], "label": ["1", "2"]},
                "answerKey": "2",
            },
            "2",
        ),
    ],
)
def test_options_stand_in_the_question_and_a_letter_is_the_answer(row: dict[str, Any], letter: str) -> None:
    found = made(row)
    assert (found["answer"], found["spec"]["kind"]) == (letter, "choice")
    assert f"({letter}) whale" in found["question"]


@pytest.mark.parametrize(
    "row",
    [
        GSM8K,
        MATH,
        {"instruction": "Add.", "input": "2 and 3", "output": "5"},
        {"prompt": [{"role": "user", "content": "Say the capital of France."}], "answer": ["Paris"]},
        {"query": "What is 1/2 + 1/4?", "final_answer": 0.75, "rationale": "Two quarters and one quarter."},
    ],
)
def test_every_row_that_is_made_is_valid_and_its_solution_right(row: dict[str, Any]) -> None:
    found = made(row)
    assert check_row(found, "problem") == []
    assert verify(found["solution"], found["answer"], AnswerSpec.from_dict(found["spec"])).correct
    assert found["solution"].endswith(f"\\boxed{{{found['answer']}}}") or row is MATH


def test_what_cannot_be_used_is_counted_by_reason_with_its_first_line(tmp_path: Path) -> None:
    rows = [
        GSM8K,
        {"question": "Why is the sky blue?"},
        {
            "question": "Why?",
            "answer": "Because light of short waves is scattered more than that of long ones is.",
        },
        {"answer": "3"},
        GSM8K,
        {"question": "One and one?", "answer": "2", "solution": "It is \\boxed{3}."},
        {"question": "Where?"},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    given = problems_of(path)
    assert (len(given.rows), given.read) == (1, 7)
    assert dict(given.left_out) == {
        "no answer": 2,
        "answer is prose": 1,
        "no question": 1,
        "question comes again": 1,
        "solution ends in another answer": 1,
    }
    assert given.told().startswith("6 of 7 rows left out (no answer: 2 (first in line 2), ")
    assert len(given.rows) + sum(given.left_out.values()) == given.read
    assert [row.get("answer") for row in problems_of(path, answers=False).rows] == ["18", None, None]


def test_a_file_without_a_problem_is_a_sentence_with_the_reasons(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"question": "Why?"}\n')
    with pytest.raises(UserError, match=r"no row can be used as a problem: 1 of 1 .*no answer: 1"):
        problems_of(path)


def test_our_own_rows_stay_as_they_are(tmp_path: Path) -> None:
    rows = [draw("addition", 1, "train", 0, index) for index in range(3)]
    write_rows(tmp_path / "own.jsonl", rows)
    given = problems_of(tmp_path / "own.jsonl")
    assert (given.rows, given.read, given.told()) == (rows, 3, "")


@pytest.mark.parametrize(
    ("name", "row", "split"),
    [
        ("gsm8k_test.jsonl", {}, "test"),
        ("gsm8k.jsonl", {}, "train"),
        ("test.jsonl", {"split": "validation"}, "valid"),
        ("contest.jsonl", {}, "train"),
    ],
)
def test_the_split_is_what_the_row_or_the_file_says(name: str, row: dict[str, Any], split: str) -> None:
    assert problem_of({**GSM8K, **row}, name, 1)["split"] == split


HUMAN_EVAL = {
    "task_id": "HumanEval/x",
    "prompt": 'def twice(n):\n    """Twice n."""\n',
    "entry_point": "twice",
    "canonical_solution": "    return 2 * n\n",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(-1) == -2\n",
}
MBPP = {
    "task_id": 11,
    "text": "Write a function that doubles a number.",
    "code": "def twice(n):\n    return n + n",
    "test_list": ["assert twice(2) == 4", "assert twice(0) == 0"],
}
STDIO = {
    "question": "Read a number, print its double.",
    "solution": "print(2 * int(input()))",
    "tests": [{"input": "4\n", "output": "8\n"}],
}


@needs_isolation
@pytest.mark.parametrize("row", [HUMAN_EVAL, MBPP, STDIO], ids=["HumanEval", "MBPP", "stdio"])
def test_a_program_with_tests_is_a_problem_that_its_reference_solves_and_a_stub_does_not(
    row: dict[str, Any],
) -> None:
    found = made(row)
    assert check_row(found, "problem") == []
    spec = AnswerSpec.from_dict(found["spec"])
    assert verify(found["solution"], found["answer"], spec).correct
    assert not verify("```python\ndef twice(n):\n    return 3\n```", found["answer"], spec).correct


@needs_isolation
def test_what_is_asked_for_a_program_stands_in_the_wording() -> None:
    words = wording("programs")
    question = words.text("pass", question=MBPP["text"], test=MBPP["test_list"][0])
    (turn,) = made(MBPP)["prompt"]
    assert turn["content"] == words.text("program", question=question)
    assert turn["content"] == (
        "Write a function that doubles a number.\nYour code should pass: assert twice(2) == 4\n"
        "Put the whole program in one ```python block."
    )


@needs_isolation
def test_what_the_tests_import_is_there_for_them() -> None:
    row = {**MBPP, "test_imports": ["import math"], "test_list": ["assert math.isclose(twice(2.5), 5)"]}
    found = made(row)
    assert found["spec"]["parameters"]["tests"][0]["assert"].startswith("import math\n")


@needs_isolation
def test_a_reference_that_fails_its_own_tests_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "\n".join(map(json.dumps, [MBPP, {**MBPP, "text": "Again.", "code": "def twice(n):\n    return n"}]))
    )
    assert dict(problems_of(path).left_out) == {"solution fails its own tests": 1}


@needs_isolation
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.jsonl")), ids=lambda path: path.name)
def test_every_row_of_the_samples_can_be_used(path: Path) -> None:
    given = problems_of(path, answers=path.stem != "questions")
    assert given.read >= 5
    assert given.told() == ""


def test_a_model_can_try_them_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = write_tiny_gguf(tmp_path / "tiny.gguf", Shape(context=1024), seed=4)
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, [GSM8K, MATH, {"question": "Why?"}])))
    out = tmp_path / "out.jsonl"
    attempts(Attempts(problems=path, out=out, engine=f"llama:{model}", samples=2, max_tokens=8, threads=1))
    rows = list(read_rows(out))
    assert [row["answer"] for row in rows] == ["18", "18", "\\frac{1}{2}", "\\frac{1}{2}"]
    assert all(check_row(row, "attempt") == [] for row in rows)
    assert "1 of 3 rows left out (no answer: 1 (first in line 3))" in capsys.readouterr().err


def test_there_is_no_second_route_to_an_answer_that_came_with_its_question() -> None:
    with pytest.raises(UserError, match="came with its question: there is no second route to it"):
        prove(made(GSM8K))


@pytest.mark.parametrize(("answer", "letter"), [(0, "A"), (1, "B"), ("0", "C"), (6, "D"), ("B", "B")])
def test_a_number_as_such_counts_the_options_from_0_and_a_text_is_one_of_them(
    answer: object, letter: str
) -> None:
    row = made({"question": "What is 1 + 1?", "choices": ["2", "4", "0", "6"], "answer": answer})
    assert (row["answer"], row["spec"]["kind"]) == (letter, "choice")


@pytest.mark.parametrize(
    "row",
    [
        {"answer": float("nan")},
        {"answer": float("inf")},
        {"answer": "A", "choices": {"text": None}},
        {"answer": "A", "choices": {"text": ["1"], "label": None}},
        {"answer": "\ud800"},
    ],
)
def test_what_cannot_be_read_is_left_out_and_no_fault_of_the_program(row: dict[str, Any]) -> None:
    with pytest.raises(NotUsableError):
        made({"question": "How many?", **row})
