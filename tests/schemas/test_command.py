"""Commands made from settings: help, options, and every kind of failure as one sentence and an exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from schemas.command import app_command, new_app, run_app
from schemas.errors import UserError
from schemas.settings import setting, to_mapping

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Brew:
    """Settings of the command under test."""

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"strong": {"grams": 30}}

    files: tuple[Path, ...] = setting(help="recipes to read", positional=True, metavar="FILE...")
    grams: int = setting(15, help="coffee", unit="grams", minimum=1, short="-g")
    heat_c: float = setting(93.5, help="water temperature", above=0, below=100)
    roast: Literal["light", "dark"] = setting("light", help="the beans")
    filter: bool = setting(True, help="use a filter")
    notes: tuple[str, ...] = setting((), help="flavours")
    seed: int | None = setting(None, help="luck")


def program(function: Any) -> typer.Typer:
    app = new_app("kettle", "Makes coffee.", examples=["kettle brew a.txt"])
    app_command(
        app, Brew, function, name="brew", examples=["kettle brew a.txt --grams 20", "kettle brew *.txt"]
    )
    return app


def run(arguments: list[str], function: Any = lambda settings: None) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(function), arguments)
    assert isinstance(exit.value.code, int)
    return exit.value.code


def received(arguments: list[str]) -> Brew:
    got: list[Brew] = []
    assert run(["brew", *arguments], lambda settings: got.append(settings)) == 0
    return got[0]


def brew(settings: Brew) -> None:
    """Brew a cup.

    Slowly, and with care.
    """


def test_options_reach_the_function_converted() -> None:
    arguments = [
        "a.txt",
        "b,c.txt",
        "--heat-c",
        "90",
        "-g",
        "20",
        "--no-filter",
        "--notes",
        "plum,fig",
        "--notes",
        "rye",
    ]
    expected = Brew((Path("a.txt"), Path("b,c.txt")), 20, 90.0, "light", False, ("plum", "fig", "rye"), None)
    assert received(arguments) == expected


@given(
    st.builds(
        Brew,
        files=st.lists(st.from_regex(r"\A[a-z,.]{1,9}\Z").map(Path), min_size=1).map(tuple),
        grams=st.integers(min_value=1),
        heat_c=st.floats(0, 100, exclude_min=True, exclude_max=True),
        roast=st.sampled_from(["light", "dark"]),
        filter=st.booleans(),
        notes=st.lists(
            st.from_regex(
                r"\A[^,\s\0-\x1f]([^,\0-\x1f]*[^,\s\0-\x1f])?\Z", alphabet=st.characters(codec="utf-8")
            ),
            min_size=1,
        ).map(tuple),
        seed=st.none() | st.integers(),
    )
)
def test_the_command_line_can_say_any_settings(brew: Brew) -> None:
    arguments = [str(path) for path in brew.files]
    for name, value in to_mapping(brew).items():
        option = "--" + name.replace("_", "-")
        if isinstance(value, bool):
            arguments.append(option if value else f"--no-{name}")
        elif isinstance(value, list):
            arguments += [f"{option}={item}" for item in value if name != "files"]
        else:
            arguments.append(f"{option}={'none' if value is None else value}")
    assert received(arguments) == brew


def test_option_wins_over_config_file_and_file_over_preset(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("files: [x.txt]\nroast: dark\nheat_c: 80\n")
    got = received(["--config", str(config), "--preset", "strong", "--heat-c", "70"])
    assert got == Brew((Path("x.txt"),), grams=30, heat_c=70.0, roast="dark")


def test_help_shows_examples_defaults_bounds_and_units(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["brew", "--help"], brew) == 0
    text = capsys.readouterr().out
    assert "Brew a cup." in text
    assert "Examples:\n    kettle brew a.txt --grams 20\n    kettle brew *.txt\n" in text
    assert "FILE...  recipes to read [required]" in text
    unwrapped = " ".join(text.split())
    assert "-g, --grams GRAMS coffee [at least 1, default: 15]" in unwrapped
    assert "--heat-c NUMBER water temperature [above 0, below 100, default: 93.5]" in unwrapped
    assert "--roast light|dark the beans [default: light]" in unwrapped
    assert "--filter / --no-filter use a filter [default: yes]" in unwrapped


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["brw"], "error: unknown command 'brw'; did you mean 'brew'?"),
        (
            ["brew", "a", "--gram", "3"],
            "error: kettle brew: unknown option '--gram'; did you mean '--grams'?",
        ),
        (["brew", "a", "--grams", "x"], "error: --grams: expected a whole number, got 'x'"),
        (["brew", "a", "--grams", "0"], "error: --grams: must be at least 1, got 0"),
        (["brew", "a", "--roast", "drak"], "error: --roast: unknown choice 'drak'; did you mean 'dark'?"),
        (["brew", "a", "--preset", "x"], "error: --preset: unknown preset 'x'; known: strong"),
        (
            ["brew"],
            "error: 'files' is missing (recipes to read); "
            "give FILE... or write 'files: ...' in a --config file",
        ),
        (
            ["brew", "a", "--no-filtr"],
            "error: kettle brew: unknown option '--no-filtr'; did you mean '--no-filter'?",
        ),
        (["--qqq"], "error: kettle: unknown option '--qqq'; known: --help, --version"),
        (
            ["brew", "a", "--config", "no.yaml"],
            "error: no.yaml: cannot read (No such file or directory); check the path",
        ),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", expected + "\n")


def test_option_without_its_value_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["brew", "a", "--grams"]) == 2
    assert re.fullmatch(r"error: .*'--grams' requires an argument; see '.*--help'\n", capsys.readouterr().err)


def test_no_command_shows_the_help_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "brew" in capsys.readouterr().err


def raising(error: BaseException) -> Any:
    def function(settings: Brew) -> None:
        raise error

    return function


def test_user_error_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    error = UserError("the model\nis empty", where="m.gguf", mend="download it again")
    assert run(["brew", "a"], raising(error)) == 2
    assert capsys.readouterr().err == "error: m.gguf: the model is empty; download it again\n"


def test_ctrl_c_says_that_running_again_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["brew", "a"], raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "error: interrupted; run the same command again to go on\n"


def test_what_the_system_refuses_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["brew", "a"], raising(PermissionError(13, "Permission denied", "/secret"))) == 2
    assert capsys.readouterr().err == "error: /secret: Permission denied\n"


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run_app(program(lambda settings: 1 // 0), ["brew", "a"])


def test_what_the_function_returns_is_the_exit_code() -> None:
    assert run(["brew", "a"], lambda settings: 1) == 1


def test_setting_that_would_hide_the_config_option_is_a_bug_said_at_once() -> None:
    @dataclass(frozen=True)
    class Clash:
        config: str = setting("", help="?")

    app = new_app("kettle", "Makes coffee.")
    with pytest.raises(TypeError, match="config"):
        app_command(app, Clash, lambda settings: None, name="clash", examples=[])


CHATTY = """
from dataclasses import dataclass
import typer
from schemas.command import app_command, new_app, run_app
from schemas.settings import setting

@dataclass(frozen=True)
class Talk:
    lines: int = setting(3, help="lines")

def talk(settings):
    "Talk."
    for number in range(settings.lines):
        typer.echo(number)

app = new_app("chatty", "Talks.")
app_command(app, Talk, talk, name="talk", examples=["chatty talk"])
run_app(app)
"""


def start(arguments: list[str], **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", CHATTY, *arguments]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, **options
    )


@pytest.mark.parametrize("lines", [1, 100_000])
def test_reader_that_leaves_early_gets_no_complaint(lines: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = start(["talk", "--lines", str(lines)], stdout=writing)
    os.close(writing)
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_behind_standard_output_is_a_sentence() -> None:
    with open("/dev/full", "wb") as full:
        process = start(["talk"], stdout=full)
    _, complaint = process.communicate()
    mend = b"free some space or choose another place"
    assert complaint == b"error: standard output: No space left on device; " + mend + b"\n"
    assert process.returncode == 2


HEAVY = {"yaml", "pyarrow", "numpy", "jsonschema", "sympy", "torch", "rich"}


def test_making_a_program_loads_nothing_heavy() -> None:
    code = "import sys, schemas.command, schemas.run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "schemas.settings" in loaded
    assert not HEAVY & loaded
