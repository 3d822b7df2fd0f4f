"""PPO against a reward model: sample, score, estimate advantages, take clipped steps. `finetune ppo --help`

TRL has had none since 1.13, so this one is ours: a policy, a frozen reference, a frozen reward model, and a
critic that starts as a copy of the reward model and values every token. The formulas are in `losses.py`.
Source: Schulman et al. 2017 (arXiv:1707.06347); the details that matter follow Huang et al. 2024, The N+
Implementation Details of RLHF with PPO (arXiv:2403.17031).
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from finetune import losses
from finetune.checkpoint import load_checkpoint, save_checkpoint
from finetune.data import Messages, fitting_prompts, load_rows, padded
from finetune.evaluate import HeldOut, held_out_problems
from finetune.metrics import Metrics, read_metrics
from finetune.model import load_model, load_reward_model, load_tokenizer, model_files, require_own_pad
from finetune.progress import Progress
from finetune.sampling import Rollouts, evaluating, sample
from finetune.settings import TuningSettings
from finetune.training import require_finite, scheduler_name, stage, train_seconds, uses_bf16
from finetune.tuning import Start, Tuning, plain, require_no_dropout, trained_weights
from schemas import UserError
from schemas.settings import setting

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class PpoSettings(TuningSettings):
    """Tune a model by PPO; one step is one iteration of rollouts and updates. `data` has the prompts."""

    reward_model: Path = setting(help="reward model folder (see `finetune reward`)")
    steps: int = setting(30, help="iterations of rollouts and updates", minimum=1)
    rollouts: int = setting(64, help="completions sampled in one iteration", minimum=2)
    batch_size: int = setting(32, help="completions in one update", minimum=1)
    epochs: int = setting(2, help="passes over the rollouts of one iteration", minimum=1)
    learning_rate: float = setting(1e-5, help="learning rate of policy and critic", above=0)
    schedule: Literal["constant", "linear", "cosine"] = setting(
        "constant", help="how the learning rate falls over the iterations"
    )
    kl: float = setting(
        0.1, help="price of a nat of divergence from the starting model, in reward", minimum=0
    )
    clip: float = setting(0.2, help="the policy ratio is held within 1 ± clip", above=0)
    value_clip: float = setting(0.2, help="how far the critic may move in one iteration", above=0)
    value_weight: float = setting(0.5, help="weight of the critic's loss", minimum=0)
    gamma: float = setting(1.0, help="discount of the reward per token", above=0, maximum=1)
    gae_lambda: float = setting(0.95, help="how far advantages look ahead", minimum=0, maximum=1)
    stop_kl: float = setting(0.1, help="an iteration's updates end at this divergence a token", above=0)
    max_tokens: int = setting(256, help="longest sampled completion", unit="tokens", minimum=1)
    temperature: float = setting(1.0, help="temperature of the rollouts", above=0)
    no_stop_penalty: float = setting(
        1.0, help="taken off the score of a completion that never stops", minimum=0
    )
    problems: Path | None = setting(None, help="problem rows, held out, to measure on while training")
    evaluate_steps: int = setting(10, help="iterations between measurements", minimum=1)


@dataclass(frozen=True)
class Experience:
    """One iteration's rollouts with all that is fixed while the weights move. Tensors are [B, T]."""

    rollouts: Rollouts
    completion: Tensor
    mask: Tensor
    log_probs: Tensor
    values: Tensor
    advantages: Tensor
    returns: Tensor


def ppo(settings: PpoSettings) -> None:
    """Raise a reward model's score of the answers without straying far from the starting model."""
    inputs = {
        "model": model_files(settings.model),
        "reward_model": model_files(settings.reward_model),
        "data": settings.data,
    }
    with stage("finetune ppo", settings, inputs | {"problems": settings.problems}) as run:
        if run.finished:
            return
        trainer = PpoTrainer(settings)
        figures = trainer.train()
        trainer.tuning.save(trainer.policy, trainer.tokenizer)
        run.finish(**figures)


