"""The program as a person meets it: `python -m finetune ...`, its exit codes and its complaints."""

import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny_stages import chat

from schemas import write_rows

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "COLUMNS": "110"}
FILE_LIMIT = 20_000
"""Bytes that a file may have for a program whose disk is full: enough for a manifest, not for weights."""


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    code: int
    out: str
    err: str


def begin(arguments, limit=None):
    def full_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, "-m", "finetune", *map(str, arguments)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=full_disk if limit else None,
    )


def end(process):
    out, err = process.communicate(timeout=120)
    return Ended(process.returncode, out, err)


def finetune(*arguments):
    return end(begin(arguments))


def sft(model, data, out):
    small = "--steps 2 --batch-size 2 --checkpoint-steps 1 --max-length 96"
    return ["sft", "--model", model, "--data", data, "--out", out, *small.split()]


def assert_one_sentence(ended, *said):
    assert ended.code == 2, ended.err
    assert ended.out == ""
    lines = [line for line in ended.err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, ended.err
    assert "Traceback" not in ended.err
    for words in said:
        assert str(words) in lines[0]


def test_help_answers_at_once_and_loads_nothing_heavy():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = (
        "import sys; sys.argv = ['finetune', '--help']\n"
        "try:\n    import finetune.cli; finetune.cli.main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "heavy = {'torch', 'transformers', 'trl', 'datasets', 'llama_cpp', 'sympy', 'pyarrow'}\n"
        "sys.exit(', '.join(heavy & sys.modules.keys()) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0
    for command in ("ladder", "tokenizer", "pretrain", "sft", "reward", "ppo", "dpo", "grpo", "export"):
        assert f"  {command} " in done.stdout


@pytest.mark.parametrize("command", ["pretrain", "sft", "reward", "ppo", "dpo", "grpo"])
def test_help_of_a_stage_shows_an_example_and_its_own_options(command, capsys):
    from finetune.cli import program
    from schemas.command import run_app

    with pytest.raises(SystemExit) as exit:
        run_app(program(), [command, "--help"])
    assert not exit.value.code
    text = capsys.readouterr().out
    assert f"finetune {command} --" in text
    assert "--learning-rate" in text
    assert "--checkpoint-steps" in text


def complain(arguments, capsys):
    """The program's answer, in this process."""
    from finetune.cli import program
    from schemas.command import run_app

    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return Ended(exit.value.code, captured.out, captured.err)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--learning-rat", "1"], ["unknown option '--learning-rat'; did you mean '--learning-rate'?"]),
        (["--steps", "0"], ["--steps", "0"]),
        (["--steps", "many"], ["--steps", "many"]),
        (["--schedule", "linaer"], ["--schedule", "linaer", "linear"]),
    ],
)
def test_option_that_is_not_one_is_said_before_anything_is_made(tiny, tmp_path, change, said, capsys):
    ended = complain([*sft(tiny.model, tiny.lessons, tmp_path / "out"), *change], capsys)
    assert_one_sentence(ended, *said)
    assert not (tmp_path / "out").exists()


def test_missing_model_folder_is_one_sentence(tiny, tmp_path):
    ended = finetune(*sft(tmp_path / "gone", tiny.lessons, tmp_path / "out"))
    assert_one_sentence(ended, f"{tmp_path / 'gone'}: no such model folder; check the path")
    assert not (tmp_path / "out").exists()


def test_missing_data_is_one_sentence(tiny, tmp_path, capsys):
    ended = complain(sft(tiny.model, tmp_path / "gone.jsonl", tmp_path / "out"), capsys)
    assert_one_sentence(ended, f"{tmp_path / 'gone.jsonl'}: no such file")


def damaged(model, folder, name, change):
    """A copy of a model in which one file is changed, or removed when there is nothing left of it."""
    shutil.copytree(model, folder)
    content = change((folder / name).read_bytes())
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    return folder


def without_template(config):
    return config.replace(b'"chat_template"', b'"chat_templates"')


