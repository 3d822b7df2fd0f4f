"""What instruction tuning shows before its first step, and what it refuses to train on."""

import io

import pytest
from tiny_stages import QUESTIONS, chat, run_stage

from schemas import UserError, write_rows


def shown(tiny, tmp_path, capfd, **changes):
    """What the stage wrote for the person who watches."""
    capfd.readouterr()
    run_stage("sft", tiny.settings("sft") | {"steps": 1}, tmp_path / "out", **changes)
    return capfd.readouterr().err


def test_rows_are_shown_with_what_is_trained_in_brackets(tiny, tmp_path, capfd):
    said = shown(tiny, tmp_path, capfd, show=2)
    assert "sft: 8 rows, " in said
    assert said.count("⟦") == said.count("⟧") == 2
    first, answer = next(iter(QUESTIONS.items()))
    assert f"<|im_start|>user\n{first}<|im_end|>\n<|im_start|>assistant\n⟦{answer}<|im_end|>⟧\n" in said


def test_as_many_are_shown_as_were_asked_for_and_from_all_over(tiny, tmp_path, capfd):
    assert "⟦" not in shown(tiny, tmp_path / "none", capfd, show=0)
    everything = shown(tiny, tmp_path / "all", capfd, show=100)
    assert everything.count("⟦") == len(QUESTIONS)
    halves = shown(tiny, tmp_path / "two", capfd, show=2)
    answers = list(QUESTIONS.values())
    assert f"⟦{answers[0]}<" in halves
    assert f"⟦{answers[4]}<" in halves


def test_on_a_terminal_what_is_trained_is_green(monkeypatch):
    from finetune import progress

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    progress.say_marked([("asked [bold]", False), ("answered", True)])
    assert "\x1b[1;32manswered" in terminal.getvalue()
    assert "asked [bold]" in terminal.getvalue()  # a row's own brackets are no markup


def test_a_long_piece_is_shortened(tiny, tmp_path, capfd):
    rows = tmp_path / "rows.jsonl"
    write_rows(rows, [{"messages": chat("Say much.", "ha " * 600)}])
    said = shown(tiny, tmp_path, capfd, data=(rows,), max_length=4000)
    assert 600 < len(said.split("⟦")[1].split("⟧")[0]) < 620
    assert " ... " in said


def test_a_resumed_stage_does_not_show_them_again(tiny, tmp_path, capfd):
    settings = tiny.settings("sft")
    with pytest.raises(UserError, match="cannot write"):
        failing(settings, tmp_path / "out")
    assert "⟦" in capfd.readouterr().err
    run_stage("sft", settings, tmp_path / "out")
    assert "⟦" not in capfd.readouterr().err


def failing(settings, out):
    from unittest.mock import patch

    with patch("finetune.tuning.save_model", side_effect=UserError("cannot write")):
        run_stage("sft", settings, out)


def test_beginning_of_text_twice_is_refused(tiny, tmp_path):
    import shutil

    from finetune.model import load_tokenizer

    model = tmp_path / "model"
    shutil.copytree(tiny.model, model)
    tokenizer = load_tokenizer(model)
    tokenizer.bos_token = "<|endoftext|>"
    assert tokenizer.bos_token_id in range(300)
    tokenizer.chat_template = "{{ bos_token }}" + tokenizer.chat_template
    tokenizer.save_pretrained(model)
    settings = tiny.settings("sft") | {"model": model, "steps": 1}
    run_stage("sft", settings, tmp_path / "once")
    tokenizer.chat_template = "{{ bos_token }}" + tokenizer.chat_template
    tokenizer.save_pretrained(model)
    with pytest.raises(
        UserError, match="row 1 begins with the beginning-of-text token twice; take the token out"
    ):
        run_stage("sft", settings, tmp_path / "twice")
    assert not (tmp_path / "twice").exists()


def test_more_rows_dropped_than_allowed_fail_the_run(tiny, tmp_path):
    rows = tmp_path / "rows.jsonl"
    long = [{"messages": chat("Say much.", "ha " * 200)}] * 2
    write_rows(rows, [{"messages": chat(*turn)} for turn in QUESTIONS.items()] + long)
    settings = tiny.settings("sft") | {"data": (rows,), "steps": 1, "on_too_long": "drop"}
    run_stage("sft", settings, tmp_path / "out")
    with pytest.raises(
        UserError, match="2 of 10 rows are too long, which is more than 19%; raise --max-length"
    ):
        run_stage("sft", settings, tmp_path / "fail", most_dropped=0.19)


def test_padding_with_the_stop_token_is_remarked_on_and_the_stop_is_trained(tiny, tmp_path, capfd):
    import shutil

    from finetune.model import load_tokenizer

    model = tmp_path / "model"
    shutil.copytree(tiny.model, model)
    tokenizer = load_tokenizer(model)
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.save_pretrained(model)
    said = shown(tiny, tmp_path, capfd, model=model)
    assert "the stop token is trained all the same" in said
    assert "<|im_end|>⟧" in said
    with pytest.raises(UserError, match=r"so no score could be read at the stop; write \"pad_token\": "):
        run_stage("reward", tiny.settings("reward") | {"model": model}, tmp_path / "reward")


def test_tokenizer_without_padding_is_told_which_token_could_do_it(tiny, tmp_path):
    import json
    import shutil

    model = tmp_path / "model"
    shutil.copytree(tiny.model, model)
    path = model / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pad_token": None}))
    with pytest.raises(UserError, match=r'has no pad_token; write "pad_token": "<\|'):
        run_stage("sft", tiny.settings("sft") | {"model": model}, tmp_path / "out")
