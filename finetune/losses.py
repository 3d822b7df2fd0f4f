"""Losses, advantages and divergences of the stages, as pure functions over tensors.

Nothing here knows a model, a tokenizer or a trainer. Shapes: B sequences, T tokens of a completion; a mask
is bool [B, T] and True where the completion has a token. What stands outside a mask
changes nothing, not even a NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def token_log_probs(logits: Tensor, ids: Tensor) -> Tensor:
    """Log-probability in nats of each token: logits [B, T, V] that predict ids [B, T] -> [B, T]."""
    return logits.float().log_softmax(dim=-1).gather(-1, ids.unsqueeze(-1)).squeeze(-1)


def token_entropy(logits: Tensor) -> Tensor:
    """Entropy in nats of each prediction: [B, T, V] -> [B, T]."""
    log_probs = logits.float().log_softmax(dim=-1)
    return -(log_probs.exp() * log_probs).sum(dim=-1)


def under(mask: Tensor, *tensors: Tensor) -> list[Tensor]:
    """The tensors with zeros outside the mask; no gradient flows there, whatever stood in it."""
    return [one.masked_fill(~mask, 0) for one in tensors]


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of the values under the mask, over all of it: every token counts the same."""
    (values,) = under(mask, values)
    return values.sum() / mask.sum().clamp(min=1)


def whiten(values: Tensor, mask: Tensor, *, shift_mean: bool = True) -> Tensor:
    """Values with unit variance (and, with `shift_mean`, mean zero) under the mask; zero outside it."""
    (values,) = under(mask, values)
    mean = masked_mean(values, mask)
    variance = masked_mean((values - mean) ** 2, mask)
    whitened = (values - mean) * (variance + 1e-8).rsqrt()
    return under(mask, whitened if shift_mean else whitened + mean)[0]


def advantages_gae(
    rewards: Tensor, values: Tensor, mask: Tensor, *, gamma: float, lam: float
) -> tuple[Tensor, Tensor]:
    """Advantages and returns, each [B, T], by generalised advantage estimation.

    A_t = delta_t + gamma lam A_{t+1} with delta_t = r_t + gamma V_{t+1} - V_t; beyond the last token of a
    completion V is 0. Returns are A + V.
    Source: Schulman et al. 2015, High-Dimensional Continuous Control (arXiv:1506.02438), eq. 16.
    """
    import torch

    values, rewards = under(mask, values, rewards)
    advantage = torch.zeros_like(values[:, 0])
    following = torch.zeros_like(values[:, 0])
    columns = []
    for t in reversed(range(values.shape[1])):
        delta = rewards[:, t] + gamma * following - values[:, t]
        advantage = (delta + gamma * lam * advantage) * mask[:, t]
        following = values[:, t]
        columns.append(advantage)
    advantages = torch.stack(columns[::-1], dim=1)
    return advantages, advantages + values


def clipped_policy_loss(
    log_probs: Tensor, old_log_probs: Tensor, advantages: Tensor, mask: Tensor, *, clip: float
) -> tuple[Tensor, Tensor]:
    """PPO's pessimistic surrogate, and the share of tokens at which the clip took hold.

    Source: Schulman et al. 2017, Proximal Policy Optimization (arXiv:1707.06347), eq. 7.
    """
    log_probs, old_log_probs, advantages = under(mask, log_probs, old_log_probs, advantages)
    ratio = (log_probs - old_log_probs).exp()
    free = -advantages * ratio
    held = -advantages * ratio.clamp(1 - clip, 1 + clip)
    loss = masked_mean(free.maximum(held), mask)
    return loss, masked_mean((held > free).float(), mask)


def clipped_value_loss(
    values: Tensor, old_values: Tensor, returns: Tensor, mask: Tensor, *, clip: float
) -> Tensor:
    """Half the squared error of the critic, which may move by `clip` from its old value and no further.

    Source: the reference implementation of PPO (openai/baselines, ppo2); Engstrom et al. 2020
    (arXiv:2005.12729), section 3.
    """
    values, old_values, returns = under(mask, values, old_values, returns)
    held = old_values + (values - old_values).clamp(-clip, clip)
    return 0.5 * masked_mean(((values - returns) ** 2).maximum((held - returns) ** 2), mask)


def approximate_kl(log_probs: Tensor, reference_log_probs: Tensor, mask: Tensor) -> Tensor:
    """KL(policy || reference) in nats a token, from tokens the policy sampled; unbiased and never negative.

    Source: Schulman 2020, Approximating KL Divergence, estimator k3: r - 1 - log r, r = reference / policy.
    """
    log_probs, reference_log_probs = under(mask, log_probs, reference_log_probs)
    log_ratio = reference_log_probs - log_probs
    return masked_mean(log_ratio.expm1() - log_ratio, mask)  # exp() - 1 would lose small ones to rounding


def rewards_with_kl(scores: Tensor, log_ratio: Tensor, mask: Tensor, *, beta: float) -> Tensor:
    """Rewards [B, T]: -beta (log policy - log reference) at each token, the score [B] added at the last one.

    Source: Ziegler et al. 2019, Fine-Tuning Language Models from Human Preferences (arXiv:1909.08593), eq. 2.
    """
    rewards = -beta * under(mask, log_ratio)[0]
    last = mask.long().cumsum(dim=1).argmax(dim=1, keepdim=True)
    return rewards.scatter_add(1, last, scores.unsqueeze(1).to(rewards.dtype))


def preference_loss(chosen: Tensor, rejected: Tensor) -> Tensor:
    """Negative log-likelihood that the chosen score beats the rejected one; scores [B].

    Source: Bradley & Terry 1952; Ouyang et al. 2022 (arXiv:2203.02155), eq. 1.
    """
    import torch

    return -torch.nn.functional.logsigmoid(chosen - rejected).mean()


def dpo_loss(
    chosen: Tensor, rejected: Tensor, reference_chosen: Tensor, reference_rejected: Tensor, *, beta: float
) -> Tensor:
    """Direct preference optimisation; summed log-probabilities of whole completions, [B] each.

    Source: Rafailov et al. 2023 (arXiv:2305.18290), eq. 7.
    """
    return preference_loss(beta * (chosen - reference_chosen), beta * (rejected - reference_rejected))


def group_advantages(rewards: Tensor, group: int) -> Tensor:
    """Rewards [B] of consecutive groups of samples of one prompt, each group to mean 0 and deviation 1.

    Source: Shao et al. 2024, DeepSeekMath (arXiv:2402.03300), section 4.1.2.
    """
    grouped = rewards.view(-1, group)
    deviation = grouped.std(dim=1, keepdim=True)
    return ((grouped - grouped.mean(dim=1, keepdim=True)) / (deviation + 1e-4)).view(-1)
