"""`datagen export` as a whole: the audit before it, the folder, its card, and the way to a hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from made_rows import HASHES, clean_pairs, keep_account

from datagen.cli import program
from schemas import Row, UserError, read_rows, write_rows
from schemas.command import run_app


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def rows_of(folder: Path, name: str) -> list[Row]:
    """The rows of a kind, those held out too."""
    return [row for path in sorted(folder.glob(f"{name}*.*")) for row in read_rows(path)]


# The folder


def exported(tmp_path: Path, *more: object) -> int:
    write_rows(path := tmp_path / "pairs.jsonl", clean_pairs(40))
    return datagen("export", path, "--kind", "sft,dpo", "--out", tmp_path / "data", *more)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_export_gives_the_same_bytes_and_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    assert exported(tmp_path) == 0
    before = contents(tmp_path / "data")
    assert exported(tmp_path, "--format", "sharegpt", "--held-out", 0) == 0
    assert contents(tmp_path / "data").keys() == {"README.md", "export.json", "sft.jsonl", "dpo.jsonl"}
    assert exported(tmp_path) == 0
    assert contents(tmp_path / "data") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_no_export_made_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.txt").write_text("years")
    assert exported(tmp_path) == 2
    assert "the folder holds what no export has made (thesis.txt)" in capsys.readouterr().err
    assert contents(tmp_path / "data") == {"thesis.txt": b"years"}
    assert exported(tmp_path, "--overwrite") == 0
    assert "thesis.txt" not in contents(tmp_path / "data")


def test_a_folder_with_an_input_in_it_is_never_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(path := tmp_path / "pairs.jsonl", clean_pairs(9))
    assert datagen("export", path, "--kind", "sft", "--out", tmp_path, "--overwrite") == 2
    assert "which is read, and would be replaced" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert datagen("export", path, "--kind", "sft", "--out", ".", "--overwrite") == 2
    assert path.is_file()


def test_an_export_that_fails_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert exported(tmp_path) == 0
    before = contents(tmp_path / "data")

    def full(*_: Any, **__: Any) -> None:
        raise UserError("the disk is full")

    monkeypatch.setattr("datagen.export.export.content_hash", full)
    assert exported(tmp_path, "--held-out", 0.3) == 2
    assert contents(tmp_path / "data") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_audit_comes_first_and_its_limits_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = clean_pairs(40)
    rows[3]["meta"]["scores"].reverse()
    write_rows(path := tmp_path / "pairs.jsonl", rows)
    order = ["export", path, "--kind", "dpo", "--out", tmp_path / "data"]
    assert datagen(*order) == 1
    told = capsys.readouterr().err
    assert "raise --most-swapped" in told
    assert "nothing was written" in told
    assert not (tmp_path / "data").exists()
    assert datagen(*order, "--most-swapped", 0.1) == 0
    assert datagen(*order, "--audit", "warn") == 0
    assert "Beyond its limit" in (tmp_path / "data" / "README.md").read_text()
    capsys.readouterr()
    assert datagen(*order, "--audit", "off") == 0
    assert "warning" not in capsys.readouterr().err


# The card


def test_the_card_tells_recipe_models_yields_and_no_path_of_this_machine(tmp_path: Path) -> None:
    write_rows(path := tmp_path / "pairs.jsonl", clean_pairs(40))
    keep_account(path)
    order = ["--kind", "sft,dpo", "--license", "apache-2.0", "--out", tmp_path / "data"]
    assert datagen("export", path, *order) == 0
    card = (tmp_path / "data" / "README.md").read_text()
    _, front, text = card.split("---\n", 2)
    told = yaml.safe_load(front)
    assert told["license"] == "apache-2.0"
    assert told["size_categories"] == ["n<1K"]
    assert [one["config_name"] for one in told["configs"]] == ["sft", "dpo"]
    assert told["configs"][1]["data_files"] == [
        {"split": "train", "path": "dpo.jsonl"},
        {"split": "test", "path": "dpo-test.jsonl"},
    ]
    for part in (
        *HASHES.values(),
        "llama:judge.gguf",
        "flip: 12, tie: 8",
        "`temperature` 0.7",
        "400 answers",
    ):
        assert part in text
    for trainer in ("SFTTrainer", "DPOTrainer", "finetune dpo --model MODEL --data dpo.jsonl"):
        assert trainer in text
    assert "AUC of a classifier that knows the lengths alone" in text
    assert str(tmp_path) not in card
    assert "somebody" not in card


@pytest.mark.parametrize(
    ("rows", "category"), [(999, "n<1K"), (1000, "1K<n<10K"), (20_000, "10K<n<100K"), (10**8, "10M<n<100M")]
)
def test_the_size_is_one_that_hubs_know(rows: int, category: str) -> None:
    from datagen.export.card import size_category

    assert size_category(rows) == category


# To the hub


class StandInHub:
    """As much of `HfApi` as an upload takes; what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def create_repo(self, repo_id: str, **more: Any) -> str:
        self.asked.append(("create", {"repo_id": repo_id, **more}))
        return f"https://hub/{repo_id}"

    def upload_folder(self, **more: Any) -> None:
        names = sorted(path.name for path in Path(more.pop("folder_path")).iterdir())
        self.asked.append(("upload", {**more, "files": names}))


