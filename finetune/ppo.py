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
from typing import TYPE_CHECKING, Any

from finetune import losses
from finetune.checkpoint import load_checkpoint, save_checkpoint
from finetune.data import Messages, load_rows, padded
from finetune.evaluate import HeldOut, held_out_problems
from finetune.metrics import Metrics
from finetune.model import load_model, load_reward_model, load_tokenizer, model_files, save_model
from finetune.progress import Progress
from finetune.sampling import Rollouts, evaluating, sample
from finetune.settings import TuningSettings
from schemas import UserError
from schemas.run import claim
from schemas.settings import setting

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class PpoSettings(TuningSettings):
    """Tune a model by PPO; one step is one iteration of rollouts and updates. `data` are rows with prompts."""

    reward_model: Path = setting(help="reward model folder (see `finetune reward`)")
    steps: int = setting(30, help="iterations of rollouts and updates", minimum=1)
    rollouts: int = setting(64, help="completions sampled in one iteration", minimum=2)
    batch_size: int = setting(32, help="completions in one update", minimum=1)
    epochs: int = setting(2, help="passes over the rollouts of one iteration", minimum=1)
    learning_rate: float = setting(1e-5, help="learning rate of policy and critic", above=0)
    kl: float = setting(0.1, help="price of a nat of divergence from the starting model, in reward", minimum=0)
    clip: float = setting(0.2, help="the policy ratio is held within 1 ± clip", above=0)
    value_clip: float = setting(0.2, help="how far the critic may move in one iteration", above=0)
    value_weight: float = setting(0.5, help="weight of the critic's loss", minimum=0)
    gamma: float = setting(1.0, help="discount of the reward per token", above=0, maximum=1)
    gae_lambda: float = setting(0.95, help="how far advantages look ahead", minimum=0, maximum=1)
    stop_kl: float = setting(0.1, help="an iteration's updates end at this divergence a token", above=0)
    max_tokens: int = setting(256, help="longest sampled completion", unit="tokens", minimum=1)
    temperature: float = setting(1.0, help="temperature of the rollouts", above=0)
    no_stop_penalty: float = setting(1.0, help="taken off the score of a completion that never stops", minimum=0)
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
    from finetune.environment import quieten

    inputs = {"model": model_files(settings.model), "reward_model": model_files(settings.reward_model), "data": settings.data}
    with claim(settings.out, "finetune ppo", settings, inputs | {"problems": settings.problems}) as run:
        if run.finished:
            return
        quieten()
        trainer = PpoTrainer(settings)
        figures = trainer.train()
        save_model(trainer.policy, trainer.tokenizer, settings.out)
        run.finish(**figures)


