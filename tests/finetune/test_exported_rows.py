"""What `datagen export` writes, `datasets` loads, TRL trains on as it is, and so do our own stages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from made_rows import attempt, problems
from tiny_stages import QUESTIONS, chat, pair, run_stage

from datagen.cli import program
from datagen.engines import embedded_model
from datagen.export.contract import fit
from datagen.export.target import open_target
from finetune.data import encode_chat
from finetune.model import load_tokenizer
from finetune.pairs import encoded_pairs
from schemas import read_rows, write_rows
from schemas.command import run_app

TEXTS = ("What is 3 + 5?", "3+5=8, so \\boxed{8}", "你好, naïve 👍🏽", "  two  spaces\n\n", "x")


def conversations():
    """Chats of one to three turns, some with a system turn, of awkward texts."""
    draw = random.Random(2)
    for number in range(40):
        turns = [{"role": "system", "content": draw.choice(TEXTS)}] if number % 4 == 0 else []
        for _ in range(number % 3 + 1):
            turns += chat(draw.choice(TEXTS), draw.choice(TEXTS))
        yield turns


def test_loss_tokens_are_those_that_training_finds(tiny):
    tokenizer, target = load_tokenizer(tiny.tokenizer), open_target(tiny.tokenizer)
    for turns in conversations():
        encoded, found = encode_chat(tokenizer, turns), fit(target, "sft", {"messages": turns})
        assert (found.fault, found.tokens) == (None, len(encoded.input_ids))
        assert found.trained == encoded.trained


def test_loss_tokens_of_the_embedded_model_are_those_that_training_finds():
    """By llama.cpp's vocabulary here, by transformers' own reader of GGUF files there."""
    from transformers import AutoTokenizer

    path = embedded_model()
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    tokenizer.eos_token = "<|im_end|>"  # its reader takes the one that most such models have
    target = open_target(path)
    for turns in conversations():
        encoded, found = encode_chat(tokenizer, turns), fit(target, "sft", {"messages": turns})
        assert (found.fault, found.tokens, found.trained) == (None, len(encoded.input_ids), encoded.trained)


def test_tokens_of_pairs_are_those_that_training_finds(tiny):
    tokenizer, target = load_tokenizer(tiny.tokenizer), open_target(tiny.tokenizer)
    for row, encoded in zip(
        read_rows(tiny.pairs), encoded_pairs(tokenizer, (tiny.pairs,), "dpo", 999, "fail"), strict=True
    ):
        assert fit(target, "dpo", row).trained == len(encoded.chosen) + len(encoded.rejected)


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory) -> Path:
    """An export of pairs, conversations and attempts, which fits the tiny model."""
    place = tmp_path_factory.mktemp("export")
    pairs = [pair(q, f"{a} You are welcome!", a) for q, a in QUESTIONS.items()]
    lessons = [
        {"messages": chat(f"{q} Please.", a), "meta": {"n": n}} for n, (q, a) in enumerate(QUESTIONS.items())
    ]
    known = problems(6)
    tried = [
        attempt(one, sample, text, reward)
        for one in known
        for sample, (text, reward) in enumerate((("It is 7.", 1.0), ("It is 8.", 0.0)))
    ]
    for name, rows in {"pairs": pairs, "lessons": lessons, "attempts": tried, "problems": known}.items():
        write_rows(place / f"{name}.jsonl", rows)
    runs = [str(place / f"{name}.jsonl") for name in ("pairs", "lessons", "attempts")]
    order = ["--kind", "sft,dpo,kto,grpo", "--held-out", "0.2", "--problems", str(place / "problems.jsonl")]
    order += ["--tokenizer", str(tiny.tokenizer), "--max-length", "200", "--audit", "warn"]
    with pytest.raises(SystemExit) as exit:
        run_app(program(), ["export", *runs, *order, "--out", str(place / "data")])
    assert exit.value.code == 0
    return place / "data"


@pytest.fixture
def load(folder, tmp_path, monkeypatch):
    """Load a config of the folder as anybody would, with a cache of its own."""
    from datasets import load_dataset

    def loaded(kind: str):
        return load_dataset(str(folder), kind, cache_dir=str(tmp_path / "cache"))

    return loaded


@pytest.mark.parametrize("kind", ["sft", "dpo", "kto", "grpo"])
def test_datasets_loads_each_kind_and_its_rows_are_ours(folder, load, kind):
    found = load(kind)
    for split, name in {"train": kind, "test": f"{kind}-test"}.items():
        path = folder / f"{name}.jsonl"
        if path.exists():
            assert found[split].to_list() == list(read_rows(path))
    assert set(found) == ({"train"} if kind == "grpo" else {"train", "test"})


def test_rows_of_problems_keep_objects_that_differ_from_row_to_row(tmp_path):
    from datasets import load_dataset

    from datagen.problems.generate import draw

    families = ("addition", "sudoku", "linear_equation", "knights_and_knaves")
    rows = [draw(family, 2, "train" if i else "test", i, 0) for family in families for i in range(3)]
    write_rows(path := tmp_path / "problems.jsonl", rows)
    with pytest.raises(SystemExit) as exit:
        run_app(program(), ["export", str(path), "--kind", "grpo", "--out", str(tmp_path / "data")])
    assert exit.value.code == 0
    found = load_dataset(str(tmp_path / "data"), "grpo", cache_dir=str(tmp_path / "cache"))
    given = {row["id"]: (row["spec"], row["given"]) for split in found.values() for row in split}
    assert given == {row["id"]: (row["spec"], row["given"]) for row in rows}


def quick(tmp_path, **more):
    return {
        "output_dir": str(tmp_path / "out"),
        "max_steps": 1,
        "per_device_train_batch_size": 2,
        "use_cpu": True,
        "report_to": [],
        "bf16": False,
        "save_strategy": "no",
        "disable_tqdm": True,
        **more,
    }


def model_and_tokenizer(tiny):
    from finetune.model import load_model

    return load_model(tiny.model), load_tokenizer(tiny.model)


@pytest.mark.slow
def test_trl_tunes_on_conversations(tiny, load, tmp_path):
    from trl import SFTConfig, SFTTrainer

    model, tokenizer = model_and_tokenizer(tiny)
    data = load("sft")
    arguments = SFTConfig(**quick(tmp_path, max_length=200))
    trainer = SFTTrainer(
        model,
        args=arguments,
        train_dataset=data["train"],
        eval_dataset=data["test"],
        processing_class=tokenizer,
    )
    assert trainer.train().training_loss > 0


@pytest.mark.slow
def test_trl_tunes_on_pairs(tiny, load, tmp_path):
    from trl import DPOConfig, DPOTrainer

    model, tokenizer = model_and_tokenizer(tiny)
    data = load("dpo")
    arguments = DPOConfig(**quick(tmp_path, max_length=200))
    trainer = DPOTrainer(
        model,
        args=arguments,
        train_dataset=data["train"],
        eval_dataset=data["test"],
        processing_class=tokenizer,
    )
    # Before the first step model and reference are one, so the loss is that of a coin.
    assert trainer.train().training_loss == pytest.approx(0.6931, abs=1e-3)


@pytest.mark.slow
def test_trl_tunes_on_good_and_bad_answers(tiny, load, tmp_path):
    from trl import KTOConfig, KTOTrainer

    model, tokenizer = model_and_tokenizer(tiny)
    arguments = KTOConfig(**quick(tmp_path, max_length=200))
    trainer = KTOTrainer(
        model, args=arguments, train_dataset=load("kto")["train"], processing_class=tokenizer
    )
    assert trainer.train().training_loss > 0


@pytest.mark.slow
def test_trl_practises_problems_with_our_verifiers(tiny, load, tmp_path):
    from trl import GRPOConfig, GRPOTrainer

    from verifiers import correctness

    model, tokenizer = model_and_tokenizer(tiny)
    arguments = GRPOConfig(**quick(tmp_path, num_generations=2, max_completion_length=4))
    trainer = GRPOTrainer(
        model,
        reward_funcs=correctness,
        args=arguments,
        train_dataset=load("grpo")["train"],
        processing_class=tokenizer,
    )
    trainer.train()
    assert "rewards/correctness/mean" in trainer.state.log_history[0]


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["sft", "dpo", "grpo"])
def test_our_own_stages_take_the_files_as_they_are(tiny, folder, tmp_path, stage):
    data = (folder / f"{stage}.jsonl",)
    small = {"model": tiny.model, "data": data, "steps": 1, "batch_size": 2, "max_length": 200}
    more = {"prompts": 2, "samples": 2, "max_tokens": 4, "canaries": 0} if stage == "grpo" else {}
    out = run_stage(stage, {**small, **more}, tmp_path / "out")
    assert (out / "model.safetensors").is_file()
