"""Tasks of reasoning-gym under our rows, seeds and verifiers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from datagen.problems import find, prove
from datagen.problems import reasoning_gym as gym
from datagen.problems.streams import Stream
from schemas import UserError
from verifiers import AnswerSpec, verify

pytest.importorskip("reasoning_gym", reason="reasoning-gym is an optional source")
ROOT = Path(__file__).resolve().parents[2]
SLOW = ("circuit_logic", "countdown", "game_of_life", "letter_counting", "maze", "puzzle24", "spell_backward")
SLOW += ("sudoku", "zebra_puzzles", "acre")
QUICK = [task for task in gym.TASKS if task not in SLOW]
FEW = ("binary_alternation", "coin_flip", "self_reference", "simple_geometry")  # problems in all at a level


def rows(task: str, level: int, count: int, seed: int = 0, split: str = "train") -> list[dict]:
    stream = Stream(find(f"reasoning_gym:{task}"), level, split, seed)
    return [stream.row(index) for index in range(count)]


@pytest.mark.parametrize("task", gym.TASKS)
def test_our_verifier_takes_the_answer_and_no_other_with_it_inside(task):
    for row in rows(task, 1, 2):
        spec = AnswerSpec.from_dict(row["spec"])
        assert verify(row["solution"], row["answer"], spec).correct
        assert not verify(f"\\boxed{{{row['answer']} or 77}}", row["answer"], spec).correct
        assert not verify("\\boxed{banana}", row["answer"], spec).correct


@pytest.mark.parametrize("task", [task for task in QUICK if task not in FEW])
def test_neighbouring_seeds_and_splits_share_no_problem(task):
    def marks(seed: int, split: str) -> set[str]:
        return {row["fingerprint"] for row in rows(task, 3, 4, seed, split)}

    assert not marks(42, "train") & marks(42, "valid")
    assert not marks(42, "train") & marks(43, "train")


def test_items_do_not_depend_on_the_process():
    code = (
        "from datagen.problems.reasoning_gym import TASKS\nfrom datagen.problems import draw\n"
        f"for task in {QUICK!r}: print(draw('reasoning_gym:' + task, 2, 'train', 0, 0)['fingerprint'])\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_levels_turn_the_knobs_of_its_curriculum():
    lengths = [
        sum(len(row["question"]) for row in rows("basic_arithmetic", level, 20)) for level in (1, 3, 5)
    ]
    assert lengths == sorted(set(lengths))


def test_a_wrong_solution_of_another_puzzle_earns_nothing():
    first, second = rows("mini_sudoku", 1, 2)
    spec = AnswerSpec.from_dict(first["spec"])
    assert not verify(f"\\boxed{{{second['answer']}}}", first["answer"], spec).correct


def test_its_items_cannot_be_proved_and_that_is_said():
    (row,) = rows("gcd", 1, 1)
    with pytest.raises(UserError, match="'reasoning_gym:gcd' has one route to its answers"):
        prove(row)


def test_a_task_that_is_not_taken_is_refused_by_name():
    with pytest.raises(UserError, match="unknown task of reasoning_gym 'rush_hour'"):
        find("reasoning_gym:rush_hour")


def test_without_the_package_it_says_what_to_install(monkeypatch):
    from importlib import metadata

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    gym.borrowed.cache_clear()
    with pytest.raises(UserError, match="needs the package reasoning-gym; pip install reasoning-gym"):
        find("reasoning_gym:gcd")
    gym.borrowed.cache_clear()
