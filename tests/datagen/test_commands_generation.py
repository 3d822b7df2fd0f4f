"""`datagen attempts` and `datagen pairs`: killed and run again, refused in a sentence, told in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import killed_command
import pytest
from tiny_gguf import write_tiny_gguf

from datagen.cli import program
from datagen.commands.attempts import Attempts, attempts
from datagen.commands.pairs import Pairs, pairs
from datagen.engines import EMBEDDED_NOTICE
from datagen.recipes.shared.rules import RULES
from datagen.runs.journal import Journal
from schemas.check import check_file
from schemas.command import run_app
from schemas.errors import UserError
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
    """A folder with a tiny model, 24 problems and some lessons."""
    folder = tmp_path_factory.mktemp("inputs")
    write_tiny_gguf(folder / "tiny.gguf", seed=4)
    families = "addition,linear_equation"
    assert datagen("problems", "--family", families, "--count", 24, "--out", folder / "problems.jsonl") == 0
    assert datagen("lessons", "--count", 40, "--out", folder / "lessons.jsonl") == 0
    return folder


@pytest.fixture
def liking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule under which a random model is liked about every other time."""
    monkeypatch.setitem(RULES, "polite", lambda response: len(response) % 2 == 0)


def asking(inputs: Path, out: Path, command: str = "attempts", *more: object) -> list[str]:
    """The arguments of a small run."""
    source = {"attempts": "problems", "pairs": "prompts"}[command]
    model = f"llama:{inputs / 'tiny.gguf'}"
    arguments = [command, f"--{source}", inputs / "problems.jsonl", "--engine", model, "--out", out]
    arguments += ["--samples", 3, "--max-tokens", 24, "--threads", 1, *more]
    return [str(argument) for argument in arguments]


def test_attempts_are_valid_rows_and_their_yield_is_one_line(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen(*asking(inputs, tmp_path / "out.jsonl")) == 0
    checking = check_file(tmp_path / "out.jsonl")
    assert (list(checking), checking.kind, checking.rows) == ([], "attempt", 72)
    rows = list(read_rows(tmp_path / "out.jsonl"))
    unfinished = sum(row["meta"]["finish_reason"] == "length" for row in rows)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"{tmp_path}/out.jsonl: 72 attempts at 24 problems; 0 correct (0.0%); ")
    assert f"unfinished: {unfinished}" in told.err
    assert told.err.count("\n") == 1


def test_pairs_are_valid_rows_and_what_became_none_is_told(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], liking: None
) -> None:
    out = tmp_path / "out.jsonl"
    assert datagen(*asking(inputs, out, "pairs", "--samples", 6, "--max-tokens", 200)) == 0
    checking = check_file(out)
    assert (list(checking), checking.kind) == ([], "preference")
    assert 0 < checking.rows < 24
    told = capsys.readouterr().err
    assert told.startswith(f"{out}: {checking.rows} pairs from 24 prompts (")
    assert (
        sum(int(part.split(":")[1]) for part in told.split("rejected: ")[1].split(",")) == 24 - checking.rows
    )
    for row in read_rows(out):
        assert len(row["chosen"][0]["content"]) % 2 == 0
        assert len(row["rejected"][0]["content"]) % 2 == 1


@pytest.mark.parametrize("command", ["attempts", "pairs"])
def test_the_same_seed_gives_the_same_bytes_at_any_width(
    inputs: Path, tmp_path: Path, command: str, liking: None
) -> None:
    for name, more in {"a": ["--width", 2], "b": ["--width", 9], "c": ["--seed", 1]}.items():
        arguments = asking(inputs, tmp_path / f"{name}.jsonl", command, "--max-tokens", 150, *more)
        assert datagen(*arguments) == 0
    written = [(tmp_path / f"{name}.jsonl").read_bytes() for name in "abc"]
    assert written[0] == written[1] != written[2]


def struck(signal: str, items: int, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, killed_command.__file__, signal, str(items), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)


def test_killed_attempts_go_on_and_end_in_the_same_bytes(inputs: Path, tmp_path: Path) -> None:
    assert datagen(*asking(inputs, tmp_path / "whole.jsonl")) == 0
    out = tmp_path / "killed.jsonl"
    for items in (1, 5, 11):
        assert struck("SIGKILL", items, asking(inputs, out)).returncode == -9
        assert not out.exists()
    with Journal(tmp_path / "killed.journal") as journal:
        assert journal.count("outcomes") == 17
    assert datagen(*asking(inputs, out)) == 0
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    with Journal(tmp_path / "killed.journal") as journal:
        assert (journal.count("outcomes"), journal.count("samples")) == (24, 72)


