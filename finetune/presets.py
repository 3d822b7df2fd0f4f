"""How big each rung of a ladder is: one preset a kind of machine, plain data.

What a figure means is said by the settings class of its stage.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from finetune.model import ModelShape

Settings = dict[str, Any]


@dataclass(frozen=True)
class Preset:
    """Sizes of data, model and suite, and what each stage changes in its settings."""

    corpus_rows: int
    lesson_rows: int
    vocab_size: int
    shape: ModelShape
    family: str
    level: int
    max_tokens: int
    train_problems: int
    valid_problems: int
    test_problems: int
    test_texts: int
    pair_prompts: int
    pair_samples: int
    round2_prompts: int
    round2_replay: int
    quantization: str
    pretrain: Settings
    sft: Settings
    sft_cool: Settings
    reward: Settings
    ppo: Settings
    dpo: Settings
    grpo: Settings
    round2_sft: Settings
    round2: Settings


CPU = Preset(
    corpus_rows=46_000,
    lesson_rows=10_240,
    vocab_size=384,
    shape=ModelShape(width=128, layers=2, heads=4, key_value_heads=4, feed_forward=384, context=256),
    family="addition",
    level=2,
    max_tokens=72,
    train_problems=2_000,
    valid_problems=300,
    test_problems=350,
    test_texts=300,
    pair_prompts=400,
    pair_samples=6,
    round2_prompts=400,
    round2_replay=600,
    quantization="q8_0",
    pretrain={
        "steps": 390,
        "batch_size": 32,
        "learning_rate": 2e-3,
        "warmup_steps": 20,
        "checkpoint_steps": 40,
    },
    # At a constant rate until an accuracy, not for a number of steps: the skill arrives as a phase
    # transition, and what reinforcement shall teach must not be there yet. Cooling down firms the format.
    sft={
        "steps": 640,
        "batch_size": 32,
        "learning_rate": 2e-3,
        "schedule": "constant",
        "warmup_steps": 15,
        "evaluate_steps": 16,
        "target_accuracy": 0.1,
        "target_format": 0.93,
        "band": 0.05,
        "checkpoint_steps": 32,
        "log_steps": 8,
    },
    sft_cool={
        "steps": 48,
        "batch_size": 32,
        "learning_rate": 5e-4,
        "warmup_steps": 4,
        "evaluate_steps": 16,
        "checkpoint_steps": 16,
        "log_steps": 8,
    },
    reward={"steps": 30, "batch_size": 32, "learning_rate": 1e-3, "checkpoint_steps": 10, "log_steps": 2},
    ppo={
        "steps": 20,
        "rollouts": 64,
        "batch_size": 32,
        "learning_rate": 1e-4,
        "kl": 0.1,
        "checkpoint_steps": 4,
        "evaluate_steps": 5,
    },
    dpo={
        "steps": 24,
        "batch_size": 32,
        "learning_rate": 1e-4,
        "warmup_steps": 4,
        "checkpoint_steps": 8,
        "evaluate_steps": 8,
        "log_steps": 2,
    },
    # 64 problems x 8 answers a batch, four steps on it; at 4e-4 entropy is gone before the skill is there.
    grpo={
        "steps": 240,
        "max_tokens": 48,
        "batch_size": 128,
        "prompts": 64,
        "samples": 8,
        "updates": 4,
        "learning_rate": 2e-4,
        "style": "polite",
        "evaluate_steps": 20,
        "stop_accuracy": 0.9,
        "checkpoint_steps": 20,
        "log_steps": 4,
    },
    round2_sft={
        "steps": 60,
        "batch_size": 32,
        "learning_rate": 2e-4,
        "warmup_steps": 4,
        "checkpoint_steps": 20,
        "evaluate_steps": 20,
        "log_steps": 4,
    },
    # Gently: on pairs that differ in a digit, a rate that taught manners (1e-4) undoes the sums.
    round2={
        "steps": 16,
        "batch_size": 32,
        "learning_rate": 1e-5,
        "sft_weight": 1.0,
        "warmup_steps": 4,
        "checkpoint_steps": 8,
        "evaluate_steps": 8,
        "log_steps": 2,
    },
)

# Every rung for real, none of them long enough to be good: for tests, and to see the whole in a minute.
MINI = replace(
    CPU,
    corpus_rows=16_000,
    lesson_rows=4_800,
    valid_problems=60,
    test_problems=60,
    test_texts=40,
    pair_prompts=120,
    round2_prompts=200,
    pretrain=CPU.pretrain | {"steps": 150},
    sft=CPU.sft | {"steps": 150, "evaluate_steps": 50},
    sft_cool=CPU.sft_cool | {"steps": 24, "evaluate_steps": 12},
    reward=CPU.reward | {"steps": 10, "checkpoint_steps": 4},
    ppo=CPU.ppo | {"steps": 3, "rollouts": 32, "checkpoint_steps": 1, "evaluate_steps": 2},
    dpo=CPU.dpo | {"steps": 8, "checkpoint_steps": 2, "evaluate_steps": 4},
    grpo=CPU.grpo
    | {"steps": 16, "batch_size": 64, "prompts": 32, "evaluate_steps": 8, "checkpoint_steps": 4},
    round2_sft=CPU.round2_sft | {"steps": 8, "batch_size": 8, "checkpoint_steps": 2, "evaluate_steps": 4},
    round2=CPU.round2 | {"steps": 6, "batch_size": 8, "checkpoint_steps": 2, "evaluate_steps": 3},
)

PRESETS = {"cpu": CPU, "mini": MINI}
