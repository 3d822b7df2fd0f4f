"""Each stage learns what it is for, on rows so few and a model so small that it takes a second or two."""

import math

import pytest
from tiny_stages import QUESTIONS, boxed, chat, pair, run_stage

from finetune.metrics import read_metrics
from schemas import write_rows
from schemas.run import read_manifest


def column(out, name):
    """The values of one figure in the order they were logged."""
    return [line[name] for line in read_metrics(out) if name in line]


def answers(model_folder, questions, *, temperature=0.0):
    """One answer to each question, and whether it stopped."""
    from finetune.model import load_model, load_tokenizer
    from finetune.sampling import own_randomness, sample

    model, tokenizer = load_model(model_folder), load_tokenizer(model_folder)
    prompts = [chat(question, "")[:1] for question in questions]
    with own_randomness(3):
        rollouts = sample(model, tokenizer, prompts, max_tokens=40, temperature=temperature)
    return rollouts.texts, rollouts.stopped


@pytest.fixture(scope="module")
def digit_pairs(tiny):
    """Of the answers the model gives, 7 is the preferred one."""
    return tiny.rows("digits_pairs.jsonl", [pair("Say seven.", boxed("7"), boxed(d)) for d in "45" * 4])


@pytest.fixture(scope="module")
def digit_judge(tiny, digit_pairs):
    settings = tiny.settings("reward") | {"model": tiny.answering, "data": (digit_pairs,)}
    settings |= {"held_out": (digit_pairs,), "steps": 150, "learning_rate": 2e-3}
    judge = run_stage("reward", settings, tiny.root / "digit_judge")
    assert read_manifest(judge)["results"]["reward_accuracy"] == 1.0
    return judge


def test_pretraining_lowers_the_loss_and_the_bits_per_byte(tiny):
    from finetune.evaluate import bits_per_byte
    from finetune.model import load_model, load_tokenizer, new_model
    from finetune.pretrain import PretrainSettings

    loss = column(tiny.model, "loss")
    assert loss[0] == pytest.approx(math.log(300), abs=0.2)  # random weights know nothing
    assert loss[-1] < loss[0] - 1
    tokenizer = load_tokenizer(tiny.tokenizer)
    shape = PretrainSettings(**tiny.pretrain_settings, out=tiny.root).shape
    texts = list(QUESTIONS.values())
    before = bits_per_byte(new_model(shape, tokenizer, 0), tokenizer, texts, block=32)
    assert bits_per_byte(load_model(tiny.model), tokenizer, texts, block=32) < 0.8 * before


def test_bits_per_byte_of_a_model_that_knows_nothing_is_that_of_an_even_choice(tiny):
    import torch

    from finetune.evaluate import bits_per_byte
    from finetune.model import load_model, load_tokenizer

    model, tokenizer = load_model(tiny.model), load_tokenizer(tiny.tokenizer)
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
    texts = ["Snow is white.", "né 🎉"]
    tokens = sum(len(tokenizer(text)["input_ids"]) + 1 for text in texts)
    size = sum(len(text.encode()) for text in texts)
    assert bits_per_byte(model, tokenizer, texts, block=7) == pytest.approx(math.log2(300) * tokens / size)


def test_instruction_tuning_teaches_every_answer_and_to_stop_after_it(tiny):
    loss = column(tiny.chatty, "loss")
    assert loss[0] > 2
    assert loss[-1] < 0.02
    texts, stopped = answers(tiny.chatty, QUESTIONS)
    assert texts == list(QUESTIONS.values())
    assert all(stopped)


def test_first_loss_of_instruction_tuning_is_that_of_the_answers_tokens_alone(tiny, tmp_path):
    import torch

    from finetune.data import encode_text, render
    from finetune.model import load_model, load_tokenizer

    out = run_stage("sft", tiny.settings("sft"), tmp_path / "sft", steps=1, batch_size=8)
    model, tokenizer = load_model(tiny.model), load_tokenizer(tiny.model)
    nats, count = 0.0, 0
    for question, answer in QUESTIONS.items():
        prompt = encode_text(tokenizer, render(tokenizer, chat(question, "")[:1], answer_next=True))
        completion = encode_text(tokenizer, answer + tokenizer.eos_token)
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([prompt + completion])).logits[0]
        predicting = logits[len(prompt) - 1 : -1].log_softmax(-1)
        nats -= predicting[range(len(completion)), completion].sum().item()
        count += len(completion)
    assert column(out, "loss") == [pytest.approx(nats / count, rel=1e-4)]


