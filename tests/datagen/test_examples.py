"""Every example in a help text of `datagen`, and each `datagen problems` line of the README, works."""

from __future__ import annotations

import contextlib
import glob
import io
import re
import shlex
import shutil
from pathlib import Path

import pytest
from speaking_engine import SpeakingEngine
from tiny_gguf import Shape, write_tiny_gguf

from datagen.cli import COMMANDS, program
from datagen.recipes.shared.judging import Judgement, Scored
from datagen.recipes.shared.rules import RULES
from schemas.command import run_app
from schemas.rows import read_rows, write_rows

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
QUICK = ["--engine", "llama:model.gguf", "--samples", "8", "--max-tokens", "64", "--threads", "1"]
"""What is added to an example that asks a model."""
ASKING = ("attempts", "pairs", "best", "solutions", "stories")
TALKED = ("instruct", "evolve", "magpie")
"""Commands to which a random model has nothing to say."""


def datagen(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), arguments)
    assert isinstance(exit.value.code, int)
    return exit.value.code


def examples() -> list[str]:
    """The example lines of the help of the program and of each command."""
    lines = []
    for name in ([], *([name] for name in COMMANDS)):
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            assert datagen(*name, "--help") == 0
        found = re.search(r"^ *Examples?:\n((?: +datagen .*\n)+)", shown.getvalue(), re.MULTILINE)
        assert found, f"no example in the help of datagen {' '.join(name)}"
        lines += [line.strip() for line in found[1].splitlines()]
    return lines


async def nothing_read(*_: object) -> None:
    """What a reader makes of a story that a random model has told."""


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the examples are run in, with the files they read and a model that answers at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(RULES, "polite", lambda response: len(response) % 2 == 0)
    monkeypatch.setattr(
        "datagen.recipes.pairs.verified", lambda item, sample: ({}, len(sample.text) % 2 * 1.0)
    )
    for recipe in ("pairs", "best_of"):
        monkeypatch.setattr(f"datagen.recipes.{recipe}.judged", liking_length)
    write_tiny_gguf(tmp_path / "model.gguf", Shape(context=4096), seed=4)
    monkeypatch.setattr("datagen.recipes.solutions.judged", lambda item, sample: ({}, 1.0))
    monkeypatch.setattr("datagen.recipes.solutions.finished", lambda sample: True)
    monkeypatch.setattr("datagen.recipes.solutions._answer", lambda text: "1")
    monkeypatch.setattr("datagen.recipes.stories.told_badly", lambda sample, system: None)
    monkeypatch.setattr("datagen.recipes.stories._read", nothing_read)
    monkeypatch.setattr("datagen.recipes.stories.read_otherwise", lambda reading, system: None)
    # Of a random model every answer is taken as one that rests on the source.
    for judged in ("is_question", "is_supported"):
        monkeypatch.setattr(f"datagen.recipes.shared.grounding.{judged}", lambda *asked: True)
    monkeypatch.setattr("datagen.recipes.shared.grounding.numbers_in", lambda text: set())
    for folder in ("mixes", "schemas", "seeds", "documents", "rules", "problems"):
        shutil.copytree(ROOT / "samples" / folder, tmp_path / "samples" / folder)
    assert datagen("problems", "--family", "addition", "--count", "24", "--out", "problems.jsonl") == 0
    assert datagen("lessons", "--count", "16", "--out", "lessons.jsonl") == 0
    for name in ("rows.jsonl", "p.jsonl", "problems.parquet"):
        write_rows(name, read_rows("problems.jsonl"))
    for name in ("a.gguf", "b.gguf", "c.gguf"):
        write_tiny_gguf(tmp_path / name, Shape(context=4096), seed=ord(name[0]))
    write_rows("gsm8k_test.jsonl", read_rows("problems.jsonl"))
    for name in ("picks.jsonl", "ann.jsonl", "ben.jsonl"):
        write_rows(name, [{"prompt": "Hi?", "left": "Yes.", "right": "No.", "pick": "left", "who": name}])
    (tmp_path / "my.schema.json").write_text('{"type": "object"}', encoding="utf-8")
    tried = ["--problems", "problems.jsonl", *QUICK, "--samples", "1", "--max-tokens", "4"]
    assert datagen("attempts", *tried, "--out", "attempts.jsonl") == 0
    return tmp_path


async def liking_length(prompt: object, answers: list[str], team: object) -> Judgement:
    """A judge that a random model cannot be: the longer an answer, the better."""
    scores = Scored(tuple(float(len(answer)) for answer in answers))
    return Judgement(scores, scores)


def run(line: str) -> int:
    """The exit code of an example, run as a shell would, and with a quick model."""
    program_name, command, *words = shlex.split(line, comments=True)
    assert program_name == "datagen"
    words = [name for word in words for name in (sorted(glob.glob(word)) if "*" in word else [word])]
    return datagen(command, *words, *(QUICK if command in ASKING else []))


def test_every_example_of_the_help_works(
    workplace: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, line in enumerate(examples()):
        shutil.copytree(workplace, folder := tmp_path_factory.getbasetemp() / f"example-{number}")
        monkeypatch.chdir(folder)
        with monkeypatch.context() as patched:
            if line.split()[1] in TALKED:
                patched.setattr("datagen.engines.settings.open_engine", lambda *_, **__: SpeakingEngine())
            assert run(line) == 0, line


def test_every_problems_line_of_the_readme_works(workplace: Path) -> None:
    lines = re.findall(r"datagen problems --[^`\n]*", README.read_text(encoding="utf-8"))
    assert len(lines) >= 3
    for line in lines:
        assert run(line) == 0, line
        count = int(re.findall(r"--count (\d+)", line)[0])
        out = workplace / re.findall(r"--out (\S+)", line)[0]
        files = sorted(out.glob("*-of-*.jsonl")) if out.is_dir() else [out]
        assert sum(len(list(read_rows(file))) for file in files) == count
