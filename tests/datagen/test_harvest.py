"""Lessons and pairs from verified attempts: only what was proved is taught, and length tells nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.problems.generate import draw
from datagen.recipes.harvest import graded_problems, proved_lessons, proved_pairs
from datagen.recipes.shared.passing import length_auc
from schemas import UserError
from schemas.check import check_row


def attempt(problem: str, sample: int, text: str, reward: float | None, finish: str = "stop") -> dict:
    return {
        "id": problem,
        "prompt": [{"role": "user", "content": f"question {problem}"}],
        "completion": [{"role": "assistant", "content": text}],
        "answer": "1",
        "spec": {"kind": "integer"},
        "sample": sample,
        "verdict": {"status": "correct" if reward else "incorrect", "method": "exact", "reason": ""},
        "reward": reward,
        "meta": {"recipe": "attempts", "finish_reason": finish},
    }


def test_lessons_are_the_proved_attempts_each_once():
    rows = [
        attempt("a", 0, "right", 1.0),
        attempt("a", 1, "right", 1.0),
        attempt("a", 2, "wrong", 0.0),
        attempt("a", 3, "undecided", None),
        attempt("b", 0, "right", 1.0),
    ]
    lessons = list(proved_lessons(rows))
    assert [lesson["messages"][-1]["content"] for lesson in lessons] == ["right", "right"]
    assert [lesson["messages"][0]["content"] for lesson in lessons] == ["question a", "question b"]
    assert all(check_row(lesson, "instruction") == [] for lesson in lessons)


def test_a_pair_is_the_right_and_the_wrong_answer_nearest_in_length():
    rows = [
        attempt("a", 0, "x" * 10, 1.0),
        attempt("a", 1, "y" * 30, 1.0),
        attempt("a", 2, "z" * 28, 0.0),
        attempt("a", 3, "w" * 10, 0.0, finish="length"),
        attempt("a", 4, "v", None),
    ]
    (pair,) = proved_pairs(rows)
    assert pair["chosen"][0]["content"] == "y" * 30
    assert pair["rejected"][0]["content"] == "z" * 28
    assert pair["meta"]["samples"] == [1, 2]
    assert (pair["meta"]["passed"], pair["meta"]["missed"]) == (2, 1)
    assert (pair["meta"]["lengths"], pair["meta"]["lengths_in"]) == ([30, 28], "characters")
    assert check_row(pair, "preference") == []


def test_lengths_are_tokens_where_they_are_known():
    rows = [
        attempt("a", 0, "xx", 1.0),
        attempt("a", 1, "y" * 30, 0.0),
        attempt("a", 2, "zz", 0.0),
    ]
    for row, tokens in zip(rows, (9, 8, 2), strict=True):
        row["meta"]["tokens"] = tokens
    (pair,) = proved_pairs(rows)
    assert (pair["meta"]["samples"], pair["meta"]["lengths"]) == ([0, 1], [9, 8])
    assert pair["meta"]["lengths_in"] == "tokens"


def test_several_pairs_of_a_problem_share_no_answer_and_are_the_nearest_first():
    rows = [attempt("a", n, "x" * size, 1.0) for n, size in enumerate((5, 50, 90))]
    rows += [attempt("a", n + 3, "y" * size, 0.0) for n, size in enumerate((52, 4, 400, 401))]
    pairs = list(proved_pairs(rows, most=3))
    assert [pair["meta"]["samples"] for pair in pairs] == [[0, 4], [1, 3], [2, 5]]
    assert len(list(proved_pairs(rows, most=9))) == 3
    assert length_auc(pairs) == (1 + 1 + 2) / 9


def test_the_shortest_and_the_most_distinct_lessons_are_picked_and_so_many_a_problem():
    texts = ["one two three", "one two three four", "seven eight nine ten", "one"]
    rows = [attempt("a", n, text, 1.0) for n, text in enumerate(texts)] + [attempt("b", 0, "b", 1.0)]
    said = {
        pick: [row["messages"][-1]["content"] for row in proved_lessons(rows, most=2, pick=pick)]
        for pick in ("first", "shortest", "distinct")
    }
    assert said["first"] == ["one two three", "one two three four", "b"]
    assert said["shortest"] == ["one", "one two three", "b"]
    assert said["distinct"] == ["one two three", "seven eight nine ten", "b"]
    with pytest.raises(UserError, match="unknown way to pick: 'longest'"):
        next(proved_lessons(rows, pick="longest"))


def test_the_problems_for_grpo_are_those_both_solved_and_missed_with_their_pass_rate():
    problems = [draw("addition", 2, "train", 7, index) for index in range(4)]
    rewards = [[1.0, 0.0, 0.0, None], [1.0, 1.0], [0.0, 0.0], [None]]
    rows = [
        attempt(problem["id"], n, str(n), reward)
        for problem, found in zip(problems, rewards, strict=True)
        for n, reward in enumerate(found)
    ]
    (graded,) = graded_problems(rows, problems)
    assert graded["meta"] == {**problems[0]["meta"], "pass_rate": 0.333333, "samples": 3, "passed": 1}
    assert {**graded, "meta": problems[0]["meta"]} == problems[0]
    assert check_row(graded, "problem") == []
    assert list(graded_problems(rows, problems, above=0.5)) == []


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, None]), min_size=1, max_size=6), max_size=8))
def test_exactly_the_problems_both_solved_and_missed_become_pairs(problems):
    rows = [
        attempt(str(number), sample, f"answer {sample}", reward)
        for number, rewards in enumerate(problems)
        for sample, reward in enumerate(rewards)
    ]
    paired = [pair["meta"]["problem"] for pair in proved_pairs(rows)]
    assert paired == [str(n) for n, rewards in enumerate(problems) if {0.0, 1.0} <= set(rewards)]
