"""Lessons and pairs from verified attempts: only what was proved is taught, and length tells nothing."""

from hypothesis import given
from hypothesis import strategies as st

from datagen.recipes.harvest import proved_lessons, proved_pairs
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
    assert check_row(pair, "preference") == []


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, None]), min_size=1, max_size=6), max_size=8))
def test_exactly_the_problems_both_solved_and_missed_become_pairs(problems):
    rows = [
        attempt(str(number), sample, f"answer {sample}", reward)
        for number, rewards in enumerate(problems)
        for sample, reward in enumerate(rewards)
    ]
    paired = [pair["meta"]["problem"] for pair in proved_pairs(rows)]
    assert paired == [str(n) for n, rewards in enumerate(problems) if {0.0, 1.0} <= set(rewards)]
