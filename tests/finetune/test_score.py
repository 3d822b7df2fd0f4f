"""A reward model of ours as the judge of `datagen`: in a process of its own, with the scores torch gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_stages import QUESTIONS, Tiny

from datagen.cli import program
from datagen.engines import (
    EngineClosedError,
    PromptTooLongError,
    Request,
    embedded_model,
    generate_all,
    open_engine,
)
from datagen.runs.journal import Journal
from schemas import UserError
from schemas.command import run_app
from schemas.rows import read_rows, write_rows


def chats() -> list[tuple[dict[str, str], ...]]:
    """Each question with its answer, and with a polite one."""
    return [
        ({"role": "user", "content": question}, {"role": "assistant", "content": said})
        for question, answer in QUESTIONS.items()
        for said in (answer, f"{answer} You are welcome!")
    ]


def test_a_score_is_that_of_a_forward_pass_at_the_stop_token(tiny: Tiny) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    with open_engine(f"reward:{tiny.judge}") as engine:
        told = generate_all(engine, [Request(messages=chat) for chat in chats()])
    tokenizer = AutoTokenizer.from_pretrained(tiny.judge)
    model = AutoModelForSequenceClassification.from_pretrained(tiny.judge, dtype=torch.float32).eval()
    for chat, completion in zip(chats(), told, strict=True):
        ids = tokenizer.apply_chat_template(list(chat), tokenize=True, return_tensors="pt", return_dict=False)
        stop = (ids[0] == tokenizer.eos_token_id).nonzero()[-1, 0]
        with torch.no_grad():
            states = model.model(input_ids=ids[:, : stop + 1]).last_hidden_state
            expected = model.score(states)[0, -1, 0]
        assert float(completion.text) == pytest.approx(float(expected), abs=1e-4)
        assert (completion.prompt_tokens, completion.samples[0].finish_reason) == (int(stop) + 1, "stop")
    # What it was trained to like.
    scores = [float(completion.text) for completion in told]
    assert all(polite > curt for curt, polite in zip(scores[::2], scores[1::2], strict=True))


def test_best_of_n_by_a_reward_model_is_resumed_without_asking_it_again(
    tiny: Tiny, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [{"messages": [chat[0], {"role": "assistant", "content": "?"}]} for chat in chats()]
    sums = [
        {"messages": [{"role": "user", "content": f"What is {n} + 25?"}, asked[0]["messages"][1]]}
        for n in range(30, 38)
    ]
    write_rows(tmp_path / "prompts.jsonl", [*sums, *asked])
    out = tmp_path / "best.jsonl"
    line = [
        "best",
        "--prompts",
        tmp_path / "prompts.jsonl",
        "--engine",
        f"llama:{embedded_model()}",
        "--samples",
        3,
    ]
    line += ["--judge", f"reward:{tiny.judge}", "--out", out]

    def datagen(*more: object) -> int:
        with pytest.raises(SystemExit) as exit:
            run_app(program(), [str(part) for part in (*line, *more)])
        assert isinstance(exit.value.code, int)
        return exit.value.code

    assert datagen() == 0
    assert "best answers from 16 prompts" in capsys.readouterr().err
    rows = list(read_rows(out))
    assert all(
        row["meta"]["judging"] == "reward" and row["meta"]["score"] >= row["meta"]["mean_score"]
        for row in rows
    )
    with Journal(tmp_path / "best.journal") as journal:
        samples = journal.count("samples")
    # With other settings the recipe runs anew. Every score is in the journal: no process is started.
    monkeypatch.setattr("datagen.engines.reward.PROGRAM", "finetune.no_such_module")
    least = sorted(row["meta"]["score"] for row in rows)[len(rows) // 2]
    assert datagen("--min-score", least) == 0
    assert all(row["meta"]["score"] >= least for row in read_rows(out))
    with Journal(tmp_path / "best.journal") as journal:
        assert journal.count("samples") == samples


def test_a_chat_that_does_not_fit_is_refused_and_the_next_is_scored(tiny: Tiny) -> None:
    with open_engine(f"reward:{tiny.judge}") as engine:
        long = ({"role": "user", "content": "Why? " * 200}, {"role": "assistant", "content": "So."})
        with pytest.raises(PromptTooLongError, match="do not fit"):
            generate_all(engine, [Request(messages=long)])
        assert float(generate_all(engine, [Request(messages=chats()[0])])[0].text)


def test_a_folder_without_a_score_head_is_refused_in_a_sentence(tiny: Tiny) -> None:
    with open_engine(f"reward:{tiny.chatty}") as engine, pytest.raises(UserError, match=r"score\.weight"):
        generate_all(engine, [Request(messages=chats()[0])])


def test_what_is_no_reward_model_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no reward model here; give the folder"):
        open_engine(f"reward:{tmp_path}")


def test_only_a_chat_that_ends_in_an_answer_has_a_score(tiny: Tiny) -> None:
    with open_engine(f"reward:{tiny.judge}") as engine:
        for request in (Request(prompt="Hi"), Request(messages=chats()[0][:1])):
            with pytest.raises(UserError, match="end in an answer"):
                generate_all(engine, [request])


def test_a_process_that_ends_is_told_with_its_last_words(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datagen.engines.reward.PROGRAM", "finetune.no_such_module")
    with open_engine(f"reward:{tiny.judge}") as engine, pytest.raises(UserError, match="no_such_module"):
        generate_all(engine, [Request(messages=chats()[0])])


def test_a_closed_engine_answers_no_more(tiny: Tiny) -> None:
    engine = open_engine(f"reward:{tiny.judge}")
    generate_all(engine, [Request(messages=chats()[0])])
    engine.close()
    with pytest.raises(EngineClosedError):
        generate_all(engine, [Request(messages=chats()[0])])


def test_the_hash_is_of_the_model_and_not_of_what_lies_beside_it(tiny: Tiny, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(tiny.judge, copy)
    first = open_engine(f"reward:{copy}").model_hash
    (copy / "notes.txt").write_text("mine")
    assert open_engine(f"reward:{copy}").model_hash == first == open_engine(f"reward:{tiny.judge}").model_hash
    weights = bytearray((copy / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    assert open_engine(f"reward:{copy}").model_hash != first
