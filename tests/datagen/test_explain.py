"""`datagen explain`: the lineage of a row, of a rejection, of a run under way and of an older journal."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_gguf import CHATML, write_tiny_gguf

from datagen.cli import program
from datagen.commands.explain import find
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.runs.journal import Journal
from datagen.runs.journal_file import JOURNAL_VERSION
from datagen.runs.keeping import Distinct
from datagen.runs.lineage import Lineages
from datagen.runs.run import Rejected, run, write_outcomes
from schemas.command import run_app
from schemas.errors import UserError
from schemas.run import content_hash

ITEMS = [{"id": f"item-{number}", "text": f"{number}?"} for number in range(6)]


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


async def drafts(item, team):
    """Two drafts and a third that goes on from the first; item 3 is turned down, item 4 becomes two rows."""
    prompt = [{"role": "user", "content": item["text"]}]
    found = await team.chat(prompt, n=2, max_tokens=6, temperature=0.7)
    more = await team.chat(prompt, prefix=found.text, max_tokens=4, attempt=1)
    if item["id"] == "item-3":
        return Rejected("odd", "it is three")
    row = {"id": f"row-of-{item['id']}", "text": found.text + more.text}
    return [row, {**row, "id": "second", "text": more.text}] if item["id"] == "item-4" else row


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run: `rows.jsonl`, `rows.parquet` and `rows.journal`; item 5 is a duplicate of item 0."""
    folder = tmp_path_factory.mktemp("run")
    model = write_tiny_gguf(folder / "tiny.gguf", seed=4)
    with LlamaCppEngine(model, threads=1, width=4) as engine, Journal(folder / "rows.journal") as journal:
        run(drafts, ITEMS[:2], engine, journal, seed=1)
        settle = Distinct(lambda row: "0" if row["id"] == "row-of-item-5" else row["id"][-1])
        outcomes = run(drafts, ITEMS, engine, journal, seed=2, settle=settle)
    for name in ("rows.jsonl", "rows.parquet"):
        write_outcomes(folder / name, outcomes)
    return folder


def explained(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict]:
    assert datagen("explain", *arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)["lineages"]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet"])
