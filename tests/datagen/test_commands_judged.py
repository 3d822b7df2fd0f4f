"""`datagen pairs` with a judge, and `datagen best`: real models in all parts, killed, refused, told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import killed_command
import numpy as np
import pytest

from datagen.cli import program
from datagen.engines import Request, embedded_model, generate_all, open_engine
from datagen.recipes.shared.judging import ALTERNATIVES, reading
from datagen.runs.account import account_of
from datagen.runs.journal import Journal
from schemas.check import check_file
from schemas.command import run_app
from schemas.rows import read_rows, write_rows

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 30 questions, and the embedded model as three files: a, b, and the judge c."""
    folder = tmp_path_factory.mktemp("inputs")
    for name in "abc":
        shutil.copy(embedded_model(), folder / f"{name}.gguf")
    assert datagen("lessons", "--count", 30, "--seed", 5, "--out", folder / "lessons.jsonl") == 0
    return folder


def asking(inputs: Path, out: Path, *more: object, command: str = "pairs") -> list[str]:
    """The arguments of a small run with a judge."""
    arguments = [command, "--prompts", inputs / "lessons.jsonl", "--engine", f"llama:{inputs}/a.gguf"]
    if command == "pairs":
        arguments += ["--engine", f"llama:{inputs}/b.gguf"]
    arguments += ["--judge", f"llama:{inputs}/c.gguf", "--out", out, "--threads", 1, *more]
    return [str(argument) for argument in arguments]


# ---- what is read ----


@pytest.mark.parametrize("digits", [(1, 2, 3, 4, 5), (1, 2)])
def test_the_expected_rating_is_that_of_the_full_logits_of_another_program(digits: tuple[int, ...]) -> None:
    """The judge's question, rendered, tokenized and decoded by llama-cpp-python's own high-level class."""
    from llama_cpp import Llama

    asked = "What is 40 + 28?\n\n1: 68.\n\n2: 0+8=8.\n\nRate answer 1, 1 to 5:"
    request = Request(
        messages=({"role": "user", "content": asked},),
        schema={"type": "integer", "enum": list(digits)},
        logprobs=True,
        top_logprobs=ALTERNATIVES,
        max_tokens=4,
        think=False,
    )
    with open_engine(f"llama:{embedded_model()}") as engine:
        sample = generate_all(engine, [request])[0].samples[0]
    assert sample.token_count == 1
    assert sample.top_logprobs is not None
    found = reading(sample.top_logprobs[0], digits)

    other = Llama(str(embedded_model()), n_ctx=256, logits_all=True, verbose=False, n_threads=1)
    prompt = f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n"
    tokens = other.tokenize(prompt.encode(), add_bos=False, special=True)
    other.eval(tokens)
    logits = np.array(other.scores[len(tokens) - 1], np.float64)
    probabilities = np.exp(logits - logits.max())
    probabilities /= probabilities.sum()
    texts = [other.detokenize([token]).decode(errors="replace").strip() for token in range(len(logits))]
    shares = [sum(p for p, text in zip(probabilities, texts, strict=True) if text == str(d)) for d in digits]
    expected = sum(d * share for d, share in zip(digits, shares, strict=True)) / sum(shares)
    # Of a digit that is not among those reported no more is known than that it is unlikely.
    most = found.unseen * (digits[-1] - digits[0])
    assert found.expected(digits) == pytest.approx(expected, abs=0.01 + most)
    assert found.on_scale == pytest.approx(sum(shares), abs=0.01 + most)
    assert most < 0.1


# ---- from end to end ----


@pytest.fixture(scope="module")
def whole(inputs: Path) -> tuple[Path, str]:
    """The output of an undisturbed run with critiques, which even this model can write; and what it told."""
    out = inputs / "whole" / "pairs.jsonl"
    out.parent.mkdir()
    line = [sys.executable, "-m", "datagen", *asking(inputs, out, *CRITIQUE)]
    done = subprocess.run(line, env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=120)
    return out, done.stderr


CRITIQUE = ("--judging", "critique")


def test_three_models_make_pairs_from_end_to_end(whole: tuple[Path, str]) -> None:
    out, told = whole
    rows = list(read_rows(out))
    assert (list(check_file(out)), f"{len(rows)} pairs from " in told) == ([], True)
    assert "both orders agree on" in told
    for row in rows:
        meta = row["meta"]
        assert meta["scores"][0] > meta["scores"][1]
        assert all(chosen >= rejected for chosen, rejected in meta["orders"])
        assert set(meta["roles"]) == {"generator", "generator-2"}
        assert meta["judge"] == "llama:c.gguf"
    account = account_of(out)
    assert account is not None
    assert set(account["engines"]) == {"generator", "generator-2", "judge"}
    assert account["rows"] == len(rows)
    assert account["stages"][0]["rejected"]


def test_a_judge_that_also_answers_is_warned_of_and_recorded(whole: tuple[Path, str]) -> None:
    out, told = whole
    assert told.startswith("the judge is one of the models that answer")
    assert all(row["meta"]["self_judged"] for row in read_rows(out))


