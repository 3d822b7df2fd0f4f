"""The recipe `attempts`: one row a sample, with what the verifier found."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted_engine import CUT_OFF, ScriptedEngine
from tiny_gguf import write_tiny_gguf

from datagen.engines.llama.engine import LlamaCppEngine
from datagen.problems.generate import draw, generate
from datagen.recipes.attempts import attempts
from datagen.recipes.shared.sampling import Sampling
from datagen.runs.journal import Journal
from datagen.runs.run import run
from schemas.check import check_row
from schemas.rows import Row

PROBLEM = draw("addition", 2, "train", 7, 0)
QUESTION, ANSWER = PROBLEM["prompt"][0]["content"], PROBLEM["answer"]
WRONG = str(int(ANSWER) + 1)


def tried(folder: Path, answers: list[str], problem: Row = PROBLEM) -> tuple[list[Row], ScriptedEngine]:
    engine = ScriptedEngine({QUESTION: answers})
    with Journal(folder / "journal") as journal:
        (outcome,) = run(attempts, [problem], engine, journal, seed=3, options=Sampling(len(answers)))
    return outcome.rows, engine


def test_the_verdict_is_that_of_the_verifier_and_a_cut_off_answer_is_never_correct(tmp_path: Path) -> None:
    right, wrong = rf"so \boxed{{{ANSWER}}}.", rf"so \boxed{{{WRONG}}}."
    rows, _ = tried(tmp_path, [right, wrong, "I do not know.", "", right + CUT_OFF])
    found = [(row["sample"], row["verdict"]["status"], row["reward"]) for row in rows]
    assert found == [
        (0, "correct", 1.0),
        (1, "incorrect", 0.0),
        (2, "no_answer", 0.0),
        (3, "no_answer", 0.0),
        (4, "no_answer", 0.0),
    ]
    assert rows[4]["verdict"] == {
        "status": "no_answer",
        "method": "unfinished",
        "reason": "cut off after 2 tokens",
    }
    assert [row["meta"]["finish_reason"] for row in rows] == ["stop"] * 4 + ["length"]


def test_the_worked_solution_of_every_family_is_a_correct_attempt(tmp_path: Path) -> None:
    from datagen.problems import families

    problems = list(generate(families(), [1, 3], 2 * len(families()), seed=5))
    script = {problem["prompt"][0]["content"]: [problem["solution"]] for problem in problems}
    with Journal(tmp_path / "journal") as journal:
        outcomes = run(attempts, problems, ScriptedEngine(script), journal, options=Sampling(1))
    assert {outcome.rows[0]["reward"] for outcome in outcomes} == {1.0}


def test_an_answer_that_cannot_be_judged_has_no_reward(tmp_path: Path) -> None:
    rows, _ = tried(tmp_path, [r"\boxed{4}"], {**PROBLEM, "answer": "1/0"})
    assert (rows[0]["verdict"]["status"], rows[0]["reward"]) == ("gold_error", None)
    assert check_row(rows[0], "attempt") == []


def test_all_samples_of_a_problem_are_one_request(tmp_path: Path) -> None:
    rows, engine = tried(tmp_path, [r"\boxed{1}"] * 6)
    assert len(rows) == 6
    assert [request.n for request in engine.requests] == [6]


def test_a_row_says_where_it_came_from(tmp_path: Path) -> None:
    rows, engine = tried(tmp_path, [r"\boxed{1}", "2"])
    assert [row["meta"]["seed"] for row in rows] == list(engine.requests[0].sample_seeds)
    assert rows[1]["meta"] | {"seed": None} == {
        "recipe": "attempts",
        "item": PROBLEM["id"],
        "run_seed": 3,
        "engine": "scripted",
        "model_hash": "0" * 64,
        "sampling": {"samples": 2, "temperature": 1.0, "top_p": 1.0, "max_tokens": None},
        "seed": None,
        "finish_reason": "stop",
        "tokens": 1,
        "passed": 0,
        "judged": 2,
    }


@pytest.mark.parametrize("limit", [None, 12])
def test_rows_of_a_real_model_follow_their_schema(tmp_path: Path, limit: int | None) -> None:
    problems = list(generate(["addition", "linear_equation"], [1, 2], 6, seed=1))
    model = write_tiny_gguf(tmp_path / "tiny.gguf", seed=4)
    sampling = Sampling(3, temperature=0.9, max_tokens=limit)
    with (
        LlamaCppEngine(model, threads=1, width=4, context=160) as engine,
        Journal(tmp_path / "journal") as journal,
    ):
        outcomes = run(attempts, problems, engine, journal, options=sampling)
        hash_of_model = engine.model_hash
    rows = [row for outcome in outcomes for row in outcome.rows]
    assert [(row["id"], row["sample"]) for row in rows] == [(p["id"], i) for p in problems for i in range(3)]
    assert [fault for row in rows for fault in check_row(row, "attempt")] == []
    assert {row["meta"]["model_hash"] for row in rows} == {hash_of_model}
