"""Reasoning by reinforcement: several answers to one problem, the verified ones are made likelier.

`finetune grpo --help`. The algorithm is TRL's GRPOTrainer; rewards come from the verifiers. Held-out accuracy
is measured all the while: the best model is kept, and after a collapse training goes on from it with half
the learning rate.
"""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from datagen.recipes.shared.rules import RULES, Rule
from finetune import machines
from finetune.best import Best, Standing
from finetune.data import fitting_prompts, load_rows
from finetune.evaluate import HeldOut, held_out_problems
from finetune.metrics import Metrics
from finetune.model import load_tokenizer, model_files
from finetune.progress import say
from finetune.settings import TuningSettings
from finetune.training import checkpoints, stage, train, trainer_arguments
from finetune.tuning import Tuning, require_no_dropout
from schemas import Row, UserError, unknown_name
from schemas.settings import setting
from verifiers import Canaries, correctness


@dataclass(frozen=True, kw_only=True)
class GrpoSettings(TuningSettings):
    """Tune a model on problem rows by what the verifiers say of its answers."""

    PRESETS: ClassVar = machines.GRPO

    learning_rate: float = setting(1e-6, help="peak learning rate of AdamW", above=0)
    schedule: Literal["constant", "linear", "cosine"] = setting(
        "constant", help="how the learning rate falls"
    )
    prompts: int = setting(8, help="different problems in one step", minimum=1)
    samples: int = setting(8, help="answers to each problem", minimum=2)
    updates: int = setting(
        1, help="steps taken on one batch of answers, each on its share of them", minimum=1
    )
    style: str | None = setting(
        None, help="a rule whose observance is rewarded too, so that manners stay: polite"
    )
    style_weight: float = setting(0.2, help="reward for observing --style; a verified answer has 1", above=0)
    loss: Literal["dapo", "dr_grpo", "grpo", "bnpo"] = setting("dapo", help="how token losses are averaged")
    kl: float = setting(0.0, help="price of divergence from the starting model", minimum=0)
    max_tokens: int = setting(512, help="longest sampled answer", unit="tokens", minimum=1)
    temperature: float = setting(1.0, help="temperature of the samples", above=0)
    problems: Path | None = setting(
        None, help="problem rows, held out, to measure accuracy on while training"
    )
    evaluate_steps: int = setting(10, help="steps between measurements", minimum=1)
    stop_accuracy: float | None = setting(
        None, help="stop once held-out accuracy reaches this", minimum=0, maximum=1
    )
    canaries: int = setting(
        50,
        help="batches of rewards between looks at known hacks, any reward for which ends the run; 0: never",
        minimum=0,
        identity=False,
    )
    collapse: float = setting(
        0.2, help="a fall of held-out accuracy below its best that counts as collapse", above=0
    )
    rollbacks: int = setting(3, help="how often a collapse is rolled back before giving up", minimum=0)


def grpo(settings: GrpoSettings) -> None:
    """Reward answers that are verified, compared within groups of answers to one problem."""
    _passes_per_update(settings)
    _rule(settings.style)
    inputs = {"model": model_files(settings.model), "data": settings.data, "problems": settings.problems}
    with stage("finetune grpo", settings, inputs) as run:
        if run.finished:
            return
        require_no_dropout(settings)
        tuning = Tuning(settings, settings.model)
        tokenizer = load_tokenizer(settings.model)
        rows = _rows(settings, tokenizer)
        problems = held_out_problems(settings.problems, "grpo")
        held_out = HeldOut(tokenizer, problems, settings.max_tokens, seed=settings.seed) if problems else None
        best = _best(settings, tuning, tokenizer)
        if held_out and best.standing.accuracy < 0:
            _measure_the_given(settings, tuning, held_out, best)
        while True:
            trainer = _trainer(settings, tuning, tokenizer, rows, best)
            figures = _attempt(settings, trainer, best, held_out)
            if not best.may_roll_back:
                break
            say(
                f"grpo: accuracy fell to {best.standing.last_accuracy:.0%}, back to step {best.standing.step}"
            )
            best.roll_back()
            trainer = None
            gc.collect()  # before the next one is built: two models may be more than the memory holds
        model = trainer.model
        if best.standing.last_step > 0:
            model = _kept(tuning, best, model)
        tuning.save(model, tokenizer)
        run.finish(rollbacks=best.standing.rollbacks, best_step=best.standing.step, **figures)


def _rows(settings: GrpoSettings, tokenizer: Any) -> list[Row]:
    """The problems, each with room for its answer."""
    rows = load_rows(settings.data, "problem", "grpo")
    where = ", ".join(map(str, settings.data))
    prompts = [row["prompt"] for row in rows]
    room = settings.max_length - settings.max_tokens
    return [rows[i] for i in fitting_prompts(tokenizer, prompts, room, settings.on_too_long, where)]


def _best(settings: GrpoSettings, tuning: Tuning, tokenizer: Any) -> Best:
    return Best(
        checkpoints(settings.out) / "best",
        settings.model,
        lambda model, folder: tuning.keep(model, tokenizer, folder),
        steps=settings.steps,
        collapse=settings.collapse,
        rollbacks=settings.rollbacks,
    )


