"""The recipe `best_of`: the best of several answers, scored alone, or a pair of the best and a lower one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from judge_engine import WORDING, Judge, Look
from scripted_engine import CUT_OFF, ScriptedEngine

from datagen.commands.best import summary
from datagen.engines import Completion, Request, Sample
from datagen.recipes.best_of import BestOptions, best_of
from datagen.recipes.shared.judging import Judging
from datagen.recipes.shared.sampling import Sampling
from datagen.runs.journal import Journal, Outcome
from datagen.runs.run import run
from schemas.check import check_row

QUESTION = "What is rain?"
ITEM = {"id": "rain", "prompt": [{"role": "user", "content": QUESTION}]}
ANSWERS = ["Cheese.", "Water from the clouds.", "Water, mostly.", "Water from the clouds, which" + CUT_OFF]


def quality(look: Look) -> float:
    return {"Cheese.": 1.5, "Water from the clouds.": 4.5, "Water, mostly.": 3.5}[look.text]


class RewardModel(ScriptedEngine):
    """Says a number for the last turn of a chat: its length, or whatever it is told to say."""

    def __init__(self, says: str | None = None) -> None:
        super().__init__({})
        self.says = says

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        assert request.messages is not None
        text = self.says or str(len(request.messages[-1]["content"]) / 10)
        return Completion((Sample(text, (), "stop"),), 1, 0, 0.0, self.name)


def best(folder: Path, answers: list[str], judge: Any = None, **options: Any) -> tuple[Outcome, Any]:
    judge = judge or Judge(quality)
    way = options.pop("way", "reward" if isinstance(judge, RewardModel) else "score")
    settings = BestOptions(
        Sampling(len(answers)), Judging(way, WORDING, alone=way in ("score", "critique", "reward")), **options
    )
    with Journal(folder / "journal") as journal:
        if isinstance(judge, Judge):
            judge.enforces_schemas(journal)
        roles = {"generator": ScriptedEngine({QUESTION: answers}), "judge": judge}
        (outcome,) = run(best_of, [ITEM], roles, journal, options=settings)
    return outcome, judge


def test_the_best_answer_becomes_an_instruction_row(tmp_path: Path) -> None:
    outcome, judge = best(tmp_path, ANSWERS)
    (row,) = outcome.rows
    assert row["messages"] == [*ITEM["prompt"], {"role": "assistant", "content": "Water from the clouds."}]
    assert check_row(row, "instruction") == []
    assert (row["meta"]["score"], row["meta"]["sample"], row["meta"]["compared"]) == (4.5, 1, 3)
    assert row["meta"]["mean_score"] == pytest.approx(9.5 / 3, abs=1e-4)
    asked = [json.loads(request.messages[-1]["content"])["answers"] for request in judge.requests]
    assert sorted(asked) == [["Cheese."], ["Water from the clouds."], ["Water, mostly."]]
    assert summary([outcome]).startswith(
        "1 best answers from 1 prompts (100.0%); mean score 4.50, of all answers 3.17"
    )


@pytest.mark.parametrize("way", ["score", "choice", "critique"])
def test_the_best_and_the_worst_make_a_pair(tmp_path: Path, way: str) -> None:
    outcome, _ = best(tmp_path, ANSWERS, as_pairs=True, way=way)
    (row,) = outcome.rows
    assert [row[side][0]["content"] for side in ("chosen", "rejected")] == [
        "Water from the clouds.",
        "Cheese.",
    ]
    assert check_row(row, "preference") == []
    assert row["meta"]["samples"] == [1, 0]
    assert ("orders" in row["meta"]) == (way == "choice")


def test_a_judge_who_always_likes_the_first_makes_no_pair_of_the_best(tmp_path: Path) -> None:
    likes_first = Judge(lambda look: 5.0 - look.place)
    outcome, _ = best(tmp_path, ["Water.", "Cheese."], likes_first, as_pairs=True, way="choice")
    assert outcome.reason == "flip"


def test_a_reward_model_sees_the_chat_as_it_was_and_nothing_of_ours(tmp_path: Path) -> None:
    outcome, judge = best(tmp_path, ANSWERS, RewardModel())
    assert outcome.rows[0]["meta"]["score"] == 2.2
    assert [request.messages for request in judge.requests] == [
        (*ITEM["prompt"], {"role": "assistant", "content": text}) for text in ANSWERS[:3]
    ]


@pytest.mark.parametrize("says", ["nan", "inf", "good"])
def test_a_reward_that_is_no_number_is_counted(tmp_path: Path, says: str) -> None:
    outcome, _ = best(tmp_path, ANSWERS, RewardModel(says))
    assert (outcome.rows, outcome.reason) == ([], "judge unreadable")


@pytest.mark.parametrize(
    ("answers", "options", "reason"),
    [
        (["x" + CUT_OFF, "y" + CUT_OFF], {}, "never stopped"),
        ([" ", ""], {}, "empty"),
        (["Cheese.", "Cheese!"], {"as_pairs": True}, "alike"),
        (["Cheese.", "Water, mostly."], {"min_score": 4.0}, "low score"),
        (["Water, mostly.", "Water from the clouds."], {"as_pairs": True, "min_margin": 1.5}, "tie"),
    ],
)
def test_no_row_has_a_reason(
    tmp_path: Path, answers: list[str], options: dict[str, Any], reason: str
) -> None:
    outcome, _ = best(tmp_path, answers, **options)
    assert (outcome.rows, outcome.reason) == ([], reason)


def test_an_answer_given_twice_is_scored_once_and_may_be_the_best(tmp_path: Path) -> None:
    outcome, judge = best(tmp_path, ["Water, mostly."] * 3)
    assert outcome.rows[0]["meta"]["score"] == 3.5
    assert len(judge.requests) == 1
