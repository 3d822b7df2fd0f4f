"""Instruction tuning: the loss is taken on the assistant's tokens only, its stop token among them.

`finetune sft --help`. The algorithm is TRL's SFTTrainer; masks and checks before the run are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.data import IGNORED, Encoded, audit, encode_chat, fitting, load_rows, padded
from finetune.evaluate import HeldOut, enough_accuracy, held_out_problems
from finetune.model import load_model, load_tokenizer, model_files, save_model
from finetune.settings import TuningSettings
from finetune.training import stage, train, trainer_arguments
from schemas.settings import setting


@dataclass(frozen=True, kw_only=True)
class SftSettings(TuningSettings):
    """Tune a model on instruction rows."""

    learning_rate: float = setting(2e-5, help="peak learning rate of AdamW", above=0)
    problems: Path | None = setting(
        None, help="problem rows, held out, to measure accuracy on while training"
    )
    evaluate_steps: int = setting(10, help="steps between measurements of accuracy", minimum=1)
    stop_accuracy: float | None = setting(
        None, help="stop once accuracy and format rate reach this and --stop-format", minimum=0, maximum=1
    )
    stop_format: float = setting(0.95, help="format rate to reach before stopping", minimum=0, maximum=1)
    max_tokens: int = setting(256, help="longest sampled answer", unit="tokens", minimum=1)


def sft(settings: SftSettings) -> None:
    """Teach a model to answer: the loss is taken on the assistant's tokens only."""
    inputs = {"model": model_files(settings.model), "data": settings.data, "problems": settings.problems}
    with stage("finetune sft", settings, inputs) as run:
        if run.finished:
            return
        tokenizer = load_tokenizer(settings.model)
        rows = load_rows(settings.data, "instruction", "sft")
        where = ", ".join(map(str, settings.data))
        encoded = [encode_chat(tokenizer, row["messages"]) for row in rows]
        encoded = fitting(encoded, settings.max_length, settings.on_too_long, where)
        figures = audit(encoded, tokenizer.eos_token_id, where)
        problems = held_out_problems(settings.problems, "sft")
        model = load_model(settings.model)
        trainer = _trainer(settings, model, tokenizer, encoded)
        held_out = HeldOut(tokenizer, problems, settings.max_tokens, seed=settings.seed) if problems else None
        figures |= train(
            trainer,
            "sft",
            settings,
            evaluate=held_out,
            evaluate_every=settings.evaluate_steps,
            enough=enough_accuracy(settings.stop_accuracy, settings.stop_format),
        )
        save_model(trainer.model, tokenizer, settings.out)
        run.finish(**figures)


def _trainer(settings: SftSettings, model: Any, tokenizer: Any, encoded: list[Encoded]) -> Any:
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    def collate(rows: list[dict[str, list[int]]]) -> dict[str, Any]:
        ids = padded([row["input_ids"] for row in rows], tokenizer.pad_token_id)
        labels = padded([row["labels"] for row in rows], IGNORED)
        attention = padded([[1] * len(row["input_ids"]) for row in rows], 0)
        return {"input_ids": ids, "labels": labels, "attention_mask": attention}

    columns = {
        "input_ids": [sequence.input_ids for sequence in encoded],
        "labels": [sequence.labels for sequence in encoded],
    }
    arguments = SFTConfig(
        **trainer_arguments(settings, dataset_kwargs={"skip_prepare_dataset": True}, max_length=None),
    )
    return SFTTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_dict(columns),
        processing_class=tokenizer,
        data_collator=collate,
    )
