"""Made rows for the tests of audit and export: clean ones, and the journal of a run that never was."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from datagen.runs.account import ACCOUNT
from datagen.runs.journal import Journal
from schemas import Row

LETTERS = "bcdfglmnprst"
HASHES = {"left": "a" * 32, "right": "b" * 32, "judge": "c" * 32}


def words(draw: random.Random, count: int) -> str:
    """So many made words."""
    made = ("".join(draw.choice(LETTERS) + draw.choice("aeiou") for _ in range(3)) for _ in range(count))
    return " ".join(made)


def chat(question: str, answer: str) -> Row:
    """An instruction row."""
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns, "meta": {"recipe": "made"}}


def pair(question: str, chosen: str, rejected: str, **meta: Any) -> Row:
    """A preference row."""
    sides = {
        "prompt": ("user", question),
        "chosen": ("assistant", chosen),
        "rejected": ("assistant", rejected),
    }
    turns = {name: [{"role": role, "content": text}] for name, (role, text) in sides.items()}
    return {**turns, "meta": {"recipe": "pairs", "model_hash": HASHES["left"], **meta}}


def clean_pairs(count: int, seed: int = 0) -> list[Row]:
    """Pairs with nothing wrong: judged in both orders by a third model, of all lengths."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        long, short = draw.randint(9, 30), draw.randint(9, 30)
        scores = [draw.uniform(6, 8), draw.uniform(3, 5)]
        judged = {
            "judge_hash": HASHES["judge"],
            "model_hashes": [HASHES["left"], HASHES["right"]],
            "scores": scores,
            "orders": [[scores[0] + 0.1, scores[1]], [scores[0], scores[1] + 0.1]],
        }
        question = f"question {number} {words(draw, 6)}"
        rows.append(pair(question, words(draw, long), words(draw, short), **judged))
    return rows


def attempt(problem: Row, sample: int, text: str, reward: float | None, **meta: Any) -> Row:
    """An attempt row."""
    status = {1.0: "correct", 0.0: "incorrect"}.get(reward if reward is not None else -1.0, "ambiguous")
    return {
        "id": problem["id"],
        "prompt": problem["prompt"],
        "completion": [{"role": "assistant", "content": text}],
        "answer": problem["answer"],
        "spec": problem["spec"],
        "sample": sample,
        "verdict": {"status": status, "method": "integer", "reason": ""},
        "reward": reward,
        "meta": {"recipe": "attempts", "engine": "made", "finish_reason": "stop", **meta},
    }


def problems(count: int, split: str = "train") -> list[Row]:
    """Problem rows with different questions."""
    from datagen.problems.generate import draw

    return [draw("addition", 3, split, seed, 0) for seed in range(count)]  # type: ignore[arg-type]


def keep_account(rows: Path, **changed: Any) -> Path:
    """A journal beside a file of rows, with the account of a run that made them."""
    account = {
        "command": "pairs",
        "settings": {"temperature": 0.7, "prompts": "/home/somebody/prompts.jsonl"},
        "inputs": [],
        "engines": {role: {"name": f"llama:{role}.gguf", "model_hash": key} for role, key in HASHES.items()},
        "stages": [
            {"recipe": "pairs", "items": 100, "accepted": 80, "rows": 80, "rejected": {"flip": 12, "tie": 8}}
        ],
        "rows": 80,
        "answers": 400,
        "tokens": 9000,
        "out": rows.name,
    }
    journal = rows.with_suffix(".journal")
    with Journal(journal) as opened:
        opened.set_meta(ACCOUNT, {**account, **changed})
    return journal