@pytest.mark.parametrize("public", [False, True])
def test_a_pushed_folder_is_private_unless_they_say_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, public: bool
) -> None:
    hub = StandInHub()
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: hub)
    assert exported(tmp_path, "--push", "me/pairs", *(["--public"] if public else [])) == 0
    (made, settings), (sent, files) = hub.asked
    assert (made, sent) == ("create", "upload")
    assert settings == {
        "repo_id": "me/pairs",
        "repo_type": "dataset",
        "private": not public,
        "exist_ok": True,
    }
    names = ["README.md", "dpo-test.jsonl", "dpo.jsonl", "export.json", "sft-test.jsonl", "sft.jsonl"]
    assert files == {"repo_id": "me/pairs", "repo_type": "dataset", "files": names}
    assert 'load_dataset("me/pairs", "dpo")' in (tmp_path / "data" / "README.md").read_text()


def test_the_stand_in_is_asked_what_the_real_client_knows() -> None:
    from inspect import signature

    from huggingface_hub import HfApi

    assert {"repo_id", "repo_type", "private", "exist_ok"} <= signature(HfApi.create_repo).parameters.keys()
    assert {"repo_id", "repo_type", "folder_path"} <= signature(HfApi.upload_folder).parameters.keys()


def test_offline_nothing_is_pushed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exported(tmp_path, "--push", "me/pairs", "--offline") == 2
    assert "--push would send the rows to huggingface.co, and --offline" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_a_hub_out_of_reach_is_one_sentence_and_the_folder_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert exported(tmp_path, "--push", "me/pairs") == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("error: me/pairs: 127.0.0.1:9 cannot be reached")
    assert (tmp_path / "data" / "dpo.jsonl").is_file()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--push", "pairs"], "--push: 'pairs' is no repository; name it OWNER/NAME"),
        (["--public"], "--public: counts for nothing without --push"),
        (["--max-length", 9], "--max-length: counts for nothing without --tokenizer"),
        (["--drop-unfit"], "--drop-unfit: counts for nothing without --tokenizer"),
    ],
)
def test_an_option_that_counts_for_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[object], expected: str
) -> None:
    assert exported(tmp_path, *more) == 2
    assert expected in capsys.readouterr().err


def test_other_formats_are_written_for_conversations(tmp_path: Path) -> None:
    from datagen.export.formats import from_alpaca, from_sharegpt

    assert exported(tmp_path, "--held-out", 0) == 0
    expected = [row["messages"] for row in rows_of(tmp_path / "data", "sft")]
    for layout, reads in (("alpaca", from_alpaca), ("sharegpt", from_sharegpt)):
        assert exported(tmp_path, "--format", layout, "--held-out", 0) == 0
        assert [reads(row) for row in rows_of(tmp_path / "data", "sft")] == expected
        assert len(rows_of(tmp_path / "data", "dpo")) == 40