def test_accumulated_batches_are_one_large_batch(tiny, tmp_path):
    import torch

    from finetune.model import load_model

    settings = tiny.settings("sft") | {"steps": 3, "schedule": "constant"}
    whole = run_stage("sft", settings, tmp_path / "whole", batch_size=8)
    parts = run_stage("sft", settings, tmp_path / "parts", batch_size=2, accumulation=4)
    left, right = (load_model(folder).state_dict() for folder in (whole, parts))
    for name in left:
        torch.testing.assert_close(left[name], right[name], rtol=1e-3, atol=2e-4)


def test_instruction_tuning_stops_past_the_accuracy_asked_for_and_keeps_the_nearest(tiny, tmp_path):
    rows = tmp_path / "sevens.jsonl"
    write_rows(rows, [{"messages": chat("Say seven.", boxed("7"))}] * 8)
    settings = tiny.settings("sft") | {"data": (rows,), "problems": tiny.problems, "learning_rate": 1e-2}
    target = {"target_accuracy": 0.5, "band": 0.3, "target_format": 0.1}
    out = run_stage("sft", settings, tmp_path / "out", steps=400, evaluate_steps=20, max_tokens=12, **target)
    lines = [line for line in read_metrics(out) if "eval_accuracy" in line]
    accuracy = [line["eval_accuracy"] for line in lines]
    assert accuracy[-1] > 0.8 >= max(accuracy[:-1], default=0)
    assert lines[-1]["step"] < 400
    formed = [line for line in lines if line["eval_format_rate"] >= 0.1]
    kept = read_manifest(out)["results"]["kept_step"]
    nearest = min(formed, key=lambda line: abs(line["eval_accuracy"] - 0.5))
    assert kept == nearest["step"]


def test_reward_model_scores_the_chosen_answers_higher(tiny):
    from finetune.model import load_reward_model, load_tokenizer
    from finetune.pairs import encoded_pairs
    from finetune.reward_model import pair_accuracy

    tokenizer = load_tokenizer(tiny.judge)
    pairs = encoded_pairs(tokenizer, (tiny.pairs,), "reward", 96, "fail")
    assert pair_accuracy(load_reward_model(tiny.judge), pairs, tokenizer.pad_token_id) == 1.0
    swapped = [type(p)(p.prompt, p.rejected, p.chosen) for p in pairs]
    assert pair_accuracy(load_reward_model(tiny.judge), swapped, tokenizer.pad_token_id) == 0.0


def test_pairs_make_the_chosen_answer_likelier_than_the_rejected_one(tiny, digit_pairs, tmp_path):
    settings = tiny.settings("dpo") | {"model": tiny.answering, "data": (digit_pairs,), "problems": None}
    out = run_stage("dpo", settings, tmp_path / "dpo", steps=40, learning_rate=2e-3)
    margins = column(out, "rewards/margins")
    assert margins[0] == pytest.approx(0, abs=1e-3)  # policy and reference are the same model
    assert margins[-1] > margins[0] + 0.3
    before, after = (log_probs(model, ["7", "4", "5"]) for model in (tiny.answering, out))
    for other in (1, 2):
        assert after[0] - after[other] > before[0] - before[other] + 2


def test_plain_loss_beside_the_pairs_keeps_the_chosen_answer_likely(tiny, digit_pairs, tmp_path):
    settings = tiny.settings("dpo") | {"model": tiny.answering, "data": (digit_pairs,), "problems": None}
    out = run_stage("dpo", settings, tmp_path / "dpo", steps=40, learning_rate=2e-3, sft_weight=1.0)
    before, after = (log_probs(model, ["7", "4"]) for model in (tiny.answering, out))
    assert after[0] > before[0]
    assert after[0] - after[1] > before[0] - before[1] + 1


def log_probs(model_folder, digits):
    """Log-probability in nats of each digit, boxed, as the whole answer."""
    import torch

    from finetune.data import encode_text, render
    from finetune.model import load_model, load_tokenizer

    model, tokenizer = load_model(model_folder), load_tokenizer(model_folder)
    prompt = encode_text(tokenizer, render(tokenizer, chat("Say seven.", "")[:1], answer_next=True))
    found = []
    for digit in digits:
        completion = encode_text(tokenizer, boxed(digit) + tokenizer.eos_token)
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([prompt + completion])).logits[0]
        predicting = logits[len(prompt) - 1 : -1].log_softmax(-1)
        found.append(predicting[range(len(completion)), completion].sum().item())
    return found


