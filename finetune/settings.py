"""The settings every training stage shares; what a stage adds stands in its own module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemas.settings import setting


@dataclass(frozen=True, kw_only=True)
class StageSettings:
    """Where a stage writes and how it steps. One step is one update of the weights."""

    out: Path = setting(help="folder for the trained model, its metrics and checkpoints", identity=False)
    steps: int = setting(100, help="updates of the weights", minimum=1)
    batch_size: int = setting(8, help="sequences in one forward pass", minimum=1)
    accumulation: int = setting(1, help="forward passes added up before one update", minimum=1)
    learning_rate: float = setting(1e-4, help="peak learning rate of AdamW", above=0)
    schedule: Literal["constant", "linear", "cosine"] = setting(
        "linear", help="how the learning rate falls after the warm-up"
    )
    warmup_steps: int = setting(0, help="steps over which the learning rate rises to its peak", minimum=0)
    weight_decay: float = setting(0.0, help="decoupled weight decay", minimum=0)
    max_grad_norm: float = setting(1.0, help="the gradient is scaled down to this norm", above=0)
    precision: Literal["auto", "fp32", "bf16"] = setting(
        "auto", help="arithmetic of the forward pass; auto: bf16 on a GPU that has it, fp32 elsewhere"
    )
    gradient_checkpointing: bool = setting(
        False, help="keep no activations and compute them again: less memory, a third more time"
    )
    seed: int = setting(0, help="seed of everything random in the stage", minimum=0)
    checkpoint_steps: int = setting(50, help="steps between checkpoints to resume from", minimum=1)
    log_steps: int = setting(5, help="steps between lines of metrics.jsonl", minimum=1)


@dataclass(frozen=True, kw_only=True)
class AdapterSettings(StageSettings):
    """A stage that changes a given model: all its weights, or an adapter on weights that stay as they are."""

    tune: Literal["full", "lora", "qlora"] = setting(
        "full", help="what is trained: all weights, an adapter, or an adapter on weights in 4 bits (CUDA)"
    )
    lora_rank: int = setting(16, help="rank of the adapter's matrices", minimum=1)
    lora_alpha: float | None = setting(
        None, help="scale of the adapter times its rank [default: twice the rank; with rslora 8]", above=0
    )
    lora_dropout: float = setting(0.0, help="share of the adapter's inputs left out", minimum=0, below=1)
    lora_targets: tuple[str, ...] | None = setting(
        None, help="layers that get an adapter, as q_proj,v_proj [default: all linear layers of the blocks]"
    )
    lora_rslora: bool = setting(False, help="scale by alpha / sqrt(rank), for high ranks")
    save: Literal["merged", "adapter"] = setting(
        "merged",
        help="what an adapter leaves: a whole model with the adapter beside it, or the adapter alone",
    )


@dataclass(frozen=True, kw_only=True)
class TuningSettings(AdapterSettings):
    """A stage that starts from a model and reads rows."""

    model: Path = setting(help="model folder to start from")
    data: tuple[Path, ...] = setting(help="files of rows to train on (JSON Lines or Parquet)")
    max_length: int = setting(1024, help="longest sequence", unit="tokens", minimum=8)
    on_too_long: Literal["fail", "drop"] = setting(
        "fail", help="what becomes of a row over the longest sequence; it is never cut"
    )