class PpoTrainer:
    """Four models, or two whose adapters are on or off, and the optimizer of two.

    `train` runs all iterations, or those after a checkpoint.
    """

    def __init__(self, settings: PpoSettings) -> None:
        import torch
        from transformers import get_scheduler

        self.settings = settings
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        require_no_dropout(settings)
        self.tuning = Tuning(settings, settings.model)
        judging = Tuning(settings, settings.reward_model, load=load_reward_model, head="score")
        self.tokenizer = load_tokenizer(settings.model)
        require_own_pad(self.tokenizer, settings.model)
        self.prompts = _prompts(settings, self.tokenizer)
        torch.manual_seed(settings.seed)
        self.policy, self.critic = self.tuning.model(), judging.model()
        self._require_same_vocabulary()
        self.policy.to(self.device)
        self.critic.to(self.device)
        self.reference = Start(self.policy, lambda: load_model(settings.model)).to(self.device)
        self.scorer = Start(self.critic, lambda: load_reward_model(settings.reward_model)).to(self.device)
        if settings.gradient_checkpointing:
            for module in (self.policy, self.critic):
                module.gradient_checkpointing_enable()
                module.train()
        self.optimizer = torch.optim.AdamW(
            [*trained_weights(self.policy).values(), *trained_weights(self.critic).values()],
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
        )
        name = scheduler_name(settings)
        self.schedule = get_scheduler(name, self.optimizer, settings.warmup_steps, settings.steps)
        problems = held_out_problems(settings.problems, "ppo")
        self.held_out = (
            HeldOut(self.tokenizer, problems, settings.max_tokens, seed=settings.seed) if problems else None
        )

    def train(self) -> dict[str, float]:
        """All iterations; the figures of the stage."""
        done = load_checkpoint(self.settings.out, self._modules(), self.optimizer)
        metrics = Metrics(self.settings.out, resume_from_step=done)
        with Progress("ppo", self.settings.steps, unit="iterations", done=done) as progress:
            for step in range(done + 1, self.settings.steps + 1):
                started = time.monotonic()
                figures = self._iteration(step)
                self.schedule.step()
                figures["step_seconds"] = round(time.monotonic() - started, 4)
                if self.held_out and step % self.settings.evaluate_steps == 0:
                    figures |= {f"eval_{k}": v for k, v in self.held_out(self.policy).items()}
                metrics.write(step, **figures)
                progress.step(step, f"reward {figures['reward']:.2f}  kl {figures['kl']:.2f}")
                if step % self.settings.checkpoint_steps == 0 or step == self.settings.steps:
                    save_checkpoint(self.settings.out, step, self._modules(), self.optimizer)
        return _summary(self.settings.out)

    def _iteration(self, step: int) -> dict[str, float]:
        """Sample, judge, and update the weights on what was sampled."""
        rng = random.Random(f"{self.settings.seed}/{step}")
        prompts = rng.choices(self.prompts, k=self.settings.rollouts)
        with self._precision():
            rollouts = sample(
                self.policy,
                self.tokenizer,
                prompts,
                max_tokens=self.settings.max_tokens,
                temperature=self.settings.temperature,
            )
        experience, figures = self._judge(rollouts)
        figures |= self._update(experience, rng)
        for name in ("policy_loss", "value_loss", "grad_norm"):
            require_finite(name, figures.get(name, 0.0), step, self.settings.out)
        return figures

    def _judge(self, rollouts: Rollouts) -> tuple[Experience, dict[str, float]]:
        """Scores, divergence from the reference, values, advantages: all before any weight moves."""
        import torch

        completion, mask = rollouts.ids[:, rollouts.prompt_length :], rollouts.completion_mask
        with torch.no_grad(), evaluating(self.policy), evaluating(self.critic):
            log_probs = losses.token_log_probs(self._logits(self.policy, rollouts), completion)
            reference = losses.token_log_probs(self._logits(self.reference, rollouts), completion)
            values = self._values(rollouts) * mask
            scores = self._scores(rollouts)
        log_ratio = (log_probs - reference) * mask
        rewards = losses.rewards_with_kl(scores, log_ratio, mask, beta=self.settings.kl)
        advantages, returns = losses.advantages_gae(
            rewards, values, mask, gamma=self.settings.gamma, lam=self.settings.gae_lambda
        )
        advantages = losses.whiten(advantages, mask)
        figures = {
            "reward": scores.mean().item(),
            "kl": log_ratio.sum(dim=1).mean().item(),
            "length": mask.sum(dim=1).float().mean().item(),
            "stopped": sum(rollouts.stopped) / len(rollouts.stopped),
            "tokens": float(rollouts.attention.sum().item()),
        }
        return Experience(rollouts, completion, mask, log_probs, values, advantages, returns), figures

    def _update(self, experience: Experience, rng: random.Random) -> dict[str, float]:
        """Clipped steps over shuffled batches, until the epochs are through or the policy moved enough."""
        import torch

        logged = []
        for batch in self._batches(len(experience.mask), rng):
            total, shares = int(experience.mask[batch].sum()), []
            for part in _parts(batch, self.settings.batch_size):
                loss, figures = self._loss(experience, part)
                share = int(experience.mask[part].sum()) / total
                (loss * share).backward()
                shares.append((share, figures))
            mean = {name: sum(share * one[name] for share, one in shares) for name in shares[0][1]}
            if mean["update_kl"] > self.settings.stop_kl:
                break
            norms = [
                torch.nn.utils.clip_grad_norm_(module.parameters(), self.settings.max_grad_norm).item()
                for module in (self.policy, self.critic)
            ]
            self.optimizer.step()
            self.optimizer.zero_grad()
            logged.append(mean | {"grad_norm": math.hypot(*norms)})
        self.optimizer.zero_grad()
        seen = logged or [mean]
        figures = {name: sum(one[name] for one in seen) / len(seen) for name in seen[0]}
        return figures | {"updates": float(len(logged))}

    def _loss(self, experience: Experience, part: list[int]) -> tuple[Tensor, dict[str, float]]:
        """Policy and value loss over the tokens of some rollouts, and what there is to see of them."""
        rollouts, mask, settings = _take(experience.rollouts, part), experience.mask[part], self.settings
        old = experience.log_probs[part]
        logits = self._logits(self.policy, rollouts)
        log_probs = losses.token_log_probs(logits, experience.completion[part])
        policy_loss, clipped = losses.clipped_policy_loss(
            log_probs, old, experience.advantages[part], mask, clip=settings.clip
        )
        value_loss = losses.clipped_value_loss(
            self._values(rollouts),
            experience.values[part],
            experience.returns[part],
            mask,
            clip=settings.value_clip,
        )
        figures = {
            "policy_loss": policy_loss.item(),
            "value_loss": value_loss.item(),
            "clip_fraction": clipped.item(),
            "entropy": losses.masked_mean(losses.token_entropy(logits.detach()), mask).item(),
            "update_kl": losses.approximate_kl(old, log_probs.detach(), mask).item(),
        }
        return policy_loss + settings.value_weight * value_loss, figures

    def _batches(self, count: int, rng: random.Random) -> Iterator[list[int]]:
        for _ in range(self.settings.epochs):
            order = rng.sample(range(count), count)
            yield from _parts(order, self.settings.batch_size * self.settings.accumulation)

    def _logits(self, model: Any, rollouts: Rollouts) -> Tensor:
        """Logits [B, T, V] that predict the completion's tokens, at the temperature of sampling."""
        kept = rollouts.ids.shape[1] - rollouts.prompt_length + 1
        with self._precision():
            out = model(
                input_ids=rollouts.ids,
                attention_mask=rollouts.attention.long(),
                position_ids=_positions(rollouts.attention),
                logits_to_keep=kept,
            )
        return out.logits[:, :-1] / self.settings.temperature

    def _values(self, rollouts: Rollouts) -> Tensor:
        """The critic's value [B, T] before each token of the completion is sampled."""
        with self._precision():
            critic = plain(self.critic)
            hidden = critic.base_model(
                input_ids=rollouts.ids,
                attention_mask=rollouts.attention.long(),
                position_ids=_positions(rollouts.attention),
            ).last_hidden_state
            return critic.score(hidden[:, rollouts.prompt_length - 1 : -1]).squeeze(-1).float()

    def _scores(self, rollouts: Rollouts) -> Tensor:
        """The reward model's score [B] of each whole response, less the penalty for never stopping."""
        import torch

        whole = [ids[keep].tolist() for ids, keep in zip(rollouts.ids, rollouts.attention, strict=True)]
        ids = padded(whole, self.tokenizer.pad_token_id).to(self.device)
        attention = padded([[1] * len(one) for one in whole], 0).to(self.device)
        with self._precision():
            scores = self.scorer(input_ids=ids, attention_mask=attention).logits.squeeze(-1).float()
        endless = torch.tensor([not stopped for stopped in rollouts.stopped], device=scores.device)
        return scores - self.settings.no_stop_penalty * endless

    def _precision(self) -> Any:
        """The arithmetic of a forward pass, as a context."""
        import torch

        return torch.autocast(self.device.type, torch.bfloat16, enabled=uses_bf16(self.settings))

    def _modules(self) -> dict[str, Any]:
        return {"policy": self.policy, "critic": self.critic, "schedule": self.schedule}

    def _require_same_vocabulary(self) -> None:
        ours, theirs = self.policy.config.vocab_size, self.critic.config.vocab_size
        if ours != theirs:
            what = f"the reward model has a vocabulary of {theirs} and the model one of {ours}"
            mend = "train the reward model from the same model"
            raise UserError(what, where=self.settings.reward_model, mend=mend)