def test_ppo_raises_the_reward_and_all_it_reports_is_finite(tiny, digit_pairs, digit_judge, tmp_path):
    settings = tiny.settings("ppo") | {
        "model": tiny.answering,
        "data": (digit_pairs,),
        "reward_model": digit_judge,
        "rollouts": 32,
        "batch_size": 16,
        "steps": 30,
        "learning_rate": 1e-3,
        "kl": 0.5,  # at 0.1 the policy finds nonsense that this judge of three answers likes better
    }
    out = run_stage("ppo", settings, tmp_path / "ppo")
    rewards = column(out, "reward")
    assert sum(rewards[-5:]) / 5 > sum(rewards[:3]) / 3 + 1
    texts, _ = answers(out, ["Say seven."] * 64, temperature=1.0)
    assert sum("7" in text for text in texts) > 42  # two in three; one in three before
    lines = read_metrics(out)
    for name in ("kl", "clip_fraction", "entropy", "update_kl", "policy_loss", "value_loss", "grad_norm"):
        assert all(math.isfinite(line[name]) for line in lines), name
    assert all(line["update_kl"] >= 0 and line["entropy"] > 0 for line in lines)
    assert lines[0]["kl"] == pytest.approx(0, abs=1e-4)  # nothing has moved yet
    assert max(line["kl"] for line in lines) > 0.1


def test_ppo_in_parts_is_ppo_in_one_piece(tiny, tmp_path):
    import torch

    from finetune.model import load_model

    settings = tiny.settings("ppo") | {"steps": 2}
    whole = run_stage("ppo", settings, tmp_path / "whole", batch_size=8)
    parts = run_stage("ppo", settings, tmp_path / "parts", batch_size=2, accumulation=4)
    left, right = (load_model(folder).state_dict() for folder in (whole, parts))
    for name in left:
        torch.testing.assert_close(left[name], right[name], rtol=1e-3, atol=2e-4)


def test_ppo_ends_an_iterations_updates_when_the_policy_has_moved_enough(tiny, tmp_path):
    settings = tiny.settings("ppo") | {"steps": 3, "epochs": 4, "learning_rate": 1e-2}
    free = run_stage("ppo", settings, tmp_path / "free", stop_kl=100.0)
    held = run_stage("ppo", settings, tmp_path / "held", stop_kl=1e-5)
    assert column(free, "updates") == [8.0] * 3  # 4 epochs of 2 batches
    assert max(column(held, "updates")) < 8


def test_grpo_raises_the_share_of_verified_answers(tiny, tmp_path):
    settings = tiny.settings("grpo") | {"steps": 40, "learning_rate": 3e-3, "problems": None, "updates": 1}
    out = run_stage("grpo", settings, tmp_path / "grpo", prompts=4, samples=8, batch_size=32)
    rewards = column(out, "rewards/correct/mean")
    assert rewards[0] < 0.6
    assert sum(rewards[-3:]) / 3 > 0.8
    texts, _ = answers(out, ["Say seven."] * 64, temperature=1.0)
    assert texts.count(boxed("7")) > 48


def test_model_without_its_generation_habits_is_sampled_as_it_is(tiny):
    """What a model folder says about sampling (penalties, cuts) is no part of the policy that is trained."""
    from finetune.model import load_model, load_tokenizer
    from finetune.sampling import own_randomness, sample

    model, tokenizer = load_model(tiny.answering), load_tokenizer(tiny.answering)
    prompts = [chat("Say seven.", "")[:1]] * 16

    def drawn():
        with own_randomness(5):
            return sample(model, tokenizer, prompts, max_tokens=12).ids.tolist()

    plain = drawn()
    habits = {"repetition_penalty": 9.0, "top_p": 0.01, "top_k": 1, "min_p": 0.9, "temperature": 0.01}
    for name, value in habits.items():
        setattr(model.generation_config, name, value)
    assert drawn() == plain


def test_qwen3_is_pretrained_like_llama(tiny, tmp_path):
    from finetune.model import load_model

    out = run_stage("pretrain", tiny.pretrain_settings, tmp_path / "qwen3", architecture="qwen3")
    assert load_model(out).config.model_type == "qwen3"
    assert column(out, "loss")[-1] < column(out, "loss")[0]
