"""Stages with adapters: the model they are held against, and how often a model is in memory."""

import gc
from functools import partial

import pytest
from tiny_adapters import LORA, adapted_settings, loaded, moved
from tiny_stages import run_stage, stage_of

from finetune import losses


@pytest.fixture(scope="module")
def torch():
    import torch

    return torch


def made_for(tiny, stage, out, **changes):
    return stage_of(stage)[0](**adapted_settings(tiny, stage) | changes | {"out": out})


def dpo_trainer(tiny, out, **changes):
    """A trainer and a batch of its pairs."""
    from finetune.dpo import _trainer
    from finetune.model import load_tokenizer
    from finetune.pairs import encoded_pairs
    from finetune.tuning import Tuning

    made = made_for(tiny, "dpo", out, **changes)
    tokenizer = load_tokenizer(made.model)
    pairs = encoded_pairs(tokenizer, made.data, "dpo", 96, "fail")[:4]
    trainer = _trainer(made, Tuning(made, made.model), tokenizer, pairs)
    return trainer, trainer.data_collator([trainer.train_dataset[i] for i in range(4)])


def grpo_trainer(tiny, out, standing=None, **changes):
    from finetune import grpo
    from finetune.model import load_tokenizer
    from finetune.tuning import Tuning

    made = made_for(tiny, "grpo", out, **{"steps": 1, "updates": 1, "batch_size": 16, "kl": 0.1} | changes)
    tuning, tokenizer = Tuning(made, made.model), load_tokenizer(made.model)
    best = grpo._best(made, tuning, tokenizer)
    if standing:
        best.measured(2, 1.0, standing(tuning))
        best.roll_back()
        assert best.standing.start == 2
    return grpo._trainer(made, tuning, tokenizer, grpo._rows(made, tokenizer), best)


def ppo_trainer(tiny, out, **changes):
    from finetune.ppo import PpoTrainer

    return PpoTrainer(made_for(tiny, "ppo", out, **changes))


# The model a stage is held against is the one it was given


def test_dpo_compares_with_the_starting_model(tiny, tmp_path, torch):
    adapted, batch = dpo_trainer(tiny, tmp_path / "lora")
    full, same = dpo_trainer(tiny, tmp_path / "full", tune="full")
    assert adapted.ref_model is None
    assert batch["input_ids"].equal(same["input_ids"])
    moved(adapted.model)
    ours = adapted.compute_ref_log_probs(adapted.model, batch)
    theirs = full.compute_ref_log_probs(full.ref_model, same)
    for left, right in zip(ours, theirs, strict=True):
        assert left.equal(right)
    # And it is what the loss is taken against.
    with torch.no_grad():
        loss = adapted.compute_loss(adapted.model, batch)
        chosen, rejected = completion_log_probs(adapted.model, batch, torch)
    expected = losses.dpo_loss(chosen, rejected, *theirs, beta=adapted.beta)
    assert abs(loss.item() - 0.6931) > 1e-3
    torch.testing.assert_close(loss, expected, rtol=1e-4, atol=1e-5)


def completion_log_probs(model, batch, torch):
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    log_probs = losses.token_log_probs(logits, batch["input_ids"][:, 1:])
    return (log_probs * batch["completion_mask"][:, 1:]).sum(dim=1).chunk(2)


