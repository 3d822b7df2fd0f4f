"""A folder and its run: claimed, resumed, refused to others, and never held by two."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from schemas.check import check_row
from schemas.errors import UserError
from schemas.run import Run, claim, content_hash, read_manifest
from schemas.settings import setting

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """Settings of a run."""

    data: Path = setting(Path("rows.jsonl"), help="what it reads")
    steps: int = setting(10, help="how long")
    rate: float = setting(0.1, help="how fast")
    threads: int = setting(1, help="how many at once", identity=False)


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_claim_writes_a_valid_manifest(tmp_path: Path) -> None:
    data = tmp_path / "rows.jsonl"
    data.write_bytes(b'{"text": "a"}\n')
    with claim(tmp_path / "out", "finetune sft", Settings(data), {"data": data}) as run:
        assert (run.resumed, run.finished) == (False, False)
        manifest = read_manifest(tmp_path / "out")
        assert manifest is not None
        assert check_row(manifest, "run") == []
        assert manifest["status"] == "running"
        run.finish(loss=0.5, rows=1)
    manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    assert check_row(manifest, "run") == []
    assert (manifest["status"], manifest["results"]) == ("finished", {"loss": 0.5, "rows": 1})
    assert manifest["settings"] == {"data": str(data), "steps": 10, "rate": 0.1, "threads": 1}
    expected = hashlib.blake2b(data.read_bytes(), digest_size=32).hexdigest()
    assert manifest["inputs"] == {"data": {"files": 1, "bytes": 14, "blake2b": expected}}


def test_same_run_is_resumed(tmp_path: Path) -> None:
    claim(tmp_path, "sft", Settings()).close()
    with claim(tmp_path, "sft", Settings()) as run:
        assert (run.resumed, run.finished) == (True, False)
    assert len(run.manifest["resumed"]) == 1


def test_finished_run_says_so_and_its_manifest_is_left_alone(tmp_path: Path) -> None:
    claim(tmp_path, "sft", Settings()).finish(loss=1)
    before = (tmp_path / "run.json").read_bytes()
    with claim(tmp_path, "sft", Settings()) as run:
        assert run.finished
    assert (tmp_path / "run.json").read_bytes() == before


def test_what_does_not_change_the_outcome_may_differ(tmp_path: Path) -> None:
    here, there = tmp_path / "here.jsonl", tmp_path / "there.jsonl"
    here.write_bytes(b"same")
    there.write_bytes(b"same")
    claim(tmp_path / "out", "sft", Settings(here), {"data": here}).close()
    with claim(tmp_path / "out", "sft", Settings(there, threads=8), {"data": there}) as run:
        assert run.resumed


@pytest.mark.parametrize(
    ("command", "settings", "content", "expected"),
    [
        ("dpo", Settings(), "same", "the command is 'sft' there and 'dpo' here"),
        ("sft", Settings(steps=20), "same", "'steps' is 10 there and 20 here"),
        (
            "sft",
            Settings(steps=20, rate=0.2),
            "same",
            "'steps' is 10 there and 20 here; 'rate' is 0.1 there and 0.2 here",
        ),
        ("sft", Settings(), "other", "the content of 'data' is not the same"),
    ],
)
def test_folder_of_another_run_is_refused_and_untouched(
    tmp_path: Path, command: str, settings: Settings, content: str, expected: str
) -> None:
    data, out = tmp_path / "rows.jsonl", tmp_path / "out"
    data.write_text("same")
    claim(out, "sft", Settings(), {"data": data}).close()
    (out / "model.bin").write_bytes(b"precious")
    data.write_text(content)
    before = files_in(out)
    with pytest.raises(UserError) as caught:
        claim(out, command, settings, {"data": data})
    mend = "choose another --out, or delete the folder to start over"
    assert str(caught.value) == f"{out}: the folder belongs to another run ({expected}); {mend}"
    after = files_in(out)
    assert after == before


def test_of_nested_settings_only_the_leaves_that_differ_are_named_and_three_at_most(tmp_path: Path) -> None:
    def settings(steps: int, rate: float) -> dict[str, object]:
        stages = {name: {"steps": steps, "rate": rate, "data": ["x" * 90]} for name in ("sft", "dpo")}
        return {"sizes": stages, "seed": 0}

    def refusal(settings: dict[str, object]) -> str:
        with pytest.raises(UserError) as caught:
            claim(tmp_path, "ladder", settings)
        return str(caught.value).split("another run ")[1].rsplit(";", 1)[0]

    claim(tmp_path, "ladder", settings(400, 0.1)).close()
    steps = "'sizes.sft.steps' is 400 there and 320 here; 'sizes.dpo.steps' is 400 there and 320 here"
    assert refusal(settings(320, 0.1)) == f"({steps})"
    first, second = steps.split("; ")
    rates = "'sizes.sft.rate' is 0.1 there and 0.2 here"
    assert refusal(settings(320, 0.2)) == f"({first}; {rates}; {second}; and 1 more)"
    shown = refusal({"seed": 0, "sizes": ["y" * 90]})
    assert len(shown) < 200
    assert "..." in shown


def test_input_that_can_be_read_only_once_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UserError, match="pipe: is a pipe or a device; save its rows to a file"):
        claim(tmp_path / "out", "sft", Settings(), {"data": pipe})


def test_refused_claim_lets_go_of_the_folder(tmp_path: Path) -> None:
    claim(tmp_path, "sft", Settings()).close()
    with pytest.raises(UserError, match="another run"):
        claim(tmp_path, "sft", Settings(steps=3))
    claim(tmp_path, "sft", Settings()).close()


def test_folder_with_files_of_no_run_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(
        UserError, match=r"is not empty and no run's \(it holds 'thesis\.txt'\); choose another --out"
    ):
        claim(tmp_path, "sft", Settings())
    assert files_in(tmp_path) == {"thesis.txt": b"years of work"}


def test_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("x")
    with pytest.raises(UserError, match="is a file"):
        claim(path, "sft", Settings())


@pytest.mark.parametrize("text", ["", "[]", "{", '{"manifest": 99}', '{"name": "some app"}'])
def test_foreign_run_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(UserError, match=r"run\.json: not a"):
        claim(tmp_path, "sft", Settings())
    assert (tmp_path / "run.json").read_text() == text


def test_missing_input_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.jsonl: no such file or folder"):
        claim(tmp_path / "out", "sft", Settings(), {"data": tmp_path / "none.jsonl"})


def test_error_leaves_the_run_stopped_with_its_reason_and_resumable(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), claim(tmp_path, "sft", Settings()):
        1 / 0  # noqa: B018
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert (manifest["status"], manifest["reason"]) == ("stopped", "ZeroDivisionError: division by zero")
    assert check_row(manifest, "run") == []
    with claim(tmp_path, "sft", Settings()) as run:
        assert run.resumed
        assert "reason" not in run.manifest


def test_settings_may_be_a_plain_mapping(tmp_path: Path) -> None:
    claim(tmp_path, "sft", {"size": (1, 2), "path": Path("a")}).close()
    claim(tmp_path, "sft", {"size": [1, 2], "path": "a"}).close()
    with pytest.raises(UserError, match=r"'size' is \[1,2\] there and not set here"):
        claim(tmp_path, "sft", {"path": "a"})


def test_content_hash_of_a_folder_sees_names_and_contents_and_not_its_manifest(tmp_path: Path) -> None:
    def made(name: str, files: dict[str, str]) -> str:
        for file, text in files.items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(text)
        return content_hash(tmp_path / name)

    model = made("a", {"config.json": "{}", "deep/weights": "w"})
    assert made("b", {"deep/weights": "w", "config.json": "{}", "run.json": "x", "run.lock": "1"}) == model
    others = [
        {"config.json": "{}", "deep/weights": "v"},
        {"config.json": "{}", "weights": "w"},
        {"config.json": "{}"},
    ]
    assert len({model, *(made(f"c{i}", files) for i, files in enumerate(others))}) == 4


HOLD = """
import sys
from schemas.run import claim
run = claim(sys.argv[1], "sft", {})
print("held", flush=True)
sys.stdin.read()
"""


def test_two_processes_cannot_hold_one_folder_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    holder = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(UserError, match=f"another process \\(id {holder.pid}\\) works in this folder"):
            claim(tmp_path, "sft", {})
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        for pipe in (holder.stdin, holder.stdout):
            assert pipe is not None
            pipe.close()
    with claim(tmp_path, "sft", {}) as run:
        assert run.resumed


def test_one_process_cannot_claim_a_folder_twice(tmp_path: Path) -> None:
    with claim(tmp_path, "sft", {}), pytest.raises(UserError, match="works in this folder"):
        claim(tmp_path, "sft", {})


def test_kill_between_lock_and_manifest_leaves_a_folder_that_can_be_claimed(tmp_path: Path) -> None:
    (tmp_path / "run.lock").write_text("123\n")
    (tmp_path / ".run.json.abc").write_text('{"mani')
    with claim(tmp_path, "sft", {}) as run:
        assert not run.resumed


def test_manifest_is_readable_text(tmp_path: Path) -> None:
    run: Run = claim(tmp_path, "sft", replace(Settings(), steps=3))
    run.finish()
    text = (tmp_path / "run.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
    assert text.count("\n") > len(loaded)
