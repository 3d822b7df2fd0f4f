"""What the stages share: the folder they claim, arguments, callbacks, checkpoints that survive a kill.

A Trainer-based stage builds a transformers or TRL trainer and hands it to `train`. Knows nothing of rows or
rewards.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from finetune.disk import writing
from finetune.metrics import Metrics, read_metrics
from finetune.progress import Progress, say
from finetune.sampling import finite_probabilities
from finetune.settings import StageSettings
from schemas import UserError
from schemas.run import LOCK_NAME, MANIFEST_NAME, Inputs, Run, claim

if TYPE_CHECKING:
    from transformers import Trainer

Evaluate = Callable[[Any], "dict[str, float]"]
"""From the model being trained to figures of it."""

Enough = Callable[["dict[str, float]"], bool]
"""Whether a stage may end early, given the figures of its last evaluation."""


@contextmanager
def stage(command: str, settings: StageSettings, inputs: Inputs) -> Iterator[Run]:
    """The claimed folder of a stage, and its process left as it was found.

    Checkpoints are removed once the run is finished. A run that fails before it has made anything gives its
    folder back, so that mended rows may come into it.
    """
    from finetune.environment import contained

    run = None
    try:
        with claim(settings.out, command, settings, inputs) as run:
            if run.finished:
                say(f"{settings.out}: already finished, nothing to do")
            with contextlib.nullcontext() if run.finished else contained():
                yield run
            if run.finished and checkpoints(settings.out).exists():
                shutil.rmtree(checkpoints(settings.out), ignore_errors=True)
                results = run.manifest["results"]
                say(f"{settings.out}: {results['steps']:,} steps in {results['train_seconds']:,.1f} s")
    except UserError:
        if run is not None:
            _give_back(settings.out)
        raise


def _give_back(out: Path) -> None:
    """Remove the folder of a run when there is nothing in it but its claim."""
    claim_files = {MANIFEST_NAME, LOCK_NAME}
    if {entry.name for entry in out.iterdir()} <= claim_files:
        for name in claim_files:
            (out / name).unlink(missing_ok=True)
        out.rmdir()


def uses_bf16(settings: StageSettings) -> bool:
    """Whether forward passes are in bfloat16."""
    import torch

    able = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return settings.precision == "bf16" or (settings.precision == "auto" and able)


def scheduler_name(settings: StageSettings) -> str:
    """transformers' name of the schedule; its `constant` is the one that knows no warm-up."""
    return "constant_with_warmup" if settings.schedule == "constant" else settings.schedule


def trainer_arguments(settings: StageSettings, **more: Any) -> dict[str, Any]:
    """The part of transformers' TrainingArguments that our settings decide. `more` wins."""
    import torch

    cuda = torch.cuda.is_available()
    return {
        "output_dir": str(checkpoints(settings.out)),
        "max_steps": settings.steps,
        "per_device_train_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.accumulation,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": scheduler_name(settings),
        "warmup_steps": settings.warmup_steps,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.max_grad_norm,
        "bf16": uses_bf16(settings),
        "use_cpu": not cuda,
        "gradient_checkpointing": settings.gradient_checkpointing,
        "optim": "adamw_torch_fused",
        "seed": settings.seed,
        "data_seed": settings.seed,
        "save_strategy": "steps",
        "save_steps": settings.checkpoint_steps,
        "save_total_limit": 2,
        "logging_steps": settings.log_steps,
        "logging_first_step": True,
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": cuda,
        **more,
    }


def checkpoints(out: Path) -> Path:
    """The folder of a stage's checkpoints."""
    return out / "checkpoints"


