"""The formulas of training against numbers worked out by hand, their definitions, and TRL's own."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_stages import stage_of

from finetune import losses


@pytest.fixture(scope="module")
def torch():
    import torch

    return torch


def tensor(values):
    import torch

    return torch.tensor(values, dtype=torch.float64)


def mask(rows):
    import torch

    return torch.tensor(rows, dtype=torch.bool)


def close(left, right):
    import torch

    right = right if isinstance(right, torch.Tensor) else tensor(right)
    torch.testing.assert_close(left.double(), right.double(), rtol=1e-5, atol=1e-6)


# Numbers by hand


def test_log_probs_of_tokens_are_those_of_a_softmax():
    logits = tensor([[[math.log(1), math.log(3)], [0, 0]]])
    close(losses.token_log_probs(logits, tensor([[1, 0]]).long()), [[math.log(3 / 4), math.log(1 / 2)]])


def test_entropy_of_an_even_choice_is_the_logarithm_of_their_number():
    close(losses.token_entropy(tensor([[[0, 0, 0, 0], [100, 0, 0, 0]]])), [[math.log(4), 0]])


def test_masked_mean_counts_every_token_the_same():
    close(losses.masked_mean(tensor([[1, 2, 9], [6, 9, 9]]), mask([[1, 1, 0], [1, 0, 0]])), 3.0)


def test_masked_mean_of_nothing_is_zero():
    close(losses.masked_mean(tensor([[1, 2]]), mask([[0, 0]])), 0.0)


def test_whitened_values_have_mean_zero_and_unit_variance():
    whitened = losses.whiten(tensor([[1, 3, 50]]), mask([[1, 1, 0]]))
    close(whitened, [[-1, 1, 0]])


def test_whitening_may_leave_the_mean():
    close(losses.whiten(tensor([[1, 3, 50]]), mask([[1, 1, 0]]), shift_mean=False), [[1, 3, 0]])


def test_advantages_of_one_completion_by_hand():
    # delta = (1 + .5*2 - 1, 0 + .5*3 - 2, 4 - 3) = (1, -.5, 1); gamma lambda = .25
    rewards, values = tensor([[1, 0, 4]]), tensor([[1, 2, 3]])
    advantages, returns = losses.advantages_gae(rewards, values, mask([[1, 1, 1]]), gamma=0.5, lam=0.5)
    close(advantages, [[1 + 0.25 * (-0.5 + 0.25), -0.5 + 0.25, 1]])
    close(returns, [[1 - 0.0625 + 1, -0.25 + 2, 4]])


def test_policy_loss_takes_the_worse_of_free_and_held():
    # Ratios 1.5 and 0.5, clip 0.2. Advantage 1: min(1.5, 1.2) and min(0.5, 0.8). Advantage -1: max each.
    new, old = tensor([[1.5, 0.5], [1.5, 0.5]]).log(), tensor([[1, 1], [1, 1]]).log()
    loss, held = losses.clipped_policy_loss(
        new, old, tensor([[1, 1], [-1, -1]]), mask([[1, 1], [1, 1]]), clip=0.2
    )
    close(loss, (-1.2 - 0.5 + 1.5 + 0.8) / 4)
    close(held, 2 / 4)


def test_policy_gradient_is_zero_exactly_where_the_clip_holds(torch):
    old = torch.zeros(1, 4, dtype=torch.float64)
    new = tensor([[1.5, 0.5, 1.5, 0.5]]).log().requires_grad_()
    advantages = tensor([[1, 1, -1, -1]])
    losses.clipped_policy_loss(new, old, advantages, mask([[1, 1, 1, 1]]), clip=0.2)[0].backward()
    close(new.grad, [[0, -0.5 / 4, 1.5 / 4, 0]])


def test_value_loss_takes_the_worse_of_free_and_held():
    # Old 0, return 1: 0.5 is held at 0.2, error .8; -0.5 is held at -0.2 but its own error 1.5 is worse.
    loss = losses.clipped_value_loss(
        tensor([[0.5, -0.5]]), tensor([[0, 0]]), tensor([[1, 1]]), mask([[1, 1]]), clip=0.2
    )
    close(loss, 0.5 * (0.8**2 + 1.5**2) / 2)


def test_value_gradient_is_zero_exactly_where_the_clip_holds():
    values = tensor([[0.5, -0.5]]).requires_grad_()
    losses.clipped_value_loss(values, tensor([[0, 0]]), tensor([[1, 1]]), mask([[1, 1]]), clip=0.2).backward()
    close(values.grad, [[0, -1.5 / 2]])


def test_approximate_kl_by_hand():
    # log ratios reference / policy: log 2 and log 1/2 -> 2 - 1 - log 2 and 1/2 - 1 + log 2
    policy, reference = tensor([[0.25, 0.5]]).log(), tensor([[0.5, 0.25]]).log()
    expected = ((1 - math.log(2)) + (-0.5 + math.log(2))) / 2
    close(losses.approximate_kl(policy, reference, mask([[1, 1]])), expected)


def test_approximate_kl_is_the_true_kl_on_average():
    policy, reference = tensor([[0.7, 0.2, 0.1]]), tensor([[0.2, 0.5, 0.3]])
    one = mask([[1]])
    average = sum(
        policy[0, i] * losses.approximate_kl(policy[:, i : i + 1].log(), reference[:, i : i + 1].log(), one)
        for i in range(3)
    )
    close(average, (policy * (policy / reference).log()).sum())


def test_score_is_added_at_the_last_token_of_each_completion():
    ratio = tensor([[0.1, 0.2, 7], [0.3, 7, 7]])
    rewards = losses.rewards_with_kl(tensor([5, -1]), ratio, mask([[1, 1, 0], [1, 0, 0]]), beta=0.5)
    close(rewards, [[-0.05, 5 - 0.1, 0], [-1 - 0.15, 0, 0]])


def test_preference_loss_by_hand():
    # Chosen ahead by log 3: probability 3/4. Equal: 1/2.
    loss = losses.preference_loss(tensor([math.log(3), 1]), tensor([0, 1]))
    close(loss, (math.log(4 / 3) + math.log(2)) / 2)


def test_dpo_loss_by_hand():
    # Margins: chosen gained 4 nats, rejected lost 2; beta 0.5 -> logit 3.
    loss = losses.dpo_loss(tensor([-6]), tensor([-12]), tensor([-10]), tensor([-10]), beta=0.5)
    close(loss, math.log(1 + math.exp(-3)))


def test_group_advantages_by_hand():
    # Mean 1/2, deviation sqrt(1/2) with n - 1; a group without difference has no advantage.
    advantages = losses.group_advantages(tensor([1, 0, 5, 5]), 2)
    close(advantages, [0.5 / (math.sqrt(0.5) + 1e-4), -0.5 / (math.sqrt(0.5) + 1e-4), 0, 0])


def test_approximate_kl_of_models_that_hardly_differ_is_not_lost_to_rounding():
    import torch

    # A log ratio of 1e-3 in float32: x^2/2 + x^3/6 = 5.0017e-07, where exp(x) - 1 - x says 4.8e-07.
    kl = losses.approximate_kl(torch.zeros(1, 1), torch.full((1, 1), 1e-3), mask([[1]]))
    assert kl.item() == pytest.approx(5.00167e-07, rel=1e-3)


# Laws

finite = st.floats(-5, 5, width=32)


@st.composite
def batches(draw, tensors):
    """Some tensors [B, T] of numbers and a mask of completions that end."""
    rows, length = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    grid = st.lists(st.lists(finite, min_size=length, max_size=length), min_size=rows, max_size=rows)
    lengths = draw(st.lists(st.integers(1, length), min_size=rows, max_size=rows))
    under = mask([[t < n for t in range(length)] for n in lengths])
    return under, *(tensor(draw(grid)) for _ in range(tensors))


@settings(deadline=None, max_examples=100)
@given(batch=batches(2), gamma=st.floats(0.1, 1), lam=st.floats(0, 1))
def test_advantages_are_the_discounted_sum_of_their_definition(batch, gamma, lam):
    under, rewards, values = batch
    advantages, returns = losses.advantages_gae(rewards, values, under, gamma=gamma, lam=lam)
    for row in range(len(rewards)):
        end = int(under[row].sum())
        for t in range(end):
            expected = 0.0
            for later in range(t, end):
                following = values[row, later + 1].item() if later + 1 < end else 0.0
                delta = rewards[row, later].item() + gamma * following - values[row, later].item()
                expected += (gamma * lam) ** (later - t) * delta
            assert advantages[row, t].item() == pytest.approx(expected, abs=1e-9)
            assert returns[row, t].item() == pytest.approx(expected + values[row, t].item(), abs=1e-9)
        assert not advantages[row, end:].any()
        assert not returns[row, end:].any()


@settings(deadline=None, max_examples=100)
@given(batch=batches(2))
def test_approximate_kl_is_never_negative(batch):
    under, policy, reference = batch
    assert losses.approximate_kl(policy, reference, under) >= -1e-15  # what float64 rounds off


@settings(deadline=None, max_examples=50)
@given(batch=batches(4), rubbish=st.sampled_from([math.nan, math.inf, -math.inf, 1e30]))
def test_nothing_outside_the_mask_changes_a_figure_or_a_gradient(batch, rubbish):
    under, *clean = batch
    dirty = [values.masked_fill(~under, rubbish) for values in clean]

    def everything(a, b, c, d):
        a = a.clone().requires_grad_()
        advantages, returns = losses.advantages_gae(a, b, under, gamma=0.9, lam=0.9)
        policy_loss, held = losses.clipped_policy_loss(a, b, c, under, clip=0.2)
        scores = tensor([1.0] * len(under))
        figures = [
            losses.masked_mean(a, under),
            losses.whiten(a, under).sum(),
            losses.whiten(a, under, shift_mean=False).sum(),
            advantages.sum(),
            returns.sum(),
            policy_loss,
            held,
            losses.clipped_value_loss(a, b, d, under, clip=0.2),
            losses.approximate_kl(a, b, under),
            losses.rewards_with_kl(scores, a, under, beta=0.1).sum(),
        ]
        sum(figures).backward()
        return [*(figure.detach() for figure in figures), a.grad]

    for left, right in zip(everything(*clean), everything(*dirty), strict=True):
        close(left, right)


# Beside TRL


def test_log_probs_and_entropy_are_trls(torch):
    from trl.trainer.utils import entropy_from_logits, selective_log_softmax

    generator = torch.Generator().manual_seed(5)
    logits = torch.randn(3, 7, 11, generator=generator)
    ids = torch.randint(0, 11, (3, 7), generator=generator)
    close(losses.token_log_probs(logits, ids), selective_log_softmax(logits, ids))
    close(losses.token_entropy(logits), entropy_from_logits(logits))


def moved(model, torch):
    """Other weights, so that policy and reference differ."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.05 * torch.randn(weight.shape, generator=generator))