def _measure_the_given(settings: GrpoSettings, tuning: Tuning, held_out: HeldOut, best: Best) -> None:
    """Step 0: what the model can do before training, so that a collapse from the start is seen as one."""
    model = tuning.model()
    figures = held_out(model)
    lines = Metrics(settings.out, resume_from_step=-1)
    lines.write(0, **{f"eval_{name}": value for name, value in figures.items()})
    best.measured(0, figures["accuracy"], model)


def _model(tuning: Tuning, best: Best, step: int) -> Any:
    """The model kept after a step, or the one that was given."""
    return tuning.model(best.model_of(step) if step else None)


def _kept(tuning: Tuning, best: Best, model: Any) -> Any:
    """The best model: a kept one, or the given one when training only made it worse."""
    step = best.standing.step
    return tuning.again(model, best.model_of(step)) if step else tuning.model()


def _attempt(settings: GrpoSettings, trainer: Any, best: Best, held_out: HeldOut | None) -> dict[str, float]:
    """Train until the steps are through, the goal is reached or accuracy collapses."""
    first_step, rollbacks = best.standing.first_step, best.standing.rollbacks

    def measure(model: Any) -> dict[str, float]:
        assert held_out is not None
        figures = held_out(model)
        best.measured(first_step + trainer.state.global_step, figures["accuracy"], model)
        return figures

    def enough(figures: dict[str, float]) -> bool:
        goal = settings.stop_accuracy
        return best.fallen or (goal is not None and figures["accuracy"] >= goal)

    return train(
        trainer,
        f"grpo (rolled back {rollbacks} x)" if rollbacks else "grpo",
        settings,
        evaluate=measure if held_out else None,
        evaluate_every=settings.evaluate_steps,
        enough=enough,
        first_step=first_step,
    )


def verified(
    rows: list[Row], stop: int, judge: Callable[..., list[float | None]] = correctness
) -> Callable[..., list[float | None]]:
    """The reward function: 1 for a response that stopped and is verified, 0 for others, None to skip it.

    `judge` may be one with canaries, which ends the run when a known hack is paid.
    """

    def correct(
        prompts: Any, completions: Any, row: list[int], completion_ids: Any, **_: Any
    ) -> list[float | None]:
        asked = [rows[i] for i in row]
        judged = judge(
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


def _trainer(settings: GrpoSettings, tuning: Tuning, tokenizer: Any, rows: list[Row], best: Best) -> Any:
    from datasets import Dataset
    from trl import GRPOTrainer

    judge = Canaries(correctness, every=settings.canaries) if settings.canaries else correctness
    rewards: list[Any] = [verified(rows, tokenizer.eos_token_id, judge)]
    if rule := _rule(settings.style):
        rewards.append(observed(rule))
    data = Dataset.from_dict({"prompt": [row["prompt"] for row in rows], "row": list(range(len(rows)))})
    model = _model(tuning, best, best.standing.start)
    # By this name TRL loads the reference: after a collapse too, divergence is from the model that was given.
    model.config._name_or_path = str(settings.model)
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=rewards,
        args=_arguments(settings, best.standing, [1.0, settings.style_weight][: len(rewards)]),
        train_dataset=data,
        processing_class=tokenizer,
    )
    tuning.settle(trainer.model)
    return trainer


def _arguments(settings: GrpoSettings, standing: Standing, weights: list[float]) -> Any:
    """GRPO's configuration: `prompts` x `samples` answers are made at once and split over `updates` steps."""
    from trl import GRPOConfig

    accumulation = _passes_per_update(settings)
    # A checkpoint between two updates would lose the answers the second one is for.
    every = -(-settings.checkpoint_steps // settings.updates) * settings.updates
    own = {
        "output_dir": str(checkpoints(settings.out) / f"attempt-{standing.rollbacks}"),
        "max_steps": settings.steps - standing.first_step,
        "save_steps": every,
        "gradient_accumulation_steps": accumulation,
        "steps_per_generation": accumulation * settings.updates,
        "num_generations": settings.samples,
        "max_completion_length": settings.max_tokens,
        "temperature": settings.temperature,
        "top_k": 0,
        "min_p": 0.0,
        "beta": settings.kl,
        "reward_weights": weights,
        "loss_type": settings.loss,
    }
    # After a collapse: half the rate, and the problems in another order.
    rate, seed = settings.learning_rate / 2**standing.rollbacks, settings.seed + standing.rollbacks
    slowed = dataclasses.replace(settings, learning_rate=rate, seed=seed)
    return GRPOConfig(**trainer_arguments(slowed, **own))


def _passes_per_update(settings: GrpoSettings) -> int:
    """Forward passes that make up one step; `UserError` when the answers do not split into whole ones."""
    share, rest = divmod(settings.prompts * settings.samples, settings.updates)
    if rest or share % settings.batch_size:
        answers = f"{settings.prompts} prompts x {settings.samples} samples"
        what = f"{answers} do not split over {settings.updates} updates"
        mend = f"choose numbers that make whole batches of {settings.batch_size}"
        raise UserError(what, mend=mend)
    return share // settings.batch_size


def _rule(name: str | None) -> Rule | None:
    if name is None:
        return None
    if name not in RULES:
        raise unknown_name("style", name, RULES, where="--style")
    return RULES[name]
