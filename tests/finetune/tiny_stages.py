"""A tiny model taken through the stages by the stages themselves, and the files of rows it eats.

Everything is small on purpose: one layer 32 wide, a vocabulary of 300, a few dozen rows, a few steps.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from schemas import write_rows

QUESTIONS = {
    "What is an LLM?": "A language model.",
    "What colour is snow?": "White.",
    "Who are you?": "A small model.",
    "What is fire?": "Hot.",
    "Where is the sun?": "Up.",
    "Say yes.": "Yes.",
    "Say no.": "No.",
    "What do fish do?": "Swim.",
}
SHAPE = {"width": 32, "layers": 1, "heads": 2, "key_value_heads": 1, "feed_forward": 64, "context": 128}


def chat(question: str, answer: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def pair(question: str, chosen: str, rejected: str) -> dict[str, Any]:
    """A preference row."""
    prompt, *better = chat(question, chosen)
    return {"prompt": [prompt], "chosen": better, "rejected": chat(question, rejected)[1:]}


def problem(number: int, answer: str) -> dict[str, Any]:
    """A problem row in the shape of a generated one, but so easy that a model of one layer can learn it."""
    from datagen.problems.generate import draw

    row = draw("addition", 1, "train", number, 0)
    return row | {
        "id": f"tiny-{number}",
        "prompt": [{"role": "user", "content": "Say seven."}],
        "answer": answer,
        "spec": {"kind": "integer"},
    }


def boxed(answer: str) -> str:
    return f"\\boxed{{{answer}}}"


@dataclass(frozen=True)
class Tiny:
    """Folders and files under `root`, each made when it is first asked for and then shared by all tests."""

    root: Path

    def rows(self, name: str, rows: Any) -> Path:
        path = self.root / name
        write_rows(path, rows)
        return path

    @cached_property
    def corpus(self) -> Path:
        from datagen.recipes.corpus import documents

        texts = [{"text": " ".join(turn)} for turn in QUESTIONS.items()]
        return self.rows("corpus.jsonl", [*documents(60, seed=1), *texts * 4])

    @cached_property
    def lessons(self) -> Path:
        return self.rows("lessons.jsonl", [{"messages": chat(*turn)} for turn in QUESTIONS.items()])

    @cached_property
    def pairs(self) -> Path:
        questions = list(QUESTIONS.items())
        return self.rows("pairs.jsonl", [pair(q, f"{a} You are welcome!", a) for q, a in questions])

    @cached_property
    def problems(self) -> Path:
        return self.rows("problems.jsonl", [problem(number, "7") for number in range(8)])

    @cached_property
    def tokenizer(self) -> Path:
        from finetune.tokenizer import train_tokenizer
        from schemas import read_rows

        texts = [row["text"] for row in read_rows(self.corpus)]
        return train_tokenizer(texts, 300, self.root / "tokenizer").path

    @cached_property
    def model(self) -> Path:
        """Pretrained."""
        from finetune.pretrain import PretrainSettings, pretrain

        out = self.root / "pretrain"
        pretrain(PretrainSettings(**self.pretrain_settings | {"steps": 30}, out=out))
        return out

    @property
    def pretrain_settings(self) -> dict[str, Any]:
        return {
            "data": (self.corpus,),
            "tokenizer": self.tokenizer,
            "steps": 9,
            "batch_size": 4,
            "block": 32,
            "learning_rate": 5e-3,
            "log_steps": 3,
            **SHAPE,
        }

    @cached_property
    def chatty(self) -> Path:
        """Tuned on the lessons until it knows them by heart."""
        from finetune.sft import SftSettings, sft

        out = self.root / "sft"
        tuned = {
            "steps": 150,
            "batch_size": 8,
            "learning_rate": 2e-2,
            "schedule": "cosine",
            "warmup_steps": 5,
        }
        sft(SftSettings(model=self.model, data=(self.lessons,), out=out, **tuned))
        return out

    @cached_property
    def answering(self) -> Path:
        """Tuned to answer a sum with 7 in a third of the cases: what GRPO starts from."""
        from finetune.sft import SftSettings, sft

        answers = ["7", "4", "5"] * 4
        rows = self.rows("digits.jsonl", [{"messages": chat("Say seven.", boxed(a))} for a in answers])
        out = self.root / "answering"
        tuned = {
            "steps": 160,
            "batch_size": 12,
            "learning_rate": 1e-2,
            "schedule": "cosine",
            "warmup_steps": 5,
        }
        sft(SftSettings(model=self.model, data=(rows,), out=out, **tuned))
        return out

    @cached_property
    def judge(self) -> Path:
        """A reward model of the pairs."""
        from finetune.reward_model import RewardSettings, reward

        out = self.root / "reward"
        tuned = {"steps": 40, "batch_size": 8, "learning_rate": 5e-3}
        reward(RewardSettings(model=self.chatty, data=(self.pairs,), out=out, **tuned))
        return out

    def settings(self, stage: str) -> Any:
        """Settings of a stage that takes a few seconds, without the folder it writes to."""
        return SETTINGS[stage](self)


def _tuning(model: Path, data: Path, **more: Any) -> dict[str, Any]:
    small = {"steps": 9, "batch_size": 4, "learning_rate": 1e-3, "max_length": 96, "log_steps": 3}
    return {"model": model, "data": (data,), **small, **more}


SETTINGS: dict[str, Any] = {
    "pretrain": lambda tiny: tiny.pretrain_settings,
    "sft": lambda tiny: _tuning(tiny.model, tiny.lessons),
    "reward": lambda tiny: _tuning(tiny.chatty, tiny.pairs, held_out=(tiny.pairs,), evaluate_steps=3),
    "dpo": lambda tiny: _tuning(
        tiny.chatty, tiny.pairs, problems=tiny.problems, evaluate_steps=3, max_tokens=8
    ),
    "ppo": lambda tiny: _tuning(
        tiny.chatty, tiny.pairs, reward_model=tiny.judge, rollouts=8, max_tokens=12, steps=6
    ),
    "grpo": lambda tiny: _tuning(
        tiny.answering,
        tiny.problems,
        batch_size=8,
        prompts=4,
        samples=4,
        updates=2,
        max_tokens=10,
        problems=tiny.problems,
        evaluate_steps=3,
        collapse=2.0,
    ),
}


def stage_of(name: str) -> tuple[type, Any]:
    """The settings class of a stage and its function."""
    from finetune import dpo, grpo, ppo, pretrain, reward_model, sft

    return {
        "pretrain": (pretrain.PretrainSettings, pretrain.pretrain),
        "sft": (sft.SftSettings, sft.sft),
        "reward": (reward_model.RewardSettings, reward_model.reward),
        "dpo": (dpo.DpoSettings, dpo.dpo),
        "ppo": (ppo.PpoSettings, ppo.ppo),
        "grpo": (grpo.GrpoSettings, grpo.grpo),
    }[name]


def run_stage(name: str, settings: dict[str, Any], out: Path, **changes: Any) -> Path:
    """Run a stage into `out` and return it."""
    kind, function = stage_of(name)
    made = kind(**settings | changes | {"out": out})
    function(dataclasses.replace(made))
    return out