def completion_log_prob(model, prompt, completion, torch):
    """Summed log-probability of a completion, from a plain forward pass of this one sequence."""
    ids = torch.tensor([prompt + completion])
    with torch.no_grad():
        logits = model(input_ids=ids).logits[:, :-1]
    return losses.token_log_probs(logits, ids[:, 1:])[0, len(prompt) - 1 :].sum()


def test_dpo_loss_is_that_of_the_trainer_on_real_pairs(tiny, tmp_path, torch):
    from finetune.dpo import _trainer
    from finetune.model import load_tokenizer
    from finetune.pairs import encoded_pairs
    from finetune.tuning import Tuning

    made = stage_of("dpo")[0](**tiny.settings("dpo") | {"out": tmp_path, "beta": 0.3})
    tokenizer = load_tokenizer(made.model)
    pairs = encoded_pairs(tokenizer, made.data, "dpo", 96, "fail")[:4]
    trainer = _trainer(made, Tuning(made, made.model), tokenizer, pairs)
    moved(trainer.model, torch)
    batch = trainer.data_collator([trainer.train_dataset[i] for i in range(4)])
    with torch.no_grad():
        theirs = trainer.compute_loss(trainer.model, batch)
    sums = [
        torch.stack([completion_log_prob(model, p.prompt, getattr(p, side), torch) for p in pairs])
        for model in (trainer.model, trainer.ref_model)
        for side in ("chosen", "rejected")
    ]
    ours = losses.dpo_loss(*sums, beta=0.3)
    assert abs(ours.item() - math.log(2)) > 1e-3  # not the loss of two equal models
    close(ours, theirs)