@pytest.mark.parametrize("tune", ["lora", "full"])
@pytest.mark.parametrize("rolled_back", [False, True])
def test_grpo_compares_with_the_starting_model_after_a_collapse_too(tiny, tmp_path, torch, tune, rolled_back):
    standing = (lambda tuning: moved(tuning.model(), size=0.2)) if rolled_back else None
    trainer = grpo_trainer(tiny, tmp_path, standing, tune=tune)
    assert (trainer.ref_model is None) == (tune == "lora")
    seen = []
    compute = trainer._compute_loss
    trainer._compute_loss = lambda model, batch: seen.append(batch) or compute(model, batch)
    trainer.train()
    start = loaded(tiny.answering)
    for batch in seen:
        mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1)
        ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1)
        positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
        with torch.no_grad():
            logits = start(input_ids=ids, attention_mask=mask, position_ids=positions).logits[:, :-1]
        count = batch["completion_ids"].shape[1]
        expected = losses.token_log_probs(logits, ids[:, 1:])[:, -count:]
        kept = batch["completion_mask"].bool()
        ours = batch["ref_per_token_logps"]
        torch.testing.assert_close(ours[kept], expected[kept], rtol=1e-4, atol=1e-4)
    first = trainer.state.log_history[0]["kl"]
    assert first > 1e-4 if rolled_back else first < 1e-7  # the policy itself has moved, or has not


def test_ppo_compares_with_the_starting_model_and_scores_with_the_reward_model(tiny, tmp_path, torch):
    from finetune.model import load_reward_model

    trainer = ppo_trainer(tiny, tmp_path)
    assert trainer.reference.copy is trainer.scorer.copy is None
    ids = torch.arange(1, 65).view(2, 32)
    start, judge = loaded(trainer.settings.model), load_reward_model(trainer.settings.reward_model)
    moved(trainer.policy, size=0.2)
    moved(trainer.critic, size=0.2)
    with torch.no_grad():
        assert trainer.reference(input_ids=ids).logits.equal(start(input_ids=ids).logits)
        assert trainer.scorer(input_ids=ids).logits.equal(judge(input_ids=ids).logits)
        assert not trainer.policy(input_ids=ids).logits.allclose(start(input_ids=ids).logits, atol=1e-2)
        assert not trainer.critic(input_ids=ids).logits.allclose(judge(input_ids=ids).logits, atol=1e-2)


def test_first_iteration_of_ppo_is_that_of_full_training_but_for_the_steps(tiny, tmp_path):
    """At the start adapters change nothing: the same rollouts, scores, values and advantages."""
    from finetune.metrics import read_metrics

    settings = tiny.settings("ppo") | {"steps": 1, "epochs": 1, "batch_size": 8}
    full, lora = (run_stage("ppo", settings | c, tmp_path / n) for n, c in (("full", {}), ("lora", LORA)))
    left, right = (read_metrics(out)[0] for out in (full, lora))
    for name in ("reward", "kl", "length", "policy_loss", "value_loss", "entropy"):
        assert right[name] == pytest.approx(left[name], rel=1e-4, abs=1e-5), name


# Memory


def numbers_in_memory(torch):
    """How many numbers the live weights of all models hold, each storage once."""
    gc.collect()
    storages = {}
    for thing in gc.get_objects():
        if isinstance(thing, torch.nn.Parameter):
            storages[thing.untyped_storage().data_ptr()] = thing.numel()
    return sum(storages.values())


def test_a_base_is_in_memory_once(tiny, tmp_path, torch):
    """Full training holds two for DPO and for GRPO under KL, and four for PPO; adapters halve that."""
    assert tiny.judge
    size = sum(weight.numel() for weight in loaded(tiny.answering).parameters())
    small = 0.35 * size  # adapters of rank 4 in a model 32 wide are no trifle
    builders = {
        "dpo": (partial(dpo_trainer, tiny), 2),
        "grpo": (partial(grpo_trainer, tiny), 2),
        "ppo": (partial(ppo_trainer, tiny), 4),
    }
    for stage, (build, copies) in builders.items():
        before = numbers_in_memory(torch)
        held = build(tmp_path / f"{stage}-full", tune="full")
        full = numbers_in_memory(torch) - before
        del held
        before = numbers_in_memory(torch)
        held = build(tmp_path / f"{stage}-lora", lora_rank=1)
        lora = numbers_in_memory(torch) - before
        del held
        assert full == pytest.approx(copies * size, rel=0.02), stage
        assert lora < copies / 2 * (size + small), stage
        assert lora > copies / 2 * size, stage