DAMAGE = {
    "cut weights": ("model.safetensors", lambda b: b[: len(b) // 2], "the weights are damaged"),
    "no weights": ("model.safetensors", lambda b: None, "the model cannot be loaded"),
    "other bytes": ("model.safetensors", lambda b: b"GGUF" * 100, "the weights are damaged"),
    "no configuration": ("config.json", lambda b: None, "no config.json; give a model folder"),
    "cut configuration": ("config.json", lambda b: b[:20], "config.json: not JSON; copy the model again"),
    "unknown architecture": ("config.json", lambda b: b.replace(b'"llama"', b'"lama"'), "cannot be loaded"),
    "no tokenizer": ("tokenizer.json", lambda b: None, "no usable tokenizer"),
    "cut tokenizer": ("tokenizer.json", lambda b: b[: len(b) // 2], "no usable tokenizer"),
    "no chat template": (
        "chat_template.jinja",
        lambda b: None,
        "no chat template; add a chat_template.jinja",
    ),
    "other width": (
        "config.json",
        lambda b: b.replace(b'"hidden_size": 32', b'"hidden_size": 64'),
        "cannot be loaded",
    ),
    "more layers": (
        "config.json",
        lambda b: b.replace(b'"num_hidden_layers": 1', b'"num_hidden_layers": 2'),
        "weights are missing",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_model_is_one_sentence_that_names_its_folder(tiny, tmp_path, damage, capsys):
    name, change, sentence = DAMAGE[damage]
    model = damaged(tiny.model, tmp_path / "model", name, change)
    ended = complain(sft(model, tiny.lessons, tmp_path / "out"), capsys)
    assert_one_sentence(ended, model, sentence)
    assert not (tmp_path / "out").exists()


def test_stage_from_the_command_line_trains_and_says_its_progress_on_stderr_alone(tiny, tmp_path):
    rows = tmp_path / "rows.jsonl"
    write_rows(rows, [{"messages": chat("Say yes.", "Yes.")}] * 4)
    first = begin(sft(tiny.model, rows, tmp_path / "out"))
    full = begin(sft(tiny.model, rows, tmp_path / "full"), limit=FILE_LIMIT)
    ended, refused = end(first), end(full)
    assert (ended.code, ended.out) == (0, ""), ended.err
    assert "Warning" not in ended.err
    assert (tmp_path / "out" / "model.safetensors").exists()

    # The same on a disk that is full.
    assert_one_sentence(
        refused, tmp_path / "full", "cannot write", "free some space and run the same command"
    )
    assert not (tmp_path / "full" / "model.safetensors").exists()

    # Space again, and the same command goes on; a finished run is quickly said to be done.
    resumed = begin(sft(tiny.model, rows, tmp_path / "full"))
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "out").iterdir()}
    again = finetune(*sft(tiny.model, rows, tmp_path / "out"))
    assert (again.code, again.out) == (0, "")
    assert "already finished" in again.err
    assert {file: file.stat().st_mtime_ns for file in before} | {
        tmp_path / "out" / "run.lock": before[tmp_path / "out" / "run.lock"]
    } == before
    other = finetune(*sft(tiny.model, rows, tmp_path / "out"), "--seed", "7")
    assert_one_sentence(
        other, "belongs to another run ('seed' is 0 there and 7 here)", "choose another --out"
    )
    assert end(resumed).code == 0
    left, right = (tmp_path / name / "model.safetensors" for name in ("out", "full"))
    assert left.read_bytes() == right.read_bytes()


@pytest.mark.parametrize("stage", ["pretrain", "ppo", "grpo"])
def test_full_disk_is_one_sentence_in_the_other_kinds_of_stage(tiny, tmp_path, stage):
    """In a child of this process, so that torch need not be loaded again."""
    from killed_stage import run_killed
    from tiny_stages import run_stage

    from schemas import UserError

    settings = tiny.settings(stage) | {"checkpoint_steps": 1}
    said = tmp_path / "said.txt"

    def on_a_full_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))
        try:
            run_stage(stage, settings, tmp_path / "out")
        except UserError as error:
            said.write_text(str(error))

    assert run_killed(on_a_full_disk, tmp_path / "out", None) == 0
    assert "cannot write" in said.read_text()
    assert str(tmp_path / "out") in said.read_text()
    whole = run_stage(stage, settings, tmp_path / "whole")
    run_stage(stage, settings, tmp_path / "out")
    left, right = (folder / "model.safetensors" for folder in (whole, tmp_path / "out"))
    assert left.read_bytes() == right.read_bytes()