def test_an_interrupted_run_says_how_to_go_on(inputs: Path, tmp_path: Path) -> None:
    done = struck("SIGINT", 3, asking(inputs, tmp_path / "out.jsonl"))
    assert done.returncode == 130
    assert done.stderr == "error: interrupted; run the same command again to go on\n"
    assert not (tmp_path / "out.jsonl").exists()


def test_a_finished_run_is_written_again_from_its_journal_alone(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datagen.engines.llama.child import ChildEngine

    assert datagen(*asking(inputs, tmp_path / "out.jsonl", "attempts")) == 0
    written = (tmp_path / "out.jsonl").read_bytes()
    (tmp_path / "out.jsonl").unlink()

    async def asked(self, request):
        raise AssertionError("the model was asked")

    monkeypatch.setattr(ChildEngine, "generate", asked)
    assert datagen(*asking(inputs, tmp_path / "out.jsonl", "attempts", "--width", 3)) == 0
    assert (tmp_path / "out.jsonl").read_bytes() == written


@pytest.mark.parametrize(
    ("more", "expected", "made"),
    [
        (["--seed", 4], "seed was 0 and is 4", 72),
        (["--samples", 5], "samples was 3 and is 5", 48),
        (["--samples", 2], "samples was 3 and is 2", 0),
        (["--keep", 10], "keep was not set and is 10", 0),
        (
            ["--samples", 1, "--temperature", 0.5],
            "samples was 3 and is 1; temperature was 1.0 and is 0.5",
            24,
        ),
        (["--problems", "fewer.jsonl"], "input is another", 0),
        (["--engine", "llama:other.gguf"], "model is another", 72),
    ],
)
def test_other_settings_pay_only_for_what_they_change_and_say_so(
    inputs: Path,
    tmp_path: Path,
    more: list[object],
    expected: str,
    made: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_tiny_gguf(tmp_path / "other.gguf", seed=5)
    write_rows(tmp_path / "fewer.jsonl", list(read_rows(inputs / "problems.jsonl"))[:5])
    elsewhere = [str(part).replace("fewer.jsonl", f"{tmp_path}/fewer.jsonl") for part in more]
    elsewhere = [part.replace("llama:other", f"llama:{tmp_path}/other") for part in elsewhere]
    out, fresh = tmp_path / "out.jsonl", tmp_path / "fresh.jsonl"
    assert datagen(*asking(inputs, out)) == 0
    before = out.read_bytes()
    capsys.readouterr()
    assert datagen(*asking(inputs, out, "attempts", *elsewhere)) == 0
    note = f"{tmp_path}/out.journal: {expected}; of its 72 answers those that stay the same are used again"
    assert capsys.readouterr().err.splitlines()[0] == note
    with Journal(tmp_path / "out.journal") as journal:
        assert journal.count("samples") == 72 + made
    # Nothing of the old settings is in the output, and the old output is there for the asking.
    assert datagen(*asking(inputs, fresh, "attempts", *elsewhere)) == 0
    assert out.read_bytes() == fresh.read_bytes()
    assert datagen(*asking(inputs, out)) == 0
    assert out.read_bytes() == before
    with Journal(tmp_path / "out.journal") as journal:
        assert journal.count("samples") == 72 + made


def test_more_tokens_pay_only_for_the_answers_that_were_cut_off(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, fresh = tmp_path / "out.jsonl", tmp_path / "fresh.jsonl"
    assert datagen(*asking(inputs, out)) == 0
    cut_off = sum(row["meta"]["finish_reason"] == "length" for row in read_rows(out))
    capsys.readouterr()
    assert datagen(*asking(inputs, out, "attempts", "--max-tokens", 60)) == 0
    told = capsys.readouterr().err.splitlines()
    assert told[0].split(": ")[1].startswith("max_tokens was 24 and is 60; of its 72 answers")
    assert told[-1].endswith(f"; {72 - cut_off} of 72 answers were in the journal")
    assert datagen(*asking(inputs, fresh, "attempts", "--max-tokens", 60)) == 0
    assert out.read_bytes() == fresh.read_bytes()


def test_a_changed_verifier_judges_the_answers_of_the_journal_anew(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datagen.recipes.attempts as recipe
    import datagen.runs.generation as generation

    assert datagen(*asking(inputs, tmp_path / "out.jsonl")) == 0
    monkeypatch.setattr(generation, "module_version", lambda recipe: "after an upgrade")
    monkeypatch.setattr(recipe, "judged", lambda problem, sample: ({"status": "correct", "method": "m"}, 1.0))
    monkeypatch.setattr("datagen.engines.llama.engine.LlamaCppEngine.generate", None)
    assert datagen(*asking(inputs, tmp_path / "out.jsonl")) == 0
    assert {row["reward"] for row in read_rows(tmp_path / "out.jsonl")} == {1.0}


def test_the_version_of_a_recipe_is_the_code_that_judges_its_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datagen.runs.changes as changes
    from datagen.recipes.attempts import attempts as recipe

    now = changes.module_version(recipe)
    assert changes.module_version(recipe) == now
    (tmp_path / "verifiers").mkdir()
    monkeypatch.setattr(changes, "CODE", (str(tmp_path / "verifiers"),))
    without = changes.module_version(recipe)
    (tmp_path / "verifiers" / "equal.py").write_text("strict = True")
    strict = changes.module_version(recipe)
    (tmp_path / "verifiers" / "equal.py").write_text("strict = False")
    assert len({now, without, strict, changes.module_version(recipe)}) == 4


@pytest.mark.parametrize("command", ["attempts", "pairs"])
def test_keep_is_that_many_rows_and_they_are_the_first(
    inputs: Path, tmp_path: Path, command: str, liking: None, capsys: pytest.CaptureFixture[str]
) -> None:
    everything, kept = tmp_path / "all.jsonl", tmp_path / "kept.jsonl"
    more = ["--max-tokens", 120]
    assert datagen(*asking(inputs, everything, command, *more)) == 0
    assert datagen(*asking(inputs, kept, command, *more, "--keep", 4)) == 0
    assert kept.read_bytes().splitlines() == everything.read_bytes().splitlines()[:4]
    capsys.readouterr()
    assert datagen(*asking(inputs, kept, command, *more, "--keep", 1000)) == 0
    assert capsys.readouterr().err.splitlines()[-1].endswith("stopped: all 24 items are used")
    assert kept.read_bytes() == everything.read_bytes()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            ["--context", 99999999],
            "llama:tiny.gguf: a context of 99,999,999 is more than the 512 tokens the model was trained for;"
            " choose a context of at most 512 tokens",
        ),
        (
            ["--max-tokens", 512],
            "--max-tokens: 512 tokens of answer do not fit a context of 512, which holds the prompt too;"
            " ask for fewer than 512, or leave it out",
        ),
    ],
)
@pytest.mark.parametrize("command", ["attempts", "pairs"])
def test_what_no_context_holds_is_refused_before_the_run(
    inputs: Path,
    tmp_path: Path,
    command: str,
    more: list[object],
    expected: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out.jsonl"
    assert datagen(*asking(inputs, out, command, *more)) == 2
    assert capsys.readouterr().err == f"error: {expected}\n"
    assert datagen(*asking(inputs, out, "attempts")) == 0


@pytest.mark.parametrize(("command", "option"), [("attempts", "--problems"), ("pairs", "--prompts")])
def test_a_pipe_is_refused_because_a_run_reads_its_input_again(
    inputs: Path, tmp_path: Path, command: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert datagen(*asking(inputs, tmp_path / "out.jsonl", command, option, tmp_path / "pipe")) == 2
    assert "pipe: is a pipe or a device; save its rows to a file" in capsys.readouterr().err


def test_a_run_that_never_began_binds_nobody(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert datagen(*asking(inputs, out, "attempts", "--seed", 9, "--engine", "llama:missing.gguf")) == 2
    assert datagen(*asking(inputs, out, "attempts")) == 0


def test_a_journal_in_use_is_refused(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal(tmp_path / "out.journal"):
        assert datagen(*asking(inputs, tmp_path / "out.jsonl")) == 2
    assert f"another process (id {os.getpid()}) works on this run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "more", "reason"),
    [
        ("attempts", ["--context", 32], "prompt too long: 24"),
        ("pairs", ["--max-tokens", 1], "never stopped: "),
    ],
)
def test_no_row_at_all_is_a_sentence_with_the_reasons_and_writes_nothing(
    inputs: Path,
    tmp_path: Path,
    command: str,
    more: list[object],
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(b"old")
    assert datagen(*asking(inputs, out, command, *more)) == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"error: datagen {command}: none of 24 prompts became a row ({reason}")
    assert complaint.count("\n") == 1
    assert out.read_bytes() == b"old"


PROBLEM_ROW = '{"id":"a","prompt":[{"role":"user","content":"2+2?"}],"answer":"4","spec":{"kind":"integer"}'
LESSON = '{"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"}]}\n'
BAD_INPUT = {
    "not json": ("{\n", ":1: not JSON"),
    "empty": ("", ": the file has no rows"),
    "lesson": (LESSON, ":1: instruction rows, not problem rows"),
    "strange": ('{"colour":"red"}\n', ":1: rows of no known kind, not problem rows"),
    "incomplete": (PROBLEM_ROW + "}\n", ":1: / '"),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_one_sentence_before_any_work(
    inputs: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text, expected = BAD_INPUT[name]
    (tmp_path / "bad.jsonl").write_text(text)
    assert (
        datagen(*asking(inputs, tmp_path / "out.jsonl", "attempts", "--problems", tmp_path / "bad.jsonl"))
        == 2
    )
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"error: {tmp_path}/bad.jsonl{expected}")
    assert complaint.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["bad.jsonl"]


def test_an_answer_no_verifier_knows_is_named_by_line(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(read_rows(inputs / "problems.jsonl"))
    rows[2]["spec"] = {"kind": "integr"}
    write_rows(tmp_path / "bad.jsonl", rows)
    assert (
        datagen(*asking(inputs, tmp_path / "out.jsonl", "attempts", "--problems", tmp_path / "bad.jsonl"))
        == 2
    )
    assert (
        "bad.jsonl:3: /spec unknown answer kind 'integr'; did you mean 'integer'?" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("command", "more", "expected"),
    [
        ("attempts", ["--samples", 0], "--samples: must be at least 1, got 0"),
        (
            "attempts",
            ["--temperature", 0],
            "--temperature: at temperature 0 all 3 answers to a problem are the",
        ),
        (
            "attempts",
            ["--engine", "llma:x.gguf"],
            "engine 'llma:x.gguf': unknown kind of engine 'llma'; did you",
        ),
        ("attempts", ["--engine", "llama:x.gguf"], "x.gguf: "),
        ("pairs", ["--samples", 1], "--samples: one answer makes no pair"),
        ("pairs", ["--temperature", 0], "--temperature: must be above 0, got 0"),
        ("pairs", ["--prefer", "polit"], "--prefer: unknown rule 'polit'; did you mean 'polite'?"),
    ],
)
def test_a_bad_request_is_one_sentence(
    inputs: Path,
    tmp_path: Path,
    command: str,
    more: list[object],
    expected: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert datagen(*asking(inputs, tmp_path / "out.jsonl", command, *more)) == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"error: {expected}")
    assert complaint.count("\n") == 1
    assert not (tmp_path / "out.jsonl").exists()


def test_correct_needs_problem_rows(inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lessons = ["--prompts", inputs / "lessons.jsonl", "--prefer", "correct"]
    assert datagen(*asking(inputs, tmp_path / "out.jsonl", "pairs", *lessons)) == 2
    assert "lessons.jsonl:1: instruction rows, not problem rows" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--out", "--journal"])
def test_the_input_is_never_written_over(
    inputs: Path, tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = inputs / "problems.jsonl"
    before = source.read_bytes()
    assert datagen(*asking(inputs, tmp_path / "out.jsonl", "attempts", option, source)) == 2
    assert "are one file" in capsys.readouterr().err
    assert source.read_bytes() == before


@pytest.mark.parametrize("option", ["--wording", "--personas"])
def test_the_user_s_prompts_are_never_written_over(
    inputs: Path, tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = tmp_path / "mine.jsonl"
    if option == "--wording":
        assert datagen("wording", "documents", "--out", prompts) == 0
    else:
        prompts.write_text("A curious child")
    before = prompts.read_bytes()
    (tmp_path / "about.txt").write_text("The lake is north of the town.")
    arguments = ["documents", tmp_path / "about.txt", "--engine", f"llama:{inputs / 'tiny.gguf'}"]
    capsys.readouterr()
    assert datagen(*arguments, option, prompts, "--out", prompts) == 2
    assert "the input and --out are one file" in capsys.readouterr().err
    assert prompts.read_bytes() == before


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl.gz", "out"])
def test_rows_go_into_no_file_of_another_kind(
    inputs: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / name
    for arguments in (asking(inputs, out), ["corpus", "--count", 3, "--out", out]):
        assert datagen(*arguments) == 2
        told = f"error: --out: '{out}' is no file of rows; it ends in .jsonl or .parquet\n"
        assert capsys.readouterr().err == told
    assert list(tmp_path.iterdir()) == []


def test_rows_go_through_a_pipe_of_any_name(inputs: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for arguments, rows in ((asking(inputs, pipe), 72), (["corpus", "--count", 3, "--out", pipe], 3)):
        with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as cat:
            try:
                assert datagen(*arguments) == 0
                assert len(cat.communicate(timeout=20)[0].splitlines()) == rows
            finally:
                cat.kill()


def test_two_models_compete_in_turn_and_at_once_for_the_same_bytes(
    inputs: Path, tmp_path: Path, liking: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datagen.engines import roles

    write_tiny_gguf(tmp_path / "rival.gguf", seed=5)
    rival = ["--engine", f"llama:{tmp_path}/rival.gguf", "--max-tokens", 150]
    opened: list[str] = []
    open_engine = roles.open_engine

    def counting(spec: str, options: object) -> object:
        opened.append(spec.rpartition("/")[2])
        return open_engine(spec, options)

    monkeypatch.setattr(roles, "open_engine", counting)
    for name in ("yes", "no"):
        more = [*rival, "--together", name]
        assert datagen(*asking(inputs, tmp_path / f"{name}.jsonl", "pairs", *more)) == 0
    assert (tmp_path / "yes.jsonl").read_bytes() == (tmp_path / "no.jsonl").read_bytes()
    assert sorted(opened) == ["rival.gguf", "rival.gguf", "tiny.gguf", "tiny.gguf"]
    rows = list(read_rows(tmp_path / "no.jsonl"))
    assert list(check_file(tmp_path / "no.jsonl")) == []
    assert {tuple(row["meta"]["roles"]) for row in rows} > {("generator", "generator-2")}
    assert {name for row in rows for name in row["meta"]["engines"]} == {
        "llama:tiny.gguf",
        "llama:rival.gguf",
    }
    # Without the rival its answers are left out, and those of the generator are there already.
    assert datagen(*asking(inputs, tmp_path / "no.jsonl", "pairs", "--max-tokens", 150)) == 0
    for row in read_rows(tmp_path / "no.jsonl"):
        assert row["meta"]["roles"] == ["generator", "generator"]
    with Journal(tmp_path / "no.journal") as journal:
        assert journal.count("samples") == 24 * 3 * 2


def test_commands_are_functions_of_their_settings(inputs: Path, tmp_path: Path, liking: None) -> None:
    model = f"llama:{inputs / 'tiny.gguf'}"
    shared = {"engine": model, "samples": 2, "threads": 1, "width": 4}
    lessons, problems = inputs / "lessons.jsonl", inputs / "problems.jsonl"
    attempts(Attempts(problems=problems, max_tokens=8, out=tmp_path / "a.parquet", **shared))
    pairs(
        Pairs(prompts=lessons, max_tokens=300, out=tmp_path / "p.parquet", **{**shared, "engine": (model,)})
    )
    for name, kind in {"a": "attempt", "p": "preference"}.items():
        checking = check_file(tmp_path / f"{name}.parquet")
        assert (list(checking), checking.kind) == ([], kind)
    with pytest.raises(UserError, match="samples: must be at least 1"):
        attempts(Attempts(problems=problems, out=tmp_path / "b.jsonl", samples=0))


def test_without_an_engine_the_embedded_model_answers_and_says_what_it_is(
    inputs: Path, tmp_path: Path
) -> None:
    code = (
        "import sys, pathlib, datagen.engines as engines\n"
        "model = pathlib.Path(sys.argv.pop(1))\n"
        "engines.embedded_model = lambda: model\n"
        "from datagen.cli import main\n"
        "main()\n"
    )
    arguments = asking(inputs, tmp_path / "out.jsonl", "attempts", "--engine", "none")
    command = [sys.executable, "-c", code, str(inputs / "tiny.gguf"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True)
    notice, told = done.stderr.splitlines()
    assert notice == EMBEDDED_NOTICE
    assert "72 attempts at 24 problems" in told