def test_a_line_of_the_output_is_told_with_everything_that_made_it(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (current,) = explained(capsys, folder / name, 2)
    assert (current["item"], current["current"]) == ("item-1", True)
    assert [current["settings"][name] for name in ("recipe", "seed")] == ["drafts", 2]
    row = json.loads((folder / "rows.jsonl").read_text().splitlines()[1])
    assert current["rows"] == [row]
    first, _second, more = current["completions"]
    assert row["text"] == first["text"] + more["text"]
    assert first["model"] == content_hash(folder / "tiny.gguf")
    assert first["name"] == "llama:tiny.gguf"
    prompt = "<|im_start|>user\n1?<|im_end|>\n<|im_start|>assistant\n"
    assert "{{ message['role'] }}" in CHATML
    assert (first["prompt"], more["prompt"]) == (prompt, prompt + first["text"])
    assert (first["sampling"]["temperature"], first["sampling"]["max_tokens"]) == (0.7, 6)
    assert len(first["tokens"]) == first["token_count"] <= 6
    assert first["prompt_tokens"] > 0 < first["seconds"]
    assert not any(completion["damaged"] for completion in current["completions"])


def test_the_seed_and_the_tokens_told_make_the_same_text_again(folder: Path) -> None:
    from datagen.engines import Request, generate_all

    origin = find(folder / "rows.jsonl", "1")[0].completions[0]
    with LlamaCppEngine(folder / "tiny.gguf", threads=1, width=4) as engine:
        request = Request(prompt=origin.prompt, seeds=(origin.seed,), max_tokens=6, temperature=0.7)
        (completion,) = generate_all(engine, [request])
    assert (completion.text, list(completion.samples[0].tokens)) == (origin.text, origin.tokens)


def test_rejections_tell_their_reason_and_who_decided_it(folder: Path) -> None:
    (rejected,) = find(folder / "rows.journal", "item-3")
    assert (rejected.reason, rejected.detail, rejected.rows, rejected.settled) == (
        "odd",
        "it is three",
        [],
        False,
    )
    assert len(rejected.completions) == 3
    (duplicate,) = find(folder / "rows.journal", "item-5")
    assert (duplicate.reason, duplicate.detail, duplicate.settled) == ("duplicate", "like item-0", True)
    assert [row["id"] for row in duplicate.rows] == ["row-of-item-5"]


@pytest.mark.parametrize("run", ["rows.jsonl", "rows.journal"])
def test_an_item_or_the_id_of_a_row_names_it_too(folder: Path, run: str) -> None:
    for name in ("item-4", "row-of-item-4", "second"):
        (lineage,) = find(folder / run, name)
        assert (lineage.item, len(lineage.rows)) == ("item-4", 2)
    # The fifth line is the second row of item 4: items 0, 1, 2, then 4 twice.
    (lineage,) = find(folder / "rows.jsonl", "5")
    assert (lineage.item, [row["id"] for row in lineage.rows]) == ("item-4", ["second"])


def test_what_other_settings_made_is_told_when_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (current,) = explained(capsys, folder / "rows.journal", "item-1")
    both = explained(capsys, folder / "rows.journal", "item-1", "--all")
    assert [(lineage["settings"]["seed"], lineage["current"]) for lineage in both] == [(2, True), (1, False)]
    assert both[0] == current
    assert datagen("explain", folder / "rows.journal", "item-1") == 0
    assert "under other settings: 1 more; --all shows them" in capsys.readouterr().out


def test_it_reads_well(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert datagen("explain", folder / "rows.journal", "item-1", "--all") == 0
    told = capsys.readouterr().out
    assert told.startswith("item-1 ─")
    assert "under other settings than the last run's" in told
    for label in (
        "recipe    drafts, run seed 2",
        "row\n",
        "completion 3 of 3",
        "  prompt    <|im_start|>user",
        "as above",
    ):
        assert label in told
    assert datagen("explain", folder / "rows.journal", "item-5") == 0
    assert "rejected  duplicate in the order of the items: like item-0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("run", "row", "expected"),
    [
        ("rows.journal", "itm-3", "rows.journal: nothing is known of row 'itm-3'; the nearest is 'item-3'"),
        ("rows.jsonl", "9", "rows.jsonl: there is no row 9; the last one is 5"),
        ("rows.jsonl", "zzzz", "rows.journal: nothing is known of row 'zzzz'; the nearest is 'item-5'"),
        ("none.jsonl", "1", "none.jsonl: no such file; give the output file of a run"),
        ("tiny.gguf", "item-1", "tiny.journal: no such journal; check the path, or give --journal"),
    ],
)
def test_a_row_nobody_knows_is_one_sentence(
    folder: Path, run: str, row: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen("explain", folder / run, row) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: {folder}/{expected}")
    assert told.count("\n") == 1


def test_a_journal_elsewhere_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "moved.jsonl").write_bytes((folder / "rows.jsonl").read_bytes())
    with pytest.raises(UserError, match=r"moved\.journal: no such journal"):
        find(tmp_path / "moved.jsonl", "1")
    assert find(tmp_path / "moved.jsonl", "1", folder / "rows.journal")[0].item == "item-0"


def test_a_run_that_is_under_way_or_was_killed_is_read_and_not_disturbed(
    folder: Path, tmp_path: Path
) -> None:
    code = """
import sys
from datagen.engines import Sample
from datagen.runs.journal import Journal, Outcome, Recorded, completion_key, digest
journal = Journal(sys.argv[1])
made = Recorded(Sample("4", (1, 2), "stop"), prompt_tokens=3, seconds=0.5, model="m")
situation = {"recipe": "r", "version": "1", "seed": 0, "options": None, "engines": {}}
situation = journal.record_situation(situation)
for number in range(2):
    identity = {"model": "abc", "prompt": f"2+{number}=", "temperature": 0.5}
    journal.record_samples(identity, [1], [made])
    used = [completion_key(identity, 1)]
    journal.record_outcome(digest(number), Outcome(f"item-{number}", {"text": "4"}), used, situation)
    print("recorded", flush=True)
    input()
"""
    path = tmp_path / "live.journal"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "recorded\n"
        (lineage,) = find(path, "item-0")
        assert (lineage.rows, lineage.completions[0].prompt) == ([{"text": "4"}], "2+0=")
        with pytest.raises(UserError, match="the nearest is 'item-0'"):
            find(path, "item-1")
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "recorded\n"
        assert find(path, "item-1")[0].completions[0].prompt == "2+1="
        # The output is not written yet: its name is enough.
        assert find(tmp_path / "live.jsonl", "item-1")[0].item == "item-1"
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    assert find(path, "item-1")[0].item == "item-1"


def test_a_journal_of_version_1_is_explained_and_left_as_it_is(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.journal"
    database = sqlite3.connect(path)
    database.execute("ATTACH ? AS new", (str(folder / "rows.journal"),))
    database.executescript(
        "CREATE TABLE meta AS SELECT * FROM new.meta; CREATE TABLE requests AS SELECT * FROM new.requests;"
        "CREATE TABLE samples AS"
        " SELECT key, request, seed, sample, prompt_tokens, seconds, model FROM new.samples;"
        "CREATE TABLE outcomes AS SELECT key, item, row, reason, detail, used FROM new.outcomes;"
        "PRAGMA application_id = 0x48674A72; PRAGMA user_version = 1;"
    )
    database.close()
    before = path.read_bytes()
    (lineage,) = find(path, "item-3")
    assert (lineage.reason, lineage.settings, lineage.current) == ("odd", None, True)
    assert len(lineage.completions) == 3
    assert path.read_bytes() == before


def test_newer_damaged_and_foreign_journals_are_one_sentence(folder: Path, tmp_path: Path) -> None:
    whole = (folder / "rows.journal").read_bytes()
    newer = tmp_path / "newer.journal"
    newer.write_bytes(whole)
    database = sqlite3.connect(newer)
    database.execute(f"PRAGMA user_version = {JOURNAL_VERSION + 1}")
    database.close()
    (tmp_path / "cut.journal").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "garbled.journal").write_bytes(whole[:4096] + b"\x5a" * (len(whole) - 4096))
    (tmp_path / "text.journal").write_text("not a database " * 50)
    (tmp_path / "empty.journal").write_bytes(b"")
    expected = {
        "newer": "upgrade homegrown-llm",
        "cut": "damaged",
        "garbled": "damaged",
        "text": "not a journal",
    }
    for name, words in {**expected, "empty": "the journal is empty"}.items():
        with pytest.raises(UserError, match=words):
            find(tmp_path / f"{name}.jsonl", "item-1")


def test_a_record_that_was_damaged_is_shown_as_such(folder: Path, tmp_path: Path) -> None:
    text = find(folder / "rows.journal", "item-2")[0].completions[1].text
    data = (folder / "rows.journal").read_bytes()
    spoilt = json.dumps(text)[1:-1].encode()
    if data.count(spoilt) != 1:
        spoilt = json.dumps({"text": text}, ensure_ascii=False, separators=(",", ":"))[1:-1].encode()
    (tmp_path / "spoilt.journal").write_bytes(data.replace(spoilt, spoilt[:-2] + b"#" + spoilt[-1:]))
    (lineage,) = find(tmp_path / "spoilt.journal", "item-2")
    assert [completion.damaged for completion in lineage.completions] == [False, True, False]


def test_all_recipes_of_a_command_are_of_its_last_run(tmp_path: Path) -> None:
    async def asked(item, team):
        return {"text": "Why?"}

    async def answered(item, team):
        return {"text": "So."}

    for seed in (1, 2):
        with Journal(tmp_path / "run.journal") as journal:
            for recipe in (asked, answered):
                run(recipe, [{"id": f"{recipe.__name__}-1"}], {}, journal, seed=seed)
    with Lineages(tmp_path / "run.journal") as lineages:
        for name in ("asked-1", "answered-1"):
            found = lineages.of_item(name)
            assert [one.current for one in found] == [True, False]
            assert found[0].settings["seed"] == 2