def test_reward_loss_is_that_of_the_trainer_on_real_pairs(tiny, tmp_path, torch):
    from finetune.model import load_tokenizer
    from finetune.pairs import encoded_pairs
    from finetune.reward_model import _trainer, tuning_of

    made = stage_of("reward")[0](**tiny.settings("reward") | {"out": tmp_path})
    tokenizer = load_tokenizer(made.model)
    pairs = encoded_pairs(tokenizer, made.data, "reward", 96, "fail")[:4]
    trainer = _trainer(made, tuning_of(made), tokenizer, pairs)
    moved(trainer.model, torch)
    batch = trainer.data_collator([trainer.train_dataset[i] for i in range(4)])
    with torch.no_grad():
        theirs = trainer.compute_loss(trainer.model, batch)
        scores = [
            torch.stack(
                [
                    trainer.model(input_ids=torch.tensor([p.prompt + getattr(p, side)])).logits[0, 0]
                    for p in pairs
                ]
            )
            for side in ("chosen", "rejected")
        ]
    centring = 0.01 * ((scores[0] + scores[1]) ** 2).mean()
    close(losses.preference_loss(*scores) + centring, theirs)


def test_group_advantages_are_those_of_the_trainer(tiny, tmp_path, torch):
    from finetune import grpo
    from finetune.model import load_tokenizer
    from finetune.tuning import Tuning

    kind, _ = stage_of("grpo")
    made = kind(**tiny.settings("grpo") | {"out": tmp_path, "steps": 1, "updates": 1, "batch_size": 16})
    tuning = Tuning(made, made.model)
    tokenizer = load_tokenizer(made.model)
    trainer = grpo._trainer(
        made, tuning, tokenizer, grpo._rows(made, tokenizer), grpo._best(made, tuning, tokenizer)
    )
    given, taken = [], []

    def figure(completions, **_):
        given.extend(float(sum(map(ord, one[0]["content"])) % 97) for one in completions)
        return given

    figure_losses = trainer._compute_loss
    trainer.reward_funcs[:] = [figure]
    trainer._compute_loss = lambda model, batch: (
        taken.append(batch["advantages"]) or figure_losses(model, batch)
    )
    trainer.train()
    ours = losses.group_advantages(torch.tensor(given), made.samples)
    assert ours.abs().max() > 0.5
    close(torch.cat(taken).sort().values, ours.sort().values)  # the trainer shuffles them