def last_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint, or None. The Trainer writes `trainer_state.json` last of all."""
    complete = []
    for candidate in folder.glob("checkpoint-*"):
        try:
            step = orjson.loads((candidate / "trainer_state.json").read_bytes())["global_step"]
        except (OSError, orjson.JSONDecodeError, KeyError):
            continue
        complete.append((step, candidate))
    return max(complete)[1] if complete else None


def train(
    trainer: Trainer,
    title: str,
    settings: StageSettings,
    *,
    evaluate: Evaluate | None = None,
    evaluate_every: int = 0,
    enough: Enough | None = None,
    first_step: int = 0,
) -> dict[str, float]:
    """Train from the last complete checkpoint, or from the start; returns the figures of the whole stage.

    `evaluate` is asked every `evaluate_every` steps and its figures go into the metrics; when `enough` says
    so, training ends there. `first_step` is added to the steps in the metrics, for a trainer that takes over
    from another one. Raises `UserError` when the loss is no longer a number.
    """
    from transformers import PrinterCallback

    folder = Path(str(trainer.args.output_dir))
    resume = last_checkpoint(folder)
    for broken in list(folder.glob("checkpoint-*")):
        if resume is None or _step_of(broken) > _step_of(resume):
            shutil.rmtree(broken)
    done = _step_of(resume) if resume else 0
    metrics = Metrics(settings.out, resume_from_step=first_step + done)
    trainer.remove_callback(PrinterCallback)
    if resume and _ended(resume):
        trainer._load_from_checkpoint(str(resume))
    else:
        with Progress(title, settings.steps, done=first_step + done) as progress:
            trainer.add_callback(
                _watcher(metrics, progress, trainer, evaluate, evaluate_every, enough, first_step)
            )
            with writing(settings.out), finite_probabilities(settings.out):
                trainer.train(resume_from_checkpoint=str(resume) if resume else None)
        done = trainer.state.global_step
    return {"steps": first_step + done, "train_seconds": train_seconds(settings.out)}


def train_seconds(out: Path) -> float:
    """Seconds spent on the steps of a stage, evaluations left out, over all its resumptions."""
    return round(sum(line.get("step_seconds", 0.0) for line in read_metrics(out)), 3)


def _watcher(
    metrics: Metrics,
    progress: Progress,
    trainer: Trainer,
    evaluate: Evaluate | None,
    every: int,
    enough: Enough | None,
    first_step: int,
) -> Any:
    """A callback that logs, evaluates, checks the loss and ends training early."""
    from transformers import TrainerCallback

    out = metrics.path.parent

    class Watch(TrainerCallback):
        spent_s = 0.0
        """Seconds in steps since the last logged line."""

        tokens_before = 0.0
        """Tokens that the trainer does not remember, when it goes on where another one was killed."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            counted = [line["num_tokens"] for line in read_metrics(out) if "num_tokens" in line]
            self.tokens_before = max(counted, default=0.0) - state.num_input_tokens_seen

        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.began = time.monotonic()

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            figures = {key: value for key, value in (logs or {}).items() if _is_number(value)}
            if "train_runtime" in figures:
                return
            if "num_tokens" in figures:
                figures["num_tokens"] += self.tokens_before
            for name in ("loss", "grad_norm"):
                require_finite(name, figures.get(name, 0.0), first_step + state.global_step, out)
            metrics.write(first_step + state.global_step, step_seconds=round(self.spent_s, 4), **figures)
            self.spent_s = 0.0

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.spent_s += time.monotonic() - self.began
            note = ""
            if evaluate and every and state.global_step % every == 0:
                figures = evaluate(trainer.model)
                metrics.write(
                    first_step + state.global_step, **{f"eval_{key}": value for key, value in figures.items()}
                )
                note = "  ".join(f"{key} {value:.3g}" for key, value in figures.items())
                if enough and enough(figures):
                    control.should_training_stop = True
                    control.should_save = True
            # A figure is an average since the line before: one that spans a checkpoint would be lost in part.
            if control.should_save or state.global_step % args.save_steps == 0:
                control.should_log = True
            progress.step(first_step + state.global_step, note)

    return Watch()


def require_finite(name: str, value: float, step: int, out: Path) -> None:
    """Raise `UserError` when a loss is no longer a number: nothing that follows could mend it."""
    if not math.isfinite(value):
        mend = "lower the learning rate, in another --out"
        raise UserError(f"the {name} is {value} at step {step}", where=out, mend=mend)


def _ended(checkpoint: Path) -> bool:
    """Whether the run that wrote this checkpoint was at its end there."""
    state = orjson.loads((checkpoint / "trainer_state.json").read_bytes())
    control = state.get("stateful_callbacks", {}).get("TrainerControl", {}).get("args", {})
    return bool(control.get("should_training_stop")) or state["global_step"] >= state["max_steps"]


def _step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