def test_models_in_turn_make_the_same_bytes_as_at_once(
    inputs: Path, tmp_path: Path, whole: tuple[Path, str]
) -> None:
    assert datagen(*asking(inputs, tmp_path / "turns.jsonl", "--together", "no", *CRITIQUE)) == 0
    assert (tmp_path / "turns.jsonl").read_bytes() == whole[0].read_bytes()


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("pairs", ["--judging", "critique"]),
        ("best", ["--samples", "3", "--judging", "choice", "--pairs", "--min-margin", "0.01"]),
    ],
)
def test_a_killed_run_goes_on_to_the_same_bytes_and_pays_for_nothing_twice(
    inputs: Path, tmp_path: Path, command: str, more: list[str]
) -> None:
    assert datagen(*asking(inputs, tmp_path / "whole.jsonl", *more, command=command)) == 0
    out = tmp_path / "killed.jsonl"
    for items in (3, 11):
        line = [sys.executable, killed_command.__file__, "SIGKILL", str(items)]
        line += asking(inputs, out, *more, command=command)
        struck = subprocess.run(line, env=ENVIRONMENT, capture_output=True, check=False, timeout=120)
        assert struck.returncode == -9
        assert not out.exists()
    assert datagen(*asking(inputs, out, *more, command=command)) == 0
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    with Journal(tmp_path / "killed.journal") as killed, Journal(tmp_path / "whole.journal") as whole:
        assert killed.count("samples") == whole.count("samples")
        assert killed.count("outcomes") == whole.count("outcomes")


def test_another_margin_asks_nothing_again(inputs: Path, tmp_path: Path, whole: tuple[Path, str]) -> None:
    for file in whole[0].parent.iterdir():
        shutil.copy(file, tmp_path / file.name)
    out = tmp_path / "pairs.jsonl"
    expected = [row for row in read_rows(out) if row["meta"]["margin"] >= 1.5]
    with Journal(tmp_path / "pairs.journal") as journal:
        samples = journal.count("samples")
    assert datagen(*asking(inputs, out, *CRITIQUE, "--min-margin", "1.5")) == 0
    assert list(read_rows(out)) == expected
    with Journal(tmp_path / "pairs.journal") as journal:
        assert journal.count("samples") == samples


def test_a_verdict_in_digits_takes_four_tokens_or_two_and_a_critique_many(
    inputs: Path, tmp_path: Path
) -> None:
    taken = {}
    for way in ("score", "choice", "critique"):
        out = tmp_path / f"{way}.jsonl"
        datagen(*asking(inputs, out, "--judging", way, "--min-margin", 0))
        with Journal(out.with_suffix(".journal")) as journal:
            # Answers are asked for without a schema, verdicts under one.
            query = (
                "SELECT sum(json_extract(sample, '$.token_count')), count(*) FROM samples JOIN requests"
                " ON samples.request = requests.id WHERE json_extract(identity, '$.schema') NOT NULL"
            )
            tokens, looks = journal._db.execute(query).fetchone()
            taken[way] = tokens / (looks / {"score": 4, "choice": 2, "critique": 2}[way])
    assert (taken["score"], taken["choice"]) == (4, 2)
    assert taken["critique"] > 10 * taken["score"]


# ---- what is refused ----


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--prefer", "polite"], "--prefer: with --judge the judge decides"),
        (["--weights", "honesty=2"], "--weights: only aspects have weights"),
        (["--judging", "aspects", "--weights", "honest=2"], "--weights: unknown aspect 'honest'"),
        (["--judging", "choice", "--samples", "5"], "--judging choice: 10 answers cannot be told apart"),
        (["--judging", "scores"], "--judging: unknown choice 'scores'; did you mean 'score'"),
        (["--wording", "nothing.md"], "nothing.md: no such file"),
        (["--judge", "reward:nothing"], "nothing: no reward model here"),
        (["--judge", "reward:x", "--judging", "score"], "--judging: a reward model has one way"),
    ],
)
def test_settings_that_do_not_go_together_are_one_sentence(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], told: str
) -> None:
    assert datagen(*asking(inputs, tmp_path / "out.jsonl", *more)) == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"error: {told}")
    assert complaint.count("\n") == 1
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    "option", [["--judging", "choice"], ["--min-margin", "1"], ["--weights", "overall=1"]]
)
def test_what_only_a_judge_uses_is_refused_without_one(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    line = ["pairs", "--prompts", inputs / "lessons.jsonl", "--out", tmp_path / "out.jsonl", *option]
    assert datagen(*line) == 2
    assert f"error: {option[0]}: counts for nothing without a judge" in capsys.readouterr().err


def test_best_needs_somebody_who_says_what_is_best(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen("best", "--prompts", inputs / "lessons.jsonl", "--out", tmp_path / "out.jsonl") == 2
    assert "give --judge llama:FILE.gguf, or --judge reward:FOLDER" in capsys.readouterr().err


def test_a_dry_run_shows_both_orders_and_writes_nothing(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(tmp_path / "p.jsonl", list(read_rows(inputs / "lessons.jsonl"))[:3])
    more = ["--prompts", tmp_path / "p.jsonl", "--dry-run", "--alike", "1"]
    assert datagen(*asking(inputs, tmp_path / "out.jsonl", *more)) == 0
    told = capsys.readouterr().out
    assert "-- to the generator-2" in told
    assert "judge: an item reads" in told
    assert not list(tmp_path.glob("out.*"))
