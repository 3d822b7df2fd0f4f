"""Reasoning by reinforcement: several answers to one problem, the verified ones are made likelier.

`finetune grpo --help`. The algorithm is TRL's GRPOTrainer; rewards come from the verifiers. Held-out accuracy
is measured all the while: the best model is kept, and after a collapse training goes on from it with half
the learning rate.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from datagen.recipes.rules import RULES, Rule
from finetune.data import load_rows
from finetune.evaluate import HeldOut, held_out_problems
from finetune.model import load_model, load_tokenizer, model_files, save_model
from finetune.settings import TuningSettings
from finetune.training import checkpoints, last_checkpoint, train, trainer_arguments
from schemas import Row, UserError, atomic_writer, unknown_name
from schemas.run import claim
from schemas.settings import setting
from verifiers import correctness


@dataclass(frozen=True, kw_only=True)
class GrpoSettings(TuningSettings):
    """Tune a model on problem rows by what the verifiers say of its answers."""

    learning_rate: float = setting(1e-6, help="peak learning rate of AdamW", above=0)
    schedule: Literal["constant", "linear", "cosine"] = setting("constant", help="how the learning rate falls")
    prompts: int = setting(8, help="different problems in one step", minimum=1)
    samples: int = setting(8, help="answers to each problem", minimum=2)
    updates: int = setting(1, help="steps taken on one batch of answers, each on its share of them", minimum=1)
    style: str | None = setting(None, help="a rule whose observance is rewarded too, so that manners stay: polite")
    style_weight: float = setting(0.2, help="reward for observing --style; a verified answer has 1", above=0)
    loss: Literal["dapo", "dr_grpo", "grpo", "bnpo"] = setting("dapo", help="how token losses are averaged")
    kl: float = setting(0.0, help="price of divergence from the starting model", minimum=0)
    max_tokens: int = setting(512, help="longest sampled answer", unit="tokens", minimum=1)
    temperature: float = setting(1.0, help="temperature of the samples", above=0)
    problems: Path | None = setting(None, help="problem rows, held out, to measure accuracy on while training")
    evaluate_steps: int = setting(10, help="steps between measurements", minimum=1)
    stop_accuracy: float | None = setting(None, help="stop once held-out accuracy reaches this", minimum=0, maximum=1)
    collapse: float = setting(0.2, help="a fall of held-out accuracy below its best that counts as collapse", above=0)
    rollbacks: int = setting(3, help="how often a collapse is rolled back before giving up", minimum=0)


def grpo(settings: GrpoSettings) -> None:
    """Reward answers that are verified, compared within groups of answers to one problem."""
    from finetune.environment import quieten

    inputs = {"model": model_files(settings.model), "data": settings.data, "problems": settings.problems}
    with claim(settings.out, "finetune grpo", settings, inputs) as run:
        if run.finished:
            return
        tokenizer = load_tokenizer(settings.model)
        rows = load_rows(settings.data, "problem", "grpo")
        problems = held_out_problems(settings.problems, "grpo")
        quieten()
        best = Best(settings, tokenizer, problems)
        while True:
            trainer = _trainer(settings, tokenizer, rows, best)
            remaining = f"grpo{f' (rolled back {best.rollbacks} x)' if best.rollbacks else ''}"
            figures = train(
                trainer,
                remaining,
                settings,
                evaluate=best.measure if problems else None,
                evaluate_every=settings.evaluate_steps,
                enough=best.enough,
                first_step=best.first_step,
            )
            if not best.collapsed:
                break
            best.roll_back()
        model = load_model(best.folder) if best.step else trainer.model
        save_model(model, tokenizer, settings.out)
        run.finish(rollbacks=best.rollbacks, best_step=best.step, **figures)


class Best:
    """The best model so far, in `out/best`, and what to do when the current one falls far behind it.

    Its state is on disk, so a killed run knows it again.
    """

    def __init__(self, settings: GrpoSettings, tokenizer: Any, problems: list[Row]) -> None:
        self.settings, self.tokenizer = settings, tokenizer
        self.folder = settings.out / "best"
        self.state_file = settings.out / "best.json"
        self.ask = HeldOut(tokenizer, problems, settings.max_tokens, seed=settings.seed)
        state = orjson.loads(self.state_file.read_bytes()) if self.state_file.exists() else {}
        self.accuracy: float = state.get("accuracy", -1.0)
        self.step: int = state.get("step", 0)
        self.first_step: int = state.get("first_step", 0)
        self.rollbacks: int = state.get("rollbacks", 0)
        self.collapsed = False
        self._now = self.first_step

    @property
    def learning_rate(self) -> float:
        """Halved at each rollback."""
        return self.settings.learning_rate / 2**self.rollbacks

    @property
    def start(self) -> Path:
        """The model the current attempt starts from."""
        return self.folder if self.rollbacks and self.step else self.settings.model

    def measure(self, model: Any) -> dict[str, float]:
        """Held-out figures of the model, which is kept when it is the best."""
        figures = self.ask(model)
        self._now += self.settings.evaluate_steps
        if figures["accuracy"] > self.accuracy:
            save_model(model, self.tokenizer, self.folder)
            self.accuracy, self.step = figures["accuracy"], self._now
            self._write()
        return figures

    def enough(self, figures: dict[str, float]) -> bool:
        """Whether to stop: the goal is reached, or accuracy has collapsed and may be rolled back."""
        goal = self.settings.stop_accuracy
        if figures["accuracy"] < self.accuracy - self.settings.collapse:
            self.collapsed = self.rollbacks < self.settings.rollbacks
            return True
        return goal is not None and figures["accuracy"] >= goal

    def roll_back(self) -> None:
        """Begin another attempt from the best model, at half the learning rate, with the steps that are left."""
        self.rollbacks += 1
        self.first_step, self.collapsed = self._now, False
        self._write()

    def resume_at(self, step: int) -> None:
        """Count measurements on from the checkpoint that an attempt resumes from."""
        self._now = self.first_step + step // self.settings.evaluate_steps * self.settings.evaluate_steps

    def _write(self) -> None:
        names = ("accuracy", "step", "first_step", "rollbacks")
        with atomic_writer(self.state_file) as file:
            file.write(orjson.dumps({name: getattr(self, name) for name in names}))


def verified(rows: list[Row], stop: int) -> Callable[..., list[float | None]]:
    """The reward function: 1 for a response that stopped and is verified, 0 for any other, None to skip it."""

    def correct(prompts: Any, completions: Any, row: list[int], completion_ids: Any, **_: Any) -> list[float | None]:
        asked = [rows[i] for i in row]
        judged = correctness(
            prompts, completions, answer=[one["answer"] for one in asked], spec=[one["spec"] for one in asked]
        )
        ended = [len(ids) > 0 and ids[-1] == stop for ids in completion_ids]
        return [reward if end else 0.0 for reward, end in zip(judged, ended, strict=True)]

    return correct


def observed(rule: Rule) -> Callable[..., list[float]]:
    """The reward function: 1 for a response that follows a stated rule, 0 for any other."""

    def style(completions: Any, **_: Any) -> list[float]:
        return [float(rule(completion[0]["content"])) for completion in completions]

    return style


def _trainer(settings: GrpoSettings, tokenizer: Any, rows: list[Row], best: Best) -> Any:
    from datasets import Dataset
    from trl import GRPOTrainer

    folder = checkpoints(settings.out) / f"attempt-{best.rollbacks}"
    if resume := last_checkpoint(folder):
        best.resume_at(int(resume.name.rpartition("-")[2]))
    rewards: list[Any] = [verified(rows, tokenizer.eos_token_id)]
    if settings.style is not None:
        rewards.append(observed(_rule(settings.style)))
    data = Dataset.from_dict({"prompt": [row["prompt"] for row in rows], "row": list(range(len(rows)))})
    return GRPOTrainer(
        model=load_model(best.start),
        reward_funcs=rewards,
        args=_arguments(settings, best, folder, [1.0, settings.style_weight][: len(rewards)]),
        train_dataset=data,
        processing_class=tokenizer,
    )


def _arguments(settings: GrpoSettings, best: Best, folder: Path, weights: list[float]) -> Any:
    """GRPO's configuration: `prompts` x `samples` answers are made at once and split over `updates` steps."""
    from trl import GRPOConfig

    share, rest = divmod(settings.prompts * settings.samples, settings.updates)
    if rest or share % settings.batch_size:
        what = f"{settings.prompts} prompts x {settings.samples} samples over {settings.updates} updates do not split"
        mend = f"choose numbers that make whole batches of {settings.batch_size}"
        raise UserError(what, mend=mend)
    accumulation = share // settings.batch_size
    # A checkpoint between two updates would lose the answers the second one is for.
    every = -(-settings.checkpoint_steps // settings.updates) * settings.updates
    own = {
        "output_dir": str(folder),
        "max_steps": settings.steps - best.first_step,
        "save_steps": every,
        "gradient_accumulation_steps": accumulation,
        "steps_per_generation": accumulation * settings.updates,
        "num_generations": settings.samples,
        "max_completion_length": settings.max_tokens,
        "temperature": settings.temperature,
        "top_k": 0,
        "beta": settings.kl,
        "reward_weights": weights,
        "loss_type": settings.loss,
    }
    slowed = dataclasses.replace(settings, learning_rate=best.learning_rate)
    return GRPOConfig(**trainer_arguments(slowed, **own))


def _rule(name: str) -> Rule:
    if name not in RULES:
        raise unknown_name("style", name, RULES, where="--style")
    return RULES[name]
