"""Instruction tuning: the loss is taken on the assistant's tokens only, its stop token among them.

`finetune sft --help`. The algorithm is TRL's SFTTrainer; masks and checks before the run are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from finetune import machines
from finetune.data import (
    IGNORED,
    Encoded,
    audit,
    encode_chat,
    fitting,
    load_rows,
    padded,
    parts,
    require_few_dropped,
)
from finetune.evaluate import HeldOut, held_out_problems
from finetune.model import load_tokenizer, model_files
from finetune.nearest import Nearest
from finetune.progress import say, say_marked
from finetune.settings import TuningSettings
from finetune.training import Evaluate, checkpoints, stage, train, trainer_arguments
from finetune.tuning import Tuning
from schemas import Row, UserError
from schemas.settings import setting

SHOWN = 600
"""Characters of a piece of a row that are shown."""


@dataclass(frozen=True, kw_only=True)
class SftSettings(TuningSettings):
    """Tune a model on instruction rows."""

    PRESETS: ClassVar = machines.SFT

    learning_rate: float = setting(2e-5, help="peak learning rate of AdamW", above=0)
    problems: Path | None = setting(
        None, help="problem rows, held out, to measure accuracy on while training"
    )
    evaluate_steps: int = setting(10, help="steps between measurements of accuracy", minimum=1)
    target_accuracy: float | None = setting(
        None,
        help="keep the model whose accuracy is nearest to this, and stop once it is passed by --band",
        minimum=0,
        maximum=1,
    )
    target_format: float = setting(
        0.95, help="format rate a model must have to be kept so", minimum=0, maximum=1
    )
    band: float = setting(0.1, help="how far accuracy may pass the target before training stops", minimum=0)
    max_tokens: int = setting(256, help="longest sampled answer", unit="tokens", minimum=1)
    most_dropped: float = setting(
        0.2, help="share of the rows that --on-too-long drop may drop before it fails", minimum=0, maximum=1
    )
    show: int = setting(
        1,
        help="rows shown before the first step, with what is trained on marked",
        minimum=0,
        identity=False,
    )


def sft(settings: SftSettings) -> None:
    """Teach a model to answer: the loss is taken on the assistant's tokens only."""
    inputs = {"model": model_files(settings.model), "data": settings.data, "problems": settings.problems}
    with stage("finetune sft", settings, inputs) as run:
        if run.finished:
            return
        tuning = Tuning(settings, settings.model)
        tokenizer = load_tokenizer(settings.model)
        rows = load_rows(settings.data, "instruction", "sft")
        where = ", ".join(map(str, settings.data))
        encoded = [encode_chat(tokenizer, row["messages"]) for row in rows]
        figures, encoded = _audited(settings, tokenizer, encoded, where)
        if not run.resumed:
            _show(settings, tokenizer, encoded, figures)
        problems = held_out_problems(settings.problems, "sft")
        model = tuning.model()
        trainer = _trainer(settings, model, tokenizer, encoded)
        tuning.settle(model)
        measure, nearest = _measurements(settings, tuning, tokenizer, problems, trainer)
        figures |= train(
            trainer,
            "sft",
            settings,
            evaluate=measure,
            evaluate_every=settings.evaluate_steps,
            enough=nearest.passed if nearest else None,
        )
        if nearest and nearest.kept.step:
            figures["kept_step"] = nearest.kept.step
            model = tuning.again(model, nearest.model)
        tuning.save(model, tokenizer)
        run.finish(**figures)


def _audited(
    settings: SftSettings, tokenizer: Any, encoded: list[Encoded], where: str
) -> tuple[dict[str, float], list[Encoded]]:
    """Figures of what is trained on, and the rows that fit; `UserError` for what would train amiss."""
    audit(encoded, tokenizer.eos_token_id, where, tokenizer.bos_token_id)  # all: the numbers are the file's
    fit = fitting(encoded, settings.max_length, settings.on_too_long, where)
    require_few_dropped(len(encoded), len(fit), settings.most_dropped, where)
    return audit(fit, tokenizer.eos_token_id, where), fit


def _show(settings: SftSettings, tokenizer: Any, encoded: list[Encoded], figures: dict[str, float]) -> None:
    """What is and what is not trained on, before the first step: a mask that is wrong is seen at a glance."""
    if not settings.show:
        return
    share = figures["trained_tokens"] / figures["tokens"]
    say(f"sft: {figures['rows']:,} rows, {share:.0%} of their {figures['tokens']:,} tokens are trained on:")
    every = max(1, len(encoded) // settings.show)
    for sequence in encoded[: every * settings.show : every]:
        say_marked((_shortened(text), trained) for text, trained in parts(tokenizer, sequence))
    if tokenizer.pad_token_id == tokenizer.eos_token_id:
        say(
            f"note: pad_token and eos_token are both {tokenizer.eos_token!r}; "
            "the stop token is trained all the same"
        )


def _shortened(text: str) -> str:
    """The beginning and the end of a long piece."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN // 2]} ... {text[-SHOWN // 2 :]}"


def _measurements(
    settings: SftSettings, tuning: Tuning, tokenizer: Any, problems: list[Row], trainer: Any
) -> tuple[Evaluate | None, Nearest | None]:
    """What is asked of the model between steps, and who keeps it when there is a target to come near to."""
    if not problems:
        if settings.target_accuracy is not None:
            raise UserError("a target accuracy needs problems to measure it on", mend="give --problems")
        return None, None
    held_out = HeldOut(tokenizer, problems, settings.max_tokens, seed=settings.seed)
    if settings.target_accuracy is None:
        return held_out, None
    nearest = Nearest(
        checkpoints(settings.out) / "nearest",
        lambda model, folder: tuning.keep(model, tokenizer, folder),
        target=settings.target_accuracy,
        band=settings.band,
        format_rate=settings.target_format,
    )

    def measure(model: Any) -> dict[str, float]:
        figures = held_out(model)
        nearest.measured(trainer.state.global_step, figures, model)
        return figures

    return measure, nearest


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
