"""Direct preference optimisation: the pairs themselves teach, no reward model between. `finetune dpo --help`

The algorithm is TRL's DPOTrainer; tokens, checks and measurements are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from finetune import machines
from finetune.evaluate import HeldOut, held_out_problems
from finetune.model import load_model, load_tokenizer, model_files
from finetune.pairs import EncodedPair, encoded_pairs
from finetune.settings import TuningSettings
from finetune.training import stage, train, trainer_arguments
from finetune.tuning import Tuning
from schemas.settings import setting


@dataclass(frozen=True, kw_only=True)
class DpoSettings(TuningSettings):
    """Tune a model on preference rows."""

    PRESETS: ClassVar = machines.DPO

    learning_rate: float = setting(1e-6, help="peak learning rate of AdamW", above=0)
    beta: float = setting(0.1, help="how dearly divergence from the starting model is paid for", above=0)
    sft_weight: float = setting(
        0.0,
        help="weight of the plain loss on the chosen answer; without it, both answers can become less likely",
        minimum=0,
    )
    problems: Path | None = setting(None, help="problem rows, held out, to measure on while training")
    evaluate_steps: int = setting(10, help="steps between measurements", minimum=1)
    max_tokens: int = setting(256, help="longest sampled answer", unit="tokens", minimum=1)


def dpo(settings: DpoSettings) -> None:
    """Make chosen answers likelier than rejected ones, relative to the starting model."""
    inputs = {"model": model_files(settings.model), "data": settings.data, "problems": settings.problems}
    with stage("finetune dpo", settings, inputs) as run:
        if run.finished:
            return
        tuning = Tuning(settings, settings.model)
        tokenizer = load_tokenizer(settings.model)
        pairs = encoded_pairs(tokenizer, settings.data, "dpo", settings.max_length, settings.on_too_long)
        problems = held_out_problems(settings.problems, "dpo")
        trainer = _trainer(settings, tuning, tokenizer, pairs)
        held_out = HeldOut(tokenizer, problems, settings.max_tokens, seed=settings.seed) if problems else None
        figures = train(trainer, "dpo", settings, evaluate=held_out, evaluate_every=settings.evaluate_steps)
        tuning.save(trainer.model, tokenizer)
        run.finish(pairs=len(pairs), **figures)


def _trainer(settings: DpoSettings, tuning: Tuning, tokenizer: Any, pairs: list[EncodedPair]) -> Any:
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    class Trainer(DPOTrainer):  # type: ignore[misc]
        """DPOTrainer over pairs that are tokens already: TRL would train what follows the stop token too."""

        def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
            return dataset

    sides = {"prompt_ids": "prompt", "chosen_ids": "chosen", "rejected_ids": "rejected"}
    columns = {column: [getattr(pair, side) for pair in pairs] for column, side in sides.items()}
    with_sft = settings.sft_weight > 0
    arguments = DPOConfig(
        **trainer_arguments(
            settings,
            beta=settings.beta,
            max_length=None,
            loss_type=["sigmoid", "sft"] if with_sft else ["sigmoid"],
            loss_weights=[1.0, settings.sft_weight] if with_sft else None,
        )
    )
    trainer = Trainer(
        model=tuning.model(),
        ref_model=None if tuning.adapts else load_model(settings.model),  # None: with the adapter off
        args=arguments,
        train_dataset=Dataset.from_dict(columns),
        processing_class=tokenizer,
    )
    tuning.settle(trainer.model)
    return trainer