class PpoTrainer:
    """Four models and two optimizers. `train` runs all iterations, from the last checkpoint if there is one."""

    def __init__(self, settings: PpoSettings) -> None:
        import torch

        self.settings = settings
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = load_tokenizer(settings.model)
        self.prompts = _prompts(settings.data)
        torch.manual_seed(settings.seed)
        self.policy = load_model(settings.model).to(self.device)
        self.reference = load_model(settings.model).to(self.device).eval().requires_grad_(False)
        self.scorer = load_reward_model(settings.reward_model).to(self.device).eval().requires_grad_(False)
        self.critic = load_reward_model(settings.reward_model).to(self.device)
        self._require_same_vocabulary()
        self.optimizer = torch.optim.AdamW(
            [*self.policy.parameters(), *self.critic.parameters()],
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
        )
        problems = held_out_problems(settings.problems, "ppo")
        self.held_out = HeldOut(self.tokenizer, problems, settings.max_tokens, seed=settings.seed) if problems else None

    def train(self) -> dict[str, float]:
        """All iterations; the figures of the stage."""
        done = load_checkpoint(self.settings.out, self._modules(), self.optimizer)
        metrics = Metrics(self.settings.out, resume_from_step=done)
        started, tokens = time.monotonic(), 0
        figures: dict[str, float] = {}
        with Progress("ppo", self.settings.steps, unit="iterations", done=done) as progress:
            for step in range(done + 1, self.settings.steps + 1):
                figures = self._iteration(step)
                tokens += int(figures.pop("tokens"))
                if self.held_out and step % self.settings.evaluate_steps == 0:
                    figures |= {f"eval_{k}": v for k, v in self.held_out(self.policy).items()}
                metrics.write(step, **figures)
                progress.step(step, f"reward {figures['reward']:.2f}  kl {figures['kl']:.2f}")
                if step % self.settings.checkpoint_steps == 0 or step == self.settings.steps:
                    save_checkpoint(self.settings.out, step, self._modules(), self.optimizer)
        seconds = time.monotonic() - started
        return {"steps": self.settings.steps, "tokens": tokens, "train_seconds": round(seconds, 3)} | _final(figures)

    def _iteration(self, step: int) -> dict[str, float]:
        """Sample, judge, and update the weights on what was sampled."""
        rng = random.Random(f"{self.settings.seed}/{step}")
        prompts = rng.choices(self.prompts, k=self.settings.rollouts)
        rollouts = sample(
            self.policy,
            self.tokenizer,
            prompts,
            max_tokens=self.settings.max_tokens,
            temperature=self.settings.temperature,
        )
        experience, figures = self._judge(rollouts)
        figures |= self._update(experience, rng)
        if not math.isfinite(figures["policy_loss"]):
            mend = "lower the learning rate; the last checkpoint is kept"
            raise UserError(f"the loss is not a number at iteration {step}", where=self.settings.out, mend=mend)
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
        """Clipped steps over shuffled batches, until the epochs are through or the policy has moved enough."""
        import torch

        settings, logged = self.settings, []
        for batch in self._batches(len(experience.mask), rng):
            rollouts = _take(experience.rollouts, batch)
            mask = experience.mask[batch]
            logits = self._logits(self.policy, rollouts)
            log_probs = losses.token_log_probs(logits, experience.completion[batch])
            moved = losses.approximate_kl(experience.log_probs[batch], log_probs, mask).item()
            if moved > settings.stop_kl:
                break
            policy_loss, clipped = losses.clipped_policy_loss(
                log_probs, experience.log_probs[batch], experience.advantages[batch], mask, clip=settings.clip
            )
            value_loss = losses.clipped_value_loss(
                self._values(rollouts),
                experience.values[batch],
                experience.returns[batch],
                mask,
                clip=settings.value_clip,
            )
            self.optimizer.zero_grad()
            (policy_loss + settings.value_weight * value_loss).backward()
            for module in (self.policy, self.critic):
                torch.nn.utils.clip_grad_norm_(module.parameters(), settings.max_grad_norm)
            self.optimizer.step()
            entropy = losses.masked_mean(losses.token_entropy(logits.detach()), mask).item()
            logged.append((policy_loss.item(), value_loss.item(), clipped.item(), entropy, moved))
        names = ("policy_loss", "value_loss", "clip_fraction", "entropy", "update_kl")
        means = [sum(column) / len(logged) for column in zip(*logged, strict=True)] if logged else [0.0] * 5
        return dict(zip(names, means, strict=True)) | {"updates": float(len(logged))}

    def _batches(self, count: int, rng: random.Random) -> Iterator[list[int]]:
        for _ in range(self.settings.epochs):
            order = rng.sample(range(count), count)
            for start in range(0, count, self.settings.batch_size):
                yield order[start : start + self.settings.batch_size]

    def _logits(self, model: Any, rollouts: Rollouts) -> Tensor:
        """Logits [B, T, V] that predict the completion's tokens, at the temperature of sampling."""
        kept = rollouts.ids.shape[1] - rollouts.prompt_length + 1
        out = model(
            input_ids=rollouts.ids,
            attention_mask=rollouts.attention.long(),
            position_ids=_positions(rollouts.attention),
            logits_to_keep=kept,
        )
        return out.logits[:, :-1] / self.settings.temperature

    def _values(self, rollouts: Rollouts) -> Tensor:
        """The critic's value [B, T] before each token of the completion is sampled."""
        hidden = self.critic.base_model(
            input_ids=rollouts.ids,
            attention_mask=rollouts.attention.long(),
            position_ids=_positions(rollouts.attention),
        ).last_hidden_state
        return self.critic.score(hidden[:, rollouts.prompt_length - 1 : -1]).squeeze(-1).float()

    def _scores(self, rollouts: Rollouts) -> Tensor:
        """The reward model's score [B] of each whole response, less the penalty for never stopping."""
        import torch

        whole = [ids[keep].tolist() for ids, keep in zip(rollouts.ids, rollouts.attention, strict=True)]
        ids = padded(whole, self.tokenizer.pad_token_id).to(self.device)
        attention = padded([[1] * len(one) for one in whole], 0).to(self.device)
        scores = self.scorer(input_ids=ids, attention_mask=attention).logits.squeeze(-1).float()
        endless = torch.tensor([not stopped for stopped in rollouts.stopped], device=scores.device)
        return scores - self.settings.no_stop_penalty * endless

    def _modules(self) -> dict[str, Any]:
        return {"policy": self.policy, "critic": self.critic}

    def _require_same_vocabulary(self) -> None:
        ours, theirs = self.policy.config.vocab_size, self.scorer.config.vocab_size
        if ours != theirs:
            what = f"the reward model has a vocabulary of {theirs} and the model one of {ours}"
            mend = "train the reward model from the same model"
            raise UserError(what, where=self.settings.reward_model, mend=mend)


def _prompts(paths: tuple[Path, ...]) -> list[Messages]:
    """The prompts of preference or problem rows, each once, in order."""
    rows = [row for path in paths for row in load_rows([path], ("preference", "problem"), "ppo")]
    distinct = {repr(row["prompt"]): row["prompt"] for row in rows}
    return list(distinct.values())


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


def _final(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(figures[name], 4) for name in ("reward", "kl") if name in figures}