def _prompts(settings: PpoSettings, tokenizer: Any) -> list[Messages]:
    """The prompts of preference or problem rows, each once, in order."""
    rows = load_rows(settings.data, ("preference", "problem"), "ppo")
    distinct = list({repr(row["prompt"]): row["prompt"] for row in rows}.values())
    where = ", ".join(map(str, settings.data))
    room = settings.max_length - settings.max_tokens
    return [distinct[i] for i in fitting_prompts(tokenizer, distinct, room, settings.on_too_long, where)]


def _parts(order: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _positions(attention: Tensor) -> Tensor:
    """Positions from 0 at the first token that is no padding."""
    return (attention.long().cumsum(dim=1) - 1).clamp(min=0)


def _take(rollouts: Rollouts, batch: list[int]) -> Rollouts:
    return Rollouts(
        rollouts.ids[batch],
        rollouts.attention[batch],
        rollouts.completion_mask[batch],
        rollouts.prompt_length,
        [rollouts.texts[i] for i in batch],
        [rollouts.stopped[i] for i in batch],
    )


def _summary(out: Path) -> dict[str, float]:
    """The figures of the whole stage, over all its resumptions."""
    lines = read_metrics(out)
    last = {name: round(lines[-1][name], 4) for name in ("reward", "kl")}
    tokens = int(sum(line["tokens"] for line in lines))
    return {"steps": lines[-1]["step"], "tokens": tokens, "train_seconds": train_seconds(out), **last}
