"""Pretraining: from random weights, next-token prediction over packed text. `finetune pretrain --help`

The model's shape and its tokenizer come from here; what the text says is the corpus's affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from finetune.data import load_rows, pack
from finetune.model import (
    ModelShape,
    load_tokenizer,
    model_files,
    new_model,
    parameter_count,
)
from finetune.settings import AdapterSettings
from finetune.training import stage, train, trainer_arguments
from finetune.tuning import Tuning
from schemas.settings import from_mapping, setting, to_mapping


@dataclass(frozen=True, kw_only=True)
class PretrainSettings(AdapterSettings):
    """Train a new model, or go on with an old one, on corpus rows."""

    data: tuple[Path, ...] = setting(help="files of corpus rows (JSON Lines or Parquet)")
    tokenizer: Path | None = setting(
        None, help="tokenizer folder (see `finetune tokenizer`); for a new model"
    )
    model: Path | None = setting(None, help="model folder to go on with, instead of random weights")
    architecture: Literal["llama", "qwen3"] = setting("llama", help="llama, or qwen3 (norms on q and k)")
    width: int = setting(128, help="hidden size", minimum=32)
    layers: int = setting(2, help="transformer blocks", minimum=1)
    heads: int = setting(4, help="attention heads", minimum=1)
    key_value_heads: int = setting(4, help="heads of keys and values", minimum=1)
    feed_forward: int = setting(384, help="inner size of the feed-forward layer", minimum=32)
    context: int = setting(256, help="longest sequence the model is made for", unit="tokens", minimum=16)
    block: int = setting(128, help="length of the packed training sequences", unit="tokens", minimum=8)
    batch_size: int = setting(32, help="blocks in one forward pass", minimum=1)
    learning_rate: float = setting(2e-3, help="peak learning rate of AdamW", above=0)
    weight_decay: float = setting(0.1, help="decoupled weight decay", minimum=0)
    schedule: Literal["constant", "linear", "cosine"] = setting("cosine", help="how the learning rate falls")

    @property
    def shape(self) -> ModelShape:
        names = ModelShape.__dataclass_fields__
        return from_mapping(ModelShape, {k: v for k, v in to_mapping(self).items() if k in names})


def pretrain(settings: PretrainSettings) -> None:
    """Train on plain text: each token is guessed from those before it."""
    inputs = {
        "data": settings.data,
        "tokenizer": settings.tokenizer,
        "model": settings.model and model_files(settings.model),
    }
    with stage("finetune pretrain", settings, inputs) as run:
        if run.finished:
            return
        tuning = _tuning(settings)
        tokenizer, model = _start(settings, tuning)
        blocks = _blocks(settings, tokenizer)
        trainer = _trainer(settings, model, blocks)
        figures = train(trainer, "pretrain", settings)
        tuning.save(trainer.model, tokenizer)
        tokens = int(figures["steps"]) * settings.batch_size * settings.accumulation * settings.block
        run.finish(parameters=parameter_count(model), tokens=tokens, **figures)


def _tuning(settings: PretrainSettings) -> Tuning:
    from schemas import UserError

    if settings.model is None and settings.tune != "full":
        mend = "give --model to go on with one, or --tune full"
        raise UserError("a new model has no weights to put an adapter on", mend=mend)
    return Tuning(settings, settings.model or settings.out)


def _start(settings: PretrainSettings, tuning: Tuning) -> tuple[Any, Any]:
    """The tokenizer and the model to train: given, or new."""
    from schemas import UserError

    if (settings.tokenizer is None) == (settings.model is None):
        mend = "a new model needs --tokenizer, one to go on with needs --model"
        raise UserError("give either --tokenizer or --model", mend=mend)
    if settings.model is not None:
        return load_tokenizer(settings.model, chat=False), tuning.model()
    assert settings.tokenizer is not None
    tokenizer = load_tokenizer(settings.tokenizer, chat=False)
    return tokenizer, new_model(settings.shape, tokenizer, settings.seed)


def _blocks(settings: PretrainSettings, tokenizer: Any) -> list[list[int]]:
    """The whole corpus as full blocks of token ids."""
    from schemas import UserError

    texts = [row["text"] for row in load_rows(settings.data, "corpus", "pretrain")]
    documents = tokenizer(texts, add_special_tokens=False)["input_ids"]
    separator = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    blocks = pack(documents, separator, settings.block)
    if len(blocks[-1]) < settings.block:
        blocks.pop()
    if not blocks:
        where = ", ".join(map(str, settings.data))
        what = f"the corpus does not fill one block of {settings.block} tokens"
        raise UserError(what, where=where, mend="give more text, or a smaller --block")
    return blocks


def _trainer(settings: PretrainSettings, model: Any, blocks: list[list[int]]) -> Any:
    import torch
    from transformers import Trainer, TrainingArguments

    tensor = torch.tensor(blocks)

    def collate(items: list[int]) -> dict[str, Any]:
        batch = tensor[torch.tensor(items)]
        return {"input_ids": batch, "labels": batch}

    arguments = TrainingArguments(**trainer_arguments(settings, adam_beta2=0.95, remove_unused_columns=False))
    return Trainer(model, arguments, data_collator=collate, train_dataset=range(len(blocks)))
