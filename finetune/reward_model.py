"""A reward model: one score a response, the chosen answer's the higher. `finetune reward --help`

The algorithm is TRL's RewardTrainer. The score is read at the stop token, where PPO will ask for it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from finetune.data import padded
from finetune.model import load_reward_model, load_tokenizer, model_files, require_own_pad
from finetune.pairs import EncodedPair, encoded_pairs
from finetune.sampling import evaluating
from finetune.settings import TuningSettings
from finetune.training import stage, train, trainer_arguments
from finetune.tuning import Tuning
from schemas.settings import setting


@dataclass(frozen=True, kw_only=True)
class RewardSettings(TuningSettings):
    """Train a reward model on preference rows."""

    learning_rate: float = setting(1e-5, help="peak learning rate of AdamW", above=0)
    held_out: tuple[Path, ...] | None = setting(None, help="preference rows to measure accuracy on")
    evaluate_steps: int = setting(10, help="steps between measurements", minimum=1)


def reward(settings: RewardSettings) -> None:
    """Learn to score answers from pairs of which one is preferred."""
    inputs = {"model": model_files(settings.model), "data": settings.data, "held_out": settings.held_out}
    with stage("finetune reward", settings, inputs) as run:
        if run.finished:
            return
        tuning = tuning_of(settings)
        tokenizer = load_tokenizer(settings.model)
        require_own_pad(tokenizer, settings.model)
        limits = settings.max_length, settings.on_too_long
        pairs = encoded_pairs(tokenizer, settings.data, "reward", *limits)
        held_out = encoded_pairs(tokenizer, settings.held_out, "reward", *limits) if settings.held_out else []
        trainer = _trainer(settings, tuning, tokenizer, pairs)
        pad = tokenizer.pad_token_id

        def evaluate(model: Any) -> dict[str, float]:
            return {"reward_accuracy": pair_accuracy(model, held_out, pad)}

        every = settings.evaluate_steps if held_out else 0
        figures = train(trainer, "reward", settings, evaluate=evaluate, evaluate_every=every)
        if held_out:
            figures["reward_accuracy"] = pair_accuracy(trainer.model, held_out, pad)
        tuning.save(trainer.model, tokenizer)
        run.finish(pairs=len(pairs), held_out_pairs=len(held_out), **figures)


def tuning_of(settings: RewardSettings) -> Tuning:
    """A language model's body, or an adapter on it, and a new head for the score."""
    return Tuning(settings, settings.model, load=partial(load_reward_model, fresh=True), head="score")


def pair_accuracy(model: Any, pairs: Sequence[EncodedPair], pad: int, batch_size: int = 64) -> float:
    """The share of pairs in which the chosen answer scores strictly higher."""
    import torch

    right = 0
    with torch.no_grad(), evaluating(model):
        for start in range(0, len(pairs), batch_size):
            batch = pairs[start : start + batch_size]
            sequences = [p.prompt + p.chosen for p in batch] + [p.prompt + p.rejected for p in batch]
            ids = padded(sequences, pad).to(model.device)
            attention = padded([[1] * len(one) for one in sequences], 0).to(model.device)
            chosen, rejected = model(input_ids=ids, attention_mask=attention).logits.squeeze(-1).chunk(2)
            right += int((chosen > rejected).sum())
    return right / len(pairs)


def _trainer(settings: RewardSettings, tuning: Tuning, tokenizer: Any, pairs: list[EncodedPair]) -> Any:
    import torch
    from datasets import Dataset
    from trl import RewardConfig, RewardTrainer

    columns = {
        "chosen_ids": [pair.prompt + pair.chosen for pair in pairs],
        "rejected_ids": [pair.prompt + pair.rejected for pair in pairs],
    }
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)  # the new score head
        model = tuning.model()
    model.config.pad_token_id = tokenizer.pad_token_id
    trainer = RewardTrainer(
        model=model,
        args=RewardConfig(**trainer_arguments(settings, max_length=None, center_rewards_coefficient=0.01)),
        train_dataset=Dataset.from_dict(columns),
        processing_class=tokenizer,
    )
    tuning.settle(trainer.model)
    return trainer
